"""The track from end to end: its sections by name and emotion, the curve of its intensity, and where it plays."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache

from rich.cells import cell_len
from rich.text import Text

from livemaster.report.strip import COLOURS, DARK_ONES, OTHER_COLOUR, STEPS_S, fitted
from livemaster.snapshot import SectionView, Snapshot, TrackView
from livemaster.ui.text import ACCENT, FAINT, INK, UNKNOWN, clock, cut, figure, finite, joined, plain

EDGE = "▏"
LEVELS = " ▁▂▃▄▅▆▇█"
PLAYHEAD = "┃"
CARET = "▲"
ROWS_OF_NAMES = 2
"""Of a strip that is high enough: the sections' names, and their emotions."""
LEAST_ROWS_FOR_EMOTIONS = 4
LEAST_ROWS_FOR_RULER = 8
LEAST_ROWS_FOR_SPACE = 10
"""From so many rows on, an empty one divides names and curve."""
LABEL_COLUMNS = 14

Cells = list[tuple[str, str]]
"""One line, column by column: what stands there and its style; empty right of a letter that takes two columns."""


def draw_strip(snapshot: Snapshot, columns: int, rows: int, pointed_s: float | None = None) -> list[Text]:
    """So many lines, the last with the playhead's caret where there are three or more.

    `pointed_s`: where a drag of the mouse would go.
    """
    track = snapshot.track
    if track is None or not finite(track.duration_s) or track.duration_s <= 0.0:
        return _fill([Text("no track yet", style=FAINT)], rows)
    place = column_of(snapshot.position_s if pointed_s is None else pointed_s, track.duration_s, columns)
    texts = list(_above_caret(track, columns, rows, snapshot.section, place))
    if rows > ROWS_OF_NAMES:
        texts.append(_caret(snapshot, place, columns, pointed_s))
    return _fill(texts, rows)


@lru_cache(maxsize=2)
def _above_caret(track: TrackView, columns: int, rows: int, current: int, place: int) -> tuple[Text, ...]:
    """All lines but the caret's; kept, because the playhead moves by a column but once in a second or two."""
    texts = [_with_playhead(cells, place) for cells in ground(track, columns, rows, current)]
    if rows >= LEAST_ROWS_FOR_RULER:
        texts.append(_ruler(track.duration_s, columns))
    return tuple(texts)


@lru_cache(maxsize=2)
def ground(track: TrackView, columns: int, rows: int, current: int) -> list[Cells]:
    """All that does not move with the playhead."""
    sections = track.sections or (SectionView("", 0.0, track.duration_s),)
    names = [_blocks(sections, [each.name for each in sections], track, columns, current)]
    if rows >= LEAST_ROWS_FOR_EMOTIONS:
        emotions = [each.emotion or UNKNOWN for each in sections] if track.sections else [""]
        names.append(_blocks(sections, emotions, track, columns, current))
    if rows >= LEAST_ROWS_FOR_SPACE:
        names.append([(" ", "")] * columns)
    below = (rows > ROWS_OF_NAMES) + (rows >= LEAST_ROWS_FOR_RULER)
    return names + _curve(track, sections, columns, max(rows - len(names) - below, 0))


def time_at(column: int, columns: int, duration_s: float) -> float:
    """The time that a column shows."""
    return min(max(column / max(columns - 1, 1), 0.0), 1.0) * duration_s


def column_of(time_s: float, duration_s: float, columns: int) -> int:
    """The column that shows a time."""
    share = time_s / duration_s if finite(time_s) is not None else 0.0
    return min(max(round(share * (columns - 1)), 0), columns - 1)


def _blocks(
    sections: Sequence[SectionView], names: Sequence[str], track: TrackView, columns: int, current: int
) -> Cells:
    """One block a section with its name, on its emotion's colour; the one that plays is bold; none without sections."""
    if not track.sections:
        return [(" ", "")] * columns
    cells: Cells = []
    edges = [*_edges(sections, track.duration_s, columns), columns]
    for index, (section, name) in enumerate(zip(sections, names, strict=True)):
        room = edges[index + 1] - max(len(cells), edges[index])
        if room <= 0:
            continue
        cells.extend([(" ", "")] * (edges[index] - len(cells)))
        emotion = section.emotion or ""
        letters = "#ffffff" if emotion in DARK_ONES else "#000000"
        weight = "bold underline " if index == current and track.sections else ""
        cells.extend(_cells(EDGE + _name(name, room - 1), room, f"{weight}{letters} on {colour_of(emotion)}"))
    return cells + [(" ", "")] * (columns - len(cells))


def _edges(sections: Sequence[SectionView], duration_s: float, columns: int) -> list[int]:
    """The column where each section begins."""
    return [column_of(each.start_s, duration_s, columns) for each in sections]


