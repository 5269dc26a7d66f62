"""Width: wider or narrower, and mono in the bass."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from livemaster.dsp.cascade import Band, Cascade
from livemaster.dsp.svf import HIGHPASS
from livemaster.dsp.width import spread, take_side
from livemaster.nodes._channels import require_channels
from livemaster.nodes.contract import NodeBase, Parameter
from livemaster.units import QUANTUM_FRAMES, Audio, Values

FADE_HZ = 60.0
"""Below this, `mono_below_hz` fades the filter out instead of moving its cutoff: 0 is off without a click."""

_WIDTH, _MONO_BELOW = 0, 1


class Width(NodeBase):
    """Scales the side signal (0 mono, 1 unchanged, 2 twice as wide) and takes its bass out below a frequency.

    The side's high-pass has 12 dB/octave. Width 1 without mono bass passes bit for bit, and so does mono.
    """

    PARAMETERS = (
        Parameter("width", "", 0.0, 2.0, 1.0, about="stereo width, 0 mono, 1 unchanged"),
        Parameter("mono_below_hz", "Hz", 0.0, 500.0, 0.0, ramp_ms=100.0, about="mono below this frequency, 0 off"),
    )

    @property
    def tail(self) -> int:
        """Frames after which the output of a silent input stays below −120 dBFS."""
        return self._tail

    _tail = 0

    def prepare(self, rate_hz: int, channels: int, max_quanta: int) -> None:
        """[control] Allocate, compile, warm up; GraphError for more than two channels."""
        require_channels(self, channels, (1, 2))
        self._cascade = Cascade((Band(HIGHPASS, gain=0, hz=1),), rate_hz)
        self._tail = self._cascade.ring_frames((1.0, FADE_HZ), (1.0, self.PARAMETERS[_MONO_BELOW].high))
        self._sides = np.zeros((2, max_quanta * QUANTUM_FRAMES), np.float32)
        self._edges = np.zeros(2 * (max_quanta + 1))
        self._frames = 0
        silence = np.zeros((channels, QUANTUM_FRAMES), np.float32)
        self.process((silence,), np.empty_like(silence), np.ones((2, 2)))
        self.reset()

    def reset(self) -> None:
        """[control] Back to time zero."""
        self._cascade.reset()

    def process(self, inputs: Sequence[Audio], output: Audio, values: Values) -> None:
        """[audio] Widen whole quanta; one channel has no side and passes."""
        x = inputs[0]
        if x.shape[0] == 1:
            output[:] = x
            return
        if self._frames != x.shape[1]:  # the same size again and again costs no new views
            self._frames, edges = x.shape[1], values.shape[1]
            self._side, self._kept = self._sides[:1, : self._frames], self._sides[1:, : self._frames]
            self._filter_values = self._edges[: 2 * edges].reshape(2, edges)
        take_side(x, values[_MONO_BELOW], FADE_HZ, self._side, self._filter_values)
        self._cascade.process(self._side, self._kept, self._filter_values)
        spread(x, self._side, self._kept, output, values[_WIDTH])
