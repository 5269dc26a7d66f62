"""Where a master's loudness range went: into the levels of its sections, the chain, or the limiter, each in LU.

Each stage is what it would be without the ones after it: the mix with its sections moved as planned; what the chain
makes of it with its sections at those levels, before the limiter; the master. Of the planned levels, that part is named
without which most of the range would be left: dynamics, reactivity, and what the mode or a settings file keep of the
mix's own contrast at reactivity 0.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from livemaster.documents.ranges import TARGET_LUFS
from livemaster.mastering.notes import Finished
from livemaster.metering.loudness import SUB_BLOCKS_PER_S, loudness_range
from livemaster.planning import spread_lu

LEAST_KEPT = 0.8
"""A master that keeps less of its mix's loudness range says why."""
LEAST_RANGE_LU = 1.0
"""Mixes of a smaller range have none to lose."""
_LEVELS = "the section levels"
_TOLD_LU = 0.05
"""What a stage takes or adds is told from here on."""
_STEP_LU, _MOST_LU = 1.0, 24.0
"""Steps in which a target is looked for that leaves the range alone, and how far down."""
_ENOUGH = 0.9
"""So much of the range before the limiter is as good as all."""


class Loss(NamedTuple):
    """LU that something takes of the loudness range: what that is in a word, in full, and what keeps them."""

    lu: float
    what: str
    in_full: str
    keeps: str
    adds: str = "adds"


def _lu(loss: Loss) -> float:
    return loss.lu


def range_notes(master: Finished) -> list[str]:
    """[control] One sentence where the master has less than LEAST_KEPT of the mix's loudness range, else none."""
    own_lu, left_lu = master.prepared.facts.measurement.loudness_range_lu, master.output.loudness_range_lu
    if own_lu is None or left_lu is None or own_lu < LEAST_RANGE_LU or left_lu >= LEAST_KEPT * own_lu:
        return []
    stages = _stages(master, own_lu, left_lu)
    most = max(stages, key=_lu)
    if most is stages[0] and (apart := _apart(master)):
        return [f"the loudness range falls from {own_lu:.1f} to {left_lu:.1f} LU, though {apart}"]
    others = [
        f"{each.lu:.1f} LU by {each.what}" if each.lu > 0.0 else f"{each.what} {each.adds} {-each.lu:.1f} LU"
        for each in stages
        if each is not most and abs(each.lu) >= _TOLD_LU
    ]
    rest = f"; {', '.join(others)}" if others else ""
    return [
        f"the loudness range falls from {own_lu:.1f} to {left_lu:.1f} LU ({100.0 * left_lu / own_lu:.0f} %), above all "
        f"({most.lu:.1f} LU) by {most.in_full}: {most.keeps}{rest}"
    ]


def _apart(master: Finished) -> str:
    """Where the sections stand further apart than in the mix: why the meter reads less; else nothing."""
    own, planned = master.prepared.mix_lufs, master.solution.section_lufs
    own_lu, planned_lu = spread_lu(own), spread_lu(planned)
    if own_lu is None or planned_lu is None or planned_lu <= own_lu:
        return ""
    quiet = min((lufs, n) for n, lufs in enumerate(planned) if lufs is not None)[1]
    return (
        f"the sections span {planned_lu:.1f} LU instead of {own_lu:.1f}: '{master.prepared.plan.spans[quiet].section}' "
        f"is so calm now that the meter takes it for a pause (it counts what is within 20 LU of the whole)"
    )


def _stages(master: Finished, own_lu: float, left_lu: float) -> list[Loss]:
    """What the planned levels, the chain and the limiter take, one after the other."""
    global_ = master.prepared.plan.global_
    planned_lu = _range_lu(master, global_.reactivity, global_.dynamics)
    unlimited_lu = master.leveller.track.levelled_range_lu(master.solution.section_lufs) or 0.0
    return [
        max(_causes(master, own_lu, planned_lu), key=_lu)._replace(lu=own_lu - planned_lu, adds="add"),
        Loss(
            planned_lu - unlimited_lu,
            "the chain",
            "the compressor with the rest of the chain",
            "--amount-compression 0 keeps more of it",
        ),
        Loss(unlimited_lu - left_lu, "the limiter", "the limiter", _lower(master, unlimited_lu)),
    ]


