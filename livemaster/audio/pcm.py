"""Uncompressed samples of a file as float audio, read in place."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from livemaster.audio.chunks import PcmLayout
from livemaster.errors import AudioFileError
from livemaster.units import Audio


def to_audio(data: bytes, encoding: str, channels: int) -> Audio:
    """Interleaved samples as float32 (channels, n); integers are scaled so that −2^(bits−1) becomes −1."""
    if encoding[1:] == "i3":
        samples = _widen(data, big=encoding[0] == ">").view("<i4")
    else:
        samples = np.frombuffer(data, encoding)
    with np.errstate(over="ignore", invalid="ignore"):  # a float64 beyond float32 becomes Inf, as it should
        x = samples.astype(np.float32)
    if encoding[1] == "u":
        x -= np.float32(128.0)
        x *= np.float32(2.0**-7)
    elif encoding[1] == "i":
        x *= np.float32(2.0 ** (1 - 8 * samples.itemsize))
    return np.ascontiguousarray(x.reshape(-1, channels).T)


def _widen(data: bytes, big: bool) -> NDArray[np.uint8]:
    """24-bit samples in the upper three bytes of little-endian 32-bit ones."""
    packed = np.frombuffer(data, np.uint8)
    wide = np.zeros(packed.size // 3 * 4, np.uint8)
    for byte in range(3):
        wide[byte + 1 :: 4] = packed[(2 - byte if big else byte) :: 3]
    return wide


class PcmSource:
    """The uncompressed samples of one open file, frame after frame."""

    def __init__(self, file: BinaryIO, layout: PcmLayout, name: str) -> None:
        self._file, self._layout, self._name = file, layout, name
        self.rewind()

    def read(self, frames: int) -> Audio:
        """Up to `frames` frames, (channels, n); fewer only at the end."""
        count = min(frames, self._layout.frames - self._frame)
        data = self._bytes(count)
        while len(data) < count * self._layout.frame_bytes:  # the rest stands in the next of the joined parts
            data += self._bytes(count - len(data) // self._layout.frame_bytes)
        return to_audio(data, self._layout.encoding, self._layout.channels)

    def _bytes(self, count: int) -> bytes:
        """The bytes of the next frames, up to `count` and to the end of their part."""
        count = min(count, self._part_ends - self._frame)
        data = self._file.read(count * self._layout.frame_bytes)
        if len(data) < count * self._layout.frame_bytes:
            raise AudioFileError(f"{self._name}: became shorter while it was read")
        self._frame += count
        if self._frame == self._part_ends:
            self.seek(self._frame)
        return data

    def rewind(self) -> None:
        """Back to frame 0."""
        self.seek(0)

    def seek(self, frame: int) -> None:
        """To any frame of the file."""
        self._frame, self._part_ends = frame, 0
        for offset, frames in self._layout.parts:
            self._part_ends += frames
            end = offset + frames * self._layout.frame_bytes
            if frame < self._part_ends:
                break
        self._file.seek(end - (self._part_ends - frame) * self._layout.frame_bytes)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def to_bytes(values: NDArray[np.int32], bits: int) -> NDArray[np.uint8]:
    """Integers (channels, n) of 16 or 24 bits as interleaved little-endian bytes."""
    channels, frames = values.shape
    if bits == 16:
        words = np.empty((frames, channels), "<i2")
        for c in range(channels):
            words[:, c] = values[c]
        return words.reshape(-1).view(np.uint8)
    packed = np.empty((frames, channels, 3), np.uint8)
    raw = values.astype("<i4", copy=False).view(np.uint8).reshape(channels, frames, 4)
    for c in range(channels):
        for byte in range(3):  # byte by byte: numpy is slow along an axis of 3
            packed[:, c, byte] = raw[c, :, byte]
    return packed.reshape(-1)
