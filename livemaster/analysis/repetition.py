"""Which sections are the same music again: clusters by timbre, rhythm and harmony."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from livemaster.analysis.grid import Cells, Grid
from livemaster.analysis.novelty import CHANCE, LARGEST, LEAST, RHYTHM_FLOOR, TIMBRE_FLOOR_DB

Floats = NDArray[np.float64]

CHROMA_FLOOR = 0.05
TIMBRE_WEIGHT, RHYTHM_WEIGHT, CHROMA_WEIGHT = 1.0, 0.5, 1.4
BIAS = 2.6
"""Log-odds that two sections are different music where their differences equal the variance; fitted by regression on
generated songs whose material is known."""


class _Summary(NamedTuple):
    """A section by one kind of features: mean and variance, (places in the bar, dimensions), over so many bars."""

    mean: Floats
    variance: Floats
    bars: float


def labels_of(cells: Cells, grid: Grid, starts: list[int]) -> list[int]:
    """A label for each section, from 0 in the order of appearance; `starts`: the first cell of each, 0 first.

    Clusters are joined while the mean log-odds between their sections say the same music (average linkage).
    """
    stops = [*starts[1:], len(cells.chroma)]
    spans = list(zip(starts, stops, strict=True))
    places = grid.bar if grid.has_beat else 1
    odds = np.full((len(spans), len(spans)), BIAS)
    kinds = (
        (cells.timbre_db, TIMBRE_FLOOR_DB, places, TIMBRE_WEIGHT),
        (cells.rhythm, RHYTHM_FLOOR, places, RHYTHM_WEIGHT),
        (cells.chroma, CHROMA_FLOOR, 1, CHROMA_WEIGHT),
    )
    for x, floor, number, weight in kinds:
        summaries = [_summary(x, first, stop, number) for first, stop in spans]
        odds += weight * np.log(_differences(summaries, floor) + LEAST)
    return _joined(odds)


def _summary(x: Floats, first: int, stop: int, places: int) -> _Summary:
    mean, variance = np.zeros((places, x.shape[1])), np.zeros((places, x.shape[1]))
    for place in range(places):
        rows = x[first + (place - first) % places : stop : places]
        if len(rows):
            mean[place], variance[place] = rows.mean(axis=0), rows.var(axis=0)
    return _Summary(mean, variance, max((stop - first) / places, 1.0))


def _differences(summaries: list[_Summary], floor: float) -> Floats:
    """(k, k): squared difference of means, in variances, averaged over places and dimensions."""
    typical = np.median([summary.variance for summary in summaries], axis=0)
    found = np.zeros((len(summaries), len(summaries)))
    for i, one in enumerate(summaries):
        for j, other in enumerate(summaries[:i]):
            variance = (one.variance * one.bars + other.variance * other.bars + 2.0 * typical) / (
                one.bars + other.bars + 2.0
            )
            spread = floor**2 + variance * (1.0 + CHANCE * (1.0 / one.bars + 1.0 / other.bars))
            found[i, j] = found[j, i] = np.minimum((one.mean - other.mean) ** 2 / spread, LARGEST).mean()
    return found


def _joined(odds: Floats) -> list[int]:
    """Average linkage: a merge adds rows and columns of the clusters' sums (G. Lance and W. Williams, 1967)."""
    count = len(odds)
    sums, sizes, label = odds.astype(np.float64), np.ones(count), np.arange(count)
    np.fill_diagonal(sums, np.inf)
    while True:
        means = sums / np.outer(sizes, sizes)
        i, j = sorted(int(k) for k in np.unravel_index(int(means.argmin()), means.shape))
        if count < 2 or means[i, j] >= 0.0:
            break
        sums[i] += sums[j]
        sums[:, i] = sums[i]
        sums[i, i] = np.inf
        sums[j] = sums[:, j] = np.inf
        sizes[i] += sizes[j]
        label[label == j] = i
    first = list(dict.fromkeys(label.tolist()))
    return [first.index(each) for each in label.tolist()]
