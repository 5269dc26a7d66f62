"""What `play` does when something breaks: processes killed or stopped, the server gone, the music late."""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from pathlib import Path

import pytest
from fault_rig import (
    BLOCK,
    KEY_AT,
    RATE_HZ,
    Break,
    alive,
    assert_fades_in,
    assert_fades_out,
    assert_goes_on,
    assert_recorded,
    breaks,
    children,
    first_sound,
    last_sound,
    likeness,
    place_s,
    playing,
    processes_of,
    rendered,
    timeline,
    until,
    write_song,
)
from heard import begun, place_of
from jack_rig import JackServer, Recorder

from livemaster.cli.main import run
from livemaster.mastering.job import Source
from livemaster.session.control_state import Desk
from livemaster.session.overload import STAGES, WINDOW_S, Shedder
from livemaster.session.playlist import Session, SessionWish
from livemaster.snapshot import State
from livemaster.sound.audio_process import LAST_FADE_S
from livemaster.sound.shared_memory import TARGETS, Board, Count
from livemaster.sound.supervisor import MOST_FRAIL, DeviceWish

pytestmark = pytest.mark.flaky(reruns=2)
"""A busy machine is late now and then, and a real-time server does not wait for it."""

SLOW = ("livemaster.sound.supervisor.WARM_S", 0.1)
"""As if warming up took too long."""


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    return write_song(tmp_path_factory.mktemp("song") / "song.wav", 30.0)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what of a process it keeps in memory")
def test_where_the_system_allows_it_no_page_of_the_audio_process_is_put_on_disk(song, tmp_path, monkeypatch):
    with playing(song, tmp_path, monkeypatch) as fault:
        fault.played(0.5)
        _, pid = processes_of()
        lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
        sizes_kb = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith("kB")}
    limit, _ = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    allowed = os.geteuid() == 0 or limit == resource.RLIM_INFINITY
    kept = sizes_kb["VmLck"] > 0.8 * sizes_kb["VmSize"]  # what the stream adds later is small, and always at work
    assert kept or not allowed
    assert sizes_kb["VmRSS"] < 0.8 * sizes_kb["VmSize"]  # what is never used takes no memory


def test_a_killed_process_is_replaced_at_once_at_the_same_place(song, tmp_path, monkeypatch):
    with playing(song, tmp_path, monkeypatch) as fault:
        fault.played(1.5)
        spare, killed = processes_of()
        os.kill(killed, signal.SIGKILL)
        until(lambda: not alive(killed), 1.0, "the death seen")
        until(lambda: fault.session.snapshot().state is State.RUNNING, 2.0, "running again")
        fault.played(1.5)
        assert processes_of()[0] == spare
        assert any("starting again" in message for message in fault.session.snapshot().messages)
        fault.session.close()
        recording = fault.recorder.stop()
        first, second = fault.rendered()
    heard = timeline(recording)
    gap = max(breaks(heard), key=lambda each: each.seconds)
    assert gap.seconds < 1.0
    assert_goes_on(heard, gap, song)
    assert_fades_in(heard, gap.ends, song)
    assert first.shape[1] > 48000
    unheard = first.shape[1] - (gap.begins - place_of(first, heard, KEY_AT))
    assert -2 * BLOCK <= unheard < BLOCK // 2, "what was ready and never heard is not in the take"
    assert_recorded(recording, second)
    assert not alive(spare)
    assert not alive(killed)


def kill_spare():
    spare, _ = processes_of()
    os.kill(spare, signal.SIGKILL)
    return spare


def running_on_another(fault, spare):
    """It plays again, on another spare."""
    until(lambda: fault.session.snapshot().state is State.STARTING, 3.0, "seen")
    assert "spare" in fault.session.snapshot().reason
    until(lambda: fault.session.snapshot().state is State.RUNNING, 10.0, "running again")
    assert processes_of()[0] != spare


