"""Excerpts of music to simulate masters from: real songs, generated ones, and the demo song."""

from __future__ import annotations

from functools import lru_cache

import needs
import numpy as np
import practice_arrangements
import practice_songs
from numpy.typing import NDArray

RATE_HZ = 44_100
REAL_EVERY = 3
"""Every third excerpt is of a real song, while there are any."""


def excerpt(index: int, length_s: float = 20.0, real: bool = True) -> NDArray[np.float32]:
    """Excerpt number `index`, (2, frames) at 44.1 kHz; deterministic, sounding nearly throughout."""
    rng = np.random.default_rng([5, index])
    if real and index % REAL_EVERY == 0:
        whole = _real(index // REAL_EVERY)
    elif index % 2:
        whole = practice_songs.make(10_000 + index, longest_s=45.0).audio
    else:
        whole = practice_arrangements.make(10_000 + index).audio
    frames = min(round(length_s * RATE_HZ), whole.shape[1])
    first = int(rng.integers(whole.shape[1] // 8, max(7 * whole.shape[1] // 8 - frames, whole.shape[1] // 8 + 1)))
    return np.ascontiguousarray(whole[:, min(first, whole.shape[1] - frames) :][:, :frames])


@lru_cache(maxsize=2)
def _real(index: int) -> NDArray[np.float32]:
    import soundfile as sf
    import soxr

    songs = needs.songs()
    sound, rate_hz = sf.read(songs[index % len(songs)], dtype="float32", always_2d=True)
    return np.ascontiguousarray(np.asarray(soxr.resample(sound, rate_hz, RATE_HZ), np.float32).T)
