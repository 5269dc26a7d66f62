"""Plugins of pedalboard as nodes: always called with one quantum, latency queued, changes cross-faded."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from livemaster.dsp.sanitize import flush_tiny, sanitize
from livemaster.errors import GraphError, UnknownNameError
from livemaster.nodes._channels import require_channels
from livemaster.nodes._stock import FIXED, KEPT, MEMORYLESS, REFUSED, STOCK
from livemaster.nodes._voice import Voice, probe
from livemaster.nodes.contract import Node, NodeBase, Parameter, is_node
from livemaster.units import QUANTUM_FRAMES, Audio, Values, seconds_to_frames, whole_quanta

SETTLE_MS = 4.0
"""How long a changed plugin runs unheard before it fades in."""
FADE_MS = 14.0
"""Length of that fade, a raised cosine; a control acts within 20 ms, and fades shorter than this can be heard."""
HIGHEST_OF_RATE = 0.49
"""Frequencies are held below this share of the rate: from 0.5 on, pedalboard's filters are undefined."""


class Hosted(NodeBase):
    """One of pedalboard's plugins: `Hosted("Reverb", room_size=0.3)`, or `Hosted(plugin)` for a ready one.

    Numeric properties of the plugins in the table can be automated. For that, two copies of the plugin run side by
    side: the one that is not heard takes the change, then a cross-fade goes over to it, because plugins themselves
    jump. Other plugins run as they were made. A ready plugin from the table is copied too: its settings are read
    once, and it stays the caller's. Any other one runs itself, and so can stand in one place only.

    Samples that are no numbers go in as zeros. When the output is not finite all the same, that quantum is silent,
    the plugin starts anew, and `failures` counts it.
    `latency` and `tail` are measured at `prepare`. GraphError for what cannot be hosted, UnknownNameError for
    unknown names, SettingsError for values out of range. One or two channels.
    """

    def __init__(self, plugin: Any, **settings: Any) -> None:
        if isinstance(plugin, str):
            self._table = STOCK.get(plugin, ())
            ids = {p.id for p in self._table}
            others = {name: value for name, value in settings.items() if name not in ids}
            settings = {name: value for name, value in settings.items() if name in ids}
            self._plugin = _made(plugin, others)
        else:
            self._plugin = _ready(plugin, settings)
            table = STOCK.get(type(plugin).__name__, ())
            settings = {p.id: float(getattr(plugin, p.id)) for p in table}
            self._table = tuple(_holding(p, settings[p.id]) for p in table)
        self._running = _plugins(self._plugin)  # kept, so that each stays the same object
        self.failures = 0
        super().__init__(**settings)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The automatable properties of the plugin."""
        return self._table

    @property
    def latency(self) -> int:
        """Frames that the plugin withholds at most, and by which the output therefore lags; 0 before `prepare`."""
        return self._latency

    _latency = 0

    @property
    def tail(self) -> int:
        """Frames, measured at the starting settings, until silence is below −120 dBFS; at most 20 s."""
        return self._tail

    _tail = 0

    @property
    def held(self) -> Sequence[object]:
        """The plugins that run as they were made, for they cannot run for two nodes; of those copied, none."""
        return [] if self._table else self._running

    def prepare(self, rate_hz: int, channels: int, max_quanta: int) -> None:
        """[control] Prime the plugin, measure latency and tail; GraphError when it cannot work like this."""
        require_channels(self, channels, (1, 2))
        self._rate_hz, self._channels = rate_hz, channels
        nyquist = HIGHEST_OF_RATE * rate_hz
        self._most = [min(p.high, nyquist) if p.unit == "Hz" else p.high for p in self._table]
        self._block = np.zeros((channels, QUANTUM_FRAMES), np.float32)
        self._out = np.zeros_like(self._block)
        self._curve = _fade_curve(rate_hz)
        for warm_up in (sanitize, flush_tiny):
            warm_up(self._out)
        try:
            self._latency, self._tail = probe(self._voice(), rate_hz, channels)
        except (ValueError, RuntimeError) as error:
            raise GraphError(f"{self!r} cannot run with {channels} channels at {rate_hz} Hz: {error}") from error
        self.reset()

    def reset(self) -> None:
        """[control] Back to time zero, with new copies where the plugin can be copied."""
        self.failures = 0
        self._heard = self._voice(self._latency)
        self._other = self._voice(self._latency) if self._table else None
        self._idles = type(self._plugin).__name__ in MEMORYLESS
        self._step = -1  # of the running fade, in quanta; −1 is none
        self._starting = True

    def _voice(self, latency: int = 0) -> Voice:
        import pedalboard

        plugin = self._plugin
        if self._table:
            kept = KEPT.get(type(plugin).__name__, ())
            start = dict(zip(self._settings, np.minimum(list(self._settings.values()), self._most), strict=True))
            plugin = type(plugin)(**start, **{name: getattr(plugin, name) for name in kept})
        return Voice(pedalboard.Pedalboard([plugin]), plugin, self._rate_hz, self._channels, latency)

    def process(self, inputs: Sequence[Audio], output: Audio, values: Values) -> None:
        """[audio] Run whole quanta, one at a time; each takes the values at its left edge."""
        for k, wanted in enumerate(np.minimum(values[:, :-1].T, self._most).tolist()):
            frames = slice(k * QUANTUM_FRAMES, (k + 1) * QUANTUM_FRAMES)
            np.copyto(self._block, inputs[0][:, frames])
            sanitize(self._block)  # some plugins stay silent or hum for ever after one NaN
            self._quantum(wanted)
            output[:, frames] = self._out

    def _quantum(self, wanted: list[float]) -> None:
        """[audio] From `_block` to `_out`."""
        if self._other is None:
            self._out[:] = self._heard.process(self._block)
        else:
            self._turn(self._heard, self._other, wanted)
        if not flush_tiny(self._out):
            self._recover()

    def _turn(self, heard: Voice, other: Voice, wanted: list[float]) -> None:
        """[audio] One quantum of both copies, fading over to the other where the parameters have changed."""
        if self._starting:
            heard.set(self._table, wanted)
            other.set(self._table, wanted)
            self._starting = False
        if self._step < 0 and wanted != heard.values:
            other.set(self._table, wanted)
            self._step = 0
        self._out[:] = heard.process(self._block)
        if self._step < 0 and self._idles:
            return
        coming = other.process(self._block)
        if self._step >= 0:
            self._out += self._curve[self._step] * (coming - self._out)
            self._step += 1
            if self._step == len(self._curve):
                self._heard, self._other, self._step = other, heard, -1

    def _recover(self) -> None:
        """[audio] Silence instead of what is no number, and a new start."""
        self.failures += 1
        self._out[:] = 0.0
        self._heard.reset()
        if self._other is not None:
            self._other.reset()
            self._other.set(self._table, self._heard.values)
        self._step = -1

    def __repr__(self) -> str:
        shown = "".join(f", {name}={value:g}" for name, value in self._settings.items())
        return f"Hosted({type(self._plugin).__name__}{shown})"


def as_node(obj: object) -> Node:
    """[control] A Node for one of ours (itself) or a pedalboard plugin (hosted); GraphError for anything else."""
    if is_node(obj):
        return obj
    return Hosted(obj)


def _made(name: str, others: Mapping[str, Any]) -> Any:
    """A plugin of that name with the settings that are no parameters."""
    import pedalboard

    if name in REFUSED:
        raise GraphError(f"{name} cannot be hosted: {REFUSED[name]}")
    if name not in STOCK and name not in FIXED:
        raise UnknownNameError("pedalboard plugin", name, [*STOCK, *FIXED])
    if name in STOCK:
        known = [p.id for p in STOCK[name]] + list(KEPT.get(name, ()))
        for other in others:
            if other not in known:
                raise UnknownNameError(f"parameter of {name}", other, known)
    try:
        plugin: Any = getattr(pedalboard, name)(**others)
    except (TypeError, ValueError, RuntimeError) as error:
        raise GraphError(f"{name}: {str(error).splitlines()[0]}") from error
    return plugin


def _ready(plugin: Any, settings: Mapping[str, Any]) -> Any:
    """`plugin` itself; GraphError unless it is a ready pedalboard plugin, of its own, without further settings."""
    import pedalboard

    if not isinstance(plugin, pedalboard.Plugin):
        raise GraphError(f"{plugin!r} is neither a node nor a pedalboard plugin")
    for member in _plugins(plugin):
        name = type(member).__name__
        if name in REFUSED:
            raise GraphError(f"{name} cannot be hosted: {REFUSED[name]}")
        if isinstance(member, pedalboard.ExternalPlugin):
            raise GraphError(f"{name} cannot be hosted yet: only pedalboard's own plugins can")
    if settings:
        raise GraphError(f"{plugin!r} is a ready plugin: set {', '.join(settings)} on it instead")
    return plugin


def _plugins(plugin: Any) -> list[Any]:
    """The plugin and all that it holds, containers too."""
    import pedalboard

    inner = plugin if isinstance(plugin, pedalboard.PluginContainer) else ()
    return [plugin, *(each for member in inner for each in _plugins(member))]


def _holding(parameter: Parameter, value: float) -> Parameter:
    """The parameter with `value` as its default, and in its range."""
    return replace(parameter, low=min(parameter.low, value), high=max(parameter.high, value), default=value)


def _fade_curve(rate_hz: int) -> Audio:
    """Weights of the newcomer, one row a quantum: none while it settles, then a raised cosine up to 1."""
    settle = seconds_to_frames(SETTLE_MS / 1e3, rate_hz)
    quanta = whole_quanta(settle + seconds_to_frames(FADE_MS / 1e3, rate_hz))
    frames = np.arange(1, quanta * QUANTUM_FRAMES + 1)
    share = np.maximum(frames - settle, 0) / (frames[-1] - settle)
    weights: Audio = (0.5 - 0.5 * np.cos(math.pi * share)).astype(np.float32)
    return weights.reshape(quanta, QUANTUM_FRAMES)
