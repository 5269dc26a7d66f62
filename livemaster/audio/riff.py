"""The headers of uncompressed WAV (RIFF, RIFX, RF64), what follows their audio, and WAVs joined to it.

Sources: RIFF/WAVE (Microsoft multimedia standards update 3.0), EBU Tech 3306 (RF64).
"""

from __future__ import annotations

import re
import struct
from dataclasses import replace
from typing import BinaryIO

from livemaster.audio.chunks import Header, PcmLayout, held_bytes, walk_chunks
from livemaster.audio.layout import by_mask
from livemaster.audio.tag_places import end_of_sound
from livemaster.errors import AudioFileError

_CODECS = {(1, 1): "u1", (1, 2): "i2", (1, 3): "i3", (1, 4): "i4", (3, 4): "f4", (3, 8): "f8"}
_EXTENSIBLE = 0xFFFE
_LONG = 0xFFFFFFFF
_BEGINNING = re.compile(rb"RIFF....WAVEfmt ", re.DOTALL)
_TAGS = (b"TAG", b"ID3", b"APET", b"LYRI")
_WINDOW_BYTES = 1 << 20
_MOST_JOINED = 4096
_LEAST_MORE_BYTES = 64
"""Of what follows the audio: less is padding, whatever it is."""


def read_wav(file: BinaryIO, size_bytes: int, name: str, start: int) -> Header:
    """[control] The WAV that begins at `start`, and the ones joined to it; AudioFileError for a broken one."""
    header, end = _one(file, size_bytes, name, start)
    if header.pcm is None:
        return header
    pcm, notes, joined = header.pcm, list(header.notes), []
    for _ in range(_MOST_JOINED):
        if not _begins(file, end, size_bytes):
            break
        try:
            other, end = _one(file, size_bytes, name, end)
        except AudioFileError:
            notes.append("a WAV joined to its end is broken and was left out")
            break
        if other.pcm is None or _kind(other.pcm) != _kind(pcm):
            notes.append("a WAV joined to its end is of another kind and was left out")
            continue
        joined.append((other.pcm.offset, other.pcm.frames))
        notes += [note for note in other.notes if note not in notes]
    if joined:
        notes.insert(0, f"{len(joined) + 1} WAVs are joined in it, one behind the other")
    total = pcm.frames + sum(frames for _, frames in joined)
    return replace(header, pcm=replace(pcm, frames=total, joined=tuple(joined)), notes=tuple(notes))


def _kind(pcm: PcmLayout) -> tuple[int, int, str]:
    return pcm.rate_hz, pcm.channels, pcm.encoding


def _one(file: BinaryIO, size_bytes: int, name: str, start: int) -> tuple[Header, int]:
    """A single WAV, and where its audio and the padding byte end."""
    file.seek(start)
    magic = file.read(8)
    order = ">" if magic[:4] == b"RIFX" else "<"
    riff_bytes: int = struct.unpack(order + "I", magic[4:8])[0]
    layout, long_data_bytes = b"", None
    for identity, at, length in walk_chunks(file, size_bytes, order, start):
        if identity == b"ds64" and magic[:4] == b"RF64":
            file.seek(at + 8)
            long_data_bytes = int.from_bytes(file.read(8), "little")
        elif identity == b"fmt ":
            file.seek(at)
            layout = file.read(min(length, 40))
        elif identity == b"data":
            claimed = long_data_bytes if long_data_bytes is not None and length == _LONG else length
            header = _described(layout, order, at, name)
            if header.pcm is None:
                return replace(header, start=start), size_bytes
            closed = riff_bytes + 8 == size_bytes - start  # a size of 0 in a file that was closed is the truth
            return _with_length(file, size_bytes, replace(header, start=start), claimed if claimed or closed else _LONG)
    if riff_bytes + 8 > size_bytes - start:
        raise AudioFileError(f"{name}: truncated WAV: the header ends before any audio ('data' chunk) begins")
    raise AudioFileError(f"{name}: is a WAV without audio ('data' chunk)")


