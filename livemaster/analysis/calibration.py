"""From soft scores to shares, and from shares to a confidence that means what it says: all numbers were fitted.

Softnesses (profile.py), sharpness and the confidence were fitted by tools/fit/recording_fit.py to 418 recordings that
simulated_masters.py made of 24 excerpts (tests/bench/recording.py), the confidence to decisions on the simulator
that was left out; the gates by logistic regression to the same and to 108 noises, tones and voices of
tools/material/not_music.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SHARPNESS = 26.6
"""How much more likely a profile gets with its soft score, log-odds."""
EVEN_SCORE = 0.64
"""The soft score at which a profile is as likely as none: held just below the published 0.65 while fitting, so that
whatever the published rule names keeps its name."""
CONFIDENCE_SLOPE, CONFIDENCE_OFFSET = 0.87, 0.76
"""Log-odds of being right over log-odds of the share of the type."""
SURE = 1e-3
"""Nothing is surer than one less this."""
MOST_LOG_ODDS = 40.0


@dataclass(frozen=True, slots=True)
class Gate:
    """How music differs from something else: log-odds of being music are linear in a few dimensions."""

    otherwise: str
    weights: tuple[tuple[str, float], ...]
    offset: float

    def membership(self, fingerprint: Mapping[str, float]) -> float:
        """0…1, ½ where it may be either; 1 where a dimension is lacking, so that it speaks neither way."""
        if any(name not in fingerprint for name, _ in self.weights):
            return 1.0
        return _logistic(self.offset + sum(weight * fingerprint[name] for name, weight in self.weights))


GATES = (
    Gate("noise", (("pitch_stability", 14.7), ("chroma_energy", 19.7)), -15.7),
    Gate("speech", (("pitch_stability", 16.6), ("chroma_energy", 9.1), ("bass_mid_ratio", 0.30)), -11.5),
    Gate("a tone or a drone", (("dynamic_range_variation", 333.0),), -7.3),  # ½ at 0.022
    Gate("a tone or a drone", (("pitch_stability", -167.0),), 162.8),  # ½ at 0.975
)
"""What is no music: noise and speech keep no pitch, tones keep theirs and never change."""


def is_music(fingerprint: Mapping[str, float]) -> float:
    """How far a fingerprint is that of music, 0…1."""
    return float(np.prod([gate.membership(fingerprint) for gate in GATES]))


def broken_gate(fingerprint: Mapping[str, float]) -> Gate | None:
    """The gate that speaks most clearly against music, if any does."""
    worst = min(GATES, key=lambda gate: gate.membership(fingerprint))
    return worst if worst.membership(fingerprint) < 0.5 else None


def shares(soft_scores: Sequence[float], music: float) -> tuple[Floats, float]:
    """Probabilities of profiles with these soft scores, and of none of them; all together 1."""
    odds = np.exp(SHARPNESS * (np.asarray(soft_scores, np.float64) - EVEN_SCORE))
    found = music * odds / (1.0 + odds.sum())
    return found, float(1.0 - found.sum())


def confidence(share: float) -> float:
    """Probability that a type with this share is right."""
    held = min(max(share, SURE), 1.0 - SURE)
    found = _logistic(CONFIDENCE_OFFSET + CONFIDENCE_SLOPE * float(np.log(held / (1.0 - held))))
    return min(max(found, SURE), 1.0 - SURE)


def _logistic(x: float) -> float:
    return float(1.0 / (1.0 + np.exp(-min(max(x, -MOST_LOG_ODDS), MOST_LOG_ODDS))))
