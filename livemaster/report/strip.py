"""A track drawn across the terminal: a curve of its intensity, its time, its sections as blocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.text import Text

from livemaster.report.tables import clock

if TYPE_CHECKING:
    from livemaster.analysis.analyse import HeardSection
    from livemaster.analysis.emotion import EmotionCurve

COLOURS = {
    "calm": "#5fb3a8",
    "reflective": "#5878b8",
    "dreamy": "#a58bd6",
    "dark": "#a0587a",
    "bright": "#f2c14e",
    "powerful": "#e2572e",
}
"""Cool and pale for what is quiet, warm and strong for what is intense; told apart by lightness too."""
BASIC_COLOURS = {
    "calm": "cyan",
    "reflective": "blue",
    "dreamy": "magenta",
    "dark": "bright_black",
    "bright": "yellow",
    "powerful": "red",
}
"""The same for terminals of 16 colours."""
OTHER_COLOUR = "white"
DARK_ONES = frozenset({"reflective", "dark"})
"""On these, letters are white."""
CURVE_ROWS = 4
MARGIN = 4
"""Columns left of the drawing, for the curve's scale."""
SMOOTHING = 4
"""The curve is looked at in so many places of each column."""
LABEL_COLUMNS = 12
"""Labels of the ruler are at least so far apart."""
STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)


@dataclass(frozen=True, slots=True)
class Ink:
    """What a terminal can show: a block's left edge, levels from empty to full, a colour for each emotion."""

    edge: str
    levels: str
    colours: dict[str, str]

    @classmethod
    def of(cls, console: Console) -> Ink:
        """What this one can show."""
        colours = BASIC_COLOURS if console.color_system == "standard" else COLOURS
        return cls("|", " .:#", colours) if console.options.ascii_only else cls("▏", " ▁▂▃▄▅▆▇█", colours)

    def colour(self, emotion: str) -> str:
        """The colour of an emotion, whatever its name."""
        return self.colours.get(emotion, OTHER_COLOUR)


def draw_track(
    console: Console, duration_s: float, sections: Sequence[HeardSection], curve: EmotionCurve
) -> Iterable[Text]:
    """Lines as wide as the terminal: the curve, the time, the sections' names and emotions."""
    ink, emotions = Ink.of(console), [each.emotion for each in sections]
    columns = max(console.width - MARGIN, 1)
    yield Text(f"{' ' * MARGIN}intensity over time", style="dim")
    yield from _curve(curve, duration_s, columns, ink)
    yield _ruler(duration_s, columns, ink)
    edges = [round(each.start / duration_s * columns) for each in sections] + [columns]
    for names in ([each.section for each in sections], emotions):
        yield _blocks(names, emotions, edges, ink)
    if _has_colours(console):
        yield _legend(console, {*curve.names, *emotions})


def _curve(curve: EmotionCurve, duration_s: float, columns: int, ink: Ink) -> Iterable[Text]:
    """Intensity 0…1 as filled columns, each in the colour of its emotion."""
    places_s = (np.arange(columns * SMOOTHING) + 0.5) * duration_s / (columns * SMOOTHING)
    heights = np.interp(places_s, curve.times_s, curve.intensity).reshape(columns, SMOOTHING).mean(axis=1)
    full = len(ink.levels) - 1
    levels = np.maximum(np.round(heights * CURVE_ROWS * full).astype(int), 1)
    middles_s = places_s.reshape(columns, SMOOTHING).mean(axis=1)
    points = np.maximum(np.searchsorted(curve.times_s, middles_s, side="right") - 1, 0)
    for row in range(CURVE_ROWS - 1, -1, -1):
        line = Text({CURVE_ROWS - 1: "1.0 ", 0: "0.0 "}.get(row, " " * MARGIN), style="dim", no_wrap=True)
        for level, point in zip(levels.tolist(), points.tolist(), strict=True):
            letter = ink.levels[min(max(level - row * full, 0), full)]
            line.append(letter, f"not dim {ink.colour(curve.names[point])}")
        yield line


def _blocks(names: Sequence[str], emotions: Sequence[str], edges: Sequence[int], ink: Ink) -> Text:
    """One block a section with its name, on its emotion's colour."""
    line = Text(" " * MARGIN, no_wrap=True)
    for name, emotion, start, stop in zip(names, emotions, edges, edges[1:], strict=False):
        if stop > start:
            letters = "white" if emotion in DARK_ONES else "black"
            text = (ink.edge + fitted(name, stop - start - 1)).ljust(stop - start)
            line.append(text, f"{letters} on {ink.colour(emotion)}")
    return line


def fitted(name: str, columns: int) -> str:
    """A section's name in so many columns: whole, else its first letter and number, else its beginning."""
    if len(name) <= columns:
        return name
    word, _, number = name.rpartition(" ")
    if word and number.isdecimal():
        room = columns - len(number)
        return f"{word[:room]}{number}" if room > 0 else ""
    return name[:columns]


def _ruler(duration_s: float, columns: int, ink: Ink) -> Text:
    """Times at round steps, each label beginning where it points to."""
    wanted_s = duration_s * LABEL_COLUMNS / columns
    step_s = next((step for step in STEPS_S if step >= wanted_s), STEPS_S[-1])
    line = ""
    for time_s in range(0, int(duration_s) + 1, step_s):
        label = ink.edge + clock(time_s)
        place = round(time_s / duration_s * columns)
        if len(line) <= place and place + len(label) <= columns:
            line = line.ljust(place) + label
    return Text(" " * MARGIN + line, style="dim", no_wrap=True)


def swatch(console: Console, emotion: str) -> Text:
    """An emotion's name, its colour before it where there are colours."""
    if not _has_colours(console) or console.options.ascii_only:
        return Text(emotion)
    return Text.assemble(("■ ", Ink.of(console).colour(emotion)), emotion)


def _has_colours(console: Console) -> bool:
    return console.color_system is not None and not console.no_color


def _legend(console: Console, names: set[str]) -> Text:
    """Which colour stands for what, of the emotions that occur."""
    wanted = [name for name in (*COLOURS, *sorted(names - COLOURS.keys())) if name in names]
    return Text(" " * MARGIN).append_text(Text("  ").join(swatch(console, name) for name in wanted))
