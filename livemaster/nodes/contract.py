"""The Node contract: what every processor declares and how it is called.

A node's life: construct (settings only) → `prepare` (allocate, compile, warm up) → `reset` (time zero)
→ `process` any number of times. `latency` and `tail` are constant while prepared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol, runtime_checkable

import numpy as np

from livemaster.errors import SettingsError, UnknownNameError
from livemaster.units import QUANTUM_FRAMES, Audio, Values, told_apart, whole_quanta

OFFLINE_QUANTA = 256
"""Quanta handed over per call when a file is rendered."""


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

        `audio`: (channels, frames) or (frames,); returns float32 of the same shape. Starts from time zero.
        """
        return apply(self, audio, sample_rate)

    def __repr__(self) -> str:
        shown = ", ".join(f"{k}={v:g}" for k, v in self._settings.items())
        return f"{type(self).__name__}({shown})"


def apply(node: Node, audio: Audio, rate_hz: int) -> Audio:
    """[control] Run `audio` (channels, frames) or (frames,) through a one-input node at its starting settings."""
    x = np.ascontiguousarray(np.atleast_2d(audio), dtype=np.float32)
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
    trimmed = np.ascontiguousarray(result[:, node.latency : node.latency + frames])
    return trimmed if np.ndim(audio) == 2 else trimmed[0]
