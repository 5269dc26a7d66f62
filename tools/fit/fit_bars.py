"""Fit the emphasis of `livemaster/analysis/bars.py` to the practice songs and print it.

Usage: python tools/fit/fit_bars.py [SONGS PER STYLE]

A softmax over the beats of a bar that might be its first, for songs whose tempo and bar are told rightly.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
import practice_songs
from hearing_rig import timeline_of
from numpy.typing import NDArray
from practice_styles import STYLES
from scipy.optimize import minimize

from livemaster.analysis.bars import EMPHASIS, phases
from livemaster.analysis.beats import struck
from livemaster.analysis.onsets import flux
from livemaster.analysis.pulse import accents
from livemaster.analysis.tempo import track
from livemaster.analysis.timeline import ONSET_FPS, TrackTimeline

PENALTY = 0.01
NEAR_S = 0.07
RIGHT_SHARE = 0.02

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """What is struck in a bar by its first beat, (length, length, groups), and which first beats are right."""

    style: str
    phases: Floats
    right: NDArray[np.bool_]


def case_of(style: str, bpm: float, bar: int, downbeats_s: Floats, timeline: TrackTimeline) -> Case | None:
    onsets = flux(timeline.onset_bands_db)
    found = track(onsets, timeline.chroma)
    if found.bpm is None or abs(found.bpm / bpm - 1) > RIGHT_SHARE or found.beats_per_bar % bar:
        return None
    length = found.beats_per_bar
    accent = struck(accents(onsets), found.beats_s * ONSET_FPS)
    near = np.abs(found.beats_s[:, None] - downbeats_s).min(axis=1) < NEAR_S
    hits = np.array([near[first::length].mean() for first in range(length)])
    return Case(style, phases(np.sqrt(accent.astype(np.float64)), length), hits > 0.5) if hits.max() > 0.5 else None


def fit(cases: list[Case]) -> Floats:
    rows = np.stack([case.phases.reshape(len(case.right), -1) for case in cases])
    right = np.stack([case.right for case in cases])

    def loss(weights: Floats) -> tuple[float, Floats]:
        scores = rows @ weights
        raised = np.exp(scores - scores.max(axis=1, keepdims=True))
        share = raised / raised.sum(axis=1, keepdims=True)
        of_right = np.maximum((share * right).sum(axis=1, keepdims=True), 1e-12)
        slope = np.einsum("sp,spf->f", share - share * right / of_right, rows) / len(cases)
        return float(-np.log(of_right).mean() + PENALTY * weights @ weights), slope + 2 * PENALTY * weights

    return np.asarray(minimize(loss, np.zeros(rows.shape[2]), jac=True, method="L-BFGS-B").x)


def report(cases: list[Case]) -> None:
    for length in EMPHASIS:
        here = [case for case in cases if len(case.right) == length]
        hits = []
        for style in sorted({case.style for case in here}):
            rest = [case for case in here if case.style != style]
            if rest:
                held = [case for case in here if case.style == style]
                weights = fit(rest)
                hits += [c.right[np.argmax(c.phases.reshape(length, -1) @ weights)] for c in held]
        print(f"bars of {length}: {len(here)} songs; {np.mean(hits) if hits else np.nan:.3f} right, styles left out")
        print(
            f"    {length}: (",
            *(f"        {tuple(map(float, row))}," for row in fit(here).reshape(length, -1).round(2)),
            sep="\n",
        )


def main() -> None:
    each = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    cases = []
    for seed in range(each * len(STYLES)):
        song = practice_songs.make(seed, list(STYLES)[seed % len(STYLES)])
        heard = timeline_of(song.audio)
        cases.append(case_of(song.style, song.bpm, song.beats_per_bar, song.downbeats_s, heard))
    report([case for case in cases if case is not None])


if __name__ == "__main__":
    main()
