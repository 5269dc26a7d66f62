"""Where the sound of a file begins: behind tags, however many and of whatever size, and what else may stand there."""

from __future__ import annotations

import re
from typing import BinaryIO

from livemaster.audio.mpeg import Frame, frame_at
from livemaster.audio.tag_places import ID3_HEAD_BYTES, tags_in_front

FRONT_BYTES = 1 << 20
"""So much is searched behind the last tag, as decoders do."""
_FRAMES_IN_A_ROW = 3
"""Make a frame of MPEG audio that was searched for one that was found."""

_BEGINNINGS = re.compile(
    rb"RI(?:FF|FX)....WAVE|RF64....WAVE|FORM....AIF[FC]|fLaC[\x00\x80]\x00\x00\x22|OggS\x00[\x02\x06]|\xff[\xe2-\xff]",
    re.DOTALL,
)


def sound_at(file: BinaryIO) -> tuple[int, int] | None:
    """[control] The byte at which the first header of any readable format stands, and how many before it are neither
    tags nor zeros; None where there is none.
    """
    head, behind = 0, 0
    for at, length in tags_in_front(file):
        head, behind = at + ID3_HEAD_BYTES, at + length
    return _found(file, behind) or (_found(file, head) if head else None)  # a tag too long by its size may hide it


def _found(file: BinaryIO, at: int) -> tuple[int, int] | None:
    """The same behind a place of the file."""
    file.seek(at)
    front = file.read(FRONT_BYTES + 64)
    start = len(front) - len(front.lstrip(b"\0"))
    if _begins(front, start) or _first_frame(front, start):
        return at + start, 0
    found = _searched(front, start)
    return None if found is None else (at + found, found - start)


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
