"""The fingerprint as blocks of names and values that fill the width there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from livemaster.analysis.fingerprint import BAND_NAMES, DIMENSIONS, Dimension
from livemaster.report.tables import number

GROUPS: dict[str, tuple[str, ...]] = {
    "shares of the power": BAND_NAMES,
    "tone": (
        *("bass_mid_ratio", "spectral_centroid", "spectral_rolloff", "spectral_flatness"),
        *("harmonic_ratio", "pitch_stability", "chroma_energy"),
    ),
    "level": (
        *("lufs", "crest_db", "silence_ratio"),
        *("dynamic_range_variation", "loudness_variation_std", "peak_consistency"),
    ),
    "rhythm and stereo": (
        *("tempo_bpm", "rhythm_stability", "transient_density"),
        *("stereo_width", "phase_correlation"),
    ),
}
"""Every dimension in the block where it is looked for."""
DIGITS = {"1": 3, "Hz": 0, "1/s": 2}
"""Digits after the point by unit; one for all others."""
BAR_COLUMNS = 10
BAR = "█▏▎▍▌▋▊▉"
GAP = 3
"""Columns between two blocks."""

Line = tuple[str, str, str]
"""Name, value and unit of a dimension."""


def show_fingerprint(console: Console, values: Mapping[str, float]) -> None:
    """All dimensions with their units, as many blocks side by side as the terminal takes."""
    bars = not console.options.ascii_only
    blocks = [_block(title, _lines(names, values, bars=bars)) for title, names in GROUPS.items()]
    for index, row in enumerate(_packed(blocks, console.width)):
        if index:
            console.print()
        grid = Table.grid(padding=(0, GAP, 0, 0), pad_edge=False)
        grid.add_row(*row)
        console.print(grid)


def dimension_table() -> str:
    """All dimensions with unit, range and definition as a Markdown table, which the README holds."""
    rows = [(f"`{d.name}`", d.unit, f"{_plain(d.low)} … {_plain(d.high)}", d.about) for d in DIMENSIONS]
    header = [("dimension", "unit", "range", "definition"), ("---",) * 4]
    return "\n".join(f"| {' | '.join(row)} |" for row in (*header, *rows))


def _plain(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def _lines(names: Sequence[str], values: Mapping[str, float], *, bars: bool) -> list[Line]:
    known = {each.name: each for each in DIMENSIONS}
    lines = [_line(known[name], values[name]) for name in names]
    if names == BAND_NAMES and bars:
        lines = [(name, text, _bar(values[name])) for name, text, _ in lines]
    return lines


def _line(dimension: Dimension, value: float) -> Line:
    unit = "" if dimension.unit == "1" else dimension.unit
    return dimension.name, number(value, DIGITS.get(dimension.unit, 1)), unit


def _bar(share: float) -> str:
    whole, rest = divmod(round(share * BAR_COLUMNS * 8), 8)
    return BAR[0] * whole + (BAR[rest] if rest else "")


def _block(title: str, lines: Sequence[Line]) -> Text:
    """Lines of the same width under a title."""
    columns = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = Text(title.ljust(sum(columns) + 2), style="bold", no_wrap=True)
    for name, value, unit in lines:
        row = f"{name.ljust(columns[0])} {value.rjust(columns[1])} {unit.ljust(columns[2])}"
        text.append(f"\n{row}", "not bold")
    return text


def _packed(blocks: Sequence[Text], columns: int) -> Iterator[list[Text]]:
    """Blocks row by row, as many in each as fit."""
    row: list[Text] = []
    for block in blocks:
        if row and sum(_width(each) + GAP for each in row) + _width(block) > columns:
            yield row
            row = []
        row.append(block)
    yield row


def _width(block: Text) -> int:
    return len(block.plain.split("\n")[0])
