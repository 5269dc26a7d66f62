"""A value over time, as it is shown."""

from __future__ import annotations

STEP_S, MOST_POINTS = 0.5, 400
"""How often a point is taken at first, and how many are kept at most."""


class History:
    """A value over time, at ever coarser steps, so that it never has more than `MOST_POINTS`."""

    def __init__(self) -> None:
        self._points: list[tuple[float, float]] = []
        self._step_s = STEP_S

    def add(self, time_s: float, value: float) -> None:
        """[control] The value at a time; times grow."""
        if self._points and time_s - self._points[-1][0] < self._step_s:
            return
        self._points.append((time_s, value))
        if len(self._points) > MOST_POINTS:
            del self._points[1::2]
            self._step_s *= 2.0

    def points(self) -> tuple[tuple[float, float], ...]:
        """[control] All of it."""
        return tuple(self._points)
