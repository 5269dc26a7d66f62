"""Kernels over short-time power spectra: powers of channels, sums over bands, flatness.

Power spectra are float32 (frames, bins), bin k being centred on k · bin width.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp._jit import kernel

Spectra = NDArray[np.complex128]
Power = NDArray[np.float32]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SPOT_SILENCE = 1e-18
"""Spots weaker than this mean square tell nothing."""
SPOT_LEAST = 1e-7
"""Share of a spot's power that its middle and its sides have at least."""
FLATNESS_FLOOR = 1e-7
"""Bins weaker than this share of the frame's mean count as this much: rounding and codecs leave nothing there."""


def hann(frames: int) -> Power:
    """[control] Periodic Hann window, float32 (frames,)."""
    return (0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(frames) / frames)).astype(np.float32)


def band_weights(low_hz: Floats, high_hz: Floats, bin_hz: float, bins: int) -> tuple[Ints, Ints, Power]:
    """[control] For bands from `low_hz` to `high_hz`: first bin and stop of each, and the shares of the bins in them.

    A bin reaches half a bin width to both sides, and belongs to a band by the share of it that lies inside; shares are
    float32 (bands, bins).
    """
    edges_hz = (np.arange(bins + 1) - 0.5) * bin_hz
    inside = np.minimum(edges_hz[None, 1:], high_hz[:, None]) - np.maximum(edges_hz[None, :-1], low_hz[:, None])
    shares = np.clip(inside / bin_hz, 0.0, 1.0).astype(np.float32)
    first = np.argmax(shares > 0.0, axis=1)
    stop = bins - np.argmax(shares[:, ::-1] > 0.0, axis=1)
    empty = ~(shares > 0.0).any(axis=1)
    first[empty], stop[empty] = 0, 0
    return first.astype(np.int64), stop.astype(np.int64), shares


@kernel
def powers(spectra: Spectra, scale: float, power: Power) -> None:
    """[audio] Squared magnitudes of `spectra`, complex128 (frames, bins), times `scale`: float32 of that shape."""
    for frame in range(power.shape[0]):
        for k in range(power.shape[1]):
            value = spectra[frame, k]
            power[frame, k] = (value.real * value.real + value.imag * value.imag) * scale


@kernel
def band_sums(power: Power, first: Ints, stop: Ints, shares: Power, sums: Power) -> None:
    """[audio] Power in every band: (frames, bins) → (frames, bands)."""
    for frame in range(power.shape[0]):
        for band in range(first.shape[0]):
            total = 0.0
            for k in range(first[band], stop[band]):
                total += power[frame, k] * shares[band, k]
            sums[frame, band] = total


@kernel
def add_frames(power: Power, total: Floats) -> None:
    """[audio] Add the power of all frames to `total`, float64 (bins,), in order."""
    for frame in range(power.shape[0]):
        for k in range(power.shape[1]):
            total[k] += power[frame, k]


@kernel
def add_spots(
    power: Power, side: Power, first: int, bands: Ints, from_db: float, step_db: float, spots: Floats
) -> None:
    """[audio] Count the bins from `first` on of every frame, whose bands are `bands`, by their side-to-mid ratio.

    `power`, `side` (frames, bins): all power, and that of the sides; `spots` (2, bands, steps): power and number of
    the bins so far, in classes of `step_db` from `from_db` on, the outer ones open.
    """
    last = spots.shape[2] - 1
    for frame in range(power.shape[0]):
        for k in range(bands.shape[0]):
            whole, sides = power[frame, first + k], side[frame, first + k]
            if whole > SPOT_SILENCE:
                mid = max(whole - sides, whole * SPOT_LEAST)
                step = (10.0 * np.log10(max(sides, whole * SPOT_LEAST) / mid) - from_db) / step_db
                place = min(max(int(np.floor(step)), 0), last)
                spots[0, bands[k], place] += whole
                spots[1, bands[k], place] += 1.0


@kernel
def flatness(power: Power, first: int, stop: int, flat: Power) -> None:
    """[audio] Geometric over arithmetic mean of the bins `first` to `stop` of every frame; 0 for silence."""
    for frame in range(power.shape[0]):
        mean = 0.0
        for k in range(first, stop):
            mean += power[frame, k]
        mean /= stop - first
        if mean <= 0.0:
            flat[frame] = 0.0
            continue
        floor, logs, product, count = mean * FLATNESS_FLOOR, 0.0, 1.0, 0
        for k in range(first, stop):
            product *= max(power[frame, k], floor) / mean
            count += 1
            if count == 16:  # a logarithm for sixteen bins: 10 to the ±160 fits
                logs += np.log(product)
                product, count = 1.0, 0
        flat[frame] = np.exp((logs + np.log(product)) / (stop - first))


@kernel
def pool(power: Power, starts: Ints, pooled: Power) -> None:
    """[audio] Mean power of the bins from each start to the next: (frames, bins) → (frames, len(starts) − 1)."""
    for frame in range(power.shape[0]):
        for q in range(starts.shape[0] - 1):
            total = 0.0
            for k in range(starts[q], starts[q + 1]):
                total += power[frame, k]
            pooled[frame, q] = total
