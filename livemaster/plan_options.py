"""What may be asked of a plan, each option declared once: its type, range, words, and its place in the plan.

The command line's options, the keywords of the Python API, and what a plan takes from them derive from this.
"""

from __future__ import annotations

from dataclasses import Field, dataclass, field, fields
from typing import Any, TypedDict

from livemaster.controls import CONTROLS, REACH
from livemaster.documents.presets import preset_name
from livemaster.documents.ranges import CEILING_DBTP, TARGET_LUFS, Range


@dataclass(frozen=True, slots=True)
class Option:
    """One option: what it does in words, its range or the kind of preset that it names, and where it goes."""

    help: str
    place: str = ""
    """In the plan's global block; empty for what chooses other values there."""
    range: Range | None = None
    preset: str = ""
    neutral: float | None = None
    """The value where nobody says anything; None where a preset says it."""
    flag: str = ""
    """On the command line, where it is not the name with hyphens."""
    metavar: str | None = None


def _number(
    about: str, place: str, limits: Range, *, neutral: float | None = None, flag: str = "", unit: str = ""
) -> Any:
    metavar = unit or f"{limits.low:g}..{limits.high:g}"
    return _field(Option(about, place, limits, neutral=neutral, flag=flag, metavar=metavar))


def _of_control(name: str, about: str, place: str) -> Any:
    each = CONTROLS[name]
    return _number(about, place, Range(each.low, each.high, each.unit), neutral=each.rest, unit=each.unit)


def _field(option: Option) -> Any:
    return field(default=None, metadata={"option": option})


_SHARE = Range(0.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOptions:
    """What is asked of a plan, above files and presets; None is not asked. Checked when made (SettingsError,
    UnknownNameError).
    """

    platform: str | None = _field(
        Option("Loudness preset: spotify (default), youtube, film …; see `livemaster presets`.", preset="platform")
    )
    mode: str | None = _field(
        Option(
            "cinematic (default: warm, wide, deep contrast), transparent (hardly more than level and ceiling), "
            "radio_loud (dense) or lofi (dark, narrow, saturated).",
            preset="mode",
        )
    )
    dynamics: float | None = _of_control(
        "dynamics", "From −1 compressed to +1 punchy; 0 is the mode's own.", "dynamics"
    )
    reactivity: float | None = _of_control(
        "reactivity",
        "How much contrast of loudness and tone the emotion adds: 0 nothing to the mix's own, 1 a quarter of its "
        "formulas (all of it to a mix that has none), 1.5 half of them more.",
        "reactivity",
    )
    amount: float | None = _of_control("amount", "How much mastering at all; 0 returns the mix.", "amount")
    amount_eq: float | None = _number("How much of the equalizer.", "amounts.eq", _SHARE, neutral=1.0)
    amount_compression: float | None = _number(
        "How much of the compressor.", "amounts.compression", _SHARE, neutral=1.0
    )
    amount_saturation: float | None = _number("How much of the saturation.", "amounts.saturation", _SHARE, neutral=1.0)
    amount_width: float | None = _number("How much of the stereo width.", "amounts.width", _SHARE, neutral=1.0)
    amount_loudness: float | None = _number(
        "How far towards the loudness target.", "amounts.loudness", _SHARE, neutral=1.0
    )
    bass: float | None = _of_control("bass", f"Your own trim {REACH['bass']}.", "trims.bass")
    mid: float | None = _of_control("mid", f"Your own trim {REACH['mid']}.", "trims.mid")
    treble: float | None = _of_control("treble", f"Your own trim {REACH['treble']}.", "trims.treble")
    width: float | None = _of_control("width", "Your own trim of the stereo width; −1 towards mono.", "trims.width")
    target_lufs: float | None = _number(
        "Integrated loudness to reach, instead of the platform's.", "", TARGET_LUFS, unit="LUFS"
    )
    ceiling_dbtp: float | None = _number(
        "True-peak ceiling, instead of the platform's.", "", CEILING_DBTP, flag="ceiling", unit="dBTP"
    )
    chain: str | None = _field(Option("Chain preset: default, or stock (pedalboard's own plugins).", preset="chain"))
    base_model: str | None = _field(
        Option("A version, or a folder that `base-model build` wrote.", metavar="VERSION|DIR")
    )

    def __post_init__(self) -> None:
        for name, option in PLAN_OPTIONS.items():
            value = getattr(self, name)
            if value is None:
                continue
            if option.range is not None:
                option.range.check(value, flag_of(name))
            if option.preset:
                preset_name(option.preset, value)

    def asked(self) -> dict[str, float]:
        """The numbers that go straight into the plan's global block, by their place there."""
        found = {option.place: getattr(self, name) for name, option in PLAN_OPTIONS.items() if option.place}
        return {place: float(value) for place, value in found.items() if value is not None}


class PlanWishes(TypedDict, total=False):
    """The same as keywords."""

    platform: str | None
    mode: str | None
    dynamics: float | None
    reactivity: float | None
    amount: float | None
    amount_eq: float | None
    amount_compression: float | None
    amount_saturation: float | None
    amount_width: float | None
    amount_loudness: float | None
    bass: float | None
    mid: float | None
    treble: float | None
    width: float | None
    target_lufs: float | None
    ceiling_dbtp: float | None
    chain: str | None
    base_model: str | None


def _option_of(each: Field[Any]) -> Option:
    option: Option = each.metadata["option"]
    return option


PLAN_OPTIONS: dict[str, Option] = {each.name: _option_of(each) for each in fields(PlanOptions)}
"""By keyword, in the order in which help shows them."""


def flag_of(name: str) -> str:
    """The option's name as the command line spells it."""
    return PLAN_OPTIONS[name].flag or name.replace("_", "-")
