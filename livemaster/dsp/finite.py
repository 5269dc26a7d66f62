"""One question about a block: is every sample a finite number?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp._jit import kernel

_EXPONENT = np.uint32(0x7F800000)


@kernel
def _any_special(bits: NDArray[np.uint32]) -> bool:
    worst = np.uint32(0)
    for n in range(bits.size):  # a maximum vectorises, an early exit would not
        worst = max(worst, bits[n] & _EXPONENT)
    return worst == _EXPONENT


def all_finite(x: NDArray[np.float32]) -> bool:
    """[audio] True when no sample of the C-contiguous float32 array `x` is NaN or Inf."""
    return not _any_special(x.reshape(-1).view(np.uint32))
