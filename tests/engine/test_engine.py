"""The engine: latency, lanes, controls, commands, takes, A/B, change of graph."""

from __future__ import annotations

import numpy as np
import pytest

from livemaster.engine import Command, Engine, Lane, Program
from livemaster.errors import GraphError, SettingsError, UnknownNameError
from livemaster.graph import Graph, NodeSpec

RATE = 48000
GAIN = Graph.chain([NodeSpec("g", "gain")])
EQ = Graph.chain([NodeSpec("eq", "equalizer")])


def noise(frames: int = 30000, seed: int = 1, level: float = 0.1) -> np.ndarray:
    return (np.random.default_rng(seed).standard_normal((2, frames)) * level).astype(np.float32)


def run(engine: Engine, x: np.ndarray, sizes=None) -> np.ndarray:
    y = np.empty_like(x)
    rng = np.random.default_rng(5)
    at = 0
    while at < x.shape[1]:
        size = x.shape[1] if sizes is None else sizes if isinstance(sizes, int) else int(rng.integers(1, 9000))
        stop = min(at + size, x.shape[1])
        engine.render(x[:, at:stop], y[:, at:stop])
        at = stop
    return y


def test_output_lags_by_the_declared_latency_and_is_otherwise_identical():
    x = noise()
    engine = Engine(GAIN, RATE, 2, ceiling_dbtp=None)
    y = run(engine, x)
    assert engine.latency == 64
    assert np.array_equal(y[:, 64:], x[:, :-64])
    assert not y[:, :64].any()


@pytest.mark.parametrize("sizes", [1, 37, 64, 480, 4096, "random"])
def test_feed_size_does_not_change_a_bit_even_with_commands(sizes):
    x = noise(12000 if sizes == 1 else 40000)

    def engine():
        made = Engine(EQ, RATE, 2, ceiling_dbtp=-12.0)
        made.command(Command(5000, "eq.low_shelf_db", 6.0))
        made.command(Command(3000, "eq.high_shelf_db", -6.0))
        made.command(Command(5500, "eq.low_shelf_db", -3.0))
        made.command(Command(7000, "eq.low_shelf_db", None))
        made.command(Command(8000, "compare.mix", 1.0))
        return made

    assert np.array_equal(run(engine(), x, sizes), run(engine(), x))


def test_a_lane_reaches_the_audio_at_its_frame():
    """A step of the lane that is done by frame 6400 has its full effect from there on, upstream latency or not."""
    lane = Lane("g.gain_db", (3200, 6400), (0.0, -6.0))
    graph = Graph.chain([NodeSpec("s", "saturator"), NodeSpec("g", "gain")])
    engine = Engine(graph, RATE, 2, program=Program((lane,)), ceiling_dbtp=None)
    x = noise()
    y = run(engine, x)[:, engine.latency :]
    x = x[:, : y.shape[1]]
    assert np.array_equal(y[:, :3136], x[:, :3136])
    assert y[:, 6464:] == pytest.approx(x[:, 6464:] * 10 ** (-6 / 20), abs=1e-7)


def test_controls_blend_between_the_corners_of_a_lane():
    corners = (-8.0, -7.0, -7.5, -4.0, -2.0, 2.0, -1.0, 0.0, 0.5)
    lane = Lane("g.gain_db", (0,), (corners,), neutral=0.0, stage="amount_eq")

    def settled(**start):
        engine = Engine(GAIN, RATE, 2, program=Program((lane,), start), ceiling_dbtp=None)
        one = np.ones((2, 6400), np.float32)
        return 20 * np.log10(run(engine, one)[0, -1])

    assert settled(reactivity=0.0) == pytest.approx(-4.0, abs=1e-5)
    assert settled(reactivity=1.0) == pytest.approx(-2.0, abs=1e-5)
    assert settled(reactivity=0.75) == pytest.approx(-2.5, abs=1e-5)
    assert settled(reactivity=1.5) == pytest.approx(2.0, abs=1e-5)
    assert settled(reactivity=1.25) == pytest.approx(0.0, abs=1e-5)
    assert settled(reactivity=1.25, dynamics=-1.0) == pytest.approx(-7.25, abs=1e-5)
    assert settled(reactivity=1.0, dynamics=-1.0) == pytest.approx(-7.0, abs=1e-5)
    assert settled(reactivity=0.0, dynamics=0.5) == pytest.approx(-2.5, abs=1e-5)
    assert settled(reactivity=1.0, amount=0.5) == pytest.approx(-1.0, abs=1e-5)
    assert settled(reactivity=1.0, amount=0.5, amount_eq=0.5) == pytest.approx(-0.5, abs=1e-5)
    assert settled(amount=0.0) == 0.0


def test_overlapping_moves_of_one_knob_leave_no_kink():
    """The slope of the gain stays continuous though the knob is turned again while the last turn still glides."""
    engine = Engine(GAIN, RATE, 1, ceiling_dbtp=None)
    for i in range(40):
        engine.command(Command(4800 + 300 * i, "g.gain_db", -6.0 * (i % 2)))
    y = run(engine, np.ones((1, 30000), np.float32).repeat(1, axis=0))[0, 64:]
    steps = np.diff(y[::64])
    assert np.abs(np.diff(steps)).max() < 0.03 * 0.5 * (1 - 10 ** (-6 / 20)) * 2
    assert y.min() >= 10 ** (-6 / 20) - 1e-6
    assert y.max() <= 1 + 1e-6


