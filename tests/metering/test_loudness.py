"""The meter reads every signal of EBU Tech 3341 (but 7 and 8, which cannot be made) and 3342 as it must."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import firwin, lfilter
from tones import RATE_HZ, Step, stereo, tone

from livemaster.dsp.kweight import BlockEnergies, design
from livemaster.metering import Measurement, Meter, energy, integrated, loudness_range, lufs, section_loudness

TENTH = 0.1 + 1e-9
HOP_FRAMES = RATE_HZ // 100
SHELF_B, SHELF_A = (
    (1.53512485958697, -2.69169618940638, 1.19839281085285),
    (
        1.0,
        -1.69065929318241,
        0.73248077421585,
    ),
)
HIGH_PASS_B, HIGH_PASS_A = (1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621)
"""BS.1770-5, tables 1 and 2."""


def read(x: NDArray[np.float32]) -> Measurement:
    meter = Meter(RATE_HZ, x.shape[0])
    meter.push(x)
    return meter.read()


def every_hop(x: NDArray[np.float32], value: Callable[[Meter], float | None]) -> list[float | None]:
    """A live value after every 10 ms."""
    meter = Meter(RATE_HZ, x.shape[0], true_peak=False)
    values = []
    for first in range(0, x.shape[1], HOP_FRAMES):
        meter.push(x[:, first : first + HOP_FRAMES])
        values.append(value(meter))
    return values


def momentary(meter: Meter) -> float | None:
    return meter.momentary_lufs


def short_term(meter: Meter) -> float | None:
    return meter.short_term_lufs


@pytest.mark.parametrize(("number", "level"), [(1, -23.0), (2, -33.0), (0, -18.0)])
def test_3341_1_2_steady_tone(number: int, level: float) -> None:
    """Number 0 is the standard's own line-up tone."""
    found = read(stereo([(20.0, level)]))
    assert found.integrated_lufs == pytest.approx(level, abs=TENTH)
    assert found.max_momentary_lufs == pytest.approx(level, abs=TENTH)
    assert found.max_short_term_lufs == pytest.approx(level, abs=TENTH)


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([(10, -36), (60, -23), (10, -36)], id="3"),
        pytest.param([(10, -72), (10, -36), (60, -23), (10, -36), (10, -72)], id="4"),
        pytest.param([(20, -26), (20.1, -20), (20, -26)], id="5"),
    ],
)
def test_3341_3_to_5_gates(steps: list[Step]) -> None:
    assert read(stereo(steps)).integrated_lufs == pytest.approx(-23.0, abs=TENTH)


@pytest.mark.parametrize("with_lfe", [False, True])
def test_3341_6_surround_with_and_without_lfe(with_lfe: bool) -> None:
    """5.0 channels; as 5.1, a loud LFE changes nothing of loudness."""
    levels = [-28.0, -28.0, -24.0, *([-6.0] if with_lfe else []), -30.0, -30.0]
    x = np.stack([tone([(20.0, level)]) for level in levels]).astype(np.float32)
    assert read(x).integrated_lufs == pytest.approx(-23.0, abs=TENTH)


def test_3341_9_short_term_is_constant_after_3_s() -> None:
    values = every_hop(stereo([(1.34, -20), (1.66, -30)] * 5), short_term)
    assert values[:299] == [None] * 299
    assert values[299:] == [pytest.approx(-23.0, abs=TENTH)] * (len(values) - 299)


@pytest.mark.parametrize("i", range(20))
def test_3341_10_max_short_term_of_3_s_at_any_offset(i: int) -> None:
    found = read(stereo([(i * 0.15, None), (3.0, -23), (1.0, None)]))
    assert found.max_short_term_lufs == pytest.approx(-23.0, abs=TENTH)


def test_3341_11_max_short_term_of_a_rising_stream() -> None:
    steps = [((i * 0.15, None), (3.0, -38.0 + i), (3.0 - i * 0.15, None)) for i in range(20)]
    values = every_hop(stereo([step for triple in steps for step in triple]), short_term)
    turns = [max(v for v in values[600 * i : 600 * i + 600] if v is not None) for i in range(20)]
    assert turns == [pytest.approx(-38.0 + i, abs=TENTH) for i in range(20)]


