"""Streams to a terminal, a pipe or a file that may go away, or lack the characters: they never fail the writer."""

from __future__ import annotations

import codecs
import io
import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from livemaster.printable import printable

PATIENCE_S = 0.2
"""How long a reader that does not read is waited for; what it has no room for then is lost."""
PIECE_BYTES = 4096
"""What a pipe that says it is ready takes without waiting (PIPE_BUF)."""
PLAIN_WHERE_LACKING = "livemaster.plain"
"""`errors` of a text stream that writes a plain character where its encoding lacks one."""
PLAIN = {
    **dict.fromkeys("−–—‐", "-"),
    "…": "...",
    "×": "x",
    "±": "+-",
    "≤": "<=",
    "≥": ">=",
    "→": "->",
    "·": ".",
    "µ": "u",
    "°": "deg",
    **dict.fromkeys("‘’′", "'"),
    **dict.fromkeys("“”„″«»", '"'),
}
"""What stands in for a character that a stream's encoding lacks; for others their code does."""


def _plain(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    text = "".join(PLAIN.get(c) or c.encode("ascii", "backslashreplace").decode() for c in lacking)
    return text.encode(error.encoding, "backslashreplace"), error.end


codecs.register_error(PLAIN_WHERE_LACKING, _plain)


class Unfailing(io.RawIOBase):
    """A file descriptor to which writing never fails and hardly ever waits: what cannot be written is lost."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor

    def fileno(self) -> int:
        """The descriptor."""
        return self._descriptor

    def isatty(self) -> bool:
        """Whether it is a terminal that is still there."""
        return os.isatty(self._descriptor)

    def writable(self) -> bool:
        """It always seems to be."""
        return True

    def write(self, data: object) -> int:
        """All of it, as far as anyone takes it."""
        whole = memoryview(data)  # type: ignore[arg-type]
        rest = whole
        with suppress(OSError, ValueError):  # full, closed, gone
            while rest and select.select([], [self._descriptor], [], PATIENCE_S)[1]:
                rest = rest[os.write(self._descriptor, rest[:PIECE_BYTES]) :]
        return len(whole)


def unfailing(descriptor: int, encoding: str | None) -> io.TextIOWrapper:
    """A text stream over a descriptor, which stays open."""
    return io.TextIOWrapper(
        Unfailing(descriptor),  # type: ignore[arg-type]
        encoding=encoding or "utf-8",
        errors=PLAIN_WHERE_LACKING,
        write_through=True,
        line_buffering=True,
    )


@contextmanager
def nothing_fails() -> Iterator[None]:
    """Meanwhile nothing that is written to `sys.stdout` and `sys.stderr` fails, whatever becomes of them."""
    before = sys.stdout, sys.stderr
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        with suppress(OSError, ValueError, AttributeError):  # one that is no file cannot go away
            stream.flush()
            setattr(sys, name, unfailing(stream.fileno(), stream.encoding))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def say(line: str) -> None:
    """A line on standard output, at once; what is not printable in it, from a file's name say, is a question mark."""
    print(printable(line), flush=True)