def test_a_take_replayed_gives_the_same_bits():
    x = noise(60000)
    live = Engine(EQ, RATE, 2, ceiling_dbtp=-12.0)
    rng = np.random.default_rng(3)
    y = np.empty_like(x)
    for at in range(0, x.shape[1], 480):
        if rng.random() < 0.3:
            live.command(Command(None, "eq.mid_bell_db", float(rng.uniform(-6, 6))))
        if rng.random() < 0.1:
            live.command(Command(None, "compare.mix", float(rng.integers(0, 2))))
        live.render(x[:, at : at + 480], y[:, at : at + 480])
    again = Engine(EQ, RATE, 2, ceiling_dbtp=-12.0)
    for command in live.take.commands:
        again.command(command)
    assert len(live.take.commands) > 20
    assert np.array_equal(run(again, x), y)
    assert again.take == live.take


def test_a_command_begins_to_act_within_20_ms():
    engine = Engine(GAIN, RATE, 2, ceiling_dbtp=-0.1)
    x = np.full((2, 48000), 0.5, np.float32)
    before = run(engine, x)
    engine.command(Command(None, "g.gain_db", -12.0))
    after = run(engine, x)
    assert before[0, -1] == 0.5
    assert np.abs(after[0, : engine.latency + int(0.020 * RATE)] - 0.5).max() > 1e-3


def test_many_moves_are_remembered_as_far_as_they_matter():
    engine = Engine(GAIN, RATE, 1, ceiling_dbtp=None)
    y = np.empty((1, 64), np.float32)
    for i in range(3000):
        engine.command(Command(None, "g.gain_db", -float(i % 7)))
        engine.render(np.ones((1, 64), np.float32), y)
    engine.command(Command(None, "g.gain_db", -3.0))
    for _ in range(200):
        engine.render(np.ones((1, 64), np.float32), y)
    assert 20 * np.log10(y[0, -1]) == pytest.approx(-3.0, abs=1e-5)


def test_a_b_of_a_neutral_graph_is_a_perfect_null():
    x = noise(level=0.05)
    switched = Engine(EQ, RATE, 2)
    for frame in range(2000, 30000, 1500):
        switched.command(Command(frame, "compare.mix", float(frame // 1500 % 2)))
    assert run(switched, x) == pytest.approx(run(Engine(EQ, RATE, 2), x), abs=1e-8)


def test_a_change_of_graph_fades_and_ends_exactly_at_the_new_one():
    x = noise(60000, level=0.05)
    louder = Graph.chain([NodeSpec("g", "gain", {"gain_db": 6.0})])
    engine = Engine(GAIN, RATE, 2, ceiling_dbtp=None)
    y = np.empty_like(x)
    engine.render(x[:, :20000], y[:, :20000])
    engine.load(louder)
    engine.render(x[:, 20000:], y[:, 20000:])
    lag = engine.latency
    assert np.array_equal(y[:, lag:20000], x[:, : 20000 - lag])
    assert y[:, 30000:] == pytest.approx(x[:, 30000 - lag : -lag] * 10 ** (6 / 20), abs=1e-6)
    assert engine.latency == lag


def test_a_graph_of_more_latency_needs_a_reserve():
    saturated = Graph.chain([NodeSpec("s", "saturator")])
    engine = Engine(GAIN, RATE, 2)
    with pytest.raises(GraphError, match="latency_reserve"):
        engine.load(saturated)
    roomy = Engine(GAIN, RATE, 2, latency_reserve=500)
    roomy.load(saturated)
    x = noise(60000, level=0.05)
    y = run(roomy, x)
    lag = roomy.latency
    assert np.array_equal(y[:, lag:], x[:, :-lag])


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (Command(None, "reactvity", 1.0), UnknownNameError),
        (Command(None, "g.gain", 1.0), UnknownNameError),
        (Command(None, "reactivity", float("nan")), SettingsError),
        (Command(None, "amount", None), SettingsError),
    ],
)
def test_a_command_that_makes_no_sense_is_refused(command, error):
    with pytest.raises(error):
        Engine(GAIN, RATE, 2).command(command)


@pytest.mark.parametrize("max_quanta", [1, 2, 8])
def test_small_engines_give_the_same_bits_also_in_place(max_quanta):
    x = noise()
    expected = run(Engine(EQ, RATE, 2), x)
    in_place = x.copy()
    Engine(EQ, RATE, 2, max_quanta=max_quanta).render(in_place, in_place)
    assert np.array_equal(in_place, expected)


def test_a_new_graph_keeps_what_was_turned():
    engine = Engine(GAIN, RATE, 2, ceiling_dbtp=None)
    engine.command(Command(None, "g.gain_db", -20.0))
    x = np.full((2, 20000), 0.5, np.float32)
    run(engine, x)
    engine.load(GAIN)
    y = run(engine, x)
    assert y == pytest.approx(np.full_like(y, 0.05), rel=1e-5)


def test_a_lane_for_nothing_is_refused():
    with pytest.raises(UnknownNameError, match=r"did you mean 'g\.gain_db'"):
        Engine(GAIN, RATE, 2, program=Program((Lane("g.gain", (0,), (0.0,)),)))


def test_values_that_are_no_numbers_are_cleaned_and_counted():
    x = noise()
    x[0, 100:110] = np.nan
    x[1, 500] = np.inf
    engine = Engine(EQ, RATE, 2)
    y = run(engine, x)
    assert np.isfinite(y).all()
    assert engine.report.nonfinite_samples == 11
