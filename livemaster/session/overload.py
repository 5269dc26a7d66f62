"""When the processor cannot keep up: stages are taken out with a fade, the costliest first; never the limiter."""

from __future__ import annotations

from livemaster.session.control_state import Desk
from livemaster.snapshot import Message
from livemaster.sound.shared_memory import Board, Count

STAGES = ("saturation", "width", "eq", "compression")
"""In the order in which they are taken out."""
WINDOW_S = 0.5
TOO_MUCH, EASY = 0.85, 0.5
"""Share of a block's time: above the first a stage is taken out, below the second for long one comes back."""
CALM_S = 20.0
LATE_BLOCKS = 3
"""Late blocks within a window that also mean too much."""


class Shedder:
    """Watches the load of the callback; `tick` says what was done."""

    def __init__(self, board: Board, desk: Desk) -> None:
        self._board, self._desk = board, desk
        self.load = 0.0
        self.begin()

    @property
    def shed(self) -> tuple[str, ...]:
        """Stages that are out."""
        return tuple(control.removeprefix("amount_") for control in self._desk.out)

    def begin(self) -> None:
        """[control] The figures begin anew."""
        self._at_s, self._busy_ns, self._due_ns, self._late, self._calm_s = 0.0, 0, 0, 0, 0.0

    def tick(self, now_s: float) -> list[str]:
        """[control] Look at the figures twice a second; messages for the performer."""
        if now_s - self._at_s < WINDOW_S:
            return []
        counts = self._board.counts
        busy_ns, due_ns, late = int(counts[Count.BUSY_NS]), int(counts[Count.DUE_NS]), int(counts[Count.LATE])
        first, before = self._at_s == 0.0, (self._busy_ns, self._due_ns, self._late)
        self._at_s, self._busy_ns, self._due_ns, self._late = now_s, busy_ns, due_ns, late
        if first or due_ns <= before[1]:
            return []
        self.load = (busy_ns - before[0]) / (due_ns - before[1])
        too_much = self.load > TOO_MUCH or (late - before[2] >= LATE_BLOCKS and self.load > EASY)
        if too_much or self.load > EASY:
            self._calm_s = now_s
        if too_much:
            return self._take_out()
        return self._bring_back() if self._desk.out and now_s - self._calm_s > CALM_S else []

    def _take_out(self) -> list[str]:
        for stage in STAGES:
            control = f"amount_{stage}"
            if control not in self._desk.out and self._desk.positions[control] > 0.0:
                self._desk.take_out(control)
                text = f"the processor cannot keep up ({self.load:.0%} of a block): {stage} is bypassed"
                return [Message(text, grave=True)]
        return []

    def _bring_back(self) -> list[str]:
        stage = self._desk.bring_back().removeprefix("amount_")
        self._calm_s = self._at_s
        return [f"the processor keeps up again: {stage} is back"]
