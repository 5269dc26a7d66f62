"""Contrast: how loud the sections are planned to be in comparison with each other.

What a section's `lufs` says is performed at reactivity 1 as it is written, whoever wrote it, and from there outwards
the emotion's share falls and grows (see `following`), scaled by the mode. So a plan of our own is at reactivity 0 the
mix's own contrast, as far as the mode keeps it.

Every list here holds one value a section, in LU relative to the power mean of all sections weighted by
their length (so that values describe differences only), and None where loudness is undefined (silence).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

from livemaster.documents.ranges import REACTIVITY
from livemaster.planning.following import PerSection, centred, felt_lufs, finite, intensity_in, share, slope_of
from livemaster.planning.modes import mode
from livemaster.planning.schema import Global, Section
from livemaster.planning.section_values import contrast_scale

MOST_MOVE_LU = 12.0
"""How far a section as written is moved against the others, at most: more would lift a fade-out's end into the song."""
TELLING, LEAST_LU = 0.1 - 1e-9, 0.1
"""Intensities, and levels, that differ by less count as one."""


def planned_contrast(
    sections: Sequence[Section], mix_lufs: PerSection, global_: Global, reactivity: float, dynamics: float = 0.0
) -> list[float | None]:
    """Planned contrast of the sections of a built plan, at any reactivity and dynamics.

    `mix_lufs`: the mix's loudness in each section; `global_`: the plan's. A section without `lufs` keeps the mix's
    own level, one without an emotion stands as it is written at every reactivity. Dynamics stretches the result.
    """
    slope, scale = mix_slope(sections, mix_lufs), mode(global_.mode).emotion_scale * contrast_scale(dynamics)
    followed = scale * (share(slope, reactivity) - share(slope, 1.0))
    felt = centred([felt_lufs(section) for section in sections], _lengths_s(sections))
    moved = [
        None if asked is None else own + _held(asked - own) + followed * (emotion or 0.0)
        for (own, asked), emotion in zip(_as_written(sections, mix_lufs, dynamics), felt, strict=True)
    ]
    return relative(moved, _lengths_s(sections))


def refused_moves(sections: Sequence[Section], mix_lufs: PerSection, dynamics: float) -> list[float | None]:
    """The moves (LU) against the mix's own contrast that are asked for as written and too large; None elsewhere."""
    moves = [None if asked is None else asked - own for own, asked in _as_written(sections, mix_lufs, dynamics)]
    return [None if move is None or _held(move) == move else move for move in moves]


def by_hand_slope(slope: float, global_: Global, reactivity: float) -> float:
    """LU by which a section gets louder for each LU of the formula when its intensity is moved by hand.

    What the mix has of the emotion (`slope`, as far as the mode keeps it) moves along.
    """
    character = mode(global_.mode)
    return character.contrast_kept * slope + character.emotion_scale * share(slope, reactivity)


def mix_slope(sections: Sequence[Section], mix_lufs: PerSection) -> float:
    """How much of the formula's contrast the mix has by itself: 0 none (or the contrary), 1 all of it."""
    return slope_of([felt_lufs(section) for section in sections], mix_lufs, _lengths_s(sections))


class Contradiction(NamedTuple):
    """Two sections, by number, of which the calmer one is the louder."""

    calmer: int
    more_intense: int
    louder_lu: float


def contradictions(
    sections: Sequence[Section], mix_lufs: PerSection, global_: Global, dynamics: float
) -> list[Contradiction]:
    """Every pair that emotion cannot set right: even at the most reactivity the calmer section is the louder."""
    planned = planned_contrast(sections, mix_lufs, global_, REACTIVITY.high, dynamics)
    known = [
        (intensity, level, number)
        for number, (intensity, level) in enumerate(zip(map(intensity_in, sections), planned, strict=True))
        if intensity is not None and level is not None
    ]
    pairs = [(min(pair), max(pair)) for pair in combinations(known, 2)]
    return [
        Contradiction(calmer[2], more_intense[2], calmer[1] - more_intense[1])
        for calmer, more_intense in pairs
        if more_intense[0] - calmer[0] >= TELLING and calmer[1] > more_intense[1] + LEAST_LU
    ]


def spread_lu(lufs: PerSection) -> float | None:
    """How much louder the loudest section is than the quietest; None where fewer than two are defined."""
    known = [each for each in lufs if each is not None]
    return max(known) - min(known) if len(known) > 1 else None


def _as_written(
    sections: Sequence[Section], mix_lufs: PerSection, dynamics: float
) -> list[tuple[float, float] | tuple[float, None]]:
    """Of each section the mix's own level, and that of the plan at reactivity 1, stretched by dynamics."""
    lengths_s, mix = _lengths_s(sections), [finite(value) for value in mix_lufs]
    plan = _at_level_of(mix, [section.lufs for section in sections], lengths_s)
    levels = [own if own is None or wanted is None else wanted for own, wanted in zip(mix, plan, strict=True)]
    scale = contrast_scale(dynamics)
    stretched = [None if value is None else value * scale for value in relative(levels, lengths_s)]
    pairs = zip(relative(mix, lengths_s), relative(stretched, lengths_s), strict=True)
    return [(0.0, None) if own is None or asked is None else (own, asked) for own, asked in pairs]


def _held(move_lu: float) -> float:
    return min(max(move_lu, -MOST_MOVE_LU), MOST_MOVE_LU)


def _lengths_s(sections: Sequence[Section]) -> list[float]:
    return [(section.end or 0.0) - (section.start or 0.0) for section in sections]


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


def relative(lufs: PerSection, lengths: Sequence[float]) -> list[float | None]:
    """Loudness of sections relative to their power mean weighted by `lengths` (s); undefined ones stay
    None.
    """
    mean = power_mean(lufs, lengths)
    return [None if each is None or mean is None else each - mean for each in map(finite, lufs)]


def power_mean(lufs: PerSection, lengths: Sequence[float]) -> float | None:
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