def test_3341_12_momentary_is_constant_after_1_s() -> None:
    values = every_hop(stereo([(0.18, -20), (0.22, -30)] * 25), momentary)
    assert values[:39] == [None] * 39
    assert values[99:] == [pytest.approx(-23.0, abs=TENTH)] * (len(values) - 99)


@pytest.mark.parametrize("i", range(20))
def test_3341_13_max_momentary_of_400_ms_at_any_offset(i: int) -> None:
    """On the 100 ms grid of the gated measures the worst of these is 0.45 LU low: so the hop is 10 ms."""
    found = read(stereo([(i * 0.02, None), (0.4, -23), (1.0, None)]))
    assert found.max_momentary_lufs == pytest.approx(-23.0, abs=TENTH)


def test_3341_14_max_momentary_of_a_rising_stream() -> None:
    steps = [((i * 0.02, None), (0.4, -38.0 + i), (0.4 - i * 0.02, None)) for i in range(20)]
    values = every_hop(stereo([step for triple in steps for step in triple]), momentary)
    turns = [max(v for v in values[80 * i : 80 * i + 80] if v is not None) for i in range(20)]
    assert turns == [pytest.approx(-38.0 + i, abs=TENTH) for i in range(20)]


def assert_true_peak(mono: NDArray[np.float64], expected_dbtp: float) -> None:
    found = read(np.tile(mono.astype(np.float32), (2, 1))).true_peak_dbtp
    assert found is not None
    assert expected_dbtp - 0.4 <= found <= expected_dbtp + 0.2


@pytest.mark.parametrize(
    ("divisor", "degrees", "amplitude", "expected_dbtp"),
    [
        pytest.param(4, 0.0, 0.50, -6.0, id="15"),
        pytest.param(4, 45.0, 0.50, -6.0, id="16"),
        pytest.param(6, 60.0, 0.50, -6.0, id="17"),
        pytest.param(8, 67.5, 0.50, -6.0, id="18"),
        pytest.param(4, 45.0, 1.41, 3.0, id="19"),
    ],
)
def test_3341_15_to_19_true_peak_of_faded_sines(
    divisor: int, degrees: float, amplitude: float, expected_dbtp: float
) -> None:
    n = np.arange(RATE_HZ)
    fade = np.clip(np.minimum(n, n[::-1]) / (0.01 * RATE_HZ), 0.0, 1.0)
    x = amplitude * fade * np.sin(2.0 * np.pi * n / divisor + np.radians(degrees))
    assert_true_peak(x, expected_dbtp)


@pytest.mark.parametrize("offset", range(4))
def test_3341_20_to_23_true_peak_of_one_period(offset: int) -> None:
    """fs/6 at 0.5 holding one period of fs/4 at 1.0, spliced where it crosses zero upwards, made at 4·fs."""
    carrier = 0.5 * np.sin(2.0 * np.pi * np.arange(24 * 500) / 24)
    burst = np.sin(2.0 * np.pi * np.arange(16) / 16)
    oversampled = lfilter(firwin(511, 0.25, window="blackman"), 1.0, np.concatenate([carrier, burst, carrier]))
    assert_true_peak(oversampled[offset::4], 0.0)


@pytest.mark.parametrize(
    ("levels", "expected_lu"),
    [
        ((-20, -30), 10.0),
        ((-20, -15), 5.0),
        ((-40, -20), 20.0),
        ((-50, -35, -20, -35, -50), 15.0),
    ],
)
def test_3342_loudness_range(levels: tuple[float, ...], expected_lu: float) -> None:
    found = read(stereo([(20.0, level) for level in levels])).loudness_range_lu
    assert found == pytest.approx(expected_lu, abs=0.1)  # the standard allows 1


def brute_force_range(frame_energies: NDArray[np.float64], rate_hz: int, hop_s: float) -> float:
    """Tech 3342 word by word, window by window."""
    window, hop = 3 * rate_hz, round(hop_s * rate_hz)
    starts = range(0, len(frame_energies) - window + 1, hop)
    loud = [mean for s in starts if (mean := frame_energies[s : s + window].mean()) >= energy(-70.0)]
    gate = np.mean(loud) / 100.0
    levels = sorted(10.0 * np.log10(mean) for mean in loud if mean >= gate)
    return float(levels[round((len(levels) - 1) * 0.95 + 1e-9)] - levels[round((len(levels) - 1) * 0.10 + 1e-9)])


