"""What all benchmarks share: a folder, the number of runs, and the programme with what was measured on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bench.material import Programme, write_programme
from bench.programs import Run, alternating


@dataclass
class Bench:
    """One call of the suite; `runs` of each program are made and the median taken, `minutes` is how long one plays."""

    folder: Path
    runs: int
    minutes: float = 10.0
    songs: tuple[Path, ...] = ()
    """Folders of more music, for the benchmarks that take any song."""

    @cached_property
    def programme(self) -> Programme:
        """Four minutes of music with its maps, as files."""
        return write_programme(self.folder)

    @cached_property
    def four_minutes(self) -> dict[str, list[Run]]:
        """Program → its runs over the programme, the programs taking turns."""
        return alternating(self.programme, self.folder, self.runs)
