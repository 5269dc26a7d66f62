"""A take belongs to the session that records it, whatever another one is allowed to replace."""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from livemaster.documents.hidden import MARK, remove_stale
from livemaster.errors import OutputError
from livemaster.printable import shown_path

if sys.platform != "win32":
    import fcntl

PATIENCE_S = 0.2
"""Somebody who only looks whether a lock is stale holds it for a moment."""


@contextmanager
def claimed(path: str | os.PathLike[str]) -> Iterator[None]:
    """[control] Be the one that records a take; OutputError while another session does, in this process or elsewhere.

    A hidden file beside it is locked meanwhile; a lock ends with its process, and what it leaves is removed by the next
    one that writes in the folder.
    """
    target = Path(os.path.realpath(path))
    beside = target.with_name(f".{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:16]}{MARK}.recording")
    remove_stale(target.parent)
    handle = _locked(beside, shown_path(path))
    try:
        yield
    finally:
        with suppress(OSError):
            beside.unlink()
        os.close(handle)


def check_unclaimed(path: str | os.PathLike[str]) -> None:
    """[control] OutputError while a session records a take there; for whatever would replace a file."""
    with claimed(path):
        pass


def _locked(beside: Path, name: str) -> int:
    """The file, open and locked, under its name still: the one before may have removed it in between."""
    end_s = time.monotonic() + PATIENCE_S
    while True:
        try:
            handle = os.open(beside, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise OutputError(f"{name}: cannot be written: {error.strerror}") from None
        try:
            if sys.platform != "win32":
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            if time.monotonic() >= end_s:
                raise OutputError(f"{name}: another session is recording it, it needs another name") from None
            time.sleep(0.01)
            continue
        except OSError:  # some network folders know no locks
            return handle
        with suppress(FileNotFoundError):
            if os.path.samestat(beside.stat(), os.fstat(handle)):
                return handle
        os.close(handle)
