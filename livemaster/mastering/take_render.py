"""A take rendered: the same performance again, from the files it was played from, bit for bit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from livemaster.audio import Reader
from livemaster.engine import Engine, Performance
from livemaster.mastering.score import Score
from livemaster.mastering.stream import BLOCK_FRAMES
from livemaster.mastering.take_file import TakeFile, TakeSegment
from livemaster.units import QUANTUM_FRAMES, Audio


class ReaderTape:
    """A track read from its file; a mono one goes to all channels."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def read(self, position: int, out: Audio) -> None:
        """Frames from `position` on; silence before the track and after it."""
        out[:] = 0.0
        first, stop = max(position, 0), min(position + out.shape[1], self._reader.frames)
        if first < stop:
            self._reader.seek(first)
            out[:, first - position : stop - position] = self._reader.read(stop - first)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a take is performed: the tracks that it plays, by number, opened at its rate, and its plans."""

    rate_hz: int
    channels: int
    readers: Mapping[int, Reader]
    scores: Sequence[Score]


def perform(stage: Stage, segment: TakeSegment) -> Iterator[Audio]:
    """[control] The audio of one segment, latency trimmed, in blocks; float32 (channels, n)."""
    performance = _started(stage, segment)
    total, lag = frames_of(stage, segment), performance.latency + segment.skip
    made = 0
    while made < lag + total:
        block = performance.quanta(BLOCK_FRAMES // QUANTUM_FRAMES)
        first, stop = max(lag - made, 0), min(block.shape[1], lag + total - made)
        made += block.shape[1]
        if first < stop:
            yield block[:, first:stop].copy()


def frames_of(stage: Stage, segment: TakeSegment) -> int:
    """[control] Frames of output: as heard, else until the music is over."""
    cues = [(each.at(stage.rate_hz), each.cue) for each in segment.events if each.cue is not None]
    if segment.frames is not None or not cues:
        return segment.frames or 0
    begins, cue = max(cues, key=lambda each: each[0])
    if cue.track is None:
        return max(begins + cue.fade_frames - segment.skip, 0)
    return max(begins + stage.readers[cue.track].frames - cue.position - segment.skip, 0)


def _started(stage: Stage, segment: TakeSegment) -> Performance:
    """The performance, with all that happens in it still to come."""
    first = stage.scores[segment.plan].program(stage.rate_hz)
    engine = Engine(
        stage.scores[segment.plan].chain.graph,
        stage.rate_hz,
        stage.channels,
        program=replace(first, start=dict(first.start) | segment.positions),
    )
    plans = [engine.packed(score.program(stage.rate_hz)) for score in stage.scores]
    performance = Performance(
        engine, plans, lambda track, position: ReaderTape(stage.readers[track]), plan=segment.plan
    )
    for each in sorted(segment.events, key=lambda e: e.at(stage.rate_hz)):
        event = each.event(stage.rate_hz)
        if event is not None:
            performance.do(event)
    return performance


def file_hash(path: str | Path) -> str:
    """[control] SHA-256 of a file's bytes."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remarks(take: TakeFile) -> list[str]:
    """What was said during the take, votes of blind comparisons among it."""
    return [each.remark for segment in take.segments for each in segment.events if each.remark is not None]
