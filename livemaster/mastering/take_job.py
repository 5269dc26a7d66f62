"""`render --take`: from a take and the files it was played from to one finished file."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livemaster.audio import (
    Reader,
    Writer,
    check_for_mastering,
    open_reader,
    open_writer,
    read_tags,
    resampled,
    write_tags,
)
from livemaster.documents import read_json
from livemaster.errors import InputError
from livemaster.mastering.chains import chain
from livemaster.mastering.job import Progress, Source, StepProgress, no_progress, open_mix, prepare
from livemaster.mastering.render import PEAK_TOLERANCE_DB, Destination, Rendering
from livemaster.mastering.stream import ahead, counted
from livemaster.mastering.take_file import (
    MOST_BYTES,
    SessionFile,
    TakeCue,
    TakeEvent,
    TakeFile,
    TakePlan,
    TakeSegment,
    TakeTrack,
    check_targets,
)
from livemaster.mastering.take_render import Stage, file_hash, frames_of, perform, remarks
from livemaster.metering import Measurement, Meter
from livemaster.units import Audio


@dataclass(frozen=True, slots=True)
class TakeReport:
    """What a rendered take came to."""

    output: Measurement
    ceiling_dbtp: float
    moves: int
    cues: int
    segments: int
    remarks: tuple[str, ...]
    notes: tuple[str, ...]
    elapsed_s: float

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data for JSON."""
        return {
            "output": self.output.to_dict(),
            "ceiling_dbtp": self.ceiling_dbtp,
            "moves": self.moves,
            "cues": self.cues,
            "segments": self.segments,
            "remarks": list(self.remarks),
            "notes": list(self.notes),
            "elapsed_s": round(self.elapsed_s, 3),
        }


def take_job(
    source: Source,
    others: Sequence[str | Path],
    take_path: str | Path,
    destination: Destination,
    progress: Progress = no_progress,
) -> TakeReport:
    """[control] Render the take at `take_path`, played from `source` and, where it has more tracks, `others`.

    A take of livemaster embeds its plans, so that of `source` only the path counts; LoopMind's session is performed by
    a plan made as `render` makes it. Raises AudioFileError, SettingsError, OutputError, InputError.
    """
    started_s = time.monotonic()
    data = read_json(take_path, most_bytes=MOST_BYTES)
    with ExitStack() as stack:
        if isinstance(data, dict) and "actions" in data:
            take, readers, notes = _of_session(SessionFile.parse(data, str(take_path)), source, others, stack, progress)
        else:
            take = TakeFile.parse(data, str(take_path))
            check_targets(take)
            _refuse_wishes(take, source)
            readers, notes = _opened(take, [source.path, *others], stack)
        stage = Stage(take.rate_hz, take.channels, readers, [plan.score for plan in take.plans])
        notes += _past_the_end(take, stage)
        inputs = [source.path, *others, take_path]
        writer = open_writer(
            destination.path,
            take.rate_hz,
            take.channels,
            bit_depth=destination.bit_depth,
            force=destination.force,
            inputs=inputs,
        )
        try:
            return _written(take, stage, writer, notes, progress, started_s)
        finally:
            writer.close()


def _written(
    take: TakeFile, stage: Stage, writer: Writer, notes: list[str], progress: Progress, started_s: float
) -> TakeReport:
    meter = Meter(take.rate_hz, take.channels)
    step = StepProgress(progress, "rendering", max(sum(frames_of(stage, s) for s in take.segments), 1))
    for block in counted(ahead(_blocks(take, stage)), step):
        meter.push(block)
        writer.write(block)
    path, output = writer.finish(), meter.read()
    ceiling_dbtp = max(plan.levels.ceiling_dbtp for plan in take.plans)
    if output.true_peak_dbtp is not None and output.true_peak_dbtp > ceiling_dbtp + PEAK_TOLERANCE_DB:
        notes.append(f"the true peak is {output.true_peak_dbtp:.2f} dBTP, above the ceiling of {ceiling_dbtp:g}")
    if len(take.tracks) == 1 and 0 in stage.readers:
        notes += write_tags(path, read_tags(stage.readers[0].path), output.integrated_lufs, output.true_peak_dbtp)
    if writer.format.lossy:
        notes.append(f"{writer.format.name} alters every sample: what was heard bit for bit needs WAV at 32 bits")
    writer.commit()
    events = [each for segment in take.segments for each in segment.events]
    return TakeReport(
        output=output,
        ceiling_dbtp=ceiling_dbtp,
        moves=sum(each.set is not None for each in events),
        cues=sum(each.cue is not None for each in events),
        segments=len(take.segments),
        remarks=tuple(remarks(take)),
        notes=tuple(notes),
        elapsed_s=time.monotonic() - started_s,
    )


