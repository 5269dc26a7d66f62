"""All lanes of one schedule, packed for the kernel that evaluates them."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp.lanes import fill_values
from livemaster.engine.program import CONTROLS, Lane, Program
from livemaster.engine.tracks import Tracks
from livemaster.errors import UnknownNameError
from livemaster.nodes.contract import Parameter
from livemaster.units import QUANTUM_FRAMES, Values, seconds_to_frames


class LaneBank:
    """The values of a list of parameters at any frame, from lanes, controls and overrides."""

    def __init__(
        self,
        parameters: tuple[Parameter, ...],
        settings: Mapping[str, float],
        shifts: NDArray[np.int64],
        program: Program,
        controls: Tracks,
        rate_hz: int,
        max_quanta: int,
    ) -> None:
        self._rate_hz = rate_hz
        self._rows = {p.id: i for i, p in enumerate(parameters)}
        self._controls = controls
        lanes = {lane.target: lane for lane in program.lanes if lane.target in self._rows}
        chosen = [lanes.get(p.id, Lane(p.id, (0,), (settings[p.id],))) for p in parameters]
        self._pack(chosen, parameters, shifts)
        glides = [seconds_to_frames(p.ramp_ms / 1000.0, rate_hz) for p in parameters for _ in range(2)]
        starts = [x for p in parameters for x in (settings[p.id], 0.0)]
        self._overrides = Tracks(starts, glides)
        self._parameters = parameters
        self._values = np.zeros(len(parameters) * (max_quanta + 1), np.float64)

    def _pack(self, lanes: list[Lane], parameters: tuple[Parameter, ...], shifts: NDArray[np.int64]) -> None:
        names = list(CONTROLS)
        ends = np.cumsum([len(lane.frames) for lane in lanes], dtype=np.int64)
        self._layout = np.zeros((len(lanes), 5), np.int64)
        self._limits = np.zeros((len(lanes), 3), np.float64)
        for i, (lane, p) in enumerate(zip(lanes, parameters, strict=True)):
            stage = names.index(lane.stage) if lane.stage else -1
            trim = names.index(lane.trim) if lane.trim else -1
            self._layout[i] = (shifts[i], ends[i] - len(lane.frames), ends[i], stage, trim)
            low, high = lane.limits or (p.low, p.high)
            self._limits[i] = (max(low, p.low), min(high, p.high), lane.neutral)
        self._frames = np.array([f for lane in lanes for f in lane.frames], np.int64).reshape(-1)
        self._corners = np.array([c for lane in lanes for c in lane.corners()], np.float64).reshape(-1, 6)

    def holds(self, target: str) -> bool:
        """Whether `target` is one of this bank's parameters."""
        return target in self._rows

    def override(self, frame: int, target: str, value: float | None) -> None:
        """[audio] Hold `target` at `value` from `frame` on (gliding), or let it go back to its lane (None)."""
        row = self._rows[target]
        tracks, value_row, weight_row = self._overrides, 2 * row, 2 * row + 1
        if value is None:
            tracks.step(weight_row, frame, 0.0)
            return
        p = self._parameters[row]
        value = min(max(value, p.low), p.high)
        if tracks.rests_at(weight_row, 0.0, frame - self._rate_hz):  # for a second, longer than any graph's latency
            tracks.begin_at(value_row, value)
        else:
            tracks.step(value_row, frame, value)
        tracks.step(weight_row, frame, 1.0)

    def adopt(self, other: LaneBank) -> None:
        """[control] Take over what commands have asked of parameters that both banks hold."""
        for target, row in self._rows.items():
            if target in other._rows:
                there = other._rows[target]
                for mine, theirs in ((2 * row, 2 * there), (2 * row + 1, 2 * there + 1)):
                    self._overrides.copy_row(mine, other._overrides, theirs)

    def values(self, first_frame: int, quanta: int) -> Values:
        """[audio] The values (parameters, quanta + 1) at the quantum edges from `first_frame` on; a view."""
        c, o = self._controls, self._overrides
        rows = len(self._parameters)
        values = self._values[: rows * (quanta + 1)].reshape(rows, quanta + 1)
        fill_values(
            first_frame, QUANTUM_FRAMES, self._layout, self._limits, self._frames, self._corners,
            c.frames, c.targets, c.counts, c.glides,
            o.frames, o.targets, o.counts, o.glides,
            values,
        )  # fmt: skip
        return values


def control_tracks(program: Program, rate_hz: int, glide_ms: float) -> Tracks:
    """The tracks of all `CONTROLS`, standing where `program` starts them."""
    for name, value in program.start.items():
        if name not in CONTROLS:
            raise UnknownNameError("control", name, CONTROLS)
        if not math.isfinite(value):
            raise UnknownNameError("control position", f"{name}={value}", CONTROLS)
    start = [program.start.get(name, resting) for name, (_, _, resting) in CONTROLS.items()]
    return Tracks(start, [seconds_to_frames(glide_ms / 1000.0, rate_hz)] * len(start))
