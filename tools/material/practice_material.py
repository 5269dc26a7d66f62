"""What a section of a practice arrangement is made of, and how the material of one section differs from another's."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from practice_voices import Timbre

MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
PROGRESSIONS = (
    *((0, 4, 5, 3), (0, 5, 3, 4), (5, 3, 0, 4), (0, 3, 4, 3), (1, 4, 0, 0), (0, 0, 3, 4), (3, 4, 2, 5)),
    *((0, 6, 5, 4), (0, 2, 3, 5), (0, 0, 0, 0), (0, 3), (5, 4), (0, 1), (3, 0), (0, 4), (2, 5, 1, 4)),
)
ASPECTS = ("chords", "instruments", "rhythm", "register", "density", "brightness", "melody")


@dataclass(frozen=True)
class Groove:
    """Drum hits by step of the bar; empty where there are no drums."""

    kick: tuple[int, ...] = ()
    snare: tuple[int, ...] = ()
    hat: tuple[int, ...] = ()
    open_hat: tuple[int, ...] = ()
    shaker: tuple[int, ...] = ()
    tom: tuple[int, ...] = ()
    crash: tuple[int, ...] = ()


@dataclass(frozen=True)
class Material:
    """What sounds in a section: fixed for a label, up to small variations."""

    key: int  # semitones above A
    scale: tuple[int, ...]
    progression: tuple[int, ...]
    bars_per_chord: float
    pad: Timbre | None
    comp: Timbre | None
    bass: Timbre | None
    lead: Timbre | None
    groove: Groove
    comp_steps: tuple[int, ...]
    bass_steps: tuple[int, ...]
    lead_steps: tuple[int, ...]
    lead_degrees: tuple[int, ...]
    register: int  # semitones
    brightness: float
    intensity: float
    chord_tones: int = 3
    doubled: bool = False
    """Chords and melody also sound an octave higher."""


def steps(rng: np.random.Generator, count: int, density: float, per_beat: int) -> tuple[int, ...]:
    """Steps of the bar that sound: beats rather than what lies between; the first mostly."""
    on_beat = np.arange(count) % per_beat == 0
    on_half = np.arange(count) % max(per_beat // 2, 1) == 0
    chance = density * np.where(on_beat, 1.5, np.where(on_half, 0.9, 0.35))
    chance[0] = 0.9
    return tuple(np.flatnonzero(rng.random(count) < chance).tolist()) or (0,)


def groove(rng: np.random.Generator, beats: int, per_beat: int, intensity: float) -> Groove:
    """A drum pattern, the busier the more intense; sometimes none, sometimes without a part of the kit."""
    count = beats * per_beat
    if rng.random() < 0.6 * (1.0 - intensity) ** 1.5:
        return Groove()
    every = int(rng.choice([1, 2, 2, per_beat] if intensity > 0.6 else [2, 2, per_beat]))
    back = [per_beat * beat for beat in range(1, beats, 2)] if beats == 4 else [per_beat * (beats - 1)]
    four = rng.random() < 0.35
    return Groove(
        kick=tuple(range(0, count, per_beat)) if four else steps(rng, count, 0.15 + 0.3 * intensity, per_beat),
        snare=tuple(back if rng.random() < 0.7 else [count // 2]) if rng.random() < 0.3 + 0.7 * intensity else (),
        hat=tuple(range(0, count, every)) if rng.random() < 0.75 else (),
        open_hat=tuple(range(per_beat // 2, count, per_beat)) if rng.random() < 0.4 * intensity else (),
        shaker=tuple(range(count)) if rng.random() < 0.25 else (),
        tom=steps(rng, count, 0.25, per_beat) if rng.random() < 0.15 else (),
    )


@dataclass(frozen=True)
class Idiom:
    """What the sections of one song have in common."""

    rng: np.random.Generator
    beats: int
    per_beat: int
    key: int
    scale: tuple[int, ...]

    @property
    def steps(self) -> int:
        return self.beats * self.per_beat

    def first(self, intensity: float) -> Material:
        blank = Material(
            *(self.key, self.scale, (0,), 1.0, None, None, None, None, Groove()),
            *((0,), (0,), (0,), (0,), 0, 0.5, intensity),
        )
        for aspect in ASPECTS:
            blank = self.redraw(blank, aspect, intensity)
        return blank

    def other(self, material: Material, intensity: float) -> Material:
        """Material that differs in some aspects but not in all."""
        count = int(self.rng.integers(2, 6))
        drawn = material
        for aspect in self.rng.permutation(ASPECTS)[:count]:
            drawn = self.redraw(drawn, str(aspect), intensity)
        return replace(drawn, intensity=intensity)

    def redraw(self, m: Material, aspect: str, intensity: float) -> Material:
        """The same material with one aspect drawn anew."""
        rng = self.rng
        density = 0.12 + 0.55 * intensity * rng.uniform(0.6, 1.2)
        if aspect == "chords":
            return self._chords(m)
        if aspect == "instruments":
            return self._instruments(m, intensity)
        if aspect == "rhythm":
            drums = groove(rng, self.beats, self.per_beat, intensity)
            return replace(m, groove=drums, bass_steps=steps(rng, self.steps, density, self.per_beat))
        if aspect == "register":
            return replace(m, register=int(rng.choice([-12, -5, 0, 0, 7, 12])))
        if aspect == "density":
            return replace(m, comp_steps=steps(rng, self.steps, density, self.per_beat))
        if aspect == "brightness":
            return replace(m, brightness=float(np.clip(0.7 * intensity + rng.uniform(-0.1, 0.45), 0.0, 1.0)))
        notes = steps(rng, self.steps, density, self.per_beat)
        return replace(m, lead_steps=notes, lead_degrees=tuple(rng.integers(-3, 8, 2 * len(notes)).tolist()))

    def _chords(self, m: Material) -> Material:
        """Another progression; rarely another key or mode."""
        rng = self.rng
        scale = self.scale if rng.random() < 0.8 else (MAJOR if self.scale is MINOR else MINOR)
        key = self.key if rng.random() < 0.8 else self.key + int(rng.choice([2, 3, 5, 7]))
        progression = PROGRESSIONS[rng.integers(len(PROGRESSIONS))]
        return replace(
            m, scale=scale, key=key, progression=progression, bars_per_chord=float(rng.choice([0.5, 1, 1, 2]))
        )

    def _instruments(self, m: Material, intensity: float) -> Material:
        """Another set of instruments: the more, the more intense, at least one with chords or a melody."""
        rng = self.rng
        chance = 0.3 + 0.6 * intensity
        pad, comp, bass, lead = rng.random(4) < (chance, chance, chance + 0.1, chance - 0.1)
        if not (pad or comp or lead):
            comp = True
        return replace(
            m,
            pad=Timbre.draw(rng, True) if pad else None,
            comp=Timbre.draw(rng, False) if comp else None,
            bass=Timbre.draw(rng, False) if bass else None,
            lead=Timbre.draw(rng, bool(rng.random() < 0.5)) if lead else None,
        )

    def vary(self, m: Material) -> Material:
        """A repeat with a small variation: other notes, a part more or less, another shade."""
        rng = self.rng
        kind = rng.integers(5)
        if kind == 0:
            return self.redraw(m, "melody", m.intensity)
        if kind == 1 and m.lead is not None and (m.pad or m.comp):
            return replace(m, lead=None)
        if kind == 2 and m.groove.hat:
            return replace(m, groove=replace(m.groove, shaker=tuple(range(self.steps))))
        if kind == 3:
            return replace(m, brightness=float(np.clip(m.brightness + rng.uniform(-0.1, 0.1), 0.0, 1.0)))
        return m
