"""What a listener's memory gives a job, and what it keeps of a render. Imports late: much of it is not needed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from livemaster.errors import LivemasterError

if TYPE_CHECKING:
    from livemaster.mastering.job import Progress, Source
    from livemaster.mastering.render_report import RenderReport
    from livemaster.planning import Personal


def layer(tell: Callable[[str], None]) -> Personal | None:
    """The listener's own layer, where there is one; what had to be mended is told."""
    from livemaster.personal.home import PROFILE, home

    folder = home() / PROFILE
    if not folder.is_dir():
        return None
    from livemaster.personal.versions import Versions

    versions = Versions(folder)
    found = versions.current().layer
    for note in versions.notes:
        tell(note)
    return found


def keep(report: RenderReport, trims: dict[str, float], source: Source, progress: Progress) -> str:
    """Make the trims of a render a preference for its kind of recording; what became of it, in words."""
    from livemaster.personal.apply import keep_trims
    from livemaster.personal.home import made_home
    from livemaster.personal.masters import type_of

    type_, _ = type_of(report.heard)
    return keep_trims(made_home(), type_, trims, source.personal, Path(source.path).name, progress).in_words


def remember(report: RenderReport, path: str, source: Source, tell: Callable[[str], None]) -> None:
    """Note what was mastered; a history that cannot be written spoils no master, and is told."""
    from livemaster.personal.home import made_home
    from livemaster.personal.masters import Made, Masters, remembered

    made = Made(path, source.path, report.settings, report.heard, source.personal, source.options.base_model)
    try:
        Masters(made_home()).add(remembered(made))
    except LivemasterError as error:
        tell(f"not noted in the history: {error}")