def test_loudness_range_moves_by_100_ms_and_this_signal_tells() -> None:
    """Windows must overlap by 2.9 s since 2016; the four signals above read the same with any hop."""
    rng = np.random.default_rng(3342)
    steps = [(rng.uniform(0.2, 2.5), rng.uniform(-45.0, -15.0)) for _ in range(25)]
    x = stereo(steps)
    y = lfilter(HIGH_PASS_B, HIGH_PASS_A, lfilter(SHELF_B, SHELF_A, x.astype(np.float64)))
    frame_energies = np.sum(y * y, axis=0)
    found = read(x).loudness_range_lu
    assert found == pytest.approx(brute_force_range(frame_energies, RATE_HZ, 0.1), abs=1e-6)
    for wrong_hop_s in (0.2, 0.5, 1.0):
        assert abs(brute_force_range(frame_energies, RATE_HZ, wrong_hop_s) - found) > 0.02


def test_k_weighting_at_48_khz_is_the_table() -> None:
    numerator = np.convolve(SHELF_B, HIGH_PASS_B)
    expected = [*numerator, *SHELF_A[1:], *HIGH_PASS_A[1:]]
    assert design(RATE_HZ).tolist() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("rate_hz", "tolerance_lu"),
    [(8000, 0.05), (22_050, 0.05), (44_100, 0.005), (48_000, 0.005), (192_000, 0.05)],
)
def test_full_scale_997_hz_in_one_front_channel_reads_3_01(rate_hz: int, tolerance_lu: float) -> None:
    x = np.zeros((2, 5 * rate_hz), np.float32)
    x[0] = tone([(5.0, 0.0)], 997.0, rate_hz)
    meter = Meter(rate_hz, 2)
    meter.push(x)
    assert meter.read().integrated_lufs == pytest.approx(-3.01, abs=tolerance_lu)


def brute_force_integrated(energies: NDArray[np.float64]) -> float:
    """BS.1770-5 word by word."""
    blocks = [float(np.mean(energies[k : k + 4])) for k in range(len(energies) - 3)]
    above = [z for z in blocks if -0.691 + 10.0 * np.log10(z) > -70.0]
    gate = -0.691 + 10.0 * np.log10(np.mean(above)) - 10.0
    return float(-0.691 + 10.0 * np.log10(np.mean([z for z in above if -0.691 + 10.0 * np.log10(z) > gate])))


@pytest.mark.parametrize("seed", range(20))
def test_integrated_equals_the_standard_word_by_word(seed: int) -> None:
    energies = 10.0 ** np.random.default_rng(seed).uniform(-9.0, -1.0, 200)
    assert integrated(energies) == pytest.approx(brute_force_integrated(energies), abs=1e-9)


@pytest.mark.parametrize("measured", [integrated, loudness_range])
def test_the_absolute_gate_stands_at_70(measured: Callable[[NDArray[np.float64]], float | None]) -> None:
    """For both measures: what is 0.01 LU below is silence, what is 0.01 LU above is a programme."""
    assert measured(np.full(100, energy(-70.01))) is None
    assert measured(np.full(100, energy(-69.99))) == pytest.approx(-69.99 if measured is integrated else 0.0)
    both = np.array([energy(-69.99)] * 300 + [energy(-70.01)] * 300)
    assert measured(both) == pytest.approx(-69.99 if measured is integrated else 0.0, abs=0.001)


@pytest.mark.parametrize("broken", [math.inf, math.nan])
@pytest.mark.parametrize("measured", [integrated, loudness_range])
def test_windows_that_hold_no_number_do_not_count(
    measured: Callable[[NDArray[np.float64]], float | None], broken: float
) -> None:
    energies = energy(-30.0) * 10.0 ** (np.arange(200) * 0.002)
    expected = measured(energies)
    assert measured(np.concatenate([energies, [broken], np.zeros(40)])) == pytest.approx(expected, abs=0.2)
    assert measured(np.full(100, broken)) is None


