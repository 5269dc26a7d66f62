"""From a section and the global block to the values that the chain's nodes get, at any reactivity and
dynamics.

Pure functions of the plan, so that lanes can be prepared for the corners (reactivity 0, 1 and 1.5,
dynamics −1, 0, +1) and blended while playing.

Dynamics, from −1 (compressed) to +1 (punchy), 0 leaving the plan as it is:

==============================  ==========  =======
what                            compressed  punchy
==============================  ==========  =======
ratio above 1 : 1               × 2         × ½
threshold                       −4 dB       +4 dB
attack of the mode              × ⅓         × 3
release of the mode             × 5⁄3       × 3⁄5
compressed sound in the mix     all of it   as in the mode
contrast between sections       × 0.8       × 1.2
==============================  ==========  =======

Between, factors go geometrically and the others linearly. A slow attack lets transients through, a release
that is over before the next beat keeps them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from livemaster.documents.ranges import (
    BAND_DB,
    RATIO,
    SATURATION,
    THRESHOLD_DB,
    WIDTH,
    Range,
)
from livemaster.planning.formulas import saturation_drive_db, threshold_db
from livemaster.planning.modes import curve, mode
from livemaster.planning.schema import Amounts, Eq, Global, Section
from livemaster.printable import told_apart

RATIO_FACTOR = 2.0
THRESHOLD_STEP_DB = 4.0
ATTACK_FACTOR = 3.0
RELEASE_FACTOR = 5.0 / 3.0
CONTRAST_STEP = 0.2

RANGES: Mapping[str, Range] = {
    "low_db": BAND_DB,
    "mid_db": BAND_DB,
    "high_db": BAND_DB,
    "ratio": RATIO,
    "threshold_db": THRESHOLD_DB,
    "saturation": SATURATION,
    "width": WIDTH,
}
"""What each resolved value is held within."""


@dataclass(frozen=True, slots=True)
class SectionValues:
    """Processing values of one section: equalizer bands in all (dB), compressor, saturator, stereo width."""

    low_db: float
    mid_db: float
    high_db: float
    ratio: float
    threshold_db: float
    attack_ms: float
    release_ms: float
    compression_mix: float
    saturation: float
    drive_db: float
    width: float


def section_values(section: Section, global_: Global, reactivity: float, dynamics: float) -> SectionValues:
    """The section's values at a reactivity 0…1.5 and dynamics −1…1, amounts not applied, held within
    `RANGES`.
    """
    wanted = wanted_values(section, global_, reactivity, dynamics)
    held = {name: limits.clamp(wanted[name]) for name, limits in RANGES.items()}
    character = mode(global_.mode)
    return SectionValues(
        **held,
        attack_ms=character.attack_ms * ATTACK_FACTOR**dynamics,
        release_ms=character.release_ms * RELEASE_FACTOR**-dynamics,
        compression_mix=_blend(character.compression_mix, 1.0, max(-dynamics, 0.0)),
        drive_db=saturation_drive_db(held["saturation"]),
    )


def wanted_values(section: Section, global_: Global, reactivity: float, dynamics: float) -> dict[str, float]:
    """The values of `RANGES` before they are held within it."""
    follow = section.follow(reactivity)
    eq, shape, tone, trims = section.eq or Eq(), curve(global_.eq_curve), global_.tone, global_.trims
    ratio = RATIO.clamp(_blend(global_.compressor_ratio, section.compression, follow))
    return {
        "low_db": shape.low_db + tone.low + trims.bass + follow * eq.low,
        "mid_db": shape.mid_db + tone.mid + trims.mid + follow * eq.mid,
        "high_db": shape.high_db + tone.high + trims.treble + follow * eq.high,
        "ratio": 1.0 + (ratio - 1.0) * RATIO_FACTOR**-dynamics,
        "threshold_db": threshold_db(ratio) + THRESHOLD_STEP_DB * dynamics,
        "saturation": max(_blend(global_.saturation, section.saturation, follow), 0.0),
        "width": _blend(global_.stereo_width, section.width, follow) + trims.width,
    }


def clamp_notes(sections: Sequence[Section], global_: Global) -> list[str]:
    """A sentence for each value that is held within its range at the plan's own reactivity and dynamics.

    It names the section where most is held back, and what is left of a trim there.
    """
    wanted = [wanted_values(section, global_, global_.reactivity, global_.dynamics) for section in sections]
    notes = []
    for name, limits in RANGES.items():
        beyond = [abs(values[name] - limits.clamp(values[name])) for values in wanted]
        held = sum(each > 0.0 for each in beyond)
        if not held:
            continue
        worst = beyond.index(max(beyond))
        where = f"'{sections[worst].section}'" + (f" and {held - 1} more" if held > 1 else "")
        value, trim = wanted[worst][name], _trim(name, global_)
        left = f"; of the trim of {trim:g} it leaves {limits.clamp(value) - value + trim:.3g}" if trim else ""
        notes.append(
            f"{where}: {_TITLES[name]} would be {told_apart(value, limits.clamp(value), spec='.4g')}, held at "
            f"{limits.clamp(value):g} (allowed are {limits.allowed}){left}"
        )
    return notes


def _trim(name: str, global_: Global) -> float:
    trims = global_.trims
    return {"low_db": trims.bass, "mid_db": trims.mid, "high_db": trims.treble, "width": trims.width}.get(name, 0.0)


def stage_amounts(global_: Global) -> Amounts:
    """The amount of each stage with the overall amount multiplied in."""
    each = global_.amounts
    return Amounts(
        eq=global_.amount * each.eq,
        compression=global_.amount * each.compression,
        saturation=global_.amount * each.saturation,
        width=global_.amount * each.width,
        loudness=global_.amount * each.loudness,
    )


def with_amounts(values: SectionValues, amounts: Amounts) -> SectionValues:
    """`values` moved towards doing nothing by each stage's amount; at 0 every stage is neutral."""
    saturation = values.saturation * amounts.saturation
    return replace(
        values,
        low_db=values.low_db * amounts.eq,
        mid_db=values.mid_db * amounts.eq,
        high_db=values.high_db * amounts.eq,
        ratio=1.0 + (values.ratio - 1.0) * amounts.compression,
        saturation=saturation,
        drive_db=saturation_drive_db(saturation),
        width=1.0 + (values.width - 1.0) * amounts.width,
    )


def contrast_scale(dynamics: float) -> float:
    """Factor on the contrast between sections for dynamics −1…1."""
    return 1.0 + CONTRAST_STEP * dynamics


def _blend(neutral: float, full: float | None, share: float) -> float:
    """`neutral` at share 0, exactly `full` at 1, and on along the same line beyond."""
    if full is None:
        return neutral
    return neutral * (1.0 - share) + full * share


_TITLES = {
    "low_db": "low shelf in all",
    "mid_db": "mid bell in all",
    "high_db": "high shelf in all",
    "ratio": "compressor ratio",
    "threshold_db": "compressor threshold",
    "saturation": "saturation",
    "width": "stereo width",
}
