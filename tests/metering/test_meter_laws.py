"""What holds for the meter whatever it is fed: no chunking shows, nothing is invented, nothing warns."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import lfilter
from tones import programme, tone

from livemaster.dsp.kweight import CHANNEL_WEIGHTS, BlockEnergies, design
from livemaster.errors import InputError
from livemaster.metering import Meter
from livemaster.metering.windows import LoudnessWindows

CHUNKS = [1, 37, 64, 480, 4096, "random"]


def pushed(x: NDArray[np.float32], rate_hz: int, chunk: int | str = 0) -> Meter:
    meter = Meter(rate_hz, x.shape[0])
    rng = np.random.default_rng(7)
    at = 0
    while at < x.shape[1]:
        frames = int(rng.integers(0, 3000)) if chunk == "random" else int(chunk) or x.shape[1]
        meter.push(x[:, at : at + frames])
        at += frames
    return meter


def everything(meter: Meter) -> tuple[object, ...]:
    """All that a meter can say, bit for bit."""
    live = (meter.momentary_lufs, meter.short_term_lufs, meter.dc_offset_dbfs, meter.clipped_runs)
    return (asdict(meter.read()), meter.energies.tolist(), live)


@pytest.fixture(scope="module")
def loud() -> NDArray[np.float32]:
    """3.1 s of stereo at 11.025 kHz (10 ms is no whole number of frames), partly clipped, with offset.

    Some samples are so small that the order in which they are added shows in the sum.
    """
    x = np.clip(4.0 * programme(3.1, 11_025, 2, seed=5) + np.float32(0.01), -1.0, 1.0)
    x[:, ::3] *= np.float32(1e-9)
    return x


@pytest.mark.parametrize("chunk", CHUNKS)
def test_no_chunking_shows_in_any_bit(chunk: int | str, loud: NDArray[np.float32]) -> None:
    whole = everything(pushed(loud, 11_025))
    assert everything(pushed(loud, 11_025, chunk)) == whole
    assert None not in asdict(pushed(loud, 11_025).read()).values()


@pytest.mark.parametrize("chunk", [1, "random"])
def test_no_chunking_shows_around_samples_that_are_no_numbers(chunk: int | str, loud: NDArray[np.float32]) -> None:
    broken = loud.copy()
    broken[0, 5000], broken[1, 9000] = np.nan, -np.inf
    assert repr(everything(pushed(broken, 11_025, chunk))) == repr(everything(pushed(broken, 11_025)))


def test_reading_changes_nothing(loud: NDArray[np.float32]) -> None:
    meter = Meter(11_025, 2)
    for first in range(0, loud.shape[1], 100):
        meter.push(loud[:, first : first + 100])
        meter.read()
    assert everything(meter) == everything(pushed(loud, 11_025))


@pytest.mark.parametrize("rate_hz", [8000, 11_025, 22_050, 44_100, 96_000, 192_000])
@pytest.mark.parametrize("channels", [1, 2, 3, 5, 6])
def test_bins_of_10_ms_lie_on_the_right_frames(rate_hz: int, channels: int) -> None:
    """Against sums over frames round(k·rate/100) to round((k + 1)·rate/100) of another float64 filter.

    1e-8 is 4e-8 dB: at 192 kHz the poles at 38 Hz bring the rounding of either filter up to 2e-9.
    """
    x = programme(0.4, rate_hz, channels, seed=rate_hz)
    energies, peaks = BlockEnergies(rate_hz, channels, Fraction(rate_hz, 100)).push(x)
    c = design(rate_hz)
    y = lfilter([1.0], [1.0, c[7], c[8]], lfilter(c[:5], [1.0, c[5], c[6]], x.astype(np.float64)))
    weighted = np.array(CHANNEL_WEIGHTS[channels]) @ (y * y)
    edges = [math.floor(k * rate_hz / 100 + 0.5) for k in range(41)]
    spans = list(pairwise(edges))
    assert energies.tolist() == pytest.approx([weighted[a:b].sum() * 100 / rate_hz for a, b in spans], rel=1e-8)
    assert peaks.tolist() == [float(np.abs(x[:, a:b]).max()) for a, b in spans]


@pytest.mark.parametrize("seconds", [0.0, 0.005, 5.0])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_silence_has_no_loudness_and_no_peak(seconds: float, channels: int) -> None:
    meter = pushed(np.zeros((channels, round(seconds * 48_000)), np.float32), 48_000)
    found = meter.read().to_dict()
    assert {k: v for k, v in found.items() if v is not None} == {
        "duration_s": seconds,
        "sample_rate_hz": 48_000,
        "channels": channels,
    }
    assert json.loads(json.dumps(found)) == found
    assert meter.dc_offset_dbfs == (None,) * channels
    assert (meter.momentary_lufs, meter.short_term_lufs, meter.clipped_runs) == (None, None, 0)


def test_a_tone_of_300_ms_has_peaks_but_no_loudness() -> None:
    found = pushed(tone([(0.3, -6.0)]).astype(np.float32)[None], 48_000).read()
    assert found.integrated_lufs is None
    assert (found.loudness_range_lu, found.max_momentary_lufs, found.max_short_term_lufs) == (
        None,
        None,
        None,
    )
    assert found.sample_peak_dbfs == pytest.approx(-6.0, abs=1e-4)
    assert found.true_peak_dbtp == pytest.approx(-6.0, abs=0.05)


def test_blocks_are_whole() -> None:
    """Nothing is rounded up: 399 ms make no block, 400 ms make one, 2.99 s no range, 3 s one window."""
    x = tone([(3.0, -20.0)]).astype(np.float32)[None]
    reads = [pushed(x[:, : round(s * 48_000)], 48_000).read() for s in (0.399, 0.4, 2.99, 3.0)]
    assert [r.integrated_lufs is None for r in reads] == [True, False, False, False]
    assert [r.loudness_range_lu for r in reads] == [None, None, None, 0.0]


def test_mono_is_one_front_channel_and_two_equal_channels_read_3_lu_more() -> None:
    x = programme(5.0, 48_000, 1, seed=2)
    mono, both = pushed(x, 48_000).read(), pushed(np.tile(x, (2, 1)), 48_000).read()
    assert both.integrated_lufs == pytest.approx(mono.integrated_lufs + 10.0 * math.log10(2.0), abs=1e-9)
    assert both.true_peak_dbtp == mono.true_peak_dbtp


@pytest.mark.parametrize("channels", range(1, 7))
def test_each_channel_has_its_weight_and_counts_for_the_peaks(channels: int) -> None:
    """Surround +1.5 LU (weight 1.41), LFE no loudness at all, everyone in the peaks."""
    t = tone([(1.0, -20.0)]).astype(np.float32)
    front = pushed(t[None], 48_000).read()
    for channel, weight in enumerate(CHANNEL_WEIGHTS[channels]):
        x = np.zeros((channels, t.size), np.float32)
        x[channel] = t
        found = pushed(x, 48_000).read()
        expected = front.integrated_lufs + 10.0 * math.log10(weight) if weight else None
        assert found.integrated_lufs == (expected if expected is None else pytest.approx(expected, abs=1e-9))
        assert (found.true_peak_dbtp, found.sample_peak_dbfs) == (
            front.true_peak_dbtp,
            front.sample_peak_dbfs,
        )


@pytest.mark.parametrize("frames", [1000, 1024, 1063])
def test_true_peak_hears_the_last_frames_wherever_a_quantum_ends(frames: int) -> None:
    x = np.zeros((1, frames), np.float32)
    x[0, -2:] = 0.5
    found = pushed(x, 48_000).read()
    assert found.sample_peak_dbfs == pytest.approx(-6.02, abs=0.01)
    assert found.true_peak_dbtp == pytest.approx(20.0 * math.log10(0.5 * 4.0 / math.pi), abs=0.05)


def test_true_peak_can_be_left_out() -> None:
    meter = Meter(48_000, 1, true_peak=False)
    meter.push(np.ones((1, 100), np.float32))
    assert meter.read().true_peak_dbtp is None
    assert meter.read().sample_peak_dbfs == 0.0


def test_offset_is_the_mean_of_each_channel() -> None:
    x = programme(1.0, 44_100, 2, seed=9) + np.array([[0.1], [-0.001]], np.float32)
    found = pushed(x, 44_100).dc_offset_dbfs
    expected = [20.0 * math.log10(abs(mean)) for mean in x.mean(axis=1, dtype=np.float64)]
    assert list(found) == pytest.approx(expected, abs=1e-9)


def test_clipped_runs_are_3_or_more_in_a_row_in_one_channel() -> None:
    x = np.zeros((2, 40), np.float32)
    x[0, 2:4] = 1.0  # two: none
    x[0, 10:13] = -0.9995  # three: one
    x[1, 11:30] = 1.0  # many: one
    x[1, 37:] = 0.999  # to the end: one
    assert pushed(x, 48_000).clipped_runs == 3
    assert pushed(np.float32(0.99) * x, 48_000).clipped_runs == 0


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_sample_that_is_no_number_spoils_only_what_it_touches(bad: float) -> None:
    x = np.tile(tone([(10.0, -20.0)]).astype(np.float32), (2, 1))
    x[0, 100_000] = bad
    meter = pushed(x, 48_000)
    found = meter.read()
    assert found.integrated_lufs == pytest.approx(-20.0, abs=0.05)
    assert found.loudness_range_lu == pytest.approx(0.0, abs=0.05)
    assert found.sample_peak_dbfs is None
    assert meter.momentary_lufs == pytest.approx(-20.0, abs=0.05)
    assert meter.dc_offset_dbfs[0] is None
    assert np.count_nonzero(~np.isfinite(meter.energies)) == 1
    json.dumps(found.to_dict(), allow_nan=False)


def test_filters_come_to_rest_in_silence() -> None:
    """State that has decayed is flushed long before it turns denormal, and silence after music is silence."""
    x = np.zeros((2, 48_000 * 2), np.float32)
    x[:, :48_000] = programme(1.0, 48_000, 2, seed=4)
    meter = pushed(x, 48_000)
    assert np.all(meter.energies[:11] > 0.0)
    assert not np.any(meter.energies[15:])
    assert meter.momentary_lufs is None


def test_more_than_an_hour_of_blocks_is_kept() -> None:
    windows = LoudnessWindows()
    energies = np.arange(400_000.0)
    windows.push(energies[:300_000])
    windows.push(energies[300_000:])
    assert windows.sub_blocks.tolist() == energies.reshape(-1, 10).mean(axis=1).tolist()
    assert windows.max_momentary == energies[-40:].mean()
    assert windows.max_short_term == energies[-300:].mean()


@pytest.mark.parametrize(("rate_hz", "channels"), [(0, 2), (7999, 2), (192_001, 2), (48_000, 0), (48_000, 7)])
def test_rates_and_channels_outside_the_range_are_refused(rate_hz: int, channels: int) -> None:
    with pytest.raises(InputError, match="allowed are"):
        Meter(rate_hz, channels)


def test_another_channel_count_is_refused() -> None:
    with pytest.raises(InputError, match="got 1 channels, was made for 2"):
        Meter(48_000, 2).push(np.zeros((1, 10), np.float32))
