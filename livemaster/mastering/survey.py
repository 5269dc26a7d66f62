"""What the solver needs to know of a track: energy and peak every 5 ms, before the level is set."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp.kweight import BlockEnergies
from livemaster.units import Audio

BINS_PER_SECOND = 200
"""Fine enough for the limiter's attack and release, coarse enough that an hour takes 6 MB."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Survey:
    """K-weighted energies (weighted mean square) and sample peaks (linear) of consecutive bins of 5 ms."""

    energies: NDArray[np.float32]
    peaks: NDArray[np.float32]

    def __len__(self) -> int:
        return int(self.energies.shape[0])


def survey(blocks: Iterable[Audio], rate_hz: int, channels: int, weights: Sequence[float] = ()) -> Survey:
    """[control] Collect a survey of float32 (channels, frames) blocks, `weights` as a meter's."""
    meter = BlockEnergies(rate_hz, channels, Fraction(rate_hz, BINS_PER_SECOND), weights)
    energies: list[NDArray[np.float32]] = []
    peaks: list[NDArray[np.float32]] = []
    for block in blocks:
        energy, peak = meter.push(block)
        energies.append(energy.astype(np.float32))
        peaks.append(peak.copy())
    return Survey(np.concatenate(energies), np.concatenate(peaks))
