"""The saturator: warmth whose distortion alone is oversampled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from livemaster.dsp.saturator import ROW_FRAMES, ROWS, latency_frames, saturate, stages
from livemaster.nodes.contract import NodeBase, Parameter
from livemaster.units import QUANTUM_FRAMES, Audio, Values


class Saturator(NodeBase):
    """Odd, smooth, monotone saturation (tanh family), driven by 5 dB × `saturation`; 0 is the exact identity.

    Level-compensated for small signals: what is quiet keeps its level, peaks are rounded off, so more saturation
    is never louder. Output = (1 − s)·x + s·f(d·x)/d for saturation s and drive d. Only the distortion runs at four
    times the rate (twice from 88.2 kHz on). Any number of channels.
    """

    PARAMETERS = (Parameter("saturation", "", 0.0, 1.0, 0.0, about="how much, 0 none"),)

    _latency = 0

    @property
    def latency(self) -> int:
        """Frames by which the output lags the input, a constant of the rate."""
        return self._latency

    @property
    def tail(self) -> int:
        """Frames after which the output of a silent input is silent: the filters' length."""
        return self._latency

    def prepare(self, rate_hz: int, channels: int, max_quanta: int) -> None:
        """[control] Allocate for `channels`, compile and warm up."""
        self._latency, self._stages = latency_frames(rate_hz), stages(rate_hz)
        self._rows = np.zeros((channels, ROWS, ROW_FRAMES), np.float32)
        self._awake = np.zeros(channels, np.bool_)
        self._at = np.zeros(4)
        self._phases = np.zeros((4, QUANTUM_FRAMES), np.float32)
        silence = np.zeros((channels, QUANTUM_FRAMES), np.float32)
        self.process((silence,), np.empty_like(silence), np.zeros((1, 2)))
        self.reset()

    def reset(self) -> None:
        """[control] Back to time zero: no history, nothing awake."""
        self._rows[:] = 0.0
        self._awake[:] = False

    def process(self, inputs: Sequence[Audio], output: Audio, values: Values) -> None:
        """[audio] Saturate whole quanta."""
        saturate(inputs[0], output, values, self._stages, self._rows, self._awake, self._at, self._phases)
