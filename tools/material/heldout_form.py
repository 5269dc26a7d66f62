"""The forms of the held-out songs: which sections follow each other, how intense they are and what they share."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from heldout_styles import Style

FORMS: tuple[tuple[str, ...], ...] = (
    ("Intro", "Verse", "Pre-chorus", "Chorus", "Verse", "Pre-chorus", "Chorus", "Bridge", "Chorus", "Outro"),
    ("Intro", "Verse", "Pre-chorus", "Chorus", "Verse", "Chorus", "Bridge", "Chorus"),
    ("Intro", "Verse", "Chorus", "Verse", "Chorus", "Bridge", "Chorus", "Outro"),
    ("Intro", "Verse", "Chorus", "Verse", "Chorus", "Outro"),
    ("Verse", "Chorus", "Verse", "Chorus", "Bridge", "Chorus"),
    ("Verse", "Chorus", "Verse", "Chorus"),
    ("Intro", "Verse", "Chorus", "Solo", "Verse", "Chorus", "Outro"),
    ("Intro", "Verse", "Chorus", "Break", "Chorus"),
    ("Chorus", "Verse", "Chorus", "Break", "Solo", "Chorus", "Outro"),
    ("Intro", "Build", "Drop", "Break", "Build", "Drop", "Outro"),
    ("Intro", "Drop", "Break", "Drop", "Outro"),
    ("Intro", "Head", "Solo", "Bridge", "Head", "Outro"),
    ("Head", "Solo", "Break", "Head"),
    ("A", "B", "A", "C"),
    ("A", "A", "B", "A"),
    ("A", "B", "A", "B", "C", "B"),
    ("A", "B", "A", "C", "A"),
    ("A", "B", "C", "A"),
    ("A", "B", "C", "B", "A"),
    ("A", "B", "A"),
    ("A", "B", "C"),
    ("A", "B", "C", "D"),
    ("A", "B"),
)
FAMILIES = {"club": ("Build", "Drop"), "jazz": ("Head",)}
"""Kinds of section that only one family of styles has."""
INTENSITY = {
    "Intro": (0.12, 0.42), "Verse": (0.3, 0.55), "Pre-chorus": (0.45, 0.68), "Chorus": (0.72, 0.97),
    "Bridge": (0.2, 0.68), "Break": (0.06, 0.3), "Build": (0.4, 0.65), "Drop": (0.82, 1.0),
    "Solo": (0.6, 0.9), "Head": (0.4, 0.65), "Outro": (0.1, 0.45),
}  # fmt: skip
"""The range from which a section's intensity is drawn; lettered sections lie anywhere."""
SECTION_S = (6.5, 34.0)
SONG_S = (60.0, 108.0)
BARS = (4, 4, 6, 8, 8, 8, 8, 10, 12, 12, 16, 16)
TRIES = 60
LETTERED_GAP = 0.14
"""The least difference in intensity between two lettered kinds of section."""

MODES = {
    "major": ((0, 2, 4, 5, 7, 9, 11), 0.55),
    "mixolydian": ((0, 2, 4, 5, 7, 9, 10), 0.3),
    "dorian": ((0, 2, 3, 5, 7, 9, 10), -0.25),
    "minor": ((0, 2, 3, 5, 7, 8, 10), -0.5),
}
"""The steps of each mode in semitones, and the valence it is written down with."""
PROGRESSIONS = (
    (0, 4, 5, 3), (0, 5, 3, 4), (5, 3, 0, 4), (0, 3, 0, 4), (0, 3, 5, 4), (0, 2, 3, 4), (1, 4, 0, 0), (0, 5, 1, 4),
    (3, 0, 4, 5), (0, 6, 3, 0), (0, 6, 5, 4), (0, 0, 3, 3), (0, 4, 3, 3), (2, 5, 1, 4), (3, 4, 2, 5), (0, 1, 0, 1),
    (0, 2, 5, 3), (0, 0, 0, 0, 3, 3, 0, 0), (0, 5, 2, 6), (5, 4, 3, 4), (3, 3, 0, 0),
)  # fmt: skip
ROLES = ("bass", "comp", "pad", "arp", "lead", "counter")
ASPECTS = (
    *("progression", "progression", "mode", "groove", "rhythm", "bass line"),
    *("comp", "lead", "arp", "absent", "register", "bright"),
)
SALIENT = ("progression", "progression", "comp", "register")
"""Aspects of which one always changes, so that no boundary lies between two sections that sound alike."""
CUES = ("fill", "crash", "riser", "stop")


