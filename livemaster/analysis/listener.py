"""The streaming pass: push frames at 44.1 kHz, get the features of the whole track over time."""

from __future__ import annotations

from collections.abc import Callable

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
    Timeline,
)
from livemaster.dsp.levels import LEVEL_ROWS, level_bins
from livemaster.dsp.partials import MOST_PEAKS, partials
from livemaster.dsp.separation import BINS, LAG_FRAMES, TIME_FRAMES, separate
from livemaster.dsp.spectral import add_frames, add_power, band_sums, band_weights, flatness, hann, pool
from livemaster.units import Audio, frames_to_seconds

Power = NDArray[np.float32]

FLOOR_DB = -200.0
_PIECE_FRAMES = 64 * TONE_HOP
"""What is worked on at once, always exactly: so the chunks that arrive do not show in the result."""
_BATCH = 16
"""Windows transformed at once: beyond, the transform's own scratch is fresh memory each time and costs three times."""
_PEAK_BINS = (5, 930)
"""Bins between which peaks are looked for: 54 Hz to 10 kHz."""
_FLAT_BINS = (2, 1487)
"""Bins of the flatness: 20 Hz to 16 kHz, the most that common codecs keep."""
_POOL_STARTS = np.concatenate([np.arange(0, 256), np.arange(256, 556, 4), np.arange(556, 1493, 8)]).astype(np.int64)
"""Bins that harmonic–percussive separation takes together: one by one to 2.8 kHz, then by fours and by eights."""


