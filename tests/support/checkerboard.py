"""A plain baseline for boundaries: checkerboard novelty over cepstra at a fixed hop, with standard peak picking.

J. Foote, Automatic audio segmentation using a measure of audio novelty, ICME 2000; peaks are picked as librosa does
(Böck and others, ISMIR 2012): the largest nearby, and above the mean nearby by a threshold.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livemaster.analysis.timeline import TONE_FPS, TrackTimeline

HOP_S = 0.25
CEPSTRA = 13
KERNEL_S = 10.0
"""Half the side of the kernel."""
NEARBY_S = 6.0
THRESHOLD = 0.2
"""Of the largest novelty."""

Floats = NDArray[np.float64]


def _cepstra(timeline: TrackTimeline) -> Floats:
    """Standardised cepstra, (hops, `CEPSTRA`)."""
    decibels = 10.0 * np.log10(timeline.bands.astype(np.float64) + 1e-10 * timeline.bands.max() + 1e-30)
    bands = decibels.shape[1]
    cosines = np.cos(np.pi / bands * np.outer(np.arange(bands) + 0.5, np.arange(CEPSTRA)))
    edges = np.round(np.arange(0.0, timeline.duration_s, HOP_S) * TONE_FPS).astype(int)
    edges = edges[edges < len(decibels)]
    x = np.add.reduceat(decibels @ cosines, edges, axis=0) / np.diff(np.append(edges, len(decibels)))[:, None]
    return np.asarray((x - x.mean(axis=0)) / (x.std(axis=0) + 1e-9))


def novelty(timeline: TrackTimeline) -> Floats:
    """Novelty of every hop, 0…1."""
    x = _cepstra(timeline)
    x /= np.linalg.norm(x, axis=1, keepdims=True) + 1e-9
    half = round(KERNEL_S / HOP_S)
    taper = np.exp(-0.5 * ((np.arange(-half, half) + 0.5) / (0.5 * half)) ** 2)
    signed = taper * np.sign(np.arange(-half, half) + 0.5)
    padded = np.pad(x, ((half, half), (0, 0)))
    curve = np.array([(signed @ padded[k : k + 2 * half]) @ (signed @ padded[k : k + 2 * half]) for k in range(len(x))])
    return np.asarray(curve / (curve.max() + 1e-12))


def boundaries_s(timeline: TrackTimeline, threshold: float = THRESHOLD) -> Floats:
    """Times of the boundaries inside the track."""
    curve, reach = novelty(timeline), round(NEARBY_S / HOP_S)
    found = []
    for k in range(1, len(curve)):
        nearby = curve[max(k - reach, 0) : k + reach + 1]
        if curve[k] == nearby.max() and curve[k] >= nearby.mean() + threshold:
            found.append(k * HOP_S)
    return np.array(found)
