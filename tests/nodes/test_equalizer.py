"""The equalizer: exact against RBJ's biquads in float64, neutrality, stability and silence while swept."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.signal
from node_rig import CLICK_LIMIT_DBFS, STARTS, gliding, noise, residue_dbfs, run, sine, still
from numba.core import event

from livemaster.dsp.svf import (
    BELL,
    HIGH_SHELF,
    HIGHPASS,
    LOW_SHELF,
    MEMORY,
    STATE,
    at_edges,
    run_moving,
    run_still,
)
from livemaster.errors import GraphError, SettingsError, UnknownNameError
from livemaster.nodes.equalizer import Equalizer
from livemaster.units import QUANTUM_FRAMES

RATES = (44100, 48000, 96000, 192000)
ERROR_LIMIT_DB = -120.0

BANDS = {
    "highpass": ({"highpass_amount": 1.0, "highpass_hz": 25.0}, ("highpass", 0.0, 25.0, math.sqrt(0.5))),
    "deep low shelf": ({"low_shelf_db": 3.0, "low_shelf_hz": 30.0}, ("low_shelf", 3.0, 30.0, math.sqrt(0.5))),
    "low shelf": ({"low_shelf_db": -18.0}, ("low_shelf", -18.0, 100.0, math.sqrt(0.5))),
    "mid bell": ({"mid_bell_db": 6.0}, ("bell", 6.0, 1000.0, 0.7)),
    "high shelf": (
        {"high_shelf_db": 18.0, "high_shelf_hz": 9000.0},
        ("high_shelf", 18.0, 9000.0, math.sqrt(0.5)),
    ),
    "narrow bell": ({"bell_1_db": 18.0, "bell_1_hz": 20.0, "bell_1_q": 8.0}, ("bell", 18.0, 20.0, 8.0)),
    "notch": ({"bell_2_db": -18.0, "bell_2_hz": 15000.0, "bell_2_q": 4.0}, ("bell", -18.0, 15000.0, 4.0)),
}
TOGETHER = [case for name, case in BANDS.items() if name != "low shelf"]  # one low shelf is all there is
ALL_SETTINGS = {k: v for settings, _ in TOGETHER for k, v in settings.items()}
ALL_BANDS = [band for _, band in TOGETHER]


def rbj(kind: str, gain_db: float, hz: float, q: float, rate_hz: float) -> np.ndarray:
    """One second-order section (float64), as printed in the Audio EQ Cookbook."""
    a = 10 ** (gain_db / 40)
    w = 2 * math.pi * hz / rate_hz
    cos, alpha = math.cos(w), math.sin(w) / (2 * q)
    root = 2 * math.sqrt(a) * alpha
    sign = 1 if kind == "low_shelf" else -1
    if kind == "highpass":
        b = [(1 + cos) / 2, -(1 + cos), (1 + cos) / 2]
        d = [1 + alpha, -2 * cos, 1 - alpha]
    elif kind == "bell":
        b = [1 + alpha * a, -2 * cos, 1 - alpha * a]
        d = [1 + alpha / a, -2 * cos, 1 - alpha / a]
    else:
        p, m = a + 1, a - 1
        b = [
            a * (p - sign * m * cos + root),
            2 * sign * a * (m - sign * p * cos),
            a * (p - sign * m * cos - root),
        ]
        d = [p + sign * m * cos + root, -2 * sign * (m + sign * p * cos), p + sign * m * cos - root]
    return np.array([[*b, *d]]) / d[0]


def reference(bands, rate_hz: int) -> np.ndarray:
    return np.concatenate([rbj(*band, rate_hz) for band in bands])


def error_db(y: np.ndarray, expected: np.ndarray) -> float:
    return 10 * math.log10(np.mean((y - expected) ** 2) / np.mean(expected**2))


def probes(rate_hz: int) -> list[np.ndarray]:
    """White noise and sines from 20 Hz to 0.45 of the rate, at −6 dBFS."""
    frames = 32768
    uniform = np.random.default_rng(3).uniform(-0.5, 0.5, (2, frames)).astype(np.float32)
    return [uniform, *(sine(frames, hz, rate_hz) for hz in (20, 1000, 0.45 * rate_hz))]


@pytest.mark.parametrize("rate_hz", RATES)
@pytest.mark.parametrize("name", BANDS)
def test_each_band_equals_the_float64_biquad_within_120_db(name, rate_hz):
    settings, band = BANDS[name]
    for x in probes(rate_hz):
        expected = scipy.signal.sosfilt(reference([band], rate_hz), x.astype(np.float64))
        assert error_db(Equalizer(bells=2, **settings)(x, rate_hz), expected) < ERROR_LIMIT_DB


@pytest.mark.parametrize("rate_hz", RATES)
def test_all_bands_in_a_row_equal_the_float64_biquads_within_120_db(rate_hz):
    for x in probes(rate_hz):
        expected = scipy.signal.sosfilt(reference(ALL_BANDS, rate_hz), x.astype(np.float64))
        assert error_db(Equalizer(bells=2, **ALL_SETTINGS)(x, rate_hz), expected) < ERROR_LIMIT_DB


@pytest.mark.parametrize("rate_hz", RATES)
def test_the_declared_response_is_that_of_the_biquads(rate_hz):
    node = Equalizer(bells=2, **ALL_SETTINGS)
    node.prepare(rate_hz, 2, 1)
    hz = np.geomspace(20, 0.45 * rate_hz, 500)
    _, expected = scipy.signal.sosfreqz(reference(ALL_BANDS, rate_hz), hz, fs=rate_hz)
    assert node.response(hz) == pytest.approx(expected, rel=1e-6)


def test_a_half_open_high_pass_is_half_way_between_its_input_and_its_output():
    x = noise(8192)
    half = Equalizer(highpass_amount=0.5, highpass_hz=200.0)(x, 48000)
    full = Equalizer(highpass_amount=1.0, highpass_hz=200.0)(x, 48000)
    assert half == pytest.approx((x + full) / 2, abs=1e-6)


@pytest.mark.parametrize("rate_hz", [8000, 44100, 192000])
def test_frequencies_beyond_the_rate_are_clamped_below_half_of_it(rate_hz):
    node = Equalizer(bells=1, high_shelf_db=6.0, high_shelf_hz=20000.0, bell_1_db=18.0, bell_1_hz=20000.0, bell_1_q=8.0)
    hz = min(20000.0, 0.49 * rate_hz)
    bands = [("high_shelf", 6.0, hz, math.sqrt(0.5)), ("bell", 18.0, hz, 8.0)]
    x = noise(8192)
    expected = scipy.signal.sosfilt(reference(bands, rate_hz), x.astype(np.float64))
    assert error_db(node(x, rate_hz), expected) < ERROR_LIMIT_DB


@pytest.mark.parametrize("channels", [1, 2])
def test_neutral_bands_pass_bit_for_bit_wherever_their_frequencies_go(channels):
    node = Equalizer(bells=4)
    node.prepare(48000, channels, 256)
    values = still(node, 300)
    rng = np.random.default_rng(2)
    for row, p in enumerate(node.parameters):
        if not p.id.endswith(("_db", "_amount")):
            values[row] = rng.uniform(p.low, p.high, 301)
    x = noise(300 * QUANTUM_FRAMES, channels)
    assert np.array_equal(run(node, x, values), x)


def test_a_band_that_comes_back_to_0_db_leaves_no_trace():
    node = Equalizer()
    node.prepare(48000, 2, 256)
    x = noise(200 * QUANTUM_FRAMES)
    values = still(node, 200)
    values[2, 50:100] = 6.0
    y = run(node, x, values)
    unchanged = np.all(y == x, axis=0).reshape(200, QUANTUM_FRAMES).all(axis=1)
    assert np.flatnonzero(~unchanged).tolist() == list(range(49, 100))


def test_a_band_that_comes_back_starts_from_rest_whatever_it_did_before():
    node = Equalizer()
    node.prepare(48000, 2, 256)
    x = noise(100 * QUANTUM_FRAMES)
    values = still(node, 100)
    values[2, 60:] = np.linspace(0, 6, 41)
    fresh = run(node, x, values)
    node.reset()
    values[2, :50] = 12.0
    assert np.array_equal(run(node, x, values)[:, 50 * QUANTUM_FRAMES :], fresh[:, 50 * QUANTUM_FRAMES :])


def wandering(node, quanta: int, seed: int = 4) -> np.ndarray:
    """Every parameter in turn resting at its default, held, and jumping anywhere in its range."""
    rng = np.random.default_rng(seed)
    values = still(node, quanta)
    for row, p in enumerate(node.parameters):
        at = 0
        while at <= quanta:
            stop = at + int(rng.integers(1, 20))
            mode = rng.integers(3)
            if mode == 1:
                values[row, at:stop] = rng.uniform(p.low, p.high)
            elif mode == 2:
                values[row, at:stop] = rng.uniform(p.low, p.high, values[row, at:stop].size)
            at = stop
    return values


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("bells", [0, 1, 4])
def test_the_number_of_quanta_in_a_call_does_not_change_a_bit(bells, channels):
    node = Equalizer(bells=bells)
    node.prepare(44100, channels, 300)
    x = noise(300 * QUANTUM_FRAMES, channels)
    values = wandering(node, 300)
    whole = run(node, x, values, 300)
    for quanta_at_once in (1, 3, 8, 256):
        node.reset()
        assert np.array_equal(run(node, x, values, quanta_at_once), whole)


def test_mono_is_the_left_channel_of_stereo():
    x = noise(100 * QUANTUM_FRAMES)
    node = Equalizer(low_shelf_db=4.0, mid_bell_db=-3.0, high_shelf_db=2.0)
    assert np.array_equal(node(x[0], 48000), node(x, 48000)[0])


def test_no_sweep_ever_lengthens_the_state():
    """Without input the state vector's length never grows, however wildly gain, frequency and Q jump."""
    rng = np.random.default_rng(6)
    work = np.zeros((2, QUANTUM_FRAMES))
    for kind in (HIGHPASS, LOW_SHELF, BELL, HIGH_SHELF):
        memory = np.zeros(MEMORY)
        memory[STATE:] = (1.0, 0.5, -1.0, 0.25)
        old = (6.0, 100.0, 1.0)
        for _ in range(300):
            length = np.hypot(memory[STATE], memory[STATE + 1])
            new = (rng.uniform(-18, 18), 10 ** rng.uniform(0, 5), 10 ** rng.uniform(-2, 2))
            moving = at_edges(kind, *old, *new, 48000.0, memory)
            assert moving
            work[:] = 0.0
            run_moving(work, memory)
            assert np.hypot(memory[STATE], memory[STATE + 1]) <= length * (1 + 1e-12)
            old = new


