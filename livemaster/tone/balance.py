"""How far a mix's long-term spectrum and width stand off what music has, and what is best done about it.

A mix is the song's own nature plus perhaps a fault. Songs differ by nature as `presets/balance` says: around a mean
curve, in some broad ways and a smooth rest, their sides around a usual level. So each of the usual faults gets a
probability (Bayes; Student's distribution over the bands, overall level free). `moves` then seeks what most probably
brings the mix clearly nearer to what it was before the fault.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from livemaster.analysis.spectrum import Spectrum
from livemaster.analysis.timeline import THIRD_OCTAVES_HZ
from livemaster.documents import presets_dir
from livemaster.documents.document import Document, Name, Text
from livemaster.tone.faults import SHELF_Q, Faults, faults, response_db
from livemaster.tone.remedies import best_move, heard_db, mix

Floats = NDArray[np.float64]
Row = Annotated[tuple[float, ...], Field(strict=False)]

BANDS = {
    "low": ("low", 100.0, SHELF_Q),
    "body": ("bell", 250.0, 0.8),
    "mid": ("bell", 1000.0, 0.7),
    "presence": ("bell", 3000.0, 0.8),
    "high": ("high", 6000.0, SHELF_Q),
}
"""Bands of the tone, bottom to top: the chain's three fixed ones, and two of its free bells. Kind, frequency, Q."""

SHARE_OF_WAYS = 0.8
"""Of how songs differ, so much is described by the broad ways, the rest by the smooth process (both are fitted)."""
REACH_OCTAVES = 2.0
"""The smooth rest: correlation falls to 1/e over so many octaves."""
ROUGH_DB = 1.6
"""What single bands have by themselves."""
FREEDOM = 4.0
"""Degrees of freedom of Student's distribution: songs far off the mean are commoner than by the normal one."""
SPARE = 0.003
"""Cost of a band's gain against the misfit, per band of the spectrum: keeps bands that overlap from fighting."""
FLOOR = 1e-7
"""Bands weaker than this share of the whole count as this strong. The highest that are so were cut off by a low rate
or a codec, and count as far off the norm as the highest that is not."""
NEARLY_MONO_DB = -40.0
"""Sides quieter than this against the middle are left alone: nearly mono is meant to be."""


class Norm(Document):
    """Long-term spectra of music in third-octaves: mean, principal ways in which songs differ, and their width."""

    KIND = "balance"

    name: Name
    about: Text
    centres_hz: Row
    level_db: Row
    ways_db: Annotated[tuple[Row, ...], Field(strict=False)]
    spread_db: float
    side_to_mid_db: float
    side_spread_db: float
    ratio_weights_db: Annotated[tuple[Row, ...], Field(strict=False)]
    ratio_offset_db: float
    ratio_spread_db: float


class Remedy(NamedTuple):
    """What is best done: gains (dB) of `BANDS` and of the sides; how probable each fault is, likeliest first."""

    bands: dict[str, float]
    side_db: float
    chances: dict[str, float]


class _Model(NamedTuple):
    """What does not depend on the mix: bands, mean, inverse covariance, faults, gains from a curve."""

    first: int
    level_db: Floats
    inverse: Floats
    faults: Faults
    fit: Floats


@cache
def norm() -> Norm:
    """[control] The norm of `presets/balance/music.json`."""
    return Norm.load(presets_dir() / "balance" / "music.json")


def off_norm_db(spectrum: Spectrum) -> Floats:
    """How far every band stands off the norm, dB, all together levelled to 0."""
    model = _model()
    power = _bands(spectrum.power)
    off_db = 10.0 * np.log10(np.maximum(power, FLOOR * power.sum())) - model.level_db
    top = int(np.flatnonzero(power > FLOOR * power.sum())[-1])
    if top < len(power) - 1:  # the file carries nothing above, and the last band that it does not in full
        off_db[max(top, 1) :] = off_db[max(top, 1) - 1]
    return np.asarray(_levelled(off_db))


