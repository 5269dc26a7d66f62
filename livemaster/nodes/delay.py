"""Delay: a constant delay as an effect; it is not latency, so nothing compensates it."""

from __future__ import annotations

from collections.abc import Sequence

from livemaster.dsp.delay import DelayLine
from livemaster.errors import SettingsError
from livemaster.nodes.contract import NodeBase
from livemaster.units import Audio, Values

__all__ = ["Delay", "DelayLine"]


class Delay(NodeBase):
    """Everything `frames` later; SettingsError unless that is a whole number from 0 on."""

    def __init__(self, frames: int = 0, **settings: float) -> None:
        if not isinstance(frames, int) or frames < 0:
            raise SettingsError(f"Delay: frames is {frames}, allowed are whole numbers from 0 on")
        self._line = DelayLine(frames)
        super().__init__(**settings)

    @property
    def tail(self) -> int:
        """The delay itself: so long the past is still to come."""
        return self._line.frames

    def prepare(self, rate_hz: int, channels: int, max_quanta: int) -> None:
        """[control] Allocate."""
        self._line.prepare(channels, max_quanta)

    def reset(self) -> None:
        """[control] Back to time zero."""
        self._line.reset()

    def process(self, inputs: Sequence[Audio], output: Audio, values: Values) -> None:
        """[audio] Delay whole quanta."""
        self._line.process(inputs[0], output)
