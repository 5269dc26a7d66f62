"""The frames of an ID3v2 tag, cut apart before anything is parsed: so that a broken one costs only itself.

Sizes of ID3v2.4 are 7 bits a byte, but old iTunes wrote them plain: whichever way leads from frame to frame is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from livemaster.audio.tag_places import seven_bits

_HEAD_BYTES = 10
_MOST_FRAMES = 100_000


@dataclass(frozen=True, slots=True)
class RawFrame:
    """One frame, undecoded: `flags` are those of its own head, `tag_flags` those of the tag."""

    name: str
    flags: int
    body: bytes
    version: int
    tag_flags: int = 0

    @property
    def compressed(self) -> bool:
        """Whether it is zlib-compressed: nobody writes that, and a small frame can expand to gigabytes."""
        return bool(self.flags & (0x80 if self.version == 3 else 0x08 if self.version == 4 else 0))

    def as_tag(self) -> bytes:
        """A tag of this frame alone."""
        name = self.name.encode("latin-1")
        if self.version == 2:
            frame = name + len(self.body).to_bytes(3, "big") + self.body
        else:
            size = len(self.body).to_bytes(4, "big") if self.version == 3 else _synchsafe(len(self.body))
            frame = name + size + self.flags.to_bytes(2, "big") + self.body
        return b"ID3" + bytes([self.version, 0, self.tag_flags]) + _synchsafe(len(frame)) + frame


def raw_frames(data: bytes) -> Iterator[RawFrame]:
    """The frames of a tag, given as its bytes, up to the padding or to what is no frame."""
    version, flags, body = data[3], data[5], data[_HEAD_BYTES:]
    if version not in (2, 3, 4):
        raise ValueError(f"ID3v2.{version} is unknown")
    if version < 4 and flags & 0x80:
        body = body.replace(b"\xff\x00", b"\xff")
    at = 0
    if version > 2 and flags & 0x40:
        at = _plain(body[:4]) + 4 if version == 3 else seven_bits(body[:4])
    head = 6 if version == 2 else _HEAD_BYTES
    plain = version != 4 or _leads_on(body, at, plain=True) > _leads_on(body, at, plain=False)
    for _ in range(_MOST_FRAMES):
        name = body[at : at + (3 if version == 2 else 4)]
        if at + head > len(body) or not _is_name(name):
            return
        if version == 2:
            length, own = _plain(body[at + 3 : at + 6]), 0
        else:
            length = (_plain if plain else seven_bits)(body[at + 4 : at + 8])
            own = int.from_bytes(body[at + 8 : at + 10], "big")
        yield RawFrame(
            name.decode("ascii"), own, body[at + head : at + head + length], version, flags & 0x80 * (version == 4)
        )
        at += head + length


def _leads_on(body: bytes, at: int, *, plain: bool) -> int:
    """How many frames follow each other if sizes are read in one way; best to the end of the tag, or its padding."""
    count = 0
    while at + _HEAD_BYTES <= len(body) and _is_name(body[at : at + 4]):
        at += _HEAD_BYTES + (_plain if plain else seven_bits)(body[at + 4 : at + 8])
        count += 1
    ends = at == len(body) or (at < len(body) and not body[at : at + 16].strip(b"\0"))
    return count + (_MOST_FRAMES if ends else 0)


def _is_name(name: bytes) -> bool:
    return len(name) > 2 and name.isalnum() and name.isascii() and name.upper() == name


def _plain(field: bytes) -> int:
    return int.from_bytes(field, "big")


def _synchsafe(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))
