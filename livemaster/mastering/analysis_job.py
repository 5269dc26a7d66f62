"""What analyzing a file gives: its measurement, and what was heard beyond it, as values and as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livemaster.audio import check_for_mastering, open_reader
from livemaster.mastering.job import LEAST_LUFS, Progress, StepProgress, no_progress
from livemaster.mastering.mix_facts import Facts, listen
from livemaster.metering import Measurement

if TYPE_CHECKING:
    from livemaster.analysis.analyse import Analysis, HeardSection
    from livemaster.analysis.emotion import EmotionCurve
    from livemaster.analysis.recording import RecordingType

PARTS = "fingerprint, recording type, tempo, sections, emotion"
"""All that silence leaves out."""
TIME_DIGITS, SHARE_DIGITS = 3, 4
"""Digits of times in s, and of what lies between −1 and 1, in plain data."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What a file was found to be; `analysis` holds everything beyond the measurement and is None for silence."""

    name: str
    facts: Facts

    @property
    def measurement(self) -> Measurement:
        """Loudness, peaks, length and format, as a meter gives them."""
        return self.facts.measurement

    @property
    def analysis(self) -> Analysis | None:
        """Fingerprint, recording type, tempo, sections and emotion; None for silence."""
        return self.facts.analysis

    @property
    def left_out(self) -> tuple[str, ...]:
        """What could not be told, each with the reason."""
        if self.analysis is None:
            return (f"{PARTS}: the file is silent, nothing in it passes {LEAST_LUFS:g} LUFS",)
        return self.analysis.left_out

    @property
    def notes(self) -> tuple[str, ...]:
        """What is wrong with the file, and what of its measurement is unsteady."""
        return (*self.facts.warnings(), *self.facts.range_notes())

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain data for JSON; null or empty where nothing can be told."""
        found = self.analysis
        return {
            "measurement": self.measurement.to_dict(),
            "fingerprint": None if found is None else dict(found.fingerprint),
            "recording_type": None if found is None or found.recording is None else _recording(found.recording),
            "tempo_bpm": None if found is None else found.tempo.bpm,
            "tempo_confidence": None if found is None else round(found.tempo.confidence, SHARE_DIGITS),
            "beats_per_bar": None if found is None or found.tempo.bpm is None else found.tempo.beats_per_bar,
            "sections": [] if found is None else [_section(each) for each in found.sections],
            "emotion_curve": [] if found is None else _points(found.emotion),
            "left_out": list(self.left_out),
            "notes": list(self.notes),
        }


def hear(path: str | Path, progress: Progress = no_progress) -> Hearing:
    """[control] Listen to a mono or stereo file and say what it is; AudioFileError when it cannot be read.

    A broken profile of the base model is a SettingsError.
    """
    from livemaster.tone.profiles import base_model

    profiles = base_model()
    with open_reader(path) as reader:
        check_for_mastering(reader.info)
        return Hearing(reader.info.name, listen(reader, StepProgress(progress, "listening", reader.frames), profiles))


def _recording(found: RecordingType) -> dict[str, Any]:
    return {
        "type": found.type,
        "confidence": round(found.confidence, SHARE_DIGITS),
        "profile": found.profile,
        "score": round(found.score, SHARE_DIGITS),
        "candidates": [
            {
                "profile": each.profile,
                "type": each.type,
                "score": round(each.score, SHARE_DIGITS),
                "share": round(each.share, SHARE_DIGITS),
            }
            for each in found.candidates
        ],
        "reasons": list(found.reasons),
    }


def _section(found: HeardSection) -> dict[str, Any]:
    return {
        "section": found.section,
        "start": round(found.start, TIME_DIGITS),
        "end": round(found.end, TIME_DIGITS),
        "emotion": found.emotion,
        "intensity": round(found.intensity, SHARE_DIGITS),
        "valence": round(found.valence, SHARE_DIGITS),
        "confidence": round(found.confidence, SHARE_DIGITS),
    }


def _points(curve: EmotionCurve) -> list[dict[str, Any]]:
    return [
        {
            "time": round(time_s, TIME_DIGITS),
            "emotion": name,
            "intensity": round(intensity, SHARE_DIGITS),
            "valence": round(valence, SHARE_DIGITS),
        }
        for time_s, name, intensity, valence in zip(
            curve.times_s.tolist(), curve.names, curve.intensity.tolist(), curve.valence.tolist(), strict=True
        )
    ]
