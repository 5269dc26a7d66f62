"""From one stretch of music to another: a raised cosine in absolute frames, the same bits however it is cut up."""

from __future__ import annotations

import math

import numpy as np

from livemaster.dsp._jit import kernel
from livemaster.units import QUANTUM_FRAMES, Audio


@kernel
def change_over(first_frame: int, enters: int, fade_frames: int, leaving: Audio, entering: Audio) -> None:
    """[audio] Blend `entering` into `leaving` (channels, frames), in place, from frame `enters` on.

    `first_frame`: the absolute frame of the first column. The two shares add up to one (equal power would lift alike
    signals by 3 dB). With `fade_frames` 0 both are added for a quantum, in which one ends and the other begins.
    """
    for channel in range(leaving.shape[0]):
        a, b = leaving[channel], entering[channel]
        for i in range(leaving.shape[1]):
            age = first_frame + i - enters
            if fade_frames == 0 and age < QUANTUM_FRAMES:
                a[i] += b[i]
            elif age >= fade_frames:
                a[i] = b[i]
            elif age > 0:
                share = np.float32(0.5 - 0.5 * math.cos(math.pi * age / fade_frames))
                a[i] += share * (b[i] - a[i])
