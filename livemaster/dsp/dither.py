"""Quantising to integers: the last thing that happens to a master.

Dither is TPDF of ±1 LSB (the difference of two independent uniform numbers), which makes the error's mean and
variance independent of the signal (Lipshitz, Wannamaker, Vanderkooy: Quantization and Dither, JAES 40, 1992).
Its numbers come from a hash of the absolute frame and the channel, so the result does not depend on how the
frames are cut into calls, and the same render gives the same file.

A quantum of 64 frames, counted from frame 0, that is digital silence in a channel stays exactly zero there:
it has no quantisation error which dither would have to decorrelate.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp._jit import kernel
from livemaster.units import QUANTUM_FRAMES, Audio

DITHERED_BITS = 16
"""Word lengths above this are rounded only: their steps lie below the noise of any converter."""

_SEED = np.uint32(0x6C6D7374)
_CHANNEL_STEP = np.uint32(0x9E3779B9)  # 2^32 / golden ratio: channels draw from far apart
_MIX_1, _MIX_2 = np.uint32(0x21F0AAAD), np.uint32(0xD35A2D97)  # "lowbias32" after C. Wellons' hash prospector
_SHIFT_15, _SHIFT_16 = np.uint32(15), np.uint32(16)
_LOW_HALF = np.uint32(0xFFFF)
_MAGNITUDE = np.uint32(0x7FFFFFFF)  # of a float's bits: −0 is silence too
_HALF_STEP = np.float32(2.0**-16)


@kernel
def _quantise(
    x: NDArray[np.float32],
    bits: NDArray[np.uint32],
    first_frame: int,
    seed: np.uint32,
    scale: np.float32,
    dither_lsb: np.float32,
    out: NDArray[np.int32],
) -> None:
    channels, frames = x.shape
    top, low = scale - np.float32(1.0), -scale
    for start in range(0, frames, 64):
        count = min(64, frames - start)
        for c in range(channels):
            xs, raw, ys = (
                x[c, start : start + count],
                bits[c, start : start + count],
                out[c, start : start + count],
            )
            sounding = np.uint32(0)
            for n in range(count):
                sounding |= raw[n] & _MAGNITUDE
            unit = _HALF_STEP * dither_lsb if sounding != np.uint32(0) else np.float32(0.0)
            key = np.uint32(first_frame + start) + np.uint32(seed + np.uint32(c) * _CHANNEL_STEP)
            for n in range(count):
                h = np.uint32(key + np.uint32(n))
                h ^= h >> _SHIFT_16
                h = np.uint32(h * _MIX_1)
                h ^= h >> _SHIFT_15
                h = np.uint32(h * _MIX_2)
                h ^= h >> _SHIFT_15
                v = np.rint(xs[n] * scale + np.float32(np.int32(h >> _SHIFT_16) - np.int32(h & _LOW_HALF)) * unit)
                v = v if v < top else top
                v = v if v > low else low
                ys[n] = np.int32(v)


class Quantiser:
    """Float audio to integers: dithered at 16 bits and below, rounded above, clamped to the range.

    Frames are taken in any portions; up to 63 of them wait for their quantum until `flush`.
    """

    def __init__(self, bits: int, channels: int) -> None:
        self._scale = np.float32(2 ** (bits - 1))
        self._dither_lsb = np.float32(1.0 if bits <= DITHERED_BITS else 0.0)
        self._waiting: Audio = np.zeros((channels, 0), np.float32)
        self._frame = 0

    def process(self, audio: Audio) -> NDArray[np.int32]:
        """[control] Quantise `audio` (channels, n), finite; returns int32 (channels, m): whole quanta."""
        if self._waiting.shape[1]:
            audio = np.concatenate((self._waiting, audio), axis=1)
        whole = audio.shape[1] - audio.shape[1] % QUANTUM_FRAMES
        self._waiting = audio[:, whole:].copy()
        return self._convert(audio[:, :whole])

    def flush(self) -> NDArray[np.int32]:
        """[control] The frames that still waited, int32 (channels, up to 63)."""
        rest, self._waiting = self._waiting, self._waiting[:, :0]
        return self._convert(rest)

    def _convert(self, audio: Audio) -> NDArray[np.int32]:
        x = np.require(audio, np.float32, ["C", "W"])
        out = np.empty(x.shape, np.int32)
        _quantise(x, x.view(np.uint32), self._frame, _SEED, self._scale, self._dither_lsb, out)
        self._frame += x.shape[1]
        return out
