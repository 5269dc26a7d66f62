"""How punctual `play` is beside busy Python code: late blocks against those of a C client that does nothing."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

import needs
from jack_rig import JackServer

from bench.bench import Bench
from bench.callback import idle_in_c, play_busily
from bench.document import Section, Table, figure

BLOCKS = (256, 128, 64)
RATE_HZ = 48000
MOST_RUNS = 3
PRIORITY = 80


def measure(bench: Bench) -> Section:
    """Runs of both in turns, at each size of block."""
    rows = [_row(block, runs(bench, block)) for block in BLOCKS]
    header = (
        *("block", "late, `play`", "late, C client", "callback p50, µs", "p99", "p99.9", "max"),
        *("load, %", "audio process, % of a core", "memory, MB"),
    )
    return Section(
        (
            f"`play` on `jackd -R -d dummy` at {RATE_HZ} Hz, with a thread of the interface busy with Python code and "
            "its meters read 20 times a second, and in runs between them a client in C that does nothing: "
            f"{bench.minutes:g} minutes each, median of {min(bench.runs, MOST_RUNS)}. Late are the blocks that the "
            "server calls not finished by that client; load is the callback's share of a block's time, memory that "
            "of all processes (PSS). Wanted: late ≤ 2 × C client + 5, load < 15 % at 128 frames, memory < 512 MB.",
            Table(header, rows),
        )
    )


def runs(bench: Bench, block: int) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """What `play` and the C client told of each run."""
    found = []
    for number in range(min(bench.runs, MOST_RUNS)):
        with JackServer(RATE_HZ, block, realtime=PRIORITY) as server:
            played = play_busily(server, _song(), 60.0 * bench.minutes)
        with JackServer(RATE_HZ, block, realtime=PRIORITY) as server:
            idle = asdict(idle_in_c(server, bench.folder, 60.0 * bench.minutes))
        found.append((played, idle))
        print(f"{block} frames, run {number + 1}: play {played}; C client {idle}", file=sys.stderr, flush=True)
    return found


def _song() -> Path:
    return max(needs.songs(30.0), key=lambda path: path.stat().st_size)


def _row(block: int, found: list[tuple[dict[str, Any], dict[str, Any]]]) -> tuple[str, ...]:
    played, idle = [each for each, _ in found], [each for _, each in found]
    times = [[each["callback_us"][name] for each in played] for name in ("p50", "p99", "p999", "max")]
    shares = [100.0 * median(each[name] for each in played) for name in ("load", "processor")]
    return (
        str(block),
        *(figure(median(each["unfinished"] for each in client), 0) for client in (played, idle)),
        *(figure(median(each), 0) for each in times),
        *(figure(share, 1) for share in shares),
        figure(median(each["memory_mb"] for each in played), 0),
    )
