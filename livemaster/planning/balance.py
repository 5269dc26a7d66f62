"""How far a mix's long-term spectrum and width stand off what music has, and what of it is probably a fault.

A spectrum is the song's own nature plus perhaps a fault. Songs differ by nature as `presets/balance` says: around a
mean curve, in a few broad ways and a smooth rest. So each of the usual faults gets a probability (Bayes, normal
distribution over the bands, overall level free), and what is taken back is the mean of the faults, weighed by it. A
smooth and common deviation is taken for nature, one that looks like a filter for a fault; a cap keeps what remains of
a mistake small.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from livemaster.analysis.spectrum import Spectrum
from livemaster.analysis.timeline import THIRD_OCTAVES_HZ
from livemaster.planning.document import Document, Name, Text
from livemaster.planning.faults import SHELF_Q, faults, response_db
from livemaster.planning.presets import presets_dir

Floats = NDArray[np.float64]
Row = Annotated[tuple[float, ...], Field(strict=False)]

BANDS = {
    "low": ("low", 100.0, SHELF_Q),
    "body": ("bell", 200.0, 0.8),
    "mid": ("bell", 1000.0, 0.7),
    "presence": ("bell", 3000.0, 0.8),
    "high": ("high", 6000.0, SHELF_Q),
}
"""Bands of the tone, bottom to top: the chain's three fixed ones, and two of its free bells. Kind, frequency, Q."""

SHARE_OF_WAYS = 0.5
"""Of how songs differ, so much is described by the broad ways, the rest by the smooth process (both are fitted)."""
REACH_OCTAVES = 2.0
"""The smooth rest: correlation falls to 1/e over so many octaves."""
ROUGH_DB = 1.2
"""What single bands have by themselves."""
BOLDNESS = 1.3
"""The mean of the faults is too timid, because faults of either sign cancel in it."""
CAP_DB = 0.65
"""Most that is taken back, dB RMS over the bands: a mistake makes nothing worse by more."""
SPARE = 0.02
"""Cost of a band's gain against the misfit, per band of the spectrum: keeps bands that overlap from fighting."""
FLOOR = 1e-7
"""Bands weaker than this share of the whole count as this strong."""

SIDE_FAULT_DB = 5.0
"""Spread of what is wrong with the width of mixes, dB of side-to-mid ratio."""
SIDE_CAP_DB = 3.0


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


class _Model(NamedTuple):
    """What does not depend on the mix: bands, mean, inverse covariance, faults with chances, gains from a curve."""

    first: int
    level_db: Floats
    inverse: Floats
    faults_db: Floats
    chances: Floats
    fit: Floats


@cache
def norm() -> Norm:
    """[control] The norm of `presets/balance/music.json`."""
    return Norm.load(presets_dir() / "balance" / "music.json")


def off_norm_db(spectrum: Spectrum) -> Floats:
    """How far every band stands off the norm, dB, all together levelled to 0."""
    model = _model()
    power = spectrum.power[model.first : model.first + len(model.level_db)]
    db = 10.0 * np.log10(np.maximum(power, FLOOR * power.sum()))
    return np.asarray(_levelled(db - model.level_db))


def remedy(spectrum: Spectrum) -> dict[str, float]:
    """Gains (dB) of `BANDS` that take back what is probably a fault; silence has none."""
    if not spectrum.power.sum() > 0.0:
        return dict.fromkeys(BANDS, 0.0)
    model, off_db = _model(), off_norm_db(spectrum)
    curves = _levelled(model.faults_db)
    weighted = curves @ model.inverse
    log = weighted @ off_db - 0.5 * np.einsum("ij,ij->i", weighted, curves) + np.log(model.chances)
    likely = np.exp(log - log.max())
    taken_back = -BOLDNESS * (likely / likely.sum()) @ model.faults_db
    gains = model.fit @ taken_back
    spread_db = float(np.std(unit_responses() @ gains))
    if spread_db > 0.0:
        gains *= CAP_DB * np.tanh(spread_db / CAP_DB) / spread_db
    return dict(zip(BANDS, gains.tolist(), strict=True))


def as_bands(curve_db: Floats) -> dict[str, float]:
    """The gains of `BANDS` that come nearest to a curve over the norm's bands."""
    return dict(zip(BANDS, (_model().fit @ curve_db).tolist(), strict=True))


def side_remedy_db(off_db: float) -> float:
    """What to change the sides by (dB) that stand `off_db` off what is usual: the share that is probably a fault."""
    share = SIDE_FAULT_DB**2 / (SIDE_FAULT_DB**2 + norm().side_spread_db ** 2)
    return float(-SIDE_CAP_DB * np.tanh(share * off_db / SIDE_CAP_DB))


def centres_hz() -> Floats:
    """Centres of the norm's bands."""
    return np.array(norm().centres_hz)


@cache
def unit_responses() -> Floats:
    """Responses of `BANDS` at +1 dB, (norm's bands, bands of the tone); gains of a few dB scale them."""
    return np.array([response_db(kind, hz, q, 1.0, centres_hz()) for kind, hz, q in BANDS.values()]).T


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
    curves, chances = faults(hz)
    first = int(np.argmin(np.abs(THIRD_OCTAVES_HZ - hz[0])))
    return _Model(first, np.array(found.level_db), _inverse(covariance), curves, chances, fit)


def _inverse(covariance: Floats) -> Floats:
    """Inverse on curves that are levelled: the overall level tells nothing."""
    free = np.eye(len(covariance)) - 1.0 / len(covariance)
    return np.asarray(np.linalg.pinv(free @ covariance @ free, hermitian=True))


def _levelled(curves_db: Floats) -> Floats:
    return np.asarray(curves_db - curves_db.mean(axis=-1, keepdims=True))
