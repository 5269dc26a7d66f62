"""From description to schedule: validate, sort, line up latencies, assign buffers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp.sanitize import all_finite
from livemaster.errors import GraphError
from livemaster.graph.description import INPUT, OUTPUT, Edge, Graph, NodeSpec
from livemaster.nodes import node_class
from livemaster.nodes.contract import Node, Parameter
from livemaster.nodes.delay import DelayLine
from livemaster.nodes.parts import require_apart
from livemaster.units import QUANTUM_FRAMES, Audio, Values


@dataclass(slots=True)
class ScheduleStep:
    """One node in running order, with where it reads and writes."""

    id: str
    node: Node
    sources: tuple[int, ...]
    rows: slice
    target: int = -1
    delays: list[DelayLine | None] = field(default_factory=list)
    lined_up: bool = False
    """Whether any of its inputs is delayed."""
    bypass: DelayLine | None = None
    failure: str = ""


class Schedule:
    """A compiled graph; itself a node, so graphs nest.

    Its parameters are those of its nodes as `node.parameter`, in running order; `shifts[i]` is the latency in
    frames that lies before parameter i, by which its automation has to lag so that it meets its audio.
    """

    inputs = 1

    def __init__(self, steps: list[ScheduleStep], output: int) -> None:
        self.steps = steps
        self._output = output
        self._parameters = tuple(p.within(s.id) for s in steps for p in s.node.parameters)
        self._settings = {f"{s.id}.{k}": v for s in steps for k, v in s.node.settings.items()}
        self._latency = 0
        self._tail = 0
        self.shifts: NDArray[np.int64] = np.zeros(len(self._parameters), np.int64)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Every node's parameters as `node.parameter`."""
        return self._parameters

    @property
    def settings(self) -> Mapping[str, float]:
        """Every node's starting values as `node.parameter`."""
        return self._settings

    @property
    def latency(self) -> int:
        """Frames by which the output lags the input, the longest way through."""
        return self._latency

    @property
    def tail(self) -> int:
        """Frames after which the output of a silent input stays below −120 dBFS (sum over the nodes)."""
        return self._tail

    @property
    def failures(self) -> dict[str, str]:
        """Node id → what went wrong, for every node that is bypassed."""
        found = {s.id: s.failure for s in self.steps if s.failure}
        for step in self.steps:
            if isinstance(step.node, Schedule):
                found.update({f"{step.id}.{k}": v for k, v in step.node.failures.items()})
        return found

    @property
    def held(self) -> Sequence[object]:
        """Its nodes."""
        return [step.node for step in self.steps]

    def prepare(self, rate_hz: int, channels: int, max_quanta: int) -> None:
        """[control] Prepare every node, line up latencies, allocate buffers."""
        for step in self.steps:
            step.node.prepare(rate_hz, channels, max_quanta)
            step.failure = ""
        self._channels, self._max_quanta = channels, max_quanta
        self._line_up()
        self._assign_buffers()
        self._tail = sum(s.node.tail for s in self.steps)

    def _line_up(self) -> None:
        """Delay the shorter of merging branches, and note what lies before each parameter."""
        arrival = [0]  # latency at the output of slot 0 (the input) and of each step
        for step in self.steps:
            times = [arrival[s] for s in step.sources]
            before = max(times)
            step.delays = [self._delay(before - t) if t < before else None for t in times]
            step.lined_up = any(line is not None for line in step.delays)
            step.bypass = self._delay(step.node.latency) if step.node.latency else None
            inner = step.node.shifts if isinstance(step.node, Schedule) else 0
            self.shifts[step.rows] = before + inner
            arrival.append(before + step.node.latency)
        self._latency = arrival[self._output]

    def _delay(self, frames: int) -> DelayLine:
        line = DelayLine(frames)
        line.prepare(self._channels, self._max_quanta)
        return line

    def _assign_buffers(self) -> None:
        """Give every step an output buffer, used again once its last reader has run."""
        last_use = {slot: at for at, step in enumerate(self.steps) for slot in step.sources}
        last_use[self._output] = len(self.steps)
        free: list[int] = []
        buffer_of: dict[int, int] = {}
        count = 0
        for at, step in enumerate(self.steps):
            if free:
                step.target = free.pop()
            else:
                step.target, count = count, count + 1
            buffer_of[at + 1] = step.target
            free += [buffer_of[slot] for slot in set(step.sources) if slot and last_use[slot] == at]
        size = self._channels * self._max_quanta * QUANTUM_FRAMES
        nothing = np.zeros((0, 0), np.float32)
        self._input, self._given, self._dry, self._values = nothing, nothing, nothing, np.zeros((0, 0))
        self._ways: list[tuple[ScheduleStep, tuple[Audio, ...], Audio]] = []
        self._rows: list[Values] = []
        self._buffers = [np.zeros(size, np.float32) for _ in range(count)]
        self._spare = np.zeros(size, np.float32)
        most_delays = max((sum(d is not None for d in s.delays) for s in self.steps), default=0)
        self._scratch = [np.zeros(size, np.float32) for _ in range(most_delays)]

    def reset(self) -> None:
        """[control] Every node and delay back to time zero."""
        for step in self.steps:
            step.node.reset()
            step.failure = ""
            for line in (*step.delays, step.bypass):
                if line is not None:
                    line.reset()

    def process(self, inputs: Sequence[Audio], output: Audio, values: Values) -> None:
        """[audio] Run every node once over whole quanta; a node that fails is bypassed from then on."""
        if self._input is not inputs[0] or self._given is not output:  # the same again and again costs no new views
            self._lay(inputs[0], output)
        if self._values is not values:
            self._values, self._rows = values, [values[step.rows] for step in self.steps]
        for (step, sources, target), rows in zip(self._ways, self._rows, strict=True):
            ready = self._delayed(step, sources) if step.lined_up else sources
            self._run(step, ready, target, rows)
        if self._output == 0:
            output[:] = inputs[0]

    def _lay(self, x: Audio, output: Audio) -> None:
        """Find where every step reads and writes, from `x` to `output`."""
        self._input, self._given, frames = x, output, output.shape[1]
        slots, self._ways = [x], []
        for step in self.steps:
            target = output if len(slots) == self._output else self._view(self._buffers[step.target], frames)
            self._ways.append((step, tuple(slots[source] for source in step.sources), target))
            slots.append(target)
        self._dry = self._view(self._spare, frames)
        self._late = [self._view(each, frames) for each in self._scratch]

    def _view(self, buffer: NDArray[np.float32], frames: int) -> Audio:
        return buffer[: self._channels * frames].reshape(self._channels, frames)

    def _delayed(self, step: ScheduleStep, sources: tuple[Audio, ...]) -> tuple[Audio, ...]:
        """The inputs, with the delayed block in the place of each that comes too early."""
        ready, late = list(sources), iter(self._late)
        for port, line in enumerate(step.delays):
            if line is not None:
                ready[port] = next(late)
                line.process(sources[port], ready[port])
        return tuple(ready)

    def _run(self, step: ScheduleStep, inputs: tuple[Audio, ...], output: Audio, values: Values) -> None:
        dry = inputs[0]
        if step.bypass is not None:  # fed all the time, so that a bypass begins without a hole
            dry = self._dry
            step.bypass.process(inputs[0], dry)
        if not step.failure:
            try:
                step.node.process(inputs, output, values)
            except Exception as error:  # any node's fault must not stop the music
                step.failure = f"{type(error).__name__}: {error}"
            else:
                if not all_finite(output):
                    step.failure = "its output was not finite"
        if step.failure:
            output[:] = dry


