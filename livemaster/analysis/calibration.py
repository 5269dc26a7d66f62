"""From soft scores to shares, and from shares to a confidence that means what it says: all numbers were fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SHARPNESS = 12.0
"""How much more likely a profile gets with its soft share, log-odds."""
UNKNOWN_SHARE = 0.65
"""The soft share at which a profile is as likely as none."""
CONFIDENCE_SLOPE, CONFIDENCE_OFFSET = 1.0, 0.0
"""Log-odds of being right over log-odds of the share of the type."""
SURE = 1e-3
"""Nothing is surer than one less this."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What music keeps to: a dimension of the fingerprint stays below (or above) a bound, with a soft edge."""

    dimension: str
    bound: float
    softness: float
    below: bool
    otherwise: str

    def membership(self, value: float) -> float:
        """0…1, ½ at the bound."""
        distance = (self.bound - value) if self.below else (value - self.bound)
        return float(1.0 / (1.0 + np.exp(-np.clip(distance / self.softness, -40.0, 40.0))))


GATES = (
    Gate("spectral_flatness", 0.40, 0.02, True, "noise"),
    Gate("chroma_energy", 0.92, 0.01, True, "a tone or a drone"),
)
"""How music differs from what is none."""


def is_music(fingerprint: Mapping[str, float]) -> float:
    """How far a fingerprint is that of music, 0…1; dimensions that it lacks speak neither way."""
    return float(np.prod([gate.membership(fingerprint[gate.dimension]) for gate in _asked(fingerprint)]))


def broken_gate(fingerprint: Mapping[str, float]) -> Gate | None:
    """The gate that speaks most clearly against music, if any does."""
    worst = min(_asked(fingerprint), key=lambda gate: gate.membership(fingerprint[gate.dimension]), default=None)
    return worst if worst is not None and worst.membership(fingerprint[worst.dimension]) < 0.5 else None


def shares(soft: Sequence[float], music: float) -> tuple[Floats, float]:
    """Probabilities of profiles with these soft shares, and of none of them; all together 1."""
    odds = np.exp(SHARPNESS * (np.asarray(soft, np.float64) - UNKNOWN_SHARE))
    found = music * odds / (1.0 + odds.sum())
    return found, float(1.0 - found.sum())


def confidence(share: float) -> float:
    """Probability that a type with this share is right."""
    held = min(max(share, SURE), 1.0 - SURE)
    log_odds = CONFIDENCE_OFFSET + CONFIDENCE_SLOPE * float(np.log(held / (1.0 - held)))
    return min(max(float(1.0 / (1.0 + np.exp(-log_odds))), SURE), 1.0 - SURE)


def _asked(fingerprint: Mapping[str, float]) -> list[Gate]:
    return [gate for gate in GATES if gate.dimension in fingerprint]
