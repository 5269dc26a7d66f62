"""Fit the weights of livemaster/analysis/tempo_prior.py to the practice songs and print them.

Usage: python tools/fit/fit_tempo.py [SONGS PER STYLE]

Of four rounds of the styles, one is as the styles are, two are broad, one has few players. A softmax over the
candidates of a song, with a small quadratic penalty on weights of standardised readings; the weakest readings are left
out one by one until `KEPT` remain. Figures are of styles that were left out of the fit. Metronomes take part in every
fit, with half and double as right as their own tempo.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace

import numpy as np
import practice_arrangements
import practice_clicks
import practice_songs
from hearing_rig import timeline_of
from numpy.typing import NDArray
from practice_ends import ENDS
from practice_styles import STYLES
from scipy.optimize import minimize

from livemaster.analysis.harmony import running
from livemaster.analysis.metrical_levels import NAMES, reading
from livemaster.analysis.onsets import flux
from livemaster.analysis.pulse import accents, candidates, repetition, to_follow
from livemaster.analysis.timeline import ONSET_FPS, TrackTimeline

PENALTY = 0.005
KEPT = 32
FOLDS = 10
LONGEST_S = 60.0
FASTEST_BPM = 205.0
METRONOMES = 120
OCTAVES = (0.25, 0.5, 1.0, 2.0, 4.0)
SAME_SHARE = 0.03
RIGHT_SHARE = 0.02

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """The candidates of a song with their readings, and the truth."""

    style: str
    true_bpm: float
    bpm: Floats
    readings: Floats
    octaves: tuple[float, ...] = (1.0,)
    """Multiples of the tempo that are right, too."""

    @property
    def right(self) -> NDArray[np.bool_]:
        return np.any([np.abs(self.bpm / self.true_bpm / octave - 1) < SAME_SHARE for octave in self.octaves], axis=0)


def case_of(style: str, true_bpm: float, timeline: TrackTimeline) -> Case:
    accent = accents(flux(timeline.onset_bands_db))
    repeats = repetition(accent)
    periods = candidates(repeats)
    total = to_follow(accent)
    sums = running(timeline.chroma)
    rows = np.array([reading(accent, repeats, total, sums, period) for period in periods])
    return Case(style, true_bpm, 60.0 * ONSET_FPS / periods, rows)


def fit(cases: list[Case], kept: list[int]) -> tuple[Floats, Floats]:
    """Weights of the kept readings, of standardised ones and of plain ones."""
    rows = np.concatenate([case.readings[:, kept] for case in cases])
    spread = rows.std(axis=0) + 1e-9
    rows = (rows - rows.mean(axis=0)) / spread
    right = np.concatenate([case.right for case in cases]).astype(float)
    starts = np.cumsum([0, *(len(case.bpm) for case in cases[:-1])])
    song = np.repeat(np.arange(len(cases)), [len(case.bpm) for case in cases])

    def loss(weights: Floats) -> tuple[float, Floats]:
        scores = rows @ weights
        raised = np.exp(scores - np.maximum.reduceat(scores, starts)[song])
        share = raised / np.add.reduceat(raised, starts)[song]
        of_right = np.maximum(np.add.reduceat(share * right, starts), 1e-12)
        slope = rows.T @ (share - share * right / of_right[song])
        value = -np.log(of_right).mean() + PENALTY * weights @ weights
        return float(value), slope / len(cases) + 2 * PENALTY * weights

    found = minimize(loss, np.zeros(len(kept)), jac=True, method="L-BFGS-B").x
    return found, found / spread


def select(cases: list[Case]) -> list[int]:
    kept = list(range(len(NAMES)))
    while len(kept) > KEPT:
        standardised, _ = fit(cases, kept)
        for weakest in sorted(np.argsort(np.abs(standardised))[: 1 + (len(kept) - KEPT) // 8], reverse=True):
            del kept[weakest]
    return kept


def judged(cases: list[Case], kept: list[int], weights: Floats) -> list[tuple[str, float]]:
    """Style and estimate over truth."""
    picked = [case.bpm[np.argmax(case.readings[:, kept] @ weights)] / case.true_bpm for case in cases]
    return [(case.style, float(ratio)) for case, ratio in zip(cases, picked, strict=True)]


def shares(found: list[tuple[str, float]]) -> str:
    ratios = np.array([ratio for _, ratio in found])
    right, octave = (np.any([np.abs(ratios / f - 1) < RIGHT_SHARE for f in fs], 0).mean() for fs in ((1,), (0.5, 1, 2)))
    return f"{len(ratios)} songs, {right:.3f} right, {octave:.3f} up to the octave"


def left_out(cases: list[Case], others: list[Case]) -> list[tuple[str, float]]:
    """Estimates of songs whose style took no part, neither in the fit nor in the choice of readings; `others` did."""
    styles = np.random.default_rng(0).permutation(sorted({case.style for case in cases}))
    found: list[tuple[str, float]] = []
    for fold in range(FOLDS):
        held = set(styles[fold::FOLDS])
        rest = [case for case in cases if case.style not in held] + others
        kept = select(rest)
        found += judged([case for case in cases if case.style in held], kept, fit(rest, kept)[1])
    return found


def report(cases: list[Case], others: list[Case], metronomes: list[Case]) -> None:
    found = left_out(cases, others + metronomes)
    for style in sorted({case.style for case in cases}):
        print(f"{style:16}", shares([one for one in found if one[0] == style]))
    kept = select(cases + metronomes)
    print("styles left out:", shares(found))
    print("the other generator:", shares(judged(others, kept, fit(cases + metronomes, kept)[1])))
    everything = cases + others + metronomes
    kept = select(everything)
    for index, weight in zip(kept, fit(everything, kept)[1], strict=True):
        print(f'    "{NAMES[index]}": {weight:.3f},')


def main() -> None:
    each = int(sys.argv[1]) if len(sys.argv) > 1 else 16
    styles = list(STYLES | ENDS)
    cases, others, metronomes = [], [], []
    for seed in range(each * len(styles)):
        turn = seed // len(styles) % 4
        song = practice_songs.make(seed, styles[seed % len(styles)], LONGEST_S, broad=turn > 0, few=turn == 3)
        cases.append(case_of(song.style, song.bpm, timeline_of(song.audio)))
    for seed in range(20 * each):
        other = practice_arrangements.make(9000 + seed, LONGEST_S, FASTEST_BPM)
        others.append(case_of(other.style, other.bpm, timeline_of(other.audio)))
    for seed in range(METRONOMES):
        sound, rate = practice_clicks.make(seed)
        metronomes.append(replace(case_of("metronome", rate, timeline_of(sound)), octaves=OCTAVES))
    report(cases, others, metronomes)


if __name__ == "__main__":
    main()