def _name(name: str, columns: int) -> str:
    name = plain(name)
    short = fitted(name, columns) if len(name) == cell_len(name) else cut(name, columns)
    return short if len(short) > 1 or len(name) <= 1 or columns <= 1 else name[:1]


def _cells(text: str, columns: int, style: str) -> Cells:
    """The text letter by letter, filled up to so many columns."""
    cells: Cells = []
    for letter in text:
        width = cell_len(letter)
        if not width and cells:
            cells[-1] = (cells[-1][0] + letter, style)
        elif width:
            cells.extend([(letter, style), *[("", style)] * (width - 1)])
    return (cells + [(" ", style)] * (columns - len(cells)))[:columns]


def _curve(track: TrackView, sections: Sequence[SectionView], columns: int, rows: int) -> list[Cells]:
    """Intensity 0…1 as filled columns, each in the colour of its emotion."""
    heights = _heights(track, sections, columns)
    if not any(height is not None for height in heights):
        return [_cells("no emotion curve" if not row else "", columns, FAINT) for row in range(rows)]
    edges = _edges(sections, track.duration_s, columns)
    lines: list[Cells] = [[] for _ in range(rows)]
    full = len(LEVELS) - 1
    for column, height in enumerate(heights):
        level = 0 if height is None else max(round(height * rows * full), 1)
        section = sections[max(bisect_right(edges, column) - 1, 0)]
        style = colour_of(section.emotion or "")
        for row in range(rows):
            lines[rows - 1 - row].append((LEVELS[min(max(level - row * full, 0), full)], style))
    return lines


def _heights(track: TrackView, sections: Sequence[SectionView], columns: int) -> list[float | None]:
    """The curve at each column; without a curve, the intensity of each column's section."""
    times = [time_at(column, columns, track.duration_s) for column in range(columns)]
    points = [point for point in track.curve if finite(point[0]) is not None and finite(point[1]) is not None]
    if points:
        return [_between(points, time_s) for time_s in times]
    starts = [each.start_s for each in sections]
    return [finite(sections[max(bisect_right(starts, time_s) - 1, 0)].intensity) for time_s in times]


def _between(points: Sequence[tuple[float, float]], time_s: float) -> float:
    after = bisect_right(points, time_s, key=lambda point: point[0])
    if after in (0, len(points)):
        return min(max(points[min(after, len(points) - 1)][1], 0.0), 1.0)
    (t0, v0), (t1, v1) = points[after - 1], points[after]
    return min(max(v0 + (v1 - v0) * (time_s - t0) / (t1 - t0), 0.0), 1.0)


def _with_playhead(cells: Cells, place: int) -> Text:
    letter, style = cells[place]
    here = (PLAYHEAD, "bold #ffffff") if letter in LEVELS + EDGE else (letter, f"reverse {style}")
    return joined([*cells[:place], here, *cells[place + 1 :]])


def _caret(snapshot: Snapshot, place: int, columns: int, pointed_s: float | None) -> Text:
    """A caret under the playhead, with what plays there beside it."""
    track = snapshot.track
    words = []
    if pointed_s is not None:
        words.append(f"go to {clock(pointed_s)}")
    elif track is not None and 0 <= snapshot.section < len(track.sections):
        section = track.sections[snapshot.section]
        count = f"{snapshot.section + 1} of {len(track.sections)}"
        words += [section.name, section.emotion or "", count]
        if finite(section.intensity) is not None:
            words.append(f"intensity {figure(section.intensity, 2)}")
    for length in range(len(words), -1, -1):
        label = plain(" · ".join(word for word in words[:length] if word))
        if cell_len(label) + 2 <= max(columns - place - 1, place):
            break
    if cell_len(label) + 2 <= columns - place - 1:
        return Text.assemble(" " * place, (CARET, f"bold {INK}"), f" {label}", style=INK, no_wrap=True)
    space = " " * max(place - cell_len(label) - 1, 0)
    return Text.assemble(space, f"{label} ", (CARET, f"bold {INK}"), style=INK, no_wrap=True)


def _ruler(duration_s: float, columns: int) -> Text:
    """Times at round steps, each label beginning at the column it tells of."""
    wanted_s = duration_s * LABEL_COLUMNS / columns
    step_s = next((step for step in STEPS_S if step >= wanted_s), STEPS_S[-1])
    line = ""
    for time_s in range(0, int(duration_s) + 1, step_s):
        label, place = EDGE + clock(time_s), column_of(time_s, duration_s, columns)
        if len(line) <= place and place + len(label) <= columns:
            line = line.ljust(place) + label
    return Text(line, style=FAINT, no_wrap=True)


def colour_of(emotion: str) -> str:
    """The colour of an emotion, whatever its name."""
    return COLOURS.get(emotion, ACCENT if not emotion else OTHER_COLOUR)


def _fill(lines: list[Text], rows: int) -> list[Text]:
    return lines[:rows] + [Text()] * (rows - len(lines))
