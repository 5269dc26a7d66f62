"""Levels of consecutive bins of time: energies of left, right and their product, and peaks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp._jit import kernel
from livemaster.units import Audio

Floats = NDArray[np.float64]

LEVEL_ROWS = 4
"""Rows of a bin: Σ left², Σ right², Σ left · right, largest magnitude."""


@kernel
def level_bins(x: Audio, bin_frames: int, rows: Floats) -> None:
    """[audio] Levels of the whole bins of `x` (channels, frames): `rows` (bins, LEVEL_ROWS); mono is both sides."""
    right = x.shape[0] - 1
    for b in range(rows.shape[0]):
        ll, rr, lr, peak = 0.0, 0.0, 0.0, 0.0
        for i in range(b * bin_frames, (b + 1) * bin_frames):
            one, other = np.float64(x[0, i]), np.float64(x[right, i])
            ll += one * one
            rr += other * other
            lr += one * other
            peak = max(peak, max(abs(one), abs(other)))
        rows[b, 0], rows[b, 1], rows[b, 2], rows[b, 3] = ll, rr, lr, peak
