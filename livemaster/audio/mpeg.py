"""MPEG audio, frame by frame: what is there, what the Info header of the encoder counts, and where files were joined.

Sources: ISO 11172-3, 2.4.1.3 and 2.4.2.3; ISO 13818-3; the Xing, Info and VBRI headers as their writers document them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from livemaster.audio.feed import Feed, Piece, Stream
from livemaster.audio.tag_places import HEAD_BYTES, end_of_sound, tag_length

_BITRATES = {
    (3, 3): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (3, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (3, 1): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 3): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 1): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""In kbit/s, by version (3: MPEG 1, 2: the others) and layer as the header codes it (3: I, 2: II, 1: III)."""
_RATES_HZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_VBRI_AT = 36
_COUNTED = 1
"""Flag of an Info header that tells the number of frames."""
_WINDOW_BYTES = 1 << 20
_SYNC = re.compile(rb"\xff[\xe2-\xff]")
_MOST_LOST = 4
"""Frames of a stream that are the encoder's delay and padding."""
_MOST_FREE_BYTES = 1 << 13
"""A frame of free format is shorter."""
_MOST_JUNK_BYTES = 1 << 22
"""Between frames; behind more, nothing is searched for."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The header of one frame; `length` is 0 in free format."""

    version: int
    layer: int
    rate_hz: int
    channels: int
    length: int

    @property
    def frames(self) -> int:
        """Frames of audio in it."""
        return 384 if self.layer == 3 else 1152 if self.layer == 2 or self.version == 3 else 576

    def alike(self, other: Frame) -> bool:
        """Whether both can stand in one stream."""
        return (self.version, self.layer, self.rate_hz) == (other.version, other.layer, other.rate_hz)


