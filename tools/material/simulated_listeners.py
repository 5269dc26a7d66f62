"""Listeners with hidden preferences who rate masters and comment on them, and others who do both at random; seeded.

Everything here is synthetic: no figure below was measured on people. Taken from the task are the spread of preferences,
the noise of ratings, the just-noticeable difference and the share of wrong comments; assumed beyond it are how much
of a preference all types share, that preferences are normal, the shapes of gear, how a rating falls with the
distance, how talkative people are, how degrees go with distances, and that taste stays the same over the months.
It was fixed before the learner was tuned, which was done on other seeds than those of the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from livemaster.personal.learning import BOUNDS, Evidence

Layer = Mapping[str, Mapping[str, float]]
"""Type → parameter → value; 0 where absent."""

TYPES = ("studio", "metal", "bootleg", "unknown")
BANDS = ("bass", "mid", "treble")
HEARD = (*BANDS, "width")
UNITS = np.array([1.0, 1.0, 1.0, 0.1])
"""What counts as one step of distance: 1 dB, or 0.1 of width."""
GEAR = {  # what a listener's gear makes them wish, dB, width; neutral gear makes them wish nothing
    "neutral": (0.0, 0.0, 0.0, 0.0),
    "bright_headphones": (0.3, 0.0, -1.0, 0.0),
    "dark_speakers": (0.0, 0.0, 1.0, 0.0),
    "boomy_room": (-1.0, -0.3, 0.0, 0.0),
    "small_speaker": (0.8, 0.0, 0.0, 0.05),
}
NEUTRAL_SHARE = 0.6
CHOICE_NOISE = 0.5
"""Of a comparison of two masters, in steps of distance."""
MEAN_GAP_DAYS = 3.0


@dataclass(frozen=True)
class World:
    """What all listeners have in common; the sensitivity table of the benchmark varies it."""

    common_spread: float = 0.8
    """σ of what a listener prefers whatever the type, in dB; a tenth of it for width."""
    type_spread: float = 1.2
    """σ of each type around that, dB."""
    type_spread_width: float = 0.08
    song_spread: float = 0.3
    """Songs differ: σ of what is wished for one of them, dB; it blurs the just-noticeable difference."""
    noticeable: float = 0.5
    """dB; 0.03 of width goes with 0.5 dB."""
    rating_noise: float = 0.6
    rating_slope: float = 0.75
    talk: tuple[float, float] = (0.25, 0.75)
    """Probability that a noticeable fault is commented on, uniform over listeners."""
    wrong: float = 0.08
    explicit: float = 0.08


@dataclass(frozen=True)
class Listener:
    """`hidden`: (types, heard); `mix`: share of each type in what they play; `leniency` in rating steps."""

    hidden: np.ndarray
    mix: np.ndarray
    gear: str
    talk: float
    leniency: float
    world: World = World()


class Rater(Protocol):
    """Rates a track of a type that was mastered with a layer."""

    @property
    def mix(self) -> np.ndarray: ...

    def rate(self, kind: int, applied: np.ndarray, rng: np.random.Generator) -> tuple[int, np.ndarray, np.ndarray]:
        """Rating, wishes and explicit wishes over `HEARD`, 0 for none."""


def make_listener(seed: int, world: World = World()) -> Taste:
    """A listener with preferences."""
    rng = np.random.default_rng([1, seed])
    gear = "neutral" if rng.random() < NEUTRAL_SHARE else str(rng.choice([name for name in GEAR if name != "neutral"]))
    spread = np.array([*3 * [world.type_spread], world.type_spread_width])
    common = rng.normal(0.0, world.common_spread, 4) * UNITS * [1.0, 1.0, 1.0, 0.5] + GEAR[gear]
    bounds = np.array([BOUNDS[name] for name in HEARD])
    hidden = np.clip(common + rng.normal(0.0, spread, (len(TYPES), 4)), -bounds, bounds)
    return Taste(
        hidden, rng.dirichlet(np.ones(len(TYPES))), gear, rng.uniform(*world.talk), rng.normal(0.0, 0.3), world
    )


class Taste(Listener):
    """A listener whose ratings and comments follow from the distance to what they prefer."""

    def rate(self, kind: int, applied: np.ndarray, rng: np.random.Generator) -> tuple[int, np.ndarray, np.ndarray]:
        world = self.world
        missing = self.hidden[kind] + song(world, rng) - applied
        level = 5.0 - world.rating_slope * distance(missing) + self.leniency + rng.normal(0.0, world.rating_noise)
        wishes, asked = np.zeros(4), np.zeros(4)
        for index in np.flatnonzero(np.abs(missing) > world.noticeable * np.array([1.0, 1.0, 1.0, 0.06])):
            if rng.random() < self.talk:
                where, lack = self._said_of(int(index), missing[index], rng)
                if rng.random() < world.explicit:
                    asked[where] = _round_figure(lack * rng.lognormal(0.0, 0.35), where)
                else:
                    wishes[where] = np.sign(lack) * _degree(abs(lack) / UNITS[where], rng)
        return int(np.clip(round(level), 1, 5)), wishes, asked

    def _said_of(self, index: int, lack: float, rng: np.random.Generator) -> tuple[int, float]:
        """The parameter named and what it lacks: wrong ones take the opposite or another parameter, as often."""
        if rng.random() >= self.world.wrong:
            return index, lack
        if rng.random() < 0.5:
            return index, -lack
        other = int(rng.choice([each for each in range(4) if each != index]))
        return other, lack * UNITS[other] / UNITS[index]


@dataclass(frozen=True)
class RandomRater:
    """Ratings and comments that mean nothing, about as many as a talkative listener makes at first."""

    mix: np.ndarray
    talk: float

    def rate(self, kind: int, applied: np.ndarray, rng: np.random.Generator) -> tuple[int, np.ndarray, np.ndarray]:
        wishes, asked = np.zeros(4), np.zeros(4)
        for index in np.flatnonzero(rng.random(4) < 0.6 * self.talk):
            if rng.random() < World.explicit:
                asked[index] = _round_figure(rng.uniform(-3.0, 3.0) * UNITS[index], int(index))
            else:
                wishes[index] = rng.choice([-1.0, 1.0]) * rng.choice([0.5, 1.0, 1.5], p=[0.25, 0.5, 0.25])
        return int(rng.integers(1, 6)), wishes, asked


def make_random_rater(seed: int) -> RandomRater:
    rng = np.random.default_rng([2, seed])
    return RandomRater(rng.dirichlet(np.ones(len(TYPES))), rng.uniform(*World.talk))


def song(world: World, rng: np.random.Generator) -> np.ndarray:
    """How one song differs from others in what is wished for it."""
    return rng.normal(0.0, world.song_spread, 4) * [1.0, 1.0, 1.0, 0.06]


def distance(missing: np.ndarray) -> float:
    """From what is preferred, in steps."""
    return float(np.sqrt(((missing / UNITS) ** 2).sum()))


def _degree(steps: float, rng: np.random.Generator) -> float:
    """Half of the comments have a degree: "a bit" below about 1 dB, "much" above about 2 dB, as heard."""
    if rng.random() < 0.5:
        return 1.0
    steps *= rng.lognormal(0.0, 0.3)
    return 0.5 if steps < 1.0 else 1.5 if steps > 2.0 else 1.0


def _round_figure(value: float, index: int) -> float:
    """What people ask for: half decibels, or 0.05 of width, at least one."""
    grain = 0.5 * UNITS[index]
    return float(np.sign(value) * grain * max(round(abs(value) / grain), 1))


def live(
    rater: Rater, seed: int, learn: Callable[[Sequence[Evidence]], Layer], ratings: int, every: int = 5
) -> list[Layer]:
    """The layers in force after 0, `every`, 2 · `every`… ratings: each time all is learned anew and applied."""
    rng = np.random.default_rng([3, seed])
    layers: list[Layer] = [{}]
    given: list[Evidence] = []  # with the day they were given, negated, as their age
    day = 0.0
    for count in range(1, ratings + 1):
        day += rng.exponential(MEAN_GAP_DAYS)
        kind = int(rng.choice(len(TYPES), p=rater.mix))
        applied = values(layers[-1], kind)
        rating, wishes, asked = rater.rate(kind, applied, rng)
        said = (dict(zip(HEARD, map(float, each), strict=True)) for each in (wishes, asked, applied))
        spoken, figures, layer = ({name: value for name, value in each.items() if value} for each in said)
        given.append(Evidence(TYPES[kind], rating, float(rng.beta(8.0, 2.0)), -day, spoken, figures, layer))
        if count % every == 0:
            layers.append(learn([replace(each, age_days=each.age_days + day) for each in given]))
    return layers


def values(layer: Layer, kind: int) -> np.ndarray:
    """A layer's values for a type, over `HEARD`."""
    return np.array([layer.get(TYPES[kind], {}).get(name, 0.0) for name in HEARD])


