"""The division of a grid into sections that has the largest odds, by dynamic programming."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livemaster.analysis.grid import Grid
from livemaster.analysis.novelty import Contrast

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BOUNDARY_COST = 0.75
"""Of any boundary, in log-odds: real songs change more inside their sections than generated ones."""
SHORT_S, SHORTEST_S = 8.0, 4.0
SHORT_COST = 1.0
"""Of a section that lasts `SHORTEST_S`, falling to none at `SHORT_S`."""
HALF_PHRASE_COST = 1.5
"""Of a section of half a phrase, falling to none at a phrase."""
WHOLE_PHRASES = 0.3
"""Bonus of a section of whole phrases."""
SAME_PLACE = 1.0
"""Bonus of boundaries that lie at the same place in the bar."""
SHARP = 0.5
"""Weight of what the single bars around a boundary say against a place nearby."""
SUDDEN, GRADUAL_COST = -1.0, 2.0
"""Single bars around a boundary must say so much for it, otherwise it costs: a fade is no boundary."""
CANDIDATES, CANDIDATES_A_S = 100, 0.25
"""Cells that are considered at most: so many, and so many for each second."""
NEVER = -1e9


@dataclass(frozen=True, slots=True)
class Division:
    """Cells at which sections begin, the first cell not among them, and the log-odds of each."""

    starts: Ints
    odds: Floats


def divide(contrast: Contrast, grid: Grid) -> Division:
    """The best division of the grid: sections of half a phrase at least, of one or more phrases rather."""
    whole, half = grid.phrase, grid.phrase // 2
    near = contrast.odds(1, 1)
    # odds[a, b]: with half a phrase before (0) or a whole one (1), and so after
    odds = np.array([[contrast.odds(a, b) for b in (half, whole)] for a in (half, whole)])
    chosen = _candidates(np.stack([near, *odds.reshape(4, -1)]), grid)
    if not len(chosen):
        return Division(np.zeros(0, np.int64), np.zeros(0))
    reach = np.max([_shifted(near, k) for k in range(-grid.bar, grid.bar + 1)], axis=0)
    local = SHARP * (near - reach) + GRADUAL_COST * np.minimum(reach - SUDDEN, 0.0)
    merit = odds[:, :, chosen] + local[chosen] - BOUNDARY_COST
    places = range(grid.bar) if grid.has_beat else (-1,)
    best = max((_best(chosen, merit + SAME_PLACE * (chosen % grid.bar == place), grid) for place in places), key=_total)
    return Division(best[1], odds[1, 1, best[1]])


def _total(found: tuple[float, Ints]) -> float:
    return found[0]


def _candidates(curves: Floats, grid: Grid) -> Ints:
    """The largest peaks of any of the curves, and the cells beside them, ascending."""
    peaks = np.zeros(curves.shape[1], bool)
    for curve in curves:
        peaks |= (curve >= _shifted(curve, 1)) & (curve >= _shifted(curve, -1))
    found = np.flatnonzero(peaks)
    most = CANDIDATES + int(CANDIDATES_A_S * (grid.edges_s[-1] - grid.edges_s[0]))
    found = found[np.argsort(-curves.max(axis=0)[found], kind="stable")[:most]]
    around = np.unique(found[:, None] + np.arange(-1, 2))
    return np.asarray(around[(around > 0) & (around < curves.shape[1])], np.int64)


def _shifted(curve: Floats, by: int) -> Floats:
    """The curve `by` cells later, with NEVER where there is none."""
    moved = np.full(len(curve), NEVER)
    if abs(by) < len(curve):
        moved[max(by, 0) : len(curve) + min(by, 0)] = curve[max(-by, 0) : len(curve) - max(by, 0)]
    return moved


def _best(chosen: Ints, merit: Floats, grid: Grid) -> tuple[float, Ints]:
    """Largest total and its boundaries; `merit` (2, 2, candidates) by the lengths before and after."""
    points = np.concatenate([[0], chosen, [len(grid.edges_s) - 1]])
    count = len(points)
    # so_far[j, a]: best total up to point j where the section that ends there is shorter (0) or not (1) than a phrase
    so_far, back = np.full((count, 2), NEVER), np.zeros((count, 2), np.int64)
    onward, onward_from = np.full((count, 2), NEVER), np.zeros((count, 2), np.int64)
    onward[0] = 0.0
    for j in range(1, count):
        lengths = points[j] - points[:j]
        costs = _length_merit(lengths, grid.edges_s[points[j]] - grid.edges_s[points[:j]], grid)
        kinds = (lengths >= grid.phrase * grid.bar).astype(np.int64)
        totals = onward[np.arange(j), kinds] + costs
        for kind in (0, 1):
            allowed = np.where(kinds == kind, totals, NEVER)
            back[j, kind] = int(allowed.argmax())
            so_far[j, kind] = allowed[back[j, kind]]
        if j < count - 1:
            options = so_far[j][:, None] + merit[:, :, j - 1]
            onward_from[j], onward[j] = options.argmax(axis=0), options.max(axis=0)
    return _traced(points, so_far, back, onward_from, grid)


def _traced(points: Ints, so_far: Floats, back: Ints, onward_from: Ints, grid: Grid) -> tuple[float, Ints]:
    """The way back from the end."""
    j, kind = len(points) - 1, int(so_far[-1].argmax())
    total, path = float(so_far[-1, kind]), []
    while j > 0:
        previous = int(back[j, kind])
        length_kind = int(points[j] - points[previous] >= grid.phrase * grid.bar)
        j, kind = previous, int(onward_from[previous, length_kind])
        path.append(points[j])
    return total, np.array(path[-2::-1], np.int64)


def _length_merit(lengths: Ints, lengths_s: Floats, grid: Grid) -> Floats:
    """What the lengths of sections, in cells and in seconds, say for or against them."""
    phrases = lengths / (grid.phrase * grid.bar)
    merit = np.where(phrases == np.round(phrases), WHOLE_PHRASES, 0.0)
    merit -= HALF_PHRASE_COST * np.clip(2.0 * (1.0 - phrases), 0.0, 1.0)
    merit -= SHORT_COST * np.clip((SHORT_S - lengths_s) / (SHORT_S - SHORTEST_S), 0.0, 1.0)
    return np.where((phrases < 0.5) & (lengths < len(grid.edges_s) - 1), NEVER, merit)
