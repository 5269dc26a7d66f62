"""Where a listener's data lie: files that nobody else may read, and a lock for those who write to them.

The folder may be there already with wider rights, since others keep something in it: so its rights stay as they are,
and every file and folder in it that is ours is for its owner alone, those of an older version included.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import platformdirs
from filelock import FileLock, Timeout

from livemaster.errors import OutputError

VARIABLE = "LIVEMASTER_HOME"
PROFILE = "profile"
"""Where in the folder the versions of the preferences lie."""
OURS = ("ratings.jsonl", "masters.jsonl", "auto.json", "sharing.json", PROFILE)
"""All that is kept of a listener; whatever else lies in the folder is somebody else's."""
LOCK = ".lock"
WAIT_S = 30.0
"""How long another process is waited for, none of which holds the lock for a second."""
FOLDER_MODE, FILE_MODE = 0o700, 0o600
OTHERS = 0o077
"""What others may do."""


def home() -> Path:
    """[control] The folder: that of LIVEMASTER_HOME, else the platform's place for a user's data; it may not exist."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else platformdirs.user_data_path("livemaster", appauthor=False)


def made_home() -> Path:
    """[control] The folder, made where there is none, ours in it made private; OutputError when that cannot be."""
    folder = home()
    try:
        make_private(folder)
        keep_private(*(folder / name for name in (*OURS, LOCK)))
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made ({error.strerror}); {VARIABLE} names another folder") from None
    return folder


def make_private(folder: Path) -> None:
    """[control] Make a folder and those above it that are not there, each for its owner alone; raises OSError."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=FOLDER_MODE, exist_ok=True)
    folder.mkdir(exist_ok=True)  # an error where it is a file


def keep_private(*paths: Path) -> None:
    """[control] Take the rights of others from files and folders that are there, and from all that is in these.

    What is not ours, or lies where there are no rights, stays as it is.
    """
    for path in paths:
        with suppress(OSError):
            state = path.lstat()
            if stat.S_ISLNK(state.st_mode):
                continue
            if state.st_mode & OTHERS:
                path.chmod(stat.S_IMODE(state.st_mode) & ~OTHERS)
            if stat.S_ISDIR(state.st_mode):
                keep_private(*path.iterdir())


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """[control] Alone among all processes that write to the folder; a process that dies lets go."""
    path = folder / LOCK
    keep_private(path)
    lock = FileLock(path, timeout=WAIT_S, mode=FILE_MODE)
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
