"""The streaming twin: follows live sound on a sliding window, with the features that a whole track is analysed by."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import fields
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from livemaster.analysis.emotion import emotion_name
from livemaster.analysis.features import Features, Rows
from livemaster.analysis.fingerprint import fingerprint
from livemaster.analysis.intensity import intensity_of
from livemaster.analysis.moments import Moments, moments
from livemaster.analysis.onsets import flux
from livemaster.analysis.recording import Profile, RecordingType, detect
from livemaster.analysis.tempo import track
from livemaster.analysis.timeline import ANALYSIS_RATE_HZ, TONE_HOP, TrackTimeline
from livemaster.analysis.valence import mode_curve, valence_of
from livemaster.dsp.kweight import BlockEnergies
from livemaster.metering.loudness import SUB_BLOCKS_PER_S
from livemaster.units import Audio, frames_to_seconds

WINDOW_S = 15.0
"""The recording's type is told from so much of the latest sound, once it has been heard."""
MOMENT_S = 1.0
"""Intensity looks back so far: what began a second ago is heard in full."""
PIECE_FRAMES = 4 * TONE_HOP
"""What is worked on at once: 186 ms."""
HISTORY_S = 600
"""Moments of so many seconds are what the present one is compared with."""
_WINDOW_PIECES = round(WINDOW_S * ANALYSIS_RATE_HZ / PIECE_FRAMES)


class Emotion(NamedTuple):
    """An emotion's name, intensity 0…1 and valence −1…1."""

    name: str
    intensity: float
    valence: float


class Follower:
    """Follows mono or stereo sound at 44.1 kHz: push frames, ask for emotion and the recording's type.

    Intensity is relative to what was heard in the latest `HISTORY_S`; independent of overall gain. The features keep to
    pieces of 186 ms, counted from the first frame, so chunks do not show. For the control side, not the audio thread.
    """

    def __init__(self, channels: int, profiles: Sequence[Profile]) -> None:
        self._profiles = tuple(profiles)
        self._features = Features(channels)
        self._loudness = BlockEnergies(ANALYSIS_RATE_HZ, channels, Fraction(ANALYSIS_RATE_HZ, SUB_BLOCKS_PER_S))
        self._waiting: Audio = np.zeros((channels, 0), np.float32)
        self._pieces: deque[Rows] = deque(maxlen=_WINDOW_PIECES)
        self._history: deque[Moments] = deque(maxlen=HISTORY_S)
        self._frames = 0

    def push(self, x: Audio) -> None:
        """[control] Take the next frames, float32 (channels, frames), any number of them."""
        joined = np.concatenate([self._waiting, x], axis=1)
        whole = joined.shape[1] - joined.shape[1] % PIECE_FRAMES
        for first in range(0, whole, PIECE_FRAMES):
            piece = np.ascontiguousarray(joined[:, first : first + PIECE_FRAMES])
            rows = self._features.hear(piece)
            for name in ("power", "side"):
                rows[name] = rows[name].sum(axis=0, dtype=np.float64)[None]
            rows["energies"] = self._loudness.push(piece)[0]
            self._pieces.append(rows)
            self._frames += PIECE_FRAMES
            if self._frames // ANALYSIS_RATE_HZ > (self._frames - PIECE_FRAMES) // ANALYSIS_RATE_HZ:
                self._remember()
        self._waiting = joined[:, whole:]

    def _remember(self) -> None:
        """Keep the features of a second that has ended, unless it was silent."""
        timeline = self._timeline()
        if timeline.energies.any():
            self._history.append(self._moment(timeline))

    @property
    def heard_s(self) -> float:
        """[control] How much was heard so far."""
        return frames_to_seconds(self._frames, ANALYSIS_RATE_HZ)

    @property
    def emotion(self) -> Emotion | None:
        """[control] Emotion of the last second; None before the first, and in silence."""
        if not self._history:
            return None
        timeline = self._timeline()
        if not timeline.energies.any():
            return None
        now, usual = _joined([self._moment(timeline)]), _joined(list(self._history))
        intensity = float(intensity_of(now, usual)[0])
        mode = mode_curve(timeline.chroma, np.array([timeline.duration_s]))
        valence = float(valence_of(mode, now, usual, None)[0])
        return Emotion(emotion_name(intensity, valence), intensity, valence)

    @property
    def recording(self) -> RecordingType | None:
        """[control] The recording's type by the latest 15 s; None before so much was heard, and in silence."""
        if len(self._pieces) < _WINDOW_PIECES:
            return None
        timeline = self._timeline()
        return detect(_fingerprint(timeline), self._profiles) if timeline.energies.any() else None

    @property
    def fingerprint(self) -> dict[str, float]:
        """[control] The numbers of the latest 15 s, or of what was heard; something must have been."""
        return _fingerprint(self._timeline())

    def _moment(self, timeline: TrackTimeline) -> Moments:
        """Features of the last second of the window."""
        return moments(timeline, np.array([timeline.duration_s - 0.5 * MOMENT_S]), MOMENT_S)

    def _timeline(self) -> TrackTimeline:
        """The window as if it were a track."""
        rows: dict[str, NDArray[Any]] = {
            name: np.concatenate([piece[name] for piece in self._pieces]) for name in self._pieces[0]
        }
        spectrum, side = (rows.pop(name).sum(axis=0) / max(len(rows["bands"]), 1) for name in ("power", "side"))
        duration_s = frames_to_seconds(len(self._pieces) * PIECE_FRAMES, ANALYSIS_RATE_HZ)
        return TrackTimeline(duration_s=duration_s, spectrum=spectrum, side=side, **rows)


def _fingerprint(timeline: TrackTimeline) -> dict[str, float]:
    return fingerprint(timeline, track(flux(timeline.onset_bands_db), timeline.chroma))


def _joined(each: Sequence[Moments]) -> Moments:
    """Moments one after the other."""
    return Moments(*(np.concatenate([getattr(one, field.name) for one in each]) for field in fields(Moments)))