def test_a_band_that_stands_still_gives_the_bits_of_one_that_moves_nowhere():
    rng = np.random.default_rng(8)
    memory = np.zeros(MEMORY)
    assert not at_edges(BELL, 6.0, 500.0, 1.0, 6.0, 500.0, 1.0, 48000.0, memory)
    memory[9:15] = memory[3:9]
    other = memory.copy()
    still_work = rng.standard_normal((2, QUANTUM_FRAMES))
    moving_work = still_work.copy()
    run_still(still_work, memory)
    run_moving(moving_work, other)
    assert np.array_equal(still_work, moving_work)


def test_state_that_has_died_away_or_is_no_number_becomes_zero_at_a_quantum_edge():
    memory = np.zeros(MEMORY)
    memory[STATE:] = (1e-29, -9e-31, np.nan, -np.inf)
    at_edges(BELL, 6.0, 500.0, 1.0, 6.0, 500.0, 1.0, 48000.0, memory)
    assert memory[STATE:].tolist() == [1e-29, 0.0, 0.0, 0.0]


HARD = {
    "low_shelf_hz": 1000.0,
    "mid_bell_hz": 100.0,
    "bell_1_hz": 100.0,
    "bell_1_q": 8.0,
    "highpass_hz": 100.0,
}
MOVES = [
    ({"highpass_amount": (0.0, 1.0)}, HARD),
    ({"highpass_hz": (10.0, 1000.0)}, {"highpass_amount": 1.0}),
    ({"low_shelf_db": (0.0, 18.0)}, {}),
    ({"low_shelf_db": (-18.0, 18.0)}, HARD),
    ({"low_shelf_hz": (20.0, 1000.0)}, {"low_shelf_db": 18.0}),
    ({"mid_bell_db": (-18.0, 18.0)}, HARD),
    ({"mid_bell_hz": (100.0, 10000.0)}, {"mid_bell_db": 18.0, "mid_bell_q": 5.0}),
    ({"mid_bell_q": (0.2, 5.0)}, {"mid_bell_db": 18.0, "mid_bell_hz": 100.0}),
    ({"high_shelf_db": (-18.0, 18.0)}, {"high_shelf_hz": 1000.0}),
    ({"high_shelf_hz": (1000.0, 20000.0)}, {"high_shelf_db": 18.0}),
    ({"bell_1_db": (-18.0, 18.0)}, HARD),
    ({"bell_1_hz": (20.0, 20000.0)}, {"bell_1_db": 18.0, "bell_1_q": 8.0}),
    ({"bell_1_q": (0.2, 8.0)}, {"bell_1_db": 18.0, "bell_1_hz": 100.0}),
    ({"low_shelf_db": (0.0, 6.0), "mid_bell_db": (0.0, -6.0), "high_shelf_db": (6.0, 0.0)}, {}),
]


