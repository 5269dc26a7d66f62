"""What the terminal shows: tables of a measurement, of a render, of presets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table


class SectionRow(Protocol):
    """One line of the before/after table."""

    @property
    def section(self) -> str:
        """Its name."""
        ...

    @property
    def start(self) -> float:
        """Where it begins, s."""
        ...

    @property
    def end(self) -> float:
        """Where it ends, s."""
        ...

    @property
    def emotion(self) -> str | None:
        """Its emotion's name."""
        ...

    @property
    def intensity(self) -> float | None:
        """How strong that is, 0…1."""
        ...

    @property
    def input_lufs(self) -> float | None:
        """Loudness of the mix."""
        ...

    @property
    def planned_lufs(self) -> float | None:
        """Loudness as planned."""
        ...

    @property
    def output_lufs(self) -> float | None:
        """Loudness of the master."""
        ...


def number(value: float | None, digits: int = 1) -> str:
    """A number with a true minus sign, none before zero; a dash where it is undefined."""
    return "–" if value is None else f"{value:z.{digits}f}".replace("-", "−")


def clock(seconds: float) -> str:
    """Seconds as m:ss."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def show_values(console: Console, title: str, rows: Iterable[tuple[str, str]]) -> None:
    """A plain table of names and values."""
    table = Table(title=title, title_justify="left", show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(justify="right")
    for name, value in rows:
        table.add_row(name, value)
    console.print(table)


def show_columns(console: Console, header: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> None:
    """A table whose first `left` columns are text and whose others are figures; closer together where it is narrow."""
    rows = list(rows)
    columns = sum(max(map(cell_len, column)) + 2 for column in zip(header, *rows, strict=True))
    gap = 2 if columns <= console.width else 1
    table = Table(box=None, padding=(0, gap, 0, 0), header_style="bold")
    for index, name in enumerate(header):
        table.add_column(name, justify="left" if index < left else "right")
    for row in rows:
        table.add_row(*row)
    console.print(table)


def show_sections(console: Console, sections: Iterable[SectionRow]) -> None:
    """Before, plan and after of every section, in LUFS."""
    header = ("section", "emotion", "from", "to", "intensity", "mix LUFS", "planned", "master")
    rows = [
        (
            s.section,
            s.emotion or "–",
            clock(s.start),
            clock(s.end),
            number(s.intensity, 2),
            number(s.input_lufs),
            number(s.planned_lufs),
            number(s.output_lufs),
        )
        for s in sections
    ]
    show_columns(console, header, rows, left=2)
