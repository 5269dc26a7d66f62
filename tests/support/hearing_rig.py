"""Audio through the analysis front end, as mastering drives it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livemaster.analysis.fingerprint import fingerprint
from livemaster.analysis.onsets import flux
from livemaster.analysis.tempo import track
from livemaster.analysis.timeline import ANALYSIS_RATE_HZ, TrackTimeline
from livemaster.analysis.track_features import Listener
from livemaster.metering import Meter

CHUNK_FRAMES = 65_536


def timeline_of(audio: NDArray[np.floating], chunk_frames: int = CHUNK_FRAMES) -> TrackTimeline:
    """Features of (channels, frames) or (frames,) at 44.1 kHz."""
    sound = np.ascontiguousarray(np.atleast_2d(audio), np.float32)
    meter, listener = Meter(ANALYSIS_RATE_HZ, len(sound), true_peak=False), Listener(len(sound))
    for first in range(0, sound.shape[1], chunk_frames):
        piece = np.ascontiguousarray(sound[:, first : first + chunk_frames])
        meter.push(piece)
        listener.push(piece)
    return listener.finish(meter.energies.copy())


def fingerprint_of(audio: NDArray[np.floating]) -> dict[str, float]:
    """The fingerprint of (channels, frames) or (frames,) at 44.1 kHz."""
    timeline = timeline_of(audio)
    return fingerprint(timeline, track(flux(timeline.onset_bands_db), timeline.chroma))
