"""Random performances: what a performer may do in a second and a half, in blocks as a device asks for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from livemaster.controls import ENGINE_CONTROLS
from livemaster.engine import Command, Cue, Engine, Performance, Program
from livemaster.engine.engine import HalfDone
from livemaster.engine.performance import Event, Tape
from livemaster.mastering.score import Score
from livemaster.session.transport import CROSSFADE_S, PAUSE_FADE_S, PLAN_FADE_S
from livemaster.units import QUANTUM_FRAMES, Audio, seconds_to_frames

RATE = 44100
BLOCK = 128
"""Frames at a call, as a device asks for them."""
BLOCKS = 520
"""Length of a script, 1.5 s."""
MOVES = 20
LEAST_FADE, PAUSE_FADE, PLAN_FADE = (seconds_to_frames(s, RATE) for s in (CROSSFADE_S, PAUSE_FADE_S, PLAN_FADE_S))
PLAIN_GAIN_DB = 24.0
"""How far gains of the chain are moved either way; a gain of −120 dB would only hide what else clicks."""

MOST_BOOST_DB = 6.0
"""How far an equalizer's band is lifted: as far as plans do. Six bands at 18 dB would amplify what is listened for."""

Asked = Callable[[Performance], Event]
Script = list[tuple[int, Asked]]
"""Block numbers, ascending, each with what is asked for before it."""


class Watched(Engine):
    """An engine that remembers what reached the limiter, and under which ceiling."""

    def __init__(self, score: Score, program: Program, rate_hz: int, max_quanta: int) -> None:
        self.ceilings_db: list[float] = []
        self.loudest, self.reduction_db = 0.0, 0.0
        super().__init__(score.chain.graph, rate_hz, 2, program=program, max_quanta=max_quanta)
        self.ceilings_db.clear()

    def begin(self, block: Audio) -> HalfDone:
        half = super().begin(block)
        self.ceilings_db += half.values[0][0, :-1].tolist()
        self.loudest = max(self.loudest, float(np.abs(half.master).max()), float(np.abs(half.dry).max()))
        return half

    def finish(self, half: HalfDone) -> Audio:
        result = super().finish(half)
        reductions_db = (self._output.limiter.gain_reduction_db, self._output._dry_limiter.gain_reduction_db)
        self.reduction_db = max(self.reduction_db, *reductions_db)
        return result

    def ceilings_of(self, frames: int) -> NDArray[np.float64]:
        """The ceiling in force at each of the first frames of a performance, linear: the larger of a frame's ends."""
        edges = np.arange(len(self.ceilings_db)) * QUANTUM_FRAMES
        ceilings_db = np.interp(np.arange(frames + 1) - self._output.limiter.latency, edges, self.ceilings_db)
        return np.asarray(10 ** (np.maximum(ceilings_db[:-1], ceilings_db[1:]) / 20))


@dataclass(frozen=True)
class Played:
    """What came of a script: its audio, its log, the engine that made it."""

    audio: NDArray[np.float32]
    log: list[Event]
    engine: Watched
    latency: int


