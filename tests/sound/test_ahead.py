"""What lies between a device's compiled callback and the thread that makes the sound."""

from __future__ import annotations

import ctypes
import os
import threading
import time
from contextlib import contextmanager

import numpy as np
import pytest

from livemaster.sound import render_ahead
from livemaster.sound.render_ahead import Ahead, ready_frames

RATE_HZ, CHANNELS, MOST_FRAMES, QUIET = 48000, 2, 2048, 2
UNDERFLOW, PRIMING = 0x4, 0x10
READY = ready_frames(128, RATE_HZ)


class Counting:
    """Makes 1, 2, 3…, minus them on the other channel; `pause` is waited for before each block."""

    def __init__(self):
        self.made, self.late, self.sizes, self.pause = 0, [], [], threading.Event()
        self.pause.set()

    def __call__(self, out, late):
        self.pause.wait(10.0)
        count = len(out)
        out[:] = np.arange(self.made + 1, self.made + count + 1)[:, None] * np.array([1.0, -1.0])
        self.made += count
        self.late.append(late)
        self.sizes.append(count)


@contextmanager
def device(source):
    """A callable that asks for a block as PortAudio does, and the `Ahead` behind it."""
    between = Ahead(source, CHANNELS, RATE_HZ, MOST_FRAMES, QUIET)
    callback = ctypes.CFUNCTYPE(
        ctypes.c_int, *(ctypes.c_void_p,) * 2, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_void_p
    )(between.callback)

    def ask(frames, flags=0, answer=0):
        out = np.full((frames, CHANNELS), np.nan, np.float32)
        assert callback(None, out.ctypes.data, frames, None, flags, between.memory) == answer
        return out

    try:
        yield ask, between
    finally:
        source.pause.set()
        between.close()


def settled(source, made):
    end_s = time.monotonic() + 5.0
    while source.made != made and time.monotonic() < end_s:
        time.sleep(0.001)
    assert source.made == made


def begin(ask, source, frames=128):
    """Up to the first sound, with all ready that is made ahead."""
    while not source.made:
        assert not np.any(ask(frames))
        time.sleep(0.01)
    settled(source, ready_frames(frames, RATE_HZ))


@pytest.mark.parametrize("frames", [64, 100, 128, 256, 441, 1024, 2048])
def test_blocks_of_any_size_are_handed_out_in_order(frames):
    source, heard = Counting(), []
    with device(source) as (ask, _):
        begin(ask, source, frames)
        while sum(map(len, heard)) < 6 * MOST_FRAMES:  # once around and further
            heard.append(ask(frames))
    sound = np.concatenate(heard)
    np.testing.assert_array_equal(sound[:, 0], np.arange(1, len(sound) + 1, dtype=np.float32))
    np.testing.assert_array_equal(sound[:, 1], -sound[:, 0])


def test_the_first_blocks_stay_silent():
    source = Counting()
    with device(source) as (ask, _):
        for _ in range(QUIET):
            assert not np.any(ask(64))
            time.sleep(0.05)
        assert source.made == 0
        assert not np.any(ask(64))
        settled(source, ready_frames(64, RATE_HZ))


@pytest.mark.parametrize(
    ("block_frames", "rate_hz", "frames"),
    [(64, 48000, 256), (128, 48000, 256), (128, 44100, 256), (256, 48000, 256), (1024, 48000, 1024), (128, 96000, 512)],
)
def test_some_milliseconds_are_ready_and_one_block_at_least(block_frames, rate_hz, frames):
    assert ready_frames(block_frames, rate_hz) == frames


@pytest.mark.parametrize(("block_frames", "most"), [(64, 960), (128, 1024), (256, 1024), (1024, 1024)])
def test_it_is_never_made_further_ahead_than_20_ms_or_a_block(block_frames, most):
    found = [ready_frames(block_frames, 48000, waited) for waited in range(1000)]
    assert np.all(np.diff(found) >= 0)
    assert max(found) == most


@pytest.mark.parametrize("frames", [64, 128, 256, 1024])
def test_what_is_ready_is_told_and_no_more_is_made(frames):
    source = Counting()
    with device(source) as (ask, between):
        begin(ask, source, frames)
        assert between.block_frames == frames
        assert between.frames == ready_frames(frames, RATE_HZ)
        ask(frames)
        settled(source, ready_frames(frames, RATE_HZ) + frames)
        time.sleep(0.05)
        assert source.made == ready_frames(frames, RATE_HZ) + frames


def test_a_device_that_changes_the_size_of_its_blocks_misses_nothing():
    rng, source, heard = np.random.default_rng(0), Counting(), []
    with device(source) as (ask, _):
        begin(ask, source)
        begun_s = time.monotonic()
        for frames in rng.permutation([64, 128, 300, 1024, 2048] * 8):
            heard.append(ask(int(frames)))
        assert time.monotonic() - begun_s < render_ahead.LONGEST_WAIT_US / 1e6
    sound = np.concatenate(heard)[:, 0]
    np.testing.assert_array_equal(sound, np.arange(1, len(sound) + 1, dtype=np.float32))


