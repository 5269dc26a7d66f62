"""A sound card in software for tests: a JACK server of one's own, with clients that record and play to the bit.

PortAudio lists a JACK client as a device, so a program under test is told `--device <recorder.device>`. PortAudio
connects just before it starts the stream, and JACK at its next block, so that a stream's first block may be lost (2 of
75 were, on a busy machine), never more: a program begins with a block of silence, or of what nobody minds.

Under `JackServer(synchronous=True)` the server waits for slow clients, so recordings are whole whatever the load; to
count late blocks needs the default mode. A client that ends without closing makes a synchronous server wait for 5 s.
"""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import needs
import numpy as np
from numpy.typing import NDArray

CLIENT = Path(__file__).with_name("jack_client.py")
HOST_API = "JACK Audio Connection Kit"
SHARED_MEMORY = Path("/dev/shm")
PATIENCE_S = 20.0
START_S, ATTEMPTS = 3.0, 3
LOCK = Path(tempfile.gettempdir()) / "livemaster-jack-rig.lock"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Xruns:
    """Late blocks in a server's log: its own wake-ups that came late, and by client those not finished in time.

    `at_work`: of the latter those in which the client's callback had begun; in the others it had not been woken yet.
    """

    server: int
    clients: Counter[str]
    at_work: Counter[str]


class JackServer:
    """`jackd` with the dummy driver under a name that nobody else uses; several may run side by side.

    `realtime`: None does without; a number is the priority of SCHED_FIFO that is asked for.
    """

    def __init__(
        self,
        rate_hz: int = 48000,
        block: int = 128,
        *,
        synchronous: bool = False,
        realtime: int | None = None,
        channels: int = 2,
    ) -> None:
        self.rate_hz, self.block = rate_hz, block
        self.name = f"rig-{os.getpid()}-{next(_numbers)}"
        self.environment = {**os.environ, "JACK_DEFAULT_SERVER": self.name, "JACK_NO_START_SERVER": "1"}
        self.environment.pop("JACK_PROMISCUOUS_SERVER", None)
        mode = ["--no-realtime"] if realtime is None else ["-R", f"-P{realtime}"]
        driver = ["-d", "dummy", "-r", str(rate_hz), "-p", str(block), "-C", str(channels), "-P", str(channels)]
        self._command = [needs.jackd(), "-n", self.name, *mode, *(["-S"] if synchronous else []), *driver]
        if setpriv := shutil.which("setpriv"):  # so that it does not outlive tests that are killed
            self._command = [setpriv, "--pdeathsig", "TERM", *self._command]
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="jack-rig-")
        self.folder = Path(self._folder.name)
        self.log_path = self.folder / "jackd.log"

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self._folder.cleanup()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.stop()
        finally:
            self._folder.cleanup()

    def start(self) -> None:
        """Start it, again after a `stop`, and wait until it accepts clients.

        All servers share one registry, in which one that starts or stops beside others now and then loses itself or
        them: so one at a time, and once more where no client gets in.
        """
        for left in reversed(range(ATTEMPTS)):
            try:
                with _alone():
                    self._start()
            except RuntimeError:
                if not left:
                    raise
            else:
                return

    def _start(self) -> None:
        with self.log_path.open("ab") as log:
            environment = {**self.environment, "JACK_NO_AUDIO_RESERVATION": "1"}
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment
            )
        spec = {"server": self.name, "client": "wait", "seconds": START_S}
        try:
            subprocess.run([sys.executable, str(CLIENT), "wait", json.dumps(spec)], check=True, capture_output=True)
        except BaseException as error:
            self._stop()
            if isinstance(error, subprocess.CalledProcessError):
                raise RuntimeError(f"jackd did not start: {self.log()[-500:]}") from None
            raise

    def stop(self) -> None:
        """Stop it, as when a device is unplugged, and remove what it left in shared memory.

        A stream's callbacks then just end: PortAudio says `active` is False, calls no `finished_callback`, and its
        `stop` and `abort` never return.
        """
        with _alone():
            self._stop()

    def _stop(self) -> None:
        if self._process is None:
            return
        segments = _segments(self._process.pid)
        self._process.terminate()
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
        for left in {*segments, *SHARED_MEMORY.glob(f"*_{self.name}_*")}:
            left.unlink(missing_ok=True)

    def log(self) -> str:
        """What the server has said so far."""
        return self.log_path.read_text("utf-8", errors="replace")

    def xruns(self) -> Xruns:
        """The late blocks so far."""
        log = self.log()
        late = re.findall(r"XRun: client = (.+?) was not finished, state = (\w+)", log)
        at_work = Counter(client for client, state in late if state == "Running")
        return Xruns(len(re.findall(r"Driver::Process XRun", log)), Counter(client for client, _ in late), at_work)

    def longest_wait_ms(self) -> float:
        """The longest time by which the server itself was late."""
        return (
            max((float(us) for us in re.findall(r"Driver::Process XRun = (\d+) usec", self.log())), default=0.0) / 1e3
        )


@contextmanager
def _alone() -> Iterator[None]:
    """No other server of a rig starts or stops meanwhile, in whatever process."""
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _segments(pid: int) -> set[Path]:
    """The shared memory of a server, which it removes itself unless it has to be killed; not what all servers share."""
    try:
        maps = Path(f"/proc/{pid}/maps").read_text("utf-8")
    except OSError:
        return set()
    return {Path(path) for path in re.findall(rf"{SHARED_MEMORY}/jack-\d+-\d+$", maps, re.MULTILINE)}


