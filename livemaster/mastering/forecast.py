"""Foreseeing a master's loudness from a survey: section gains, ramps, and what the limiter will take away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp.limitermodel import model_gains
from livemaster.mastering.survey import BINS_PER_SECOND, Survey
from livemaster.metering import integrated, lufs
from livemaster.metering.loudness import MOMENTARY_SUB_BLOCKS, SUB_BLOCKS_PER_S
from livemaster.planning import Section

Floats = NDArray[np.float64]
BINS_PER_SUB_BLOCK = BINS_PER_SECOND // SUB_BLOCKS_PER_S


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a set of section gains leads to: loudness of the whole and of sections (LUFS), mean limiting (dB ≥ 0)."""

    integrated_lufs: float | None
    section_lufs: tuple[float | None, ...]
    limiting_db: tuple[float, ...]


class Track:
    """A surveyed track with its sections, ready to be foreseen at any gains."""

    def __init__(self, survey: Survey, sections: Sequence[Section], ramps_s: Sequence[tuple[float, float]]) -> None:
        self._energies = survey.energies.astype(np.float64)
        self._peaks = survey.peaks
        self._edges = [0, *(round((s.start or 0.0) * BINS_PER_SECOND) for s in sections[1:]), len(survey)]
        self._ramps = [_ramp(begin, end) for begin, end in ramps_s]

    @property
    def section_count(self) -> int:
        """Number of sections."""
        return len(self._edges) - 1

    def own_lufs(self) -> tuple[float | None, ...]:
        """Loudness of each section as surveyed."""
        return self._sections(self._energies)

    def foresee(self, gains_db: Floats, ceiling_dbtp: float) -> Forecast:
        """What `gains_db`, one a section, lead to under a limiter at `ceiling_dbtp`."""
        gains = self._gain_curve(gains_db)
        limited = model_gains(self._peaks * gains, 10.0 ** (ceiling_dbtp / 20.0), BINS_PER_SECOND)
        energies = self._energies * (gains * limited) ** 2
        reduction_db = -20.0 * np.log10(limited)
        means = [
            float(reduction_db[a:b].mean()) if b > a else 0.0
            for a, b in zip(self._edges, self._edges[1:], strict=False)
        ]
        return Forecast(integrated(sub_blocks(energies)), self._sections(energies), tuple(means))

    def _gain_curve(self, gains_db: Floats) -> Floats:
        """Linear gain of every bin."""
        curve_db = np.repeat(gains_db, np.diff(self._edges))
        for (bins, share), left, right in zip(self._ramps, gains_db, gains_db[1:], strict=False):
            part = curve_db[bins]
            part[:] = left + share[: len(part)] * (right - left)
        return np.asarray(10.0 ** (curve_db / 20.0))

    def _sections(self, energies: Floats) -> tuple[float | None, ...]:
        return tuple(
            stretch_lufs(sub_blocks(energies[a:b]), energies[a:b])
            for a, b in zip(self._edges, self._edges[1:], strict=False)
        )


def stretch_lufs(blocks: Floats, energies: Floats) -> float | None:
    """Loudness of a stretch: gated, or where it is shorter than a gating block, the mean of what there is."""
    if len(blocks) >= MOMENTARY_SUB_BLOCKS:
        return integrated(blocks)
    return lufs(float(energies.mean())) if len(energies) else None


def sub_blocks(energies: Floats) -> Floats:
    """Means over 100 ms of energies of 5 ms."""
    whole = len(energies) // BINS_PER_SUB_BLOCK
    return energies[: whole * BINS_PER_SUB_BLOCK].reshape(whole, BINS_PER_SUB_BLOCK).mean(axis=1)


def _ramp(begin_s: float, end_s: float) -> tuple[slice, Floats]:
    """The bins of a ramp, and how far each has gone (0…1, raised cosine)."""
    first, stop = int(begin_s * BINS_PER_SECOND), int(end_s * BINS_PER_SECOND) + 1
    times = (np.arange(first, stop) + 0.5) / BINS_PER_SECOND
    share = np.clip((times - begin_s) / (end_s - begin_s), 0.0, 1.0)
    return slice(first, stop), 0.5 - 0.5 * np.cos(np.pi * share)
