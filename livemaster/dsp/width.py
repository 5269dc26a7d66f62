"""Stereo width as a correction of equal size and opposite sign on the two channels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp._jit import kernel
from livemaster.units import QUANTUM_FRAMES, Audio

_RAMP = np.arange(QUANTUM_FRAMES, dtype=np.float32) / np.float32(QUANTUM_FRAMES)


@kernel
def spread(x: Audio, side: Audio, kept: Audio, y: Audio, widths: NDArray[np.float64]) -> None:
    """[audio] L + d and R − d with d = width·kept − side: the side signal is replaced by `kept`, made wider.

    `x`, `y`: (2, 64·K); `side`: (1, 64·K), (L − R)/2; `kept`: what is left of it; `widths`: (K + 1,) at the
    quantum edges. At width 1 with the whole side kept, d is 0 and both channels pass bit for bit.
    """
    for k in range(x.shape[1] // QUANTUM_FRAMES):
        left, right = np.float32(widths[k]), np.float32(widths[k + 1])
        step = right - left
        for i in range(QUANTUM_FRAMES):
            n = k * QUANTUM_FRAMES + i
            d = (left + step * _RAMP[i]) * kept[0, n] - side[0, n]
            y[0, n] = x[0, n] + d
            y[1, n] = x[1, n] - d


@kernel
def take_side(
    x: Audio, mono_below_hz: NDArray[np.float64], fade_hz: float, side: Audio, filter_values: NDArray[np.float64]
) -> None:
    """[audio] `side` (1, 64·K) = (L − R)/2 of `x` (2, 64·K), and what its high-pass is set to at the quantum edges.

    `filter_values` (2, K + 1): share and cutoff. The share is 1 − (1 − hz/fade_hz)²: it leaves 1 without a corner,
    where the cutoff comes to rest.
    """
    for n in range(x.shape[1]):
        side[0, n] = (x[0, n] - x[1, n]) * np.float32(0.5)
    for edge in range(mono_below_hz.shape[0]):
        hz = mono_below_hz[edge]
        way = min(hz, fade_hz) / fade_hz
        filter_values[0, edge] = way * (2.0 - way)
        filter_values[1, edge] = max(hz, fade_hz)
