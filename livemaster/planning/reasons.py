"""Why a value is what it is: reasons whose changes add up to it, and the sentence made of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from livemaster.documents.document import Name, Strict, Text
from livemaster.printable import printable

SAME = 1e-6
"""Two values closer than this are the same value (reasons are kept to six decimals)."""


class Reason(Strict):
    """One reason: who asked, by which rule, and how much it changed the value (None for a value that is a
    name).
    """

    source: Name
    rule: Text
    change: float | None = None


Reasons = Annotated[tuple[Reason, ...], Field(strict=False, max_length=32)]
Why = Annotated[dict[Name, Reasons], Field(max_length=128)]
"""Value name → reasons; the changes of a number's reasons add up to it."""

TITLES = {
    "lufs": ("loudness", "LUFS"),
    "eq.low": ("low shelf", "dB"),
    "eq.mid": ("mid bell", "dB"),
    "eq.high": ("high shelf", "dB"),
    "low_shelf_db": ("low shelf in all", "dB"),
    "mid_bell_db": ("mid bell in all", "dB"),
    "high_shelf_db": ("high shelf in all", "dB"),
    "compression": ("compression", ": 1"),
    "compressor_ratio": ("compressor ratio", ": 1"),
    "target_lufs": ("target", "LUFS"),
    "true_peak_db": ("ceiling", "dBTP"),
    "mono_below_hz": ("mono below", "Hz"),
    "high_pass_hz": ("high-pass", "Hz"),
    "tone.low": ("low shelf of the tone", "dB"),
    "tone.body": ("bell at 250 Hz", "dB"),
    "tone.mid": ("mid bell of the tone", "dB"),
    "tone.presence": ("bell at 3 kHz", "dB"),
    "tone.high": ("high shelf of the tone", "dB"),
    "trims.bass": ("bass trim", "dB"),
    "trims.mid": ("mid trim", "dB"),
    "trims.treble": ("treble trim", "dB"),
}
"""Value name → title and unit in sentences; other names stand for themselves."""


class Ledger:
    """Values under construction, each with its reasons."""

    def __init__(self) -> None:
        self.values: dict[str, float | str] = {}
        self.why: dict[str, tuple[Reason, ...]] = {}

    def set(self, name: str, value: float | str, source: str, rule: str) -> None:
        """Set a value for one reason, which replaces all earlier ones."""
        change = None if isinstance(value, str) else round(float(value), 6)
        self.values[name] = value
        self.why[name] = (Reason(source=clip(source), rule=clip(rule, 500), change=change),)

    def keep(self, name: str, value: float | str, reasons: tuple[Reason, ...]) -> None:
        """Set a value with the reasons it already has."""
        self.values[name] = value
        self.why[name] = reasons

    def add(self, name: str, change: float, source: str, rule: str) -> None:
        """Move a number that is set already; a change of nothing is not written down."""
        if abs(change) < SAME:
            return
        reason = Reason(source=clip(source), rule=clip(rule, 500), change=round(change, 6))
        self.values[name] = round(self.number(name) + change, 6) + 0.0
        self.why[name] = (*self.why[name], reason)

    def number(self, name: str) -> float:
        """A value known to be a number."""
        return float(self.values[name])


def accounts_for(reasons: tuple[Reason, ...], value: float | str) -> bool:
    """Whether these reasons still explain a value (they do not after an edit by hand)."""
    changes = [reason.change for reason in reasons]
    if isinstance(value, str):
        return len(changes) > 0 and changes[-1] is None and value in reasons[-1].rule
    return len(changes) > 0 and abs(sum(change or 0.0 for change in changes) - value) < 5 * SAME


def explain(name: str, value: float | str, reasons: tuple[Reason, ...]) -> str:
    """One readable sentence, such as «low shelf +0.6 dB: emotion powerful at intensity 0.70 +0.6 (…)»."""
    title, unit = TITLES.get(name.removeprefix("global."), (name.removeprefix("global."), ""))
    signed = unit == "dB"
    text = value if isinstance(value, str) else f"{value:{'+' if signed else ''}.4g}"
    head = f"{title} {text} {unit}".replace(" : 1", ":1").rstrip()
    telling = [reason for reason in reasons if reason.change != 0.0] or list(reasons)
    parts = [_part(reason, signed or position > 0) for position, reason in enumerate(telling)]
    return f"{head}: {', '.join(parts)}" if parts else head


def _part(reason: Reason, signed: bool) -> str:
    if reason.change is None:
        return f"{reason.source} ({reason.rule})"
    return f"{reason.source} {reason.change:{'+' if signed else ''}.4g} ({reason.rule})"


def clip(text: str, limit: int = 100) -> str:
    """`text` in a form that a name or rule may have: printable, not too long."""
    clean = printable(text) or "?"
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"
