"""The tracks of a set: opened shortly before they play, at the device's rate, and planned while others play."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from livemaster.audio import Reader, check_for_mastering, open_reader, read_info, resampled, spooled
from livemaster.documents import STANDARD_STREAM
from livemaster.errors import InputError, LivemasterError
from livemaster.mastering.chains import chain
from livemaster.mastering.job import Progress, Source, no_progress, open_mix, prepare
from livemaster.mastering.mix_facts import Facts
from livemaster.mastering.program import BY_HAND, CORNERS, Levels
from livemaster.mastering.render import Rendering
from livemaster.mastering.score import Score
from livemaster.mastering.take_file import TakeTrack
from livemaster.mastering.take_render import file_hash
from livemaster.plan_options import PlanOptions
from livemaster.planning import ArrangementMap, EmotionMap, MasterSettings, build, plan_timeline
from livemaster.printable import shown_path
from livemaster.snapshot import SectionView


@dataclass(frozen=True, slots=True)
class Coming:
    """A plan that is ready, and its number."""

    plan: int
    score: Score
    curve: tuple[tuple[float, float], ...]
    facts: Facts | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A track's audio at the device's rate; `stack` closes it. `taken`: as a take tells of it."""

    reader: Reader
    stack: ExitStack
    taken: TakeTrack


@dataclass(slots=True)
class LiveTrack:
    """One track: what it is made from, its audio while it is open, and its plan as soon as there is one."""

    source: Source
    plan: int
    """Number of the plan by which it is played."""
    opened: Opened | None = None
    failed: bool = False
    """Whether it cannot be played."""
    frames: int = 0
    """Its length at the device's rate, known once it has been opened."""
    score: Score | None = None
    curve: tuple[tuple[float, float], ...] = ()
    facts: Facts | None = None
    """What was heard in it, known with its plan."""
    coming: Coming | None = None
    """A plan that the audio process has not got yet: no cue may name it."""
    asked: PlanOptions | None = None
    """For which wishes the planner was asked last."""
    noted: set[str] = field(default_factory=set)
    """What the notes of its plans have said so far."""

    @property
    def name(self) -> str:
        """The file's name."""
        return track_name(self.source)

    @property
    def reader(self) -> Reader:
        """Its audio; only while it is open."""
        assert self.opened is not None
        return self.opened.reader

    def open(self, opened: Opened) -> None:
        """[control] Its audio is there."""
        self.opened, self.frames = opened, opened.reader.frames

    def close(self) -> None:
        """[control] Let go of its audio."""
        if self.opened is not None:
            self.opened.stack.close()
            self.opened = None

    @property
    def sections(self) -> tuple[SectionView, ...]:
        """Its sections; none before it is planned."""
        if self.score is None:
            return ()
        return tuple(
            SectionView(s.section, s.start or 0.0, s.end or 0.0, s.emotion, s.intensity)
            for s in self.score.settings.sections
        )

    def take_plan(self) -> None:
        """[control] Be played by the plan that was coming, if there is one."""
        if self.coming is not None:
            coming, self.coming = self.coming, None
            self.plan, self.score, self.curve, self.facts = coming.plan, coming.score, coming.curve, coming.facts


def track_name(source: Source) -> str:
    """The file's name."""
    return Path(shown_path(source.path)).name


def check_track(source: Source) -> None:
    """[control] Errors of `open_track` that show without decoding."""
    if str(source.path) == STANDARD_STREAM:
        raise InputError("standard input: cannot be played, for a track is read more than once; give a file")
    info = read_info(source.path)
    if info is not None:
        check_for_mastering(info)


def open_track(source: Source, stack: ExitStack) -> Reader:
    """[control] Open a track at its own rate; AudioFileError when it cannot be, SettingsError when a map is wrong."""
    check_track(source)
    reader = open_reader(source.path)
    stack.callback(reader.close)
    check_for_mastering(reader.info)
    arrangement = None if source.arrangement is None else ArrangementMap.load(source.arrangement)
    settings = None if source.settings is None else MasterSettings.load(source.settings)
    plan_timeline(reader.duration_s, arrangement=arrangement, settings=settings)
    if source.emotion is not None:
        EmotionMap.load(source.emotion)
    return reader


def opened(reader: Reader, rate_hz: int, stack: ExitStack) -> Opened:
    """[control] A track, opened at its own rate, as it is played; `stack` closes all of it."""
    played = spooled(resampled(reader, rate_hz), stack)
    path = reader.path
    return Opened(played, stack, TakeTrack(name=shown_path(path.name), frames=played.frames, sha256=file_hash(path)))


