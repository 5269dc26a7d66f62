"""A row of equalizer bands whose settings move: what the equalizer and the DC blocker run on.

Every decision is taken per quantum, from the values at its two edges alone: a band whose gain is 0 at both
is left out and its state cleared (it comes back from rest, its weight starting at zero, so nothing clicks); a
band whose values do not change runs on constant coefficients; the others interpolate.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp._jit import kernel
from livemaster.dsp.svf import (
    BUTTERWORTH_Q,
    KEY,
    MEMORY,
    at_edges,
    band_response,
    rest,
    ring_frames,
    run_moving,
    run_still,
    run_still_pair,
)
from livemaster.units import QUANTUM_FRAMES, Audio, Values

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@kernel
def _filter_quantum(
    values: Floats, k: int, bands: Ints, fixed: Floats, rate_hz: float, memory: Floats, work: Floats
) -> None:  # fmt: skip
    """All bands over the quantum in `work` (2, 64); neighbours that stand still run in pairs."""
    waiting = -1
    for b in range(bands.shape[0]):
        gain, hz, q = bands[b, 1], bands[b, 2], bands[b, 3]
        m = memory[b]
        if values[gain, k] == 0.0 and values[gain, k + 1] == 0.0:
            rest(m)
            continue
        hz0, hz1 = (values[hz, k], values[hz, k + 1]) if hz >= 0 else (fixed[b, 0], fixed[b, 0])
        q0, q1 = (values[q, k], values[q, k + 1]) if q >= 0 else (fixed[b, 1], fixed[b, 1])
        moving = at_edges(bands[b, 0], values[gain, k], hz0, q0, values[gain, k + 1], hz1, q1, rate_hz, m)
        if not moving and waiting < 0:
            waiting = b
            continue
        if not moving:
            run_still_pair(work, memory[waiting], m)
        elif waiting >= 0:
            run_still(work, memory[waiting])
        if moving:
            run_moving(work, m)
        waiting = -1
    if waiting >= 0:
        run_still(work, memory[waiting])


@kernel
def _filter(
    x: Audio, y: Audio,
    values: Floats, bands: Ints, fixed: Floats, rate_hz: float, memory: Floats, work: Floats,
) -> None:  # fmt: skip
    for k in range(x.shape[1] // QUANTUM_FRAMES):
        first = k * QUANTUM_FRAMES
        active = False
        for b in range(bands.shape[0]):
            active |= values[bands[b, 1], k] != 0.0 or values[bands[b, 1], k + 1] != 0.0
        for channel in range(x.shape[0]):
            for i in range(QUANTUM_FRAMES):
                if active:
                    work[channel, i] = x[channel, first + i]
                else:
                    y[channel, first + i] = x[channel, first + i]
        if not active:
            for b in range(bands.shape[0]):
                rest(memory[b])
            continue
        _filter_quantum(values, k, bands, fixed, rate_hz, memory, work)
        for channel in range(x.shape[0]):
            for i in range(QUANTUM_FRAMES):
                y[channel, first + i] = work[channel, i]


@dataclass(frozen=True, slots=True)
class Band:
    """One band: its kind, and for gain, frequency and Q the row of the values, or −1 with a constant."""

    kind: int
    gain: int
    hz: int = -1
    q: int = -1
    fixed_hz: float = 0.0
    fixed_q: float = BUTTERWORTH_Q


class Cascade:
    """Bands in a row, for one or two channels."""

    def __init__(self, bands: Sequence[Band], rate_hz: int) -> None:
        self._rate_hz = float(rate_hz)
        count = len(bands)
        self._bands = np.array([(b.kind, b.gain, b.hz, b.q) for b in bands], np.int64).reshape(count, 4)
        self._fixed = np.array([(b.fixed_hz, b.fixed_q) for b in bands], np.float64).reshape(count, 2)
        self._memory = np.empty((count, MEMORY))
        self._work = np.empty((2, QUANTUM_FRAMES))
        self.reset()

    def reset(self) -> None:
        """[control] Back to time zero."""
        self._memory[:] = 0.0
        self._memory[:, KEY] = np.nan  # equal to nothing: the first quantum designs
        self._work[:] = 0.0  # its second row stays zero when there is one channel

    def process(self, x: Audio, y: Audio, values: Values) -> None:
        """[audio] Filter `x` (1 or 2, 64·K) into `y`; `values` (parameters, K + 1) at the quantum edges."""
        _filter(x, y, values, self._bands, self._fixed, self._rate_hz, self._memory, self._work)

    def response(self, settings: Sequence[float], at_hz: Floats) -> NDArray[np.complex128]:
        """[control] Complex response at `at_hz` for constant `settings`, one for each row of the values."""
        total = np.ones(np.shape(at_hz), np.complex128)
        for band, fixed in zip(self._bands, self._fixed, strict=True):
            gain, hz, q = self._pick(settings, band, fixed)
            total *= band_response(int(band[0]), gain, hz, q, self._rate_hz, at_hz)
        return total

    def ring_frames(self, lowest: Sequence[float], highest: Sequence[float]) -> int:
        """[control] Frames after which nothing above −120 dB is left, for any settings between the two."""
        total = 0.0
        for band, fixed in zip(self._bands, self._fixed, strict=True):
            ends = zip(self._pick(lowest, band, fixed), self._pick(highest, band, fixed), strict=True)
            corners = itertools.product(*ends)
            total += max(ring_frames(int(band[0]), gain, hz, q, self._rate_hz) for gain, hz, q in corners)
        return math.ceil(total)

    def _pick(self, settings: Sequence[float], band: Ints, fixed: Floats) -> tuple[float, float, float]:
        """Gain, frequency and Q of one band."""
        _, gain, hz, q = (int(n) for n in band)
        return (
            float(settings[gain]),
            float(settings[hz] if hz >= 0 else fixed[0]),
            float(settings[q] if q >= 0 else fixed[1]),
        )
