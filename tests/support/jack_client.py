"""The clients of `jack_rig`, each a process of its own, so that no other Python code holds up their callbacks.

Usage: python jack_client.py wait|record|play SPEC, a JSON object. It says `ready` on standard output, obeys the lines
`play` and `stop` on standard input (its end is `stop` too), and in the end prints a JSON object.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import sys
import threading
import time
from typing import Any

import jack

PATIENCE_S = 10.0
WRAP = 1 << 32
"""JACK counts frames in 32 bits."""


class Client:
    """A client that connects to the ports of a pattern as soon as they appear; `work` is its callback."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec
        self.events: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.client = jack.Client(spec["client"], use_exact_name=True, no_start_server=True, servername=spec["server"])
        self.start_frame = -1
        self.gaps: list[tuple[int, int]] = []
        self.client.set_shutdown_callback(lambda *_: self.events.put("shutdown"))
        self.client.set_port_registration_callback(self._registered, only_available=False)
        self.client.set_process_callback(self._process)
        self._next = -1

    def run(self) -> None:
        """Work until told to stop, or until the server goes away."""
        threading.Thread(target=self._read_orders, daemon=True).start()
        self.client.activate()
        self._connect()
        print("ready", flush=True)
        while (event := self.events.get()) not in ("stop", "shutdown"):
            if event == "ports":  # not in the callback, where the server cannot be asked for anything
                self._connect()
            else:
                self.obey(event)
        if event == "stop":
            self.client.deactivate()
            self.client.close()
        facts = {"start_frame": self.start_frame, "gaps": self.gaps, "event": event, **self.result()}
        print(json.dumps(facts), flush=True)
        os._exit(0)  # closing a client whose server has gone may never return

    def _process(self, frames: int) -> None:
        now = self.client.last_frame_time
        if self._next not in (-1, now):
            lost = (now - self._next + WRAP // 2) % WRAP - WRAP // 2
            self.gaps.append((self.at, lost))
        self._next = (now + frames) % WRAP
        self.work(now, frames)

    def _registered(self, port: Any, register: bool) -> None:
        if register:
            self.events.put("ports")

    def _read_orders(self) -> None:
        for line in sys.stdin:
            self.events.put(line.strip())
        self.events.put("stop")

    at = 0

    def work(self, now: int, frames: int) -> None:
        """One block."""

    def obey(self, order: str) -> None:
        """An order other than `stop`."""

    def result(self) -> dict[str, Any]:
        """What the last line says, apart from the frames."""
        return {}

    def _connect(self) -> None:
        if self.spec["pattern"] is None:
            return
        own = [*self.client.inports, *self.client.outports]
        sources = bool(self.client.inports)
        found = self.client.get_ports(self.spec["pattern"], is_audio=True, is_output=sources, is_input=not sources)
        for mine, other in zip(own, found, strict=False):
            with contextlib.suppress(jack.JackError):  # it has been connected by others, or is gone again
                if not mine.is_connected_to(other):
                    self.client.connect(*((other, mine) if sources else (mine, other)))


class Recorder(Client):
    """Keeps what arrives at its inputs, from its first block on."""

    def __init__(self, spec: dict[str, Any]) -> None:
        import numpy as np

        super().__init__(spec)
        self.audio = np.full((spec["channels"], int(spec["seconds"] * self.client.samplerate)), 0, dtype=np.float32)
        self.ports = [self.client.inports.register(f"in_{1 + k}") for k in range(spec["channels"])]

    def work(self, now: int, frames: int) -> None:
        if self.start_frame < 0:
            self.start_frame = now
        if self.at + frames <= self.audio.shape[1]:
            for channel, port in zip(self.audio, self.ports, strict=True):
                channel[self.at : self.at + frames] = port.get_array()
        self.at += frames

    def result(self) -> dict[str, Any]:
        import numpy as np

        np.save(self.spec["path"], self.audio[:, : self.at])
        return {"full": self.at > self.audio.shape[1]}


class Player(Client):
    """Silence, and from the order `play` on the signal once; says `played` after its last block."""

    def __init__(self, spec: dict[str, Any]) -> None:
        import numpy as np

        super().__init__(spec)
        self.signal = np.load(spec["path"])
        self.ports = [self.client.outports.register(f"out_{1 + k}") for k in range(len(self.signal))]
        self.playing = False

    def work(self, now: int, frames: int) -> None:
        count = min(frames, self.signal.shape[1] - self.at) if self.playing else 0
        if self.playing and self.start_frame < 0:
            self.start_frame = now
        for channel, port in zip(self.signal, self.ports, strict=True):
            out = port.get_array()
            out[:count] = channel[self.at : self.at + count]
            out[count:] = 0
        self.at += count
        if self.playing and self.at == self.signal.shape[1]:
            self.playing = False
            self.events.put("played")

    def obey(self, order: str) -> None:
        if order == "play":
            until_s = time.monotonic() + PATIENCE_S
            while not all(port.number_of_connections for port in self.ports):
                if time.monotonic() > until_s:
                    raise RuntimeError("nobody listens")
                time.sleep(0.001)
            self.at, self.start_frame = 0, -1
            self.playing = True
        elif order == "played":
            print(self.start_frame, flush=True)


def wait(spec: dict[str, Any]) -> None:
    """Until a server accepts clients; an error after the given seconds."""
    until_s = time.monotonic() + spec["seconds"]
    while True:
        try:
            jack.Client(spec["client"], no_start_server=True, servername=spec["server"]).close()
        except jack.JackError:
            if time.monotonic() > until_s:
                raise
            time.sleep(0.01)
        else:
            return


def main() -> None:
    jack.set_error_function(lambda message: print(message, file=sys.stderr))
    jack.set_info_function(lambda _: None)
    kind, spec = sys.argv[1], json.loads(sys.argv[2])
    if kind == "wait":
        wait(spec)
    else:
        {"record": Recorder, "play": Player}[kind](spec).run()


if __name__ == "__main__":
    main()
