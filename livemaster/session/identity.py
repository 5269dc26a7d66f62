"""What live sound is, as far as that can be known: its name by whoever plays it, its kind by how it sounds."""

from __future__ import annotations

import json
import subprocess
from collections import deque
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import soxr

from livemaster.analysis.follower import WINDOW_S, Follower
from livemaster.analysis.recording import Profile, RecordingType
from livemaster.analysis.timeline import ANALYSIS_RATE_HZ
from livemaster.audio.tags import read_tags
from livemaster.printable import printable
from livemaster.units import Audio

NAMELESS = "live input"
KEPT_S = WINDOW_S + 1.0
"""The analysis works on pieces, and the last one may be waiting."""
BUSCTL, ANSWER_S = ("busctl", "--user"), 1.0
"""What speaks to the session's bus, and how long an answer may take."""
PREFIX, OBJECT, PLAYER = "org.mpris.MediaPlayer2.", "/org/mpris/MediaPlayer2", "org.mpris.MediaPlayer2.Player"


class Latest:
    """The latest sound that came in, as much as a kind of recording is told by."""

    def __init__(self, rate_hz: int, profiles: Sequence[Profile]) -> None:
        self._rate_hz, self._profiles = rate_hz, profiles
        self._blocks: deque[Audio] = deque()
        self._frames = 0

    def push(self, block: Audio) -> None:
        """[control] The next frames, float32 (channels, n)."""
        self._blocks.append(block)
        self._frames += block.shape[1]
        while self._frames - self._blocks[0].shape[1] >= KEPT_S * self._rate_hz:
            self._frames -= self._blocks.popleft().shape[1]

    @property
    def sound(self) -> Sound | None:
        """[control] It, to be told about; None before there is enough, and in silence."""
        enough = self._frames >= KEPT_S * self._rate_hz and any(block.any() for block in self._blocks)
        return Sound(tuple(self._blocks), self._rate_hz, self._profiles) if enough else None


class Sound:
    """Some seconds of sound; what they are is found out when it is asked for, which takes a moment."""

    def __init__(self, blocks: Sequence[Audio], rate_hz: int, profiles: Sequence[Profile]) -> None:
        self._blocks, self._rate_hz, self._profiles = blocks, rate_hz, profiles

    @cached_property
    def _follower(self) -> Follower:
        audio = np.nan_to_num(np.concatenate(self._blocks, axis=1), posinf=0.0, neginf=0.0)
        if self._rate_hz != ANALYSIS_RATE_HZ:
            audio = soxr.resample(audio.T, self._rate_hz, ANALYSIS_RATE_HZ).T
        follower = Follower(audio.shape[0], self._profiles)
        follower.push(np.ascontiguousarray(audio, np.float32))
        return follower

    @cached_property
    def recording(self) -> RecordingType | None:
        """[control] Its kind of recording."""
        return self._follower.recording

    @cached_property
    def fingerprint(self) -> dict[str, float]:
        """[control] Its numbers, by name."""
        return self._follower.fingerprint


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
