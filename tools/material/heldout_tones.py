"""Pitched instruments of the held-out songs: period-wise spectra, frequency modulation, strings, reeds and voices."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 44_100
Wave = NDArray[np.float32]
Shape = Callable[[NDArray[np.float32], NDArray[np.float32]], NDArray[np.float32]]
"""Amplitudes of partials from times (m, 1) in seconds and frequencies (1, k) in Hz."""
Instrument = Callable[[float, float, float, np.random.Generator], Wave]
"""A note from its frequency in Hz, its length in seconds and its brightness 0…1."""

TOP_HZ = 17_000.0
REFERENCE_RMS = 0.1
VOWELS_HZ = ((700, 1150, 2600), (450, 1900, 2550), (300, 2250, 3000), (450, 850, 2700), (325, 750, 2550))


def periodic(
    hz: float,
    seconds: float,
    shape: Shape,
    rng: np.random.Generator,
    *,
    detune: tuple[float, ...] = (0.0,),
    vibrato: float = 0.0,
    phase_spread: float = 1.0,
) -> Wave:
    """A harmonic tone whose spectrum is drawn once a period, read at `hz` by as many voices as there are detunings."""
    period = max(8, round(RATE_HZ / hz))
    frames = int(seconds * RATE_HZ)
    blocks = int(frames * 1.03 / period) + 4
    partials_hz = hz * np.arange(1, max(2, min(period // 2, int(TOP_HZ / hz))), dtype=np.float32)
    times_s = (np.arange(blocks, dtype=np.float32) * (period / RATE_HZ))[:, None]
    turn = np.exp(2j * np.pi * phase_spread * rng.uniform(0, 1, len(partials_hz))).astype(np.complex64)
    spectrum = np.zeros((blocks, period // 2 + 1), np.complex64)
    spectrum[:, 1 : len(partials_hz) + 1] = shape(times_s, partials_hz[None, :]) * turn
    wave = np.fft.irfft(spectrum, period, axis=1).astype(np.float32).ravel() * (period / 2)
    frame = np.arange(frames, dtype=np.float64)
    total = np.zeros(frames, np.float32)
    for cents in detune:
        at = frame * (hz * period / RATE_HZ * 2.0 ** (cents / 1200.0)) + rng.uniform(0, period)
        if vibrato:
            rate_hz = rng.uniform(4.8, 6.2)
            depth = vibrato * period * np.minimum(frame / (0.4 * RATE_HZ), 1.0)
            at += depth * (1.0 + np.sin(2 * np.pi * rate_hz / RATE_HZ * frame))
        low = np.minimum(at.astype(np.int64), len(wave) - 2)
        part = (at - low).astype(np.float32)
        total += wave[low] + part * (wave[low + 1] - wave[low])
    return total


def envelope(frames: int, attack_s: float, decay_s: float = np.inf, sustain: float = 0.0) -> Wave:
    """A rise over `attack_s`, then an exponential fall to `sustain`."""
    t = np.arange(frames, dtype=np.float32) / RATE_HZ
    fall = sustain + (1.0 - sustain) * np.exp(-t / decay_s)
    return (fall * np.minimum(t / max(attack_s, 1e-4), 1.0)).astype(np.float32)


def low_pass(hz: NDArray[np.float32], cutoff_hz: float | NDArray[np.float32], steepness: float = 2.0) -> Wave:
    return (1.0 / (1.0 + (hz / cutoff_hz) ** steepness)).astype(np.float32)


def formants(hz: NDArray[np.float32], centres_hz: tuple[float, ...], sharpness: float = 9.0) -> Wave:
    peaks = sum(
        0.6**i / (1.0 + (sharpness * np.log2(np.maximum(hz, 20.0) / centre)) ** 2)
        for i, centre in enumerate(centres_hz)
    )
    return np.asarray(peaks + 0.03, np.float32)


def string(decay_s: float, damping_hz: float, pluck_at: float, slope: float) -> Instrument:
    """A plucked or struck string: high partials die sooner, and the spot where it is plucked leaves its comb."""

    def play(hz: float, seconds: float, bright: float, rng: np.random.Generator) -> Wave:
        soft = damping_hz * 2.0 ** (1.6 * bright - 0.8)

        def shape(t: NDArray[np.float32], f: NDArray[np.float32]) -> Wave:
            comb = np.abs(np.sin(np.pi * pluck_at * f / hz)) + 0.05
            decay = np.exp(-t / decay_s * (1.0 + (f / soft) ** 1.3))
            return comb * (f / hz) ** -slope * low_pass(f, 2.5 * soft) * decay

        wave = periodic(hz, seconds, shape, rng, detune=(-2.0, 1.5))
        return wave * envelope(len(wave), 0.002)

    return play


def saw(
    attack_s: float,
    cutoff_hz: float,
    sweep: float,
    detune: tuple[float, ...],
    *,
    square: float = 0.0,
    decay_s: float = np.inf,
    vibrato: float = 0.0,
    body_hz: tuple[float, ...] = (),
) -> Instrument:
    """A filtered saw (or square) wave whose filter falls by `sweep` octaves from its first 0.2 s on."""

    def play(hz: float, seconds: float, bright: float, rng: np.random.Generator) -> Wave:
        open_hz = cutoff_hz * 2.0 ** (3.0 * bright - 1.5) + 1.5 * hz

        def shape(t: NDArray[np.float32], f: NDArray[np.float32]) -> Wave:
            moving = open_hz * 2.0 ** (sweep * (np.exp(-t / 0.2) - 0.5))
            even = 1.0 - square * (np.round(f / hz) % 2 == 0)
            body = formants(f, body_hz, 2.0) if body_hz else np.float32(1.0)
            return (hz / f) * even * body * low_pass(f, moving, 3.0)

        wave = periodic(hz, seconds, shape, rng, detune=detune, vibrato=vibrato)
        return wave * envelope(len(wave), attack_s, decay_s)

    return play


def fm(ratio: float, index: float, index_s: float, decay_s: float, attack_s: float = 0.003) -> Instrument:
    """Two operators, the modulator's index falling."""

    def play(hz: float, seconds: float, bright: float, rng: np.random.Generator) -> Wave:
        t = np.arange(int(seconds * RATE_HZ), dtype=np.float32) / RATE_HZ
        turns = np.float32(2 * np.pi * hz) * t
        tame = min(1.0, 2_500.0 / hz / max(ratio, 1.0))
        depth = index * (0.35 + 1.1 * bright) * tame * (0.25 + 0.75 * np.exp(-t / index_s))
        wave = np.sin(turns + depth * np.sin(ratio * turns + np.float32(rng.uniform(0, 6.0))))
        return (wave * envelope(len(t), attack_s, decay_s)).astype(np.float32)

    return play


