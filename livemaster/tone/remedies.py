"""The move of tone and width that most probably brings a mix clearly nearer to what it was before its fault.

How far versions of a song are apart is measured in «heard» dB: for each band its level at equal loudness (BS.1770),
divided by the root of their number, and the side-to-mid ratio times `WIDTH_WEIGHT`; the length of that vector is a
root mean square. A fault is such a vector, and so is a move.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from livemaster.analysis.timeline import ANALYSIS_RATE_HZ
from livemaster.dsp.kweight import design

Floats = NDArray[np.float64]

WIDTH_WEIGHT = 0.4
"""Sides off by s dB count like a high shelf of s dB at 3.5 kHz, which comes to 0.4 s over the bands."""
CAP_DB = 0.85
"""Longest move: a mistake makes nothing worse by more, and music without a fault neither."""
CLEARLY_DB, SOFTLY_DB = 0.42, 0.2
"""A mix that comes nearer by the first is helped; the second says over which range that becomes so."""
PRICE_PER_DB = 0.15
"""What a dB of distance is worth besides, as a share of being helped: so that small gains count, too."""
PRICE_OF_MOVING = 0.05
"""What a dB of move must bring, so that nothing moves where nothing is probable."""
ROUNDS, STEP, STIFF = 80, 0.5, 0.01
_TINY = 1e-9


class MixBalance(NamedTuple):
    """Of each band of a mix: its share in the loudness, what of its power the sides have, and by how much more of the
    sides' whole power it holds than of the middle's.
    """

    loud: Floats
    sides: Floats
    widens: Floats


def mix(mid: Floats, side: Floats, hz: Floats) -> MixBalance:
    """Of the power of mid and side in bands around `hz`, all (bands,); not for silence."""
    power = mid + side
    weighted = power * _k_weight(hz)
    tiny = np.finfo(float).tiny
    widens = side / max(side.sum(), tiny) - mid / max(mid.sum(), tiny) if side.any() else np.zeros(len(hz))
    return MixBalance(weighted / weighted.sum(), side / np.maximum(power, tiny), widens)


def heard_db(mix: MixBalance, curves_db: Floats, sides_db: Floats) -> Floats:
    """Changes of tone (n, bands) and of the sides (n,) as vectors (n, bands + 1), to the first order."""
    bands_db = curves_db + np.multiply.outer(sides_db, mix.sides)
    bands_db -= (bands_db @ mix.loud)[:, None]
    ratios_db = sides_db + curves_db @ mix.widens
    return np.hstack([bands_db / np.sqrt(len(mix.loud)), WIDTH_WEIGHT * ratios_db[:, None]])


def best_move(faults: Floats, chances: Floats, per_db: Floats) -> Floats:
    """Gains (dB) whose move helps most probably, within `CAP_DB`.

    `faults`: (n, dimensions) with their `chances`; `per_db`: (dimensions, gains). Descends from half the mean fault.
    """
    metric = per_db.T @ per_db + STIFF * np.eye(per_db.shape[1])
    before = np.linalg.norm(faults, axis=1)
    gains = _held(np.asarray(-0.5 * np.linalg.solve(metric, per_db.T @ (chances @ faults))), per_db)
    for _ in range(ROUNDS):
        moved = per_db @ gains
        rest = faults + moved
        after = np.linalg.norm(rest, axis=1) + _TINY
        missed = 1.0 / (1.0 + np.exp(np.clip(-(after - before + CLEARLY_DB) / SOFTLY_DB, -50.0, 50.0)))
        worth = chances * (missed * (1.0 - missed) / SOFTLY_DB + PRICE_PER_DB)
        slope = (worth / after) @ rest + PRICE_OF_MOVING * moved / (np.linalg.norm(moved) + SOFTLY_DB / 4.0)
        gains = _held(gains - STEP * np.linalg.solve(metric, per_db.T @ slope), per_db)
    return gains


def _held(gains: Floats, per_db: Floats) -> Floats:
    length_db = float(np.linalg.norm(per_db @ gains))
    return np.asarray(gains * min(1.0, CAP_DB / max(length_db, _TINY)))


def _k_weight(hz: Floats) -> Floats:
    """Power gain of the K-weighting."""
    c = design(ANALYSIS_RATE_HZ)
    z = np.exp(-2j * np.pi * hz / ANALYSIS_RATE_HZ)
    over, under = np.polyval(c[4::-1], z), np.polyval((c[6], c[5], 1.0), z) * np.polyval((c[8], c[7], 1.0), z)
    return np.asarray(np.abs(over / under) ** 2)
