"""Law 1: what was recorded of `play` on a sound card is what `render --take` writes, bit for bit."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest
import soundfile as sf
from heard import begun, compared, place_of
from jack_rig import JackServer, Recorder

from livemaster.cli.main import run
from livemaster.controls import Move
from livemaster.mastering.job import Source
from livemaster.session.playlist import Session, SessionWish
from livemaster.sound.supervisor import DeviceWish

pytestmark = pytest.mark.flaky(reruns=2, only_rerun=["RuntimeError", "InputError"])
"""JACK refuses a client now and then while other servers start, and a machine that is busy may stand still for longer
than the watchdog waits; what is heard has to be right the first time."""

SECONDS = 8


@pytest.fixture(scope="module")
def song(tmp_path_factory, demo_song):
    folder = tmp_path_factory.mktemp("law1")
    start = 20 * demo_song.rate_hz
    sf.write(folder / "song.wav", demo_song.audio[:, start : start + SECONDS * demo_song.rate_hz].T, demo_song.rate_hz)
    return folder / "song.wav"


def moves(session: Session) -> None:
    """Ten seconds of a performer's hands: knobs, A/B, sections, a mode."""
    script = [
        (0.4, Move("reactivity", 0.2)),
        (0.3, Move("ab")),
        (0.3, Move("match", 1.0)),
        (0.3, Move("ab")),
        (0.2, Move("bass", 3.0)),
        (0.2, Move("intensity", 0.9)),
        (0.3, Move("next_section")),
        (0.3, Move("dynamics", -1.0)),
        (0.2, Move("width", 0.5)),
        (0.2, Move("previous_section")),
        (0.2, Move("release")),
        (0.2, Move("platform", "youtube")),
        (0.4, Move("amount", 0.5)),
    ]
    for wait_s, move in script:
        time.sleep(wait_s)
        session.do(move)
    session.seek(2.0)
    time.sleep(0.3)
    session.seek(5.0)


def recorded(song, folder, monkeypatch, rate_hz, block, play):
    """What a recorder on the card heard of a session, and its take."""
    take = folder / "take.json"
    with JackServer(rate_hz=rate_hz, block=block, synchronous=True) as server, Recorder(server) as recorder:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        wish = SessionWish(
            sources=(Source(path=song),), device=DeviceWish(device=recorder.device), wait=True, take=take
        )
        session = begun(lambda: Session(wish))
        try:
            play(session)
            assert session.wait(60.0)
        finally:
            session.close()
        assert session.error is None
        statistics = session.statistics()
        recording = recorder.stop()
    if len(json.loads(take.read_text())["segments"]) > 1 or statistics["starved"]:
        raise RuntimeError("the machine stood still for so long that the sound was started anew")  # test_live_faults
    return recording, take, statistics


@pytest.mark.parametrize(("rate_hz", "block"), [(44100, 64), (48000, 128), (44100, 256), (48000, 1024)])
def test_what_was_heard_is_what_is_rendered(song, tmp_path, monkeypatch, rate_hz, block):
    recording, take, statistics = recorded(song, tmp_path, monkeypatch, rate_hz, block, moves)
    out = tmp_path / "again.wav"
    assert run(["render", str(song), "--take", str(take), "-o", str(out), "--bit-depth", "32"]) == 0
    again = sf.read(out, dtype="float32")[0].T
    begins = place_of(again, recording.audio)
    equal, ends = compared(recording, begins, again)
    assert equal > again.shape[1] - 10 * block, "a synchronous server loses a block now and then, no more"
    for rest in (recording.audio[:, :begins], recording.audio[:, ends:]):  # only what rings before and after
        assert np.abs(rest).max() < 1e-2
    assert statistics["stop_reason"] == "end of the last track"
    assert statistics["frames_played"] >= again.shape[1]
