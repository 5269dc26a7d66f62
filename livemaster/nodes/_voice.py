"""One running plugin: primed, called with one quantum at a time, its latency made constant, and measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from livemaster.errors import RenderError
from livemaster.nodes.contract import Parameter
from livemaster.units import QUANTUM_FRAMES, Audio, seconds_to_frames, whole_quanta

_BURST_S, _QUIET_S, _STEADY_S, _LONGEST_S = 0.25, 1.0, 0.5, 20.0  # of the probe for latency and tail
_AUDIBLE = 1e-6  # −120 dBFS
_ROOM_FRAMES = 64 * QUANTUM_FRAMES  # spare room of a queue, so that its content is rarely moved


class Voice:
    """A `plugin` alone on its `board`: gets a quantum, gives a quantum, late by a constant `latency`.

    `latency`: the most frames that it withholds, as `probe` counts them (for which any value will do).
    """

    def __init__(self, board: Any, plugin: Any, rate_hz: int, channels: int, latency: int) -> None:
        self.values: list[float] = []
        self._board, self._plugin = board, plugin
        self._rate_hz = float(rate_hz)
        self._latency = latency
        self._queue = np.zeros((channels, 2 * latency + _ROOM_FRAMES), np.float32)
        self.call(np.zeros((channels, QUANTUM_FRAMES), np.float32))  # a larger block than ever before would clear it
        self.reset()

    def reset(self) -> None:
        """[control] Time zero; through the board, since the plugin's own reset would undo the priming."""
        self._board.reset()
        self._queue[:, : self._latency] = 0.0
        self._first, self._stop = 0, self._latency

    def set(self, table: Sequence[Parameter], values: list[float]) -> None:
        """[audio] Give the plugin the properties that have changed."""
        for at, parameter in enumerate(table):
            if not self.values or values[at] != self.values[at]:
                setattr(self._plugin, parameter.id, values[at])
        self.values = values

    def call(self, block: Audio) -> Audio:
        """[audio] What the plugin gives back for one quantum, which may be less or more."""
        result: Audio = self._board.process(block, self._rate_hz, reset=False)
        return result

    def process(self, block: Audio) -> Audio:
        """[audio] One quantum for one quantum, late by the latency."""
        result = self.call(block)
        if not self._latency and result.shape == block.shape:
            return result
        self._append(result)
        first = self._first
        self._first += QUANTUM_FRAMES
        if self._first > self._stop:
            raise RenderError(f"{self._plugin!r} withholds more frames than it did when it was measured")
        return self._queue[:, first : self._first]

    def _append(self, result: Audio) -> None:
        """[audio] Put frames at the end of the queue, which moves to the front when there is no room left."""
        frames = result.shape[1]
        if self._stop + frames > self._queue.shape[1]:
            waiting = self._stop - self._first
            self._queue[:, :waiting] = self._queue[:, self._first : self._stop]
            self._first, self._stop = 0, waiting
        self._queue[:, self._stop : self._stop + frames] = result
        self._stop += frames


def probe(voice: Voice, rate_hz: int, channels: int) -> tuple[int, int]:
    """[control] Most frames withheld, and frames until the output dies away after a burst.

    The burst is a full-scale step, which rings the lowest, slowest modes the most.
    """
    quiet, steady, limit = (seconds_to_frames(s, rate_hz) for s in (_QUIET_S, _STEADY_S, _LONGEST_S))
    burst = whole_quanta(seconds_to_frames(_BURST_S, rate_hz)) * QUANTUM_FRAMES
    block = np.ones((channels, QUANTUM_FRAMES), np.float32)
    given = returned = withheld = grown_at = audible = 0
    while returned - max(audible, burst) < quiet and given < limit:
        if given >= burst:
            block[:] = 0.0
        result = voice.call(block)
        given += QUANTUM_FRAMES
        heard = np.flatnonzero(np.abs(result).max(axis=0) > _AUDIBLE)
        if heard.size:
            audible = returned + int(heard[-1]) + 1
        returned += result.shape[1]
        if given - returned > withheld:
            withheld, grown_at = given - returned, given
    if given - grown_at < steady or not returned:
        raise RuntimeError("it withholds ever more frames, so it has no constant latency")
    return withheld, max(audible - burst, 0)
