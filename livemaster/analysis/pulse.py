"""Accents of a track, how they repeat, and the periods at which a listener might tap."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livemaster.analysis.timeline import ONSET_FPS

Floats = NDArray[np.float32]

SURROUNDINGS_FRAMES = 60
"""An accent rises above the mean of 0.6 s around it."""
BLUR = np.array([1.0, 3.0, 4.0, 3.0, 1.0], np.float32) / np.float32(12.0)
"""Accents are as wide as players are inexact: 20 ms."""
WINDOW_FRAMES, WINDOW_HOP_FRAMES = 1600, 800
"""Repetition is told within 16 s, so that a tempo may drift and every part of the track counts."""
LONGEST_LAG_FRAMES = 660
SLOWEST_BPM, FASTEST_BPM = 54.0, 216.0
"""Tempi that are considered; a little beyond what is played at, so that the ends are no worse than the middle."""
LAG_STEP = 0.25
COMB_WEIGHTS = (1.0, 0.6, 0.4, 0.6)
"""Of one, two, three and four periods; bars of two and four beats are the most common."""
MOST_PEAKS = 8
RELATIVES = (1 / 3, 1 / 2, 2 / 3, 4 / 3, 3 / 2, 2.0, 3.0)
"""Levels of the same rhythm: where one is a candidate, so are the others."""
SAME_SHARE = 0.03
"""Periods that differ less are one."""
UNEVEN = (3, 5, 7)
ALIKE = 0.85
"""Repetition of what is always the same; songs stay below 0.7 after a third, a fifth or a seventh of their beat."""


def accents(flux: Floats) -> Floats:
    """Accents of each group, (g, n): the flux above its surroundings, blurred, of unit mean square (or zero)."""
    risen = np.zeros_like(flux)
    for strength, into in zip(flux, risen, strict=True):
        above = np.maximum(strength - _surroundings(strength), 0.0)
        into[:] = np.convolve(above, BLUR, mode="same") if len(above) >= len(BLUR) else above
        into /= np.float32(np.sqrt(max(float(np.mean(into**2, dtype=np.float64)), 1e-12)))
    return risen


def to_follow(accent: Floats) -> Floats:
    """The curve that beats are chained on, (g, n) → (n,): the groups' mean, of unit mean square (or zero)."""
    mean = accent.mean(axis=0)
    return np.asarray(mean / np.sqrt(max(float(np.mean(mean**2, dtype=np.float64)), 1e-12)), np.float32)


def _surroundings(strength: Floats) -> Floats:
    """Mean of the frames around each, of those that there are, (n,) → (n,)."""
    half, n = SURROUNDINGS_FRAMES // 2, len(strength)
    sums = np.concatenate([[0.0], np.cumsum(strength, dtype=np.float64)])
    first, stop = np.maximum(np.arange(n) - half, 0), np.minimum(np.arange(n) + half, n)
    return np.asarray((sums[stop] - sums[first]) / np.maximum(stop - first, 1), np.float32)


def repetition(accent: Floats) -> Floats:
    """Autocorrelation of each group's accents, (g, n) → (g, lags): 1 at lag 0, around 0 where nothing repeats."""
    total = np.zeros((len(accent), LONGEST_LAG_FRAMES))
    n = accent.shape[1]
    size = min(WINDOW_FRAMES, n)
    for first in range(0, max(n - size, 0) + 1, WINDOW_HOP_FRAMES):
        piece = accent[:, first : first + size]
        piece = piece - piece.mean(axis=1, keepdims=True)
        spectrum = np.fft.rfft(piece, 4096, axis=1)
        overlap = np.fft.irfft(np.abs(spectrum) ** 2, 4096, axis=1)[:, :LONGEST_LAG_FRAMES]
        total += overlap * (size / np.maximum(size - np.arange(LONGEST_LAG_FRAMES), size / 4))
    return np.asarray(total / np.maximum(total[:, :1], 1e-9), np.float32)


def at_lags(repeats: Floats, lags: NDArray[np.float64]) -> Floats:
    """Repetition at lags between frames, zero beyond the longest: (g, lags) and (k,) → (g, k)."""
    inside = np.clip(lags, 0, repeats.shape[-1] - 2)
    whole = inside.astype(np.int64)
    part = inside - whole
    values = repeats[..., whole] * (1 - part) + repeats[..., whole + 1] * part
    return np.asarray(np.where(lags <= repeats.shape[-1] - 2, values, 0.0), np.float32)


def _groups_what_is_alike(mean: Floats, period: float) -> bool:
    """Whether a period takes an uneven number of strokes together that nothing tells apart, as of a metronome."""
    return bool((at_lags(mean, period / np.array(UNEVEN)) > ALIKE).any())


def candidates(repeats: Floats) -> NDArray[np.float64]:
    """Periods in frames at which a listener might tap, the most repetitive first; empty where nothing repeats."""
    shortest, longest = 60 * ONSET_FPS / FASTEST_BPM, 60 * ONSET_FPS / SLOWEST_BPM
    lags = np.arange(shortest, longest, LAG_STEP)
    mean = repeats.mean(axis=0)
    teeth = np.stack([at_lags(mean, (k + 1) * lags) for k in range(len(COMB_WEIGHTS))])
    comb = np.convolve(np.array(COMB_WEIGHTS) @ teeth, np.full(3, 1 / 3), mode="same")
    inner = np.flatnonzero((comb[1:-1] > comb[:-2]) & (comb[1:-1] >= comb[2:]) & (comb[1:-1] > 0)) + 1
    peaks = lags[inner[np.argsort(-comb[inner])][:MOST_PEAKS]]
    found: list[float] = []
    for period in [*peaks, *(peaks[0] * np.array(RELATIVES) if len(peaks) else ())]:
        new = all(abs(period / p - 1) > SAME_SHARE for p in found)
        if new and shortest <= period <= longest and not _groups_what_is_alike(mean, period):
            found.append(float(period))
    return np.array(found)