def compile_graph(graph: Graph) -> Schedule:
    """[control] Check `graph` and put its nodes in running order; GraphError says what is wrong with it."""
    _check_ids(graph)
    nodes = {spec.id: _create(spec) for spec in graph.nodes}
    require_apart(list(nodes.values()), "graph")
    feeds = _connections(graph, nodes)
    order = _sorted(graph, feeds)
    slot = {INPUT: 0, **{name: at + 1 for at, name in enumerate(order)}}
    steps, row = [], 0
    for name in order:
        node = nodes[name]
        rows = slice(row, row + len(node.parameters))
        row = rows.stop
        steps.append(ScheduleStep(name, node, tuple(slot[s] for s in feeds[name]), rows))
    return Schedule(steps, slot[feeds[OUTPUT][0]])


def _check_ids(graph: Graph) -> None:
    seen: set[str] = {INPUT, OUTPUT}
    for spec in graph.nodes:
        if spec.id in seen:
            raise GraphError(f"node id '{spec.id}' is taken; every node needs its own, and not 'in' or 'out'")
        if not spec.id or "." in spec.id:
            raise GraphError(f"node id '{spec.id}' must not be empty or hold a dot")
        seen.add(spec.id)


def _create(spec: NodeSpec) -> Node:
    if isinstance(spec.type, Graph):
        return compile_graph(spec.type)
    factory = node_class(spec.type) if isinstance(spec.type, str) else spec.type
    try:
        return factory(**spec.settings)
    except TypeError as error:
        raise GraphError(f"node '{spec.id}': {error}") from error


def _connections(graph: Graph, nodes: Mapping[str, Node]) -> dict[str, list[str]]:
    """For each node and OUTPUT, the source of every port, in port order."""
    ports = {name: node.inputs for name, node in nodes.items()} | {OUTPUT: 1}
    feeds: dict[str, list[str]] = {name: [""] * count for name, count in ports.items()}
    for edge in graph.edges:
        _check_edge(edge, feeds)
        feeds[edge.target][edge.port] = edge.source
    for name, sources in feeds.items():
        if "" in sources:
            raise GraphError(f"input {sources.index('')} of '{name}' is not connected")
    used = {s for sources in feeds.values() for s in sources}
    for name in nodes:
        if name not in used:
            raise GraphError(f"the output of node '{name}' goes nowhere")
    return feeds


def _check_edge(edge: Edge, feeds: Mapping[str, list[str]]) -> None:
    if edge.target not in feeds or (edge.source != INPUT and (edge.source == OUTPUT or edge.source not in feeds)):
        raise GraphError(f"edge {edge.source} → {edge.target}: no such node")
    if not 0 <= edge.port < len(feeds[edge.target]):
        raise GraphError(f"edge {edge.source} → {edge.target}: there is no input {edge.port}")
    if feeds[edge.target][edge.port]:
        raise GraphError(f"input {edge.port} of '{edge.target}' is connected twice; use a mix node")


def _sorted(graph: Graph, feeds: Mapping[str, list[str]]) -> list[str]:
    """Node ids so that every node comes after its sources; GraphError on a circle."""
    waiting = [spec.id for spec in graph.nodes]
    done: list[str] = []
    while waiting:
        ready = [n for n in waiting if all(s == INPUT or s in done for s in feeds[n])]
        if not ready:
            raise GraphError(f"the nodes {', '.join(waiting)} feed each other in a circle")
        done += ready
        waiting = [n for n in waiting if n not in done]
    return done