@dataclass(frozen=True, slots=True)
class Material:
    """What sections of one label share; seeds stand for choices that the composer draws from them."""

    progression: tuple[int, ...]
    chord_beats: int
    mode: str
    groove_seed: int
    rhythm_seed: int
    bass_seed: int
    motif_seed: int
    band: tuple[tuple[str, str], ...]
    absent: frozenset[str] = frozenset()
    register: int = 0
    bright: float = 0.5

    def instrument(self, role: str) -> str:
        return dict(self.band)[role]


@dataclass(frozen=True, slots=True)
class Planned:
    """One section of the form; `cues` announce its start, `take` counts the repeats of its label."""

    name: str
    label: int
    bars: int
    first_bar: int
    intensity: float
    take: int
    material: Material
    cues: frozenset[str]

    @property
    def valence(self) -> float:
        """From mode, register and brightness: what a listener is meant to feel, −1…1."""
        feeling = MODES[self.material.mode][1] + 0.22 * self.material.register + 0.5 * (self.material.bright - 0.5)
        return float(np.clip(feeling, -1.0, 1.0))


def seed_from(rng: np.random.Generator) -> int:
    return int(rng.integers(1 << 31))


def fitting_form(style: Style, bpm: float, rng: np.random.Generator) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """A form and the bars of its sections, neither too short nor too long at this tempo."""
    bar_s = style.beats * 60.0 / bpm
    bars = [n for n in BARS if SECTION_S[0] <= n * bar_s <= SECTION_S[1]]
    foreign = {name for family, names in FAMILIES.items() if family != style.family for name in names}
    for form in rng.permutation(len(FORMS)):
        names = FORMS[form]
        if foreign & set(names):
            continue
        for _ in range(TRIES):
            by_name = {name: int(rng.choice(bars)) for name in sorted(set(names))}
            counts = [by_name[name] for name in names]
            for i in range(1, len(counts)):
                if names[i] in names[:i] and rng.random() < 0.15:
                    counts[i] = int(rng.choice(bars))
            if SONG_S[0] <= sum(counts) * bar_s <= SONG_S[1]:
                return names, tuple(counts)
    raise AssertionError(f"no form fits {style.name} at {bpm} bpm")


def intensities(names: tuple[str, ...], rng: np.random.Generator) -> tuple[float, ...]:
    """One value a section: by its name, repeats a little apart, later ones rather higher."""
    kinds = list(dict.fromkeys(names))
    base = {name: rng.uniform(*INTENSITY.get(name, (0.1, 1.0))) for name in kinds}
    lettered = [name for name in kinds if name not in INTENSITY]
    while lettered and np.min(np.diff(sorted(base[name] for name in lettered)), initial=1.0) < LETTERED_GAP:
        base |= {name: rng.uniform(0.1, 1.0) for name in lettered}
    lift = rng.uniform(0.0, 0.06)
    out = []
    for i, name in enumerate(names):
        twin = 0.08 if i and names[i - 1] == name else 0.0
        out.append(base[name] + lift * names[:i].count(name) + twin + rng.uniform(-0.02, 0.02))
    return tuple(float(v) for v in np.clip(out, 0.05, 1.0))


