"""Curves of points over time: their mean over a stretch, and the name that lasts longest in it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MEAN_DIGITS = 9
"""Means are rounded here, so that a constant intensity stays itself and the formulas' ties fall as they
should.
"""


def mean_over(times: Sequence[float], values: Sequence[float], start: float, end: float) -> float:
    """Mean over start…end (start < end) of the line through the points, constant beyond the ends; times
    ascend.
    """
    inside = slice(bisect_right(times, start), bisect_right(times, end))
    xs = [start, *times[inside], end]
    ys = [_value_at(times, values, start), *values[inside], _value_at(times, values, end)]
    area = sum((xs[k + 1] - xs[k]) * (ys[k] + ys[k + 1]) / 2.0 for k in range(len(xs) - 1))
    return round(area / (end - start), MEAN_DIGITS)


def _value_at(times: Sequence[float], values: Sequence[float], time: float) -> float:
    after = bisect_right(times, time)
    if after == 0:
        return values[0]
    if after == len(times):
        return values[-1]
    t0, t1 = times[after - 1], times[after]
    share = (time - t0) / (t1 - t0)
    return values[after - 1] * (1.0 - share) + values[after] * share


def longest(times: Sequence[float], names: Sequence[str], start: float, end: float) -> str:
    """The name that lasts longest between start and end, each until the next point; the earlier one of
    equals.
    """
    first = max(bisect_right(times, start) - 1, 0)
    lasting: dict[str, float] = {}
    for k in range(first, len(times)):
        if times[k] >= end and k > first:
            break
        until = times[k + 1] if k + 1 < len(times) else end
        since = start if k == first else times[k]
        lasting[names[k]] = lasting.get(names[k], 0.0) + max(min(until, end) - since, 0.0)
    return max(lasting, key=lambda name: lasting[name])


def running_sums(rows: NDArray[np.floating]) -> NDArray[np.float64]:
    """Sums of the rows before each, and of all of them: (k, …) → (k + 1, …)."""
    sums = np.zeros((len(rows) + 1, *rows.shape[1:]))
    np.cumsum(rows, axis=0, dtype=np.float64, out=sums[1:])
    return sums


def means_of(rows: NDArray[np.floating], first: NDArray[np.int64], stop: NDArray[np.int64]) -> NDArray[np.float64]:
    """Means of the rows from each of `first` to its `stop`: (k, …) → (n, …).

    Column by column, so that the running sums of an hour are never all there at once.
    """
    columns = rows.reshape(len(rows), -1)
    means = np.empty((len(first), columns.shape[1]))
    for number in range(columns.shape[1]):
        sums = running_sums(columns[:, number])
        means[:, number] = (sums[stop] - sums[first]) / (stop - first)
    return means.reshape(len(first), *rows.shape[1:])
