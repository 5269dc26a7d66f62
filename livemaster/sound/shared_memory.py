"""Memory that the interface and the audio process share: commands in, a log and figures out, music on decks.

Every counter has one writer. What it counts is written before it moves, so that no lock is needed where stores are seen
in the order in which they are made (`ORDERED`); elsewhere nothing is played. The file behind it has no name, so that it
goes when all that use it go.
"""

from __future__ import annotations

import mmap
import os
import platform
import tempfile
from enum import IntEnum, auto
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from livemaster.controls import ENGINE_CONTROLS
from livemaster.units import Audio

ORDERED = platform.machine() in ("x86_64", "AMD64")
"""Whether processors see stores in the order of their making: ARM's may see a counter before what it counts."""
TARGETS = (*ENGINE_CONTROLS, "compare.mix", "compare.master_gain_db", "compare.mix_gain_db")
"""What a command can aim at, by number."""
MOST_CHANNELS = 2
DECKS = 3
"""One that plays, one that is faded to, one that is being filled."""
DECK_FRAMES = 1 << 18
"""Music ahead on a deck: 5.5 s at 48 kHz, 1.4 s at 192 kHz."""
SCOPES = ("heard", "input", "master", "mix")
"""What is heard, what comes in, and both sides of A/B before the match."""
SCOPE_FRAMES = 1 << 18
"""Sound kept for the meters, and of the input for the take: half of it can be looked back on, 2.7 s at 48 kHz."""
RING_RECORDS = 4096
MAILBOX_BYTES = 1 << 24
BIN_US, BINS = 5, 4001
"""The histogram of the times that blocks take to make; the last bin holds all that is longer."""
_IN_MEMORY = Path("/dev/shm")

RECORD = np.dtype(
    [
        (name, np.int64)
        for name in ("kind", "frame", "track", "position", "plan", "fade_frames", "target", "deck", "orders")
    ]
    + [("value", np.float64)]
)
"""`deck`: on which a cue's music lies; `orders`: how many commands had been obeyed when a thing was logged."""
NONE = -(1 << 62)
"""What stands in a record where nothing is given."""


class Order(IntEnum):
    """What a record asks for, or tells of."""

    COMMAND = 1
    CUE = 2
    FORGET_CUES = 3


class Count(IntEnum):
    """Whole numbers, by place; the audio process writes all but the last three."""

    BEAT = 0
    """Blocks made so far: each by a callback of Python, or on the thread that is ahead of a compiled one."""
    BEAT_NS = auto()
    """When the last one began, monotonic."""
    LATE = auto()
    BUSY_NS = auto()
    """Time spent on blocks."""
    DUE_NS = auto()
    """Time that the blocks asked for last."""
    FRAMES = auto()
    """Frames made for the device, AHEAD included."""
    MADE = auto()
    """Frames of them that the engine made; while it rests it makes none."""
    FRAME = auto()
    """The engine's frame."""
    TRACK = auto()
    ORIGIN = auto()
    PLAN = auto()
    RESTING = auto()
    STARVED = auto()
    """How often a deck had no music left."""
    NONFINITE = auto()
    PLANS = auto()
    """Plans taken from the mailbox so far."""
    CAME = auto()
    """Blocks that the input has brought so far."""
    SKIPPED = auto()
    """Blocks that the device skipped without a word, by the clock."""
    UNLINKED = auto()
    """1 while the other end of the input is gone, 2 of the output, 3 of both, where the device itself goes on."""
    AHEAD = auto()
    """Frames that are ready before the device asks for them."""
    LOST = auto()
    """Log records for which there was no room."""
    MAIL = auto()
    """Interface: messages put into the mailbox so far."""
    MAIL_BYTES = auto()
    QUIT = auto()
    """Interface: 1 when the audio process shall end."""


class Deck(IntEnum):
    """The head of a deck; the audio process writes the last one."""

    GENERATION = 0
    TRACK = auto()
    FIRST = auto()
    """Position of the first frame on it."""
    FILLED = auto()
    """Position up to which it is filled."""
    LENGTH = auto()
    """Length of the track: what follows is silence."""
    READ = auto()
    """Position up to which it was read."""


class _Layout(NamedTuple):
    """Bytes of each part, in order."""

    counts: int = 64 * 8
    reductions: int = 16 * 8
    histogram: int = BINS * 8
    ring_heads: int = 4 * 8
    commands: int = RING_RECORDS * RECORD.itemsize
    log: int = RING_RECORDS * RECORD.itemsize
    scope_heads: int = len(SCOPES) * 8
    scopes: int = len(SCOPES) * MOST_CHANNELS * SCOPE_FRAMES * 4
    deck_heads: int = DECKS * 8 * 8
    decks: int = DECKS * MOST_CHANNELS * DECK_FRAMES * 4
    mailbox: int = MAILBOX_BYTES


LAYOUT = _Layout()


