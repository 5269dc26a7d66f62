"""All benchmarks in order: each measures, then its section of BENCHMARKS.md is written anew."""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
import time
from pathlib import Path

from bench.bench import Bench
from bench.document import replace_section
from bench.machine import stamp
from bench.material import more_songs

BENCHES = (
    *("speed", "memory", "start", "quality", "emotion", "modes", "analyze", "hearing", "recording", "wholesystem"),
    *("limiter", "nodes", "laws", "xruns", "block", "personal"),
)
"""Modules of this package; each has `measure(bench) -> Section`."""
DOCUMENT = Path(__file__).resolve().parents[2] / "BENCHMARKS.md"


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure livemaster against other tools and write BENCHMARKS.md.")
    parser.add_argument("--only", action="append", choices=BENCHES, help="measure only this; may be given repeatedly")
    parser.add_argument("--runs", type=int, default=5, help="runs of each program whose median is taken (default 5)")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long a run of xruns plays (default 10)")
    songs_help = "a folder searched for more music for emotion and modes; may be given repeatedly"
    parser.add_argument("--songs", action="append", default=[], type=Path, metavar="DIR", help=songs_help)
    options = parser.parse_args()
    try:
        more_songs(options.songs)  # a folder without music is said now, not after an hour
    except ValueError as error:
        parser.error(str(error))
    with tempfile.TemporaryDirectory(prefix="livemaster-bench-") as folder:
        bench = Bench(Path(folder), max(options.runs, 1), options.minutes, tuple(options.songs))
        for name in options.only or BENCHES:
            print(f"{name} …", file=sys.stderr, flush=True)
            started_s = time.monotonic()
            section = importlib.import_module(f"bench.{name}").measure(bench)
            replace_section(DOCUMENT, name, section, stamp())
            print(f"{name}: {time.monotonic() - started_s:.0f} s", file=sys.stderr, flush=True)
