"""People with planted preferences, as the exports that they would share."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TYPES = ("studio", "metal", "bootleg", "unknown")
GEARS = ("neutral", "bright_headphones", "car")
MORE_BASS = {"studio": 0.7, "metal": 0.35, "bootleg": 0.5, "unknown": 0.6}
"""Share of the people that prefer more bass, by kind of recording; a tenth prefers less, the others none of both."""
LESS_BASS = 0.1
LESS_TREBLE = {"neutral": 0.3, "bright_headphones": 0.8, "car": 0.1}
"""Share of the people that prefer less treble, by gear; the others prefer more."""


def export(feedback: list[dict[str, Any]], gear: str = "neutral", hearing: str = "normal") -> dict[str, Any]:
    return {"feedback": feedback, "gear_profile": gear, "hearing_profile": hearing}


def row(type_: str, rating: int, bass: float = 0.0, treble: float = 0.0, **more: Any) -> dict[str, Any]:
    helped = {"bass": bass, "treble": treble}
    return {"base_model": "1.0", "detected_type": type_, "rating": rating, "adjustments_that_helped": helped} | more


def person(drawn: random.Random, ratings: int = 10, types: int = 2) -> dict[str, Any]:
    """Ratings of tracks of some kinds: what helped lies around the preference, now and then it is something else."""
    gear = drawn.choice(GEARS)
    feedback = []
    for type_ in drawn.sample(TYPES, types):
        place = drawn.random()
        bass = 1.0 if place < MORE_BASS[type_] else -1.0 if place < MORE_BASS[type_] + LESS_BASS else 0.0
        treble = -1.0 if drawn.random() < LESS_TREBLE[gear] else 1.0
        for _ in range(ratings // types):
            good = drawn.random() < 0.8
            away = 0.0 if good else drawn.choice((-3.0, 3.0))
            helped = (bass and bass + drawn.choice((-0.5, 0.0, 0.5)), treble + drawn.choice((-0.5, 0.0, 0.5)))
            feedback.append(
                row(type_, drawn.randint(4, 5) if good else drawn.randint(1, 3), helped[0] + away, helped[1])
            )
    drawn.shuffle(feedback)
    return export(feedback, gear)


def poisoner(drawn: random.Random, ratings: int = 1000, most_db: float = 12.0) -> dict[str, Any]:
    """Somebody who wants to swing it: many ratings of everything, all the other way."""
    return export([row(drawn.choice(TYPES), 5, -most_db, most_db) for _ in range(ratings)], drawn.choice(GEARS))


def write(folder: Path, people: Iterator[dict[str, Any]] | list[dict[str, Any]]) -> list[Path]:
    """One file a person."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, data in enumerate(people):
        paths.append(folder / f"{number}.json")
        paths[-1].write_text(json.dumps(data), "utf-8")
    return paths
