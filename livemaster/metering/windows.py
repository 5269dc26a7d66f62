"""Momentary and short-term loudness on a 10 ms grid, and the 100 ms sub-blocks of the gated measures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp._jit import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BINS_PER_S = 100
BINS_PER_SUB_BLOCK = 10
MOMENTARY_BINS = 40
SHORT_TERM_BINS = 300
_HOUR_SUB_BLOCKS = 36_000


@kernel
def _slide(energies: Floats, bins: Floats, sums: Floats, windows: Floats, first: int, history: Floats) -> None:
    """[audio] Move both windows over new 10 ms energies; the first of them is bin `first`.

    `bins`: ring of the last 10 energies. `sums`: ring of the last 300 sums over 10 bins, from which every
    window is summed afresh and in the same order, so that nothing drifts and no chunking shows. `windows`:
    momentary, short-term, and the maxima of both.
    """
    for i in range(energies.shape[0]):
        k = first + i
        bins[k % BINS_PER_SUB_BLOCK] = energies[i]
        total = 0.0
        for age in range(BINS_PER_SUB_BLOCK - 1, -1, -1):
            total += bins[(k - age) % BINS_PER_SUB_BLOCK]
        sums[k % SHORT_TERM_BINS] = total
        if (k + 1) % BINS_PER_SUB_BLOCK == 0:
            history[k // BINS_PER_SUB_BLOCK] = total / BINS_PER_SUB_BLOCK
        for w, length in enumerate((MOMENTARY_BINS, SHORT_TERM_BINS)):
            if k + 1 >= length:
                total = 0.0
                for age in range(length - BINS_PER_SUB_BLOCK, -1, -BINS_PER_SUB_BLOCK):
                    total += sums[(k - age) % SHORT_TERM_BINS]
                windows[w] = total / length
                if windows[w] > windows[w + 2]:  # also false for NaN
                    windows[w + 2] = windows[w]


class LoudnessWindows:
    """Streaming momentary and short-term energy with their maxima, and the energies of the 100 ms sub-blocks.

    Before a window is full its energy is 0. The sub-blocks of one hour are allocated at once; a longer
    programme doubles that when it gets there.
    """

    def __init__(self) -> None:
        self._bins = np.zeros(BINS_PER_SUB_BLOCK)
        self._sums = np.zeros(SHORT_TERM_BINS)
        self._windows = np.zeros(4)
        self._history = np.zeros(_HOUR_SUB_BLOCKS)
        self._count = 0

    def push(self, energies: Floats) -> None:
        """[audio] Take the energies of the next 10 ms bins."""
        first, self._count = self._count, self._count + len(energies)
        while self._count > len(self._history) * BINS_PER_SUB_BLOCK:
            self._history = np.concatenate([self._history, np.zeros_like(self._history)])
        _slide(energies, self._bins, self._sums, self._windows, first, self._history)

    @property
    def sub_blocks(self) -> Floats:
        """Energies of the 100 ms sub-blocks so far, a view."""
        return self._history[: self._count // BINS_PER_SUB_BLOCK]

    @property
    def momentary(self) -> float:
        """[audio] Energy of the last 400 ms."""
        return float(self._windows[0])

    @property
    def short_term(self) -> float:
        """[audio] Energy of the last 3 s."""
        return float(self._windows[1])

    @property
    def max_momentary(self) -> float:
        """Largest energy of any 400 ms on the 10 ms grid."""
        return float(self._windows[2])

    @property
    def max_short_term(self) -> float:
        """Largest energy of any 3 s on the 10 ms grid."""
        return float(self._windows[3])