def whole(layer: Layer) -> np.ndarray:
    """(types, heard)."""
    return np.array([values(layer, kind) for kind in range(len(TYPES))])


def error_db(listener: Listener, layer: Layer, evenly: bool = False) -> float:
    """Mean absolute error of the bands, types by their share in what is played, or all the same."""
    errors = np.abs(listener.hidden - whole(layer))[:, : len(BANDS)].mean(axis=1)
    return float(errors.mean() if evenly else errors @ listener.mix)


def drift_db(rater: RandomRater, layer: Layer) -> float:
    """Mean absolute value of the bands, types by their share in what is played."""
    return float(np.abs(whole(layer))[:, : len(BANDS)].mean(axis=1) @ rater.mix)


def preferred(listener: Listener, layer: Layer, seed: int, comparisons: int = 20) -> float:
    """Share of comparisons on new songs where the master with the layer is chosen over the one without."""
    rng = np.random.default_rng([4, seed])
    chosen = 0
    for _ in range(comparisons):
        kind = int(rng.choice(len(TYPES), p=listener.mix))
        wanted = listener.hidden[kind] + song(listener.world, rng)
        nearer = distance(wanted) - distance(wanted - values(layer, kind))
        chosen += nearer + rng.normal(0.0, CHOICE_NOISE) > 0.0
    return chosen / comparisons
