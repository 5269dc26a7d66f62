"""A port that exists in a test only."""

from __future__ import annotations

import time
from collections.abc import Sequence

from livemaster.midi.ports import Deliver, Notify, OutputOpened, matches


class FakePort:
    """Devices that come and go, and say and hear what a test wants; follows `livemaster.midi.ports.Port`."""

    def __init__(self, *names: str) -> None:
        self.there = list(names)
        self.sent: list[bytes] = []
        self.open: set[str] = set()
        self.closed = False

    def start(
        self, wanted: Sequence[str], deliver: Deliver, notify: Notify, on_output: OutputOpened | None = None
    ) -> None:
        self.wanted, self._deliver, self._notify, self.on_output = tuple(wanted), deliver, notify, on_output
        for name in self.there:
            self.appear(name)

    def send(self, data: bytes) -> None:
        self.sent.append(data)

    def close(self) -> None:
        self.closed = True

    def say(self, name: str, *data: bytes) -> None:
        for each in data:
            if name in self.open and not self.closed:
                self._deliver(name, each, time.monotonic())

    def appear(self, name: str) -> None:
        if matches(name, self.wanted):
            self.open.add(name)
            self._notify(name, True)
            if self.on_output is not None:
                self.on_output()

    def vanish(self, name: str) -> None:
        self.open.discard(name)
        self._notify(name, False)
