"""Small files written whole or not at all: at once, or beside a larger one, so that both appear or neither."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from livemaster.documents.hidden import HiddenFile
from livemaster.documents.paths import checked_target
from livemaster.errors import ExistsError, OutputError
from livemaster.printable import shown_path

PathLike = str | os.PathLike[str]
UNKEPT = "; nothing was kept"


def write_bytes(path: PathLike, data: bytes, *, force: bool = False, private: bool = False, ours: bool = False) -> None:
    """[control] Write a file that is complete or absent at any moment; `private`: for its owner alone.

    OutputError when `path` exists and `force` is not set, or as `checked_target` has it.
    """
    target = checked_target(path, force=force, ours=ours)
    with ExitStack() as undo, writing(path):
        hidden = HiddenFile(target, private=private)
        undo.callback(hidden.discard)
        hidden.path.write_bytes(data)
        hidden.publish(replace=force)


@contextmanager
def staged(path: PathLike, data: bytes, *, force: bool) -> Iterator[Callable[[], None]]:
    """[control] `data` under a hidden name; calling what is given names it `path`, otherwise it goes at the end.

    Raises OutputError where that cannot be.
    """
    target = checked_target(path, force=force)
    with ExitStack() as undo:
        with writing(path, UNKEPT):
            hidden = HiddenFile(target)
            undo.callback(hidden.discard)
            hidden.path.write_bytes(data)

        def publish() -> None:
            with writing(path, UNKEPT):
                hidden.publish(replace=force)

        yield publish


@contextmanager
def writing(path: PathLike, and_so: str = "") -> Iterator[None]:
    """Turn what the system says of a file into one line, with what became of it."""
    try:
        yield
    except FileExistsError:
        raise ExistsError(shown_path(path)) from None
    except OSError as error:
        raise OutputError(f"{shown_path(path)}: cannot be written: {error.strerror or error}{and_so}") from error
