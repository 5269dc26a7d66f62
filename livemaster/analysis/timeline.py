"""What one streaming pass keeps of a track; everything that analysis says over time derives from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ANALYSIS_RATE_HZ = 44_100
"""Everything is analysed at this rate; other rates are resampled before, so that frames mean the same."""

TONE_WINDOW, TONE_HOP = 4096, 2048
TONE_FPS = ANALYSIS_RATE_HZ / TONE_HOP
"""Tonal frames in a second; frame j is centred on j / TONE_FPS s."""

ONSET_WINDOW, ONSET_HOP = 1024, 441
ONSET_FPS = ANALYSIS_RATE_HZ / ONSET_HOP
"""Onset frames in a second; frame j is centred on j / ONSET_FPS s."""

LEVEL_FRAMES = 4410
LEVELS_PER_S = ANALYSIS_RATE_HZ // LEVEL_FRAMES
"""Bins of level in a second."""

THIRD_OCTAVES_HZ = 10.0 ** (np.arange(14, 44) / 10.0)
"""Centres of 30 third-octave bands, 25 Hz to 20 kHz (IEC 61260, base ten)."""

THIRD_OCTAVE_EDGE = 10.0**0.05
"""Factor from a third-octave band's centre to its edges."""


@dataclass(frozen=True, slots=True)
class TrackTimeline:
    """Features of a track over time; all but `energies` scale with the track's power or do not depend on it."""

    duration_s: float
    onset_bands_db: NDArray[np.float16]
    """(n, 24): power in bands from 30 Hz to 16 kHz at `ONSET_FPS`, dB, −200 at least."""
    bands: NDArray[np.float32]
    """(m, 30): power in third-octave bands at `TONE_FPS`."""
    chroma: NDArray[np.float32]
    """(m, 12): amplitude of spectral peaks by pitch class, C first."""
    harmonic: NDArray[np.float32]
    """(m,): harmonic power."""
    percussive: NDArray[np.float32]
    """(m,): percussive power."""
    roughness: NDArray[np.float32]
    """(m,): sensory roughness of the strongest partials, 0…1."""
    flatness: NDArray[np.float32]
    """(m,): geometric over arithmetic mean of the power spectrum, 20 Hz to 8 kHz, 0…1."""
    levels: NDArray[np.float64]
    """(l, 4): Σ left², Σ right², Σ left · right, largest magnitude of bins of 100 ms."""
    energies: NDArray[np.float64]
    """(k,): K-weighted mean squares of sub-blocks of 100 ms (BS.1770)."""
    spectrum: NDArray[np.float64]
    """(TONE_WINDOW / 2 + 1,): mean power spectrum of the whole track; its sum is the mean square of all channels."""
    side: NDArray[np.float64]
    """Of that, the power of the sides, (left − right) / √2; 0 for mono."""
    spots: NDArray[np.float64] | None = None
    """How wide single spots in time and frequency are (see `spots`); None where they are not counted."""
