"""Where the sound of a file begins: behind tags, however many and of whatever size, and what else may stand there."""

from __future__ import annotations

import re
from typing import BinaryIO

from livemaster.audio.mpeg import Frame, frame_at

FRONT_BYTES = 1 << 20
"""So much is searched behind the last tag, as decoders do."""
_MOST_TAGS = 64
_FRAMES_IN_A_ROW = 3
"""Make a frame of MPEG audio that was searched for one that was found."""

_BEGINNINGS = re.compile(
    rb"RI(?:FF|FX)....WAVE|RF64....WAVE|FORM....AIF[FC]|fLaC[\x00\x80]\x00\x00\x22|OggS\x00[\x02\x06]|\xff[\xe2-\xff]",
    re.DOTALL,
)


def sound_at(file: BinaryIO, size_bytes: int) -> tuple[int, int] | None:
    """[control] The byte at which the first header of any readable format stands, and how many before it are neither
    tags nor zeros; None where there is none.
    """
    at = behind_tags(file, size_bytes)
    file.seek(at)
    front = file.read(FRONT_BYTES + 64)
    start = len(front) - len(front.lstrip(b"\0"))
    if _begins(front, start) or _first_frame(front, start):
        return at + start, 0
    found = _searched(front, start)
    return None if found is None else (at + found, found - start)


def behind_tags(file: BinaryIO, size_bytes: int) -> int:
    """[control] Where the tags at the beginning of a file end, zeros between them passed over."""
    last_tag, at = 0, 0
    for _ in range(_MOST_TAGS):
        length = tag_length(file, at)
        if not length:
            file.seek(at)
            zeros = file.read(FRONT_BYTES)
            behind = at + len(zeros) - len(zeros.lstrip(b"\0"))
            if not last_tag + at or behind == at or not (length := tag_length(file, behind)):
                break
            at = behind
        last_tag, at = at, at + length
    return last_tag + 10 if at >= size_bytes > 10 else at  # a tag that claims all the rest


def tag_length(file: BinaryIO, at: int) -> int:
    """[control] Bytes of the tag that begins at a place of a file, ID3v2 or APEv2; 0 where none does."""
    file.seek(at)
    head = file.read(32)
    if head[:3] == b"ID3" and len(head) >= 10 and head[3] < 0xFF and max(head[6:10]) < 0x80:
        length = sum(byte << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
        return 10 + length + (10 if head[5] & 0x10 else 0)
    if head[:8] == b"APETAGEX" and len(head) == 32:
        return 32 + int.from_bytes(head[12:16], "little")
    return 0


def _begins(front: bytes, at: int) -> bool:
    found = _BEGINNINGS.match(front, at)
    return front[at : at + 4] in (b"fLaC", b"OggS") or (found is not None and found.end() - at > 2)


def _first_frame(front: bytes, at: int) -> bool:
    """Whether a frame of MPEG audio stands there, in front of another one or as far as the file goes."""
    frame = frame_at(front, at)
    if frame is None:
        return False
    following = frame_at(front, at + frame.length)
    return not frame.length or at + frame.length + 4 > len(front) or (following is not None and frame.alike(following))


def _searched(front: bytes, at: int) -> int | None:
    for found in _BEGINNINGS.finditer(front, at):
        if found.start() >= FRONT_BYTES:
            break
        if found.end() - found.start() > 2 or _in_a_row(front, found.start()):
            return found.start()
    return None


def _in_a_row(front: bytes, at: int) -> bool:
    """Whether frames of the same kind follow each other from there on."""
    first: Frame | None = None
    for _ in range(_FRAMES_IN_A_ROW):
        frame = frame_at(front, at)
        if frame is None or not frame.length or (first is not None and not frame.alike(first)):
            return False
        first, at = frame, at + frame.length
    return True
