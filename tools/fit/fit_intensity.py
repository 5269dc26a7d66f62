"""Fit the weights of livemaster/analysis/intensity.py to songs of three practice generators and print them.

Usage: python tools/fit/fit_intensity.py [SONGS OF EACH]

Of every two sections of a song, the one that was composed to be more intense should have the higher sum; every song
and every set of songs counts alike. More of any cue is more intense: what is known of listeners says so (E. Schubert,
2004; A. Gabrielsson & E. Lindström, The role of structure in the musical expression of emotions, 2010; E. Coutinho &
A. Cangelosi, Musical emotions, 2011), and each counts for `LEAST` at least, as generated songs have few of the reasons
that music has to follow it. Figures are rank correlations inside songs whose style, or fold, was left out of the fit.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass

import numpy as np
import practice_arrangements
import practice_growth
import practice_songs
from hearing_rig import timeline_of
from numpy.typing import NDArray
from practice_arrangements import Song
from scipy.optimize import minimize
from scipy.stats import spearmanr

from livemaster.analysis.intensity import CUES
from livemaster.analysis.moments import moments
from livemaster.analysis.timeline import TrackTimeline

FEATURES = [cue.feature for cue in CUES]
PENALTY = 0.003
LEAST = 0.05
"""Of the log odds of a pair's order, for each spread of a cue inside songs."""
SAME = 0.03
"""Sections whose intensities differ by no more are no pair."""
FOLDS = 6
LONGEST_S = 60.0

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """The cues of a song's sections, (sections, cues), less their mean, and likewise the truth."""

    group: str
    style: str
    cues: Floats
    intensity: Floats


def case_of(group: str, style: str, song: Song, timeline: TrackTimeline) -> Case:
    times_s = np.arange(0.5, timeline.duration_s)
    found = moments(timeline, times_s)
    points = np.array([getattr(found, feature) for feature in FEATURES]).T
    inside = [(times_s >= each.start_s) & (times_s < each.end_s) for each in song.sections]
    cues = np.array([points[here].mean(axis=0) for here in inside])
    truth = np.array([each.intensity for each in song.sections])
    return Case(group, style, cues - cues.mean(axis=0), truth - truth.mean())


def fit(cases: list[Case]) -> Floats:
    """Weights that order the pairs of a song's sections (logistic loss), scaled to the truth by least squares."""
    songs = Counter(case.group for case in cases)
    spread = np.concatenate([case.cues for case in cases]).std(axis=0)
    pairs = [upward(case) / spread for case in cases]
    shares = [
        np.full(len(own), 1.0 / max(len(own), 1) / songs[case.group]) for case, own in zip(cases, pairs, strict=True)
    ]
    rows, share = np.concatenate(pairs), np.concatenate(shares) / len(songs)

    def loss(weights: Floats) -> tuple[float, Floats]:
        margins = rows @ weights
        slope = -rows.T @ (share / (1.0 + np.exp(margins))) + 2.0 * PENALTY * weights
        return float(share @ np.logaddexp(0.0, -margins) + PENALTY * weights @ weights), slope

    bounds = [(LEAST, None)] * len(FEATURES)
    found = minimize(loss, np.full(len(FEATURES), 0.3), jac=True, method="L-BFGS-B", bounds=bounds).x / spread
    told, truth = (np.concatenate(each) for each in zip(*((c.cues @ found, c.intensity) for c in cases), strict=True))
    return np.asarray(found * (told @ truth) / (told @ told))


def upward(case: Case) -> Floats:
    """By how much the cues differ from the less intense to the more intense of two sections, (pairs, cues)."""
    one, other = np.triu_indices(len(case.intensity), 1)
    change = case.intensity[other] - case.intensity[one]
    rows = np.sign(change)[:, None] * (case.cues[other] - case.cues[one])
    return np.asarray(rows[np.abs(change) > SAME])


def report(cases: list[Case]) -> None:
    styles = [str(style) for style in np.random.default_rng(1).permutation(sorted({case.style for case in cases}))]
    now = np.array([cue.weight for cue in CUES])
    fitted: dict[str, Floats] = {}
    for fold in range(FOLDS):
        held = styles[fold::FOLDS]
        fitted |= dict.fromkeys(held, fit([case for case in cases if case.style not in held]))
    for group in sorted({case.group for case in cases}):
        own = [case for case in cases if case.group == group]
        pairs = [(case.cues @ now, case.cues @ fitted[case.style], case.intensity) for case in own]
        ours, left_out = (np.nanmean([spearmanr(pair[i], pair[2]).statistic for pair in pairs]) for i in (0, 1))
        print(f"{group:24} {len(own):3} songs: present weights {ours:.3f}, left out of the fit {left_out:.3f}")
    for feature, weight in zip(FEATURES, fit(cases), strict=True):
        print(f"{feature:16} {weight:.4f}")


def main() -> None:
    each = int(sys.argv[1]) if len(sys.argv) > 1 else 140
    cases = []
    for seed in range(each):
        song = practice_songs.make(800_000 + seed, longest_s=LONGEST_S)
        for group, style, made in (
            ("songs, equally loud" if song.equal_loudness else "songs, others", song.style, song),
            (
                "arrangements, others",
                f"arrangement {seed % 12}",
                practice_arrangements.make(50_001 + 2 * seed, LONGEST_S),
            ),
            ("growth, equally loud", f"growth {seed % 12}", practice_growth.make(seed, LONGEST_S)),
        ):
            if len(made.sections) > 2:
                cases.append(case_of(group, style, made, timeline_of(made.audio)))
    report(cases)


if __name__ == "__main__":
    main()
