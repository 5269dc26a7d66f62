"""The true-peak limiter, last in every chain: nothing leaves above the ceiling."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from livemaster.dsp import limiter as dsp
from livemaster.nodes._lookahead import LookaheadStage, StageDesign
from livemaster.nodes.contract import NodeBase, Parameter
from livemaster.units import QUANTUM_FRAMES, Audio, Values, db_to_gain

_AIM = db_to_gain(-0.03)
"""Peaks above the ceiling go this far below it: interpolators of other phases may read a little higher."""

_NEVER_S = 1e30
_DB_PER_NEPER = 20.0 / math.log(10.0)

# Chosen on songs at equal loudness, bass sines and two tones: a shorter look-ahead splatters, a shorter hold
# distorts bass, a slower release or a slow level that rises faster costs loudness. ITU's filter reads up to
# 0.02 dB above the reference on music that must stay untouched, hence the first stage's weight.
_FIRST = StageDesign(3.4, 1, 5.0, dsp.SLOW_RISE_S, dsp.SLOW_FALL_S, _AIM, db_to_gain(-0.04))
# What the first leaves is a few hundredths of a dB for a moment: short, no slow level, and strict with ITU.
_SECOND = StageDesign(0.55, 2, 0.0, _NEVER_S, _NEVER_S, _AIM, 1.0)
_SECOND_RELEASE_MS = 20.0


class Limiter(NodeBase):
    """Keeps the true peak of every channel at or under the ceiling, whatever comes in and however it moves.

    All channels share one gain. The first of two look-ahead stages does the work: its reduction covers each
    peak for about 9 ms, then lets go with `release_ms` down to a slow level that follows the mean reduction,
    so that a lone peak is over soon and a loud passage is not pumped. The second measures what the first one's
    moving gain left above the ceiling, and removes it.

    True peaks are those of a 16-phase interpolator and those of BS.1770's own filter. A signal that stays under
    the ceiling (of which the latter may read up to 0.04 dB above it) passes bit for bit. The ceiling at a frame
    holds for that frame of the input; between quantum edges its dB move in straight lines. What is not finite
    becomes 0. Any rate and number of channels; latency 6 ms above 40 kHz.
    """

    PARAMETERS = (
        Parameter("ceiling_db", "dBTP", -24.0, 0.0, -1.0, about="true peak that is never exceeded"),
        Parameter(
            "release_ms", "ms", 10.0, 1000.0, 1000.0 * dsp.RELEASE_S, "log", about="time constant of the quick release"
        ),
    )

    _latency = 0

    def prepare(self, rate_hz: int, channels: int, max_quanta: int) -> None:
        """[control] Allocate for calls of up to `max_quanta` quanta, compile, warm up, reset."""
        self._first = LookaheadStage(_FIRST, rate_hz, channels, max_quanta)
        self._second = LookaheadStage(_SECOND, rate_hz, channels, max_quanta)
        self._latency = self._first.delay_frames + self._second.delay_frames
        self._kept_ceilings = self._first.delay_groups + dsp.DETECTOR_GROUPS
        self._ceilings = np.ones(self._kept_ceilings + max_quanta * dsp.GROUPS)
        self._ceilings_ahead = self._ceilings[self._first.delay_groups :]
        self._all_second_releases_ms = np.full(max_quanta + 1, _SECOND_RELEASE_MS)
        self._all_watched = np.ones(max_quanta + 1, np.uint8)
        self._edges = 0
        self.reset()
        silence = np.zeros((channels, QUANTUM_FRAMES), np.float32)
        start = np.array([[value, value] for value in self.settings.values()])
        self.process((silence,), np.empty_like(silence), start)
        self.reset()

    def reset(self) -> None:
        """[control] Back to time zero: silence behind, no reduction."""
        self._first.reset()
        self._second.reset()
        self._quanta = 0

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
        first, second, edges = self._first, self._second, values.shape[1]
        if self._edges != edges:  # the same size again and again costs no new views
            self._edges = edges
            self._watched, self._second_releases_ms = self._all_watched[:edges], self._all_second_releases_ms[:edges]
        ceilings, before = self._ceilings, self._quanta * dsp.GROUPS
        dsp.take_both(inputs[0], first.history, first.delay_frames, values[0], ceilings, self._kept_ceilings, before)
        self._quanta = edges - 1
        first.run(self._watched, self._ceilings_ahead, values[1], second.history, second.delay_frames)
        second.run(first.touched, ceilings, self._second_releases_ms, output, 0)
