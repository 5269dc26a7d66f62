"""How probable it is that a listener taps at a period: weights fitted to generated songs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livemaster.analysis.levels import NAMES

WEIGHTS: dict[str, float] = {
    "beat low": 0.452,
    "beat body": 1.542,
    "beat high": 2.092,
    "beat all": 2.957,
    "half body": 0.511,
    "half mid": 0.356,
    "half high": 0.308,
    "quarters low": -0.471,
    "thirds mid": -0.398,
    "thirds high": 0.318,
    "sixths low": 0.610,
    "sixths all": -1.236,
    "after 1 high": -1.583,
    "after 2 body": 1.040,
    "after 2 mid": -1.537,
    "after 3 high": -0.875,
    "after 5 low": -1.477,
    "after 5 mid": -1.514,
    "after 5 all": 1.671,
    "after 6 mid": -1.352,
    "after 6 high": -0.834,
    "times 0.5 low": -2.494,
    "times 0.5 all": -2.780,
    "times 0.667 all": -2.451,
    "times 1 mid": 2.821,
    "times 1 all": 3.192,
    "times 1.33 low": -2.577,
    "times 1.33 high": -1.356,
    "times 1.33 all": -1.712,
    "times 1.5 mid": -3.755,
    "times 1.5 high": -3.160,
    "times 1.5 all": -2.589,
    "times 3 low": 2.196,
    "times 5 low": -2.387,
    "times 6 low": -1.325,
    "times 6 high": 1.102,
    "bar low": 3.010,
    "bar body": 1.032,
    "bar mid": 2.566,
    "bar all": 1.042,
    "bar after body": 1.297,
    "bar after mid": 2.177,
    "bar after all": 1.897,
    "division mid": 2.856,
    "division high": 2.869,
    "division all": 3.746,
    "octaves": 2.533,
    "octaves squared": -3.679,
}
"""Of readings by name, of those that say most (fitted by `tests/fit_tempo.py` to generated songs of 45 styles)."""


def chances(readings: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability of each of k candidates, (k, len(NAMES)) → (k,), with the sum 1."""
    weights = np.array([WEIGHTS.get(name, 0.0) for name in NAMES])
    scores = readings @ weights
    raised = np.exp(scores - scores.max())
    return np.asarray(raised / raised.sum())
