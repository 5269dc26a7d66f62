"""Reasons for a recording type: one sentence for each dimension that spoke for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from livemaster.analysis.calibration import broken_gate
from livemaster.analysis.profile import Boundary, Profile, ProfileStep

DIGITS = {
    "spectral_centroid": (0, " Hz"),
    "bass_mid_ratio": (1, " dB"),
    "stereo_width": (2, ""),
    "crest_db": (1, " dB"),
}
WORDS = {
    "spectral_centroid": "centroid",
    "bass_mid_ratio": "bass to mid",
    "stereo_width": "width",
    "crest_db": "crest",
}
"""Dimensions in the listener's words; others are named as they are, without underscores."""


def reasons(profile: Profile, known: Sequence[Profile], fingerprint: Mapping[str, float]) -> tuple[str, ...]:
    """Why it is `profile`, with the published score of each dimension; for unknown, why it is none of the `known`."""
    if profile.boundaries:
        return tuple(_sentence(each, fingerprint[each.dimension]) for each in profile.boundaries)
    gate = broken_gate(fingerprint)
    if gate is not None:
        values = [f"{_word(name)} {_shown(name, fingerprint[name])}" for name, _ in gate.weights]
        verb = "are those" if len(values) > 1 else "is that"
        return (f"{' and '.join(values)} {verb} of {gate.otherwise}",)
    near = max(known, key=lambda each: each.soft_score(fingerprint))
    off = min(near.boundaries, key=lambda each: each.soft_score(fingerprint[each.dimension]) / each.best)
    first = f"no profile fits well; the nearest, {near.name}, scores {near.score(fingerprint):.2f}"
    return (first, _sentence(off, fingerprint[off.dimension]))


def _sentence(boundary: Boundary, value: float) -> str:
    """Such as «centroid 430 Hz lies below 500 Hz: +0.40»."""
    name = boundary.dimension
    held = next((step for step in boundary.steps if step.holds(value)), None)
    subject = f"{_word(name)} {_shown(name, value)}"
    if held is not None:
        return f"{subject} lies {_region(held, name)}: {_signed(held.score)}"
    nearest = max(boundary.steps, key=lambda step: step.membership(value, name))
    near = ", but near" if nearest.membership(value, name) > 0.25 else ""
    return f"{subject} does not lie {_region(nearest, name)}{near}: {_signed(0.0)}"


def _region(step: ProfileStep, name: str) -> str:
    if step.low is not None and step.high is not None:
        low = _shown(name, step.low).removesuffix(DIGITS[name][1])
        return f"between {low} and {_shown(name, step.high)}"
    return f"above {_shown(name, step.low)}" if step.low is not None else f"below {_shown(name, step.high or 0.0)}"


def _shown(name: str, value: float) -> str:
    digits, unit = DIGITS.get(name, (2, ""))
    return f"{value:,.{digits}f}{unit}".replace("-", "−")


def _signed(score: float) -> str:
    return f"+{score:.2f}"


def _word(name: str) -> str:
    return WORDS.get(name, name.replace("_", " "))
