"""A base-model profile as plain data: its boundaries with hard and soft edges, and what it asks of the master."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

SOFTNESS = {"spectral_centroid": 0.353, "bass_mid_ratio": 0.658, "stereo_width": 0.0315, "crest_db": 1.27}
"""How far a soft boundary reaches outside (σ), in octaves for the centroid, else in the dimension's own unit; these are
the dimensions that a boundary may be about. Fitted, see calibration.py."""
IN_OCTAVES = frozenset({"spectral_centroid"})
LOWEST_HZ = 20.0
"""Frequencies below count as this one, so that they have a logarithm."""


@dataclass(frozen=True, slots=True)
class ProfileStep:
    """Being between `low` and `high` (either may be open) is worth `score`; published ends where they were other."""

    score: float
    low: float | None = None
    high: float | None = None
    published_low: float | None = None
    published_high: float | None = None

    def holds(self, value: float) -> bool:
        """Inside, as published: an interval includes its ends, a single bound («below 500 Hz») does not."""
        if self.low is not None and self.high is not None:
            return self.low <= value <= self.high
        return (self.low is None or value > self.low) and (self.high is None or value < self.high)

    def membership(self, value: float, dimension: str) -> float:
        """How far `value` is inside: 1 where it is, else falling with the distance as a normal distribution does."""
        x = _coordinate(value, dimension)
        below = 0.0 if self.low is None else max(_coordinate(self.low, dimension) - x, 0.0)
        above = 0.0 if self.high is None else max(x - _coordinate(self.high, dimension), 0.0)
        return float(np.exp(-0.5 * ((below + above) / SOFTNESS[dimension]) ** 2))


@dataclass(frozen=True, slots=True)
class Boundary:
    """What one dimension is worth: steps from the best to the weakest, of which the first that holds counts."""

    dimension: str
    steps: tuple[ProfileStep, ...]

    @property
    def best(self) -> float:
        """The most it can be worth."""
        return self.steps[0].score

    def score(self, value: float) -> float:
        """The published score of a value."""
        return next((step.score for step in self.steps if step.holds(value)), 0.0)

    def soft_score(self, value: float) -> float:
        """The same with soft edges, never less: each step adds what it is worth beyond the next, by membership."""
        weaker = (*(step.score for step in self.steps[1:]), 0.0)
        return sum(
            (step.score - less) * step.membership(value, self.dimension)
            for step, less in zip(self.steps, weaker, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Profile:
    """One profile of the base model; `unknown` has no boundaries.

    Gains in dB, widths as side RMS over the sum of mid and side RMS, centroid power-weighted in Hz; None where the
    model asks for nothing. `centroid_direction` is maintain, brighten or darken, `philosophy` enhance, punch or
    correct.
    """

    name: str
    type: str
    title: str
    about: str
    philosophy: str
    boundaries: tuple[Boundary, ...]
    bass_db: float
    mid_db: float
    treble_db: float
    width_target: float | None
    width_after_mastering: float | None
    target_centroid_hz: float | None
    centroid_direction: str
    version: str

    def score(self, fingerprint: Mapping[str, float]) -> float:
        """The published sum over the dimensions."""
        return round(sum(each.score(fingerprint[each.dimension]) for each in self.boundaries), 6)

    def soft_score(self, fingerprint: Mapping[str, float]) -> float:
        """The sum with soft edges, never less than the published one."""
        return sum(each.soft_score(fingerprint[each.dimension]) for each in self.boundaries)


def _coordinate(value: float, dimension: str) -> float:
    return float(np.log2(max(value, LOWEST_HZ))) if dimension in IN_OCTAVES else value
