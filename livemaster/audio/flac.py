"""What stands in a FLAC stream: its metadata, its length as the header tells it, and its last frame (RFC 9639)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

MAGIC = b"fLaC"
STREAMINFO_AT, STREAMINFO_BYTES = 8, 34
"""In the stream, behind the magic and the head of the block; it is always the first one."""
STREAMINFO, PADDING, SEEKTABLE, COMMENTS, CUESHEET, PICTURE = 0, 1, 3, 4, 5, 6
"""Types of metadata blocks."""
_MOST_BLOCKS = 1024
_MOST_BLOCK_BYTES = 1 << 24


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """The header of a stream; `frames` is 0 where it does not tell."""

    rate_hz: int
    channels: int
    bits: int
    frames: int


def stream_info(file: BinaryIO, at: int) -> StreamInfo | None:
    """[control] The header of the stream at a place of a file; None where there is none."""
    file.seek(at)
    head = file.read(STREAMINFO_AT + STREAMINFO_BYTES)
    if len(head) < STREAMINFO_AT + STREAMINFO_BYTES or head[:4] != MAGIC or head[4] & 0x7F:
        return None
    packed = int.from_bytes(head[STREAMINFO_AT + 10 : STREAMINFO_AT + 18], "big")
    return StreamInfo(packed >> 44, (packed >> 41 & 7) + 1, (packed >> 36 & 31) + 1, packed & (1 << 36) - 1)


def blocks(file: BinaryIO, at: int) -> Iterator[tuple[int, int, int]]:
    """[control] Type, place and length of each metadata block of the stream at `at`, as far as the file goes."""
    at += len(MAGIC)
    for _ in range(_MOST_BLOCKS):
        file.seek(at)
        head = file.read(4)
        if len(head) < 4:
            return
        length = int.from_bytes(head[1:], "big")
        yield head[0] & 0x7F, at + 4, length
        at += 4 + length
        if head[0] & 0x80:
            return


def comments_fit(data: bytes) -> bool:
    """Whether the lengths in a block of comments lead exactly to its end."""
    at = 4 + int.from_bytes(data[:4], "little")
    count = int.from_bytes(data[at : at + 4], "little")
    at += 4
    while count and at <= len(data):
        at += 4 + int.from_bytes(data[at : at + 4], "little")
        count -= 1
    return at == len(data) and not count


def block_bytes(file: BinaryIO, at: int, kind: int) -> list[bytes]:
    """[control] The contents of all metadata blocks of one type."""
    found = []
    for each, place, length in blocks(file, at):
        if each == kind:
            file.seek(place)
            found.append(file.read(min(length, _MOST_BLOCK_BYTES)))
    return found
