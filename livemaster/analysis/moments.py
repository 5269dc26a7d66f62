"""Features of moments: what a listener would follow second by second, at any points in time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livemaster.analysis.curves import means_of
from livemaster.analysis.onsets import flux, onset_frames
from livemaster.analysis.timeline import ONSET_FPS, THIRD_OCTAVES_HZ, TONE_FPS, TrackTimeline
from livemaster.metering.loudness import SUB_BLOCKS_PER_S

Floats = NDArray[np.float64]

SPAN_S = 3.0
"""Each point looks at so much around it, as short-term loudness does (EBU Tech 3341)."""
SILENT_DB = -200.0
"""What silence is written as."""
FLOOR_DB = 40.0
"""Moments that are so far under the loudest are as soft as that, and are not what is usual."""
LOUDNESS_EXPONENT = 0.3
"""Of power, for loudness in sones (S. S. Stevens, The measurement of loudness, 1955)."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Features at n points, each (n,): their names say the unit."""

    loudness_db: Floats
    """K-weighted, dB relative to full scale."""
    brightness_oct: Floats
    """Centroid of the third-octave bands' amplitudes, octaves above 25 Hz."""
    fullness_oct: Floats
    """log2 of the number of third-octave bands that sound: two to the entropy of their amplitudes' shares."""
    spread_oct: Floats
    """log2 of the number of bands among which the same power would sound as loud if it were even and steady: the more
    bands sound, and the less they fade between notes, the louder (E. Zwicker and others, Critical band width in
    loudness summation, 1957)."""
    pitches_oct: Floats
    """log2 of the number of pitch classes that sound, likewise."""
    onsets_per_s: Floats
    beat_db: Floats
    """Mean onset strength below 108 Hz: how much the bass drum drives."""
    percussive: Floats
    """Share of percussive power, 0…1."""


def moments(timeline: TrackTimeline, times_s: Floats, span_s: float = SPAN_S) -> Moments:
    """The features of a track at `times_s`, each over `span_s` around it."""
    onsets = flux(timeline.onset_bands_db)
    begun = np.zeros(onsets.shape[1])
    begun[onset_frames(onsets)] = ONSET_FPS

    def tone(rows: NDArray[np.floating]) -> Floats:
        return means_around(rows, TONE_FPS, times_s, span_s)

    energy = means_around(timeline.energies, SUB_BLOCKS_PER_S, times_s, span_s, 0.5 / SUB_BLOCKS_PER_S)
    amplitude = np.sqrt(tone(timeline.bands))
    octaves = np.log2(THIRD_OCTAVES_HZ / THIRD_OCTAVES_HZ[0])
    harmonic, percussive = tone(timeline.harmonic), tone(timeline.percussive)
    return Moments(
        loudness_db=_db(energy),
        brightness_oct=_ratio(amplitude @ octaves, amplitude.sum(axis=1)),
        fullness_oct=_entropy_oct(amplitude),
        spread_oct=_spread_oct(tone((timeline.bands**LOUDNESS_EXPONENT).sum(axis=1)), (amplitude**2).sum(axis=1)),
        pitches_oct=_entropy_oct(tone(timeline.chroma)),
        onsets_per_s=means_around(begun, ONSET_FPS, times_s, span_s),
        beat_db=means_around(onsets[0], ONSET_FPS, times_s, span_s),
        percussive=_ratio(percussive, harmonic + percussive),
    )


def sounding(found: Moments) -> NDArray[np.bool_]:
    """Which moments are not silence beside the loudest, (n,); all of them where none is louder than the others."""
    return np.asarray(found.loudness_db > found.loudness_db.max(initial=SILENT_DB) - FLOOR_DB)


def means_around(
    rows: NDArray[np.floating], fps: float, times_s: Floats, span_s: float, offset_s: float = 0.0
) -> Floats:
    """Mean of the rows (k, …) within `span_s` around each time; row j stands for the time j / fps + offset_s."""
    middle = (times_s - offset_s) * fps
    first = np.clip(np.ceil(middle - 0.5 * span_s * fps), 0, max(len(rows) - 1, 0)).astype(np.int64)
    stop = np.clip(np.floor(middle + 0.5 * span_s * fps) + 1, first + 1, max(len(rows), 1)).astype(np.int64)
    if not len(rows):
        return np.zeros((len(times_s), *rows.shape[1:]))
    return means_of(rows, first, stop)


def _db(power: Floats) -> Floats:
    return np.asarray(10.0 * np.log10(np.maximum(power, 10.0 ** (SILENT_DB / 10.0))))


def _entropy_oct(amounts: Floats) -> Floats:
    """Entropy in bits of the shares in each row, (n, k) → (n,): log2 of how many of k equal ones would be as even."""
    shares = amounts / np.maximum(amounts.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    return np.asarray(-(shares * np.log2(np.maximum(shares, np.finfo(float).tiny))).sum(axis=1))


def _spread_oct(loudness: Floats, power: Floats) -> Floats:
    """n even bands are louder than one of the same power by n to the power of 1 − `LOUDNESS_EXPONENT`."""
    more = _ratio(loudness, power**LOUDNESS_EXPONENT)
    return np.asarray(np.log2(np.maximum(more, 1.0)) / (1.0 - LOUDNESS_EXPONENT))


def _ratio(one: Floats, other: Floats) -> Floats:
    return np.asarray(one / np.maximum(other, np.finfo(float).tiny))
