"""K-weighted energy of consecutive bins, on which every loudness stands (ITU-R BS.1770-5, annex 1)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp._jit import kernel
from livemaster.units import Audio

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mono = NDArray[np.float32]
Bits = NDArray[np.int32]

SHELF_HZ, SHELF_DB, SHELF_Q = 1681.974450955533, 3.999843853973347, 0.7071752369554196
SHELF_BAND_EXPONENT = 0.4996667741545416
HIGH_PASS_HZ, HIGH_PASS_Q = 38.13547087602444, 0.5003270373238773
"""The analogue filters whose bilinear transform at 48 kHz is BS.1770's table (De Man, 2014)."""

CHANNEL_WEIGHTS: dict[int, tuple[float, ...]] = {
    1: (1.0,),
    2: (1.0, 1.0),
    3: (1.0, 1.0, 1.0),
    4: (1.0, 1.0, 1.41, 1.41),
    5: (1.0, 1.0, 1.0, 1.41, 1.41),
    6: (1.0, 1.0, 1.0, 0.0, 1.41, 1.41),
}
"""By channel count: mono; L R; L R C; L R Ls Rs; L R C Ls Rs; L R C LFE Ls Rs (BS.1770-5, table 3)."""

_SEGMENT = 256
"""Most frames filtered at once: the scratch stays in the first-level cache."""
_HISTORY = 4
"""Earlier inputs that the numerator of both filters together needs."""
_STATE = 9
"""Per channel: four inputs, two shelf outputs, two high-pass outputs, the sum of squares of the open bin."""
_TINY = 1e-30
"""State below this is flushed to zero between bins, before it turns denormal."""
_MAGNITUDE = np.int32(0x7FFFFFFF)
"""Mask of a float32's sign bit; magnitudes compare as integers, which vectorises where floats do not."""


def _denominator(hz: float, q: float, rate_hz: int) -> tuple[float, float, float, float]:
    """Warped frequency k, the denominator's first term, and the denominator (1, a1, a2) divided by that."""
    k = math.tan(math.pi * hz / rate_hz)
    first = 1.0 + k / q + k * k
    return k, first, 2.0 * (k * k - 1.0) / first, (1.0 - k / q + k * k) / first


def design(rate_hz: int) -> Floats:
    """[control] The K-weighting at `rate_hz` Hz: b0…b4 of both filters together, a1, a2, a1, a2; shape (9,).

    The high-pass keeps the numerator (1, −2, 1) at every rate, as all known meters do: 997 Hz reads the same
    within 0.05 LU from 8 to 192 kHz.
    """
    k, first, a1, a2 = _denominator(SHELF_HZ, SHELF_Q, rate_hz)
    high = 10.0 ** (SHELF_DB / 20.0)
    band = high**SHELF_BAND_EXPONENT
    shelf_b = [high + band * k / SHELF_Q + k * k, 2.0 * (k * k - high), high - band * k / SHELF_Q + k * k]
    _, _, h1, h2 = _denominator(HIGH_PASS_HZ, HIGH_PASS_Q, rate_hz)
    return np.concatenate([np.convolve(np.array(shelf_b) / first, [1.0, -2.0, 1.0]), [a1, a2, h1, h2]])


@kernel
def _numerator(x: Mono, b: Floats, state: Floats, line: Floats, out: Floats) -> None:
    """[audio] The feed-forward part of both filters for one channel, vectorised along time."""
    frames = x.shape[0]
    for i in range(_HISTORY):
        line[i] = state[i]
    for i in range(frames):
        line[_HISTORY + i] = x[i]
    for i in range(frames):
        out[i] = b[0] * line[i + 4] + b[1] * line[i + 3] + b[2] * line[i + 2] + b[3] * line[i + 1] + b[4] * line[i]
    for i in range(_HISTORY):
        state[i] = line[frames + i]


@kernel
def _recursion(u: Floats, frames: int, c: Floats, s: Floats, t: Floats) -> None:
    """[audio] Feedback and sums of squares of two channels, interleaved to hide each other's latency."""
    a1, a2, h1, h2 = c[5], c[6], c[7], c[8]
    v1, v2, y1, y2, total_v = s[4], s[5], s[6], s[7], s[8]
    w1, w2, z1, z2, total_w = t[4], t[5], t[6], t[7], t[8]
    for i in range(frames):
        v = (u[0, i] - a2 * v2) - a1 * v1
        w = (u[1, i] - a2 * w2) - a1 * w1
        v2, v1, w2, w1 = v1, v, w1, w
        y = (v - h2 * y2) - h1 * y1
        z = (w - h2 * z2) - h1 * z1
        y2, y1, z2, z1 = y1, y, z1, z
        total_v += y * y
        total_w += z * z
    s[4], s[5], s[6], s[7], s[8] = v1, v2, y1, y2, total_v
    t[4], t[5], t[6], t[7], t[8] = w1, w2, z1, z2, total_w


