"""Arrangement and emotion maps as their files hold them; `timeline` and `emotion` make sense of them."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from livemaster.documents.document import Document, Name, Strict, Text
from livemaster.documents.jsonfile import shown_value
from livemaster.documents.ranges import BPM, INTENSITY, TIME_S, Range
from livemaster.planning.formulas import EMOTION_TARGETS_LUFS, intensity_of
from livemaster.planning.schema import MAX_SECTIONS

MAX_POINTS = 20_000
HEARD = "what was heard"
"""Origin of detected maps, as messages and reasons name it."""


class ArrangementSection(Strict):
    """One entry of an arrangement; times in seconds, energy 0…1."""

    section: Name
    start: Annotated[float, TIME_S] | None = None
    duration: Annotated[float, TIME_S] | None = None
    end: Annotated[float, TIME_S] | None = None
    bars: Annotated[float, Range(0.0, 10_000.0, "bars")] | None = None
    energy: Annotated[float, INTENSITY] | None = None
    instruments: Annotated[tuple[Name, ...], Field(strict=False, max_length=128)] = ()
    transition: Text | None = None


class ArrangementMap(Document):
    """A song's structure, in order."""

    KIND = "arrangement"

    bpm: Annotated[float, BPM] | None = None
    key: Name | None = None
    structure: Annotated[tuple[ArrangementSection, ...], Field(strict=False, min_length=1, max_length=MAX_SECTIONS)]


class EmotionPoint(Strict):
    """One point of the emotion graph; without an intensity the emotion's name gives it."""

    time: Annotated[float, TIME_S] | None = None
    emotion: Name
    intensity: Annotated[float, INTENSITY] | None = None

    @property
    def strength(self) -> float:
        """Intensity 0…1, from the table of emotion targets where none is given."""
        if self.intensity is not None:
            return self.intensity
        return intensity_of(self.emotion) or 0.0


class EmotionMap(Document):
    """The emotion graph: points with times, in order, or none with a time at all."""

    KIND = "emotion graph"

    bpm: Annotated[float, BPM] | None = None
    curve: Annotated[tuple[EmotionPoint, ...], Field(strict=False, min_length=1, max_length=MAX_POINTS)]

    @property
    def timed(self) -> bool:
        """Whether the points have times."""
        return self.curve[0].time is not None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        last_s = 0.0
        for index, point in enumerate(self.curve):
            if point.intensity is None and intensity_of(point.emotion) is None:
                known = ", ".join(EMOTION_TARGETS_LUFS)
                _refuse(
                    f"curve[{index}] has no intensity, which only these emotions allow: {known} "
                    f"(it is {shown_value(point.emotion)})"
                )
            if (point.time is not None) != self.timed:
                which = "a time, but curve[0] has none" if point.time is not None else "no time, but curve[0] has one"
                _refuse(f"curve[{index}] has {which}: allowed are times for all points or for none")
            if point.time is not None:
                if point.time < last_s:
                    _refuse(
                        f"curve[{index}].time is {point.time:g}, but the point before is at {last_s:g} s: "
                        "points must be in order"
                    )
                last_s = point.time
        return self


def _refuse(problem: str) -> None:
    raise PydanticCustomError("order", "{problem}", {"problem": problem})