def frame_at(data: bytes, at: int) -> Frame | None:
    """The frame whose header stands there; None where none does."""
    if at + 4 > len(data) or data[at] != 0xFF or data[at + 1] & 0xE0 != 0xE0:
        return None
    second, third = data[at + 1], data[at + 2]
    version, layer, bitrate, rate = second >> 3 & 3, second >> 1 & 3, third >> 4, third >> 2 & 3
    if version == 1 or layer == 0 or bitrate == 15 or rate == 3:
        return None
    rate_hz, padding = _RATES_HZ[version][rate], third >> 1 & 1
    bits = 1000 * _BITRATES[3 if version == 3 else 2, layer][bitrate]
    if layer == 3:
        length = 4 * (12 * bits // rate_hz + padding)
    else:
        length = (144 if layer == 2 or version == 3 else 72) * bits // rate_hz + padding
    return Frame(version, layer, rate_hz, 1 if data[at + 3] >> 6 == 3 else 2, length if bitrate else 0)


@dataclass(slots=True)
class _MpegPart:
    """One stream: its frames, and where its Info header, if it has one, counts them."""

    kind: Frame
    pieces: list[tuple[int, int]] = field(default_factory=list)
    frames: int = 0
    counted: int = 0
    count_at: int = 0
    info: tuple[int, int] | None = None

    def add(self, at: int, length: int) -> None:
        if self.pieces and self.pieces[-1][1] == at:
            self.pieces[-1] = (self.pieces[-1][0], at + length)
        else:
            self.pieces.append((at, at + length))


class _Window:
    """Bytes of a file at any place, read in large portions."""

    def __init__(self, file: BinaryIO, end: int) -> None:
        self._file, self.end, self._at, self._data = file, end, 0, b""

    def bytes_at(self, at: int, length: int) -> bytes:
        if not self._at <= at <= at + length <= self._at + len(self._data):
            self._file.seek(at)
            self._at, self._data = at, self._file.read(min(max(_WINDOW_BYTES, length), max(self.end - at, 0)))
        return self._data[at - self._at : at - self._at + length]


@dataclass(slots=True)
class _MpegWalk:
    """All frames of a file, sorted into streams, and the bytes between them that are none."""

    parts: list[_MpegPart] = field(default_factory=list)
    junk_bytes: int = 0
    cut: bool = False
    free: bool = False
    given_up: bool = False


def mpeg_feed(file: BinaryIO, size_bytes: int, start: int) -> Feed | None:
    """[control] What to decode of an MP3 whose first frame stands at `start`; None where its header tells the truth
    and nothing else is in it, or where its frames cannot be followed (free format).
    """
    walk = _walked(_Window(file, end_of_sound(file, size_bytes)), start)
    if walk.free or not walk.parts:
        return None
    only = walk.parts[0]
    simple = len(walk.parts) == 1 and not walk.junk_bytes and not walk.cut
    if simple and only.counted == only.frames and start == _plain_start(file):
        return None
    held = sum(max(part.frames - _MOST_LOST, 0) * part.kind.frames for part in walk.parts if _same(part, only))
    streams = tuple(_stream(part) for part in walk.parts)
    return Feed(streams, piped=True, held=held, cut=walk.cut, notes=tuple(_notes(walk)))


def _same(part: _MpegPart, other: _MpegPart) -> bool:
    return part.kind.rate_hz == other.kind.rate_hz and part.kind.channels == other.kind.channels


def _plain_start(file: BinaryIO) -> int:
    """Where a single tag at the beginning ends, and the zeros behind it: decoders find that themselves."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    at = tag_length(head) if head[:3] == b"ID3" else 0
    file.seek(at)
    front = file.read(65536)
    return at + len(front) - len(front.lstrip(b"\0"))


def _notes(walk: _MpegWalk) -> Iterator[str]:
    if len(walk.parts) > 1:
        yield f"{len(walk.parts)} streams are joined in it, one behind the other"
    for part in walk.parts:
        if part.counted not in (0, part.frames):
            yield f"its header counts {part.counted} frames of MPEG audio, it has {part.frames}"
    if walk.junk_bytes:
        yield f"{walk.junk_bytes} bytes between its frames are no audio"
    if walk.given_up:
        yield "what follows them was not searched"


def _stream(part: _MpegPart) -> Stream:
    """Its pieces, with the count of its Info header mended where it is too small: what it leaves out would be lost, and
    by one frame more than there are, for no encoder's padding is known to stand at the end.
    """
    pieces: list[Piece] = list(part.pieces)
    if not 0 < part.counted < part.frames:
        return tuple(pieces)
    first, stop = part.pieces[0]
    count = (part.frames + 1).to_bytes(4, "big").hex()
    return ((first, part.count_at), count, (part.count_at + 4, stop), *pieces[1:])


def _walked(window: _Window, at: int) -> _MpegWalk:
    walk = _MpegWalk()
    while at + 4 <= window.end:
        frame = frame_at(window.bytes_at(at, 4), 0)
        if (
            frame is not None
            and walk.parts
            and not frame.alike(walk.parts[-1].kind)
            and not _followed(window, at, frame)
        ):
            frame = None
        if frame is not None and not frame.length:
            walk.free = _again(window, at)
            if walk.free:
                break
            frame = None
        if frame is None:
            found = _next(window, at, walk)
            if found is None:
                break
            at = found
            continue
        if at + frame.length > window.end:
            walk.cut = True
            break
        _take(window, at, frame, walk)
        at += frame.length
    walk.cut = walk.cut or (0 < window.end - at < 4 and bool(window.bytes_at(at, 4).strip(b"\0")))
    return walk


def _again(window: _Window, at: int) -> bool:
    """Whether a header of free format is followed by another one of its kind."""
    data = window.bytes_at(at, min(_MOST_FREE_BYTES, window.end - at))
    heads = (found.start() for found in _SYNC.finditer(data, 4, len(data) - 1))
    return any(data[head : head + 2] == data[:2] and data[head + 2] >> 2 == data[2] >> 2 for head in heads)


def _take(window: _Window, at: int, frame: Frame, walk: _MpegWalk) -> None:
    """Sort one frame in: a header of an encoder, or another kind of audio, begins a stream of its own."""
    head = window.bytes_at(at, min(frame.length, 64))
    info = next((found for mark in (b"Xing", b"Info") if (found := head.find(mark, 4)) > 0), 0)
    if info or head[_VBRI_AT : _VBRI_AT + 4] == b"VBRI":
        part = _MpegPart(frame)
        walk.parts.append(part)
        if info:  # the decoder wants to see it, for the encoder's delay; VBRI's tells none
            part.add(at, frame.length)
            field_bytes = window.bytes_at(at + info + 4, 8)
            if len(field_bytes) == 8 and field_bytes[3] & _COUNTED:
                part.count_at, part.counted = at + info + 8, int.from_bytes(field_bytes[4:], "big")
        return
    if not walk.parts or not walk.parts[-1].kind.alike(frame) or walk.parts[-1].kind.channels != frame.channels:
        walk.parts.append(_MpegPart(frame))
    part = walk.parts[-1]
    part.add(at, frame.length)
    part.frames += 1


def _next(window: _Window, at: int, walk: _MpegWalk) -> int | None:
    """The next frame behind what is none, tags or rubbish; None where no more comes."""
    place = _behind_tags(window, at)
    tags_end, limit = place, place + _MOST_JUNK_BYTES
    while place + 4 <= min(window.end, limit):
        data = window.bytes_at(place, min(1 << 16, window.end - place))
        for found in _SYNC.finditer(data):
            frame = frame_at(data, found.start())
            if frame is not None and frame.length and _followed(window, place + found.start(), frame):
                if place + found.start() > tags_end:
                    walk.junk_bytes += place + found.start() - tags_end
                return place + found.start()
        place += max(len(data) - 3, 1)
    rest = window.bytes_at(tags_end, min(window.end - tags_end, 1 << 16))
    if rest.strip(b"\0"):
        walk.junk_bytes += window.end - tags_end
        walk.given_up = place + 4 <= window.end
    return None


def _followed(window: _Window, at: int, frame: Frame) -> bool:
    """Whether another frame of its kind stands behind it, or the end."""
    behind = at + frame.length
    if behind >= window.end - 3:
        return behind == window.end
    following = frame_at(window.bytes_at(behind, 4), 0)
    return following is not None and following.alike(frame)


def _behind_tags(window: _Window, at: int) -> int:
    """Behind the tags that joined files leave between their frames."""
    for _ in range(64):
        length = tag_length(window.bytes_at(at, min(HEAD_BYTES, window.end - at)))
        if not length or at >= window.end:
            break
        at += length
    return min(at, window.end)
