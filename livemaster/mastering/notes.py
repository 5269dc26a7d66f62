"""What the user should know of a finished master's loudness: sentences with numbers, each thing once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from livemaster.mastering.job import Prepared
from livemaster.mastering.level import Leveller
from livemaster.mastering.refusal import MORE_DB
from livemaster.mastering.solve import HOPELESS_DB, MAX_LIMITING_DB, Solution
from livemaster.metering import Measurement
from livemaster.planning import MasterSettings
from livemaster.printable import told_apart

QUIETER_LU = 0.1
"""A master that is quieter than its mix by more than this is said to be."""
LEAST_LU = 0.1
"""A gain below this is called little."""
LEAST_DB, NEAR_DB = 0.1, 0.5
"""Peaks kept under the ceiling by less are kept by the ceiling; and where they come nearer than that."""
_OPTIONS = {"option target-lufs": "--target-lufs"}
"""Sources of a target as a command line spells them."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A master as it was measured, with what was solved for it."""

    prepared: Prepared
    leveller: Leveller
    solution: Solution
    output: Measurement
    ceiling_dbtp: float

    @property
    def lufs(self) -> float:
        """The master's loudness; 0 where it is undefined."""
        return self.output.integrated_lufs or 0.0

    @property
    def quieter_lu(self) -> float:
        """By how much the master is quieter than the mix."""
        own = self.prepared.facts.measurement.integrated_lufs
        return 0.0 if own is None or self.output.integrated_lufs is None else own - self.output.integrated_lufs


def loudness_notes(master: Finished, *, hit: bool) -> Iterator[str]:
    """How the aim came about, a mode's density, why the aim was missed (`hit` False), and that all is quieter."""
    refused = not hit and master.solution.refused is not None
    moved = master.leveller.share < 1.0
    if moved:
        yield _aim(master) + ("" if refused else _quieter(master))
    limit_dbtp, peak_dbtp = master.ceiling_dbtp - master.leveller.headroom_db, master.output.true_peak_dbtp
    if limit_dbtp <= master.ceiling_dbtp - LEAST_DB and peak_dbtp is not None and peak_dbtp > limit_dbtp - NEAR_DB:
        yield _dense(master)
    if refused:
        yield _lowered(master) if master.prepared.plan.platform.limiter_idle else _refused(master)
    elif master.quieter_lu > QUIETER_LU and not moved:
        yield (
            f"the mix is made {master.quieter_lu:.1f} LU quieter, from {master.lufs + master.quieter_lu:.1f} to "
            f"{master.lufs:.1f} LUFS, as {target_source(master.prepared.plan.settings)} asks"
        )


def target_source(settings: MasterSettings) -> str:
    """Who set the plan's target: «platform spotify», «--target-lufs», a file's name."""
    source = settings.why["global.target_lufs"][-1].source
    return _OPTIONS.get(source, source)


def _aim(master: Finished) -> str:
    """Where between the mix's loudness and the target the amount puts the aim."""
    settings, leveller = master.prepared.plan.settings, master.leveller
    shares = {"amount": settings.global_.amount, "amount-loudness": settings.global_.amounts.loudness}
    because = " and ".join(f"--{name} {share:g}" for name, share in shares.items() if share < 1.0)
    own_lufs = master.prepared.facts.measurement.integrated_lufs
    target = f"the {settings.global_.target_lufs:.1f} LUFS that {target_source(settings)} asks for"
    if leveller.share == 0.0:
        return f"with {because} the aim is the mix's own {own_lufs:.1f} LUFS, not {target}"
    way = f"{100.0 * leveller.share:.0f} % of the way from the mix's {own_lufs:.1f} to {target}"
    return f"with {because} the aim is {leveller.target_lufs:.1f} LUFS, {way}"


def _quieter(master: Finished) -> str:
    """What is added to a sentence that says already where the loudness comes from."""
    return f", {master.quieter_lu:.1f} LU quieter than the mix" if master.quieter_lu > QUIETER_LU else ""


def _dense(master: Finished) -> str:
    """That a mode keeps peaks nearer to the loudness than the ceiling does."""
    plan = master.prepared.plan
    limit_dbtp = master.ceiling_dbtp - master.leveller.headroom_db
    above_db, wanted_db = limit_dbtp - master.lufs, plan.mode.peak_to_loudness_db or 0.0
    farther = plan.global_.amount == 1.0 and above_db > wanted_db + LEAST_DB
    why = f" (not {wanted_db:g}, which would need more than {MAX_LIMITING_DB:g} dB of limiting)" if farther else ""
    return f"mode {plan.mode.name} keeps peaks under {limit_dbtp:.1f} dBTP, {above_db:.1f} dB above the loudness{why}"


def _lowered(master: Finished) -> str:
    """That the platform wants an idle limiter more than loudness."""
    title, target_lufs = master.prepared.plan.platform.title, master.leveller.target_lufs
    return (
        f"{title} itself lowers the target, from {target_lufs:.1f} to {master.lufs:.1f} LUFS{_quieter(master)}: "
        f"its limiter must stay idle under {master.ceiling_dbtp:g} dBTP"
    )


def _refused(master: Finished) -> str:
    """Why the loudness asked for cannot be had, and what more limiting would give."""
    found = master.leveller.refusal()
    assert found is not None
    section = master.prepared.plan.sections[found.section].section
    if found.needed_db is None:
        needed, given = f"more than {HOPELESS_DB:g} dB", f" ({HOPELESS_DB:g} dB give {found.hopeless_lufs:.1f} LUFS)"
    else:
        needed, given = f"{told_apart(found.needed_db, MAX_LIMITING_DB, spec='.1f')} dB", ""
    more = f"{found.more_lu:.1f} LU" if found.more_lu >= LEAST_LU else f"less than {LEAST_LU:g} LU"
    return (
        f"{master.leveller.target_lufs:.1f} LUFS under {master.ceiling_dbtp:g} dBTP would need {needed} of limiting on "
        f"average in '{section}'{given}, {MAX_LIMITING_DB:g} dB are allowed: {master.lufs:.1f} LUFS instead"
        f"{_quieter(master)}; {MORE_DB:g} dB more would add {more}"
    )
