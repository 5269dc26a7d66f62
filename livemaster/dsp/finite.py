"""Numbers that do harm in a block: those that are none, and those too small to be heard but slow to compute."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp._jit import kernel

_EXPONENT = np.uint32(0x7F800000)
_TINY, _LARGEST = np.float32(1e-30), np.finfo(np.float32).max


@kernel
def all_finite(x: NDArray[np.float32]) -> bool:
    """[audio] True when no sample of the C-contiguous float32 array `x` is NaN or Inf."""
    bits = x.reshape(-1).view(np.uint32)
    worst = np.uint32(0)
    for n in range(bits.size):  # a maximum vectorises, an early exit would not
        worst = max(worst, bits[n] & _EXPONENT)
    return bool(worst != _EXPONENT)


@kernel
def flush_tiny(x: NDArray[np.float32]) -> bool:
    """[audio] Set samples of `x` (channels, frames) below 1e-30 to zero, in place; True when all are finite."""
    bad = np.uint32(0)
    for channel in range(x.shape[0]):
        for n in range(x.shape[1]):
            size = abs(x[channel, n])
            bad += np.uint32(0) if size <= _LARGEST else np.uint32(1)
            x[channel, n] = np.float32(0.0) if size < _TINY else x[channel, n]
    return bool(bad == np.uint32(0))