def test_a_killed_spare_is_replaced_and_the_sound_goes_on_at_the_same_place(song, tmp_path, monkeypatch):
    with playing(song, tmp_path, monkeypatch) as fault:
        fault.played(1.5)
        spare, orphan = processes_of()
        os.kill(spare, signal.SIGKILL)
        running_on_another(fault, spare)
        assert not alive(orphan)
        assert any("spare of the audio process has ended (status -9)" in m for m in fault.session.snapshot().messages)
        fault.played(1.5)
        fault.session.close()
        assert fault.session.error is None
        recording = fault.recorder.stop()
        first, second = fault.rendered()
    heard = timeline(recording)
    gap = max(breaks(heard), key=lambda each: each.seconds)
    assert_fades_out(heard, gap.begins)
    faded = Break(gap.begins - round(LAST_FADE_S * RATE_HZ), gap.ends)
    assert_goes_on(heard, faded, song)
    assert_fades_in(heard, gap.ends, song)
    assert first.shape[1] > RATE_HZ
    assert_recorded(recording, second)


def test_when_both_are_killed_both_are_replaced_and_the_take_is_whole(song, tmp_path, monkeypatch):
    with playing(song, tmp_path, monkeypatch) as fault:
        fault.played(1.0)
        both = processes_of()
        for pid in both:
            os.kill(pid, signal.SIGKILL)
        running_on_another(fault, both[0])
        fault.played(1.0)
        fault.session.close()
        assert fault.session.error is None
        recording = fault.recorder.stop()
        _, second = fault.rendered()
    heard = timeline(recording)
    assert_goes_on(heard, max(breaks(heard), key=lambda each: each.seconds), song)
    assert_recorded(recording, second)


def test_a_process_that_stands_still_is_ended_when_it_has_lost_its_spare(song, tmp_path, monkeypatch):
    with playing(song, tmp_path, monkeypatch) as fault:
        fault.played(1.0)
        spare, stopped = processes_of()
        os.kill(stopped, signal.SIGSTOP)
        os.kill(spare, signal.SIGKILL)
        running_on_another(fault, spare)
        assert not alive(stopped)
        fault.played(0.5)


def test_without_server_and_spare_the_device_is_waited_for_with_another_spare(song, tmp_path, monkeypatch):
    with playing(song, tmp_path, monkeypatch) as fault:
        fault.played(1.0)
        fault.server.stop()
        spare = kill_spare()
        until(lambda: fault.session.snapshot().state is State.STARTING, 6.0, "seen")
        until(lambda: fault.session.snapshot().state is State.WAITING, 10.0, "waiting")
        fault.server.start()
        with Recorder(fault.server, name=fault.recorder.name):
            until(lambda: fault.session.snapshot().state is State.RUNNING, 5.0, "running again")
            fault.played(0.5)
            both = processes_of()
            fault.session.close()
    assert both[0] != spare
    assert not any(map(alive, both))


def test_spares_that_do_not_last_end_the_session_with_an_error_and_leave_nothing(song, tmp_path, monkeypatch):
    with playing(song, tmp_path, monkeypatch) as fault:
        fault.played(1.0)
        for _ in range(MOST_FRAIL - 1):
            running_on_another(fault, kill_spare())
        both = processes_of()
        kill_spare()
        assert fault.session.wait(3.0)
        assert "3 times within 10 s" in str(fault.session.error)
        assert fault.session.stop_reason == str(fault.session.error)
        assert fault.session.snapshot().state is State.STOPPED
        segments = fault.rendered()
        recording = fault.recorder.stop()
    assert not any(map(alive, both))
    assert len(segments) == MOST_FRAIL
    assert_fades_out(recording.audio, last_sound(recording.audio))


