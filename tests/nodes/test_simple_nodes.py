"""Gain, DcBlocker, Width, Delay, Mix, Blend, MidSide: exact at rest, alike for any call size, free of clicks."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.signal
from node_rig import CLICK_LIMIT_DBFS, STARTS, gliding, noise, residue_dbfs, run, sine, still
from numba.core import event

from livemaster.dsp.delay import DelayLine
from livemaster.dsp.sanitize import LIMIT, sanitize
from livemaster.errors import GraphError, SettingsError, UnknownNameError
from livemaster.nodes.dc_blocker import DcBlocker
from livemaster.nodes.delay import Delay
from livemaster.nodes.gain import Gain
from livemaster.nodes.midside import MidSide
from livemaster.nodes.mix import Blend, Mix
from livemaster.nodes.width import Width
from livemaster.units import QUANTUM_FRAMES

RATES = (8000, 44100, 48000, 96000, 192000)
NODES = {
    "gain": Gain,
    "dc_blocker": DcBlocker,
    "width": Width,
    "delay": lambda: Delay(frames=100),
    "mix": lambda: Mix(inputs=3),
    "blend": Blend,
    "encode": MidSide,
    "decode": lambda: MidSide(decode=True),
}


def feeds(node, frames: int, channels: int = 2) -> list[np.ndarray]:
    return [noise(frames, channels, seed) for seed in range(node.inputs)]


def wandering(node, quanta: int) -> np.ndarray:
    """Every parameter in turn at its default, held anywhere, and jumping at every edge."""
    rng = np.random.default_rng(4)
    values = still(node, quanta)
    for row, p in enumerate(node.parameters):
        high = min(p.high, 24.0) if p.unit == "dB" else p.high
        for at in range(0, quanta, 10):
            part = values[row, at : at + 10]
            part[:] = (p.default, rng.uniform(p.low, high), rng.uniform(p.low, high, part.size))[rng.integers(3)]
    return values


# -- laws of all of them ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NODES)
def test_the_number_of_quanta_in_a_call_does_not_change_a_bit(name):
    node = NODES[name]()
    node.prepare(48000, 2, 300)
    x = feeds(node, 300 * QUANTUM_FRAMES)
    values = wandering(node, 300)
    whole = run(node, x, values, 300)
    for quanta_at_once in (1, 3, 8, 256):
        node.reset()
        assert np.array_equal(run(node, x, values, quanta_at_once), whole)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("name", ["gain", "dc_blocker", "width"])
def test_at_its_default_a_node_passes_its_input_bit_for_bit(name, channels):
    x = noise(10_000, channels)
    assert np.array_equal(NODES[name]()(x, 44100), x)


@pytest.mark.parametrize("name", NODES)
def test_silence_stays_exact_silence_at_any_setting(name):
    node = NODES[name]()
    node.prepare(48000, 2, 256)
    x = [np.zeros((2, 100 * QUANTUM_FRAMES), np.float32)] * node.inputs
    assert not run(node, x, wandering(node, 100)).any()


@pytest.mark.parametrize("name", NODES)
def test_reset_is_time_zero(name):
    node = NODES[name]()
    node.prepare(48000, 2, 256)
    x, values = feeds(node, 50 * QUANTUM_FRAMES), wandering(node, 50)
    first = run(node, x, values)
    node.reset()
    assert np.array_equal(run(node, x, values), first)


@pytest.mark.parametrize("name", NODES)
def test_garbage_is_forgotten(name):
    """What NaN and Inf in one quantum leave behind is gone when the tail is over."""
    node = NODES[name]()
    node.prepare(8000, 2, 256)
    settings = {p.id: p.default + 0.4 * (p.high - p.default) for p in node.parameters if p.unit != "dB"}
    quanta = 20 + node.tail // QUANTUM_FRAMES
    values, x = still(node, quanta, **settings), feeds(node, quanta * QUANTUM_FRAMES)
    clean = run(node, x, values)
    node.reset()
    for part in x:
        part[0, 200], part[1, 210] = np.nan, np.inf
    dirty = run(node, x, values)
    last = slice(-10 * QUANTUM_FRAMES, None)
    assert dirty[:, last] == pytest.approx(clean[:, last], abs=1e-5)


@pytest.mark.parametrize("name", NODES)
@pytest.mark.parametrize("rate_hz", RATES)
def test_after_its_tail_nothing_above_minus_120_db_is_left(name, rate_hz):
    node = NODES[name]()
    node.prepare(rate_hz, 2, 256)
    quanta = 20 + -(-node.tail // QUANTUM_FRAMES) + 2
    settings = {p.id: p.default + 0.1 * (p.high - p.default) for p in node.parameters if p.unit != "dB"}
    x = feeds(node, quanta * QUANTUM_FRAMES)
    for part in x:
        part[:, 20 * QUANTUM_FRAMES :] = 0.0
    y = run(node, x, still(node, quanta, **settings))
    assert np.abs(y[:, 20 * QUANTUM_FRAMES + node.tail :]).max() < 1e-6


@pytest.mark.parametrize("name", NODES)
def test_process_compiles_nothing(name):
    node = NODES[name]()
    node.prepare(48000, 2, 256)
    with event.install_recorder("numba:compile") as recorder:
        run(node, feeds(node, 50 * QUANTUM_FRAMES), wandering(node, 50))
    assert recorder.buffer == []


MOVES = [
    (Gain, {"gain_db": (0.0, -120.0)}),
    (Gain, {"gain_db": (-12.0, 12.0)}),
    (DcBlocker, {"dc_block": (0.0, 1.0)}),
    (Width, {"width": (0.0, 2.0)}),
    (Width, {"mono_below_hz": (0.0, 500.0)}),
    (Width, {"mono_below_hz": (0.0, 120.0), "width": (1.0, 2.0)}),
    (lambda: Mix(inputs=2), {"gain_1_db": (0.0, -120.0), "gain_2_db": (-120.0, 0.0)}),
    (Blend, {"blend": (0.0, 1.0)}),
]


@pytest.mark.parametrize(("create", "moves"), MOVES, ids=lambda case: "+".join(case) if isinstance(case, dict) else "")
def test_no_move_of_a_parameter_clicks(create, moves):
    """A 100 Hz sine at −6 dBFS that is all side (the hardest case for width), moved both ways."""
    node = create()
    node.prepare(48000, 2, 256)
    x = sine(400 * QUANTUM_FRAMES)
    x[1] *= -1
    for way in (moves, {k: v[::-1] for k, v in moves.items()}):
        for start in STARTS:
            node.reset()
            y = run(node, [x, -0.5 * x][: node.inputs], gliding(node, 400, way, 48000, start))
            assert residue_dbfs(y) < CLICK_LIMIT_DBFS


# -- Gain, Mix, Blend ------------------------------------------------------------------------------------


@pytest.mark.parametrize("gain_db", [-120.0, -6.0, 6.0, 60.0])
def test_gain_is_in_decibels(gain_db):
    x = noise(1000)
    assert Gain(gain_db=gain_db)(x, 48000) == pytest.approx(x * 10 ** (gain_db / 20), rel=1e-6)


def test_gain_is_linear_inside_a_quantum_and_exact_at_its_edges():
    node = Gain()
    node.prepare(48000, 1, 2)
    values = np.array([[0.0, 20.0, 0.0]])
    y = run(node, np.ones((1, 128), np.float32), values)[0]
    assert y[0] == 1.0
    assert y[64] == 10.0
    assert y[:64] == pytest.approx(1 + 9 * np.arange(64) / 64, rel=1e-6)
    assert y[64:] == pytest.approx(10 - 9 * np.arange(64) / 64, rel=1e-6)


def test_gain_works_on_any_number_of_channels():
    assert np.array_equal(Gain()(noise(1000, 6), 48000), noise(1000, 6))


def test_mix_sums_its_inputs_exactly_and_one_input_at_0_db_is_itself():
    node = Mix(inputs=3)
    node.prepare(48000, 2, 10)
    a, b, c = feeds(node, 640)
    assert np.array_equal(run(node, [a, b, c], still(node, 10)), (a + b) + c)
    only_b = run(node, [0 * a, b, 0 * c], still(node, 10, gain_1_db=-20.0, gain_3_db=7.0))
    assert np.array_equal(only_b, b)


def test_mix_scales_each_input_by_its_own_gain():
    node = Mix(inputs=2, gain_1_db=-6.0, gain_2_db=3.0)
    node.prepare(48000, 2, 10)
    a, b = feeds(node, 640)
    expected = a * 10 ** (-6 / 20) + b * 10 ** (3 / 20)
    assert run(node, [a, b], still(node, 10)) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("inputs", [0, 17, "2"])
def test_the_number_of_mixed_inputs_is_checked(inputs):
    with pytest.raises(SettingsError, match="1 to 16"):
        Mix(inputs=inputs)


def blended(a: np.ndarray, b: np.ndarray, *edges: float) -> np.ndarray:
    node = Blend()
    node.prepare(48000, a.shape[0], 8)
    return run(node, [a, b], np.array([edges]))


def test_blend_is_exact_at_both_ends_whatever_the_other_side_holds():
    a, b = noise(128, seed=1, level=1e-6), noise(128, seed=2, level=1e6)
    assert np.array_equal(blended(a, b, 0, 0, 0), a)
    assert np.array_equal(blended(a, b, 1, 1, 1), b)
    assert np.array_equal(blended(a, np.full_like(a, np.nan), 0, 0, 0), a)
    assert np.array_equal(blended(np.full_like(a, np.inf), b, 1, 1, 1), b)


def test_blending_alike_sides_changes_nothing():
    a = noise(256)
    assert np.array_equal(blended(a, a.copy(), 0, 0.3, 0.9, 1, 0.1), a)


def test_blend_is_linear_in_between():
    ones, zeros = np.ones((1, 64), np.float32), np.zeros((1, 64), np.float32)
    assert np.array_equal(blended(zeros, ones, 0, 1)[0], np.arange(64, dtype=np.float32) / 64)


# -- DcBlocker -----------------------------------------------------------------------------------------------


def test_the_guard_is_a_3_hz_butterworth_high_pass():
    x = noise(40_000)
    sos = scipy.signal.butter(2, 3.0, "highpass", fs=44100, output="sos")
    expected = scipy.signal.sosfilt(sos, x.astype(np.float64))
    assert DcBlocker(dc_block=1.0)(x, 44100) == pytest.approx(expected, abs=1e-6)


def test_the_guard_removes_an_offset():
    x = np.full((2, 96000), 0.1, np.float32)
    assert np.abs(DcBlocker(dc_block=1.0)(x, 48000)[:, -4800:]).max() < 1e-6


def test_sanitize_counts_and_replaces_what_no_filter_should_see():
    x = noise(1000)
    expected = x.copy()
    x[0, [3, 500]] = np.nan, np.inf
    x[1, [0, 7, 999]] = -np.inf, 1e9, -3e38
    expected[0, [3, 500]] = 0.0
    expected[1, [0, 7, 999]] = 0.0
    assert sanitize(x) == 5
    assert np.array_equal(x, expected)
    assert sanitize(x) == 0
    assert np.array_equal(x, expected)


def test_sanitize_leaves_small_and_denormal_samples_alone():
    x = np.array([[1e-40, -0.0, 1e-30, LIMIT, -LIMIT]], np.float32)
    before = x.tobytes()
    assert sanitize(x) == 0
    assert x.tobytes() == before


# -- Width -----------------------------------------------------------------------------------------------


def mid_and_side(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    left, right = y.astype(np.float64)
    return (left + right) / 2, (left - right) / 2


@pytest.mark.parametrize("width", [0.0, 0.5, 1.3, 2.0])
def test_width_scales_the_side_and_leaves_the_middle(width):
    x = noise(10_000)
    mid, side = mid_and_side(x)
    new_mid, new_side = mid_and_side(Width(width=width)(x, 48000))
    assert new_mid == pytest.approx(mid, abs=1e-7)
    assert new_side == pytest.approx(width * side, abs=1e-6)


@pytest.mark.parametrize("mono_below_hz", [60.0, 120.0, 500.0])
def test_mono_below_takes_the_bass_out_of_the_side_only(mono_below_hz):
    x = noise(20_000)
    mid, side = mid_and_side(x)
    new_mid, new_side = mid_and_side(Width(width=1.5, mono_below_hz=mono_below_hz)(x, 48000))
    sos = scipy.signal.butter(2, mono_below_hz, "highpass", fs=48000, output="sos")
    assert new_mid == pytest.approx(mid, abs=1e-7)
    assert new_side == pytest.approx(1.5 * scipy.signal.sosfilt(sos, side), abs=1e-6)


@pytest.mark.parametrize(("width", "mono_below_hz"), [(0.0, 0.0), (2.0, 0.0), (1.7, 200.0)])
def test_mono_passes_bit_for_bit_at_any_width(width, mono_below_hz):
    x = noise(10_000, 1)
    node = Width(width=width, mono_below_hz=mono_below_hz)
    assert np.array_equal(node(x, 48000), x)
    assert np.array_equal(node(np.repeat(x, 2, axis=0), 48000), np.repeat(x, 2, axis=0))


def test_mono_below_fades_in_from_0_without_a_jump():
    """However low `mono_below_hz` is, a 30 Hz side signal is never raised, near 0 hardly touched."""
    x = sine(48000, 30.0)
    x[1] *= -1

    def level(hz):
        return np.abs(Width(mono_below_hz=hz)(x, 48000)[:, 24000:]).max()

    assert max(level(hz) for hz in np.linspace(0, 120, 13)) <= 0.5
    assert level(0.1) == pytest.approx(0.5, rel=0.01)


# -- Delay -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("frames", [0, 1, 63, 64, 65, 100, 1000, 30_000])
def test_delay_delays(frames):
    x = noise(20_032)
    expected = np.zeros_like(x)
    expected[:, frames:] = x[:, : x.shape[1] - frames] if frames < x.shape[1] else 0
    node = Delay(frames=frames)
    assert np.array_equal(node(x, 48000), expected)
    assert (node.latency, node.tail) == (0, frames)
    for quanta_at_once in (1, 3, 300):
        node.reset()
        assert np.array_equal(run(node, x, np.zeros((0, 314)), quanta_at_once), expected)


def test_a_delay_line_takes_calls_of_any_length():
    rng = np.random.default_rng(3)
    x = noise(5000)
    line = DelayLine(137)
    line.prepare(2, 1)
    y = np.empty_like(x)
    at = 0
    while at < 5000:
        stop = min(5000, at + int(rng.integers(1, 400)))
        line.process(x[:, at:stop], y[:, at:stop])
        at = stop
    assert np.array_equal(y[:, 137:], x[:, :-137])
    assert not y[:, :137].any()


@pytest.mark.parametrize("frames", [-1, 2.5, "10"])
def test_a_delay_is_a_whole_number_of_frames(frames):
    with pytest.raises(SettingsError, match="whole numbers"):
        Delay(frames=frames)


# -- MidSide ---------------------------------------------------------------------------------------------


def test_mid_and_side_are_half_the_sum_and_half_the_difference():
    x = noise(1000)
    y = MidSide()(x, 48000)
    assert np.array_equal(y[0], (x[0] + x[1]) * np.float32(0.5))
    assert np.array_equal(y[1], (x[0] - x[1]) * np.float32(0.5))


def test_decoding_undoes_encoding_within_a_bit():
    x = noise(10_000)
    back = MidSide(decode=True)(MidSide()(x, 48000), 48000)
    assert np.abs(back - x).max() <= np.spacing(np.abs(x).max())


# -- checks ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("create", "channels", "allowed"),
    [(DcBlocker, 3, "1 or 2"), (Width, 6, "1 or 2"), (MidSide, 1, "2"), (MidSide, 3, "2")],
)
def test_channels_that_make_no_sense_are_refused(create, channels, allowed):
    with pytest.raises(GraphError, match=f"works on {allowed} channels, not on {channels}"):
        create().prepare(48000, channels, 1)


@pytest.mark.parametrize("name", NODES)
def test_parameters_are_fully_declared(name):
    for p in NODES[name]().parameters:
        assert p.low <= p.default <= p.high
        assert p.ramp_ms >= 20.0
        assert p.about


@pytest.mark.parametrize("name", NODES)
def test_an_unknown_setting_is_refused_by_name(name):
    create = {"delay": Delay, "mix": Mix, "encode": MidSide, "decode": MidSide}.get(name, NODES[name])
    with pytest.raises(UnknownNameError, match="loudness"):
        create(loudness=1.0)


def test_settings_outside_their_range_are_refused():
    with pytest.raises(SettingsError, match="width is 3, allowed are 0 to 2"):
        Width(width=3.0)
    assert math.isclose(Width(width=2.0).settings["width"], 2.0)
