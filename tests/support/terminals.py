"""Programs on terminals of their own, and terminals that are closed under them."""

from __future__ import annotations

import json
import os
import pty
import random
import re
import select
import signal
import sys
import time
from pathlib import Path

import pytest
from fault_rig import alive, assert_gone, boards, children, until

COMMAND = [sys.executable, "-m", "livemaster"]
SCREEN_ON = b"\x1b[?1049h"


def play(*more):
    return [*COMMAND, "play", "song.wav", "--device", "null", "--no-detect", "--no-personal", *more]


def on_terminal(arguments, term="xterm-256color", setup=lambda: None):
    """A command on a terminal of its own: its number, and our end of the terminal."""
    pid, terminal = pty.fork()
    if pid == 0:
        setup()
        os.environ["TERM"] = term
        os.execv(sys.executable, arguments)
    return pid, terminal


def read_until(terminal, wanted, seconds):
    """Read from a terminal until something was written, or for so long."""
    seen, end_s = b"", time.monotonic() + seconds
    while time.monotonic() < end_s and not re.search(wanted, seen):
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                seen += os.read(terminal, 65536)
            except OSError:
                break
    return seen


def exit_code(pid, seconds):
    """Of a child that ends within so long; fails for one that does not, which is killed."""
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    pytest.fail(f"still there after {seconds:g} s")


def close_terminals(times, seed, within_s=5.0):
    """Close the terminal of `play` at random moments after its screen is up; what is left behind fails."""
    rng, before = random.Random(seed), boards()
    for number in range(times):
        stats = Path(f"stats-{number}.json")
        pid, terminal = on_terminal(play("--stats", str(stats)))
        assert SCREEN_ON in read_until(terminal, re.escape(SCREEN_ON), 60.0)
        read_until(terminal, b"never", rng.uniform(0.0, 2.0))
        below = [each for child in children(pid) for each in (child, *children(child))]
        os.close(terminal)
        assert exit_code(pid, within_s + 10.0) == 128 + signal.SIGHUP
        assert json.loads(stats.read_text())["stop_reason"] == "interrupted"
        until(lambda below=below: not any(map(alive, below)), 10.0, "all processes gone")
    assert_gone(boards() - before)
