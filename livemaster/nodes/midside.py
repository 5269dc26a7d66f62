"""MidSide: left and right to mid and side, and back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from livemaster.nodes._channels import require_channels
from livemaster.nodes.contract import NodeBase
from livemaster.units import Audio, Values

_HALF = np.float32(0.5)


class MidSide(NodeBase):
    """M = (L + R)/2 and S = (L − R)/2; with `decode` L = M + S and R = M − S. Two channels only.

    The halving is exact; sums are rounded to float32 once, so the way there and back errs by one bit at most.
    """

    def __init__(self, decode: bool = False, **settings: float) -> None:
        self._decode = bool(decode)
        super().__init__(**settings)

    def prepare(self, rate_hz: int, channels: int, max_quanta: int) -> None:
        """[control] Nothing to allocate; GraphError unless there are two channels."""
        require_channels(self, channels, (2,))

    def process(self, inputs: Sequence[Audio], output: Audio, values: Values) -> None:
        """[audio] Convert whole quanta."""
        first, second = inputs[0]
        np.add(first, second, out=output[0])
        np.subtract(first, second, out=output[1])
        if not self._decode:
            np.multiply(output, _HALF, out=output)
