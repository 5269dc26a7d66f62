"""Features of consecutive pieces of sound, at 44.1 kHz: what a track's pass and live following both stand on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from livemaster.analysis.onsets import ONSET_BANDS_HZ
from livemaster.analysis.timeline import (
    ANALYSIS_RATE_HZ,
    LEVEL_FRAMES,
    ONSET_HOP,
    ONSET_WINDOW,
    THIRD_OCTAVE_EDGE,
    THIRD_OCTAVES_HZ,
    TONE_HOP,
    TONE_WINDOW,
)
from livemaster.dsp.hpss import BINS, LAG_FRAMES, TIME_FRAMES, separate
from livemaster.dsp.levels import LEVEL_ROWS, level_bins
from livemaster.dsp.partials import MOST_PEAKS, partials
from livemaster.dsp.spectral import band_sums, band_weights, flatness, hann, pool, powers
from livemaster.units import Audio

Power = NDArray[np.float32]
Rows = dict[str, NDArray[Any]]
"""Rows of features by their names in `Timeline`."""

FLOOR_DB = -200.0
_TONE_BIN_HZ = ANALYSIS_RATE_HZ / TONE_WINDOW
_BATCH = 16
"""Windows transformed at once: beyond, the transform's own scratch is fresh memory each time and costs three times.
In double precision, because numpy's transform of 4096 frames takes twice as long in single."""
_PEAK_BINS = (5, 930)
"""Bins between which peaks are looked for: 54 Hz to 10 kHz."""
_FLAT_BINS = (2, 743)
"""Bins of the flatness: 20 Hz to 8 kHz; above, codecs leave holes where hardly anything sounds."""
_POOL_STARTS = np.concatenate([np.arange(0, 256), np.arange(256, 556, 4), np.arange(556, 1493, 8)]).astype(np.int64)
"""Bins that harmonic–percussive separation takes together: one by one to 2.8 kHz, then by fours and by eights."""


