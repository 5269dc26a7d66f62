"""What to decode of a FLAC file: whether its header tells the truth is told by its last frame (RFC 9639, 9)."""

from __future__ import annotations

import re
from functools import cache
from typing import BinaryIO

from livemaster.audio.feed import Feed, Piece, Stream
from livemaster.audio.flac import (
    COMMENTS,
    MAGIC,
    STREAMINFO_AT,
    STREAMINFO_BYTES,
    StreamInfo,
    blocks,
    comments_fit,
    stream_info,
)
from livemaster.audio.tag_places import end_of_sound

_BEGINNING = re.compile(rb"fLaC[\x00\x80]\x00\x00\x22")
_SYNC = re.compile(rb"\xff[\xf8\xf9]")
_TAIL_BYTES = 1 << 20
_WINDOW_BYTES = 1 << 20
_FRAMES_AT = STREAMINFO_AT + 13
"""Of the 36 bits of a stream's length, the byte that holds the first four in its lower half."""
_LAST_BLOCK = 0x80
_MOST_HEAD_BYTES = 16
"""Of a frame."""
_MOST_TRIED = 16
"""Places near the end at which a frame might begin; the last frame is one of the last few."""
_BLOCK_FRAMES = {1: 192, **{n: 576 << n - 2 for n in range(2, 6)}, **{n: 256 << n - 8 for n in range(8, 16)}}


def flac_feed(file: BinaryIO, size_bytes: int, start: int) -> Feed | None:
    """[control] What to decode of a FLAC whose stream stands at `start`; None where the header's length is the true one
    and nothing else is in the file.
    """
    end = end_of_sound(file, size_bytes)
    begins = _beginnings(file, start, end)
    edges = [*begins, end]
    infos = [stream_info(file, at) for at in begins]
    first = infos[0] if infos else None
    if first is None:
        return None
    (held, whole), plain = _last_frame(file, begins[0], edges[1], first), _metadata_end(file, start)
    if len(begins) == 1 and start == 0 and whole and held == first.frames and plain is not None:
        return None
    streams = tuple(_stream(file, at, stop) for at, stop in zip(begins, edges[1:], strict=True))
    notes = [] if plain is not None else ["what stands before its first frame is damaged and was passed over"]
    if len(begins) > 1:
        notes.append(f"{len(begins)} streams are joined in it, one behind the other")
    return Feed(streams, promised=first.frames, held=held, cut=not whole and len(begins) == 1, notes=tuple(notes))


def _beginnings(file: BinaryIO, start: int, end: int) -> list[int]:
    """Where streams begin: the one that is known, and what was joined to it."""
    found, at = [start], start + len(MAGIC)
    while at < end:
        file.seek(at)
        data = file.read(min(_WINDOW_BYTES, end - at) + 7)
        found += [at + each.start() for each in _BEGINNING.finditer(data) if each.start() < _WINDOW_BYTES]
        at += _WINDOW_BYTES
    return found


def _stream(file: BinaryIO, at: int, stop: int) -> Stream:
    """A stream that tells no length, so that it is decoded to its end, and has no other metadata, broken or not."""
    file.seek(at)
    head = bytearray(file.read(STREAMINFO_AT + STREAMINFO_BYTES))
    head[4] = _LAST_BLOCK
    head[_FRAMES_AT : _FRAMES_AT + 5] = bytes([head[_FRAMES_AT] & 0xF0, 0, 0, 0, 0])
    begins = _metadata_end(file, at) or _first_frame(file, at + len(head), stop) or at + len(head)
    pieces: tuple[Piece, ...] = (bytes(head).hex(), (begins, stop))
    return pieces


def _metadata_end(file: BinaryIO, start: int) -> int | None:
    """Where the first frame stands behind the metadata; None where they do not lead there, or a comment is broken."""
    info, at = stream_info(file, start), start
    for kind, place, length in blocks(file, start):
        at = place + length
        if kind == COMMENTS:
            file.seek(place)
            if not comments_fit(file.read(length)):
                return None
    file.seek(at)
    return at if info is not None and _frame_end(file.read(_MOST_HEAD_BYTES), 0, info, 0) is not None else None


