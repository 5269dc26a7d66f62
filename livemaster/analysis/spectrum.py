"""The long-term spectrum of a whole track in third-octave bands, middle and sides apart: tone and width of a mix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livemaster.analysis.timeline import ANALYSIS_RATE_HZ, THIRD_OCTAVE_EDGE, THIRD_OCTAVES_HZ
from livemaster.dsp.spectral import add_frames, add_power, band_weights, hann
from livemaster.units import Audio

Floats = NDArray[np.float64]

WINDOW = 8192
"""Frames of a window; windows do not overlap: over a whole track their mean is as steady, at half the time."""
WIDTH_BANDS = slice(8, 27)
"""Bands that tell how wide a mix is, 160 Hz to 10 kHz: below, mixes are mono; above, codecs are."""
SILENT = 1e-7
"""Bands weaker than this share of the whole tell nothing of width."""


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Mean power of a track in bands, `THIRD_OCTAVES_HZ`: mid (left + right) / 2 and side (left − right) / 2.

    `mid`, `side`: float64 (30,); side is 0 for mono.
    """

    mid: Floats
    side: Floats

    @property
    def power(self) -> Floats:
        """Both together, (30,)."""
        return np.asarray(self.mid + self.side)

    @property
    def side_to_mid_db(self) -> float | None:
        """Mean share of the sides over `WIDTH_BANDS` against that of the middle, dB; None for mono and silence.

        Every band counts alike, however loud: so a mono bass does not make a wide mix narrow.
        """
        power = self.power
        heard = power[WIDTH_BANDS] > SILENT * max(float(power.sum()), np.finfo(float).tiny)
        if not heard.any():
            return None
        share = float((self.side[WIDTH_BANDS][heard] / power[WIDTH_BANDS][heard]).mean())
        return None if share < SILENT else float(10.0 * np.log10(share / max(1.0 - share, SILENT)))


class SpectrumMeter:
    """Spectrum of a stream, mono or stereo at 44.1 kHz, in any chunking to the same bits."""

    def __init__(self, channels: int) -> None:
        self._rest: Audio = np.zeros((channels, 0), np.float32)
        self._window = hann(WINDOW)
        self._sums = np.zeros((2, WINDOW // 2 + 1))
        self._windows = 0
        self._scale = 2.0 / (WINDOW * float((self._window.astype(np.float64) ** 2).sum()))

    def push(self, x: Audio) -> None:
        """[control] Take the next frames, float32 (channels, frames), any number of them."""
        joined = np.concatenate([self._rest, x], axis=1)
        whole = joined.shape[1] - joined.shape[1] % WINDOW
        for first in range(0, whole, WINDOW):
            self._add(joined[:, first : first + WINDOW])
        self._rest = joined[:, whole:].copy()

    def read(self) -> Spectrum:
        """[control] The spectrum so far; what does not fill a window counts only where nothing does."""
        if not self._windows:
            self._add(np.pad(self._rest, ((0, 0), (0, WINDOW - self._rest.shape[1]))))
        edges = THIRD_OCTAVES_HZ / THIRD_OCTAVE_EDGE, THIRD_OCTAVES_HZ * THIRD_OCTAVE_EDGE
        _, _, shares = band_weights(*edges, ANALYSIS_RATE_HZ / WINDOW, WINDOW // 2 + 1)
        mid, side = self._sums @ shares.T.astype(np.float64) / self._windows
        return Spectrum(mid, side)

    def _add(self, x: Audio) -> None:
        """Add the power of one window; several transformed at once would take ten times as long each."""
        left, right = np.float32(0.5) * x[0] * self._window, np.float32(0.5) * x[-1] * self._window
        for total, frame in zip(self._sums, (left + right, left - right), strict=True):
            power = np.zeros((1, WINDOW // 2 + 1), np.float32)
            add_power(np.fft.rfft(frame)[None].astype(np.complex64, copy=False), self._scale, power)
            add_frames(power, total)
        self._windows += 1
