"""The compressor: one gain for all channels, so that the stereo image stands still."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from livemaster.dsp.compressor import APPLIED, compress, subblock_frames, window_subblocks
from livemaster.nodes.contract import NodeBase, Parameter
from livemaster.units import QUANTUM_FRAMES, Audio, Values, gain_to_db


class Compressor(NodeBase):
    """Linked feed-forward compressor: soft knee, side-chain high-pass, RMS detector, parallel mix.

    The level compared with the threshold is the mean square of all channels over 5 ms in dB, where a full-scale
    square wave reads 0 dB and a full-scale sine −3 dB. Attack and release are time constants (1 − 1/e of the
    way). A ratio of 1, or a mix of 0, returns the input bit for bit. Any number of channels; no lookahead, no
    latency, no tail.
    """

    PARAMETERS = (  # the longer ramps are what a full-range move needs to stay free of clicks
        Parameter("threshold_db", "dB", -60.0, 0.0, -18.0, "linear", 80.0, "level above which the gain is reduced"),
        Parameter("ratio", "", 1.0, 20.0, 1.0, "log", 150.0, "dB in for each dB out above the threshold"),
        Parameter("knee_db", "dB", 0.0, 24.0, 6.0, about="width of the bend around the threshold"),
        Parameter("attack_ms", "ms", 0.5, 200.0, 20.0, "log", about="time constant of a growing reduction"),
        Parameter("release_ms", "ms", 10.0, 2000.0, 150.0, "log", 30.0, "time constant of a shrinking reduction"),
        Parameter("sidechain_highpass_hz", "Hz", 10.0, 500.0, 60.0, "log", 30.0, "below it, level hardly counts"),
        Parameter("makeup_db", "dB", -24.0, 24.0, 0.0, "linear", 80.0, "gain of the compressed signal"),
        Parameter("mix", "", 0.0, 1.0, 1.0, about="share of the compressed signal, the rest is the input"),
    )

    def prepare(self, rate_hz: int, channels: int, max_quanta: int) -> None:
        """[control] Allocate for `channels`, compile and warm up."""
        count = QUANTUM_FRAMES // subblock_frames(rate_hz)
        self._rate_hz = float(rate_hz)
        self._state = np.zeros(2)
        self._filters = np.zeros(2 * channels)
        self._powers = np.zeros(window_subblocks(rate_hz) - 1 + count)
        self._knots = np.ones(1 + count)
        self._now = np.zeros(len(self.PARAMETERS))
        silence = np.zeros((channels, QUANTUM_FRAMES), np.float32)
        start = np.array([[value, value] for value in self.settings.values()])
        self.process((silence,), np.empty_like(silence), start)
        self.reset()

    def reset(self) -> None:
        """[control] Back to time zero: no reduction, an empty detector."""
        for array in (self._filters, self._powers):
            array[:] = 0.0
        self._state[:] = 0.0, 1.0
        self._knots[:] = 1.0

    def process(self, inputs: Sequence[Audio], output: Audio, values: Values) -> None:
        """[audio] Compress whole quanta."""
        compress(
            inputs[0],
            output,
            values,
            self._rate_hz,
            self._state,
            self._filters,
            self._powers,
            self._knots,
            self._now,
        )

    @property
    def gain_reduction_db(self) -> float:
        """Largest reduction applied in the last call of `process` in dB, 0 or more, make-up gain left out."""
        return max(-gain_to_db(float(self._state[APPLIED])), 0.0)
