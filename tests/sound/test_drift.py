"""Two devices with clocks of their own: the interpolator, the buffer between them, and the streams at its ends."""

from __future__ import annotations

import heapq
import math
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import signal

from livemaster.dsp.asrc import BEFORE_FRAMES, TAPS, drift_table, interpolate
from livemaster.errors import InputError
from livemaster.sound.audio_process import _devices
from livemaster.sound.devices import NULL, Device, DeviceTable
from livemaster.sound.drift import DriftBuffer
from livemaster.sound.stream import StreamWish, TwoDevices, open_stream

RATE_HZ = 48000
TARGET = 1200
Block = tuple[int, float]
"""Frames, and by how much the callback is late, in seconds."""


def steady(frames: int) -> Callable[[np.random.Generator], Block]:
    return lambda random: (frames, 0.0)


def jittery(random: np.random.Generator) -> Block:
    return int(random.integers(64, 257)), float(random.uniform(0.0, 0.002))


@dataclass
class Clocks:
    """Two devices in simulated time: the input's clock is off by `ppm`, the output's is true."""

    ppm: float
    blocks_in: Callable[[np.random.Generator], Block] = jittery
    blocks_out: Callable[[np.random.Generator], Block] = jittery
    target: int = TARGET
    now_s: float = 0.0
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(5))

    def __post_init__(self) -> None:
        self.buffer = DriftBuffer(1, RATE_HZ, self.target, lambda: self.now_s)
        self.written = self.read = 0
        self.in_hz = RATE_HZ * (1.0 + self.ppm * 1e-6)

    def arrived(self) -> float:
        """Frames that the input's converter has taken until now."""
        return self.now_s * self.in_hz

    def run(
        self, seconds: float, sound: Callable[[NDArray[np.int64]], NDArray[np.float64]], deaf: tuple[float, float]
    ) -> Iterator[NDArray[np.float32]]:
        """Each block read; `deaf`: from when to when no input comes."""
        queue: list[tuple[float, int, int]] = []
        self._plan(queue, 0)
        self._plan(queue, 1)
        while (event := heapq.heappop(queue))[0] < seconds:
            self.now_s, side, frames = event
            if side == 0:
                if not deaf[0] < self.now_s < deaf[1]:
                    x = sound(np.arange(self.written - frames, self.written))
                    self.buffer.write(x.astype(np.float32)[:, None])
            else:
                out = np.empty((frames, 1), np.float32)
                self.buffer.read(out)
                yield out[:, 0]
            self._plan(queue, side)

    def _plan(self, queue: list[tuple[float, int, int]], side: int) -> None:
        """The next callback: an input's when its block is full, an output's when the one before has been played."""
        frames, late_s = (self.blocks_out if side else self.blocks_in)(self.random)
        if side:
            due_s = self.read / RATE_HZ
            self.read += frames
        else:
            self.written += frames
            due_s = self.written / self.in_hz
        heapq.heappush(queue, (max(self.now_s, due_s + late_s), side, frames))


NEVER = (np.inf, np.inf)
RAMP = 1 << 20


def ramp(n: NDArray[np.int64]) -> NDArray[np.float64]:
    """The number of each frame, so that what is heard says where it came from."""
    return (n % RAMP).astype(np.float64)


def sine(hz: float, level: float = 0.5) -> Callable[[NDArray[np.int64]], NDArray[np.float64]]:
    return lambda n: level * np.sin(2.0 * np.pi * hz * n / RATE_HZ)


def artefacts_db(x: NDArray[np.float64], hz: float) -> float:
    """What is not the sine, at its worst frequency, relative to the sine."""
    spectrum = np.abs(np.fft.rfft(x * signal.windows.kaiser(len(x), 20.0)))
    peak = int(np.argmax(spectrum))
    assert peak * RATE_HZ / len(x) == pytest.approx(hz, abs=2.0)
    rest = np.concatenate([spectrum[: max(0, peak - 10)], spectrum[peak + 11 :]])
    return float(20.0 * np.log10(rest.max() / spectrum[peak]))


