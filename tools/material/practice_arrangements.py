"""A generator of songs with known, varied arrangements, for tuning what finds sections.

Sections differ in some, not all, of chords, instruments, rhythm, register, density, brightness and melody;
material comes back with small variations; not every boundary has a fill or a crash; half of the songs are equally loud.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from practice_material import MAJOR, MINOR, Groove, Idiom, Material
from practice_voices import RATE_HZ, Kit, Sound, Timbre, Voices

from livemaster.metering import Meter, section_loudness

LOWEST_BPM, HIGHEST_BPM = 60.0, 180.0
EQUAL_LUFS = -18.0
SWELL_DB = 12.0
"""By how much the least intense section lies under the most intense one where loudness follows intensity."""
SHORTEST_SECTION_S = 7.0
LATE_LEAD_CHANCE = 0.25
"""Of a melody that begins halfway through its section, which is no boundary."""

FORMS: dict[str, tuple[str, ...]] = {
    "pop": ("Intro", "Verse", "Chorus", "Verse", "Chorus", "Bridge", "Chorus", "Outro"),
    "pre": ("Intro", "Verse", "Pre", "Chorus", "Verse", "Pre", "Chorus", "Outro"),
    "short pop": ("Verse", "Chorus", "Verse", "Chorus"),
    "solo": ("Verse", "Chorus", "Verse", "Chorus", "Solo", "Chorus"),
    "cold chorus": ("Chorus", "Verse", "Chorus", "Break", "Chorus"),
    "club": ("Intro", "Build", "Drop", "Break", "Build", "Drop", "Outro"),
    "break": ("Intro", "Drop", "Break", "Drop", "Outro"),
    "ABAC": ("A", "B", "A", "C"),
    "AABA": ("A", "A", "B", "A"),
    "rondo": ("A", "B", "A", "C", "A"),
    "arch": ("A", "B", "C", "B", "A"),
    "through": ("A", "B", "C", "D", "E", "F"),
    "two": ("A", "B"),
    "three": ("A", "B", "C"),
    "long": ("Intro", "Verse", "Chorus", "Verse", "Chorus", "Solo", "Break", "Bridge", "Chorus", "Outro"),
}
INTENSITIES = {"Intro": 0.3, "Verse": 0.45, "Pre": 0.6, "Chorus": 0.85, "Bridge": 0.5, "Break": 0.2}
INTENSITIES |= {"Drop": 0.95, "Solo": 0.75, "Outro": 0.3, "Build": 0.55}


@dataclass(frozen=True)
class SongSection:
    """One section as it was composed."""

    name: str
    start_s: float
    end_s: float
    intensity: float
    valence: float
    label: int


@dataclass(frozen=True)
class Song:
    """A song and all that is known about it; audio is (2, frames) at 44.1 kHz."""

    audio: NDArray[np.float32]
    bpm: float
    beats_per_bar: int
    beats_s: NDArray[np.float64]
    downbeats_s: NDArray[np.float64]
    sections: tuple[SongSection, ...]
    style: str
    equal_loudness: bool


def make(seed: int, longest_s: float = 105.0, fastest_bpm: float = HIGHEST_BPM) -> Song:
    """The song of a seed; even seeds are equally loud throughout, odd ones swell with intensity."""
    rng = np.random.default_rng([77, seed])
    form = str(rng.choice(list(FORMS)))
    bpm = float(np.exp(rng.uniform(np.log(LOWEST_BPM), np.log(fastest_bpm))))
    beats = int(rng.choice([3, 4, 4, 4]))
    idiom = Idiom(
        rng,
        beats,
        int(rng.choice([4, 4, 4, 3])) if beats == 4 else 4,
        int(rng.integers(12)),
        (MAJOR, MINOR)[seed // 2 % 2],
    )
    bar_s = beats * 60.0 / bpm
    parts = _compose(idiom, FORMS[form], bar_s, longest_s)
    stage = Stage(
        idiom, bpm, lead_in_s=float(rng.choice([0.0, 0.0, rng.uniform(0.05, 1.0)])), bars=sum(p.bars for p in parts)
    )
    for part, following in zip(parts, [*parts[1:], None], strict=True):
        stage.play(part, following)
    equal = seed % 2 == 0
    return stage.finish(parts, form, equal)


@dataclass(frozen=True)
class Part:
    name: str
    label: int
    material: Material
    bars: int
    first_bar: int


def _compose(idiom: Idiom, form: tuple[str, ...], bar_s: float, longest_s: float) -> list[Part]:
    """Sections with their material and length, at most about `longest_s` in all."""
    rng = idiom.rng
    longest = longest_s / len(form)
    lengths = [bars for bars in (4, 6, 8, 12, 16) if SHORTEST_SECTION_S <= bars * bar_s <= 1.6 * longest] or [4]
    materials: dict[str, Material] = {}
    chosen: dict[str, int] = {}
    parts: list[Part] = []
    for name in form:
        if name not in materials:
            intensity = float(np.clip(INTENSITIES.get(name, rng.uniform(0.2, 0.95)) + rng.normal(0, 0.07), 0.05, 1.0))
            origin = list(materials.values())[rng.integers(len(materials))] if materials else idiom.first(intensity)
            materials[name] = idiom.other(origin, intensity)
            chosen[name] = int(rng.choice(lengths))
        material = materials[name] if rng.random() < 0.5 else idiom.vary(materials[name])
        intensity = float(np.clip(material.intensity + rng.normal(0, 0.03), 0.05, 1.0))
        first_bar = parts[-1].first_bar + parts[-1].bars if parts else 0
        label = list(materials).index(name)
        parts.append(Part(name, label, replace(material, intensity=intensity), chosen[name], first_bar))
    return parts


class Stage:
    """Where the parts are played: notes into two channels, every instrument at its place."""

    def __init__(self, idiom: Idiom, bpm: float, lead_in_s: float, bars: int) -> None:
        self.idiom, self.rng, self.bpm = idiom, idiom.rng, bpm
        self.step_s = 60.0 / bpm / idiom.per_beat
        self.bar_s = self.step_s * idiom.steps
        self.lead_in_s, self.bars = lead_in_s, bars
        self.tail_s = float(self.rng.uniform(0.3, 2.5))
        self.duration_s = lead_in_s + bars * self.bar_s + self.tail_s
        self.audio = np.zeros((2, round(self.duration_s * RATE_HZ)), np.float32)
        self.voices = Voices(self.rng)
        self.kit = Kit.draw(self.voices)
        self.jitter_s = float(self.rng.choice([0.0, 0.003, 0.008]))
        self.swing = float(self.rng.choice([0.0, 0.0, self.rng.uniform(0.0, 0.3)])) if idiom.per_beat == 4 else 0.0
        self.pans = {
            name: float(self.rng.uniform(-0.7, 0.7)) for name in ("pad", "comp", "lead", "hat", "shaker", "tom")
        }
        self.fill_every = int(self.rng.choice([0, 0, 4]))  # bars; 0: only before the next section
        self.fill_chance, self.crash_chance = self.rng.choice([0.0, 0.4, 0.8]), self.rng.choice([0.0, 0.3, 0.8])

    def at(self, sound: Sound, bar: int, step: float, gain: float, where: str = "") -> None:
        if self.swing and step % 2 == 1:
            step += self.swing
        start_s = self.lead_in_s + bar * self.bar_s + step * self.step_s
        start = max(round((start_s + self.rng.normal(0, self.jitter_s)) * RATE_HZ), 0)
        stop = min(start + len(sound), self.audio.shape[1])
        gain *= float(self.rng.uniform(0.85, 1.1))
        pan = self.pans.get(where, 0.0)
        for channel, share in ((0, 1.0 - pan), (1, 1.0 + pan)):
            self.audio[channel, start:stop] += np.float32(gain * share * 0.5) * sound[: max(stop - start, 0)]

    def play(self, part: Part, following: Part | None) -> None:
        m = part.material
        fill = following is not None and self.rng.random() < self.fill_chance
        if part.first_bar and m.groove != Groove() and self.rng.random() < self.crash_chance:
            self.at(self.kit.crash, part.first_bar, 0, 0.3 + 0.7 * m.intensity)
        velocity = 0.35 + 0.65 * m.intensity
        lead_from = part.bars // 2 if self.rng.random() < LATE_LEAD_CHANCE else 0
        for bar in range(part.bars):
            last = bar == part.bars - 1 if self.fill_every == 0 else bar % self.fill_every == self.fill_every - 1
            quiet_from = self.idiom.steps - self.idiom.per_beat * (1 if fill and last else 0)
            self._drums(m, part.first_bar + bar, velocity, quiet_from)
            self._notes(m if bar >= lead_from else replace(m, lead=None), part.first_bar + bar, bar, velocity)
            if fill and last and m.groove != Groove():
                for step in range(quiet_from, self.idiom.steps):
                    self.at(
                        self.kit.tom if step % 2 else self.kit.snare, part.first_bar + bar, step, 0.8 * velocity, "tom"
                    )

    def _drums(self, m: Material, bar: int, velocity: float, until: int) -> None:
        g, kit = m.groove, self.kit
        drums = ((g.kick, kit.kick, 0.9, ""), (g.snare, kit.snare, 0.8, ""), (g.hat, kit.hat, 0.5, "hat"))
        more = (
            (g.open_hat, kit.open_hat, 0.4, "hat"),
            (g.shaker, kit.shaker, 0.4, "shaker"),
            (g.tom, kit.tom, 0.6, "tom"),
            (g.crash, kit.crash, 0.5, ""),
        )
        for hits, sound, gain, where in drums + more:
            for step in hits:
                if step < until:
                    self.at(
                        sound, bar, step, gain * velocity * (1.0 if step % self.idiom.per_beat == 0 else 0.7), where
                    )

    def _notes(self, m: Material, bar: int, index: int, velocity: float) -> None:
        count = self.idiom.steps
        per_chord = max(round(m.bars_per_chord * count), 1)
        if m.pad:
            for step in range(0, count, per_chord):
                if (index * count + step) % per_chord == 0:
                    for note in self._chord(m, index * count + step, 57 + m.register):
                        self.at(self._sound(m.pad, note, per_chord, m), bar, step, 0.16 * velocity, "pad")
        for timbre, played, gain, where in ((m.comp, m.comp_steps, 0.2, "comp"), (m.bass, m.bass_steps, 0.4, "")):
            ends = (*played[1:], count)
            for step, end in zip(played, ends, strict=True) if timbre else ():
                chord = self._chord(m, index * count + step, 60 + m.register)
                doubled = [*chord, *(note + 12 for note in chord)] if m.doubled else chord
                for note in doubled if where else (36 + (chord[0] - 36) % 12,):
                    self.at(self._sound(timbre, note, min(end - step, 6), m), bar, step, gain * velocity, where)
        if m.lead:
            self._lead(m, m.lead, bar, index, velocity)

    def _lead(self, m: Material, timbre: Timbre, bar: int, index: int, velocity: float) -> None:
        """The melody: two bars that alternate."""
        half = len(m.lead_steps) * (index % 2)
        for k, step in enumerate(m.lead_steps):
            degree = m.lead_degrees[half + k]
            note = 69 + m.key + m.scale[degree % 7] + 12 * (degree // 7) + m.register
            end = (*m.lead_steps[1:], self.idiom.steps)[k]
            for sounding in (note, note + 12) if m.doubled else (note,):
                self.at(self._sound(timbre, sounding, min(end - step, 8), m), bar, step, 0.25 * velocity, "lead")

    def _sound(self, timbre: Timbre, note: int, steps: int, m: Material) -> Sound:
        return self.voices.note(timbre, note, 0.95 * steps * self.step_s, m.brightness)

    def _chord(self, m: Material, step: int, lowest: int) -> list[int]:
        """The notes of the chord that sounds, from `lowest` up."""
        degree = m.progression[int(step / (m.bars_per_chord * self.idiom.steps)) % len(m.progression)]
        tones = [m.scale[(degree + third) % 7] for third in (0, 2, 4, 6, 8)[: m.chord_tones]]
        return [lowest + (m.key + tone - lowest + 9) % 12 for tone in tones]

    def finish(self, parts: list[Part], form: str, equal: bool) -> Song:
        """The levels of the sections, the room, and what is known."""
        starts_s = [0.0, *(self.lead_in_s + part.first_bar * self.bar_s for part in parts[1:])]
        ends_s = [*starts_s[1:], self.duration_s]
        self._room()
        gains_db = self._equal_db(starts_s, ends_s) if equal else [SWELL_DB * (p.material.intensity - 1) for p in parts]
        at_s = np.repeat(starts_s, 2)[1:] + np.tile([-0.03, 0.0], len(parts))[1:]
        t_s = np.arange(self.audio.shape[1]) / RATE_HZ
        self.audio *= (10.0 ** (np.interp(t_s, at_s, np.repeat(gains_db, 2)[:-1]) / 20.0)).astype(np.float32)
        if self.rng.random() < 0.4:  # a loud master
            self.audio = np.tanh(self.audio * np.float32(0.35 / self.audio.std() / 2))
        self.audio *= np.float32(self.rng.uniform(0.3, 0.95)) / np.abs(self.audio).max()
        beats_s = self.lead_in_s + np.arange(self.bars * self.idiom.beats) * 60.0 / self.bpm
        sections = tuple(
            SongSection(p.name, start, end, p.material.intensity, self._valence(p.material), p.label)
            for p, start, end in zip(parts, starts_s, ends_s, strict=True)
        )
        known = (self.bpm, self.idiom.beats, beats_s, beats_s[:: self.idiom.beats], sections, form, equal)
        return Song(np.ascontiguousarray(self.audio, np.float32), *known)

    def _valence(self, m: Material) -> float:
        return float(np.clip((0.4 if m.scale is MAJOR else -0.4) + 0.5 * (m.brightness - 0.5), -1.0, 1.0))

    def _room(self) -> None:
        """A few echoes across the channels, and hiss."""
        amount = float(self.rng.choice([0.0, 0.15, 0.3]))
        dry = self.audio.copy()
        for delay_s in self.rng.uniform(0.01, 0.12, 4) if amount else ():
            delay = round(float(delay_s) * RATE_HZ)
            self.audio[:, delay:] += np.float32(amount) * dry[::-1, :-delay]
        hiss = self.rng.standard_normal(1 << 16, np.float32) * np.float32(10.0 ** (self.rng.uniform(-80, -55) / 20.0))
        self.audio += np.resize(hiss, self.audio.shape[1])

    def _equal_db(self, starts_s: list[float], ends_s: list[float]) -> list[float]:
        """Gains that bring every section to the same loudness."""
        meter = Meter(RATE_HZ, 2, true_peak=False)
        meter.push(self.audio)
        found = [section_loudness(meter.energies, start, end) for start, end in zip(starts_s, ends_s, strict=True)]
        return [EQUAL_LUFS - (EQUAL_LUFS if lufs is None else lufs) for lufs in found]
