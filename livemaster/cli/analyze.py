"""`livemaster analyze`: one file as a view or an object, many as a table or as rows."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import typer

from livemaster.cli.show import new_console, print_json, show_failures, show_notes, steps
from livemaster.errors import AudioFileError
from livemaster.mastering.analysis_job import Hearing, hear
from livemaster.mastering.batch import Found, FoundTrack, Hearings, check_stems, find_tracks
from livemaster.mastering.map_files import MapFiles
from livemaster.report.hearing import Line, line_of, show_hearing, show_lines
from livemaster.report.rows import RowFile, json_row

SOME_FAILED, ALL_FAILED = 1, 2


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to do with what is heard: rows to a file, maps to a folder, JSON in place of the view."""

    output: str | None
    maps: str | None
    force: bool
    as_json: bool


def analyze_files(paths: Sequence[str], wanted: Wanted) -> None:
    """Hear all that was named and show it; leaves with exit code 1 when some files failed, 2 when all did."""
    found = find_tracks(paths)
    maps = None if wanted.maps is None else MapFiles(wanted.maps, force=wanted.force)
    if found.single is not None:
        _one(found.single, wanted, maps)
    elif not found.tracks and len(found.failures) == 1:
        raise AudioFileError(found.failures[0])
    else:
        _many(found, wanted, maps)


def _one(track: FoundTrack, wanted: Wanted, maps: MapFiles | None) -> None:
    if maps is not None:
        maps.check([""])
    with _rows(wanted, [track]) as rows:
        with steps("analysis") as progress:
            heard = hear(track.path, progress)
        if maps is not None:
            maps.write(heard)
        if rows is not None:
            rows.add(track.path, heard)
            rows.publish()
    if wanted.as_json:
        print_json(heard.to_dict())
    else:
        show_hearing(new_console(), heard)
    show_notes(heard.notes)


def _many(found: Found, wanted: Wanted, maps: MapFiles | None) -> None:
    if maps is not None:
        check_stems(found.tracks)
        maps.check(track.stem for track in found.tracks)
    lines: list[Line] = []
    with _rows(wanted, found.tracks) as rows:
        try:
            with steps("analysis", drawn=not (wanted.as_json and sys.stdout.isatty())) as progress:
                hearings = Hearings(found, progress, maps)
                for track, result in hearings:
                    if rows is not None:
                        rows.add(track.path, result)
                    if wanted.as_json:
                        print_json(json_row(track.path, result), in_a_line=True)
                    elif isinstance(result, Hearing):
                        lines.append(line_of(track.path, result))
        finally:  # also when interrupted: nothing that was heard is lost
            if lines:
                show_lines(new_console(), lines)
        if rows is not None and hearings.count:
            rows.publish()
    if hearings.failures:
        show_failures(hearings.failures)
        raise typer.Exit(SOME_FAILED if hearings.count else ALL_FAILED)


def _rows(wanted: Wanted, tracks: Iterable[FoundTrack]) -> AbstractContextManager[RowFile | None]:
    if wanted.output is None:
        return nullcontext()
    return RowFile(wanted.output, force=wanted.force, inputs=[track.path for track in tracks])
