"""`livemaster play` from outside: Ctrl-C, killed, suspended; nothing sounds on and nothing is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from fault_rig import (
    RATE_HZ,
    Played,
    alive,
    assert_fades_out,
    assert_goes_on,
    assert_gone,
    assert_recorded,
    boards,
    breaks,
    children,
    last_sound,
    processes_of,
    timeline,
    until,
    write_song,
)
from jack_rig import JackServer, Recorder

pytestmark = pytest.mark.flaky(reruns=2)
"""A busy machine is late now and then, and a real-time server does not wait for it."""

PLAY = [sys.executable, "-c", "from livemaster.cli.main import script; script()", "play", "--headless"]
QUIET_S = 2.0


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    return write_song(tmp_path_factory.mktemp("song") / "song.wav", 12.0)


@contextmanager
def command(song, folder, *arguments):
    """The command playing to a recorder, with what it says in a file."""
    take, said = folder / "take.json", folder / "said"
    with JackServer(RATE_HZ, 512) as server, Recorder(server) as recorder, said.open("w") as errors:
        line = [*PLAY, str(song), "--device", recorder.device, "--take", str(take), *arguments]
        environment = {**server.environment, "TMPDIR": str(folder / "temporary")}
        (folder / "temporary").mkdir()
        with subprocess.Popen(line, env=environment, stderr=errors, start_new_session=True) as process:
            try:
                until(lambda: "playing" in said.read_text(), 60.0, "playing")
                yield process, Played(song, take, server, recorder)
            finally:
                process.kill()


def test_ctrl_c_fades_out_and_keeps_the_take(song, tmp_path):
    before = boards()
    with command(song, tmp_path) as (process, fault):
        time.sleep(1.5)
        both = processes_of(process.pid)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        assert process.wait(5.0) == 128 + signal.SIGINT
        assert not any(map(alive, both))
        recording = fault.recorder.stop()
        (segment,) = fault.rendered()
    assert_fades_out(recording.audio, last_sound(recording.audio))
    assert segment.shape[1] > RATE_HZ
    assert_recorded(recording, segment)
    assert_gone(boards() - before)
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.parametrize("rate_hz", [48000, 44100])
def test_when_the_interface_is_killed_the_sound_fades_out_and_nothing_is_left(tmp_path, rate_hz):
    song = write_song(tmp_path / "song.wav", 12.0, rate_hz)
    before = boards()
    with command(song, tmp_path) as (process, fault):
        time.sleep(1.5)
        both = processes_of(process.pid)
        process.kill()
        process.wait()
        until(lambda: not any(map(alive, both)), QUIET_S, "all processes gone")
        time.sleep(0.5)
        recording = fault.recorder.stop()
        assert len(fault.rendered()) == 1  # the take as it was written last
    ends = last_sound(recording.audio)
    assert recording.audio.shape[1] - ends > 0.4 * RATE_HZ
    assert_fades_out(recording.audio, ends)
    assert_gone(boards() - before)
    assert list((tmp_path / "temporary").iterdir()) == []


def test_nothing_is_left_when_the_interface_is_killed_while_it_starts(song):
    before = boards()
    with subprocess.Popen([*PLAY, str(song), "--device", "null"], stderr=subprocess.DEVNULL) as process:
        until(lambda: children(process.pid), 20.0, "a spare")
        (spare,) = children(process.pid)
        process.kill()
    until(lambda: not alive(spare), 10.0, "the spare gone")
    assert_gone(boards() - before)


def test_after_a_sleep_of_the_machine_the_music_goes_on_where_it_was(song, tmp_path):
    with command(song, tmp_path) as (process, fault):
        time.sleep(1.5)
        all_of_them = (*processes_of(process.pid), process.pid)
        for pid in all_of_them:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(2.0)
        for pid in all_of_them:
            if alive(pid):
                os.kill(pid, signal.SIGCONT)
        time.sleep(2.5)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(5.0) == 0
        recording = fault.recorder.stop()
        segments = fault.rendered()
    heard = timeline(recording)
    gap = max(breaks(heard), key=lambda each: each.seconds)
    assert 1.5 < gap.seconds < 4.0
    assert_goes_on(heard, gap, song)
    assert_recorded(recording, segments[-1])
