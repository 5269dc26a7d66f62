"""What the engine plays by: a lane for each parameter that moves, and where the controls start. Frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from livemaster.controls import ENGINE_CONTROLS
from livemaster.dsp.lanes import CORNERS, HELD, REACTIVITIES
from livemaster.errors import GraphError

CONTROL_GLIDE_MS = 30.0
"""How long a control takes to reach a new position (raised cosine); at least 20 ms keeps it free of clicks."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One parameter's value over time.

    `target`: `node.parameter`. `frames`: breakpoints in absolute frames, ascending; between them the value follows
    a raised cosine. `values`: for each breakpoint one number, or nine: (dynamics −1, 0, +1) × (reactivity 0, 1, 1.5),
    or 18 more: (dynamics −1, 0, +1) × (reactivity 1, 1.5) × (intensity 0, ½, 1), while `override` is on.
    `neutral`: the value at amount 0, with `stage` the control that scales it beside `amount`.
    `trim`: the control that is added. `limits`: range of the sum, where narrower than the parameter's own.
    """

    target: str
    frames: tuple[int, ...]
    values: tuple[float | tuple[float, ...], ...]
    neutral: float = 0.0
    stage: str | None = None
    trim: str | None = None
    limits: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if not self.frames or len(self.frames) != len(self.values):
            raise GraphError(f"lane {self.target}: needs as many values as breakpoints, at least one")
        if any(b <= a for a, b in zip(self.frames, self.frames[1:], strict=False)):
            raise GraphError(f"lane {self.target}: breakpoints must ascend")
        for control in (self.stage, self.trim):
            if control is not None and control not in ENGINE_CONTROLS:
                raise GraphError(f"lane {self.target}: there is no control '{control}'")
        if any(isinstance(v, tuple) and len(v) not in (CORNERS, CORNERS + HELD) for v in self.values):
            raise GraphError(f"lane {self.target}: a breakpoint has one value, {CORNERS} or {CORNERS + HELD}")

    def corners(self) -> list[tuple[float, ...]]:
        """All values for every breakpoint."""
        return [_filled(v) if isinstance(v, tuple) else (float(v),) * (CORNERS + HELD) for v in self.values]


def _filled(values: tuple[float, ...]) -> tuple[float, ...]:
    """Values of a breakpoint with those for intensities by hand: where there are none, it moves nothing."""
    if len(values) > CORNERS:
        return values
    followed = (value for number, value in enumerate(values) if number % len(REACTIVITIES))
    return (*values, *(value for value in followed for _ in range(3)))


@dataclass(frozen=True, slots=True)
class Program:
    """Lanes, and the positions at which the controls start."""

    lanes: tuple[Lane, ...] = ()
    start: Mapping[str, float] = field(default_factory=dict)
