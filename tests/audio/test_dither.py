"""The laws of quantising: unbiased, white, uncorrelated with the signal, independent of how it is called."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from livemaster.dsp.dither import Quantiser

LSB = 2.0**-15
FRAMES = 1 << 18


def quantise(x: NDArray[np.float32], bits: int = 16, cuts: list[int] | None = None) -> NDArray[np.int32]:
    quantiser = Quantiser(bits, len(x))
    parts = np.split(x, cuts or [], axis=1)
    return np.concatenate([*(quantiser.process(np.ascontiguousarray(p)) for p in parts), quantiser.flush()], axis=1)


def errors_lsb(x: NDArray[np.float32]) -> NDArray[np.float64]:
    return quantise(x) - x.astype(np.float64) / LSB


def sine(amplitude: float) -> NDArray[np.float32]:
    tone = amplitude * np.sin(2 * np.pi * 997.3 * np.arange(FRAMES) / 44100)
    return np.stack([tone, tone]).astype(np.float32)


@pytest.mark.parametrize("amplitude", [0.4 * LSB, 10.3 * LSB, 0.5])
def test_the_error_has_mean_0_and_the_variance_of_tpdf_at_any_level(amplitude):
    """TPDF of ±1 LSB and rounding: variance 1/6 + 1/12 = 1/4 LSB², 93.3 dB below a full-scale sine."""
    error = errors_lsb(sine(amplitude))
    assert np.abs(error.mean(axis=1)).max() < 4 * 0.5 / np.sqrt(FRAMES)
    np.testing.assert_allclose(error.var(axis=1), 0.25, rtol=0.01)
    noise_db = 20 * np.log10(error.std() * LSB / np.sqrt(0.5))
    assert noise_db == pytest.approx(-93.3, abs=0.05)
    assert np.abs(error).max() <= 1.5


def test_the_error_is_not_correlated_with_signal_other_channel_or_itself():
    x = sine(3.3 * LSB)
    left, right = errors_lsb(x)
    limit = 4.5 / np.sqrt(FRAMES)
    assert abs(np.corrcoef(left, x[0])[0, 1]) < limit
    assert abs(np.corrcoef(left, right)[0, 1]) < limit
    for lag in range(1, 200):
        assert abs(np.corrcoef(left[lag:], left[:-lag])[0, 1]) < limit


def test_the_error_is_white():
    error = errors_lsb(sine(100.5 * LSB))[0]
    power = (np.abs(np.fft.rfft(error.reshape(-1, 1024), axis=1)) ** 2).mean(axis=0)[1:-1]
    np.testing.assert_allclose(power / power.mean(), 1.0, atol=5.5 / np.sqrt(FRAMES // 1024))


def test_a_constant_below_one_step_survives_on_average():
    x = np.full((1, FRAMES), 0.3 * LSB, np.float32)
    assert quantise(x).mean() == pytest.approx(0.3, abs=0.004)


@pytest.mark.parametrize("bits", [16, 24])
def test_the_result_does_not_depend_on_the_portions(bits):
    x = (np.random.default_rng(1).standard_normal((2, 20011)) * 0.1).astype(np.float32)
    x[1, 3000:9000] = 0.0
    whole = quantise(x, bits)
    for cuts in ([1, 2, 65, 5000], list(range(37, 20011, 37)), list(range(64, 20011, 64))):
        np.testing.assert_array_equal(quantise(x, bits, cuts), whole)


def test_whole_quanta_of_silence_stay_silent_in_each_channel():
    x = np.zeros((2, 640), np.float32)
    x[0, 100] = -0.0
    x[1, 200] = 1e-6
    y = quantise(x)
    assert not y[0].any()
    assert not np.delete(y[1], np.s_[192:256]).any()
    assert y[1, 192:256].any()


def test_24_bits_are_rounded_to_the_nearest_step_and_keep_the_grid():
    rng = np.random.default_rng(2)
    grid = rng.integers(-(1 << 23), 1 << 23, (2, 5000)).astype(np.int32)
    np.testing.assert_array_equal(quantise((grid / 2.0**23).astype(np.float32), 24), grid)
    x = rng.uniform(-1, 1, (1, 5000)).astype(np.float32)
    assert np.abs(quantise(x, 24) - x.astype(np.float64) * 2**23).max() <= 0.5


@pytest.mark.parametrize("bits", [16, 24])
def test_what_is_beyond_full_scale_is_clamped(bits):
    x = np.array([[1.0, -1.0, 2.0, -2.0, np.inf, -np.inf]], np.float32)
    y = quantise(x, bits)[0]
    top = 2 ** (bits - 1)
    assert set(y[[2, 4]]) == {top - 1}
    assert set(y[[3, 5]]) == {-top}
    assert y[0] >= top - 2
    assert y[1] <= -top + 1
