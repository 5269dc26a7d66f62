"""What every session has: sound kept up, a desk, meters, the take, and the thread that sees to them."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Protocol

from livemaster.documents import checked_target
from livemaster.documents.claim import claimed
from livemaster.engine import Cue
from livemaster.errors import LivemasterError, OutputError
from livemaster.graph import Graph
from livemaster.mastering.job import Progress
from livemaster.session.ab_levels import Sides
from livemaster.session.control_state import Desk
from livemaster.session.meters import LiveMeters
from livemaster.session.overload import Shedder
from livemaster.session.plan_queue import Plans
from livemaster.session.preflight import check_device, check_duration
from livemaster.session.take_log import KeptStretch, Recorder, TakeDraft
from livemaster.snapshot import DeviceView, Message, MeterView, State
from livemaster.sound.audio_process import Setup
from livemaster.sound.records import event_of
from livemaster.sound.shared_memory import Board, Count
from livemaster.sound.stats import statistics
from livemaster.sound.supervisor import DeviceWish, Sound

TICK_S = 0.01
METERS_S = 0.05
SAVE_S = 2.0
"""How often a take that is being recorded is written;"""
SAVE_SHARE = 20.0
"""one that has grown long less often: writing takes a twentieth of the time at most."""
MESSAGES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreWish:
    """Where it sounds, for how long at most, and where the whole performance is kept."""

    device: DeviceWish
    duration_s: float | None = None
    take: str | Path | None = None
    force: bool = False
    files: tuple[str | Path, ...] = ()
    """What the performance is made from, and may not be written over."""


class SessionKind(Protocol):
    """What a kind of session adds; all is called with the lock held."""

    @property
    def name(self) -> str:
        """From which the names of takes are made."""
        ...

    def setup(self, first: bool) -> Setup:
        """Reset the board and ready it for an engine that starts where the music is."""
        ...

    def confirm(self, cue: Cue, deck: int, orders: int) -> None:
        """The engine has taken a cue, whose music lies on `deck`, when it had obeyed so many orders."""
        ...

    def tick(self) -> str:
        """What is due; why the session is over, when it is."""
        ...

    def finish(self) -> None:
        """The sound has ended."""
        ...

    @property
    def end_frame(self) -> int | None:
        """The engine's frame at which the music ended by itself, if it did."""
        ...


