"""Drums and percussion of the held-out songs: modal resonators struck by shaped noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from heldout_tones import RATE_HZ, Wave, tilted
from numpy.typing import NDArray

VARIANTS = 3
"""Strokes of each drum that differ a little, so that no two neighbours are copies."""


@dataclass(frozen=True, slots=True)
class Kit:
    """The character of one drum kit; ratios about 1 unless they carry a unit."""

    kick_hz: float
    kick_s: float
    kick_click: float
    snare_hz: float
    snare_s: float
    snare_wires: float
    hat_s: float
    bright: float
    tilt_db: float
    seed: int


KITS = {
    #            kick_hz, kick_s, click, snare_hz, snare_s, wires, hat_s, bright
    "rock": (58.0, 0.13, 0.5, 190.0, 0.16, 1.0, 0.045, 1.0),
    "metal": (62.0, 0.08, 1.3, 215.0, 0.14, 1.1, 0.05, 1.15),
    "jazz": (72.0, 0.14, 0.2, 230.0, 0.10, 0.7, 0.05, 0.8),
    "brush": (68.0, 0.12, 0.1, 200.0, 0.20, 1.3, 0.06, 0.6),
    "boom": (46.0, 0.40, 0.25, 180.0, 0.18, 1.2, 0.03, 1.1),
    "machine": (52.0, 0.17, 0.8, 200.0, 0.13, 1.2, 0.035, 1.2),
    "dusty": (64.0, 0.12, 0.4, 205.0, 0.13, 0.9, 0.04, 0.55),
}


def draw_kit(name: str, tilt_db: float, rng: np.random.Generator) -> Kit:
    """A kit of the named kind, each of its figures drawn within 15 % of the kind's."""
    figures = [figure * rng.uniform(0.85, 1.15) for figure in KITS[name]]
    return Kit(*figures, tilt_db=tilt_db, seed=int(rng.integers(1 << 31)))


def _time(seconds: float) -> NDArray[np.float64]:
    return np.arange(int(seconds * RATE_HZ)) / RATE_HZ


def modes(seconds: float, partials: tuple[tuple[float, float, float], ...]) -> NDArray[np.float64]:
    """Decaying sines of (Hz, amplitude, decay in seconds)."""
    t = _time(seconds)
    return np.asarray(sum(a * np.exp(-t / s) * np.sin(2 * np.pi * hz * t + 0.3) for hz, a, s in partials))


