"""The sounds of the practice songs: drums from swept sines and coloured noise, notes from wavetables."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 44_100
TABLE = 2048
"""Points of one period."""
LENGTH_STEP = 2205
"""Notes are as long as a multiple of 50 ms, so that few have to be rendered."""

Sound = NDArray[np.float32]


def _times(length_s: float) -> Sound:
    return np.arange(max(round(length_s * RATE_HZ), 2), dtype=np.float32) / np.float32(RATE_HZ)


def _coloured(rng: np.random.Generator, frames: int, low_hz: float, high_hz: float) -> Sound:
    """Noise of unit power whose band has soft edges."""
    spectrum = np.fft.rfft(rng.standard_normal(frames).astype(np.float32))
    hz = np.fft.rfftfreq(frames, 1 / RATE_HZ)
    spectrum *= 1 / np.sqrt(1 + (low_hz / np.maximum(hz, 1.0)) ** 6) / np.sqrt(1 + (hz / high_hz) ** 6)
    noise = np.fft.irfft(spectrum, frames)
    return np.asarray(noise / max(float(noise.std()), 1e-9), np.float32)


def _drop(rng: np.random.Generator, top_hz: float, end_hz: float, sweep_s: float, decay_s: float) -> Sound:
    """A sine that falls from one frequency to another while it fades: kick drums and toms."""
    t = _times(min(6 * decay_s, 0.9))
    phase = 2 * np.pi * (end_hz * t + (top_hz - end_hz) * sweep_s * (1 - np.exp(-t / sweep_s)))
    click = rng.uniform(0, 0.5) * _coloured(rng, len(t), 1500, 8000) * np.exp(-t / 0.004)
    return np.asarray(np.sin(phase) * np.exp(-t / decay_s) + click, np.float32)


def _burst(rng: np.random.Generator, low_hz: float, high_hz: float, decay_s: float, attack_s: float = 0.0005) -> Sound:
    """Fading noise: hats, shakers, cymbals."""
    t = _times(min(6 * decay_s, 2.0))
    return np.asarray(
        0.4 * _coloured(rng, len(t), low_hz, high_hz) * np.exp(-t / decay_s) * np.minimum(t / attack_s, 1), np.float32
    )


def _snare(rng: np.random.Generator) -> Sound:
    body = _drop(rng, rng.uniform(220, 420), rng.uniform(150, 250), 0.02, rng.uniform(0.03, 0.12))
    rattle = _burst(rng, rng.uniform(300, 2000), rng.uniform(5000, 14_000), rng.uniform(0.03, 0.15))
    mixed = np.zeros(max(len(body), len(rattle)), np.float32)
    mixed[: len(body)] += rng.uniform(0.1, 0.8) * body
    mixed[: len(rattle)] += rng.uniform(0.7, 1.6) * rattle
    return mixed


def _clap(rng: np.random.Generator) -> Sound:
    one = _burst(rng, 800, rng.uniform(4000, 9000), rng.uniform(0.03, 0.12))
    mixed = np.zeros(len(one) + 1500, np.float32)
    for late in (0, 450, 950, 1450):
        mixed[late : late + len(one)] += 0.6 * one
    return mixed


def _block(rng: np.random.Generator) -> Sound:
    """A rim, a wood block, a clave or a cowbell: two partials that fade fast."""
    hz, t = rng.uniform(500, 2600), _times(0.25)
    partials = np.sin(2 * np.pi * hz * t) + rng.uniform(0, 1) * np.sin(2 * np.pi * hz * rng.uniform(1.4, 1.9) * t)
    return np.asarray(0.5 * partials * np.exp(-t / rng.uniform(0.01, 0.06)), np.float32)


def _ride(rng: np.random.Generator) -> Sound:
    wash = _burst(rng, rng.uniform(3000, 5000), 14_000, rng.uniform(0.15, 0.5))
    t = np.arange(len(wash), dtype=np.float32) / np.float32(RATE_HZ)
    ping = sum(np.sin(2 * np.pi * hz * t) for hz in rng.uniform(2500, 7000, 3)) * np.exp(-t / 0.06)
    return np.asarray(0.5 * wash + rng.uniform(0.05, 0.25) * ping, np.float32)


def draw_kit(rng: np.random.Generator, electronic: bool) -> dict[str, Sound]:
    """One sample of each drum."""
    long = 2.0 if electronic else 1.0
    top, end = rng.uniform(110, 350), rng.uniform(40, 75)
    return {
        "kick": 1.2 * _drop(rng, top, end, rng.uniform(0.01, 0.05), long * rng.uniform(0.05, 0.13)),
        "snare": _clap(rng) if rng.random() < 0.2 + 0.3 * electronic else _snare(rng),
        "rim": _block(rng),
        "hat": _burst(rng, rng.uniform(4000, 8000), 15_000, rng.uniform(0.012, 0.05)),
        "open": _burst(rng, rng.uniform(4000, 7000), 15_000, rng.uniform(0.08, 0.25)),
        "ride": _ride(rng),
        "crash": _burst(rng, 2000, 14_000, rng.uniform(0.4, 0.9)),
        "shaker": _burst(rng, 5000, 13_000, 0.03, rng.uniform(0.005, 0.03)),
        "conga": _drop(rng, rng.uniform(250, 420), rng.uniform(180, 300), 0.01, rng.uniform(0.04, 0.12)),
        "tom": _drop(rng, rng.uniform(160, 260), rng.uniform(80, 130), 0.04, rng.uniform(0.08, 0.2)),
        "brush": _burst(rng, 1000, 9000, rng.uniform(0.05, 0.12), rng.uniform(0.003, 0.02)),
    }


TIMBRES = {  # attack s, decay s, brightness (the slope of the partials), how many partials
    "piano": ((0.002, 0.006), (0.4, 1.5), (1.2, 2.0), (8, 20)),
    "plucked": ((0.001, 0.004), (0.15, 0.6), (0.8, 1.8), (8, 24)),
    "driven": ((0.002, 0.01), (1.0, 4.0), (0.4, 0.9), (20, 40)),
    "organ": ((0.005, 0.03), (20.0, 40.0), (0.5, 1.6), (3, 9)),
    "strings": ((0.06, 0.22), (20.0, 40.0), (0.9, 1.5), (10, 24)),
    "pad": ((0.1, 0.5), (20.0, 40.0), (0.8, 2.0), (6, 24)),
    "saw": ((0.002, 0.02), (0.3, 4.0), (0.9, 1.2), (16, 48)),
    "brass": ((0.02, 0.06), (3.0, 10.0), (0.7, 1.2), (10, 24)),
    "bell": ((0.001, 0.003), (0.2, 0.8), (0.5, 1.5), (3, 6)),
    "wind": ((0.03, 0.1), (10.0, 20.0), (1.2, 2.2), (3, 8)),
    "sub": ((0.003, 0.02), (0.5, 4.0), (2.5, 4.0), (1, 4)),
    "finger": ((0.003, 0.01), (0.25, 1.0), (1.2, 2.0), (5, 12)),
    "slap": ((0.001, 0.003), (0.2, 0.6), (0.6, 1.2), (12, 30)),
}


@dataclass
class Timbre:
    """An instrument: notes are rendered once and kept."""

    attack_s: float
    decay_s: float
    release_s: float
    table: Sound
    wobble: float
    """Depth of vibrato, as a share of the frequency."""
    _notes: dict[tuple[int, int], Sound] = field(default_factory=dict)

    @classmethod
    def draw(cls, rng: np.random.Generator, kind: str) -> Timbre:
        attack, decay, slope, count = TIMBRES[kind]
        numbers = np.arange(1, int(rng.integers(count[0], count[1] + 1)) + 1)
        if kind == "bell":
            numbers = np.cumsum(rng.integers(1, 4, len(numbers)))
        strengths = numbers ** -rng.uniform(*slope) * rng.uniform(0.4, 1.0, len(numbers))
        angle = 2 * np.pi * np.arange(TABLE) / TABLE
        table = (strengths[:, None] * np.sin(numbers[:, None] * angle + rng.uniform(0, 6.28, (len(numbers), 1)))).sum(0)
        table = (table / np.sqrt(np.mean(table**2))).astype(np.float32)
        wobble = rng.uniform(0, 0.006) if kind in ("strings", "wind", "pad", "brass") else 0.0
        return cls(rng.uniform(*attack), rng.uniform(*decay), rng.uniform(0.01, 0.12), table, wobble)

    def note(self, pitch: int, length_s: float) -> Sound:
        steps = max(round(length_s * RATE_HZ / LENGTH_STEP), 1)
        if (pitch, steps) not in self._notes:
            self._notes[pitch, steps] = self._render(pitch, steps * LENGTH_STEP)
        return self._notes[pitch, steps]

    def _render(self, pitch: int, frames: int) -> Sound:
        release = round(self.release_s * RATE_HZ)
        t = np.arange(frames + release, dtype=np.float32) / np.float32(RATE_HZ)
        hz = 440.0 * 2.0 ** ((pitch - 69) / 12)
        cycles = hz * t
        if self.wobble:
            cycles = cycles + np.float32(self.wobble * hz / 31.0) * np.sin(np.float32(31.0) * t)
        shape = np.exp(-t / np.float32(self.decay_s)) * np.minimum(t / np.float32(self.attack_s), 1)
        shape[frames:] *= np.linspace(1, 0, release, dtype=np.float32)
        return self.table[(cycles * TABLE).astype(np.int64) % TABLE] * shape * np.float32(0.3)
