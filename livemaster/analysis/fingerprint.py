"""The fingerprint: 25 numbers that describe a whole track, each declared once with its unit, range and definition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from livemaster.analysis.onsets import flux, onset_frames
from livemaster.analysis.tempo import Tempo
from livemaster.analysis.timeline import ANALYSIS_RATE_HZ, LEVEL_FRAMES, LEVELS_PER_S, TONE_WINDOW, TrackTimeline
from livemaster.metering.loudness import integrated

Floats = NDArray[np.float64]

BAND_EDGES_HZ = (20.0, 60.0, 250.0, 500.0, 2000.0, 4000.0, 8000.0, 20_000.0)
BAND_NAMES = ("sub_bass", "bass", "low_mid", "mid", "upper_mid", "presence", "air")
SILENT_LUFS = -70.0
"""What silence is written as: the absolute gate of BS.1770."""
SILENCE_BELOW_DB = 40.0
"""What is so far under the loudest moment is silent."""
ROLLOFF = 0.85
HIGHEST_HZ = 16_000.0
"""Codecs and resamplers agree up to here."""
STEP_FRAMES = 5
"""Pitch classes are compared with those 0.23 s later."""
STRONGEST = 3
"""So many pitch classes make a chord."""
CREST_HALF_DB = 6.0
"""Variation of the crest factor that counts as half."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """One number of the fingerprint; `low` and `high` are the ends of its range, to which it is held."""

    name: str
    unit: str
    low: float
    high: float
    about: str


DIMENSIONS = (
    *(
        Dimension(name, "1", 0.0, 1.0, f"share of the power from {low:g} to {high:g} Hz; the seven shares add up to 1")
        for name, (low, high) in zip(BAND_NAMES, pairwise(BAND_EDGES_HZ), strict=True)
    ),
    Dimension("lufs", "LUFS", SILENT_LUFS, 6.0, "integrated loudness, BS.1770-5; −70 for silence"),
    Dimension("crest_db", "dB", 0.0, 80.0, "largest sample over the RMS of all channels"),
    Dimension("bass_mid_ratio", "dB", -60.0, 60.0, "power below 200 Hz over that from 200 to 2000 Hz"),
    Dimension("tempo_bpm", "beats/min", 0.0, 300.0, "tempo; 0 where there is no beat"),
    Dimension("rhythm_stability", "1", 0.0, 1.0, "1 / (1 + CV of the beat intervals); 0 where there is no beat"),
    Dimension("transient_density", "1/s", 0.0, 33.0, "onsets in a second"),
    Dimension("silence_ratio", "1", 0.0, 1.0, "share of the 100 ms bins that are 40 dB under the loudest"),
    Dimension(
        "spectral_centroid",
        "Hz",
        0.0,
        22_050.0,
        "mean frequency up to 16 kHz, weighted by the power of the whole track",
    ),
    Dimension("spectral_rolloff", "Hz", 0.0, 22_050.0, "frequency below which 85 % of the power up to 16 kHz lies"),
    Dimension(
        "spectral_flatness",
        "1",
        0.0,
        1.0,
        "geometric over arithmetic mean of the power spectrum to 8 kHz, mean over time",
    ),
    Dimension("harmonic_ratio", "1", 0.0, 1.0, "harmonic over harmonic and percussive power, by median filters"),
    Dimension(
        "pitch_stability", "1", 0.0, 1.0, "correlation of the pitch classes with those 0.23 s later, mean over time"
    ),
    Dimension(
        "chroma_energy", "1", 0.0, 1.0, "share of the three strongest of the twelve pitch classes, mean over time"
    ),
    Dimension("dynamic_range_variation", "1", 0.0, 1.0, "x / (x + 6), x: σ of the crest factor of each second in dB"),
    Dimension("loudness_variation_std", "dB", 0.0, 10.0, "σ of the K-weighted loudness of each second"),
    Dimension("peak_consistency", "1", 0.0, 60.0, "CV of the largest sample of each second; 0 when all are alike"),
    Dimension("stereo_width", "1", 0.0, 1.0, "side RMS over the sum of mid RMS and side RMS"),
    Dimension("phase_correlation", "1", -1.0, 1.0, "correlation of left and right; 1 for mono and for silence"),
)
"""The 25 dimensions in their published order."""

LEVEL_DIMENSIONS = frozenset({"lufs"})
"""What overall gain changes."""


def fingerprint(timeline: TrackTimeline, tempo: Tempo) -> dict[str, float]:
    """The 25 dimensions of a track by name, in order; all finite and in range, whatever the track is."""
    values = {
        **_tone(timeline.spectrum),
        **_rhythm(timeline, tempo),
        **_texture(timeline),
        **_dynamics(timeline),
        **_stereo(timeline.levels.sum(axis=0)),
    }
    return {each.name: min(max(float(values[each.name]), each.low), each.high) for each in DIMENSIONS}


def sounding(power: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Which moments are not silent: within `SILENCE_BELOW_DB` of the loudest."""
    loudest = float(power.max(initial=0.0))
    return np.asarray((power > loudest * 10.0 ** (-SILENCE_BELOW_DB / 10.0)) & (power > 0.0))


