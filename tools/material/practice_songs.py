"""A generator of songs with known beats in many styles, for tuning what finds tempo and bars."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from practice_arrangements import Song, SongSection
from practice_ends import ENDS
from practice_sounds import RATE_HZ, Sound, Timbre, draw_kit
from practice_styles import LOUDNESS, STYLES, Style

Beats = NDArray[np.float64]

FORMS = (
    "Intro Verse Chorus Verse Chorus Outro",
    "Verse Chorus Verse Chorus Bridge Chorus",
    "Intro Build Drop Break Build Drop",
    "A A B A",
    "A B A C",
    "Verse Verse Chorus",
    "Intro Verse Break Chorus",
    "A",
)
INTENSITIES = {"Intro": 0.3, "Verse": 0.5, "Chorus": 0.85, "Bridge": 0.55, "Break": 0.2, "Build": 0.6, "Drop": 0.95}
INTENSITIES |= {"Outro": 0.3, "A": 0.6, "B": 0.75, "C": 0.45}
DRUMS = ("kick", "snare", "rim", "hat", "open", "ride", "crash", "shaker", "conga", "tom", "brush")
LEVELS = {"kick": 0.8, "snare": 0.6, "rim": 0.35, "hat": 0.3, "open": 0.3, "ride": 0.3, "crash": 0.3, "shaker": 0.25}
LEVELS |= {"conga": 0.4, "tom": 0.5, "brush": 0.35, "bass": 0.45, "chords": 0.16, "line": 0.28, "pad": 0.08}
ENTRANCES = {"kick": 0.35, "snare": 0.4, "rim": 0.35, "hat": 0.3, "open": 0.45, "line": 0.4, "bass": 0.25, "pad": 0.5}
"""Intensity from which a part plays, give or take."""
SOFT_CHANCE, DRUMLESS_CHANCE, ABSENT_CHANCE = 0.1, 0.08, 0.1
"""Of songs in which everything but the drums begins softly, of those without drums, and of those without a part."""
BROADER, BROAD_BPM = 1.25, (58.0, 205.0)
CHORD_BARS = (0.5, 0.5, 1.0, 1.0, 2.0, 4.0)
"""Bars of an uneven number of beats are not halved."""
ALONE = (("kick", *DRUMS[1:]), ("bass", "chords"), ("bass", "line"), ("chords",))
"""Groups of players that do without the others."""
PROGRESSIONS = ((0, 4, 5, 3), (0, 5, 3, 4), (5, 3, 0, 4), (0, 3, 0, 4), (0, 0, 3, 4), (1, 4, 0, 0), (0, 6, 5, 4), (0,))
SCALES = {True: (0, 2, 4, 5, 7, 9, 11), False: (0, 2, 3, 5, 7, 8, 10)}


@dataclass(frozen=True)
class _Player:
    """What a song has drawn once: style, tempo map, sounds, rhythms and habits."""

    rng: np.random.Generator
    style: Style
    beats_s: Beats
    kit: dict[str, Sound]
    timbres: dict[str, Timbre]
    rhythms: dict[str, list[float]]
    levels: dict[str, float]
    late_s: dict[str, float]
    swing: float
    hands_s: float
    root: int
    major: bool

    def time_s(self, beat: float) -> float:
        """When a moment between beats comes, swung."""
        steps = beat * self.style.steps
        if self.swing and round(steps) % 2:
            beat += self.swing / self.style.steps
        return float(np.interp(beat, np.arange(len(self.beats_s)), self.beats_s))


def make(
    seed: int, style_name: str | None = None, longest_s: float = 80.0, broad: bool = False, few: bool = False
) -> Song:
    """The song of a seed, in a drawn style or a given one, also of `ENDS`; even seeds are equally loud throughout.

    `broad`: at tempi a quarter beyond those of the style, with chords that last from half a bar to four; `few`: and
    by some of the players alone.
    """
    rng = np.random.default_rng([41, seed])
    name = style_name or str(rng.choice(list(STYLES)))
    style = (STYLES | ENDS)[name]
    if broad:
        style = _broadened(np.random.default_rng([42, seed]), style, few)
    bpm = float(np.exp(rng.uniform(*np.log(style.bpm))))
    bars = _bars(rng, str(rng.choice(FORMS)), bpm / 60 / style.beats, longest_s)
    total = sum(count for _, count in bars) * style.beats
    player = _draw(rng, style, _beat_times(rng, bpm, total))
    frames = round((player.beats_s[-1] + rng.uniform(0.3, 2.0)) * RATE_HZ)
    parts = {part: np.zeros(frames, np.float32) for part in (*DRUMS, "bass", "chords", "line", "pad")}
    labels = sorted({name_of for name_of, _ in bars})
    sections: list[SongSection] = []
    first = 0
    for name_of, count in bars:
        sections.append(_play(player, parts, name_of, first, count, labels.index(name_of)))
        first += count * style.beats
    equal = seed % 2 == 0
    return Song(
        audio=_mixed(rng, style, parts, sections, equal),
        bpm=60.0 / float(np.diff(player.beats_s).mean()),
        beats_per_bar=style.beats,
        beats_s=player.beats_s[:-1],
        downbeats_s=player.beats_s[:-1][:: style.beats],
        sections=tuple(sections),
        style=name,
        equal_loudness=equal,
    )


def _broadened(rng: np.random.Generator, style: Style, few: bool) -> Style:
    slowest, fastest = BROAD_BPM
    bpm = max(style.bpm[0] / BROADER, slowest), min(style.bpm[1] * BROADER, fastest)
    chord_bars = float(rng.choice(CHORD_BARS[style.beats % 2 * 2 :]))
    groups = [parts for parts in ALONE if parts[0] in style.rhythms]
    alone = groups[rng.integers(len(groups))] if few and groups else ()
    return replace(style, bpm=bpm, chord_bars=chord_bars, alone=alone)


def _bars(rng: np.random.Generator, form: str, bars_per_s: float, longest_s: float) -> list[tuple[str, int]]:
    """Sections with their lengths in bars, together between half the longest and the longest duration."""
    names = form.split()
    each = rng.uniform(0.6, 0.95) * longest_s * bars_per_s / len(names)
    length = max(2 * round(each / 2), 2)
    return [(name, max(length + int(rng.choice([0, 0, 0, -1, 2])), 2)) for name in names]


def _beat_times(rng: np.random.Generator, bpm: float, beats: int) -> Beats:
    """Beats that wander a little around the tempo, as players do, or not at all."""
    wander = rng.choice([0.0, 0.0, 0.004, 0.008, 0.015])
    slow = np.sin(2 * np.pi * (rng.uniform(0.5, 3.0) * np.arange(beats) / beats + rng.random()))
    jitter = rng.standard_normal(beats) * rng.choice([0.0, 0.002, 0.006])
    intervals = 60.0 / bpm * (1 + wander * slow + jitter)
    return rng.uniform(0.0, 1.5) + np.concatenate([[0.0], np.cumsum(intervals)])


def _draw(rng: np.random.Generator, style: Style, beats_s: Beats) -> _Player:
    kinds = {"bass": style.bass, "chords": style.chords, "line": style.line, "pad": "pad,strings,organ"}
    if rng.random() < SOFT_CHANCE:
        kinds = dict.fromkeys(kinds, "strings,pad,organ,wind")
    timbres = {part: Timbre.draw(rng, str(rng.choice(kind.split(",")))) for part, kind in kinds.items()}
    rhythms = {part: _read(rng, text) for part, text in style.rhythms.items()}
    rhythms.setdefault("line", _made_up(rng, style))
    for absent in _absent(rng) if "kick" in rhythms else ():
        rhythms.pop(absent, None)
    rhythms["pad"] = [1.0] + [0.0] * (style.beats * style.steps - 1)
    if style.alone:
        rhythms = {part: rhythm for part, rhythm in rhythms.items() if part in style.alone}
    return _Player(
        rng,
        style,
        beats_s,
        draw_kit(rng, style.electronic),
        timbres,
        {part: _varied(rng, rhythm, part) for part, rhythm in rhythms.items()},
        {part: level * float(np.exp(rng.normal(0, 0.45))) for part, level in LEVELS.items()},
        {part: float(rng.normal(0, style.hands)) for part in LEVELS},
        rng.uniform(*style.swing),
        style.hands * rng.uniform(0.3, 1.7),
        int(rng.integers(0, 12)),
        bool(rng.random() < 0.5),
    )


def _absent(rng: np.random.Generator) -> tuple[str, ...]:
    """Instruments of the style that this song does without."""
    if rng.random() < DRUMLESS_CHANCE:
        return DRUMS
    return tuple(part for part in ("hat", "ride", "shaker", "bass", "line") if rng.random() < ABSENT_CHANCE)


def _read(rng: np.random.Generator, text: str) -> list[float]:
    chosen = str(rng.choice(text.split(","))).replace(" ", "").replace("|", "")
    return [-LOUDNESS[c] if c == "?" else LOUDNESS.get(c, 0.0) for c in chosen]


def _made_up(rng: np.random.Generator, style: Style) -> list[float]:
    """A melody's rhythm over two bars, denser on the beat than between."""
    steps = 2 * style.beats * style.steps
    on_beat, between = rng.uniform(0.4, 0.9), rng.uniform(0.05, 0.35)
    chance = np.where(np.arange(steps) % style.steps == 0, on_beat, between * 4 / style.steps)
    return [float(x) for x in np.where(rng.random(steps) < chance, rng.uniform(0.5, 1.0, steps), 0.0)]


