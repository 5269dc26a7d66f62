"""The two halves of a 14-bit controller put together: a pair is one value, whichever half comes first.

MIDI 1.0 has the coarse half first and lets it reset the fine one, which, done at once, is a dip before every value;
many devices send the fine half first. So a half waits for the other one, and counts alone only when that stays away.
"""

from __future__ import annotations

from dataclasses import dataclass

HALF_S = 0.1
"""How long a half waits for the other one; devices send both within a few milliseconds."""


@dataclass(slots=True)
class _Half:
    fine: bool
    value: int
    came_s: float


class Halves:
    """One sender's controller; not thread-safe."""

    def __init__(self) -> None:
        """[control] Nothing is known of either half."""
        self._coarse: int | None = None
        self._fine = 0
        self._waiting: _Half | None = None

    @property
    def due_s(self) -> float | None:
        """When the half that waits will count alone; None while none waits."""
        return None if self._waiting is None else self._waiting.came_s + HALF_S

    def take(self, fine: bool, value: int, now_s: float) -> int | None:
        """[control] The value 0…16383 that is complete now that this half, 0…127, has come; None for none."""
        done = self.late(now_s)
        first, self._waiting = self._waiting, _Half(fine, value, now_s)
        if first is None:
            return done
        if first.fine == fine:  # the one before was alone
            return self._alone(first)
        self._waiting = None
        self._coarse, self._fine = (first.value, value) if fine else (value, first.value)
        return self._value

    def late(self, now_s: float) -> int | None:
        """[control] The value with a half that has waited long enough; None for none."""
        waiting = self._waiting
        if waiting is None or now_s - waiting.came_s < HALF_S:
            return None
        self._waiting = None
        return self._alone(waiting)

    def _alone(self, half: _Half) -> int | None:
        if half.fine:
            self._fine = half.value
        else:
            self._coarse, self._fine = half.value, 0  # MIDI 1.0: a new coarse half resets the fine one
        return self._value

    @property
    def _value(self) -> int | None:
        """None while only the fine half is known."""
        return None if self._coarse is None else 128 * self._coarse + self._fine
