"""Where a user's own presets and defaults lie."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

VARIABLE = "LIVEMASTER_CONFIG"


def config_dir() -> Path:
    """[control] The folder: that of LIVEMASTER_CONFIG, else the system's place for configuration; it may not exist."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else platformdirs.user_config_path("livemaster", appauthor=False)
