"""Differential privacy for counts: Laplace noise on whole numbers, and how much less sure it leaves a share.

Two collections are neighbours when one holds one person (one file) more. A person has at most one vote per kind of
recording and parameter, which falls into one cell (their gear and hearing, and less, as it is, or more): each of the
four kinds and two parameters changes one count by 1, so the sensitivity of all counts together is 8 (L1). E is split
evenly over these 8: the noise of each count has the scale 8 / E. Everything else, sums over gear and hearing and the
threshold of people too, is made from the noisy counts and costs nothing more. Noise is drawn for every cell that there
can be, also for those where nobody voted, so that which cells exist says nothing.

The noise is the Laplace distribution on whole numbers (the «geometric mechanism» of Ghosh, Roughgarden, Sundararajan,
2009): sums of doubles would betray the count in their last bits (Mironov, 2012).
"""

from __future__ import annotations

import math
import random
import secrets

from livemaster.documents.ranges import Range

EPSILON = Range(0.01, 1000.0)


class Noise:
    """Draws of noise of one scale: the sensitivity over epsilon. A seed is for tests alone: it undoes the privacy."""

    def __init__(self, epsilon: float, sensitivity: int, seed: int | None) -> None:
        self._rate = EPSILON.check(epsilon, "epsilon") / sensitivity
        self._random = secrets.SystemRandom() if seed is None else random.Random(seed)

    @property
    def variance(self) -> float:
        """Of one draw."""
        ratio = math.exp(-self._rate)
        return 2.0 * ratio / (1.0 - ratio) ** 2

    def draw(self) -> int:
        """One whole number: the difference of two geometric ones."""
        return self._geometric() - self._geometric()

    def _geometric(self) -> int:
        return math.floor(-math.log(1.0 - self._random.random()) / self._rate)
