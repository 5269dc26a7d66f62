"""What the arguments of the commands mean, for those that several of them have. Imports late, as `app` does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from livemaster.errors import InputError

if TYPE_CHECKING:
    from livemaster.mastering.job import Source

STANDARD_STREAM = "-"


def playlist(files: list[str]) -> list[str]:
    """Files, and those of folders, in the order in which they are played."""
    from livemaster.cli.show import show_note
    from livemaster.mastering import batch

    return batch.playlist(files, show_note)


def source(given: dict[str, Any]) -> Source:
    """What to master, from a command's arguments by name."""
    from livemaster.cli.show import show_note
    from livemaster.mastering.beside import named_plan
    from livemaster.mastering.job import Source
    from livemaster.mastering.mono import SINGLE
    from livemaster.planning import STAGES, PlanOptions
    from livemaster.studio.memory import layer

    names = PlanOptions.__dataclass_fields__.keys() - {"amounts", "ceiling_dbtp"}
    amounts = {stage: given[f"amount_{stage}"] for stage in STAGES if given[f"amount_{stage}"] is not None}
    wishes = PlanOptions(**{name: given[name] for name in names}, ceiling_dbtp=given["ceiling"], amounts=amounts)
    return Source(
        path=given["file"],
        arrangement=given["arrangement"],
        emotion=given["emotion"],
        settings=None if given["settings"] is None else named_plan(given["settings"]),
        detect=not given["no_detect"],
        mono_as=given.get("mono_as") or SINGLE,
        personal=None if given["no_personal"] or given["settings"] is not None else layer(show_note),
        options=wishes,
        sample_rate_hz=given["sample_rate"],
    )


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
