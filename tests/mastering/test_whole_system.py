"""Mixes with a fault come nearer to their originals without any hint; the whole law is the bench's."""

from __future__ import annotations

from pathlib import Path

import needs
import numpy as np
import practice_songs
import pytest
import soundfile as sf
from bench.distance import distance, sketch
from bench.material import excerpts
from degradations import FAULTS, LEVELS, RATE_HZ, degrade

import livemaster

EXCERPT_S = 20.0
CLEARLY_DB = 0.3


@pytest.fixture
def heard(tmp_path: Path) -> Path:
    """The file to render."""
    return tmp_path / "mix.wav"


def songs() -> list[np.ndarray]:
    """Real and practice songs in turn."""
    needs.songs(50.0)
    real = list(excerpts(EXCERPT_S, RATE_HZ).values())
    practice = [practice_songs.make(seed).audio[:, -round(EXCERPT_S * RATE_HZ) :] for seed in (100, 102, 103)]
    return [song for pair in zip(real, practice, strict=False) for song in pair]


def test_most_come_clearly_nearer_and_none_gets_worse_by_a_db(heard: Path, tmp_path: Path) -> None:
    changes = []
    for number, song in enumerate(songs()):
        original = sketch(song, RATE_HZ)
        for turn, fault in enumerate(FAULTS):
            made = degrade(song, fault, LEVELS[(number + turn) % 3], number).audio
            sf.write(heard, made.T, RATE_HZ, subtype="PCM_24")
            livemaster.render(heard, tmp_path / "master.wav", reactivity=0.0, force=True)
            master, rate_hz = sf.read(tmp_path / "master.wav", dtype="float32", always_2d=True)
            before, after = distance(sketch(made, RATE_HZ), original), distance(sketch(master.T, rate_hz), original)
            changes.append(after.whole_db - before.whole_db)
    assert max(changes) < 1.0
    assert np.mean(np.array(changes) < -CLEARLY_DB) >= 0.6
