"""Contrast: how loud the sections are planned to be in comparison with each other.

Every list here holds one value a section, in LU relative to the power mean of all sections weighted by
their length (so that values describe differences only), and None where loudness is undefined (silence).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from livemaster.planning.schema import Section
from livemaster.planning.values import contrast_scale


def planned_contrast(
    sections: Sequence[Section], mix_lufs: Sequence[float | None], reactivity: float, dynamics: float = 0.0
) -> list[float | None]:
    """Planned contrast of the sections of a built plan, at any reactivity and dynamics.

    `mix_lufs`: the mix's loudness in each section. Each section stands at mix + r · (plan − mix), where r is
    `Section.follow(reactivity)`; a section without `lufs` keeps the mix's. Dynamics stretches the result.
    """
    lengths = [(section.end or 0.0) - (section.start or 0.0) for section in sections]
    mix = [finite(value) for value in mix_lufs]
    plan = _at_level_of(mix, [section.lufs for section in sections], lengths)
    blended: list[float | None] = []
    for section, own, wanted in zip(sections, mix, plan, strict=True):
        share = section.follow(reactivity)
        blended.append(None if own is None else own * (1.0 - share) + (own if wanted is None else wanted) * share)
    scale = contrast_scale(dynamics)
    stretched = [None if value is None else value * scale for value in relative(blended, lengths)]
    return relative(stretched, lengths)


def _at_level_of(
    mix: Sequence[float | None], plan: Sequence[float | None], lengths: Sequence[float]
) -> list[float | None]:
    """The plan's levels, shifted so that the sections which have one are together as loud as they are in
    the mix.
    """
    both = [own is not None and wanted is not None for own, wanted in zip(mix, plan, strict=True)]
    mix_mean = power_mean([own if has else None for own, has in zip(mix, both, strict=True)], lengths)
    plan_mean = power_mean([wanted if has else None for wanted, has in zip(plan, both, strict=True)], lengths)
    if mix_mean is None or plan_mean is None:
        return [None] * len(plan)
    return [
        wanted - plan_mean + mix_mean if has and wanted is not None else None
        for wanted, has in zip(plan, both, strict=True)
    ]


def relative(lufs: Sequence[float | None], lengths: Sequence[float]) -> list[float | None]:
    """Loudness of sections relative to their power mean weighted by `lengths` (s); undefined ones stay
    None.
    """
    mean = power_mean(lufs, lengths)
    return [None if each is None or mean is None else each - mean for each in map(finite, lufs)]


def power_mean(lufs: Sequence[float | None], lengths: Sequence[float]) -> float | None:
    """Loudness of all defined sections together, as if played one after the other; None when none is
    defined.
    """
    pairs = [(value, length) for value, length in zip(map(finite, lufs), lengths, strict=True) if value is not None]
    if not pairs:
        return None
    loudest = max(value for value, _ in pairs)
    total = sum(length for _, length in pairs)
    power = sum(length * 10.0 ** ((value - loudest) / 10.0) for value, length in pairs) / total
    return loudest + 10.0 * math.log10(power)


def finite(lufs: float | None) -> float | None:
    """A loudness, or None where it is undefined."""
    return lufs if lufs is not None and math.isfinite(lufs) else None
