"""Performances: live and offline, in any portions, the same bits; jumps fade, joins are seamless, silence rests."""

from __future__ import annotations

import numpy as np
import pytest

from livemaster.engine import Command, Cue, Engine, Lane, Performance, Program
from livemaster.graph import Graph, NodeSpec

RATE = 48000
CHAIN = Graph.chain([NodeSpec("sat", "saturator"), NodeSpec("eq", "equalizer"), NodeSpec("level", "gain")])
FIRST = Program(
    (
        Lane("level.gain_db", (0, 20000, 22000), (-3.0, -3.0, -9.0), trim="level"),
        Lane("eq.low_shelf_db", (0, 30000, 33000), (2.0, 2.0, -2.0)),
        Lane("sat.saturation", (0,), (0.3,)),
    )
)
SECOND = Program((Lane("level.gain_db", (0,), (-12.0,)), Lane("eq.high_shelf_db", (0,), (4.0,))))


def noise(frames=120000, level=0.1, seed=0):
    return (np.random.default_rng(seed).standard_normal((2, frames)) * level).astype(np.float32)


class ArrayTape:
    def __init__(self, audio):
        self.audio = audio

    def read(self, position, out):
        out[:] = 0.0
        first, stop = max(position, 0), min(position + out.shape[1], self.audio.shape[1])
        if first < stop:
            out[:, first - position : stop - position] = self.audio[:, first:stop]


def performance(*songs, max_quanta=256, log=None, graph=CHAIN):
    programs = [FIRST, SECOND] if graph is CHAIN else [Program()]
    engine = Engine(graph, RATE, 2, program=programs[0], max_quanta=max_quanta)
    plans = [engine.packed(each) for each in programs]
    keep = {} if log is None else {"log": log.append}
    return Performance(engine, plans, lambda track, position: ArrayTape(songs[track]), **keep)


def run(made, frames, size=None, seed=1):
    rng, y, at = np.random.default_rng(seed), np.empty((2, frames), np.float32), 0
    while at < frames:
        stop = min(at + (size or int(rng.integers(1, 3000))), frames)
        made.render(y[:, at:stop])
        at = stop
    return y


SCRIPT = {
    0: Cue(None, 0),
    9000: Command(None, "reactivity", 0.3),
    12000: Cue(None, 0, 50000, 0, 1440),
    12500: Cue(None, 0, 1000, 0, 1440),  # while the fade before it goes on
    15000: Command(None, "compare.mix", 1.0),
    24000: Cue(None, 0, 30000, 1, 4800),
    33000: Cue(None, None, 0, 1, 2400),
    52000: Cue(None, 1, 7, 0, 960),
    60000: Command(None, "level", -6.0),
    70000: Command(None, "compare.mix", None),
}


def perform_live(size, songs):
    log = []
    made = performance(*songs, max_quanta=16, log=log)
    y, at = np.zeros((2, 0), np.float32), 0
    while at < 90000:
        for frame in [f for f in SCRIPT if at <= f < at + size]:
            made.do(SCRIPT[frame])
        y = np.concatenate([y, run(made, size, size)], axis=1)
        at += size
    return log, y


@pytest.mark.parametrize("size", [64, 100, 128, 480, 1024])
def test_a_logged_performance_is_the_same_bits_again_however_it_is_asked_for(size):
    songs = noise(), noise(seed=5)
    log, live = perform_live(size, songs)
    assert len(log) == len(SCRIPT)
    for portions in (None, 16384):
        again_log = []
        again = performance(*songs, log=again_log)
        for event in log:
            again.do(event)
        assert np.array_equal(run(again, live.shape[1], portions), live)
        assert again_log == log


def test_played_from_the_start_it_is_what_the_engine_makes_of_the_song():
    song = noise()
    made = performance(song)
    made.do(Cue(0, 0))
    engine = Engine(CHAIN, RATE, 2, program=FIRST)
    expected = np.empty_like(song)
    engine.render(song, expected)
    played = run(made, 60000)
    lag = engine.latency - made.latency
    assert lag == 64
    assert np.array_equal(played, expected[:, lag : 60000 + lag])


def test_a_track_joins_the_one_before_without_a_missing_or_doubled_frame():
    song = noise(30011)
    first, second = song[:, :20003], song[:, 20003:]
    made = performance(first, second, graph=Graph.chain([NodeSpec("g", "gain")]))
    edge = 20003 // 64 * 64
    made.do(Cue(0, 0))
    made.do(Cue(edge, 1, edge - 20003))
    lag = made.latency
    assert np.array_equal(run(made, 30011 + lag)[:, lag:], song)


