"""The plans of a session: kept for the take, and handed to the audio process one by one."""

from __future__ import annotations

import pickle
from collections.abc import Callable

from livemaster.engine import Program
from livemaster.graph import Graph
from livemaster.mastering.score import Score
from livemaster.session.take_log import Recorder
from livemaster.sound.shared_memory import Board, Count


class Plans:
    """Scores by number; `ready` is told the number of each that the audio process has taken after its start."""

    def __init__(self, board: Board, recorder: Recorder, rate_hz: int, ready: Callable[[int], None]) -> None:
        self._board, self._recorder, self._rate_hz, self._ready = board, recorder, rate_hz, ready
        self.scores: list[Score] = []
        self._posted = self._told = 0

    def add(self, score: Score) -> int:
        """[control] Make a plan known; its number."""
        self.scores.append(score)
        return self._recorder.add_plan(score)

    @property
    def graph(self) -> Graph:
        """The chain of all of them."""
        return self.scores[0].chain.graph

    def all(self) -> tuple[Program, ...]:
        """[control] Every program, for an engine that starts."""
        self._posted = self._told = len(self.scores)
        return tuple(score.program(self._rate_hz) for score in self.scores)

    def tick(self) -> None:
        """[control] Hand over the next plan when the last one has been taken."""
        if int(self._board.counts[Count.PLANS]) < self._posted:
            return
        while self._told < self._posted:
            self._told += 1
            self._ready(self._told - 1)
        if self._posted < len(self.scores):
            self._board.post(pickle.dumps(self.scores[self._posted].program(self._rate_hz)))
            self._posted += 1
