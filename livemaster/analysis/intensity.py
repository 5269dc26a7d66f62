"""Intensity (arousal): louder, brighter, denser and more percussive moments are more intense."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from livemaster.analysis.moments import FLOOR_DB, SILENT_DB, Moments, moments, sounding
from livemaster.analysis.timeline import TrackTimeline

Floats = NDArray[np.float64]


class IntensityCue(NamedTuple):
    """A feature of `Moments` that intensity follows."""

    feature: str
    weight: float
    """Intensity for each unit of the feature, around the middle."""
    centre: float | None
    """What is usual; None for levels, of which only differences inside the track count."""


CUES = (
    IntensityCue("loudness_db", 0.036, None),
    IntensityCue("brightness_oct", 0.03, 3.9),
    IntensityCue("fullness_oct", 0.13, 4.3),
    IntensityCue("spread_oct", 0.15, 3.8),
    IntensityCue("pitches_oct", 0.02, 3.1),
    IntensityCue("onsets_per_s", 0.004, 4.2),
    IntensityCue("beat_db", 0.009, 1.7),
    IntensityCue("percussive", 0.12, 0.15),
)
"""Signs after E. Schubert (Modeling perceived emotion with continuous musical features, 2004), with fullness and spread
for the number of layers; centres are those of six real songs, weights are those of fit_intensity.py, rounded."""
BETWEEN_TRACKS = 0.5
"""How much a whole track's distance from the usual counts, beside differences inside it: that hangs on style."""
STEEPNESS = 6.0
"""Of the logistic curve that keeps intensity within 0…1. The fit shrinks differences; this undoes it."""


def intensity_curve(timeline: TrackTimeline, times_s: Floats) -> Floats:
    """Intensity 0…1 at `times_s`, relative to the track; independent of overall gain."""
    found = moments(timeline, times_s)
    return intensity_of(found, found)


def intensity_of(now: Moments, usual: Moments) -> Floats:
    """Intensity 0…1 of some moments, (n,), in comparison with those of the music around them."""
    floor_db = float(usual.loudness_db.max(initial=SILENT_DB)) - FLOOR_DB
    heard = sounding(usual)
    total = np.zeros(len(now.loudness_db))
    for cue in CUES:
        values, others = getattr(now, cue.feature), getattr(usual, cue.feature)[heard]
        if cue.centre is None:
            values = np.maximum(values, floor_db)
        mean = float(others.mean()) if len(others) else 0.0
        total += cue.weight * (values - mean)
        if cue.centre is not None:
            total += BETWEEN_TRACKS * cue.weight * (mean - cue.centre)
    return np.asarray(1.0 / (1.0 + np.exp(-STEEPNESS * total)))
