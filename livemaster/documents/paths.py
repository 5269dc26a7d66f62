"""Paths as users give them: shown in messages, and checked before anything is written there."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from livemaster.documents.claim import check_unclaimed
from livemaster.errors import ExistsError, OutputError
from livemaster.printable import shown_path

STANDARD_STREAM = "-"
"""The path that means standard input or standard output."""


def checked_target(
    path: str | os.PathLike[str],
    *,
    force: bool,
    others: Iterable[str | os.PathLike[str]] = (),
    ours: bool = False,
) -> Path:
    """[control] Where a file called `path` would really go (a link's target is replaced, not the link).

    OutputError when that is one of `others`, exists (unless `force`), cannot be a file, or is a take that another
    session records; `ours`: that it is recorded is known.
    """
    if not isinstance(path, str | os.PathLike) or os.fspath(path) in ("", STANDARD_STREAM):
        raise OutputError(f"{path!r}: is not a file name")
    name = shown_path(path)
    try:
        target = Path(os.path.realpath(path))
        _check_other(target, name, others)
        if not target.exists():
            _check_new(Path(path), target, name)
        elif target.is_dir():
            raise OutputError(f"{name}: is a folder, a file name is wanted")
        elif not target.is_file():
            raise OutputError(f"{name}: exists and is not a regular file")
        elif not force:
            raise ExistsError(name)
        elif not ours:
            check_unclaimed(target)
    except OSError as error:  # a name too long
        raise OutputError(f"{name}: cannot be written: {error.strerror}") from None
    except ValueError:  # a zero byte in it
        raise OutputError(f"{name}: is not a file name") from None
    if not os.access(target.parent, os.W_OK):
        raise OutputError(f"{name}: there is no permission to write in {shown_path(target.parent)}")
    return target


def _check_other(target: Path, name: str, others: Iterable[str | os.PathLike[str]]) -> None:
    for other in others:
        if os.fspath(other) == STANDARD_STREAM:
            continue
        if target == Path(os.path.realpath(other)) or (target.exists() and _same_file(target, Path(other))):
            raise OutputError(f"{name}: is the same file as {shown_path(other)}, it needs another name")


def _same_file(target: Path, other: Path) -> bool:
    """By a hard link."""
    return other.exists() and target.samefile(other)


def _check_new(path: Path, target: Path, name: str) -> None:
    if path.is_symlink():
        raise OutputError(f"{name}: is a link that leads nowhere")
    if not target.parent.is_dir():
        raise OutputError(f"{name}: there is no folder {shown_path(target.parent)}")
