"""Harmonic and percussive power by median filters (D. FitzGerald, Harmonic/Percussive Separation, DAFx 2010).

What sounds on is a horizontal line in a spectrogram, what is struck a vertical one. A median along time keeps the
former, a median along frequency the latter; their squares say how a bin's power is shared out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp._jit import kernel

Power = NDArray[np.float32]
Ints = NDArray[np.int64]

TIME_FRAMES = 11
"""Length of the median along time; half a second at 46 ms a frame."""
BINS = 17
"""Length of the median along frequency."""
LAG_FRAMES = TIME_FRAMES // 2


@kernel
def _replace(ordered: Power, old: np.float32, new: np.float32) -> None:
    """[audio] Take one value out of an ordered row and put another in."""
    last = ordered.shape[0] - 1
    at = 0
    while at < last and ordered[at] != old:
        at += 1
    while at < last and ordered[at + 1] < new:
        ordered[at] = ordered[at + 1]
        at += 1
    while at > 0 and ordered[at - 1] > new:
        ordered[at] = ordered[at - 1]
        at -= 1
    ordered[at] = new


@kernel
def separate(
    pooled: Power, ring: Power, ordered: Power, position: Ints, scratch: Power, harmonic: Power, percussive: Power
) -> None:
    """[audio] Harmonic and percussive power of every frame, `LAG_FRAMES` frames late.

    `pooled` (frames, bins). State: `ring` (TIME_FRAMES, bins) of the last frames, `ordered` (bins, TIME_FRAMES) the
    same in order of size, `position` (1,). `scratch` (BINS,). Outputs (frames,).
    """
    frames, bins = pooled.shape
    half = BINS // 2
    for frame in range(frames):
        oldest = position[0] % TIME_FRAMES
        for k in range(bins):
            _replace(ordered[k], ring[oldest, k], pooled[frame, k])
            ring[oldest, k] = pooled[frame, k]
        position[0] += 1
        middle = ring[(position[0] + LAG_FRAMES) % TIME_FRAMES]
        for i in range(BINS):  # the window as it stands before the first bin, zeros below
            scratch[i] = 0.0
        for k in range(half):
            _replace(scratch, np.float32(0.0), middle[k])
        h_total, p_total = 0.0, 0.0
        for k in range(bins):
            gone = middle[k - half - 1] if k > half else np.float32(0.0)
            come = middle[k + half] if k + half < bins else np.float32(0.0)
            _replace(scratch, gone, come)
            steady = np.float64(ordered[k, LAG_FRAMES]) ** 2
            struck = np.float64(scratch[half]) ** 2
            both = steady + struck
            share = steady / both if both > 0.0 else 0.5
            h_total += middle[k] * share
            p_total += middle[k] * (1.0 - share)
        harmonic[frame] = h_total
        percussive[frame] = p_total
