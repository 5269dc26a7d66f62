"""What the limiter will do, foreseen from peaks on a coarse grid: for solving loudness, not for sound."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp._jit import kernel

Floats = NDArray[np.float64]


@kernel
def _follow(peaks: Floats, ceiling: float, release: float, gains: Floats) -> None:
    gain = 1.0
    count = peaks.shape[0]
    for i in range(count):
        peak = max(peaks[i], peaks[min(i + 1, count - 1)])
        wanted = 1.0 if peak <= ceiling else ceiling / peak
        gain = wanted if wanted < gain else wanted + (gain - wanted) * release
        gains[i] = gain


def model_gains(peaks: Floats, ceiling: float, bins_per_second: int, release_s: float = 0.08) -> Floats:
    """[control] Gain of the limiter in every bin, for linear `peaks` before it, float64 (bins,)."""
    gains = np.empty(len(peaks))
    _follow(np.ascontiguousarray(peaks), ceiling, math.exp(-1.0 / (release_s * bins_per_second)), gains)
    return gains
