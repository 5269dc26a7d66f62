"""One look-ahead stage of the limiter: its design, its memory, and the order in which its kernels run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp import limiter as dsp
from livemaster.dsp.truepeak import true_peak_work
from livemaster.units import QUANTUM_FRAMES, Audio


@dataclass(frozen=True, slots=True)
class StageDesign:
    """What a stage does with a peak above the ceiling.

    The gain goes down over `lookahead_ms`, stands still for `guard_groups` groups of 8 frames on either side of
    the peak (so that all or most of its interpolator's support has one gain), stays for `hold_ms` more and is
    then released to a slow level, which follows the mean reduction with the time constants `slow_rise_s` and
    `slow_fall_s`. `aim` is where the peak goes, as a factor of the ceiling; `itu_weight` is what the readings
    of ITU's filter are multiplied by before they count as peaks.
    """

    lookahead_ms: float
    guard_groups: int
    hold_ms: float
    slow_rise_s: float
    slow_fall_s: float
    aim: float
    itu_weight: float


class LookaheadStage:
    """One stage at work: `history` is filled from `delay_frames` on, then `run` hands on what comes out."""

    def __init__(self, design: StageDesign, rate_hz: int, channels: int, max_quanta: int) -> None:
        group_s = dsp.GROUP_FRAMES / rate_hz
        groups = max_quanta * dsp.GROUPS
        self.lookahead = max(2, round(design.lookahead_ms / 1000.0 / group_s))
        self.hold = self.lookahead + 2 * design.guard_groups + round(design.hold_ms / 1000.0 / group_s)
        self.delay_groups = self.lookahead + design.guard_groups + 1 + dsp.DETECTOR_GROUPS
        self.delay_frames = self.delay_groups * dsp.GROUP_FRAMES
        rise, fall = (-float(np.expm1(-group_s / s)) for s in (design.slow_rise_s, design.slow_fall_s))
        self._factors = (1000.0 * group_s, rise, fall)
        self._aim, self._itu_weight = design.aim, np.float32(design.itu_weight)
        self.history = np.zeros((channels, self.delay_frames + max_quanta * QUANTUM_FRAMES), np.float32)
        self._all_touched = np.zeros(max_quanta + 1, np.uint8)
        self.touched = self._all_touched
        self.counts = np.zeros(2)
        self._demand, self._maxima = np.zeros(self.hold + groups), np.zeros(self.hold + groups)
        self._released, self._smooth = np.zeros(self.lookahead + groups), np.zeros(2 + groups)
        self._state = np.zeros(4)
        self._work, self._frames = true_peak_work(), np.zeros(QUANTUM_FRAMES, np.float32)
        self._spline = dsp.spline_weights()

    def reset(self) -> None:
        """[control] Back to time zero: silence behind, no reduction."""
        for memory in (self.history, self._all_touched, self.counts, self._demand, self._released, self._smooth):
            memory.fill(0)
        self._state.fill(0.0)

    def run(
        self,
        watch: NDArray[np.uint8],
        ceilings: NDArray[np.float64],
        releases_ms: NDArray[np.float64],
        target: Audio,
        target_frame: int,
    ) -> None:
        """[audio] K quanta from `history` into `target` from `target_frame` on.

        watch: (K + 1,), `touched` of the stage before, or ones. ceilings: from three groups before the first
        new one. releases_ms: (K + 1,), time constants of the quick release. Afterwards `touched` tells of each
        quantum (from 1 on) whether it was changed, and `counts` by how much.
        """
        if len(self.touched) != len(watch):
            self.touched = self._all_touched[: len(watch)]
        dsp.run_stage(
            self.history, self.delay_frames, watch, ceilings, self._itu_weight, self._aim,
            self._work, self._frames, self._demand, self.hold,
            releases_ms, self._factors, self._state, self._maxima, self._released, self.lookahead, self._smooth,
            self._spline, self.touched, self.counts, target, target_frame,
        )  # fmt: skip
