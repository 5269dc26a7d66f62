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

BENCHES = (
    *("speed", "memory", "start", "quality", "analyze", "hearing", "recording", "wholesystem", "limiter", "nodes"),
    *("laws", "xruns", "block", "personal"),
)
"""Modules of this package; each has `measure(bench) -> Section`."""
DOCUMENT = Path(__file__).resolve().parents[2] / "BENCHMARKS.md"


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure livemaster against other tools and write BENCHMARKS.md.")
    parser.add_argument("--only", action="append", choices=BENCHES, help="measure only this; may be given repeatedly")
    parser.add_argument("--runs", type=int, default=5, help="runs of each program whose median is taken (default 5)")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long a run of xruns plays (default 10)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="livemaster-bench-") as folder:
        bench = Bench(Path(folder), max(options.runs, 1), options.minutes)
        for name in options.only or BENCHES:
            print(f"{name} …", file=sys.stderr, flush=True)
            started_s = time.monotonic()
            section = importlib.import_module(f"bench.{name}").measure(bench)
            replace_section(DOCUMENT, name, section, stamp())
            print(f"{name}: {time.monotonic() - started_s:.0f} s", file=sys.stderr, flush=True)
