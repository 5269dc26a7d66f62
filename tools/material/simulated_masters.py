"""Masters of known kinds from any stereo music, by four simulators that share aims but no methods, with seeded variety.

Kinds: studio_hd_bright, studio_legacy, metal, bootleg; and other, which lies outside of all of these.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import simulated_places as places
from numpy.typing import NDArray
from pedalboard import (
    Chorus,
    Compressor,
    HighShelfFilter,
    LowpassFilter,
    LowShelfFilter,
    MP3Compressor,
    PeakFilter,
    Pedalboard,
    Reverb,
)
from scipy.fft import irfft, rfft
from scipy.signal import butter, lfilter, sosfilt, sosfreqz
from simulated_aims import RATE_HZ, REGIONS, Aim, corrected, draw, missed, rms, solve, to_crest, to_width

Floats = NDArray[np.float64]
Rng = np.random.Generator

KINDS = (*REGIONS, "other")
PEAK = 0.95
ATTEMPTS, NEAR_OCTAVES, NEAR_DB, CORRECTED = 3, 0.2, 1.2, 0.8
"""Saturation moves the tone off the aim: so often is it tried, until so near, making up for so much of the miss."""
FAR_OCTAVES, FAR_DB = 0.75, 4.0
"""What is further off its aim than this is no master of that kind."""


@dataclass(frozen=True)
class Master:
    """A simulated master, (2, frames) at 44.1 kHz, and what it is.

    `arrived`: its tone came near the aim; from a flute no equalizer makes a bootleg's bass.
    """

    audio: NDArray[np.float32]
    kind: str
    simulator: str
    aim: Aim
    arrived: bool


def make(simulator: str, kind: str, music: NDArray[np.floating], seed: int) -> Master:
    """`music` (2, frames) at 44.1 kHz as a master of one of `KINDS`, by one of `SIMULATORS`; deterministic."""
    key = [sorted(SIMULATORS).index(simulator), KINDS.index(kind), seed]
    process, looseness = SIMULATORS[simulator]
    rng = np.random.default_rng(key)
    aim = draw(rng, kind, rng.uniform(0.0, looseness))
    x = np.asarray(music, np.float64)
    x = x / rms(x)
    attempt = aim
    for _ in range(ATTEMPTS):
        y = process(np.random.default_rng([*key, 1]), x, kind, attempt)
        off_octaves, off_db = missed(aim, y)
        if max(abs(off_octaves) / NEAR_OCTAVES, abs(off_db) / NEAR_DB) < 1.0:
            break
        attempt = corrected(attempt, CORRECTED * off_octaves, CORRECTED * off_db)
    off_octaves, off_db = missed(aim, y)
    arrived = kind == "other" or (abs(off_octaves) < FAR_OCTAVES and abs(off_db) < FAR_DB)
    return Master((y * PEAK / np.abs(y).max()).astype(np.float32), kind, simulator, aim, arrived)


# --- by spectrum: straight lines over log frequency and ripples, by FFT of the whole; tanh; a diffuse hall


def by_spectrum(rng: Rng, x: Floats, kind: str, aim: Aim) -> Floats:
    if kind == "bootleg":
        x = places.hall(rng, x, rng.uniform(0.2, 0.7))
        x = x + places.crowd(rng, x.shape[1]) * 10.0 ** (rng.uniform(-30.0, -14.0) / 20.0)
        x = places.ridden(x, 0.1, rng.uniform(1.0, 4.0), rng.uniform(1.5, 4.0))
    knots = rng.normal(0.0, rng.uniform(0.0, 2.5), 11)
    ripple_at = np.linspace(np.log2(20.0), np.log2(20_000.0), 11)
    x = _by_fft(x, lambda hz: np.interp(np.log2(hz), ripple_at, knots))
    low_hz, high_hz = rng.uniform(180.0, 350.0), rng.uniform(900.0, 2000.0)

    def low(hz: Floats, db: float) -> Floats:
        return db * np.clip(np.log2(low_hz / hz) / 1.5, 0.0, 1.0)

    def high(hz: Floats, db: float) -> Floats:
        return db * np.clip(np.log2(hz / high_hz) / 2.0, 0.0, 1.0)

    spare = places.hall(rng, x, 1.0)
    x = to_width(x, aim.width, spare[0] - spare[1])
    low_db, high_db = solve(x, aim, low, high)
    x = _by_fft(x, lambda hz: low(hz, low_db) + high(hz, high_db))
    return to_crest(to_width(x, aim.width), aim.crest_db, np.tanh)


def _by_fft(x: Floats, response_db: Callable[[Floats], Floats]) -> Floats:
    hz = np.maximum(np.fft.rfftfreq(x.shape[1], 1.0 / RATE_HZ), 10.0)
    return irfft(rfft(x) * 10.0 ** (response_db(hz) / 20.0), x.shape[1])


# --- by biquads: shelves and a bell in series; compressor and clipper; echoes, applause, a cassette


def by_biquads(rng: Rng, x: Floats, kind: str, aim: Aim) -> Floats:
    if kind == "bootleg":
        x = places.echoes(rng, x, rng.uniform(0.3, 0.6))
        x = x + places.claps(rng, x.shape[1]) * 10.0 ** (rng.uniform(-34.0, -18.0) / 20.0)
        x = places.low_passed(places.wow(rng, x), rng.uniform(3500.0, 9000.0), 2)
        x = places.hiss(rng, x, rng.uniform(38.0, 60.0))
        x = places.ridden(x, 0.02, rng.uniform(0.3, 1.5), rng.uniform(2.0, 8.0))
    if kind != "other":
        x = places.ridden(x, 0.01, rng.uniform(0.05, 0.3), rng.uniform(1.2, 3.5 if kind == "metal" else 2.0))
    x = sosfilt(_bell(rng.uniform(200.0, 1500.0), 0.8, rng.normal(0.0, 2.5)), x)
    low_hz, high_hz = rng.uniform(130.0, 260.0), rng.uniform(2000.0, 5000.0)

    def low(hz: Floats, db: float) -> Floats:
        return _gain_db(_shelf(low_hz, db, -1.0), hz)

    def high(hz: Floats, db: float) -> Floats:
        return _gain_db(_shelf(high_hz, db, 1.0), hz)

    late = int(rng.uniform(0.006, 0.02) * RATE_HZ)
    spare = np.concatenate([np.zeros(late), (x[0] + x[1])[:-late]])
    x = to_width(x, aim.width, sosfilt(butter(1, 150.0, "highpass", fs=RATE_HZ, output="sos"), spare))
    low_db, high_db = solve(x, aim, low, high)
    x = sosfilt(np.vstack([_shelf(low_hz, low_db, -1.0), _shelf(high_hz, high_db, 1.0)]), x)
    return to_crest(to_width(x, aim.width), aim.crest_db, lambda y: np.clip(y, -1.0, 1.0))


def _shelf(hz: float, gain_db: float, side: float) -> Floats:
    """Two equal first-order-like shelves in series (RBJ, slope Q 0.6), for frequencies above (+1) or below (−1)."""
    a, w = 10.0 ** (gain_db / 80.0), 2.0 * np.pi * hz / RATE_HZ
    cos, root = np.cos(w), 2.0 * np.sqrt(a) * np.sin(w) / (2.0 * 0.6)
    up, down = a + 1.0, a - 1.0
    b = [a * (up + side * down * cos + root), -2.0 * side * a * (down + side * up * cos)]
    b += [a * (up + side * down * cos - root)]
    d = [up - side * down * cos + root, 2.0 * side * (down - side * up * cos), up - side * down * cos - root]
    return np.tile(np.array([*b, *d]) / d[0], (2, 1))


def _bell(hz: float, q: float, gain_db: float) -> Floats:
    a, w = 10.0 ** (gain_db / 40.0), 2.0 * np.pi * hz / RATE_HZ
    cos, alpha = np.cos(w), np.sin(w) / (2.0 * q)
    b, d = [1 + alpha * a, -2 * cos, 1 - alpha * a], [1 + alpha / a, -2 * cos, 1 - alpha / a]
    return np.array([[*b, *d]]) / d[0]


def _gain_db(sections: Floats, hz: Floats) -> Floats:
    return 20.0 * np.log10(np.abs(sosfreqz(sections, hz, fs=RATE_HZ)[1]) + 1e-9)


# --- by plugins: pedalboard's filters, compressor, reverberation, chorus, and an MP3 codec


GRID_DB = np.linspace(-36.0, 36.0, 19)


def by_plugins(rng: Rng, x: Floats, kind: str, aim: Aim) -> Floats:
    board: list = [PeakFilter(rng.uniform(100.0, 6000.0), float(rng.normal(0.0, 2.0)), rng.uniform(0.5, 1.5))]
    board += [Compressor(rng.uniform(-24.0, -10.0), rng.uniform(1.2, 6.0 if kind == "metal" else 2.5), 10.0, 150.0)]
    if kind == "bootleg":
        board += [Reverb(rng.uniform(0.3, 0.9), 0.6, rng.uniform(0.15, 0.5), 0.5, rng.uniform(0.3, 1.0))]
        board += [LowpassFilter(rng.uniform(3000.0, 9000.0))]
    elif rng.random() < 0.4:
        board += [Reverb(0.2, 0.5, rng.uniform(0.02, 0.12), 0.9, 1.0)]
    x = _through(board, x)
    low_hz, high_hz = rng.uniform(120.0, 260.0), rng.uniform(1500.0, 5000.0)

    wide = _through([Chorus(rng.uniform(0.3, 1.5), 0.3, 9.0, 0.1, 1.0)], x)
    x = to_width(x, aim.width, (wide[0] - x[0]) - 0.4 * (wide[1] + x[1]))
    low_db, high_db = solve(x, aim, _measured(LowShelfFilter, low_hz), _measured(HighShelfFilter, high_hz))
    x = _through(_shelves(LowShelfFilter, low_hz, low_db) + _shelves(HighShelfFilter, high_hz, high_db), x)
    x = to_crest(to_width(x, aim.width), aim.crest_db, lambda y: y / (1.0 + np.abs(y) ** 2.5) ** 0.4)
    if rng.random() < 0.5:
        x = _through([MP3Compressor(rng.uniform(2.0, 7.0))], x)
    return x


def _shelves(kind_of: type, at_hz: float, db: float) -> list:
    return [kind_of(at_hz, db / 3.0, 0.6) for _ in range(3)]


def _measured(kind_of: type, at_hz: float) -> Callable[[Floats, float], Floats]:
    """Response of such shelves, from their impulse responses at a grid of gains."""
    at = np.fft.rfftfreq(16_384, 1.0 / RATE_HZ)
    impulse = np.zeros((1, 16_384), np.float32)
    impulse[0, 0] = 0.5
    heard = [Pedalboard(_shelves(kind_of, at_hz, float(db)))(impulse, RATE_HZ)[0] for db in GRID_DB]
    levels_db = [20.0 * np.log10(np.abs(np.fft.rfft(each)) / 0.5 + 1e-9) for each in heard]

    def response(hz: Floats, db: float) -> Floats:
        place = np.clip((db - GRID_DB[0]) / (GRID_DB[1] - GRID_DB[0]), 0.0, len(GRID_DB) - 1.001)
        k, part = int(place), place % 1.0
        return np.interp(hz, at, (1.0 - part) * levels_db[k] + part * levels_db[k + 1])

    return response


def _through(plugins: list, x: Floats) -> Floats:
    loud = float(np.abs(x).max())
    return Pedalboard(plugins)((0.5 * x / loud).astype(np.float32), RATE_HZ).astype(np.float64) * 2.0 * loud


# --- by bands: six bands, each with its own level, compression and width; tape; a distant PA in a room with modes

CROSSOVERS_HZ = (80.0, 200.0, 600.0, 2000.0, 5500.0)


def by_bands(rng: Rng, x: Floats, kind: str, aim: Aim) -> Floats:
    if kind == "bootleg":
        x = places.modes(rng, places.hall(rng, x, rng.uniform(0.1, 0.5)))
        apart = int(rng.uniform(2, 40))  # frames between two microphones
        x = np.stack([x[0] + 0.5 * x[1], np.roll(x[1] + 0.5 * x[0], apart)])
        x = lfilter([0.4], [1.0, -0.6], x) + places.crowd(rng, x.shape[1]) * 10.0 ** (rng.uniform(-32.0, -16.0) / 20.0)
        x = places.ridden(x, 0.005, 0.25, rng.uniform(1.5, 5.0))
    bands = _split(x)
    for k, band in enumerate(bands):
        ratio = rng.uniform(1.0, 3.0 if kind == "metal" else 1.6)
        bands[k] = places.ridden(band, 0.01, 0.15, ratio) * 10.0 ** (rng.normal(0.0, 1.5) / 20.0)
        bands[k] = to_width(bands[k], _near(rng, band), rng.standard_normal(x.shape[1]))
    x = sum(bands[1:], bands[0])

    def low(hz: Floats, db: float) -> Floats:
        return _step_db(hz, CROSSOVERS_HZ[1], db, -1.0)

    def high(hz: Floats, db: float) -> Floats:
        return _step_db(hz, CROSSOVERS_HZ[3], db, 1.0)

    spare = lfilter([0.6, 0.0, 1.0], [1.0, 0.0, 0.6], np.roll(x[0] + x[1], 331))
    x = to_width(x, aim.width, spare)
    low_db, high_db = solve(x, aim, low, high)
    split = _split(x)
    x = (split[0] + split[1]) * 10.0 ** (low_db / 20.0) + split[2] + split[3]
    x = x + (split[4] + split[5]) * 10.0 ** (high_db / 20.0)
    return to_crest(to_width(x, aim.width), aim.crest_db, _tape)


def _tape(x: Floats) -> Floats:
    """A cubic that ends flat where it reaches ±1."""
    held = np.clip(x, -1.5, 1.5)
    return held - held**3 * 4.0 / 27.0


def _split(x: Floats) -> list[Floats]:
    """Bands that add up to the whole: second-order Butterworth there and back, so without phase."""
    spectrum, hz = rfft(x), np.arange(x.shape[1] // 2 + 1) * RATE_HZ / x.shape[1]
    below = [irfft(spectrum / (1.0 + (hz / each_hz) ** 4), x.shape[1]) for each_hz in CROSSOVERS_HZ]
    parts = [below[0], *(one - other for one, other in zip(below[1:], below, strict=False))]
    return [*parts, x - below[-1]]


def _step_db(hz: Floats, at_hz: float, db: float, side: float) -> Floats:
    """Gain of one group of bands against the rest: the crossover's share has zero phase, so amplitudes mix."""
    share = 1.0 / (1.0 + (hz / at_hz) ** (-4.0 * side))
    return 20.0 * np.log10(1.0 + share * (10.0 ** (db / 20.0) - 1.0) + 1e-9)


def _near(rng: Rng, band: Floats) -> float:
    mid, side = rms(band[0] + band[1]), rms(band[0] - band[1])
    return float(np.clip(side / (mid + side) * rng.uniform(0.6, 1.5), 0.005, 0.6))


SIMULATORS: dict[str, tuple[Callable[[Rng, Floats, str, Aim], Floats], float]] = {
    "spectrum": (by_spectrum, 0.5),
    "biquads": (by_biquads, 1.0),
    "plugins": (by_plugins, 1.0),
    "bands": (by_bands, 0.7),
}
"""Name → simulator, and how far outside the regions it aims at most, in margins."""
