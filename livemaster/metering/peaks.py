"""What samples say one by one: sample peak, offset, clipping; and the true peak between them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp._jit import kernel
from livemaster.dsp.kweight import largest_magnitude
from livemaster.dsp.truepeak import DELAY_FRAMES, HISTORY_FRAMES, advance_true_peaks, true_peak_work
from livemaster.units import QUANTUM_FRAMES, Audio, whole_quanta

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CLIP_LEVEL = np.float32(0.999)
_CLIP_BITS = CLIP_LEVEL.view(np.int32)
CLIP_FRAMES = 3
"""Samples in a row that a flat top has at least: at `CLIP_LEVEL` or above, and level."""
FLAT = np.float32(1.5 / 32768.0)
"""How far samples of a flat top may be from its first: dither and rounding to 16 bits. Above full scale nothing."""
EDGE = np.float32(12.0 / 32768.0)
"""A flat top is one that was cut where the sound moves by more, in the step before it or within half its length behind
it. The top of a parabola, which every smooth peak is, moves by 7 units of 16 bits there, and dither by 3."""

_LANES = 32
"""Partial sums of the offset, frame n in lane n mod 32: they vectorise, and no chunking changes the order."""


@kernel
def _add_to_lanes(x: NDArray[np.float32], first: int, lanes: Floats) -> None:
    head = min(-first % _LANES, x.shape[0])
    for i in range(head):
        lanes[(first + i) % _LANES] += x[i]
    whole = (x.shape[0] - head) // _LANES
    for block in range(whole):
        part = x[head + block * _LANES : head + (block + 1) * _LANES]
        for lane in range(_LANES):
            lanes[lane] += part[lane]
    for i in range(head + whole * _LANES, x.shape[0]):
        lanes[(first + i) % _LANES] += x[i]


@kernel
def _count_flat_tops(row: NDArray[np.float32], levels: NDArray[np.float32], runs: Ints) -> None:
    """[audio] Count the cut tops of one channel in `runs[0]`; all else is state, as `SampleStatistics` lists it."""
    clipped, run, behind = runs[0], runs[1], runs[2]
    last, step_in, top, left_at = levels[0], levels[1], levels[2], levels[3]
    for i in range(row.shape[0]):
        value = row[i]
        flat = value == top if abs(value) > 1.0 else abs(value - top) <= FLAT
        if run > 0 and flat and abs(value) >= CLIP_LEVEL:
            run += 1
            clipped += run == CLIP_FRAMES and step_in > EDGE
        else:
            if run >= CLIP_FRAMES and step_in <= EDGE and behind == 0:
                behind, left_at = max(run // 2, 1), last
            run, top, step_in = int(abs(value) >= CLIP_LEVEL), value, abs(value - last)
        if behind > 0:
            moved = abs(value - left_at) > EDGE
            clipped += moved
            behind = 0 if moved else behind - 1
        last = value
    runs[0], runs[1], runs[2] = clipped, run, behind
    levels[0], levels[1], levels[2], levels[3] = last, step_in, top, left_at


@kernel
def _scan(
    x: Audio,
    bits: NDArray[np.int32],
    first: int,
    peak_bits: NDArray[np.int32],
    lanes: Floats,
    levels: NDArray[np.float32],
    runs: Ints,
) -> None:
    """[audio] Raise `peak_bits`, add to `lanes`, count cut tops in `runs`."""
    for c in range(x.shape[0]):
        row = x[c]
        largest = largest_magnitude(bits[c])
        peak_bits[c] = max(peak_bits[c], largest)
        _add_to_lanes(row, first, lanes[c])
        if runs[c, 1] > 0 or runs[c, 2] > 0 or largest >= _CLIP_BITS:
            _count_flat_tops(row, levels[c], runs[c])
        elif row.shape[0] > 0:
            levels[c, 0] = row[-1]


class SampleStatistics:
    """Streaming sample peak, offset and clipped runs of every channel."""

    def __init__(self, channels: int) -> None:
        self._frames = 0
        self._peak_bits = np.zeros(channels, np.int32)
        self._lanes = np.zeros((channels, _LANES))
        self._levels = np.zeros((channels, 4), np.float32)
        """The last sample, the step into the open run, its first sample, the last sample of the run before."""
        self._runs = np.zeros((channels, 3), np.int64)
        """Cut tops, the length of the open run, how many frames behind the one before are still looked at."""

    def push(self, x: Audio) -> None:
        """[audio] Take the next frames, (channels, frames)."""
        _scan(x, x.view(np.int32), self._frames, self._peak_bits, self._lanes, self._levels, self._runs)
        self._frames += x.shape[1]

    @property
    def peak(self) -> float:
        """[audio] Largest absolute sample of all channels, linear; NaN once there was one."""
        return float(self._peak_bits.max().view(np.float32))

    @property
    def offsets(self) -> Floats:
        """Mean of every channel, linear; zeros before the first frame."""
        return np.asarray(self._lanes.sum(axis=1) / max(self._frames, 1))

    @property
    def clipped_runs(self) -> int:
        """Flat tops of `CLIP_FRAMES` or more samples at `CLIP_LEVEL` or above, over all channels."""
        return int(self._runs[:, 0].sum())


class TruePeakFollower:
    """Streaming true peak of every channel, on the absolute grid of quanta."""

    def __init__(self, channels: int) -> None:
        self._held = np.zeros((channels, HISTORY_FRAMES), np.float32)
        self._maxima = np.zeros(channels)
        self._work = true_peak_work()

    def push(self, x: Audio) -> None:
        """[audio] Take the next frames, (channels, frames)."""
        joined = np.concatenate((self._held, x), axis=1)
        whole = (joined.shape[1] - HISTORY_FRAMES) // QUANTUM_FRAMES * QUANTUM_FRAMES
        _follow(joined[:, : whole + HISTORY_FRAMES], self._maxima, self._work)
        self._held = joined[:, whole:].copy()

    def taken(self) -> Floats:
        """[control] True peak of every channel in the whole quanta since this was last called, linear."""
        maxima, self._maxima = self._maxima, np.zeros_like(self._maxima)
        return maxima

    @property
    def peaks(self) -> Floats:
        """True peak of every channel so far, linear, as if silence followed."""
        maxima = self._maxima.copy()
        waiting = self._held.shape[1] - HISTORY_FRAMES
        ending = whole_quanta(waiting + DELAY_FRAMES) * QUANTUM_FRAMES - waiting
        _follow(np.pad(self._held, ((0, 0), (0, ending))), maxima, self._work)
        return maxima


def _follow(extended: Audio, maxima: Floats, work: NDArray[np.float32]) -> None:
    """[audio] Channel by channel, since single rows of a longer buffer are contiguous as they are."""
    for c in range(extended.shape[0]):
        advance_true_peaks(extended[c : c + 1], maxima[c : c + 1], work)
