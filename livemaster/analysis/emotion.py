"""Emotion over time: how intense the music is, how bright or dark its mood, and a name for the two together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livemaster.analysis.curves import longest, mean_over
from livemaster.analysis.intensity import intensity_of
from livemaster.analysis.moments import moments
from livemaster.analysis.tempo import Tempo
from livemaster.analysis.timeline import TrackTimeline
from livemaster.analysis.valence import mode_curve, valence_of

Floats = NDArray[np.float64]

SHORTEST_STEP_S = 0.45
"""Points of the curve are beats, or every second or fourth beat where these come faster; seconds without a beat."""

PLACES = {
    "calm": (0.10, 0.15),
    "reflective": (0.38, -0.35),
    "dreamy": (0.35, 0.40),
    "dark": (0.65, -0.50),
    "bright": (0.72, 0.50),
    "powerful": (0.95, 0.0),
}
"""Where each name of the seed systems' vocabulary stands: intensity 0…1, valence −1…1. Intensities keep the order that
the emotions' loudness targets imply."""
VALENCE_WEIGHT = 0.35
"""Valence is surer to err than intensity, and spans twice the range: a step of it counts for this much."""

TIME_DIGITS, DIGITS = 3, 3
"""Decimals of the curve, so that a map written down and read again is the same curve."""


@dataclass(frozen=True, slots=True)
class EmotionCurve:
    """Emotion at the points `times_s` (n,), ascending: intensity 0…1, valence −1…1, and a name for each."""

    times_s: Floats
    intensity: Floats
    valence: Floats
    names: tuple[str, ...]

    def over(self, start_s: float, end_s: float) -> tuple[str, float, float]:
        """The name that lasts longest from `start_s` to `end_s`, the mean intensity and the mean valence there."""
        times = self.times_s.tolist()
        means = [mean_over(times, row.tolist(), start_s, end_s) for row in (self.intensity, self.valence)]
        return longest(times, self.names, start_s, end_s), means[0], means[1]


def emotion_name(intensity: float, valence: float) -> str:
    """The emotion whose place in `PLACES` is nearest."""
    return min(PLACES, key=lambda name: _distance(PLACES[name], intensity, valence))


def emotion_curve(timeline: TrackTimeline, tempo: Tempo) -> EmotionCurve:
    """The curve of a whole track, one point a beat or second; independent of overall gain."""
    times_s = _grid(timeline.duration_s, tempo).round(TIME_DIGITS)
    found = moments(timeline, times_s)
    intensity = intensity_of(found, found).round(DIGITS)
    valence = valence_of(mode_curve(timeline.chroma, times_s), found, found, tempo.bpm).round(DIGITS)
    names = tuple(emotion_name(i, v) for i, v in zip(intensity.tolist(), valence.tolist(), strict=True))
    return EmotionCurve(times_s, intensity, valence, names)


def _distance(place: tuple[float, float], intensity: float, valence: float) -> float:
    return (place[0] - intensity) ** 2 + (VALENCE_WEIGHT * (place[1] - valence)) ** 2


def _grid(duration_s: float, tempo: Tempo) -> Floats:
    """Times of the points: beats, thinned out where they are fast, and continued to the track's ends."""
    step_s = 60.0 / tempo.bpm if tempo.bpm else 1.0
    beats_s = tempo.beats_s[tempo.beats_s < duration_s]
    if not len(beats_s):
        return np.arange(max(int(np.ceil(duration_s / step_s)), 1), dtype=np.float64) * step_s
    before = np.arange(beats_s[0] - step_s, 0.0, -step_s)[::-1]
    after = np.arange(beats_s[-1] + step_s, duration_s, step_s)
    every = 1
    while every * step_s < SHORTEST_STEP_S:
        every *= 2
    return np.concatenate([before, beats_s, after])[::every]
