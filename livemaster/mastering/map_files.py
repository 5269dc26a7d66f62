"""Maps of what was heard, written in the forms that are read: an arrangement map and an emotion map."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from livemaster.documents import checked_target, staged
from livemaster.errors import AudioFileError, OutputError
from livemaster.mastering.analysis_job import Hearing
from livemaster.printable import shown_path

ARRANGEMENT, EMOTION = "arrangement.json", "emotion_graph.json"


class MapFiles:
    """A folder for maps; `force` lets them replace what is there."""

    def __init__(self, folder: str | Path, *, force: bool = False) -> None:
        self._given, self._folder, self._force = str(folder), Path(folder), force

    def check(self, stems: Iterable[str]) -> None:
        """[control] OutputError, before anything is heard, where the maps of these could not be written."""
        if not self._is_there():
            return  # it is made when there is something to write
        for stem in stems:
            for path in self._paths(stem):
                if path.parent.is_dir():
                    checked_target(path, force=self._force)

    def _is_there(self) -> bool:
        name = shown_path(self._given)
        try:
            if self._given and stat.S_ISDIR(self._folder.stat().st_mode):
                return True
        except FileNotFoundError:
            return False
        except OSError as error:
            raise OutputError(f"{name}: cannot be a folder: {error.strerror}") from None
        except ValueError:  # a zero byte in the name
            raise OutputError(f"{name}: is not the name of a folder") from None
        raise OutputError(f"'{name}': is not a folder, one for the maps is wanted")

    def write(self, heard: Hearing, stem: str = "") -> None:
        """[control] Both maps of a file, or neither; `stem`, where given, stands before their names.

        The folder is made where there is none. Raises OutputError, and AudioFileError for silence.
        """
        from livemaster.planning.detected import arrangement_of, emotion_of

        if heard.analysis is None:
            raise AudioFileError(f"{heard.name}: is silent, there is nothing to make maps of")
        documents = (arrangement_of(heard.analysis), emotion_of(heard.analysis))
        with ExitStack() as stack:
            finished = []
            for path, document in zip(self._paths(stem), documents, strict=True):
                _make_folder(path.parent)
                text = map_text(document.model_dump(mode="json", exclude_defaults=True))
                finished.append(stack.enter_context(staged(path, text.encode(), force=self._force)))
            for publish in finished:
                publish()

    def _paths(self, stem: str) -> tuple[Path, Path]:
        before = f"{stem}." if stem else ""
        return self._folder / f"{before}{ARRANGEMENT}", self._folder / f"{before}{EMOTION}"


def map_text(data: dict[str, Any]) -> str:
    """A map as JSON to be read and edited: one line for each value, section or point."""
    entries = []
    for name, value in data.items():
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        if isinstance(value, list):
            rows = [json.dumps(each, ensure_ascii=False, allow_nan=False) for each in value]
            text = "[\n    " + ",\n    ".join(rows) + "\n  ]"
        entries.append(f'  "{name}": {text}')
    return "{\n" + ",\n".join(entries) + "\n}\n"


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{shown_path(folder)}: cannot be made: {error.strerror}") from None
