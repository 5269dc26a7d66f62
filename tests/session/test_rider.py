"""Following live sound: the loudness is led to the target, slowly and never by silence; the contrast stays."""

from __future__ import annotations

import live_soak
import numpy as np
import pytest

from livemaster.engine import Command, Cue, Engine, Performance
from livemaster.metering import Meter, section_loudness
from livemaster.plan_options import PlanOptions
from livemaster.session.live_plan import live_score
from livemaster.session.rider import (
    DEAD_BAND_LU,
    DOWN_DB_PER_S,
    HIGHEST_LEVEL_DB,
    LOWEST_LEVEL_DB,
    REFERENCE_LUFS,
    UP_DB_PER_S,
    Guide,
)

RATE = 44100
TARGET_LUFS = -14.0


def noise(seconds, lufs, channels=2, rate_hz=RATE, seed=0):
    """Steady noise of a loudness."""
    x = np.random.default_rng(seed).standard_normal((channels, round(seconds * rate_hz))).astype(np.float32)
    meter = Meter(rate_hz, channels)
    meter.push(x)
    return x * np.float32(10 ** ((lufs - meter.read().integrated_lufs) / 20))


def led(guide, x, rate_hz=RATE, sizes=4410):
    """The gain of the input after each tenth of a second."""
    step, gains = rate_hz // 10, []
    for first in range(0, x.shape[1] - step + 1, step):
        for at in range(first, first + step, sizes):
            guide.push(x[:, at : min(at + sizes, first + step)])
        gains.append(guide.positions["input"])
    return np.array(gains)


@pytest.mark.parametrize("lufs", [-35.0, -20.0, -8.0])
@pytest.mark.parametrize(("channels", "rate_hz"), [(2, RATE), (1, 48000)])
def test_steady_sound_is_at_the_reference_within_10_s(lufs, channels, rate_hz):
    guide = Guide(rate_hz, channels, TARGET_LUFS)
    gains = led(guide, noise(10, lufs, channels, rate_hz), rate_hz)
    assert gains[-1] == pytest.approx(REFERENCE_LUFS - lufs, abs=1.0)
    assert guide.positions["level"] == TARGET_LUFS - REFERENCE_LUFS


def test_silence_pulls_nothing_up():
    guide = Guide(RATE, 2, TARGET_LUFS)
    before = led(guide, noise(12, -24.0))[-1]
    during = led(guide, np.zeros((2, 60 * RATE), np.float32))
    assert np.abs(during - before).max() < 0.5
    assert led(guide, noise(5, -24.0, seed=1))[-1] == pytest.approx(before, abs=0.5)


