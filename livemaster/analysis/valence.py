"""Valence: how bright or dark the mood is, from mode (major or minor), brightness and tempo."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livemaster.analysis.curves import running_sums
from livemaster.analysis.moments import Moments, sounding
from livemaster.analysis.timeline import TONE_FPS

Floats = NDArray[np.float64]

MAJOR = np.array([0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400])
MINOR = np.array([0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330])
"""How often each degree occurs in major and minor (D. Temperley, The Cognition of Basic Musical Structures, 2001)."""
KEY_SPAN_S = 16.0
"""A mode is told from so much music around a moment."""
SURE = 0.15
"""Difference of the two modes' correlations at which the mode is as good as sure."""
OVERTONES = 0.02
"""By how much major fits better than it should: the fifth overtone of every note sounds its major third."""
EVEN = 0.06
"""Pitch classes that differ by no more than this share of their sum, as those of noise do, make no key."""
MODE_SHARE, BRIGHTNESS_SHARE, TEMPO_SHARE = 0.7, 0.15, 0.15
"""Mode and tempo are what listeners' judgements of mood hang on most (T. Eerola & J. Vuoskoski, 2013); the shares are a
choice."""
CENTRE_BPM = 110.0


def valence_of(mode: Floats, now: Moments, usual: Moments, bpm: float | None) -> Floats:
    """Valence −1…1 of some moments, (n,), from their mode −1…1, in comparison with the music around them."""
    others = usual.brightness_oct[sounding(usual)]
    middle = float(np.median(others)) if len(others) else 0.0
    pace = float(np.log2(bpm / CENTRE_BPM)) if bpm else 0.0
    brightness = np.tanh(now.brightness_oct - middle)
    total = MODE_SHARE * mode + BRIGHTNESS_SHARE * brightness + TEMPO_SHARE * np.tanh(pace)
    return np.asarray(np.clip(total, -1.0, 1.0))


def mode_curve(chroma: NDArray[np.float32], times_s: Floats) -> Floats:
    """From −1 (minor) to 1 (major) at `times_s`, 0 where neither fits better: chroma (m, 12) at `TONE_FPS`."""
    if not len(chroma):
        return np.zeros(len(times_s))
    sums = running_sums(chroma)
    first = np.clip((times_s - 0.5 * KEY_SPAN_S) * TONE_FPS, 0, len(chroma) - 1).astype(np.int64)
    stop = np.clip((times_s + 0.5 * KEY_SPAN_S) * TONE_FPS, first + 1, len(chroma)).astype(np.int64)
    around = sums[stop] - sums[first]
    major, minor = (_best_key(around, profile) for profile in (MAJOR, MINOR))
    return np.asarray(np.tanh((major - minor - OVERTONES) / SURE))


def _best_key(chroma: Floats, profile: Floats) -> Floats:
    """Correlation of each chroma (n, 12) with the profile in the key where it fits best."""
    keys = np.stack([np.roll(profile, key) for key in range(12)], axis=1)
    keys -= keys.mean(axis=0)
    keys /= np.sqrt((keys**2).sum(axis=0))
    centred = chroma - chroma.mean(axis=1, keepdims=True)
    size = np.sqrt((centred**2).sum(axis=1, keepdims=True) + (EVEN * chroma.sum(axis=1, keepdims=True)) ** 2)
    return np.asarray((centred @ keys / np.maximum(size, np.finfo(float).tiny)).max(axis=1))