def interpolated(x: NDArray[np.float64], ratio: float, frames: int) -> NDArray[np.float64]:
    ring = np.zeros((1 << 17, 1), np.float32)
    ring[: len(x), 0] = x
    out = np.empty((frames, 1), np.float32)
    place, motion = np.array([BEFORE_FRAMES]), np.array([0.0, ratio, 0.0])
    interpolate(ring, place, motion, drift_table(), np.zeros(TAPS), out)
    return out[:, 0].astype(np.float64)


@pytest.mark.parametrize("ratio", [0.999, 1.0 - 3.7e-5, 1.001])
@pytest.mark.parametrize(("hz", "most_db"), [(1000.0, -110.0), (15000.0, -100.0)])
def test_a_sine_stays_a_sine(hz: float, most_db: float, ratio: float):
    x = sine(hz)(np.arange(70000))
    assert artefacts_db(interpolated(x, ratio, 65536), hz * ratio) < most_db


def test_at_ratio_one_nothing_changes():
    x = np.random.default_rng(2).standard_normal(4000).astype(np.float32)
    assert np.array_equal(interpolated(x, 1.0, 3000), x[BEFORE_FRAMES : BEFORE_FRAMES + 3000])


def test_what_is_constant_stays_so_at_any_ratio():
    assert np.ptp(interpolated(np.full(5000, 0.7), 1.000321, 4000)) < 1e-7


def test_positions_carry_over_from_call_to_call_and_around_the_ring():
    random = np.random.default_rng(3)
    ring = random.standard_normal((1024, 2)).astype(np.float32)
    table, weights = drift_table(), np.zeros(TAPS)
    place, motion = np.array([BEFORE_FRAMES]), np.array([0.25, 1.0007, 1e-8])
    whole = np.empty((5000, 2), np.float32)
    interpolate(ring, place.copy(), motion.copy(), table, weights, whole)
    parts = np.empty_like(whole)
    for at in range(0, 5000, 250):
        interpolate(ring, place, motion, table, weights, parts[at : at + 250])
    assert np.array_equal(parts, whole)


def cents(change: float) -> float:
    """What a change of the ratio is as an interval."""
    return 1200.0 * math.log2(1.0 + change)


@pytest.mark.parametrize("ppm", [-2500.0, -50.0, 2500.0])
def test_no_correction_is_heard_as_a_wobble(ppm: float):
    """Clocks further apart than any, or frames lost: at most 0.9 cents a second, and 3.5 in all, but for the first
    10 s; so much is used where there is need."""
    clocks = Clocks(ppm, steady(128), steady(128), 2600)
    told = [
        (clocks.now_s, clocks.buffer.ratio) for _ in clocks.run(35.0, ramp, NEVER if ppm < -50.0 else (20.0, 20.02))
    ]
    at_s, ratios = np.array(told)[200:].T  # from where it plays
    assert (clocks.buffer.starved, clocks.buffer.overfull) == (0, 0)
    assert cents(float(np.abs(np.diff(ratios) / np.diff(at_s)).max())) < 0.9
    settled = np.abs(ratios[at_s > 14.0] - 1.0).max()
    assert settled == pytest.approx(0.002, abs=1e-9)
    assert cents(settled) < 3.5
    if abs(ppm) > 2000.0:
        assert np.abs(ratios[at_s < 10.0] - 1.0).max() > 0.0024


