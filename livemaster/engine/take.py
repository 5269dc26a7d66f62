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
class Take:
    """Every command an engine carried out, with the frame at which it took effect."""

    rate_hz: int
    commands: tuple[Command, ...]
