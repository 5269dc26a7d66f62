"""Splices of real songs: pieces of different songs one after another, equally loud, with the cuts known."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
from numpy.typing import NDArray

from livemaster.metering import Meter

RATE_HZ = 44_100
SHORTEST_PIECE_S, LONGEST_PIECE_S = 20.0, 40.0
FEWEST_PIECES, MOST_PIECES = 3, 5
PIECE_LUFS = -20.0
FADE_S = 0.005
"""Both sides of a cut are faded so long, so that no click gives it away."""


@dataclass(frozen=True)
class Splice:
    """Audio (2, frames) at 44.1 kHz, and the moments at which one song ends and another begins."""

    audio: NDArray[np.float32]
    cuts_s: NDArray[np.float64]


@functools.lru_cache(maxsize=16)
def song(path: Path) -> NDArray[np.float32]:
    """A song, (2, frames) at 44.1 kHz, without the silence around it."""
    samples, rate_hz = sf.read(path, dtype="float32", always_2d=True)
    if rate_hz != RATE_HZ:
        samples = soxr.resample(samples, rate_hz, RATE_HZ)
    sounding = np.flatnonzero(np.abs(samples).max(axis=1) > 1e-3)
    samples = samples[sounding[0] : sounding[-1] + 1, [0, -1]]
    return np.ascontiguousarray(samples.T)


def _piece(rng: np.random.Generator, path: Path) -> NDArray[np.float32]:
    """A stretch of a song at `PIECE_LUFS`, faded at both ends."""
    whole = song(path)
    frames = min(round(float(rng.uniform(SHORTEST_PIECE_S, LONGEST_PIECE_S)) * RATE_HZ), whole.shape[1])
    start = int(rng.integers(0, whole.shape[1] - frames + 1))
    piece = whole[:, start : start + frames].copy()
    meter = Meter(RATE_HZ, 2, true_peak=False)
    meter.push(piece)
    found = meter.read().integrated_lufs
    piece *= np.float32(10.0 ** ((PIECE_LUFS - (PIECE_LUFS if found is None else found)) / 20.0))
    fade = np.linspace(0.0, 1.0, round(FADE_S * RATE_HZ), dtype=np.float32)
    piece[:, : len(fade)] *= fade
    piece[:, -len(fade) :] *= fade[::-1]
    return piece


def make(seed: int, paths: list[Path]) -> Splice:
    """The splice of a seed from songs at `paths`, each longer than `SHORTEST_PIECE_S`; no song comes twice."""
    rng = np.random.default_rng([55, seed])
    count = int(rng.integers(FEWEST_PIECES, MOST_PIECES + 1))
    pieces = [_piece(rng, paths[k]) for k in rng.permutation(len(paths))[:count]]
    ends = np.cumsum([piece.shape[1] for piece in pieces])
    return Splice(np.concatenate(pieces, axis=1), ends[:-1] / RATE_HZ)