def high_passed(y):
    from scipy import signal

    return signal.sosfilt(signal.butter(8, 8000, "highpass", fs=RATE, output="sos"), y)


def test_no_cue_clicks():
    """Law 5: a 100 Hz sine at −6 dBFS keeps under −80 dBFS above 8 kHz, whatever is cued."""
    sine = (0.5 * np.sin(2 * np.pi * 100 / RATE * np.arange(400000))).astype(np.float32)
    song = np.stack([sine, sine])
    made = performance(song)
    made.do(Cue(0, 0, 240))  # a zero crossing
    rng, at, y = np.random.default_rng(4), 0, []
    for number in range(40):
        kind = number % 4
        if kind < 2:
            made.do(Cue(None, 0, int(rng.integers(0, 300000)), int(rng.integers(0, 2)), 1440))
        else:
            made.do(Cue(None, None if kind == 2 else 0, int(rng.integers(0, 300000)), number % 2, 1440))
        y.append(run(made, int(rng.integers(500, 9000))))
        at += y[-1].shape[1]
    heard = high_passed(np.concatenate(y, axis=1))
    assert 20 * np.log10(np.abs(heard[:, 1000:]).max()) < -80


def test_after_a_pause_all_is_silent_and_the_clock_may_rest():
    made = performance(noise())
    made.do(Cue(0, 0))
    run(made, 20000)
    assert not made.resting
    made.do(Cue(None, None, 0, 0, 2400))
    y = run(made, 20000, 256)
    assert made.resting
    assert np.abs(y[:, -256:]).max() < 1e-6


def test_a_new_cue_takes_the_place_of_those_that_wait():
    log = []
    made = performance(noise(), log=log)
    made.do(Cue(0, 0))
    run(made, 64, 64)
    made.do(Cue(6400, 0, 0, 0, 960))
    made.do(Cue(None, 0, 40000, 0, 960))
    run(made, 12800)
    assert [(event.frame, event.position) for event in log] == [(0, 0), (64, 40000)]


def test_intensity_by_hand_stands_in_for_the_emotions_own():
    corners = (-4.0, -2.0, 0.0) * 3
    by_hand = (-10.0, -6.0, 0.0, -12.0, -5.0, 3.0) * 3
    lane = Lane("g.gain_db", (0,), ((*corners, *by_hand),))

    def settled(**start):
        graph = Graph.chain([NodeSpec("g", "gain")])
        engine = Engine(graph, RATE, 2, program=Program((lane,), start), ceiling_dbtp=None)
        y = np.empty((2, 6400), np.float32)
        engine.render(np.ones((2, 6400), np.float32), y)
        return 20 * np.log10(y[0, -1])

    assert settled(intensity=1.0) == pytest.approx(-2.0, abs=1e-5)
    assert settled(intensity=0.0, override=1.0) == pytest.approx(-10.0, abs=1e-5)
    assert settled(intensity=0.25, override=1.0) == pytest.approx(-8.0, abs=1e-5)
    assert settled(intensity=0.5, override=1.0) == pytest.approx(-6.0, abs=1e-5)
    assert settled(intensity=1.0, override=1.0) == pytest.approx(0.0, abs=1e-5)
    assert settled(intensity=1.0, override=0.5) == pytest.approx(-1.0, abs=1e-5)
    assert settled(intensity=1.0, override=1.0, reactivity=0.0) == pytest.approx(-4.0, abs=1e-5)
    assert settled(intensity=0.0, override=1.0, reactivity=0.5) == pytest.approx(-7.0, abs=1e-5)
    assert settled(intensity=1.0, override=1.0, reactivity=1.5) == pytest.approx(3.0, abs=1e-5)
    assert settled(intensity=0.5, override=1.0, reactivity=1.25) == pytest.approx(-5.5, abs=1e-5)
    assert settled(intensity=0.0, override=0.5, reactivity=1.25) == pytest.approx((-1.0 - 11.0) / 2, abs=1e-5)


def test_without_values_of_its_own_a_lane_ignores_intensity_by_hand():
    lane = Lane("g.gain_db", (0,), ((-4.0, -2.0, 1.0) * 3,))
    assert lane.corners()[0][9:] == ((-2.0,) * 3 + (1.0,) * 3) * 3
