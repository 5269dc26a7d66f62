"""A/B: master against raw mix, level-matched, both aligned to the frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from livemaster.dsp.gain import compare
from livemaster.nodes.contract import NodeBase, Parameter
from livemaster.units import QUANTUM_FRAMES, Audio, Values


class Compare(NodeBase):
    """Cross-fades linearly from input 0 (the master) to input 1 (the mix), and turns down the side that is heard.

    Linear, because equal power would lift two alike signals by 3 dB. Both sides come limited, so that each is what it
    would be if nobody switched; never above 0 dB, so the ceiling holds. At 0 the master passes bit for bit, at 1 the
    mix, with gains of 0 dB.
    """

    PARAMETERS = (
        Parameter("mix", "", 0.0, 1.0, 0.0, about="0 the master, 1 the raw mix"),
        Parameter("master_gain_db", "dB", -40.0, 0.0, 0.0, about="attenuation of the master, to match"),
        Parameter("mix_gain_db", "dB", -40.0, 0.0, 0.0, about="attenuation of the mix, to match"),
    )

    @property
    def inputs(self) -> int:
        """Two: master, mix."""
        return 2

    def prepare(self, rate_hz: int, channels: int, max_quanta: int) -> None:
        """[control] Allocate and compile."""
        self._gains_db = np.zeros(max_quanta + 1)
        silence = np.zeros((channels, QUANTUM_FRAMES), np.float32)
        self.process((silence, silence), np.empty_like(silence), np.zeros((3, 2)))

    def process(self, inputs: Sequence[Audio], output: Audio, values: Values) -> None:
        """[audio] Cross-fade and scale whole quanta."""
        compare(inputs[0], inputs[1], output, values, self._gains_db)
