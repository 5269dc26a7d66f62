"""Starting: how soon the command line answers, and what the first run costs."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path

from bench.bench import Bench
from bench.document import Section, Table, figure
from bench.programs import LIVEMASTER, SPOTIFY, Run, median_s, output, render_command, run

STARTS = 11


def measure(bench: Bench) -> Section:
    """Time of `--help` beside the peers' own starts; time of a first run with nothing compiled yet."""
    started = {name: _often(command, bench.folder) for name, command in _commands().items()}
    base_s = median_s(next(iter(started.values())))
    rows = [(name, figure(median_s(runs)), figure(median_s(runs) / base_s)) for name, runs in started.items()]
    first = _first_run(bench)
    warm_s = median_s(bench.four_minutes[SPOTIFY])
    return Section(
        (
            f"Whole processes, median of {STARTS} starts.",
            Table(("command", "median, s", "ratio to livemaster"), rows),
            f"The first `livemaster render`, with no kernel compiled yet, took {figure(first.wall_s, 1)} s on the four "
            f"minutes, later ones {figure(warm_s, 1)} s: compiling costs {figure(first.wall_s - warm_s, 1)} s, once. "
            f"Largest size {figure(first.peak_mb, 0)} MB. {_said(first)}",
        )
    )


def _commands() -> dict[str, list[str]]:
    found = {
        "`livemaster --help`": [LIVEMASTER, "--help"],
        "`livemaster render --help`": [LIVEMASTER, "render", "--help"],
        "`python -c pass`": [sys.executable, "-c", "pass"],
    }
    if shutil.which("ffmpeg"):
        found["`ffmpeg -version`"] = ["ffmpeg", "-version"]
    if importlib.util.find_spec("matchering"):
        found["`python -c 'import matchering'`"] = [sys.executable, "-c", "import matchering"]
    return found


def _often(command: list[str], folder: Path) -> list[Run]:
    run(command, folder)
    return [run(command, folder) for _ in range(STARTS)]


def _first_run(bench: Bench) -> Run:
    """A render whose compiled kernels are kept nowhere yet."""
    cache = bench.folder / "kernels"
    command = render_command(bench.programme, output(bench.folder, SPOTIFY), "spotify")
    return run(command, bench.folder, {"NUMBA_CACHE_DIR": str(cache)})


def _said(first: Run) -> str:
    lines = [line.strip() for line in first.stderr.splitlines() if line.strip() and not line.startswith("note:")]
    if not lines:
        return "It says nothing about it on standard error (which was no terminal)."
    return "It says on standard error: " + " / ".join(f"“{line}”" for line in lines)
