"""The reference true peak, in plain float64 numpy and written apart from the program's own interpolator.

The law's reference: 16× polyphase, windowed sinc with cutoff fs/2, Kaiser β = 9, 48 taps a phase. Beside it
the filter of ITU-R BS.1770-5, annex 2: 4 phases of 12 taps.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

OVERSAMPLING = 16
TAPS = 48

ITU_TAPS = np.array(
    [
        [0.0017089843750, -0.0291748046875, -0.0189208984375, -0.0083007812500],
        [0.0109863281250, 0.0292968750000, 0.0330810546875, 0.0148925781250],
        [-0.0196533203125, -0.0517578125000, -0.0582275390625, -0.0266113281250],
        [0.0332031250000, 0.0891113281250, 0.1015625000000, 0.0476074218750],
        [-0.0594482421875, -0.1665039062500, -0.2003173828125, -0.1022949218750],
        [0.1373291015625, 0.4650878906250, 0.7797851562500, 0.9721679687500],
        [0.9721679687500, 0.7797851562500, 0.4650878906250, 0.1373291015625],
        [-0.1022949218750, -0.2003173828125, -0.1665039062500, -0.0594482421875],
        [0.0476074218750, 0.1015625000000, 0.0891113281250, 0.0332031250000],
        [-0.0266113281250, -0.0582275390625, -0.0517578125000, -0.0196533203125],
        [0.0148925781250, 0.0330810546875, 0.0292968750000, 0.0109863281250],
        [-0.0083007812500, -0.0189208984375, -0.0291748046875, 0.0017089843750],
    ]
).T
"""Rows are phases, columns coefficients, as printed in the standard."""


def prototype() -> NDArray[np.float64]:
    """The interpolator's impulse response at 16 times the rate, 769 points, centre 384."""
    reach = OVERSAMPLING * TAPS // 2
    time = np.arange(-reach, reach + 1) / OVERSAMPLING
    return np.asarray(np.sinc(time) * np.kaiser(2 * reach + 1, 9.0))


def oversampled(x: NDArray[np.floating]) -> NDArray[np.float64]:
    """One channel at 16 times its rate, (16, frames + 47): row p, column c is the time c − 24 + p/16."""
    response = prototype()
    padded = np.asarray(x, np.float64)
    # Phase p of the response holds h(p/16 − 24), h(p/16 − 23), …: what x 24 frames later, 23 later, … count.
    return np.stack([np.convolve(padded, response[p : p + 16 * TAPS : 16]) for p in range(OVERSAMPLING)])


def frame_peaks(x: NDArray[np.floating]) -> NDArray[np.float64]:
    """Largest magnitude in [n, n + 1) for n = −24 … frames + 22 of one channel."""
    return np.asarray(np.abs(oversampled(x)).max(axis=0))


def true_peak(x: NDArray[np.floating]) -> float:
    """Largest reference true peak, linear, of (frames,) or (channels, frames)."""
    return max(float(frame_peaks(channel).max()) for channel in np.atleast_2d(x))


def itu_true_peak(x: NDArray[np.floating]) -> float:
    """Largest true peak, linear, by the 4-phase 12-tap filter of BS.1770."""
    return max(
        float(np.abs(np.convolve(channel.astype(np.float64), taps)).max())
        for channel in np.atleast_2d(np.asarray(x))
        for taps in ITU_TAPS
    )


def to_db(value: float) -> float:
    """Decibels of a linear value; −400 for zero."""
    return float(20.0 * np.log10(max(value, 1e-20)))
