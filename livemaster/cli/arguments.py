"""What the arguments of the commands mean, for those that several of them have. Imports late, as `app` does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from livemaster.errors import InputError

if TYPE_CHECKING:
    from livemaster.cli.options import Asked
    from livemaster.mastering.job import Source
    from livemaster.planning import Personal

STANDARD_STREAM = "-"


def playlist(files: list[str]) -> list[str]:
    """Files, and those of folders, in the order in which they are played."""
    from livemaster.cli.show import show_note
    from livemaster.mastering import batch

    return batch.playlist(files, show_note)


def source(
    file: str, asked: Asked, *, settings: str | None, sample_rate: int | None = None, mono_as: str | None = None
) -> Source:
    """What to master, from a command's arguments."""
    from livemaster.mastering.beside import named_plan
    from livemaster.mastering.job import Source
    from livemaster.mastering.mono import SINGLE

    return Source(
        path=file,
        arrangement=asked.arrangement,
        emotion=asked.emotion,
        settings=None if settings is None else named_plan(settings),
        detect=asked.detect,
        mono_as=mono_as or SINGLE,
        personal=None if settings is not None else personal_layer(asked),
        options=asked.options,
        sample_rate_hz=sample_rate,
    )


def personal_layer(asked: Asked) -> Personal | None:
    """The listener's own layer, where there is one and it is wanted."""
    from livemaster.cli.show import show_note
    from livemaster.studio.memory import layer

    return layer(show_note) if asked.personal else None


def kernels(needed: str, source: Source) -> tuple[str, ...]:
    """The sets of kernels that a job compiles on the first run."""
    return (needed, "analysis") if source.detect else (needed,)


def named(file: str) -> str:
    """A file's path, from which the names of what belongs to it are made."""
    if file == STANDARD_STREAM:
        raise InputError("standard input has no name to derive an output from; say where to write with -o")
    if not Path(file).name:
        raise InputError(f"'{file}': is not the name of a file")
    return file