class Ring:
    """Records from one writer to one reader."""

    def __init__(self, records: NDArray[np.void], heads: NDArray[np.int64]) -> None:
        self._records, self._heads = records, heads.data  # quicker than an array, one by one

    @property
    def written(self) -> int:
        """Records that were ever pushed;"""
        return self._heads[0]

    @property
    def read(self) -> int:
        """and those of them that were popped."""
        return self._heads[1]

    def push(self, **fields: float) -> bool:
        """[audio] Add a record; False when the reader has left no room."""
        written = self.written
        if written - self.read >= RING_RECORDS:
            return False
        record = self._records[written % RING_RECORDS]
        for name in RECORD.names or ():
            record[name] = fields.get(name, NONE)
        self._heads[0] = written + 1
        return True

    def pop(self) -> list[np.void]:
        """[audio] All records that wait."""
        read, written = self.read, self.written
        if read == written:
            return []
        found = [self._records[number % RING_RECORDS].copy() for number in range(read, written)]
        self._heads[1] = written
        return found

    def clear(self) -> None:
        """[control] Forget everything; only while the other side does not run."""
        self._heads[0] = self._heads[1] = 0


class Scope:
    """The latest sound, from one writer to one reader that looks when it wants."""

    def __init__(self, audio: Audio, head: NDArray[np.int64]) -> None:
        self._audio, self._head = audio, head.data

    def write(self, block: Audio) -> None:
        """[audio] Append (channels, n), n up to SCOPE_FRAMES."""
        at = self.end
        _wrapped_write(self._audio, at, block)
        self._head[0] = at + block.shape[1]

    @property
    def end(self) -> int:
        """Frames written so far."""
        return self._head[0]

    def since(self, frame: int) -> tuple[int, Audio]:
        """[control] All from `frame` on that is still there: the frame it begins at, and a copy of it."""
        end = self.end
        first = max(frame, end - SCOPE_FRAMES // 2, 0)  # half, so that nothing is overwritten while it is copied
        return first, _wrapped_read(self._audio, first, max(end - first, 0))


class Board:
    """All of it, as arrays; `handle` is the file by which the other side gets it, until `close`."""

    def __init__(self, handle: int) -> None:
        self.handle, self.memory = handle, mmap.mmap(handle, sum(LAYOUT))
        parts: dict[str, memoryview] = {}
        at = 0
        for name, size in LAYOUT._asdict().items():
            parts[name] = memoryview(self.memory)[at : at + size]
            at += size
        self.counts = np.frombuffer(parts["counts"], np.int64)
        self.reductions_db = np.frombuffer(parts["reductions"], np.float64)
        self.histogram = np.frombuffer(parts["histogram"], np.int64)
        heads = np.frombuffer(parts["ring_heads"], np.int64)
        self.commands = Ring(np.frombuffer(parts["commands"], RECORD), heads[:2])
        self.log = Ring(np.frombuffer(parts["log"], RECORD), heads[2:])
        scope_heads = np.frombuffer(parts["scope_heads"], np.int64)
        scopes = np.frombuffer(parts["scopes"], np.float32).reshape(len(SCOPES), MOST_CHANNELS, SCOPE_FRAMES)
        self.heard, self.input, self.master, self.mix = (
            Scope(scopes[i], scope_heads[i : i + 1]) for i in range(len(SCOPES))
        )
        self.deck_heads = np.frombuffer(parts["deck_heads"], np.int64).reshape(DECKS, 8)
        self.decks = np.frombuffer(parts["decks"], np.float32).reshape(DECKS, MOST_CHANNELS, DECK_FRAMES)
        self.mailbox = parts["mailbox"]

    @classmethod
    def create(cls) -> Board:
        """[control] A new one, in memory where the system has a place for that."""
        folder = _IN_MEMORY if _IN_MEMORY.is_dir() and os.access(_IN_MEMORY, os.W_OK) else None
        handle, name = tempfile.mkstemp(prefix="livemaster-", suffix=".board", dir=folder)
        try:
            Path(name).unlink()
            os.ftruncate(handle, sum(LAYOUT))
            return cls(handle)
        except BaseException:
            os.close(handle)
            raise

    def close(self) -> None:
        """[control] Nobody else shall get it; those who have it keep the memory."""
        os.close(self.handle)

    @property
    def late_blocks(self) -> int:
        """Blocks that the device says it missed, and those it skipped without a word."""
        return int(self.counts[Count.LATE]) + int(self.counts[Count.SKIPPED])

    @property
    def block_frames(self) -> int:
        """Frames of a block of the device, on average; 0 before the first."""
        blocks = int(self.counts[Count.BEAT])
        return int(self.counts[Count.FRAMES]) // blocks if blocks else 0

    @property
    def position(self) -> int:
        """The engine's place in its track when what the device asks for next was made."""
        return int(self.counts[Count.FRAME]) - int(self.counts[Count.ORIGIN]) - int(self.counts[Count.AHEAD])

    def reset(self) -> None:
        """[control] Ready for another engine; only while no audio process runs. What counts goes on counting."""
        for place in (
            *(Count.MADE, Count.FRAME, Count.ORIGIN, Count.PLAN),
            *(Count.RESTING, Count.PLANS, Count.AHEAD, Count.QUIT, Count.UNLINKED),
        ):
            self.counts[place] = 0
        self.reductions_db[:] = 0.0
        self.commands.clear()
        self.log.clear()
        self.counts[Count.TRACK] = NONE

    def post(self, message: bytes) -> None:
        """[control] Put a message into the mailbox; the one before must have been taken."""
        self.mailbox[: len(message)] = message
        self.counts[Count.MAIL_BYTES] = len(message)
        self.counts[Count.MAIL] += 1


def _wrapped_write(store: Audio, frame: int, block: Audio) -> None:
    size, channels = store.shape[1], block.shape[0]
    at = frame % size
    first = min(block.shape[1], size - at)
    store[:channels, at : at + first] = block[:, :first]
    if first < block.shape[1]:
        store[:channels, : block.shape[1] - first] = block[:, first:]


def _wrapped_read(store: Audio, frame: int, count: int) -> Audio:
    at, size = frame % store.shape[1], store.shape[1]
    first = min(count, size - at)
    return np.concatenate([store[:, at : at + first], store[:, : count - first]], axis=1)


class DeckWriter:
    """The feeding side of one deck."""

    def __init__(self, board: Board, number: int) -> None:
        self._heads, self._head, self._audio = board.deck_heads, board.deck_heads[number], board.decks[number]

    def begin(self, track: int, position: int, length: int) -> None:
        """[control] Empty the deck for a track from `position` on."""
        head = self._head
        head[Deck.GENERATION] = int(self._heads[:, Deck.GENERATION].max()) + 1  # the newest of all decks
        head[Deck.TRACK], head[Deck.LENGTH] = track, length
        head[Deck.FIRST] = head[Deck.FILLED] = head[Deck.READ] = position

    @property
    def filled(self) -> int:
        """Position up to which it is filled."""
        return int(self._head[Deck.FILLED])

    @property
    def track(self) -> int:
        """The track on it."""
        return int(self._head[Deck.TRACK])

    @property
    def room(self) -> int:
        """Frames that can be written now without touching what may still be read."""
        return DECK_FRAMES - 1024 - (self.filled - int(self._head[Deck.READ]))

    def write(self, block: Audio) -> None:
        """[control] Append (channels, n), n up to `room`; one channel goes to all."""
        at = self.filled
        if block.shape[0] < MOST_CHANNELS:
            block = np.repeat(block, MOST_CHANNELS, axis=0)
        _wrapped_write(self._audio, at, block)
        self._head[Deck.FILLED] = at + block.shape[1]


class DeckTape:
    """The playing side of one deck: a tape, as long as the deck is not given to other music."""

    def __init__(self, board: Board, number: int) -> None:
        self.number = number
        self._head: memoryview = board.deck_heads[number].data  # quicker than an array, one by one
        self._audio = board.decks[number]
        self._counts = board.counts
        self._generation = self._head[Deck.GENERATION]

    def lacks(self, position: int) -> bool:
        """[audio] Whether the music up to `position` is not there yet."""
        return min(position, self._head[Deck.LENGTH]) > self._head[Deck.FILLED]

    def read(self, position: int, out: Audio) -> None:
        """[audio] Frames from `position` on; silence before the track, after it, and where the deck is empty."""
        head = self._head
        first, stop = max(position, 0), min(position + out.shape[1], head[Deck.LENGTH])
        if head[Deck.GENERATION] != self._generation or stop > head[Deck.FILLED]:
            self._counts[Count.STARVED] += 1
            out[:] = 0.0
            return
        if first > position or stop < position + out.shape[1]:
            out[:] = 0.0
        if first < stop:
            at, size = first % DECK_FRAMES, stop - first
            part, left = out[:, first - position : stop - position], min(size, DECK_FRAMES - at)
            part[:, :left] = self._audio[: out.shape[0], at : at + left]
            if left < size:
                part[:, left:] = self._audio[: out.shape[0], : size - left]
            head[Deck.READ] = stop


def newest_deck(board: Board, track: int, position: int) -> int | None:
    """[audio] The deck that holds `track` at `position`; the one that was filled last."""
    best, newest = None, -1
    for number in range(DECKS):
        head = board.deck_heads[number]
        holds = int(head[Deck.TRACK]) == track and int(head[Deck.FIRST]) <= max(position, 0) <= int(head[Deck.FILLED])
        if holds and int(head[Deck.READ]) <= max(position, 0) and int(head[Deck.GENERATION]) > newest:
            best, newest = number, int(head[Deck.GENERATION])
    return best
