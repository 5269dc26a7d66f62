"""The sections of a track: where they begin, which are the same music, what to call them, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from livemaster.analysis.grid import Grid, cells_of, grid_of
from livemaster.analysis.intensity import intensity_curve
from livemaster.analysis.labels import names_of
from livemaster.analysis.novelty import Contrast
from livemaster.analysis.partition import Division, divide
from livemaster.analysis.repetition import labels_of
from livemaster.analysis.snap import snapped
from livemaster.analysis.tempo import Tempo
from livemaster.analysis.timeline import TrackTimeline

Floats = NDArray[np.float64]

WHOLE_TRACK = "Track"
"""Name of the only section of a track."""
SHORTEST_TRACK_S = 20.0
"""A shorter track is one section."""
BEAT_REACH_S = 0.07
"""A boundary on a beat is moved to the onset that is so near at most; one on a half second, by a whole cell."""
INTENSITY_STEP_S = 1.0
MOST_SECTIONS = 250
"""Of longer tracks only the surest boundaries are kept; maps hold hardly more sections."""


@dataclass(frozen=True, slots=True)
class FoundSection:
    """A section: its name, start and end in seconds, the label it shares with its repeats, how sure that is 0…1."""

    name: str
    start_s: float
    end_s: float
    label: int
    confidence: float


def find_sections(timeline: TrackTimeline, tempo: Tempo) -> tuple[FoundSection, ...]:
    """The sections of a track, at least one; they cover it without gaps. Independent of overall gain.

    A boundary lies where timbre and rhythm of the bars before and after differ by more than they vary by
    themselves; dynamic programming finds the division that is likely as a whole, on the grid of the beats or, without
    a beat, of half seconds. (After J. Foote, ICME 2000; J. Serrà and others, IEEE TMM 2014; A. Marmoret and others,
    Barwise Music Structure Analysis, TISMIR 2023.)
    """
    if timeline.duration_s < SHORTEST_TRACK_S or not timeline.bands.any():  # nothing is told of it
        return (FoundSection(WHOLE_TRACK, 0.0, timeline.duration_s, 0, 0.0),)
    grid = grid_of(timeline, tempo)
    cells = cells_of(timeline, grid.edges_s)
    division = _surest(divide(Contrast(cells, grid), grid))
    boundaries_s = _exact(timeline, grid, division)
    labels = labels_of(cells, grid, [0, *division.starts.tolist()])
    if len(set(labels)) == 1 and not grid.has_beat:  # speech pauses, drones swell
        return (FoundSection(WHOLE_TRACK, 0.0, timeline.duration_s, 0, 1.0),)
    edges_s = [0.0, *boundaries_s.tolist(), timeline.duration_s]
    names = names_of(labels, _intensities(timeline, edges_s)) if len(labels) > 1 else [WHOLE_TRACK]
    sure = [1.0, *(1.0 / (1.0 + np.exp(-division.odds))).tolist(), 1.0]
    return tuple(
        FoundSection(name, edges_s[k], edges_s[k + 1], label, min(sure[k], sure[k + 1]))
        for k, (name, label) in enumerate(zip(names, labels, strict=True))
    )


def _surest(division: Division) -> Division:
    """The division with `MOST_SECTIONS` at most."""
    kept = np.sort(np.argsort(-division.odds, kind="stable")[: MOST_SECTIONS - 1])
    return Division(division.starts[kept], division.odds[kept])


def _exact(timeline: TrackTimeline, grid: Grid, division: Division) -> Floats:
    """The boundaries in seconds, ascending, each moved to its onset."""
    widths_s = np.diff(grid.edges_s)
    reach_s = np.minimum(widths_s[division.starts], BEAT_REACH_S if grid.has_beat else np.inf)
    return snapped(timeline.onset_bands_db, grid.edges_s[division.starts], reach_s)


def _intensities(timeline: TrackTimeline, edges_s: list[float]) -> list[float]:
    """Mean intensity of each section."""
    times_s = np.arange(0.5 * INTENSITY_STEP_S, timeline.duration_s, INTENSITY_STEP_S)
    curve = intensity_curve(timeline, times_s)
    first = np.searchsorted(times_s, edges_s)
    return [float(curve[a : max(z, a + 1)].mean()) for a, z in pairwise(first.tolist())]
