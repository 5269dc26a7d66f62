"""Runs one command and prints its wall time, processor time and peak memory as JSON.

Usage: python -I -S launcher.py STDOUT STDERR COMMAND…; the two are files. A process of its own, because a child's
peak memory is never less than what its parent held when it started: this one holds next to nothing.
"""

import json
import os
import subprocess
import sys
import time


def main() -> None:
    with open(sys.argv[1], "wb") as stdout, open(sys.argv[2], "wb") as stderr:  # noqa: PTH123  # pathlib is heavy
        started_s = time.perf_counter()
        child = subprocess.Popen(sys.argv[3:], stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr)
        _, status, usage = os.wait4(child.pid, 0)
        wall_s = time.perf_counter() - started_s
    child.returncode = os.waitstatus_to_exitcode(status)
    found = {
        "code": child.returncode,
        "wall_s": wall_s,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss * (1024 if sys.platform == "linux" else 1) / 1e6,
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