@pytest.mark.parametrize("ppm", [-500.0, 500.0])
def test_ten_minutes_of_two_clocks(ppm: float):
    """The latency holds, the ratio becomes the clocks', nothing is missed, and nothing wobbles."""
    clocks = Clocks(ppm)
    buffer = clocks.buffer
    told, late_ratios, slopes, before = [], [], [], (0.0, 1.0)
    for block in clocks.run(600.0, ramp, NEVER):
        slopes.append(abs(buffer.ratio - before[1]) / len(block) * RATE_HZ)
        before = (clocks.now_s, buffer.ratio)
        if clocks.now_s > 1.0 and clocks.arrived() % RAMP > 3000.0:  # not where the numbers begin anew
            lag = (clocks.arrived() - float(block[0]) + RAMP / 2) % RAMP - RAMP / 2
            told.append((clocks.now_s, lag))
        if clocks.now_s > 300.0:
            late_ratios.append(buffer.ratio)
    at_s, lags = np.array(told).T
    off_ppm = (np.array(late_ratios) / (1.0 + ppm * 1e-6) - 1.0) * 1e6
    mean = np.array([lags[(at_s >= t) & (at_s < t + 10.0)].mean() for t in range(120, 590, 10)])
    print(
        f"{ppm:+.0f} ppm: lag {lags.min():.0f}…{lags.max():.0f}, by ten seconds {mean.min():.1f}…{mean.max():.1f}, "
        f"ratio off by {np.abs(off_ppm).max():.2f} ppm at most from 300 s"
    )
    assert (buffer.starved, buffer.overfull) == (0, 0)
    assert np.abs(off_ppm).max() < 5.0
    assert np.abs(lags - TARGET).max() < 250.0
    assert np.ptp(mean) < 10.0
    assert buffer.latency_frames == TARGET
    assert cents(max(slopes[1:])) < 0.9, "a second"


def above_8_khz_db(x: NDArray[np.float32]) -> float:
    """The largest sample of what lies above 8 kHz, in dBFS."""
    taps = signal.firwin(511, 7500.0, fs=RATE_HZ, pass_zero=False, window=("kaiser", 12.0))
    return float(20.0 * np.log10(np.abs(signal.oaconvolve(x.astype(np.float64), taps, "valid")).max()))


def heard(clocks: Clocks, seconds: float, deaf: tuple[float, float] = NEVER) -> NDArray[np.float32]:
    return np.concatenate(list(clocks.run(seconds, sine(100.0), deaf)))


