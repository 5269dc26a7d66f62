"""What is known of the sections before they have numbers, and what they share."""

from __future__ import annotations

from dataclasses import dataclass

from livemaster.planning.emotion import SectionEmotion
from livemaster.planning.following import intensity_in
from livemaster.planning.formulas import formula_values
from livemaster.planning.modes import Mode
from livemaster.planning.schema import Global, Section
from livemaster.planning.timeline import Span


@dataclass(frozen=True, slots=True)
class SectionDraft:
    """One section before its numbers: its place, what a settings file says of it, and its emotion, where
    known.
    """

    span: Span
    written: Section | None = None
    emotion: SectionEmotion | None = None
    heard: bool = False
    """Whether the emotion was detected, not given."""

    @property
    def fresh(self) -> bool:
        """Whether its level is planned now, not written in a settings file."""
        return self.emotion is not None or self.written is None or self.written.lufs is None

    @property
    def intensity(self) -> float | None:
        """As its emotion says, else as the loudness beside it in the file does; None where neither tells."""
        if self.emotion is not None:
            return self.emotion.intensity
        if self.written is None or not self.written.emotional:
            return None
        known = intensity_in(self.written)
        if known is None and self.written.lufs is not None:
            calm, intense = formula_values(0.0).lufs, formula_values(1.0).lufs
            known = min(max((self.written.lufs - calm) / (intense - calm), 0.0), 1.0)
        return None if known is None else round(known, 4)


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