@pytest.mark.parametrize(("moves", "settings"), MOVES, ids=lambda case: "+".join(case))
def test_no_full_range_move_of_a_parameter_clicks(moves, settings):
    node = Equalizer(bells=1)
    node.prepare(48000, 2, 256)
    x = sine(400 * QUANTUM_FRAMES)
    for way in (moves, {k: v[::-1] for k, v in moves.items()}):
        for start in STARTS:
            node.reset()
            y = run(node, x, gliding(node, 400, way, 48000, start, **settings))
            assert residue_dbfs(y) < CLICK_LIMIT_DBFS


def test_silence_stays_exact_silence_at_any_setting():
    node = Equalizer(bells=4)
    node.prepare(48000, 2, 256)
    x = np.zeros((2, 300 * QUANTUM_FRAMES), np.float32)
    assert not run(node, x, wandering(node, 300)).any()


def test_the_end_of_a_sound_decays_to_exact_silence():
    node = Equalizer(low_shelf_db=12.0, mid_bell_db=-6.0, high_shelf_db=6.0, highpass_amount=1.0)
    x = noise(96000)
    x[:, 24000:] = 0.0
    assert not node(x, 48000)[:, -QUANTUM_FRAMES:].any()


@pytest.mark.parametrize("gain_db", [-18.0, 18.0])
@pytest.mark.parametrize("q", [0.2, 8.0])
def test_after_its_tail_nothing_above_minus_120_db_is_left(gain_db, q):
    node = Equalizer(bells=1, bell_1_db=gain_db, bell_1_hz=20.0, bell_1_q=q, low_shelf_db=gain_db, low_shelf_hz=20.0)
    node.prepare(8000, 1, 256)
    x = np.zeros((1, 8000 + node.tail + 64), np.float32)
    x[:, :8000] = sine(8000, 20.0, 8000, 1, peak=1.0)
    assert np.abs(node(x, 8000)[:, 8000 + node.tail :]).max() < 1e-6


