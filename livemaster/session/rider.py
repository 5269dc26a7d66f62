"""Following live sound: how intense it is, and how far from the target; positions for the engine's controls.

Loudness is led slowly and never by what is silent: from what was heard in the last minutes, gated as BS.1770 gates a
programme, so that the contrast between a verse and a chorus stays. Fast at first, slow later; within half an LU
nothing is done. What leaves is measured as well, and the level takes back what the chain adds or takes away.

Whatever comes in (a plug's pop, numbers that are none), nothing that is shorter than `EVENT_S` owns the figures.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import soxr

from livemaster.analysis.follower import Follower
from livemaster.analysis.recording import Profile
from livemaster.analysis.timeline import ANALYSIS_RATE_HZ
from livemaster.dsp.kweight import BlockEnergies
from livemaster.dsp.sanitize import sanitize
from livemaster.metering.loudness import MOMENTARY_SUB_BLOCKS, SUB_BLOCKS_PER_S, gated_mean, lufs
from livemaster.units import Audio

REFERENCE_LUFS = -18.0
"""Loudness that the chain's thresholds are meant for; the input is led there."""
MEMORY_S = 180.0
"""What is older does not count any more."""
FIRST_S = 1.0
"""Before so much was heard nothing is decided."""
STEP_S = 1.0 / SUB_BLOCKS_PER_S
FAST_DB_PER_S, UP_DB_PER_S, DOWN_DB_PER_S = 12.0, 0.25, 1.0
FAST_FOR_S = 10.0
"""So long after the first sound the gain may move fast."""
DEAD_BAND_LU = 0.5
MOST_GAIN_DB, LEAST_GAIN_DB = 24.0, -24.0
LOWEST_LEVEL_DB, HIGHEST_LEVEL_DB = -8.0, 8.0
"""How far the level may take back what the chain does to the loudness."""
LEVEL_BAND_LU = 0.2
LEVEL_AFTER_S = 20.0
"""When so much of what leaves was measured it counts in full, before that in part."""
WINDOW_S, EVENT_S = 20.0, 3.0
"""Of the latest `WINDOW_S` the loudest `EVENT_S` (of the first seconds, half) may be an event that is no music;"""
EVENT_LU = 3.0
"""it counts as so much above the loudest of the rest at most."""
LOUDEST_LU = 10.0
"""What is by more than this above all that counts is turned down for the ear that follows the intensity."""
INTENSITY_PER_S = 0.15
"""How fast the intensity may move."""
INTENSITY_BAND = 0.05
"""Changes smaller than this are not followed."""


class Following:
    """A guide on a thread of its own, so that what it costs keeps nobody waiting."""

    def __init__(self, guide: Guide, rate_hz: int, channels: int) -> None:
        self._guide = guide
        warmed = Guide(rate_hz, channels, guide.target_lufs)  # compiles what is not compiled yet, before any sound
        noise = np.random.default_rng(0).standard_normal((channels, 2 * rate_hz)) * 0.1
        warmed.push(noise.astype(np.float32))
        self._blocks: queue.Queue[tuple[Audio, Audio | None] | None] = queue.Queue()
        self.positions: dict[str, float] = {}
        """Where the controls should stand now; replaced as a whole."""
        self._thread = threading.Thread(target=self._run, name="guide", daemon=True)
        self._thread.start()

    def push(self, came: Audio, left: Audio | None) -> None:
        """[control] The next frames that came in, and that left, where those tell anything; returns at once."""
        self._blocks.put((came, left))

    def aim(self, target_lufs: float) -> None:
        """[control] Another target."""
        self._guide.target_lufs = target_lufs

    def close(self) -> None:
        """[control] End the thread."""
        self._blocks.put(None)
        self._thread.join(5.0)

    def _run(self) -> None:
        while (blocks := self._blocks.get()) is not None:
            self._guide.push(*blocks)
            self.positions = self._guide.positions


