"""How punctual `play` is beside busy Python code: late blocks against those of a C client that does nothing."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
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
        *(
            "block",
            "late, `play`",
            "late, C client at that time",
            "late, C client alone",
            "callback p50, µs",
            "p99",
            "p99.9",
            "max",
        ),
        *("load, %", "audio process, % of a core", "memory, MB"),
    )
    return Section(
        (
            f"`play` on `jackd -R -d dummy` at {RATE_HZ} Hz, with a thread of the interface busy with Python code and "
            "its meters read 20 times a second; a client in C that does nothing, on a server of its own at the same "
            "time, which sees what the machine itself withholds from both; and in runs between them that client "
            f"alone: {bench.minutes:g} minutes each, {min(bench.runs, MOST_RUNS)} times; of all but the late blocks "
            "and the longest callback the median. Late are those that the server calls not finished by that client; "
            "load is the callback's share of a block's time, memory that of all processes (PSS). Wanted, by the "
            "median: late ≤ 2 × C client alone + 5; load < 15 % at 128 frames, memory < 512 MB.",
            Table(header, rows),
        )
    )


@dataclass(frozen=True, slots=True)
class Run:
    """What `play` told, the C client at the same time, and the C client alone afterwards."""

    played: dict[str, Any]
    beside: dict[str, Any]
    alone: dict[str, Any]


def runs(bench: Bench, block: int) -> list[Run]:
    """Runs of `play` and of the C client in turns."""
    found = []
    for number in range(min(bench.runs, MOST_RUNS)):
        with _server(block) as server, _server(block) as another, ThreadPoolExecutor(1) as at_that_time:
            beside = at_that_time.submit(_idle, bench, another)
            played = play_busily(server, _song(), 60.0 * bench.minutes)
        with _server(block) as server:
            found.append(Run(played, beside.result(), _idle(bench, server)))
        print(f"{block} frames, run {number + 1}: {found[-1]}", file=sys.stderr, flush=True)
    return found


def _server(block: int) -> JackServer:
    return JackServer(RATE_HZ, block, realtime=PRIORITY)


def _idle(bench: Bench, server: JackServer) -> dict[str, Any]:
    return asdict(idle_in_c(server, bench.folder, 60.0 * bench.minutes))


def _song() -> Path:
    return max(needs.songs(30.0), key=lambda path: path.stat().st_size)


def _row(block: int, found: list[Run]) -> tuple[str, ...]:
    played = [each.played for each in found]
    clients = (played, [each.beside for each in found], [each.alone for each in found])
    times = [[each["callback_us"][name] for each in played] for name in ("p50", "p99", "p999")]
    longest = max(each["callback_us"]["max"] for each in played)
    shares = [100.0 * median(each[name] for each in played) for name in ("load", "processor")]
    return (
        str(block),
        *(" / ".join(figure(each["unfinished"], 0) for each in client) for client in clients),
        *(figure(median(each), 0) for each in times),
        figure(longest, 0),
        *(figure(share, 1) for share in shares),
        figure(median(each["memory_mb"] for each in played), 0),
    )
