"""Numbers that do harm in a block: those that are none, absurd ones, and tiny ones that are slow to compute."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp._jit import kernel
from livemaster.units import Audio

LIMIT = np.float32(2.0**16)
"""Largest magnitude let through: 96 dB above full scale, far beyond any mix, safe to square in float32."""

_EXPONENT = np.uint32(0x7F800000)
_TINY, _LARGEST = np.float32(1e-30), np.finfo(np.float32).max


@kernel
def all_finite(x: NDArray[np.float32]) -> bool:
    """[audio] True when no sample of the C-contiguous float32 array `x` is NaN or Inf."""
    bits = x.reshape(-1).view(np.uint32)
    worst = np.uint32(0)
    for n in range(bits.size):  # a maximum vectorises, an early exit would not
        worst = max(worst, bits[n] & _EXPONENT)
    return bool(worst != _EXPONENT)


@kernel
def flush_tiny(x: NDArray[np.float32]) -> bool:
    """[audio] Set samples of `x` (channels, frames) below 1e-30 to zero, in place; True when all are finite."""
    bad = np.uint32(0)
    for channel in range(x.shape[0]):
        for n in range(x.shape[1]):
            size = abs(x[channel, n])
            bad += np.uint32(0) if size <= _LARGEST else np.uint32(1)
            x[channel, n] = np.float32(0.0) if size < _TINY else x[channel, n]
    return bool(bad == np.uint32(0))


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
