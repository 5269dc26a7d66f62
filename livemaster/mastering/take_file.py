"""The take's file: every plan, cue and move of a performance with its frame, so that it can be rendered again.

A take is one or more segments, each from a freshly started engine: a device that went away begins a new one. Frames
are those of the segment's engine. A take may be edited: an event may give its `time` in seconds instead of its frame.
LoopMind's `{"session", "actions": [{"time", "emotion", "intensity"}]}` is read too, as moves of the intensity.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from livemaster.controls import ENGINE_CONTROLS
from livemaster.documents.document import Document, Name, Strict, Text
from livemaster.documents.ranges import HEADROOM_DB, INTENSITY, TIME_S, Range
from livemaster.engine import Command, Cue, Event
from livemaster.errors import SettingsError
from livemaster.mastering.program import BY_HAND, CORNERS, Levels
from livemaster.mastering.score import Score
from livemaster.planning import MasterSettings, intensity_of
from livemaster.printable import told_apart
from livemaster.units import seconds_to_frames

MOST_BYTES = 256_000_000
"""Largest take that is read: two million moves."""
_FRAME = Range(0, 2**48, "frames")
_POSITION = Range(-(2**31), 2**48, "frames")
_POSITIONS = len(CORNERS) + len(BY_HAND)

Frame = Annotated[int, _FRAME]


def _with_all_corners(values: object) -> object:
    """Takes of before reactivity had a corner at 1.5 hold 15 values, which went on along a line; others as they are."""
    if not isinstance(values, list | tuple) or len(values) != 15 or not all(isinstance(v, int | float) for v in values):
        return values
    corners: list[float] = []
    by_hand: list[float] = []
    for row in range(3):
        rest, full = values[2 * row : 2 * row + 2]
        held = values[6 + 3 * row : 9 + 3 * row]
        corners += [rest, full, rest + 1.5 * (full - rest)]
        by_hand += [*held, *(rest + 1.5 * (value - rest) for value in held)]
    return (*corners, *by_hand)


Corners = Annotated[
    tuple[float, ...],
    BeforeValidator(_with_all_corners),
    Field(strict=False, min_length=_POSITIONS, max_length=_POSITIONS),
]


class TakeTrack(Strict):
    """One track: the file's name, its length at the take's rate, and the SHA-256 of its bytes."""

    name: Text
    frames: Frame
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None


class TakeLevels(Strict):
    """`Levels` as data."""

    trim_db: float
    ceiling_dbtp: float
    remove_dc: bool = False
    gains_db: Annotated[tuple[Corners, ...], Field(strict=False)]
    louder_db: Annotated[tuple[Corners, ...], Field(strict=False)] = ()
    headroom_db: Annotated[float, HEADROOM_DB] = 0.0


class TakePlan(Strict):
    """A plan with its levels, as it was performed."""

    settings: MasterSettings
    levels: TakeLevels
    plain: bool = False

    @classmethod
    def of(cls, score: Score) -> Self:
        """The plan of a score."""
        levels = TakeLevels(
            trim_db=score.levels.trim_db,
            ceiling_dbtp=score.levels.ceiling_dbtp,
            remove_dc=score.levels.remove_dc,
            gains_db=score.levels.gains_db,
            louder_db=score.levels.louder_db,
            headroom_db=score.levels.headroom_db,
        )
        return cls(settings=score.settings, levels=levels, plain=score.plain)

    @property
    def score(self) -> Score:
        """The score that was performed."""
        return Score(self.settings, Levels(**self.levels.model_dump()), self.plain)


class TakeCue(Strict):
    """See `Cue`."""

    track: Annotated[int, Range(0, 10_000)] | None = None
    position: Annotated[int, _POSITION] = 0
    plan: Annotated[int, Range(0, 100_000)] = 0
    fade_frames: Annotated[int, Range(0, 2**24, "frames")] = 0


class TakeEvent(Strict):
    """One thing that happened: a control set to a value (None lets a parameter go), a cue, or a remark."""

    frame: Frame | None = None
    time: Annotated[float, TIME_S] | None = None
    set: Name | None = None
    to: float | None = None
    cue: TakeCue | None = None
    remark: Text | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.frame is None and self.time is None:
            raise PydanticCustomError("order", "has neither frame nor time")
        if sum(part is not None for part in (self.set, self.cue, self.remark)) != 1:
            raise PydanticCustomError("order", "must hold exactly one of set, cue and remark")
        return self

    def at(self, rate_hz: int) -> int:
        """The engine's frame."""
        return self.frame if self.frame is not None else seconds_to_frames(self.time or 0.0, rate_hz)

    def event(self, rate_hz: int) -> Event | None:
        """What the engine is asked to do; None for a remark."""
        if self.set is not None:
            return Command(self.at(rate_hz), self.set, self.to)
        if self.cue is not None:
            return Cue(self.at(rate_hz), **self.cue.model_dump())
        return None


