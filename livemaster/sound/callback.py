"""What runs in the device's callback: commands in, one block of sound out, figures told. Nothing else."""

from __future__ import annotations

import time
from collections import deque
from typing import cast

import numpy as np
from numpy.typing import NDArray

from livemaster.engine import Cue, Engine, Event, Performance, Tape
from livemaster.engine.bank import Packed
from livemaster.engine.performance import SILENCE
from livemaster.sound.records import event_of, push_event
from livemaster.sound.shared_memory import (
    BIN_US,
    BINS,
    NONE,
    Board,
    Count,
    DeckTape,
    Order,
    newest_deck,
)
from livemaster.units import QUANTUM_FRAMES, Audio, seconds_to_frames

STARVED_FADE_S = 0.01
"""How fast the sound fades when a deck runs dry."""

Interleaved = NDArray[np.float32]
"""Samples of shape (frames, channels), as devices want them."""


class InputTape:
    """What the device hears, as a tape that has no positions: each frame is read once, a quantum after it came."""

    def __init__(self, channels: int, most_frames: int) -> None:
        self._store = np.zeros((channels, most_frames + 4 * QUANTUM_FRAMES), np.float32)
        self._filled = QUANTUM_FRAMES  # so that whole quanta are there for any size of block

    def push(self, block: Interleaved) -> None:
        """[audio] What has just come in; when nobody reads, the oldest goes."""
        count = len(block)
        if self._filled + count > self._store.shape[1]:
            self._filled = QUANTUM_FRAMES
        self._store[:, self._filled : self._filled + count] = block.T[: len(self._store)]
        self._filled += count

    def read(self, position: int, out: Audio) -> None:
        """[audio] The oldest frames that were not read."""
        count = out.shape[1]
        out[:] = self._store[:, :count]
        left = self._filled - count
        self._store[:, :left] = self._store[:, count : self._filled].copy()
        self._filled = left


class Overheard(DeckTape):
    """A deck whose music is told as input: a file that stands in for a device."""

    def __init__(self, board: Board, number: int) -> None:
        super().__init__(board, number)
        self._told = board.input

    def read(self, position: int, out: Audio) -> None:
        """[audio] As the deck does."""
        super().read(position, out)
        self._told.write(out)


class Player:
    """One engine on one device, driven by a board.

    `programs`: packed lanes by number, of which the engine was made with `plan`. `inputs`: how many channels come in;
    0 plays from the board's decks.
    `overheard`: the decks' music is told as what came in.
    """

    def __init__(
        self,
        board: Board,
        engine: Engine,
        plans: list[tuple[Packed, ...]],
        plan: int,
        most_frames: int,
        inputs: int = 0,
        overheard: bool = False,
    ) -> None:
        self.board = board
        self._counts, self._histogram = board.counts.data, board.histogram.data  # quicker than an array, one by one
        self._reductions_db = cast("memoryview[float]", board.reductions_db.data)
        self._input = InputTape(engine.channels, most_frames) if inputs else None
        self.performance = Performance(engine, plans, self._open, self._log, plan)
        self._meters = engine.reduction_meters
        engine.tell_sides(self._tell_sides)
        self._block = np.zeros((engine.channels, most_frames), np.float32)
        self._engine, self._due_ns = engine, 0
        self._starved_fade = seconds_to_frames(STARVED_FADE_S, engine.rate_hz)
        self._starved = False
        self._deck_tape = Overheard if overheard else DeckTape
        self._orders: deque[Event] = deque()
        self._leaving = False

    @property
    def engine(self) -> Engine:
        """The engine."""
        return self._engine

    @property
    def latency(self) -> int:
        """Frames by which the output lags the music, or the input."""
        return self.performance.latency + (QUANTUM_FRAMES if self._input is not None else 0)

    @property
    def reduction_names(self) -> list[str]:
        """Stages whose reduction is told, in order."""
        return [name for name, _ in self._meters]

    def leave(self, fade_frames: int) -> None:
        """[control] Fade out, and obey nobody any more; from the audio process's other thread."""
        self._leaving = True
        self._orders.append(Cue(None, None, 0, self.performance.now.plan, fade_frames))

    def block(self, out: Interleaved, late: bool, came: Interleaved | None = None) -> None:
        """[audio] Fill one block of the device; `late`: whether the device says that it missed one."""
        begun_ns = time.monotonic_ns()
        counts, frames = self._counts, len(out)
        counts[Count.BEAT_NS] = begun_ns
        self._obey()
        y = self._block[:, :frames]
        if came is not None and self._input is not None:
            self._input.push(came)
            self.board.input.write(came.T[: len(y)])
        self._watch_deck(frames)
        if self.performance.resting:
            y[:] = 0.0
        else:
            self.performance.render(y)
            counts[Count.MADE] += frames
        if out.shape[1] == len(y):
            out[:] = y.T
        else:
            for channel in range(out.shape[1]):
                out[:, channel] = y[min(channel, len(y) - 1)]
        self.board.heard.write(y)
        self._tell(frames, begun_ns, late)

    def _tell_sides(self, master: Audio, mix: Audio) -> None:
        self.board.master.write(master)
        self.board.mix.write(mix)

    def _obey(self) -> None:
        while self._orders:
            self.performance.do(self._orders.popleft())
        if self._leaving:
            return
        for record in self.board.commands.pop():
            if record["kind"] == Order.FORGET_CUES:
                self.performance.forget_cues()
            else:
                self.performance.do(event_of(record))

    def _open(self, track: int, position: int) -> Tape:
        if self._input is not None:
            return self._input
        number = newest_deck(self.board, track, position)
        return SILENCE if number is None else self._deck_tape(self.board, number)

    def _watch_deck(self, frames: int) -> None:
        """Fade out before a deck runs dry; the interface cues the music again when it is there."""
        place = self.performance.now
        if isinstance(place.tape, DeckTape):
            ahead = frames + QUANTUM_FRAMES + self._starved_fade
            if not self._starved and place.tape.lacks(self.performance.position + ahead):
                self._starved = True
                self._counts[Count.STARVED] += 1
                self.performance.do(Cue(None, None, 0, place.plan, self._starved_fade))
        else:
            self._starved = False

    def _log(self, event: Event) -> None:
        tape = self.performance.now.tape
        deck = tape.number if isinstance(tape, DeckTape) else NONE
        if not push_event(self.board.log, event, deck=deck, orders=self.board.commands.read):
            self._counts[Count.LOST] += 1

    def _tell(self, frames: int, begun_ns: int, late: bool) -> None:
        """Where the music stands, what the stages take away, how long it took."""
        counts, performance = self._counts, self.performance
        place = performance.now
        counts[Count.FRAME], counts[Count.ORIGIN], counts[Count.PLAN] = performance.frame, place.origin, place.plan
        counts[Count.TRACK] = NONE if place.track is None else place.track
        counts[Count.RESTING] = performance.resting
        counts[Count.FRAMES] += frames
        counts[Count.NONFINITE] = self._engine.nonfinite_samples
        for number, (_, reduction_db) in enumerate(self._meters):
            self._reductions_db[number] = reduction_db()
        due_ns = frames * 1_000_000_000 // self._engine.rate_hz
        took_ns = time.monotonic_ns() - begun_ns
        counts[Count.DUE_NS] += due_ns
        counts[Count.BUSY_NS] += took_ns
        counts[Count.LATE] += late
        self._histogram[min(took_ns // (1000 * BIN_US), BINS - 1)] += 1
        counts[Count.BEAT] += 1
