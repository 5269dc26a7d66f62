"""What is said of a file is so: clipped means flat tops, and a number never reads as the bound that it misses."""

from __future__ import annotations

import math

import numpy as np
import pieces
import pytest
from numpy.typing import NDArray

from livemaster.audio.info import AudioInfo, check_for_mastering, check_info
from livemaster.documents.ranges import Range
from livemaster.errors import AudioFileError, SettingsError
from livemaster.mastering.job import measure_job
from livemaster.metering import Meter
from livemaster.printable import told_apart

Samples = NDArray[np.float64]


def clipped(x: Samples, rate_hz: int = 44_100, chunk: int = 0) -> int:
    meter = Meter(rate_hz, 1, true_peak=False)
    for first in range(0, x.size, chunk or x.size):
        meter.push(np.ascontiguousarray(x[None, first : first + (chunk or x.size)], np.float32))
    return meter.clipped_runs


def smooth(seed: int, rate_hz: int = 44_100, seconds: float = 2.0) -> Samples:
    """Tones from 20 Hz to 12 kHz, or a quarter of the rate, whose largest sample is 1."""
    rng, t = np.random.default_rng(seed), np.arange(round(rate_hz * seconds)) / rate_hz
    hz = np.exp(rng.uniform(math.log(20.0), math.log(min(12_000.0, rate_hz / 4.0)), 12))
    x = sum(rng.uniform(0.1, 1.0) * np.sin(2 * np.pi * f * t + rng.uniform(0, 6)) for f in hz)
    return np.asarray(x / np.abs(x).max())


def rounded(x: Samples, seed: int | None = None) -> Samples:
    """To 16 bits, dithered where there is a seed, held at full scale."""
    dither = 0.0 if seed is None else np.random.default_rng(seed).triangular(-1.0, 0.0, 1.0, x.size)
    return np.asarray(np.clip(np.round(x * 32768.0 + dither), -32768, 32767) / 32768.0)


def tops(x: Samples) -> int:
    """Runs of 3 or more equal samples of full scale."""
    level = np.concatenate([[0], (np.abs(x) == 1.0).astype(int), [0]])
    first, stop = np.flatnonzero(np.diff(level) == 1), np.flatnonzero(np.diff(level) == -1)
    return int((stop - first >= 3).sum())


# -- clipped ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate_hz", [8_000, 44_100, 192_000])
def test_no_smooth_peak_is_clipped_however_high(rate_hz):
    for seed in range(8):
        x = smooth(seed, rate_hz)
        for peak in (1.0, 1.01, 2.0, 30.0):
            assert clipped(peak * x, rate_hz) == 0
        assert clipped(rounded(x * (32767 / 32768)), rate_hz) == 0


@pytest.mark.parametrize("rate_hz", [8_000, 44_100, 192_000])
@pytest.mark.parametrize("hz", [20.0, 50.0, 441.0, 997.0])
def test_no_sine_of_full_scale_is_clipped_and_a_cut_one_is_at_every_top(hz, rate_hz):
    x = np.sin(2 * np.pi * hz * np.arange(2 * rate_hz) / rate_hz + 0.1)
    level = 32766 / 32768
    for whole in (x, level * x, 2.0 * x, rounded(level * x), rounded(level * x, 1)):
        assert clipped(whole, rate_hz) == 0
    assert clipped(np.clip(2.0 * x, -1.0, 1.0), rate_hz) == tops(np.clip(2.0 * x, -1.0, 1.0)) > 70


def test_a_cut_top_counts_once_wherever_it_was_cut():
    for seed in range(8):
        cut = np.clip(1.5 * smooth(seed), -1.0, 1.0)
        for level in (1.0, 32767 / 32768, 1.7):
            assert clipped(level * cut) == pytest.approx(tops(cut), abs=1)  # by chance three may be level at 0.9995
        assert clipped(0.9 * cut) == 0, "a limiter's ceiling is no clipping"


@pytest.mark.parametrize("chunk", [1, 3, 64, 1000])
def test_no_chunking_changes_what_is_clipped(chunk):
    x = np.clip(1.5 * smooth(1, seconds=0.3), -1.0, 1.0)
    assert clipped(x, chunk=chunk) == clipped(x) > 5


def test_a_float_mix_above_full_scale_peaks_there_and_is_not_clipped(tmp_path):
    x = np.stack([smooth(1), smooth(2)]).astype(np.float32)
    hot = pieces.write(tmp_path / "hot.wav", 2.0 * x, subtype="FLOAT")
    assert measure_job(hot).warnings() == ["input: peaks at +6.0 dBFS, above full scale"]
    cut = pieces.write(tmp_path / "cut.wav", np.clip(2.0 * x, -1.0, 1.0), subtype="FLOAT")
    (said,) = measure_job(cut).warnings()
    assert said.startswith("input: clipped in ")
    assert said.endswith(" places (flat tops of 3 or more samples at full scale or above)")
    assert measure_job(pieces.write(tmp_path / "full.wav", x)).warnings() == []


# -- numbers beside their bounds -------------------------------------------------------------------------------


def test_a_number_never_reads_as_a_bound_that_it_misses():
    rng = np.random.default_rng(1)
    for spec in ("g", ".4g", ".1f", ".3f"):
        for bound in (0.4, 3.0, 12.0, -14.0, 1.0 / 3.0):
            for off in (*10.0 ** rng.uniform(-15, 1, 50), 0.0):
                for value in (bound - off, bound + off):
                    text = told_apart(value, bound, spec=spec)
                    assert (float(text) < bound, float(text) > bound) == (value < bound, value > bound)
                    assert float(text) == pytest.approx(value, rel=1e-2, abs=0.06)


def test_a_number_far_from_its_bounds_is_as_short_as_ever():
    assert told_apart(0.39, 0.4, spec=".3f") == "0.390"
    assert told_apart(40.0, -12.0, 12.0) == "40"
    assert told_apart(math.nan, 1.0) == "nan"
    assert told_apart(math.inf, 1.0) == "inf"


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 22_050, 44_100, 48_000, 96_000, 192_000])
def test_a_frame_less_than_a_loudness_block_is_less_in_words_too(rate_hz):
    least = math.ceil(0.4 * rate_hz)
    check_for_mastering(AudioInfo("x.wav", rate_hz, 2, least, "WAV", "PCM_16"))
    with pytest.raises(AudioFileError) as caught:
        check_for_mastering(AudioInfo("x.wav", rate_hz, 2, least - 1, "WAV", "PCM_16"))
    told_s = float(str(caught.value).removeprefix("x.wav: lasts ").split()[0])
    assert told_s < 0.4
    assert told_s == pytest.approx((least - 1) / rate_hz, abs=1e-3)


def test_a_frame_more_than_the_longest_is_more_in_words_too():
    with pytest.raises(AudioFileError) as caught:
        check_info(AudioInfo("x.wav", 8_000, 1, 12 * 3600 * 8_000 + 1, "WAV", "PCM_16"))
    assert float(str(caught.value).split()[4]) > 12.0


def test_a_value_just_out_of_range_is_shown_as_out_of_it():
    with pytest.raises(SettingsError, match=r"reactivity is 1\.500000\d+, allowed are 0 to 1.5"):
        Range(0.0, 1.5).check(1.5000001, "reactivity")
