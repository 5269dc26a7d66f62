"""What plays, by name: by its tags, or by the player that says on the desktop's bus what it plays."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from livemaster.audio.tags import read_tags
from livemaster.printable import printable

NAMELESS = "live input"
BUSCTL, ANSWER_S = ("busctl", "--user"), 1.0
"""What speaks to the session's bus, and how long an answer may take."""
PREFIX, OBJECT, PLAYER = "org.mpris.MediaPlayer2.", "/org/mpris/MediaPlayer2", "org.mpris.MediaPlayer2.Player"


def title_of_file(path: str | Path) -> str:
    """[control] A file by its tags, else by its name."""
    text = read_tags(Path(path)).text
    return _title(text.get("artist", ()), text.get("title", ())) or Path(path).name


def title_of_player() -> str:
    """[control] What the one player plays that says on the desktop's bus (MPRIS) that it does; empty where none does.

    Of several nobody knows which is heard.
    """
    names = [line.split()[0] for line in _asked("--no-legend", "--acquired", "list").splitlines() if line.strip()]
    playing = [name for name in names if name.startswith(PREFIX) and _property(name, "PlaybackStatus") == "Playing"]
    found = _property(playing[0], "Metadata") if len(playing) == 1 else None
    if not isinstance(found, dict):
        return ""
    artist, title = (found.get(f"xesam:{key}", {}).get("data") for key in ("artist", "title"))
    return _title(artist if isinstance(artist, list) else [], [title] if isinstance(title, str) else [])


def _title(artists: Sequence[str], titles: Sequence[str]) -> str:
    name = " – ".join([*filter(None, [", ".join(map(str, artists))]), *titles[:1]]) if titles else ""
    return " ".join(printable(name, " ").split())


def _property(name: str, wanted: str) -> object:
    """A property of a player, in the data that busctl makes of it; None where there is none."""
    try:
        return json.loads(_asked("--json=short", "get-property", name, OBJECT, PLAYER, wanted))["data"]
    except (ValueError, KeyError, TypeError):  # no answer, or one of another form
        return None


def _asked(*arguments: str) -> str:
    try:
        done = subprocess.run([*BUSCTL, *arguments], capture_output=True, timeout=ANSWER_S, check=False)
    except (OSError, subprocess.TimeoutExpired):  # no bus here, or nobody on it that answers
        return ""
    return done.stdout.decode("utf-8", "replace")
