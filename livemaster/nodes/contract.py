"""The Node contract: what every processor declares and how it is called.

A node's life: construct (settings only) → `prepare` (allocate, compile, warm up) → `reset` (time zero)
→ `process` any number of times. `latency` and `tail` are constant while prepared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from inspect import getattr_static
from typing import Literal, Protocol, TypeGuard, runtime_checkable

import numpy as np

from livemaster.errors import GraphError, SettingsError, UnknownNameError
from livemaster.nodes.parts import called
from livemaster.printable import told_apart
from livemaster.units import QUANTUM_FRAMES, Audio, Values, require_floats, whole_quanta

OFFLINE_QUANTA = 256
"""Quanta handed over per call when a file is rendered."""
MOST_CHANNELS = 64
"""An array with more than that was given as (frames, channels)."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One automatable value of a node, declared once; CLI, MIDI, presets and docs derive from it."""

    id: str
    unit: str
    low: float
    high: float
    default: float
    scale: Literal["linear", "log"] = "linear"
    ramp_ms: float = 30.0
    about: str = ""

    def within(self, node: str) -> Parameter:
        """The same parameter, named `node.id`."""
        return replace(self, id=f"{node}.{self.id}")

    def check(self, value: float, where: str) -> float:
        """`value` as a float; SettingsError when it is outside `low`…`high` or not a number."""
        if not self.low <= value <= self.high:  # also false for NaN
            raise SettingsError(
                f"{where}: {self.id} is {told_apart(value, self.low, self.high)}, "
                f"allowed are {self.low:g} to {self.high:g} {self.unit}".rstrip()
            )
        return float(value)


@runtime_checkable
class Node(Protocol):
    """One processor.

    `process(inputs, output, values)`: each input and the output are float32 (channels, 64·K), C-contiguous,
    the output never shares memory with an input; `values` is float64 (len(parameters), K + 1), the parameter
    values at the quantum edges, to be interpolated inside each quantum. The result must not depend on K.
    """

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The automatable values, in the order of the rows of `values`."""
        ...

    @property
    def settings(self) -> Mapping[str, float]:
        """The values this node starts with, one for every parameter id."""
        ...

    @property
    def inputs(self) -> int:
        """Number of input ports."""
        ...

    @property
    def latency(self) -> int:
        """Frames by which the output lags the input; constant while prepared."""
        ...

    @property
    def tail(self) -> int:
        """Frames after which the output of a silent input stays below −120 dBFS, latency excluded."""
        ...

    def prepare(self, rate_hz: int, channels: int, max_quanta: int) -> None:
        """[control] Allocate for calls of up to `max_quanta` quanta, compile, warm up, reset."""
        ...

    def reset(self) -> None:
        """[control] Back to time zero: the same input gives the same output again."""
        ...

    def process(self, inputs: Sequence[Audio], output: Audio, values: Values) -> None:
        """[audio] Process whole quanta."""
        ...


_MEMBERS = ("parameters", "settings", "inputs", "latency", "tail", "prepare", "reset", "process")
_MISSING = object()


def is_node(thing: object) -> TypeGuard[Node]:
    """[control] Whether `thing` has all that a Node has; nothing is asked that only a prepared node can answer."""
    if isinstance(thing, type):  # a class has the members too
        return False
    return all(getattr_static(thing, name, _MISSING) is not _MISSING or hasattr(thing, name) for name in _MEMBERS)


class NodeBase:
    """Shared convenience of our own nodes: settings from keywords, and the call that pedalboard's plugins have.

    Subclasses set `PARAMETERS` and implement `prepare`, `reset` and `process`.
    """

    PARAMETERS: tuple[Parameter, ...] = ()

    def __init__(self, **settings: float) -> None:
        known = {p.id: p for p in self.parameters}
        for name in settings:
            if name not in known:
                raise UnknownNameError(f"parameter of {type(self).__name__}", name, known)
        self._settings = {
            name: p.check(settings.get(name, p.default), type(self).__name__) for name, p in known.items()
        }

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The automatable values, in the order of the rows of `values`."""
        return self.PARAMETERS

    @property
    def settings(self) -> Mapping[str, float]:
        """The values this node starts with, one for every parameter id."""
        return self._settings

    @property
    def inputs(self) -> int:
        """Number of input ports."""
        return 1

    @property
    def latency(self) -> int:
        """Frames by which the output lags the input."""
        return 0

    @property
    def tail(self) -> int:
        """Frames after which the output of a silent input stays below −120 dBFS, latency excluded."""
        return 0

    @property
    def held(self) -> Sequence[object]:
        """What else keeps a state for this node, and so can stand nowhere beside it: the nodes among its attributes."""
        values = vars(self).values()
        each = (one for value in values for one in (value if isinstance(value, list | tuple) else (value,)))
        return [one for one in each if is_node(one)]

    def prepare(self, rate_hz: int, channels: int, max_quanta: int) -> None:
        """[control] Allocate for calls of up to `max_quanta` quanta, compile, warm up, reset."""
        raise NotImplementedError

    def reset(self) -> None:
        """[control] Back to time zero."""

    def process(self, inputs: Sequence[Audio], output: Audio, values: Values) -> None:
        """[audio] Process whole quanta."""
        raise NotImplementedError

    def __call__(self, audio: Audio, sample_rate: int) -> Audio:
        """[control] Process a whole piece at constant settings, latency trimmed, as pedalboard's plugins do.

        `audio`: floats of shape (channels, frames) or (frames,); returns float32 of the same shape. Starts from time
        zero; calls from several threads wait for each other. AudioTypeError (a TypeError) for integers, GraphError
        for other shapes, a node of several inputs, and one that plays in an engine.
        """
        return apply(self, audio, sample_rate)

    def __repr__(self) -> str:
        shown = ", ".join(f"{k}={v:g}" for k, v in self._settings.items())
        return f"{type(self).__name__}({shown})"


