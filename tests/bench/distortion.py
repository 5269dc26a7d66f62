"""Measures of distortion, each a definition in one function."""

from __future__ import annotations

import numpy as np
import scipy.signal
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def residual_db(driven: NDArray[np.floating], limited: NDArray[np.floating], rate_hz: int, window_s: float) -> float:
    """What is left of `limited` after the best gain that moves no faster than a Hann window of `window_s`.

    Both (channels, frames), aligned. The gain is one for all channels: at each frame, the least-squares fit of
    `limited` to `driven` under the window. The residual's power relative to the output's, in dB.
    """
    x, y = driven.astype(np.float64), limited.astype(np.float64)
    window = np.hanning(round(window_s * rate_hz) + 2)[None, 1:-1]

    def windowed(power: Floats) -> Floats:
        return scipy.signal.oaconvolve(power.sum(axis=0, keepdims=True), window, mode="same", axes=1)

    gain = windowed(x * y) / np.maximum(windowed(x * x), 1e-12)
    error = y - gain * x
    return ratio_db(float((error**2).sum()), float((y**2).sum()))


def harmonics_db(tone: NDArray[np.floating], rate_hz: int, hz: float) -> float:
    """Total harmonic distortion of a tone of `hz` in whole periods: all harmonics to half the rate, re fundamental."""
    power = _powers(tone)
    step = round(hz * len(tone) / rate_hz)
    return ratio_db(float(power[2 * step :: step].sum()), float(power[step]))


def sidebands_db(tone: NDArray[np.floating], rate_hz: int, low_hz: float, high_hz: float, orders: int = 10) -> float:
    """Intermodulation: sidebands at `high_hz` ± k·`low_hz`, k = 1…orders, re the line at `high_hz`."""
    power = _powers(tone)
    low, high = (round(hz * len(tone) / rate_hz) for hz in (low_hz, high_hz))
    lines = [high + sign * k * low for k in range(1, orders + 1) for sign in (-1, 1)]
    return ratio_db(float(power[lines].sum()), float(power[high]))


def aliases_db(tone: NDArray[np.floating], rate_hz: int, hz: float) -> float:
    """The largest line below half the rate that is no harmonic of `hz`, re fundamental; DC left out."""
    power = _powers(tone)
    step = round(hz * len(tone) / rate_hz)
    fundamental = float(power[step])
    power[::step] = 0.0
    return ratio_db(float(power.max()), fundamental)


def _powers(tone: NDArray[np.floating]) -> Floats:
    """Power in every bin; whole periods need no window."""
    return np.asarray(np.abs(np.fft.rfft(tone.astype(np.float64))) ** 2)


def ratio_db(power: float, of_power: float) -> float:
    """Decibels of one power relative to another; −200 for none."""
    return 10.0 * float(np.log10(max(power / of_power, 1e-20)))