def test_spares_that_lasted_are_replaced_as_often_as_need_be(song, monkeypatch):
    monkeypatch.setattr("livemaster.sound.supervisor.FRAIL_S", 0.2)
    session = Session(SessionWish(sources=(Source(path=song),), device=DeviceWish(device="null")))
    try:
        for _ in range(MOST_FRAIL + 1):
            position_s = session.snapshot().position_s
            until(lambda at_s=position_s: session.snapshot().position_s > at_s + 0.5, 10.0, "played")
            spare = kill_spare()
            until(lambda: session.snapshot().state is State.STARTING, 3.0, "seen")
            until(lambda: session.snapshot().state is State.RUNNING, 10.0, "running again")
            assert processes_of()[0] != spare
    finally:
        session.close()
    assert session.error is None


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("livemaster.sound.client.sys.executable", "/nowhere/python", "no other starts"),
        (*SLOW, "not ready after 0.1 s"),
    ],
)
def test_where_no_other_spare_starts_the_session_ends_with_an_error(song, tmp_path, monkeypatch, name, value, said):
    take = tmp_path / "take.json"
    session = Session(SessionWish(sources=(Source(path=song),), device=DeviceWish(device="null"), take=take))
    try:
        until(lambda: session.snapshot().position_s > 0.5, 10.0, "played")
        both = processes_of()
        monkeypatch.setattr(name, value)
        kill_spare()
        assert session.wait(5.0)
    finally:
        session.close()
    assert said in str(session.error)
    assert not any(map(alive, both))
    assert children(os.getpid()) == []
    assert len(rendered(song, take)) == 1


def test_on_the_null_device_too_a_killed_process_is_replaced(song, tmp_path):
    take = tmp_path / "take.json"
    session = Session(SessionWish(sources=(Source(path=song),), device=DeviceWish(device="null"), take=take))
    try:
        until(lambda: session.snapshot().position_s > 1.2, 10.0, "played")
        spare, killed = processes_of()
        os.kill(killed, signal.SIGKILL)
        until(lambda: not alive(killed), 1.0, "the death seen")
        position_s, begun_s = session.snapshot().position_s, time.monotonic()
        until(lambda: session.snapshot().state is State.RUNNING, 2.0, "running again")
        until(lambda: session.snapshot().position_s > position_s + 1.0, 5.0, "played on")
        assert 1.0 < time.monotonic() - begun_s < 3.0
        assert processes_of()[0] == spare
    finally:
        session.close()
    assert len(rendered(song, take)) == 2


def test_the_server_goes_and_comes_back(song, tmp_path, monkeypatch):
    with playing(song, tmp_path, monkeypatch) as fault:
        fault.played(1.5)
        fault.server.stop()
        before = fault.recorder.stop()
        seen = fault.states(3.0, lambda seen: seen[-1] is State.WAITING)
        assert [each for each in seen if each is not State.RUNNING] == [State.STALLED, State.WAITING]
        time.sleep(1.2)
        position_s = fault.session.snapshot().position_s
        fault.server.start()
        with Recorder(fault.server, name=fault.recorder.name) as recorder:
            until(lambda: fault.session.snapshot().state is State.RUNNING, 3.0, "running again")
            fault.played(1.5)
            fault.session.close()
            after = recorder.stop()
        _, second = fault.rendered()
    assert before.ended_by_server
    begins = first_sound(after.audio)
    assert_fades_in(after.audio, begins, song)
    goes_on_s = place_s(after.audio[:, begins + 4800 : begins + 28800], song) - 0.1
    assert abs(goes_on_s - position_s) < 0.05
    broke_off_s = place_s(before.audio[:, -24000:], song) + 0.5
    assert abs(goes_on_s - broke_off_s) < 0.05
    assert_recorded(after, second)


@pytest.mark.parametrize("seconds", [0.4, 5.0])
def test_a_process_that_stands_still_is_waited_for_a_little_and_then_replaced(song, tmp_path, monkeypatch, seconds):
    with playing(song, tmp_path, monkeypatch) as fault:
        fault.played(1.0)
        _, stopped = processes_of()
        os.kill(stopped, signal.SIGSTOP)
        seen = fault.states(seconds, lambda seen: False)
        os.kill(stopped, signal.SIGCONT) if alive(stopped) else None
        assert State.STALLED in seen
        until(lambda: fault.session.snapshot().state is State.RUNNING, 3.0, "running again")
        fault.played(1.0)
        _, now = processes_of()
        fault.session.close()
        recording = fault.recorder.stop()
        segments = fault.rendered()
    heard = timeline(recording)
    gap = max(breaks(heard), key=lambda each: each.seconds)
    assert_goes_on(heard, gap, song)
    assert gap.seconds < min(seconds, 1.0) + 0.5
    if seconds < 0.5:
        assert now == stopped
        assert len(segments) == 1
    else:
        assert now != stopped
        assert not alive(stopped)
        assert_recorded(recording, segments[-1])


