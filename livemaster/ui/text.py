"""Words, figures and bars that keep to their columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.text import Text

from livemaster.printable import printable
from livemaster.report import tables

GROUND = "#101418"
INK = "#d8dee6"
FAINT = "#75818f"
ACCENT = "#5fd0be"
AMBER = "#f2c14e"
RED = "#ff6b4a"
VIOLET = "#b79cf0"
"""The screen's colours; each of them only underlines what a word or a sign says already."""

EIGHTHS = " ▏▎▍▌▋▊▉█"
EMPTY = "·"
MARK = "┃"
UNKNOWN = "–"


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign at a share 0…1 of a bar."""

    share: float
    letter: str = MARK
    style: str = INK


def finite(value: float | None) -> float | None:
    """The value where it is a number."""
    return value if value is not None and math.isfinite(value) else None


def figure(value: float | None, digits: int = 1, *, signed: bool = False) -> str:
    """A number with a true minus sign; a dash where it is undefined."""
    number = finite(value)
    text = tables.number(number, digits)
    return f"+{text}" if signed and number is not None and float(f"{number:z.{digits}f}") > 0.0 else text


def clock(seconds: float) -> str:
    """Seconds as m:ss; a dash where they are undefined."""
    return tables.clock(max(seconds, 0.0)) if math.isfinite(seconds) else UNKNOWN


def plain(text: str) -> str:
    """Whatever a name holds, in one line and harmless to a terminal."""
    return printable(text, " ").strip()


def cut(text: str, columns: int) -> str:
    """The text in so many columns: whole, else up to the end of a word where one ends late enough, and an ellipsis."""
    text = plain(text)
    if cell_len(text) <= columns:
        return text
    if columns < 2:
        return "…"[:columns]
    short = set_cell_size(text, columns - 1).rstrip()
    whole = short if text[len(short) : len(short) + 1] == " " else short.rpartition(" ")[0].rstrip(" ,;:·")
    return (whole if 2 * cell_len(whole) >= columns else short) + "…"


def squeezed(text: str, columns: int) -> str:
    """The text in so many columns, whole or without its middle: what it is about comes first, what of it last."""
    text = plain(text)
    if cell_len(text) <= columns:
        return text
    left = set_cell_size(text, columns // 3).rstrip()
    tail = text[::-1]
    right = set_cell_size(tail, max(columns - cell_len(left) - 1, 0))[::-1].lstrip()
    return f"{left}…{right}"[: max(columns, 0)]


def wrapped(text: str, columns: int, rows: int) -> list[str]:
    """The text in at most so many lines of so many columns, broken between words; where it is longer, squeezed."""
    if columns < 2:  # some letters take two
        return [cut(text, columns)]
    room = max(rows, 1) * columns
    while len(lines := _lines(squeezed(text, room), columns)) > rows and room > columns:
        room = max(room - max(columns // 8, 1), columns)
    return lines[:rows]


def _lines(text: str, columns: int) -> list[str]:
    lines = [""]
    for word in text.split():
        for part in chop_cells(word, columns):
            if lines[-1] and cell_len(lines[-1]) + 1 + cell_len(part) > columns:
                lines.append("")
            lines[-1] += (" " if lines[-1] else "") + part
    return lines


def padded(text: str, columns: int, *, right: bool = False) -> str:
    """The text cut and filled up to just so many columns."""
    text = cut(text, columns)
    space = " " * max(columns - cell_len(text), 0)
    return space + text if right else text + space


def sides(left: Text, right: Text, columns: int) -> Text:
    """Two texts at the ends of one line; the left one gives way."""
    left.truncate(max(columns - right.cell_len - 1, 0), overflow="ellipsis", pad=True)
    return Text.assemble(left, " ", right, no_wrap=True) if right.cell_len < columns else right


def share_of(value: float, low: float, high: float) -> float:
    """Where a value lies between two others, 0…1."""
    return min(max((value - low) / (high - low), 0.0), 1.0)


def bar(columns: int, share: float | None, style: str, marks: Sequence[Mark] = ()) -> Text:
    """A bar filled from the left, in eighths of a column, with signs on it; `share`: 0…1, None for none."""
    eighths = 0 if share is None else round(share * columns * 8)
    cells = [(EIGHTHS[min(max(eighths - 8 * place, 0), 8)], style) for place in range(columns)]
    return _marked([(EMPTY, FAINT) if letter == " " else (letter, ink) for letter, ink in cells], marks)


def slider(columns: int, share: float, rest: float, style: str, marks: Sequence[Mark] = ()) -> Text:
    """A range with a knob on it, drawn thick from where it rests to where it stands; all of them 0…1."""
    place, home = _place(share, columns), _place(rest, columns)
    first, last = min(place, home), max(place, home)
    cells = [("━", style) if first <= each <= last else ("─", FAINT) for each in range(columns)]
    if columns:
        cells[home] = ("┼", FAINT)
        cells[place] = ("●", f"bold {style}")
    return _marked(cells, marks)


def _place(share: float, columns: int) -> int:
    return min(max(round(share * (columns - 1)), 0), max(columns - 1, 0))


def _marked(cells: list[tuple[str, str]], marks: Sequence[Mark]) -> Text:
    for each in marks if cells else ():
        cells[_place(each.share, len(cells))] = (each.letter, each.style)
    return joined(cells)


def joined(cells: Sequence[tuple[str, str]]) -> Text:
    """One line of columns with their styles, each run of one style in one piece."""
    runs = groupby(cells, key=itemgetter(1))
    return Text.assemble(*(("".join(letter for letter, _ in run), style) for style, run in runs), no_wrap=True)
