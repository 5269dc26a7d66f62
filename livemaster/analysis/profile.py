"""A base-model profile as plain data: its boundaries with hard and soft edges, and what it asks of the master."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

SOFTNESS = {"spectral_centroid": 0.25, "bass_mid_ratio": 1.5, "stereo_width": 0.05, "crest_db": 2.5}
"""How far a soft boundary reaches, in octaves for the centroid, else in the dimension's own unit; and so the dimensions
that a boundary may be about."""
IN_OCTAVES = frozenset({"spectral_centroid"})
LOWEST_HZ = 20.0
"""Frequencies below count as this one, so that they have a logarithm."""
MOST_STEPS_AWAY = 40.0
"""Edges that are so many softnesses away are beyond reach."""


@dataclass(frozen=True, slots=True)
class Step:
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
        """How far `value` is inside, 0…1: 1 in an interval's middle, ½ near a single bound, falling monotonically."""
        x, low, high = (None if each is None else _coordinate(each, dimension) for each in (value, self.low, self.high))
        assert x is not None
        softness = SOFTNESS[dimension]
        below = 1.0 if low is None else _rise((x - low) / softness)
        above = 1.0 if high is None else _rise((high - x) / softness)
        peak = 1.0 if low is None or high is None else _rise(0.5 * (high - low) / softness) ** 2
        return below * above / peak


@dataclass(frozen=True, slots=True)
class Boundary:
    """What one dimension is worth: steps from the best to the weakest, of which the first that holds counts."""

    dimension: str
    steps: tuple[Step, ...]

    @property
    def best(self) -> float:
        """The most it can be worth."""
        return self.steps[0].score

    def score(self, value: float) -> float:
        """The published score of a value."""
        return next((step.score for step in self.steps if step.holds(value)), 0.0)

    def soft_score(self, value: float) -> float:
        """The same with soft edges: each step adds what it is worth beyond the next, by membership."""
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

    def soft_share(self, fingerprint: Mapping[str, float]) -> float:
        """The sum with soft edges, as a share of the most this profile can reach, 0…1; 0 without boundaries."""
        most = sum(each.best for each in self.boundaries)
        soft = sum(each.soft_score(fingerprint[each.dimension]) for each in self.boundaries)
        return soft / most if most > 0.0 else 0.0


def _coordinate(value: float, dimension: str) -> float:
    return float(np.log2(max(value, LOWEST_HZ))) if dimension in IN_OCTAVES else value


def _rise(x: float) -> float:
    """Logistic function."""
    return float(1.0 / (1.0 + np.exp(-np.clip(x, -MOST_STEPS_AWAY, MOST_STEPS_AWAY))))