def base_material(style: Style, rng: np.random.Generator) -> Material:
    return Material(
        progression=PROGRESSIONS[rng.integers(len(PROGRESSIONS))],
        chord_beats=style.beats * int(rng.choice((1, 1, 1, 2))),
        mode=str(rng.choice(list(MODES), p=(0.4, 0.1, 0.15, 0.35))),
        groove_seed=seed_from(rng),
        rhythm_seed=seed_from(rng),
        bass_seed=seed_from(rng),
        motif_seed=seed_from(rng),
        band=tuple((role, str(rng.choice(style.band[role]))) for role in ROLES),
        register=int(rng.integers(-1, 2)),
        bright=float(rng.uniform(0.2, 0.8)),
    )


def changed(material: Material, aspect: str, style: Style, rng: np.random.Generator) -> Material:
    """The material with one aspect drawn anew."""

    def other(role: str) -> tuple[tuple[str, str], ...]:
        return tuple((r, str(rng.choice(style.band[r])) if r == role else name) for r, name in material.band)

    if aspect == "progression":
        beats = style.beats * int(rng.choice((1, 1, 2)))
        others = [p for p in PROGRESSIONS if p != material.progression]
        return replace(material, progression=others[rng.integers(len(others))], chord_beats=beats)
    if aspect == "absent":
        return replace(material, absent=material.absent | {str(rng.choice(("pad", "comp", "lead", "arp", "bass")))})
    if aspect == "mode":
        return replace(material, mode=str(rng.choice(list(MODES))))
    if aspect == "register":
        return replace(material, register=int(rng.integers(-1, 2)))
    if aspect == "bright":
        return replace(material, bright=float(rng.uniform(0.0, 1.0)))
    if aspect in ROLES:
        return replace(material, band=other(aspect))
    field = {"groove": "groove_seed", "rhythm": "rhythm_seed", "bass line": "bass_seed"}[aspect]
    return replace(material, **{field: seed_from(rng)})


def material_for(name: str, base: Material, style: Style, rng: np.random.Generator) -> Material:
    """The material of one kind of section: the song's own, changed in some aspects, and as its name demands."""
    material = replace(base, motif_seed=seed_from(rng))
    for aspect in (rng.choice(SALIENT), *rng.choice(ASPECTS, size=int(rng.integers(2, 6)), replace=False)):
        material = changed(material, str(aspect), style, rng)
    if name in ("Intro", "Outro", "Build") and rng.random() < 0.7:
        material = replace(material, absent=material.absent | {"lead"})
    if name in ("Bridge", "Chorus"):
        material = changed(material, "progression", style, rng)
    if name == "Break":
        material = replace(material, absent=material.absent | {str(rng.choice(("kick", "drums", "bass")))})
    if name == "Solo":
        solo = str(rng.choice(style.band["counter"]))
        material = replace(material, band=tuple((r, solo if r == "lead" else n) for r, n in material.band))
    return material


def cues_for(jump: float, rng: np.random.Generator) -> frozenset[str]:
    """How a section is announced: the likelier the more intensity rises into it, often not at all."""
    odds = (0.35 + 0.5 * jump, 0.25 + 0.6 * jump, 0.08 + 0.2 * jump, 0.07)
    return frozenset(cue for cue, odd in zip(CUES, odds, strict=True) if rng.random() < odd)


def plan(style: Style, bpm: float, rng: np.random.Generator) -> tuple[Planned, ...]:
    """The sections of a song, in order."""
    names, bars = fitting_form(style, bpm, rng)
    levels = intensities(names, rng)
    base = base_material(style, rng)
    kinds = list(dict.fromkeys(names))
    materials = {name: base if i == 0 else material_for(name, base, style, rng) for i, name in enumerate(kinds)}
    sections: list[Planned] = []
    for i, name in enumerate(names):
        jump = levels[i] - levels[i - 1] if i else 0.0
        sections.append(
            Planned(
                name=name,
                label=kinds.index(name),
                bars=bars[i],
                first_bar=sum(bars[:i]),
                intensity=levels[i],
                take=names[:i].count(name),
                material=materials[name],
                cues=cues_for(jump, rng) if i else frozenset(),
            )
        )
    return tuple(sections)
