"""What an audience recording adds to music: rooms, crowds, cassettes, levels that a recorder rides by itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, lfilter, sosfilt
from simulated_aims import RATE_HZ, rms

Floats = NDArray[np.float64]
Rng = np.random.Generator


def hall(rng: Rng, x: Floats, wet: float) -> Floats:
    """Diffuse reverberation: noise that decays, faster at high frequencies, other noise in each channel."""
    decay_s, frames = rng.uniform(0.6, 2.2), int(1.2 * RATE_HZ)
    t = np.arange(frames) / RATE_HZ
    tail = rng.standard_normal((2, frames)) * 10.0 ** (-3.0 * t / decay_s)
    dull = sosfilt(butter(1, rng.uniform(1500.0, 5000.0), fs=RATE_HZ, output="sos"), tail)
    return _wet(x, fftconvolve(x, dull, axes=1)[:, : x.shape[1]], wet)


def echoes(rng: Rng, x: Floats, wet: float) -> Floats:
    """Early reflections of walls: a dozen single echoes, each duller and on its own side."""
    y = np.zeros_like(x)
    for _ in range(12):
        late = int(rng.uniform(0.005, 0.12) * RATE_HZ)
        one = lfilter([0.5], [1.0, -0.5], x[:, : x.shape[1] - late]) * np.exp(-late / RATE_HZ / 0.05)
        y[:, late:] += one * rng.uniform(0.3, 1.0, (2, 1))
    return _wet(x, y, wet)


def modes(rng: Rng, x: Floats) -> Floats:
    """Standing waves of a room: a few narrow resonances in the bass."""
    for hz in rng.uniform(45.0, 160.0, 3):
        around = butter(1, [hz * 0.94, hz * 1.06], "bandpass", fs=RATE_HZ, output="sos")
        x = x + rng.uniform(0.5, 2.0) * sosfilt(around, x)
    return x


def crowd(rng: Rng, frames: int) -> Floats:
    """Murmur and cheers: noise in the range of voices whose level swells, RMS 1."""
    voices = sosfilt(butter(2, [250.0, 3000.0], "bandpass", fs=RATE_HZ, output="sos"), rng.standard_normal((2, frames)))
    swell = np.interp(np.arange(frames), np.linspace(0, frames, 12), rng.uniform(0.1, 1.0, 12) ** 2)
    return voices * swell / rms(voices * swell)


def claps(rng: Rng, frames: int) -> Floats:
    """Applause: many short bursts, RMS 1."""
    hits = (rng.random((2, frames)) < 40.0 / RATE_HZ) * rng.exponential(1.0, (2, frames))
    burst = rng.standard_normal(400) * np.exp(-np.arange(400) / 80.0)
    y = fftconvolve(hits, burst[None], axes=1)[:, :frames]
    return y / rms(y)


def low_passed(x: Floats, hz: float, order: int) -> Floats:
    return sosfilt(butter(order, hz, fs=RATE_HZ, output="sos"), x)


def wow(rng: Rng, x: Floats) -> Floats:
    """Speed that wavers by a few per mille, as that of a cassette."""
    t = np.arange(x.shape[1])
    phase = 2.0 * np.pi * t / RATE_HZ
    late = rng.uniform(5, 25) * np.sin(phase * rng.uniform(0.4, 1.2)) + rng.uniform(0, 2) * np.sin(phase * 7.0)
    return np.stack([np.interp(t + late, t, channel) for channel in x])


def hiss(rng: Rng, x: Floats, below_db: float) -> Floats:
    return x + rng.standard_normal(x.shape) * rms(x) * 10.0 ** (-below_db / 20.0)


def ridden(x: Floats, attack_s: float, release_s: float, ratio: float) -> Floats:
    """A recorder's automatic level: gain against the envelope of both channels, down fast and up slowly."""
    step = 441
    power = np.add.reduceat((x**2).sum(axis=0), np.arange(0, x.shape[1], step)) / step
    level_db, held = 10.0 * np.log10(power + 1e-9), []
    envelope = float(level_db[:20].mean())
    for each in level_db:
        pace_s = attack_s if each > envelope else release_s
        envelope += (each - envelope) * min(step / RATE_HZ / pace_s, 1.0)
        held.append(envelope)
    gain_db = -(1.0 - 1.0 / ratio) * (np.array(held) - np.mean(held))
    smooth_db = np.interp(np.arange(x.shape[1]), (np.arange(len(held)) + 0.5) * step, gain_db)
    return x * 10.0 ** (smooth_db / 20.0)


def _wet(x: Floats, y: Floats, wet: float) -> Floats:
    return (1.0 - wet) * x / rms(x) + wet * y / rms(y)
