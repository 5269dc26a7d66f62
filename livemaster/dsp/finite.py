"""Numbers that do harm in a block: those that are none, and those too small to be heard but slow to compute."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp._jit import kernel

_EXPONENT = np.uint32(0x7F800000)
_TINY = np.float32(1e-30)


@kernel
def _any_special(bits: NDArray[np.uint32]) -> bool:
    worst = np.uint32(0)
    for n in range(bits.size):  # a maximum vectorises, an early exit would not
        worst = max(worst, bits[n] & _EXPONENT)
    return bool(worst == _EXPONENT)


def all_finite(x: NDArray[np.float32]) -> bool:
    """[audio] True when no sample of the C-contiguous float32 array `x` is NaN or Inf."""
    return not _any_special(x.reshape(-1).view(np.uint32))


@kernel
def flush_tiny(x: NDArray[np.float32]) -> None:
    """[audio] Set every sample of `x` (channels, frames) below 1e-30 to zero, in place."""
    for channel in range(x.shape[0]):
        for n in range(x.shape[1]):
            x[channel, n] = x[channel, n] if abs(x[channel, n]) >= _TINY else np.float32(0.0)
