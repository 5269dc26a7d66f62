"""True peak: the kernels equal brute force wherever a threshold can be exceeded, and miss nothing."""

from __future__ import annotations

import numpy as np
import pytest
import reference
from numpy.typing import NDArray

from livemaster.dsp import truepeak
from livemaster.units import QUANTUM_FRAMES

FRAMES = 4096
ROUNDING = 3e-6  # float32 arithmetic on 48 taps


def hard_signals() -> dict[str, NDArray[np.float32]]:
    """Signals whose peaks between samples are as high above the samples as they get."""
    rng = np.random.default_rng(1770)
    n = np.arange(FRAMES)
    flips = np.where(rng.random(FRAMES) < 0.08, -1.0, 1.0).cumprod()
    burst = np.zeros(FRAMES)
    burst[1000:1048] = np.sign(reference.prototype()[8 + 16 * np.arange(48)])
    signals = {
        "noise": rng.standard_normal(FRAMES),
        "uniform noise": rng.uniform(-1, 1, FRAMES),
        "clipped noise": np.clip(3 * rng.standard_normal(FRAMES), -1, 1),
        "random signs": rng.choice([-1.0, 1.0], FRAMES),
        "alternating with flips": (-1.0) ** n * flips,
        "square": np.sign(np.sin(2 * np.pi * 0.011 * n + 0.1)),
        "fs/4 at 45 degrees": np.sin(np.pi / 2 * n + np.pi / 4),
        "near-Nyquist beats": np.sin(np.pi * 0.97 * n) + np.sin(np.pi * 0.995 * n),
        "worst burst": burst,
        "impulses": (rng.random(FRAMES) < 0.01) * rng.choice([-1.0, 1.0], FRAMES),
        "slow sine": np.sin(2 * np.pi * 0.003 * n),
        "steps": np.repeat(rng.uniform(-1, 1, FRAMES // 32), 32),
        "fading noise": rng.standard_normal(FRAMES) * np.exp(-n / 500),
    }
    return {name: (x / reference.true_peak(x)).astype(np.float32) for name, x in signals.items()}


SIGNALS = hard_signals()


def scanned(x: NDArray[np.float32], threshold: float, itu_weight: float = 0.0) -> NDArray[np.float32]:
    """Kernel peaks for n = −24 … len(x) + 39, quantum by quantum."""
    extended = np.concatenate([np.zeros(47, np.float32), x, np.zeros(64, np.float32)])
    peaks = np.zeros(len(x) + 64, np.float32)
    work = truepeak.true_peak_work()
    for first in range(0, len(x) + 64, QUANTUM_FRAMES):
        truepeak.raise_peaks(
            extended[first : first + QUANTUM_FRAMES + 47],
            np.float32(threshold),
            np.float32(itu_weight),
            work,
            peaks[first : first + QUANTUM_FRAMES],
        )
    return peaks


def test_table_is_the_reference_interpolator() -> None:
    response = reference.prototype()
    expected = [[response[384 + p - 16 * j] for j in range(-23, 25)] for p in range(16)]
    np.testing.assert_allclose(truepeak.interpolation_table(), expected, rtol=0, atol=6e-8)


@pytest.mark.parametrize("name", SIGNALS)
def test_every_frame_equals_brute_force_when_nothing_is_skipped(name: str) -> None:
    x = SIGNALS[name]
    expected = reference.frame_peaks(x)
    np.testing.assert_allclose(scanned(x, -1.0)[: len(expected)], expected, rtol=0, atol=ROUNDING)


@pytest.mark.parametrize("name", SIGNALS)
def test_nothing_above_the_threshold_is_missed_and_nothing_below_is_invented(name: str) -> None:
    x = SIGNALS[name]
    expected = reference.frame_peaks(x)
    for threshold in np.linspace(0.03, 1.0, 60):
        found = scanned(x, threshold)[: len(expected)]
        above = expected > threshold * (1 + 1e-6)
        np.testing.assert_allclose(found[above], expected[above], rtol=0, atol=ROUNDING)
        assert np.all(found[~above] <= expected[~above] + ROUNDING)


@pytest.mark.parametrize("name", SIGNALS)
def test_itu_filter_is_watched_when_asked(name: str) -> None:
    x = SIGNALS[name]
    highest = max(reference.true_peak(x), reference.itu_true_peak(x))
    for threshold in (0.3 * highest, 0.999 * highest):
        assert scanned(x, threshold, 1.0).max() == pytest.approx(highest, abs=ROUNDING)


def test_peak_falls_in_the_frame_that_holds_it() -> None:
    x = np.zeros(256, np.float32)
    x[100:102] = 1.0
    peaks = scanned(x, 0.9)
    assert int(peaks.argmax()) - 24 == 100
    halfway = 4 / np.pi * np.i0(9 * np.sqrt(1 - (0.5 / 24) ** 2)) / np.i0(9)
    assert peaks[124] == pytest.approx(halfway, abs=ROUNDING)


@pytest.mark.parametrize("quanta", [1, 3, 8])
def test_running_maximum_equals_brute_force_for_any_split(quanta: int) -> None:
    names = ["noise", "alternating with flips", "slow sine"]
    x = np.stack([SIGNALS[name] for name in names] + [np.zeros(FRAMES, np.float32)])
    padded = np.concatenate([np.zeros((4, 47)), x, np.zeros((4, 64 * 9))], axis=1).astype(np.float32)
    maxima, work = np.zeros(4), truepeak.true_peak_work()
    step = quanta * QUANTUM_FRAMES
    for first in range(0, FRAMES + 64, step):
        part = np.ascontiguousarray(padded[:, first : first + step + 47])
        truepeak.advance_true_peaks(part, maxima, work)
    expected = [reference.true_peak(SIGNALS[name]) for name in names] + [0.0]
    np.testing.assert_allclose(maxima, expected, rtol=0, atol=ROUNDING)


def test_raised_peaks_are_the_largest_of_the_channels() -> None:
    a, b = SIGNALS["noise"], SIGNALS["square"]
    window = slice(512, 512 + QUANTUM_FRAMES + 47)
    together, alone = np.zeros(64, np.float32), np.zeros((2, 64), np.float32)
    work, none = truepeak.true_peak_work(), np.float32(0)
    for channel, x in enumerate((a, b)):
        truepeak.raise_peaks(x[window].copy(), none, none, work, together)
        truepeak.raise_peaks(x[window].copy(), none, none, work, alone[channel])
    assert np.array_equal(together, alone.max(axis=0))
