"""How probable it is that a listener taps at a period: weights fitted to generated songs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livemaster.analysis.metrical_levels import NAMES

WEIGHTS: dict[str, float] = {
    "beat low": 0.748,
    "beat body": 1.305,
    "beat mid": 0.782,
    "beat high": 1.491,
    "beat all": 2.030,
    "half all": 0.991,
    "sixths high": -0.670,
    "after 4 low": 0.917,
    "after 6 mid": -1.453,
    "times 0.5 all": -2.648,
    "times 1 all": 1.911,
    "times 1.5 all": -1.340,
    "times 3 body": 1.441,
    "bar low": 2.270,
    "bar all": 2.547,
    "bar after body": 1.769,
    "bar after mid": 2.454,
    "division all": 2.444,
    "across halves high": -1.703,
    "across halves all": -1.883,
    "across thirds body": -1.199,
    "across thirds mid": -1.641,
    "across thirds high": -1.885,
    "across thirds all": -2.126,
    "harmony apart 2": -0.600,
    "harmony apart 4": 0.830,
    "harmony apart 16": -0.466,
    "harmony bar 3": 1.321,
    "harmony bar 4": 0.996,
    "octaves": 2.147,
    "octaves squared": -0.934,
    "octaves cubed": 0.700,
}
"""Of the readings that say most, by name.

Fitted, as `fit_tempo.py` does, to 1168 practice songs (73 styles; three quarters of them at tempi beyond their
style's, a quarter with few players), 320 practice arrangements and 120 metronomes; for songs whose style was left out
86 % right, 95 % up to the octave; for the arrangements, where they were left out, 94 % and 97 %.
"""


def chances(readings: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability of each of k candidates, (k, len(NAMES)) → (k,), with the sum 1."""
    weights = np.array([WEIGHTS.get(name, 0.0) for name in NAMES])
    scores = readings @ weights
    raised = np.exp(scores - scores.max())
    return np.asarray(raised / raised.sum())
