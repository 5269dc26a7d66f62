"""The long-term spectrum of a whole track in third-octave bands, middle and sides apart: tone and width of a mix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livemaster.analysis.timeline import ANALYSIS_RATE_HZ, THIRD_OCTAVE_EDGE, THIRD_OCTAVES_HZ, TONE_WINDOW, Timeline
from livemaster.dsp.spectral import band_weights

Floats = NDArray[np.float64]

WIDTH_BANDS = slice(8, 27)
"""Bands that tell how wide a mix is, 160 Hz to 10 kHz: below, mixes are mono; above, codecs are."""
SILENT = 1e-7
"""Bands weaker than this share of the whole tell nothing of width."""


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Mean power of a track in bands, `THIRD_OCTAVES_HZ`: mid (left + right) / √2 and side (left − right) / √2.

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


def spectrum_of(timeline: Timeline) -> Spectrum:
    """[control] The spectrum of a whole track."""
    edges_hz = THIRD_OCTAVES_HZ / THIRD_OCTAVE_EDGE, THIRD_OCTAVES_HZ * THIRD_OCTAVE_EDGE
    _, _, shares = band_weights(*edges_hz, ANALYSIS_RATE_HZ / TONE_WINDOW, TONE_WINDOW // 2 + 1)
    power, side = np.stack([timeline.spectrum, timeline.side]) @ shares.T.astype(np.float64)
    return Spectrum(power - side, side)
