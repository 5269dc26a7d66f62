"""What a decoder is given of a compressed file: its streams, each as pieces of the file, and what is known of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

Piece = tuple[int, int] | str
"""From one byte of the file to another, or bytes that stand in their place, in hexadecimal."""
Stream = tuple[Piece, ...]

_MOST_CHARACTERS = 100_000
"""Of a command line's argument, in which the pieces are told; Linux allows 128 KB."""


@dataclass(frozen=True, slots=True)
class Feed:
    """`streams` are decoded one after the other, to their ends. `promised`: frames that the header tells, 0 for none;
    `held`: frames that must come at least, as far as that can be told; `cut`: whether the last one is not whole;
    `notes`: what was found besides.
    """

    streams: tuple[Stream, ...]
    piped: bool = False
    promised: int = 0
    held: int = 0
    cut: bool = False
    notes: tuple[str, ...] = ()

    def way(self) -> str:
        """As the decoder process reads it."""
        text = self._told(self.streams)
        if len(text) > _MOST_CHARACTERS:  # thousands of holes: the decoder finds its way through them
            text = self._told(tuple(_whole(stream) for stream in self.streams)[:_MOST_STREAMS])
        return text

    def _told(self, streams: tuple[Stream, ...]) -> str:
        return json.dumps({"piped": self.piped, "streams": streams}, separators=(",", ":"))


_MOST_STREAMS = 4096


def _whole(stream: Stream) -> Stream:
    edges = [edge for piece in stream if not isinstance(piece, str) for edge in piece]
    return ((min(edges), max(edges)),)


def reading_notes(feed: Feed, frames: int, rate_hz: int, problems: Sequence[str]) -> tuple[str, ...]:
    """[control] What had to be assumed of a file of which `frames` were read, with the decoder's `problems`."""
    notes = [*feed.notes, *(["its last frame is not whole and was left out"] if feed.cut else problems)]
    if feed.promised and feed.promised != frames:
        notes.append(
            f"its header tells {feed.promised} frames ({feed.promised / rate_hz:.3f} s), read to its end it has "
            f"{frames} ({frames / rate_hz:.3f} s)"
        )
    return tuple(notes)
