"""The plan's sections: numbers by the formulas, from a settings file, or neutral, each with its reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from livemaster.planning.contrast import power_mean
from livemaster.planning.emotion import SectionEmotion
from livemaster.planning.following import PerSection, centred, finite, intensity_in, share, slope_of
from livemaster.planning.formulas import FORMULAS, formula_values
from livemaster.planning.modes import Mode, curve, mode
from livemaster.planning.ranges import BAND_DB, RATIO, SATURATION, SECTION_EQ_DB, SECTION_LUFS, WIDTH, Range
from livemaster.planning.reasons import Ledger, accounts_for
from livemaster.planning.schema import Eq, Global, Section
from livemaster.planning.timeline import Span
from livemaster.units import told_apart

NUMBERS = ("lufs", "eq.low", "eq.mid", "eq.high", "compression", "saturation")
"""The numbers of a section that emotion decides."""

_RANGES: dict[str, Range] = {
    "lufs": SECTION_LUFS,
    "eq.low": SECTION_EQ_DB,
    "eq.mid": SECTION_EQ_DB,
    "eq.high": SECTION_EQ_DB,
    "compression": RATIO,
    "saturation": SATURATION,
    "width": WIDTH,
}
_BANDS = (
    ("low_shelf_db", "eq.low", "low_db", "bass"),
    ("mid_bell_db", "eq.mid", "mid_db", "mid"),
    ("high_shelf_db", "eq.high", "high_db", "treble"),
)
LUFS_DIGITS = 2
"""Decimals of a loudness that depends on the mix."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One section before its numbers: its place, what a settings file says of it, and its emotion, where
    known.
    """

    span: Span
    written: Section | None = None
    emotion: SectionEmotion | None = None
    heard: bool = False
    """Whether the emotion was detected, not given."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What all sections share while they are planned."""

    global_: Global
    mode: Mode
    old_global: Global
    old_mode: Mode
    """What a settings file's numbers were made with."""
    origin: str
    """The settings file's name."""

    @property
    def changed(self) -> bool:
        """Whether a settings file's numbers are to be used in another mode than its own."""
        return self.mode.name != self.old_mode.name


def plan_sections(
    drafts: Sequence[Draft], mix_lufs: PerSection, setting: Setting
) -> tuple[tuple[Section, ...], tuple[str, ...]]:
    """The finished sections, and a note for every number that had to be held within its range."""
    ledgers = [_numbers(draft, setting) for draft in drafts]
    _level(ledgers, drafts, mix_lufs, setting)
    notes: list[str] = []
    sections = []
    for draft, ledger in zip(drafts, ledgers, strict=True):
        for name in list(ledger.values):
            _hold(ledger, name, draft.span.section, notes)
        sections.append(_finish(draft, ledger, setting.global_))
    return tuple(sections), tuple(notes)


def _numbers(draft: Draft, setting: Setting) -> Ledger:
    """Every number but a level that depends on the mix, scaled by the mode."""
    ledger = Ledger()
    if draft.emotion is not None:
        _by_formula(ledger, draft.emotion, setting, draft.heard)
    elif draft.written is not None and draft.written.emotional:
        known = _emotion_of(draft.written)
        if known is not None:
            _by_formula(ledger, known, setting)
    if draft.written is not None:
        written = numbers_of(draft.written)
        taken = written if draft.emotion is None else {"width": written["width"]} if "width" in written else {}
        for name, value in taken.items():
            _from_file(ledger, name, value, draft.written, setting)
    for name in NUMBERS[1:]:
        if name not in ledger.values:
            ledger.set(name, _neutral(name, setting.global_), "neutral", "no emotion is known here")
    return ledger


def _by_formula(ledger: Ledger, emotion: SectionEmotion, setting: Setting, heard: bool = False) -> None:
    source = f"{'heard emotion' if heard else 'emotion'} {emotion.name} at intensity {emotion.intensity:.2f}"
    values = formula_values(emotion.intensity)
    for name, value in zip(NUMBERS, values, strict=True):
        ledger.set(name, value, source, FORMULAS[name])
        if name != "lufs":
            _scale(ledger, name, setting.mode.emotion_scale, setting)


