"""What a user may ask of a plan; None means not asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from livemaster.documents import find_name, preset_names
from livemaster.documents.ranges import (
    AMOUNT,
    CEILING_DBTP,
    DYNAMICS,
    REACTIVITY,
    TARGET_LUFS,
    TRIM_DB,
    TRIM_WIDTH,
    Range,
)
from livemaster.errors import UnknownNameError
from livemaster.planning.schema import Amounts
from livemaster.tone.profiles import base_model

OPTION_RANGES: Mapping[str, Range] = {
    "target_lufs": TARGET_LUFS,
    "ceiling_dbtp": CEILING_DBTP,
    "dynamics": DYNAMICS,
    "reactivity": REACTIVITY,
    "amount": AMOUNT,
    "bass": TRIM_DB,
    "mid": TRIM_DB,
    "treble": TRIM_DB,
    "width": TRIM_WIDTH,
}
"""Range of each numeric option."""

STAGES = tuple(Amounts.model_fields)
"""Stages that have an amount of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOptions:
    """Explicit wishes, which stand above files and presets; checked when made (SettingsError,
    UnknownNameError).

    `bass`, `mid`, `treble` in dB and `width` are added; `amounts` maps a stage of `STAGES` to 0…1; `base_model` is a
    version, or a folder that holds one.
    """

    platform: str | None = None
    mode: str | None = None
    chain: str | None = None
    target_lufs: float | None = None
    ceiling_dbtp: float | None = None
    dynamics: float | None = None
    reactivity: float | None = None
    amount: float | None = None
    amounts: Mapping[str, float] = field(default_factory=dict)
    bass: float | None = None
    mid: float | None = None
    treble: float | None = None
    width: float | None = None
    base_model: str | None = None

    def __post_init__(self) -> None:
        for name, limits in OPTION_RANGES.items():
            value = getattr(self, name)
            if value is not None:
                limits.check(value, _flag(name))
        for kind in ("platform", "mode", "chain"):
            name = getattr(self, kind)
            if name is not None:
                find_name(kind, name, preset_names(kind))
        if self.base_model is not None:
            base_model(self.base_model)  # complains
        for stage, value in self.amounts.items():
            if stage not in STAGES:
                raise UnknownNameError("stage", stage, STAGES)
            AMOUNT.check(value, f"amount-{stage}")


def _flag(name: str) -> str:
    """The option's name as the command line spells it."""
    return "ceiling" if name == "ceiling_dbtp" else name.replace("_", "-")