def band_power(spectrum: Floats, low_hz: float, high_hz: float) -> float:
    """Power of a mean power spectrum between two frequencies, bins shared out by what lies inside."""
    return float(np.interp(_bin(high_hz), *_cumulative(spectrum)) - np.interp(_bin(low_hz), *_cumulative(spectrum)))


def _cumulative(spectrum: Floats) -> tuple[Floats, Floats]:
    """Bin edges, and the power below each."""
    edges: Floats = np.arange(len(spectrum) + 1, dtype=np.float64) - 0.5
    return edges, np.concatenate([[0.0], np.cumsum(spectrum)])


def _bin(hz: float) -> float:
    return hz * TONE_WINDOW / ANALYSIS_RATE_HZ


def _tone(spectrum: Floats) -> dict[str, float]:
    hz = np.arange(len(spectrum)) * ANALYSIS_RATE_HZ / TONE_WINDOW
    bands = np.array([band_power(spectrum, a, b) for a, b in pairwise(BAND_EDGES_HZ)])
    shares = bands / max(float(bands.sum()), np.finfo(float).tiny)
    kept = np.where(hz <= HIGHEST_HZ, spectrum, 0.0)
    total = float(kept.sum())
    edges, below = _cumulative(kept)
    bass, mid = band_power(spectrum, -hz[1], 200.0), band_power(spectrum, 200.0, 2000.0)
    return {
        **dict(zip(BAND_NAMES, shares, strict=True)),
        "bass_mid_ratio": _ratio_db(bass, mid),
        "spectral_centroid": float(kept @ hz) / total if total else 0.0,
        "spectral_rolloff": float(np.interp(ROLLOFF * total, below, edges)) * hz[1] if total else 0.0,
    }


def _ratio_db(one: float, other: float) -> float:
    """Level difference of two powers; 0 where both are nothing, far out where one is."""
    tiny = 1e-12 * (one + other)
    return 10.0 * float(np.log10((one + tiny) / (other + tiny))) if one + other > 0.0 else 0.0


def _rhythm(timeline: TrackTimeline, tempo: Tempo) -> dict[str, float]:
    onsets = onset_frames(flux(timeline.onset_bands_db))
    return {
        "tempo_bpm": tempo.bpm or 0.0,
        "rhythm_stability": tempo.stability,
        "transient_density": len(onsets) / timeline.duration_s if timeline.duration_s else 0.0,
    }


def _texture(timeline: TrackTimeline) -> dict[str, float]:
    heard = sounding(timeline.bands.sum(axis=1))
    harmonic, percussive = (float(part.sum(dtype=np.float64)) for part in (timeline.harmonic, timeline.percussive))
    return {
        "spectral_flatness": _mean(timeline.flatness[heard]),
        "harmonic_ratio": harmonic / (harmonic + percussive) if harmonic + percussive > 0.0 else 0.0,
        "pitch_stability": _pitch_stability(timeline.chroma, heard),
        "chroma_energy": _chroma_energy(timeline.chroma[heard].astype(np.float64)),
    }


