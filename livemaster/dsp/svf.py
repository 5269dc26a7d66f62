"""One equalizer band: a trapezoidal state-variable filter in float64, with the response of RBJ's biquads.

Sources: Andrew Simper, "Linear Trapezoidal Integrated SVF", 2013; R. Bristow-Johnson, "Audio EQ Cookbook".

The filter runs in its state-space form, six numbers per band:
    e = x − s2;  y = d·x + c1·s1 + c2·s2;  s1' = p·s1 + q·e;  s2' = s2 + q·s1 + r·e
Its state matrix never lengthens the state vector, whatever cutoff and damping are (the trapezoidal rule keeps
the passive analog prototype passive), and neither does any mean of two such matrices: so the numbers may be
interpolated linearly inside a quantum, and no sweep can make the filter blow up. At 0 dB d is 1 and
c1 = c2 = 0: the identity.
"""

from __future__ import annotations

import cmath
import math

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp._jit import kernel
from livemaster.units import QUANTUM_FRAMES

Floats = NDArray[np.float64]

HIGHPASS, LOW_SHELF, BELL, HIGH_SHELF = 0, 1, 2, 3
"""Kinds of band; the gain of a high-pass is its share, 0 off to 1 on, that of the others is in dB."""

BUTTERWORTH_Q = math.sqrt(0.5)
HIGHEST_OF_RATE = 0.49
"""Cutoffs are clamped to this share of the sample rate: at half the rate the prototype's is infinite."""

KEY, LEFT, RIGHT, STATE, MEMORY = 0, 3, 9, 15, 19
"""Where one band's memory keeps settings, numbers at the left and the right edge, state; and its size."""

_FLUSH = 1e-30  # 600 dB down, and still far above the denormals, which cost five times the time


@kernel
def prototype(kind: int, gain: float, hz: float, q: float, rate_hz: float) -> tuple[float, float, float, float, float]:
    """[audio] Prewarped cutoff g, damping k, and the mix m0, m1, m2 of input, band-pass and low-pass.

    `gain`: dB, or 0…1 for a high-pass; `hz` clamped to `HIGHEST_OF_RATE`·`rate_hz`.
    """
    g = math.tan(math.pi * min(hz, HIGHEST_OF_RATE * rate_hz) / rate_hz)
    k = 1.0 / q
    if kind == HIGHPASS:
        return g, k, 1.0, -gain * k, -gain
    a = 10.0 ** (gain / 40.0)
    if kind == LOW_SHELF:
        return g / math.sqrt(a), k, 1.0, k * (a - 1.0), a * a - 1.0
    if kind == HIGH_SHELF:
        return g * math.sqrt(a), k, a * a, k * (1.0 - a) * a, 1.0 - a * a
    k /= a
    return g, k, 1.0, k * (a * a - 1.0), 0.0


@kernel
def design(kind: int, gain: float, hz: float, q: float, rate_hz: float, m: Floats, at: int) -> None:
    """[audio] Write the six numbers p, q, r, d, c1, c2 of one band to its memory, from index `at` on."""
    g, k, m0, m1, m2 = prototype(kind, gain, hz, q, rate_hz)
    a1 = 1.0 / (1.0 + g * (g + k))
    a2 = g * a1
    a3 = g * a2
    m[at + 0] = 2.0 * a1 - 1.0
    m[at + 1] = 2.0 * a2
    m[at + 2] = 2.0 * a3
    m[at + 3] = m0 + m1 * a2 + m2 * a3
    m[at + 4] = m1 * a1 + m2 * a2
    m[at + 5] = m2 * (1.0 - a3) - m1 * a2


@kernel
def at_edges(
    kind: int, gain: float, hz: float, q: float, end_gain: float, end_hz: float, end_q: float,
    rate_hz: float, m: Floats,
) -> bool:  # fmt: skip
    """[audio] Prepare a band for a quantum with these settings at its two edges; True when they move."""
    for n in range(STATE, MEMORY):
        if not _FLUSH <= abs(m[n]) < np.inf:  # died away, or no number
            m[n] = 0.0
    if m[KEY] != gain or m[KEY + 1] != hz or m[KEY + 2] != q:
        design(kind, gain, hz, q, rate_hz, m, LEFT)
        m[KEY], m[KEY + 1], m[KEY + 2] = gain, hz, q
    if gain == end_gain and hz == end_hz and q == end_q:
        return False
    design(kind, end_gain, end_hz, end_q, rate_hz, m, RIGHT)
    m[KEY], m[KEY + 1], m[KEY + 2] = end_gain, end_hz, end_q
    return True


@kernel
def run_still(work: Floats, m: Floats) -> None:
    """[audio] One quantum of both channels in `work` (2, 64), in place, at constant coefficients."""
    p, q, r, d, c1, c2 = m[LEFT], m[LEFT + 1], m[LEFT + 2], m[LEFT + 3], m[LEFT + 4], m[LEFT + 5]
    a1, a2, b1, b2 = m[STATE], m[STATE + 1], m[STATE + 2], m[STATE + 3]
    for i in range(QUANTUM_FRAMES):  # both channels in one loop: two recursions hide each other's latency
        a, b = work[0, i], work[1, i]
        work[0, i] = (d * a + c1 * a1) + c2 * a2
        work[1, i] = (d * b + c1 * b1) + c2 * b2
        ea, eb = a - a2, b - b2
        a1, a2 = p * a1 + q * ea, (a2 + q * a1) + r * ea
        b1, b2 = p * b1 + q * eb, (b2 + q * b1) + r * eb
    m[STATE], m[STATE + 1], m[STATE + 2], m[STATE + 3] = a1, a2, b1, b2


