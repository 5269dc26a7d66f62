"""What a listener's ratings say about how far the base model should be changed for them.

Every rating speaks for some values of the layer and against others, as `likelihood` says; so nothing runs away: once
the layer is right, wishes cease or cancel out. A change from the layer in force is scaled by how probable it is that
the wishes have a direction at all instead of being said at random, of which one begins as a sceptic, and it is
never larger at once than the published rules allow for that number of ratings.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import NamedTuple

import numpy as np

from livemaster.personal.likelihood import Floats, Said, directed, explained, preferred

PARAMETERS = ("bass", "mid", "treble", "width", "centroid")
"""Of the personal layer: three bands in dB, stereo width in its own units, centroid −1…1 (× 500 Hz)."""
WISHED = ("bass", "mid", "treble", "width")
"""What comments are read for; centroid is only moved by explicit figures."""
TYPES = ("studio", "metal", "bootleg", "unknown")
BOUNDS: Mapping[str, float] = {
    **dict.fromkeys(("bass", "mid", "treble"), 3.0),
    "width": 0.2,
    "centroid": 1.0,
    "confidence": 0.2,
}
"""Published: no personal value lies further from zero."""
LEAST_RATINGS = 5
"""Published: of a type, before anything is changed for it."""
FIRST_CHANGE: Mapping[str, float] = {"bass": 0.5, "mid": 0.5, "treble": 0.3, "width": 0.1, "centroid": 0.3}
"""Published upper ends, at five ratings (mid and centroid in likeness); more with the square of their number."""
STEP: Mapping[str, float] = {"bass": 1.0, "mid": 1.0, "treble": 1.0, "width": 0.21, "centroid": 1.0 / 3.0}
"""What a plain wish is worth: 1 dB; for width what lets two of five come out as the published +0.05…+0.10."""
MOST_WISHED = 1.5
"""Largest degree of a wish that is told apart."""
SCEPTICISM = 3.5
"""Odds, before any wish, against wishes having a direction."""
HALF_LIFE_DAYS, MOST_HALF_LIVES = 365.0, 10.0
"""Evidence ages relative to the newest, whose age does not matter; what is far older still counts a little."""
RATING_WEIGHT = 0.1
"""For each step that a rating is below 3 a wish weighs so much more, and silence so much less."""
WIDEN_BELOW = 3.5
"""Published: a profile whose mean rating is less should be wider."""
LOW_CONFIDENCE = 0.65
"""Published: below this a detection counts as unknown."""
CONFIDENCE_PRIOR = 5.0
"""As many ratings of no opinion, to which the confidence adjustment is shrunk."""
CERTAIN = 36.0
"""Log odds beyond which double precision knows no difference."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One rating, prepared.

    `type`: studio, metal, bootleg or unknown, as detected with `confidence` (0…1). `rating`: 1…5. `wishes`: read from
    a comment, +1 more wanted, −1 less, ±0.5 a bit, ±1.5 much. `asked`: explicit, in dB or width units, how much more
    the listener says they want; it goes before a wish. `applied`: the personal layer in force for this track, `trims`:
    what was turned for it besides, 0 where absent. `ignored`: parameters that were set by hand since, of which this
    rating says nothing. Names other than `PARAMETERS` are passed over. Everything is finite.
    """

    type: str
    rating: int
    confidence: float
    age_days: float
    wishes: Mapping[str, float]
    asked: Mapping[str, float]
    applied: Mapping[str, float]
    trims: Mapping[str, float] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Estimate:
    """What was learned of one parameter for one type.

    `value`: what the layer should be in all, within `BOUNDS`; 0 without `enough` evidence. `preferred`: the mean of
    what may be preferred, without bounds and doubts. `samples`: ratings of the type that say something of it.
    `wanted`, `unwanted`: wishes by their degree, an explicit figure counts 1; `net` their difference.
    `standard_error`: of what is preferred, in the unit of the value. `evidence`: the figures in a sentence.
    """

    value: float
    preferred: float
    samples: int
    wanted: float
    unwanted: float
    net: float
    standard_error: float
    enough: bool
    evidence: str


class LearningNote(NamedTuple):
    """A sentence about a type; about all of them where that is empty."""

    type: str
    text: str


@dataclass(frozen=True, slots=True)
class Learned:
    """What all ratings say together.

    `by_type`: type → parameter → estimate, for the four types and whatever else was rated. `mean_rating`,
    `mean_confidence`: of each rated type. `direction`: probability that the wishes have one. `notes`: in words.
    """

    by_type: Mapping[str, Mapping[str, Estimate]]
    confidence_adjustment: Estimate
    mean_rating: Mapping[str, float]
    mean_confidence: Mapping[str, float]
    direction: float
    notes: tuple[LearningNote, ...]


@dataclass(frozen=True, slots=True)
class _RatingArrays:
    """Ratings in an order of their own, so that theirs does not matter; `age` is the weight that age leaves."""

    each: Sequence[Evidence]
    types: Sequence[str]
    age: Floats
    membership: Floats = field(init=False)

    def __post_init__(self) -> None:
        rows = [[float(rating.type == kind) for rating in self.each] for kind in self.types]
        object.__setattr__(self, "membership", np.array(rows, np.float64).reshape(len(self.types), len(self.each)))

    def of(self, kind: str) -> list[Evidence]:
        return [each for each in self.each if each.type == kind]

    def said(self, name: str) -> Said:
        """What is said of one parameter, in steps and within what is allowed."""
        bound, step = BOUNDS[name], STEP[name]
        speaks = self.speaks(name)
        heard = [each.applied.get(name, 0.0) + each.trims.get(name, 0.0) for each in self.each]
        applied = _column(heard, bound) / step
        asked = speaks * _column([each.asked.get(name, 0.0) for each in self.each], 2.0 * bound) / step
        wishes = [each.wishes.get(name, 0.0) if name in WISHED else 0.0 for each in self.each]
        degree = speaks * _column(wishes, MOST_WISHED)
        satisfied = RATING_WEIGHT * (np.array([each.rating for each in self.each], np.float64) - 3.0)
        silent = (degree == 0.0) & (asked == 0.0)
        age = speaks * self.age
        return Said(applied, degree, asked, age * np.where(silent, 1.0 + satisfied, 1.0 - satisfied), age)

    def speaks(self, name: str) -> Floats:
        """1 for each rating that says something of a parameter, 0 for the others."""
        return np.array([float(name not in each.ignored) for each in self.each], np.float64)

    def held(self, name: str) -> Floats:
        """For each type the layer that was in force, trims apart, on average, in steps."""
        layers = _column([each.applied.get(name, 0.0) for each in self.each], BOUNDS[name]) / STEP[name]
        age = self.age * self.speaks(name)
        weights = self.membership @ age
        return np.divide(self.membership @ (age * layers), weights, where=weights > 0.0, out=0.0 * weights)


def learn(evidence: Sequence[Evidence]) -> Learned:
    """[control] What ratings in any order say; evidence ages relative to the newest, half of it in a year."""
    ratings = _arranged(evidence)
    said = {name: ratings.said(name) for name in PARAMETERS}
    odds = sum(directed(each, ratings.membership) for each in said.values()) - math.log(SCEPTICISM)
    direction = 1.0 / (1.0 + math.exp(-min(max(odds, -CERTAIN), CERTAIN)))
    by_parameter = {name: _estimates(ratings, name, each, direction) for name, each in said.items()}
    by_type = {kind: {name: by_parameter[name][kind] for name in PARAMETERS} for kind in ratings.types}
    rated = {kind: found for kind in ratings.types if (found := ratings.of(kind))}
    means = {kind: fmean(each.rating for each in found) for kind, found in rated.items()}
    return Learned(
        by_type=by_type,
        confidence_adjustment=_confidence(ratings),
        mean_rating=means,
        mean_confidence={kind: fmean(each.confidence for each in found) for kind, found in rated.items()},
        direction=direction,
        notes=tuple(_notes(rated, means, said, direction)),
    )


def _arranged(evidence: Sequence[Evidence]) -> _RatingArrays:
    def key(each: Evidence) -> tuple[object, ...]:
        said = (tuple(sorted(names.items())) for names in (each.wishes, each.asked, each.applied, each.trims))
        return (each.type, each.age_days, each.rating, each.confidence, *said, sorted(each.ignored))

    each = sorted(evidence, key=key)
    days = np.array([rating.age_days for rating in each], np.float64)
    age = 0.5 ** np.minimum((days - days.min(initial=math.inf)) / HALF_LIFE_DAYS, MOST_HALF_LIVES)
    others = sorted({rating.type for rating in each} - set(TYPES))
    return _RatingArrays(each, (*TYPES, *others), age)


def _column(values: Sequence[float], bound: float) -> Floats:
    return np.clip(np.array(values, np.float64), -bound, bound)


def _estimates(ratings: _RatingArrays, name: str, said: Said, direction: float) -> dict[str, Estimate]:
    """Of one parameter, for every type."""
    step = STEP[name]
    means, spreads = preferred(ratings.membership @ explained(said))
    counts = np.where(said.asked != 0.0, said.sign, said.degree)
    samples, held = ratings.membership @ ratings.speaks(name), ratings.held(name)
    wanted, unwanted = (ratings.membership @ np.maximum(each, 0.0) for each in (counts, -counts))
    changes = direction * (means - held) if counts.any() else 0.0 * means
    figures = (samples, wanted, unwanted, held * step, changes * step, means * step, spreads * step)
    columns = zip(*(each.tolist() for each in figures), strict=True)
    return {kind: _estimate(name, kind, *each) for kind, each in zip(ratings.types, columns, strict=True)}


def _estimate(
    name: str,
    kind: str,
    samples: float,
    wanted: float,
    unwanted: float,
    held: float,
    change: float,
    mean: float,
    error: float,
) -> Estimate:
    enough = samples >= LEAST_RATINGS
    value = _changed(name, held, change, samples) if enough else 0.0
    sentence = _sentence(name, kind, int(samples), wanted, unwanted, value, mean, error)
    return Estimate(value, mean, int(samples), wanted, unwanted, wanted - unwanted, error, enough, sentence)


def _changed(name: str, held: float, change: float, samples: float) -> float:
    """The layer in force with a change no larger than so many ratings allow, within the bounds."""
    most = FIRST_CHANGE[name] * (samples / LEAST_RATINGS) ** 2
    bound = BOUNDS[name]
    return min(max(held + min(max(change, -most), most), -bound), bound)


def _confidence(ratings: _RatingArrays) -> Estimate:
    """Trust in the detector: up where listeners were satisfied although it was unsure, down where they were not."""
    low = [(each, weight) for each, weight in zip(ratings.each, ratings.age, strict=True) if _unsure(each)]
    opinions = np.array([float(each.rating >= 4) - float(each.rating <= 2) for each, _ in low], np.float64)
    weights = np.array([weight for _, weight in low], np.float64)
    total = float(weights.sum()) + CONFIDENCE_PRIOR
    mean = float(weights @ opinions) / total
    error = math.sqrt((float(weights @ (opinions - mean) ** 2) + CONFIDENCE_PRIOR * (1.0 + mean**2)) / total / total)
    enough = len(low) >= LEAST_RATINGS
    bound = BOUNDS["confidence"]
    value = bound * mean if enough and abs(mean) > error else 0.0
    wanted, unwanted = float((opinions > 0.0).sum()), float((opinions < 0.0).sum())
    sentence = (
        f"of {len(low)} ratings with a confidence below {LOW_CONFIDENCE:g}, {wanted:g} were 4 or 5 and {unwanted:g} "
        + (f"were 1 or 2: {value:+.2f}" if enough else f"were 1 or 2: need at least {LEAST_RATINGS}")
    )
    return Estimate(value, bound * mean, len(low), wanted, unwanted, wanted - unwanted, bound * error, enough, sentence)


def _unsure(each: Evidence) -> bool:
    return 0.0 < each.confidence < LOW_CONFIDENCE  # 0 is that of a detector which was not asked


def _sentence(
    name: str, kind: str, samples: int, wanted: float, unwanted: float, value: float, mean: float, error: float
) -> str:
    if samples < LEAST_RATINGS:
        return f"{kind} {name}: need at least {LEAST_RATINGS} ratings, have {samples}"
    unit = " dB" if name in ("bass", "mid", "treble") else ""
    figures = f"{value:+.2f}{unit}, preferred {mean:+.2f} ± {error:.2g}{unit}"
    return f"{kind} {name}: wanted {wanted:g}, unwanted {unwanted:g} in {samples} ratings: {figures}"


def _notes(
    rated: Mapping[str, Sequence[Evidence]], means: Mapping[str, float], said: Mapping[str, Said], direction: float
) -> list[LearningNote]:
    notes = []
    for kind, found in rated.items():
        if len(found) < LEAST_RATINGS:
            notes.append(LearningNote(kind, f"{kind}: need at least {LEAST_RATINGS} ratings, have {len(found)}"))
        elif means[kind] < WIDEN_BELOW:
            figures = f"mean rating {means[kind]:.1f} of {len(found)} is below {WIDEN_BELOW:g}"
            notes.append(
                LearningNote(kind, f"{kind}: {figures}: the base model's profile suits too few of them, widen it")
            )
    if direction < 0.5 and any(each.sign.any() for each in said.values()):
        newer = any(each.ignored for found in rated.values() for each in found)
        since = " since values were set by hand or rolled back" if newer else ""
        notes.append(
            LearningNote("", f"the wishes{since} show no clear direction yet: changes are scaled by {direction:.2f}")
        )
    return notes