class TakeSegment(Strict):
    """From one start of the engine on: where the controls stood, what happened, how many frames were heard.

    `plan`: the number of the plan that the engine was made with. `skip`: frames of output, latency not counted, that
    are left out at the beginning; `frames`: how many follow, None for up to the end of the track that plays last.
    """

    plan: Annotated[int, Range(0, 100_000)] = 0
    positions: dict[Name, float] = Field(default_factory=dict)
    events: Annotated[tuple[TakeEvent, ...], Field(strict=False)] = ()
    skip: Frame = 0
    frames: Frame | None = None

    @model_validator(mode="after")
    def _known(self) -> Self:
        for name, value in self.positions.items():
            if name not in ENGINE_CONTROLS:
                raise PydanticCustomError("order", "{problem}", {"problem": f"there is no control '{name[:40]}'"})
            low, high = ENGINE_CONTROLS[name].low, ENGINE_CONTROLS[name].high
            if not low <= value <= high:
                problem = f"{name} is {told_apart(value, low, high)}, allowed are {low:g} to {high:g}"
                raise PydanticCustomError("order", "{problem}", {"problem": problem})
        return self


class TakeFile(Document):
    """A whole take."""

    KIND = "take"

    schema_version: Literal[1] = 1
    rate_hz: Annotated[int, Range(8000, 192_000, "Hz")]
    channels: Annotated[int, Range(1, 2)]
    tracks: Annotated[tuple[TakeTrack, ...], Field(strict=False, min_length=1)]
    plans: Annotated[tuple[TakePlan, ...], Field(strict=False, min_length=1)]
    segments: Annotated[tuple[TakeSegment, ...], Field(strict=False, min_length=1)]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for number, segment in enumerate(self.segments):
            where = f"segments[{number}]"
            _check(segment.plan < len(self.plans), f"{where}.plan is {segment.plan}, there are {len(self.plans)}")
            for at, each in enumerate(segment.events):
                cue = each.cue
                if cue is None:
                    continue
                place = f"{where}.events[{at}].cue"
                _check(cue.plan < len(self.plans), f"{place}.plan is {cue.plan}, there are {len(self.plans)}")
                known = cue.track is None or cue.track < len(self.tracks)
                _check(known, f"{place}.track is {cue.track}, there are {len(self.tracks)}")
        return self

    def to_data(self) -> dict[str, Any]:
        """The take as plain data for JSON."""
        data = self.model_dump(mode="json", by_alias=True, exclude_unset=True)
        for plan, each in zip(data["plans"], self.plans, strict=True):
            plan["settings"] = each.settings.to_data()
        return {"schema_version": self.schema_version} | data


class SessionAction(Strict):
    """One move of LoopMind's session."""

    time: Annotated[float, TIME_S]
    emotion: Name
    intensity: Annotated[float, INTENSITY] | None = None


class SessionFile(Document):
    """LoopMind's session: emotions set by hand while a track plays."""

    KIND = "session"

    session: Text = "session"
    actions: Annotated[tuple[SessionAction, ...], Field(strict=False)]

    def events(self, rate_hz: int) -> tuple[TakeEvent, ...]:
        """The same as moves of the intensity, by hand from the first action on."""
        found: list[TakeEvent] = []
        for number, action in enumerate(self.actions):
            intensity = intensity_of(action.emotion) if action.intensity is None else action.intensity
            if intensity is None:
                raise SettingsError(
                    f"{self.origin}: actions[{number}]: '{action.emotion}' needs an intensity, only calm, reflective, "
                    "dreamy, dark, bright and powerful have one of their own"
                )
            frame = seconds_to_frames(action.time, rate_hz)
            found.append(TakeEvent(frame=frame, set="intensity", to=intensity))
            if not number:
                found.append(TakeEvent(frame=frame, set="override", to=1.0))
        return tuple(found)


def event_data(event: Event) -> TakeEvent:
    """What the engine logged, as the take keeps it."""
    if isinstance(event, Command):
        return TakeEvent(frame=event.frame, set=event.target, to=event.value)
    cue = TakeCue(track=event.track, position=event.position, plan=event.plan, fade_frames=event.fade_frames)
    return TakeEvent(frame=event.frame, cue=cue)


def check_targets(take: TakeFile) -> None:
    """SettingsError for a control that no engine has."""
    for number, segment in enumerate(take.segments):
        for at, each in enumerate(segment.events):
            if each.set is not None and "." not in each.set and each.set not in ENGINE_CONTROLS:
                raise SettingsError(
                    f"{take.origin}: segments[{number}].events[{at}].set: there is no control '{each.set}'; known are "
                    f"{', '.join(sorted(ENGINE_CONTROLS))}"
                )


def _check(holds: bool, problem: str) -> None:
    if not holds:
        raise PydanticCustomError("order", "{problem}", {"problem": problem})
