"""The plan's sections: numbers by the formulas, from a settings file, or neutral, each with its reasons."""

from __future__ import annotations

from collections.abc import Sequence

from livemaster.documents.ranges import (
    BAND_DB,
    RATIO,
    SATURATION,
    SECTION_EQ_DB,
    SECTION_LUFS,
    WIDTH,
    Range,
)
from livemaster.planning.drafts import SectionDraft, Setting
from livemaster.planning.emotion import SectionEmotion
from livemaster.planning.following import PerSection, intensity_in
from livemaster.planning.formulas import FORMULAS, formula_values
from livemaster.planning.levels import plan_levels
from livemaster.planning.modes import curve, mode
from livemaster.planning.reasons import Ledger, accounts_for
from livemaster.planning.schema import Eq, Global, Section
from livemaster.printable import told_apart

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


def plan_sections(
    drafts: Sequence[SectionDraft], mix_lufs: PerSection, setting: Setting
) -> tuple[tuple[Section, ...], tuple[str, ...]]:
    """The finished sections, and a note for every number that had to be held within its range."""
    ledgers = [_numbers(draft, setting) for draft in drafts]
    plan_levels(ledgers, drafts, mix_lufs, setting)
    notes: list[str] = []
    sections = []
    for draft, ledger in zip(drafts, ledgers, strict=True):
        for name in list(ledger.values):
            _hold(ledger, name, draft.span.section, notes)
        sections.append(_finish(draft, ledger, setting.global_))
    return tuple(sections), tuple(notes)


def _numbers(draft: SectionDraft, setting: Setting) -> Ledger:
    """Every number but a level that depends on the mix, scaled by the mode."""
    ledger = Ledger()
    if draft.emotion is not None:
        _by_formula(ledger, draft.emotion, setting, draft.heard)
    elif draft.written is not None and draft.intensity is not None and intensity_in(draft.written) is not None:
        _by_formula(ledger, SectionEmotion(draft.written.emotion or "unnamed", draft.intensity), setting)
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


def _hold(ledger: Ledger, name: str, section: str, notes: list[str]) -> None:
    limits, value = _RANGES[name], ledger.number(name)
    held = limits.clamp(value)
    if held != value:
        wanted = told_apart(value, held, spec=".4g")
        notes.append(f"'{section}': {name} would be {wanted}, held at {held:g} (allowed are {limits.allowed})")
        ledger.add(name, held - value, "range", f"allowed are {limits.allowed}")


def _finish(draft: SectionDraft, ledger: Ledger, global_: Global) -> Section:
    written = draft.written
    numbers = {name: ledger.number(name) for name in ledger.values if not name.startswith("eq.")}
    section = Section(
        section=draft.span.section,
        emotion=draft.emotion.name if draft.emotion else written.emotion if written else None,
        start=draft.span.start,
        end=draft.span.end,
        intensity=draft.intensity,
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
