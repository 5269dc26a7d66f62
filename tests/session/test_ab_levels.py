"""A/B is matched by what both sides are, measured; where that is not known, nothing says so and nobody votes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pieces
import pytest
import soundfile as sf
from fault_rig import until

from livemaster.controls import Move
from livemaster.mastering.job import Source
from livemaster.plan_options import PlanOptions
from livemaster.session.ab_levels import LEAST_S, MEMORY_S, Sides
from livemaster.session.base import Hands
from livemaster.session.live_input import Listening, ListeningWish
from livemaster.session.playlist import Session, SessionWish
from livemaster.sound.shared_memory import Board
from livemaster.sound.supervisor import DeviceWish
from livemaster.units import Audio, db_to_gain

RATE = 48000


@pytest.fixture
def heard() -> Callable[[float, float], float | None]:
    """Lets a master so much louder than its mix be heard for so many seconds; what is known then."""
    board, rng = Board.create(), np.random.default_rng(5)
    sides = Sides(board, RATE, 2)

    def hear(louder_db: float, seconds: float, level: float = 0.05) -> float | None:
        for _ in range(round(10 * seconds)):
            mix = (level * rng.standard_normal((2, RATE // 10))).astype(np.float32)
            hear_both(board, sides, (mix * db_to_gain(louder_db)).astype(np.float32), mix)
        return sides.louder_db

    hear.sides, hear.board = sides, board  # type: ignore[attr-defined]
    return hear


def hear_both(board: Board, sides: Sides, master: Audio, mix: Audio) -> None:
    for first in range(0, mix.shape[1], 640):
        board.master.write(master[:, first : first + 640])
        board.mix.write(mix[:, first : first + 640])
    sides.listen()


@pytest.mark.parametrize("louder_db", [-9.0, -0.3, 0.0, 4.0, 13.0])
def test_what_is_louder_is_measured_as_soon_as_enough_was_heard(heard, louder_db):
    assert heard(louder_db, LEAST_S - 0.2) is None
    assert heard(louder_db, 0.4) == pytest.approx(louder_db, abs=0.05)


def test_silence_says_nothing_and_leaves_what_is_known(heard):
    assert heard(5.0, 4.0 * LEAST_S, level=0.0) is None
    known = heard(5.0, LEAST_S + 0.2)
    assert heard(-20.0, 2.0 * MEMORY_S, level=0.0) == pytest.approx(known, abs=0.1)


def test_a_bang_is_no_music(heard):
    """A pop of 0.3 s that the limiter takes 40 dB off in the master moves the match by less than a decibel."""
    assert heard(6.0, MEMORY_S) == pytest.approx(6.0, abs=0.05)
    heard(-34.0, 0.3, level=5.0)
    assert heard(6.0, 1.0) == pytest.approx(6.0, abs=1.0)


def test_after_a_change_the_new_difference_counts_alone(heard):
    heard(6.0, MEMORY_S)
    heard.sides.forget()
    assert heard(-3.0, LEAST_S - 0.2) == pytest.approx(6.0, abs=0.05)
    assert heard(-3.0, 0.4) == pytest.approx(-3.0, abs=0.05)


def test_a_move_of_the_master_is_foreseen(heard):
    heard(6.0, MEMORY_S)
    heard.sides.shift(-4.0)
    assert heard.sides.louder_db == pytest.approx(2.0, abs=0.05)
    assert heard(2.0, 1.0) == pytest.approx(2.0, abs=0.05)


def momentary(session: Hands) -> float:
    found = session.snapshot().meters.momentary_lufs
    assert found is not None
    return found


def assert_equally_loud(session: Hands, within_lu: float) -> None:
    """Both sides, one after the other, as they leave for the device."""
    found = []
    for mix in (0.0, 1.0):
        session.do(Move("ab", mix))
        time.sleep(0.9)
        found.append(momentary(session))
    session.do(Move("ab", 0.0))
    assert found[0] == pytest.approx(found[1], abs=within_lu)


def noise(path: Path, level: float) -> Path:
    sf.write(path, level * np.random.default_rng(3).standard_normal((30 * 44100, 2)), 44100, subtype="FLOAT")
    return path


@pytest.mark.parametrize("level", [0.2, 0.01])
def test_live_sound_is_matched_by_what_both_sides_are(tmp_path, level):
    file, take = noise(tmp_path / "noise.wav", level), tmp_path / "take.json"
    session = Listening(ListeningWish(device=DeviceWish(device="null"), options=PlanOptions(), file=file, take=take))
    try:
        for move in (Move("blind", 1.0), Move("vote")):
            session.do(move)
        assert not session.snapshot().switches["blind"]
        assert [each for each in session.snapshot().messages if "too little was heard" in each][1:]
        session.do(Move("match", 1.0))
        assert session.snapshot().match_db is None
        until(lambda: session.snapshot().match_db is not None, 20.0, "known")
        until(lambda: session.snapshot().position_s > 9.0, 20.0, "led to its level")
        assert_equally_loud(session, 0.6)
        for move in (Move("blind", 1.0), Move("vote")):
            session.do(move)
        assert session.snapshot().switches["blind"]
    finally:
        session.close()
    assert session.error is None
    events = [event for segment in json.loads(take.read_text())["segments"] for event in segment["events"]]
    assert {event.get("set") for event in events} & {"compare.mix_gain_db", "compare.master_gain_db"}
    assert sum("blind vote" in event.get("remark", "") for event in events) == 1


def test_a_song_is_matched_wherever_its_knobs_stand(tmp_path):
    """A plan foresees reactivity, dynamics and intensity; amount and trims are measured."""
    pieces.write(tmp_path / "song.wav", 0.2 * pieces.piece(30.0))
    source = Source(path=tmp_path / "song.wav", detect=False)
    session = Session(SessionWish(sources=(source,), device=DeviceWish(device="null"), wait=True))
    try:
        session.do(Move("match", 1.0))
        planned_db = session.snapshot().match_db
        assert planned_db is not None
        assert planned_db < -3.0
        session.do(Move("amount", 0.0))
        until(lambda: session.snapshot().match_db != planned_db, 10.0, "measured")
        until(lambda: abs(session.snapshot().match_db or 0.0) < 0.1, 15.0, "both are the mix")
        session.do(Move("amount", 1.0))
        until(lambda: session.snapshot().match_db == planned_db, 1.0, "as planned again")
    finally:
        session.close()
    assert session.error is None


def test_what_has_no_plan_yet_is_not_compared(tmp_path, monkeypatch):
    monkeypatch.setattr("livemaster.session.playlist.Planner", Idle)
    pieces.write(tmp_path / "song.wav", pieces.piece(10.0))
    session = Session(SessionWish(sources=(Source(path=tmp_path / "song.wav"),), device=DeviceWish(device="null")))
    try:
        session.do(Move("blind", 1.0))
        assert not session.snapshot().switches["blind"]
        assert "no blind comparison: what plays has no plan yet" in session.snapshot().messages[-1]
    finally:
        session.close()


class Idle:
    """A planner that never finishes."""

    step = None

    def __init__(self, done: object) -> None: ...

    def ask(self, number: int, source: Source) -> None: ...

    def close(self) -> None: ...
