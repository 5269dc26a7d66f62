"""Preallocated control tracks: the engine's memory of what was asked for when."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from livemaster.dsp.lanes import TRACK_STEPS, track_value

BEGINNING = -(2**62)


class Tracks:
    """A fixed number of tracks, each a list of steps that are reached by a raised-cosine glide."""

    def __init__(self, start: Sequence[float], glide_frames: Sequence[int]) -> None:
        rows = len(start)
        self.frames = np.full((rows, TRACK_STEPS), BEGINNING, np.int64)
        self.targets = np.zeros((rows, TRACK_STEPS), np.float64)
        self.targets[:, 0] = start
        self.counts = np.ones(rows, np.int64)
        self.glides = np.asarray(glide_frames, np.int64)
        self.moves = 0
        """Counts the changes, so that what was worked out from the tracks is known to hold."""

    def step(self, row: int, frame: int, target: float) -> None:
        """[audio] Ask track `row` to move to `target` from `frame` on; frames never go back."""
        self.moves += 1
        count = int(self.counts[row])
        if self.frames[row, count - 1] == frame:
            self.targets[row, count - 1] = target
            return
        if count == TRACK_STEPS:
            half = TRACK_STEPS // 2
            self.frames[row, :half] = self.frames[row, half:]
            self.targets[row, :half] = self.targets[row, half:]
            count = half
        self.frames[row, count] = frame
        self.targets[row, count] = target
        self.counts[row] = count + 1

    def begin_at(self, row: int, target: float) -> None:
        """[audio] Forget the past of track `row` and stand at `target`."""
        self.moves += 1
        self.frames[row, 0] = BEGINNING
        self.targets[row, 0] = target
        self.counts[row] = 1

    def copy_row(self, row: int, other: Tracks, their_row: int) -> None:
        """[control] Make track `row` what track `their_row` of `other` is."""
        self.moves += 1
        self.frames[row], self.targets[row] = other.frames[their_row], other.targets[their_row]
        self.counts[row] = other.counts[their_row]

    def value(self, row: int, frame: int) -> float:
        """[audio] Where track `row` stands at `frame`."""
        return track_value(self.frames[row], self.targets[row], int(self.counts[row]), int(self.glides[row]), frame)

    def rests_at(self, row: int, target: float, since: int) -> bool:
        """[audio] Whether track `row` was last asked for `target`, before frame `since`."""
        last = self.counts[row] - 1
        return bool(self.targets[row, last] == target and self.frames[row, last] <= since)
