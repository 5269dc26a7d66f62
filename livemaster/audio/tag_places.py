"""Where tags stand in a file, in front of its sound and behind it: ID3v1, ID3v2, APEv2 and Lyrics3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

HEAD_BYTES = 32
"""Tell of any tag how long it is."""
ID3_HEAD_BYTES = 10
_MOST_TAGS = 64
_MOST_ZEROS = 1 << 20
_V1_BYTES = 128
_V2_FOOTER = 0x10
_APE_HAS_HEADER, _APE_IS_HEADER = 0x80, 0x20


def seven_bits(field: bytes) -> int:
    """A number of ID3v2.4, of which every byte holds seven bits."""
    number = 0
    for byte in field:
        number = number << 7 | byte & 0x7F
    return number


def tag_length(head: bytes) -> int:
    """Bytes of the tag that begins with these `HEAD_BYTES` (fewer at the end of a file); 0 where none does."""
    if head[:3] == b"TAG":
        return _V1_BYTES
    if head[:3] == b"ID3" and len(head) >= ID3_HEAD_BYTES and head[3] < 0xFF and max(head[6:10]) < 0x80:
        return seven_bits(head[6:10]) + ID3_HEAD_BYTES * (2 if head[5] & _V2_FOOTER else 1)
    if head[:8] == b"APETAGEX" and len(head) == HEAD_BYTES:
        return HEAD_BYTES + (int.from_bytes(head[12:16], "little") if head[23] & _APE_IS_HEADER else 0)
    return 0


def tags_in_front(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """[control] Place and length of each tag at the beginning of a file, zeros before them passed over."""
    at = 0
    for _ in range(_MOST_TAGS):
        at += _zeros_at(file, at)
        length = tag_length(_at(file, at, HEAD_BYTES))
        if not length:
            return
        yield at, length
        at += length


def tags_behind(file: BinaryIO, size_bytes: int) -> list[tuple[int, int]]:
    """[control] Place and length of each tag at the end of a file, in the order in which they stand there."""
    found: list[tuple[int, int]] = []
    end = size_bytes
    while len(found) < _MOST_TAGS and (length := _length_before(file, end)):
        end -= length
        found.insert(0, (end, length))
    return found


def end_of_sound(file: BinaryIO, size_bytes: int) -> int:
    """[control] Where the tags at the end of a file begin."""
    return next((at for at, _ in tags_behind(file, size_bytes)), size_bytes)


def _length_before(file: BinaryIO, end: int) -> int:
    """Bytes of the tag that ends at a place of a file; 0 where none does. One that tells nonsense is its footer."""
    if _at(file, end - _V1_BYTES, 3) == b"TAG":
        return _V1_BYTES
    tail = _at(file, end - HEAD_BYTES, HEAD_BYTES)
    footer, length = 0, 0
    if tail[:8] == b"APETAGEX":
        footer = HEAD_BYTES
        length = int.from_bytes(tail[12:16], "little") + (HEAD_BYTES if tail[23] & _APE_HAS_HEADER else 0)
    elif tail[-10:-7] == b"3DI" and _at(file, end - 2 * ID3_HEAD_BYTES - seven_bits(tail[-4:]), 3) == b"ID3":
        length = seven_bits(tail[-4:]) + 2 * ID3_HEAD_BYTES
    elif tail[-9:] == b"LYRICS200":
        footer, length = 15, 15 + (int(tail[-15:-9]) if tail[-15:-9].isdigit() else 0)
    return length if footer <= length <= end else footer


def _zeros_at(file: BinaryIO, at: int) -> int:
    if _at(file, at, 1) != b"\0":
        return 0
    zeros = _at(file, at, _MOST_ZEROS)
    return len(zeros) - len(zeros.lstrip(b"\0"))


def _at(file: BinaryIO, at: int, length: int) -> bytes:
    if at < 0:
        return b""
    file.seek(at)
    return file.read(length)
