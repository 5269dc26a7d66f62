"""How much what follows a moment differs from what came before, against how much either varies by itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livemaster.analysis.grid import PARTS, Cells, Grid

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TIMBRE_FLOOR_DB = 0.45
"""Differences as small as this are none, however steady the sound."""
RHYTHM_FLOOR = 0.1
TYPICAL_BARS = 1.0
"""The variance within a stretch leans on the track's typical one as if that came from so many bars more."""
CHANCE = 2.0
"""Weight of the differences that short stretches show by chance."""
CELLS_AT_ONCE = 1024
"""Cells that are compared at once: so an hour takes no more memory than a few minutes."""
LARGEST = 50.0
"""A single dimension counts at most so much, in variances."""
LEAST = 0.05
LOOP_BARS = 4
"""Harmony mostly goes round in one, two or four bars."""
LOOP_FLOOR = 0.02
"""Added to the usual difference between a bar's harmony and that of `LOOP_BARS` before."""
RHYTHM_WEIGHT, LOOP_WEIGHT = 0.5, 0.5
"""Beside timbre; any of them may be enough."""
SLOPE = 2.5
BIAS, FIXED_BIAS = -3.0, -2.0
"""Log-odds of a boundary where the differences add up to 1, by beats and by half seconds; they grow by `SLOPE` with the
logarithm of the sum. First fitted by regression on generated songs, then moved to where divisions come out best."""
SURE = 3.0
"""Log-odds saturate there."""


class Contrast:
    """Log-odds that a section begins at a cell, from the bars before and after it."""

    def __init__(self, cells: Cells, grid: Grid) -> None:
        self._has_beat = grid.has_beat
        rhythm = cells.rhythm
        if not grid.has_beat:  # there is no pattern, only how much begins
            rhythm = rhythm.reshape(len(rhythm), PARTS, -1).mean(axis=1)
        self._timbre = _NoveltyKind(cells.timbre_db, TIMBRE_FLOOR_DB, grid)
        self._rhythm = _NoveltyKind(rhythm, RHYTHM_FLOOR, grid)
        self._loop = _harmony_changes(cells.chroma, grid.bar) if grid.has_beat else np.zeros((1, len(rhythm)))

    def odds(self, before_bars: int, after_bars: int) -> Floats:
        """(n,): log-odds of a boundary at each cell's beginning, hearing at most so many bars on either side."""
        total = self._timbre.difference(before_bars, after_bars) + LEAST
        total += RHYTHM_WEIGHT * self._rhythm.difference(before_bars, after_bars)
        total += LOOP_WEIGHT * self._loop[:after_bars].mean(axis=0)
        odds = SLOPE * np.log(total) + (BIAS if self._has_beat else FIXED_BIAS)
        return np.asarray(SURE * np.tanh(odds / SURE))


def _harmony_changes(chroma: Floats, bar: int) -> Floats:
    """(LOOP_BARS, n): how unlike that of `LOOP_BARS` earlier the harmony is, in each of the bars from a cell on.

    Squared distance of unit pitch-class vectors relative to the usual one, so that harmony that does not go round
    says little; 0 where there is no counterpart.
    """
    n, lag = len(chroma), LOOP_BARS * bar
    changes = np.zeros((LOOP_BARS, n))
    if n <= lag:
        return changes
    bars = _sums_ahead(chroma, bar)
    bars /= np.maximum(np.linalg.norm(bars, axis=1, keepdims=True), np.finfo(float).tiny)
    distances = ((bars[lag:] - bars[:-lag]) ** 2).sum(axis=1)
    relative = np.concatenate([np.zeros(lag), distances / (float(np.median(distances)) + LOOP_FLOOR)])
    for later in range(LOOP_BARS):
        changes[later] = relative[np.minimum(np.arange(n) + later * bar, n - 1)]
    changes[:, :lag] = 0.0
    return changes


