"""What was recorded against what was rendered, bit for bit, on machines that are late now and then."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from jack_rig import Recording
from numpy.typing import NDArray

from livemaster.errors import InputError

Audio = NDArray[np.float32]
Begun = TypeVar("Begun")
KEY_FRAMES = 64


def begun(begin: Callable[[], Begun], tries: int = 4) -> Begun:
    """What `begin` returns; again where JACK refuses a client, as it does now and then while other servers start."""
    for _ in range(tries - 1):
        try:
            return begin()
        except InputError:
            time.sleep(0.5)
    return begin()


def place_of(part: Audio, audio: Audio, at: int = 0) -> int:
    """Where `part` begins in `audio`, by its frames from `at` on, which occur just once."""
    windows = np.lib.stride_tricks.sliding_window_view(audio[0], KEY_FRAMES)
    found = np.flatnonzero((windows == part[0, at : at + KEY_FRAMES]).all(axis=1))
    assert len(found) == 1
    return int(found[0]) - at


def compared(recording: Recording, begins: int, expected: Audio) -> tuple[int, int]:
    """Frames of `expected` that were recorded from frame `begins` on, all equal to the bit, and the frame after them.

    At a gap of the recording the blocks that it tells of were either played and not recorded, or never asked for; where
    neither fits, the player was late too, and the comparison ends.
    """
    at, done, equal = begins, 0, 0
    for gap, lost in [*recording.gaps, (recording.audio.shape[1], 0)]:
        count = min(gap - at, expected.shape[1] - done)
        if count <= 0:
            continue
        np.testing.assert_array_equal(recording.audio[:, at : at + count], expected[:, done : done + count])
        at, done, equal = at + count, done + count, equal + count
        rest = recording.audio[:, at : at + KEY_FRAMES]
        for skipped in (0, lost):
            if np.array_equal(
                rest[:, : expected.shape[1] - done - skipped], expected[:, done + skipped :][:, :KEY_FRAMES]
            ):
                done += skipped
                break
        else:
            break
    return equal, at
