"""Both sides of A/B, measured as they are made: by how much the master is louder than the mix."""

from __future__ import annotations

from collections import deque
from fractions import Fraction

import numpy as np

from livemaster.dsp.kweight import BlockEnergies
from livemaster.metering.loudness import ABSOLUTE_GATE_LUFS, SUB_BLOCKS_PER_S, energy
from livemaster.sound.shared_memory import Board
from livemaster.units import Audio, db_to_gain, gain_to_db

MEMORY_S, LEAST_S = 10.0, 2.0
"""Sound that counts, and without which nothing is known; silence is no sound."""
MOST_WEIGHT = 2.0
"""No moment counts for more than so many usual ones: a bang is no music."""


class Sides:
    """Listens to both scopes; `forget` when something changed by which the difference is another."""

    def __init__(self, board: Board, rate_hz: int, channels: int) -> None:
        self._scopes, self._channels = (board.master, board.mix), channels
        self._frame = board.mix.end
        self._energies = tuple(BlockEnergies(rate_hz, channels, Fraction(rate_hz, SUB_BLOCKS_PER_S)) for _ in range(2))
        self._heard: deque[tuple[float, float]] = deque(maxlen=round(MEMORY_S * SUB_BLOCKS_PER_S))
        self.louder_db: float | None = None
        """By how much the master is louder than the mix; None before enough was heard."""

    def begin(self) -> None:
        """[control] Other music: nothing is known of it."""
        self.forget()
        self.louder_db = None

    def forget(self) -> None:
        """[control] What was heard counts no more; what it said holds until it is known anew."""
        self._heard.clear()

    def shift(self, gain_db: float) -> None:
        """[control] The master has been moved by so much, more or less, beside what was heard."""
        power = db_to_gain(gain_db) ** 2
        self._heard = deque(((master * power, mix) for master, mix in self._heard), self._heard.maxlen)
        if self.louder_db is not None:
            self.louder_db += gain_db

    def listen(self) -> None:
        """[control] Take in what came since the last call."""
        found = [scope.since(self._frame) for scope in self._scopes]
        first, end = max(at for at, _ in found), min(at + block.shape[1] for at, block in found)
        if end <= first:
            return
        self._frame = end
        master, mix = (self._push(side, block[:, first - at : end - at]) for side, (at, block) in enumerate(found))
        least = energy(ABSOLUTE_GATE_LUFS)
        self._heard.extend(both for both in zip(master, mix, strict=True) if min(both) > least)
        if len(self._heard) >= LEAST_S * SUB_BLOCKS_PER_S:
            self.louder_db = self._difference_db()

    def _push(self, side: int, block: Audio) -> list[float]:
        energies: list[float] = self._energies[side].push(np.ascontiguousarray(block[: self._channels]))[0].tolist()
        return energies

    def _difference_db(self) -> float:
        """As the loudness of all of it would differ, but that no moment owns it."""
        master, mix = np.array(self._heard).T
        weights = np.minimum(mix, MOST_WEIGHT * np.median(mix))
        return gain_to_db(float(np.sqrt(np.average(master / mix, weights=weights))))
