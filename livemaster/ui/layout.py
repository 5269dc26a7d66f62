"""Where each panel of the screen lies in a terminal of any size."""

from __future__ import annotations

from typing import NamedTuple

LEAST_COLUMNS, LEAST_ROWS = 60, 18
HEARD_COLUMNS = 36
"""MASTER in large letters is so wide."""
GAP_COLUMNS = 2
MARGIN_COLUMNS = 2
ROOMY_COLUMNS = 100
"""From this width on, there is a margin."""
LEAST = {"header": 1, "strip": 2, "heard": 4, "meters": 8, "switches": 1, "warnings": 1, "device": 1}
"""From top to bottom: rows in the smallest terminal. Loudness stands beside what is heard, the knobs beside meters."""
GROWTH = (
    ("header", 2),
    ("warnings", 2),
    ("strip", 4),
    ("heard", 6),
    ("strip", 5),
    ("after strip", 1),
    ("switches", 2),
    ("after heard", 1),
    ("strip", 8),
    ("after meters", 1),
    ("after header", 1),
    ("switches", 3),
    ("warnings", 3),
    ("meters", 16),
    ("after switches", 1),
    ("strip", 1000),
)
"""What grows first where there are more rows, and to how many; `after …`: empty rows."""
BESIDE = {"heard": "loudness", "meters": "knobs"}


class PanelPlace(NamedTuple):
    """A panel's columns and rows."""

    x: int
    y: int
    columns: int
    rows: int


def fits(columns: int, rows: int) -> bool:
    """Whether the screen can be shown at all."""
    return columns >= LEAST_COLUMNS and rows >= LEAST_ROWS


def places(columns: int, rows: int) -> dict[str, PanelPlace]:
    """Every panel by name, none overlapping another; empty where the terminal is too small."""
    if not fits(columns, rows):
        return {}
    margin = MARGIN_COLUMNS if columns >= ROOMY_COLUMNS else 0
    inner, heights, found, y = columns - 2 * margin, _heights(rows), {}, 0
    for name in LEAST:
        height = heights[name]
        if name in BESIDE:
            half = (inner - GAP_COLUMNS) // 2
            left = max(half, HEARD_COLUMNS) if name == "heard" else half
            found[name] = PanelPlace(margin, y, left, height)
            right = margin + left + GAP_COLUMNS
            found[BESIDE[name]] = PanelPlace(right, y, columns - margin - right, height)
        else:
            found[name] = PanelPlace(margin, y, inner, height)
        y += height + heights.get(f"after {name}", 0)
    return found


def _heights(rows: int) -> dict[str, int]:
    heights, left = dict(LEAST), rows - sum(LEAST.values())
    for name, wanted in GROWTH:
        more = min(wanted - heights.get(name, 0), left)
        heights[name] = heights.get(name, 0) + more
        left -= more
    return heights
