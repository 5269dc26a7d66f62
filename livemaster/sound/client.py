"""The interface's end of the audio process: starts it, gives orders, hears answers."""

from __future__ import annotations

import json
import os
import pickle
import platform
import queue
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from typing import Any

from livemaster.children import start_python
from livemaster.dsp.cache import CACHE_VARIABLE, kernel_cache
from livemaster.errors import InputError, LivemasterError
from livemaster.graph import Graph
from livemaster.sound.audio_process import Setup
from livemaster.sound.shared_memory import ORDERED, Board

_MAIN = "livemaster.sound.audio_process:main"
WARM_S = 90.0
"""How long warming up may take; the first run compiles the kernels."""
PROBE_S = 10.0


class AudioHost:
    """The spare and, while sound is wanted, the process that plays; answers are put into `answers`.

    The last one is `gone`, when neither is left: the process that plays ends by itself when it has lost its spare.
    """

    def __init__(self, board: Board, graph: Graph) -> None:
        if sys.platform == "win32":
            raise LivemasterError(
                "playing needs a system whose processes fork (Linux, macOS); render to a file instead"
            )
        if not ORDERED:
            raise LivemasterError(
                f"playing needs an x86-64 processor, this is {platform.machine()}, on which one process may see what "
                "another one writes in another order; render to a file instead"
            )
        self._board = board
        board.post(pickle.dumps(graph))
        self.answers: queue.Queue[dict[str, Any]] = queue.Queue()
        kernels = kernel_cache()
        self._process: subprocess.Popen[bytes] = start_python(
            _MAIN,
            board.handle,
            pass_fds=[board.handle],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=None if kernels is None else {CACHE_VARIABLE: str(kernels.parent)},  # which may be a temporary one
            start_new_session=True,  # Ctrl-C in a terminal goes to all of a group
        )
        self._reader = threading.Thread(target=self._listen, name="audio host", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """Process number of the spare."""
        return self._process.pid

    def wait_ready(self) -> None:
        """[control] Until it is warm."""
        self.expect("ready", WARM_S)

    def expect(self, answer: str, seconds: float) -> dict[str, Any]:
        """[control] The next answer of that kind; InputError for a device's refusal, LivemasterError for silence."""
        while True:
            try:
                found = self.answers.get(timeout=seconds)
            except queue.Empty:
                raise LivemasterError(f"the audio process did not answer within {seconds:g} s") from None
            if found["answer"] == "failed":
                raise InputError(found["why"])
            if found["answer"] == "gone":
                raise LivemasterError("the audio process ended unexpectedly")
            if found["answer"] == answer:
                return found
            if found["answer"] == "ended" and answer == "running":
                raise LivemasterError(f"the audio process ended while it started (status {found['status']})")

    def probe(self, **order: object) -> dict[str, Any]:
        """[control] Find the devices: their full names, the best rate. InputError when there are none of that name."""
        self._order(do="probe", **order)
        found = self.expect("probed", PROBE_S)
        self.expect("ended", PROBE_S)
        return found

    def start(self, setup: Setup, **order: object) -> None:
        """[control] Ask for sound; the answer will be `running` or `failed`."""
        self._board.post(pickle.dumps(setup))
        self._order(do="start", **order)

    def look(self, **order: object) -> None:
        """[control] Ask whether an input is there while something plays; the answer will be `looked`."""
        self._order(do="look", **order)

    def kill(self) -> None:
        """[control] End the process that plays, at once; the answer will be `ended`, without a spare `gone`."""
        if self._process.poll() is None:
            self._order(do="kill")
        elif self._reader.is_alive():  # so that somebody is left of the group of processes that the spare began
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> int:
        """[control] Let both end: what still plays fades out. The spare's exit status, negative for a signal."""
        with suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        try:
            self._process.wait(5.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(1.0)
        self.kill()
        if self._process.stdout is not None:
            self._process.stdout.close()
        return self._process.returncode

    def _order(self, **order: object) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # then `gone` will be heard
            self._process.stdin.write((json.dumps(order) + "\n").encode())
            self._process.stdin.flush()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with suppress(json.JSONDecodeError):
                self.answers.put(json.loads(line))
        self.answers.put({"answer": "gone"})
