"""Fits presets/balance/music.json: how spectra and widths of music lie, and in which ways they differ by nature.

Usage: python tools/fit/fit_norm.py FOLDER

FOLDER holds one folder for each source, named after it; any audio in there over 30 s counts, in excerpts of 35 s. The
sources were the music of these packages: of Debian 0ad-data, asc-music, btanks-data, colobot-common-sounds,
endless-sky-data, freedroidrpg-data, hedgewars-data, hyperrogue-music, lincity-ng-data, marsshooter-data,
megaglest-data, naev-data, nexuiz-music, redeclipse-data, singularity-music, starfighter-data, supertux-data,
supertuxkart-data, ufoai-music, unknown-horizons, warzone2100-music, widelands-data, xmoto-data, and of PyPI
immich-memories-music. A source weighs by the square root of its excerpts. 60 practice songs and 40 practice
arrangements make up a third of the whole. Neither the songs from which figures come nor the real songs of the tests
are among them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import practice_arrangements
import practice_songs
import soundfile as sf
import soxr
from numpy.typing import NDArray

from livemaster.analysis.features import Features
from livemaster.analysis.spectrum import Spectrum, spectrum_of
from livemaster.analysis.tf_width import RATIO_STEPS, count, no_spots
from livemaster.analysis.timeline import ANALYSIS_RATE_HZ, THIRD_OCTAVES_HZ
from livemaster.tone.balance import FLOOR, NEARLY_MONO_DB

Floats = NDArray[np.float64]

OUTPUT = Path(__file__).resolve().parents[2] / "presets" / "balance" / "music.json"
BANDS = slice(2, 29)
"""40 Hz to 16 kHz."""
PRACTICE_SONGS, PRACTICE_ARRANGEMENTS, PRACTICE_SHARE = 60, 40, 1.0 / 3.0
SHORTEST_S, EXCERPT_S, SMALLEST_BYTES = 30.0, 35.0, 250_000
TRACKS_PER_SOURCE, EXCERPTS_PER_TRACK = 40, 2
WAYS = 14
"""Principal components of how songs differ that are kept one by one; the rest is a smooth process over octaves."""
SIDE_FAULTS_DB = (-8.0, -6.0, -5.0, 0.0, 5.0, 6.0, 8.0)
"""Changes of the sides from which the weights of the ratios' classes are learned."""
_UNCHANGED = SIDE_FAULTS_DB.index(0.0)
CLEAN = 6.0
"""So many times a song without a change counts: no width is wrong as often as one is."""
RIDGE, LEAST_SPREAD = 0.005, 0.02
UNSEEN = 1.35
"""Songs that were not fitted spread so much more: 3.2 dB against 2.7 when sources are left out, odd songs further."""
ENDINGS = (".flac", ".mp3", ".oga", ".ogg", ".opus")


def main() -> None:
    found: list[tuple[float, list[Spectrum]]] = []
    for folder in sorted(path for path in Path(sys.argv[1]).iterdir() if path.is_dir()):
        measured = [_spectra(excerpt) for path in _tracks(folder) for excerpt in _excerpts(path)]
        found += [(len(measured) ** -0.5, each) for each in measured]
    made = [practice_songs.make(seed).audio for seed in range(PRACTICE_SONGS)]
    made += [practice_arrangements.make(seed).audio for seed in range(PRACTICE_ARRANGEMENTS)]
    real = sum(weight for weight, _ in found)
    weight = real * PRACTICE_SHARE / (1.0 - PRACTICE_SHARE) / len(made)
    real_count = len(found)
    found += [(weight, _spectra(_middle(audio))) for audio in made]
    weights, spectra = np.array([weight for weight, _ in found]), [each[_UNCHANGED] for _, each in found]
    stereo = [k for k, each in enumerate(spectra) if (each.side_to_mid_db or -np.inf) > NEARLY_MONO_DB]
    ratios = np.array([[found[k][1][fault].ratios for k in stereo] for fault in range(len(SIDE_FAULTS_DB))])
    norm = fit_tone(spectra, weights, real_count, len(made)) | fit_width(ratios, weights[stereo])
    OUTPUT.write_text(json.dumps(norm, indent=2) + "\n", encoding="utf-8")