@dataclass
class Hands:
    """A performer who moves everything there is, at random; what was asked for last is remembered."""

    rng: np.random.Generator
    ranges: dict[str, tuple[float, float]]
    plans: int
    boundaries: Sequence[int]
    frames: int
    plan: int = 0
    paused: bool = False
    moved: list[str] = field(default_factory=list)

    def script(self) -> Script:
        """A start, and moves at random times after it."""
        self.plan = int(self.rng.integers(self.plans))
        first = self._cue(self._place(), LEAST_FADE)
        blocks = sorted(self.rng.integers(1, BLOCKS, MOVES).tolist())
        return [(0, first), *((block, self._move()) for block in blocks)]

    def _move(self) -> Asked:
        kind = self.rng.random()
        if kind < 0.7:
            return self._command()
        if kind < 0.8:
            return self._pause_or_resume()
        self.paused = False
        if kind < 0.9:
            return self._cue(self._place(), LEAST_FADE)
        return self._plan_switch()

    def _command(self) -> Asked:
        """A knob to anywhere, a comparison, or a parameter let go."""
        if self.moved and self.rng.random() < 0.15:
            return always(Command(None, self._any(self.moved), None))
        name = "compare.mix" if self.rng.random() < 0.1 else self._any(sorted(self.ranges))
        low, high = self.ranges[name]
        if "." in name:
            self.moved.append(name)
        return always(Command(None, name, float(self.rng.choice([low, high, self.rng.uniform(low, high)]))))

    def _pause_or_resume(self) -> Asked:
        self.paused = not self.paused
        if self.paused:
            return always(Cue(None, None, 0, self.plan, PAUSE_FADE))
        return self._cue(self._place(), LEAST_FADE)

    def _plan_switch(self) -> Asked:
        """Another plan while the music goes on (after a pause it begins again), as fast as may be or slowly."""
        self.plan = int(self.rng.integers(self.plans))
        plan, fade = self.plan, int(self.rng.choice([LEAST_FADE, PLAN_FADE]))

        def asked(made: Performance) -> Event:
            return Cue(made.frame, 0, made.position, plan, fade if made.now.track == 0 else LEAST_FADE)

        return asked

    def _cue(self, position: int, fade: int) -> Asked:
        return always(Cue(None, 0, position, self.plan, fade))

    def _place(self) -> int:
        """Anywhere in the track, or shortly before a boundary of sections."""
        if self.rng.random() < 0.5:
            return int(self.rng.integers(0, self.frames))
        return int(self.rng.choice(self.boundaries)) - int(self.rng.integers(0, RATE // 2))

    def _any(self, names: list[str]) -> str:
        return names[int(self.rng.integers(len(names)))]


def always(event: Event) -> Asked:
    """The same, whatever plays."""
    return lambda made: event


def everything(score: Score, without: tuple[str, ...] = ()) -> dict[str, tuple[float, float]]:
    """Every control and parameter that can be moved, with its range."""
    engine = Engine(score.chain.graph, RATE, 2)
    found = {name: (each.low, each.high) for name, each in ENGINE_CONTROLS.items()}
    for p in engine.parameters:
        wide = p.unit == "dB" and p.high > PLAIN_GAIN_DB
        found[p.id] = (-PLAIN_GAIN_DB, PLAIN_GAIN_DB) if wide else (p.low, p.high)
        if p.id.startswith("eq.") and p.unit == "dB":
            found[p.id] = (p.low, MOST_BOOST_DB)
    return {name: limits for name, limits in found.items() if name not in without}


def play(scores: Sequence[Score], script: Script, tape: Tape, blocks: int = BLOCKS) -> Played:
    """Perform `script` in blocks."""
    log: list[Event] = []
    engine = Watched(scores[0], scores[0].program(RATE), RATE, 16)
    plans = [engine.packed(score.program(RATE)) for score in scores]
    made = Performance(engine, plans, lambda track, position: tape, log.append)
    audio, waiting = np.empty((2, blocks * BLOCK), np.float32), list(script)
    for block in range(blocks):
        while waiting and waiting[0][0] <= block:
            made.do(waiting.pop(0)[1](made))
        made.render(audio[:, block * BLOCK : (block + 1) * BLOCK])
    return Played(audio, log, engine, made.latency)


class Array:
    """The tape of an array."""

    def __init__(self, audio: NDArray[np.float32]) -> None:
        self._audio = audio

    def read(self, position: int, out: Audio) -> None:
        out[:] = 0.0
        first, stop = max(position, 0), min(position + out.shape[1], self._audio.shape[1])
        if first < stop:
            out[:, first - position : stop - position] = self._audio[:, first:stop]


def play_through(
    score: Score, rate_hz: int, tape: Tape, frames: int, moves: Sequence[Command], positions: Mapping[str, float]
) -> Played:
    """Perform a track from its beginning with the controls at `positions`, latency trimmed, in large portions."""
    program, log = score.program(rate_hz), []
    program = replace(program, start=dict(program.start) | dict(positions))
    engine = Watched(score, program, rate_hz, 256)
    made = Performance(engine, [engine.packed(program)], lambda track, position: tape, log.append)
    for event in (*moves, Cue(0, 0)):
        made.do(event)
    audio = np.empty((2, frames + made.latency), np.float32)
    made.render(audio)
    return Played(audio[:, made.latency :], log, engine, made.latency)
