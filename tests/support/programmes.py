"""Random programmes that are hard on a limiter: loud, sudden, and with high peaks between samples."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import reference
from numpy.typing import NDArray

FRAMES = 4800

Signal = NDArray[np.float64]
Generator = Callable[[np.random.Generator, int, int], Signal]


def levels(rng: np.random.Generator, frames: int) -> Signal:
    """Jumps between quiet and up to 26 dB over full scale."""
    return np.repeat(rng.choice([0.02, 0.3, 1.0, 3.0, 20.0], frames // 400 + 1), 400)[:frames]


def music(rng: np.random.Generator, frames: int, rate_hz: int) -> Signal:
    """A chord, a bass and drum hits, far too loud."""
    n = np.arange(frames)
    x = np.zeros(frames)
    for _ in range(6):
        x += np.sin(2 * np.pi * rng.uniform(40, 4000) / rate_hz * n + rng.uniform(0, 6))
    for start in rng.integers(0, frames, 5):
        hit = np.exp(-np.arange(frames - start) / rng.uniform(50, 500))
        x[start:] += 4 * hit * rng.standard_normal(frames - start)
    return x * rng.choice([0.3, 1.0, 3.0])


def noise(rng: np.random.Generator, frames: int, _rate_hz: int) -> Signal:
    return rng.standard_normal(frames) * levels(rng, frames)


def clipped_noise(rng: np.random.Generator, frames: int, _rate_hz: int) -> Signal:
    return np.clip(5 * rng.standard_normal(frames), -1, 1) * levels(rng, frames)


def square(rng: np.random.Generator, frames: int, rate_hz: int) -> Signal:
    return np.sign(np.sin(2 * np.pi * rng.uniform(50, 5000) / rate_hz * np.arange(frames) + 0.1))


def quarter_rate(rng: np.random.Generator, frames: int, _rate_hz: int) -> Signal:
    return np.sin(np.pi / 2 * np.arange(frames) + np.pi / 4) * levels(rng, frames)


def flipping(rng: np.random.Generator, frames: int, _rate_hz: int) -> Signal:
    flips = np.where(rng.random(frames) < 0.05, -1.0, 1.0).cumprod()
    return (-1.0) ** np.arange(frames) * flips * levels(rng, frames)


def impulses(rng: np.random.Generator, frames: int, _rate_hz: int) -> Signal:
    return (rng.random(frames) < 0.003) * rng.standard_normal(frames) * 20


def steps(rng: np.random.Generator, frames: int, _rate_hz: int) -> Signal:
    return np.repeat(rng.uniform(-2, 2, frames // 50 + 1), 50)[:frames]


def near_nyquist(rng: np.random.Generator, frames: int, _rate_hz: int) -> Signal:
    tone = np.sin(2 * np.pi * rng.uniform(0.4, 0.499) * np.arange(frames))
    return tone * levels(rng, frames) + 0.1 * rng.standard_normal(frames)


def bursts(rng: np.random.Generator, frames: int, _rate_hz: int) -> Signal:
    """Quiet noise with short parts up to 40 dB over full scale."""
    x = 1e-3 * rng.standard_normal(frames)
    for start in rng.integers(0, frames, 8):
        x[start : start + rng.integers(1, 100)] *= 10 ** rng.uniform(3, 5)
    return x


def worst_cases(rng: np.random.Generator, frames: int, _rate_hz: int) -> Signal:
    """Runs whose signs are those of the interpolator's own taps: the highest peaks between samples there are."""
    x = np.zeros(frames)
    for start in rng.integers(0, frames - 48, 20):
        taps = reference.prototype()[rng.integers(16) + 16 * np.arange(48)]
        x[start : start + 48] += np.sign(taps) * rng.uniform(0.3, 5)
    return x


PROGRAMMES: tuple[Generator, ...] = (
    *(music, noise, clipped_noise, square, quarter_rate, flipping),
    *(impulses, steps, near_nyquist, bursts, worst_cases),
)


def programme(rng: np.random.Generator, number: int, rate_hz: int) -> NDArray[np.float32]:
    """Two channels, the first of a kind that goes round, the second of any."""
    kinds = (PROGRAMMES[number % len(PROGRAMMES)], PROGRAMMES[rng.integers(len(PROGRAMMES))])
    return np.stack([kind(rng, FRAMES, rate_hz) for kind in kinds]).astype(np.float32)


def ceiling_script(rng: np.random.Generator, edges: int) -> Signal:
    """Jumps, ramps and chaos between −24 and 0 dB."""
    script = np.empty(0)
    while len(script) < edges:
        length = int(rng.integers(1, 30))
        start_db, end_db = rng.uniform(-24, 0, 2)
        kinds = ([start_db] * length, np.linspace(start_db, end_db, length), rng.uniform(-24, 0, length))
        script = np.append(script, kinds[rng.integers(3)])
    return script[:edges]