class Loudness:
    """Loudness of the latest `MEMORY_S`, from energies of tenths of a second; what is short owns no more than a share.

    A tenth counts by the 400 ms that it ends, and no more than `most`: `EVENT_LU` above what the loudest `EVENT_S` of
    the `WINDOW_S` around it leave. So what goes on is heard in full after `EVENT_S`, and a pop never.
    """

    def __init__(self) -> None:
        self._latest: deque[float] = deque(maxlen=MOMENTARY_SUB_BLOCKS)
        self._recent: deque[float] = deque(maxlen=round(WINDOW_S / STEP_S))
        self._older: deque[float] = deque(maxlen=round((MEMORY_S - WINDOW_S) / STEP_S))
        self.most = 0.0

    def push(self, tenth: float) -> None:
        """[control] The energy of the next tenth of a second, finite."""
        self._latest.append(tenth)
        if len(self._latest) < MOMENTARY_SUB_BLOCKS:
            return
        if len(self._recent) == self._recent.maxlen:
            self._older.append(min(self._recent[0], self.most))
        self._recent.append(sum(self._latest) / MOMENTARY_SUB_BLOCKS)
        count = len(self._recent)
        spared = min(round(EVENT_S / STEP_S), count // 2)
        self.most = sorted(self._recent)[count - 1 - spared] * 10.0 ** (EVENT_LU / 10.0)

    @property
    def energy(self) -> float:
        """Its mean energy, gated; 0 for silence."""
        counted = np.array([*self._older, *self._recent])
        counted[len(self._older) :] = np.minimum(counted[len(self._older) :], self.most)
        return gated_mean(counted)


class Guide:
    """Push what comes in; `positions` are those of the controls `input`, `level` and `intensity`.

    `rate_hz`, `channels`: of the sound; `target_lufs`: where the output shall be. Not for the audio thread.
    """

    def __init__(self, rate_hz: int, channels: int, target_lufs: float, profiles: Sequence[Profile] = ()) -> None:
        self.target_lufs = target_lufs
        self._rate_hz = rate_hz
        tenth = Fraction(rate_hz, SUB_BLOCKS_PER_S)
        self._energies, self._left_energies = (BlockEnergies(rate_hz, channels, tenth) for _ in range(2))
        self._resampler = (
            None
            if rate_hz == ANALYSIS_RATE_HZ
            else soxr.ResampleStream(rate_hz, ANALYSIS_RATE_HZ, channels, dtype="float32", quality="HQ")
        )
        self.follower = Follower(channels, profiles)
        self._waiting: Audio = np.zeros((channels, 0), np.float32)
        self._came, self._sent, self._left = Loudness(), Loudness(), Loudness()
        self._steps = 0
        self._sounding_s = self._measured_s = 0.0
        self._input_db = self._level_db = 0.0
        self._tenth = 0.0
        self._intensity: float | None = None
        self._wanted: float | None = None

    def push(self, x: Audio, left: Audio | None = None) -> None:
        """[control] The next frames that came in, float32 (channels, n), and those that left meanwhile.

        `left` is None where it is not the master, in full, that is heard.
        """
        joined = np.concatenate([self._waiting, x], axis=1)
        sanitize(joined)
        while joined.shape[1] >= (size := self._next_frames()):
            self._steps += 1
            self._step(np.ascontiguousarray(joined[:, :size]))
            joined = joined[:, size:]
        self._waiting = np.ascontiguousarray(joined)
        if left is not None:
            for tenth in self._left_energies.push(left)[0].tolist():
                self._compare(tenth)

    def _next_frames(self) -> int:
        """Length of the next tenth of a second."""
        ends = (round(Fraction((self._steps + step) * self._rate_hz, SUB_BLOCKS_PER_S)) for step in (0, 1))
        return -next(ends) + next(ends)

    def _step(self, x: Audio) -> None:
        """A tenth of a second has come in."""
        (self._tenth,) = self._energies.push(x)[0].tolist()
        self._came.push(self._tenth)
        known = self._came.energy
        loudest = max(self._came.most, known) * 10.0 ** (LOUDEST_LU / 10.0)
        if self._tenth > loudest:
            x = x * np.float32(np.sqrt(loudest / self._tenth))
        if self._resampler is not None:
            x = np.ascontiguousarray(self._resampler.resample_chunk(np.ascontiguousarray(x.T)).T)
        self.follower.push(x)
        if self._tenth > 0.0 and known > 0.0:
            self._sounding_s += STEP_S
        heard_lufs = lufs(known)
        if heard_lufs is not None and self._sounding_s >= FIRST_S:
            self._lead(REFERENCE_LUFS - heard_lufs)
        if self._steps % SUB_BLOCKS_PER_S == 0:  # a look costs more than a second's worth of all the rest
            emotion = self.follower.emotion
            if emotion is not None:
                self._wanted = emotion.intensity
        self._follow()

    def _lead(self, wanted_db: float) -> None:
        """Move the gain of the input towards what is wanted, and the level towards what is lacking then."""
        wanted_db = min(max(wanted_db, LEAST_GAIN_DB), MOST_GAIN_DB)
        lacking = wanted_db - self._input_db
        early = self._sounding_s < FAST_FOR_S
        if early or abs(lacking) > DEAD_BAND_LU:
            up, down = (FAST_DB_PER_S, FAST_DB_PER_S) if early else (UP_DB_PER_S, DOWN_DB_PER_S)
            self._input_db += min(max(lacking, -down * STEP_S), up * STEP_S)
        sent, left = lufs(self._sent.energy), lufs(self._left.energy)
        if sent is None or left is None:
            return
        rest = min(max(lacking, -DEAD_BAND_LU), DEAD_BAND_LU)
        share = min(self._measured_s / LEVEL_AFTER_S, 1.0)
        level_db = min(max(share * (rest - (left - sent)), LOWEST_LEVEL_DB), HIGHEST_LEVEL_DB)
        away = level_db - self._level_db
        if abs(away) > LEVEL_BAND_LU:
            self._level_db += min(max(away, -DOWN_DB_PER_S * STEP_S), UP_DB_PER_S * STEP_S)

    def _compare(self, tenth: float) -> None:
        """A tenth of a second has left: what the chain made of what was sent into it."""
        self._left.push(tenth)
        self._sent.push(self._tenth * 10.0 ** ((self._input_db + self.positions["level"]) / 10.0))
        self._measured_s += STEP_S

    def _follow(self) -> None:
        """Move the intensity towards what the sound has."""
        if self._wanted is None:
            return
        if self._intensity is None:
            self._intensity = self._wanted
        away = self._wanted - self._intensity
        if abs(away) > INTENSITY_BAND:
            self._intensity += min(max(away, -INTENSITY_PER_S * STEP_S), INTENSITY_PER_S * STEP_S)

    @property
    def positions(self) -> dict[str, float]:
        """Where the controls should stand now."""
        found = {"input": self._input_db, "level": self.target_lufs - REFERENCE_LUFS + self._level_db}
        if self._intensity is not None:
            found["intensity"] = self._intensity
        return found
