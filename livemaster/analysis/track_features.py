"""The streaming pass over a track: push frames at 44.1 kHz, get its features over time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from livemaster.analysis.features import Features, Rows
from livemaster.analysis.tf_width import count, no_spots
from livemaster.analysis.timeline import ANALYSIS_RATE_HZ, ONSET_HOP, TONE_HOP, TONE_WINDOW, TrackTimeline
from livemaster.dsp.hpss import LAG_FRAMES
from livemaster.dsp.spectral import add_frames
from livemaster.units import Audio, frames_to_seconds

PIECE_FRAMES = 64 * TONE_HOP
"""What is worked on at once, always exactly: so the chunks that arrive do not show in the result."""


class Listener:
    """Features of one track, mono or stereo at 44.1 kHz, in any chunking with the same bits."""

    def __init__(self, channels: int) -> None:
        self._frames, self._tone_frames = 0, 0
        self._waiting: list[Audio] = []
        self._waiting_frames = 0
        self._features = Features(channels)
        self._spectra = {name: np.zeros(TONE_WINDOW // 2 + 1) for name in ("power", "side")}
        self._spots = no_spots()
        self._rows: dict[str, list[NDArray[Any]]] = {}
        self._keep(self._features.hear(np.zeros((channels, 0), np.float32)))  # compiles what is not compiled yet

    def push(self, x: Audio) -> None:
        """[control] Take the next frames, float32 (channels, frames), any number of them."""
        self._frames += x.shape[1]
        self._waiting.append(x)
        self._waiting_frames += x.shape[1]
        if self._waiting_frames >= PIECE_FRAMES:
            joined = np.concatenate(self._waiting, axis=1)
            whole = joined.shape[1] - joined.shape[1] % PIECE_FRAMES
            for first in range(0, whole, PIECE_FRAMES):
                self._keep(self._features.hear(np.ascontiguousarray(joined[:, first : first + PIECE_FRAMES])))
            self._waiting = [joined[:, whole:].copy()]
            self._waiting_frames = joined.shape[1] - whole

    def finish(self, energies: NDArray[np.float64]) -> TrackTimeline:
        """[control] End the track; `energies` are its K-weighted sub-blocks as a meter gives them."""
        if self._waiting_frames:
            self._keep(self._features.hear(np.ascontiguousarray(np.concatenate(self._waiting, axis=1))))
        tone, onset = (self._frames // hop + 1 for hop in (TONE_HOP, ONSET_HOP))
        ending = self._features.ring_out()
        for name in self._spectra:
            ending[name] = ending[name][: max(tone - self._tone_frames, 0)]
        self._keep(ending)
        rows = {}
        while self._rows:  # an hour of them is not held twice
            name, parts = self._rows.popitem()
            rows[name] = np.concatenate(parts)
        for late in ("harmonic", "percussive"):
            rows[late] = rows[late][LAG_FRAMES:]
        counts = {"onset_bands_db": onset, "levels": len(rows["levels"])}
        kept = {name: np.ascontiguousarray(row[: counts.get(name, tone)]) for name, row in rows.items()}
        return TrackTimeline(
            duration_s=frames_to_seconds(self._frames, ANALYSIS_RATE_HZ),
            energies=energies,
            spectrum=self._spectra["power"] / tone,
            side=self._spectra["side"] / tone,
            spots=self._spots,
            **kept,
        )

    def _keep(self, rows: Rows) -> None:
        self._tone_frames += len(rows["power"])
        count(rows["power"], rows["side"], self._spots)
        for name, total in self._spectra.items():
            add_frames(rows.pop(name), total)
        for name, row in rows.items():
            self._rows.setdefault(name, []).append(row)
