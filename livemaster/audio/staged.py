"""A small file beside a master, whole on disk before the master gets its name, so that both appear or neither."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from livemaster.audio.hidden import HiddenFile
from livemaster.audio.info import shown
from livemaster.audio.writer import checked_target
from livemaster.errors import OutputError


@contextmanager
def staged(path: str | os.PathLike[str], data: bytes, *, force: bool) -> Iterator[Callable[[], None]]:
    """[control] `data` under a hidden name; calling what is given names it `path`, otherwise it goes at the end.

    Raises OutputError where that cannot be.
    """
    name, target = shown(path), checked_target(path, force=force)
    with ExitStack() as undo:
        with _reporting(name):
            hidden = HiddenFile(target)
            undo.callback(hidden.discard)
            hidden.path.write_bytes(data)

        def publish() -> None:
            checked_target(path, force=force)  # something may have come into being meanwhile
            with _reporting(name):
                hidden.publish()

        yield publish


@contextmanager
def _reporting(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"{name}: cannot be written: {error.strerror or error}; nothing was kept") from error
