"""Test tones: sequences of level steps, as EBU Tech 3341 and 3342 describe theirs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 48_000

Step = tuple[float, float | None]
"""Seconds, and the peak level in dBFS (None for silence)."""


def tone(steps: Sequence[Step], hz: float = 1000.0, rate_hz: int = RATE_HZ) -> NDArray[np.float64]:
    """One channel of a sine that steps through levels, its phase running on."""
    gains = [
        np.full(round(seconds * rate_hz), 0.0 if level_db is None else 10.0 ** (level_db / 20.0))
        for seconds, level_db in steps
    ]
    gain = np.concatenate(gains)
    return np.asarray(gain * np.sin(2.0 * np.pi * hz / rate_hz * np.arange(len(gain))))


def stereo(steps: Sequence[Step]) -> NDArray[np.float32]:
    """A 1 kHz tone in both channels, in phase."""
    return np.tile(tone(steps).astype(np.float32), (2, 1))


def programme(seconds: float, rate_hz: int, channels: int, seed: int) -> NDArray[np.float32]:
    """Noise that falls with frequency, partly shared by the channels, its level stepping at random."""
    rng = np.random.default_rng(seed)
    frames = round(seconds * rate_hz)
    spectrum = np.fft.rfft(rng.standard_normal((channels + 1, frames)))
    spectrum /= np.sqrt(np.maximum(np.fft.rfftfreq(frames, 1.0 / rate_hz), 20.0))
    noise = np.fft.irfft(spectrum, frames)
    noise /= noise.std()
    mixed = 0.8 * noise[:1] + 0.6 * noise[1:]
    steps = rng.integers(rate_hz // 3, 3 * rate_hz, 200).cumsum()
    levels_db = rng.uniform(-55.0, -14.0, 201)
    gain = 10.0 ** (levels_db[np.searchsorted(steps, np.arange(frames), side="right")] / 20.0)
    return np.ascontiguousarray(np.clip(mixed * gain, -1.0, 1.0), dtype=np.float32)
