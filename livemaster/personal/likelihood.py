"""How well every possible preference explains what was said of one parameter, by type of recording.

The unit is one step: what a plain wish is worth. Of a preference h, under a layer a, a wish for more says that h lies
noticeably above a (K. Train, Discrete Choice Methods with Simulation, 7: an ordered logit), about as far as its degree
says; no wish says that h lies near a. Types share a common part: h ~ N(c, type), c ~ N(0, common); all integrals are
sums over a grid. The constants are assumptions; simulated_listeners.py was used to see that they matter little.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

GRID = np.arange(-20, 21) / 5.0
"""Preferences considered, in steps."""
NOTICEABLE, BLUR = 0.5, 0.25
"""Where half of the differences are heard, and how gradually (the scale of a logistic curve)."""
TALKATIVE = 0.4
"""How often a difference that is heard is commented on."""
MISTAKEN, ANYTHING = 0.25, 0.3
"""Share of wishes that mean the opposite or nothing; density of a distance that means nothing."""
WISH_REACH, WISH_SPREAD = 1.4, 1.0
"""How far away what is preferred lies when a plain wish is made, and how surely."""
ASKED_SPREAD, ASKED_SPREAD_SHARE = 0.5, 0.35
"""How surely an explicit figure is meant: fixed, and growing with the figure."""
DIRECTION_BLUR = 0.3
"""Within which the direction of a wish is a matter of chance."""
COMMON_SPREAD, TYPE_SPREAD = 0.8, 1.0
"""σ of what is preferred whatever the type, and of each type around that, before anything is said."""

_AROUND = np.exp(-0.5 * ((GRID[:, None] - GRID) / TYPE_SPREAD) ** 2)
_AROUND /= _AROUND.sum(axis=0)
_COMMON = np.exp(-0.5 * (GRID / COMMON_SPREAD) ** 2)
_COMMON /= _COMMON.sum()


@dataclass(frozen=True, slots=True)
class Said:
    """What ratings say of one parameter, each (ratings,), in steps.

    `applied`: the layer in force. `degree`: of a wish, signed, 0 for none. `asked`: explicit figure, signed, 0 for
    none; it goes before a wish. `weight` of each rating; `direction_weight` the same without regard to the rating.
    """

    applied: Floats
    degree: Floats
    asked: Floats
    weight: Floats
    direction_weight: Floats

    @property
    def sign(self) -> Floats:
        """+1 where more was wanted, −1 less, 0 nothing said."""
        return np.sign(np.where(self.asked != 0.0, self.asked, self.degree))


def explained(said: Said) -> Floats:
    """Weighted log likelihood of every preference of `GRID`: (ratings, grid)."""
    away = GRID - said.applied[:, None]
    sign = said.sign[:, None]
    more, less = _logistic((away - NOTICEABLE) / BLUR), _logistic((-away - NOTICEABLE) / BLUR)
    meant, opposite = np.where(sign > 0.0, more, less), np.where(sign > 0.0, less, more)
    explicit = said.asked != 0.0
    reach = np.where(explicit, np.abs(said.asked), WISH_REACH * np.abs(said.degree))[:, None]
    spread = np.where(explicit, ASKED_SPREAD + ASKED_SPREAD_SHARE * np.abs(said.asked), WISH_SPREAD)[:, None]
    bell = np.exp(-0.5 * ((sign * away - reach) / spread) ** 2)
    wish = (1.0 - MISTAKEN) * meant * bell + 0.5 * MISTAKEN * (opposite + ANYTHING)
    silence = 1.0 - TALKATIVE * (more + less)
    likelihood: Floats = np.log(np.where(sign != 0.0, wish, silence)) * said.weight[:, None]
    return likelihood


def preferred(explained_by_type: Floats) -> tuple[Floats, Floats]:
    """Mean and σ of what each type's listener prefers, in steps, from (types, grid): each (types,)."""
    likelihood = np.exp(explained_by_type - explained_by_type.max(axis=1, keepdims=True))
    of_common = np.log(likelihood @ _AROUND)
    by_others = np.exp(of_common.sum(axis=0) - of_common) * _COMMON
    posterior = (by_others @ _AROUND.T) * likelihood
    posterior /= posterior.sum(axis=1, keepdims=True)
    means = posterior @ GRID
    spreads = np.sqrt((posterior * (GRID - means[:, None]) ** 2).sum(axis=1))
    return means, spreads


def directed(said: Said, membership: Floats) -> float:
    """Log odds that the directions of wishes follow a preference rather than chance; `membership` (types, ratings)."""
    sign = said.sign[:, None]
    if not sign.any():
        return 0.0
    agrees = (1.0 - MISTAKEN) * _logistic(sign * (GRID - said.applied[:, None]) / DIRECTION_BLUR) + 0.5 * MISTAKEN
    gain = np.where(sign != 0.0, np.log(2.0 * agrees), 0.0) * said.direction_weight[:, None]
    by_type = membership @ gain
    best = by_type.max(axis=1, keepdims=True)
    of_common = np.exp(by_type - best) @ _AROUND
    return float(math.log(_COMMON @ of_common.prod(axis=0)) + best.sum())


def _logistic(x: Floats) -> Floats:
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * x))