@pytest.mark.parametrize("garbage", [np.nan, np.inf, -np.inf])
def test_garbage_on_one_channel_is_forgotten_and_never_reaches_the_other(garbage):
    node = Equalizer(low_shelf_db=6.0, mid_bell_db=3.0, highpass_amount=1.0)
    node.prepare(48000, 2, 256)
    x = noise(800 * QUANTUM_FRAMES)
    values = still(node, 800)
    clean = run(node, x, values)
    node.reset()
    x[0, 100 * QUANTUM_FRAMES + 5] = garbage
    y = run(node, x, values)
    assert np.array_equal(y[1], clean[1])
    assert np.isfinite(y[0, 101 * QUANTUM_FRAMES :]).all()
    assert y[0, 600 * QUANTUM_FRAMES :] == pytest.approx(clean[0, 600 * QUANTUM_FRAMES :], abs=1e-6)


def test_reset_is_time_zero():
    node = Equalizer(low_shelf_db=6.0)
    x = noise(20 * QUANTUM_FRAMES)
    first = node(x, 48000)
    values = still(node, 20)
    run(node, x[:, ::-1].copy(), values)
    node.reset()
    assert np.array_equal(run(node, x, values), first)


def test_process_compiles_nothing():
    node = Equalizer(bells=2)
    node.prepare(48000, 2, 256)
    with event.install_recorder("numba:compile") as recorder:
        run(node, noise(100 * QUANTUM_FRAMES), wandering(node, 100))
        node.prepare(44100, 1, 256)
        run(node, noise(100 * QUANTUM_FRAMES, 1), wandering(node, 100))
    assert recorder.buffer == []


def test_only_one_or_two_channels():
    with pytest.raises(GraphError, match="1 or 2 channels, not on 3"):
        Equalizer().prepare(48000, 3, 1)


@pytest.mark.parametrize("bells", [-1, 5, 1.5, "2"])
def test_the_number_of_bells_is_checked(bells):
    with pytest.raises(SettingsError, match="0 to 4"):
        Equalizer(bells=bells)


def test_a_bell_that_is_not_there_cannot_be_set():
    with pytest.raises(UnknownNameError, match="bell_1_db"):
        Equalizer(bells=1, bell_2_db=3.0)