def _varied(rng: np.random.Generator, rhythm: list[float], part: str) -> list[float]:
    """A song's own version: soft notes more or fewer, some notes moved by a step."""
    chance = {"snare": 0.0, "hat": 0.0, "kick": 0.05}.get(part, 0.08)
    own = list(rhythm)
    for i in range(1, len(own)):
        if own[i] and not own[i - 1] and rng.random() < chance:
            own[i - 1], own[i] = own[i], 0.0
    return own


@dataclass(frozen=True)
class _Passage:
    """What a section has drawn: where it lies, how it is played, and its own material."""

    first: int
    beats: int
    own: np.random.Generator
    intensity: float
    gain: float
    progression: tuple[int, ...]
    fill: bool
    """The last beat is the drummer's."""


def _play(player: _Player, parts: dict[str, Sound], name: str, first: int, bars: int, label: int) -> SongSection:
    """Play a section into the parts."""
    own = np.random.default_rng([label, player.root])  # the same material whenever it comes back
    intensity = float(np.clip(INTENSITIES[name] + own.normal(0, 0.06), 0.05, 1.0))
    fill = bars > 2 and player.rng.random() < 0.5 and "snare" in player.rhythms
    progression = PROGRESSIONS[own.integers(len(PROGRESSIONS))]
    gain = 10.0 ** (0.6 * (intensity - 0.8))
    here = _Passage(first, bars * player.style.beats, own, intensity, gain, progression, fill)
    if first and player.rng.random() < 0.4 and "snare" in player.rhythms:
        _strike(player, parts["crash"], "crash", first, 0.8 * gain)
    for part, rhythm in player.rhythms.items():
        leaves = intensity + own.normal(0, 0.12) < ENTRANCES.get(part, 0.2)
        if not leaves or part in ("chords", "bass"):
            _play_part(player, parts[part], part, rhythm, here)
    if fill:
        _fill(player, parts, first + here.beats - 1, gain)
    start_s, end_s = player.beats_s[[first, first + here.beats]]
    valence = float(np.clip((0.5 if player.major else -0.5) + own.normal(0, 0.2), -1, 1))
    return SongSection(name, float(start_s), float(end_s), intensity, valence, label)


