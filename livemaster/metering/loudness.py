"""Loudness from K-weighted energies, as pure functions (ITU-R BS.1770-5, EBU Tech 3341 and 3342).

Energies are weighted mean squares of consecutive 100 ms sub-blocks, float64 (sub-blocks,), as `Meter` and
`dsp.kweight.BlockEnergies` give them; multiply them by gain² to foresee a gain.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Energies = NDArray[np.float64]

LUFS_OFFSET = -0.691
"""What BS.1770 adds, so that 0 dBFS at 997 Hz in one front channel reads −3.01 LUFS."""
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
RANGE_GATE_LU = -20.0
RANGE_LOW, RANGE_HIGH = 0.10, 0.95

SUB_BLOCKS_PER_S = 10
MOMENTARY_SUB_BLOCKS = 4
SHORT_TERM_SUB_BLOCKS = 30


def lufs(energy: float) -> float | None:
    """Loudness in LUFS of a weighted mean square; None for silence and for what is no finite number."""
    return LUFS_OFFSET + 10.0 * math.log10(energy) if 0.0 < energy < math.inf else None


def energy(loudness_lufs: float) -> float:
    """Weighted mean square of a loudness in LUFS, the inverse of `lufs`."""
    return float(10.0 ** ((loudness_lufs - LUFS_OFFSET) / 10.0))


def sliding_means(energies: Energies, sub_blocks: int) -> Energies:
    """Mean energy of every whole window of that many sub-blocks, one window for each sub-block."""
    count = len(energies) - sub_blocks + 1
    if count <= 0:
        return np.zeros(0)
    total = energies[:count].copy()
    for offset in range(1, sub_blocks):
        total += energies[offset : offset + count]
    total /= sub_blocks
    return total


def _above(energies: Energies, gate_lufs: float) -> Energies:
    return energies[(energies > energy(gate_lufs)) & (energies < math.inf)]


def integrated(energies: Energies) -> float | None:
    """Integrated loudness in LUFS: whole 400 ms blocks every 100 ms, gated at −70 LUFS, then at −10 LU.

    None when shorter than one block or when no block passes the gates (BS.1770-5, annex 1).
    """
    return lufs(gated_mean(sliding_means(energies, MOMENTARY_SUB_BLOCKS)))


def gated_mean(blocks: Energies) -> float:
    """Mean energy of the 400 ms blocks that pass both gates; 0 when none does."""
    loud = _above(blocks, ABSOLUTE_GATE_LUFS)
    if not loud.size:
        return 0.0
    return float(loud[loud > float(loud.mean()) * 10.0 ** (RELATIVE_GATE_LU / 10.0)].mean())


def section_loudness(energies: Energies, start_s: float, end_s: float) -> float | None:
    """Integrated loudness in LUFS of a stretch of time by itself, to the nearest sub-blocks, else None."""
    first, stop = round(start_s * SUB_BLOCKS_PER_S), round(end_s * SUB_BLOCKS_PER_S)
    return integrated(energies[max(first, 0) : max(stop, 0)])


def loudness_range(energies: Energies) -> float | None:
    """Loudness range in LU: 3 s windows every 100 ms, gated at −70 LUFS, then at −20 LU; P95 − P10.

    None when shorter than one window or when no window passes. Unstable below 60 s of programme (Tech 3342).
    """
    loud = _above(sliding_means(energies, SHORT_TERM_SUB_BLOCKS), ABSOLUTE_GATE_LUFS)
    if not loud.size:
        return None
    passed = np.sort(loud[loud > float(loud.mean()) * 10.0 ** (RANGE_GATE_LU / 10.0)])
    low, high = (float(passed[int((passed.size - 1) * share + 0.5)]) for share in (RANGE_LOW, RANGE_HIGH))
    return 10.0 * math.log10(high / low)
