"""A file that is complete or absent: written under a hidden name beside its target, renamed when it is done.

Whatever ends the work, the target is untouched until the rename. An exception, Ctrl-C or a termination signal
removes the hidden file; a kill leaves it, and the next run in that folder removes it. A lock, which ends with
its process wherever that runs, tells a hidden file in use from a stale one.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Never

if sys.platform != "win32":
    import fcntl

MARK = ".livemaster-part"
"""What every hidden file has in its name."""

_open_ones: set[HiddenFile] = set()


@atexit.register
def discard_all() -> None:
    """[control] Remove every hidden file that is not published: for the end of the process, however it comes."""
    for hidden in list(_open_ones):
        hidden.discard_at_exit()


class HiddenFile:
    """The hidden file of one target; its handle stays open, for the lock, until the end.

    `private`: nobody but its owner may ever read it.
    """

    def __init__(self, target: Path, *, private: bool = False) -> None:
        self._private = private
        self.target, self.path, self._handle, self._process = target, target, -1, os.getpid()
        remove_stale(target.parent)
        _open_ones.add(self)  # before there is a file: Ctrl-C may come between any two steps
        try:
            while not self._create():
                self._let_go()  # another process took it for stale before the lock
        except BaseException:
            self.discard()
            raise

    def _create(self) -> bool:
        """Make the file, under a name of its own; whether it is still there once it is locked."""
        stem, suffix = self.target.stem[:40], self.target.suffix
        self.path = self.target.with_name(f".{stem}.{os.urandom(4).hex()}{MARK}{suffix}")
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        self._handle = os.open(self.path, flags, 0o600 if self._private else 0o666)
        if sys.platform != "win32":
            with suppress(OSError):  # some network folders know no locks: then nobody takes it for stale either
                fcntl.flock(self._handle, fcntl.LOCK_EX)
        return self.path.exists()

    def publish(self, *, replace: bool = True) -> None:
        """Make the target this file, durably and at once; raises OSError.

        `replace`: whatever was there, else FileExistsError, even where it came into being just now. What is written
        later is in the target; publishing again makes that durable.
        """
        os.fsync(self._handle)
        if not self._private and self.target.exists():
            shutil.copymode(self.target, self.path)
        if sys.platform == "win32":
            self._let_go()  # nothing open can be renamed or removed there
        if replace or self.path == self.target:
            self.path = self.path.replace(self.target)
        else:
            self._take_free_name()
        sync_folder(self.target.parent)

    def _take_free_name(self) -> None:
        try:
            os.link(self.path, self.target)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            self.path = self.path.replace(self.target)
        else:
            self.path.unlink()
            self.path = self.target

    def discard(self) -> None:
        """Remove the file, unless it is published; harmless when repeated."""
        if sys.platform == "win32":
            self._let_go()
        if self.path != self.target:
            with suppress(OSError):
                self.path.unlink()
        self._let_go()
        _open_ones.discard(self)

    def discard_at_exit(self) -> None:
        """Remove the file, unless this is another process, forked off the one that made it."""
        if self._process == os.getpid():
            self.discard()

    def _let_go(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def remove_stale(folder: Path) -> None:
    """Remove hidden files in `folder` whose process is gone."""
    with suppress(OSError), os.scandir(folder) as entries:
        for name in [entry.path for entry in entries if entry.name.startswith(".") and MARK in entry.name]:
            with suppress(OSError):
                _remove_if_unused(Path(name))


def _remove_if_unused(path: Path) -> None:
    if sys.platform == "win32":
        path.unlink()  # refused while it is open
        return
    handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
    finally:
        os.close(handle)


def owned(path: str, flags: int) -> int:
    """An opener of files that are for their owner alone from the first moment on."""
    return os.open(path, flags, 0o600)


def sync_folder(folder: Path) -> None:
    """[control] Make a new name in a folder durable, where folders can be opened."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def unwinding_on_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP unwind the stack as Ctrl-C does, where nobody else handles them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    taken = [n for n in (getattr(signal, name) for name in names) if signal.getsignal(n) == signal.SIG_DFL]
    for number in taken:
        signal.signal(number, _unwind)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


def _unwind(number: int, _frame: FrameType | None) -> Never:
    raise SystemExit(128 + number)
