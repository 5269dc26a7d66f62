"""What WAV, AIFF and FLAC keep besides text and pictures: carried over within the family, told where it is not.

bext (EBU Tech 3285), iXML, cue points and labels, sampler data, AIFF's markers and comments, FLAC's cue sheet.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from livemaster.audio.tag_fields import Block, Tags

WAV, AIFF, FLAC = "WAV", "AIFF", "FLAC"
_PLACED = {b"bext", b"cue ", b"smpl", b"MARK", b"INST", b"plst"}
_CARRIED = {
    WAV: {b"bext", b"iXML", b"cue ", b"smpl", b"inst", b"plst", b"acid", b"axml", b"cart", b"umid", b"_PMX", b"LIST"},
    AIFF: {b"MARK", b"COMT", b"INST", b"APPL"},
}
_PASSED_OVER = {
    b"fmt ", b"data", b"ds64", b"fact", b"JUNK", b"junk", b"PAD ", b"FLLR", b"PEAK", b"levl", b"id3 ", b"ID3 ",
    b"COMM", b"SSND", b"FVER", b"CHAN", b"NAME", b"AUTH", b"ANNO", b"(c) ", b"\0\0\0\0",
}  # fmt: skip
"""The audio and what describes it, padding, and what travels as text."""
MOST_BLOCK_BYTES = 1 << 24
_LIST_KINDS = {b"INFO": "LIST INFO", b"adtl": "labels"}
_PROGRAM = b"ISFT"
_BEXT_LOUDNESS = slice(412, 422)
_UNKNOWN_LOUDNESS = struct.pack("<5h", *(5 * (0x7FFF,)))
"""What a bext chunk says of a loudness that it does not know (EBU Tech 3285 s5)."""
_WRITTEN = {WAV: "<", AIFF: ">"}


def block_of(family: str, identity: bytes, data: bytes) -> Block | None:
    """[control] A chunk that is carried, without what it tells of the source's loudness and program; else None."""
    if identity not in _CARRIED[family]:
        return None
    if identity == b"LIST" and data[:4] not in _LIST_KINDS:
        return None
    if identity == b"bext" and len(data) >= 422 and int.from_bytes(data[346:348], "little") >= 2:
        data = data[: _BEXT_LOUDNESS.start] + _UNKNOWN_LOUDNESS + data[_BEXT_LOUDNESS.stop :]
    if data[:4] == b"INFO":
        data = b"INFO" + b"".join(_chunk(name, text, "<") for name, text in info_entries(data) if name != _PROGRAM)
        if len(data) == 4:
            return None
    placed = identity in _PLACED or data[:4] == b"adtl"
    return Block(family, identity.decode("latin-1"), data, placed)


def is_told(identity: bytes) -> bool:
    """[control] Whether a chunk that is not carried is worth a word."""
    return identity not in _PASSED_OVER


def info_entries(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """[control] The entries of a LIST INFO chunk."""
    at = 4
    while data[:4] == b"INFO" and at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        yield data[at : at + 4], data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def fitting(tags: Tags, family: str, rate_hz: int) -> list[Block]:
    """[control] The blocks that a file of this family and rate can hold; a word in `warnings` for the others."""
    found, left = [], []
    for block in tags.blocks:
        if block.family != family:
            if block.data[:4] != b"INFO":  # which travels as text
                left.append(shown(block))
        elif block.placed and tags.rate_hz != rate_hz:
            tags.warnings.append(f"{shown(block)} was not copied: its places are those of {tags.rate_hz} Hz")
        else:
            found.append(block)
    if left:
        tags.warnings.append(f"{', '.join(dict.fromkeys(left))}: not copied, the format has no place for it")
    return found


def shown(block: Block) -> str:
    """[control] A block's name in words."""
    if block.name == "LIST":
        return _LIST_KINDS.get(block.data[:4], "LIST")
    return block.name.strip() or "a chunk"


def append_chunks(path: Path, family: str, blocks: list[Block]) -> None:
    """[control] Write chunks behind everything else of a WAV or AIFF, and its new size."""
    if not blocks:
        return
    order = _WRITTEN[family]
    with path.open("r+b") as file:
        end = file.seek(0, 2)
        file.write(b"\0" * (end % 2))
        for block in blocks:
            file.write(_chunk(block.name.encode("latin-1"), block.data, order))
        size = file.tell() - 8
        if size > 0xFFFFFFFF:
            file.truncate(end)
            raise ValueError(f"{len(blocks)} chunks make the file larger than 4 GB")
        file.seek(4)
        file.write(struct.pack(order + "I", size))


def _chunk(identity: bytes, data: bytes, order: str) -> bytes:
    return identity + struct.pack(order + "I", len(data)) + data + b"\0" * (len(data) % 2)
