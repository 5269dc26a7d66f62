"""The header check before any decoding: magic, format, and the promised bytes against the file's size.

Uncompressed WAV (RIFF, RIFX, RF64) and AIFF (AIFF, AIFF-C) are understood completely here, so that no decoder
has to be trusted with them; everything else is only recognised and goes to a decoder in a process of its own.
Sources: RIFF/WAVE (Microsoft multimedia standards update 3.0), EBU Tech 3306 (RF64), Apple AIFF-C draft 1991.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from livemaster.audio import flac
from livemaster.audio.layout import Weights, by_core_audio, by_mask, flac_weights, ogg_weights
from livemaster.errors import AudioFileError

READABLE = "WAV, AIFF, FLAC, OGG and MP3"

_SLACK_BYTES = 64
"""Some writers count their own header or a pad byte as audio; more than this missing means truncated."""

_UNFINISHED_SIZES = (0xFFFFFFFF, 0x7FFFF000)
"""Data sizes of programs that could not go back to fill in the true one (ffmpeg and others; SoX)."""

_MOST_CHUNKS = 4096
_OGG_PAGE_BYTES = 27 + 255 + 255 * 255
"""The longest page of an Ogg file."""
_WAV_CODECS = {(1, 1): "u1", (1, 2): "i2", (1, 3): "i3", (1, 4): "i4", (3, 4): "f4", (3, 8): "f8"}
_AIFF_CODECS = {
    b"NONE": ">i", b"twos": ">i", b"sowt": "<i", b"in24": ">i", b"in32": ">i", b"raw ": ">u",
    b"fl32": ">f", b"FL32": ">f", b"fl64": ">f", b"FL64": ">f",
}  # fmt: skip
_WAV_EXTENSIBLE = 0xFFFE
_SUBTYPES = {
    "u1": "PCM_U8", "i1": "PCM_S8", "i2": "PCM_16", "i3": "PCM_24", "i4": "PCM_32",
    "f4": "FLOAT", "f8": "DOUBLE",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PcmLayout:
    """Uncompressed samples in a file: `encoding` is a numpy type with byte order, `i3` meaning 24 bits."""

    rate_hz: int
    channels: int
    frames: int
    offset: int
    encoding: str

    @property
    def subtype(self) -> str:
        """Name of the sample format."""
        return _SUBTYPES[self.encoding[1:]]

    @property
    def frame_bytes(self) -> int:
        """Bytes of one frame."""
        return self.channels * int(self.encoding[-1])


@dataclass(frozen=True, slots=True)
class Header:
    """What the first bytes say: the format, where uncompressed samples lie, whether the length is known, and the
    weights of the channels where they are laid out in another way than their number says.
    """

    format: str
    pcm: PcmLayout | None = None
    counted: bool = True
    weights: Weights = ()


def read_header(file: BinaryIO, size_bytes: int, name: str) -> Header:
    """Recognise an audio file; AudioFileError when it is none, lies about its size, or contradicts itself."""
    if size_bytes == 0:
        raise AudioFileError(f"{name}: is empty (0 bytes)")
    file.seek(0)
    magic = file.read(12)
    if magic[:4] in (b"RIFF", b"RIFX", b"RF64") and magic[8:12] == b"WAVE":
        return _read_wav(file, size_bytes, name, magic)
    if magic[:4] == b"FORM" and magic[8:12] in (b"AIFF", b"AIFC"):
        return _read_aiff(file, size_bytes, name, compressed=magic[8:12] == b"AIFC")
    if magic[:4] == b"fLaC":
        return _flac_header(file, 0)
    if magic[:4] == b"OggS":
        _check_last_page(file, size_bytes, name)
        return Header("OGG", weights=_ogg_weights(file))
    return _read_mpeg(file, size_bytes, name, magic)


def walk_chunks(file: BinaryIO, size_bytes: int, order: str) -> Iterator[tuple[bytes, int, int]]:
    """Identity, position and claimed size of each chunk, as far as the file goes."""
    at = 12
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


def _read_wav(file: BinaryIO, size_bytes: int, name: str, magic: bytes) -> Header:
    order = ">" if magic[:4] == b"RIFX" else "<"
    riff_bytes: int = struct.unpack(order + "I", magic[4:8])[0]
    layout, long_data_bytes = b"", None
    for identity, at, length in walk_chunks(file, size_bytes, order):
        if identity == b"ds64" and magic[:4] == b"RF64":
            file.seek(at + 8)
            long_data_bytes = int.from_bytes(file.read(8), "little")
        elif identity == b"fmt ":
            file.seek(at)
            layout = file.read(min(length, 40))
        elif identity == b"data":
            claimed = long_data_bytes if long_data_bytes is not None and length == 0xFFFFFFFF else length
            closed = riff_bytes + 8 == size_bytes  # a size of 0 in a file that was closed is the truth
            unfinished = claimed in _UNFINISHED_SIZES or (claimed == 0 and not closed)
            held = size_bytes - at
            if not unfinished:
                _check_held(claimed, held, name)
            return _wav_header(layout, order, at, held if unfinished else min(claimed, held), name)
    raise AudioFileError(f"{name}: truncated WAV: the header ends before any audio ('data' chunk) begins")


def _check_held(claimed: int, held: int, name: str) -> None:
    if claimed > held + _SLACK_BYTES:
        raise AudioFileError(
            f"{name}: truncated: its header promises {claimed} bytes of audio, the file holds {max(held, 0)}"
        )


def _wav_header(layout: bytes, order: str, offset: int, data_bytes: int, name: str) -> Header:
    if len(layout) < 16:
        raise AudioFileError(f"{name}: damaged WAV: no complete format chunk before the audio")
    codec, channels, rate_hz, _, frame_bytes, bits = struct.unpack(order + "HHIIHH", layout[:16])
    extensible = codec == _WAV_EXTENSIBLE and len(layout) >= 26
    if extensible:
        codec = struct.unpack(order + "H", layout[24:26])[0]
    mask = struct.unpack(order + "I", layout[20:24])[0] if extensible else 0
    weights = by_mask(mask, channels)
    if codec not in (1, 3):
        return Header("WAV", weights=weights)
    if channels == 0 or rate_hz == 0:
        raise AudioFileError(f"{name}: its header says {channels} channels at {rate_hz} Hz")
    kind = _WAV_CODECS.get((codec, frame_bytes // channels))
    if kind is None or frame_bytes % channels or bits > 8 * (frame_bytes // channels):
        raise AudioFileError(
            f"{name}: damaged WAV: {frame_bytes} bytes a frame do not fit {channels} channels of {bits} bits"
        )
    pcm = PcmLayout(rate_hz, channels, data_bytes // frame_bytes, offset, order + kind)
    return Header("WAV", pcm, weights=weights)


def _read_aiff(file: BinaryIO, size_bytes: int, name: str, compressed: bool) -> Header:
    common, layout, sound_at, sound_bytes = b"", b"", 0, 0
    for identity, at, length in walk_chunks(file, size_bytes, ">"):
        if identity == b"COMM":
            file.seek(at)
            common = file.read(min(length, 64))
        elif identity == b"CHAN":
            file.seek(at)
            layout = file.read(min(length, 12))
        elif identity == b"SSND":
            _check_held(length, size_bytes - at, name)
            file.seek(at)
            skipped = int.from_bytes(file.read(4), "big")
            sound_at, sound_bytes = at + 8 + skipped, length - 8 - skipped
    if len(common) < (22 if compressed else 18):
        raise AudioFileError(f"{name}: truncated AIFF: no complete COMM chunk")
    channels, frames, bits = struct.unpack(">HIH", common[:8])
    codec = _AIFF_CODECS.get(common[18:22] if compressed else b"NONE")
    if codec is None:
        return Header("AIFF")
    rate_hz = _extended_to_int(common[8:18])
    encoding = f"{codec}{-(-bits // 8)}"
    if channels == 0 or encoding[1:] not in _SUBTYPES:
        raise AudioFileError(f"{name}: its header says {channels} channels of {bits} bits at {rate_hz} Hz")
    pcm = PcmLayout(rate_hz, channels, frames, sound_at, encoding)
    held = min(sound_bytes, size_bytes - sound_at) if sound_at else 0
    _check_held(frames * pcm.frame_bytes, held, name)
    pcm = PcmLayout(rate_hz, channels, min(frames, held // pcm.frame_bytes), sound_at, encoding)
    return Header("AIFF", pcm, weights=by_core_audio(layout, channels))


def _extended_to_int(ten: bytes) -> int:
    """A rate from the 80-bit float of AIFF, rounded; 0 where it is none that an audio file can have."""
    exponent, mantissa = struct.unpack(">HQ", ten)
    return round(math.ldexp(mantissa, exponent - 16383 - 63)) if exponent < 16383 + 32 else 0


def _flac_header(file: BinaryIO, start: int) -> Header:
    info = flac.stream_info(file, start)
    channels = info.channels if info else 0
    comments = flac.block_bytes(file, start, flac.COMMENTS) if channels > 2 else []
    return Header("FLAC", weights=flac_weights(comments, channels))


def _ogg_weights(file: BinaryIO) -> Weights:
    """By the first page, in which Vorbis and Opus tell their channels at different places."""
    file.seek(0)
    page = file.read(_OGG_PAGE_BYTES)
    for mark, at in ((b"\x01vorbis", 11), (b"OpusHead", 9)):
        found = page.find(mark)
        if 0 < found < len(page) - at:
            return ogg_weights(page, page[found + at])
    return ()


def _check_last_page(file: BinaryIO, size_bytes: int, name: str) -> None:
    """Raise AudioFileError when the last page of an Ogg file goes on behind its end (RFC 3533, 6)."""
    file.seek(max(0, size_bytes - _OGG_PAGE_BYTES))
    tail = file.read(_OGG_PAGE_BYTES)
    at = tail.rfind(b"OggS\0")
    if at < 0:
        return  # whatever stands behind the last page, the decoder finds out
    count = tail[at + 26] if at + 26 < len(tail) else 255
    lengths = tail[at + 27 : at + 27 + count]
    if len(lengths) < count or at + 27 + count + sum(lengths) > len(tail):
        raise AudioFileError(f"{name}: truncated: its last page is not complete")


def _read_mpeg(file: BinaryIO, size_bytes: int, name: str, magic: bytes) -> Header:
    start = 0
    if magic[:3] == b"ID3" and len(magic) >= 10:
        start = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(magic[6:10], (21, 14, 7, 0), strict=True))
    file.seek(start)
    head = file.read(65536)
    if start and head[:4] == b"fLaC":
        return _flac_header(file, start)
    frame = head.lstrip(b"\0")
    if not _is_mpeg_frame(frame[:4]):
        raise AudioFileError(f"{name}: is not an audio file that can be read; readable are {READABLE}")
    at = max(frame.find(b"Xing", 4, 64), frame.find(b"Info", 4, 64))
    flags = frame[at + 7] if at > 0 and len(frame) >= at + 16 else 0
    if flags & 3 == 3:
        claimed = int.from_bytes(frame[at + 12 : at + 16], "big")
        _check_held(claimed, size_bytes - start - (len(head) - len(frame)), name)
    return Header("MP3", counted=bool(flags & 1))


def _is_mpeg_frame(four: bytes) -> bool:
    """Whether four bytes can begin an MPEG audio frame (ISO 11172-3, 2.4.1.3)."""
    if len(four) < 4 or four[0] != 0xFF or four[1] & 0xE0 != 0xE0:
        return False
    version, layer, bitrate, rate = four[1] >> 3 & 3, four[1] >> 1 & 3, four[2] >> 4, four[2] >> 2 & 3
    return version != 1 and layer != 0 and bitrate != 15 and rate != 3