class _Client:
    """A client of `jack_client.py` in its own process."""

    kind = ""

    def __init__(self, server: JackServer, pattern: str | None, name: str | None = None, **spec: object) -> None:
        self.server = server
        self.name = name or f"{self.kind}-{next(_numbers)}"
        self.device = f"{HOST_API}:{self.name}"
        self._spec = {"server": server.name, "client": self.name, "pattern": pattern, **spec}
        self._path = server.folder / f"{self.name}-{next(_numbers)}.npy"
        self._process: subprocess.Popen[str] | None = None
        self._facts: dict[str, Any] = {}

    def __enter__(self) -> Self:
        command = [sys.executable, str(CLIENT), self.kind, json.dumps({**self._spec, "path": str(self._path)})]
        self._errors: IO[str] = (self.server.folder / f"{self.name}.err").open("w")
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True
        )
        try:
            self._expect("ready")
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, _type: type[BaseException] | None, _value: object, _trace: TracebackType | None) -> None:
        self._end()

    def _end(self) -> dict[str, Any]:
        if self._process is not None:
            try:
                said, _ = self._process.communicate("stop\n", timeout=PATIENCE_S)
                self._facts = json.loads(said.splitlines()[-1]) if said else {}
            finally:
                self._process.kill()
                self._process.wait()
                self._process = None
                self._errors.close()
        return self._facts

    def _order(self, line: str) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _expect(self, line: str = "") -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        said = self._process.stdout.readline().strip()
        if not said or (line and said != line):
            raise RuntimeError(f"{self.name}: said '{said}': {self._last_words()}")
        return said

    def _last_words(self) -> str:
        return (self.server.folder / f"{self.name}.err").read_text("utf-8", errors="replace")[-1500:]


@dataclass(frozen=True)
class Recording:
    """Audio of shape (channels, frames), the server's frame it begins at, and where frames are missing.

    Each of `gaps` is a frame of the recording and the number of frames by which the server's count jumped before it:
    what the recorder missed, or negative where a late server set its clock back. `ended_by_server`: the server went
    away while it was recording.
    """

    audio: NDArray[np.float32]
    start_frame: int
    gaps: list[tuple[int, int]]
    ended_by_server: bool

    def sounding(self) -> NDArray[np.float32]:
        """From the first to the last frame that is not zero in all channels."""
        at = np.flatnonzero(self.audio.any(axis=0))
        return self.audio[:, at[0] : at[-1] + 1] if len(at) else self.audio[:, :0]


class Recorder(_Client):
    """Records float32 as it is: what plays to `device`, and what ports that fit the pattern `sources` play.

    Ports that fit are connected milliseconds after they appear, which is too late for one that plays at once; what is
    on PortAudio is better sent to `device`. `name`: of a recorder that was there before, as a device that comes back.
    """

    kind = "record"

    def __init__(
        self,
        server: JackServer,
        *,
        channels: int = 2,
        seconds: float = 60.0,
        sources: str | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(server, sources, name, channels=channels, seconds=seconds)

    def stop(self) -> Recording:
        """End the recording and return it."""
        facts = self._end()
        if not facts:
            raise RuntimeError(f"{self.name}: ended by itself: {self._last_words()}")
        if facts["full"]:
            raise RuntimeError(f"{self.name}: longer than was asked for")
        gaps = [(at, lost) for at, lost in facts["gaps"]]
        return Recording(np.load(self._path), facts["start_frame"], gaps, facts["event"] == "shutdown")


class Player(_Client):
    """Plays a signal of shape (channels, frames) to whoever listens to `device`, and to ports that fit `targets`."""

    kind = "play"

    def __init__(
        self, server: JackServer, signal: NDArray[np.float32], *, targets: str | None = None, name: str | None = None
    ) -> None:
        super().__init__(server, targets, name)
        np.save(self._path, np.atleast_2d(signal).astype(np.float32, copy=False))

    def play(self) -> int:
        """Play it once, until its last block has gone out; returns the server's frame it began at."""
        self.begin()
        return int(self._expect())

    def begin(self) -> None:
        """Play it once, without waiting for it; whoever waits for nobody to listen ends by itself."""
        self._order("play")


class Loop:
    """A player and a recorder for a program between them: `input_device` → program → `output_device`."""

    def __init__(self, server: JackServer, *, channels: int = 2, seconds: float = 60.0) -> None:
        impulse = np.zeros((channels, server.rate_hz), dtype=np.float32)  # a second of silence lets it arrive
        impulse[:, 0] = 1.0
        self._player = Player(server, impulse)
        self._recorder = Recorder(server, channels=channels, seconds=seconds)
        self.input_device, self.output_device = self._player.device, self._recorder.device

    def __enter__(self) -> Self:
        self._recorder.__enter__()
        self._player.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._player._end()
        self._recorder._end()

    def latency_frames(self) -> int:
        """Frames from an impulse played to its peak in the recording, which ends."""
        played = self._player.play()
        recording = self._recorder.stop()
        assert recording.gaps == []
        return recording.start_frame + int(np.abs(recording.audio[0]).argmax()) - played
