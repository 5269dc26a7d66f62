"""Mix and Blend: where branches meet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from livemaster.dsp.gain import apply_gain, crossfade
from livemaster.errors import SettingsError
from livemaster.nodes.contract import NodeBase, Parameter
from livemaster.units import QUANTUM_FRAMES, Audio, Values

MOST_INPUTS = 16


class Mix(NodeBase):
    """Sum of its inputs, each with a gain; 0 dB is exact. `inputs`: 1 to 16."""

    def __init__(self, inputs: int = 2, **settings: float) -> None:
        if inputs not in range(1, MOST_INPUTS + 1):
            raise SettingsError(f"Mix: inputs is {inputs}, allowed are 1 to {MOST_INPUTS}")
        self._inputs = int(inputs)
        self._parameters = tuple(
            Parameter(f"gain_{n}_db", "dB", -120.0, 60.0, 0.0, ramp_ms=100.0, about=f"gain of input {n}")
            for n in range(1, self._inputs + 1)
        )
        super().__init__(**settings)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The automatable values, in the order of the rows of `values`."""
        return self._parameters

    @property
    def inputs(self) -> int:
        """Number of input ports."""
        return self._inputs

    def prepare(self, rate_hz: int, channels: int, max_quanta: int) -> None:
        """[control] Compile."""
        silence = np.zeros((channels, QUANTUM_FRAMES), np.float32)
        self.process((silence,) * self._inputs, np.empty_like(silence), np.zeros((self._inputs, 2)))

    def process(self, inputs: Sequence[Audio], output: Audio, values: Values) -> None:
        """[audio] Sum whole quanta, in the order of the ports."""
        for port, x in enumerate(inputs):
            apply_gain(x, output, values[port], port > 0)


class Blend(NodeBase):
    """Linear cross-fade from input 0 to input 1; exact at both ends, and throughout where they are alike."""

    PARAMETERS = (Parameter("blend", "", 0.0, 1.0, 0.0, about="0 first input, 1 second input"),)

    @property
    def inputs(self) -> int:
        """Number of input ports."""
        return 2

    def prepare(self, rate_hz: int, channels: int, max_quanta: int) -> None:
        """[control] Compile."""
        silence = np.zeros((channels, QUANTUM_FRAMES), np.float32)
        self.process((silence, silence), np.empty_like(silence), np.zeros((1, 2)))

    def process(self, inputs: Sequence[Audio], output: Audio, values: Values) -> None:
        """[audio] Cross-fade whole quanta."""
        crossfade(inputs[0], inputs[1], output, values[0])
