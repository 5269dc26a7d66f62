"""The header check before any decoding: magic, format, and the promised bytes against the file's size.

Uncompressed WAV (in `riff`) and AIFF (AIFF, AIFF-C) are understood completely, so that no decoder has to be trusted
with them; everything else is only recognised and goes to a decoder in a process of its own. Source: Apple AIFF-C draft
1991.
"""

from __future__ import annotations

import math
import struct
from dataclasses import replace
from typing import BinaryIO

from livemaster.audio import flac
from livemaster.audio.chunks import SLACK_BYTES, SUBTYPES, Header, PcmLayout, held_bytes, promised_more, walk_chunks
from livemaster.audio.front import sound_at
from livemaster.audio.layout import by_core_audio, flac_weights, ogg_weights
from livemaster.audio.riff import read_wav
from livemaster.errors import AudioFileError

READABLE = "WAV, AIFF, FLAC, OGG and MP3"

_OGG_PAGE_BYTES = 27 + 255 + 255 * 255
"""The longest page of an Ogg file."""
_OGG_CHANNELS_AT = {b"\x01vorbis": 11, b"OpusHead": 9}
_OTHER_IN_OGG = {b"\x7fFLAC": "FLAC", b"Speex   ": "Speex", b"\x80theora": "Theora"}
_MOST_FLAC_BITS = 24
_AIFF_CODECS = {
    b"NONE": ">i", b"twos": ">i", b"sowt": "<i", b"in24": ">i", b"in32": ">i", b"raw ": ">u",
    b"fl32": ">f", b"FL32": ">f", b"fl64": ">f", b"FL64": ">f",
}  # fmt: skip


def read_header(file: BinaryIO, size_bytes: int, name: str) -> Header:
    """Recognise an audio file; AudioFileError when it is none, or contradicts itself."""
    if size_bytes == 0:
        raise AudioFileError(f"{name}: is empty (0 bytes)")
    found = sound_at(file)
    if found is None:
        raise AudioFileError(f"{name}: is not an audio file that can be read; readable are {READABLE}")
    start, passed_over = found
    header = _read(file, size_bytes, name, start)
    if not passed_over:
        return header
    note = f"{passed_over} bytes before its beginning are no audio and were passed over"
    return replace(header, notes=(note, *header.notes))


def _read(file: BinaryIO, size_bytes: int, name: str, start: int) -> Header:
    file.seek(start)
    magic = file.read(12)
    if magic[:4] in (b"RIFF", b"RIFX", b"RF64") and magic[8:12] == b"WAVE":
        return read_wav(file, size_bytes, name, start)
    if magic[:4] == b"FORM" and magic[8:12] in (b"AIFF", b"AIFC"):
        return _read_aiff(file, size_bytes, name, start, compressed=magic[8:12] == b"AIFC")
    if magic[:4] == b"fLaC":
        return _flac_header(file, start, name)
    if magic[:4] == b"OggS":
        return _ogg_header(file, start, name)
    return Header("MP3", start=start)


def _read_aiff(file: BinaryIO, size_bytes: int, name: str, start: int, compressed: bool) -> Header:
    common, layout, sound_at_byte, sound_bytes = b"", b"", 0, 0
    for identity, at, length in walk_chunks(file, size_bytes, ">", start):
        if identity == b"COMM":
            file.seek(at)
            common = file.read(min(length, 64))
        elif identity == b"CHAN":
            file.seek(at)
            layout = file.read(min(length, 12))
        elif identity == b"SSND":
            file.seek(at)
            skipped = int.from_bytes(file.read(4), "big")
            sound_at_byte, sound_bytes = at + 8 + skipped, length - 8 - skipped
    if len(common) < (22 if compressed else 18):
        raise AudioFileError(f"{name}: is an AIFF without a complete COMM chunk")
    channels, frames, bits = struct.unpack(">HIH", common[:8])
    codec = _AIFF_CODECS.get(common[18:22] if compressed else b"NONE")
    if codec is None:
        return Header("AIFF", start=start)
    rate_hz = _extended_to_int(common[8:18])
    encoding = f"{codec}{-(-bits // 8)}"
    if channels == 0 or encoding[1:] not in SUBTYPES:
        raise AudioFileError(f"{name}: its header says {channels} channels of {bits} bits at {rate_hz} Hz")
    pcm = PcmLayout(rate_hz, channels, frames, sound_at_byte, encoding)
    held, notes = held_bytes(sound_bytes, size_bytes - sound_at_byte if sound_at_byte else 0, pcm.frame_bytes)
    counted = held // pcm.frame_bytes
    if frames != counted and not notes and frames * pcm.frame_bytes < held - SLACK_BYTES:
        notes = (f"its header counts {frames} frames, its audio has {counted}: all was read",)
    elif frames * pcm.frame_bytes > held + SLACK_BYTES and not notes:
        notes = (promised_more(frames * pcm.frame_bytes, held),)
    elif not notes:
        counted = min(frames, counted)
    pcm = PcmLayout(rate_hz, channels, counted, sound_at_byte, encoding)
    return Header("AIFF", pcm, weights=by_core_audio(layout, channels), start=start, notes=notes)


def _extended_to_int(ten: bytes) -> int:
    """A rate from the 80-bit float of AIFF, rounded; 0 where it is none that an audio file can have."""
    exponent, mantissa = struct.unpack(">HQ", ten)
    return round(math.ldexp(mantissa, exponent - 16383 - 63)) if exponent < 16383 + 32 else 0


def _flac_header(file: BinaryIO, start: int, name: str) -> Header:
    info = flac.stream_info(file, start)
    if info is not None and info.bits > _MOST_FLAC_BITS:
        raise AudioFileError(f"{name}: is a FLAC of {info.bits} bits, which is not supported; up to 24 bits are")
    channels = info.channels if info else 0
    comments = flac.block_bytes(file, start, flac.COMMENTS) if channels > 2 else []
    return Header("FLAC", weights=flac_weights(comments, channels), start=start)


def _ogg_header(file: BinaryIO, start: int, name: str) -> Header:
    """By the first page, in which Vorbis and Opus tell their channels at different places."""
    file.seek(start)
    page = file.read(_OGG_PAGE_BYTES)
    for mark, at in _OGG_CHANNELS_AT.items():
        found = page.find(mark)
        if 0 < found < len(page) - at:
            return Header("OGG", weights=ogg_weights(page, page[found + at]), start=start)
    other = next((codec for mark, codec in _OTHER_IN_OGG.items() if mark in page[:128]), None)
    if other is not None:
        raise AudioFileError(f"{name}: is an OGG that holds {other}, which is not supported; Vorbis and Opus are")
    return Header("OGG", start=start)
