"""The knobs: value, range, resting place, keys, MIDI binding, and where the hardware's knob waits to be picked up."""

from __future__ import annotations

from typing import NamedTuple

from rich.cells import cell_len
from rich.text import Text

from livemaster.controls import LIVE_CONTROLS, Control, Kind
from livemaster.ui.keys import key_name
from livemaster.ui.text import (
    ACCENT,
    AMBER,
    FAINT,
    INK,
    UNKNOWN,
    VIOLET,
    Mark,
    cut,
    figure,
    finite,
    padded,
    share_of,
    slider,
)
from livemaster.ui.view import View

KNOBS = tuple(each for each in LIVE_CONTROLS.values() if each.kind is Kind.KNOB)
GHOST = "◇"
POINTER = "▸"
TITLE_COLUMNS = max(len(each.title) for each in KNOBS) + 1
VALUE_COLUMNS = 8
KEYS_COLUMNS = 4
MOST_BINDING_COLUMNS = 12
LEAST_BAR_COLUMNS = 8
ROWS_WITH_WORDS = 2
"""Lines that each knob takes where there is room to say what it does."""


class Room(NamedTuple):
    """Columns of each part of a knob's line; 0 for what is left out."""

    keys: int
    bar: int
    binding: int


def draw_knobs(view: View, columns: int, rows: int) -> list[Text]:
    """So many lines, one or two for each knob."""
    room, lines = _room(view, columns), []
    for knob in KNOBS:
        lines.append(_line(knob, view, room))
        if rows >= ROWS_WITH_WORDS * len(KNOBS):
            lines.append(Text(f"  {cut(knob.about, columns - 2)}", style=FAINT, no_wrap=True))
    return lines[:rows] + [Text()] * (rows - len(lines))


def knob_at(row: int, rows: int) -> Control | None:
    """The knob that a line of `draw_knobs` belongs to."""
    index = row // (ROWS_WITH_WORDS if rows >= ROWS_WITH_WORDS * len(KNOBS) else 1)
    return KNOBS[index] if 0 <= index < len(KNOBS) else None


def value_text(knob: Control, value: float | None) -> str:
    """A knob's value as it is written."""
    if knob.unit:
        return f"{figure(value, signed=True)} {knob.unit}"
    return figure(value, 2, signed=knob.low < 0.0)


def _room(view: View, columns: int) -> Room:
    """Bindings and keys are left out where they would take the range's place."""
    binding = min(max((cell_len(view.bindings.get(each.id, "")) for each in KNOBS), default=0), MOST_BINDING_COLUMNS)
    left = columns - len(POINTER) - TITLE_COLUMNS - VALUE_COLUMNS - 1
    keys = KEYS_COLUMNS if left - KEYS_COLUMNS >= LEAST_BAR_COLUMNS else 0
    most = left - keys - LEAST_BAR_COLUMNS - 1
    binding = min(binding, most) if most >= len("CC 1") else 0
    return Room(keys, max(left - keys - (binding + 1 if binding else 0), 0), binding)


def _line(knob: Control, view: View, room: Room) -> Text:
    led = knob.id == "intensity" and not view.snapshot.intensity_held
    led_by = view.snapshot.intensity_by
    value = None if led and not led_by else finite(view.snapshot.knobs.get(knob.id))
    chosen = knob.id == view.selected
    colour = FAINT if led else VIOLET if chosen else ACCENT
    line = Text(POINTER if chosen else " ", style=INK, no_wrap=True)
    line.append(padded(knob.title, TITLE_COLUMNS), f"bold {VIOLET}" if chosen else INK)
    if room.keys:
        line.append(padded(f"{key_name(knob.down_key)} {key_name(knob.up_key)}", room.keys), FAINT)
    line.append_text(_range(knob, value, view, room.bar, colour))
    written = led_by or UNKNOWN if led else value_text(knob, value)
    line.append(padded(written, VALUE_COLUMNS, right=True), INK if led else f"bold {INK}")
    if room.binding:
        waiting = knob.id in view.ghosts
        text = padded(view.bindings.get(knob.id, ""), room.binding)
        line.append(" " + text, f"bold {AMBER}" if waiting else FAINT)
    return line


def _range(knob: Control, value: float | None, view: View, columns: int, colour: str) -> Text:
    if value is None:
        return Text("─" * columns, style=FAINT)
    ghost = finite(view.ghosts.get(knob.id))
    marks = [] if ghost is None else [Mark(share_of(ghost, knob.low, knob.high), GHOST, f"bold {AMBER}")]
    rest = share_of(knob.rest, knob.low, knob.high)
    return slider(columns, share_of(value, knob.low, knob.high), rest, colour, marks)
