"""The only render loop: device callback and file renderer run the same two halves, `render` one after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from livemaster.controls import ENGINE_CONTROLS, ROWS
from livemaster.dsp.sanitize import sanitize
from livemaster.engine.bank import LaneBank, Packed, Reel, control_tracks
from livemaster.engine.output import HEADROOM, OWN, HalfDone, Output, Views
from livemaster.engine.program import CONTROL_GLIDE_MS, Program
from livemaster.engine.take import Command, Take
from livemaster.errors import GraphError, SettingsError, UnknownNameError
from livemaster.graph.compile import Schedule, compile_graph
from livemaster.graph.description import Graph
from livemaster.nodes.contract import OFFLINE_QUANTA, Node, Parameter
from livemaster.nodes.delay import DelayLine
from livemaster.nodes.parts import engage
from livemaster.units import QUANTUM_FRAMES, Audio, quantum_up, require_floats, seconds_to_frames

FADE_S = 0.05
"""Length of the cross-fade from one graph to the next."""
PREROLL_S = 0.05
"""How long a new graph runs unheard before its fade begins, so that its filters have settled."""


@dataclass(slots=True)
class Body:
    """A schedule with its lanes, running; `enters` is the frame at which its fade begins."""

    schedule: Schedule
    bank: LaneBank
    enters: int
    pad: DelayLine


@dataclass(frozen=True, slots=True)
class EngineReport:
    """What happened so far: samples that were no numbers, and nodes that failed and were bypassed."""

    nonfinite_samples: int
    failures: dict[str, str]


class Engine:
    """One audio graph with its lanes, A/B and limiter, rendering any number of frames at a call.

    `graph`: what comes before the limiter. `program`: lanes and starting positions. `ceiling_dbtp`: the limiter's
    true-peak ceiling, or None for an engine without A/B and limiter (for measuring, or a graph on its own).
    `compares`: whether the raw mix can be heard; without it, it costs nothing and `compare` does nothing.
    Output lags input by `latency` frames, always. Not thread-safe: `command` and `load` belong to the rendering thread.
    """

    def __init__(
        self,
        graph: Graph,
        rate_hz: int,
        channels: int,
        *,
        program: Program | None = None,
        ceiling_dbtp: float | None = -1.0,
        max_quanta: int = OFFLINE_QUANTA,
        latency_reserve: int = 0,
        compares: bool = True,
    ) -> None:
        self.rate_hz, self.channels, self.max_quanta = rate_hz, channels, max_quanta
        self._program = program or Program()
        self._controls = control_tracks(self._program, rate_hz, CONTROL_GLIDE_MS)
        self._frame = 0  # of the next quantum to be processed
        self._fill = 0
        self._nonfinite = 0
        self._log: list[Command] = []
        self._pending: list[Command] = []
        self._failures: dict[str, str] = {}
        schedule = self._prepared(graph)
        _check_targets(self._program, schedule)
        self._body_latency = schedule.latency + latency_reserve
        self._origin = 0  # frame at which the lanes' frame 0 lies
        self._bodies = [self._body(schedule, self._program, 0)]
        self._output = self._build_output(ceiling_dbtp, compares)
        self._allocate()
        self._warm_up()

    # -- construction ------------------------------------------------------------------------------------------

    def _prepared(self, graph: Graph) -> Schedule:
        schedule = compile_graph(graph)
        leave = engage(schedule)
        try:
            schedule.prepare(self.rate_hz, self.channels, self.max_quanta)
        except BaseException:
            leave()
            raise
        return schedule

    def _body(self, schedule: Schedule, program: Program, enters: int) -> Body:
        bank = LaneBank(
            schedule.parameters,
            schedule.settings,
            schedule.shifts,
            program,
            self._controls,
            self.rate_hz,
            self.max_quanta,
            self._origin,
        )
        pad = self._delay(self._body_latency - schedule.latency)
        return Body(schedule, bank, enters, pad)

    def _delay(self, frames: int) -> DelayLine:
        line = DelayLine(frames)
        line.prepare(self.channels, self.max_quanta)
        return line

    def _build_output(self, ceiling_dbtp: float | None, compares: bool) -> Output | None:
        """Limiters and A/B; none without a ceiling."""
        if ceiling_dbtp is None:
            return None
        where = (self.rate_hz, self.channels, self.max_quanta)
        return Output(ceiling_dbtp, self._program, self._controls, *where, self._body_latency, compares)

    def _allocate(self) -> None:
        self._view = Views(self.channels, self.max_quanta * QUANTUM_FRAMES, ("in", "body", "other", "unpadded"))
        self._waiting = np.zeros((self.channels, QUANTUM_FRAMES), np.float32)
        self._ready = np.zeros((self.channels, QUANTUM_FRAMES), np.float32)  # what is processed and not handed out
        self._ramp = np.arange(QUANTUM_FRAMES, dtype=np.float32) / np.float32(QUANTUM_FRAMES)

    # -- what can be asked -------------------------------------------------------------------------------------

    def _warm_up(self) -> None:
        """Run one quantum, so that nothing is compiled or loaded while sounding, and go back to time zero."""
        self.finish(self.begin(np.zeros((self.channels, QUANTUM_FRAMES), np.float32)))
        self._frame = 0
        self._bodies[0].schedule.reset()
        self._bodies[0].pad.reset()
        if self._output is not None:
            self._output.reset()

    def tell_sides(self, told: Callable[[Audio, Audio], None]) -> None:
        """[control] Have [audio] `told` hear both sides of A/B: master and raw mix, as they are before the match."""
        if self._output is not None:
            self._output.tell_sides = told

    @property
    def latency(self) -> int:
        """Frames by which the output lags the input; constant."""
        return QUANTUM_FRAMES + self._body_latency + (self._output.latency if self._output is not None else 0)

    @property
    def frame(self) -> int:
        """Absolute frame at which the next command without a frame of its own takes effect."""
        return self._frame

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Every parameter that can be commanded, as `node.parameter`; `limiter` and `compare` are the engine's own."""
        inner = [p for body in self._bodies for p in body.schedule.parameters]
        return (*inner, *(self._output.parameters if self._output is not None else ()))

    @property
    def take(self) -> Take:
        """Every command so far, with the frame at which it took effect."""
        return Take(self.rate_hz, tuple(self._log))

    @property
    def nonfinite_samples(self) -> int:
        """[audio] How many samples that came in were no numbers so far."""
        return self._nonfinite

    @property
    def report(self) -> EngineReport:
        """What went wrong so far."""
        failures = dict(self._failures)
        for body in self._bodies:
            failures.update(body.schedule.failures)
        return EngineReport(self._nonfinite, failures)

    @property
    def reduction_meters(self) -> list[tuple[str, Callable[[], float]]]:
        """[control] Stages that reduce the gain, each with what tells its largest reduction in the last call, in dB.

        The callables are for the rendering thread, or for a glance from elsewhere; those of a graph loaded later are
        others.
        """
        inner = [(step.id, step.node) for step in self._bodies[-1].schedule.steps]
        stages = [*inner, *(self._output.stages if self._output is not None else ())]
        return [(name, partial(getattr, node, "gain_reduction_db")) for name, node in stages if _reduces(node)]

    def command(self, command: Command) -> None:
        """[audio] Ask for a move of a control; it takes effect at a quantum edge and is logged with that frame.

        UnknownNameError for a target that does not exist, SettingsError for a value that is not a number.
        """
        known = command.target in ENGINE_CONTROLS or any(p.id == command.target for p in self.parameters)
        if not known:
            raise UnknownNameError("control", command.target, [*ENGINE_CONTROLS, *(p.id for p in self.parameters)])
        if command.value is not None and not np.isfinite(command.value):
            raise SettingsError(f"{command.target}: {command.value} is not a number a control can take")
        if command.value is None and command.target in ENGINE_CONTROLS:
            raise SettingsError(f"{command.target}: a control needs a value")
        if command.frame is None:  # the latest wish is what counts, however long nothing is rendered
            self._pending = [each for each in self._pending if each.frame is not None or each.target != command.target]
        self._pending.append(command)

    def drain_log(self) -> list[Command]:
        """[audio] The commands carried out since the last call, which `take` then forgets."""
        if not self._log:
            return []
        drained, self._log = self._log, []
        return drained

    def load(self, graph: Graph, program: Program | None = None) -> None:
        """[control] Fade linearly to another graph and program, prepared here; the old one is dropped afterwards.

        Parameters of the same name stay where commands have put them. Changes of graph are not part of the take.

        GraphError when its latency exceeds what this engine was made with (`latency_reserve`).
        """
        schedule = self._prepared(graph)
        _check_targets(program or self._program, schedule)
        if schedule.latency > self._body_latency:
            raise GraphError(
                f"the new graph lags by {schedule.latency} frames, this engine keeps {self._body_latency}; "
                "make the engine with a latency_reserve"
            )
        enters = self._frame + quantum_up(seconds_to_frames(PREROLL_S, self.rate_hz) + self._body_latency)
        body = self._body(schedule, program or self._program, enters)
        body.bank.adopt(self._bodies[-1].bank)
        self._bodies.append(body)

    def packed(self, program: Program) -> tuple[Packed, ...]:
        """[control] The lanes of `program`, ready for `reel`; UnknownNameError for a lane that fits no parameter.

        May run on another thread than the one that renders.
        """
        _check_targets(program, self._bodies[-1].schedule)
        return tuple(bank.pack(program) for bank in self._banks())

    def reel(self, packed: tuple[Packed, ...], origin: int, enters: int, fade_frames: int) -> None:
        """[audio] Let other lanes, or the same at another place, take over from frame `enters` on.

        `origin`: the frame at which their own frame 0 lies. Every value moves along a raised cosine of `fade_frames`.
        GraphError while a change of graph is under way.
        """
        if len(self._bodies) > 1:
            raise GraphError("lanes cannot change while the graph does")
        self._origin = origin
        for bank, lanes in zip(self._banks(), packed, strict=True):
            bank.enter(Reel(lanes, origin, enters, fade_frames))

    def _banks(self) -> list[LaneBank]:
        return [*(b.bank for b in self._bodies), *(self._output.banks if self._output is not None else ())]

    # -- the loop ----------------------------------------------------------------------------------------------

    def render(self, x: Audio, y: Audio) -> None:
        """[audio] Process `x` (channels, n) into `y` of the same shape (or `x` itself), for any n.

        `y` lags by `latency` frames. AudioTypeError for arrays that are not of floats.
        """
        require_floats(x, "engine")
        require_floats(y, "engine")
        done, total = 0, x.shape[1]
        while done < total:
            count = min(total - done, self.max_quanta * QUANTUM_FRAMES - self._fill)
            self._render(x[:, done : done + count], y[:, done : done + count])
            done += count

    def _render(self, x: Audio, y: Audio) -> None:
        """Queue `x`, process the whole quanta, hand out as many frames as came in."""
        count, fill = x.shape[1], self._fill
        quanta = (fill + count) // QUANTUM_FRAMES
        whole = quanta * QUANTUM_FRAMES
        first = min(count, QUANTUM_FRAMES - fill)  # so many come from `_ready`
        if not quanta:
            self._waiting[:, fill : fill + count] = x
            y[:] = self._ready[:, fill : fill + count]
            self._fill = fill + count
            return
        block = self._view("in", whole)
        block[:, :fill] = self._waiting[:, :fill]
        block[:, fill:] = x[:, : whole - fill]
        rest = count - (whole - fill)
        self._waiting[:, :rest] = x[:, count - rest :]
        result = self._process(block)
        y[:, :first] = self._ready[:, fill : fill + first]
        y[:, first:] = result[:, : count - first]
        self._ready[:] = result[:, whole - QUANTUM_FRAMES :]
        self._fill = rest

    def _process(self, block: Audio) -> Audio:
        """Whole quanta, all the way."""
        return self.finish(self.begin(block))

    def begin(self, block: Audio) -> HalfDone:
        """[audio] First half of what `render` does with whole quanta: commands and graph; cleans `block` in place.

        `block`: (channels, 64·K), K up to `max_quanta`. A host with the whole file may run the halves on two threads,
        each in order (hand over `kept()`): the same bits, later by `latency` − 64 frames only, for no queue is needed.
        """
        frames = block.shape[1]
        self._nonfinite += sanitize(block)
        self._obey(self._frame + frames)
        master = self._run_bodies(block, frames)
        half = HalfDone(master, master, [])
        if self._output is not None:
            half = self._output.begin(master, block, self._frame)
        self._frame += frames
        return half

    def finish(self, half: HalfDone) -> Audio:
        """[audio] Second half: limiters and A/B; the result is overwritten by the next call."""
        return half.master if self._output is None else self._output.finish(half)

    def _run_bodies(self, block: Audio, frames: int) -> Audio:
        current = self._view("body", frames)
        self._run(self._bodies[0], block, current)
        for body in self._bodies[1:]:
            other = self._view("other", frames)
            self._run(body, block, other)
            self._fade(current, other, body.enters)
        fade = seconds_to_frames(FADE_S, self.rate_hz)
        while len(self._bodies) > 1 and self._frame + frames >= self._bodies[1].enters + fade + QUANTUM_FRAMES:
            self._failures.update(self._bodies.pop(0).schedule.failures)
        return current

    def _run(self, body: Body, block: Audio, output: Audio) -> None:
        values = body.bank.values(self._frame, block.shape[1] // QUANTUM_FRAMES)
        body.schedule.process((block,), output, values)
        if body.pad.frames:
            scratch = self._view("unpadded", block.shape[1])
            scratch[:] = output
            body.pad.process(scratch, output)

    def _fade(self, current: Audio, other: Audio, enters: int) -> None:
        """Blend `other` into `current`, in place, linearly over FADE_S from frame `enters` on."""
        fade = seconds_to_frames(FADE_S, self.rate_hz)
        frames = self._frame + np.arange(current.shape[1])
        share = np.clip((frames - enters) / fade, 0.0, 1.0)
        current += (share * (other - current)).astype(np.float32)
        over = share >= 1.0
        current[:, over] = other[:, over]

    def _obey(self, end: int) -> None:
        """Carry out the commands that take effect before frame `end`."""
        if not self._pending:
            return
        due = [(self._effective(command), command) for command in self._pending]
        self._pending = [command for frame, command in due if frame >= end]
        for frame, command in sorted(due, key=lambda item: item[0]):
            if frame < end:
                self._carry_out(command.target, frame, command.value)
                self._log.append(Command(frame, command.target, command.value))

    def _effective(self, command: Command) -> int:
        """The quantum edge at which a waiting command acts."""
        return self._frame if command.frame is None else max(quantum_up(command.frame), self._frame)

    def _carry_out(self, target: str, frame: int, value: float | None) -> None:
        if target in ENGINE_CONTROLS and value is not None:
            self._controls.step(ROWS[target], frame, ENGINE_CONTROLS[target].clamp(value))
            return
        for bank in self._banks():
            if bank.holds(target):
                bank.override(frame, target, value)


def _reduces(node: Node) -> bool:
    return isinstance(getattr(type(node), "gain_reduction_db", None), property)


def _check_targets(program: Program, schedule: Schedule) -> None:
    """UnknownNameError for a lane whose parameter is neither the graph's nor the engine's own."""
    own = [p.id for p in (*OWN, HEADROOM)]
    known = {*own, *(p.id for p in schedule.parameters)}
    for lane in program.lanes:
        if lane.target not in known:
            raise UnknownNameError("parameter of a lane", lane.target, known)
