"""Many hearings as rows: lines of JSON, or a CSV table, in a file that is complete or absent."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from livemaster.analysis.fingerprint import DIMENSIONS
from livemaster.documents import checked_target
from livemaster.documents.atomic import UNKEPT, writing
from livemaster.documents.hidden import HiddenFile
from livemaster.errors import OutputError
from livemaster.mastering.analysis_job import Hearing
from livemaster.metering import Measurement
from livemaster.printable import shown_path

FIRST, LAST = ("file",), ("left_out", "notes", "error")
HEARD = ("recording_type", "profile", "confidence", "tempo_confidence", "beats_per_bar", "sections")
COLUMNS = (*FIRST, *Measurement.__dataclass_fields__, *(each.name for each in DIMENSIONS), *HEARD, *LAST)
"""Columns of the CSV: the measurement, the 25 dimensions, what else was heard; empty where nothing can be told."""

Row = Callable[[str, Hearing | Exception], str]


def json_row(file: str, found: Hearing | Exception) -> dict[str, Any]:
    """One of many files as an object: its name with what `analyze` gives, or with the error."""
    return {"file": file, **(found.to_dict() if isinstance(found, Hearing) else {"error": str(found)})}


def json_line(file: str, found: Hearing | Exception) -> str:
    """The same in a line."""
    return json.dumps(json_row(file, found), ensure_ascii=False, allow_nan=False) + "\n"


def csv_line(file: str, found: Hearing | Exception) -> str:
    """One row of the CSV; several things left out are joined by semicolons."""
    told = _told(found.to_dict()) if isinstance(found, Hearing) else {"error": str(found)}
    return _csv_text([file, *(told.get(name) for name in COLUMNS[1:])])


def _told(data: dict[str, Any]) -> dict[str, Any]:
    kind = data["recording_type"] or {}
    return {
        **data["measurement"],
        **(data["fingerprint"] or {}),
        "tempo_bpm": data["tempo_bpm"],
        "recording_type": kind.get("type"),
        "profile": kind.get("profile"),
        "confidence": kind.get("confidence"),
        "tempo_confidence": data["tempo_confidence"],
        "beats_per_bar": data["beats_per_bar"],
        "sections": len(data["sections"]),
        "left_out": "; ".join(data["left_out"]),
        "notes": "; ".join(data["notes"]),
    }


def _csv_text(values: Iterable[object]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(values)
    return text.getvalue()


ROWS: dict[str, tuple[str, Row]] = {".csv": (_csv_text(COLUMNS), csv_line), ".jsonl": ("", json_line)}
"""Extension → the file's first line, and how a row is written."""


class RowFile:
    """A file of rows; it gets its name at `publish`, and is nothing at the end without that."""

    def __init__(self, path: str, *, force: bool, inputs: Iterable[str] = ()) -> None:
        """[control] OutputError when the extension says no format or the file cannot be written."""
        self._path, self._force = path, force
        known = ROWS.get(Path(path).suffix.lower())
        if known is None:
            allowed = " ".join(ROWS)
            raise OutputError(f"{shown_path(path)}: unknown extension '{Path(path).suffix}', allowed are {allowed}")
        self._target = checked_target(path, force=force, others=inputs)
        self._first, self._row = known

    def __enter__(self) -> Self:
        with ExitStack() as undo, writing(self._path, UNKEPT):
            self._hidden = HiddenFile(self._target)
            undo.callback(self._hidden.discard)
            self._file: BinaryIO = undo.enter_context(self._hidden.path.open("wb"))
            self._file.write(self._first.encode())
            self._undo = undo.pop_all()
        return self

    def add(self, file: str, found: Hearing | Exception) -> None:
        """[control] One more row; OutputError when the disk is full."""
        with writing(self._path, UNKEPT):  # a name that is no text stays readable, in JSON even exact
            self._file.write(self._row(file, found).encode(errors="backslashreplace"))

    def publish(self) -> None:
        """[control] Give the finished file its name."""
        with writing(self._path, UNKEPT):
            self._file.close()
            self._hidden.publish(replace=self._force)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._undo.close()
