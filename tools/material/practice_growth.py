"""A generator of equally loud songs whose arrangement grows with intensity, for tuning what finds intensity.

What grows differs from song to song: some of more layers, more of the drum kit, faster hats, cymbals, a driving kick,
a higher register, brighter sounds, distortion, busier chords, a busier melody, richer chords, octaves, and a wider
stage. What does not grow stays as it is or changes regardless of intensity.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from practice_arrangements import FORMS, INTENSITIES, Part, Song, Stage
from practice_material import MAJOR, MINOR, Groove, Idiom, Material
from practice_voices import RATE_HZ, Timbre

ASPECTS = (
    *("layers", "drums", "hats", "cymbals", "kick", "register", "brightness", "drive", "density", "melody"),
    *("tones", "octaves", "width"),
)
FEWEST, MOST = 3, 9
"""Of the aspects that grow in a song."""
STRAY_CHANCE = 0.4
"""Of an aspect that changes regardless of intensity."""
UNSTEADY = 0.1
"""How far an aspect that grows strays from the intensity."""
LAYERS = ("comp", "pad", "bass", "lead")
DRUMS = ("kick", "hat", "snare", "shaker", "tom")
SHORTEST_SECTION_S = 6.0


@dataclass(frozen=True)
class _Growth:
    """What a song has drawn once."""

    idiom: Idiom
    base: Material
    grows: frozenset[str]
    strays: frozenset[str]
    steady: dict[str, float]
    """The amount of each aspect that neither grows nor strays, 0…1."""
    enters: dict[str, float]
    """The amount of layers, or drums, from which each one plays."""
    chances: dict[str, np.ndarray]
    """For comp and lead: the amount from which each step of the bar sounds."""

    def amounts(self, intensity: float) -> dict[str, float]:
        """How much there is of each aspect in a section, 0…1."""
        rng = self.idiom.rng
        grown = {aspect: float(np.clip(intensity + rng.normal(0, UNSTEADY), 0, 1)) for aspect in ASPECTS}
        strayed = {aspect: float(rng.random()) for aspect in ASPECTS}
        return {
            aspect: (grown if aspect in self.grows else strayed if aspect in self.strays else self.steady)[aspect]
            for aspect in ASPECTS
        }


def make(seed: int, longest_s: float = 60.0) -> Song:
    """The song of a seed, equally loud throughout."""
    rng = np.random.default_rng([93, seed])
    beats = int(rng.choice([3, 4, 4, 4]))
    idiom = Idiom(rng, beats, 4, int(rng.integers(12)), (MAJOR, MINOR)[seed % 2])
    bpm = float(np.exp(rng.uniform(np.log(65.0), np.log(170.0))))
    growth = _draw(idiom)
    form = [name for name in FORMS.values() if len(name) > 2][rng.integers(len(FORMS) - 1)]
    parts, amounts = _compose(growth, form, beats * 60.0 / bpm, longest_s)
    stage = Stage(idiom, bpm, lead_in_s=float(rng.choice([0.0, rng.uniform(0.05, 1.0)])), bars=_bars(parts))
    stage.fill_chance = float(rng.choice([0.0, 0.5]))
    for part, following in zip(parts, [*parts[1:], None], strict=True):
        stage.play(part, following)
    _shape(stage, parts, amounts)
    return stage.finish(parts, "growth", equal=True)


def _bars(parts: list[Part]) -> int:
    return sum(part.bars for part in parts)


def _draw(idiom: Idiom) -> _Growth:
    rng = idiom.rng
    order = [str(aspect) for aspect in rng.permutation(ASPECTS)]
    grows = frozenset(order[: rng.integers(FEWEST, MOST + 1)])
    enters = {name: float(rng.uniform(0.1, 0.9)) for name in (*LAYERS, *DRUMS)}
    enters[str(rng.choice(["comp", "comp", "pad", "lead"]))] = 0.0
    on_beat = np.arange(idiom.steps) % idiom.per_beat == 0
    chances = {part: np.where(on_beat, 0.6, 1.4) * rng.random(idiom.steps) for part in ("comp", "lead", "bass")}
    base = idiom.first(0.6)
    sounds = {
        "pad": Timbre.draw(rng, True),
        "comp": Timbre.draw(rng, False),
        "bass": Timbre.draw(rng, False),
        "lead": Timbre.draw(rng, bool(rng.random() < 0.5)),
    }
    return _Growth(
        idiom,
        replace(base, scale=idiom.scale, key=idiom.key, register=0, **sounds),
        grows,
        frozenset(aspect for aspect in order if aspect not in grows and rng.random() < STRAY_CHANCE),
        {aspect: float(rng.uniform(0.1, 0.9)) for aspect in ASPECTS},
        enters,
        chances,
    )


def _compose(
    growth: _Growth, form: tuple[str, ...], bar_s: float, longest_s: float
) -> tuple[list[Part], list[dict[str, float]]]:
    """Parts, and how much of each aspect they have; a name that comes back has the same."""
    rng = growth.idiom.rng
    bars = max(round(longest_s / len(form) / bar_s), round(SHORTEST_SECTION_S / bar_s), 1)
    drawn: dict[str, tuple[Material, dict[str, float]]] = {}
    parts: list[Part] = []
    for index, name in enumerate(form):
        if name not in drawn:
            usual = INTENSITIES.get(name, rng.uniform(0.1, 1.0))
            intensity = float(np.clip(usual + rng.normal(0, 0.1), 0.05, 1.0))
            amounts = growth.amounts(intensity)
            drawn[name] = _grown(growth, amounts, intensity), amounts
        parts.append(Part(name, list(drawn).index(name), drawn[name][0], bars, index * bars))
    return parts, [drawn[name][1] for name in form]


def _grown(growth: _Growth, amounts: dict[str, float], intensity: float) -> Material:
    """The song's material with as much of each aspect."""
    idiom, base = growth.idiom, growth.base
    chords = idiom.redraw(base, "chords", intensity) if idiom.rng.random() < 0.6 else base
    plays = {part: amounts["layers"] >= growth.enters[part] for part in LAYERS}
    played = {
        part: tuple(np.flatnonzero(chance < 0.2 + 0.9 * amounts[aspect]).tolist()) or (0,)
        for (part, chance), aspect in zip(growth.chances.items(), ("density", "melody", "density"), strict=True)
    }
    degrees = np.random.default_rng(idiom.key).integers(-3, 8, 2 * len(played["lead"]))
    driven = {"comp": "drive"} if amounts["drive"] > 0.5 and "drive" in growth.grows | growth.strays else {}
    sounds = {
        part: (replace(sound, kind=driven.get(part, sound.kind)) if plays[part] else None)
        for part in LAYERS
        if isinstance(sound := getattr(base, part), Timbre)
    }
    return replace(
        base,
        progression=chords.progression,
        bars_per_chord=chords.bars_per_chord,
        groove=_groove(growth, amounts),
        comp_steps=played["comp"],
        bass_steps=played["bass"],
        lead_steps=played["lead"],
        lead_degrees=tuple(degrees.tolist()),
        register=round(24 * (amounts["register"] - 0.5)),
        brightness=amounts["brightness"],
        intensity=intensity,
        chord_tones=2 + round(2.4 * amounts["tones"]),
        doubled=amounts["octaves"] > 0.6,
        **sounds,
    )