def organ(drawbars: tuple[float, ...], tremolo_hz: float) -> Instrument:
    """Added sines of the drawbars, with a click and a tremolo."""

    def play(hz: float, seconds: float, bright: float, rng: np.random.Generator) -> Wave:
        bars = np.array([a * (0.45 + 0.8 * bright) ** (0.35 * k) for k, a in enumerate(drawbars)], np.float32)

        def shape(t: NDArray[np.float32], f: NDArray[np.float32]) -> Wave:
            levels = np.zeros(f.shape[1], np.float32)
            levels[: min(len(bars), len(levels))] = bars[: len(levels)]
            return (levels[None, :] * (1.0 + 0.6 * np.exp(-t / 0.01))).astype(np.float32)

        wave = periodic(hz / 2, seconds, shape, rng)
        t = np.arange(len(wave), dtype=np.float32) / RATE_HZ
        return wave * envelope(len(wave), 0.006) * (1 + 0.15 * np.sin(2 * np.pi * tremolo_hz * t))

    return play


def voice(attack_s: float, detune: tuple[float, ...], breath: float) -> Instrument:
    """A sung vowel gliding to another, with vibrato and breath."""

    def play(hz: float, seconds: float, bright: float, rng: np.random.Generator) -> Wave:
        first, last = (VOWELS_HZ[i] for i in rng.integers(0, len(VOWELS_HZ), 2))

        def shape(t: NDArray[np.float32], f: NDArray[np.float32]) -> Wave:
            turn = np.clip(t / 0.35, 0, 1)
            vowel = (1 - turn) * formants(f, first) + turn * formants(f, last)
            return (hz / f) ** (1.1 - 0.5 * bright) * vowel * low_pass(f, 5_500.0 + 5_000.0 * bright, 3.0)

        wave = periodic(hz, seconds, shape, rng, detune=detune, vibrato=0.06)
        hiss = np.diff(rng.standard_normal(len(wave) + 1).astype(np.float32))
        wave += hiss * (breath * float(np.std(wave)))
        return wave * envelope(len(wave), attack_s)

    return play


