"""The error tree.

LivemasterError
├── InputError             what the user gave is not usable: exit code 2
│   ├── AudioFileError     an audio file is missing, unreadable, lying, empty or unsuitable
│   ├── AudioTypeError     an array holds no floats; a TypeError as well
│   ├── OutputError        the output path cannot be written, or would overwrite
│   │   └── ExistsError    there is a file of that name already, which may be replaced where that is asked for
│   ├── SettingsError      settings, maps or a preset hold a value that is not allowed
│   ├── NoMidiError        this machine offers no MIDI; whoever does not depend on it goes on without
│   └── UnknownNameError   no preset, node or parameter of that name (says the nearest)
├── GraphError             a graph description is not valid
└── RenderError            the work itself failed: exit code 1
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class LivemasterError(Exception):
    """Base of every error this package raises on purpose; its text is one line for the user."""

    exit_code = 1


class InputError(LivemasterError):
    """What the user gave is not usable."""

    exit_code = 2


class AudioFileError(InputError):
    """An audio file is missing, unreadable, lying about itself, empty, or unsuitable."""


class AudioTypeError(InputError, TypeError):
    """An array of samples holds something else than floats, of which the scale is not known."""


class OutputError(InputError):
    """The output cannot be written there, or something would be overwritten."""


class ExistsError(OutputError):
    """There is a file of that name already, which is replaced only where that is asked for."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name}: exists already")


class SettingsError(InputError):
    """A settings file, a map or a preset holds something that is not allowed."""


class NoMidiError(InputError):
    """This machine offers no MIDI; whoever does not depend on it goes on without."""


class UnknownNameError(InputError):
    """Nothing of that name exists; the message names the nearest one."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        near = difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.4)
        hint = f"did you mean '{near[0]}'? " if near else ""
        super().__init__(f"unknown {kind} '{name}': {hint}known are {', '.join(names)}")


class GraphError(LivemasterError):
    """A graph description is not valid."""

    exit_code = 2


class RenderError(LivemasterError):
    """The work itself failed."""
