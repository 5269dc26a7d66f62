"""Keeping the take: all that the engine logged, so that the performance can be rendered again."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from livemaster.documents import write_json
from livemaster.engine import Event
from livemaster.mastering.score import Score
from livemaster.mastering.take_file import (
    TakeEvent,
    TakeFile,
    TakePlan,
    TakeSegment,
    TakeTrack,
    event_data,
)


@dataclass(slots=True)
class TakeStretch:
    """One start of the engine: what it began with, and what happened."""

    plan: int
    positions: dict[str, float]
    events: list[Event | TakeEvent] = field(default_factory=list)
    """As the engine logged them, which takes a fifth of the room, and what was remarked."""
    frames: int | None = None


@dataclass(slots=True)
class KeptStretch:
    """A stretch of the performance that is to be kept: from frame `skip` of segment `first` on."""

    first: int
    skip: int


class Recorder:
    """The log of a whole session; `save` writes it, or the stretch that was asked for."""

    def __init__(self, rate_hz: int, channels: int, tracks: tuple[TakeTrack, ...]) -> None:
        self._rate_hz, self._channels, self._tracks = rate_hz, channels, list(tracks)
        self._plans: list[TakePlan] = []
        self.segments: list[TakeStretch] = []
        self.changes = 0

    def add_plan(self, score: Score) -> int:
        """[control] A plan of the performance; its number."""
        self._plans.append(TakePlan.of(score))
        return len(self._plans) - 1

    def set_track(self, number: int, track: TakeTrack) -> None:
        """[control] What is played from, known when it has been opened, or at the end of live sound."""
        self._tracks[number] = track
        self.changes += 1

    def begin(self, plan: int, positions: dict[str, float]) -> None:
        """[control] The engine starts anew; of a start that came to nothing only what was remarked is kept."""
        failed = self.segments.pop() if self.segments and self.segments[-1].frames is None else None
        remarks = [] if failed is None else [each for each in failed.events if isinstance(each, TakeEvent)]
        self.segments.append(TakeStretch(plan, dict(positions), list(remarks)))

    def log(self, event: Event) -> None:
        """[control] Something took effect; after the end of the segment nothing counts."""
        if self.segments[-1].frames is not None:
            return
        self.segments[-1].events.append(event)
        self.changes += 1

    def remark(self, frame: int, text: str) -> None:
        """[control] Something to remember that changes no sound."""
        self.segments[-1].events.append(TakeEvent(frame=max(frame, 0), remark=text))
        self.changes += 1

    def end(self, frames: int) -> None:
        """[control] The segment is over, `frames` of it were heard."""
        if self.segments and self.segments[-1].frames is None:
            self.segments[-1].frames = max(frames, 0)
            self.changes += 1

    def draft(self, kept: KeptStretch, heard: int) -> TakeDraft:
        """[control] A copy of the stretch `kept` up to now, `heard` frames into the present segment."""
        segments = tuple(
            TakeStretch(each.plan, each.positions, list(each.events), heard if each.frames is None else each.frames)
            for each in self.segments[kept.first :]
        )
        return TakeDraft(self._rate_hz, self._channels, tuple(self._tracks), tuple(self._plans), segments, kept.skip)


@dataclass(frozen=True, slots=True)
class TakeDraft:
    """A take at one moment, to be made a file of at leisure."""

    rate_hz: int
    channels: int
    tracks: tuple[TakeTrack, ...]
    plans: tuple[TakePlan, ...]
    segments: tuple[TakeStretch, ...]
    skip: int

    def take(self) -> TakeFile:
        """[control] As the file has it."""
        found = []
        for number, each in enumerate(self.segments):
            frames = each.frames or 0
            skip = min(self.skip, frames) if number == 0 else 0
            events = tuple(event if isinstance(event, TakeEvent) else event_data(event) for event in each.events)
            found.append(
                TakeSegment(plan=each.plan, positions=each.positions, events=events, skip=skip, frames=frames - skip)
            )
        return TakeFile(
            rate_hz=self.rate_hz, channels=self.channels, tracks=self.tracks, plans=self.plans, segments=tuple(found)
        )

    def save(self, path: str | Path, *, force: bool) -> None:
        """[control] Write it, whole or not at all; OutputError where that cannot be."""
        write_json(path, self.take().to_data(), force=force, ours=True)
