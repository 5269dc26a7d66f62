"""Usage: python tests/bench/run.py [--only NAME]… [--runs N]; measures and writes BENCHMARKS.md."""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])  # the benchmarks are the package `bench` in tests/
    from bench.suite import main

    main()
