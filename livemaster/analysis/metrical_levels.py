"""Which of the periods at which a rhythm repeats is the beat: what a listener would go by, as numbers.

Half, double and triple of a tempo repeat as well as the tempo itself. What tells them apart is what is struck on the
beat and between beats, what alternates from beat to beat (bass drum and snare), at which multiples of the beat the
music repeats (bars), where its chords change, and that people tap at one to three beats a second.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livemaster.analysis import harmony
from livemaster.analysis.beats import beats_of, struck
from livemaster.analysis.pulse import at_lags
from livemaster.analysis.timeline import ONSET_FPS

Floats = NDArray[np.float64]

GROUPS = ("low", "body", "mid", "high", "all")
"""Groups of the onset strength, the two highest taken together, and their mean."""
MOMENTS = {"beat": (0,), "half": (6,), "sixths": (2, 10)}
"""Moments of the beat, in twelfths, at which accents are compared."""
LAGS_BEATS = (1, 2, 3, 4, 5, 6)
"""Beats after which accents may come again."""
RATIOS = (1 / 3, 1 / 2, 2 / 3, 1.0, 4 / 3, 3 / 2, 2.0, 3.0, 4.0, 5.0)
"""Multiples of the period at which accents may repeat."""
BARS = (RATIOS.index(3.0), RATIOS.index(4.0), RATIOS.index(5.0))
AFTER_BARS = (LAGS_BEATS.index(3), LAGS_BEATS.index(4), LAGS_BEATS.index(5))
HALF_OR_THIRD = (RATIOS.index(1 / 2), RATIOS.index(1 / 3))
"""Bars have three beats, four or five, beats two parts or three: what fits better counts."""
LEAST_CHANGE = 0.1
"""Of the power on the beats: where they differ less, nothing comes again, they are all the same."""
USUAL_BPM = 110.0
LEAST_ACCENT = 0.6
"""Of the mean, below which accents do not count; keeps logarithms finite."""
NAMES = (
    *(f"{moment} {group}" for moment in MOMENTS for group in GROUPS),
    *(f"after {lag} {group}" for lag in LAGS_BEATS for group in GROUPS),
    *(f"times {ratio:.3g} {group}" for ratio in RATIOS for group in GROUPS),
    *(f"bar {group}" for group in GROUPS),
    *(f"bar after {group}" for group in GROUPS),
    *(f"division {group}" for group in GROUPS),
    *(f"across halves {group}" for group in GROUPS),
    *(f"across thirds {group}" for group in GROUPS),
    *harmony.NAMES,
    *("octaves", "octaves squared", "octaves cubed"),
)
"""What `reading` reads, in order."""


def reading(
    accent: NDArray[np.float32],
    repeats: NDArray[np.float32],
    total: NDArray[np.float32],
    chroma_sums: Floats,
    period: float,
) -> Floats:
    """What speaks for or against a period in frames as the beat, (len(NAMES),).

    `accent` (5, n), `repeats` (5, lags) their autocorrelation, `total` (n,) the accents to follow; `chroma_sums` as
    `harmony.running` gives them.
    """
    beats = beats_of(total, period)
    at = struck(accent, beats).astype(np.float64) / np.maximum(accent.mean(axis=1), 1e-6)
    grouped = _grouped(at)
    profile = grouped.mean(axis=0)
    moments = [np.log(profile[list(at)].mean(axis=0) + LEAST_ACCENT) for at in MOMENTS.values()]
    mean_period = float(np.diff(beats).mean())
    again = _grouped(at_lags(repeats, mean_period * np.array(RATIOS)).T.astype(np.float64))
    octaves = float(np.log2(60.0 * ONSET_FPS / mean_period / USUAL_BPM))
    after = _after(grouped[:, 0])
    bars = (again[list(BARS)].max(axis=0), after[list(AFTER_BARS)].max(axis=0))
    division = again[list(HALF_OR_THIRD)].max(axis=0)
    heard = (*moments, after.ravel(), again.ravel(), *bars, division, *_across(again))
    return np.concatenate([*heard, harmony.movement(chroma_sums, beats), octaves ** np.arange(1.0, 4.0)])


def _across(again: Floats) -> tuple[Floats, Floats]:
    """How much better the music repeats after one and a half, and four thirds of a beat than after whole ones.

    That happens where the beat is a level of another metre: every second beat of three, three beats of every two.
    """
    one, two, halves, thirds = (again[RATIOS.index(ratio)] for ratio in (1.0, 2.0, 3 / 2, 4 / 3))
    return np.maximum(halves - two, 0.0), np.maximum(thirds - one, 0.0)


def _grouped(values: Floats) -> Floats:
    """(…, 5 groups of the flux) → (…, len(GROUPS))."""
    high = values[..., 3:].mean(axis=-1)
    return np.stack([values[..., 0], values[..., 1], values[..., 2], high, values.mean(axis=-1)], axis=-1)


def _after(on_beats: Floats) -> Floats:
    """Autocorrelation of what is struck on the beats, (beats, groups) → (lags, groups)."""
    x = on_beats - on_beats.mean(axis=0)
    power = (x**2 + LEAST_CHANGE * on_beats**2).sum(axis=0) + 1e-9
    return np.stack([(x[lag:] * x[:-lag]).sum(axis=0) / power for lag in LAGS_BEATS])
