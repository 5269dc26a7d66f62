"""LoopMind's formulas: from a section's mean intensity to its values, rounded as that system rounds them.

They hold exactly at reactivity 1 in mode cinematic. Rounding is Python's `round` (of the binary value, ties
to even), because that is what wrote the files in circulation.
"""

from __future__ import annotations

from typing import NamedTuple

EMOTION_TARGETS_LUFS = {
    "powerful": -8.0,
    "bright": -9.0,
    "dark": -10.0,
    "reflective": -11.0,
    "dreamy": -12.0,
    "calm": -14.0,
}
"""Loudness of a section of which only the emotion's name is known."""


class FormulaValues(NamedTuple):
    """A section's values for one intensity; equalizer terms in dB."""

    lufs: float
    low: float
    mid: float
    high: float
    compression: float
    saturation: float


def formula_values(intensity: float) -> FormulaValues:
    """Section values for an intensity 0…1."""
    i = intensity
    return FormulaValues(
        lufs=_rounded(-14 + 6 * i, 1),
        low=_rounded(3 * (i - 0.5), 1),
        mid=_rounded(2 * (0.5 - abs(i - 0.5)), 1),
        high=_rounded(3 * i, 1),
        compression=_rounded(1.5 + 2 * i, 2),
        saturation=_rounded(0.5 * i, 2),
    )


FORMULAS = {
    "lufs": "round(-14 + 6i, 1)",
    "eq.low": "round(3(i - 0.5), 1)",
    "eq.mid": "round(2(0.5 - |i - 0.5|), 1)",
    "eq.high": "round(3i, 1)",
    "compression": "round(1.5 + 2i, 2)",
    "saturation": "round(0.5i, 2)",
}
"""The formulas as text, for the reasons that a plan carries."""


def threshold_db(ratio: float) -> float:
    """Compressor threshold for a ratio, in dBFS of a signal trimmed to −18 LUFS."""
    return -18 - 2 * ratio


def saturation_drive_db(saturation: float) -> float:
    """Drive of the saturator in dB for a saturation 0…1."""
    return 5 * saturation


def intensity_of(emotion: str) -> float | None:
    """Intensity 0…1 that gives an emotion its target by lufs = −14 + 6i; None for an emotion not in the
    table.
    """
    target_lufs = EMOTION_TARGETS_LUFS.get(emotion.strip().casefold())
    return None if target_lufs is None else (target_lufs + 14) / 6


def _rounded(value: float, digits: int) -> float:
    return round(value, digits) + 0.0  # turns -0.0 into 0.0
