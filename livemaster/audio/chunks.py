"""What a header says of a file, and the chunks of WAV and AIFF, with lengths that are true or not."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from livemaster.audio.layout import Weights

SLACK_BYTES = 64
"""Some writers count their own header or a pad byte as audio; more than this missing is told."""

_UNFINISHED_BYTES = 0x7FFFF000
"""Data sizes from here on, in a file that does not hold as much, are those of programs that could not go back to fill
in the true one (2^32 − 1 and 2^31 − 1, less a header or not; SoX takes this one)."""

_MOST_CHUNKS = 4096
SUBTYPES = {
    "u1": "PCM_U8", "i1": "PCM_S8", "i2": "PCM_16", "i3": "PCM_24", "i4": "PCM_32",
    "f4": "FLOAT", "f8": "DOUBLE",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PcmLayout:
    """Uncompressed samples in a file: `encoding` is a numpy type with byte order, `i3` meaning 24 bits.

    `frames` are all; where files were joined, `joined` tells offset and frames of the parts behind the first.
    """

    rate_hz: int
    channels: int
    frames: int
    offset: int
    encoding: str
    joined: tuple[tuple[int, int], ...] = ()

    @property
    def parts(self) -> tuple[tuple[int, int], ...]:
        """Offset and frames of every part."""
        return ((self.offset, self.frames - sum(frames for _, frames in self.joined)), *self.joined)

    @property
    def subtype(self) -> str:
        """Name of the sample format."""
        return SUBTYPES[self.encoding[1:]]

    @property
    def frame_bytes(self) -> int:
        """Bytes of one frame."""
        return self.channels * int(self.encoding[-1])


@dataclass(frozen=True, slots=True)
class Header:
    """What the first bytes say: the format, where uncompressed samples lie, the weights of the channels where they are
    laid out in another way than their number says, where the format's first byte stands, and what had to be assumed.
    """

    format: str
    pcm: PcmLayout | None = None
    weights: Weights = ()
    start: int = 0
    notes: tuple[str, ...] = ()


def walk_chunks(file: BinaryIO, size_bytes: int, order: str, start: int = 0) -> Iterator[tuple[bytes, int, int]]:
    """Identity, position and claimed size of each chunk of the form that begins at `start`, as far as the file goes."""
    at = start + 12
    for _ in range(_MOST_CHUNKS):
        file.seek(at)
        head = file.read(8)
        if len(head) < 8:
            return
        length: int = struct.unpack(order + "I", head[4:])[0]
        yield head[:4], at + 8, length
        at += 8 + length + length % 2
        if at >= size_bytes:
            return


def held_bytes(claimed: int, held: int, frame_bytes: int) -> tuple[int, tuple[str, ...]]:
    """How much audio there is where a header claims `claimed` bytes and `held` are left, and what is to be told."""
    held = max(held, 0)
    if claimed <= held:
        return claimed, ()
    notes = [] if held % frame_bytes == 0 else ["its last frame is not whole and was left out"]
    if claimed >= _UNFINISHED_BYTES:
        notes.append("its header gives no length: all that follows it was read as audio")
    elif claimed > held + SLACK_BYTES:
        notes.append(promised_more(claimed, held))
    return held, tuple(notes)


def promised_more(claimed: int, held: int) -> str:
    """A header that tells more than there is: whether the file was cut or the header is wrong, nobody can know."""
    return f"its header promises {claimed} bytes of audio, the file holds {held}: all that is there was read"