class _NoveltyKind:
    """One kind of features; place by place in the bar with a beat, as means over bars without one."""

    def __init__(self, x: Floats, floor: float, grid: Grid) -> None:
        self._bar, self._places, self._floor = grid.bar, grid.bar if grid.has_beat else 1, floor
        if not grid.has_beat:
            x = _sums_ahead(x, grid.bar) / np.minimum(grid.bar, len(x) - np.arange(len(x)))[:, None]
        self._sums, self._squares = _bar_sums(x, grid.bar), _bar_sums(x * x, grid.bar)
        _, variance, count = self._stretch(np.arange(len(x)), 4, ahead=True)
        self._typical = np.median(variance[count >= min(4, int(count.max(initial=0)))], axis=0)

    def _stretch(self, at: Ints, bars: int, *, ahead: bool) -> tuple[Floats, Floats, Ints]:
        """Mean, variance (n, d) and number (n,) of the cells a bar apart, from `at` on or before it."""
        bar, n = self._bar, len(self._sums) - self._bar
        available = (n - 1 - at) // bar + 1 if ahead else at // bar
        count = np.minimum(available, bars)
        first = at if ahead else at - count * bar
        stop = first + count * bar  # row k + bar of the sums has everything up to k
        divisor = np.maximum(count, 1)[:, None]
        mean = (self._sums[stop] - self._sums[first]) / divisor
        square = (self._squares[stop] - self._squares[first]) / divisor
        return mean, np.maximum(square - mean * mean, 0.0), count

    def difference(self, before_bars: int, after_bars: int) -> Floats:
        """(n,): squared difference of means, in variances, averaged over dimensions and places in the bar."""
        count = len(self._sums) - self._bar
        parts = np.array_split(np.arange(count), -(-count // CELLS_AT_ONCE))
        ratio = np.concatenate([self._ratio(part, before_bars, after_bars) for part in parts])
        places = np.minimum(self._places, count - np.arange(count))[:, None]
        return np.asarray((_sums_ahead(ratio, self._places) / places).mean(axis=1))

    def _ratio(self, at: Ints, before_bars: int, after_bars: int) -> Floats:
        """(len(at), d): squared difference of means before and after the cells `at`, in variances."""
        left, left_variance, left_count = self._stretch(at, before_bars, ahead=False)
        right, right_variance, right_count = self._stretch(at, after_bars, ahead=True)
        l, r = left_count[:, None].astype(float), right_count[:, None].astype(float)  # noqa: E741
        pooled = left_variance * l + right_variance * r + 2.0 * TYPICAL_BARS * self._typical
        variance = pooled / (l + r + 2.0 * TYPICAL_BARS)
        chance = 1.0 / np.maximum(l, 1.0) + 1.0 / np.maximum(r, 1.0)
        ratio = (left - right) ** 2 / (self._floor**2 + variance * (1.0 + CHANCE * chance))
        return np.where(l > 0.0, np.minimum(ratio, LARGEST), 0.0)


def _bar_sums(x: Floats, bar: int) -> Floats:
    """(n + bar, d): row k + bar is x[k] + x[k − bar] + x[k − 2 bar] + …"""
    whole = -(-len(x) // bar) * bar
    padded = np.zeros((whole, *x.shape[1:]))
    padded[: len(x)] = x
    sums = np.cumsum(padded.reshape(-1, bar, *x.shape[1:]), axis=0).reshape(padded.shape)
    return np.concatenate([np.zeros((bar, *x.shape[1:])), sums[: len(x)]])


def _sums_ahead(x: Floats, count: int) -> Floats:
    """(n, d): x[k] + … + x[k + count − 1], as far as there is any."""
    sums = np.concatenate([np.zeros((1, *x.shape[1:])), np.cumsum(x, axis=0)])
    at = np.arange(len(x))
    return np.asarray(sums[np.minimum(at + count, len(x))] - sums[at])
