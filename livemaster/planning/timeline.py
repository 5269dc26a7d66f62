"""From an arrangement or a plan's sections to spans that cover the whole track without gap or overlap.

Times come from start and end, else from durations, else from bars and bpm (four beats a bar), else the
sections are equal parts of the track. A missing start is the end before it, a missing end is the next start
or the track's end. What is not covered is given to the section before it (before the first: to the first)
and said in the notes; an end up to one second past the track's is cut there. Overlaps up to 10 ms are
rounding and closed silently.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from livemaster.analysis.sections import WHOLE_TRACK
from livemaster.errors import SettingsError
from livemaster.planning.maps import ArrangementMap
from livemaster.planning.schema import MasterSettings
from livemaster.printable import told_apart

BEATS_PER_BAR = 4
ROUNDING_S = 0.01
"""Gaps and overlaps up to this are rounding."""
END_TOLERANCE_S = 1.0
"""Sections may end this much after the track."""


class Span(NamedTuple):
    """A section's place in the track, in seconds."""

    section: str
    start: float
    end: float

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.end - self.start


class SectionTimeline(NamedTuple):
    """Spans covering the whole track in order, and what had to be adjusted."""

    spans: tuple[Span, ...]
    notes: tuple[str, ...] = ()


class _Entry(NamedTuple):
    label: str
    section: str
    start: float | None
    end: float | None
    length_s: float | None

    @property
    def timed(self) -> bool:
        return self.start is not None or self.end is not None or self.length_s is not None


def whole_track(duration_s: float) -> SectionTimeline:
    """One section over the whole track."""
    return SectionTimeline((Span(WHOLE_TRACK, 0.0, duration_s),))


def arrangement_timeline(arrangement: ArrangementMap, duration_s: float) -> SectionTimeline:
    """The spans of an arrangement in a track of `duration_s`; SettingsError names the entry that does not
    fit.
    """
    entries = []
    for index, each in enumerate(arrangement.structure):
        length_s = each.duration
        if length_s is None and each.bars is not None and arrangement.bpm is not None:
            length_s = each.bars * BEATS_PER_BAR * 60.0 / arrangement.bpm
        entries.append(_Entry(f"structure[{index}]", each.section, each.start, each.end, length_s))
    timeline = _lay_out(entries, duration_s, arrangement.origin)
    if arrangement.bpm is None and any(each.bars is not None for each in arrangement.structure):
        note = f"{arrangement.origin}: bars give no times because there is no bpm"
        return timeline._replace(notes=(note, *timeline.notes))
    return timeline


def settings_timeline(settings: MasterSettings, duration_s: float) -> SectionTimeline:
    """The spans of a settings file's sections; the whole track where it has none."""
    if not settings.sections:
        return whole_track(duration_s)
    entries = [
        _Entry(f"sections[{index}]", each.section, each.start, each.end, None)
        for index, each in enumerate(settings.sections)
    ]
    return _lay_out(entries, duration_s, settings.origin)


def _lay_out(entries: Sequence[_Entry], duration_s: float, where: str) -> SectionTimeline:
    if not any(entry.timed for entry in entries):
        return SectionTimeline(_equal_parts(entries, duration_s))
    placed = _place(entries, duration_s, where)
    spans: list[Span] = []
    notes: list[str] = []
    for span in placed:
        previous_end_s = spans[-1].end if spans else 0.0
        gap_s = span.start - previous_end_s
        if gap_s > ROUNDING_S:
            holder = spans[-1].section if spans else span.section
            notes.append(f"{where}: {_gap(previous_end_s, span.start)} belongs to no section; '{holder}' takes it")
        if spans:
            spans[-1] = spans[-1]._replace(end=span.start)
        spans.append(span if spans else span._replace(start=0.0))
    spans[-1] = _finish(spans[-1], duration_s, where, notes)
    return SectionTimeline(tuple(spans), tuple(notes))


def _finish(last: Span, duration_s: float, where: str, notes: list[str]) -> Span:
    """The last section, ended exactly with the track."""
    if last.end < duration_s - ROUNDING_S:
        gap = _gap(last.end, duration_s)
        notes.append(f"{where}: {gap} belongs to no section; '{last.section}' takes it")
    elif last.end > duration_s + ROUNDING_S:
        notes.append(f"{where}: '{last.section}' ends at {last.end:.2f} s, cut to the track's {duration_s:.2f} s")
    return last._replace(end=duration_s)


def _place(entries: Sequence[_Entry], duration_s: float, where: str) -> list[Span]:
    """Start and end of every entry as given, checked against its neighbours and the track."""
    placed: list[Span] = []
    for index, entry in enumerate(entries):
        cursor_s = placed[-1].end if placed else 0.0
        start = cursor_s if entry.start is None else entry.start
        following = entries[index + 1].start if index + 1 < len(entries) else duration_s
        end = _end_of(entry, start, following, where)
        _check_place(entry, start, end, duration_s, where)
        if placed and start < placed[-1].start:
            raise SettingsError(
                f"{where}: {entry.label} '{entry.section}' starts at {start:g} s, before the one in front "
                f"({placed[-1].start:g} s): sections must be in order"
            )
        if start < cursor_s - ROUNDING_S:
            raise SettingsError(
                f"{where}: {entry.label} '{entry.section}' starts at {start:g} s, but '{placed[-1].section}' "
                f"ends at {cursor_s:g} s: sections must not overlap"
            )
        placed.append(Span(entry.section, max(start, cursor_s), end))
    return placed


def _end_of(entry: _Entry, start: float, following: float | None, where: str) -> float:
    if entry.end is not None:
        return entry.end
    if entry.length_s is not None:
        return start + entry.length_s
    if following is None:
        raise SettingsError(
            f"{where}: {entry.label} '{entry.section}' has no end, duration or bars, and the next section has no start"
        )
    return following


def _check_place(entry: _Entry, start: float, end: float, duration_s: float, where: str) -> None:
    subject = f"{where}: {entry.label} '{entry.section}'"
    if start >= duration_s:
        raise SettingsError(f"{subject} starts at {start:g} s, but the track ends at {_end(duration_s, start)} s")
    if end > duration_s + END_TOLERANCE_S:
        raise SettingsError(
            f"{subject} ends at {end:g} s, allowed are up to {END_TOLERANCE_S:g} s after the track's end "
            f"at {_end(duration_s, end - END_TOLERANCE_S)} s"
        )
    if end - start <= ROUNDING_S:
        raise SettingsError(f"{subject} starts at {start:g} s and ends at {end:g} s, it must end later than it starts")


def _end(duration_s: float, other_s: float) -> str:
    """The track's end as text that does not round it to the other side of a time."""
    return told_apart(duration_s, other_s, spec=".2f")


def _equal_parts(entries: Sequence[_Entry], duration_s: float) -> tuple[Span, ...]:
    edges = [duration_s * index / len(entries) for index in range(len(entries) + 1)]
    return tuple(Span(entry.section, edges[k], edges[k + 1]) for k, entry in enumerate(entries))


def _gap(start: float, end: float) -> str:
    return f"{start:.2f} to {end:.2f} s"
