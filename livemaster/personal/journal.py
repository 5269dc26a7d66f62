"""A file of JSON objects, a line each, to which is only appended: what was confirmed survives a kill at any byte."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from livemaster.documents import parse_json, write_bytes
from livemaster.documents.hidden import sync_folder
from livemaster.errors import OutputError, SettingsError
from livemaster.personal.home import FILE_MODE, keep_private, locked

MOST_LINE_BYTES = 100_000


class JournalLine(NamedTuple):
    """One object, and its line's number from 1."""

    number: int
    data: Any


class Journal:
    """The file at `path`, which need not exist yet."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, *objects: dict[str, Any]) -> None:
        """[control] Add lines, on the disk when this returns; OutputError when they cannot be written."""
        text = "".join(json.dumps(each, ensure_ascii=False, allow_nan=False) + "\n" for each in objects)
        with locked(self.path.parent):
            self._write(text.encode())

    def _write(self, data: bytes) -> None:
        keep_private(self.path)
        try:
            handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, FILE_MODE)
            with os.fdopen(handle, "r+b", buffering=0) as file:
                size = file.seek(0, os.SEEK_END)
                if size and os.pread(handle, 1, size - 1) != b"\n":  # another process was killed while it wrote
                    data = b"\n" + data
                written = file.write(data)
                if written != len(data):
                    file.truncate(size)
                    raise OutputError(f"{self.path}: cannot be written: the disk is full")
                os.fsync(handle)
            if not size:  # a new file has a name on the disk only when its folder has been written too
                sync_folder(self.path.parent)
        except OSError as error:
            raise OutputError(f"{self.path}: cannot be written: {error.strerror}") from None

    def read(self, broken: Callable[[int, str], None] = lambda number, why: None) -> Iterator[JournalLine]:
        """[control] All objects, oldest first; `broken` is told of lines that are none, such as one cut by a kill."""
        try:
            file = self.path.open("rb")
        except FileNotFoundError:
            return
        except OSError as error:
            raise SettingsError(f"{self.path}: cannot be read: {error.strerror}") from None
        with file:
            for number, data in enumerate(_lines(file), 1):
                if not data.strip():
                    continue
                try:
                    yield JournalLine(number, parse_json(data, f"{self.path}: line {number}"))
                except SettingsError as error:
                    broken(number, str(error))

    def rewrite(self, keep: Callable[[Any], bool]) -> int:
        """[control] Drop the objects that are not to be kept, whole or not at all; how many went.

        Lines that are no objects stay as they are.
        """
        with locked(self.path.parent):
            unwanted = {line.number for line in self.read() if not keep(line.data)}
            if unwanted:
                with self.path.open("rb") as file:
                    kept = [data for number, data in enumerate(_lines(file), 1) if number not in unwanted]
                write_bytes(self.path, b"".join(kept), force=True, private=True)
        return len(unwanted)


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Lines as they are, a part of one where it is too long to be one of ours."""
    return iter(lambda: file.readline(MOST_LINE_BYTES), b"")
