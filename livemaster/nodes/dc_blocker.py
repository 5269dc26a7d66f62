"""DcBlocker: takes a constant offset out of the signal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from livemaster.dsp.cascade import Band, Cascade
from livemaster.dsp.svf import HIGHPASS
from livemaster.nodes._channels import require_channels
from livemaster.nodes.contract import NodeBase, Parameter
from livemaster.units import QUANTUM_FRAMES, Audio, Values

CUTOFF_HZ = 3.0
"""Two octaves below the lowest organ pipe (16 Hz): 60 Hz is turned by 4 degrees, so that what stays is the mix."""


class DcBlocker(NodeBase):
    """Blends in a second-order 3 Hz high-pass (float64) against DC; amount 0 passes bit for bit.

    NaN and Inf never reach a node: the engine runs `livemaster.dsp.sanitize.sanitize` on all that comes in.
    """

    PARAMETERS = (Parameter("dc_block", "", 0.0, 1.0, 0.0, about="DC removal, 0 off, 1 on"),)

    @property
    def tail(self) -> int:
        """Frames after which the output of a silent input stays below −120 dBFS."""
        return self._tail

    _tail = 0

    def prepare(self, rate_hz: int, channels: int, max_quanta: int) -> None:
        """[control] Allocate, compile, warm up; GraphError for more than two channels."""
        require_channels(self, channels, (1, 2))
        self._cascade = Cascade((Band(HIGHPASS, gain=0, fixed_hz=CUTOFF_HZ),), rate_hz)
        self._tail = self._cascade.ring_frames((1.0,), (1.0,))
        silence = np.zeros((channels, QUANTUM_FRAMES), np.float32)
        self.process((silence,), np.empty_like(silence), np.zeros((1, 2)))
        self.reset()

    def reset(self) -> None:
        """[control] Back to time zero."""
        self._cascade.reset()

    def process(self, inputs: Sequence[Audio], output: Audio, values: Values) -> None:
        """[audio] Filter whole quanta."""
        self._cascade.process(inputs[0], output, values)
