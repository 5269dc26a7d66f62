"""What the own nodes are for: figures of their laws beside pedalboard's plugins for the same job."""

from __future__ import annotations

from typing import Any

import numpy as np
import pedalboard as pb
import scipy.signal

from bench.bench import Bench
from bench.distortion import Floats, aliases_db, harmonics_db, ratio_db
from bench.document import Section, Table, figure
from bench.material import RATE_HZ
from livemaster.nodes import node_class

SHELF_HZ, SHELF_DB = 30.0, 3.0
SATURATIONS = (0.25, 0.5, 0.75)
HARMONICS_HZ, HARMONICS_DBFS, ALIAS_HZ = 1000.0, -6.0, 9000.0


def measure(bench: Bench) -> Section:
    """Equalizer error, aliases of saturation, the compressor's image."""
    return Section(
        (
            f"**Equalizer error**: a {SHELF_DB:g} dB low shelf at {SHELF_HZ:g} Hz on white noise, difference to the "
            "same biquad (RBJ, slope 1) in double precision, relative to the output.",
            _equalizer_table(),
            f"**Aliases**: largest line that is no harmonic, re fundamental, of a {ALIAS_HZ / 1000:g} kHz sine at "
            f"{figure(HARMONICS_DBFS, 0)} dBFS and 44.1 kHz; **harmonics**: of a {HARMONICS_HZ / 1000:g} kHz sine at "
            f"{figure(HARMONICS_DBFS, 0)} dBFS. The drive of `Distortion` is the one with the same harmonics.",
            _saturator_table(),
            "**Image**: a −24 dBFS 3 kHz sine on the right, bursts of a full-scale 200 Hz sine on the left; the "
            "largest difference between the gains of the two channels at one frame.",
            _compressor_table(),
        )
    )


def _equalizer_table() -> Table:
    rows = []
    for rate_hz in (44_100, 48_000, 96_000, 192_000):
        noise = np.random.default_rng(1).standard_normal((2, 4 * rate_hz)) * 0.1
        x = np.ascontiguousarray(noise, np.float32)
        exact = scipy.signal.sosfilt(low_shelf(SHELF_HZ, SHELF_DB, rate_hz), x.astype(np.float64))
        ours = node_class("equalizer")(low_shelf_hz=SHELF_HZ, low_shelf_db=SHELF_DB)(x, rate_hz)
        theirs = pb.LowShelfFilter(SHELF_HZ, SHELF_DB)(x, rate_hz)
        rows.append((f"{rate_hz / 1000:g} kHz", *(figure(_error_db(y, exact), 1) for y in (ours, theirs))))
    return Table(("rate", "livemaster `Equalizer`, dB", "pedalboard `LowShelfFilter`, dB"), rows)


def low_shelf(hz: float, gain_db: float, rate_hz: int) -> Floats:
    """One second-order section of a low shelf with Q √½ (R. Bristow-Johnson's cookbook), float64 (1, 6)."""
    a, w = 10.0 ** (gain_db / 40.0), 2.0 * np.pi * hz / rate_hz
    cosine, wide = np.cos(w), 2.0 * np.sqrt(a) * np.sin(w) / np.sqrt(2.0)
    b = a * np.array([a + 1 - (a - 1) * cosine + wide, 2 * (a - 1 - (a + 1) * cosine), a + 1 - (a - 1) * cosine - wide])
    d = np.array([a + 1 + (a - 1) * cosine + wide, -2 * (a - 1 + (a + 1) * cosine), a + 1 + (a - 1) * cosine - wide])
    return np.concatenate([b, d])[None] / d[0]


def _error_db(y: np.ndarray, exact: Floats) -> float:
    return ratio_db(float(((y - exact) ** 2).sum()), float((exact**2).sum()))


def _saturator_table() -> Table:
    rows = []
    for saturation in SATURATIONS:
        ours = node_class("saturator")(saturation=saturation)
        harmonics = _harmonics_db(ours)
        drive_db = _matching_drive_db(harmonics)
        theirs = pb.Distortion(drive_db)
        row = (figure(saturation), figure(harmonics, 1), figure(_aliases_db(ours), 1))
        rows.append((*row, figure(drive_db, 1), figure(_harmonics_db(theirs), 1), figure(_aliases_db(theirs), 1)))
    ours_of = ("saturation", "harmonics, dB", "livemaster `Saturator`: aliases, dB")
    return Table((*ours_of, "drive, dB", "harmonics, dB", "pedalboard `Distortion`: aliases, dB"), rows)


def _matching_drive_db(wanted_db: float) -> float:
    """Drive of `Distortion` that makes the wanted harmonics: bisection."""
    low_db, high_db = -30.0, 40.0
    for _ in range(24):
        middle_db = (low_db + high_db) / 2.0
        if _harmonics_db(pb.Distortion(middle_db)) < wanted_db:
            low_db = middle_db
        else:
            high_db = middle_db
    return high_db


def _harmonics_db(processor: Any) -> float:
    return harmonics_db(_settled(processor, HARMONICS_HZ), RATE_HZ, HARMONICS_HZ)


def _aliases_db(processor: Any) -> float:
    return aliases_db(_settled(processor, ALIAS_HZ), RATE_HZ, ALIAS_HZ)


def _settled(processor: Any, hz: float) -> np.ndarray:
    """The second second of a sine through a processor, one channel."""
    tone = 10 ** (HARMONICS_DBFS / 20) * np.sin(2 * np.pi * hz * np.arange(3 * RATE_HZ) / RATE_HZ)
    y = processor(np.ascontiguousarray(np.tile(tone, (2, 1)), np.float32), RATE_HZ)
    return y[0, RATE_HZ : 2 * RATE_HZ]


def _compressor_table() -> Table:
    time_s = np.arange(4 * RATE_HZ) / RATE_HZ
    bursts = np.sin(2 * np.pi * 200.0 * time_s) * (time_s % 1.0 < 0.5)
    quiet = 10 ** (-24 / 20) * np.sin(2 * np.pi * 3000.0 * time_s)
    x = np.ascontiguousarray(np.stack([bursts, quiet]), np.float32)
    settings = {"threshold_db": -18.0, "ratio": 4.0, "attack_ms": 5.0, "release_ms": 100.0}
    rows = [
        ("livemaster `Compressor`", figure(_image_db(x, node_class("compressor")(**settings)(x, RATE_HZ)))),
        ("pedalboard `Compressor`", figure(_image_db(x, pb.Compressor(**settings)(x, RATE_HZ)))),
    ]
    return Table(("compressor", "largest difference, dB"), rows)


def _image_db(x: np.ndarray, y: np.ndarray) -> float:
    """Largest difference of the channels' gains at a frame, wherever both sound."""
    sounding = (np.abs(x) > 0.01).all(axis=0)
    gains_db = 20.0 * np.log10(np.abs(y[:, sounding].astype(np.float64) / x[:, sounding]))
    return float(np.abs(gains_db[0] - gains_db[1]).max())
