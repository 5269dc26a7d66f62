"""The held-out songs, from which every published figure comes and on which nothing is ever tuned.

Other styles, other synthesis and other arrangements than the songs for practice; `heldout_styles` says what is played.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from heldout_drummer import Drummer
from heldout_form import Planned, plan
from heldout_kit import draw_kit
from heldout_mixdown import Players, draw_production, mastered, mixed
from heldout_score import Event, SectionWriter, draw_arrangement
from heldout_styles import STYLES, Style
from heldout_tones import RATE_HZ
from numpy.typing import NDArray

SLOWEST_BPM, FASTEST_BPM = 60.0, 200.0
GOLDEN = 0.6180339887498949
"""Multiples of it, modulo 1, fill an interval evenly however many are taken."""
ROOT_SEED = 90_211
ARRANGED_FROM = 1_000
"""The seed of the first arranged song, so that the two sets share none."""
ELECTRONIC = frozenset({"house", "techno", "trap", "drum and bass", "ambient", "boom bap"})
MOST_DRIFT = 0.005
RING_S = 0.8
"""How long the last chord may ring after the last bar."""


@dataclass(frozen=True, slots=True)
class SongSection:
    """One section; sections with the same label play the same material. Intensity 0…1, valence −1…1."""

    name: str
    start_s: float
    end_s: float
    intensity: float
    valence: float
    label: int


@dataclass(frozen=True)
class Song:
    """A song and the truth about it: audio (2, frames) at 44,100 Hz below 1, every beat, downbeat and section."""

    audio: NDArray[np.float32]
    bpm: float
    beats_per_bar: int
    beats_s: NDArray[np.float64]
    downbeats_s: NDArray[np.float64]
    sections: tuple[SongSection, ...]
    style: str
    equal_loudness: bool


def tempo_of(seed: int) -> float:
    """The tempo in bpm: any run of seeds covers 60–200 evenly."""
    return SLOWEST_BPM + (FASTEST_BPM - SLOWEST_BPM) * ((seed + 0.5) * GOLDEN % 1.0)


def style_for(bpm: float, rng: np.random.Generator) -> Style:
    """One of the styles that are played at this tempo; the wider a style's region, the rarer at each of its tempi."""
    fitting = [style for style in STYLES if style.tempo_bpm[0] <= bpm <= style.tempo_bpm[1]]
    odds = 1.0 / np.sqrt([style.tempo_bpm[1] - style.tempo_bpm[0] for style in fitting])
    return fitting[rng.choice(len(fitting), p=odds / odds.sum())]


def beat_times_s(beats: int, bpm: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """`beats` beats and the end of the last one: some songs drift slowly, but on average they are at `bpm`."""
    t = np.linspace(0.0, 1.0, beats)
    depth = MOST_DRIFT * rng.uniform(0.2, 1.0) if rng.random() < 0.4 else 0.0
    periods = 1.0 + depth * np.sin(2 * np.pi * (rng.uniform(0.5, 2.0) * t + rng.uniform()))
    periods *= 60.0 / bpm / periods.mean()
    return rng.uniform(0.03, 0.45) + np.concatenate([[0.0], np.cumsum(periods)])


def written(style: Style, sections: tuple[Planned, ...], rng: np.random.Generator) -> list[Event]:
    """All that is played, in no particular order."""
    song = draw_arrangement(style, rng)
    events: list[Event] = []
    for section, following in zip(sections, (*sections[1:], None), strict=True):
        events += SectionWriter(song, section, rng).events()
        events += Drummer(song, section, following, rng).events()
    return events


def offsets_lu(sections: tuple[Planned, ...], equal_loudness: bool, rng: np.random.Generator) -> list[float]:
    """How loud each section is against the loudest: all alike, or by intensity."""
    if equal_loudness:
        return [0.0] * len(sections)
    contrast_lu = rng.uniform(5.0, 13.0)
    loudest = max(section.intensity for section in sections)
    return [contrast_lu * (s.intensity - loudest) + rng.uniform(-0.25, 0.25) for s in sections]


@dataclass(frozen=True)
class Outline:
    """A song before it is composed; `rng` goes on from here, `times_s` ends with the end of the last beat."""

    rng: np.random.Generator
    bpm: float
    style: Style
    planned: tuple[Planned, ...]
    times_s: NDArray[np.float64]


def outline(seed: int) -> Outline:
    """Tempo, style and form of the song of a seed."""
    rng = np.random.default_rng([ROOT_SEED, seed])
    bpm = tempo_of(seed)
    style = style_for(bpm, rng)
    planned = plan(style, bpm, rng)
    times_s = beat_times_s(sum(section.bars for section in planned) * style.beats, bpm, rng)
    return Outline(rng, bpm, style, planned, times_s)


def make(seed: int) -> Song:
    """The song of a seed: 60–110 s; even seeds bring all sections to the same loudness."""
    o, equal_loudness = outline(seed), seed % 2 == 0
    rng, bpm, style, planned, times_s = o.rng, o.bpm, o.style, o.planned, o.times_s
    events = written(style, planned, rng)
    production = draw_production(style.name in ELECTRONIC, style.pump_db, rng)
    kit = draw_kit(str(rng.choice(style.kits)), production.tilt_db, rng)
    frames = int((times_s[-1] + RING_S) * RATE_HZ)
    buses = Players(events, 60.0 / bpm, kit, production).play(events, times_s, frames, rng)
    kicks_s = np.interp([e.beat for e in events if e.sound == "kick"], np.arange(len(times_s)), times_s)
    audio = mixed(buses, kicks_s, production, rng)
    starts_s = [0.0, *(float(times_s[s.first_bar * style.beats]) for s in planned[1:]), frames / RATE_HZ]
    bounds = [round(s * RATE_HZ) for s in starts_s]
    audio = mastered(audio, bounds, offsets_lu(planned, equal_loudness, rng), production.level_lufs)
    sections = tuple(
        SongSection(s.name, start, end, s.intensity, s.valence, s.label)
        for s, start, end in zip(planned, starts_s[:-1], starts_s[1:], strict=True)
    )
    return Song(
        audio, bpm, style.beats, times_s[:-1], times_s[: -1 : style.beats], sections, style.name, equal_loudness
    )


def tempo_songs(count: int = 200) -> Iterator[Song]:
    """The songs on which tempo is judged, one at a time."""
    return (make(seed) for seed in range(count))


def arranged_songs(count: int = 200) -> Iterator[Song]:
    """The songs on which sections and emotion are judged, one at a time; every other one equally loud throughout."""
    return (make(ARRANGED_FROM + seed) for seed in range(count))
