"""Fits the numbers of livemaster/analysis/calibration.py to simulated recordings, and tries them on others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from livemaster.analysis.profile import IN_OCTAVES, SOFTNESS, Profile
from livemaster.tone.profiles import base_model

Floats = NDArray[np.float64]

START = (0.25, 1.5, 0.05, 2.5, 12.0, 0.6)
BOUNDS = [(None, None)] * 5 + [(None, float(np.log(0.64)))]
"""Softnesses in the order of `SOFTNESS`, sharpness, even score: where the search begins."""
PULL = 1.0
"""Strength with which it is held near there: as much as one recording, at a factor of e."""


@dataclass(frozen=True)
class Heard:
    """One recording: its fingerprint, what it is, by which simulator, and whether its tone came near the aim."""

    fingerprint: Mapping[str, float]
    kind: str
    simulator: str
    arrived: bool = True

    @property
    def type(self) -> str:
        return type_of(self.kind)


@dataclass(frozen=True)
class Fit:
    """What was fitted: softnesses in the order of `SOFTNESS`, then as they are called in the table."""

    softness: Floats
    sharpness: float
    even_score: float


KNOWN: tuple[Profile, ...] = tuple(each for each in base_model() if each.boundaries)
TYPES = ("studio", "metal", "bootleg", "unknown")


def type_of(kind: str) -> str:
    return next((each.type for each in KNOWN if each.name == kind), "unknown")


def fit(heard: Sequence[Heard]) -> Fit:
    """Softnesses, sharpness and even score with the largest likelihood; music only."""
    table = _table(heard)
    names = [each.name for each in KNOWN]
    truth = np.array([names.index(each.kind) if each.kind in names else len(names) for each in heard])

    def cost(logs: Floats) -> float:
        found = _probabilities(table, _fit_of(np.exp(logs)))
        right = found[np.arange(len(truth)), truth]
        away = logs - np.log(START)
        return float(-np.log(right + 1e-6).sum() + PULL * (away**2).sum())

    best = minimize(cost, np.log(START), method="L-BFGS-B", bounds=BOUNDS, options={"maxiter": 60})
    return _fit_of(np.exp(best.x))


def type_shares(heard: Sequence[Heard], fitted: Fit) -> Floats:
    """(recordings, `TYPES`) probabilities, for music."""
    found = _probabilities(_table(heard), fitted)
    kinds = [*(each.type for each in KNOWN), "unknown"]
    return np.stack([found[:, [kind == each for kind in kinds]].sum(axis=1) for each in TYPES], axis=1)


def fit_confidence(shares: Floats, right: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and offset of the log-odds of being right over those of the share."""
    x = log_odds(shares)

    def cost(line: Floats) -> float:
        z = line[0] * x + line[1]
        return float(np.sum(np.logaddexp(0.0, np.where(right, -z, z))) + PULL * ((line[0] - 1.0) ** 2 + line[1] ** 2))

    slope, offset = minimize(cost, [1.0, 0.0]).x
    return float(slope), float(offset)


def log_odds(shares: Floats) -> Floats:
    held = np.clip(shares, 1e-3, 1.0 - 1e-3)
    return np.log(held / (1.0 - held))


def _fit_of(values: Floats) -> Fit:
    return Fit(values[: len(SOFTNESS)], float(values[-2]), float(values[-1]))


def _table(heard: Sequence[Heard]) -> Floats:
    """(recordings, dimensions), the centroid in octaves."""
    columns = [[each.fingerprint[name] for each in heard] for name in SOFTNESS]
    return np.array(
        [
            np.log2(np.maximum(column, 20.0)) if name in IN_OCTAVES else column
            for name, column in zip(SOFTNESS, columns, strict=True)
        ]
    ).T


def _probabilities(table: Floats, fitted: Fit) -> Floats:
    """(recordings, known profiles and unknown): the twin of `Profile.soft_score` and `calibration.shares`."""
    soft = np.stack([_soft_score(table, each, fitted) for each in KNOWN], axis=1)
    odds = np.exp(np.clip(fitted.sharpness * (soft - fitted.even_score), -50.0, 50.0))
    odds = np.hstack([odds, np.ones((len(odds), 1))])
    return odds / odds.sum(axis=1, keepdims=True)


def _soft_score(table: Floats, profile: Profile, fitted: Fit) -> Floats:
    total = np.zeros(len(table))
    for boundary in profile.boundaries:
        column = list(SOFTNESS).index(boundary.dimension)
        x, softness = table[:, column], fitted.softness[column]
        for k, step in enumerate(boundary.steps):
            worth = step.score - (boundary.steps[k + 1].score if k + 1 < len(boundary.steps) else 0.0)
            low, high = (
                np.log2(end) if end is not None and boundary.dimension in IN_OCTAVES else end
                for end in (step.low, step.high)
            )
            outside = np.maximum(0.0 if low is None else low - x, 0.0) + np.maximum(
                0.0 if high is None else x - high, 0.0
            )
            total += worth * np.exp(-0.5 * (outside / softness) ** 2)
    return total
