"""The levels of a plan's sections: the formula's and what is kept of the mix, the mix's own, or as a file has them."""

from __future__ import annotations

from collections.abc import Sequence

from livemaster.documents.ranges import SECTION_LUFS
from livemaster.planning.contrast import power_mean
from livemaster.planning.drafts import SectionDraft, Setting
from livemaster.planning.following import PerSection, centred, finite, share, slope_of
from livemaster.planning.formulas import formula_values
from livemaster.planning.reasons import Ledger

LUFS_DIGITS = 2
"""Decimals of a loudness that depends on the mix."""


def plan_levels(
    ledgers: Sequence[Ledger], drafts: Sequence[SectionDraft], mix_lufs: PerSection, setting: Setting
) -> None:
    """Give every ledger its `lufs`, where it can have one; those that a file wrote stand there already."""
    lengths_s, fresh = [draft.span.duration_s for draft in drafts], [draft.fresh for draft in drafts]
    known = [draft.intensity for draft in drafts]
    felt = [None if intensity is None else formula_values(intensity).lufs for intensity in known]
    slope = slope_of(felt, mix_lufs, lengths_s)
    full = share(slope, 1.0)
    emotion = [value or 0.0 for value in centred(_only(felt, fresh), lengths_s)]
    pairs = zip(centred(_only(mix_lufs, fresh), lengths_s), emotion, strict=True)
    own = [slope * f if m is None else m for m, f in pairs]  # unmeasured, it has what emotion explains
    by_formula = [new and "lufs" in ledger.values for new, ledger in zip(fresh, ledgers, strict=True)]
    middle_lufs = _keep_the_mix(
        [ledger for ledger, taken in zip(ledgers, by_formula, strict=True) if taken],
        [m - (1.0 - full) * f for m, f, taken in zip(own, emotion, by_formula, strict=True) if taken],
        [length_s for length_s, taken in zip(lengths_s, by_formula, strict=True) if taken],
        f"its own contrast; of the emotion's it has x {slope:.2f}, x {full:.2f} are planned",
    )
    if middle_lufs is None:
        wanted = [ledger.number("lufs") if "lufs" in ledger.values else None for ledger in ledgers]
        levels, middle_lufs = _mix_at_level_of(wanted, mix_lufs, lengths_s, setting.global_.target_lufs)
    else:
        levels = [None if finite(m) is None else middle_lufs + about for m, about in zip(mix_lufs, own, strict=True)]
    _fill_in(ledgers, levels, middle_lufs)
    _colour(ledgers, fresh, own, [full * f for f in emotion], setting)
    if setting.changed:
        written = [not new for new in fresh]
        follows = [full * (value or 0.0) for value in centred(_only(felt, written), lengths_s)]
        _recolour(ledgers, written, follows, lengths_s, setting)


def _only(values: PerSection, wanted: Sequence[bool]) -> list[float | None]:
    return [value if taken else None for value, taken in zip(values, wanted, strict=True)]


def _keep_the_mix(
    ledgers: Sequence[Ledger], kept_lu: Sequence[float], lengths_s: Sequence[float], rule: str
) -> float | None:
    """Add to the formula's levels what is kept of the mix, all of them together staying as loud as they were.

    The level that a section without an emotion has in the middle of them; None where there are none.
    """
    formula = [ledger.number("lufs") for ledger in ledgers]
    levels = [lufs + kept for lufs, kept in zip(formula, kept_lu, strict=True)]
    together = power_mean(levels, lengths_s)
    if together is None:
        return None
    shift = (power_mean(formula, lengths_s) or 0.0) - together
    shift = min(shift, SECTION_LUFS.high - max(levels))  # a short outburst in a quiet song
    for ledger, kept in zip(ledgers, kept_lu, strict=True):
        ledger.add("lufs", round(kept + shift, LUFS_DIGITS), "the mix", rule)
    return shift + sum(lufs * s for lufs, s in zip(formula, lengths_s, strict=True)) / sum(lengths_s)


def _fill_in(ledgers: Sequence[Ledger], mix_lufs: PerSection, middle_lufs: float) -> None:
    """Levels that nothing else gives are the mix's own."""
    for ledger, mix in zip(ledgers, mix_lufs, strict=True):
        if "lufs" not in ledger.values and mix is not None:
            ledger.set("lufs", middle_lufs, "neutral", "the middle of all sections")
            ledger.add("lufs", round(mix, LUFS_DIGITS) - middle_lufs, "the mix", "its own contrast is kept")


def _colour(
    ledgers: Sequence[Ledger], fresh: Sequence[bool], mix_lu: Sequence[float], emotion_lu: Sequence[float], how: Setting
) -> None:
    """Of levels planned now the mode keeps a part of the mix's and of the emotion's contrast."""
    kept, follows = how.mode.contrast_kept, how.mode.emotion_scale
    changes = [
        (kept - 1.0) * m + (follows - 1.0) * f if new and "lufs" in ledger.values else None
        for ledger, new, m, f in zip(ledgers, fresh, mix_lu, emotion_lu, strict=True)
    ]
    _add_all(ledgers, changes, f"keeps the mix's contrast x {kept:g} and adds the emotion's x {follows:g}", how)


def _recolour(
    ledgers: Sequence[Ledger],
    written: Sequence[bool],
    emotion_lu: Sequence[float],
    lengths_s: Sequence[float],
    how: Setting,
) -> None:
    """Undo what the file's mode made of written levels, and make of them what the mode chosen now does."""
    levels = [ledger.number("lufs") if "lufs" in ledger.values else None for ledger in ledgers]
    about = centred(_only(levels, written), lengths_s)
    kept = how.mode.contrast_kept / how.old_mode.contrast_kept
    changes = []
    for level, f in zip(about, emotion_lu, strict=True):
        rest = None if level is None else level - how.old_mode.emotion_scale * f
        changes.append(None if level is None or rest is None else kept * rest + how.mode.emotion_scale * f - level)
    _add_all(ledgers, changes, f"chosen instead of {how.old_mode.name}", how)


def _add_all(ledgers: Sequence[Ledger], changes: PerSection, rule: str, how: Setting) -> None:
    """Add what a mode changes, all of it lowered alike where a level would leave its range."""
    known = [(ledger, change) for ledger, change in zip(ledgers, changes, strict=True) if change is not None]
    above = max((ledger.number("lufs") + change - SECTION_LUFS.high for ledger, change in known), default=0.0)
    for ledger, change in known:
        ledger.add("lufs", round(change - max(above, 0.0), LUFS_DIGITS), f"mode {how.mode.name}", rule)


def _mix_at_level_of(
    wanted: PerSection, mix_lufs: PerSection, lengths_s: Sequence[float], target_lufs: float
) -> tuple[list[float | None], float]:
    """The mix's levels, shifted to stand among the wanted ones (else around the target), and their middle."""
    mix = [finite(value) for value in mix_lufs]
    both = [a is not None and b is not None for a, b in zip(wanted, mix, strict=True)]
    mix_mean = power_mean(
        [each if has or not any(both) else None for each, has in zip(mix, both, strict=True)], lengths_s
    )
    wanted_mean = power_mean(
        [each if has or not any(both) else None for each, has in zip(wanted, both, strict=True)], lengths_s
    )
    middle_lufs = target_lufs if wanted_mean is None else wanted_mean
    if mix_mean is None:
        return [middle_lufs if len(mix) == 1 else None for _ in mix], middle_lufs
    return [None if each is None else each - mix_mean + middle_lufs for each in mix], middle_lufs