def _groove(growth: _Growth, amounts: dict[str, float]) -> Groove:
    """The drums that have entered, as busy as the section wants."""
    per_beat, count = growth.idiom.per_beat, growth.idiom.steps
    beats = tuple(range(0, count, per_beat))
    plays = {drum: amounts["drums"] >= growth.enters[drum] for drum in DRUMS}
    every = per_beat if amounts["hats"] < 0.35 else per_beat // 2 if amounts["hats"] < 0.7 else 1
    kick = beats[:1] if amounts["kick"] < 0.3 else beats[::2] if amounts["kick"] < 0.65 else beats
    cymbals = amounts["cymbals"] if any(plays.values()) else 0.0
    return Groove(
        kick=kick if plays["kick"] else (),
        snare=beats[1::2] if plays["snare"] else (),
        hat=tuple(range(0, count, every)) if plays["hat"] else (),
        open_hat=tuple(range(per_beat // 2, count, per_beat)) if cymbals > 0.5 else (),
        shaker=tuple(range(0, count, max(every // 2, 1))) if plays["shaker"] else (),
        tom=beats[::2] if plays["tom"] else (),
        crash=(0,) if 0.65 < cymbals <= 0.85 else beats[::2] if cymbals > 0.85 else (),
    )


def _shape(stage: Stage, parts: list[Part], amounts: list[dict[str, float]]) -> None:
    """Overdrive and widen each section as far as it wants."""
    usual = float(stage.audio.std()) + 1e-9
    for part, amount in zip(parts, amounts, strict=True):
        first, stop = (round((stage.lead_in_s + bar * stage.bar_s) * RATE_HZ) for bar in _span(part))
        piece = stage.audio[:, first:stop]
        if amount["drive"] > 0.5:
            push = np.float32(4.0 * (amount["drive"] - 0.5) / usual)
            piece[:] = np.tanh(push * piece) / push
        side = (0.2 + 1.2 * np.float32(amount["width"])) * (piece[0] - piece[1]) / 2
        middle = (piece[0] + piece[1]) / 2
        piece[0], piece[1] = middle + side, middle - side


def _span(part: Part) -> tuple[int, int]:
    return part.first_bar, part.first_bar + part.bars
