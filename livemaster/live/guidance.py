"""Following live sound: how intense it is, and how far from the target; positions for the engine's controls.

Loudness is led slowly and never by what is silent: from what was heard in the last minutes, gated as BS.1770 gates a
programme, so that the contrast between a verse and a chorus stays. Fast at first, slow later; within half an LU
nothing is done.
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
from livemaster.metering import integrated
from livemaster.metering.loudness import SUB_BLOCKS_PER_S
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
        self._blocks: queue.Queue[Audio | None] = queue.Queue()
        self.positions: dict[str, float] = {}
        """Where the controls should stand now; replaced as a whole."""
        self._thread = threading.Thread(target=self._run, name="guide", daemon=True)
        self._thread.start()

    def push(self, block: Audio) -> None:
        """[control] The next frames that came in; returns at once."""
        self._blocks.put(block)

    def aim(self, target_lufs: float) -> None:
        """[control] Another target."""
        self._guide.target_lufs = target_lufs

    def close(self) -> None:
        """[control] End the thread."""
        self._blocks.put(None)
        self._thread.join(5.0)

    def _run(self) -> None:
        while (block := self._blocks.get()) is not None:
            self._guide.push(block)
            self.positions = self._guide.positions


class Guide:
    """Push what comes in; `positions` are those of the controls `input`, `level` and `intensity`.

    `rate_hz`, `channels`: of the sound; `target_lufs`: where the output shall be. Not for the audio thread.
    """

    def __init__(self, rate_hz: int, channels: int, target_lufs: float, profiles: Sequence[Profile] = ()) -> None:
        self.target_lufs = target_lufs
        self._energies = BlockEnergies(rate_hz, channels, Fraction(rate_hz, SUB_BLOCKS_PER_S))
        self._resampler = (
            None
            if rate_hz == ANALYSIS_RATE_HZ
            else soxr.ResampleStream(rate_hz, ANALYSIS_RATE_HZ, channels, dtype="float32", quality="HQ")
        )
        self.follower = Follower(channels, profiles)
        self._heard: deque[float] = deque(maxlen=round(MEMORY_S / STEP_S))
        self._steps = 0
        self._sounding_s = 0.0
        self._input_db = 0.0
        self._intensity: float | None = None
        self._wanted: float | None = None

    def push(self, x: Audio) -> None:
        """[control] The next frames that came in, float32 (channels, n)."""
        at_analysis = x
        if self._resampler is not None:
            at_analysis = np.ascontiguousarray(self._resampler.resample_chunk(np.ascontiguousarray(x.T)).T)
        self.follower.push(at_analysis)
        for energy in self._energies.push(x)[0].tolist():
            self._step(energy)

    def _step(self, energy: float) -> None:
        """A tenth of a second has passed."""
        self._heard.append(energy)
        self._steps += 1
        lufs = integrated(np.fromiter(self._heard, np.float64))
        if energy > 0.0 and lufs is not None:
            self._sounding_s += STEP_S
        if lufs is not None and self._sounding_s >= FIRST_S:
            self._lead(REFERENCE_LUFS - lufs)
        if self._steps % SUB_BLOCKS_PER_S == 0:  # a look costs more than a second's worth of all the rest
            emotion = self.follower.emotion
            if emotion is not None:
                self._wanted = emotion.intensity
        self._follow()

    def _lead(self, wanted_db: float) -> None:
        """Move the gain of the input towards what is wanted."""
        wanted_db = min(max(wanted_db, LEAST_GAIN_DB), MOST_GAIN_DB)
        lacking = wanted_db - self._input_db
        early = self._sounding_s < FAST_FOR_S
        if not early and abs(lacking) <= DEAD_BAND_LU:
            return
        up, down = (FAST_DB_PER_S, FAST_DB_PER_S) if early else (UP_DB_PER_S, DOWN_DB_PER_S)
        self._input_db += min(max(lacking, -down * STEP_S), up * STEP_S)

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
        found = {"input": self._input_db, "level": self.target_lufs - REFERENCE_LUFS}
        if self._intensity is not None:
            found["intensity"] = self._intensity
        return found