def _pitch_stability(chroma: NDArray[np.float32], heard: NDArray[np.bool_]) -> float:
    centred = chroma.astype(np.float64)
    centred -= centred.mean(axis=1, keepdims=True)
    size = np.sqrt((centred**2).sum(axis=1))
    now, later = slice(None, max(len(centred) - STEP_FRAMES, 0)), slice(STEP_FRAMES, None)
    both = size[now] * size[later]
    known = heard[now] & heard[later] & (both > 0.0)
    alike = (centred[now] * centred[later]).sum(axis=1)[known] / both[known]
    return _mean(np.maximum(alike, 0.0))


def _chroma_energy(chroma: Floats) -> float:
    total = chroma.sum(axis=1)
    shares = np.sort(chroma, axis=1)[:, -STRONGEST:].sum(axis=1)[total > 0.0] / total[total > 0.0]
    return _mean(shares)


def _dynamics(timeline: TrackTimeline) -> dict[str, float]:
    levels = timeline.levels
    power = levels[:, 0] + levels[:, 1]
    loudness = integrated(timeline.energies)
    seconds = _seconds(levels, lambda part: np.array([part[:, 0].sum() + part[:, 1].sum(), part[:, 3].max()]))
    energy, peaks = seconds[:, 0], seconds[:, 1]
    heard = sounding(energy)
    rms = np.sqrt(energy[heard] / (2.0 * LEVEL_FRAMES * LEVELS_PER_S))
    crests_db = 20.0 * np.log10(peaks[heard] / rms)
    weighted = _seconds(timeline.energies[:, None], lambda part: part.mean(axis=0))[:, 0]
    loud_db = 10.0 * np.log10(weighted[sounding(weighted)])
    deviation_db = _deviation(crests_db)
    return {
        "lufs": SILENT_LUFS if loudness is None else loudness,
        "crest_db": _crest_db(timeline, float(power.sum())),
        "silence_ratio": 1.0 - float(sounding(power).mean()) if len(power) else 1.0,
        "dynamic_range_variation": deviation_db / (deviation_db + CREST_HALF_DB),
        "loudness_variation_std": _deviation(loud_db),
        "peak_consistency": _deviation(peaks) / float(peaks.mean()) if peaks.sum() > 0.0 else 0.0,
    }


def _crest_db(timeline: TrackTimeline, energy: float) -> float:
    frames = timeline.duration_s * ANALYSIS_RATE_HZ
    peak = float(timeline.levels[:, 3].max(initial=0.0))
    return 20.0 * float(np.log10(peak / np.sqrt(energy / (2.0 * frames)))) if energy > 0.0 else 0.0


def _seconds(rows: Floats, summary: Callable[[Floats], Floats]) -> Floats:
    """`summary` of each whole second; of everything where that is less than a second."""
    count = len(rows) // LEVELS_PER_S
    if not count:
        return summary(rows)[None] if len(rows) else np.zeros((0, 2))
    return np.array([summary(rows[k * LEVELS_PER_S : (k + 1) * LEVELS_PER_S]) for k in range(count)])


def _stereo(total: Floats) -> dict[str, float]:
    left, right, product = total[:3]
    mid, side = (float(np.sqrt(max(left + right + sign * 2.0 * product, 0.0))) for sign in (1.0, -1.0))
    both = float(np.sqrt(left * right))
    return {
        "stereo_width": side / (mid + side) if mid + side > 0.0 else 0.0,
        "phase_correlation": float(product) / both if both > 0.0 else (0.0 if left + right > 0.0 else 1.0),
    }


def _mean(x: NDArray[np.floating]) -> float:
    return float(x.mean(dtype=np.float64)) if len(x) else 0.0


def _deviation(x: Floats) -> float:
    return float(x.std()) if len(x) else 0.0
