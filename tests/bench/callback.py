"""How punctual callbacks are: a C client that does nothing, a bare callback of Python, and what they are compared in.

Each runs in a process of its own against a `JackServer` of its own: one server shares its late cycles among clients.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jack_rig import HOST_API, JackServer

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Spread:
    """Of many times in microseconds the median, the 99th percentile and the longest."""

    p50: float
    p99: float
    max: float


@dataclass(frozen=True, slots=True)
class Punctuality:
    """What a client saw of itself, and the server of it.

    `late`: calls more than two blocks after the one before. `unfinished`: blocks the server logged as not finished
    by this client. `xruns`: late blocks of whomever that the client was told of. `realtime`: it ran under SCHED_FIFO
    or SCHED_RR. `work_us`: the time within its callback, where it measures that.
    """

    calls: int
    late: int
    unfinished: int
    xruns: int
    skipped_frames: int
    realtime: bool
    interval_us: Spread
    work_us: Spread | None


@cache
def compiled(folder: Path) -> Path:
    """The C client, compiled into a folder; RuntimeError says what is missing."""
    program = folder / "idle_client"
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise RuntimeError("a C compiler is missing; install it with `apt-get install gcc libc6-dev`")
    command = [compiler, "-O2", str(HERE / "idle_client.c"), "-o", str(program), "-ljack", "-lpthread"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        if "jack/jack.h" in done.stderr or "-ljack" in done.stderr:
            raise RuntimeError("JACK's headers are missing; install them with `apt-get install libjack-jackd2-dev`")
        raise RuntimeError(f"idle_client.c: does not compile: {done.stderr[-500:]}")
    return program


def idle_in_c(server: JackServer, folder: Path, seconds: float) -> Punctuality:
    """The C client beside nothing else on the server."""
    command = [str(compiled(folder)), str(seconds), "idle"]
    return _run(server, command, "idle")


def bare_in_python(server: JackServer, seconds: float) -> Punctuality:
    """A sounddevice callback that copies noise, in a process of its own."""
    command = [sys.executable, str(HERE / "bare_callback.py"), str(seconds), HOST_API]
    return _run(server, command, "PortAudio")


def play_busily(server: JackServer, song: Path, seconds: float) -> dict[str, Any]:
    """`play` beside a busy thread, see `busy_play`."""
    command = [sys.executable, str(HERE / "busy_play.py"), str(song), str(seconds), HOST_API]
    return _told(server, command, "PortAudio")


@contextmanager
def busy_thread() -> Iterator[None]:
    """Keep this process busy with Python code meanwhile, as a program that draws and analyzes is."""
    done = threading.Event()

    def work() -> None:
        count = 0
        while not done.is_set():
            count += sum(range(100))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _run(server: JackServer, command: list[str], client: str) -> Punctuality:
    found = _told(server, command, client)
    return Punctuality(
        calls=found["calls"],
        late=found["late"],
        unfinished=found["unfinished"],
        xruns=found["xruns"],
        skipped_frames=found["skipped_frames"],
        realtime=found["realtime"],
        interval_us=Spread(**found["interval_us"]),
        work_us=Spread(**found["work_us"]) if "work_us" in found else None,
    )


def _told(server: JackServer, command: list[str], client: str) -> dict[str, Any]:
    """Run a client and read what it says; what happens while it starts, calculates and stops does not count."""
    environment = {**server.environment, "OPENBLAS_NUM_THREADS": "1"}
    with (
        (server.folder / "said").open("w+", encoding="utf-8") as said,
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=said, text=True) as process,
    ):
        assert process.stdout is not None
        process.stdout.readline()
        before = server.xruns().clients[client]
        process.stdout.readline()
        unfinished = server.xruns().clients[client] - before
        line = process.stdout.readline()
        process.wait()
        said.seek(0)
        if not line:
            raise RuntimeError(f"{Path(command[0]).name}: {said.read()[-500:]}")
    return {**json.loads(line), "unfinished": unfinished}
