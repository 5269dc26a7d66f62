"""Feeding the decks: music read ahead, so that the audio process never waits for a disk or a decoder."""

from __future__ import annotations

from collections.abc import Callable

from livemaster.audio import Reader
from livemaster.errors import AudioFileError
from livemaster.sound.shared_memory import DECKS, Board, Count, DeckWriter

PORTION_FRAMES = 1 << 15
"""Read at a time."""
HEAD_FRAMES = 1 << 14
"""So much is there before music is cued,"""
FIRST_HEAD_FRAMES = 1 << 17
"""and so much before an engine starts."""


class Decks:
    """Three decks: one plays, one is left by a fade, one is free for what comes; not thread-safe.

    `reader`: the audio of a track by its number, open.
    """

    def __init__(self, board: Board, reader: Callable[[int], Reader]) -> None:
        self._board, self._reader = board, reader
        self.lost: tuple[int, AudioFileError] | None = None
        """A track that could not be read to its end, and why; the one who sees to it sets this back."""
        self._decks = [DeckWriter(board, number) for number in range(DECKS)]
        self._next: list[int | None] = [None] * DECKS
        """For each deck the frame of its track that is read next; None when there is no more."""
        self._put: int | None = None
        self._playing: int | None = None
        self._leaving: int | None = None
        self._left_at = 0
        self._doubtful: dict[int, int] = {}
        """Decks that will not be played, unless the engine has begun to before it obeyed the order of that number."""

    def put(self, track: int, position: int, head_frames: int = HEAD_FRAMES) -> bool:
        """[control] Put a track on a free deck, from `position` on, the first `head_frames` of it filled.

        False when it cannot be read, or no deck is free yet.
        """
        number, frames = self._free(), self._reader(track).frames
        if number is None:
            return False
        start = min(max(position, 0), frames)
        self._decks[number].begin(track, start, frames)
        self._next[number] = start
        self._put = number
        self._feed(number, head_frames)
        return self.lost is None

    def played(self, number: int, left_at: int) -> None:
        """[control] A deck plays now; what played before is left at frame `left_at`."""
        if number == self._playing:
            return
        self._leaving, self._playing, self._left_at = self._playing, number, left_at
        self._doubtful.pop(number, None)
        if number == self._put:
            self._put = None

    def forget(self) -> None:
        """[control] What was put last will not be played: so says the latest order."""
        if self._put is not None:
            self._doubtful[self._put] = self._board.commands.written
            self._put = None

    def settle(self, orders: int) -> None:
        """[control] So many orders were obeyed, and all that they led to is known."""
        for number in [each for each, order in self._doubtful.items() if order <= orders]:
            del self._doubtful[number]

    def feed(self) -> None:
        """[control] Fill up what has room, what was put last first."""
        for number in (self._put, self._playing):
            if number is not None and self._next[number] is not None and self._decks[number].room >= PORTION_FRAMES:
                self._feed(number, PORTION_FRAMES)

    def _free(self) -> int | None:
        leaving = self._leaving if int(self._board.counts[Count.FRAME]) < self._left_at else None
        taken = (self._playing, leaving, *self._doubtful)
        return next((number for number in range(DECKS) if number not in taken), None)

    def _feed(self, number: int, frames: int) -> None:
        deck, at = self._decks[number], self._next[number]
        if at is None:
            return
        reader = self._reader(deck.track)
        try:
            reader.seek(at)
            block = reader.read(frames)
        except AudioFileError as error:
            self._next[number], self.lost = None, (deck.track, error)
            return
        if block.shape[1]:
            deck.write(block)
        self._next[number] = None if at + block.shape[1] >= reader.frames else at + block.shape[1]