@kernel
def largest_magnitude(bits: Bits) -> np.int32:
    """[audio] Largest magnitude of float32 samples, as bits for bits; NaN exceeds everything."""
    largest = np.int32(0)
    for i in range(bits.shape[0]):
        magnitude = np.int32(bits[i] & _MAGNITUDE)
        largest = magnitude if magnitude > largest else largest
    return largest


@kernel
def accumulate(
    x: Audio,
    bits: Bits,
    rows: Ints,
    weights: Floats,
    coefficients: Floats,
    grid: Ints,
    state: Floats,
    scratch: Floats,
    counters: Ints,
    energies: Floats,
    peak_bits: Bits,
) -> None:
    """[audio] Filter `x` and close every bin whose end it reaches; the chunking does not show in the result.

    `bits`: `x` viewed as int32. `rows`: channels in pairs, −1 where a pair is not full. `grid` = (p, q): bin
    k ends before frame round((k + 1)·p/q). `counters` = (frames so far, bins so far, magnitude of the open
    bin). `energies`, `peak_bits`: weighted mean square and magnitude of every bin that this call closes.
    """
    p, q = grid[0], grid[1]
    frames, done, closed = x.shape[1], 0, 0
    while done < frames:
        end = (2 * (counters[1] + 1) * p + q) // (2 * q)
        count = min(frames - done, end - counters[0], _SEGMENT)
        for pair in range(0, rows.shape[0], 2):
            for side in range(2):
                row = rows[pair + side]
                if row >= 0:
                    part = x[row, done : done + count]
                    _numerator(part, coefficients, state[pair + side], scratch[2], scratch[side])
                else:
                    scratch[side, :count] = 0.0
            _recursion(scratch, count, coefficients, state[pair], state[pair + 1])
        for row in range(x.shape[0]):
            counters[2] = max(counters[2], np.int64(largest_magnitude(bits[row, done : done + count])))
        done += count
        counters[0] += count
        if counters[0] == end:
            total = 0.0
            for row in range(rows.shape[0]):
                total += weights[row] * state[row, _STATE - 1]
                state[row, _STATE - 1] = 0.0
                for i in range(_STATE - 1):
                    if not _TINY <= abs(state[row, i]) < np.inf:
                        state[row, i] = 0.0
            energies[closed] = total * q / p
            peak_bits[closed] = counters[2]
            counters[1] += 1
            counters[2] = 0
            closed += 1


class BlockEnergies:
    """Streaming K-weighted energy and sample peak of consecutive bins.

    `rate_hz` Hz; `channels` 1…6, weighted by `weights`, else by `CHANNEL_WEIGHTS`; `bin_frames` ≥ 1, a fraction where
    bins do not last a whole number of frames: bin k then spans round(k·bin_frames) to round((k + 1)·bin_frames).
    Decayed state is flushed between bins, so bins beyond 100 ms may meet denormals for a while.
    """

    def __init__(self, rate_hz: int, channels: int, bin_frames: int | Fraction, weights: Sequence[float] = ()) -> None:
        every = weights or CHANNEL_WEIGHTS[channels]
        heard = [c for c, weight in enumerate(every) if weight > 0.0]
        rows = heard + [-1] * (len(heard) % 2)
        self._rows = np.array(rows, np.int64)
        self._weights = np.array([every[c] if c >= 0 else 0.0 for c in rows])
        self._coefficients = design(rate_hz)
        length = Fraction(bin_frames)
        self._grid = np.array([length.numerator, length.denominator], np.int64)
        self._shortest = int(length)
        self._state = np.zeros((len(rows), _STATE))
        self._scratch = np.zeros((3, _SEGMENT + _HISTORY))
        self._counters = np.zeros(3, np.int64)
        self._energies = np.zeros(0)
        self._peak_bits = np.zeros(0, np.int32)
        self.push(np.zeros((channels, 0), np.float32))  # compiles what is not compiled yet, before any sound

    def push(self, x: Audio) -> tuple[Floats, NDArray[np.float32]]:
        """[audio] Energy and largest absolute sample of every bin that `x`, (channels, frames), completes.

        Energy is Σ weight · mean square of the K-weighted channels; the peak is that of all channels, linear.
        Input that is not finite makes its own bin undefined, and the next one when it ends the bin.
        """
        room = x.shape[1] // self._shortest + 2
        if self._energies.shape[0] < room:
            self._energies = np.zeros(room)
            self._peak_bits = np.zeros(room, np.int32)
        before = int(self._counters[1])
        accumulate(
            x,
            x.view(np.int32),
            self._rows,
            self._weights,
            self._coefficients,
            self._grid,
            self._state,
            self._scratch,
            self._counters,
            self._energies,
            self._peak_bits,
        )
        closed = int(self._counters[1]) - before
        return self._energies[:closed].copy(), self._peak_bits[:closed].copy().view(np.float32)
