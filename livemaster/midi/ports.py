"""The ports of this machine by name: opened, watched, opened again when a device comes back.

Everything happens on one thread, which reads queues. python-rtmidi's callbacks are not used: closing a port
while its callback runs waits for ever, since closing holds the interpreter lock that the callback wants.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from livemaster.errors import InputError, NoMidiError
from livemaster.midi.jack_watch import JackEnd, jack_library

CLIENT = "livemaster"
"""Name under which the program itself appears among the ports."""

POLL_S = 0.5
"""How often the list of ports is read; nothing else tells of a device that was unplugged."""
READ_S = 0.002
"""How often the queues of messages are read."""
QUEUE_MESSAGES = 16_384
"""Messages that a port keeps between two reads; a cable of 31,250 baud carries two."""
SENDS_PER_POLL = 1000
"""Bound on what is sent between two looks at the list: on a dead JACK server, a full buffer waits for ever."""

Deliver = Callable[[str, bytes, float], None]
"""Called with the port's name, one message and the time it was read at (`time.monotonic`)."""
Notify = Callable[[str, bool], None]
"""Called with a port's name when it was opened (True) or has gone (False)."""
OutputOpened = Callable[[], None]
"""Called when an output was opened: its device shows nothing of the session yet."""


class Port(Protocol):
    """What a hub needs of the world of ports; tests have one of their own."""

    def start(
        self, wanted: Sequence[str], deliver: Deliver, notify: Notify, on_output: OutputOpened | None = None
    ) -> None:
        """[control] Open the inputs whose names hold one of `wanted` (all, where it is empty), now and whenever they
        come; with `on_output` also the outputs that belong to them, which may come before or after.
        """
        ...

    def send(self, data: bytes) -> None:
        """[control] Send a message to every open output."""
        ...

    def close(self) -> None:
        """[control] Close everything; nothing is delivered afterwards."""
        ...


def matches(name: str, wanted: Sequence[str]) -> bool:
    """Whether a port is meant by parts of names, in any case; without parts every port but system loops is."""
    if not wanted:
        return not name.startswith("Midi Through")
    return any(part.casefold() in name.casefold() for part in wanted)


def check_wanted(wanted: Sequence[str], names: Sequence[str]) -> None:
    """[control] InputError when a part of a name is found in none of `names`; it says the nearest."""
    for part in wanted:
        if any(matches(name, [part]) for name in names):
            continue
        if not names:
            raise InputError(f"there is no MIDI port '{part}', nor any other; is the device plugged in?")
        words = {word.casefold(): name for name in names for word in [name, *re.split(r"[^\w-]+", name)] if word}
        near = difflib.get_close_matches(part.casefold(), words, n=1, cutoff=0.5)
        hint = f"did you mean '{words[near[0]]}'? " if near else ""
        raise InputError(f"there is no MIDI port '{part}': {hint}there are {', '.join(names)}")


def apis() -> tuple[str, ...]:
    """[control] Names of the systems that MIDI can come from here: alsa, jack, core, winmm; empty without rtmidi."""
    try:
        import rtmidi
    except ImportError:
        return ()
    names = (rtmidi.get_api_name(each) for each in rtmidi.get_compiled_api())
    return tuple(name for name in names if name != "dummy")  # which a build without any other holds


def input_names(api: str = "") -> tuple[str, ...]:
    """[control] The inputs there are now; NoMidiError where there is no MIDI."""
    client, _ = _first_client("MidiIn", api)
    try:
        return _names(client)
    finally:
        client.delete()


