"""Tempo, beats and bars of a track, from how strongly it attacks, and how its harmony moves, over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livemaster.analysis.bars import bars_of
from livemaster.analysis.beats import beats_of, struck
from livemaster.analysis.harmony import running
from livemaster.analysis.metrical_levels import reading
from livemaster.analysis.pulse import accents, at_lags, candidates, repetition, to_follow
from livemaster.analysis.tempo_prior import chances
from livemaster.analysis.timeline import ONSET_FPS

SHORTEST_FRAMES = 400
"""A beat takes 4 s to show."""
STRONGEST_SHARE = 0.025
LEAST_RISE_DB = 2.1
"""What rises less, on average, in its strongest frames is no rhythm: drones waver by 1.4 dB, strings play with 2.9."""
LEAST_REPETITION, SURE_REPETITION = 0.06, 0.15
"""Autocorrelation at one to four beats below which there is no beat, and from which there certainly is one.
Noise and irregular syllables stay below 0.05 over a minute; all practice songs lie above 0.11, 99 % above 0.17."""
CHANCE_REPETITION = 1.2
"""Over the square root of the frames: what noise of that length repeats by chance."""
FEWEST_BEATS = 8
ENOUGH_BEATS = 32
"""Fewer are not enough to be sure of their tempo."""
USUAL_BEATS_PER_BAR = 4


@dataclass(frozen=True, slots=True)
class Tempo:
    """The beat of a track."""

    bpm: float | None
    """None where there is no beat."""
    confidence: float
    """0…1: that there is a beat, and that a listener taps at this one of the tempi that would fit."""
    beats_s: NDArray[np.float64]
    """Ascending; empty where there is no beat."""
    beats_per_bar: int
    """4 where unsure."""
    downbeats: NDArray[np.int64]
    """Indices into `beats_s` of the first beats of bars."""
    stability: float
    """1 / (1 + coefficient of variation of the beat intervals), 0 where there is no beat."""


NO_TEMPO = Tempo(None, 0.0, np.zeros(0), USUAL_BEATS_PER_BAR, np.zeros(0, np.int64), 0.0)


def track(flux: NDArray[np.float32], chroma: NDArray[np.float32]) -> Tempo:
    """Tempo, beats and bars of the onset strength (5, n) of `onsets.flux` and of `Timeline.chroma` (m, 12).

    No tempo where nothing repeats.
    """
    if flux.shape[1] < SHORTEST_FRAMES or _strongest(flux) < LEAST_RISE_DB:
        return NO_TEMPO
    accent = accents(flux)
    repeats = repetition(accent)
    periods = candidates(repeats)
    if not len(periods):
        return NO_TEMPO
    total = to_follow(accent)
    sums = running(chroma)
    shares = chances(np.array([reading(accent, repeats, total, sums, period) for period in periods]))
    best = int(np.argmax(shares))
    presence = _presence(repeats, periods[best], flux.shape[1])
    beats = beats_of(total, periods[best])
    if presence <= 0.0 or len(beats) < FEWEST_BEATS:
        return NO_TEMPO
    beats_per_bar, first = bars_of(struck(accent, beats))
    intervals = np.diff(beats)
    return Tempo(
        bpm=60.0 * ONSET_FPS / _typical(beats),
        confidence=presence * float(shares[best]) * min(len(beats) / ENOUGH_BEATS, 1.0),
        beats_s=beats / ONSET_FPS,
        beats_per_bar=beats_per_bar,
        downbeats=np.arange(first, len(beats), beats_per_bar),
        stability=1.0 / (1.0 + float(intervals.std() / intervals.mean())),
    )


def _strongest(flux: NDArray[np.float32]) -> float:
    """Mean rise of the strongest frames, dB; sparse strokes count in full."""
    rises = np.sort(flux.mean(axis=0))
    return float(rises[-max(round(STRONGEST_SHARE * len(rises)), 1) :].mean())


def _presence(repeats: NDArray[np.float32], period: np.float64, frames: int) -> float:
    """How sure it is that anything beats, 0…1: by the repetition at one to four beats, of the best groups."""
    by_group = at_lags(repeats, period * np.arange(1.0, 5.0)).mean(axis=1)
    heard = float(np.sort(by_group)[-2:].mean())
    least = LEAST_REPETITION + CHANCE_REPETITION / np.sqrt(frames)
    return float(np.clip((heard - least) / (SURE_REPETITION - LEAST_REPETITION), 0.0, 1.0))


def _typical(beats: NDArray[np.float64]) -> float:
    """Frames from beat to beat: the slope of the line through the beats, which no single beat can bend."""
    return float(np.polyfit(np.arange(len(beats)), beats, 1)[0])
