"""Room on disk for what cannot be read twice: decoded audio and standard input."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from livemaster.errors import OutputError

_LARGE_FILES = Path("/var/tmp")  # /tmp often lives in memory, and an hour of audio takes more than 1 GB


_used: set[tuple[Path, int]] = set()
"""Temporary files that this process has made, with its number."""


@atexit.register
def remove_all() -> None:
    """[control] Remove every temporary file of this process: for its end, however it comes."""
    for path, process in list(_used):
        if process == os.getpid():
            remove(path)


def spool_folder() -> Path:
    """Where large temporary files go: TMPDIR if it is set, else /var/tmp where there is one."""
    named = any(os.environ.get(variable) for variable in ("TMPDIR", "TEMP", "TMP"))
    usable = not named and _LARGE_FILES.is_dir() and os.access(_LARGE_FILES, os.W_OK)
    return _LARGE_FILES if usable else Path(tempfile.gettempdir())


def new_spool() -> Path:
    """A new, empty temporary file; OutputError when the folder takes none."""
    folder = spool_folder()
    path = folder / f"livemaster-{os.urandom(8).hex()}.spool"
    _used.add((path, os.getpid()))  # before there is a file: Ctrl-C may come between any two steps
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise OutputError(f"{folder}: takes no temporary file ({error.strerror}); set TMPDIR") from error
    return path


def spool_stream(stream: BinaryIO) -> Path:
    """Copy a stream that cannot be rewound to a temporary file, which the caller removes."""
    path = new_spool()
    try:
        with path.open("wb") as file:
            shutil.copyfileobj(stream, file, 1 << 20)
    except BaseException as error:
        remove(path)
        if isinstance(error, OSError):
            raise no_room(error) from error
        raise
    return path


def no_room(error: OSError | str) -> OutputError:
    """The error to raise when a temporary file could not be written."""
    reason = error if isinstance(error, str) else error.strerror
    return OutputError(f"{spool_folder()}: temporary audio could not be written ({reason}); set TMPDIR")


def remove(path: Path) -> None:
    """Remove a temporary file, if it is still there and the system lets go of it."""
    with suppress(OSError):
        path.unlink(missing_ok=True)
        _used.discard((path, os.getpid()))
