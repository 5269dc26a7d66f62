"""Beat times: the chain of accents that goes best with a period, and what is struck on and between them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp.beats import chain

Floats = NDArray[np.float32]
Beats = NDArray[np.float64]

REACH = (0.8, 1.25)
"""Beats are between so many periods apart."""
TIGHTNESS = 400.0
"""Cost of a beat that is out of time, times the square of its log ratio, in mean squares of an accent."""
PARTS = 12
"""Moments of a beat at which accents are read: halves, thirds and quarters fall on them."""


def beats_of(accent: Floats, period: float) -> Beats:
    """Beats in frames, ascending, of the chain through an accent curve (n,) at about `period` frames."""
    first, last = max(int(period * REACH[0]), 1), int(np.ceil(period * REACH[1]))
    lags = np.arange(first, last + 1)
    cost = (TIGHTNESS * np.log(lags / period) ** 2).astype(np.float32)
    score, back = np.zeros(len(accent), np.float32), np.zeros(len(accent), np.int32)
    chain(accent, first, cost, score, back)
    tail = max(len(accent) - last, 0)
    at = tail + int(np.argmax(score[tail:]))
    beats = [at]
    while back[at] >= 0:
        at = int(back[at])
        beats.append(at)
    return _between_frames(accent, np.array(beats[::-1], np.int64))


def _between_frames(accent: Floats, beats: NDArray[np.int64]) -> Beats:
    """Beats moved to the top of the parabola through their accent and its neighbours, half a frame at most."""
    inner = np.clip(beats, 1, len(accent) - 2)
    left, middle, right = (accent[inner + d].astype(np.float64) for d in (-1, 0, 1))
    bend = left - 2 * middle + right
    shift = np.where(bend < 0, 0.5 * (left - right) / np.minimum(bend, -1e-9), 0.0)
    return np.asarray(beats + np.clip(shift, -0.5, 0.5))


def struck(accent: Floats, beats: Beats) -> Floats:
    """Accents at `PARTS` moments of each beat, (groups, n) → (beats − 1, `PARTS`, groups)."""
    moments = beats[:-1, None] + np.diff(beats)[:, None] * (np.arange(PARTS) / PARTS)
    whole = np.clip(moments.astype(np.int64), 0, accent.shape[1] - 2)
    part = np.clip(moments - whole, 0.0, 1.0).astype(np.float32)
    values = accent[:, whole] * (1 - part) + accent[:, whole + 1] * part
    return np.asarray(np.moveaxis(values, 0, 2))
