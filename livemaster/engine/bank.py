"""All lanes of one schedule, packed for the kernel that evaluates them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livemaster.controls import ENGINE_CONTROLS, ROWS
from livemaster.dsp.lanes import CORNERS, HELD, fill_values, take_over
from livemaster.engine.program import Lane, Program
from livemaster.engine.tracks import Tracks
from livemaster.errors import UnknownNameError
from livemaster.nodes.contract import Parameter
from livemaster.units import QUANTUM_FRAMES, Values, seconds_to_frames


@dataclass(frozen=True, slots=True)
class Packed:
    """The lanes of one bank as arrays; see `fill_values`."""

    layout: NDArray[np.int64]
    limits: NDArray[np.float64]
    frames: NDArray[np.int64]
    corners: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reel:
    """Packed lanes at their place in time: `origin` is the engine's frame at which their frame 0 lies.

    They take over from the reel before at frame `enters`, along a raised cosine of `fade_frames`.
    """

    packed: Packed
    origin: int = 0
    enters: int = 0
    fade_frames: int = 0


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
        origin: int = 0,
    ) -> None:
        self._rate_hz = rate_hz
        self._rows = {p.id: i for i, p in enumerate(parameters)}
        self._parameters, self._settings, self._shifts = parameters, dict(settings), shifts
        self._most_shift = int(shifts.max(initial=0))
        self._controls = controls
        self._reels = [Reel(self.pack(program), origin)]
        glides = [seconds_to_frames(p.ramp_ms / 1000.0, rate_hz) for p in parameters for _ in range(2)]
        starts = [x for p in parameters for x in (settings[p.id], 0.0)]
        self._overrides = Tracks(starts, glides)
        size = len(parameters) * (max_quanta + 1)
        self._values, self._entering = np.zeros(size, np.float64), np.zeros(size, np.float64)
        self._still: Values = np.zeros((0, 0))
        self._still_from = self._still_until = 0
        self._still_moves = (0, 0)

    def pack(self, program: Program) -> Packed:
        """[control] The lanes of `program` for this bank's parameters; what it has none for stands at its setting."""
        given = {lane.target: lane for lane in program.lanes if lane.target in self._rows}
        lanes = [given.get(p.id, Lane(p.id, (0,), (self._settings[p.id],))) for p in self._parameters]
        ends = np.cumsum([len(lane.frames) for lane in lanes], dtype=np.int64)
        layout, limits = np.zeros((len(lanes), 5), np.int64), np.zeros((len(lanes), 3), np.float64)
        for i, (lane, p) in enumerate(zip(lanes, self._parameters, strict=True)):
            stage = ROWS[lane.stage] if lane.stage else -1
            trim = ROWS[lane.trim] if lane.trim else -1
            layout[i] = (self._shifts[i], ends[i] - len(lane.frames), ends[i], stage, trim)
            low, high = lane.limits or (p.low, p.high)
            limits[i] = (max(low, p.low), min(high, p.high), lane.neutral)
        frames = np.array([f for lane in lanes for f in lane.frames], np.int64).reshape(-1)
        corners = np.array([c for lane in lanes for c in lane.corners()], np.float64).reshape(-1, CORNERS + HELD)
        return Packed(layout, limits, frames, corners)

    def enter(self, reel: Reel) -> None:
        """[audio] Let `reel` take over."""
        self._reels.append(reel)
        self._still_until = 0

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
        """[audio] The values (parameters, quanta + 1) at the quantum edges from `first_frame` on; a view.

        While nothing moves they are those of the last call, without being worked out again.
        """
        moves = (self._controls.moves, self._overrides.moves)
        last_frame = first_frame + quanta * QUANTUM_FRAMES
        still = self._still_from <= first_frame and last_frame <= self._still_until and moves == self._still_moves
        if still and self._still.shape[1] == quanta + 1:
            return self._still
        for number in range(len(self._reels) - 1, 0, -1):
            if first_frame - self._most_shift >= _settled(self._reels[number]):
                del self._reels[:number]
                break
        values, until = self._filled(self._reels[0], first_frame, quanta, self._values)
        for reel in self._reels[1:]:
            other, _ = self._filled(reel, first_frame, quanta, self._entering)
            take_over(first_frame, QUANTUM_FRAMES, self._shifts, reel.enters, reel.fade_frames, values, other)
            until = first_frame
        self._still, self._still_from, self._still_until, self._still_moves = values, first_frame, until, moves
        return values

    def _filled(self, reel: Reel, first_frame: int, quanta: int, store: NDArray[np.float64]) -> tuple[Values, int]:
        c, o, packed = self._controls, self._overrides, reel.packed
        rows = len(self._parameters)
        values = store[: rows * (quanta + 1)].reshape(rows, quanta + 1)
        until = fill_values(
            first_frame, reel.origin, QUANTUM_FRAMES, packed.layout, packed.limits, packed.frames, packed.corners,
            c.frames, c.targets, c.counts, c.glides,
            o.frames, o.targets, o.counts, o.glides,
            values,
        )  # fmt: skip
        return values, until


def _settled(reel: Reel) -> int:
    """The frame from which on the reel before counts no more."""
    return reel.enters + reel.fade_frames


def control_tracks(program: Program, rate_hz: int, glide_ms: float) -> Tracks:
    """The tracks of all `ENGINE_CONTROLS`, standing where `program` starts them."""
    for name, value in program.start.items():
        if name not in ENGINE_CONTROLS:
            raise UnknownNameError("control", name, ENGINE_CONTROLS)
        if not math.isfinite(value):
            raise UnknownNameError("control position", f"{name}={value}", ENGINE_CONTROLS)
    start = [program.start.get(name, each.rest) for name, each in ENGINE_CONTROLS.items()]
    return Tracks(start, [seconds_to_frames(glide_ms / 1000.0, rate_hz)] * len(start))