def test_a_quiet_verse_stays_quieter_than_a_chorus():
    parts = [noise(15, lufs, seed=n) for n, lufs in enumerate((-26.0, -20.0, -26.0, -20.0))]
    x = np.concatenate(parts, axis=1)
    gains = led(Guide(RATE, 2, TARGET_LUFS), x)
    y = x * np.repeat(10 ** (gains / 20), RATE // 10).astype(np.float32)
    meter = Meter(RATE, 2)
    meter.push(np.ascontiguousarray(y))
    verse, chorus = (section_loudness(meter.energies, a, a + 15.0) for a in (30.0, 45.0))
    assert chorus - verse == pytest.approx(6.0, abs=1.0)


def test_later_the_gain_moves_slowly_and_rests_near_its_aim():
    x = np.concatenate([noise(20, -24.0), noise(40, -30.0, seed=1)], axis=1)
    gains = led(Guide(RATE, 2, TARGET_LUFS), x)[150:]
    assert np.diff(gains).max() <= UP_DB_PER_S / 10 + 1e-9
    steady = led(Guide(RATE, 2, TARGET_LUFS), noise(30, -24.0))[150:]
    assert np.ptp(steady) < DEAD_BAND_LU


def test_at_first_it_is_there_within_3_s():
    """Nothing is decided before a second was heard; what is 24 dB away is reached within two more."""
    gains = led(Guide(RATE, 2, TARGET_LUFS), noise(4, -42.0))
    assert not gains[:8].any()
    assert gains[33:] == pytest.approx(24.0, abs=0.2)


def test_for_10_s_it_is_where_the_loudness_so_far_wants_it():
    x = np.concatenate([noise(5.5, -24.0), noise(4.5, -30.0, seed=1)], axis=1)[:, : round(9.8 * RATE)]
    meter = Meter(RATE, 2)
    meter.push(x)
    wanted_db = REFERENCE_LUFS - meter.read().integrated_lufs
    assert led(Guide(RATE, 2, TARGET_LUFS), x)[-1] == pytest.approx(wanted_db, abs=0.2)


def test_after_10_s_it_moves_slowly_at_once():
    x = np.concatenate([noise(7.5, -24.0), noise(6, -12.0, seed=1)], axis=1)  # of which the loud part counts after 3 s
    moves = np.diff(led(Guide(RATE, 2, TARGET_LUFS), x))[105:] * 10
    assert moves.min() == pytest.approx(-1.0), "dB a second"


@pytest.mark.parametrize(("made_louder_by", "level_db"), [(0.03, 8.0), (30.0, -8.0)])
def test_what_the_chain_makes_softer_or_louder_is_taken_back_by_8_db_at_most(made_louder_by, level_db):
    guide, x = Guide(RATE, 2, TARGET_LUFS), noise(2, -18.0)
    guide.follower.push = lambda x: None
    levels = []
    for _ in range(30):
        guide.push(x, x * np.float32(made_louder_by))
        levels.append(guide.positions["level"] - (TARGET_LUFS - REFERENCE_LUFS))
    assert np.abs(levels).max() <= 8.0
    assert levels[-1] == pytest.approx(level_db, abs=0.25)


@pytest.mark.parametrize(("lufs", "gain_db"), [(-60.0, 24.0), (9.0, -24.0)])
def test_the_gain_goes_no_further_than_24_db(lufs, gain_db):
    gains = led(Guide(RATE, 2, TARGET_LUFS), noise(6, lufs))
    assert gains[-1] == pytest.approx(gain_db)
    assert np.abs(gains).max() <= 24.0


@pytest.mark.parametrize(("first_lufs", "then_lufs", "db_per_s"), [(-24.0, -30.0, 0.25), (-30.0, -14.0, -1.0)])
def test_after_the_first_10_s_it_moves_as_fast_as_is_promised(first_lufs, then_lufs, db_per_s):
    x = np.concatenate([noise(15, first_lufs), noise(60, then_lufs, seed=1)], axis=1)
    moves = np.diff(led(Guide(RATE, 2, TARGET_LUFS), x)[110:]) * 10
    fastest = moves.max() if db_per_s > 0 else moves.min()
    assert fastest == pytest.approx(db_per_s)
    assert np.abs(moves).max() == pytest.approx(abs(db_per_s))


def test_the_size_of_blocks_changes_nothing():
    x = noise(6, -24.0)
    assert np.array_equal(led(Guide(RATE, 2, TARGET_LUFS), x), led(Guide(RATE, 2, TARGET_LUFS), x, sizes=441))


def test_the_intensity_moves_steadily(demo_song):
    guide, x = Guide(RATE, 2, TARGET_LUFS), demo_song.audio
    found = []
    for first in range(0, x.shape[1] - 4410, 4410):
        guide.push(x[:, first : first + 4410])
        if "intensity" in guide.positions:
            found.append(guide.positions["intensity"])
    moves = np.diff(found)
    turns = np.count_nonzero(np.diff(np.sign(moves[moves != 0.0])))
    assert 0.0 <= min(found) <= max(found) <= 1.0
    assert np.abs(moves).max() <= 0.0151
    assert turns < 40
    assert np.ptp(found) > 0.2


def test_it_looks_at_the_emotion_once_a_second_however_long_it_listens():
    guide, looks = Guide(RATE, 2, TARGET_LUFS), []

    class Looked:
        emotion = property(lambda self: looks.append(1))

        def push(self, x):
            pass

    guide.follower = Looked()
    for _ in range(200):
        guide.push(np.full((2, RATE), 0.1, np.float32))
    assert len(looks) == pytest.approx(200, abs=1)


def pop(seconds, db):
    """A plug that is pulled: mains hum, square, at a level in dBFS."""
    wave = np.sign(np.sin(2 * np.pi * 120 * np.arange(round(seconds * RATE)) / RATE)) * 10 ** (db / 20)
    return np.tile(wave.astype(np.float32), (2, 1))


FAULTS = {
    "one frame of NaN": np.full((2, 1), np.nan),
    "one frame of Inf in one channel": np.array([[np.inf], [0.01]]),
    "one frame of 1e30": np.full((2, 1), 1e30),
    "one frame of 60000": np.full((2, 1), 60000.0),
    "1 s of NaN": np.full((2, RATE), np.nan),
    "10 s of NaN": np.full((2, 10 * RATE), np.nan),
    "10 s of silence": np.zeros((2, 10 * RATE)),
    "a pop of 0.1 s": pop(0.1, 0.0),
    "a pop of 0.3 s": pop(0.3, 0.0),
    "a howl of 2 s": pop(2.0, -6.0),
    "three pops in 10 s": np.concatenate([pop(0.3, 0.0), np.zeros((2, 4 * RATE))] * 3, axis=1),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("lufs", [-42.0, -20.0])
@pytest.mark.parametrize("after_s", [2.5, 6.0, 30.0])
def test_no_fault_of_the_input_owns_the_loudness(fault, lufs, after_s):
    guide = Guide(RATE, 2, TARGET_LUFS)
    guide.follower.push = lambda x: None
    event = FAULTS[fault].astype(np.float32)
    led(guide, noise(after_s, lufs))
    led(guide, np.concatenate([event, np.zeros((2, -event.shape[1] % (RATE // 10)), np.float32)], axis=1))
    gains = led(guide, noise(40, lufs, seed=1))
    assert gains[100:] == pytest.approx(REFERENCE_LUFS - lufs, abs=1.0)


def test_a_pop_before_the_music_is_forgotten():
    guide = Guide(RATE, 2, TARGET_LUFS)
    led(guide, np.concatenate([pop(0.3, 0.0), np.zeros((2, 5 * RATE), np.float32)], axis=1))
    assert led(guide, noise(15, -30.0))[-1] == pytest.approx(REFERENCE_LUFS + 30.0, abs=1.0)


def test_what_goes_on_counts_however_much_louder_it_is():
    guide = Guide(RATE, 2, TARGET_LUFS)
    led(guide, noise(20, -50.0))
    assert led(guide, noise(40, -20.0, seed=1))[-1] == pytest.approx(REFERENCE_LUFS + 20.0, abs=1.0)


def test_a_pop_leaves_the_intensity_alone_but_for_its_own_moment():
    time_s = np.arange(50 * RATE) / RATE
    beats = np.exp(-8.0 * (time_s % 0.5)) * np.sin(2 * np.pi * 60.0 * time_s)
    parts = np.where((time_s // 15) % 2, 0.05, 0.015)
    song = (0.3 * beats + 0.1 * np.sin(2 * np.pi * 220.0 * time_s) + noise(50, -30.0)) * parts
    struck = song.copy()
    struck[:, 21 * RATE : 21 * RATE + RATE // 3] = pop(1.0, 0.0)[:, : RATE // 3]
    followed = []
    for x in (song, struck):
        guide, found = Guide(RATE, 2, TARGET_LUFS), []
        for first in range(0, x.shape[1], RATE):
            guide.push(x[:, first : first + RATE].astype(np.float32))
            found.append(guide.positions.get("intensity", np.nan))
        followed.append(np.array(found))
    away = np.abs(followed[0] - followed[1])
    assert np.nanmax(away) < 0.2
    assert np.nanmax(away[24:]) < 0.1


def mastered(x, wish=PlanOptions(), moves=()):  # noqa: B008 -- frozen
    """What leaves when the guide hears what comes in and what leaves, and its positions every tenth of a second."""
    score, step = live_score(wish), RATE // 10
    program = score.program(RATE)
    engine = Engine(score.chain.graph, RATE, 2, program=program, max_quanta=16)
    guide = Guide(RATE, 2, score.settings.global_.target_lufs)
    guide.follower.push = lambda x: None

    class Tape:
        def read(self, position, out):
            out[:] = x[:, position : position + out.shape[1]]

    made = Performance(engine, [engine.packed(program)], lambda track, position: Tape())
    for event in (*moves, Cue(0, 0)):
        made.do(event)
    y, positions = np.zeros_like(x), []
    for first in range(0, x.shape[1] - 2 * step, step):
        out = y[:, first : first + step]
        made.render(out)
        guide.push(x[:, first : first + step], out)
        for name in ("input", "level"):
            made.do(Command(None, name, guide.positions[name]))
        positions.append(guide.positions)
    return y, positions


def loudness(y, from_s, to_s):
    meter = Meter(RATE, 2)
    meter.push(np.ascontiguousarray(y[:, round(from_s * RATE) : round(to_s * RATE)]))
    return meter.read().integrated_lufs


@pytest.mark.parametrize(
    ("mode", "lufs", "bass"),
    [("transparent", -17.0, 0.0), ("cinematic", -34.0, 6.0), ("radio_loud", -17.0, 0.0), ("lofi", -34.0, 0.0)],
)
def test_steady_sound_leaves_at_its_target(mode, lufs, bass):
    y, positions = mastered(noise(55, lufs), PlanOptions(mode=mode), moves=[Command(None, "bass", bass)])
    assert loudness(y, 45, 54) == pytest.approx(-14.0, abs=0.5)
    levels = np.array([each["level"] for each in positions]) - (-14.0 - REFERENCE_LUFS)
    assert LOWEST_LEVEL_DB <= levels.min() <= levels.max() <= HIGHEST_LEVEL_DB
    assert np.diff(levels).max() <= UP_DB_PER_S / 10 + 1e-9
    assert -np.diff(levels).min() <= DOWN_DB_PER_S / 10 + 1e-9


@pytest.mark.parametrize("fault", ["one frame of 1e30", "1 s of NaN", "a pop of 0.3 s", "a howl of 2 s"])
def test_what_leaves_is_back_within_10_s_of_a_fault(fault):
    event, music = FAULTS[fault].astype(np.float32), noise(45, -36.0)
    x = music.copy()
    x[:, 20 * RATE : 20 * RATE + event.shape[1]] = event
    y, _ = mastered(x)
    assert np.isfinite(y).all()
    assert loudness(y, 25, 35) == pytest.approx(loudness(y, 15, 20), abs=1.0)


@pytest.mark.parametrize("seed", [0, 1])
def test_random_faults_leave_nothing_behind(seed):
    """A short soak without a device: 8 s of music before each fault, and 13 s after it."""
    rng = np.random.default_rng(seed)
    kinds = live_soak.faults(rng)
    parts, places, at = [noise(12, -30.0, seed=seed)], [], 12 * RATE
    for number, name in enumerate(rng.permutation(sorted(kinds))[:4]):
        before, fault, after = (noise(8, -30.0, seed=number), kinds[name], noise(13, -30.0, seed=number + 10))
        begins, ends = (at + before.shape[1]) / RATE, (at + before.shape[1] + fault.shape[1]) / RATE
        places.append((name, begins, ends))
        parts += [before, fault, after]
        at += before.shape[1] + fault.shape[1] + after.shape[1]
    y, _ = mastered(np.concatenate(parts, axis=1))
    for name, begins, ends in places:
        away = loudness(y, ends + 10.0, ends + 12.5) - loudness(y, begins - 3.0, begins)
        assert abs(away) < live_soak.MOST_AWAY_LU, name


def test_the_chain_is_dumb_for_no_longer_than_a_number_that_is_none():
    x = noise(12, -20.0)
    struck = x.copy()
    struck[:, 6 * RATE] = 1e30
    y, _ = mastered(struck)
    calm, _ = mastered(x)
    at = slice(6 * RATE + RATE // 5, 8 * RATE)
    assert 20 * np.log10(y[:, at].std() / calm[:, at].std()) == pytest.approx(0.0, abs=0.5)
