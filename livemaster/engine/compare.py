"""A/B: master against raw mix, level-matched, both aligned to the frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from livemaster.nodes.contract import NodeBase, Parameter
from livemaster.units import QUANTUM_FRAMES, Audio, Values


class Compare(NodeBase):
    """Cross-fades linearly from input 0 (the master) to input 1 (the mix); at 0 the master passes bit for bit.

    Linear, because equal power would lift two alike signals by 3 dB. The two gains match the sides' loudness.
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
        """[control] Nothing to prepare but the ramp inside a quantum."""
        self._ramp = np.arange(QUANTUM_FRAMES, dtype=np.float64) / QUANTUM_FRAMES

    def process(self, inputs: Sequence[Audio], output: Audio, values: Values) -> None:
        """[audio] Cross-fade whole quanta."""
        master, mix = inputs
        if not values[0].any() and not values[1].any():
            output[:] = master
            return
        share = self._curve(values[0])
        from_master = (1.0 - share) * self._curve(10.0 ** (values[1] / 20.0))
        from_mix = share * self._curve(10.0 ** (values[2] / 20.0))
        output[:] = master * from_master + mix * from_mix

    def _curve(self, edges: Values) -> Values:
        """Values at the quantum edges → a value for every frame, linear in between."""
        inside = edges[:-1, None] + np.diff(edges)[:, None] * self._ramp
        return inside.reshape(-1)