def remedy(spectrum: Spectrum) -> Remedy:
    """What most probably brings the mix nearer to what it was; silence is left alone."""
    if not spectrum.power.sum() > 0.0:
        return Remedy(dict.fromkeys(BANDS, 0.0), 0.0, {"no fault": 1.0})
    known, chances = _model().faults, _chances(spectrum)
    heard = mix(_bands(spectrum.mid), _bands(spectrum.side), centres_hz())
    one_db = np.vstack([unit_responses().T, np.zeros((1, len(heard.loud)))])
    of_sides = np.append(np.zeros(len(BANDS)), float(_has_width(spectrum)))
    gains = best_move(heard_db(heard, known.curves_db, known.sides_db), chances, heard_db(heard, one_db, of_sides).T)
    by_name: dict[str, float] = {}
    for name, chance in zip(known.names, chances.tolist(), strict=True):
        by_name[name] = by_name.get(name, 0.0) + chance
    ranked = dict(sorted(by_name.items(), key=lambda item: -item[1]))
    return Remedy(dict(zip(BANDS, gains[:-1].tolist(), strict=True)), float(gains[-1]), ranked)


def as_bands(curve_db: Floats) -> dict[str, float]:
    """The gains of `BANDS` that come nearest to a curve over the norm's bands."""
    return dict(zip(BANDS, (_model().fit @ curve_db).tolist(), strict=True))


def centres_hz() -> Floats:
    """Centres of the norm's bands."""
    return np.array(norm().centres_hz)


@cache
def unit_responses() -> Floats:
    """Responses of `BANDS` at +1 dB, (norm's bands, bands of the tone); gains of a few dB scale them."""
    return np.array([response_db(kind, hz, q, 1.0, centres_hz()) for kind, hz, q in BANDS.values()]).T


def _chances(spectrum: Spectrum) -> Floats:
    """Probability of every fault, no fault last."""
    model = _model()
    rest_db = off_norm_db(spectrum) - _levelled(model.faults.curves_db)
    log = np.log(model.faults.chances)
    log += _student(np.einsum("ij,jk,ik->i", rest_db, model.inverse, rest_db), len(model.level_db) - 1)
    if _has_width(spectrum):
        off_db, spread_db = side_off_db(spectrum)
        log += _student(((off_db - model.faults.sides_db) / spread_db) ** 2, 1)
    else:
        log[model.faults.sides_db != 0.0] = -np.inf
    likely = np.exp(log - log.max())
    return np.asarray(likely / likely.sum())


def side_off_db(spectrum: Spectrum) -> tuple[float, float]:
    """By how much the sides seem too loud, and the spread of that among songs without a fault, both in dB.

    Told by the classes of ratios where they are known, because a source that is panned hard has sides as loud as its
    middle and hardly ever louder ones; else by the mean ratio alone.
    """
    known = norm()
    if spectrum.ratios is None:
        return (spectrum.side_to_mid_db or 0.0) - known.side_to_mid_db, known.side_spread_db
    told_db = float((np.array(known.ratio_weights_db) * np.sqrt(spectrum.ratios)).sum())
    return told_db + known.ratio_offset_db, known.ratio_spread_db


def _student(squares: Floats, dimensions: int) -> Floats:
    """Log density of Student's distribution at squared Mahalanobis distances, up to a constant."""
    return np.asarray(-0.5 * (FREEDOM + dimensions) * np.log1p(squares / FREEDOM))


def _has_width(spectrum: Spectrum) -> bool:
    measured_db = spectrum.side_to_mid_db
    return measured_db is not None and measured_db >= NEARLY_MONO_DB


def _bands(power: Floats) -> Floats:
    first = _model().first
    return power[first : first + len(_model().level_db)]


@cache
def _model() -> _Model:
    found, hz = norm(), centres_hz()
    octaves = np.log2(hz)
    ways_db = np.array(found.ways_db)
    smooth = found.spread_db**2 * np.exp(-np.abs(octaves[:, None] - octaves) / REACH_OCTAVES)
    covariance = SHARE_OF_WAYS * ways_db.T @ ways_db + (1.0 - SHARE_OF_WAYS) * smooth + ROUGH_DB**2 * np.eye(len(hz))
    unit = np.hstack([unit_responses(), np.ones((len(hz), 1))])
    spare = np.append(np.full(len(BANDS), SPARE * len(hz)), 0.0)
    fit = np.linalg.solve(unit.T @ unit + np.diag(spare), unit.T)[:-1]
    first = int(np.argmin(np.abs(THIRD_OCTAVES_HZ - hz[0])))
    return _Model(first, np.array(found.level_db), _inverse(covariance), faults(hz), fit)


def _inverse(covariance: Floats) -> Floats:
    """Inverse on curves that are levelled: the overall level tells nothing."""
    free = np.eye(len(covariance)) - 1.0 / len(covariance)
    return np.asarray(np.linalg.pinv(free @ covariance @ free, hermitian=True))


def _levelled(curves_db: Floats) -> Floats:
    return np.asarray(curves_db - curves_db.mean(axis=-1, keepdims=True))
