"""The decoder process: one compressed file in, raw float32 in a spool file out, progress on standard output.

It is started as a script, imports nothing of this package, and starts in 0.1 s. Its standard output is one
JSON object a line: first rate_hz, channels, frames (null where only decoding tells) and subtype; then `ready`
with the frames in the spool so far; last `end` with their total, or `error` with a reason.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
import threading
from pathlib import Path

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


def as_pipe(path: str) -> int:
    """The file behind a pipe, where libsndfile decodes to the end and trusts no estimate of the length."""
    reading, writing = os.pipe()

    def feed() -> None:
        with Path(path).open("rb") as source, os.fdopen(writing, "wb") as pipe:
            while data := source.read(1 << 16):
                pipe.write(data)

    threading.Thread(target=feed, daemon=True).start()
    return reading


def decode(source: str | bytes | int, spool: str, longest_s: float) -> None:
    """Decode everything into the spool, reporting as it grows."""
    with sf.SoundFile(source) as file, Path(spool).open("r+b") as out:
        known = 0 <= file.frames < _UNKNOWN_FRAMES
        tell(
            rate_hz=file.samplerate,
            channels=file.channels,
            frames=file.frames if known else None,
            subtype=file.subtype,
        )
        most = longest_s * file.samplerate
        buffer = np.empty((_CHUNK_FRAMES, file.channels), np.float32)
        ready, got = 0, _CHUNK_FRAMES
        while got == _CHUNK_FRAMES and ready <= most:
            got = len(file.read(out=buffer))
            out.write(buffer[:got].data.cast("B"))
            out.flush()
            ready += got
            tell(ready=ready)
        tell(end=ready)


def main() -> None:
    """Decode the file named first into the one named second; the rest are the way to read, and limits."""
    path, spool, way, memory_bytes, cpu_s, longest_s = sys.argv[1:]
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # the parent answers Ctrl-C
    limit(int(memory_bytes), int(cpu_s))
    try:
        named = os.fsencode(path) if os.name == "posix" else path  # names need not be valid Unicode
        decode(as_pipe(path) if way == "stream" else named, spool, float(longest_s))
    except sf.LibsndfileError as error:
        tell(error=error.error_string)
    except MemoryError:
        tell(error=f"needs more than {int(memory_bytes) >> 20} MB of memory")
    except OSError as error:
        tell(error=error.strerror, full=error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG))


if __name__ == "__main__":
    main()
