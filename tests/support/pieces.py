"""Short pieces of music-like audio, files of them, and independent ears, for the tests of whole jobs."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf
from numpy.typing import NDArray
from reference import itu_true_peak, to_db, true_peak

from livemaster.metering import Meter

Sound = NDArray[np.float32]

PEAK_TOLERANCE_DB = 0.05
LOUDNESS_TOLERANCE_LU = 0.1
CONTRAST_TOLERANCE_LU = 0.5

CHORDS_HZ = ((110.0, 220.0, 277.2, 329.6), (82.4, 207.7, 246.9, 329.6), (92.5, 220.0, 277.2, 370.0))


def piece(
    seconds: float = 6.0,
    rate_hz: int = 44_100,
    channels: int = 2,
    *,
    seed: int = 1,
    levels_db: Sequence[float] = (0.0,),
    peak: float = 0.5,
) -> Sound:
    """Drums and chords, (channels, frames): equal parts at the given levels, the loudest sample at `peak`."""
    rng = np.random.default_rng(seed)
    frames = round(seconds * rate_hz)
    t = np.arange(frames) / rate_hz
    beat = t % 0.5
    kick = np.sin(2 * np.pi * (50 * beat + 4 * (1 - np.exp(-beat / 0.03)))) * np.exp(-beat / 0.12)
    hiss = rng.standard_normal((channels, frames)) * np.exp(-(t % 0.25) / 0.02)
    chord = np.zeros((channels, frames))
    for k, notes in enumerate(CHORDS_HZ):
        sounding = (t // 1.0).astype(int) % len(CHORDS_HZ) == k
        for hz in notes:
            phases = rng.uniform(0, 2 * np.pi, (channels, 1))
            chord += sounding * np.sin(2 * np.pi * hz * t + phases) * 0.25
    x = 0.6 * kick + 0.5 * chord + 0.08 * hiss
    part = np.minimum((np.arange(frames) * len(levels_db)) // frames, len(levels_db) - 1)
    x *= 10.0 ** (np.asarray(levels_db, float)[part] / 20.0)
    return np.ascontiguousarray(x * (peak / np.abs(x).max()), np.float32)


def write(path: Path, x: Sound, rate_hz: int = 44_100, subtype: str | None = None, **how: Any) -> Path:
    """A file of `x`, whose extension says the format (in portions: libsndfile's Vorbis needs that)."""
    if subtype is None:
        subtype = {".wav": "PCM_24", ".aiff": "PCM_24", ".flac": "PCM_24"}.get(path.suffix)
    with sf.SoundFile(path, "w", rate_hz, len(x), subtype=subtype, **how) as file:
        for first in range(0, x.shape[1], 8192):
            file.write(np.ascontiguousarray(x[:, first : first + 8192].T))
    return path


def read(path: Path | str) -> tuple[Sound, int]:
    """Samples (channels, frames) and rate, by libsndfile."""
    samples, rate_hz = sf.read(path, dtype="float32", always_2d=True)
    return np.ascontiguousarray(samples.T), rate_hz


def write_json(path: Path, data: object) -> Path:
    """A JSON file."""
    path.write_text(json.dumps(data), "utf-8")
    return path


def lufs(x: Sound, rate_hz: int) -> float:
    """Integrated loudness by our meter."""
    meter = Meter(rate_hz, len(x), true_peak=False)
    meter.push(x)
    found = meter.read().integrated_lufs
    assert found is not None
    return found


def true_peaks_dbtp(x: Sound) -> tuple[float, float]:
    """True peak by the reference interpolator and by ITU's."""
    return to_db(true_peak(x)), to_db(itu_true_peak(x))


def ffmpeg_lufs(ffmpeg: str, path: Path) -> float:
    """Integrated loudness by ffmpeg's ebur128, to its print of 0.1."""
    command = [ffmpeg, "-nostats", "-hide_banner", "-i", str(path), "-vn", "-filter:a", "ebur128", "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(re.findall(r"I:\s+(-?[\d.]+) LUFS", done.stderr)[-1])


def listing(folder: Path) -> dict[str, bytes | None]:
    """Every name in a folder and below, hidden ones too, with its bytes (None for folders)."""
    return {
        str(p.relative_to(folder)): p.read_bytes() if p.is_file() and not p.is_symlink() else None
        for p in sorted(folder.rglob("*"))
    }
