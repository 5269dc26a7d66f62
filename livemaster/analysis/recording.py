"""The kind of recording: which profile of the base model a fingerprint fits, how well, how surely, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from livemaster.analysis.calibration import EVEN_SCORE, confidence, is_music, shares
from livemaster.analysis.profile import Boundary, Profile, ProfileStep
from livemaster.analysis.type_reasons import reasons

__all__ = ["Boundary", "Candidate", "Profile", "ProfileStep", "RecordingType", "detect", "published"]

UNKNOWN = "unknown"
LEAST_SCORE = 0.65
"""Published: what scores less is unknown."""
UNKNOWN_SCORE = 0.40
"""Published score of unknown."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A profile with its published score and its probability."""

    profile: str
    type: str
    score: float
    share: float


@dataclass(frozen=True, slots=True)
class RecordingType:
    """What kind of recording it is.

    `type`: studio, metal, bootleg or unknown, the likeliest of them; `profile`: the likeliest of that type. `score`:
    the published sum of that profile with its hard steps; 0.40 for unknown, and as published for a sum below 0.65,
    whose profile was named by its soft boundaries. `confidence`: calibrated probability that `type` is right.
    `candidates`: all profiles with their sums, largest share first, shares adding up to 1.
    """

    type: str
    profile: str
    score: float
    confidence: float
    candidates: tuple[Candidate, ...]
    reasons: tuple[str, ...]


def detect(fingerprint: Mapping[str, float], profiles: Sequence[Profile]) -> RecordingType:
    """What a fingerprint's track is, by soft boundaries; the order of `profiles` does not matter.

    `profiles` hold one without boundaries, unknown. Of the fingerprint, the dimensions that boundaries are about are
    needed; others help to tell music from what is none.
    """
    known, unknown = _split(profiles)
    found, rest = shares(_soft_scores(known, fingerprint), is_music(fingerprint))
    candidates = [
        Candidate(each.name, each.type, each.score(fingerprint), float(share))
        for each, share in zip(known, found, strict=True)
    ]
    candidates.append(Candidate(unknown.name, unknown.type, UNKNOWN_SCORE, rest))
    ranked = tuple(sorted(candidates, key=lambda each: (-each.share, each.profile)))
    kind, share = _likeliest_type(ranked)
    best = next(each for each in ranked if each.type == kind)
    profile = next(each for each in profiles if each.name == best.profile)
    return RecordingType(
        type=kind,
        profile=best.profile,
        score=best.score if best.score >= LEAST_SCORE else UNKNOWN_SCORE,
        confidence=confidence(share),
        candidates=ranked,
        reasons=reasons(profile, known, fingerprint),
    )


def published(fingerprint: Mapping[str, float], profiles: Sequence[Profile]) -> tuple[str, float]:
    """The published verdict with its hard steps: the best profile's name and score, unknown and 0.40 below 0.65."""
    known, unknown = _split(profiles)
    best = max(known, key=lambda each: each.score(fingerprint))
    score = best.score(fingerprint)
    return (best.name, score) if score >= LEAST_SCORE else (unknown.name, UNKNOWN_SCORE)


def _soft_scores(known: Sequence[Profile], fingerprint: Mapping[str, float]) -> list[float]:
    """Soft scores; where the published rule names a profile, no other one comes near it."""
    best = max(known, key=lambda each: each.score(fingerprint))
    named = best.score(fingerprint) >= LEAST_SCORE
    return [min(each.soft_score(fingerprint), EVEN_SCORE if named and each is not best else 1.0) for each in known]


def _split(profiles: Sequence[Profile]) -> tuple[list[Profile], Profile]:
    """Profiles with boundaries, by name, and the one without."""
    ordered = sorted(profiles, key=lambda each: each.name)
    return [each for each in ordered if each.boundaries], next(each for each in ordered if not each.boundaries)


def _likeliest_type(candidates: Sequence[Candidate]) -> tuple[str, float]:
    by_type: dict[str, float] = defaultdict(float)
    for each in candidates:
        by_type[each.type] += each.share
    return max(sorted(by_type.items()), key=lambda item: item[1])
