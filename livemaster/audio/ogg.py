"""Ogg, page by page: the streams that stand one behind the other in a file, and whether each is whole (RFC 3533)."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import BinaryIO

from livemaster.audio.feed import Feed, Piece, Stream
from livemaster.audio.tag_places import end_of_sound

MAGIC = b"OggS"
_HEAD_BYTES = 27
_CONTINUED, _FIRST, _LAST = 1, 2, 4
_NO_POSITION = (1 << 64) - 1
_MOST_FRAMES_A_PACKET = 8192
"""Half of Vorbis' longest two blocks, and more than the 120 ms that Opus allows."""
_WINDOW_BYTES = 1 << 16
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
"""Each byte with its bits in the other order."""


@dataclass(frozen=True, slots=True)
class _Page:
    at: int
    length: int
    flags: int
    position: int
    serial: int
    packets: int
    """Packets that end in it."""


@dataclass(slots=True)
class _Link:
    """One logical stream: from its first page to the one before the next stream's."""

    serial: int
    pieces: list[tuple[int, int]] = field(default_factory=list)
    last: _Page | None = None
    before: int = 0
    """The position before the last page's."""
    orderly: bool = True
    """Whether positions only grow, by no more than the packets can hold."""
    unplaced: bool = False
    """Whether the last packets have no position."""


@dataclass(slots=True)
class _OggWalk:
    links: list[_Link] = field(default_factory=list)
    junk_bytes: int = 0
    cut: bool = False
    multiplexed: bool = False


def ogg_feed(file: BinaryIO, size_bytes: int, start: int) -> Feed | None:
    """[control] What to decode of an Ogg file whose first page stands at `start`; None where it is a single stream
    that is whole and tells its length, or where several run side by side.
    """
    walk = _walked(file, end_of_sound(file, size_bytes), start)
    links = walk.links
    if walk.multiplexed or not links:
        return None
    whole = not walk.junk_bytes and not walk.cut and start == 0
    if whole and len(links) == 1 and links[0].orderly and not links[0].unplaced:
        return None
    notes = []
    if len(links) > 1:
        notes.append(f"{len(links)} streams are joined in it, one behind the other")
    if walk.junk_bytes:
        notes.append(f"{walk.junk_bytes} bytes are no whole pages and were left out")
    if not all(link.orderly and not link.unplaced for link in links):
        notes.append("what it tells of its length does not fit its audio")
    streams = tuple(_stream(file, link) for link in links)
    return Feed(streams, piped=True, cut=walk.cut, notes=tuple(notes))


def _stream(file: BinaryIO, link: _Link) -> Stream:
    """Its pages; where the last one's position goes back, that is taken out, so that nothing is cut by it."""
    pieces: list[Piece] = list(link.pieces)
    last = link.last
    if link.orderly or last is None or last.position >= link.before:
        return tuple(pieces)
    file.seek(last.at)
    page = bytearray(file.read(last.length))
    page[6:14] = _NO_POSITION.to_bytes(8, "little")
    page[22:26] = bytes(4)
    page[22:26] = checksum(bytes(page)).to_bytes(4, "little")
    first, stop = link.pieces[-1]
    return (*pieces[:-1], (first, last.at), bytes(page).hex(), (last.at + last.length, stop))


def _walked(file: BinaryIO, end: int, at: int) -> _OggWalk:
    walk = _OggWalk()
    while at < end:
        page = _page(file, at, end)
        if page is None:
            found = _next(file, at + 1, end)
            if _begins_page(file, at, end):
                walk.cut = found is None
            if found is None:
                walk.junk_bytes += 0 if walk.cut else end - at
                break
            walk.junk_bytes += found - at
            at = found
            continue
        _take(page, walk)
        at += page.length
    return walk


def _take(page: _Page, walk: _OggWalk) -> None:
    links = walk.links
    if page.flags & _FIRST:
        if links and links[-1].last is None:  # a second beginning before any sound: side by side
            walk.multiplexed = True
        links.append(_Link(page.serial))
    if not links:
        walk.junk_bytes += page.length
        return
    link = links[-1]
    if page.serial != link.serial:
        walk.multiplexed = True
    if link.pieces and link.pieces[-1][1] == page.at:
        link.pieces[-1] = (link.pieces[-1][0], page.at + page.length)
    else:
        link.pieces.append((page.at, page.at + page.length))
    if page.position == _NO_POSITION:
        link.unplaced = link.unplaced or page.packets > 0
        return
    link.unplaced = False
    if page.position == 0:
        return
    if link.last is not None:
        link.before = link.last.position
        grown = page.position - link.before
        if not 0 <= grown <= _MOST_FRAMES_A_PACKET * (page.packets + 1):
            link.orderly = False
    link.last = page


def _page(file: BinaryIO, at: int, end: int) -> _Page | None:
    """The page at a place; None where none stands, a part of one, or a damaged one, which decoders leave out."""
    file.seek(at)
    head = file.read(_HEAD_BYTES + 255)
    if head[:4] != MAGIC or len(head) < _HEAD_BYTES:
        return None
    count = head[26]
    lacing = head[_HEAD_BYTES : _HEAD_BYTES + count]
    length = _HEAD_BYTES + count + sum(lacing)
    if len(lacing) < count or at + length > end:
        return None
    page = (head + file.read(max(length - len(head), 0)))[:length]
    if checksum(page[:22] + bytes(4) + page[26:]) != int.from_bytes(head[22:26], "little"):
        return None
    packets = sum(each < 255 for each in lacing)
    position, serial = int.from_bytes(head[6:14], "little"), int.from_bytes(head[14:18], "little")
    return _Page(at, length, head[5], position, serial, packets)


def _begins_page(file: BinaryIO, at: int, end: int) -> bool:
    file.seek(at)
    head = file.read(min(len(MAGIC), end - at))
    return MAGIC.startswith(head)


def _next(file: BinaryIO, at: int, end: int) -> int | None:
    """The next page that is whole."""
    while at < end:
        file.seek(at)
        data = file.read(min(_WINDOW_BYTES, end - at))
        found = data.find(MAGIC)
        while found >= 0:
            if _page(file, at + found, end) is not None:
                return at + found
            found = data.find(MAGIC, found + 1)
        at += max(len(data) - len(MAGIC) + 1, 1)
    return None


def checksum(page: bytes) -> int:
    """CRC-32 of a page whose own checksum is zero (RFC 3533, 6): zlib's from 0 on, all bits in the other order."""
    crc = zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{crc:032b}"[::-1], 2)
