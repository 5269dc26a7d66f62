"""What ratings say together, per kind of recording: figures, wishes, what they recommend; and applying it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from livemaster.personal.evidence import evidence_of, wishes_of
from livemaster.personal.learning import LEAST_RATINGS, Learned, learn
from livemaster.personal.preferences import DIGITS, Preferences
from livemaster.personal.ratings import STARS, Rating
from livemaster.personal.wishes import PARAMETERS as WISHED
from livemaster.personal.wishes import read_comment
from livemaster.planning.personal import PARAMETERS, TYPES

LEAST_CHANGE: Mapping[str, float] = {"bass": 0.05, "mid": 0.05, "treble": 0.05, "width": 0.01}
"""Smaller changes are not worth a version."""
UNITS: Mapping[str, str] = {"bass": " dB", "mid": " dB", "treble": " dB", "width": ""}


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One change that the ratings speak for, from what is in force now."""

    parameter: str
    change: float
    value: float
    evidence: str


@dataclass(frozen=True, slots=True)
class TypeReport:
    """What is known of the ratings of one kind of recording; `distribution`: how many of 1, 2 … 5."""

    type: str
    samples: int
    mean_rating: float
    mean_confidence: float
    distribution: tuple[int, ...]
    wishes: Mapping[str, float]
    recommendations: tuple[Recommendation, ...]
    not_understood: tuple[str, ...]
    held: Mapping[str, int] = field(default_factory=dict)
    """Parameters that were set by hand or rolled back and not rated often enough since, with how often they were."""

    @property
    def lacking(self) -> tuple[str, ...]:
        """What keeps the ratings from moving anything, or a parameter; empty when there are enough for all."""
        if self.samples < LEAST_RATINGS:
            return (f"need at least {LEAST_RATINGS}, have {self.samples}",)
        return tuple(
            f"{name}: set by hand or rolled back, it stays until there are {LEAST_RATINGS} ratings since, have {count}"
            for name, count in self.held.items()
        )

    def to_dict(self) -> dict[str, Any]:
        """As plain data for JSON."""
        return {
            "samples": self.samples,
            "mean_rating": round(self.mean_rating, 2),
            "mean_confidence": round(self.mean_confidence, 2),
            "wishes": dict(self.wishes),
            "recommendations": [
                {"parameter": each.parameter, "change": each.change, "evidence": each.evidence}
                for each in self.recommendations
            ],
        }


@dataclass(frozen=True, slots=True)
class Patterns:
    """Reports by kind of recording, those without ratings left out; what was learned of all of them together."""

    types: Mapping[str, TypeReport]
    learned: Learned
    ratings: int


def patterns(ratings: Sequence[Rating], preferences: Preferences) -> Patterns:
    """[control] What the ratings say, beside the preferences in force."""
    learned = learn(evidence_of(ratings, by_hand=preferences.by_hand))
    by_type = {kind: [each for each in ratings if each.detected_type == kind] for kind in TYPES}
    reports = {kind: _report(kind, found, learned, preferences) for kind, found in by_type.items() if found}
    return Patterns(reports, learned, len(ratings))


def _report(kind: str, ratings: Sequence[Rating], learned: Learned, preferences: Preferences) -> TypeReport:
    wishes = [wishes_of(each) for each in ratings]
    stars = Counter(each.rating for each in ratings)
    net = {name: sum(each.get(name, 0.0) for each in wishes) for name in WISHED}
    return TypeReport(
        type=kind,
        samples=len(ratings),
        mean_rating=sum(each.rating for each in ratings) / len(ratings),
        mean_confidence=sum(each.confidence for each in ratings) / len(ratings),
        distribution=tuple(stars[number] for number in range(int(STARS.low), int(STARS.high) + 1)),
        wishes={name: round(value, 1) for name, value in net.items()},
        recommendations=tuple(_recommended(kind, learned, preferences)),
        held={
            name: learned.by_type[kind][name].samples
            for name in PARAMETERS
            if f"{kind}_{name}" in preferences.by_hand and not learned.by_type[kind][name].enough
        },
        not_understood=tuple(text for each in ratings for text in read_comment(each.comment).not_understood),
    )


def _recommended(kind: str, learned: Learned, preferences: Preferences) -> list[Recommendation]:
    found = []
    for name in PARAMETERS:
        estimate = learned.by_type[kind][name]
        for_all = preferences.stereo_width_preference if name == "width" else 0.0  # stands beside, whatever the kind
        value = round(estimate.value - for_all, DIGITS)
        now = preferences.profile_adjustments.get(f"{kind}_{name}", 0.0)
        change, sure = round(value - now, DIGITS), abs(estimate.preferred - for_all - now) > estimate.standard_error
        if estimate.enough and sure and abs(change) >= LEAST_CHANGE[name]:
            found.append(Recommendation(name, change, value, estimate.evidence))
    return found


def applied(
    found: Patterns, preferences: Preferences, ratings: Sequence[Rating]
) -> tuple[Preferences, tuple[str, ...]]:
    """[control] The preferences with all that is recommended, and what changed in words; nothing where nothing is."""
    adjustments, reasons, changes = dict(preferences.profile_adjustments), dict(preferences.reasons), []
    for kind, report in found.types.items():
        for each in report.recommendations:
            key = f"{kind}_{each.parameter}"
            adjustments[key], reasons[key] = each.value, each.evidence
            now = f", now {each.value:+g}" if each.value != each.change else ""
            changes.append(f"{key} {each.change:+g}{UNITS[each.parameter]}{now}: {each.evidence}")
    trust = found.learned.confidence_adjustment
    confidence = round(trust.value, DIGITS) if trust.enough else preferences.confidence_adjustment
    if confidence != preferences.confidence_adjustment:
        reasons["confidence"] = trust.evidence
        changes.append(f"confidence {confidence - preferences.confidence_adjustment:+g}: {trust.evidence}")
    mean = sum(each.rating for each in ratings) / len(ratings) if ratings else 0.0
    changed = preferences.changed(
        profile_adjustments=adjustments,
        confidence_adjustment=confidence,
        reasons=reasons,
        samples_analyzed=len(ratings),
        average_satisfaction=round(mean, 2),
    )
    return changed, tuple(changes)
