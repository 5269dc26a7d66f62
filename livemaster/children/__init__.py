"""How livemaster starts Python processes of its own: all alike, with this program's modules and nobody else's.

A child imports from where its parent does: a host program may have extended `sys.path`. From the working folder it
imports nothing, for that may be full of music somebody else has sent, with a `random.py` among it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from livemaster.errors import LivemasterError

_BEGIN = Path(__file__).with_name("_begin.py")


def safe_path() -> list[str]:
    """[control] The folders that modules are imported from, without the working folder, by whatever name."""
    found: list[str] = []
    for entry in sys.path:
        if isinstance(entry, str) and entry and not _is_here(entry):  # an empty one means the working folder
            found.append(str(Path(entry).absolute()))
    return found


def _is_here(entry: str) -> bool:
    try:
        return Path(entry).samefile(Path.cwd())
    except (OSError, ValueError):  # one of them is not there
        return False


def start_python(what: str | Path, *arguments: object, env: dict[str, str] | None = None, **how: Any) -> Any:
    """[control] Start a Python process, which finds this very livemaster and what it needs.

    `what`: a script, or `module:function` of livemaster; `arguments` will be its `sys.argv`. `env` is added to the
    environment; `how` goes to `subprocess.Popen`, whose object is returned. LivemasterError where there is no
    interpreter to start.
    """
    if not sys.executable:
        raise LivemasterError("there is no Python interpreter to start a process with (sys.executable is empty)")
    # Python itself would import from PYTHONPATH while it starts; what that holds is in `safe_path`.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.Popen(
        [sys.executable, "-P", _BEGIN, json.dumps(safe_path()), what, *map(str, arguments)],
        env=environment | {"OPENBLAS_NUM_THREADS": "1"} | (env or {}),
        **how,
    )
