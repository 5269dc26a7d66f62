"""Loudness by instruments that are not the project's own: ffmpeg's `ebur128` for files, pyloudnorm for stretches."""

from __future__ import annotations

import math
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import needs
import numpy as np
import pyloudnorm
from numpy.typing import NDArray

SHORTEST_S = 3.0
"""Shorter sections say little: their loudness is mostly that of the ramps around them."""
_READING = re.compile(r"lavfi\.r128\.(I|LRA|true_peak)=([-\w.]+)")


@dataclass(frozen=True, slots=True)
class Reading:
    """What ffmpeg says of a file: LUFS, LU, and dBTP of the louder channel, 4× oversampled."""

    lufs: float
    range_lu: float
    true_peak_dbtp: float


def read(path: Path) -> Reading:
    """A whole file by `ebur128`, to 0.001 dB where its summary says tenths."""
    measuring = "ebur128=peak=true:metadata=1:framelog=verbose,ametadata=mode=print:file=-"
    command = [needs.ffmpeg(), "-v", "error", "-nostats", "-i", str(path), "-af", measuring, "-f", "null", "-"]
    printed = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    last = {name: float(value) for name, value in _READING.findall(printed.stdout)}
    return Reading(last["I"], last["LRA"], 20.0 * math.log10(max(last["true_peak"], 1e-9)))


def lufs(audio: NDArray[np.floating], rate_hz: int) -> float | None:
    """Integrated loudness of (channels, frames) by pyloudnorm with De Man's exact filters; None for silence."""
    if audio.shape[1] < 0.4 * rate_hz:
        return None
    loud = float(pyloudnorm.Meter(rate_hz, "DeMan").integrated_loudness(audio.T.astype(np.float64)))
    return loud if loud > -70.0 else None


def stretch_lufs(audio: NDArray[np.floating], rate_hz: int, start_s: float, end_s: float) -> float | None:
    """The same of a section by itself; None where it is silent or shorter than `SHORTEST_S`."""
    if end_s - start_s < SHORTEST_S:
        return None
    return lufs(audio[:, round(start_s * rate_hz) : round(end_s * rate_hz)], rate_hz)


def spread_lu(levels_lufs: list[float | None]) -> float | None:
    """Largest minus smallest of what could be measured; None of fewer than two."""
    measured = [level for level in levels_lufs if level is not None]
    return max(measured) - min(measured) if len(measured) > 1 else None
