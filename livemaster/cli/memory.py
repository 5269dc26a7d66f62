"""What a listener's memory gives a command, and what it keeps of a render. Imports late, as `app` does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from livemaster.errors import LivemasterError

if TYPE_CHECKING:
    from livemaster.mastering.job import Source
    from livemaster.mastering.render_report import RenderReport
    from livemaster.planning import Personal


def layer() -> Personal | None:
    """The listener's own layer, where there is one."""
    from livemaster.personal.home import PROFILE, home

    folder = home() / PROFILE
    if not folder.is_dir():
        return None
    from livemaster.cli.show import show_notes
    from livemaster.personal.versions import Versions

    versions = Versions(folder)
    found = versions.current().layer
    show_notes(versions.notes)
    return found


def keep(report: RenderReport, trims: dict[str, float], source: Source) -> None:
    """Make the trims of a render a preference for its kind of recording."""
    from livemaster.cli.show import show_notes, steps
    from livemaster.personal.apply import keep_trims
    from livemaster.personal.home import made_home
    from livemaster.personal.masters import type_of

    type_, _ = type_of(report.heard)
    with steps("mastering", "analysis") as progress:
        kept = keep_trims(made_home(), type_, trims, source.personal, Path(source.path).name, progress)
    show_notes([kept.in_words])


def remember(report: RenderReport, path: str, source: Source) -> None:
    """Note what was mastered; a history that cannot be written spoils no master."""
    from livemaster.cli.show import show_notes
    from livemaster.personal.home import made_home
    from livemaster.personal.masters import Made, Masters, remembered

    made = Made(path, source.path, report.settings, report.heard, source.personal, source.options.base_model)
    try:
        Masters(made_home()).add(remembered(made))
    except LivemasterError as error:
        show_notes([f"not noted in the history: {error}"])