def _play_part(player: _Player, into: Sound, part: str, rhythm: list[float], here: _Passage) -> None:
    steps = player.style.steps
    a_chord = player.style.beats * steps * player.style.chord_bars
    played = here.beats - 1 if here.fill and part in DRUMS else here.beats
    for step, (loudness, length) in _hits(player.rng, rhythm, played * steps).items():
        beat = here.first + step / steps
        if part in DRUMS:
            _strike(player, into, part, beat, loudness * here.gain)
        else:
            chord = here.progression[int(step / a_chord) % len(here.progression)]
            _sound(player, into, part, here.own, (beat, length / steps), chord, loudness * here.gain)


def _hits(rng: np.random.Generator, rhythm: list[float], steps: int) -> dict[int, tuple[float, int]]:
    """Loudness, and steps to the next hit, by step."""
    loud = [rhythm[i % len(rhythm)] for i in range(steps)]
    at = [i for i, x in enumerate(loud) if x > 0 or (x < 0 and rng.random() < 0.5)]
    ends = [*at[1:], steps]
    return {i: (abs(loud[i]), end - i) for i, end in zip(at, ends, strict=True)} if at else {}


def _strike(player: _Player, into: Sound, drum: str, beat: float, gain: float) -> None:
    late = player.late_s[drum] + player.rng.normal(0, player.hands_s)
    loudness = gain * player.levels[drum] * float(np.exp(player.rng.normal(0, 0.1)))
    _add(into, player.kit[drum], player.time_s(beat) + late, loudness)