def _causes(master: Finished, own_lu: float, planned_lu: float) -> list[Loss]:
    """Why the planned levels differ from the mix's: each as far as the plan without it has more range."""
    global_ = master.prepared.plan.global_
    reactivity, dynamics = global_.reactivity, global_.dynamics
    relaxed_lu = _range_lu(master, reactivity, max(dynamics, 0.0))
    kept_lu = _range_lu(master, 0.0, max(dynamics, 0.0))
    emotion = f"reactivity {reactivity:g}, which leads the sections to their emotion"
    return [
        Loss(relaxed_lu - planned_lu, _LEVELS, f"dynamics {dynamics:g}", "--dynamics 0 keeps more of it"),
        Loss(kept_lu - relaxed_lu, _LEVELS, emotion, "--reactivity 0 keeps more of it"),
        _character(master, own_lu - kept_lu),
    ]


def _character(master: Finished, lu: float) -> Loss:
    """What is left of the mix's contrast without any emotion: a matter of the mode, or of what a file says."""
    prepared = master.prepared
    if prepared.performed is not None:
        levels = f"the section levels of {prepared.performed}"
        return Loss(lu, _LEVELS, levels, "sections without lufs keep the mix's own")
    own_lu = spread_lu(prepared.mix_lufs) or 0.0
    kept_lu = spread_lu(master.leveller.contrast(0.0, max(prepared.plan.global_.dynamics, 0.0))) or 0.0
    share = f"{100.0 * kept_lu / own_lu:.0f} % of the contrast between sections" if own_lu else "less"
    return Loss(
        lu, _LEVELS, f"mode {prepared.plan.mode.name}, which keeps {share}", "--mode cinematic keeps more of it"
    )


def _lower(master: Finished, unlimited_lu: float) -> str:
    """The loudest whole target at which the limiter leaves the range alone; the mode where that keeps peaks so low."""
    if master.leveller.headroom_db > 0.0:
        return "--mode cinematic keeps more of it"
    track, gains_db, lower_lu = master.leveller.track, master.solution.gains_db, 0.0
    while (track.range_lu(gains_db - lower_lu, master.ceiling_dbtp) or 0.0) < _ENOUGH * unlimited_lu:
        lower_lu += _STEP_LU
        if lower_lu > _MOST_LU:
            break
    target_lufs = math.floor(master.lufs - lower_lu)
    known = 0.0 < lower_lu <= _MOST_LU and target_lufs >= TARGET_LUFS.low
    if not known or master.leveller.share < 1.0:  # an amount leads to a target in its own way
        return "a lower --target-lufs keeps more of it"
    return f"--target-lufs {target_lufs} keeps it"


def _range_lu(master: Finished, reactivity: float, dynamics: float) -> float:
    """Loudness range of the mix with its sections at the levels planned at a position of the controls."""
    prepared = master.prepared
    energies = prepared.facts.energies.copy()
    contrast = master.leveller.contrast(reactivity, dynamics)
    moves = [None if a is None or b is None else a - b for a, b in zip(contrast, prepared.mix_lufs, strict=True)]
    known = [move for move in moves if move is not None]
    middle = sum(known) / len(known) if known else 0.0
    for span, move in zip(prepared.plan.spans, moves, strict=True):
        first, stop = (round(time_s * SUB_BLOCKS_PER_S) for time_s in (span.start, span.end))
        energies[first:stop] *= 10.0 ** ((0.0 if move is None else move - middle) / 10.0)
    return loudness_range(energies) or 0.0