class _Framer:
    """Cuts a stream into overlapping windows centred on multiples of the hop, and takes their spectra."""

    def __init__(self, channels: int, window: int, hop: int) -> None:
        self._window, self._hop = hann(window), hop
        self._rest: Audio = np.zeros((channels, window // 2), np.float32)
        self._scale = 2.0 / (window * float((self._window.astype(np.float64) ** 2).sum()))
        self._cut = np.zeros((_BATCH, window))
        self._spectra = np.zeros((_BATCH, window // 2 + 1), np.complex128)

    def push(self, x: Audio) -> Power:
        """Power spectra (channels, frames, bins) of the windows that `x` completes."""
        size = len(self._window)
        joined = np.concatenate([self._rest, x], axis=1)
        count = max((joined.shape[1] - size) // self._hop + 1, 0)
        self._rest = joined[:, count * self._hop :].copy()
        power = np.zeros((len(x), count, size // 2 + 1), np.float32)
        for channel, into in zip(joined, power, strict=True) if count else ():
            windows = sliding_window_view(channel, size)[:: self._hop]
            for first in range(0, count, _BATCH):
                stop = min(first + _BATCH, count)
                cut, spectra = self._cut[: stop - first], self._spectra[: stop - first]
                np.multiply(windows[first:stop], self._window, out=cut)
                np.fft.rfft(cut, axis=1, out=spectra)
                powers(spectra, self._scale, into[first:stop])
        power[..., [0, -1]] *= 0.5  # the only bins without a twin at a negative frequency
        return power


class Features:
    """Streaming features of mono or stereo sound: each piece gives the rows that it completes."""

    def __init__(self, channels: int) -> None:
        self._channels = channels
        self._tone = _Framer(channels, TONE_WINDOW, TONE_HOP)
        self._onset = _Framer(channels, ONSET_WINDOW, ONSET_HOP)
        self._level_rest: Audio = np.zeros((channels, 0), np.float32)
        bins = len(_POOL_STARTS) - 1
        self._ring = np.zeros((TIME_FRAMES, bins), np.float32)
        self._ordered = np.zeros((bins, TIME_FRAMES), np.float32)
        self._position = np.zeros(1, np.int64)
        third_octaves = THIRD_OCTAVES_HZ / THIRD_OCTAVE_EDGE, THIRD_OCTAVES_HZ * THIRD_OCTAVE_EDGE
        self._tone_bands = band_weights(*third_octaves, _TONE_BIN_HZ, TONE_WINDOW // 2 + 1)
        edges_hz = np.array(ONSET_BANDS_HZ)
        onset_bin_hz = ANALYSIS_RATE_HZ / ONSET_WINDOW
        self._onset_bands = band_weights(edges_hz[:-1], edges_hz[1:], onset_bin_hz, ONSET_WINDOW // 2 + 1)

    def hear(self, piece: Audio) -> Rows:
        """[control] Rows of `Timeline` by name for the next frames; the tonal spectra themselves as `power` and `side`.

        Harmonic and percussive power come `LAG_FRAMES` rows late.
        """
        onset = np.maximum(_db(_sums(self._onset.push(piece).sum(axis=0), self._onset_bands)), FLOOR_DB)
        parts = self._tone.push(_mid_side(piece))
        power, side = parts.sum(axis=0), parts[1:].sum(axis=0)
        flat, rough = np.zeros(len(power), np.float32), np.zeros(len(power), np.float32)
        chroma = np.zeros((len(power), 12), np.float32)
        flatness(power, *_FLAT_BINS, flat)
        partials(power, _TONE_BIN_HZ, *_PEAK_BINS, np.zeros((2, MOST_PEAKS)), chroma, rough)
        harmonic, percussive = self._separated(power)
        return {
            "onset_bands_db": onset.astype(np.float16),
            "bands": _sums(power, self._tone_bands),
            "chroma": chroma,
            "harmonic": harmonic,
            "percussive": percussive,
            "roughness": rough,
            "flatness": flat,
            "levels": self._levels(piece),
            "power": power,
            "side": side,
        }

    def ring_out(self) -> Rows:
        """[control] What only the end brings out: windows that reach beyond it, a last shorter bin of level."""
        rest = np.ascontiguousarray(self._level_rest)
        self._level_rest = np.zeros((self._channels, 0), np.float32)
        last = np.zeros((min(rest.shape[1], 1), LEVEL_ROWS))
        level_bins(rest, rest.shape[1], last)
        rows = self.hear(np.zeros((self._channels, TONE_WINDOW), np.float32))
        late = self._separated(np.zeros((LAG_FRAMES, TONE_WINDOW // 2 + 1), np.float32))
        rows["levels"] = last
        for name, more in zip(("harmonic", "percussive"), late, strict=True):
            rows[name] = np.concatenate([rows[name], more])
        return rows

    def _separated(self, power: Power) -> tuple[Power, Power]:
        pooled = np.zeros((len(power), len(_POOL_STARTS) - 1), np.float32)
        pool(power, _POOL_STARTS, pooled)
        harmonic, percussive = np.zeros(len(power), np.float32), np.zeros(len(power), np.float32)
        scratch = np.zeros(BINS, np.float32)
        separate(pooled, self._ring, self._ordered, self._position, scratch, harmonic, percussive)
        return harmonic, percussive

    def _levels(self, piece: Audio) -> NDArray[np.float64]:
        joined = np.concatenate([self._level_rest, piece], axis=1)
        count = joined.shape[1] // LEVEL_FRAMES
        rows = np.zeros((count, LEVEL_ROWS))
        level_bins(joined, LEVEL_FRAMES, rows)
        self._level_rest = joined[:, count * LEVEL_FRAMES :].copy()
        return rows


def _mid_side(piece: Audio) -> Audio:
    """Middle and sides of stereo, of the same power together; mono as it is."""
    if len(piece) == 1:
        return piece
    return np.float32(np.sqrt(0.5)) * np.stack([piece[0] + piece[1], piece[0] - piece[1]])


_Weights = tuple[NDArray[np.int64], NDArray[np.int64], Power]


def _sums(power: Power, weights: _Weights) -> Power:
    sums = np.zeros((len(power), len(weights[0])), np.float32)
    band_sums(power, *weights, sums)
    return sums


def _db(power: Power) -> Power:
    return (10.0 * np.log10(np.maximum(power, np.float32(1e-20)))).astype(np.float32)
