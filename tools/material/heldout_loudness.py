"""A plain loudness meter for the held-out songs: K-weighting in the frequency domain, gated as in BS.1770."""

from __future__ import annotations

import numpy as np
from heldout_tones import RATE_HZ
from numpy.typing import NDArray

BLOCK = RATE_HZ // 10
"""100 ms; four of them make one gating block."""
SILENCE_LUFS = -70.0
OFFSET_LUFS = -0.691
RELATIVE_GATE_LU = 10.0


def k_weights(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Power response of the analogue prototypes of BS.1770: a high-pass and a shelf of +4 dB."""
    s = 1j * np.maximum(hz, 1e-3)
    low_hz, low_q = 38.135, 0.5003
    shelf_hz, shelf_q, shelf_gain = 1_681.97, 0.7072, 10.0 ** (3.99984 / 20.0)
    high_pass = s**2 / (s**2 + s * low_hz / low_q + low_hz**2)
    middle = shelf_gain**0.4997
    damping = s * shelf_hz / shelf_q
    shelf = (shelf_gain * s**2 + middle * damping + shelf_hz**2) / (s**2 + damping + shelf_hz**2)
    return np.asarray(np.abs(high_pass * shelf) ** 2)


def loudness_lufs(audio: NDArray[np.float32]) -> float:
    """Integrated loudness of (channels, frames)."""
    blocks = audio.shape[1] // BLOCK
    spectra = np.fft.rfft(audio[:, : blocks * BLOCK].reshape(audio.shape[0], blocks, BLOCK), axis=2)
    weights = 2.0 * k_weights(np.fft.rfftfreq(BLOCK, 1.0 / RATE_HZ)).astype(np.float32) / BLOCK**2
    energies = (np.square(spectra.real) + np.square(spectra.imag)).sum(axis=0) @ weights
    gated = np.convolve(energies, np.full(4, 0.25), "valid")
    gated = gated[gated > 10.0 ** ((SILENCE_LUFS - OFFSET_LUFS) / 10.0)]
    if len(gated) == 0:
        return SILENCE_LUFS
    relative = 10.0 ** (-RELATIVE_GATE_LU / 10.0) * gated.mean()
    return float(OFFSET_LUFS + 10.0 * np.log10(gated[gated > relative].mean()))