def halves(away_lu: float) -> NDArray[np.float64]:
    """A programme of which one half is so much softer than the other."""
    return np.array([energy(-20.0)] * 5000 + [energy(-20.0 - away_lu)] * 5000)


@pytest.mark.parametrize(("measured", "gate_lu"), [(integrated, 10.0), (loudness_range, 20.0)])
def test_the_relative_gate_stands_so_far_below_the_mean_of_all(
    measured: Callable[[NDArray[np.float64]], float], gate_lu: float
) -> None:
    """The softer half counts until it is 0.05 LU from the gate, and no longer."""
    edge_lu = gate_lu - 10.0 * np.log10(0.5 * (1.0 + 10.0 ** (-gate_lu / 10.0 - 0.3)))
    inside, outside = (measured(halves(edge_lu + away)) for away in (-0.05, 0.05))
    assert abs(inside - outside) > 2.5  # LU: of the mean by the half that counts no more, of the range all of it


def test_the_range_goes_from_the_10th_to_the_95th_percentile() -> None:
    """Of a programme that rises by equal steps in LU, whose windows do as well."""
    energies = energy(-40.0) * 10.0 ** (np.arange(1029) * 0.001)
    assert loudness_range(energies) == pytest.approx(0.85 * 999 * 0.01, abs=0.006)


@pytest.mark.parametrize(("measured", "tenths"), [(integrated, 4), (loudness_range, 30)])
def test_a_programme_is_as_long_as_one_window_at_least(
    measured: Callable[[NDArray[np.float64]], float | None], tenths: int
) -> None:
    assert measured(np.full(tenths - 1, energy(-20.0))) is None
    assert measured(np.full(tenths, energy(-20.0))) is not None


def test_scaled_energies_foresee_a_gain() -> None:
    """What the solver counts on: energies times gain² read as the programme would at that gain."""
    x = stereo([(5.0, -20), (5.0, -33), (5.0, -23), (5.0, -60)])
    meter, quieter = Meter(RATE_HZ, 2), Meter(RATE_HZ, 2)
    meter.push(x)
    quieter.push(np.float32(0.25) * x)
    foreseen = meter.energies * 0.25**2
    assert integrated(foreseen) == pytest.approx(quieter.read().integrated_lufs, abs=1e-9)
    assert loudness_range(foreseen) == pytest.approx(quieter.read().loudness_range_lu, abs=1e-9)


def test_section_loudness_is_that_of_the_section_alone() -> None:
    meter = Meter(RATE_HZ, 2)
    meter.push(stereo([(5.0, -20), (5.0, -33), (5.0, -23)]))
    assert section_loudness(meter.energies, 5.1, 10.0) == pytest.approx(-33.0, abs=TENTH)
    assert section_loudness(meter.energies, 10.1, 15.0) == pytest.approx(-23.0, abs=TENTH)
    assert section_loudness(meter.energies, 10.0, 10.3) is None
    assert section_loudness(meter.energies, 20.0, 30.0) is None


def test_lufs_and_energy_are_inverse_and_silence_has_none() -> None:
    assert lufs(energy(-23.0)) == pytest.approx(-23.0, abs=1e-12)
    assert [lufs(0.0), lufs(float("nan")), lufs(float("inf"))] == [None, None, None]


def test_blocks_of_any_length_hold_the_energy_and_the_peak_of_their_frames() -> None:
    """The same kernel with bins of whole frames, as the solver uses it."""
    x = np.random.default_rng(1).standard_normal((2, 10_000)).astype(np.float32)
    energies, peaks = BlockEnergies(RATE_HZ, 2, 441).push(x)
    y = lfilter(HIGH_PASS_B, HIGH_PASS_A, lfilter(SHELF_B, SHELF_A, x.astype(np.float64)))
    whole = slice(0, 10_000 // 441 * 441)
    expected = np.mean((y * y).sum(axis=0)[whole].reshape(-1, 441), axis=1)
    assert energies.tolist() == pytest.approx(expected.tolist(), rel=1e-9)
    assert peaks.tolist() == np.abs(x).max(axis=0)[whole].reshape(-1, 441).max(axis=1).tolist()