def plain_score(source: Source, duration_s: float) -> Score:
    """[control] What plays until a plan is there: the mix as it is, under the ceiling."""
    written = None if source.settings is None else MasterSettings.load(source.settings)
    settings = build(source.options, duration_s=duration_s, settings=written).settings
    at_rest = ((0.0,) * (len(CORNERS) + len(BY_HAND)),) * len(settings.sections)
    return Score(settings, Levels(0.0, at_rest, settings.global_.true_peak_db), plain=True)


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan that is ready, or why there is none."""

    number: int
    options: PlanOptions
    score: Score | None
    facts: Facts | None = None
    notes: tuple[str, ...] = ()
    curve: tuple[tuple[float, float], ...] = ()
    failed: str = ""


def plan_track(source: Source, number: int, progress: Progress = no_progress, known: Facts | None = None) -> Planned:
    """[control] Listen to a track and plan it exactly as `render` does; raises what that raises."""
    with open_mix(source) as mix:
        prepared = prepare(mix, progress, known)
        rendering = Rendering(prepared, chain(prepared.plan.global_.chain), progress)
        score = rendering.rehearse()
        found = prepared.facts.analysis
        curve: tuple[tuple[float, float], ...] = ()
        if found is not None:
            pairs = zip(found.emotion.times_s.tolist(), found.emotion.intensity.tolist(), strict=True)
            curve = tuple((float(time_s), float(intensity)) for time_s, intensity in pairs)
        notes = (*prepared.facts.warnings(), *rendering.prepared.plan.notes)
    return Planned(number, source.options, score, prepared.facts, notes, curve)


@dataclass(slots=True)
class _Job:
    number: int
    source: Source


class Planner:
    """Plans tracks on a thread of its own; the latest wish for a track replaces those that wait."""

    def __init__(self, done: Callable[[Planned], None]) -> None:
        self._jobs: queue.Queue[_Job | None] = queue.Queue()
        self._done, self._stopped = done, threading.Event()
        self.step: tuple[str, float] | None = None
        """What is being done, and how far it is."""
        self._wishes: dict[int, _Job] = {}
        self._facts: dict[int, Facts] = {}
        self._thread = threading.Thread(target=self._run, name="planner", daemon=True)
        self._thread.start()

    def ask(self, number: int, source: Source) -> None:
        """[control] Plan track `number`."""
        job = _Job(number, source)
        self._wishes[number] = job
        self._jobs.put(job)

    def close(self) -> None:
        """[control] Give up what is not done."""
        self._stopped.set()
        self._jobs.put(None)
        self._thread.join(5.0)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None and not self._stopped.is_set():
            if self._wishes.get(job.number) is not job:
                continue
            try:
                found = plan_track(job.source, job.number, self._progress, self._facts.get(job.number))
                if found.facts is not None:
                    self._facts[job.number] = found.facts
            except _GivenUpError:
                return
            except LivemasterError as error:
                found = Planned(job.number, job.source.options, None, failed=str(error))
            except Exception as error:  # one plan that fails does not take the others along
                why = f"internal error: {type(error).__name__}: {error}"
                found = Planned(job.number, job.source.options, None, failed=why)
            self.step = None
            if self._wishes.get(job.number) is job:
                self._done(found)

    def _progress(self, step: str, share: float) -> None:
        if self._stopped.is_set():
            raise _GivenUpError
        self.step = (step, share)


class Opener:
    """Opens tracks on a thread of its own, the most urgent first; `done` is told of each, or why it cannot be opened.

    `sources`: the tracks, by number; `given`: those that are open already. Who gets a track closes it.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        rate_hz: int,
        done: Callable[[int, Opened | LivemasterError], None],
        given: set[int],
    ) -> None:
        self._sources, self._rate_hz, self._done = sources, rate_hz, done
        self._changed = threading.Condition()
        self._wanted: tuple[int, ...] = ()
        self._given = given
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="opener", daemon=True)
        self._thread.start()

    def want(self, numbers: tuple[int, ...]) -> None:
        """[control] Open these, in this order, and no others; what has been given is not opened again."""
        if numbers != self._wanted:
            with self._changed:
                self._wanted = numbers
                self._changed.notify()

    def again(self, number: int) -> None:
        """[control] A track was closed and may be opened again."""
        with self._changed:
            self._given.discard(number)

    def close(self) -> None:
        """[control] Open no more."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._thread.join(5.0)

    def _run(self) -> None:
        while (number := self._next()) is not None:
            found: Opened | LivemasterError
            stack = ExitStack()
            try:
                found = opened(open_track(self._sources[number], stack), self._rate_hz, stack)
            except LivemasterError as error:
                found = error
            except Exception as error:  # one track that fails does not take the others along
                found = LivemasterError(f"internal error: {type(error).__name__}: {error}")
            if isinstance(found, LivemasterError):
                stack.close()
            self._done(number, found)

    def _next(self) -> int | None:
        with self._changed:
            while not self._stopped:
                for number in self._wanted:
                    if number not in self._given:
                        self._given.add(number)
                        return number
                self._changed.wait()
            return None


class _GivenUpError(Exception):
    """Raised inside the planner's own work to end it."""