def _sound(
    player: _Player,
    into: Sound,
    part: str,
    own: np.random.Generator,
    when: tuple[float, float],
    chord: int,
    gain: float,
) -> None:
    """Play a note of the bass or the line, or all of a chord, at a beat for a number of beats."""
    rng, timbre, scale = player.rng, player.timbres[part], SCALES[player.major]
    start_s, end_s = player.time_s(when[0]), player.time_s(when[0] + when[1])
    late = player.late_s[part] + rng.normal(0, player.hands_s)
    degrees = {"bass": (0,), "line": (int(own.choice([0, 2, 4, 4, 7, 8, 9])),)}.get(part, (0, 2, 4))
    octave = {"bass": 36, "line": 60, "pad": 60}.get(part, 48)
    gate = player.style.gate if part == "chords" else 0.9
    for i, degree in enumerate(degrees):
        step = chord + degree
        pitch = octave + player.root + scale[step % 7] + 12 * (step // 7)
        sound = timbre.note(pitch, min(gate * (end_s - start_s), 4.0))
        _add(into, sound, start_s + late + 0.006 * i, gain * player.levels[part])


def _fill(player: _Player, parts: dict[str, Sound], beat: int, gain: float) -> None:
    for step in range(player.style.steps):
        if player.rng.random() < 0.8:
            drum = str(player.rng.choice(["snare", "tom"]))
            _strike(player, parts[drum], drum, beat + step / player.style.steps, gain)


def _add(into: Sound, sound: Sound, start_s: float, gain: float) -> None:
    first = max(round(start_s * RATE_HZ), 0)
    count = min(len(sound), len(into) - first)
    if count > 0:
        into[first : first + count] += np.float32(gain) * sound[:count]


def _mixed(
    rng: np.random.Generator, style: Style, parts: dict[str, Sound], sections: list[SongSection], equal: bool
) -> Sound:
    """Parts panned and summed, in a room, sections brought to one loudness or not, peaks rounded."""
    duck = _ducking(parts["kick"]) if style.electronic and rng.random() < 0.5 else None
    mix = np.zeros((2, len(parts["kick"])), np.float32)
    for part, sound in parts.items():
        if part in ("bass", "chords", "pad") and duck is not None:
            sound = sound * duck
        pan = 0.0 if part in ("kick", "snare", "bass") else rng.uniform(-0.7, 0.7)
        for channel, gain in zip(mix, (np.cos((1 + pan) * np.pi / 4), np.sin((1 + pan) * np.pi / 4)), strict=True):
            channel += np.float32(gain) * sound
    if rng.random() < 0.5:
        _reverberate(rng, mix)
    if equal:
        _level(mix, sections)
    mix *= np.float32(rng.uniform(0.5, 2.0) / (4 * mix.std() + 1e-9))
    np.tanh(mix, out=mix)
    mix += rng.standard_normal(mix.shape[1], np.float32) * np.float32(10.0 ** rng.uniform(-5, -2))
    return np.asarray(mix * np.float32(0.9 / max(float(np.abs(mix).max()), 1e-9)), np.float32)


def _ducking(kick: Sound) -> Sound:
    """Gain that dives under each kick and comes back within a fifth of a second."""
    hop = 441
    level = np.abs(np.pad(kick, (0, -len(kick) % hop))).reshape(-1, hop).max(axis=1)
    held, gains = 0.0, np.zeros(len(level), np.float32)
    for i, x in enumerate(level / max(float(level.max()), 1e-9)):
        held = max(held * 0.93, float(x))
        gains[i] = 1 - 0.8 * held
    return np.repeat(gains, hop)[: len(kick)]


def _reverberate(rng: np.random.Generator, mix: Sound) -> None:
    """A room of a few diffuse echoes, which takes no convolution."""
    wet = mix.sum(axis=0) * np.float32(0.5)
    length_s, amount = rng.uniform(0.15, 1.2), rng.uniform(0.05, 0.35)
    for delay_s in np.sort(rng.uniform(0.01, length_s, 10)):
        delay, gain = int(delay_s * RATE_HZ), amount * 10.0 ** (-1.5 * delay_s / length_s)
        mix[int(rng.integers(2)), delay:] += np.float32(gain * rng.choice([-1, 1])) * wet[:-delay]


def _level(mix: Sound, sections: list[SongSection]) -> None:
    edges = [0, *(round(s.start_s * RATE_HZ) for s in sections[1:]), mix.shape[1]]
    for first, stop in pairwise(edges):
        mix[:, first:stop] *= np.float32(0.1 / max(float(np.sqrt(np.mean(mix[:, first:stop] ** 2))), 1e-5))
