"""How wide single spots in time and frequency are: classes of their own side-to-mid ratio, band by band."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livemaster.analysis.timeline import ANALYSIS_RATE_HZ, THIRD_OCTAVES_HZ, TONE_WINDOW
from livemaster.dsp.spectral import add_spots

Floats = NDArray[np.float64]

WIDTH_BANDS = slice(8, 27)
"""Third-octave bands that tell how wide a mix is, 160 Hz to 10 kHz: below, mixes are mono; above, codecs are."""
RATIO_FROM_DB, RATIO_STEP_DB, RATIO_STEPS = -40.0, 5.0, 14
"""Classes of side over mid; the outer ones are open."""
_BINS = slice(15, 930)
"""Bins of a tonal window in `WIDTH_BANDS`."""
_CENTRES_HZ = np.arange(TONE_WINDOW // 2 + 1)[_BINS, None] * (ANALYSIS_RATE_HZ / TONE_WINDOW)
_BANDS = np.abs(np.log(_CENTRES_HZ / THIRD_OCTAVES_HZ[WIDTH_BANDS])).argmin(axis=1)
"""The band of each of these bins, the nearest."""


def no_spots() -> Floats:
    """Power and number of the spots of each class, (2, bands of `WIDTH_BANDS`, `RATIO_STEPS`), before any."""
    return np.zeros((2, WIDTH_BANDS.stop - WIDTH_BANDS.start, RATIO_STEPS))


def count(power: NDArray[np.float32], side: NDArray[np.float32], spots: Floats) -> None:
    """[control] Sort the spots of tonal power spectra, and of the sides' part in them, into `spots`."""
    add_spots(power, side, _BINS.start, _BANDS, RATIO_FROM_DB, RATIO_STEP_DB, spots)


def ratios(spots: Floats) -> Floats | None:
    """How spots spread over the classes, by power and by number, every band counting alike: (2, `RATIO_STEPS`).

    None of silence.
    """
    whole = spots.sum(axis=2, keepdims=True)
    if not whole.any():
        return None
    return np.asarray((spots / np.maximum(whole, np.finfo(float).tiny)).mean(axis=1))
