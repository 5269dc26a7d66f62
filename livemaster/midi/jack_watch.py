"""Word of the end of the JACK server, which python-rtmidi does not pass on: its clients go on telling the last ports.

When the server has gone, all clients must be closed before another one is made: libjack then frees those that are
left, and closing them would crash.
"""

from __future__ import annotations

import ctypes
from typing import Any

_NO_START_SERVER = 1
_Told = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class JackEnd:
    """A client without ports; `come` is true as soon as the server has gone."""

    def __init__(self, jack: Any, name: str) -> None:
        """[control] `jack`: as `jack_library` returns it; OSError when the server takes no client."""
        self.come = False
        self._jack = jack
        self._told = _Told(self._end)  # kept, for libjack does not
        self._client = jack.jack_client_open(name.encode(), _NO_START_SERVER, None)
        if not self._client:
            raise OSError("the JACK server takes no client")
        jack.jack_on_shutdown(self._client, self._told, None)

    def close(self) -> None:
        """[control] Leave the server, or what is left of it."""
        self._jack.jack_client_close(self._client)

    def _end(self, _: object) -> None:
        self.come = True


def jack_library() -> Any:
    """[control] The libjack that python-rtmidi uses, from now on without its lines on standard error; None without."""
    import rtmidi._rtmidi

    jack = ctypes.CDLL(rtmidi._rtmidi.__file__)
    if not hasattr(jack, "jack_client_open"):
        return None
    jack.jack_client_open.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p]
    jack.jack_client_open.restype = ctypes.c_void_p
    jack.jack_on_shutdown.argtypes = [ctypes.c_void_p, _Told, ctypes.c_void_p]
    jack.jack_client_close.argtypes = [ctypes.c_void_p]
    for kind in ("error", "info"):  # strlen takes a line as well, and says nothing
        getattr(jack, f"jack_set_{kind}_function")(jack.strlen)
    return jack