def apply(node: Node, audio: Audio, rate_hz: int, name: str = "") -> Audio:
    """[control] Run `audio` (channels, frames) or (frames,) through a one-input node at its starting settings.

    `name`: what errors call the node, its class otherwise. The errors are those of `NodeBase.__call__`.
    """
    name = name or type(node).__name__
    x, rate_hz = _piece(audio, name), _whole_rate(rate_hz, name)
    if node.inputs != 1:
        raise GraphError(f"{name} has {node.inputs} inputs, so it cannot be called alone; connect it in a Graph")
    with called(node):
        result = _run(node, x, rate_hz)
    return result if np.ndim(audio) == 2 else result[0]


def _piece(audio: Audio, name: str) -> Audio:
    """`audio` as float32 (channels, frames), C-contiguous."""
    given = np.asarray(audio)
    require_floats(given, name)
    if given.ndim not in (1, 2):
        raise GraphError(f"{name}: audio has the shape {given.shape}, allowed are (channels, frames) and (frames,)")
    piece: Audio = np.ascontiguousarray(np.atleast_2d(given), dtype=np.float32)
    if not 1 <= len(piece) <= MOST_CHANNELS:
        raise GraphError(
            f"{name}: audio has the shape {given.shape}, allowed are (channels, frames) with 1 to {MOST_CHANNELS} "
            "channels (audio.T turns it round)"
        )
    return piece


def _whole_rate(rate_hz: float, name: str) -> int:
    if not 1 <= rate_hz < np.inf or rate_hz != int(rate_hz):
        raise GraphError(f"{name}: sample_rate is {rate_hz}, allowed are whole numbers of Hz from 1 on")
    return int(rate_hz)


def _run(node: Node, x: Audio, rate_hz: int) -> Audio:
    """`x` (channels, frames) through the node, prepared for it, latency trimmed."""
    channels, frames = x.shape
    node.prepare(rate_hz, channels, OFFLINE_QUANTA)
    quanta = whole_quanta(frames + node.latency)
    padded = np.zeros((channels, quanta * QUANTUM_FRAMES), np.float32)
    padded[:, :frames] = x
    result = np.empty_like(padded)
    start = np.array([node.settings[p.id] for p in node.parameters], np.float64)
    for first in range(0, quanta, OFFLINE_QUANTA):
        count = min(OFFLINE_QUANTA, quanta - first)
        part = slice(first * QUANTUM_FRAMES, (first + count) * QUANTUM_FRAMES)
        block = np.ascontiguousarray(padded[:, part])
        out = np.empty_like(block)
        values = np.ascontiguousarray(np.repeat(start[:, None], count + 1, axis=1))
        node.process((block,), out, values)
        result[:, part] = out
    return np.ascontiguousarray(result[:, node.latency : node.latency + frames])