class Core:
    """One session's machinery; `close` may be called from any thread, the rest with `lock` held."""

    def __init__(self, wish: CoreWish, graph: Graph, part: SessionKind, stack: ExitStack) -> None:
        """[control] The audio process is started; InputError for a wish that makes no sense, OutputError for a take."""
        check_device(wish.device)
        check_duration(wish.duration_s)
        if wish.take is not None:
            checked_target(wish.take, force=wish.force, others=wish.files)
        self.wish, self.lock, self._part, self._stack = wish, threading.RLock(), part, stack
        self._claims: dict[Path, ExitStack] = {}
        """What lets go of each take that is recorded."""
        if wish.take is not None:
            self._claim(Path(wish.take))
        self.messages: deque[Message] = deque(maxlen=MESSAGES)
        self.stop_reason = ""
        self.error: LivemasterError | None = None
        self.board = Board.create()
        stack.callback(self.board.close)
        self.sound = Sound(self.board, graph, wish.device, self._setup, self._ended, self.warn)
        stack.callback(self.sound.close)
        self.rate_hz = self.channels = self._played = 0
        self._closing, self.done = threading.Event(), threading.Event()
        self._figures: dict[str, object] = {}
        self.settled = self._lost = 0
        """Orders of which all that they led to has been taken in."""

    def find(self, rates_hz: list[int], progress: Progress) -> None:
        """[control] Find the device, and the rate that it takes, as soon as the audio process is warm."""
        progress("starting", math.nan)
        found = self.sound.find(rates_hz)
        self.rate_hz = found["rate_hz"]
        if found["trouble"]:
            self.warn(f"{found['trouble']}: nothing will be heard (device null)")

    def begin(self, recorder: Recorder, plans: Plans, desk: Desk, channels: int) -> None:
        """[control] Start the sound, and the thread; InputError when the device refuses, OutputError for the take."""
        self.recorder, self.plans, self.desk, self.channels = recorder, plans, desk, channels
        self.shedder = Shedder(self.board, desk)
        self.meters = LiveMeters(self.board.heard, self.rate_hz, channels)
        self.sides = Sides(self.board, self.rate_hz, channels)
        self.take_path = None if self.wish.take is None else Path(self.wish.take)
        self.kept = None if self.wish.take is None else KeptStretch(0, 0)
        self._saved = -1
        self._ours = {self.take_path} if self.wish.force else set()
        """Files that may be replaced; each that was written joins them."""
        self._named: set[Path] = set()
        """Takes that this session has begun, written yet or not."""
        self._drafts: deque[tuple[TakeDraft, Path, bool]] = deque()
        """Takes to be written, where, and whether that completes them."""
        self._save_s = self._meters_s = 0.0
        self.sound.start()
        if self.kept is not None:  # so that no other session can take the name
            self.save()
            self._write(*self._drafts.popleft())
        self._started_s = time.monotonic()
        threading.Thread(target=self._run, name="session", daemon=True).start()

    def close(self, reason: str) -> None:
        """[control] Fade out and end; waits until all is put away."""
        self.stop_reason = self.stop_reason or reason
        self._closing.set()
        self.done.wait()

    # -- the thread ---------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._closing.wait(TICK_S):
                with self.lock:
                    self._tick()
                self._write_takes()
        except Exception as error:
            self.error = _told(error)
            self.stop_reason = str(self.error)
        finally:
            self._finish()

    def _tick(self) -> None:
        self.drain()
        self.sound.tick()
        if self.sound.state is State.RUNNING:
            self.plans.tick()
        over, now_s = self._part.tick(), time.monotonic()
        for message in self.shedder.tick(now_s):
            self.tell(message)
        if now_s - self._meters_s >= METERS_S:
            self._meters_s = now_s
            self.meters.listen()
            self.sides.listen()
        if now_s >= self._save_s and self.recorder.changes != self._saved:
            self._saved = self.recorder.changes
            self.save()
        if not over and self.wish.duration_s is not None and now_s - self._started_s >= self.wish.duration_s:
            over = f"{self.wish.duration_s:g} s are over"
        if over:
            self.stop_reason = self.stop_reason or over
            self._closing.set()

    def _finish(self) -> None:
        """Fade out, keep the take, put everything away."""
        try:
            end = self._part.end_frame
            if end is not None:
                self.recorder.end(end)
            self._figures = self.statistics() | {"state": str(State.STOPPED), "stop_reason": self.stop_reason}
            self.sound.close()
            with self.lock:
                self.drain()
                try:
                    self._part.finish()
                finally:
                    self.recorder.end(self.heard_frames)
                    self.save()
            self._write_takes()
        except Exception as error:
            self.error = self.error or _told(error)
        finally:
            try:
                self._stack.close()
            finally:
                self.done.set()

    # -- the audio process ---------------------------------------------------------------------------------------

    def _setup(self, first: bool) -> Setup:
        self.shedder.begin()
        return self._part.setup(first)

    def _ended(self) -> None:
        self.drain()
        self.recorder.end(self.heard_frames)
        self._played += self.heard_frames
        self.warn("the sound has gone, starting again")

    def drain(self) -> None:
        """Take in what the engine has logged."""
        obeyed = self.board.commands.read  # before the log is looked at: what they led to stands in it
        for record in self.board.log.pop():
            event = event_of(record)
            if isinstance(event, Cue):
                self._part.confirm(event, int(record["deck"]), int(record["orders"]))
            self.recorder.log(event)
        self.settled = obeyed
        lost = int(self.board.counts[Count.LOST])
        if lost > self._lost:
            self._lost = lost
            self.warn(f"{lost} moves came too fast to be logged: a take will not sound as this did")

    # -- the take -------------------------------------------------------------------------------------------------

    def record(self, on: bool) -> None:
        """Begin to keep the performance, under a name that is free, or end it."""
        if on and self.kept is None:
            names = (Path(f"{self._part.name}.take{'' if n == 1 else f'-{n}'}.json") for n in count(1))
            self.take_path = next(path for path in names if path not in self._named and self._free(path))
            self._named.add(self.take_path)
            self.kept = KeptStretch(len(self.recorder.segments) - 1, self.heard_frames)
            self.tell(f"recording to {self.take_path}")
            self.save()
        elif not on and self.kept is not None:
            self.save(complete=True)
            self.kept = None

    def _free(self, path: Path) -> bool:
        """Whether nobody has the name; it is ours then."""
        if path.exists():
            return False
        with suppress(OutputError):
            self._claim(path)
            if not path.exists():  # as it may since, complete
                return True
            self._claims.pop(path).close()
        return False

    def _claim(self, path: Path) -> None:
        """Let no other session record there; OutputError where one does."""
        claim = self._stack.enter_context(ExitStack())
        claim.enter_context(claimed(path))
        self._claims[path] = claim

    def save(self, *, complete: bool = False) -> None:
        """Have the take written as it is now, if it is kept."""
        if self.kept is not None and self.take_path is not None:
            self._drafts.append((self.recorder.draft(self.kept, self.heard_frames), self.take_path, complete))

    def _write(self, draft: TakeDraft, path: Path, complete: bool) -> None:
        """[control] Make a file of a draft."""
        draft.save(path, force=path in self._ours)
        self._ours.add(path)
        if complete:
            self._claims.pop(path).close()
            self.tell(f"{path}: the take is complete")

    def _write_takes(self) -> None:
        """Make files of the drafts, without the lock: a long take takes its time."""
        while self._drafts:
            begun_s = time.monotonic()
            try:
                self._write(*self._drafts.popleft())
            except OutputError as error:  # the music goes on
                self.warn(str(error))
                if self._closing.is_set():
                    self.error = self.error or error
            now_s = time.monotonic()
            self._save_s = now_s + max(SAVE_S, SAVE_SHARE * (now_s - begun_s))

    def remark(self, text: str) -> None:
        """Something to remember in the take."""
        self.recorder.remark(int(self.board.counts[Count.FRAME]), text)

    # -- figures ------------------------------------------------------------------------------------------------

    @property
    def lag(self) -> int:
        """Frames by which the engine's output lags the music."""
        return int(self.sound.running.get("engine_latency_frames", 0))

    @property
    def latency_frames(self) -> int:
        """The same with the device's own latency."""
        return self.lag + int(self.sound.running.get("latency_frames", 0)) + int(self.board.counts[Count.AHEAD])

    @property
    def heard_frames(self) -> int:
        """Frames of the present segment that were given to the device, its latency not counted."""
        counts = self.board.counts
        return max(int(counts[Count.MADE]) - int(counts[Count.AHEAD]) - self.lag, 0)

    def device_view(self) -> DeviceView:
        """The device, and how well it is served."""
        counts = self.board.counts
        return DeviceView(
            name=str(self.sound.running.get("device", "")),
            rate_hz=self.rate_hz,
            block_frames=self.board.block_frames or self.wish.device.block_frames,
            latency_ms=1000.0 * self.latency_frames / self.rate_hz,
            load=self.shedder.load,
            blocks=int(counts[Count.BEAT]),
            late_blocks=self.board.late_blocks,
        )

    @property
    def state(self) -> State:
        """What the sound is doing; stopped when all is put away."""
        if self.done.is_set():
            return State.STOPPED
        return State.RUNNING if self.sound.state is State.STOPPED else self.sound.state

    @property
    def reason(self) -> str:
        """Why the session is in the state it is in; empty where that is plain."""
        return self.stop_reason if self.done.is_set() else self.sound.reason

    def meter_view(self) -> MeterView:
        """What is heard, measured."""
        names = self.sound.running.get("reductions", [])
        return self.meters.view({name: float(self.board.reductions_db[i]) for i, name in enumerate(names)})

    def statistics(self) -> dict[str, object]:
        """The figures of `--stats`; after the end those of the end."""
        if self.done.is_set():
            return self._figures
        return statistics(
            self.board,
            state=str(self.sound.state),
            stop_reason=self.stop_reason,
            latency_frames=self.latency_frames,
            rate_hz=self.rate_hz,
            frames_played=self._played + self.heard_frames,
            pids=self.sound.pids,
        )

    def tell(self, message: str) -> None:
        """Something for the performer to read."""
        self.messages.append(message if isinstance(message, Message) else Message(message))

    def warn(self, message: str) -> None:
        """The same where the sound, or what is kept of it, has suffered."""
        self.tell(Message(message, grave=True))


def _told(error: Exception) -> LivemasterError:
    """What ends the session, as an error of ours: nobody would see it end on a thread of its own."""
    if isinstance(error, LivemasterError):
        return error
    told = LivemasterError(f"internal error: {type(error).__name__}: {error}")
    told.__cause__ = error
    return told
