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
from livemaster.live.controls import Move
from livemaster.live.listening import Listening, ListeningWish
from livemaster.live.sound import DeviceWish
from livemaster.live.state import State
from livemaster.planning import PlanOptions

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
