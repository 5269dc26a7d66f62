"""Moves a boundary from the grid to the very moment at which the sound changes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livemaster.analysis.onsets import FLOOR_BELOW_DB
from livemaster.analysis.timeline import ONSET_FPS

Floats = NDArray[np.float64]

SIDE_FRAMES = 40
"""What lies before and after a moment is heard for 0.4 s."""
FAR_SHARE = 0.3
"""At the end of its reach a moment counts by this much less."""


def snapped(onset_bands_db: NDArray[np.float16], boundaries_s: Floats, reach_s: Floats) -> Floats:
    """Each boundary moved by at most its reach to where the levels of the bands jump most; seconds."""
    return np.array(
        [_snap(onset_bands_db, float(at_s), float(reach)) for at_s, reach in zip(boundaries_s, reach_s, strict=True)]
    )


def _snap(onset_bands_db: NDArray[np.float16], at_s: float, reach_s: float) -> float:
    middle, reach = round(at_s * ONSET_FPS), max(round(reach_s * ONSET_FPS), 1)
    first = max(middle - reach - SIDE_FRAMES, 0)
    heard = onset_bands_db[first : middle + reach + SIDE_FRAMES + 1].astype(np.float64)
    if len(heard) <= 2 * SIDE_FRAMES:
        return at_s
    heard = np.maximum(heard, heard.max(axis=0) - FLOOR_BELOW_DB)
    sums = np.concatenate([np.zeros((1, heard.shape[1])), np.cumsum(heard, axis=0)])
    at = np.arange(SIDE_FRAMES, len(heard) - SIDE_FRAMES + 1)
    jumps = np.abs(sums[at + SIDE_FRAMES] - 2.0 * sums[at] + sums[at - SIDE_FRAMES]).mean(axis=1)
    distance = np.abs(at + first - middle) / reach
    merit = jumps * (1.0 - FAR_SHARE * np.minimum(distance, 1.0))
    return float((first + at[int(merit.argmax())]) / ONSET_FPS)
