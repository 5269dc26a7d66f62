"""From the plan to lanes: what every parameter of the chain does over time, at every position of the controls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

from livemaster.dsp.lanes import REACTIVITIES
from livemaster.engine import Lane, Program
from livemaster.mastering.chains import ChainPreset
from livemaster.mastering.roles import ROLES
from livemaster.planning import (
    STAGES,
    Global,
    MasterSettings,
    Section,
    Trims,
    free_bells,
    section_by_hand,
    section_values,
)
from livemaster.units import seconds_to_frames

CORNERS = tuple((reactivity, dynamics) for dynamics in (-1.0, 0.0, 1.0) for reactivity in REACTIVITIES)
"""Positions for which lanes are prepared, in the order a lane keeps them."""
BY_HAND = tuple(
    (reactivity, dynamics, intensity)
    for dynamics in (-1.0, 0.0, 1.0)
    for reactivity in REACTIVITIES[1:]
    for intensity in (0.0, 0.5, 1.0)
)
"""The same where the intensity is set by hand."""
AT_PLAN = CORNERS.index((1.0, 0.0))
"""The corner at which a plan's sections are written down."""

RAMP_S = 0.3
"""How long a change between sections takes, centred on the boundary; a quarter of the shorter section at most."""

Corner = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Levels:
    """What the measurements decide: gain of the whole song ahead of the chain, gain of each section after it.

    `trim_db`: brings the mix to the reference loudness that thresholds are meant for.
    `gains_db[s]`: gain of section s at the `CORNERS`, and `BY_HAND`. `remove_dc`: whether the mix has an offset.
    `louder_db[s]`: by how much section s of the master is louder than of the mix, at the same positions; empty where
    that is not known. `ceiling_dbtp`: the limiter's; `headroom_db`: how far under it peaks are kept, at full amount.
    """

    trim_db: float
    gains_db: tuple[Corner, ...]
    ceiling_dbtp: float
    remove_dc: bool = False
    louder_db: tuple[Corner, ...] = ()
    headroom_db: float = 0.0

    def match_db(self, section: int) -> float:
        """By how much the louder side of A/B is turned down in a section, at reactivity 1 and dynamics 0; 0 or less."""
        return -abs(self.louder_db[section][AT_PLAN]) if section < len(self.louder_db) else 0.0


def program(settings: MasterSettings, chain: ChainPreset, levels: Levels, rate_hz: int) -> Program:
    """[control] The lanes of `chain` for a built plan, its sections timed and covering the track."""
    quantities = _quantities(settings, levels)
    frames = ramp_frames(settings.sections, rate_hz)
    lanes = [lane for role, of_section in quantities.items() for lane in _lanes(chain, role, of_section, frames)]
    lanes += _matching(levels, frames)
    lanes.append(Lane("limiter.ceiling_db", (0,), (levels.ceiling_dbtp,)))
    lanes.append(Lane("density.headroom_db", (0,), (levels.headroom_db,), stage="amount"))
    return Program(tuple(lanes), start_positions(settings.global_))


def _matching(levels: Levels, ramps: list[tuple[int, int]]) -> list[Lane]:
    """What turns the louder side of A/B down, as far as the control `match` says."""
    lanes = []
    for target, sign in (("compare.master_gain_db", 1.0), ("compare.mix_gain_db", -1.0)):
        if levels.louder_db:
            of_sections = [tuple(min(-sign * db, 0.0) for db in corners) for corners in levels.louder_db]
            lanes.append(Lane(target, *_breakpoints(of_sections, ramps), stage="match"))
    return lanes


def ramp_frames(sections: Sequence[Section], rate_hz: int) -> list[tuple[int, int]]:
    """First and last frame of the ramp at each boundary between sections."""
    ramps = []
    for left, right in pairwise(sections):
        boundary_s, (left_s, right_s) = right.start or 0.0, (_length(left), _length(right))
        half_s = min(RAMP_S, left_s / 4.0, right_s / 4.0) / 2.0
        begin = seconds_to_frames(boundary_s - half_s, rate_hz)
        ramps.append((begin, max(seconds_to_frames(boundary_s + half_s, rate_hz), begin + 1)))
    return ramps


def start_positions(global_: Global) -> dict[str, float]:
    """Where the plan puts the controls; how far loudness goes is solved for, not a control."""
    return {
        "reactivity": global_.reactivity,
        "dynamics": global_.dynamics,
        "amount": global_.amount,
        **{f"amount_{stage}": getattr(global_.amounts, stage) for stage in STAGES if stage != "loudness"},
        **{trim: getattr(global_.trims, trim) for trim in type(global_.trims).model_fields},
    }


def _quantities(settings: MasterSettings, levels: Levels) -> dict[str, list[Corner]]:
    """Role → for each section its values at every corner."""
    plain = settings.global_.model_copy(update={"trims": Trims()})  # trims are controls, added while playing
    at_corners = [
        [
            *(asdict(section_values(section, plain, reactivity, dynamics)) for reactivity, dynamics in CORNERS),
            *(asdict(section_values(section_by_hand(section, plain, i), plain, r, d)) for r, d, i in BY_HAND),
        ]
        for section in settings.sections
    ]
    of_sections = {
        role: [tuple(values[role] for values in corners) for corners in at_corners]
        for role in at_corners[0][0]
        if role in ROLES
    }
    for role, value in _constants(plain, levels).items():
        of_sections[role] = [(value,) * len(CORNERS)]
    of_sections["level_db"] = list(levels.gains_db)
    return of_sections


def _constants(global_: Global, levels: Levels) -> dict[str, float]:
    """Roles that stay the same all through the song."""
    values = {
        "wet": 1.0,
        "dc": float(levels.remove_dc),
        "trim_db": levels.trim_db,
        "restore_db": -levels.trim_db,
        "highpass_amount": float(global_.high_pass_hz > 0.0),
        "mono_below_hz": global_.mono_below_hz,
    }
    if global_.high_pass_hz > 0.0:
        values["highpass_hz"] = global_.high_pass_hz
    for number, bell in enumerate(free_bells(global_), 1):
        values |= {f"bell_{number}_db": bell.db, f"bell_{number}_hz": bell.hz, f"bell_{number}_q": bell.q}
    return values


def _lanes(chain: ChainPreset, role: str, of_sections: list[Corner], ramps: list[tuple[int, int]]) -> list[Lane]:
    """One lane for every parameter of the chain that carries the role."""
    what, lanes = ROLES[role], []
    for target, scale in chain.targets(role):
        frames, values = _breakpoints([tuple(v * scale for v in corners) for corners in of_sections], ramps)
        ends = sorted((what.limits.low * scale, what.limits.high * scale)) if what.limits else None
        limits = (ends[0], ends[1]) if ends else None
        lanes.append(Lane(target, frames, values, what.neutral * scale, what.stage, what.trim, limits))
    return lanes


def _breakpoints(of_sections: list[Corner], ramps: list[tuple[int, int]]) -> tuple[tuple[int, ...], tuple[Corner, ...]]:
    """Constant inside the sections, a ramp at every boundary where something changes."""
    frames, values = [0], [of_sections[0]]
    for (begin, end), left, right in zip(ramps, of_sections, of_sections[1:], strict=False):
        if left != right:
            frames += [max(begin, frames[-1] + 1), end]
            values += [left, right]
    return tuple(frames), tuple(values)


def _length(section: Section) -> float:
    return (section.end or 0.0) - (section.start or 0.0)
