"""How punctual `play` is beside busy Python code: late blocks against those of a C client that does nothing."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import needs
import numpy as np
from jack_rig import JackServer

from bench.bench import Bench
from bench.callback import idle_in_c, play_busily
from bench.document import Section, Table, figure
from livemaster.sound.stats import percentiles_us

BLOCKS = (256, 128, 64)
RATE_HZ = 48000
MOST_RUNS = 3
PRIORITY = 80
TURN_MINUTES = 1.0
LEAST_CALLS = 0.9
"""Of those that its time has room for, so that a client which was not called is not taken for a punctual one."""

Told = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """What each told at each of its turns."""

    played: list[Told]
    idle: list[Told]


def measure(bench: Bench) -> Section:
    """Runs of both at each size of block."""
    found = {block: [run(bench, block, number) for number in range(min(bench.runs, MOST_RUNS))] for block in BLOCKS}
    return section(found, bench.minutes)


def section(found: dict[int, list[Run]], minutes: float) -> Section:
    """What is written of runs by block."""
    header = (
        *("block", "late, `play`", "of which at work", "late, C client"),
        *("to make a block p50, µs", "p99", "p99.9", "max"),
        *("load, %", "audio process, % of a core", "memory, MB", "latency, ms", "turns with stages bypassed"),
    )
    return Section(
        (
            f"`play` on `jackd -R -d dummy` at {RATE_HZ} Hz, with a thread of the interface busy with Python code and "
            f"its meters read 20 times a second, and a client in C that does nothing: in turns of {TURN_MINUTES:g} "
            f"minute, each on a server of its own, {minutes:g} minutes of each a run. The late blocks of every run are "
            "shown; of them at work those where the callback had begun (in the others it had not been woken yet); of "
            "all other figures those of all runs together, the median of load and share, the most of memory. Late are "
            "blocks that the server calls not finished by that client; load is the share of a block's time that it "
            "takes to make it, memory that of all processes (PSS), latency the median at the end of a turn. Wanted: "
            "median late ≤ 2 × median of the C client + 5; load < 15 % at 128 frames, memory < 512 MB.",
            Table(header, [_row(block, runs) for block, runs in found.items()]),
        )
    )


def run(bench: Bench, block: int, number: int) -> Run:
    """All in turns, so that each has the same share of the machine's good and bad minutes."""
    turns = max(round(bench.minutes / TURN_MINUTES), 1)
    seconds = 60.0 * bench.minutes / turns
    found = Run([], [])
    for turn in range(turns):
        with _server(block) as server:
            found.played.append(play_busily(server, _song(), seconds))
        with _server(block) as server:
            found.idle.append(idle_in_c(server, bench.folder, seconds))
        _check(found, LEAST_CALLS * seconds * RATE_HZ / block)
        late = f"{found.played[-1]['late']} late, C client {found.idle[-1]['late']}"
        print(f"{block} frames, run {number + 1}, turn {turn + 1}: {late}", file=sys.stderr, flush=True)
    return found


def _server(block: int) -> JackServer:
    return JackServer(RATE_HZ, block, realtime=PRIORITY)


def _song() -> Path:
    return max(needs.songs(30.0), key=lambda path: path.stat().st_size)


def _check(found: Run, least_calls: float) -> None:
    played, idle = found.played[-1], found.idle[-1]
    if played["restarted"]:
        raise RuntimeError("the audio process of `play` was started again within a turn")
    if not idle["realtime"]:
        raise RuntimeError("the C client had no real-time priority")
    calls = [each["calls"] for each in (played, idle)]
    if min(calls) < least_calls:
        raise RuntimeError(f"calls of `play` and the C client: {calls}: too few")


def _row(block: int, runs: list[Run]) -> tuple[str, ...]:
    played = [turn for each in runs for turn in each.played]
    times_us = percentiles_us(np.sum([turn["histogram"] for turn in played], axis=0))
    return (
        str(block),
        _totals([each.played for each in runs], "late"),
        _totals([each.played for each in runs], "late_at_work"),
        _totals([each.idle for each in runs], "late"),
        *(str(times_us[name]) for name in ("p50", "p99", "p999", "max")),
        *(figure(100.0 * median(turn[name] for turn in played), 1) for name in ("load", "processor")),
        figure(max(turn["memory_mb"] for turn in played), 0),
        figure(median(turn["latency_ms"] for turn in played), 1),
        f"{sum(bool(turn['shed']) for turn in played)} of {len(played)}",
    )


def _totals(turns: list[list[Told]], name: str) -> str:
    return " / ".join(str(sum(turn[name] for turn in each)) for each in turns)