def _with_length(file: BinaryIO, size_bytes: int, header: Header, claimed: int) -> tuple[Header, int]:
    assert header.pcm is not None
    pcm, at = header.pcm, header.pcm.offset
    wrong, stop = claimed > size_bytes - at, end_of_sound(file, size_bytes)
    held, notes = held_bytes(claimed, (stop if wrong else size_bytes) - at, pcm.frame_bytes)
    if wrong:
        following = _next_beginning(file, at, size_bytes)
        if following is not None:
            held, notes = following - at, ("its header gives no true length: it was read up to what is joined to it",)
    elif _goes_on(file, at + held, stop):
        following = _next_beginning(file, at + held, size_bytes)
        more = (stop if following is None else following) - at
        notes = (f"its header tells {held} bytes of audio, which goes on behind them: {more} were read",)
        held = more
    end = at + held + held % 2
    if _begins(file, at + held, size_bytes):
        end = at + held
    return replace(header, pcm=replace(pcm, frames=held // pcm.frame_bytes), notes=notes), end


def _goes_on(file: BinaryIO, at: int, size_bytes: int) -> bool:
    """Whether what stands behind the audio is more of it: neither chunks, nor tags, nor padding, nor another WAV."""
    if size_bytes - at <= _LEAST_MORE_BYTES or any(_ends_here(file, place, size_bytes) for place in (at, at + 1)):
        return False
    file.seek(at)
    return bool(file.read(4096).strip(b"\0"))


def _ends_here(file: BinaryIO, at: int, size_bytes: int) -> bool:
    file.seek(at)
    head = file.read(12)
    if len(head) < 8 or head.startswith(_TAGS) or (head[:4] == b"RIFF" and head[8:] == b"WAVE"):
        return True
    named = all(0x20 <= byte < 0x7F for byte in head[:4])
    return named and min(int.from_bytes(head[4:8], order) for order in ("little", "big")) <= size_bytes - at - 8 + 1


def _begins(file: BinaryIO, at: int, size_bytes: int) -> bool:
    if at + 12 > size_bytes:
        return False
    file.seek(at)
    return _BEGINNING.match(file.read(16)) is not None


def _next_beginning(file: BinaryIO, at: int, size_bytes: int) -> int | None:
    """Where the next WAV begins in what a header without a true length leaves open."""
    while at < size_bytes:
        file.seek(at)
        data = file.read(_WINDOW_BYTES + 16)
        found = _BEGINNING.search(data)
        if found is not None and found.start() < _WINDOW_BYTES:
            return at + found.start()
        at += _WINDOW_BYTES
    return None


def _described(layout: bytes, order: str, offset: int, name: str) -> Header:
    """What the format chunk says; of the length nothing yet."""
    if len(layout) < 16:
        raise AudioFileError(f"{name}: damaged WAV: no complete format chunk before the audio")
    codec, channels, rate_hz, _, frame_bytes, bits = struct.unpack(order + "HHIIHH", layout[:16])
    extensible = codec == _EXTENSIBLE and len(layout) >= 26
    if extensible:
        codec = struct.unpack(order + "H", layout[24:26])[0]
    weights = by_mask(struct.unpack(order + "I", layout[20:24])[0], channels) if extensible else ()
    if codec not in (1, 3):
        return Header("WAV", weights=weights)
    if channels == 0 or rate_hz == 0:
        raise AudioFileError(f"{name}: its header says {channels} channels at {rate_hz} Hz")
    kind = _CODECS.get((codec, frame_bytes // channels))
    if kind is None or frame_bytes % channels or bits > 8 * (frame_bytes // channels):
        raise AudioFileError(
            f"{name}: damaged WAV: {frame_bytes} bytes a frame do not fit {channels} channels of {bits} bits"
        )
    return Header("WAV", PcmLayout(rate_hz, channels, 0, offset, order + kind), weights=weights)
