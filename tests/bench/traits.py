"""What a recording sounds like in a few numbers, by numpy, pyloudnorm and ffmpeg alone.

All are ratios, so that level does not count. Spectra are of the whole recording, mid and side together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.masters import load
from bench.material import Music
from bench.secondmeter import read, spread_lu, stretch_lufs

WINDOW = 8192
CREST_S = 0.1
MOST_LAG_FRAMES = 4096
SHORT_WINDOW, SHORT_HOP, TOGETHER = 2048, 512, 32
"""A filter that `residue_db` lets pass may change every 0.4 s."""
MONO_DB = -60.0
"""Sides weaker than this against the mid count as this strong: they are none."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Traits:
    """Of one recording; None where there is nothing to measure, or nothing to compare with."""

    air_db: float
    bass_db: float
    warmth_db: float
    side_db: float
    low_side_db: float
    plr_db: float
    range_lu: float
    spread_lu: float | None
    crest_db: float
    residue_db: float | None
    si_sdr_db: float | None
    lufs: float


def traits(path: Path, spans_s: Sequence[tuple[float, float]], mix: Music | None = None) -> Traits:
    """Of a file with sections at these seconds; `mix` is what it was made of."""
    audio, rate_hz = load(path)
    whole = read(path)
    mid, side = (_Spectrum.of(x, rate_hz) for x in mid_side(audio))
    both = _Spectrum(mid.hz, mid.power + side.power)
    pair = None if mix is None else aligned(mix, audio)
    return Traits(
        air_db=_ratio_db(both.band(8000.0), both.band()),
        bass_db=_ratio_db(both.band(40.0, 120.0), both.band(250.0, 4000.0)),
        warmth_db=_ratio_db(both.band(40.0, 400.0), both.band(1000.0, 8000.0)),
        side_db=max(_ratio_db(side.band(20.0), mid.band(20.0)), MONO_DB),
        low_side_db=max(_ratio_db(side.band(20.0, 120.0), mid.band(20.0, 120.0)), MONO_DB),
        plr_db=whole.true_peak_dbtp - whole.lufs,
        range_lu=whole.range_lu,
        spread_lu=spread_lu([stretch_lufs(audio, rate_hz, *span_s) for span_s in spans_s]),
        crest_db=crest_db(audio, rate_hz),
        residue_db=None if pair is None else residue_db(*pair),
        si_sdr_db=None if pair is None else si_sdr_db(*pair),
        lufs=whole.lufs,
    )


@dataclass(frozen=True, slots=True)
class _Spectrum:
    """Mean power over frequency."""

    hz: Floats
    power: Floats

    @classmethod
    def of(cls, x: Floats, rate_hz: int) -> _Spectrum:
        """Of one channel, in Hann windows that overlap by half."""
        power = np.zeros(WINDOW // 2 + 1)
        for spectra in _spectra(x, WINDOW, WINDOW // 2, 256):
            power += (np.abs(spectra) ** 2).sum(axis=0)
        return cls(np.fft.rfftfreq(WINDOW, 1.0 / rate_hz), power)

    def band(self, low_hz: float = 0.0, high_hz: float = np.inf) -> float:
        """Power between two frequencies."""
        return float(self.power[(self.hz >= low_hz) & (self.hz < high_hz)].sum())


def _spectra(x: Floats, window: int, hop: int, at_once: int) -> Iterator[NDArray[np.complex128]]:
    """Spectra (frames, bins) of one channel in Hann windows, `at_once` together and at last the rest."""
    padded = np.pad(x, (0, max(window - len(x), 0)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop]
    shape = np.hanning(window)
    for first in range(0, len(frames), at_once):
        yield np.fft.rfft(frames[first : first + at_once] * shape)


def mid_side(audio: Music) -> tuple[Floats, Floats]:
    """Half the sum and half the difference of two channels; one channel is all mid."""
    left, right = audio[0].astype(np.float64), audio[-1].astype(np.float64)
    return (left + right) / 2.0, (left - right) / 2.0


def _ratio_db(one: float, other: float) -> float:
    return float(10.0 * np.log10(max(one, 1e-20) / max(other, 1e-20)))


def crest_db(audio: Music, rate_hz: int) -> float:
    """Median over blocks of 100 ms of the largest sample over the RMS of all channels; silent blocks are left out."""
    frames = round(CREST_S * rate_hz)
    blocks = audio[:, : audio.shape[1] // frames * frames].astype(np.float64).reshape(len(audio), -1, frames)
    power = (blocks**2).mean(axis=(0, 2))
    peaks = np.abs(blocks).max(axis=(0, 2))
    sounding = power > power.max() * 1e-6
    return float(np.median(20.0 * np.log10(peaks[sounding]) - 10.0 * np.log10(power[sounding])))


def aligned(mix: Music, master: Music) -> tuple[Music, Music]:
    """Both cut to what they have in common, shifted to where they are most alike, to the frame."""
    lag = _lag_frames(mix.mean(axis=0), master.mean(axis=0))
    x, y = mix[:, max(-lag, 0) :], master[:, max(lag, 0) :]
    frames = min(x.shape[1], y.shape[1])
    return x[:, :frames], y[:, :frames]


def _lag_frames(x: NDArray[np.floating], y: NDArray[np.floating]) -> int:
    """How much later `y` is."""
    size = 1 << (len(x) + len(y)).bit_length()
    likeness = np.fft.irfft(np.fft.rfft(y, size) * np.conj(np.fft.rfft(x, size)), size)
    near = np.concatenate([likeness[-MOST_LAG_FRAMES:], likeness[: MOST_LAG_FRAMES + 1]])
    return int(np.argmax(near)) - MOST_LAG_FRAMES


def si_sdr_db(mix: Music, master: Music) -> float:
    """Scale-invariant signal to distortion ratio of all channels together (Le Roux et al. 2019)."""
    x, y = mix.astype(np.float64), master.astype(np.float64)
    wanted = x * float((x * y).sum() / (x**2).sum())
    return _ratio_db(float((wanted**2).sum()), float(((y - wanted) ** 2).sum()))


def residue_db(mix: Music, master: Music) -> float:
    """What no filter of the mix explains of the master's mid, over the mid: saturation, limiting, quick gains.

    One minus the coherence of the two, weighted by the master's power; stretches of 0.4 s have filters of their own,
    so that equalizers and slow gains leave nothing.
    """
    residue = total = 0.0
    spectra = (_spectra(mid_side(x)[0], SHORT_WINDOW, SHORT_HOP, TOGETHER) for x in (mix, master))
    for x, y in zip(*spectra, strict=True):
        if len(x) < TOGETHER:
            break  # few windows explain anything
        own, common = (np.abs(x) ** 2).sum(axis=0), np.abs((np.conj(x) * y).sum(axis=0)) ** 2
        power = (np.abs(y) ** 2).sum(axis=0)
        residue += float((power - common / np.maximum(own, 1e-20)).sum())
        total += float(power.sum())
    return _ratio_db(residue, total)