def fit_tone(spectra: list[Spectrum], weights: Floats, real: int, practice: int) -> dict[str, object]:
    """The norm of spectra that weigh so much, but for what the classes of the sides' ratios tell."""
    weights = weights / weights.sum()
    power = np.array([each.power[BANDS] for each in spectra])
    db = 10.0 * np.log10(np.maximum(power, FLOOR * power.sum(axis=1, keepdims=True)))
    db -= db.mean(axis=1, keepdims=True)
    level_db = weights @ db
    spread = (db - level_db).T @ ((db - level_db) * weights[:, None])
    values, vectors = np.linalg.eigh(spread)
    ways_db = (vectors[:, ::-1][:, :WAYS] * np.sqrt(values[::-1][:WAYS])).T
    sides = [(each.side_to_mid_db, weight) for each, weight in zip(spectra, weights, strict=True)]
    wide = np.array([(db, weight) for db, weight in sides if db is not None and db > NEARLY_MONO_DB])
    side_db = float(np.average(wide[:, 0], weights=wide[:, 1]))
    return {
        "name": "music",
        "about": (
            "How the long-term spectra of music lie on average and in which ways they differ by nature, dB in "
            f"third-octaves, and how its sides lie; fitted by fit_norm.py to {real} excerpts of freely licensed "
            f"music from 24 packages and, making up a third, {practice} generated songs."
        ),
        "centres_hz": _rounded(THIRD_OCTAVES_HZ[BANDS], 1),
        "level_db": _rounded(level_db),
        "ways_db": [_rounded(way) for way in ways_db],
        "spread_db": round(float(np.sqrt(np.trace(spread) / power.shape[1])), 2),
        "side_to_mid_db": round(side_db, 1),
        "side_spread_db": round(float(np.sqrt(np.average((wide[:, 0] - side_db) ** 2, weights=wide[:, 1]))), 1),
    }


def fit_width(ratios: Floats, weights: Floats) -> dict[str, object]:
    """What a spectrum's `ratios` tell of by how much the sides are too loud: ridge regression on their roots.

    `ratios`: (changes of `SIDE_FAULTS_DB`, songs, 2, steps), measured on songs whose sides were changed so.
    """
    x = np.sqrt(ratios).reshape(-1, ratios.shape[-1] * ratios.shape[-2])
    y = np.repeat(SIDE_FAULTS_DB, ratios.shape[1])
    each = np.tile(weights / weights.sum(), len(SIDE_FAULTS_DB)) * np.where(y == 0.0, CLEAN, 1.0)
    each /= each.sum()
    mean = each @ x
    scale = np.sqrt(each @ (x - mean) ** 2) + LEAST_SPREAD
    z = (x - mean) / scale
    fit = np.linalg.solve(z.T @ (z * each[:, None]) + RIDGE * np.eye(z.shape[1]), z.T @ (each * y)) / scale
    fit /= float(each @ ((x - mean) @ fit * y)) / float(each @ (y * y))
    nature, of_nature = ((x - mean) @ fit)[y == 0.0], each[y == 0.0]
    middle = float(np.average(nature, weights=of_nature))
    spread = float(np.sqrt(np.average((nature - middle) ** 2, weights=of_nature)))
    return {
        "ratio_weights_db": [_rounded(row, 3) for row in fit.reshape(2, RATIO_STEPS)],
        "ratio_offset_db": round(-float(mean @ fit) - middle, 3),
        "ratio_spread_db": round(UNSEEN * spread, 2),
    }


def _tracks(folder: Path) -> list[Path]:
    """Some of the folder's tracks, each name once."""
    by_name = {path.stem: path for path in sorted(folder.rglob("*")) if path.suffix.lower() in ENDINGS}
    long = [path for path in by_name.values() if path.stat().st_size > SMALLEST_BYTES]
    chosen = np.random.default_rng(1).permutation(len(long))[:TRACKS_PER_SOURCE]
    return [long[k] for k in sorted(chosen) if sf.info(long[k]).duration >= SHORTEST_S]


def _excerpts(path: Path) -> Iterator[NDArray[np.float32]]:
    """Evenly spread over a track."""
    with sf.SoundFile(path) as file:
        rate_hz, length = file.samplerate, len(file)
        frames = min(round(EXCERPT_S * rate_hz), length)
        count = EXCERPTS_PER_TRACK if length > 2 * frames else 1
        for number in range(count):
            file.seek((length - frames) * (2 * number + 1) // (2 * count))
            audio = soxr.resample(file.read(frames, dtype="float32", always_2d=True)[:, :2], rate_hz, ANALYSIS_RATE_HZ)
            if np.abs(audio).max() > 0.01:
                yield np.ascontiguousarray(audio.T)


def _middle(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    frames = min(round(EXCERPT_S * ANALYSIS_RATE_HZ), audio.shape[1])
    first = (audio.shape[1] - frames) // 2
    return np.ascontiguousarray(audio[:, first : first + frames])


def _spectra(audio: NDArray[np.float32]) -> list[Spectrum]:
    """With every change of the sides; mono has none to be changed."""
    rows = Features(len(audio)).hear(audio)
    middle, side = rows["power"] - rows["side"], rows["side"]
    found = []
    for db in SIDE_FAULTS_DB:
        changed, spots = side * np.float32(10.0 ** (db / 10.0)), no_spots()
        power = middle + changed
        count(power, changed, spots)
        found.append(spectrum_of(power.mean(axis=0, dtype=np.float64), changed.mean(axis=0, dtype=np.float64), spots))
    return found


def _rounded(values: Floats, digits: int = 2) -> list[float]:
    return [round(float(value), digits) + 0.0 for value in values]


if __name__ == "__main__":
    main()
