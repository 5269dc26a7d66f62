"""True peak by interpolation: exact wherever a threshold can be exceeded, nearly free everywhere else.

Sixteen phases of a windowed sinc (cutoff fs/2, Kaiser β = 9, 48 taps a phase). Blocks of 64 frames pass
three gates, each with a bound that holds for every signal: levels and curvature of the input alone, then four
phases, then all sixteen. ITU-R BS.1770's own 4-phase, 12-tap filter can be watched along with them.

Layout of every `extended` buffer: 47 frames of history, then the new frames, so that extended[i] is frame
N − 47 + i when N is the first new frame. It answers for as many frames as are new, but 24 earlier: the frames
N − 24 + i, each from extended[i … i + 47]. The peak of frame n is the largest magnitude in [n, n + 1).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp._jit import kernel
from livemaster.units import QUANTUM_FRAMES, Audio

PHASES = 16
TAPS = 48
HISTORY_FRAMES = TAPS - 1
"""Frames before the first new one that an extended buffer holds."""

DELAY_FRAMES = TAPS // 2
"""Frames by which the answers lag the newest frame of an extended buffer."""

_KAISER_BETA = 9.0
_CENTRE = TAPS // 2 - 1
_PAIRS = TAPS // 2

# BS.1770-5 annex 2, table 1: phases 0 and 1; phases 3 and 2 are the same backwards.
_ITU_OUTER = (
    *(0.0017089843750, 0.0109863281250, -0.0196533203125, 0.0332031250000, -0.0594482421875, 0.1373291015625),
    *(
        0.9721679687500,
        -0.1022949218750,
        0.0476074218750,
        -0.0266113281250,
        0.0148925781250,
        -0.0083007812500,
    ),
)
_ITU_INNER = (
    *(
        -0.0291748046875,
        0.0292968750000,
        -0.0517578125000,
        0.0891113281250,
        -0.1665039062500,
        0.4650878906250,
    ),
    *(
        0.7797851562500,
        -0.2003173828125,
        0.1015625000000,
        -0.0582275390625,
        0.0330810546875,
        -0.0189208984375,
    ),
)


def _exact_table() -> NDArray[np.float64]:
    offset = np.arange(PHASES)[:, None] / PHASES + _CENTRE - np.arange(TAPS)
    window = np.i0(_KAISER_BETA * np.sqrt(np.maximum(0.0, 1.0 - (offset / (TAPS / 2)) ** 2)))
    return np.asarray(np.sinc(offset) * window / np.i0(_KAISER_BETA))


def interpolation_table() -> NDArray[np.float32]:
    """[control] The interpolator: row p gives the value at n + p/16 from x[n − 23 … n + 24].

    Float32 of shape (PHASES, TAPS).
    """
    return _exact_table().astype(np.float32)


def true_peak_work() -> NDArray[np.float32]:
    """[control] Scratch memory that the kernels of this module ask for; its content never matters."""
    return np.zeros((2 * _PAIRS + 6, QUANTUM_FRAMES), np.float32)


def _bound(row: NDArray[np.float64]) -> tuple[float, float]:
    """Constants of |row · x| ≤ level · max(|x[n]|, |x[n+1]|) + curvature · max |second difference of x|.

    The two middle taps take over the row's sum and first moment; what is left has two zeros at DC, so it is a
    filter of finite length on the second difference, whose absolute sum is the curvature's constant.
    """
    total = float(row.sum())
    after = float((row * (np.arange(TAPS) - _CENTRE)).sum())
    rest = row.copy()
    rest[_CENTRE] -= total - after
    rest[_CENTRE + 1] -= after
    return abs(total - after) + abs(after), float(np.abs(np.cumsum(np.cumsum(rest))).sum())


def _worst(rows: list[NDArray[np.float64]]) -> tuple[np.float32, np.float32]:
    """The constants that bound every one of `rows`, with room for float32 rounding."""
    bounds = np.array([_bound(row) for row in rows])
    return np.float32(bounds[:, 0].max() + 1e-5), np.float32(bounds[:, 1].max() * 1.0001)


def _itu_rows() -> list[NDArray[np.float64]]:
    centred = slice(_CENTRE - 5, _CENTRE + 7)
    rows = []
    for taps in (_ITU_OUTER, _ITU_INNER):
        row = np.zeros(TAPS)
        row[centred] = taps
        rows.append(row)
    return rows


def _between_coarse() -> list[NDArray[np.float64]]:
    """What the twelve other phases add to a straight line between their coarse neighbours."""
    table = _exact_table()
    following = np.zeros(TAPS)
    following[_CENTRE + 1] = 1.0
    coarse = [*table[::4], following]
    return [
        table[p] - ((4 - p % 4) * coarse[p // 4] + (p % 4) * coarse[p // 4 + 1]) / 4 for p in range(PHASES) if p % 4
    ]


# Phases p and 16 − p are each other's mirror image, so both come from one even and one odd half, and the
# larger of |even + odd| and |even − odd| is |even| + |odd|. In the order of use, two at a time: phases 4 and
# 8 (and 12), ITU's four, then the other six and their mirror images.
_ROWS = np.array([*_exact_table()[[4, 8]], *_itu_rows(), *_exact_table()[[1, 2, 3, 5, 6, 7]]])
_HALVES = np.stack([(_ROWS + _ROWS[:, ::-1])[:, :_PAIRS], (_ROWS - _ROWS[:, ::-1])[:, :_PAIRS]]) / 2
_HALF_TAPS = np.ascontiguousarray(_HALVES.astype(np.float32))
_ITU_ROW = 2
_FINE_ROW = 4
_ITU_FIRST_PAIR = _PAIRS - 8
_RESULT = 2 * _PAIRS
_FOUND = _RESULT + 4
_INPUT_LEVEL, _INPUT_CURVATURE = _worst([*_exact_table(), *_itu_rows()])
_COARSE_LEVEL, _COARSE_CURVATURE = _worst(_between_coarse())
_ZERO = np.float32(0.0)
_ONE = np.float32(1.0)
_TWO = np.float32(2.0)


@kernel
def _largest(bits: NDArray[np.int32]) -> np.float32:
    """[audio] Largest of non-negative float32 numbers, given as their bits: integers compare in vectors."""
    largest = np.int32(0)
    for i in range(bits.shape[0]):
        if bits[i] > largest:
            largest = bits[i]
    return np.int32(largest).view(np.float32)


@kernel
def _fold(x: NDArray[np.float32], work: NDArray[np.float32]) -> None:
    """[audio] Sums and differences of the taps that mirror each other, for 64 frames."""
    for k in range(_PAIRS):
        early, late = x[k : k + QUANTUM_FRAMES], x[TAPS - 1 - k : TAPS - 1 - k + QUANTUM_FRAMES]
        total, difference = work[k], work[_PAIRS + k]
        for i in range(QUANTUM_FRAMES):
            a, b = early[i], late[i]
            total[i] = a + b
            difference[i] = a - b


@kernel
def _raise_by_rows(row: int, weight: np.float32, work: NDArray[np.float32], peaks: NDArray[np.float32]) -> None:
    """[audio] Raise `peaks` to `weight` times the largest magnitude of two rows and their mirror images."""
    first_pair = _ITU_FIRST_PAIR if row == _ITU_ROW else 0
    for half in range(2):
        a, b = work[_RESULT + half], work[_RESULT + 2 + half]
        for i in range(QUANTUM_FRAMES):
            a[i] = _ZERO
            b[i] = _ZERO
        taps_a, taps_b = _HALF_TAPS[half, row], _HALF_TAPS[half, row + 1]
        for k in range(first_pair, _PAIRS, 4):  # eight products a turn fill the registers
            a0, a1, a2, a3 = taps_a[k], taps_a[k + 1], taps_a[k + 2], taps_a[k + 3]
            b0, b1, b2, b3 = taps_b[k], taps_b[k + 1], taps_b[k + 2], taps_b[k + 3]
            pair = half * _PAIRS + k
            f0, f1, f2, f3 = work[pair], work[pair + 1], work[pair + 2], work[pair + 3]
            for i in range(QUANTUM_FRAMES):
                v0, v1, v2, v3 = f0[i], f1[i], f2[i], f3[i]
                a[i] += a0 * v0 + a1 * v1 + a2 * v2 + a3 * v3
                b[i] += b0 * v0 + b1 * v1 + b2 * v2 + b3 * v3
    even_a, odd_a, even_b, odd_b = work[_RESULT], work[_RESULT + 1], work[_RESULT + 2], work[_RESULT + 3]
    for i in range(QUANTUM_FRAMES):
        first, second = abs(even_a[i]) + abs(odd_a[i]), abs(even_b[i]) + abs(odd_b[i])
        value = weight * (first if first > second else second)
        peaks[i] = value if value > peaks[i] else peaks[i]


@kernel
def _survey(x: NDArray[np.float32], bits: NDArray[np.float32]) -> tuple[np.float32, np.float32]:
    """[audio] Largest magnitude in the frames asked for, and largest second difference of all."""
    length = QUANTUM_FRAMES + HISTORY_FRAMES - 2
    for i in range(length):
        bits[i] = abs(x[i] - _TWO * x[i + 1] + x[i + 2])
    curvature = _largest(bits[:length].view(np.int32))
    for i in range(QUANTUM_FRAMES + 1):
        bits[i] = abs(x[_CENTRE + i])
    return _largest(bits[: QUANTUM_FRAMES + 1].view(np.int32)), curvature


@kernel
def raise_peaks(
    x: NDArray[np.float32],
    threshold: np.float32,
    itu_weight: np.float32,
    work: NDArray[np.float32],
    peaks: NDArray[np.float32],
) -> np.float32:
    """[audio] Raise the peaks of 64 frames to one channel's true peaks, unless none exceeds `threshold`.

    x: extended, 47 + 64 frames, finite. itu_weight: ITU's own filter counts times this; 0 leaves it out.
    peaks: 64, raised in place; untouched when no frame can exceed the threshold. Returns this channel's
    largest peak, 0 when untouched. No frame above the threshold is ever missed; values differ from the exact
    interpolation by float32 rounding only.
    """
    bits = work[_RESULT : _RESULT + 2].reshape(2 * QUANTUM_FRAMES)
    level, curvature = _survey(x, bits)
    if _INPUT_LEVEL * level + _INPUT_CURVATURE * curvature <= threshold:
        return _ZERO
    found = work[_FOUND]
    for i in range(QUANTUM_FRAMES):
        found[i] = bits[i]
    _fold(x, work)
    for row in range(0, _HALF_TAPS.shape[1], 2):
        itu = row == _ITU_ROW
        if row == _FINE_ROW:
            coarse = max(level, _largest(found.view(np.int32)))
            if coarse + _COARSE_LEVEL * level + _COARSE_CURVATURE * curvature <= threshold:
                return _ZERO
        if not itu or itu_weight > _ZERO:
            _raise_by_rows(row, itu_weight if itu else _ONE, work, found)
    for i in range(QUANTUM_FRAMES):
        peaks[i] = found[i] if found[i] > peaks[i] else peaks[i]
    return _largest(found.view(np.int32))


@kernel
def advance_true_peaks(extended: Audio, maxima: NDArray[np.float64], work: NDArray[np.float32]) -> None:
    """[audio] Running true-peak maximum of every channel, linear: whatever cannot exceed it is skipped.

    extended: (channels, 47 + 64·K), finite; maxima: (channels,), raised in place; work: `true_peak_work()`.
    Start with 47 zeros and maxima of 0; end with at least 24 zeros (a whole quantum) to hear the last frames.
    """
    peaks = work[_FOUND + 1]
    for channel in range(extended.shape[0]):
        for first in range(0, extended.shape[1] - HISTORY_FRAMES, QUANTUM_FRAMES):
            x = extended[channel, first : first + QUANTUM_FRAMES + HISTORY_FRAMES]
            found = raise_peaks(x, np.float32(maxima[channel]), _ZERO, work, peaks)
            if found > maxima[channel]:
                maxima[channel] = found
