"""PipeWire without a desktop for tests: a session of its own, with sinks that may go and come, and what they hear."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

import needs
import numpy as np
import soundfile as sf
from numpy.typing import NDArray

RATE_HZ = 48000
PATIENCE_S = 10.0


class PipeWire:
    """A bus, `pipewire` and its helpers in a folder of their own; all are gone at the end."""

    def __init__(self) -> None:
        self._programs = needs.pipewire()
        self._folder = tempfile.TemporaryDirectory(prefix="pw-")
        self.folder = Path(self._folder.name)
        self.environment = {
            **os.environ,
            "XDG_RUNTIME_DIR": str(self.folder),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.folder}/bus",
        }
        self._running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        bus = self.environment["DBUS_SESSION_BUS_ADDRESS"]
        try:
            self._start("dbus-daemon", "--session", f"--address={bus}", "--nofork", "--nopidfile")
            self._await(lambda: (self.folder / "bus").exists(), "the bus")
            self._start("pipewire")
            self._await(lambda: (self.folder / "pipewire-0").exists(), "pipewire")
            self._start("wireplumber")
            self._start("pipewire-pulse")
            self._await(lambda: self._run("pactl", "info").returncode == 0, "pipewire-pulse")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._running):
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE_S)
            process.kill()
            process.wait()
        self._folder.cleanup()

    def program(self, name: str) -> str:
        """Where one of PipeWire's programs lies."""
        return self._programs[name]

    def sink(self, name: str, description: str) -> str:
        """Make a sink; its module, by which it is removed again."""
        about = f"sink_properties=device.description={description}"
        done = self._run("pactl", "load-module", "module-null-sink", f"sink_name={name}", about, f"rate={RATE_HZ}")
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def remove(self, module: str) -> None:
        """Remove a sink, as if it were unplugged."""
        assert self._run("pactl", "unload-module", module).returncode == 0

    def force(self, what: str, value: int) -> None:
        """Set `clock.force-rate` or another of the graph's settings."""
        assert self._run("pw-metadata", "-n", "settings", "0", what, str(value)).returncode == 0

    def play(self, path: Path, sink: str) -> None:
        """Play a file on a sink, for as long as it lasts."""
        self._start("pw-play", "--target", sink, str(path))

    def heard(self, sink: str, seconds: float) -> NDArray[np.float32]:
        """What somebody at that sink hears, (frames,): its left."""
        path = self.folder / f"{time.monotonic_ns()}.wav"
        as_monitor = ["--target", sink, "-P", "{ stream.capture.sink=true }"]
        recorder = self._start("pw-record", *as_monitor, "--rate", str(RATE_HZ), "--format", "f32", str(path))
        time.sleep(seconds)
        recorder.send_signal(signal.SIGINT)
        recorder.wait(PATIENCE_S)
        sound: NDArray[np.float32] = sf.read(path, dtype="float32", always_2d=True)[0][:, 0]
        return sound

    def _start(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [self._programs[program], *arguments]
        process = subprocess.Popen(
            command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._running.append(process)
        return process

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [self._programs[program], *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=PATIENCE_S)

    def _await(self, done: Callable[[], bool], what: str) -> None:
        end_s = time.monotonic() + PATIENCE_S
        while not done():
            if time.monotonic() > end_s:
                raise RuntimeError(f"{what} does not start")
            time.sleep(0.02)
