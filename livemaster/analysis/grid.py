"""The grid on which sections are looked for, beats or else half seconds, and what sounds in its cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livemaster.analysis.curves import means_of
from livemaster.analysis.onsets import flux
from livemaster.analysis.tempo import Tempo
from livemaster.analysis.timeline import ONSET_FPS, TONE_FPS, TrackTimeline

Floats = NDArray[np.float64]

FIXED_CELL_S = 0.5
"""Cells where there is no beat."""
FIXED_CELLS_A_BAR = 4
FEWEST_BEATS = 12
"""Fewer beats are no grid."""
PHRASE_S = (6.0, 12.0)
"""Phrases are two, four or eight bars long: the number that lasts so long."""
PARTS = 4
"""Parts of a cell in which its rhythm is written."""
EARLY_S = 0.025
"""Cells begin so much before their beat: windows centred there hear the beat's attack already, and players hurry."""
QUIET_DB = 25.0
"""Cells at the ends that are so far under the loudest cell are silence, fade or reverberation."""
POOLED_BANDS = (0, 5, 8, 11, 14, 17, 20, 23, 26)
"""First third-octave band of nine groups: below 71 Hz, then octaves, so that single notes count little."""
HEARD_SHARE = 1e-5
"""What a group of bands adds to the track's mean power before it counts: groups under −50 dB are silent."""


@dataclass(frozen=True, slots=True)
class Grid:
    """n cells between n + 1 edges in seconds; `bar` cells make a bar, `phrase` bars a phrase."""

    edges_s: Floats
    bar: int
    phrase: int
    has_beat: bool
    downbeat: int
    """Cells after the first edge at which a bar begins, below `bar`."""


@dataclass(frozen=True, slots=True)
class Cells:
    """What sounds in each of n cells; nothing of it depends on the track's gain."""

    timbre_db: Floats
    """(n, 9): power of the groups of bands, relative to the track's mean."""
    rhythm: Floats
    """(n, 5 · `PARTS`): root of the onset strength of five groups in the parts of the cell."""
    chroma: Floats
    """(n, 12): pitch classes, of unit length."""


def grid_of(timeline: TrackTimeline, tempo: Tempo) -> Grid:
    """The grid of a track from its beats, without the silence at both ends."""
    has_beat = len(tempo.beats_s) >= FEWEST_BEATS
    if has_beat:
        edges_s, first = _extended(tempo.beats_s, timeline.duration_s)
        bar = tempo.beats_per_bar
        downbeat = int(tempo.downbeats[0]) + first if len(tempo.downbeats) else first
    else:
        edges_s = np.arange(0.0, timeline.duration_s, FIXED_CELL_S)
        bar, downbeat = FIXED_CELLS_A_BAR, 0
    first, stop = _sounding(timeline, edges_s)
    edges_s = edges_s[first : stop + 1]
    bar_s = bar * float(np.median(np.diff(edges_s))) if len(edges_s) > 1 else PHRASE_S[1]
    phrase = next((bars for bars in (2, 4, 8) if bars * bar_s >= PHRASE_S[0]), 8)
    return Grid(edges_s, bar, phrase, has_beat, (downbeat - first) % bar)


def _extended(beats_s: Floats, duration_s: float) -> tuple[Floats, int]:
    """Beats with more of them before and after to fill the track, and the number put before."""
    period_s = float(np.median(np.diff(beats_s)))
    before = max(int((beats_s[0] + EARLY_S) / period_s), 0)
    after = max(int((duration_s - beats_s[-1]) / period_s), 0)
    early_s = beats_s[0] - period_s * np.arange(before, 0, -1)
    late_s = beats_s[-1] + period_s * np.arange(1, after + 1)
    return np.concatenate([early_s, beats_s, late_s]), before


def _sounding(timeline: TrackTimeline, edges_s: Floats) -> tuple[int, int]:
    """First cell and stop of what is not silent at the ends; at least one cell where there is any."""
    if len(edges_s) < 2:
        return 0, len(edges_s)
    power = means_between(timeline.bands, TONE_FPS, edges_s).sum(axis=1)
    loud = np.flatnonzero(power >= power.max() * 10.0 ** (-QUIET_DB / 10.0))
    return int(loud[0]), int(loud[-1]) + 1


def cells_of(timeline: TrackTimeline, edges_s: Floats) -> Cells:
    """What sounds between the edges."""
    bands = means_between(timeline.bands, TONE_FPS, edges_s)
    pooled = np.add.reduceat(bands, POOLED_BANDS, axis=1)
    mean = max(float(timeline.bands.sum(axis=1).mean()), np.finfo(float).tiny)
    chroma = means_between(np.sqrt(timeline.chroma), TONE_FPS, edges_s)
    chroma /= np.maximum(np.linalg.norm(chroma, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    widths_s = np.diff(edges_s)[:, None] * (np.arange(PARTS) / PARTS)
    parts_s = np.append((edges_s[:-1, None] + widths_s).ravel(), edges_s[-1])
    onsets = means_between(flux(timeline.onset_bands_db).T, ONSET_FPS, parts_s)
    return Cells(
        timbre_db=10.0 * np.log10(pooled / mean + HEARD_SHARE),
        rhythm=np.sqrt(onsets).reshape(len(edges_s) - 1, -1),
        chroma=chroma,
    )


def means_between(rows: NDArray[np.floating], fps: float, edges_s: Floats) -> Floats:
    """Mean of the rows between edges, each `EARLY_S` before its time; at least one row counts: (n, …)."""
    at = np.clip(np.round((edges_s - EARLY_S) * fps).astype(np.int64), 0, len(rows))
    first = np.minimum(at[:-1], len(rows) - 1)
    stop = np.maximum(at[1:], first + 1)
    return means_of(rows, first, stop)