@pytest.mark.parametrize("gap_s", [0.03, 0.1003, 1.0])
@pytest.mark.parametrize("blocks", [steady(64), steady(1024), jittery])
def test_an_input_that_stops_fades_and_comes_back_without_a_click(blocks, gap_s):
    clocks = Clocks(300.0, blocks, blocks, 2600)
    quiet = above_8_khz_db(heard(Clocks(300.0, blocks, blocks, 2600), 2.0))
    loudest = -200.0
    for at_s in (1.0, 1.00271, 1.0049):
        clocks = Clocks(300.0, blocks, blocks, 2600)
        sound = heard(clocks, 3.0, (at_s, at_s + gap_s + 2600 / RATE_HZ))
        loudest = max(loudest, above_8_khz_db(sound))
        assert (clocks.buffer.starved, clocks.buffer.overfull) == (1, 0)
        assert np.abs(sound[-RATE_HZ // 2 :]).max() == pytest.approx(0.5, abs=1e-3)
        assert np.count_nonzero(sound[RATE_HZ:] == 0.0) > gap_s * RATE_HZ
    print(f"above 8 kHz {loudest:.1f} dBFS, {quiet:.1f} without a gap")
    assert loudest < -80.0


def test_an_input_that_stops_again_while_it_comes_back_does_not_click():
    """Stalls of 60 ms for whole minutes, at all phases of the fades."""
    turn = iter(range(1 << 30))
    clocks = Clocks(0.0, lambda random: (64, 0.06 if next(turn) % 53 == 0 else 0.0), steady(64), 700)
    sound = heard(clocks, 60.0)
    assert clocks.buffer.starved > 100
    assert above_8_khz_db(sound) < -80.0


def test_the_latency_is_the_same_after_a_gap():
    clocks = Clocks(200.0, steady(256), steady(128))
    lags = []
    for block in clocks.run(20.0, ramp, (8.0, 8.7)):
        if block[0] and clocks.now_s % 8.0 > 7.0:
            lags.append(clocks.arrived() - float(block[0]))
    assert len(lags) > 300
    assert np.abs(np.array(lags) - clocks.buffer.latency_frames).max() < 5.0


def test_lost_frames_are_made_up_for_within_the_bounds():
    """A device that drops 960 frames leaves too little, but enough to go on."""
    clocks = Clocks(-50.0, steady(128), steady(128), 2600)
    ratios, errors = [], []
    for _ in clocks.run(180.0, ramp, (100.0, 100.02)):
        if clocks.now_s > 90.0:
            ratios.append(clocks.buffer.ratio)
            errors.append((clocks.now_s, clocks.buffer.error_frames))
    lowest_ppm = (min(ratios) - 1.0) * 1e6
    assert -2000.001 < lowest_ppm < -500.0
    assert max(abs(error) for now_s, error in errors if now_s > 130.0) < 100.0
    assert abs(clocks.buffer.error_frames) < 10.0
    assert (clocks.buffer.starved, clocks.buffer.overfull) == (0, 0)


@pytest.mark.parametrize("pause_s", [0.1, 0.4, 2.0])
@pytest.mark.parametrize("frames", [64, 1024])
def test_an_output_that_pauses_is_counted_and_comes_back_without_a_click(frames, pause_s):
    """What has piled up meanwhile is left out, also when there was no room for it."""
    paused: list[float] = []

    def pausing(random: np.random.Generator) -> Block:
        if clocks.now_s > 1.0 and not paused:
            paused.append(clocks.now_s)
            clocks.read += round(pause_s * RATE_HZ)
        return frames, 0.0

    clocks = Clocks(-300.0, steady(frames), pausing, 2600)
    sound = heard(clocks, 5.0)
    assert (clocks.buffer.starved, clocks.buffer.overfull) == (0, 1)
    assert above_8_khz_db(sound) < -80.0
    assert abs(clocks.buffer.error_frames) < 20.0
    assert np.abs(sound[-RATE_HZ // 2 :]).max() == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize("ppm", [-500.0, -1.0, 0.0, 20.0])
def test_blocks_of_one_size_do_not_beat(ppm):
    """Each side's block lies ever elsewhere in the other's, yet the latency does not follow it."""
    clocks = Clocks(ppm, steady(1024), steady(1024), 2600)
    ratios, lags = [], []
    for block in clocks.run(120.0, ramp, NEVER):
        if clocks.now_s > 90.0 and clocks.arrived() % RAMP > 5000.0:
            lags.append((clocks.arrived() - float(block[0])) % RAMP)
            ratios.append(clocks.buffer.ratio)
    assert np.abs(np.array(ratios) / (1.0 + ppm * 1e-6) - 1.0).max() < 1e-6
    assert np.abs(np.array(lags) - 2600).max() < 1.0
    assert (clocks.buffer.starved, clocks.buffer.overfull) == (0, 0)


def test_one_late_callback_moves_nothing():
    """20 ms late, as when a machine is busy: the ratio hardly notices."""
    late = iter([*(0.0 for _ in range(20000)), 0.02])
    clocks = Clocks(100.0, lambda random: (128, next(late, 0.0)), steady(128), 2600)
    ratios = [(clocks.now_s, clocks.buffer.ratio) for _ in clocks.run(70.0, ramp, NEVER)]
    after = np.array([ratio for now_s, ratio in ratios if now_s > 50.0])
    assert np.ptp(after) < 2e-6
    assert clocks.buffer.starved == 0


def test_the_buffer_starts_with_silence_and_a_fade():
    sound = heard(Clocks(0.0, steady(128), steady(128)), 1.0)
    begins = int(np.flatnonzero(sound)[0])
    assert TARGET - 400 < begins < TARGET + 400
    assert above_8_khz_db(np.concatenate([np.zeros(1000, np.float32), sound])) < -80.0


class World:
    """Two devices of PortAudio's in simulated time, which passes when somebody sleeps."""

    class PortAudioError(Exception):
        pass

    def __init__(self, ppm: float, in_frames: int, out_frames: int) -> None:
        self.now_s, self.opened, self.refuses = 0.0, [], ""
        self._rates = {"RawInputStream": RATE_HZ * (1.0 + ppm * 1e-6), "RawOutputStream": RATE_HZ}
        self._frames = {"RawInputStream": in_frames, "RawOutputStream": out_frames}

    def monotonic(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        end_s = self.now_s + seconds
        running = [stream for stream in self.opened if stream.running]
        while running and (first := min(running, key=lambda stream: stream.due_s)).due_s <= end_s:
            self.now_s = first.due_s
            first.call()
        self.now_s = end_s

    def __getattr__(self, kind: str) -> Callable[..., FakeStream]:
        if kind not in {"RawStream", "RawInputStream", "RawOutputStream"}:
            raise AttributeError(kind)

        def opened(**fields: object) -> FakeStream:
            if kind == self.refuses:
                raise self.PortAudioError("Invalid sample rate")
            stream = FakeStream(self, kind, self._rates.get(kind, RATE_HZ), self._frames.get(kind, 128), fields)
            self.opened.append(stream)
            return stream

        return opened


class FakeStream:
    """One of them: a sine of 1 kHz by the input's own clock, and what the output was given."""

    def __init__(self, world: World, kind: str, rate_hz: float, frames: int, fields: dict[str, Any]) -> None:
        self.kind, self.fields, self.running, self.closed = kind, fields, False, False
        self._world, self._rate_hz, self._frames = world, rate_hz, frames
        self.latency = (0.01, 0.02) if kind == "RawStream" else frames / RATE_HZ
        self.count, self.heard = 0, []

    def start(self) -> None:
        self.running, self._began_s = True, self._world.now_s

    def stop(self) -> None:
        self.running = False

    def close(self) -> None:
        self.closed = True

    @property
    def due_s(self) -> float:
        return self._began_s + (self.count + self._frames) / self._rate_hz

    def call(self) -> None:
        channels = self.fields["channels"]
        channels = channels[-1] if isinstance(channels, tuple) else channels
        block = np.zeros((self._frames, channels), np.float32)
        if self.kind == "RawInputStream":
            block[:] = sine(1000.0)(np.arange(self.count, self.count + self._frames))[:, None]
            self.fields["callback"](memoryview(block).cast("B"), self._frames, None, 0)
        elif self.kind == "RawOutputStream":
            self.fields["callback"](memoryview(block).cast("B"), self._frames, None, 0)
            self.heard.append(block)
        else:
            self.fields["callback"](memoryview(block).cast("B"), memoryview(block).cast("B"), self._frames, None, 0)
        self.count += self._frames


def device(number: int, host_api: str = "ALSA") -> Device:
    return Device(str(number), f"device {number}", host_api, 2, 2, RATE_HZ)


def simulated(monkeypatch: pytest.MonkeyPatch, ppm: float = 0.0, in_frames: int = 128, out_frames: int = 192) -> World:
    world = World(ppm, in_frames, out_frames)
    monkeypatch.setitem(sys.modules, "sounddevice", world)
    monkeypatch.setattr("livemaster.sound.stream.time", world)
    return world


class Through:
    """A player that gives what it gets."""

    def __init__(self) -> None:
        self.came: list[NDArray[np.float32]] = []
        self.late = 0

    def __call__(self, out: NDArray[np.float32], late: bool, came: NDArray[np.float32] | None) -> None:
        assert came is not None
        self.late += late
        self.came.append(came.copy())
        out[:] = came


@pytest.mark.parametrize("ppm", [-300.0, 300.0])
@pytest.mark.parametrize(
    ("host_api", "blocks"),
    [("ALSA", (64, 64)), ("JACK Audio Connection Kit", (128, 192)), ("ALSA", (1024, 64)), ("ALSA", (64, 2048))],
)
def test_two_devices_play_as_one(monkeypatch, ppm, host_api, blocks):
    world, player = simulated(monkeypatch, ppm, *blocks), Through()
    wish = StreamWish(device(1), RATE_HZ, 0, 2, 2, device(2, host_api))
    stream = open_stream(wish, player)
    assert isinstance(stream, TwoDevices)
    assert [each.kind for each in world.opened] == ["RawInputStream", "RawOutputStream"]
    world.sleep(90.0)
    assert stream.buffer.ratio == pytest.approx(1.0 + ppm * 1e-6, abs=5e-6)
    assert (stream.buffer.starved, stream.buffer.overfull, player.late) == (0, 0, 0)
    told, heard_last = stream.latency_frames, blocks[0] - blocks[0]  # the latency of the newest frame that came
    assert told == heard_last + stream.buffer.latency_frames + blocks[1]
    assert stream.block_frames == blocks[1]
    heard = np.concatenate(world.opened[1].heard)[-65536:, 0].astype(np.float64)
    assert artefacts_db(heard, 1000.0 * (1.0 + ppm * 1e-6)) < -90.0
    stream.close()
    assert all(each.closed and not each.running for each in world.opened)


@pytest.mark.parametrize(
    ("output", "source", "kinds"),
    [
        (device(1), device(1), ["RawStream"]),
        (device(1), None, ["RawStream"]),
        (device(1, "JACK Audio Connection Kit"), device(2, "JACK Audio Connection Kit"), ["RawStream"]),
        (device(1), NULL, ["RawOutputStream"]),
        (device(1), device(2), ["RawInputStream", "RawOutputStream"]),
    ],
)
def test_only_two_clocks_need_two_streams(monkeypatch, output, source, kinds):
    world = simulated(monkeypatch)
    stream = open_stream(StreamWish(output, RATE_HZ, 0, 2, 2, source), Through())
    assert [each.kind for each in world.opened] == kinds
    if kinds == ["RawStream"]:
        assert stream.latency_frames == round(0.03 * RATE_HZ)
    stream.close()


def test_input_and_output_may_belong_to_two_host_apis():
    here, there = device(1, "ALSA"), device(2, "JACK Audio Connection Kit")
    order = {"device": "1", "outputs": 2, "input": "2", "inputs": 2}
    assert _devices(DeviceTable((here, there, NULL)), order) == (here, there)


def test_input_from_null_is_silence(monkeypatch):
    world, player = simulated(monkeypatch), Through()
    stream = open_stream(StreamWish(device(1), RATE_HZ, 0, 2, 2, NULL), player)
    world.sleep(0.1)
    stream.close()
    assert {block.shape for block in player.came} == {(192, 2)}
    assert not np.any(player.came)


def test_output_to_null_hears_the_input(monkeypatch):
    """In real time, for the null device has a thread of its own."""
    world, player, done = World(0.0, 128, 128), Through(), threading.Event()
    monkeypatch.setitem(sys.modules, "sounddevice", world)

    def feed() -> None:
        while not done.wait(128 / RATE_HZ):
            for each in world.opened:
                if each.running:
                    each.call()

    feeding = threading.Thread(target=feed)
    feeding.start()
    stream = open_stream(StreamWish(NULL, RATE_HZ, 128, 2, 2, device(2)), player)
    end_s = time.monotonic() + 10.0
    while not np.any(player.came[-1:]) and time.monotonic() < end_s:
        time.sleep(0.01)
    stream.close()
    done.set()
    feeding.join()
    assert [each.kind for each in world.opened] == ["RawInputStream"]
    assert np.any(player.came[-1])


@pytest.mark.parametrize(("refuses", "named"), [("RawInputStream", "device 2"), ("RawOutputStream", "device 1")])
def test_the_device_that_refuses_is_named_and_the_other_let_go(monkeypatch, refuses, named):
    world = simulated(monkeypatch)
    world.refuses = refuses
    with pytest.raises(InputError, match=f"ALSA:{named}: refuses 48000 Hz"):
        open_stream(StreamWish(device(1), RATE_HZ, 0, 2, 2, device(2)), Through())
    assert all(each.closed for each in world.opened)
