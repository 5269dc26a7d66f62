"""The streaming meter: push frames, query values; no files, threads or clocks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp.kweight import CHANNEL_WEIGHTS, BlockEnergies
from livemaster.errors import InputError
from livemaster.metering.loudness import integrated, loudness_range, lufs
from livemaster.metering.measurement import Measurement
from livemaster.metering.peaks import SampleStatistics, TruePeakFollower
from livemaster.metering.windows import BINS_PER_S, LoudnessWindows
from livemaster.units import Audio, frames_to_seconds, require_floats

LOWEST_RATE_HZ, HIGHEST_RATE_HZ = 8_000, 192_000
_PIECE_FRAMES = 16_384
"""Longest stretch that goes through all parts at once: it stays in the cache between them."""


class Meter:
    """Loudness, true peak and sample statistics of a programme, in any chunking with the same bits.

    `rate_hz` 8,000…192,000 Hz; `channels` 1…6: mono; L R; L R C; L R Ls Rs; L R C Ls Rs; L R C LFE Ls Rs (the
    LFE counts for the peaks, not for loudness); `weights` where they are laid out otherwise. `true_peak=False` leaves
    the true peak out (None). Input is taken as given: samples that are no finite numbers make what they touch
    undefined; the caller cleans them. InputError for another rate or channel count. BS.1770-5; EBU Tech 3341 v4, 3342.
    """

    def __init__(self, rate_hz: int, channels: int, *, true_peak: bool = True, weights: Sequence[float] = ()) -> None:
        if not LOWEST_RATE_HZ <= rate_hz <= HIGHEST_RATE_HZ:
            raise InputError(f"meter: rate is {rate_hz} Hz, allowed are {LOWEST_RATE_HZ} to {HIGHEST_RATE_HZ} Hz")
        if channels not in CHANNEL_WEIGHTS:
            raise InputError(f"meter: {channels} channels, allowed are 1 to {max(CHANNEL_WEIGHTS)}")
        if len(weights) not in (0, channels):
            raise InputError(f"meter: {len(weights)} weights, {channels} channels want as many or none")
        self._rate_hz = rate_hz
        self._channels = channels
        self._frames = 0
        self._energies = BlockEnergies(rate_hz, channels, Fraction(rate_hz, BINS_PER_S), weights)
        self._windows = LoudnessWindows()
        self._samples = SampleStatistics(channels)
        self._true_peak = TruePeakFollower(channels) if true_peak else None
        self._take(np.zeros((channels, 0), np.float32))  # compiles what is not compiled yet, before any sound

    def push(self, x: Audio) -> None:
        """[audio] Take the next frames: float32 (channels, frames), any number of them."""
        require_floats(x, "meter")
        if x.shape[0] != self._channels:
            raise InputError(f"meter: got {x.shape[0]} channels, was made for {self._channels}")
        for first in range(0, x.shape[1], _PIECE_FRAMES):
            # Always the same type of array: any other would compile the kernels again, while sounding.
            self._take(np.require(x[:, first : first + _PIECE_FRAMES], np.float32, ["C", "W"]))

    def _take(self, piece: Audio) -> None:
        """[audio] Hand one piece to all parts."""
        self._frames += piece.shape[1]
        self._windows.push(self._energies.push(piece)[0])
        self._samples.push(piece)
        if self._true_peak is not None:
            self._true_peak.push(piece)

    def read(self) -> Measurement:
        """[control] All values so far; the meter can go on afterwards."""
        return Measurement(
            integrated_lufs=integrated(self.energies),
            loudness_range_lu=loudness_range(self.energies),
            max_momentary_lufs=lufs(self._windows.max_momentary),
            max_short_term_lufs=lufs(self._windows.max_short_term),
            true_peak_dbtp=None if self._true_peak is None else _db(float(self._true_peak.peaks.max())),
            sample_peak_dbfs=_db(self._samples.peak),
            duration_s=frames_to_seconds(self._frames, self._rate_hz),
            sample_rate_hz=self._rate_hz,
            channels=self._channels,
        )

    @property
    def energies(self) -> NDArray[np.float64]:
        """[control] Energies of the whole 100 ms sub-blocks so far, for `measure.loudness`; a view."""
        return self._windows.sub_blocks

    @property
    def momentary_lufs(self) -> float | None:
        """[audio] Loudness of the last 400 ms, moved every 10 ms; None before that, and for silence."""
        return lufs(self._windows.momentary)

    @property
    def short_term_lufs(self) -> float | None:
        """[audio] Loudness of the last 3 s, moved every 10 ms; None before that, and for silence."""
        return lufs(self._windows.short_term)

    @property
    def dc_offset_dbfs(self) -> tuple[float | None, ...]:
        """[control] Level of every channel's mean in dBFS; None where there is none."""
        return tuple(_db(abs(float(offset))) for offset in self._samples.offsets)

    @property
    def clipped_runs(self) -> int:
        """[control] Flat tops of 3 or more samples at 0.999 of full scale or above, over all channels."""
        return self._samples.clipped_runs


def _db(level: float) -> float | None:
    return 20.0 * math.log10(level) if 0.0 < level < math.inf else None
