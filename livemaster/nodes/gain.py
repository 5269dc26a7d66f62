"""Gain: input trim and section level."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from livemaster.dsp.gain import apply_gain
from livemaster.nodes.contract import NodeBase, Parameter
from livemaster.units import QUANTUM_FRAMES, Audio, Values


class Gain(NodeBase):
    """One gain for all channels; 0 dB passes bit for bit."""

    PARAMETERS = (Parameter("gain_db", "dB", -120.0, 60.0, 0.0, ramp_ms=100.0, about="gain"),)

    def prepare(self, rate_hz: int, channels: int, max_quanta: int) -> None:
        """[control] Compile."""
        silence = np.zeros((channels, QUANTUM_FRAMES), np.float32)
        self.process((silence,), np.empty_like(silence), np.zeros((1, 2)))

    def process(self, inputs: Sequence[Audio], output: Audio, values: Values) -> None:
        """[audio] Scale whole quanta."""
        apply_gain(inputs[0], output, values[0], False)
