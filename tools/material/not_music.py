"""Sound that is no music: noises, tones and drones, and speech where a synthesizer is there; with seeded variety."""

from __future__ import annotations

import io
import subprocess

import numpy as np
import simulated_places as places
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, sosfilt
from simulated_aims import RATE_HZ, rms, to_width

Floats = NDArray[np.float64]

NOISES = ("white", "pink", "brown", "band", "rain", "static")
TONES = ("sine", "hum", "drone", "chord", "sweep", "beeps")
VOICES = ("en-gb", "en-us+f3", "de+m3", "fr", "es+f2", "sv+m5")
SENTENCES = (
    "The ferry leaves at half past six, and whoever is late has to wait until the morning.",
    "Bring the ladder round to the back, would you? The gutter is full of leaves again.",
    "In eighteen forty-one the town had nine bakers, two clockmakers, and one very tall chimney.",
    "No, I did not say that the map was wrong; I said that we were holding it upside down.",
    "Beat the eggs until they are pale, fold in the flour, and leave the oven door shut.",
    "Traffic is slow on the northern ring road after an accident near the second bridge.",
)


def noise(seed: int, length_s: float = 12.0) -> NDArray[np.float32]:
    """(2, frames) of a noise of `NOISES` in turn: its slope, width and swell vary."""
    rng, kind = np.random.default_rng([21, seed]), NOISES[seed % len(NOISES)]
    frames = round(length_s * RATE_HZ)
    x = rng.standard_normal((2, frames))
    if kind in ("pink", "brown"):
        x = _sloped(x, (-3.0 if kind == "pink" else -6.0) + rng.uniform(-0.7, 0.7))
    elif kind == "band":
        low_hz = 2.0 ** rng.uniform(np.log2(60.0), np.log2(3000.0))
        x = sosfilt(butter(2, [low_hz, low_hz * rng.uniform(3.0, 8.0)], "bandpass", fs=RATE_HZ, output="sos"), x)
    elif kind == "rain":
        x = _sloped(x, -2.0) / 3.0 + places.claps(rng, frames)
    elif kind == "static":
        x = x * (0.3 + np.repeat(rng.random(frames // 2000 + 1), 2000)[:frames])
    return _finished(to_width(x, rng.choice([0.005, rng.uniform(0.02, 0.55)])))


def tone(seed: int, length_s: float = 12.0) -> NDArray[np.float32]:
    """(2, frames) of a tone of `TONES` in turn: pitch, overtones and width vary."""
    rng, kind = np.random.default_rng([22, seed]), TONES[seed % len(TONES)]
    t = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    pitch_hz = 2.0 ** rng.uniform(np.log2(50.0), np.log2(4000.0 if kind in ("sine", "beeps") else 500.0))
    if kind == "hum":
        pitch_hz = float(rng.choice([50.0, 60.0]))
    if kind == "sweep":
        high_hz = rng.uniform(2000.0, 12_000.0)
        x = np.sin(2.0 * np.pi * 40.0 * t[-1] / np.log(high_hz / 40.0) * (high_hz / 40.0) ** (t / t[-1]))
    else:
        ratios = (1.0, 1.26, 1.498) if kind == "chord" else (1.0,)
        overtones = 1 if kind in ("sine", "beeps") else 12
        x = sum(_buzz(rng, t, pitch_hz * ratio, overtones) for ratio in ratios)
    if kind == "beeps":
        x = x * (np.sin(2.0 * np.pi * rng.uniform(0.5, 3.0) * t) > 0.0)
    late = int(rng.uniform(1, 800))
    both = np.stack([x, np.roll(x, late)]) if rng.random() < 0.5 else np.stack([x, x])
    return _finished(both + 1e-5 * rng.standard_normal(both.shape))


def speech(seed: int, espeak: str) -> NDArray[np.float32]:
    """(2, frames) of one or two voices by `espeak`, the program: dry in mono, in a room, or over a murmuring crowd."""
    rng = np.random.default_rng([23, seed])
    order = rng.permutation(len(SENTENCES))
    first = _spoken(espeak, VOICES[seed % len(VOICES)], " ".join(SENTENCES[k] for k in order[:3]), rng)
    second = _spoken(espeak, VOICES[(seed + 1) % len(VOICES)], " ".join(SENTENCES[k] for k in order[3:5]), rng)
    parts = [first, second] if rng.random() < 0.5 else [first]
    panned = [np.outer([1.0, rng.uniform(0.2, 1.0)][:: rng.choice([-1, 1])], part) for part in parts]
    x = np.concatenate(panned, axis=1)
    x = x + 1e-6 * rng.standard_normal(x.shape)
    if rng.random() < 0.5:
        x = places.hall(rng, x, rng.uniform(0.1, 0.5))
    if rng.random() < 0.25:
        x = x / rms(x) + places.crowd(rng, x.shape[1]) * 10.0 ** (rng.uniform(-30.0, -15.0) / 20.0)
    return _finished(x)


def reading(seed: int, espeak: str) -> NDArray[np.float32]:
    """(1, frames) of one voice by `espeak`, which reads all sentences three times, each time in another order."""
    rng = np.random.default_rng([24, seed])
    text = " ".join(SENTENCES[k] for _ in range(3) for k in rng.permutation(len(SENTENCES)))
    return _finished(_spoken(espeak, VOICES[seed % len(VOICES)], text, rng)[None])


def _spoken(espeak: str, voice: str, text: str, rng: np.random.Generator) -> Floats:
    import soundfile as sf
    import soxr

    options = ["-v", voice, "-s", str(rng.integers(130, 190)), "-p", str(rng.integers(25, 75)), "--stdout"]
    done = subprocess.run([espeak, *options, text], check=True, capture_output=True)
    sound, rate_hz = sf.read(io.BytesIO(done.stdout), dtype="float64")
    return np.asarray(soxr.resample(sound, rate_hz, RATE_HZ), np.float64)


def _buzz(rng: np.random.Generator, t: Floats, hz: float, overtones: int) -> Floats:
    fall = rng.uniform(0.5, 2.0)
    count = min(overtones, int(16_000.0 / hz))
    parts = (k**-fall * np.sin(2.0 * np.pi * k * hz * t + rng.uniform(0, 6)) for k in range(1, count + 1))
    return np.sum(list(parts), axis=0)


def _sloped(x: Floats, db_per_octave: float) -> Floats:
    hz = np.maximum(np.fft.rfftfreq(8192, 1.0 / RATE_HZ), 20.0)
    kernel = np.roll(np.fft.irfft((hz / 1000.0) ** (db_per_octave / 6.02)), 4096)
    return fftconvolve(x, kernel[None], mode="same", axes=1)


def _finished(x: Floats) -> NDArray[np.float32]:
    return (0.8 * x / np.abs(x).max()).astype(np.float32)
