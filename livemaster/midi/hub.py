"""Ties ports, surface and lamps together: what comes in becomes moves, what the session shows goes out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Positions

from livemaster.controls import Move
from livemaster.midi.lamps import Lamps
from livemaster.midi.mapping import Mapping
from livemaster.midi.messages import decode, encode
from livemaster.midi.ports import Port, RtPorts
from livemaster.midi.surface import SOURCE, Surface
from livemaster.snapshot import Snapshot


class MidiHub:
    """MIDI for one session; thread-safe. The lock is held for a few microseconds at a time, never during a call out."""

    def __init__(
        self,
        mapping: Mapping,
        port_names: Sequence[str],
        on_move: Callable[[Move], None],
        positions: Callable[[], Positions[str, float]],
        port: Port | None = None,
    ) -> None:
        """[control] Nothing is opened yet; NoMidiError where there is no MIDI.

        `port_names`: parts of the names of ports, instead of the mapping's; `on_move` and `positions` are called on
        the thread of the ports; `positions` gives where the knobs stand, by control id.
        """
        self._port = RtPorts() if port is None else port
        self._wanted = tuple(port_names) or mapping.ports
        self._on_move, self._positions = on_move, positions
        self._surface, self._lamps = Surface(mapping), Lamps(mapping)
        self._sends = any(binding.feedback is not None for binding in mapping.bindings)
        self._lock = threading.Lock()
        self._connected: tuple[str, ...] = ()
        self._clock: threading.Timer | None = None
        """Runs while a half of a 14-bit value waits for the other one."""
        self._closed = False

    def start(self) -> None:
        """[control] Open the ports that are there, and wait for those that are not."""
        self._port.start(self._wanted, self._deliver, self._notify, self._relight if self._sends else None)

    def close(self) -> None:
        """[control] Close the ports; no move is made afterwards."""
        self._port.close()
        with self._lock:
            self._closed, clock = True, self._clock
        if clock is not None:
            clock.cancel()
            if clock is not threading.current_thread():
                clock.join(timeout=1.0)

    @property
    def connected(self) -> tuple[str, ...]:
        """Names of the ports that are open."""
        return self._connected

    def moved(self, move: Move) -> None:
        """[control] Somebody has moved a control; a knob that had picked it up must do so anew."""
        if move.source != SOURCE and isinstance(move.value, float | int):
            with self._lock:
                self._surface.moved(move.control, move.value)

    def ghosts(self) -> dict[str, float]:
        """Where the knobs stand that wait to pick up their controls, by control id, in the control's unit."""
        with self._lock:
            return self._surface.ghosts()

    def bound(self, control: str) -> str | None:
        """The message that moves a control, such as `CC 1`."""
        return self._surface.bound(control)

    def show(self, snapshot: Snapshot) -> None:
        """[control] Light the pads and move the faders that show something else than the session does."""
        if not self._sends or not self._connected:
            return
        with self._lock:
            messages = self._lamps.messages(snapshot, time.monotonic(), self._connected)
        for message in messages:
            self._port.send(encode(message))

    def _deliver(self, name: str, data: bytes, at_s: float) -> None:
        message = decode(data)
        if message is None:
            return
        positions = self._positions()
        with self._lock:
            self._lamps.heard(message, at_s, name)
            moves = self._surface.feed(message, positions, name, at_s)
            self._wind()
        for move in moves:
            self._on_move(move)

    def _wind(self) -> None:
        """Look again when the next half is due, unless that is to be done already."""
        due_s = self._surface.due_s
        if due_s is not None and self._clock is None and not self._closed:
            self._clock = threading.Timer(max(due_s - time.monotonic(), 0.0), self._ring)
            self._clock.daemon = True
            self._clock.start()

    def _ring(self) -> None:
        positions = self._positions()
        with self._lock:
            self._clock = None
            moves = [] if self._closed else self._surface.late(positions, time.monotonic())
            self._wind()
        for move in moves:
            self._on_move(move)

    def _notify(self, name: str, is_open: bool) -> None:
        with self._lock:
            others = tuple(each for each in self._connected if each != name)
            self._connected = (*others, name) if is_open else others
            moves = [] if is_open else self._surface.forget(name)
            if not is_open:
                self._lamps.gone(name)
        for move in moves:
            self._on_move(move)

    def _relight(self) -> None:
        with self._lock:
            self._lamps.forget()
