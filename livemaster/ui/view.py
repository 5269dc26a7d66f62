"""All that a panel draws from, at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from livemaster.snapshot import Snapshot


class View(NamedTuple):
    """All that a panel draws from, at one moment."""

    snapshot: Snapshot
    bindings: Mapping[str, str] = {}
    ghosts: Mapping[str, float] = {}
    selected: str = ""
    """The knob that is pointed out, by control id."""
    closing: bool = False
    """Whether the session fades out for good."""
    asking: str = ""
    """A question to the performer, which is shown before all that is told."""
