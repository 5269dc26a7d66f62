"""What a face (the screen) needs of a session: a picture of it, and ways to move it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from livemaster.controls import Move
from livemaster.snapshot import NowPlaying, Snapshot


class Performable(Protocol):
    """A session that plays; every method may be called from any thread."""

    def snapshot(self) -> Snapshot:
        """How it stands now."""
        ...

    def do(self, move: Move) -> None:
        """Ask for a move; returns at once."""
        ...

    def seek(self, time_s: float) -> None:
        """Go to a time of the track; returns at once."""
        ...

    def now_playing(self) -> NowPlaying | None:
        """What a rating given now is about; None where there is nothing to rate, which the session says."""
        ...

    def rate(self, playing: NowPlaying, stars: int, comment: str) -> None:
        """Keep a rating, 1 to 5; returns at once."""
        ...

    def keep(self) -> None:
        """Make the trims as they stand a preference; returns at once."""
        ...

    def close(self) -> None:
        """Fade out and stop."""
        ...

    def bindings(self) -> Mapping[str, str]:
        """Control id → what moves it by MIDI, such as `CC 1`."""
        ...

    def ghosts(self) -> Mapping[str, float]:
        """Control id → where the hardware knob stands while it waits to be picked up."""
        ...