def _first_frame(file: BinaryIO, at: int, stop: int) -> int | None:
    """The first frame of a stream whose metadata do not tell where that stands: the one with the number 0."""
    info = stream_info(file, at - STREAMINFO_AT - STREAMINFO_BYTES)
    while info is not None and at < stop:
        file.seek(at)
        data = file.read(min(_WINDOW_BYTES, stop - at) + _MOST_HEAD_BYTES)
        for each in _SYNC.finditer(data):
            ends = _frame_end(data, each.start(), info, 1 << 16)
            if ends is not None and ends < 1 << 16:
                return at + each.start()
        at += _WINDOW_BYTES
    return None


def _last_frame(file: BinaryIO, start: int, end: int, info: StreamInfo) -> tuple[int, bool]:
    """Frames of audio up to the end of the last frame that is whole, and whether the stream ends there; 0 for none."""
    first = max(start, end - _TAIL_BYTES)
    file.seek(first)
    tail = file.read(end - first)
    file.seek(start + STREAMINFO_AT)
    block_frames = int.from_bytes(file.read(2), "big")
    begun = [len(tail)]
    for place in reversed([each.start() for each in _SYNC.finditer(tail)]):
        ends = _frame_end(tail, place, info, block_frames)
        if ends is None:
            continue
        for stop in begun:
            if _crc16(tail[place:stop]) == 0:
                return ends, stop == len(tail)
        begun.append(place)
        if len(begun) > _MOST_TRIED:
            break
    return 0, False


def _frame_end(data: bytes, at: int, info: StreamInfo, block_frames: int) -> int | None:
    """The frame of audio at which the frame that begins at `at` ends; None where no header stands."""
    if at + 6 > len(data) or data[at + 3] >> 4 > 10 or data[at + 3] & 1:
        return None
    number, place = _coded_number(data, at + 4)
    size_code, rate_code = data[at + 2] >> 4, data[at + 2] & 15
    if number is None or size_code == 0 or rate_code == 15:
        return None
    extra = {6: 1, 7: 2}.get(size_code, 0)
    frames = int.from_bytes(data[place : place + extra], "big") + 1 if extra else _BLOCK_FRAMES[size_code]
    place += extra + {12: 1, 13: 2, 14: 2}.get(rate_code, 0)
    channels = data[at + 3] >> 4
    if (channels + 1 if channels < 8 else 2) != info.channels or place >= len(data):
        return None
    if _crc8(data[at : place + 1]) != 0:
        return None
    first = number if data[at + 1] & 1 else number * block_frames
    return first + frames


def _coded_number(data: bytes, at: int) -> tuple[int | None, int]:
    """A number in the way of UTF-8, up to 36 bits, and the place behind it."""
    head = data[at]
    if head < 0x80:
        return head, at + 1
    more = 8 - (head ^ 0xFF).bit_length() - 1
    rest = data[at + 1 : at + 1 + more]
    if not 1 <= more <= 6 or len(rest) < more or any(byte >> 6 != 2 for byte in rest):
        return None, at
    number = head & (0x3F >> more)
    for byte in rest:
        number = number << 6 | byte & 0x3F
    return number, at + 1 + more


@cache
def _table(polynomial: int, bits: int) -> tuple[int, ...]:
    top, mask = 1 << bits - 1, (1 << bits) - 1
    rows = []
    for byte in range(256):
        crc = byte << bits - 8
        for _ in range(8):
            crc = (crc << 1 ^ polynomial if crc & top else crc << 1) & mask
        rows.append(crc)
    return tuple(rows)


def _crc8(data: bytes) -> int:
    crc, table = 0, _table(0x07, 8)
    for byte in data:
        crc = table[crc ^ byte]
    return crc


def _crc16(data: bytes) -> int:
    crc, table = 0, _table(0x8005, 16)
    for byte in data:
        crc = (crc << 8 & 0xFFFF) ^ table[crc >> 8 ^ byte]
    return crc
