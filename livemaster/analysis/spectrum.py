"""The long-term spectrum of a whole track in third-octave bands, middle and sides apart: tone and width of a mix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livemaster.analysis.tf_width import WIDTH_BANDS, ratios
from livemaster.analysis.timeline import ANALYSIS_RATE_HZ, THIRD_OCTAVE_EDGE, THIRD_OCTAVES_HZ, TONE_WINDOW
from livemaster.dsp.spectral import band_weights

Floats = NDArray[np.float64]

SILENT = 1e-7
"""Bands weaker than this share of the whole tell nothing of width."""


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Mean power of a track in bands, `THIRD_OCTAVES_HZ`: mid (left + right) / √2 and side (left − right) / √2.

    `mid`, `side`: float64 (30,); side is 0 for mono. `ratios`: float64 (2, `RATIO_STEPS`), how spots in time and
    frequency spread over classes of their own side-to-mid ratio, by power and by number, every band of `WIDTH_BANDS`
    counting alike; None where it is not known.
    """

    mid: Floats
    side: Floats
    ratios: Floats | None = None

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


def spectrum_of(power: Floats, side: Floats, spots: Floats | None) -> Spectrum:
    """[control] The spectrum of a whole track, of `Timeline.spectrum`, `side` and `spots`."""
    edges_hz = THIRD_OCTAVES_HZ / THIRD_OCTAVE_EDGE, THIRD_OCTAVES_HZ * THIRD_OCTAVE_EDGE
    _, _, shares = band_weights(*edges_hz, ANALYSIS_RATE_HZ / TONE_WINDOW, TONE_WINDOW // 2 + 1)
    both, sides = np.stack([power, side]) @ shares.T.astype(np.float64)
    return Spectrum(both - sides, sides, None if spots is None else ratios(spots))
