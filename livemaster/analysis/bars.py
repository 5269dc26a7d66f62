"""Bars: how many beats they have and which is the first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LENGTHS = (4, 3, 5)
"""Beats that a bar may have; two bars of two are taken for one of four."""
MARGIN = {4: 0.0, 3: 0.06, 5: 0.1}
"""How much better than four beats the others have to fit, the rarer they are."""
MOST_BARS = 3
"""Bars after which a rhythm is compared with itself."""
MOST_BEATS = 4000
"""Beats that are compared: an hour at 66 bpm."""
EMPHASIS: dict[int, tuple[tuple[float, ...], ...]] = {
    4: (
        (0.86, 0.48, 1.87, -0.01, 0.08),
        (-0.53, -0.36, -0.63, 0.33, 0.03),
        (-0.18, -0.11, -1.04, -0.56, -0.15),
        (-0.15, -0.01, -0.2, 0.24, 0.04),
    ),
    3: (
        (0.95, 0.14, 1.14, -0.26, 0.11),
        (-0.96, -0.32, -0.3, -0.12, -0.32),
        (0.01, 0.17, -0.85, 0.38, 0.21),
    ),
    5: (
        (0.66, 0.69, 0.77, 0.03, -0.15),
        (-0.45, -0.64, -0.52, -0.34, -0.29),
        (-0.6, -0.44, -0.36, 0.0, 0.15),
        (0.43, 0.37, 0.12, 0.12, 0.03),
        (-0.03, 0.02, -0.01, 0.2, 0.26),
    ),
}
"""What speaks for a first beat: weights of the accents on the beats of its bar, by group of the flux.

Fitted, as `tools/fit/fit_bars.py` does, to 1025 generated songs of 45 styles; right for 87 % of the songs
of four or three beats whose style was left out.
"""


def bars_of(struck: NDArray[np.float32]) -> tuple[int, int]:
    """Beats per bar and index of the first downbeat, of the accents (beats, moments, groups) of each beat."""
    rhythm = np.sqrt(struck[:MOST_BEATS].astype(np.float64))
    length = _length(rhythm)
    emphasis = np.array(EMPHASIS[length])
    return length, int(np.argmax([float((p * emphasis).sum()) for p in phases(rhythm, length)]))


def phases(rhythm: Floats, length: int) -> Floats:
    """Mean accents on the beats of a bar, less the mean of all beats, if bars begin at beat 0, 1, …: (l, l, groups)."""
    on_beats = rhythm[:, 0] - rhythm[:, 0].mean(axis=0)
    profile = np.stack([on_beats[beat::length].mean(axis=0) for beat in range(length)])
    return np.stack([np.roll(profile, -first, axis=0) for first in range(length)])


def _length(rhythm: Floats) -> int:
    """The number of beats after which, and after whose multiples, a rhythm comes back best."""
    flat = rhythm.reshape(len(rhythm), -1)
    flat = flat - flat.mean(axis=0)
    power = float((flat**2).sum()) + 1e-9
    scores = {}
    for length in LENGTHS:
        lags = [length * bars for bars in range(1, MOST_BARS + 1) if length * bars < len(flat)]
        again = [float((flat[lag:] * flat[:-lag]).sum()) / power * len(flat) / (len(flat) - lag) for lag in lags]
        scores[length] = float(np.mean(again)) - MARGIN[length] if again else -1.0
    return max(scores, key=scores.__getitem__)
