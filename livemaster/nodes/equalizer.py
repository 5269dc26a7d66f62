"""Equalizer: high-pass, two shelves, a mid bell and up to four free bells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp.cascade import Band, Cascade
from livemaster.dsp.svf import BELL, HIGH_SHELF, HIGHPASS, LOW_SHELF
from livemaster.errors import SettingsError
from livemaster.nodes._channels import require_channels
from livemaster.nodes.contract import NodeBase, Parameter
from livemaster.units import QUANTUM_FRAMES, Audio, Values

MOST_BELLS = 4
"""Free bells beside the fixed bands."""
MOST_DB = 18.0
"""Largest boost or cut of one band."""
# The ramps below are what a full-range move of a narrow +18 dB band needs to stay free of clicks.


def _gain(name: str, about: str) -> Parameter:
    return Parameter(f"{name}_db", "dB", -MOST_DB, MOST_DB, 0.0, ramp_ms=80.0, about=about)


def _hz(name: str, low: float, high: float, default: float, about: str) -> Parameter:
    return Parameter(f"{name}_hz", "Hz", low, high, default, "log", ramp_ms=100.0, about=about)


def _q(name: str, low: float, high: float, default: float, about: str) -> Parameter:
    return Parameter(f"{name}_q", "", low, high, default, "log", ramp_ms=250.0, about=about)


_FIXED = (
    Parameter("highpass_amount", "", 0.0, 1.0, 0.0, about="high-pass, 0 off, 1 on"),
    _hz("highpass", 10.0, 1000.0, 30.0, "cutoff of the high-pass, 12 dB/octave"),
    _gain("low_shelf", "bass below the shelf's middle"),
    _hz("low_shelf", 20.0, 1000.0, 100.0, "middle of the low shelf"),
    _gain("mid_bell", "presence around the mid bell"),
    _hz("mid_bell", 100.0, 10000.0, 1000.0, "centre of the mid bell"),
    _q("mid_bell", 0.2, 5.0, 0.7, "narrowness of the mid bell"),
    _gain("high_shelf", "treble above the shelf's middle"),
    _hz("high_shelf", 1000.0, 20000.0, 6000.0, "middle of the high shelf"),
)
_FIXED_BANDS = (
    Band(HIGHPASS, gain=0, hz=1),
    Band(LOW_SHELF, gain=2, hz=3),
    Band(BELL, gain=4, hz=5, q=6),
    Band(HIGH_SHELF, gain=7, hz=8),
)


def _bell(number: int) -> tuple[Parameter, ...]:
    name = f"bell_{number}"
    return (
        _gain(name, f"free bell {number}"),
        _hz(name, 20.0, 20000.0, 1000.0, f"centre of free bell {number}"),
        _q(name, 0.2, 8.0, 1.0, f"narrowness of free bell {number}"),
    )


class Equalizer(NodeBase):
    """Float64 state-variable filters, equal to the RBJ biquads in response and safe while swept; no latency.

    `bells`: number of free bells, 0 to 4. A band at 0 dB (the high-pass at amount 0) is the exact identity
    and costs nothing. Shelves have the slope 1 (Q √½); frequencies are clamped below 0.49 of the rate.
    """

    def __init__(self, bells: int = 0, **settings: float) -> None:
        if bells not in range(MOST_BELLS + 1):
            raise SettingsError(f"Equalizer: bells is {bells}, allowed are 0 to {MOST_BELLS}")
        self._parameters = _FIXED + tuple(p for n in range(1, int(bells) + 1) for p in _bell(n))
        first = len(_FIXED)
        free = tuple(Band(BELL, row, row + 1, row + 2) for row in range(first, len(self._parameters), 3))
        self._bands = _FIXED_BANDS + free
        super().__init__(**settings)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The automatable values, in the order of the rows of `values`."""
        return self._parameters

    @property
    def tail(self) -> int:
        """Frames after which the output of a silent input stays below −120 dBFS, for any settings."""
        return self._tail

    _tail = 0

    def prepare(self, rate_hz: int, channels: int, max_quanta: int) -> None:
        """[control] Allocate, compile, warm up; GraphError for more than two channels."""
        require_channels(self, channels, (1, 2))
        self._cascade = Cascade(self._bands, rate_hz)
        lows, highs = [p.low for p in self._parameters], [p.high for p in self._parameters]
        self._tail = self._cascade.ring_frames(lows, highs)
        silence = np.zeros((channels, QUANTUM_FRAMES), np.float32)
        self.process((silence,), np.empty_like(silence), np.zeros((len(self._parameters), 2)))
        self.reset()

    def reset(self) -> None:
        """[control] Back to time zero."""
        self._cascade.reset()

    def process(self, inputs: Sequence[Audio], output: Audio, values: Values) -> None:
        """[audio] Filter whole quanta."""
        self._cascade.process(inputs[0], output, values)

    def response(self, hz: NDArray[np.float64]) -> NDArray[np.complex128]:
        """[control] Complex response at the frequencies `hz`, at the starting settings; after `prepare`."""
        return self._cascade.response([self.settings[p.id] for p in self._parameters], hz)
