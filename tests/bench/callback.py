"""How punctual callbacks are: `play` beside busy Python code, and a C client that does nothing.

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
from functools import cache
from pathlib import Path
from typing import Any

from jack_rig import HOST_API, JackServer

HERE = Path(__file__).resolve().parent


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


def idle_in_c(server: JackServer, folder: Path, seconds: float) -> dict[str, Any]:
    """The C client, see `idle_client.c`."""
    return _told(server, [str(compiled(folder)), str(seconds)], "idle")


def play_busily(server: JackServer, song: Path, seconds: float) -> dict[str, Any]:
    """`play` beside a busy thread, see `busy_play`."""
    command = [sys.executable, str(HERE / "busy_play.py"), str(song), str(seconds), f"{HOST_API}:system"]
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


def _told(server: JackServer, command: list[str], client: str) -> dict[str, Any]:
    """Run a client and read what it says; what happens while it starts, calculates and stops does not count.

    Added are `late`, the blocks that the server logged as not finished by this client, and of these `late_at_work`,
    where its callback had begun; in the others it had not been woken yet.
    """
    environment = {**server.environment, "OPENBLAS_NUM_THREADS": "1"}
    with (
        (server.folder / "said").open("w+", encoding="utf-8") as said,
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=said, text=True) as process,
    ):
        assert process.stdout is not None
        process.stdout.readline()
        before = server.xruns()
        process.stdout.readline()
        after = server.xruns()
        line = process.stdout.readline()
        process.wait()
        said.seek(0)
        if not line:
            raise RuntimeError(f"{Path(command[0]).name}: {said.read()[-500:]}")
    late = {
        "late": after.clients[client] - before.clients[client],
        "late_at_work": after.at_work[client] - before.at_work[client],
    }
    return {**json.loads(line), **late}
