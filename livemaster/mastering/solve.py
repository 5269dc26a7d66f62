"""Section gains, solved together: the whole hits its target, the sections keep their contrast, the ceiling holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from livemaster.mastering.forecast import Forecast, ForecastTrack

Floats = NDArray[np.float64]

MAX_LIMITING_DB = 3.0
"""Mean gain reduction in the most limited section beyond which loudness is given up instead."""
HOPELESS_DB = 12.0
"""Mean limiting at which the search for more loudness ends: it only crushes."""
_OVERSHOOT = 2.0
"""On the way to a solution a section may be limited by so many times as much as in the end."""
_ROUNDS = 40
_CLOSE_LU = 0.004
_LOWER_LU, _LOWEST_LUFS, _BISECTIONS = 16.0, -70.0, 12
_LARGEST_STEP_DB, _SMALLEST_STEP_DB = 4.0, 0.001
_LEAST_SLOPE = 0.1
_CEILING_STEP_DB = 0.05


@dataclass(frozen=True, slots=True)
class SolverWish:
    """What is wanted: integrated loudness, contrast of each section in LU (None: undefined, silence), ceiling."""

    integrated_lufs: float
    contrast_lu: Sequence[float | None]
    ceiling_dbtp: float
    limiter_idle: bool = False


@dataclass(frozen=True, slots=True)
class Solution:
    """Gains (dB) with what they lead to, and the loudness aimed for: lower than wished where limits forbid it.

    `section_lufs`: what each section is meant to have. `refused`: the wish, where it would limit a section too much.
    """

    gains_db: Floats
    aimed_lufs: float
    section_lufs: tuple[float | None, ...]
    forecast: Forecast
    refused: SolverWish | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """By how much a real master was louder than foreseen: the whole, and each section (LU)."""

    integrated_lu: float
    sections_lu: tuple[float, ...]


def no_correction(sections: int) -> Correction:
    """The correction before anything was measured."""
    return Correction(0.0, (0.0,) * sections)


def solve(track: ForecastTrack, wish: SolverWish, correction: Correction) -> Solution:
    """[control] The gains for `wish`; where the loudest section would be limited too much, the loudest possible."""
    found = loudest(track, wish, correction, 0.0 if wish.limiter_idle else MAX_LIMITING_DB)
    return found if found.aimed_lufs == wish.integrated_lufs else replace(found, refused=wish)


def loudest(track: ForecastTrack, wish: SolverWish, correction: Correction, limit_db: float) -> Solution:
    """[control] The loudest solution up to `wish` that limits no section by more than `limit_db` on average."""
    hopeless_db = max(HOPELESS_DB, _OVERSHOOT * limit_db)
    found = _solve_at(wish.integrated_lufs, track, wish, correction, hopeless_db)
    if _limiting(found) <= limit_db + 1e-6:
        return found
    low, high = wish.integrated_lufs - _LOWER_LU, wish.integrated_lufs
    best = _solve_at(low, track, wish, correction, hopeless_db)
    while _limiting(best) > limit_db and low > _LOWEST_LUFS:
        low, high = low - _LOWER_LU, low
        best = _solve_at(low, track, wish, correction, hopeless_db)
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2.0
        tried = _solve_at(middle, track, wish, correction, hopeless_db)
        if _limiting(tried) <= limit_db:
            low, best = middle, tried
        else:
            high = middle
    return best


def least_ceiling_dbtp(track: ForecastTrack, wish: SolverWish, correction: Correction, lowest_dbtp: float) -> float:
    """[control] The lowest ceiling from `lowest_dbtp` to the wish's own under which its loudness can be had.

    The wish's own where that cannot be had anyway.
    """

    def had(ceiling_dbtp: float) -> bool:
        tried = _solve_at(wish.integrated_lufs, track, replace(wish, ceiling_dbtp=ceiling_dbtp), correction)
        return _limiting(tried) <= MAX_LIMITING_DB

    if lowest_dbtp >= wish.ceiling_dbtp or had(lowest_dbtp):
        return min(lowest_dbtp, wish.ceiling_dbtp)
    low, high = lowest_dbtp, wish.ceiling_dbtp
    while high - low > _CEILING_STEP_DB:
        middle = (low + high) / 2.0
        low, high = (low, middle) if had(middle) else (middle, high)
    return high


def _limiting(solution: Solution) -> float:
    return max(solution.forecast.limiting_db)


def _solve_at(
    target_lufs: float, track: ForecastTrack, wish: SolverWish, correction: Correction, hopeless_db: float = HOPELESS_DB
) -> Solution:
    """Secant steps: each section moves by what it lacks, all together by what the whole lacks.

    The more a section is limited, the less of a gain arrives; `slope` is the share that did in the last step. Given up
    where a section is limited by more than `hopeless_db`.
    """
    own = track.own_lufs()
    contrast = numbers(wish.contrast_lu)
    offsets = np.array(correction.sections_lu)
    known = np.array([lufs is not None and c is not None for lufs, c in zip(own, wish.contrast_lu, strict=True)])
    level, slope = target_lufs, np.ones(len(own))
    gains = np.array([0.0 if lufs is None else level + c - lufs for lufs, c in zip(own, contrast, strict=True)])
    gains[~known] = gains[known].mean() if known.any() else 0.0
    forecast = track.foresee(gains, wish.ceiling_dbtp)
    for _ in range(_ROUNDS):
        reached = numbers(forecast.section_lufs) + offsets
        whole = target_lufs - ((forecast.integrated_lufs or target_lufs) + correction.integrated_lu)
        level = float((reached - contrast)[known].mean()) + whole if known.any() else target_lufs
        lacking = np.where(known, level + contrast - reached, 0.0)
        if max(np.abs(lacking).max(), abs(whole)) < _CLOSE_LU or max(forecast.limiting_db) > hopeless_db:
            break
        step = np.clip(lacking / slope, -_LARGEST_STEP_DB, _LARGEST_STEP_DB)
        step[~known] = step[known].mean() if known.any() else whole
        gains = gains + step
        forecast = track.foresee(gains, wish.ceiling_dbtp)
        moved = np.abs(step) > _SMALLEST_STEP_DB
        arrived = (numbers(forecast.section_lufs) + offsets - reached)[moved] / step[moved]
        slope[moved] = np.clip(arrived, _LEAST_SLOPE, 1.0)
    planned = tuple(float(level + c) if k else None for c, k in zip(contrast, known, strict=True))
    return Solution(gains, target_lufs, planned, forecast)


def numbers(values: Sequence[float | None]) -> Floats:
    """With 0 where there is none: what is undefined moves along with nothing."""
    return np.array([0.0 if value is None else value for value in values])
