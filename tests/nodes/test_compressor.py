"""The compressor: textbook curve and times, a still image, and no trace of it where it does nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from livemaster.nodes.compressor import Compressor
from livemaster.nodes.contract import Parameter
from livemaster.units import QUANTUM_FRAMES, Audio

RATES = (8000, 22050, 44100, 48000, 88200, 96000, 192000)


def noise(channels: int, quanta: int, seed: int, level: float = 0.3) -> Audio:
    rng = np.random.default_rng(seed)
    return (level * rng.standard_normal((channels, quanta * QUANTUM_FRAMES))).astype(np.float32)


def sine(hz: float, peak_db: float, rate_hz: int, seconds: float, channels: int = 1) -> Audio:
    frames = math.ceil(seconds * rate_hz / QUANTUM_FRAMES) * QUANTUM_FRAMES
    wave = 10 ** (peak_db / 20) * np.sin(2 * np.pi * hz / rate_hz * np.arange(frames))
    return np.tile(wave, (channels, 1)).astype(np.float32)


def splits(quanta: int, sizes: list[int]) -> Iterator[slice]:
    first, turn = 0, 0
    while first < quanta:
        stop = min(first + sizes[turn % len(sizes)], quanta)
        yield slice(first, stop)
        first, turn = stop, turn + 1


def run(node: Compressor, x: Audio, rate_hz: int, moves: Mapping[str, NDArray[np.float64]], sizes: list[int]) -> Audio:
    """`x` through `node` in calls of `sizes` quanta in turn; `moves` gives parameters at the quantum edges."""
    quanta = x.shape[1] // QUANTUM_FRAMES
    values = np.repeat(np.array(list(node.settings.values()))[:, None], quanta + 1, axis=1)
    for row, parameter in enumerate(node.parameters):
        values[row] = moves.get(parameter.id, values[row])
    node.prepare(rate_hz, x.shape[0], max(sizes))
    y = np.empty_like(x)
    for part in splits(quanta, sizes):
        frames = slice(part.start * QUANTUM_FRAMES, part.stop * QUANTUM_FRAMES)
        out = np.empty_like(np.ascontiguousarray(x[:, frames]))
        edges = np.ascontiguousarray(values[:, part.start : part.stop + 1])
        node.process((np.ascontiguousarray(x[:, frames]),), out, edges)
        y[:, frames] = out
    return y


def glide(low: float, high: float, quanta: int, ramp_quanta: int) -> NDArray[np.float64]:
    """Raised-cosine moves from `low` to `high` and back, one every quarter, at the quantum edges."""
    edges = np.arange(quanta + 1)
    turn, age = edges // (quanta // 4), edges % (quanta // 4)
    share = 0.5 - 0.5 * np.cos(np.pi * np.minimum(age / ramp_quanta, 1.0))
    return np.where(turn % 2 == 0, low + share * (high - low), high + share * (low - high))


def textbook_gain_db(level_db: float, threshold_db: float, ratio: float, knee_db: float) -> float:
    """Giannoulis, Massberg and Reiss (2012), equation 4, minus its input."""
    over = level_db - threshold_db
    if 2 * over < -knee_db:
        return 0.0
    if 2 * abs(over) <= knee_db and knee_db > 0:
        return (1 / ratio - 1) * (over + knee_db / 2) ** 2 / (2 * knee_db)
    return over / ratio - over


@pytest.mark.parametrize("ratio", [1.0, 1.5, 4.0, 20.0])
@pytest.mark.parametrize("knee_db", [0.0, 6.0, 24.0])
def test_static_curve_is_the_textbook_formula(ratio: float, knee_db: float) -> None:
    """A steady sine is turned down by the soft-knee formula, taken at its RMS level, within 0.001 dB."""
    node = Compressor(threshold_db=-24, ratio=ratio, knee_db=knee_db, attack_ms=1, release_ms=10)
    for peak_db in (-40.0, -30.0, -24.0, -20.0, -15.0, -6.0, 0.0):
        x = sine(3000.0, peak_db, 48000, 0.15)  # the detector's window holds whole periods of its power
        y = node(x, 48000)
        gain_db = 20 * np.log10(np.abs(y[0, -4800:]).max() / np.abs(x[0, -4800:]).max())
        expected = textbook_gain_db(peak_db - 10 * math.log10(2), -24, ratio, knee_db)
        assert gain_db == pytest.approx(expected, abs=1e-3)


def test_all_channels_get_the_same_gain() -> None:
    """The image stands still: channels that differ by a power of two still do, bit for bit, under any gain."""
    loud = noise(1, 200, seed=1)
    x = np.concatenate([loud, loud / 16, -loud / 4, loud * 2])
    y = Compressor(threshold_db=-30, ratio=8, attack_ms=1, release_ms=20)(x, 44100)
    assert np.abs(y - x).max() > 0.1
    for channel, factor in enumerate((1, 1 / 16, -1 / 4, 2)):
        assert np.array_equal(y[channel], y[0] * np.float32(factor))


def test_swapping_the_channels_swaps_the_output() -> None:
    x = noise(2, 100, seed=2) * np.array([[1.0], [0.1]], np.float32)
    node = Compressor(threshold_db=-30, ratio=4)
    assert np.array_equal(node(x[::-1], 44100), node(x, 44100)[::-1])


@pytest.mark.parametrize("rate_hz", RATES)
def test_attack_and_release_are_time_constants(rate_hz: int) -> None:
    """Once the detector has seen a step, the reduction moves by 1 − 1/e of what is left per attack or release."""
    frames = np.arange(rate_hz)
    x = (np.where(frames % 2, -1.0, 1.0) * np.where(frames < rate_hz // 2, 0.5, 0.001)).astype(np.float32)[None]
    node = Compressor(threshold_db=-30, ratio=4, knee_db=0, attack_ms=40, release_ms=60)
    gain_db = 20 * np.log10(np.abs(node(x, rate_hz)[0] / x[0]))

    def after(start: float, ms: float) -> float:
        return float(gain_db[round((start + ms * 1e-3) * rate_hz)])

    final = textbook_gain_db(20 * math.log10(0.5), -30, 4, 0)
    attack = math.log((after(0, 20) - final) / (after(0, 60) - final))
    release = math.log(after(0.5, 20) / after(0.5, 80))
    assert attack == pytest.approx(1.0, rel=0.02)  # one control step, a third of a millisecond, is 1 %
    assert release == pytest.approx(1.0, rel=0.02)


def test_bass_below_the_sidechain_high_pass_hardly_counts() -> None:
    """12 dB/octave: 30 Hz under a cutoff of 480 Hz reads 48 dB lower, far below a threshold it else exceeds."""
    x = sine(30.0, 0.0, 48000, 0.5)
    assert np.array_equal(Compressor(threshold_db=-20, ratio=4, sidechain_highpass_hz=480)(x, 48000), x)
    assert Compressor(threshold_db=-20, ratio=4, sidechain_highpass_hz=10)(x, 48000)[:, -4800:].max() < 0.3


@pytest.mark.parametrize("rate_hz", RATES)
def test_neutral_returns_the_input_bit_for_bit(rate_hz: int) -> None:
    x = noise(2, 50, seed=3, level=1.0)
    assert np.array_equal(Compressor(ratio=1, threshold_db=-60)(x, rate_hz), x)
    assert np.array_equal(Compressor(ratio=20, threshold_db=-60, mix=0, makeup_db=9)(x, rate_hz), x)


def test_ratio_one_is_neutral_at_once() -> None:
    """The quantum after a ramp to ratio 1 is the input again, however long the release."""
    x = noise(2, 60, seed=4)
    ratio = np.interp(np.arange(61), [0, 20, 30], [8.0, 8.0, 1.0])
    y = run(Compressor(threshold_db=-40, release_ms=2000), x, 44100, {"ratio": ratio}, [60])
    last = 31 * QUANTUM_FRAMES
    assert np.abs(y[:, : 25 * QUANTUM_FRAMES] - x[:, : 25 * QUANTUM_FRAMES]).max() > 0.1
    assert np.array_equal(y[:, last:], x[:, last:])


def moving(quanta: int) -> dict[str, NDArray[np.float64]]:
    return {
        p.id: (p.low + p.high) / 2 + (p.high - p.low) / 2 * np.sin(np.arange(quanta + 1) / (3 + row))
        for row, p in enumerate(Compressor.PARAMETERS)
    }


@pytest.mark.parametrize("rate_hz", RATES)
@pytest.mark.parametrize("channels", [1, 2, 5])
def test_output_does_not_depend_on_the_size_of_the_calls(rate_hz: int, channels: int) -> None:
    x = noise(channels, 64, seed=5)
    one, all_, some = (run(Compressor(), x, rate_hz, moving(64), sizes) for sizes in ([1], [64], [3, 1, 7, 16, 2]))
    assert np.array_equal(one, all_)
    assert np.array_equal(one, some)


@pytest.mark.parametrize("parameter", Compressor.PARAMETERS, ids=lambda p: p.id)
@pytest.mark.parametrize("rate_hz", [44100, 96000])
@pytest.mark.parametrize("hard", [False, True])
def test_moving_a_parameter_makes_no_click(parameter: Parameter, rate_hz: int, hard: bool) -> None:
    """A 100 Hz sine at −6 dBFS leaves less than −80 dBFS above 8 kHz while a parameter runs through its range."""
    harsh = {"threshold_db": -60, "ratio": 20, "knee_db": 0, "attack_ms": 0.5, "release_ms": 10}
    node = Compressor(**harsh) if hard else Compressor(threshold_db=-30, ratio=3)
    x = sine(100.0, -6.0, rate_hz, 1.0, channels=2)
    quanta = x.shape[1] // QUANTUM_FRAMES
    ramp = round(parameter.ramp_ms * 1e-3 * rate_hz / QUANTUM_FRAMES)
    y = run(node, x, rate_hz, {parameter.id: glide(parameter.low, parameter.high, quanta, ramp)}, [quanta])
    above = sosfilt(butter(8, 8000.0, "highpass", fs=rate_hz, output="sos"), y, axis=1)
    settled = rate_hz // 10  # the sine itself starts with a corner
    assert np.abs(above[:, settled:]).max() < 1e-4


def test_gain_reduction_is_the_largest_of_the_last_call() -> None:
    x = sine(3000.0, -6.0, 48000, 0.4)
    node = Compressor(threshold_db=-30, ratio=4, knee_db=0, attack_ms=1, makeup_db=6)
    node(x, 48000)
    expected = -textbook_gain_db(-6 - 10 * math.log10(2), -30, 4, 0)
    assert expected == pytest.approx(15.74, abs=0.01)
    run(node, x, 48000, {}, [x.shape[1] // QUANTUM_FRAMES])
    assert node.gain_reduction_db == pytest.approx(expected, abs=0.01)
    node.reset()
    assert node.gain_reduction_db == 0.0


def test_what_is_no_number_does_no_lasting_harm() -> None:
    """NaN, Inf and 3e38 spoil no other frame, and are forgotten as fast as silence in their place."""
    x = noise(2, 200, seed=6)
    broken, silent = x.copy(), x.copy()
    broken[:, 640:642] = np.array([[np.nan, np.inf], [-np.inf, 3e38]], np.float32)
    silent[:, 640:704] = 0.0
    node = Compressor(threshold_db=-30, ratio=4, release_ms=10)
    got = node(broken, 44100)
    assert np.isfinite(np.delete(got, [640, 641], axis=1)).all()
    assert np.abs(got - node(silent, 44100))[:, 150 * QUANTUM_FRAMES :].max() < 1e-6


def test_silence_stays_silent() -> None:
    assert not Compressor(threshold_db=-60, ratio=20, makeup_db=24)(np.zeros((2, 5000), np.float32), 48000).any()