@kernel
def run_still_pair(work: Floats, m: Floats, n: Floats) -> None:
    """[audio] Two bands in a row at constant coefficients: the bits of `run_still` twice, a fifth faster."""
    p, q, r, d, c1, c2 = m[LEFT], m[LEFT + 1], m[LEFT + 2], m[LEFT + 3], m[LEFT + 4], m[LEFT + 5]
    a1, a2, b1, b2 = m[STATE], m[STATE + 1], m[STATE + 2], m[STATE + 3]
    np_, nq, nr, nd, n1, n2 = n[LEFT], n[LEFT + 1], n[LEFT + 2], n[LEFT + 3], n[LEFT + 4], n[LEFT + 5]
    u1, u2, v1, v2 = n[STATE], n[STATE + 1], n[STATE + 2], n[STATE + 3]
    for i in range(QUANTUM_FRAMES):
        a, b = work[0, i], work[1, i]
        u, v = (d * a + c1 * a1) + c2 * a2, (d * b + c1 * b1) + c2 * b2
        ea, eb = a - a2, b - b2
        a1, a2 = p * a1 + q * ea, (a2 + q * a1) + r * ea
        b1, b2 = p * b1 + q * eb, (b2 + q * b1) + r * eb
        work[0, i] = (nd * u + n1 * u1) + n2 * u2
        work[1, i] = (nd * v + n1 * v1) + n2 * v2
        eu, ev = u - u2, v - v2
        u1, u2 = np_ * u1 + nq * eu, (u2 + nq * u1) + nr * eu
        v1, v2 = np_ * v1 + nq * ev, (v2 + nq * v1) + nr * ev
    m[STATE], m[STATE + 1], m[STATE + 2], m[STATE + 3] = a1, a2, b1, b2
    n[STATE], n[STATE + 1], n[STATE + 2], n[STATE + 3] = u1, u2, v1, v2


@kernel
def run_moving(work: Floats, m: Floats) -> None:
    """[audio] One quantum of both channels, in place, the coefficients moving linearly from edge to edge."""
    p, q, r, d, c1, c2 = m[LEFT], m[LEFT + 1], m[LEFT + 2], m[LEFT + 3], m[LEFT + 4], m[LEFT + 5]
    share = 1.0 / QUANTUM_FRAMES
    dp, dq, dr = (m[RIGHT] - p) * share, (m[RIGHT + 1] - q) * share, (m[RIGHT + 2] - r) * share
    dd, d1, d2 = (m[RIGHT + 3] - d) * share, (m[RIGHT + 4] - c1) * share, (m[RIGHT + 5] - c2) * share
    a1, a2, b1, b2 = m[STATE], m[STATE + 1], m[STATE + 2], m[STATE + 3]
    for i in range(QUANTUM_FRAMES):
        a, b = work[0, i], work[1, i]
        work[0, i] = (d * a + c1 * a1) + c2 * a2
        work[1, i] = (d * b + c1 * b1) + c2 * b2
        ea, eb = a - a2, b - b2
        a1, a2 = p * a1 + q * ea, (a2 + q * a1) + r * ea
        b1, b2 = p * b1 + q * eb, (b2 + q * b1) + r * eb
        p, q, r, d, c1, c2 = p + dp, q + dq, r + dr, d + dd, c1 + d1, c2 + d2
    m[STATE], m[STATE + 1], m[STATE + 2], m[STATE + 3] = a1, a2, b1, b2
    for n in range(LEFT, RIGHT):  # a slice would cost two seconds of compilation
        m[n] = m[n + RIGHT - LEFT]


@kernel
def rest(m: Floats) -> None:
    """[audio] Clear the state of a band that is left out."""
    for n in range(STATE, MEMORY):
        m[n] = 0.0


def band_response(kind: int, gain: float, hz: float, q: float, rate_hz: float, at_hz: Floats) -> NDArray[np.complex128]:
    """[control] Complex response of one band at the frequencies `at_hz` (below half of `rate_hz`)."""
    g, k, m0, m1, m2 = prototype(kind, gain, hz, q, rate_hz)
    s = 1j * np.tan(np.pi * np.asarray(at_hz, np.float64) / rate_hz) / g
    return m0 + (m1 * s + m2) / (s * (s + k) + 1.0)


def ring_frames(kind: int, gain: float, hz: float, q: float, rate_hz: float) -> float:
    """[control] Frames in which one band's slowest mode decays by 120 dB, and by its boost on top."""
    g, k, *_ = prototype(kind, gain, hz, q, rate_hz)
    root = cmath.sqrt(k * k - 4.0)
    poles = (-(k - root) / 2.0, -(k + root) / 2.0)
    slowest = max(abs((1.0 + g * s) / (1.0 - g * s)) for s in poles)
    drop_db = 120.0 + (max(gain, 0.0) if kind != HIGHPASS else 0.0)
    return drop_db / 20.0 * math.log(10.0) / -math.log(slowest)
