"""`live`: what comes in is mastered as it comes, by the latency that is told, and kept so that it renders again."""

from __future__ import annotations

import os
import signal
import threading
import time

import numpy as np
import pytest
import soundfile as sf
from fault_rig import assert_recorded, rendered, until, write_song
from heard import begun, compared, place_of
from jack_rig import JackServer, Loop, Player, Recorder

from livemaster.cli.main import run
from livemaster.controls import Move
from livemaster.plan_options import PlanOptions
from livemaster.session.live_input import Listening, ListeningWish
from livemaster.snapshot import State
from livemaster.sound.audio_process import Skips
from livemaster.sound.shared_memory import Count
from livemaster.sound.stream import Converted
from livemaster.sound.supervisor import DeviceWish

pytestmark = pytest.mark.flaky(reruns=2, only_rerun=["RuntimeError", "InputError"])
"""JACK refuses a client now and then while other servers start; what is heard has to be right the first time."""


def listening(server, monkeypatch, source, output, take=None, **wishes):
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    device = DeviceWish(device=output, inputs=2, input_device=source)
    wish = ListeningWish(device=device, options=PlanOptions(**wishes), take=take)
    return begun(lambda: Listening(wish))


@pytest.mark.parametrize(("rate_hz", "block"), [(48000, 128), (44100, 64), (48000, 1024)])
def test_an_impulse_takes_exactly_the_latency_that_is_told(monkeypatch, rate_hz, block):
    with JackServer(rate_hz=rate_hz, block=block, synchronous=True) as server, Loop(server) as loop:
        session = listening(server, monkeypatch, loop.input_device, loop.output_device, amount=0.0)
        try:
            time.sleep(0.3)
            measured = loop.latency_frames()
            told = session.statistics()["latency_frames"]
        finally:
            session.close()
    assert session.error is None
    assert measured == told
    assert 1000.0 * measured / rate_hz < 15.0


def test_what_came_in_renders_to_what_was_heard(tmp_path, monkeypatch, demo_song):
    take, out = tmp_path / "take.json", tmp_path / "again.wav"
    song = demo_song.audio[:, 20 * 44100 : 26 * 44100]
    with JackServer(rate_hz=44100, block=256, synchronous=True) as server, Recorder(server) as recorder:
        with Player(server, song) as player:
            session = listening(server, monkeypatch, player.device, recorder.device, take)
            try:
                time.sleep(0.2)
                session.do(Move("mode", "lofi"))
                session.do(Move("treble", 2.0))
                player.play()
                session.do(Move("ab"))
                time.sleep(0.2)
            finally:
                session.close()
        recording = recorder.stop()
    assert session.error is None
    arguments = [str(tmp_path / "take.input.wav"), "--take", str(take), "-o", str(out), "--bit-depth", "32"]
    assert run(["render", *arguments]) == 0
    again = sf.read(out, dtype="float32")[0].T
    sounding = again[:, np.flatnonzero(again.any(axis=0))[0] :]
    begins = place_of(sounding, recording.audio)
    equal, _ = compared(recording, begins, sounding)
    assert equal > sounding.shape[1] - 10 * 256
    came, _ = sf.read(tmp_path / "take.input.wav", dtype="float32")
    heard = came.T[:, np.flatnonzero(came.any(axis=1))[0] :]
    assert np.array_equal(
        heard[:, : song.shape[1]], song[:, np.flatnonzero(song.any(axis=0))[0] :][:, : heard.shape[1]]
    )


def test_after_a_restart_each_part_renders_to_what_was_heard_of_it(tmp_path, monkeypatch):
    take = tmp_path / "take.json"
    song, _ = sf.read(write_song(tmp_path / "song.wav", 12.0), dtype="float32")
    with JackServer(rate_hz=48000, block=512) as server, Recorder(server) as recorder:
        with Player(server, song.T) as player:
            session = listening(server, monkeypatch, player.device, recorder.device, take, reactivity=0.0)
            try:
                sounding = threading.Thread(target=player.play)
                sounding.start()
                time.sleep(2.0)
                first = session._core.sound.running["pid"]
                os.kill(first, signal.SIGKILL)
                until(lambda: session._core.sound.running.get("pid") != first, 10.0, "another process")
                until(lambda: session.snapshot().state is State.RUNNING, 10.0, "running")
                time.sleep(2.0)
            finally:
                session.close()
            sounding.join()
        recording = recorder.stop()
    assert session.error is None
    segments = rendered(tmp_path / "take.input.wav", take)
    assert len(segments) == 2
    assert_recorded(recording, segments[1])


def told(session, text):
    return lambda: any(text in message for message in session.snapshot().messages)


def test_an_input_that_goes_is_told_and_connected_again_when_it_is_back(monkeypatch):
    noise = np.random.default_rng(0).standard_normal((2, 48000)).astype(np.float32) * 0.1
    with JackServer(block=512) as server, Recorder(server) as recorder:
        with Player(server, noise, name="mixer") as player:
            session = listening(server, monkeypatch, player.device, recorder.device)
            time.sleep(0.5)
        try:
            until(told(session, "the input JACK Audio Connection Kit:mixer has gone"), 10.0, "told")
            assert session.snapshot().state is State.RUNNING
            with Player(server, noise, name="mixer") as player:
                until(told(session, "mixer is back"), 10.0, "back")
                player.play()
                time.sleep(0.3)
        finally:
            session.close()
        recording = recorder.stop()
    assert session.error is None
    assert recording.sounding().shape[1] > 20000  # the first player played nothing


