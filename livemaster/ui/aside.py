"""What libraries write to standard error while a screen is drawn: kept aside, and shown when the screen has gone."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from livemaster.printable import printable
from livemaster.ui.streams import unfailing

MOST_LINES = 10
MOST_BYTES = 1 << 16
"""Of what was written, the latest is looked at."""


@contextmanager
def errors_aside() -> Iterator[None]:
    """Keep the terminal to ourselves: `sys.stderr` still leads there, file descriptor 2 into a file.

    Native libraries write to the descriptor, JACK's for one when its server goes, and so do processes that are
    started meanwhile. The latest lines are printed in the end, each once.
    """
    sys.stderr.flush()
    before = sys.stderr, sys.__stderr__
    with tempfile.TemporaryFile() as kept:
        terminal = os.dup(2)
        stream = unfailing(terminal, sys.stderr.encoding)
        os.dup2(kept.fileno(), 2)
        sys.stderr = sys.__stderr__ = stream  # type: ignore[misc]
        try:
            yield
        finally:
            os.dup2(terminal, 2)
            sys.stderr, sys.__stderr__ = before  # type: ignore[misc]
            os.close(terminal)
            kept.seek(max(kept.seek(0, os.SEEK_END) - MOST_BYTES, 0))
            said = kept.read().decode("utf-8", errors="replace")
            for line in lines_of(said):
                print(f"said meanwhile: {line}", file=sys.stderr)


def lines_of(said: str) -> list[str]:
    """The latest lines that hold something, harmless to a terminal, each once."""
    clean = (printable(line, "").strip() for line in said.splitlines())
    latest = dict.fromkeys(line for line in reversed(list(clean)) if line)
    return list(latest)[:MOST_LINES][::-1]
