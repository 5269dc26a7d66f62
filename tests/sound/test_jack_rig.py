"""The rig itself: recordings are whole and equal to the bit, servers do not disturb each other and leave nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import jack_rig
import numpy as np
import pytest
from jack_rig import JackServer, Loop, Player, Recorder

pytestmark = pytest.mark.flaky(reruns=2, only_rerun=["RuntimeError", "InputError"])
"""JACK refuses a client now and then while other servers start; what is heard has to be right the first time."""

FRAMES = 24000
STREAM = """
import sys, threading
import numpy as np, sounddevice as sd
device, noise = sys.argv[1], np.load(sys.argv[2])
at, done = 0, threading.Event()
def play(out, frames, time, status):
    global at
    part = noise[:, at : at + frames].T
    out[: len(part)] = part
    out[len(part) :] = 0
    at += frames
    if not len(part):
        done.set()
index = next(i for i, d in enumerate(sd.query_devices()) if d["name"] == device.partition(":")[2])
with sd.OutputStream(samplerate=48000, blocksize=0, device=index, channels=2, dtype="float32", callback=play):
    done.wait(20)
"""
THROUGH = """
import sys
import sounddevice as sd
names = [d["name"] for d in sd.query_devices()]
pair = [names.index(device.partition(":")[2]) for device in sys.argv[1:]]
def copy(into, out, frames, time, status):
    out[:] = into
with sd.Stream(samplerate=48000, blocksize=0, device=pair, channels=2, dtype="float32", callback=copy):
    print("ready", flush=True)
    sys.stdin.read()
"""


def noise(seed: int, frames: int = FRAMES) -> np.ndarray:
    """Noise without a zero, so that its first frame and its last are seen; the smallest numbers among it."""
    rng = np.random.default_rng(seed)
    scale = 10.0 ** rng.uniform(-30, 0, (2, frames))
    x = (rng.choice([-1.0, 1.0], (2, frames)) * scale).astype(np.float32)
    assert x.all()
    return x


def bits(x: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(x).view(np.uint32)


def left_behind(*servers: JackServer) -> list[Path]:
    return [path for server in servers for path in Path("/dev/shm").glob(f"*{server.name}*")]


def played_to(recorder: Recorder, x: np.ndarray) -> None:
    """Play to a recorder through sounddevice, in a process of its own, after a block of silence."""
    path = recorder.server.folder / "noise.npy"
    np.save(path, np.pad(x, ((0, 0), (recorder.server.block, 0))))
    command = [sys.executable, "-c", STREAM, recorder.device, str(path)]
    subprocess.run(command, env=recorder.server.environment, check=True, timeout=60)


@pytest.mark.parametrize("block", [64, 128, 256, 1024])
def test_a_stream_is_recorded_from_its_first_frame_to_its_last(block):
    x = noise(block)
    with JackServer(block=block, synchronous=True) as server, Recorder(server) as recorder:
        played_to(recorder, x)
        recording = recorder.stop()
    assert recording.gaps == []
    np.testing.assert_array_equal(bits(recording.sounding()), bits(x))
    assert left_behind(server) == []


def test_a_player_is_recorded_by_the_pattern_of_its_ports():
    x = noise(1, 5000)
    with JackServer(block=256, synchronous=True) as server, Recorder(server, sources="play-.*:out") as recorder:
        with Player(server, x) as player:
            started = player.play()
        recording = recorder.stop()
    np.testing.assert_array_equal(bits(recording.sounding()), bits(x))
    assert np.flatnonzero(recording.audio.any(axis=0))[0] == started - recording.start_frame


def test_a_player_connects_to_the_pattern_of_its_targets():
    x = noise(2, 5000)
    with JackServer(synchronous=True) as server, Recorder(server) as recorder:
        with Player(server, x, targets=f"{recorder.name}:in") as player:
            player.play()
            player.play()
        recording = recorder.stop()
    sounding = recording.sounding()
    np.testing.assert_array_equal(bits(sounding[:, :5000]), bits(x))
    np.testing.assert_array_equal(bits(sounding[:, -5000:]), bits(x))


def test_a_server_that_goes_away_ends_the_recording_and_comes_back_under_its_name():
    x = noise(3, 2000)
    with JackServer(synchronous=True) as server:
        with Recorder(server, sources="play-.*:out") as recorder, Player(server, x) as player:
            player.play()
            server.stop()
            first = recorder.stop()
        assert left_behind(server) == []
        server.start()
        with Recorder(server) as recorder:
            played_to(recorder, x)
            second = recorder.stop()
    assert first.ended_by_server
    assert not second.ended_by_server
    for recording in (first, second):
        np.testing.assert_array_equal(bits(recording.sounding()), bits(x))


def test_servers_side_by_side_do_not_hear_each_other():
    x, y = noise(4, 3000), noise(5, 3000)
    with (
        JackServer(synchronous=True) as here,
        JackServer(44100, 512, synchronous=True) as there,
        Recorder(here, sources="play-.*:out") as one,
        Recorder(there, sources="play-.*:out") as two,
        Player(here, x) as first,
        Player(there, y) as second,
    ):
        first.play()
        second.play()
        heard_here, heard_there = one.stop(), two.stop()
    np.testing.assert_array_equal(bits(heard_here.sounding()), bits(x))
    np.testing.assert_array_equal(bits(heard_there.sounding()), bits(y))
    assert left_behind(here, there) == []


def test_a_loop_measures_what_a_program_adds():
    with JackServer(synchronous=True) as server, Loop(server) as loop:
        command = [sys.executable, "-c", THROUGH, loop.input_device, loop.output_device]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, env=server.environment, stdin=pipe, stdout=pipe) as through:
            assert through.stdout is not None
            assert through.stdout.readline() == b"ready\n"
            found = loop.latency_frames()
            through.communicate()
    assert found == 0, "a stream without a block size of its own adds nothing"


def test_late_blocks_are_counted_by_client():
    with JackServer() as server:
        with server.log_path.open("a") as log:
            print("JackEngine::XRun: client = slow one was not finished, state = Running", file=log)
            print("JackEngine::XRun: client = asleep was not finished, state = Triggered", file=log)
            print("JackTimedDriver::Process XRun = 2610 usec", file=log)
        assert server.xruns().clients == {"slow one": 1, "asleep": 1}
        assert server.xruns().at_work == {"slow one": 1}
        assert server.xruns().server >= 1


def test_a_server_that_cannot_start_says_why(monkeypatch):
    monkeypatch.setattr(jack_rig, "START_S", 0.1)
    server = JackServer(block=-5)
    with pytest.raises(RuntimeError, match="jackd did not start"), server:
        pass
    assert left_behind(server) == []
    assert not server.folder.exists()


def test_a_recorder_whose_time_is_over_says_so():
    with JackServer(synchronous=True) as server, Recorder(server, seconds=0.01) as recorder:
        with Player(server, noise(6, 4800), targets=f"{recorder.name}:in") as player:
            player.play()
        with pytest.raises(RuntimeError, match="longer than was asked for"):
            recorder.stop()
