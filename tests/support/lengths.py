"""Files whose headers tell their length, none, or a wrong one; whole or cut; alone or with others behind them."""

from __future__ import annotations

import io
import struct
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from numpy.typing import NDArray

from livemaster.audio import _decoder, decode, mpeg
from livemaster.audio.flac import STREAMINFO_AT
from livemaster.audio.ogg import checksum

FORMATS = ("flac", "mp3", "ogg", "opus", "wav")
HEADERS = ("true", "none", "too small", "too large", "streaming")
ARRANGEMENTS = ("alone", "joined", "chained")
LENGTHS = (65535, 65536, 65537)
SECOND_FRAMES = 20011
CUT_BYTES = {"flac": 50, "mp3": 50, "ogg": 50, "opus": 50, "wav": 1}
RATES_HZ = {"opus": 48_000}
_WRONG = {"none": 0.0, "too small": 0.5, "too large": 3.0}


@dataclass(frozen=True)
class Made:
    """A file's bytes, and what is in it: frames of its first and of what stands behind."""

    data: bytes
    frames: int
    more: int


@cache
def sound(frames: int) -> NDArray[np.float32]:
    """Noise and a tone, (frames, 2)."""
    rng, t = np.random.default_rng(frames), np.arange(frames)
    x = 0.05 * rng.standard_normal((frames, 2)) + 0.2 * np.sin(0.03 * t)[:, None]
    return np.asarray(np.round(x * 32768) / 32768, np.float32)


@cache
def encoded(kind: str, frames: int) -> bytes:
    """A true file."""
    out, subtypes = io.BytesIO(), {"ogg": "VORBIS", "opus": "OPUS", "mp3": "MPEG_LAYER_III"}
    container = {"opus": "OGG"}.get(kind, kind.upper())
    rate_hz, subtype = RATES_HZ.get(kind, 44_100), subtypes.get(kind, "PCM_16")
    with sf.SoundFile(out, "w", rate_hz, 2, subtype, format=container) as file:
        for first in range(0, frames, 8192):
            file.write(sound(frames)[first : first + 8192])
    return out.getvalue()


def made(kind: str, header: str, frames: int, cut: bool, arrangement: str) -> Made:
    """One file of the matrix."""
    data = with_header(kind, encoded(kind, frames), header, frames)
    more = 0
    if arrangement != "alone":
        other = encoded(kind, SECOND_FRAMES)
        data += other if arrangement == "joined" else without_header(kind, other)
        more = SECOND_FRAMES
    return Made(data[: -CUT_BYTES[kind]] if cut else data, frames, more)


def with_header(kind: str, data: bytes, header: str, frames: int) -> bytes:
    """The same audio under a header that is true, tells nothing, or something else."""
    return data if header == "true" else _LIARS[kind](data, header, frames)


def without_header(kind: str, data: bytes) -> bytes:
    """Audio as it stands behind other audio of its kind, without a beginning of its own (Ogg always has one)."""
    if kind == "wav":
        return data[data.index(b"data") + 8 :]
    if kind == "mp3":
        return data[first_frame(data) :]
    if kind == "flac":
        at = 4
        while not data[at] & 0x80:
            at += 4 + int.from_bytes(data[at + 1 : at + 4], "big")
        return data[at + 4 + int.from_bytes(data[at + 1 : at + 4], "big") :]
    return data


def first_frame(data: bytes) -> int:
    """Where the first frame of audio stands in an MP3, behind that of the Info header."""
    at = next(n for n in range(len(data)) if mpeg.frame_at(data, n))
    info = mpeg.frame_at(data, at)
    assert info is not None
    return at + info.length


def _flac(data: bytes, header: str, frames: int) -> bytes:
    told = (1 << 36) - 1 if header == "streaming" else int(_WRONG[header] * frames)
    at = STREAMINFO_AT + 13
    field = (data[at] >> 4 << 36 | told).to_bytes(5, "big")
    return data[:at] + field + data[at + 5 :]


def _mp3(data: bytes, header: str, frames: int) -> bytes:
    if header == "none":
        return data[first_frame(data) :]
    at = max(data.find(b"Info"), data.find(b"Xing")) + 8
    told = 0xFFFFFFFF if header == "streaming" else int(_WRONG[header] * int.from_bytes(data[at : at + 4], "big"))
    return data[:at] + told.to_bytes(4, "big") + data[at + 4 :]


def _ogg(data: bytes, header: str, frames: int) -> bytes:
    at = data.rindex(b"OggS")
    page = bytearray(data[at:])
    told = {"none": (1 << 64) - 1, "streaming": (1 << 63) - 1}.get(header)
    if told is None:
        told = int(_WRONG[header] * int.from_bytes(page[6:14], "little"))
    page[6:14], page[22:26] = told.to_bytes(8, "little"), bytes(4)
    page[22:26] = checksum(bytes(page)).to_bytes(4, "little")
    return data[:at] + bytes(page)


def _wav(data: bytes, header: str, frames: int) -> bytes:
    at = data.index(b"data") + 4
    told = 0xFFFFFFFF if header == "streaming" else int(_WRONG[header] * frames) * 4
    return (
        data[:4]
        + struct.pack("<I", min(told + at - 4, 0xFFFFFFFF))
        + data[8:at]
        + struct.pack("<I", told)
        + data[at + 4 :]
    )


_LIARS = {"flac": _flac, "mp3": _mp3, "ogg": _ogg, "opus": _ogg, "wav": _wav}


def ffmpeg_frames(ffmpeg: str, path: Path, channels: int = 2) -> int:
    """Frames that ffmpeg decodes of a file."""
    command = [ffmpeg, "-v", "quiet", "-nostdin", "-i", str(path), "-map", "0:a:0", "-f", "s16le", "-"]
    done = subprocess.run(command, capture_output=True, check=False)
    return len(done.stdout) // (2 * channels)


class _Here:
    """Stands for the decoder process, in this one: hundreds of files would spend their time in starting it."""

    def __init__(self, source: decode.DecodedSource, path: Path, way: str) -> None:
        lines: list[str] = []
        limits = (str(decode.MEMORY_BYTES), str(decode.CPU_S), str(decode.LONGEST_S))
        arguments = [str(decode.DECODER), str(path.absolute()), str(source._spool_path), way, *limits]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_decoder, "tell", lambda **told: lines.append(_decoder.json.dumps(told)))
            patch.setattr(_decoder, "limit", lambda *_: None)
            patch.setattr(_decoder.signal, "signal", lambda *_: None)
            patch.setattr(_decoder.sys, "argv", arguments)
            _decoder.main()
        self.stdout = io.BytesIO("".join(f"{line}\n" for line in lines).encode())

    def poll(self) -> int:
        return 0

    def wait(self) -> int:
        return 0


def decode_here(patch: pytest.MonkeyPatch) -> None:
    """Have compressed files decoded in this process."""
    patch.setattr(decode.DecodedSource, "_start", lambda source, path, way: _Here(source, path, way))
