"""The log of control moves: replaying it gives the same audio again, bit for bit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """One move of a control.

    `frame`: the engine's frame from which it acts, rounded up to the next quantum edge; None means at once.
    `target`: a control such as `reactivity`, or `node.parameter`.
    `value`: where to; None lets a `node.parameter` go back to its lane.
    """

    frame: int | None
    target: str
    value: float | None


@dataclass(frozen=True, slots=True)
class Cue:
    """One change of place: where the music comes from, and which plan it is played by.

    `frame`: the engine's frame at which it begins, rounded up to the next quantum edge; None means at once.
    `track`: which track, None for silence (a pause, an end). `position`: the frame of the track that plays at `frame`;
    a negative one begins so much later. `plan`: the number of the plan. `fade_frames`: length of the cross-fade from
    what played before; with 0 both are added, for a track that begins where the one before ends.
    """

    frame: int | None
    track: int | None
    position: int = 0
    plan: int = 0
    fade_frames: int = 0


@dataclass(frozen=True, slots=True)
class Take:
    """Every command an engine carried out, with the frame at which it took effect."""

    rate_hz: int
    commands: tuple[Command, ...]