def driven(inner: Instrument, gain: float, chord: tuple[float, ...], cabinet_hz: float) -> Instrument:
    """An amplifier: the notes of `chord` (ratios) overdrive one valve, then a loudspeaker darkens them."""

    def play(hz: float, seconds: float, bright: float, rng: np.random.Generator) -> Wave:
        clean = sum(inner(hz * ratio, seconds, bright, rng) for ratio in chord)
        clean = np.asarray(clean) / (np.std(clean) + 1e-9)
        wave = np.tanh((0.4 + 1.6 * bright) * gain * clean)
        size = fast_size(len(wave))
        spectrum = np.fft.rfft(wave, size)
        f = np.fft.rfftfreq(size, 1.0 / RATE_HZ).astype(np.float32)
        spectrum *= low_pass(f, cabinet_hz * (0.8 + 0.5 * bright), 6.0) * (f / (f + 70.0)) * (1.0 + f / 2_500.0)
        return np.fft.irfft(spectrum, size)[: len(wave)].astype(np.float32)

    return play


def fast_size(frames: int) -> int:
    """The least length of 2, 3 or 5 times a power of two that holds `frames`."""
    return min(odd << max(0, (-(-frames // odd) - 1).bit_length()) for odd in (2, 3, 5))


BASS_BODY = (90.0, 220.0, 700.0)
INSTRUMENTS: dict[str, Instrument] = {
    "nylon": string(1.4, 1_800.0, 0.21, 0.8),
    "steel": string(2.2, 3_800.0, 0.13, 0.55),
    "banjo": string(0.5, 4_500.0, 0.09, 0.35),
    "harp": string(1.8, 1_500.0, 0.45, 0.9),
    "piano": string(2.4, 2_600.0, 0.12, 0.95),
    "clavinet": string(0.7, 5_000.0, 0.06, 0.4),
    "marimba": fm(4.0, 0.9, 0.03, 0.28),
    "vibes": fm(4.0, 0.5, 0.3, 1.8),
    "electric piano": fm(1.0, 1.5, 0.5, 1.6),
    "tine piano": fm(7.0, 0.7, 0.15, 1.5),
    "bell": fm(3.5, 1.6, 0.5, 1.6),
    "drawbar organ": organ((0.8, 1.0, 0.7, 0.8, 0.0, 0.3, 0.0, 0.35), 6.4),
    "pipe organ": organ((0.5, 1.0, 0.1, 0.7, 0.05, 0.3, 0.05, 0.4, 0.0, 0.1, 0.0, 0.2), 0.3),
    "accordion": saw(0.04, 2_600.0, 0.0, (-7.0, 6.0), square=0.4, body_hz=(500.0, 1_400.0)),
    "warm pad": saw(0.35, 900.0, -0.6, (-9.0, 0.0, 8.0)),
    "glass pad": saw(0.25, 2_400.0, -0.8, (-6.0, 7.0), square=0.8),
    "super saw": saw(0.01, 3_200.0, 0.6, (-17.0, -7.0, 6.0, 15.0)),
    "stab": saw(0.003, 1_600.0, 2.4, (-8.0, 8.0), decay_s=0.5),
    "sequence": saw(0.003, 1_100.0, 2.0, (0.0,), square=0.9, decay_s=0.35),
    "strings": saw(0.16, 2_600.0, 0.0, (-8.0, 1.0, 7.0), vibrato=0.05, body_hz=(300.0, 900.0, 2_600.0)),
    "violin": saw(0.07, 3_600.0, 0.2, (0.0,), vibrato=0.09, body_hz=(450.0, 1_100.0, 2_900.0)),
    "brass": saw(0.05, 1_500.0, 1.2, (-4.0, 4.0), body_hz=(600.0, 1_300.0)),
    "clarinet": saw(0.04, 1_700.0, 0.3, (0.0,), square=0.95, vibrato=0.02),
    "saxophone": saw(0.035, 2_000.0, 0.8, (0.0,), vibrato=0.05, body_hz=(550.0, 1_200.0, 2_400.0)),
    "square lead": saw(0.008, 2_400.0, 0.5, (-5.0, 5.0), square=0.9, vibrato=0.05),
    "flute": voice(0.06, (0.0,), 0.02),
    "choir": voice(0.25, (-11.0, -2.0, 9.0), 0.02),
    "singer": voice(0.06, (0.0,), 0.03),
    "sub bass": saw(0.006, 160.0, 0.8, (0.0,), square=0.5),
    "pick bass": driven(string(1.6, 900.0, 0.11, 0.8), 0.5, (1.0,), 2_600.0),
    "upright bass": string(0.8, 420.0, 0.3, 0.85),
    "fm bass": fm(1.0, 2.2, 0.15, 0.9),
    "reese bass": saw(0.01, 420.0, -0.4, (-14.0, 11.0)),
    "tuba": saw(0.04, 420.0, 0.5, (0.0,), body_hz=BASS_BODY),
    "crunch": driven(string(2.6, 3_000.0, 0.12, 0.6), 2.6, (1.0, 1.498, 2.0), 3_800.0),
    "lead guitar": driven(string(4.0, 3_000.0, 0.18, 0.6), 4.0, (1.0,), 4_000.0),
    "clean guitar": driven(string(1.6, 3_200.0, 0.14, 0.6), 0.35, (1.0,), 4_800.0),
}


def note(name: str, midi: int, seconds: float, bright: float, tilt_db: float) -> Wave:
    """One note at a reference loudness, tilted by `tilt_db` an octave; the same arguments give the same note."""
    rng = np.random.default_rng([midi, int(seconds * 1000), int(bright * 100), *name.encode()])
    hz = 440.0 * 2.0 ** ((midi - 69) / 12.0)
    wave = tilted(INSTRUMENTS[name](hz, seconds, bright, rng), tilt_db)
    loudest = wave[: max(2_048, min(len(wave), RATE_HZ // 2))]
    return np.asarray(wave * (REFERENCE_RMS / (float(np.sqrt(np.mean(loudest**2))) + 1e-9)), np.float32)


def tilted(wave: Wave, tilt_db: float) -> Wave:
    """A straight line over log frequency, `tilt_db` an octave, level at 1 kHz, held within five octaves."""
    size = fast_size(len(wave))
    f = np.maximum(np.fft.rfftfreq(size, 1.0 / RATE_HZ), 1.0)
    gain_db = tilt_db * np.clip(np.log2(f / 1_000.0), -5.0, 4.5)
    return np.fft.irfft(np.fft.rfft(wave, size) * (10.0 ** (gain_db / 20.0)).astype(np.float32), size)[: len(wave)]
