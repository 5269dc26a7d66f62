"""The saturator: harmonics without aliases, the bare input where there is no saturation, and no click in between."""

from __future__ import annotations

import math

import numpy as np
import pytest
from node_rig import CLICK_LIMIT_DBFS, gliding, noise, residue_dbfs, run, sine, still

from livemaster.dsp.halfband import response
from livemaster.dsp.saturator import LONG_PAIRS, SHORT_PAIRS
from livemaster.nodes.saturator import Saturator
from livemaster.units import QUANTUM_FRAMES

RATES = (8000, 22050, 44100, 48000, 88200, 96000, 192000)


def prepared(rate_hz: int, channels: int = 2, **settings: float) -> Saturator:
    node = Saturator(**settings)
    node.prepare(rate_hz, channels, 256)
    return node


def spectrum_of_tone(hz: int, peak_db: float, saturation: float, rate_hz: int) -> np.ndarray:
    """Amplitudes at 0, 1, 2, … Hz of a saturated sine; it is periodic in the second that is looked at."""
    x = 10 ** (peak_db / 20) * np.sin(2 * np.pi * hz / rate_hz * np.arange(rate_hz * 3 // 2))
    y = Saturator(saturation=saturation)(x[None].astype(np.float32), rate_hz)[0].astype(np.float64)
    start = rate_hz // 4  # past the start and the end of the sine
    return np.abs(np.fft.rfft(y[start : start + rate_hz])) * 2 / rate_hz


def shaped(x: np.ndarray, saturation: float) -> np.ndarray:
    """The static curve by its formula."""
    drive = 10 ** (5 * saturation / 20)
    u = np.clip(drive * x, -3, 3)
    return (1 - saturation) * x + saturation / drive * u * (27 + u**2) / (27 + 9 * u**2)


def doubled(x: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Twice the rate, no delay: zeros put in between, then the half-band filter written as one long kernel."""
    y = np.zeros(2 * x.size)
    y[::2] = x
    return np.convolve(y, half_band(pairs), "same")


def halved(x: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    return np.convolve(x, half_band(pairs) / 2, "same")[::2]


def half_band(pairs: np.ndarray) -> np.ndarray:
    kernel = np.zeros(4 * pairs.size - 1)
    kernel[2 * pairs.size :: 2] = pairs
    kernel += kernel[::-1]
    kernel[2 * pairs.size - 1] = 1.0
    return kernel


@pytest.mark.parametrize("rate_hz", RATES)
def test_no_saturation_is_the_input_bit_for_bit(rate_hz: int):
    x = noise(5000, 2, level=1.0)
    assert np.array_equal(Saturator()(x, rate_hz), x)


@pytest.mark.parametrize("rate_hz", RATES)
def test_back_at_zero_it_is_the_input_again(rate_hz: int):
    """From the second quantum without saturation on."""
    node = prepared(rate_hz)
    x = noise(60 * QUANTUM_FRAMES)
    values = still(node, 60)
    values[0, 10:30] = 0.8
    y = run(node, x, values)
    begin, end, late = 10 * QUANTUM_FRAMES, 31 * QUANTUM_FRAMES, node.latency
    assert np.array_equal(y[:, late : begin - QUANTUM_FRAMES], x[:, : begin - QUANTUM_FRAMES - late])
    assert np.abs(y[:, begin + late : end] - x[:, begin : end - late]).max() > 0.01
    assert np.array_equal(y[:, end:], x[:, end - late : -late])


@pytest.mark.parametrize("rate_hz", [44100, 96000])
def test_rest_leaves_no_trace_in_what_follows(rate_hz: int):
    """Waking up, the saturator sounds as if it had run all the time."""
    node = prepared(rate_hz)
    x = noise(80 * QUANTUM_FRAMES)
    outputs = []
    for least in (0.0, 1e-9):
        values = still(node, 80)
        values[0] = np.interp(np.arange(81), [30, 31, 50, 51, 60, 70], [least, 0.9, 0.9, least, least, 0.7])
        node.reset()
        outputs.append(run(node, x, values))
    assert np.abs(outputs[0] - outputs[1]).max() < 1e-7


@pytest.mark.parametrize(("rate_hz", "latency"), [(44100, 35), (48000, 35), (88200, 31), (192000, 31)])
def test_latency_is_a_constant_of_the_rate(rate_hz: int, latency: int):
    assert prepared(rate_hz).latency == latency


@pytest.mark.parametrize("rate_hz", [44100, 96000])
@pytest.mark.parametrize("saturation", [0.1, 0.5, 1.0])
def test_it_is_its_twin_of_long_convolutions(rate_hz: int, saturation: float):
    """Input plus what doubling, shaping by the formula and halving in float64 make of it, within float32 rounding."""
    x = noise(4000, 1, level=0.7)
    filters = [LONG_PAIRS, SHORT_PAIRS] if rate_hz < 88200 else [LONG_PAIRS]
    high = x[0].astype(np.float64)
    for pairs in filters:
        high = doubled(high, pairs)
    distortion = shaped(high, saturation) - high
    for pairs in reversed(filters):
        distortion = halved(distortion, pairs)
    y = Saturator(saturation=saturation)(x, rate_hz)[0]
    inner = slice(100, -100)
    assert y[inner] == pytest.approx((x[0] + distortion)[inner], abs=5e-7)


def test_low_tones_follow_the_formula():
    """Far below the Nyquist frequency the output is the static curve of the input."""
    x = 2.5 * np.sin(2 * np.pi * 50 / 48000 * np.arange(9600))
    y = Saturator(saturation=0.8)(x[None].astype(np.float32), 48000)[0]
    assert y[100:-100] == pytest.approx(shaped(x, 0.8)[100:-100], abs=1e-5)


@pytest.mark.parametrize("saturation", [0.2, 0.5, 1.0])
def test_the_curve_is_monotone_and_never_louder(saturation: float):
    """Over steps from −8 to 8, each held until the filters have settled."""
    levels = np.linspace(-8, 8, 321).astype(np.float32)
    y = Saturator(saturation=saturation)(np.repeat(levels, 256)[None], 44100)[0, 128::256]
    assert (np.diff(y) >= -2 * np.spacing(levels[-1])).all()  # where the curve is flat, float32 rounds
    assert (np.abs(y) <= np.abs(levels) * (1 + 1e-6)).all()
    assert y == pytest.approx(shaped(levels.astype(np.float64), saturation), abs=2e-6)


@pytest.mark.parametrize("rate_hz", [44100, 48000, 96000, 192000])
@pytest.mark.parametrize("peak_db", [0.0, -6.0])
@pytest.mark.parametrize("saturation", [0.25, 0.5, 0.75])
def test_aliases_of_9_khz_lie_80_db_below_it(rate_hz: int, peak_db: float, saturation: float):
    """Every line of the spectrum that is no harmonic."""
    lines = spectrum_of_tone(9000, peak_db, saturation, rate_hz)
    tone = lines[9000]
    lines[9000::9000] = 0.0
    assert lines.max() <= tone * 10 ** (-80 / 20)


@pytest.mark.parametrize("hz", [3001, 5003, 6007, 7001, 10007, 12007, 14009, 16001])
def test_aliases_of_other_tones_lie_80_db_below_them(hz: int):
    """At 44.1 kHz, but for tones whose third harmonic lies just above the Nyquist frequency (7.4 to 8.6 kHz)."""
    lines = spectrum_of_tone(hz, 0.0, 0.75, 44100)
    tone = lines[hz]
    lines[hz::hz] = 0.0
    assert lines.max() <= tone * 10 ** (-80 / 20)


@pytest.mark.parametrize("rate_hz", [44100, 96000])
def test_harmonics_grow_with_saturation_and_reach_one_percent_at_half(rate_hz: int):
    """1 kHz at −6 dBFS: odd harmonics only, ≥ 1 % at 0.5."""
    shares = []
    for saturation in (0.0, 0.1, 0.25, 0.5, 0.75, 1.0):
        lines = spectrum_of_tone(1000, -6.0, saturation, rate_hz)
        shares.append(math.sqrt((lines[2000::1000] ** 2).sum()) / lines[1000])
        assert lines[2000::2000].max() < 1e-7
        assert lines[0] < 1e-7
    assert shares == sorted(shares)
    assert shares[0] < 1e-6
    assert shares[3] >= 0.01


def test_small_signals_keep_their_level():
    """−60 dBFS passes within 0.0001 dB at any saturation."""
    for saturation in (0.3, 1.0):
        lines = spectrum_of_tone(1000, -60.0, saturation, 44100)
        assert 20 * math.log10(lines[1000]) == pytest.approx(-60.0, abs=1e-4)


def test_inversion_inverts_the_output_bit_for_bit():
    x = noise(6400)
    node = Saturator(saturation=0.7)
    assert np.array_equal(node(-x, 44100), -node(x, 44100))


@pytest.mark.parametrize("rate_hz", RATES)
@pytest.mark.parametrize("channels", [1, 2, 3])
def test_output_does_not_depend_on_the_size_of_the_calls(rate_hz: int, channels: int):
    node = prepared(rate_hz, channels)
    x = noise(70 * QUANTUM_FRAMES, channels)
    values = still(node, 70)
    values[0] = np.clip(np.sin(np.arange(71) / 4), 0, 1)  # with rests
    outputs = []
    for size in (1, 70, 7):
        node.reset()
        outputs.append(run(node, x, values, size))
    assert np.array_equal(outputs[0], outputs[1])
    assert np.array_equal(outputs[0], outputs[2])


@pytest.mark.parametrize("rate_hz", [44100, 48000])
@pytest.mark.parametrize("start", [150, 151, 153, 157])
def test_moving_the_saturation_makes_no_click(rate_hz: int, start: int):
    node = prepared(rate_hz)
    x = sine(400 * QUANTUM_FRAMES, rate_hz=rate_hz)
    for move in ((0.0, 1.0), (1.0, 0.0)):
        node.reset()
        y = run(node, x, gliding(node, 400, {"saturation": move}, rate_hz, start))
        assert residue_dbfs(y, rate_hz) < CLICK_LIMIT_DBFS


@pytest.mark.parametrize("level", [1.0, 10.0, 1e3, 1e6, 1e30])
@pytest.mark.parametrize("rate_hz", [44100, 96000])
def test_far_above_full_scale_it_stays_below_the_input(level: float, rate_hz: int):
    """Noise, squares and single frames come out finite and with no larger peak than they went in."""
    frames = np.arange(6400)
    single = np.where(frames == 3000, 1.0, 0.0)
    for wave in (noise(6400, 1)[0], np.sign(np.sin(frames / 9.7)), single, (-1.0) ** frames):
        x = (level * wave).astype(np.float32)[None]
        for saturation in (0.5, 1.0):
            y = Saturator(saturation=saturation)(x, rate_hz)
            assert np.isfinite(y).all()
            assert np.abs(y).max() <= np.abs(x).max()


def test_what_is_no_number_is_over_with_its_quanta():
    x = noise(40 * QUANTUM_FRAMES)
    node = Saturator(saturation=0.5)
    clean = node(x, 44100)
    x[0, 1000] = np.nan
    y = node(x, 44100)
    assert np.array_equal(y[:, 1000 + 4 * QUANTUM_FRAMES :], clean[:, 1000 + 4 * QUANTUM_FRAMES :])
    assert np.array_equal(y[1], clean[1])


@pytest.mark.parametrize("rate_hz", [44100, 96000])
def test_silence_follows_within_the_tail(rate_hz: int):
    node = prepared(rate_hz, saturation=1.0)
    x = noise(20 * QUANTUM_FRAMES)
    x[:, 500:] = 0.0
    y = run(node, x, still(node, 20))
    assert y[:, 500 + node.latency - 5 : 500 + node.latency].any()
    assert not y[:, 500 + node.latency + node.tail :].any()


@pytest.mark.parametrize(
    ("pairs", "stop_of_rate", "least_db"), [(LONG_PAIRS, 0.29, -67.9), (SHORT_PAIRS, 0.375, -54.2)]
)
def test_half_band_filters_stop_what_they_claim(pairs: np.ndarray, stop_of_rate: float, least_db: float):
    """And pass its mirror image as evenly: their gains add up to 1 around a quarter of the rate."""
    above = np.linspace(stop_of_rate, 0.5, 2000)
    stop, passed = response(pairs, above), response(pairs, 0.5 - above)
    assert 20 * np.log10(np.abs(stop).max()) < least_db
    assert stop + passed == pytest.approx(np.ones(2000), abs=1e-6)