def noise(
    seconds: float, decay_s: float, low_hz: float, high_hz: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Noise between two frequencies that dies away."""
    t = _time(seconds)
    spectrum = np.fft.rfft(rng.standard_normal(len(t)))
    f = np.fft.rfftfreq(len(t), 1.0 / RATE_HZ) + 1.0
    spectrum *= 1.0 / (1.0 + (low_hz / f) ** 4) / (1.0 + (f / high_hz) ** 4)
    wave = np.fft.irfft(spectrum, len(t))
    return np.asarray(wave / (np.std(wave) + 1e-9) * np.exp(-t / decay_s) * np.minimum(t / 0.0006, 1.0))


def swept(seconds: float, hz: float, from_hz: float, sweep_s: float, decay_s: float) -> NDArray[np.float64]:
    """A sine that falls from `from_hz` to `hz`."""
    t = _time(seconds)
    turns = hz * t + (from_hz - hz) * sweep_s * (1.0 - np.exp(-t / sweep_s))
    return np.asarray(np.sin(2 * np.pi * turns) * np.exp(-t / decay_s))


def kick(kit: Kit, rng: np.random.Generator) -> NDArray[np.float64]:
    body = swept(4 * kit.kick_s, kit.kick_hz, kit.kick_hz * 4.5, 0.022, kit.kick_s)
    body[: RATE_HZ // 20] += 0.25 * kit.kick_click * noise(0.05, 0.004, 1_200.0, 6_500.0 * kit.bright, rng)
    return np.tanh(1.4 * body)


def snare(kit: Kit, rng: np.random.Generator) -> NDArray[np.float64]:
    hz, s = kit.snare_hz * rng.uniform(0.99, 1.01), kit.snare_s
    ratios = ((1.0, 1.0, 0.5), (1.59, 0.6, 0.35), (2.14, 0.35, 0.3), (2.92, 0.2, 0.2))
    shell = modes(0.5, tuple((hz * ratio, amplitude, decay * s) for ratio, amplitude, decay in ratios))
    wires = noise(0.5, 0.6 * s, 900.0, 7_500.0 * kit.bright, rng)
    return np.asarray(0.55 * shell + 0.32 * kit.snare_wires * wires)


def clap(kit: Kit, rng: np.random.Generator) -> NDArray[np.float64]:
    out = np.zeros(int(0.45 * RATE_HZ))
    for delay_s, level in ((0.0, 0.7), (0.011, 0.8), (0.023, 1.0)):
        at = int(delay_s * RATE_HZ)
        burst = level * noise(0.4, 0.07 if level == 1.0 else 0.006, 800.0, 4_500.0 * kit.bright, rng)
        out[at : at + len(burst)] += burst
    return out * 0.4


def metal(
    kit: Kit, rng: np.random.Generator, seconds: float, decay_s: float, low_hz: float, ring: float
) -> NDArray[np.float64]:
    """A cymbal: clusters of inharmonic modes in noise."""
    spread_hz = low_hz * 2.0 ** rng.uniform(-0.6, 1.2, 14)
    clang = modes(seconds, tuple((hz, 1.0, decay_s * rng.uniform(0.5, 1.3)) for hz in spread_hz))
    wash = noise(seconds, decay_s, low_hz, 11_000.0 * kit.bright, rng)
    return np.asarray(0.22 * wash + 0.22 * ring * clang / np.sqrt(14.0))


def tom(kit: Kit, rng: np.random.Generator, ratio: float) -> NDArray[np.float64]:
    hz = kit.kick_hz * ratio
    skin = swept(0.6, hz, 1.5 * hz, 0.03, 0.17) + 0.3 * swept(0.6, 1.6 * hz, 2.0 * hz, 0.03, 0.08)
    skin[: RATE_HZ // 20] += 0.15 * noise(0.05, 0.005, 700.0, 5_000.0, rng)
    return np.asarray(0.7 * skin)


def conga(rng: np.random.Generator, hz: float) -> NDArray[np.float64]:
    hz *= rng.uniform(0.99, 1.01)
    skin = modes(0.4, ((hz, 1.0, 0.09), (1.5 * hz, 0.5, 0.05), (2.3 * hz, 0.3, 0.03), (3.1 * hz, 0.2, 0.02)))
    skin[: RATE_HZ // 50] += 0.12 * noise(0.02, 0.003, 900.0, 6_000.0, rng)
    return np.asarray(0.5 * skin)


def stroke(name: str, kit: Kit, variant: int) -> Wave:
    """One stroke of a drum, mono, peaks near 1 for the loud drums; the same arguments give the same stroke."""
    rng = np.random.default_rng([kit.seed, variant, *name.encode()])
    shut, high_hz = kit.hat_s, 6_500.0
    wave = {
        "kick": lambda: kick(kit, rng),
        "snare": lambda: snare(kit, rng),
        "ghost": lambda: 0.3 * snare(kit, rng),
        "clap": lambda: clap(kit, rng),
        "rim": lambda: 0.5 * modes(0.12, ((1_750.0, 1.0, 0.014), (480.0, 0.9, 0.012), (2_900.0, 0.4, 0.01))),
        "brush": lambda: 0.25 * noise(0.3, 0.09, 700.0, 6_000.0, rng),
        "hat": lambda: metal(kit, rng, 0.25, shut, high_hz, 0.6),
        "open hat": lambda: metal(kit, rng, 0.6, 0.14, high_hz, 0.7),
        "ride": lambda: 0.55 * metal(kit, rng, 1.0, 0.3, 3_800.0, 1.6),
        "crash": lambda: 1.5 * metal(kit, rng, 2.4, 0.6, 2_600.0, 0.8),
        "shaker": lambda: 0.2 * np.convolve(noise(0.12, 0.04, 4_500.0, 11_000.0, rng), np.ones(8) / 8, "same"),
        "tambourine": lambda: 0.8 * metal(kit, rng, 0.25, 0.06, 7_500.0, 1.2),
        "cowbell": lambda: 0.3 * modes(0.3, ((560.0, 1.0, 0.07), (845.0, 0.9, 0.06), (1_690.0, 0.3, 0.03))),
        "high tom": lambda: tom(kit, rng, 3.2),
        "tom": lambda: tom(kit, rng, 2.3),
        "low tom": lambda: tom(kit, rng, 1.6),
        "conga": lambda: conga(rng, 310.0),
        "low conga": lambda: conga(rng, 205.0),
        "stomp": lambda: 0.8 * swept(0.35, 70.0, 160.0, 0.02, 0.08),
        "riser": lambda: noise(2.0, 9e9, 500.0, 9_000.0, rng) * np.linspace(0.0, 0.5, int(2.0 * RATE_HZ)) ** 2,
    }[name]()
    return np.asarray(tilted(np.asarray(wave, np.float32), kit.tilt_db), np.float32)
