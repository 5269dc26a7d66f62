"""Onset strength: by how much the bands grow louder from one moment to the next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ONSET_BANDS_HZ = (
    *(21.5, 64.6, 107.7, 150.7, 193.8, 236.9, 323.0, 409.1, 495.3, 624.5, 796.7),
    *(
        1012.1,
        1270.5,
        1593.5,
        2002.6,
        2519.4,
        3165.3,
        3983.6,
        5017.1,
        6007.7,
        7256.6,
        8849.9,
        10_788.0,
        13_157.0,
        16_000.0,
    ),
)
"""Edges of the 24 bands: whole bins of 43 Hz at the bottom, thirds of an octave and less above."""
ONSET_GROUPS = ((0, 2), (2, 7), (7, 14), (14, 19), (19, 24))
"""Bands of each group: to 108 Hz (kick, bass), 409 (toms, body), 2003 (snare, voice), 6008, and above (hats)."""
FLOOR_BELOW_DB = 60.0
"""A band that is so far under its loudest moment is silent."""
FLOOR_BELOW_ALL_DB = 80.0
"""And one that is so far under the loudest moment of any band: what leaks there is no event."""
RISE_FRAMES = 2
"""Rises are measured over 20 ms: nearly the window's length, so that an attack shows once and in full."""


def flux(onset_bands_db: NDArray[np.float16]) -> NDArray[np.float32]:
    """Onset strength of the five groups over time, dB, ≥ 0: (5, n) of `Timeline.onset_bands_db` (n, 24).

    Half-wave rectified difference of each band's level over `RISE_FRAMES`, above a floor that hangs on the band's
    loudest moment, averaged over the group; so gain does not matter. (S. Dixon, Onset Detection Revisited, DAFx 2006.)
    """
    onsets = np.zeros((len(ONSET_GROUPS), len(onset_bands_db)), np.float32)
    if not len(onset_bands_db):
        return onsets
    loudest = onset_bands_db.max(axis=0).astype(np.float32)
    floors = np.maximum(loudest - FLOOR_BELOW_DB, loudest.max() - FLOOR_BELOW_ALL_DB)
    for row, (first, stop) in zip(onsets, ONSET_GROUPS, strict=True):
        for band in range(first, stop):
            level = np.maximum(onset_bands_db[:, band].astype(np.float32), floors[band])
            rise = level[RISE_FRAMES:] - level[:-RISE_FRAMES]
            row[RISE_FRAMES:] += np.maximum(rise, 0.0)
        row /= stop - first
    return onsets


LOCAL_FRAMES = 51
"""Onsets stand out from the mean of half a second around them."""
PEAK_FRAMES = 3
"""Onsets are at least so far apart from a stronger one: 30 ms."""
LEAST_RISE_DB = 2.0
LEAST_SHARE = 0.1
"""An onset rises above its surroundings by 2 dB, and by a tenth of the strongest onset."""


def onset_frames(flux: NDArray[np.float32]) -> NDArray[np.int64]:
    """Onset frames at which something begins: peaks of the mean of all groups, (5, n) → (k,), ascending."""
    strength = flux.mean(axis=0) if flux.shape[1] else np.zeros(0, np.float32)
    if not len(strength):
        return np.zeros(0, np.int64)
    excess = strength - _moving_mean(strength, LOCAL_FRAMES)
    padded = np.pad(strength, PEAK_FRAMES)
    neighbours = np.lib.stride_tricks.sliding_window_view(padded, 2 * PEAK_FRAMES + 1)
    earlier = neighbours[:, :PEAK_FRAMES].max(axis=1)  # of equal ones the first counts
    highest = (strength > earlier) & (strength >= neighbours[:, PEAK_FRAMES:].max(axis=1))
    least = max(LEAST_RISE_DB, LEAST_SHARE * float(strength.max()))
    return np.flatnonzero(highest & (excess > least))


def _moving_mean(x: NDArray[np.float32], frames: int) -> NDArray[np.float64]:
    """Mean of `frames` values (odd) around each, of those that there are."""
    sums = np.concatenate([[0.0], np.cumsum(x, dtype=np.float64)])
    at = np.arange(len(x))
    first, stop = np.maximum(at - frames // 2, 0), np.minimum(at + frames // 2 + 1, len(x))
    return np.asarray((sums[stop] - sums[first]) / (stop - first))
