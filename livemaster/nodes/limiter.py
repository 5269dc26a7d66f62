"""The true-peak limiter, last in every chain: nothing leaves above the ceiling."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp import limiter as dsp
from livemaster.dsp.truepeak import true_peak_work
from livemaster.nodes.contract import NodeBase, Parameter
from livemaster.units import QUANTUM_FRAMES, Audio, Values, db_to_gain

# Measured on six songs at equal loudness, a 40 Hz and a 60 Hz sine and two tones: see the limiter's benchmark.
_LOOKAHEAD_MS = 3.4
_HOLD_MS = 4.0
_SLOW_RISE_S = 0.2
_SLOW_FALL_S = 1.0
_SECOND_LOOKAHEAD_MS = 0.55
_SECOND_RELEASE_MS = 20.0
_NEVER_S = 1e30

_AIM = db_to_gain(-0.03)
"""Where a peak above the ceiling is put: below it by what interpolators of other phases may read higher."""

# ITU's filter may read this much above the ceiling before it alone counts as a peak in what no stage has touched:
# it reads up to 0.02 dB above the reference on music, and such music has to stay untouched.
_ITU_WEIGHT = np.float32(db_to_gain(-0.04))
_DB_PER_NEPER = 20.0 / math.log(10.0)


@dataclass(frozen=True, slots=True)
class _Stage:
    """Memory and constants of one look-ahead stage; groups of 8 frames."""

    lookahead: int
    delay_frames: int
    hold: int
    factors: tuple[float, float, float]
    history: Audio
    demand: NDArray[np.float64]
    maxima: NDArray[np.float64]
    released: NDArray[np.float64]
    smooth: NDArray[np.float64]
    state: NDArray[np.float64]
    counts: NDArray[np.float64]
    touched: NDArray[np.uint8]

    @classmethod
    def make(
        cls,
        rate_hz: int,
        channels: int,
        max_quanta: int,
        *,
        lookahead_ms: float,
        guard: int,
        hold_ms: float,
        slow_s: tuple[float, float],
    ) -> _Stage:
        """[control] guard: groups on either side of a peak over which its gain stands still."""
        group_s = dsp.GROUP_FRAMES / rate_hz
        lookahead = max(2, round(lookahead_ms / 1000.0 / group_s))
        hold = lookahead + 2 * guard + round(hold_ms / 1000.0 / group_s)
        delay = (lookahead + guard + 1 + dsp.DETECTOR_GROUPS) * dsp.GROUP_FRAMES
        groups = max_quanta * dsp.GROUPS
        rise, fall = (-float(np.expm1(-group_s / s)) for s in slow_s)
        return cls(
            lookahead=lookahead,
            delay_frames=delay,
            hold=hold,
            factors=(1000.0 * group_s, rise, fall),
            history=np.zeros((channels, delay + max_quanta * QUANTUM_FRAMES), np.float32),
            demand=np.zeros(hold + groups),
            maxima=np.zeros(hold + groups),
            released=np.zeros(lookahead + groups),
            smooth=np.zeros(2 + groups),
            state=np.zeros(4),
            counts=np.zeros(2),
            touched=np.zeros(max_quanta + 1, np.uint8),
        )

    def reset(self) -> None:
        """[control] Back to time zero."""
        for memory in (self.history, self.demand, self.released, self.smooth, self.state, self.counts, self.touched):
            memory.fill(0)


class Limiter(NodeBase):
    """Keeps the true peak of every channel at or under the ceiling, whatever comes in and however it moves.

    All channels share one gain. The first of two look-ahead stages does the work: its reduction covers each
    peak for about 10 ms, then lets go with `release_ms` down to a slow level that follows the mean reduction,
    so that a lone peak is over soon and a loud passage is not pumped. The second measures what the first one's
    moving gain left above the ceiling, and removes it. True peaks are those of a 16-phase interpolator and, in
    all that is limited, of BS.1770's filter too. A signal that stays under the ceiling passes bit for bit.
    The ceiling at a frame holds for that frame of the input; between quantum edges its dB move in straight
    lines. What is not finite becomes 0. Any rate and number of channels; latency about 6 ms.
    """

    PARAMETERS = (
        Parameter("ceiling_db", "dBTP", -24.0, 0.0, -1.0, about="true peak that is never exceeded"),
        Parameter("release_ms", "ms", 10.0, 1000.0, 40.0, "log", about="time constant of the quick release"),
    )

    _latency = 0

    def prepare(self, rate_hz: int, channels: int, max_quanta: int) -> None:
        """[control] Allocate for calls of up to `max_quanta` quanta, compile, warm up, reset."""
        self._first = _Stage.make(
            rate_hz,
            channels,
            max_quanta,
            lookahead_ms=_LOOKAHEAD_MS,
            guard=1,
            hold_ms=_HOLD_MS,
            slow_s=(_SLOW_RISE_S, _SLOW_FALL_S),
        )
        self._second = _Stage.make(
            rate_hz,
            channels,
            max_quanta,
            lookahead_ms=_SECOND_LOOKAHEAD_MS,
            guard=2,
            hold_ms=0.0,
            slow_s=(_NEVER_S, _NEVER_S),
        )
        self._latency = self._first.delay_frames + self._second.delay_frames
        self._first_groups = self._first.delay_frames // dsp.GROUP_FRAMES
        self._ceilings = np.ones(self._first_groups + dsp.DETECTOR_GROUPS + max_quanta * dsp.GROUPS)
        self._second_releases_ms = np.full(max_quanta + 1, _SECOND_RELEASE_MS)
        self._always = np.ones(max_quanta + 1, np.uint8)
        self._spline = dsp.spline_weights()
        self._work, self._peaks = true_peak_work(), np.zeros(QUANTUM_FRAMES, np.float32)
        self._groups_before = 0
        silence = np.zeros((channels, QUANTUM_FRAMES), np.float32)
        start = np.array([[value, value] for value in self.settings.values()])
        self.process((silence,), np.empty_like(silence), start)
        self.reset()

    def reset(self) -> None:
        """[control] Back to time zero: silence behind, no reduction."""
        self._first.reset()
        self._second.reset()
        self._groups_before = self._quanta = 0

    @property
    def latency(self) -> int:
        """Frames by which the output lags the input."""
        return self._latency

    @property
    def gain_reduction_db(self) -> float:
        """Largest reduction in the last call of `process` in dB, 0 or more."""
        return _DB_PER_NEPER * float(self._first.counts[dsp.LARGEST] + self._second.counts[dsp.LARGEST])

    @property
    def mean_gain_reduction_db(self) -> float:
        """Mean reduction over the last call of `process` in dB, 0 or more."""
        total = float(self._first.counts[dsp.SUM] + self._second.counts[dsp.SUM])
        return _DB_PER_NEPER * total / max(self._quanta, 1)

    def process(self, inputs: Sequence[Audio], output: Audio, values: Values) -> None:
        """[audio] Limit whole quanta."""
        first, second = self._first, self._second
        edges = values.shape[1]
        ceilings = self._ceilings
        dsp.take_input(inputs[0], first.history, first.delay_frames)
        kept = self._first_groups + dsp.DETECTOR_GROUPS
        dsp.take_ceilings(values[0], ceilings, kept, self._groups_before)
        self._quanta = edges - 1
        self._groups_before = self._quanta * dsp.GROUPS
        ahead = ceilings[self._first_groups :]
        self._run(first, self._always[:edges], ahead, _ITU_WEIGHT, values[1], second.history, second.delay_frames)
        releases_ms = self._second_releases_ms[:edges]
        self._run(second, first.touched[:edges], ceilings, np.float32(1.0), releases_ms, output, 0)

    def _run(
        self,
        stage: _Stage,
        watch: NDArray[np.uint8],
        ceilings: NDArray[np.float64],
        itu_weight: np.float32,
        releases_ms: NDArray[np.float64],
        target: Audio,
        target_frame: int,
    ) -> None:
        """[audio] What stands in the stage's history through the stage, into `target`."""

        dsp.find_demands(
            stage.history,
            stage.delay_frames,
            watch,
            ceilings,
            itu_weight,
            _AIM,
            self._work,
            self._peaks,
            stage.demand,
            stage.hold,
        )
        dsp.shape_losses(
            stage.demand,
            stage.hold,
            releases_ms,
            stage.factors,
            stage.state,
            stage.maxima,
            stage.released,
            stage.lookahead,
            stage.smooth,
        )
        dsp.apply_losses(
            stage.history,
            stage.delay_frames,
            stage.smooth,
            self._spline,
            self._peaks,
            stage.touched[: len(watch)],
            stage.counts,
            target,
            target_frame,
        )