@pytest.mark.parametrize("sizes", [(470, 471), (127, 128, 129), (1024, 1023)])
def test_a_device_whose_blocks_vary_by_a_frame_need_not_wait(sizes):
    source, heard = Counting(), []
    with device(source) as (ask, _):
        begin(ask, source, min(sizes))
        ask(max(sizes))
        for number in range(60):
            time.sleep(0.005)
            heard.append(ask(sizes[number % len(sizes)]))
    sound = np.concatenate(heard)[:, 0]
    np.testing.assert_array_equal(np.diff(sound), 1.0)
    assert sum(source.late) <= 1, "only where a larger block than any before is asked for"


def test_a_block_that_is_not_ready_is_waited_for_and_told_as_late():
    source, heard = Counting(), []
    with device(source) as (ask, between):
        begin(ask, source)
        source.pause.clear()
        while sum(map(len, heard)) < READY:
            heard.append(ask(128))
        threading.Timer(0.05, source.pause.set).start()
        begun_s = time.monotonic()
        heard.append(ask(128))
        assert time.monotonic() - begun_s > 0.04
        settled(source, 2 * READY + 256)
        assert between.frames == READY + 128, "a block more is made ahead from now on"
        heard.append(ask(128))
    sound = np.concatenate(heard)[:, 0]
    np.testing.assert_array_equal(sound, np.arange(1, len(sound) + 1, dtype=np.float32))
    assert sum(source.late) == 1


def test_a_device_is_not_held_up_for_ever():
    source = Counting()
    with device(source) as (ask, _):
        begin(ask, source)
        source.pause.clear()
        for _ in range(READY // 128):
            ask(128)
        begun_s = time.monotonic()
        assert not np.any(ask(128))
        assert time.monotonic() - begun_s > 0.9 * render_ahead.LONGEST_WAIT_US / 1e6
        source.pause.set()
        settled(source, 2 * READY + 128)
        assert ask(128)[0, 0] == READY + 1  # goes on where it was


def test_what_the_device_says_it_missed_is_told_once():
    source = Counting()
    with device(source) as (ask, _):
        begin(ask, source)
        for number, flags in enumerate((0, UNDERFLOW, 0, PRIMING, 0), 1):
            ask(128, flags)
            settled(source, READY + 128 * number)
    assert source.late[-5:] == [False, True, False, False, False]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_fails_ends_the_stream_at_once():
    source = Counting()
    with device(source) as (ask, between):
        begin(ask, source)
        source.sizes = None  # so that the next block raises AttributeError
        begun_s = time.monotonic()
        for _ in range(READY // 128):
            assert np.any(ask(128))
        between._thread.join(5.0)
        assert not np.any(ask(128, answer=render_ahead.ABORT))
        assert time.monotonic() - begun_s < render_ahead.LONGEST_WAIT_US / 1e6


def test_blocks_larger_than_any_that_can_be_made_are_put_together():
    source, heard = Counting(), []
    with device(source) as (ask, _):
        begin(ask, source)
        heard += [ask(MOST_FRAMES + 952) for _ in range(8)]
        assert max(source.sizes) == MOST_FRAMES
        assert not np.any(ask(render_ahead.ROOM_BLOCKS * MOST_FRAMES + 1))
        heard.append(ask(64))
    sound = np.concatenate(heard)[:, 0]
    np.testing.assert_array_equal(sound, np.arange(1, len(sound) + 1, dtype=np.float32))


def test_a_large_block_long_ago_makes_no_latency():
    source = Counting()
    with device(source) as (ask, between):
        begin(ask, source)
        ask(2048)
        assert between.frames == 2048
        for _ in range(RATE_HZ // 128 + 2):
            ask(128)
        assert between.frames <= ready_frames(128, RATE_HZ, waited=1000)


def test_all_that_is_ready_is_handed_out_before_the_end():
    source, heard, done = Counting(), [], threading.Event()
    with device(source) as (ask, between):
        begin(ask, source)
        ready = source.made

        def play():
            while not done.wait(0.003):
                heard.append(ask(128))

        playing = threading.Thread(target=play)
        playing.start()
        between.finish()
        handed_out = sum(map(len, heard))
        done.set()
        playing.join()
    assert handed_out >= ready - 128  # the last one may just be returning


def test_a_device_that_asks_no_more_is_not_waited_for_long():
    source = Counting()
    with device(source) as (ask, between):
        begin(ask, source)
        begun_s = time.monotonic()
        between.finish()
        assert time.monotonic() - begun_s < 0.5


def test_its_thread_and_its_pipe_end_with_it():
    source = Counting()
    with device(source) as (ask, between):
        begin(ask, source)
        thread = between._thread
        assert thread.is_alive()
    assert not thread.is_alive()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(between._woken)
