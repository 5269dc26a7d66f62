"""How far two versions of one song are apart to the ear: third-octave spectra at equal loudness, and width.

Loudness is BS.1770's. The spectra are long-term power of all channels in 27 third-octave bands, 40 Hz to 16 kHz; their
difference in dB is a root mean square over the bands. To it comes, as one more dimension at a right angle, the
difference of the side-to-mid ratio in dB, times `WIDTH_WEIGHT`: sides that are off by s dB shall count like a high
shelf that is, and a shelf at 3.5 kHz by s dB comes to 0.4 s over the bands.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livemaster.metering import Meter

Floats = NDArray[np.float64]

BANDS_HZ = 10.0 ** (np.arange(16, 43) / 10.0)
"""Centres of the bands, 40 Hz to 16 kHz (IEC 61260, base ten)."""
WIDTH_WEIGHT = 0.4
WINDOW = 16_384
FLOOR_DB = -70.0
"""Bands weaker than this against the whole count as this strong, and sides against the mid: nobody hears them."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """What of a version counts here: its bands (dB) at loudness 0 LUFS, and its side-to-mid ratio (dB)."""

    bands_db: Floats
    side_db: float


@dataclass(frozen=True, slots=True)
class Distance:
    """Two versions apart: spectra, dB RMS, and width, dB of side-to-mid ratio."""

    tone_db: float
    width_db: float

    @property
    def whole_db(self) -> float:
        """Both together."""
        return float(np.hypot(self.tone_db, WIDTH_WEIGHT * self.width_db))


def sketch(audio: NDArray[np.float32], rate_hz: int) -> Sketch:
    """Of (2, frames); ValueError for silence."""
    meter = Meter(rate_hz, 2, true_peak=False)
    meter.push(np.ascontiguousarray(audio, np.float32))
    lufs = meter.read().integrated_lufs
    if lufs is None:
        raise ValueError("silence has no spectrum at equal loudness")
    mid, side = _bands((audio[0] + audio[1]) / 2.0, rate_hz), _bands((audio[0] - audio[1]) / 2.0, rate_hz)
    whole = mid + side
    floor = 10.0 ** (FLOOR_DB / 10.0)
    bands_db = 10.0 * np.log10(np.maximum(whole, whole.sum() * floor)) - lufs
    return Sketch(bands_db, float(10.0 * np.log10(max(side.sum() / mid.sum(), floor))))


def distance(one: Sketch, other: Sketch) -> Distance:
    """How far two versions are apart."""
    tone_db = float(np.sqrt(np.mean((one.bands_db - other.bands_db) ** 2)))
    return Distance(tone_db, abs(one.side_db - other.side_db))


def _bands(x: NDArray[np.floating], rate_hz: int) -> Floats:
    """Mean power in every band; bins that lie across an edge are shared out."""
    window = np.hanning(WINDOW)
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(x, (0, max(WINDOW - len(x), 0))), WINDOW)
    power = np.zeros(WINDOW // 2 + 1)
    for frame in frames[:: WINDOW // 2]:
        power += np.abs(np.fft.rfft(frame * window)) ** 2
    step_hz = rate_hz / WINDOW
    upto = np.concatenate([[0.0], np.cumsum(power)])
    edges_hz = (np.arange(len(upto)) - 0.5) * step_hz
    low, high = (np.interp(BANDS_HZ * 10.0**end, edges_hz, upto) for end in (-0.05, 0.05))
    return np.asarray(high - low) / len(frames[:: WINDOW // 2])
