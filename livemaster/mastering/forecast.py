"""Foreseeing a master's loudness from a survey: section gains, ramps, and what the limiter will take away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp.limiter_model import foresee, model_factors
from livemaster.mastering.survey import BINS_PER_SECOND, Survey
from livemaster.metering import integrated, section_loudness
from livemaster.metering.loudness import SUB_BLOCKS_PER_S, loudness_range
from livemaster.planning import Span
from livemaster.units import db_to_gain

Floats = NDArray[np.float64]
BINS_PER_SUB_BLOCK = BINS_PER_SECOND // SUB_BLOCKS_PER_S
NO_LIMIT_DBTP = 300.0


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a set of gains leads to: loudness of the whole and of sections (LUFS), mean limiting (dB ≥ 0)."""

    integrated_lufs: float | None
    section_lufs: tuple[float | None, ...]
    limiting_db: tuple[float, ...]


class ForecastTrack:
    """A surveyed track with its sections, ready to be foreseen at any gains."""

    def __init__(self, survey: Survey, spans: Sequence[Span], ramps_s: Sequence[tuple[float, float]]) -> None:
        self._survey, self._spans = survey, spans
        starts = [min(round(span.start * BINS_PER_SECOND), len(survey)) for span in spans[1:]]
        self._edges = np.array([0, *starts, len(survey)], np.int64)
        places = [(begin * BINS_PER_SECOND, (end - begin) * BINS_PER_SECOND) for begin, end in ramps_s]
        self._ramps = np.array(places, np.float64).reshape(-1, 2)
        self._factors = model_factors(BINS_PER_SECOND)
        self._sub_blocks = np.zeros(len(survey) // BINS_PER_SUB_BLOCK)
        self._limiting_db = np.zeros(len(spans))

    def own_lufs(self) -> tuple[float | None, ...]:
        """Loudness of each section as surveyed."""
        return self.foresee(np.zeros(len(self._spans)), NO_LIMIT_DBTP).section_lufs

    def foresee(self, gains_db: Floats, ceiling_dbtp: float) -> Forecast:
        """What `gains_db`, one a section, lead to under a limiter at `ceiling_dbtp`."""
        foresee(
            self._survey.energies,
            self._survey.peaks,
            self._edges,
            self._ramps,
            gains_db,
            db_to_gain(ceiling_dbtp),
            self._factors,
            BINS_PER_SUB_BLOCK,
            self._sub_blocks,
            self._limiting_db,
        )
        sections = tuple(section_loudness(self._sub_blocks, span.start, span.end) for span in self._spans)
        return Forecast(integrated(self._sub_blocks), sections, tuple(self._limiting_db.tolist()))

    def range_lu(self, gains_db: Floats, ceiling_dbtp: float = NO_LIMIT_DBTP) -> float | None:
        """Loudness range that `gains_db` lead to, LU; without limiting where no ceiling is given."""
        self.foresee(gains_db, ceiling_dbtp)
        return loudness_range(self._sub_blocks)

    def levelled_range_lu(self, section_lufs: Sequence[float | None]) -> float | None:
        """Loudness range with sections at these levels (None: moved as the others are), LU; without limiting."""
        pairs = zip(section_lufs, self.own_lufs(), strict=True)
        moves = np.array([np.nan if wanted is None or own is None else wanted - own for wanted, own in pairs])
        known = moves[~np.isnan(moves)]
        return self.range_lu(np.nan_to_num(moves, nan=float(known.mean()) if known.size else 0.0))
