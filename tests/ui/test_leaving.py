"""Reporting never ends a performance, leaving never needs the terminal: log, pipe and terminal may go at any time."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pieces
import pytest
from terminals import SCREEN_ON, close_terminals, exit_code, on_terminal, play, read_until

from livemaster.ui.streams import PATIENCE_S, nothing_fails, unfailing

RATE = 44100


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pieces.write(tmp_path / "song.wav", pieces.piece(40.0))
    return tmp_path


def frames_played(path="stats.json"):
    return json.loads(Path(path).read_text())["frames_played"]


# -- the log ------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_log_on_a_full_disk_ends_nothing(folder):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(play("--headless", "--duration", "2", "--stats", "stats.json"), stdout=full, stderr=full)
    assert done.returncode == 0
    assert frames_played() > RATE


def test_a_reader_of_the_log_that_has_enough_ends_nothing(folder):
    arguments = play("--headless", "--duration", "2", "--stats", "stats.json", "--take", "t.json")
    with subprocess.Popen(arguments, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        assert process.stderr.readline() == b"playing\n"
        process.stderr.close()
        assert process.wait(30.0) == 0
    assert frames_played() > RATE
    assert sum(segment["frames"] for segment in json.loads(Path("t.json").read_text())["segments"]) > RATE


def test_a_reader_of_the_log_that_reads_no_more_holds_nobody_up(folder):
    read, write = os.pipe()
    os.set_blocking(write, False)
    with suppress(BlockingIOError):
        while os.write(write, b"x" * 4096):
            pass
    os.set_blocking(write, True)
    with subprocess.Popen(play("--headless", "--duration", "2", "--stats", "stats.json"), stderr=write) as process:
        assert process.wait(40.0) == 0
    os.close(read)
    os.close(write)
    assert frames_played() > RATE


@pytest.mark.parametrize(("encoding", "written"), [("utf-8", "−3 … “a” ł"), ("ascii", '-3 ... "a" \\u0142')])
def test_a_stream_that_lacks_a_character_gets_a_plain_one(encoding, written):
    read, write = os.pipe()
    unfailing(write, encoding).write("−3 … “a” ł")
    assert os.read(read, 100).decode(encoding) == written


def test_what_cannot_be_written_is_lost_and_harms_nobody(monkeypatch):
    read, write = os.pipe()
    with os.fdopen(write, "w") as broken:
        monkeypatch.setattr(sys, "stderr", broken)
        os.close(read)
        with nothing_fails():
            print("gone", file=sys.stderr)
            sys.stderr.flush()
    read, write = os.pipe()
    stream, begun_s = unfailing(write, "utf-8"), time.monotonic()
    assert stream.write("x" * 100_000) == 100_000  # and a pipe holds less
    assert time.monotonic() - begun_s < 2 * PATIENCE_S + 1.0
    assert os.read(read, 10) == b"x" * 10
    monkeypatch.setattr(sys, "stderr", io.StringIO())  # what is no file stays as it is
    with nothing_fails():
        assert isinstance(sys.stderr, io.StringIO)
    os.close(read)
    os.close(write)


# -- the terminal -------------------------------------------------------------------------------------------------


def test_the_terminal_may_be_closed_at_any_moment(folder):
    close_terminals(3, seed=int(time.time()))


def test_a_terminal_that_goes_without_a_signal_is_noticed(folder):
    pid, terminal = on_terminal(
        play("--stats", "stats.json"), setup=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)
    )
    assert SCREEN_ON in read_until(terminal, re.escape(SCREEN_ON), 60.0)
    os.close(terminal)
    assert exit_code(pid, 15.0) == 128 + signal.SIGHUP
    assert json.loads(Path("stats.json").read_text())["stop_reason"] == "interrupted"


def test_a_terminal_on_which_nothing_can_be_drawn_gets_the_log(folder):
    pid, terminal = on_terminal(play("--duration", "1"), term="dumb")
    seen = read_until(terminal, b"never", 30.0)
    assert exit_code(pid, 20.0) == 0
    os.close(terminal)
    assert b"playing\r\n" in seen
    assert b"\x1b[" not in seen.replace(b"\x1b[?25h", b"").replace(b"\x1b[?25l", b"").replace(b"\x1b[K", b"")


@pytest.mark.parametrize("how", ["ctrl-l", "stop and continue"])
def test_all_of_the_screen_is_drawn_again(folder, how):
    pid, terminal = on_terminal(play())
    read_until(terminal, re.escape(SCREEN_ON), 60.0)
    read_until(terminal, b"never", 2.5)
    if how == "ctrl-l":
        os.write(terminal, b"\x0c")
    else:
        os.kill(pid, signal.SIGSTOP)
        time.sleep(1.5)
        os.kill(pid, signal.SIGCONT)
    seen = read_until(terminal, b"dynamics", 3.0)  # the name of a knob, which nothing else draws again
    os.write(terminal, b"q")
    threading.Thread(target=read_until, args=(terminal, b"never", 10.0), daemon=True).start()
    assert exit_code(pid, 15.0) == 0
    assert b"dynamics" in seen
    os.close(terminal)
