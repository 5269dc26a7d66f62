"""Mixes with one known fault: what a master without any hint should bring nearer to the original again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import sosfilt

Sound = NDArray[np.float32]

RATE_HZ = 44_100
FAULTS = ("tilted", "dull", "harsh", "boomy", "narrow", "over-wide")
LEVELS = ("as it is", "quiet", "clipped")
LEAST_DB, MOST_DB = 4.0, 9.0
"""Strength of a fault: clearly audible, and still what real mixes suffer from."""
QUIET_DB, CLIPPED_DB = -12.0, 3.0
PEAK = 0.9
"""Largest sample of a version that is neither quiet nor clipped."""
TILT_FROM_HZ, TILT_TO_HZ, PIVOT_HZ = 100.0, 6000.0, 800.0
"""A tilt by s dB rises or falls so much between these: so it moves the bands, RMS, about as much as a shelf does."""


@dataclass(frozen=True)
class Degraded:
    """A degraded version, (2, frames), and what was done: `strength_db` is negative for less treble or side."""

    audio: Sound
    fault: str
    level: str
    strength_db: float


def degrade(audio: Sound, fault: str | None, level: str, seed: int) -> Degraded:
    """`audio` (2, frames) at 44.1 kHz with a fault of `FAULTS`, or none, under a level of `LEVELS`."""
    rng = np.random.default_rng([13, seed])
    strength_db = float(rng.uniform(LEAST_DB, MOST_DB))
    x = np.asarray(audio, np.float64)
    if fault == "tilted":
        strength_db *= float(rng.choice((-1.0, 1.0)))
        x = _tilt(x, strength_db)
    elif fault == "dull":
        strength_db = -strength_db
        x = sosfilt(_section("shelf", _between(rng, 2500.0, 5000.0), 0.7071, strength_db), x)
    elif fault == "harsh":
        x = sosfilt(_section("bell", _between(rng, 2500.0, 4500.0), _between(rng, 0.7, 1.2), strength_db), x)
    elif fault == "boomy":
        x = sosfilt(_section("bell", _between(rng, 90.0, 200.0), _between(rng, 0.7, 1.2), strength_db), x)
    elif fault in ("narrow", "over-wide"):
        strength_db *= -1.0 if fault == "narrow" else 1.0
        x = _sides(x, strength_db)
    else:
        strength_db = 0.0
    return Degraded(_levelled(x, level), fault or "none", level, strength_db)


def _between(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _levelled(x: NDArray[np.float64], level: str) -> Sound:
    x = x / max(float(np.abs(x).max()), 1e-9)
    if level == "clipped":
        return np.clip(x * 10.0 ** (CLIPPED_DB / 20.0), -1.0, 1.0).astype(np.float32)
    return (x * PEAK * 10.0 ** ((QUIET_DB if level == "quiet" else 0.0) / 20.0)).astype(np.float32)


def _tilt(x: NDArray[np.float64], strength_db: float) -> NDArray[np.float64]:
    """Rising by `strength_db` between the named frequencies, on along the same line, zero-phase."""
    hz = np.clip(np.fft.rfftfreq(x.shape[1], 1.0 / RATE_HZ), 20.0, 20_000.0)
    gain_db = strength_db * np.log2(hz / PIVOT_HZ) / np.log2(TILT_TO_HZ / TILT_FROM_HZ)
    return np.fft.irfft(np.fft.rfft(x) * 10.0 ** (gain_db / 20.0), x.shape[1])


def _sides(x: NDArray[np.float64], strength_db: float) -> NDArray[np.float64]:
    mid, side = (x[0] + x[1]) / 2.0, (x[0] - x[1]) / 2.0 * 10.0 ** (strength_db / 20.0)
    return np.stack([mid + side, mid - side])


def _section(kind: str, hz: float, q: float, gain_db: float) -> NDArray[np.float64]:
    """One second-order section of R. Bristow-Johnson's cookbook: a bell, or a high shelf."""
    a, w = 10.0 ** (gain_db / 40.0), 2.0 * np.pi * hz / RATE_HZ
    cos, alpha = np.cos(w), np.sin(w) / (2.0 * q)
    if kind == "bell":
        b, d = (1 + alpha * a, -2 * cos, 1 - alpha * a), (1 + alpha / a, -2 * cos, 1 - alpha / a)
    else:
        up, down, root = a + 1, a - 1, 2 * np.sqrt(a) * alpha
        b = (a * (up + down * cos + root), -2 * a * (down + up * cos), a * (up + down * cos - root))
        d = (up - down * cos + root, 2 * (down - up * cos), up - down * cos - root)
    return np.array([[*(c / d[0] for c in b), *(c / d[0] for c in d)]])