class RtPorts:
    """`Port` on python-rtmidi."""

    def __init__(self, api: str = "") -> None:
        """[control] Take hold of MIDI; NoMidiError where there is none.

        `api`: one of `apis()`; empty for the first that works.
        """
        self._watch, self._api = _first_client("MidiIn", api)
        self._watch_out: Any = None
        self._on_output: OutputOpened | None = None
        self._inputs: dict[str, Any] = {}
        self._outputs: dict[str, Any] = {}
        self._lock = threading.Lock()  # guards the outputs, which `send` uses from other threads
        self._allowance = SENDS_PER_POLL
        self._jack: Any = jack_library() if self._api == "jack" else None
        self._end: JackEnd | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def names(self) -> tuple[str, ...]:
        """[control] The inputs there are now; only before `start`."""
        return _names(self._watch)

    def start(
        self, wanted: Sequence[str], deliver: Deliver, notify: Notify, on_output: OutputOpened | None = None
    ) -> None:
        """[control] As `Port` says; what is given is called on the thread of this object.

        NoMidiError when outputs are wished for and the system has no outputs to give, or when it has just gone.
        """
        self._on_output = on_output
        if on_output is not None:
            self._watch_out, _ = _first_client("MidiOut", self._api)
        try:
            self._await_end()
        except OSError as error:
            raise NoMidiError(f"there is no MIDI here: {error}") from error
        run = threading.Thread(target=self._run, args=(tuple(wanted), deliver, notify), name="midi", daemon=True)
        self._thread = run
        run.start()

    def send(self, data: bytes) -> None:
        """[control] As `Port` says; thread-safe. What a port does not take is lost, the next look closes it."""
        with self._lock:
            for port in self._outputs.values():
                if self._allowance > 0:
                    self._allowance -= 1
                    with contextlib.suppress(OSError, ValueError, SystemError):
                        port.send_message(data)

    def close(self) -> None:
        """[control] As `Port` says."""
        self._stop.set()
        if self._thread is None:
            self._release()
        elif self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self, wanted: tuple[str, ...], deliver: Deliver, notify: Notify) -> None:
        try:
            look_at_s = time.monotonic()
            while not self._stop.is_set():
                if time.monotonic() >= look_at_s:
                    self._look(wanted, notify)
                    look_at_s = time.monotonic() + POLL_S
                for name, port in self._inputs.items():
                    self._read(name, port, deliver)
                self._stop.wait(READ_S)
        finally:
            self._release()

    def _read(self, name: str, port: Any, deliver: Deliver) -> None:
        """Deliver what has come in; at most a queue's length, so that a flood cannot keep the thread here."""
        for _ in range(QUEUE_MESSAGES):
            found = port.get_message()
            if found is None or self._stop.is_set():
                return
            deliver(name, bytes(found[0]), time.monotonic())

    def _look(self, wanted: tuple[str, ...], notify: Notify) -> None:
        """Open what has come and close what has gone, be it the whole JACK server."""
        if self._end is not None and self._end.come:
            gone = tuple(self._inputs)
            self._release()
            for name in gone:
                notify(name, False)
        if self._watch is None and not self._renew():
            return
        there = _names(self._watch)
        for name in [each for each in self._inputs if each not in there]:
            _release(self._inputs.pop(name))
            notify(name, False)
        fresh = [each for each in there if each not in self._inputs and matches(each, wanted)]
        opened = [(name, port) for name in fresh if (port := _opened("MidiIn", self._api, name)) is not None]
        self._inputs.update(opened)
        for name, _ in opened:
            notify(name, True)
        if self._on_output is not None and self._look_at_outputs(wanted):
            self._on_output()

    def _await_end(self) -> None:
        """Have the end of the JACK server told; OSError when it has come already."""
        if self._jack is not None:
            self._end = JackEnd(self._jack, CLIENT)

    def _renew(self) -> bool:
        """Be a client of the JACK server again; False while there is none."""
        try:
            self._watch = _client("MidiIn", self._api)
            self._watch_out = _client("MidiOut", self._api) if self._on_output is not None else None
            self._await_end()
        except (OSError, SystemError, RuntimeError):
            self._release()
            return False
        return True

    def _look_at_outputs(self, wanted: tuple[str, ...]) -> bool:
        """Open what has come and close what has gone; whether something was opened."""
        there = _names(self._watch_out)
        # Without wishes all inputs are open: then only a port of the same name is surely the same device.
        belonging = [each for each in there if (matches(each, wanted) if wanted else each in self._inputs)]
        gone = [each for each in self._outputs if each not in there]
        fresh = [each for each in belonging if each not in self._outputs]
        opened = [(name, port) for name in fresh if (port := _opened("MidiOut", self._api, name)) is not None]
        with self._lock:
            left = [self._outputs.pop(name) for name in gone]
            self._outputs.update(opened)
            self._allowance = SENDS_PER_POLL
        for port in left:
            _release(port)
        return bool(opened)

    def _release(self) -> None:
        with self._lock:
            ports = [*self._inputs.values(), *self._outputs.values(), self._watch_out, self._watch]
            self._inputs, self._outputs, self._watch_out, self._watch = {}, {}, None, None
        for port in ports:
            if port is not None:
                _release(port)
        if self._end is not None:
            self._end.close()
            self._end = None


def _first_client(kind: str, api: str) -> tuple[Any, str]:
    """A client and the name of the system it belongs to; NoMidiError says why there is none."""
    known = apis()
    if not known:
        raise NoMidiError("there is no MIDI here: python-rtmidi is not installed (pip install python-rtmidi)")
    if api and api not in known:
        raise NoMidiError(f"there is no MIDI system '{api}' here: known are {', '.join(known)}")
    reason = ""
    for each in (api,) if api else known:
        try:
            with _quiet():
                return _client(kind, each), each
        except (OSError, SystemError, RuntimeError) as error:  # rtmidi's own errors are OSErrors
            reason = reason or f": {str(error).rstrip('.')}"
    raise NoMidiError(f"there is no MIDI here (tried {api or ', '.join(known)}{reason})")


def _client(kind: str, api: str) -> Any:
    import rtmidi

    number = rtmidi.get_compiled_api_by_name(api)
    if kind == "MidiIn":
        return rtmidi.MidiIn(number, name=CLIENT, queue_size_limit=QUEUE_MESSAGES)
    return rtmidi.MidiOut(number, name=CLIENT)


def _names(client: Any) -> tuple[str, ...]:
    """The ports a client sees, but for the program's own."""
    try:
        found = client.get_ports()
    except (OSError, SystemError):
        return ()
    return tuple(name for name in found if not name.startswith(CLIENT))


def _opened(kind: str, api: str, name: str) -> Any:
    """An open port of that name; None when it has just gone, to be tried at the next look."""
    try:
        client = _client(kind, api)
    except (OSError, SystemError, RuntimeError):
        return None
    try:
        client.open_port(client.get_ports().index(name), name="in" if kind == "MidiIn" else "out")
    except (OSError, SystemError, ValueError):
        client.delete()
        return None
    return client


def _release(client: Any) -> None:
    with contextlib.suppress(OSError, SystemError):
        client.close_port()
    client.delete()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the C libraries from writing to standard error about systems that are not there."""
    try:
        sys.stderr.flush()
        kept = os.dup(2)
    except (OSError, ValueError, AttributeError):  # there is none
        yield
        return
    try:
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 -- a device, not a path
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
