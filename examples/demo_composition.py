"""The demo song's composition, as data: a synth-pop song in D minor at 128 bpm, forty bars long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Track = NDArray[np.float32]
"""Stereo (2, frames), as long as the song."""

Sound = NDArray[np.float64]
"""One stroke or note: mono (frames,) or stereo (2, frames)."""

BPM = 128
BEATS_PER_BAR = 4
BAR_S = BEATS_PER_BAR * 60 / BPM


class Section(NamedTuple):
    """A stretch of the song: what is played, and what it should feel like."""

    name: str
    bars: int
    chords: str
    energy: float
    emotion: str
    intensity: float
    instruments: str
    transition: str


RHYTHM = "kick snare hats bass"
FORM = (
    Section("Intro", 4, "Dm Bb F C", 0.25, "calm", 0.15, "hats pad arp", "filter opens"),
    Section("Verse 1", 8, "Dm Bb F C", 0.45, "reflective", 0.4, f"{RHYTHM} pad keys voice", "riser"),
    Section("Chorus 1", 8, "Bb C Dm F", 0.85, "powerful", 0.85, f"{RHYTHM} pad keys arp lead", "toms"),
    Section("Verse 2", 4, "Dm Bb F C", 0.5, "reflective", 0.45, f"{RHYTHM} pad keys arp voice", "riser"),
    Section("Chorus 2", 8, "Bb C Dm F", 1.0, "powerful", 1.0, f"{RHYTHM} pad keys arp lead choir", "toms"),
    Section("Bridge", 4, "Gm Am Bb C", 0.35, "dreamy", 0.3, "kick snare bass pad arp lead", "snare roll"),
    Section("Outro", 4, "Bb C Dm Dm", 0.3, "calm", 0.15, "hats pad keys arp", "last chord rings"),
)
EMOTION_INSIDE = (
    ("Chorus 1", 0.75, "bright", 0.9),
    ("Chorus 2", 0.5, "powerful", 0.95),
    ("Bridge", 0.6, "dark", 0.45),
)
"""Turns of emotion inside a section: name, place in it from 0 to 1, emotion, intensity."""

CHORDS = {  # MIDI notes, voiced so that one moves to the next by small steps; D natural minor throughout
    "Dm": (57, 62, 65, 69),
    "Bb": (58, 62, 65, 69),
    "F": (57, 60, 65, 69),
    "C": (55, 60, 64, 67),
    "Gm": (58, 62, 67, 70),
    "Am": (57, 60, 64, 69),
}
BASS_ROOTS = {"Dm": 38, "Bb": 34, "F": 41, "C": 36, "Gm": 43, "Am": 45}

Melody = tuple[tuple[float, float, int], ...]  # beat from the start of the phrase, beats long, MIDI note
HOOK: Melody = (
    (0, 1.5, 77), (1.5, 0.5, 74), (2, 1, 77), (3, 1, 79),
    (4, 1.5, 76), (5.5, 0.5, 79), (6, 1, 76), (7, 1, 72),
    (8, 1, 74), (9, 0.5, 77), (9.5, 1.5, 81), (11, 1, 79),
    (12, 2, 77), (14.5, 0.5, 72), (15, 0.5, 74), (15.5, 0.5, 76),
)  # fmt: skip
HOOK_END: Melody = (*HOOK[:12], (12, 1.5, 81), (13.5, 0.5, 79), (14, 2, 77))
VERSE_TUNE: Melody = (
    (1, 0.5, 69), (1.5, 1, 74), (2.5, 0.5, 72), (3, 1, 69),
    (4, 1.5, 70), (5.5, 0.5, 69), (6, 2, 65),
    (9, 0.5, 69), (9.5, 1, 72), (10.5, 0.5, 69), (11, 1, 67),
    (12, 1.5, 67), (13.5, 0.5, 64), (14, 2, 67),
)  # fmt: skip
BRIDGE_TUNE: Melody = ((0, 3, 74), (3, 1, 70), (4, 3, 72), (7, 1, 69), (8, 3, 74), (11, 1, 77), (12, 4, 79))
MELODIES = {"Verse": (VERSE_TUNE,), "Chorus": (HOOK, HOOK_END), "Bridge": (BRIDGE_TUNE,)}


class Bar(NamedTuple):
    """One bar of the form, where it stands, and its chord."""

    section: Section
    index: int
    beat: float
    chord: str

    @property
    def is_last(self) -> bool:
        """Whether a new section follows."""
        return self.index == self.section.bars - 1

    @property
    def kind(self) -> str:
        """The section's name without its number."""
        return self.section.name.split()[0]

    @property
    def touch(self) -> float:
        """How hard the rhythm section plays."""
        return 1.0 if self.kind == "Chorus" else 0.72

    def has(self, instrument: str) -> bool:
        """Whether the section's arrangement names this instrument."""
        return instrument in self.section.instruments.split()


@dataclass(frozen=True)
class Song:
    """The form at one sample rate, with the dice of one part (so that parts do not depend on each other)."""

    rate_hz: int
    rng: np.random.Generator

    @property
    def frames(self) -> int:
        """Length of the whole song."""
        return self.frame(BEATS_PER_BAR * sum(section.bars for section in FORM))

    def frame(self, beat: float) -> int:
        """The frame on which a beat falls, counted from the song's start."""
        return round(beat * 60 / BPM * self.rate_hz)

    def bars(self) -> Iterator[Bar]:
        """Every bar in order."""
        beat = 0.0
        for section in FORM:
            chords = section.chords.split()
            for index in range(section.bars):
                yield Bar(section, index, beat, chords[index % len(chords)])
                beat += BEATS_PER_BAR

    def empty(self) -> Track:
        """A silent stereo track as long as the song."""
        return np.zeros((2, self.frames), np.float32)

    def play(self, track: Track, beat: float, sound: Sound, level: float = 1.0, pan: float = 0.0) -> None:
        """Add `sound` at `beat`, as a player would: up to 4 ms off the grid, a tenth louder or softer."""
        late_s, touch = self.rng.normal(0.0, 0.0015), self.rng.normal(0.0, 0.04)
        at = max(0, self.frame(beat) + round(float(np.clip(late_s, -0.004, 0.004)) * self.rate_hz))
        where = track[:, at : at + sound.shape[-1]]
        sound = level * (1 + np.clip(touch, -0.1, 0.1)) * sound[..., : where.shape[1]]
        if sound.ndim == 1:
            angle = (pan + 1) * np.pi / 4
            sound = np.outer(np.sqrt(2) * np.array([np.cos(angle), np.sin(angle)]), sound)
        where += sound.astype(np.float32)
