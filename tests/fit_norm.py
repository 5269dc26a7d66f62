"""Fits presets/balance/music.json: how long-term spectra of music lie, and in which ways they differ by nature.

Usage: python tests/fit_norm.py FOLDER

FOLDER holds the tracks of the package immich-memories-music (MIT), which count once together; half as much count 24
practice songs. Neither the songs from which figures come nor the real songs of the tests are among them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import practice_songs
import soundfile as sf
import soxr
from hearing_rig import timeline_of
from numpy.typing import NDArray

from livemaster.analysis.spectrum import Spectrum, spectrum_of
from livemaster.analysis.timeline import ANALYSIS_RATE_HZ, THIRD_OCTAVES_HZ

OUTPUT = Path(__file__).resolve().parents[1] / "presets" / "balance" / "music.json"
BANDS = slice(2, 29)
"""40 Hz to 16 kHz."""
PRACTICE_SONGS, PRACTICE_WEIGHT = 24, 0.5
DEGREE = 6
"""Of the polynomial over octaves that makes the mean a smooth curve."""
WAYS = 4
"""Principal components of how songs differ that are kept one by one; the rest is a smooth process over octaves."""
ABOUT = (
    "How the long-term spectra of music lie on average and in which ways they differ by nature, dB in third-octaves; "
    "fitted by tests/fit_norm.py to 28 freely licensed tracks and, counting half, 24 generated ones."
)


def main() -> None:
    tracks = [_spectrum(_read(path)) for path in sorted(Path(sys.argv[1]).rglob("*.opus"))]
    practice = [_spectrum(practice_songs.make(seed).audio) for seed in range(PRACTICE_SONGS)]
    weights = np.array([1 / len(tracks)] * len(tracks) + [PRACTICE_WEIGHT / len(practice)] * len(practice))
    weights /= weights.sum()
    found = [*tracks, *practice]
    db = np.array([10.0 * np.log10(each.power[BANDS]) for each in found])
    db -= db.mean(axis=1, keepdims=True)
    octaves = np.log2(THIRD_OCTAVES_HZ[BANDS] / 1000.0)
    level_db = np.polyval(np.polyfit(octaves, weights @ db, DEGREE), octaves)
    spread = (db - level_db).T @ ((db - level_db) * weights[:, None])
    values, vectors = np.linalg.eigh(spread)
    ways_db = (vectors[:, ::-1][:, :WAYS] * np.sqrt(values[::-1][:WAYS])).T
    sides_db = np.array([each.side_to_mid_db or 0.0 for each in found])
    side_db = float(weights @ sides_db)
    norm = {
        "name": "music",
        "about": ABOUT,
        "centres_hz": _rounded(THIRD_OCTAVES_HZ[BANDS], 1),
        "level_db": _rounded(level_db - level_db.mean()),
        "ways_db": [_rounded(way) for way in ways_db],
        "spread_db": round(float(np.sqrt(np.trace(spread) / len(octaves))), 2),
        "side_to_mid_db": round(side_db, 1),
        "side_spread_db": round(float(np.sqrt(weights @ (sides_db - side_db) ** 2)), 1),
    }
    OUTPUT.write_text(json.dumps(norm, indent=2) + "\n", encoding="utf-8")


def _read(path: Path) -> NDArray[np.float32]:
    audio, rate_hz = sf.read(path, dtype="float32", always_2d=True)
    return np.ascontiguousarray(soxr.resample(audio, rate_hz, ANALYSIS_RATE_HZ).T)


def _spectrum(audio: NDArray[np.float32]) -> Spectrum:
    return spectrum_of(timeline_of(audio))


def _rounded(values: NDArray[np.float64], digits: int = 2) -> list[float]:
    return [round(float(value), digits) + 0.0 for value in values]


if __name__ == "__main__":
    main()
