"""What one block of a live performance costs, back to back and at a device's pace, beside pedalboard's own plugins."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pedalboard as pb

from bench.bench import Bench
from bench.document import Section, Table, figure
from livemaster.engine import Cue, Engine, Lane, Program
from livemaster.mastering.chains import chain
from livemaster.sound.audio_process import MAX_QUANTA
from livemaster.sound.callback import Player
from livemaster.sound.shared_memory import Board, DeckWriter
from livemaster.sound.stream import MOST_FRAMES

OURS, PEER = "`Player.block`", "pedalboard's plugins"
RATE_HZ = 48000
BLOCKS = (64, 128, 256)
TURN_BLOCKS = 400
"""Blocks of one program before it is the other's turn; the first tenth warms up."""
LENGTH_FRAMES = 1 << 40
"""Of the track: longer than any run."""
SETTINGS = {
    "trim.gain_db": -3.0,
    "eq.highpass_amount": 1.0,
    "eq.low_shelf_db": 2.0,
    "eq.mid_bell_db": -1.5,
    "eq.high_shelf_db": 2.0,
    "comp.ratio": 2.5,
    "sat.saturation": 0.3,
    "width.width": 1.2,
    "restore.gain_db": 3.0,
    "level.gain_db": 2.0,
}
"""Every stage of the default chain at work."""


@dataclass(frozen=True, slots=True)
class Contender:
    """`ask` makes the next block of so many frames; `prepare` comes before each turn, untimed."""

    ask: Callable[[int], object]
    prepare: Callable[[], None] = lambda: None


def measure(bench: Bench) -> Section:
    """Both in turns, at each size of block, without and with a pause between blocks."""
    contenders = {OURS: _player(), PEER: _plugins()}
    rows = [
        row
        for paced in (False, True)
        for frames in BLOCKS
        for row in _rows(_turns(contenders, frames, paced, bench.runs), frames, paced)
    ]
    header = ("program", "block", "p50, µs", "p99, µs", "share of a core at p50, %", "p50 of the plugins'")
    return Section(
        (
            f"One block at {RATE_HZ} Hz, in one process by turns: what the device's callback does (default chain with "
            "every stage at work, both sides of A/B through their limiters, meters told), and pedalboard's high-pass, "
            "two shelves, peak, compressor, distortion, gain and limiter in a row, which have no lanes, A/B or true "
            "peak. Paced is with a sleep up to the next block between blocks, after which caches are cold.",
            Table(header, rows),
        )
    )


def _turns(contenders: dict[str, Contender], frames: int, paced: bool, turns: int) -> dict[str, np.ndarray]:
    """Times in microseconds of every block of each."""
    found: dict[str, list[np.ndarray]] = {name: [] for name in contenders}
    for _ in range(turns):
        for name, contender in contenders.items():
            contender.prepare()
            found[name].append(_times_us(contender.ask, frames, frames / RATE_HZ if paced else 0.0))
    return {name: np.concatenate(times) for name, times in found.items()}


def _times_us(ask: Callable[[int], object], frames: int, every_s: float) -> np.ndarray:
    times_us = np.zeros(TURN_BLOCKS)
    due_s = time.perf_counter()
    for number in range(TURN_BLOCKS):
        due_s += every_s
        time.sleep(max(due_s - time.perf_counter(), 0.0) if every_s else 0.0)
        begun_ns = time.perf_counter_ns()
        ask(frames)
        times_us[number] = (time.perf_counter_ns() - begun_ns) / 1000.0
    return times_us[TURN_BLOCKS // 10 :]


def _rows(times_us: dict[str, np.ndarray], frames: int, paced: bool) -> Iterator[tuple[str, ...]]:
    """A row for each program; the last column is how many times as long as the peer it took."""
    peer_us = np.median(times_us[PEER])
    for name, times in times_us.items():
        p50, p99 = np.percentile(times, (50, 99))
        share = 100.0 * p50 * 1e-6 * RATE_HZ / frames
        pace = "paced" if paced else "back to back"
        yield (
            f"{name}, {pace}",
            str(frames),
            figure(p50, 0),
            figure(p99, 0),
            figure(share, 1),
            figure(p50 / peer_us, 1),
        )


def _music(frames: int) -> np.ndarray:
    """Noise on a bass, loud enough that compressor and limiter have work."""
    rng, t = np.random.default_rng(0), np.arange(frames) / RATE_HZ
    return (0.1 * rng.standard_normal((2, frames)) + 0.3 * np.sin(2.0 * np.pi * 100.0 * t)).astype(np.float32)


def _player() -> Contender:
    """A player that plays a deck, which holds more than a turn."""
    board = Board.create()
    board.close()
    program = Program(tuple(Lane(target, (0,), (value,)) for target, value in SETTINGS.items()))
    engine = Engine(chain("default").graph, RATE_HZ, 2, program=program, max_quanta=MAX_QUANTA)
    player = Player(board, engine, [engine.packed(program)], 0, MOST_FRAMES)
    deck, music = DeckWriter(board, 0), _music(RATE_HZ)
    deck.begin(0, 0, LENGTH_FRAMES)
    outputs = {frames: np.zeros((frames, 2), np.float32) for frames in BLOCKS}

    def fill() -> None:
        while deck.room > RATE_HZ:
            deck.write(music)

    fill()
    player.performance.do(Cue(None, 0))
    return Contender(lambda frames: player.block(outputs[frames], False), fill)


def _plugins() -> Contender:
    row = pb.Pedalboard(
        [
            *(pb.HighpassFilter(30.0), pb.LowShelfFilter(100.0, 2.0), pb.PeakFilter(1000.0, -1.5, 0.7)),
            *(pb.HighShelfFilter(6000.0, 2.0), pb.Compressor(-18.0, 2.5), pb.Distortion(3.0), pb.Gain(2.0)),
            pb.Limiter(-1.0),
        ]
    )
    music = _music(max(BLOCKS))
    inputs = {frames: np.ascontiguousarray(music[:, :frames]) for frames in BLOCKS}
    return Contender(lambda frames: row.process(inputs[frames], RATE_HZ, frames, False))
