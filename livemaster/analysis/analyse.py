"""The whole analysis of a track: what it is, how it is built, what it feels like, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from livemaster.analysis.emotion import EmotionCurve, emotion_curve
from livemaster.analysis.fingerprint import fingerprint
from livemaster.analysis.onsets import flux
from livemaster.analysis.recording import Profile, RecordingType, detect
from livemaster.analysis.sections import FoundSection, find_sections
from livemaster.analysis.spectrum import Spectrum, spectrum_of
from livemaster.analysis.tempo import Tempo, track
from livemaster.analysis.timeline import TrackTimeline
from livemaster.printable import told_apart

NEEDS_S = {"loudness range": 3.0, "tempo": 4.0, "recording type": 5.0, "sections": 20.0}
"""Shorter files are too short for a statement: part → least length."""


@dataclass(frozen=True, slots=True)
class HeardSection:
    """One section as heard: its place, its emotion 0…1 and valence −1…1, and how sure its boundaries and name are."""

    section: str
    start: float
    end: float
    emotion: str
    intensity: float
    valence: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a track was found to be; `left_out` says what could not be told, and why."""

    fingerprint: dict[str, float]
    recording: RecordingType | None
    """None of a file too short for it."""
    tempo: Tempo
    sections: tuple[HeardSection, ...]
    emotion: EmotionCurve
    spectrum: Spectrum
    left_out: tuple[str, ...]


def analyse(timeline: TrackTimeline, profiles: Sequence[Profile]) -> Analysis:
    """[control] Everything about a track from its features; `profiles`: the base model's recording types."""
    tempo = track(flux(timeline.onset_bands_db), timeline.chroma)
    numbers = fingerprint(timeline, tempo)
    curve = emotion_curve(timeline, tempo)
    sections = tuple(_with_emotion(found, curve) for found in find_sections(timeline, tempo))
    return Analysis(
        fingerprint=numbers,
        recording=detect(numbers, profiles) if timeline.duration_s >= NEEDS_S["recording type"] else None,
        tempo=tempo,
        sections=sections,
        emotion=curve,
        spectrum=spectrum_of(timeline.spectrum, timeline.side, timeline.spots),
        left_out=tuple(_left_out(timeline.duration_s)),
    )


def _with_emotion(found: FoundSection, curve: EmotionCurve) -> HeardSection:
    name, intensity, valence = curve.over(found.start_s, found.end_s)
    return HeardSection(found.name, found.start_s, found.end_s, name, intensity, valence, found.confidence)


def _left_out(duration_s: float) -> list[str]:
    return [
        f"{part}: {told_apart(duration_s, least_s, spec='.1f')} s are too short for it, {least_s:g} s are needed"
        for part, least_s in NEEDS_S.items()
        if duration_s < least_s
    ]