def _from_file(ledger: Ledger, name: str, value: float, written: Section, setting: Setting) -> None:
    """A number as written, with its own reasons where they still hold; rescaled when another mode was
    chosen.
    """
    reasons = written.why.get(name, ())
    if accounts_for(reasons, value):
        ledger.keep(name, value, reasons)
    else:
        ledger.set(name, value, setting.origin, "as written there")
    if setting.changed and written.emotional and name not in ("lufs", "width"):
        _rescale(ledger, name, setting)


def _scale(ledger: Ledger, name: str, scale: float, setting: Setting) -> None:
    """Move a number from neutral only `scale` of the way."""
    value, neutral = ledger.number(name), _neutral(name, setting.global_)
    change = round(neutral + scale * (value - neutral), 3) - value if scale != 1.0 else 0.0
    ledger.add(name, change, f"mode {setting.mode.name}", f"emotion moves {name} by x {scale:g} from {neutral:g}")


def _rescale(ledger: Ledger, name: str, setting: Setting) -> None:
    """Undo the scale of the file's mode and apply that of the mode chosen now."""
    value, old, new = ledger.number(name), _neutral(name, setting.old_global), _neutral(name, setting.global_)
    full = old + (value - old) / setting.old_mode.emotion_scale
    change = round(new + setting.mode.emotion_scale * (full - new), 3) - value
    ledger.add(name, change, f"mode {setting.mode.name}", f"chosen instead of {setting.old_mode.name}")


def _level(ledgers: Sequence[Ledger], drafts: Sequence[Draft], mix_lufs: PerSection, setting: Setting) -> None:
    """Loudness: the formula's and what is kept of the mix; the mix's own without an emotion; a file's as written."""
    lengths_s, felt = [draft.span.duration_s for draft in drafts], [_felt(draft) for draft in drafts]
    slope = slope_of(felt, mix_lufs, lengths_s)
    full = share(slope, 1.0)
    fresh = [draft.emotion is not None or draft.written is None or draft.written.lufs is None for draft in drafts]
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
        _fill_in_the_mix(ledgers, mix_lufs, lengths_s, setting)
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


def _fill_in_the_mix(
    ledgers: Sequence[Ledger], mix_lufs: PerSection, lengths_s: Sequence[float], setting: Setting
) -> None:
    """Levels that nothing else gives are the mix's own, among those that a file gives."""
    wanted = [ledger.number("lufs") if "lufs" in ledger.values else None for ledger in ledgers]
    _fill_in(ledgers, *_mix_at_level_of(wanted, mix_lufs, lengths_s, setting.global_.target_lufs))


def _fill_in(ledgers: Sequence[Ledger], mix_lufs: PerSection, middle_lufs: float) -> None:
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


def _felt(draft: Draft) -> float | None:
    known = draft.emotion.intensity if draft.emotion is not None else _intensity(draft.written)
    return None if known is None else formula_values(known).lufs


def _intensity(written: Section | None) -> float | None:
    """A file's section is as intense as its emotion says, else as the loudness beside it; None where neither tells."""
    if written is None or not written.emotional:
        return None
    known = intensity_in(written)
    if known is not None or written.lufs is None:
        return known
    calm, intense = formula_values(0.0).lufs, formula_values(1.0).lufs
    return min(max((written.lufs - calm) / (intense - calm), 0.0), 1.0)


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


def _hold(ledger: Ledger, name: str, section: str, notes: list[str]) -> None:
    limits, value = _RANGES[name], ledger.number(name)
    held = limits.clamp(value)
    if held != value:
        wanted = told_apart(value, held, spec=".4g")
        notes.append(f"'{section}': {name} would be {wanted}, held at {held:g} (allowed are {limits.allowed})")
        ledger.add(name, held - value, "range", f"allowed are {limits.allowed}")


