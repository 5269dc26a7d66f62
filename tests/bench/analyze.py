"""Speed and memory of `livemaster analyze`, whole processes on one core."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from bench.bench import Bench
from bench.document import Section, Table, figure
from bench.memory import hour_of
from bench.programs import LIVEMASTER, MATCHERING, Run, median_s, output, run

MEASURE, ANALYZE, RENDER = "livemaster measure", "livemaster analyze", "livemaster render, detection and all"


def measure(bench: Bench) -> Section:
    """Time and size of analysis beside measuring alone, of an hour, and of a render without maps beside Matchering."""
    path = bench.programme.path
    found = {name: _often(_command(name, path, bench.folder), bench) for name in (MEASURE, ANALYZE)}
    hour = hour_of(bench.programme)
    try:
        long = run([*_one_core(), LIVEMASTER, "analyze", str(hour.path), "--json"], bench.folder)
    finally:
        hour.path.unlink()
    render = _often(_command(RENDER, path, bench.folder), bench)
    base_s = median_s(found[ANALYZE])
    rows = [
        (name, figure(median_s(runs)), figure(median_s(runs) / base_s), figure(max(r.peak_mb for r in runs), 0))
        for name, runs in found.items()
    ]
    rows.append((f"{ANALYZE}, one hour", figure(long.wall_s), figure(long.wall_s / base_s), figure(long.peak_mb, 0)))
    grown_mb = long.peak_mb - max(r.peak_mb for r in found[ANALYZE])
    return Section(
        (
            f"The four minutes of the first table, each process on one core{_pinned()}, median of {bench.runs} runs.",
            Table(("command", "median, s", "ratio to analyze", "peak, MB"), rows),
            f"An hour takes {figure(grown_mb, 0)} MB more than four minutes. {_render_line(render, bench)}",
        )
    )


def _render_line(render: list[Run], bench: Bench) -> str:
    ours_s = median_s(render)
    line = (
        f"A render without any map, which listens for type, sections and emotion, takes {figure(ours_s)} s on all cores"
    )
    theirs = bench.four_minutes.get(MATCHERING)
    return f"{line}; Matchering takes {figure(median_s(theirs) / ours_s)} times as long." if theirs else f"{line}."


def _command(name: str, path: Path, folder: Path) -> list[str]:
    if name == RENDER:
        return [LIVEMASTER, "render", str(path), "-o", str(output(folder, RENDER)), "--force", "--json"]
    return [*_one_core(), LIVEMASTER, name.split()[-1], str(path), "--json"]


def _one_core() -> list[str]:
    return ["taskset", "-c", str(min(os.sched_getaffinity(0)))] if shutil.which("taskset") else []


def _pinned() -> str:
    return "" if _one_core() else " (not pinned: there is no taskset here)"


def _often(command: list[str], bench: Bench) -> list[Run]:
    run(command, bench.folder)  # so that caches are warm
    return [run(command, bench.folder) for _ in range(bench.runs)]
