"""How the harmony moves from beat to beat: chords last for whole beats, mostly for whole bars, whatever the style."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livemaster.analysis.curves import running_sums
from livemaster.analysis.timeline import ONSET_FPS, TONE_FPS

Floats = NDArray[np.float64]

APART_BEATS = (2, 4, 16)
"""Beats that are compared are so far apart."""
BARS_BEATS = (3, 4)
"""Chords may change after so many beats."""
LEAST = 0.01
"""Change that is none: what is played twice differs by so much; keeps logarithms finite."""
NAMES = (*(f"harmony apart {beats}" for beats in APART_BEATS), *(f"harmony bar {beats}" for beats in BARS_BEATS))
"""What `movement` reads, in order."""


def running(chroma: NDArray[np.float32]) -> Floats:
    """Running sums of the pitch classes' shares, in roots, of `Timeline.chroma`: (m, 12) → (m + 1, 12)."""
    shares = chroma / np.maximum(chroma.sum(axis=1, keepdims=True, dtype=np.float64), 1e-12)
    return running_sums(np.sqrt(shares, out=shares))


def movement(sums: Floats, beats: Floats) -> Floats:
    """By how much the harmony changes between beats (in frames of onset strength), (len(NAMES),).

    From beats to others further on, in logarithms; and on the beat of the bar where most changes, over all beats.
    """
    edges = np.clip(np.round(beats * (TONE_FPS / ONSET_FPS)).astype(np.int64), 0, len(sums) - 1)
    heard = np.diff(sums[edges], axis=0)
    steps = _change(heard, 1)
    usual = _mean(steps) + LEAST
    apart = [np.log(_mean(_change(heard, lag)) + LEAST) for lag in APART_BEATS]
    return np.array([*apart, *(max(_mean(steps[start::bar]) for start in range(bar)) / usual for bar in BARS_BEATS)])


def _change(heard: Floats, lag: int) -> Floats:
    """One less the cosine of the angle between pitch classes that are `lag` rows apart, (k, 12) → (k − lag,)."""
    one, other = heard[lag:], heard[:-lag]
    sizes = np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    return np.asarray(1.0 - (one * other).sum(axis=1) / np.maximum(sizes, 1e-12))


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else 0.0
