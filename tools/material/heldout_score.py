"""Composes the held-out songs: from planned sections to events on a grid of beats."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from heldout_form import MODES, ROLES, Material, Planned
from heldout_styles import Style

STRENGTH = {"o": 0.5, "x": 0.85, "X": 1.0}
BRIGHT_STEPS = 4
LEAD_HOME, COMP_HOME, PAD_HOME, ARP_HOME, COUNTER_HOME = 71, 60, 62, 68, 76
BASS_FLOOR = 29
"""F1: bass notes lie in the octave above."""


@dataclass(frozen=True, slots=True)
class Event:
    """One note (or stroke, where `midi` is 0) of a part; time in beats from the song's first, velocity 0…1."""

    part: str
    sound: str
    midi: int
    beat: float
    beats: float
    velocity: float
    bright: float = 0.5


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What holds for a whole song: its key, its style, from which intensity each role plays, and its swing."""

    style: Style
    key: int
    enters: dict[str, float]
    swing: float
    sevenths: bool
    major_dominant: bool
    fullness: float

    def layers(self, intensity: float) -> float:
        """How many layers an intensity asks for: in full songs even quiet sections keep most of theirs."""
        return self.fullness + (1.0 - self.fullness) * intensity


def draw_arrangement(style: Style, rng: np.random.Generator) -> Arrangement:
    """One or two roles carry every section, the bass comes early, the others enter one by one with intensity."""
    order = list(rng.permutation(["comp", "pad", "arp", "lead", "counter"]))
    if order[0] in ("lead", "counter"):
        order[0], order[1] = order[1], order[0]
    steps = np.sort(rng.uniform(0.2, 0.9, 4))
    enters = dict(zip(order, (0.0, *(float(s) for s in steps)), strict=True))
    if rng.random() < 0.6:
        enters[order[1]] = 0.0
    enters["lead"] = min(enters["lead"], 0.5)
    return Arrangement(
        style=style,
        key=int(rng.integers(12)),
        enters=enters | {"bass": float(rng.uniform(0.0, 0.3))},
        swing=float(rng.uniform(*style.swing)),
        sevenths=bool(rng.random() < style.sevenths),
        major_dominant=bool(rng.random() < 0.6),
        fullness=float(rng.uniform(0.0, 0.45)),
    )


def onsets(rhythm: str, swing: float = 0.0) -> Iterator[tuple[float, str, float]]:
    """(beat, sign, length in beats) of each note of one bar."""
    found: list[list[float | str]] = []
    for beat, group in enumerate(rhythm.split("|")):
        tick = 1.0 / len(group)
        for i, sign in enumerate(group):
            late = swing * tick if len(group) == 4 and i % 2 else 0.0
            if sign == "-" and found:
                found[-1][2] = float(found[-1][2]) + tick
            elif sign not in ".-":
                found.append([beat + i * tick + late, sign, tick])
    yield from ((float(at), str(sign), float(long)) for at, sign, long in found)


def chord(song: Arrangement, material: Material, beat: float) -> list[int]:
    """Pitch classes of the chord that sounds at a beat of the section, root first."""
    steps = MODES[material.mode][0]
    degree = material.progression[int(beat // material.chord_beats) % len(material.progression)]
    classes = [(song.key + steps[(degree + third) % 7]) % 12 for third in (0, 2, 4, 6)]
    if degree == 4 and song.major_dominant:
        classes[1] = (classes[0] + 4) % 12
    return classes if song.sevenths else classes[:3]


def near(pitch_class: int, home: int) -> int:
    """The note of a pitch class that lies within a tritone of `home`."""
    return home + (pitch_class - home + 6) % 12 - 6


class SectionWriter:
    """Writes one section, all parts of it, in beats of the song."""

    def __init__(self, song: Arrangement, section: Planned, rng: np.random.Generator) -> None:
        self.song, self.section, self.rng = song, section, rng
        self.material, self.style = section.material, song.style
        self.start = section.first_bar * song.style.beats
        self.bright = self._stepped(0.65 * section.intensity + 0.35 * section.material.bright)
        self.loud = 0.5 + 0.5 * section.intensity

    @staticmethod
    def _stepped(value: float) -> float:
        return round(value * BRIGHT_STEPS) / BRIGHT_STEPS

    def plays(self, role: str) -> bool:
        return self.song.layers(self.section.intensity) >= self.song.enters[role] and role not in self.material.absent

    def events(self) -> Iterator[Event]:
        writers = (self.bass, self.comp, self.pad, self.arp, self.lead, self.counter)
        for role, write in zip(ROLES, writers, strict=True):
            if self.plays(role):
                yield from write()

    def note(self, role: str, midi: int, at: float, beats: float, strength: float) -> Event:
        velocity = self.loud * strength * self.rng.uniform(0.88, 1.0)
        return Event(role, self.material.instrument(role), midi, self.start + at, beats, velocity, self.bright)

    def bars(self) -> Iterator[int]:
        return iter(range(0, self.section.bars * self.style.beats, self.style.beats))

    def chosen(self, rhythms: tuple[str, ...], seed: int) -> str:
        return rhythms[np.random.default_rng([seed, len(rhythms)]).integers(len(rhythms))]

    def bass(self) -> Iterator[Event]:
        rhythm = self.chosen(self.style.bass, self.material.bass_seed)
        calm = self.section.intensity < 0.3
        for bar in self.bars():
            for at, sign, long in onsets(rhythm, self.song.swing):
                if calm and at % 1.0 and self.rng.random() < 0.6:
                    continue
                tones = chord(self.song, self.material, bar + at)
                following = chord(self.song, self.material, bar + self.style.beats)[0]
                root = BASS_FLOOR + (tones[0] - BASS_FLOOR) % 12
                ahead = BASS_FLOOR + (following - BASS_FLOOR) % 12 + (1 if self.rng.random() < 0.5 else -1)
                fifth = root + (tones[2] - tones[0]) % 12
                third = root + (tones[1] - tones[0]) % 12
                midi = {"f": fifth, "o": root + 12, "t": third, "a": ahead}.get(sign, root)
                yield self.note("bass", midi, bar + at, 0.92 * long, 0.95 if at % 1.0 == 0 else 0.85)

    def comp(self) -> Iterator[Event]:
        rhythm = self.chosen(self.style.comp, self.material.rhythm_seed)
        power = self.material.instrument("comp") == "crunch"
        home = COMP_HOME + 5 * self.material.register
        for bar in self.bars():
            for at, sign, long in onsets(rhythm, self.song.swing):
                if self.section.intensity < 0.3 and at % 1.0 and self.rng.random() < 0.5:
                    continue
                tones = chord(self.song, self.material, bar + at)
                midis = [40 + (tones[0] - 40) % 12] if power else sorted(near(tone, home) for tone in tones)
                for midi in midis:
                    yield self.note("comp", midi, bar + at, 0.95 * long, STRENGTH[sign])

    def pad(self) -> Iterator[Event]:
        total = self.section.bars * self.style.beats
        for at in range(0, total, self.material.chord_beats):
            for tone in chord(self.song, self.material, at):
                midi = near(tone, PAD_HOME + 7 * self.material.register)
                yield self.note("pad", midi, at, min(self.material.chord_beats, total - at), 0.9)

    def arp(self) -> Iterator[Event]:
        rhythm = self.chosen(self.style.arp, self.material.rhythm_seed + 1)
        shape = np.random.default_rng(self.material.motif_seed + 1).integers(0, 6, 8)
        home = ARP_HOME + 5 * self.material.register
        for bar in self.bars():
            for i, (at, sign, long) in enumerate(onsets(rhythm, self.song.swing)):
                if self.section.intensity < 0.45 and i % 2 and at % 1.0 not in (0.0, 0.5):
                    continue
                tones = sorted(near(t, home) for t in chord(self.song, self.material, bar + at))
                step = int(shape[i % len(shape)])
                midi = tones[step % len(tones)] + 12 * (step // len(tones) % 2)
                yield self.note("arp", midi, bar + at, 1.6 * long, STRENGTH[sign])

    def motif(self, seed: int, density: float, beats: int) -> list[tuple[float, float, int]]:
        """(beat, length, step from home in the scale) of a phrase: a walk that breathes at its end."""
        rng = np.random.default_rng(seed)
        grid = 3.0 if "12/8" in self.style.name or "swing" in self.style.name or "shuffle" in self.style.name else 2.0
        slots = np.arange(0, beats * 0.8, 1.0 / grid)
        weight = np.where(slots % 1.0 == 0, 1.5, 0.7) * density
        starts = [float(s) for s, w in zip(slots, weight, strict=True) if rng.random() < w]
        steps = np.cumsum(rng.choice((-2, -1, -1, 0, 1, 1, 2, 3), len(starts) + 1)) + rng.integers(-2, 3)
        ends = [*starts[1:], beats * 0.9]
        folded = [int((s + 6) % 13 - 6) for s in steps]
        return [(a, min(b - a, 2.5), s) for a, b, s in zip(starts, ends, folded, strict=False)]

    def melody(self, role: str, home: int, density: float, seed: int) -> Iterator[Event]:
        phrase = self.style.beats * (4 if self.style.beats <= 3 else 2)
        scale = MODES[self.material.mode][0]
        phrases = [self.motif(seed + i, density, phrase) for i in range(2)]
        order = np.random.default_rng(seed).choice((0, 0, 1), 64)
        total = self.section.bars * self.style.beats
        for turn, bar in enumerate(range(0, total, phrase)):
            for at, long, step in phrases[order[turn]]:
                if bar + at >= total - 0.25:
                    break
                wander = int(self.rng.integers(-1, 2)) if self.rng.random() < 0.1 + 0.1 * self.section.take else 0
                index = step + wander
                midi = near((self.song.key + scale[index % 7]) % 12, home + round(index * 12 / 7))
                if at % 1.0 == 0 and long >= 1.0:
                    tones = [near(t, midi) for t in chord(self.song, self.material, bar + at)]
                    midi = tones[int(np.argmin(np.abs(np.subtract(tones, midi))))]
                yield self.note(role, midi, bar + at, 0.9 * long, 0.9)

    def lead(self) -> Iterator[Event]:
        density = 0.35 + 0.4 * self.section.intensity + (0.2 if self.section.name == "Solo" else 0.0)
        yield from self.melody("lead", LEAD_HOME + 5 * self.material.register, density, self.material.motif_seed)

    def counter(self) -> Iterator[Event]:
        yield from self.melody("counter", COUNTER_HOME, 0.25, self.material.motif_seed + 7)