def _finish(draft: Draft, ledger: Ledger, global_: Global) -> Section:
    written, known = draft.written, draft.emotion
    if known is None and written is not None:
        known = _emotion_of(written)
    numbers = {name: ledger.number(name) for name in ledger.values if not name.startswith("eq.")}
    section = Section(
        section=draft.span.section,
        emotion=draft.emotion.name if draft.emotion else written.emotion if written else None,
        start=draft.span.start,
        end=draft.span.end,
        intensity=known.intensity if known else _intensity(written),
        eq=Eq(low=ledger.number("eq.low"), mid=ledger.number("eq.mid"), high=ledger.number("eq.high")),
        **numbers,  # type: ignore[arg-type]
    )
    return section.model_copy(update={"why": ledger.why | _bands(section, global_).why})


def _bands(section: Section, global_: Global) -> Ledger:
    """Each equalizer band in all, at the plan's own reactivity: curve, tone, trim, section, bound."""
    total = Ledger()
    tone, eq = curve(global_.eq_curve), section.eq or Eq()
    follow = section.follow(global_.reactivity)
    for band, name, term, trim in _BANDS:
        total.set(band, getattr(tone, term), f"curve {tone.name}", "static curve of the mode")
        whole_track = getattr(global_.tone, name.removeprefix("eq."))
        total.add(band, whole_track, "tone", f"of the whole track, see global.tone.{name.removeprefix('eq.')}")
        total.add(band, getattr(global_.trims, trim), f"trim {trim}", "as asked")
        change = follow * getattr(eq, name.removeprefix("eq."))
        about = _about(section)
        total.add(band, change, about, f"{name} x reactivity {follow:g}" if section.emotional else name)
        value = total.number(band)
        total.add(band, BAND_DB.clamp(value) - value, "range", f"allowed are {BAND_DB.allowed} a band in all")
    return total


def _about(section: Section) -> str:
    if not section.emotional:
        return "section"
    strength = "" if section.intensity is None else f" at intensity {section.intensity:.2f}"
    return f"emotion {section.emotion or 'unnamed'}{strength}"


def numbers_of(section: Section) -> dict[str, float]:
    """The numbers that a section gives itself, by name."""
    eq = section.eq
    numbers = {
        "lufs": section.lufs,
        "eq.low": eq.low if eq else None,
        "eq.mid": eq.mid if eq else None,
        "eq.high": eq.high if eq else None,
        "compression": section.compression,
        "saturation": section.saturation,
        "width": section.width,
    }
    return {name: value for name, value in numbers.items() if value is not None}


def _emotion_of(section: Section) -> SectionEmotion | None:
    """Name and intensity of a written section, the intensity from the emotion's name where none is given."""
    intensity = intensity_in(section)
    return None if intensity is None else SectionEmotion(section.emotion or "unnamed", round(intensity, 4))


def section_by_hand(section: Section, global_: Global, intensity: float) -> Section:
    """`section` as the formulas and the mode would have it at an intensity 0…1 set by hand."""
    numbers = dict(zip(NUMBERS, formula_values(intensity), strict=True))
    scale = mode(global_.mode).emotion_scale
    scaled = {
        name: _RANGES[name].clamp(_neutral(name, global_) + scale * (value - _neutral(name, global_)))
        for name, value in numbers.items()
        if name != "lufs"
    }
    eq = Eq(low=scaled["eq.low"], mid=scaled["eq.mid"], high=scaled["eq.high"])
    changes = {"eq": eq, "intensity": intensity, **{n: scaled[n] for n in ("compression", "saturation")}}
    return section.model_copy(update=changes)


def moved_by_hand_lu(section: Section, intensity: float) -> float:
    """By how much louder the formula would have `section` at an intensity 0…1 set by hand; from ½ where it has none."""
    own = 0.5 if section.intensity is None else section.intensity
    return formula_values(intensity).lufs - formula_values(own).lufs


def _neutral(name: str, global_: Global) -> float:
    if name == "compression":
        return global_.compressor_ratio
    return global_.saturation if name == "saturation" else 0.0