class _Framer:
    """Cuts a stream into overlapping windows centred on multiples of the hop, and takes their spectra."""

    def __init__(self, channels: int, window: int, hop: int) -> None:
        self._window, self._hop = hann(window), hop
        self._rest: Audio = np.zeros((channels, window // 2), np.float32)
        self._scale = 2.0 / (window * float((self._window.astype(np.float64) ** 2).sum()))
        self._cut = np.zeros((_BATCH, window), np.float32)
        self._spectra = np.zeros((_BATCH, window // 2 + 1), np.complex64)

    def push(self, x: Audio) -> Power:
        """Power spectra (frames, bins) of the windows that `x` completes."""
        size = len(self._window)
        joined = np.concatenate([self._rest, x], axis=1)
        count = max((joined.shape[1] - size) // self._hop + 1, 0)
        self._rest = joined[:, count * self._hop :].copy()
        power = np.zeros((count, size // 2 + 1), np.float32)
        for channel in joined if count else ():
            windows = sliding_window_view(channel, size)[:: self._hop]
            for first in range(0, count, _BATCH):
                stop = min(first + _BATCH, count)
                cut, spectra = self._cut[: stop - first], self._spectra[: stop - first]
                np.multiply(windows[first:stop], self._window, out=cut)
                np.fft.rfft(cut, axis=1, out=spectra)  # type: ignore[arg-type]  # float32 has its own transform
                add_power(spectra, self._scale, power[first:stop])
        return power


class Listener:
    """Features of one track, mono or stereo at 44.1 kHz, in any chunking with the same bits."""

    def __init__(self, channels: int) -> None:
        self._channels, self._frames = channels, 0
        self._waiting: list[Audio] = []
        self._waiting_frames = 0
        self._tone = _Framer(channels, TONE_WINDOW, TONE_HOP)
        self._onset = _Framer(channels, ONSET_WINDOW, ONSET_HOP)
        self._level_rest: Audio = np.zeros((channels, 0), np.float32)
        bins = len(_POOL_STARTS) - 1
        self._ring = np.zeros((TIME_FRAMES, bins), np.float32)
        self._ordered = np.zeros((bins, TIME_FRAMES), np.float32)
        self._position = np.zeros(1, np.int64)
        self._spectrum = np.zeros(TONE_WINDOW // 2 + 1)
        self._tone_bands = band_weights(
            THIRD_OCTAVES_HZ / THIRD_OCTAVE_EDGE, THIRD_OCTAVES_HZ * THIRD_OCTAVE_EDGE, _bin_hz(TONE_WINDOW), 2049
        )
        edges_hz = np.array(ONSET_BANDS_HZ)
        self._onset_bands = band_weights(edges_hz[:-1], edges_hz[1:], _bin_hz(ONSET_WINDOW), 513)
        self._parts: dict[str, list[NDArray[np.generic]]] = {name: [] for name in _ROWS}
        self._hear(np.zeros((channels, 0), np.float32))  # compiles what is not compiled yet

    def push(self, x: Audio) -> None:
        """[control] Take the next frames, float32 (channels, frames), any number of them."""
        self._frames += x.shape[1]
        self._waiting.append(x)
        self._waiting_frames += x.shape[1]
        if self._waiting_frames >= _PIECE_FRAMES:
            joined = np.concatenate(self._waiting, axis=1)
            whole = joined.shape[1] - joined.shape[1] % _PIECE_FRAMES
            for first in range(0, whole, _PIECE_FRAMES):
                self._hear(np.ascontiguousarray(joined[:, first : first + _PIECE_FRAMES]))
            self._waiting = [joined[:, whole:].copy()]
            self._waiting_frames = joined.shape[1] - whole

    def finish(self, energies: NDArray[np.float64]) -> Timeline:
        """[control] End the track; `energies` are its K-weighted sub-blocks as a meter gives them."""
        if self._waiting_frames:
            self._hear(np.ascontiguousarray(np.concatenate(self._waiting, axis=1)))
        self._hear_levels_rest()
        tone, onset = (self._frames // hop + 1 for hop in (TONE_HOP, ONSET_HOP))
        self._hear_spectra(np.zeros((self._channels, TONE_WINDOW), np.float32), tone, onset)
        self._separate(np.zeros((LAG_FRAMES, TONE_WINDOW // 2 + 1), np.float32))
        rows = {name: np.concatenate(parts) for name, parts in self._parts.items()}
        skipped = {"harmonic": LAG_FRAMES, "percussive": LAG_FRAMES}
        counts = {"onset_bands_db": onset, "levels": len(rows["levels"])}
        kept = {
            name: np.ascontiguousarray(row[skipped.get(name, 0) :][: counts.get(name, tone)])
            for name, row in rows.items()
        }
        return Timeline(
            duration_s=frames_to_seconds(self._frames, ANALYSIS_RATE_HZ),
            energies=energies,
            spectrum=self._spectrum / tone,
            **kept,
        )

    def _hear(self, piece: Audio) -> None:
        self._hear_levels(piece)
        self._hear_spectra(piece)

    def _hear_spectra(self, piece: Audio, tone: int | None = None, onset: int | None = None) -> None:
        """Features of the frames that `piece` completes; at most up to `tone` and `onset` frames in all."""
        spectra = self._onset.push(piece)
        bands = self._rows(band_sums, spectra, len(ONSET_BANDS_HZ) - 1, self._onset_bands)
        self._parts["onset_bands_db"].append(np.maximum(_db(bands), FLOOR_DB).astype(np.float16))
        spectra = self._tone.push(piece)
        if tone is not None:
            spectra = spectra[: max(tone - sum(map(len, self._parts["bands"])), 0)]
        self._parts["bands"].append(self._rows(band_sums, spectra, len(THIRD_OCTAVES_HZ), self._tone_bands))
        add_frames(spectra, self._spectrum)
        flat, rough = np.zeros(len(spectra), np.float32), np.zeros(len(spectra), np.float32)
        chroma = np.zeros((len(spectra), 12), np.float32)
        flatness(spectra, *_FLAT_BINS, flat)
        partials(spectra, _bin_hz(TONE_WINDOW), *_PEAK_BINS, np.zeros((2, MOST_PEAKS)), chroma, rough)
        for name, row in (("flatness", flat), ("chroma", chroma), ("roughness", rough)):
            self._parts[name].append(row)
        self._separate(spectra)

    @staticmethod
    def _rows(
        sums: Callable[..., None],
        spectra: Power,
        bands: int,
        weights: tuple[NDArray[np.int64], NDArray[np.int64], Power],
    ) -> Power:
        rows = np.zeros((len(spectra), bands), np.float32)
        sums(spectra, *weights, rows)
        return rows

    def _separate(self, spectra: Power) -> None:
        pooled = np.zeros((len(spectra), len(_POOL_STARTS) - 1), np.float32)
        pool(spectra, _POOL_STARTS, pooled)
        harmonic, percussive = np.zeros(len(spectra), np.float32), np.zeros(len(spectra), np.float32)
        scratch = np.zeros(BINS, np.float32)
        separate(pooled, self._ring, self._ordered, self._position, scratch, harmonic, percussive)
        self._parts["harmonic"].append(harmonic)
        self._parts["percussive"].append(percussive)

    def _hear_levels(self, piece: Audio) -> None:
        joined = np.concatenate([self._level_rest, piece], axis=1)
        count = joined.shape[1] // LEVEL_FRAMES
        rows = np.zeros((count, LEVEL_ROWS))
        level_bins(joined, LEVEL_FRAMES, rows)
        self._parts["levels"].append(rows)
        self._level_rest = joined[:, count * LEVEL_FRAMES :]

    def _hear_levels_rest(self) -> None:
        """The last bin, shorter than the others."""
        rest = self._level_rest
        if rest.shape[1]:
            rows = np.zeros((1, LEVEL_ROWS))
            level_bins(np.ascontiguousarray(rest), rest.shape[1], rows)
            self._parts["levels"].append(rows)


_ROWS = ("onset_bands_db", "bands", "chroma", "harmonic", "percussive", "roughness", "flatness", "levels")


def _bin_hz(window: int) -> float:
    return ANALYSIS_RATE_HZ / window


def _db(power: Power) -> Power:
    return (10.0 * np.log10(np.maximum(power, np.float32(1e-20)))).astype(np.float32)
