"""The sounds of the practice arrangements: notes from wavetables and frequency modulation, and drums from noise."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 44_100
TABLE = 4096
"""Points of one period; without interpolation its noise lies 70 dB under the tone."""
HIGHEST_PARTIAL_HZ = 15_000.0

Sound = NDArray[np.float32]


def pitch_hz(note: float) -> float:
    return float(440.0 * 2.0 ** ((note - 69.0) / 12.0))


def seconds(length_s: float) -> Sound:
    return np.arange(max(round(length_s * RATE_HZ), 1), dtype=np.float32) / np.float32(RATE_HZ)


@dataclass(frozen=True)
class Timbre:
    """What an instrument sounds like: its partials, how they fade, how a note begins and ends."""

    kind: str  # saw | odd | drawbars | sparse | bell | drive
    partials: tuple[float, ...]  # of `drawbars` and `sparse`: strengths of the first harmonics
    attack_s: float
    decay_s: float  # time to fall by 1/e; sustained where it is long
    release_s: float
    vibrato_hz: float
    detune: float  # relative
    breath: float  # share of noise

    @classmethod
    def draw(cls, rng: np.random.Generator, sustained: bool) -> Timbre:
        return cls(
            kind=str(rng.choice(["saw", "odd", "drawbars", "sparse", "bell", "drive"])),
            partials=tuple(rng.exponential(1.0, 8) * rng.integers(0, 2, 8) + np.eye(8)[0]),
            attack_s=float(rng.uniform(0.02, 0.25) if sustained else rng.uniform(0.002, 0.012)),
            decay_s=float(rng.uniform(4.0, 20.0) if sustained else np.exp(rng.uniform(np.log(0.08), np.log(1.2)))),
            release_s=float(rng.uniform(0.05, 0.4) if sustained else rng.uniform(0.02, 0.1)),
            vibrato_hz=float(rng.choice([0.0, 0.0, rng.uniform(4.5, 6.5)])),
            detune=float(rng.choice([0.0, rng.uniform(0.001, 0.006)])),
            breath=float(rng.choice([0.0, 0.0, rng.uniform(0.02, 0.15)])),
        )


def _strengths(timbre: Timbre, hz: float, brightness: float) -> NDArray[np.float64]:
    """Amplitudes of the harmonics, the brighter the less they fall."""
    count = int(np.clip(HIGHEST_PARTIAL_HZ / hz, 1, 48))
    k = np.arange(1, count + 1)
    base = 1.0 / k
    if timbre.kind == "odd":
        base = base * (k % 2)
    elif timbre.kind in ("drawbars", "sparse"):
        base = np.zeros(count)
        chosen = np.array(timbre.partials)[:count]
        base[: len(chosen)] = chosen / np.arange(1, len(chosen) + 1) ** 0.5
    return base * np.exp(-k * hz / (600.0 * 12.0**brightness))


@dataclass
class Voices:
    """Renders notes and drums of one song and remembers them: material repeats."""

    rng: np.random.Generator
    notes: dict[tuple[object, ...], Sound] = field(default_factory=dict)

    def note(self, timbre: Timbre, note: float, length_s: float, brightness: float) -> Sound:
        key = (timbre, note, round(length_s, 3), round(brightness, 2))
        if key not in self.notes:
            self.notes[key] = self._render(timbre, pitch_hz(note), length_s, brightness)
        return self.notes[key]

    def _render(self, timbre: Timbre, hz: float, length_s: float, brightness: float) -> Sound:
        t = seconds(length_s + timbre.release_s)
        phase = hz * t
        if timbre.vibrato_hz:
            phase = phase + np.float32(0.004 * hz / timbre.vibrato_hz) * np.sin(2 * np.pi * timbre.vibrato_hz * t)
        if timbre.kind == "bell":
            index = (1.0 + 5.0 * brightness) * np.exp(-t / (0.3 * timbre.decay_s + 0.05))
            ratio = 2.0 if timbre.attack_s > 0.02 else 3.5
            x = np.sin(2 * np.pi * phase + index * np.sin(2 * np.pi * ratio * phase))
        else:
            x = self._cycles(timbre, hz, brightness, phase)
        if timbre.breath:
            x = x + timbre.breath * self.rng.standard_normal(len(t), np.float32)
        envelope = np.minimum(t / timbre.attack_s, 1.0) * np.exp(-t / timbre.decay_s)
        envelope *= np.clip((t[-1] - t) / timbre.release_s, 0.0, 1.0)
        return (x * envelope).astype(np.float32)

    def _cycles(self, timbre: Timbre, hz: float, brightness: float, phase: Sound) -> Sound:
        strengths = _strengths(timbre, hz, brightness)
        spectrum = np.zeros(TABLE // 2 + 1, complex)
        spectrum[1 : len(strengths) + 1] = strengths * np.exp(2j * np.pi * self.rng.random(len(strengths)))
        table = np.fft.irfft(spectrum)
        table = np.tanh(3.0 * table / table.std()) if timbre.kind == "drive" else table / table.std()
        table = (0.5 * table).astype(np.float32)
        x = table[(phase * TABLE).astype(np.int64) & (TABLE - 1)]
        if timbre.detune:
            x = 0.6 * (x + table[(phase * ((1 + timbre.detune) * TABLE)).astype(np.int64) & (TABLE - 1)])
        return x

    def noise(self, length_s: float, low_hz: float, high_hz: float) -> Sound:
        """Noise between two frequencies, of RMS 1."""
        frames = 1 << (len(seconds(length_s)) - 1).bit_length()
        hz = np.maximum(np.fft.rfftfreq(frames, 1 / RATE_HZ), 1.0)
        shape = 1 / (1 + (low_hz / hz) ** 4) / (1 + (hz / high_hz) ** 4)
        x = np.fft.irfft(np.fft.rfft(self.rng.standard_normal(frames)) * shape, frames)[: len(seconds(length_s))]
        return (x / x.std()).astype(np.float32)


@dataclass(frozen=True)
class Kit:
    """One drum kit: what each drum sounds like."""

    kick: Sound
    snare: Sound
    hat: Sound
    open_hat: Sound
    tom: Sound
    crash: Sound
    shaker: Sound

    @classmethod
    def draw(cls, voices: Voices) -> Kit:
        rng = voices.rng
        return cls(
            kick=_skin(rng, rng.uniform(42, 65), rng.uniform(110, 320), rng.uniform(0.07, 0.25)),
            snare=0.5 * _skin(rng, rng.uniform(150, 230), 350, 0.07)
            + 0.3 * _burst(voices, 0.4, rng.uniform(900, 2500), rng.uniform(7000, 12000), rng.uniform(0.04, 0.12)),
            hat=0.3 * _burst(voices, 0.08, rng.uniform(5000, 9000), 15000, rng.uniform(0.008, 0.03)),
            open_hat=0.3 * _burst(voices, 0.35, rng.uniform(4500, 8000), 15000, rng.uniform(0.06, 0.15)),
            tom=_skin(rng, rng.uniform(80, 160), 300, 0.15),
            crash=0.35 * _burst(voices, 2.0, rng.uniform(2500, 5000), 14000, rng.uniform(0.3, 0.8)),
            shaker=0.2 * _burst(voices, 0.12, rng.uniform(3000, 6000), 11000, rng.uniform(0.02, 0.05)),
        )


def _skin(rng: np.random.Generator, to_hz: float, from_hz: float, decay_s: float) -> Sound:
    """A sine that falls in pitch."""
    t = seconds(0.4)
    fall_s = float(rng.uniform(0.01, 0.04))
    phase = to_hz * t + (from_hz - to_hz) * fall_s * (1 - np.exp(-t / fall_s))
    x = np.tanh(rng.uniform(1.0, 3.0) * np.sin(2 * np.pi * phase)) * np.exp(-t / decay_s)
    return (x * np.clip((t[-1] - t) / 0.05, 0, 1)).astype(np.float32)


def _burst(voices: Voices, length_s: float, low_hz: float, high_hz: float, decay_s: float) -> Sound:
    t = seconds(length_s)
    return voices.noise(length_s, low_hz, high_hz) * np.exp(-t / decay_s) * np.clip((t[-1] - t) / 0.02, 0, 1)
