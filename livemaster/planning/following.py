"""How far a plan follows the emotion of its sections in loudness: what the mix has of it, and what is added.

A mix's section levels m hold a part that follows the emotion already: m = slope · f + the rest, f being the loudness
that the formula gives each section. A plan moves a section by share(r) · f at reactivity r, with share(0) = 0,
share(1) = max(1 − slope, ¼), share(1.5) = share(1) + ½ and straight lines between. So sections of one loudness get
exactly the formula's differences at 1, a mix that follows its emotion halfway is brought all the way, one that has more
contrast than the formula asks for keeps it, and the knob is heard everywhere. As the share only grows, the difference
of two sections never falls in the direction of their emotion.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from livemaster.planning.formulas import formula_values, intensity_of
from livemaster.planning.schema import Section

PerSection = Sequence[float | None]
"""One value a section; None where it is undefined."""

LEAST_SHARE = 0.25
"""So much of the formula's contrast is added at 1 even where the mix has all of it: a knob that is turned is heard."""
BEYOND_SHARE = 0.5
"""So much more is added from reactivity 1 to 1.5."""
_EQUAL = 1e-9
"""Halves of weights that differ by less are equal, and the median lies between the slopes on both sides."""


def share(slope: float, reactivity: float) -> float:
    """Part of the formula's contrast that is added to a mix which has `slope` of it, at a reactivity 0…1.5."""
    full = max(1.0 - slope, LEAST_SHARE)
    return full * min(reactivity, 1.0) + BEYOND_SHARE * max(reactivity - 1.0, 0.0) / 0.5


def slope_of(felt_lufs: PerSection, mix_lufs: PerSection, lengths_s: Sequence[float]) -> float:
    """LU of the mix's contrast for each LU of the formula's, from both levels of each section; at least 0.

    The median of the slopes of all pairs of sections (Theil and Sen), weighted by their lengths and difference: near
    to least squares, but a section that stands apart for another reason does not decide. 0 where no emotion differs.
    """
    columns = zip(felt_lufs, map(finite, mix_lufs), lengths_s, strict=True)
    known = [(felt, own, length_s) for felt, own, length_s in columns if felt is not None and own is not None]
    felt, own, lengths = np.array(known, float).reshape(-1, 3).T
    a, b = np.triu_indices(len(felt), 1)
    apart = felt[a] != felt[b]
    a, b = a[apart], b[apart]
    if not len(a):
        return 0.0
    slopes = (own[b] - own[a]) / (felt[b] - felt[a])
    order = np.argsort(slopes)
    passed = np.cumsum((lengths[a] * lengths[b] * abs(felt[b] - felt[a]))[order])
    middle = np.searchsorted(passed, passed[-1] / 2.0 * (1.0 + np.array([-_EQUAL, _EQUAL])))
    return max(float(slopes[order][middle].mean()), 0.0)


def felt_lufs(section: Section) -> float | None:
    """Loudness that the formula gives a section, −14 + 6 · intensity; None where that is unknown."""
    intensity = intensity_in(section)
    return None if intensity is None else formula_values(intensity).lufs


def intensity_in(section: Section) -> float | None:
    """A section's intensity 0…1, from its emotion's name where none is written; None where that tells nothing."""
    if section.intensity is not None or section.emotion is None:
        return section.intensity
    return intensity_of(section.emotion)


def centred(levels: PerSection, lengths_s: Sequence[float]) -> list[float | None]:
    """Levels about their mean by length; undefined ones stay None."""
    known = [
        (value, length_s) for value, length_s in zip(map(finite, levels), lengths_s, strict=True) if value is not None
    ]
    total_s = sum(length_s for _, length_s in known)
    mean = sum(value * length_s for value, length_s in known) / total_s if total_s > 0.0 else 0.0
    return [None if value is None else value - mean for value in map(finite, levels)]


def finite(lufs: float | None) -> float | None:
    """A loudness, or None where it is undefined."""
    return lufs if lufs is not None and math.isfinite(lufs) else None