def _blocks(take: TakeFile, stage: Stage) -> Iterator[Audio]:
    for segment in take.segments:
        yield from perform(stage, segment)


def _refuse_wishes(take: TakeFile, source: Source) -> None:
    """InputError for what would change the plans, which the take brings along."""
    plain = Source(path=source.path, detect=source.detect, personal=source.personal)
    if source != plain:
        raise InputError(f"{take.origin}: brings its own plans, options, maps and settings would change nothing")


def _opened(take: TakeFile, paths: Sequence[str | Path], stack: ExitStack) -> tuple[dict[int, Reader], list[str]]:
    """The take's tracks at its rate, and what does not fit them."""
    if len(paths) != len(take.tracks):
        names, count = ", ".join(track.name for track in take.tracks), len(paths)
        played = f"{len(take.tracks)} tracks" if len(take.tracks) > 1 else "one track"
        given = f"{count} are given" if count > 1 else "one is given"
        raise InputError(f"{take.origin}: was played from {played} ({names}), {given}")
    _check_order(take, paths)
    readers, notes = {}, []
    for number in sorted(_played(take)):
        path, track = paths[number], take.tracks[number]
        reader = stack.enter_context(open_reader(path))
        check_for_mastering(reader.info)
        if reader.channels > take.channels:
            raise InputError(f"{reader.info.name}: has {reader.channels} channels, the take has {take.channels}")
        if track.sha256 is not None and file_hash(reader.path) != track.sha256:
            notes.append(f"{reader.info.name}: is not the file that the take was played from ({track.name})")
        notes += [f"{reader.info.name}: {note}" for note in reader.info.notes]
        reader = resampled(reader, take.rate_hz)
        if reader.frames != track.frames:
            notes.append(f"{reader.info.name}: has {reader.frames} frames, the take's track has {track.frames}")
        readers[number] = reader
    return readers, notes


def _check_order(take: TakeFile, paths: Sequence[str | Path]) -> None:
    """InputError where the files are those of the take by their names, in another order."""
    given, played = [Path(path).name for path in paths], [track.name for track in take.tracks]
    if given != played and sorted(given) == sorted(played):
        raise InputError(
            f"{take.origin}: its tracks are given in another order than they were played: {', '.join(played)}"
        )


def _played(take: TakeFile) -> set[int]:
    """Numbers of the tracks that are heard; the others need not even be there."""
    cues = [each.cue for segment in take.segments for each in segment.events if each.cue is not None]
    return {cue.track for cue in cues if cue.track is not None}


def _of_session(
    session: SessionFile, source: Source, others: Sequence[str | Path], stack: ExitStack, progress: Progress
) -> tuple[TakeFile, dict[int, Reader], list[str]]:
    """LoopMind's session as a take of the plan that `render` would make."""
    if others:
        raise InputError(f"{session.origin}: a session belongs to one track, {1 + len(others)} are given")
    mix = stack.enter_context(open_mix(source))
    events = session.events(mix.reader.rate_hz)  # complains before the work
    prepared = prepare(mix, progress)
    score = Rendering(prepared, chain(prepared.plan.global_.chain), progress).rehearse()
    notes = [*prepared.facts.warnings(), *prepared.plan.notes]
    if score.settings.global_.reactivity == 0.0 and events:
        notes.append(f"{session.origin}: changes nothing, the reactivity is 0")
    cue = TakeEvent(frame=0, cue=TakeCue(track=0))
    take = TakeFile(
        rate_hz=mix.reader.rate_hz,
        channels=mix.reader.channels,
        tracks=(TakeTrack(name=mix.reader.path.name, frames=mix.reader.frames),),
        plans=(TakePlan.of(score),),
        segments=(TakeSegment(events=(cue, *events)),),
    )
    return take, {0: mix.reader}, notes


def _past_the_end(take: TakeFile, stage: Stage) -> list[str]:
    """A note on what comes after all has been played."""
    late = 0
    for segment in take.segments:
        frames = frames_of(stage, segment) + segment.skip
        late += sum(each.at(take.rate_hz) > frames for each in segment.events if each.remark is None)
    return [f"{take.origin}: {late} events lie past the end and change nothing"] if late else []
