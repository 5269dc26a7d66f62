"""Drives nodes in tests: any number of quanta at a time, settings that move, the residue of a click."""

from __future__ import annotations

import math

import numpy as np
import scipy.signal

from livemaster.units import QUANTUM_FRAMES

CLICK_LIMIT_DBFS = -80.0
"""Law 5: what a change may leave above an 8th-order high-pass at 8 kHz."""
STARTS = (150, 151, 153, 155, 157)
"""Quanta at which a test sine is caught at different phases."""
_HIGH_PASS = {rate: scipy.signal.butter(8, 8000, "highpass", fs=rate, output="sos") for rate in (44100, 48000)}


def noise(frames: int, channels: int = 2, seed: int = 1, level: float = 0.25) -> np.ndarray:
    return (np.random.default_rng(seed).standard_normal((channels, frames)) * level).astype(np.float32)


def sine(frames: int, hz: float = 100.0, rate_hz: int = 48000, channels: int = 2, peak: float = 0.5) -> np.ndarray:
    wave = peak * np.sin(2 * np.pi * hz * np.arange(frames) / rate_hz)
    return np.ascontiguousarray(np.tile(wave, (channels, 1)), np.float32)


def still(node, quanta: int, **settings: float) -> np.ndarray:
    """Values of all parameters at the edges of `quanta` quanta: the node's settings but for those given."""
    now = dict(node.settings) | settings
    values = np.empty((len(node.parameters), quanta + 1))
    for row, p in enumerate(node.parameters):
        values[row] = now[p.id]
    return values


def gliding(node, quanta: int, moves: dict[str, tuple[float, float]], rate_hz: int, start: int, **settings: float):
    """Like `still`, with raised-cosine glides of each parameter's own `ramp_ms` from quantum `start` on."""
    values = still(node, quanta, **settings)
    for row, p in enumerate(node.parameters):
        if p.id in moves:
            low, high = moves[p.id]
            frames = (np.arange(quanta + 1) - start) * QUANTUM_FRAMES
            share = np.clip(frames / (p.ramp_ms / 1000 * rate_hz), 0, 1)
            values[row] = np.where(share < 1, low + (high - low) * (0.5 - 0.5 * np.cos(math.pi * share)), high)
    return values


def run(node, inputs, values: np.ndarray, quanta_at_once: int = 256) -> np.ndarray:
    """Output of a prepared node for whole-quantum `inputs` (one array or several), so many quanta a call."""
    inputs = (inputs,) if isinstance(inputs, np.ndarray) else tuple(inputs)
    total = inputs[0].shape[1] // QUANTUM_FRAMES
    parts = []
    for first in range(0, total, quanta_at_once):
        stop = min(first + quanta_at_once, total)
        cut = [np.ascontiguousarray(x[:, first * QUANTUM_FRAMES : stop * QUANTUM_FRAMES]) for x in inputs]
        out = np.full_like(cut[0], np.nan)
        node.process(cut, out, np.ascontiguousarray(values[:, first : stop + 1]))
        parts.append(out)
    return np.concatenate(parts, axis=1)


def residue_dbfs(y: np.ndarray, rate_hz: int = 48000, skip: int = 4800) -> float:
    """Peak of what the 8 kHz high-pass leaves, in dBFS; the onset of the signal itself is skipped."""
    rest = scipy.signal.sosfilt(_HIGH_PASS[rate_hz], y.astype(np.float64))[:, skip:]
    return 20 * math.log10(max(np.abs(rest).max(), 1e-12))
