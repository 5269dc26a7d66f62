"""Units and the time grid: decibels, frames, seconds. All conversions of the project live here."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from livemaster.errors import AudioTypeError

Audio: TypeAlias = NDArray[np.float32]
"""Float32 samples of shape (channels, frames), C-contiguous; full scale is ±1."""

Values: TypeAlias = NDArray[np.float64]
"""Parameter values of shape (parameters, K + 1) at the edges of K quanta."""

QUANTUM_FRAMES = 64
"""Frames in one quantum, the engine's time grid, counted from absolute frame 0."""

SILENCE_DB = -240.0
"""What a gain of zero is written as in dB (below the smallest float32)."""


def require_floats(samples: NDArray[Any], where: str) -> None:
    """AudioTypeError unless `samples` are floats: nobody knows where the full scale of other numbers lies."""
    if samples.dtype.kind != "f":
        raise AudioTypeError(
            f"{where}: samples of type {samples.dtype}, allowed are floats with a full scale of ±1 (16 bits: x / 32768)"
        )


def db_to_gain(db: float) -> float:
    """Linear amplitude factor of `db` decibels."""
    return float(10.0 ** (db / 20.0))


def gain_to_db(gain: float) -> float:
    """Decibels of a linear amplitude factor; `SILENCE_DB` for zero."""
    return 20.0 * math.log10(gain) if gain > 1e-12 else SILENCE_DB


def seconds_to_frames(seconds: float, rate_hz: int) -> int:
    """Nearest whole frame of a time in seconds."""
    return round(seconds * rate_hz)


def frames_to_seconds(frames: int, rate_hz: int) -> float:
    """Seconds that `frames` last at `rate_hz`."""
    return frames / rate_hz


def whole_quanta(frames: int) -> int:
    """Number of quanta that hold at least `frames` frames."""
    return -(-frames // QUANTUM_FRAMES)


def quantum_up(frame: int) -> int:
    """The quantum edge at or after `frame`."""
    return whole_quanta(frame) * QUANTUM_FRAMES
