"""Spectral peaks of short-time power spectra, and what they tell: pitch classes and roughness."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp._jit import kernel

Power = NDArray[np.float32]
Floats = NDArray[np.float64]

CHROMA_LOW_HZ, CHROMA_HIGH_HZ = 110.0, 5000.0
"""Peaks in between count for pitch classes: lower notes lie too close together, and sound in their overtones."""
CHROMA_FADE_HZ = 1760.0
"""Above, an octave holds ever more peaks, and counts as if it did not: noise favours no pitch class."""
C0_HZ = 16.351597831287414
LEAST_PEAK = 1e-5
"""Peaks 50 dB under the frame's strongest are left out."""
STAND_OUT = 2.0
"""A peak stands above the mean of its neighbourhood by this factor; noise does so too, but evenly."""
NEIGHBOURS = 8
MOST_PEAKS = 20
"""Partials that count for roughness, which grows with the square of their number."""
ROUGH_A, ROUGH_B = 3.5, 5.75
ROUGH_S1, ROUGH_S2, ROUGH_DSTAR = 0.0207, 18.96, 0.24
"""Plomp and Levelt's curve as W. Sethares parametrises it (Local consonance, JASA 94(3), 1993)."""
ROUGH_TOP = float((ROUGH_A / ROUGH_B) ** (ROUGH_A / (ROUGH_B - ROUGH_A))) * (1.0 - ROUGH_A / ROUGH_B)
"""Largest value of that curve."""
_OCTAVE = 1.0 / math.log(2.0)


@kernel
def _keep(hz: float, power: float, peaks: Floats, count: int) -> int:
    """[audio] Put a peak into `peaks` (2, MOST_PEAKS), strongest first; how many there are now."""
    if count == MOST_PEAKS and peaks[1, MOST_PEAKS - 1] >= power:
        return count
    at = min(count, MOST_PEAKS - 1)
    while at > 0 and peaks[1, at - 1] < power:
        peaks[0, at], peaks[1, at] = peaks[0, at - 1], peaks[1, at - 1]
        at -= 1
    peaks[0, at], peaks[1, at] = hz, power
    return min(count + 1, MOST_PEAKS)


@kernel
def _roughness(peaks: Floats, count: int) -> float:
    """[audio] Mean roughness of all pairs of partials, weighted by the product of their amplitudes, 0…1."""
    total, weight = 0.0, 0.0
    for i in range(count):
        for j in range(i + 1, count):
            low = min(peaks[0, i], peaks[0, j])
            apart = abs(peaks[0, i] - peaks[0, j]) * ROUGH_DSTAR / (ROUGH_S1 * low + ROUGH_S2)
            both = math.sqrt(peaks[1, i] * peaks[1, j])
            weight += both
            if apart < 4.0:  # beyond, the curve is zero
                total += both * (math.exp(-ROUGH_A * apart) - math.exp(-ROUGH_B * apart))
    return total / (weight * ROUGH_TOP) if weight > 0.0 else 0.0


@kernel
def partials(power: Power, bin_hz: float, first: int, stop: int, peaks: Floats, chroma: Power, rough: Power) -> None:
    """[audio] Amplitude by pitch class (frames, 12), C first, and roughness 0…1 (frames,), of `power` (frames, bins).

    Peaks between the bins `first` and `stop`, placed by a parabola through three logarithms. `peaks`: scratch
    (2, MOST_PEAKS).
    """
    for frame in range(power.shape[0]):
        row = power[frame]
        strongest = np.float32(0.0)
        around = 0.0
        for k in range(first, stop):
            strongest = max(strongest, row[k])
        for k in range(max(first - NEIGHBOURS, 0), first + NEIGHBOURS):
            around += row[k]
        count = 0
        for c in range(12):
            chroma[frame, c] = 0.0
        for k in range(first, stop):
            around += row[k + NEIGHBOURS]
            here = row[k]
            if (
                here > row[k - 1]
                and here >= row[k + 1]
                and here > strongest * LEAST_PEAK
                and here * (2 * NEIGHBOURS + 1) > STAND_OUT * around
            ):
                low, high = max(row[k - 1], here * 1e-9), max(row[k + 1], here * 1e-9)
                a, b, c2 = math.log(low), math.log(here), math.log(high)
                hz = (k + 0.5 * (a - c2) / (a - 2.0 * b + c2)) * bin_hz
                count = _keep(hz, here, peaks, count)
                if CHROMA_LOW_HZ <= hz <= CHROMA_HIGH_HZ:
                    pitch = 12.0 * _OCTAVE * math.log(hz / C0_HZ)
                    lower = math.floor(pitch)
                    amplitude = math.sqrt(here) * min(1.0, CHROMA_FADE_HZ / hz)
                    chroma[frame, lower % 12] += amplitude * (1.0 - (pitch - lower))
                    chroma[frame, (lower + 1) % 12] += amplitude * (pitch - lower)
            if k >= NEIGHBOURS:
                around -= row[k - NEIGHBOURS]
        rough[frame] = _roughness(peaks, count)
