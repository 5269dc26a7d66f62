"""Compressed audio, decoded once by a child process into a spool file and read from there in every pass.

A decoder that crashes, loops or eats memory takes only its own process along. The child runs ahead of the
first pass on another core; the second pass costs no decoding.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from livemaster.audio.feed import Feed, reading_notes
from livemaster.audio.info import LONGEST_S, AudioInfo
from livemaster.audio.pcm import to_audio
from livemaster.audio.spool import new_spool, no_room, remove
from livemaster.children import start_python
from livemaster.errors import AudioFileError
from livemaster.units import Audio

DECODER = Path(__file__).with_name("_decoder.py")
MEMORY_BYTES = 1 << 30
"""Address space of the child; the interpreter and its libraries take a third of it."""
CPU_S = 300
"""Processor time of the child: four times what the longest allowed file needs."""

_TOLERATED_FRAMES = 2 * 1152
"""Decoders may hold back an MPEG frame or two at the end; where a length was promised, they are given as silence."""


class DecodedSource:
    """The samples of one compressed file; `info` holds what the decoder found.

    Without a `feed` its header is believed, and reading begins at once; with one it is decoded to its end first.
    """

    def __init__(self, path: Path, name: str, format_name: str, feed: Feed | None) -> None:
        self._name, self._feed = name, feed
        self._problems: tuple[str, ...] = ()
        self._ready, self._promised, self._frame, self._ended = 0, 0, 0, False
        self._spool_path = new_spool()
        self._spool = self._spool_path.open("rb")
        self._child = self._start(path, "file" if feed is None else feed.way())
        try:
            self.info = self._find_info(format_name)
        except BaseException:
            self.close()
            raise

    def read(self, frames: int) -> Audio:
        """Up to `frames` frames, (channels, n); fewer only at the end."""
        count = min(frames, self.info.frames - self._frame)
        while self._ready < self._frame + count and not self._ended:
            self._listen()
        frame_bytes = 4 * self.info.channels
        data = self._spool.read(count * frame_bytes)
        missing = count * frame_bytes - len(data)
        self._frame += count
        return to_audio(data + bytes(missing), "=f4", self.info.channels)

    def rewind(self) -> None:
        """Back to frame 0."""
        self.seek(0)

    def seek(self, frame: int) -> None:
        """To any frame of the file; what is not decoded yet is waited for when it is read."""
        self._frame = frame
        self._spool.seek(4 * self.info.channels * frame)

    def close(self) -> None:
        """End the decoder if it still runs, and remove the spool."""
        if self._child.poll() is None:
            self._child.kill()
        self._child.wait()
        if self._child.stdout is not None:
            self._child.stdout.close()
        self._spool.close()
        remove(self._spool_path)

    def _start(self, path: Path, way: str) -> subprocess.Popen[bytes]:
        limits = (str(MEMORY_BYTES), str(CPU_S), str(LONGEST_S))
        child: subprocess.Popen[bytes] = start_python(
            DECODER,
            path.absolute(),
            self._spool_path,
            way,
            *limits,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # decoders chatter there
        )
        # It ends long before its music was read, and shall not stand among the processes as a dead one.
        threading.Thread(target=child.wait, name="decoder", daemon=True).start()
        return child

    def _find_info(self, format_name: str) -> AudioInfo:
        found = self._receive()
        if os.name == "posix":
            remove(self._spool_path)  # both sides have it open: it now vanishes with them, whatever happens
        frames = found["frames"]
        if frames is None:
            while not self._ended:
                self._listen()
            frames = self._ready
        self._promised = frames
        rate_hz = found["rate_hz"]
        notes = () if self._feed is None else reading_notes(self._feed, frames, rate_hz, self._problems)
        return AudioInfo(self._name, rate_hz, found["channels"], frames, format_name, found["subtype"], notes=notes)

    def _listen(self) -> None:
        message = self._receive()
        if "ready" in message:
            self._ready = message["ready"]
            return
        self._ended = True
        self._problems = tuple(message.get("problems", ()))
        self._check_held()
        if self._ready + _TOLERATED_FRAMES < self._promised:
            told = f"its header promises {self._promised} frames, {self._ready} could be decoded"
            raise AudioFileError(f"{self._name}: damaged or cut: {told}")

    def _check_held(self) -> None:
        """AudioFileError where the decoder stopped long before the end of what is there."""
        held = 0 if self._feed is None else self._feed.held
        why = f": {'; '.join(self._problems)}" if self._problems else ""
        if self._ready < held:
            raise AudioFileError(
                f"{self._name}: is damaged: it holds {held} frames, {self._ready} could be decoded{why}"
            )
        if self._problems and not self._ready:
            raise AudioFileError(f"{self._name}: cannot be decoded{why}")

    def _receive(self) -> dict[str, Any]:
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        if not line.endswith(b"\n"):
            raise AudioFileError(f"{self._name}: its decoder {self._death()}")
        message: dict[str, Any] = json.loads(line)
        if message.get("full"):
            raise no_room(message["error"])
        if "error" in message:
            raise AudioFileError(f"{self._name}: cannot be decoded{self._where()}: {message['error']}")
        return message

    def _where(self) -> str:
        return f" behind frame {self._ready}" if self._ready else ""

    def _death(self) -> str:
        status = self._child.wait()
        if status == -getattr(signal, "SIGXCPU", 0):
            return f"needed more than {CPU_S} s of processor time"
        with suppress(ValueError):
            return f"crashed ({signal.Signals(-status).name})"
        return f"ended with status {status}"
