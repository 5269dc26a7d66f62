"""Interpolation at a ratio that moves: what one device brings, at the pace of another.

256 phases of a windowed sinc (cutoff fs/2, Kaiser β = 10, 32 taps a phase), straight lines between the phases; see
J. O. Smith, "Digital Audio Resampling", section 4. There is no filter for ratios far from 1: what lies within
|ratio − 1| · fs/2 of fs/2 folds back.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp._jit import kernel

TAPS = 32
PHASES = 256
BEFORE_FRAMES = TAPS // 2 - 1
"""Frames before the whole frame of a position that its value depends on."""
AFTER_FRAMES = TAPS // 2
"""And after it."""

_KAISER_BETA = 10.0


def drift_table() -> NDArray[np.float64]:
    """[control] The interpolator: row p gives the value at n + p/256 from x[n − 15 … n + 16].

    Float64 of shape (PHASES + 1, TAPS); the last row is the first one, a frame later. Each row's sum is 1, so that
    what does not move stays as it is.
    """
    offset = np.arange(PHASES + 1)[:, None] / PHASES + BEFORE_FRAMES - np.arange(TAPS)
    window = np.i0(_KAISER_BETA * np.sqrt(np.maximum(0.0, 1.0 - (offset / (TAPS / 2)) ** 2)))
    table = np.sinc(offset) * window
    return np.asarray(table / table.sum(axis=1, keepdims=True))


@kernel
def interpolate(
    ring: NDArray[np.float32],
    place: NDArray[np.int64],
    motion: NDArray[np.float64],
    table: NDArray[np.float64],
    weights: NDArray[np.float64],
    out: NDArray[np.float32],
) -> None:
    """[audio] Fill `out` (frames, channels) from `ring` (a power of two, channels), in which frame n is at n modulo it.

    place: (1,), the whole frame to begin at. motion: (3,), the fraction of it in 0…1, the frames of the ring per
    frame of `out`, and what is added to that with every frame. Both are left where the next call goes on. The ring
    must hold the frames from `place` − 15 to 16 beyond the last. table: `drift_table()`; weights: (TAPS,), scratch.
    """
    mask = ring.shape[0] - 1
    frame, fraction, ratio = place[0], motion[0], motion[1]
    for i in range(out.shape[0]):
        phase = fraction * PHASES
        row = int(phase)
        between = phase - row
        for k in range(TAPS):
            weights[k] = table[row, k] + between * (table[row + 1, k] - table[row, k])
        first = frame - BEFORE_FRAMES
        for channel in range(out.shape[1]):
            total = 0.0
            for k in range(TAPS):
                total += weights[k] * ring[(first + k) & mask, channel]
            out[i, channel] = total
        ratio += motion[2]
        fraction += ratio
        whole = int(fraction)
        frame += whole
        fraction -= whole
    place[0], motion[0], motion[1] = frame, fraction, ratio
