"""Odd, monotone saturation of which only the distortion is oversampled.

Shaper: f(u) = u·(27 + u²)/(27 + 9u²) up to |u| = 3, from there ±1: the [3/2] Padé approximant of tanh, which meets
±1 with its first two derivatives zero. Its residual is r(u) = f(u) − u = −(8/9)·u³/(3 + u²), beyond 3 also ∓(|u| − 3).
Only that runs at the high rate: y = x + down(s/d·r(d·up(x))) at saturation s and drive d, so the dry path is the
delayed input itself, and a saturation of 0 is the exact identity.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp._jit import kernel
from livemaster.dsp.halfband import between, design_pairs, fold
from livemaster.units import QUANTUM_FRAMES, Audio, Values

DRIVE_DB = 5.0
"""Gain into the shaper at saturation 1; taken out again behind it, so that small signals keep their level."""
LONG_PAIRS = design_pairs(16, 6.3)
"""Half-band filter next to the base rate: 68 dB down from 0.29 of the doubled rate on."""
SHORT_PAIRS = design_pairs(4, 5.0)
"""Half-band filter between twice and four times the rate: 54 dB down from 0.375 on, where little is left."""
ONE_STAGE_FROM_HZ = 88200
"""Rates from here on are only doubled: their own upper octave is the room that distortion needs."""

ROW_FRAMES = 2 * QUANTUM_FRAMES  # one quantum of history, one of new frames
ROWS = 9
NOTHING, X, BETWEEN, Q0, Q1, Q2, Q3, EVEN, ODD = range(ROWS)
"""Rows per channel: zeros; input; what lies between its frames; distortion in four phases; and in two."""

_PAIRS = len(LONG_PAIRS)
_REACH = len(SHORT_PAIRS) // 2  # base frames that the short filter looks ahead
_NEW = QUANTUM_FRAMES  # where the new quantum starts in a row
_WAKE = 16  # frames of history that are missing after idle quanta; at least 2·_REACH
_KEPT = 32  # frames of history in the rows of distortion; at least 2·pairs − 1
_FAR, _NEAR = _NEW - 2 * _PAIRS + 1, _NEW - _PAIRS + 1  # where the long filter's two rows start
_RAMP = (np.arange(QUANTUM_FRAMES) / QUANTUM_FRAMES).astype(np.float32)
_ZERO, _THREE, _CUBIC = np.float32(0.0), np.float32(3.0), np.float32(8.0 / 9.0)


def stages(rate_hz: int) -> int:
    """[control] How many times the rate is doubled: 2, or 1 from `ONE_STAGE_FROM_HZ` on."""
    return 1 if rate_hz >= ONE_STAGE_FROM_HZ else 2


def latency_frames(rate_hz: int) -> int:
    """[control] Frames by which the output lags the input."""
    return 2 * _PAIRS - 1 + (stages(rate_hz) - 1) * 2 * _REACH


@kernel
def _ramp(left: float, right: float, count: int, at: Values) -> None:
    """[audio] Drive and weight of the distortion at the left edge of a quantum, and what each gains in it, to `at`.

    Each halving of the rate leaves out its factor ½, so the weight holds it.
    """
    at[0], drive = 10.0 ** (DRIVE_DB / 20.0 * left), 10.0 ** (DRIVE_DB / 20.0 * right)
    at[1] = 0.5**count * left / at[0]
    at[2], at[3] = drive - at[0], 0.5**count * right / drive - at[1]


@kernel
def _shape(u: Audio, at: Values, phase: float, out: Audio) -> None:
    """[audio] Distortion of one phase (a share of a frame) of the oversampled quantum `u` (64,), to `out`.

    `at` (4,): drive and weight at the quantum's left edge, and what each gains up to the right one.
    """
    d, dd = np.float32(at[0] + at[2] * phase / QUANTUM_FRAMES), np.float32(at[2])
    g, dg = np.float32(at[1] + at[3] * phase / QUANTUM_FRAMES), np.float32(at[3])
    for i in range(QUANTUM_FRAMES):
        v = u[i] * (d + dd * _RAMP[i])
        c = min(max(v, -_THREE), _THREE)
        square = c * c
        out[i] = (g + dg * _RAMP[i]) * ((c - v) - _CUBIC * (c * square) / (_THREE + square))


@kernel
def _distort(rows: Audio, at: Values, count: int, awake: bool, phases: Audio) -> None:
    """[audio] From the input to its distortion at the high rate: rows Q0…Q3, or EVEN and ODD for one doubling."""
    behind = (count - 1) * _REACH
    dry, odd, nothing = rows[X], rows[BETWEEN], rows[NOTHING]
    for back in range(0 if awake else _WAKE, -1, -_WAKE):
        fold(LONG_PAIRS, nothing, dry[_FAR - back :], dry[_NEAR - back :], odd[_NEW - back :])
    for i in range(QUANTUM_FRAMES):
        phases[0, i] = dry[_NEW - _PAIRS - behind + i]
        phases[count, i] = odd[_NEW - behind + i]
    if count == 2:
        even, odd = dry[_NEW - _PAIRS - 2 * _REACH :], odd[_NEW - 2 * _REACH :]
        between(SHORT_PAIRS, nothing, even, odd, phases[1])
        between(SHORT_PAIRS, nothing, odd, even[1:], phases[3])
    for p in range(2 * count):
        _shape(phases[p], at, 0.5 * p / count, rows[(Q0 if count == 2 else EVEN) + p, _NEW:])


@kernel
def _halve(rows: Audio, count: int, out: Audio) -> None:
    """[audio] From the distortion at the high rate to the base rate, to `out` (64,); then its rows move on."""
    even, odd, q1, q3 = rows[EVEN], rows[ODD], rows[Q1], rows[Q3]
    if count == 2:
        start = _NEW - 2 * _REACH
        between(SHORT_PAIRS, rows[Q0, _NEW - _REACH :], q3[start - 1 :], q1[start:], even[_NEW:])
        between(SHORT_PAIRS, rows[Q2, _NEW - _REACH :], q1[start:], q3[start:], odd[_NEW:])
    fold(LONG_PAIRS, even[_NEAR:], odd[_FAR:], odd[_NEAR:], out)
    for r in range(BETWEEN, ROWS):
        for i in range(_KEPT):  # assigning slices instead would take seconds to compile
            rows[r, _NEW - _KEPT + i] = rows[r, ROW_FRAMES - _KEPT + i]


@kernel
def saturate(
    x: Audio,
    y: Audio,
    values: Values,
    count: int,
    rows: Audio,
    awake: NDArray[np.bool_],
    at: Values,
    phases: Audio,
) -> None:
    """[audio] Saturate whole quanta of `x` into `y`, later by `latency_frames`.

    `values` (1, K + 1): saturation. `count`: doublings of the rate. State, zero at time zero: `rows` (channels,
    `ROWS`, `ROW_FRAMES`); `awake` (channels,), whether the quantum before had distortion. Scratch: `at` (4,),
    `phases` (4, 64). Quanta without saturation only pass the input on; the first of them empties the filters.
    """
    edges, wet = values[0], phases[0]
    latency = 2 * _PAIRS - 1 + (count - 1) * 2 * _REACH
    for c in range(x.shape[0]):
        row, dry = rows[c], rows[c, X]
        for k in range(edges.size - 1):
            active = edges[k] > 0.0 or edges[k + 1] > 0.0
            new, out = x[c, k * QUANTUM_FRAMES :], y[c, k * QUANTUM_FRAMES :]
            for i in range(QUANTUM_FRAMES):
                dry[i + _NEW] = new[i]
            for i in range(QUANTUM_FRAMES):
                out[i] = dry[_NEW - latency + i]
            if active:
                if k == 0 or edges[k] != edges[k - 1] or edges[k + 1] != edges[k]:
                    _ramp(edges[k], edges[k + 1], count, at)
                _distort(row, at, count, awake[c], phases)
            elif awake[c]:
                for r in range(Q0, ROWS):
                    for i in range(QUANTUM_FRAMES):
                        row[r, i + _NEW] = _ZERO
            if active or awake[c]:
                _halve(row, count, wet)
                for i in range(QUANTUM_FRAMES):
                    out[i] += wet[i]
            for i in range(QUANTUM_FRAMES):
                dry[i] = dry[i + _NEW]
            awake[c] = active