def test_an_output_that_goes_is_told_and_connected_again_when_it_is_back(monkeypatch):
    with JackServer(block=512) as server, Player(server, np.zeros((2, 100))) as player:
        with Recorder(server, name="desk") as recorder:
            session = listening(server, monkeypatch, player.device, recorder.device)
            time.sleep(0.5)
        try:
            until(told(session, "the output JACK Audio Connection Kit:desk has gone"), 10.0, "told")
            with Recorder(server, name="desk"):
                until(told(session, "desk is back"), 10.0, "back")
        finally:
            session.close()
    assert session.error is None


@pytest.mark.parametrize("rate_hz", [48000, 44100])
def test_an_input_whose_server_goes_while_the_output_goes_on_is_opened_again(monkeypatch, rate_hz):
    with JackServer(block=512) as server:
        session = listening(server, monkeypatch, "JACK Audio Connection Kit:system", "null")
        try:
            time.sleep(0.5)
            server.stop()
            until(told(session, "the input JACK Audio Connection Kit:system has gone"), 10.0, "told")
            assert session.snapshot().state is State.RUNNING
            server._command[server._command.index("-r") + 1] = str(rate_hz)
            server.start()
            until(told(session, "system is back"), 15.0, "back")
            came = session._core.board.counts[Count.CAME]
            until(lambda: session.snapshot().state is State.RUNNING, 10.0, "running again")
            until(lambda: session._core.board.counts[Count.CAME] not in (came, 0), 5.0, "heard")
        finally:
            session.close()
    assert session.error is None


@pytest.mark.parametrize("block", [64, 256, 1024])
def test_blocks_that_a_device_skips_without_a_word_are_counted_by_the_clock(block):
    rng, skips, rate_hz, counted = np.random.default_rng(2), Skips(48000), 48000, []
    skipped, second = {4: 3, 9: 20}, -1
    frames, lost = 0, 0
    for now_s in np.cumsum(rng.uniform(0.010, 0.014, 1200)):  # looks come when they come
        if int(now_s) != second:
            second = int(now_s)
            lost += skipped.get(second, 0)
        drifted = now_s * (1.0 + 2e-4) + rng.uniform(0.0, 0.001)
        frames = (int(drifted * rate_hz / block) - lost) * block
        counted.append(skips.look(now_s, frames, block, late=0))
    assert sum(counted) == pytest.approx(23, abs=1)
    told = Skips(48000)
    assert sum(told.look(n / 100, n * 400, block, late=n) for n in range(1000)) == 0  # the device says so itself


@pytest.mark.parametrize(
    ("pace_hz", "odd"), [(48000, False), (48040, False), (47960, False), (44100, True), (96000, True), (32000, True)]
)
def test_a_graph_that_runs_at_another_rate_is_known_by_its_pace(pace_hz, odd):
    skips, told = Skips(48000), []
    for n in range(500):
        skips.look(n / 100, int(n / 100 * pace_hz / 256) * 256, 256, late=0)
        told.append(skips.odd_pace)
    assert told[-1] == odd
    assert not any(told[:200])  # before two seconds there is nothing to compare


@pytest.mark.parametrize("device_rate_hz", [44100, 96000, 22050])
@pytest.mark.parametrize(("listens", "block"), [(False, 0), (True, 64), (True, 480), (True, 1024)])
def test_a_device_of_another_rate_gets_the_same_sound(device_rate_hz, listens, block):
    rng, rate_hz, at, frequency_hz = np.random.default_rng(1), 48000, 0, 997.0
    heard = []

    def ask(out, late, came):
        nonlocal at
        if came is not None:
            out[:] = came
        else:
            out[:] = np.sin(2 * np.pi * frequency_hz / rate_hz * np.arange(at, at + len(out)))[:, None]
        at += len(out)

    stream, position = Converted(ask, rate_hz, device_rate_hz, 2, 2 if listens else 0), 0
    while position < 2 * device_rate_hz:
        frames = block if listens else int(rng.integers(32, 1024))  # JACK's blocks have one size
        time_s = np.arange(position, position + frames) / device_rate_hz
        came = np.repeat(np.sin(2 * np.pi * frequency_hz * time_s)[:, None], 2, axis=1).astype(np.float32)
        out = np.zeros((frames, 2), np.float32)
        stream(out, False, came if listens else None)
        heard.append(out)
        position += frames
    y = np.concatenate(heard)[device_rate_hz // 2 : position - device_rate_hz // 4, 0].astype(np.float64)
    angle = 2 * np.pi * frequency_hz / device_rate_hz * np.arange(len(y))
    basis = np.stack([np.sin(angle), np.cos(angle)], axis=1)
    part, *_ = np.linalg.lstsq(basis, y, rcond=None)
    assert np.hypot(*part) == pytest.approx(1.0, abs=0.01)
    assert np.abs(y - basis @ part).max() < 1e-3  # no gap, no click, no drift
