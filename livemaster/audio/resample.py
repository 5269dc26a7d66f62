"""Another sample rate, reached before the graph and only when asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import soxr
from numpy.typing import NDArray

from livemaster.audio.info import HIGHEST_RATE_HZ, LOWEST_RATE_HZ
from livemaster.audio.reader import CHUNK_FRAMES, Reader
from livemaster.errors import SettingsError
from livemaster.units import Audio

_QUALITY = "VHQ"  # flat to 0.91 of the lower Nyquist frequency, aliases below −150 dB


class ResampledSource:
    """A reader's frames at another rate, always exactly `frames` of them.

    The input is taken in portions of one size, so that the bits do not depend on how the output is asked for.
    """

    def __init__(self, reader: Reader, rate_hz: int, frames: int) -> None:
        self._reader, self._rate_hz, self._frames = reader, rate_hz, frames
        self._frame, self._drained = 0, False
        self._waiting: NDArray[np.float32]
        self.rewind()

    def read(self, frames: int) -> Audio:
        """Up to `frames` frames, (channels, n); fewer only at the end."""
        count = min(frames, self._frames - self._frame)
        parts, have = [self._waiting], len(self._waiting)
        while have < count and not self._drained:
            portion = self._reader.read(CHUNK_FRAMES)
            self._drained = portion.shape[1] < CHUNK_FRAMES
            parts.append(self._stream.resample_chunk(np.ascontiguousarray(portion.T), last=self._drained))
            have += len(parts[-1])
        interleaved = np.concatenate(parts)
        self._waiting = interleaved[count:]
        self._frame += count
        out = np.zeros((self._reader.channels, count), np.float32)
        available = interleaved[:count]
        out[:, : len(available)] = available.T
        return out

    def rewind(self) -> None:
        """Back to frame 0."""
        self._reader.rewind()
        self._stream = soxr.ResampleStream(
            self._reader.rate_hz, self._rate_hz, self._reader.channels, dtype="float32", quality=_QUALITY
        )
        self._waiting = np.zeros((0, self._reader.channels), np.float32)
        self._frame, self._drained = 0, False

    def seek(self, frame: int) -> None:
        """To any frame, at the cost of resampling all before it: the bits are those of one pass."""
        if frame < self._frame:
            self.rewind()
        while self._frame < frame:
            self.read(min(CHUNK_FRAMES, frame - self._frame))

    def close(self) -> None:
        """Close the reader."""
        self._reader.close()


def blocks_at(blocks: Iterable[Audio], from_hz: int, to_hz: int, channels: int) -> Iterator[Audio]:
    """The same audio, float32 (channels, frames) blocks, at another rate, for analysis: flat to 0.91 of Nyquist.

    The bits depend on the sizes of the blocks in the last place, as a resampler's do.
    """
    if from_hz == to_hz:
        yield from blocks
        return
    stream = soxr.ResampleStream(from_hz, to_hz, channels, dtype="float32", quality="HQ")
    for block in blocks:
        yield np.ascontiguousarray(stream.resample_chunk(np.ascontiguousarray(block.T)).T)
    yield np.ascontiguousarray(stream.resample_chunk(np.zeros((0, channels), np.float32), last=True).T)


def resampled(reader: Reader, rate_hz: int) -> Reader:
    """The same audio at `rate_hz`, round(frames·new/old) frames long; the reader itself if that is its rate.

    Closing it closes `reader`, which it owns from now on. Raises SettingsError outside 8 to 192 kHz.
    """
    if not LOWEST_RATE_HZ <= rate_hz <= HIGHEST_RATE_HZ:
        raise SettingsError(
            f"the sample rate asked for is {rate_hz} Hz, allowed are {LOWEST_RATE_HZ} to {HIGHEST_RATE_HZ} Hz"
        )
    if rate_hz == reader.rate_hz:
        return reader
    info = replace(reader.info, rate_hz=rate_hz, frames=round(reader.frames * rate_hz / reader.rate_hz))
    return Reader(info, ResampledSource(reader, rate_hz, info.frames), reader.path, lambda: None)
