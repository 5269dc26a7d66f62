"""The JACK connections of a stream: what was connected when it began is connected again when it comes back.

PortAudio connects its ports once. When the program or sink at the other end goes, whether it comes back or not, the
stream goes on, with silence. So another client looks at the graph. What somebody disconnects by hand stays so.
"""

from __future__ import annotations

import ctypes
import time
from typing import Any

from livemaster.sound.devices import OURS

CLIENT = b"livemaster-links"
TAKES_PART_S = 0.2
"""After how long a client has been part of a cycle of the graph, however long its blocks are."""
_NO_START_SERVER, _IS_INPUT, _IS_OUTPUT = 1, 1, 2
_AUDIO = b"32 bit float mono audio"


class Links:
    """Made before a stream is opened; `begin` when it is, and `look` now and then."""

    def __init__(self) -> None:
        """[control] OSError where there is no libjack, or its server takes no client."""
        self._jack = _library()
        self._client = self._jack.jack_client_open(CLIENT, _NO_START_SERVER, None)
        if not self._client:
            raise OSError("the JACK server takes no client")
        self._others = {*self._ports(_IS_INPUT), *self._ports(_IS_OUTPUT)}
        self._wanted: list[tuple[bytes, bytes]] = []
        self._inputs: set[bytes] = set()
        self._lost: set[tuple[bytes, bytes]] = set()

    def begin(self) -> None:
        """[control] The ports that are new are the stream's, connected as it wants them."""
        self._inputs = set(self._ports(_IS_INPUT)) - self._others
        for name in sorted(self._inputs | (set(self._ports(_IS_OUTPUT)) - self._others)):
            port = self._jack.jack_port_by_name(self._client, name)
            ends = self._taken(self._jack.jack_port_get_all_connections(self._client, port))
            self._wanted += [(name, end) for end in ends]

    def look(self) -> tuple[bool, bool]:
        """[control] Connect what is back; whether all other ends are there, of the inputs and of the outputs."""
        for ours, other in self._wanted:
            if not self._jack.jack_port_by_name(self._client, other):
                self._lost.add((ours, other))
            elif (ours, other) in self._lost:
                ends = (other, ours) if ours in self._inputs else (ours, other)
                self._jack.jack_connect(self._client, *ends)
                self._lost.discard((ours, other))
        lost = {ours in self._inputs for ours, _ in self._lost}
        return True not in lost, False not in lost

    def rate_hz(self) -> int:
        """[control] What the graph runs at, as a new client that takes part in it is told; 0 where none may.

        PipeWire changes it under those that are there already, and tells others what was wished when it began.
        """
        client = self._jack.jack_client_open(CLIENT, _NO_START_SERVER, None)
        if not client:
            return 0
        self._jack.jack_activate(client)
        time.sleep(TAKES_PART_S)
        rate_hz = int(self._jack.jack_get_sample_rate(client))
        self._jack.jack_client_close(client)
        return rate_hz

    def close(self) -> None:
        """[control] Leave the server."""
        self._jack.jack_client_close(self._client)

    def _ports(self, kind: int) -> list[bytes]:
        """All ports of a kind that bear our name."""
        return self._taken(self._jack.jack_get_ports(self._client, b"^" + OURS.encode(), _AUDIO, kind))

    def _taken(self, names: Any) -> list[bytes]:
        """The names of a list of libjack's, which is freed."""
        if not names:
            return []
        found: list[bytes] = []
        while (name := names[len(found)]) is not None:
            found.append(name)
        self._jack.jack_free(names)
        return found


def _library() -> Any:
    jack = ctypes.CDLL("libjack.so.0")
    text, texts, pointer = ctypes.c_char_p, ctypes.POINTER(ctypes.c_char_p), ctypes.c_void_p
    for name, result, *arguments in (
        ("jack_client_open", pointer, text, ctypes.c_int, pointer),
        ("jack_client_close", ctypes.c_int, pointer),
        ("jack_get_sample_rate", ctypes.c_uint32, pointer),
        ("jack_activate", ctypes.c_int, pointer),
        ("jack_get_sample_rate", ctypes.c_uint32, pointer),
        ("jack_get_ports", texts, pointer, text, text, ctypes.c_ulong),
        ("jack_port_by_name", pointer, pointer, text),
        ("jack_port_get_all_connections", texts, pointer, pointer),
        ("jack_connect", ctypes.c_int, pointer, text, text),
        ("jack_free", None, texts),
    ):
        function = getattr(jack, name, None)
        if function is None:
            raise OSError(f"libjack has no {name}")
        function.restype, function.argtypes = result, arguments
    for kind in ("error", "info"):  # strlen takes a line as well, and says nothing
        getattr(jack, f"jack_set_{kind}_function")(jack.strlen)
    return jack