def test_a_deck_that_runs_dry_fades_out_and_comes_back_by_itself(tmp_path, monkeypatch):
    rate_hz = 96000  # a deck holds 2.7 s
    song = write_song(tmp_path / "song.wav", 15.0, rate_hz)
    with playing(song, tmp_path, monkeypatch, rate_hz=rate_hz, block=1024) as fault:
        reader = fault.session.tracks[0].reader
        read, slept = reader.read, []

        def slow(frames):
            if not slept:
                slept.append(time.sleep(4.0))
            return read(frames)

        fault.played(1.0)
        monkeypatch.setattr(reader, "read", slow)
        until(lambda: slept, 10.0, "slow")
        fault.played(2.0)
        starved = fault.session.statistics()["starved"]
        fault.session.close()
        recording = fault.recorder.stop()
        (segment,) = fault.rendered()
    assert starved > 0
    heard = recording.audio
    gap = max(breaks(heard), key=lambda each: each.ends - each.begins)
    assert_fades_out(heard, gap.begins, rate_hz)
    assert_fades_in(heard, gap.ends, song, rate_hz)
    assert_goes_on(heard, gap, song)
    silence = max(breaks(segment), key=lambda each: each.ends - each.begins)  # shorter, for the engine rested
    assert_recorded(recording, segment[:, : silence.begins])
    assert_recorded(recording, segment[:, silence.ends :])


@pytest.mark.parametrize("on", ["jack", "null"])
def test_two_sessions_play_on_one_device_at_once(song, tmp_path, monkeypatch, on):
    other = write_song(tmp_path / "other.wav", 20.0, seed=1)
    with playing(song, tmp_path, monkeypatch) as fault:
        device = fault.recorder.device if on == "jack" else "null"
        wish = SessionWish(sources=(Source(path=other),), device=DeviceWish(device=device))
        second = begun(lambda: Session(wish))
        try:
            fault.played(1.5)
            assert second.snapshot().state is State.RUNNING
            assert fault.session.snapshot().state is State.RUNNING
            assert second.snapshot().position_s > 1.0
        finally:
            second.close()
        fault.session.close()
        assert second.error is None
        assert fault.session.error is None
        recording = fault.recorder.stop()
    middle = last_sound(recording.audio) - 2 * RATE_HZ
    part = recording.audio[:, middle : middle + RATE_HZ // 2]
    assert likeness(part, song) > 0.25
    assert (likeness(part, other) > 0.25) is (on == "jack")


def test_what_the_device_does_not_offer_is_refused_in_one_line_with_the_nearest(song, capsys, monkeypatch):
    with JackServer(48000, 256) as server, Recorder(server) as recorder:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        wrong = recorder.name.replace("record", "recrod")
        for arguments, parts in (
            (["--device", wrong], [f"'{wrong}'", recorder.name]),
            (["--device", recorder.device, "--rate", "44100"], ["44100 Hz", "48000 Hz"]),
            (["--device", "null", "--rate", "7"], ["rate", "7"]),
            (["--device", "null", "--block", "1000000"], ["block", "1000000"]),
        ):
            assert run(["play", str(song), "--headless", "--duration", "1", *arguments]) == 2
            said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("livemaster:")]
            assert len(said) == 1
            assert all(part in said[0] for part in parts), said[0]
    assert children(os.getpid()) == []


