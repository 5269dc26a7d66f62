"""Feed-forward compression: one gain for all channels, from a side chain, a static curve and smoothing in dB.

Detector: mean square of the high-passed channels over a sliding window. Static curve and smoothing after
Giannoulis, Massberg and Reiss, "Digital Dynamic Range Compressor Design" (JAES 60, 2012), with one change:
what is smoothed is the overshoot over the threshold, and the ratio is applied last. So a ratio of 1 is exactly
no compression, at once.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp._jit import kernel
from livemaster.units import QUANTUM_FRAMES, Audio, Values

Floats = NDArray[np.float64]

THRESHOLD, RATIO, KNEE, ATTACK, RELEASE, HIGHPASS, MAKEUP, MIX = range(8)
"""Rows of the parameter values."""

OVERSHOOT, APPLIED = range(2)
"""Entries of the state: smoothed overshoot in dB; smallest gain of the last call, make-up left out."""

WINDOW_MS = 5.0
"""Length of the detector's window: a period of the power of 100 Hz, so that bass hardly moves the gain."""
_SUBBLOCK_S = 1.0 / 3000.0
_DAMPING = math.sqrt(2.0)  # Butterworth
_NEPER_PER_DB = math.log(10.0) / 20.0
_POWER_DB = 10.0 / math.log(10.0)
_SILENCE = 1e-20  # −200 dB: below every threshold, and it keeps the logarithm finite
_LOUDEST = 1e60  # a power that is no number, or would make the next sum one, counts as silence
_FLUSH = 1e-30  # 600 dB down, and still far above the denormals, which cost five times the time


def subblock_frames(rate_hz: int) -> int:
    """[control] Frames per control step: a power of two from 4 to 64, about a third of a millisecond."""
    return int(min(max(2 ** round(math.log2(rate_hz * _SUBBLOCK_S)), 4), QUANTUM_FRAMES))


def window_subblocks(rate_hz: int) -> int:
    """[control] Control steps in the detector's window."""
    return round(WINDOW_MS * 1e-3 * rate_hz / subblock_frames(rate_hz))


@kernel
def _powers(x: Audio, first: int, g: float, s: Floats, out: Floats) -> None:
    """[audio] Sum over the channels of the high-passed power in each sub-block of one quantum, to `out`.

    A state-variable high-pass (trapezoidal, Butterworth, `g` its prewarped cutoff) written as a state space,
    two channels at a time: the recursion is what takes the time, and two hide each other's latency.
    """
    h = 1.0 / (1.0 + g * (g + _DAMPING))
    h1 = h * (g + _DAMPING)
    a11, a12, b1 = 1.0 - 2.0 * g * h1, -2.0 * g * h, 2.0 * g * h
    a21, a22, b2 = 2.0 * g * (1.0 - g * h1), 1.0 - 2.0 * g * g * h, 2.0 * g * g * h
    sub = QUANTUM_FRAMES // out.size
    for n in range(out.size):
        out[n] = 0.0
    for c in range(0, x.shape[0], 2):
        d = min(c + 1, x.shape[0] - 1)
        both = float(d - c)
        left, right = x[c, first : first + QUANTUM_FRAMES], x[d, first : first + QUANTUM_FRAMES]
        p, q, u, v = s[2 * c], s[2 * c + 1], s[2 * d], s[2 * d + 1]
        for n in range(out.size):
            total = 0.0
            for i in range(n * sub, (n + 1) * sub):
                a, b = float(left[i]), float(right[i])
                high_a, high_b = h * a - h1 * p - h * q, h * b - h1 * u - h * v
                p, q = (b1 * a + a11 * p) + a12 * q, (b2 * a + a21 * p) + a22 * q
                u, v = (b1 * b + a11 * u) + a12 * v, (b2 * b + a21 * u) + a22 * v
                total += high_a * high_a + both * (high_b * high_b)
            out[n] += total
        s[2 * c], s[2 * c + 1], s[2 * d], s[2 * d + 1] = p, q, u, v
    for n in range(out.size):
        if not out[n] < _LOUDEST:
            out[n] = 0.0


@kernel
def _step(level_db: float, now: Floats, attack: float, release: float, state: Floats) -> float:
    """[audio] One control step: the gain for a detected level at the parameters `now`; the state moves on."""
    above, knee = level_db - now[THRESHOLD], 0.5 * now[KNEE]
    over = 0.0
    if above >= knee:
        over = above
    elif above > -knee:  # a parabola joins the two lines
        over = (above + knee) * (above + knee) / (4.0 * knee)
    keep = attack if over > state[OVERSHOOT] else release
    over += keep * (state[OVERSHOOT] - over)
    state[OVERSHOOT] = over if over >= _FLUSH else 0.0
    reduced = math.exp(_NEPER_PER_DB * (1.0 / now[RATIO] - 1.0) * state[OVERSHOOT])
    state[APPLIED] = min(state[APPLIED], 1.0 + now[MIX] * (reduced - 1.0))
    return float(1.0 + now[MIX] * (reduced * math.exp(_NEPER_PER_DB * now[MAKEUP]) - 1.0))


@kernel
def _apply(x: Audio, y: Audio, first: int, knots: Floats) -> None:
    """[audio] One quantum of every channel times a gain that goes linearly from knot to knot."""
    count = knots.size - 1
    sub = QUANTUM_FRAMES // count
    for n in range(count):
        start, step = np.float32(knots[n]), np.float32((knots[n + 1] - knots[n]) / sub)
        at = first + n * sub
        for c in range(x.shape[0]):
            a, b = x[c, at : at + sub], y[c, at : at + sub]
            for i in range(sub):  # along plain views, or the loop would not vectorise
                b[i] = a[i] * (start + step * np.float32(i + 1))


@kernel
def compress(
    x: Audio,
    y: Audio,
    values: Values,
    rate_hz: float,
    state: Floats,
    filters: Floats,
    powers: Floats,
    knots: Floats,
    now: Floats,
) -> None:
    """[audio] Compress whole quanta of `x` into `y`.

    `values`: rows as named above. State, zero at time zero: `state` (2,), `filters` (2 × channels,), `powers`
    (window − 1 + sub-blocks per quantum,), and `knots` (1 + sub-blocks per quantum,), gains, 1 at time zero.
    `now` (8,): scratch.
    """
    count = knots.size - 1
    past = powers.size - count
    sub = QUANTUM_FRAMES // count
    scale = 1.0 / ((past + 1) * sub * x.shape[0])
    step_ms = 1e3 * sub / rate_hz
    state[APPLIED] = 1.0
    for k in range(values.shape[1] - 1):
        attack = math.exp(-step_ms / values[ATTACK, k + 1])
        release = math.exp(-step_ms / values[RELEASE, k + 1])
        g = math.tan(math.pi * values[HIGHPASS, k + 1] / rate_hz)
        _powers(x, k * QUANTUM_FRAMES, g, filters, powers[past:])
        knots[0] = knots[count]
        for n in range(count):
            for row in range(now.size):
                now[row] = values[row, k] + (n + 1.0) / count * (values[row, k + 1] - values[row, k])
            power = 0.0
            for j in range(n, n + past + 1):
                power += powers[j]
            level_db = _POWER_DB * math.log(max(power * scale, _SILENCE))
            knots[n + 1] = _step(level_db, now, attack, release, state)
        _apply(x, y, k * QUANTUM_FRAMES, knots)
        for j in range(past):
            powers[j] = powers[j + count]
        for j in range(filters.size):
            if not _FLUSH <= abs(filters[j]) < np.inf:
                filters[j] = 0.0
