"""Half-band filters: doubling and halving a rate, with rows of even and odd frames kept apart.

A linear-phase half-band filter leaves the even frames as they are and puts odd ones between them, each a weighted
sum of pairs that lie symmetrically around it. With even and odd frames in rows of their own every sum runs along
contiguous memory, so the loops over time vectorise. Halving is the same sum the other way round.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp._jit import kernel
from livemaster.units import QUANTUM_FRAMES, Audio

SHORT_PAIRS = 4
"""Pairs of the filter that `between` computes; `fold` takes any multiple of 8."""


def design_pairs(pairs: int, beta: float) -> Audio:
    """[control] Weights of the 1st, 2nd, … nearest pair, float32 (pairs,): Kaiser-windowed sinc, their sum ½.

    `beta`: Kaiser's window parameter; more is a deeper stop band and a wider transition. (Crochiere and Rabiner,
    "Multirate Digital Signal Processing", section 4.)
    """
    offset = 2.0 * np.arange(pairs) + 1.0
    window = np.i0(beta * np.sqrt(1.0 - (offset / (2.0 * pairs)) ** 2))
    weights = np.sin(np.pi * offset / 2.0) / offset * window
    return np.ascontiguousarray(0.5 * weights / weights.sum(), np.float32)


def response(weights: NDArray[np.floating], of_rate: NDArray[np.float64]) -> NDArray[np.float64]:
    """[control] Gain of the half-band filter at frequencies given as shares of its (higher) rate."""
    offset = 2 * np.arange(weights.size)[:, None] + 1
    return np.asarray(0.5 + weights @ np.cos(2 * np.pi * offset * of_rate), np.float64)


@kernel
def fold(weights: Audio, centre: Audio, falling: Audio, rising: Audio, out: Audio) -> None:
    """[audio] `centre` plus the sum over pairs j of weights[j]·(falling[last − j + i] + rising[j + i]), to `out`.

    `weights` (a multiple of 8,); `out` and `centre` (64,); `falling` and `rising` (63 + pairs,): rows that start at
    the farthest and at the nearest frame. Arrays may be longer.
    """
    for i in range(QUANTUM_FRAMES):
        out[i] = centre[i]
    for j in range(0, weights.size, 8):
        f, r = falling[weights.size - 8 - j :], rising[j:]
        a, b, c, d = weights[j], weights[j + 1], weights[j + 2], weights[j + 3]
        e, g, h, k = weights[j + 4], weights[j + 5], weights[j + 6], weights[j + 7]
        for i in range(QUANTUM_FRAMES):
            near = (a * (f[i + 7] + r[i]) + b * (f[i + 6] + r[i + 1])) + (
                c * (f[i + 5] + r[i + 2]) + d * (f[i + 4] + r[i + 3])
            )
            far = (e * (f[i + 3] + r[i + 4]) + g * (f[i + 2] + r[i + 5])) + (
                h * (f[i + 1] + r[i + 6]) + k * (f[i] + r[i + 7])
            )
            out[i] += near + far


@kernel
def between(weights: Audio, centre: Audio, left: Audio, right: Audio, out: Audio) -> None:
    """[audio] `centre` plus the sum of four pairs around the middle of left[i + 2] and right[i + 2], to `out`.

    `weights` (4,); `out` and `centre` (64,); `left` and `right` (68,): the two rows whose frames alternate, left
    first. Arrays may be longer.
    """
    a, b, c, d = weights[0], weights[1], weights[2], weights[3]
    for i in range(QUANTUM_FRAMES):
        near = a * (left[i + 2] + right[i + 2]) + b * (right[i + 1] + left[i + 3])
        far = c * (left[i + 1] + right[i + 3]) + d * (right[i] + left[i + 4])
        out[i] = centre[i] + (near + far)
