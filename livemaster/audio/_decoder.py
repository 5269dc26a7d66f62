"""The decoder process: one compressed file in, raw float32 in a spool file out, progress on standard output.

It is started as a script, imports nothing of this package, and starts in 0.1 s. Its standard output is one
JSON object a line: first rate_hz, channels, frames (null where only decoding tells) and subtype; then `ready`
with the frames in the spool so far; last `end` with their total, or `error` with a reason. Files whose headers do
not tell the truth, or that hold several streams, are decoded stream by stream from pieces, to the end of each; what
was wrong there is told as `problems` with the `end`.
"""

from __future__ import annotations

import errno
import io
import json
import os
import signal
import sys
import threading
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import suppress
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import soundfile as sf

_CHUNK_FRAMES = 65536
_UNKNOWN_FRAMES = 1 << 62
"""libsndfile reports lengths near 2^63 where it does not know one."""


def limit(memory_bytes: int, cpu_s: int) -> None:
    """Cap this process's address space and processor time, where the system can."""
    try:
        import resource
    except ImportError:  # not on Windows
        return
    for what, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, hard))


def tell(**message: object) -> None:
    """Send one line to the parent."""
    print(json.dumps(message), flush=True)


class DecoderStream(sf.SoundFile):  # type: ignore[misc]
    """A file that is read straight on: soundfile would seek after each read, which fails where no length is known."""

    def seekable(self) -> bool:
        return False


class Pieces(io.RawIOBase):
    """A file made of pieces of another one, and of bytes that stand in between."""

    def __init__(self, file: io.RawIOBase, pieces: Sequence[Sequence[int] | str]) -> None:
        self._file = file
        self._pieces = [bytes.fromhex(each) if isinstance(each, str) else (each[0], each[1]) for each in pieces]
        lengths = [len(each) if isinstance(each, bytes) else each[1] - each[0] for each in self._pieces]
        self._starts = [0, *accumulate(lengths)]
        self._at = 0

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._starts[-1]}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """As much as one piece gives."""
        number = bisect_right(self._starts, self._at) - 1
        if not 0 <= self._at < self._starts[-1]:
            return 0
        inside, wanted = self._at - self._starts[number], min(len(buffer), self._starts[number + 1] - self._at)
        piece = self._pieces[number]
        if isinstance(piece, bytes):
            data = piece[inside : inside + wanted]
        else:
            self._file.seek(piece[0] + inside)
            data = self._file.read(wanted) or b""
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def reason(error: sf.LibsndfileError) -> str:
    """What libsndfile says, for the middle of a line."""
    return str(error.error_string).removeprefix("Error : ").rstrip(".")


def as_pipe(source: io.RawIOBase) -> int:
    """The source behind a pipe, where libsndfile decodes to the end and trusts no estimate of the length."""
    reading, writing = os.pipe()

    def feed() -> None:
        with suppress(BrokenPipeError, ValueError), os.fdopen(writing, "wb") as pipe:
            while data := source.read(1 << 16):
                pipe.write(data)

    threading.Thread(target=feed, daemon=True).start()
    return reading


class Spool:
    """Where decoded audio goes, and how much of it may."""

    def __init__(self, out: BinaryIO, longest_s: float) -> None:
        self._out, self._longest_s, self.ready = out, longest_s, 0

    def fill(self, file: sf.SoundFile) -> str:
        """All that a file gives; why it ended before its end, where it did."""
        most = self._longest_s * file.samplerate
        buffer = np.empty((_CHUNK_FRAMES, file.channels), np.float32)
        got, problem = _CHUNK_FRAMES, ""
        while got == _CHUNK_FRAMES and self.ready <= most and not problem:
            buffer[:, 0] = np.nan  # no decoder gives it: where an error ends a read, it shows how far that came
            try:
                got = len(file.read(out=buffer))
            except sf.LibsndfileError as error:
                missing = np.flatnonzero(np.isnan(buffer[:, 0]))
                got, problem = int(missing[0]) if missing.size else _CHUNK_FRAMES, reason(error)
            self._out.write(buffer[:got].tobytes())
            self._out.flush()
            self.ready += got
            tell(ready=self.ready)
        return problem


def decode(source: str | bytes, spool: Spool) -> None:
    """Decode a whole file whose header tells its length, reporting as it grows."""
    with DecoderStream(source) as file:
        known = 0 <= file.frames < _UNKNOWN_FRAMES
        frames = file.frames if known else None
        tell(rate_hz=file.samplerate, channels=file.channels, frames=frames, subtype=file.subtype)
        problem = spool.fill(file)
    if problem:
        tell(error=problem)
    else:
        tell(end=spool.ready)


def decode_streams(path: str | bytes, streams: Sequence[Any], piped: bool, spool: Spool) -> None:
    """Decode streams one after the other as if they were one; what does not fit the first is left out, and told."""
    first: tuple[int, int] | None = None
    problems: list[str] = []

    def fill(file: sf.SoundFile) -> str:
        nonlocal first
        kind = (file.samplerate, file.channels)
        if first is None:
            first = kind
            tell(rate_hz=kind[0], channels=kind[1], frames=None, subtype=file.subtype)
        if kind != first:
            return f"has {kind[1]} channels at {kind[0]} Hz and was left out"
        problem = spool.fill(file)
        return f"ends with an error ({problem})" if problem else ""

    for number, pieces in enumerate(streams, 1):
        with Path(os.fsdecode(path)).open("rb", buffering=0) as whole:
            source = Pieces(whole, pieces)
            try:
                with DecoderStream(as_pipe(source) if piped else io.BufferedReader(source)) as file:
                    problem = fill(file)
            except sf.LibsndfileError as error:
                if first is None and number == len(streams):
                    raise
                problem = f"cannot be decoded ({reason(error)})"
        if problem:
            problems.append(f"its stream {number} {problem}" if len(streams) > 1 else f"it {problem}")
    tell(end=spool.ready, problems=problems)


def main() -> None:
    """Decode the file named first into the one named second; the rest are the way to read, and limits."""
    path, spool, way, memory_bytes, cpu_s, longest_s = sys.argv[1:]
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # the parent answers Ctrl-C
    limit(int(memory_bytes), int(cpu_s))
    try:
        named = os.fsencode(path) if os.name == "posix" else path  # names need not be valid Unicode
        with Path(spool).open("r+b") as out:
            target = Spool(out, float(longest_s))
            if way == "file":
                decode(named, target)
            else:
                wanted = json.loads(way)
                decode_streams(named, wanted["streams"], wanted["piped"], target)
    except sf.LibsndfileError as error:
        tell(error=reason(error))
    except MemoryError:
        tell(error=f"needs more than {int(memory_bytes) >> 20} MB of memory")
    except OSError as error:
        tell(error=error.strerror, full=error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG))


if __name__ == "__main__":
    main()
