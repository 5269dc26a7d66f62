"""The gate at the graph's entrance: nothing but finite numbers of a sane size gets in."""

from __future__ import annotations

import numpy as np

from livemaster.dsp._jit import kernel
from livemaster.units import Audio

LIMIT = np.float32(2.0**16)
"""Largest magnitude let through: 96 dB above full scale, far beyond any mix, safe to square in float32."""


@kernel
def sanitize(x: Audio) -> int:
    """[audio] Replace NaN, Inf and what is beyond ±`LIMIT` by 0, in place; returns how many it changed.

    To hold such a sample at the limit would leave a pop of 96 dB, from which a chain recovers in seconds.

    `x`: float32 (channels, frames), C-contiguous, any size.
    """
    bad = 0
    for channel in range(x.shape[0]):
        count = np.uint32(0)
        for n in range(x.shape[1]):  # a count vectorises, and nearly always it is all there is to do
            count += np.uint32(0) if abs(x[channel, n]) <= LIMIT else np.uint32(1)
        bad += int(count)
        if count:
            for n in range(x.shape[1]):
                if not abs(x[channel, n]) <= LIMIT:
                    x[channel, n] = np.float32(0.0)
    return bad
