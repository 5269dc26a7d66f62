"""Gains and cross-fades: dB or shares at the quantum edges, linear in between, exact at rest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp._jit import kernel
from livemaster.units import QUANTUM_FRAMES, Audio

Floats = NDArray[np.float64]

_RAMP = np.arange(QUANTUM_FRAMES, dtype=np.float32) / np.float32(QUANTUM_FRAMES)


@kernel
def _linear(db: float) -> np.float32:
    return np.float32(10.0 ** (db / 20.0))


@kernel
def apply_gain(x: Audio, y: Audio, gains_db: Floats, add: bool) -> None:
    """[audio] `y` = `x`·gain, or `y` += `x`·gain with `add`; both (channels, 64·K).

    `gains_db` (K + 1,): dB at the quantum edges; the linear factor goes straight from one to the next.
    0 dB is exact.
    """
    right = _linear(gains_db[0])
    for k in range(x.shape[1] // QUANTUM_FRAMES):
        left = right
        if gains_db[k + 1] != gains_db[k]:
            right = _linear(gains_db[k + 1])
        step = right - left
        for channel in range(x.shape[0]):
            for i in range(QUANTUM_FRAMES):
                n = k * QUANTUM_FRAMES + i
                scaled = x[channel, n] * (left + step * _RAMP[i])
                y[channel, n] = y[channel, n] + scaled if add else scaled


@kernel
def crossfade(a: Audio, b: Audio, y: Audio, shares: Floats) -> None:
    """[audio] `y` = a + share·(b − a), all (channels, 64·K); `shares` (K + 1,), 0 to 1, at the quantum edges.

    Share 0 is exactly a, share 1 exactly b (whatever the other side holds), and alike sides pass unchanged.
    """
    one, none = np.float32(1.0), np.float32(0.0)
    for k in range(a.shape[1] // QUANTUM_FRAMES):
        left, right = np.float32(shares[k]), np.float32(shares[k + 1])
        step = right - left
        for channel in range(a.shape[0]):
            for i in range(QUANTUM_FRAMES):
                n = k * QUANTUM_FRAMES + i
                share = left + step * _RAMP[i]
                u, v = a[channel, n], b[channel, n]
                mixed = u + share * (v - u)
                y[channel, n] = u if share == none else (v if share == one else mixed)


@kernel
def compare(a: Audio, b: Audio, y: Audio, values: Floats, gains_db: Floats) -> None:
    """[audio] `y` = a to b by `crossfade`, times the gain of the side that is heard; all (channels, 64·K).

    `values` (3, K + 1): share, gain of a and gain of b in dB at the quantum edges. `gains_db`: scratch, K + 1 or more.
    """
    shares, a_db, b_db = values[0], values[1], values[2]
    for edge in range(shares.shape[0]):
        gains_db[edge] = a_db[edge] + shares[edge] * (b_db[edge] - a_db[edge])
    crossfade(a, b, y, shares)
    apply_gain(y, y, gains_db, False)