def test_stages_are_bypassed_in_order_while_the_processor_cannot_keep_up_and_come_back():
    board = Board.create()
    board.close()
    desk = Desk(board, {f"amount_{stage}": 1.0 for stage in STAGES})
    shedder = Shedder(board, desk)
    now_s, told = 0.0, []

    def run_s(seconds, load, late=0):
        nonlocal now_s
        for _ in range(round(seconds / WINDOW_S)):
            now_s += WINDOW_S
            board.counts[Count.DUE_NS] += 500_000_000
            board.counts[Count.BUSY_NS] += int(load * 500_000_000)
            board.counts[Count.LATE] += late
            told.extend(shedder.tick(now_s))

    run_s(1.0, 0.3)
    assert shedder.shed == ()
    run_s(0.5, 0.9)
    assert shedder.shed == STAGES[:1]
    run_s(0.5, 0.6, late=10)
    assert shedder.shed == STAGES[:2]
    run_s(5.0, 0.99)
    assert shedder.shed == STAGES
    assert "limiter" not in " ".join(STAGES)
    assert [message.split()[-3] for message in told] == ["saturation", "width", "eq", "compression"]
    sent = board.commands.pop()
    assert [TARGETS[record["target"]] for record in sent] == [f"amount_{stage}" for stage in STAGES]
    assert {float(record["value"]) for record in sent} == {0.0}
    told.clear()
    run_s(15.0, 0.3)
    assert told == []
    run_s(100.0, 0.3)
    assert shedder.shed == ()
    assert [stage for message in told for stage in STAGES if f"{stage} is back" in message] == list(STAGES[::-1])
    assert {float(record["value"]) for record in board.commands.pop()} == {1.0}


class Load:
    """A shedder, and the figures that it looks at."""

    def __init__(self) -> None:
        self._board = Board.create()
        self._board.close()
        self.shedder = Shedder(self._board, Desk(self._board, {f"amount_{stage}": 1.0 for stage in STAGES}))
        self.now_s = 100.0
        self.look(0.1)

    def look(self, load: float, late: int = 0, after_s: float = WINDOW_S) -> list[str]:
        self.now_s += after_s
        counts = self._board.counts
        counts[Count.DUE_NS] += round(after_s * 1e9)
        counts[Count.BUSY_NS] += round(load * after_s * 1e9)
        counts[Count.LATE] += late
        return self.shedder.tick(self.now_s)


@pytest.mark.parametrize(
    ("load", "late", "too_much"),
    [(0.84, 0, False), (0.86, 0, True), (0.84, 2, False), (0.52, 3, True), (0.48, 9, False)],
)
def test_too_much_is_85_percent_of_the_time_or_3_late_blocks_while_it_is_busy(load, late, too_much):
    rig = Load()
    rig.look(load, late)
    assert rig.shedder.shed == (STAGES[:1] if too_much else ())


def test_what_was_taken_out_comes_back_after_20_calm_seconds_each_and_no_sooner():
    rig = Load()
    rig.look(0.9)
    rig.look(0.9)
    busy_s, back_s = rig.now_s, []
    while rig.shedder.shed and rig.now_s < busy_s + 100.0:
        if any("is back" in message for message in rig.look(0.49)):
            back_s.append(rig.now_s - busy_s)
    assert len(back_s) == 2
    assert 20.0 < back_s[0] <= 20.0 + WINDOW_S
    assert 20.0 < back_s[1] - back_s[0] <= 20.0 + WINDOW_S


def test_a_moment_above_half_of_the_time_begins_the_calm_anew():
    rig = Load()
    rig.look(0.9)
    for _ in range(38):  # 19 s
        assert rig.look(0.1) == []
    rig.look(0.51)
    busy_s = rig.now_s
    while rig.shedder.shed:
        rig.look(0.49)
    assert 20.0 < rig.now_s - busy_s <= 20.0 + WINDOW_S


def test_figures_are_looked_at_twice_a_second_and_after_a_start_only_from_then_on():
    rig = Load()
    assert rig.look(0.99, after_s=0.4) == []
    assert rig.look(0.99, after_s=0.2) != []
    rig.shedder.begin()
    assert rig.look(0.99) == [], "what was before the start does not count"
    assert rig.look(0.99) != []
