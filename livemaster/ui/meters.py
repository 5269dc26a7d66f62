"""What is heard, measured: loudness against the target, true peak against the ceiling, gain reduction, correlation."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from livemaster.snapshot import Snapshot
from livemaster.ui.text import ACCENT, AMBER, FAINT, INK, RED, Mark, bar, cut, figure, finite, padded, share_of, slider

QUIETEST_LUFS, LOUDEST_LUFS = -36.0, 0.0
LOWEST_DBTP, HIGHEST_DBTP = -24.0, 3.0
DEEPEST_REDUCTION_DB = 12.0
NEAR_LU = 1.0
"""So close to the target, the integrated loudness counts as there."""
LABEL_COLUMNS = 12
FIGURE_COLUMNS = 6
LEAST_REMARK_COLUMNS = 37
"""Narrower meters leave remarks out."""
REMARK_COLUMNS = 9
FIXED_ROWS = 5


def draw_meters(snapshot: Snapshot, columns: int, rows: int) -> list[Text]:
    """So many lines: three of loudness, the peak, the correlation, and a stage's reduction in each of the rest."""
    meters = snapshot.meters
    lines = [
        _loudness("momentary", meters.momentary_lufs, snapshot, columns, ""),
        _loudness("short-term", meters.short_term_lufs, snapshot, columns, ""),
        _loudness("integrated", meters.integrated_lufs, snapshot, columns, _distance(snapshot)),
        _peak(snapshot, columns),
    ]
    lines += _reductions(snapshot, columns, max(rows - FIXED_ROWS, 0))
    lines.append(_correlation(meters.correlation, columns))
    lines = _spread(lines, rows)
    return lines[:rows] + [Text()] * (rows - len(lines))


def _spread(lines: list[Text], rows: int) -> list[Text]:
    """With an empty line after each, where there is room."""
    return [each for line in lines for each in (line, Text())] if rows >= 2 * len(lines) - 1 else lines


def _line(label: str, value: str, columns: int, drawn: Iterator[Text] | Text, remark: tuple[str, str]) -> Text:
    head = Text.assemble(padded(label, LABEL_COLUMNS), (padded(value, FIGURE_COLUMNS, right=True), f"bold {INK}"), " ")
    line = Text(style=INK, no_wrap=True).append_text(head)
    if isinstance(drawn, Text):
        line.append_text(drawn)
    if columns >= LEAST_REMARK_COLUMNS:
        line.append(" " + padded(remark[0], REMARK_COLUMNS - 1), remark[1])
    return line


def _room(columns: int) -> int:
    remark = REMARK_COLUMNS if columns >= LEAST_REMARK_COLUMNS else 0
    return max(columns - LABEL_COLUMNS - FIGURE_COLUMNS - 1 - remark, 0)


def _loudness(label: str, value: float | None, snapshot: Snapshot, columns: int, remark: str) -> Text:
    target, lufs = finite(snapshot.target_lufs), finite(value)
    marks = [] if target is None else [Mark(share_of(target, QUIETEST_LUFS, LOUDEST_LUFS))]
    share = None if lufs is None else share_of(lufs, QUIETEST_LUFS, LOUDEST_LUFS)
    drawn = bar(_room(columns), share, ACCENT, marks)
    return _line(label, figure(lufs), columns, drawn, (remark, _nearness(snapshot)))


def _distance(snapshot: Snapshot) -> str:
    found, target = finite(snapshot.meters.integrated_lufs), finite(snapshot.target_lufs)
    return "" if found is None or target is None else f"{figure(found - target, signed=True)} LU"


def _nearness(snapshot: Snapshot) -> str:
    found, target = finite(snapshot.meters.integrated_lufs), finite(snapshot.target_lufs)
    return INK if found is None or target is None or abs(found - target) <= NEAR_LU else AMBER


def _peak(snapshot: Snapshot, columns: int) -> Text:
    meters, ceiling = snapshot.meters, snapshot.ceiling_dbtp
    peak, largest = finite(meters.true_peak_dbtp), finite(meters.largest_true_peak_dbtp)
    over = max(peak if peak is not None else LOWEST_DBTP, largest if largest is not None else LOWEST_DBTP)
    is_over = round(over, 1) > round(ceiling, 1)
    marks = [Mark(share_of(ceiling, LOWEST_DBTP, HIGHEST_DBTP))] if finite(ceiling) is not None else []
    share = None if peak is None else share_of(peak, LOWEST_DBTP, HIGHEST_DBTP)
    remark = (f"{figure(largest)}{' !' if is_over else ''}", f"bold {RED}" if is_over else FAINT)
    remark = (f"▲{remark[0]}" if largest is not None else "", remark[1])
    return _line(
        "true peak", figure(peak), columns, bar(_room(columns), share, RED if is_over else ACCENT, marks), remark
    )


def _reductions(snapshot: Snapshot, columns: int, rows: int) -> list[Text]:
    """One line a stage; where there are more stages than lines, the last names the rest with their figures."""
    stages = list(snapshot.meters.reductions_db.items())
    shown = stages if len(stages) <= rows else stages[: max(rows - 1, 0)]
    lines = []
    for name, value in shown:
        depth = finite(value)
        share = None if depth is None else share_of(depth, 0.0, DEEPEST_REDUCTION_DB)
        reduced = None if depth is None else -abs(depth)
        drawn = bar(_room(columns), share, AMBER)
        lines.append(_line(name, figure(reduced), columns, drawn, ("dB", FAINT)))
    if len(shown) < len(stages) and rows:
        rest = " · ".join(f"{name} {figure(-abs(value))}" for name, value in stages[len(shown) :])
        lines.append(Text(cut(rest, columns), style=INK, no_wrap=True))
    return lines


def _correlation(value: float | None, columns: int) -> Text:
    found = finite(value)
    if found is None:
        drawn = bar(_room(columns), None, ACCENT)
    else:
        drawn = slider(_room(columns), share_of(found, -1.0, 1.0), 0.5, RED if found < 0.0 else ACCENT)
    word = "" if found is None else "wide !" if found < 0.0 else "L = R" if found > 0.98 else ""
    return _line(
        "correlation", figure(found, 2, signed=True), columns, drawn, (word, AMBER if word == "wide !" else FAINT)
    )
