"""How well found boundaries and tempi agree with the true ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

TEMPO_SHARE = 0.02
OCTAVES = (0.5, 1.0, 2.0)


def hits(found_s: Sequence[float], true_s: Sequence[float], within_s: float) -> int:
    """How many true times have a found one within `within_s`, each counted once: the best matching.

    Both ascend; going through them in order, the earliest partner that is still free is always a best one.
    """
    count, at = 0, 0
    for time_s in sorted(true_s):
        found = sorted(found_s)
        while at < len(found) and found[at] < time_s - within_s:
            at += 1
        if at < len(found) and found[at] <= time_s + within_s:
            count, at = count + 1, at + 1
    return count


def f_measure(found_s: Sequence[float], true_s: Sequence[float], within_s: float) -> float:
    """Harmonic mean of precision and recall; 1 where there is nothing to find and nothing was found."""
    if not len(found_s) and not len(true_s):
        return 1.0
    return 2.0 * hits(found_s, true_s, within_s) / (len(found_s) + len(true_s))


def tempo_right(found_bpm: float | None, true_bpm: float, factors: Sequence[float] = (1.0,)) -> bool:
    """Whether a tempo is within 2 % of the true one times one of the factors."""
    if not found_bpm:
        return False
    return any(abs(found_bpm / (true_bpm * factor) - 1.0) <= TEMPO_SHARE for factor in factors)


def spearman(one: Sequence[float], other: Sequence[float]) -> float:
    """Rank correlation; of equal values each has their mean rank."""
    ranks = [_ranks(np.asarray(values, float)) for values in (one, other)]
    centred = [rank - rank.mean() for rank in ranks]
    size = float(np.sqrt((centred[0] ** 2).sum() * (centred[1] ** 2).sum()))
    return float((centred[0] * centred[1]).sum() / size) if size else float("nan")


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - 0.5 * (counts - 1))[which])
