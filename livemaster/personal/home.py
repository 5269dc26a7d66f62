"""Where a listener's data lie: one folder that nobody else may read, and a lock for those who write to it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs
from filelock import FileLock, Timeout

from livemaster.errors import OutputError

VARIABLE = "LIVEMASTER_HOME"
PROFILE = "profile"
"""Where in the folder the versions of the preferences lie."""
WAIT_S = 30.0
"""How long another process is waited for, none of which holds the lock for a second."""
FOLDER_MODE, FILE_MODE = 0o700, 0o600


def home() -> Path:
    """[control] The folder: that of LIVEMASTER_HOME, else the platform's place for a user's data; it may not exist."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else platformdirs.user_data_path("livemaster", appauthor=False)


def made_home() -> Path:
    """[control] The folder, made where there is none; OutputError when that cannot be."""
    folder = home()
    try:
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made ({error.strerror}); {VARIABLE} names another folder") from None
    return folder


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """[control] Alone among all processes that write to the folder; a process that dies lets go."""
    lock = FileLock(folder / ".lock", timeout=WAIT_S, mode=FILE_MODE)
    try:
        lock.acquire()
    except Timeout:
        raise OutputError(f"{folder}: another process has been writing there for {WAIT_S:g} s") from None
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error.strerror}") from None
    try:
        yield
    finally:
        lock.release()
