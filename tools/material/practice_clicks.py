"""Metronomes, for tuning what finds tempo: even strokes of one drum, where half and double are as right as the beat."""

from __future__ import annotations

import numpy as np
from practice_sounds import RATE_HZ, Sound, draw_kit

LENGTH_S = 30.0
SLOWEST_BPM, FASTEST_BPM = 58.0, 210.0


def make(seed: int) -> tuple[Sound, float]:
    """Mono sound at 44.1 kHz and its strokes a minute; half of the metronomes tick in silence, half in noise."""
    rng = np.random.default_rng([43, seed])
    kit = draw_kit(rng, electronic=False)
    drum = kit[str(rng.choice(list(kit)))]
    bpm = float(np.exp(rng.uniform(np.log(SLOWEST_BPM), np.log(FASTEST_BPM))))
    sound = np.zeros(round(LENGTH_S * RATE_HZ), np.float32)
    for start_s in np.arange(rng.uniform(0.0, 1.0), LENGTH_S, 60.0 / bpm):
        first = round(start_s * RATE_HZ)
        piece = sound[first : first + len(drum)]
        piece += np.float32(0.5) * drum[: len(piece)]
    if rng.random() < 0.5:
        sound += rng.standard_normal(len(sound), np.float32) * np.float32(10.0 ** rng.uniform(-5, -2))
    return sound, bpm
