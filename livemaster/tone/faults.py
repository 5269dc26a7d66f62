"""What commonly goes wrong with tone and width of a mix: curves in third-octaves or a gain of the sides, with chances.

A fault is a tilt, a shelf or a broad bell of a few strengths, or sides too loud or too soft; none is learned from
music. Responses are those of the analog prototypes of R. Bristow-Johnson's cookbook, which the chain's filters follow.
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SHELF_Q = float(np.sqrt(0.5))
STRENGTHS_DB = (3.0, 5.0, 7.0, 9.0)
NO_FAULT = 0.05
"""Chance that nothing is wrong."""


class Shape(NamedTuple):
    """A kind of fault at some middle frequencies: with how much weight it is a rise, and a fall, and their names."""

    rise_name: str
    fall_name: str
    kind: str
    hz: tuple[float, ...]
    q: tuple[float, ...]
    rise: float
    fall: float


SHAPES = (
    Shape("tilted up", "tilted down", "tilt", (800.0,), (1.0,), 1.0, 1.0),
    Shape("bright", "dull", "high", (2500.0, 3500.0, 5000.0), (SHELF_Q,), 0.5, 1.0),
    Shape("heavy", "thin", "low", (80.0, 120.0, 200.0), (SHELF_Q,), 0.2, 0.2),
    Shape("harsh", "distant", "bell", (2500.0, 3300.0, 4500.0), (0.7, 1.1), 1.0, 0.3),
    Shape("boomy", "hollow", "bell", (90.0, 130.0, 190.0), (0.7, 1.1), 1.0, 0.5),
)
SIDES = (("over-wide", 1.0, 1.0), ("narrow", -1.0, 1.0))
"""Faults of width: name, sign and weight."""
_TILT_OCTAVES = 5.8
"""A tilt by s dB rises so much over as many octaves: then it is as strong, RMS, as a shelf in the treble."""


def response_db(kind: str, hz: float, q: float, gain_db: float, at_hz: Floats) -> Floats:
    """Gain of a filter at frequencies: `kind` is low, high (shelves), bell or tilt (about `hz`, without `q`)."""
    if kind == "tilt":
        return np.asarray(gain_db / _TILT_OCTAVES * np.log2(at_hz / hz))
    s, a = 1j * at_hz / hz, 10.0 ** (gain_db / 40.0)
    if kind == "bell":
        h = (s * s + s * a / q + 1.0) / (s * s + s / (a * q) + 1.0)
    else:
        root = np.sqrt(a) / q
        one, other = s * s + root * s + a, a * s * s + root * s + 1.0
        h = a * (one / other if kind == "low" else other / one)
    return np.asarray(20.0 * np.log10(np.abs(h)))


class Faults(NamedTuple):
    """Every fault: `names`, `curves_db` (faults, bands), `sides_db` (faults,), `chances` (faults,); no fault last."""

    names: tuple[str, ...]
    curves_db: Floats
    sides_db: Floats
    chances: Floats


def faults(at_hz: Floats) -> Faults:
    """All faults, their curves at frequencies; chances add up to 1."""
    names: list[str] = []
    curves, sides_db, chances = [], [], []
    for name, sign, weight in SIDES:
        for gain_db in STRENGTHS_DB:
            names.append(name)
            curves.append(np.zeros(len(at_hz)))
            sides_db.append(sign * gain_db)
            chances.append(weight / len(STRENGTHS_DB))
    for shape in SHAPES:
        each = len(shape.hz) * len(shape.q) * len(STRENGTHS_DB)
        for hz, q, gain_db in product(shape.hz, shape.q, STRENGTHS_DB):
            ways = ((shape.rise_name, 1.0, shape.rise), (shape.fall_name, -1.0, shape.fall))
            for name, sign, weight in ways:
                names.append(name)
                curves.append(response_db(shape.kind, hz, q, sign * gain_db, at_hz))
                sides_db.append(0.0)
                chances.append(weight / each)
    found = np.array(chances)
    found *= (1.0 - NO_FAULT) / found.sum()
    return Faults(
        (*names, "no fault"),
        np.vstack([*curves, np.zeros(len(at_hz))]),
        np.array([*sides_db, 0.0]),
        np.append(found, NO_FAULT),
    )
