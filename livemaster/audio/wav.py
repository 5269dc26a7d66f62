"""WAV files, written by ourselves: RF64 where 4 GB do not suffice, and the same bytes for the same audio.

The header keeps room for the 64-bit sizes in a JUNK chunk, which becomes ds64 when they are needed
(EBU Tech 3306, 3.4).
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np

from livemaster.audio.formats import FLOAT_BIT_DEPTH
from livemaster.audio.pcm import to_bytes
from livemaster.dsp.dither import Quantiser
from livemaster.units import Audio

RIFF_MOST_BYTES = 0xFFFFFFFF - 1024 * 1024
"""Audio beyond this makes the file RF64; the rest of the 4 GB is left for tags."""

_PCM, _FLOAT = 1, 3
_UNKNOWN = 0xFFFFFFFF


class WavSink:
    """One WAV file being written; its header is completed by `close`."""

    def __init__(self, path: Path, rate_hz: int, channels: int, bit_depth: int) -> None:
        self._rate_hz, self._channels, self._bit_depth = rate_hz, channels, bit_depth
        self._quantiser = None if bit_depth == FLOAT_BIT_DEPTH else Quantiser(bit_depth, channels)
        self._data_bytes = 0
        self._file = path.open("r+b")
        self._file.write(self._header())

    def write(self, audio: Audio) -> None:
        """Append (channels, n)."""
        if self._quantiser is None:
            self._append(np.ascontiguousarray(audio.T, "<f4").reshape(-1).view(np.uint8))
        else:
            self._append(to_bytes(self._quantiser.process(audio), self._bit_depth))

    def close(self) -> None:
        """Write what waits, and the sizes."""
        try:
            if self._quantiser is not None:
                self._append(to_bytes(self._quantiser.flush(), self._bit_depth))
            if self._data_bytes % 2:
                self._file.write(b"\0")
            self._file.seek(0)
            self._file.write(self._header())
            self._file.flush()
        finally:
            self._file.close()

    def sync(self) -> None:
        """Bring the file up to date with what was written, so that it is a whole one; 32 bits only."""
        assert self._quantiser is None, "a quantiser holds samples back"
        self._file.seek(0)
        self._file.write(self._header())
        self._file.seek(0, os.SEEK_END)
        self._file.flush()

    def abandon(self) -> None:
        """Let go of the file as it is."""
        self._file.raw.close()  # without writing what is buffered: the disk may be full

    def _append(self, data: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> None:
        self._file.write(data.data)
        self._data_bytes += data.size

    def _header(self) -> bytes:
        frame_bytes = self._channels * self._bit_depth // 8
        codec = _FLOAT if self._quantiser is None else _PCM
        layout = struct.pack(
            "<HHIIHH",
            codec,
            self._channels,
            self._rate_hz,
            self._rate_hz * frame_bytes,
            frame_bytes,
            self._bit_depth,
        )
        frames = self._data_bytes // frame_bytes
        long = self._data_bytes > RIFF_MOST_BYTES
        chunks = _chunk(b"fmt ", layout)
        if codec == _FLOAT:  # every format but integer PCM has to say its length in frames
            chunks += _chunk(b"fact", struct.pack("<I", _UNKNOWN if long else frames))
        chunks += b"data" + struct.pack("<I", _UNKNOWN if long else self._data_bytes)
        riff_bytes = 4 + 36 + len(chunks) + self._data_bytes + self._data_bytes % 2
        sizes = struct.pack("<QQQI", riff_bytes, self._data_bytes, frames, 0)
        if long:
            return b"RF64" + struct.pack("<I", _UNKNOWN) + b"WAVE" + _chunk(b"ds64", sizes) + chunks
        return b"RIFF" + struct.pack("<I", riff_bytes) + b"WAVE" + _chunk(b"JUNK", bytes(28)) + chunks


def _chunk(identity: bytes, content: bytes) -> bytes:
    return identity + struct.pack("<I", len(content)) + content
