"""The latest seconds of live sound, and what kind of recording they are."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from functools import cached_property

import numpy as np
import soxr

from livemaster.analysis.follower import WINDOW_S, Follower
from livemaster.analysis.recording import Profile, RecordingType
from livemaster.analysis.timeline import ANALYSIS_RATE_HZ
from livemaster.units import Audio

KEPT_S = WINDOW_S + 1.0
"""The analysis works on pieces, and the last one may be waiting."""


class Latest:
    """The latest sound that came in, as much as a kind of recording is told by."""

    def __init__(self, rate_hz: int, profiles: Sequence[Profile]) -> None:
        self._rate_hz, self._profiles = rate_hz, profiles
        self._blocks: deque[Audio] = deque()
        self._frames = 0

    def push(self, block: Audio) -> None:
        """[control] The next frames, float32 (channels, n)."""
        self._blocks.append(block)
        self._frames += block.shape[1]
        while self._frames - self._blocks[0].shape[1] >= KEPT_S * self._rate_hz:
            self._frames -= self._blocks.popleft().shape[1]

    @property
    def sound(self) -> RecentSound | None:
        """[control] It, to be told about; None before there is enough, and in silence."""
        enough = self._frames >= KEPT_S * self._rate_hz and any(block.any() for block in self._blocks)
        return RecentSound(tuple(self._blocks), self._rate_hz, self._profiles) if enough else None


class RecentSound:
    """Some seconds of sound; what they are is found out when it is asked for, which takes a moment."""

    def __init__(self, blocks: Sequence[Audio], rate_hz: int, profiles: Sequence[Profile]) -> None:
        self._blocks, self._rate_hz, self._profiles = blocks, rate_hz, profiles

    @cached_property
    def _follower(self) -> Follower:
        audio = np.nan_to_num(np.concatenate(self._blocks, axis=1), posinf=0.0, neginf=0.0)
        if self._rate_hz != ANALYSIS_RATE_HZ:
            audio = soxr.resample(audio.T, self._rate_hz, ANALYSIS_RATE_HZ).T
        follower = Follower(audio.shape[0], self._profiles)
        follower.push(np.ascontiguousarray(audio, np.float32))
        return follower

    @cached_property
    def recording(self) -> RecordingType | None:
        """[control] Its kind of recording."""
        return self._follower.recording

    @cached_property
    def fingerprint(self) -> dict[str, float]:
        """[control] Its numbers, by name."""
        return self._follower.fingerprint
