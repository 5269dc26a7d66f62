"""The level of every section: survey the chain's output once, solve for gains, solve again from what was heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp.lanes import REACTIVITIES
from livemaster.engine import Engine
from livemaster.mastering.chains import ChainPreset
from livemaster.mastering.forecast import ForecastTrack
from livemaster.mastering.job import Prepared, Progress, StepProgress
from livemaster.mastering.program import BY_HAND, CORNERS, Corner, Levels, ramp_frames
from livemaster.mastering.refusal import Refusal, refusal
from livemaster.mastering.score import Score
from livemaster.mastering.solve import (
    Correction,
    Solution,
    SolverWish,
    least_ceiling_dbtp,
    no_correction,
    numbers,
    solve,
)
from livemaster.mastering.stream import BLOCK_FRAMES, ahead, counted, rendered
from livemaster.mastering.survey import survey
from livemaster.planning import (
    MOST_MOVE_LU,
    by_hand_slope,
    contrast_scale,
    dense_headroom_db,
    mix_slope,
    moved_by_hand_lu,
    planned_contrast,
    refused_moves,
    relative,
)
from livemaster.units import frames_to_seconds

Floats = NDArray[np.float64]
REFERENCE_LUFS = -18.0
"""Loudness to which the mix is trimmed ahead of the chain, so that thresholds mean the same for every mix; a mode may
drive it hotter."""
IDLE_MARGIN_DB = 0.5
"""Peaks are surveyed as samples; this is left for what stands between them where the limiter shall be idle."""


class Leveller:
    """Finds the section gains of one prepared mix; surveys it when made."""

    def __init__(self, prepared: Prepared, chain: ChainPreset, progress: Progress) -> None:
        self._prepared = prepared
        global_, sections, reader = prepared.plan.global_, prepared.plan.sections, prepared.reader
        self.share = global_.amount * global_.amounts.loudness
        self._trim_db = REFERENCE_LUFS + prepared.plan.mode.drive_db - self._input_lufs
        self.headroom_db = 0.0
        """How far under the ceiling the mode keeps the peaks, by what was solved last."""
        self._slope = mix_slope(sections, prepared.mix_lufs)
        self._contrasts = [self.contrast(reactivity, dynamics) for reactivity, dynamics in CORNERS]
        self._wanted = self.contrast(global_.reactivity, global_.dynamics)
        self._ceiling_dbtp = global_.true_peak_db
        ramps = ramp_frames(sections, reader.rate_hz)
        ramps_s = [(frames_to_seconds(a, reader.rate_hz), frames_to_seconds(b, reader.rate_hz)) for a, b in ramps]
        flat = Score(prepared.plan.settings, self.levels([0.0] * len(sections))).program(reader.rate_hz)
        engine = Engine(chain.graph, reader.rate_hz, reader.channels, program=flat, ceiling_dbtp=None)
        step = StepProgress(progress, "surveying", reader.frames)
        passes = rendered(engine, ahead(reader.chunks(BLOCK_FRAMES)))
        surveyed = survey(counted(ahead(passes), step), reader.rate_hz, reader.channels, reader.info.weights)
        self._track = ForecastTrack(surveyed, prepared.plan.spans, ramps_s)
        self._correction = no_correction(len(sections))
        self._solution: Solution | None = None

    @property
    def target_lufs(self) -> float:
        """What is aimed for: the plan's target, as far from the mix's own loudness as the amount says."""
        return self._input_lufs + self.share * (self._prepared.plan.global_.target_lufs - self._input_lufs)

    @property
    def _input_lufs(self) -> float:
        found = self._prepared.facts.measurement.integrated_lufs
        assert found is not None  # `prepare` refuses silence
        return found

    def contrast(self, reactivity: float, dynamics: float) -> list[float | None]:
        """Planned contrast at a position of the controls, as far from the mix's own as the amount says: LU."""
        plan, mix_lufs = self._prepared.plan, self._prepared.mix_lufs
        planned = planned_contrast(plan.sections, mix_lufs, plan.global_, reactivity, dynamics)
        own = relative(mix_lufs, [span.duration_s for span in plan.spans])
        return [None if a is None or b is None else a + self.share * (b - a) for a, b in zip(own, planned, strict=True)]

    def notes(self) -> list[str]:
        """Which sections are not moved as far as planned."""
        plan = self._prepared.plan
        moves = refused_moves(plan.sections, self._prepared.mix_lufs, plan.global_.dynamics)
        return [
            f"'{section.section}' would move by {move:+.1f} LU against the other sections, held at {MOST_MOVE_LU:g}"
            for section, move in zip(plan.sections, moves, strict=True)
            if move is not None
        ]

    def solve(self, ceiling_dbtp: float) -> Solution:
        """[control] The gains for a limiter at `ceiling_dbtp`, with all that was learned from earlier renders."""
        wish = self._wish(ceiling_dbtp)
        limit_dbtp = self._limit_dbtp(wish)
        self._ceiling_dbtp, self.headroom_db = ceiling_dbtp, wish.ceiling_dbtp - limit_dbtp
        self._solution = solve(self._track, replace(wish, ceiling_dbtp=limit_dbtp), self._correction)
        return self._solution

    def _wish(self, ceiling_dbtp: float) -> SolverWish:
        idle = self._prepared.plan.platform.limiter_idle
        lowered_dbtp = ceiling_dbtp - (IDLE_MARGIN_DB if idle else 0.0)
        return SolverWish(self.target_lufs, self._wanted, lowered_dbtp, limiter_idle=idle)

    def _limit_dbtp(self, wish: SolverWish) -> float:
        """Where a dense mode has the limiter begin, as far as the amount says and the loudness allows."""
        global_ = self._prepared.plan.global_
        own_plr_db = (self._prepared.facts.measurement.true_peak_dbtp or 0.0) - self._input_lufs
        headroom_db = dense_headroom_db(self._prepared.plan.mode, self.target_lufs, wish.ceiling_dbtp, own_plr_db)
        if wish.limiter_idle or headroom_db == 0.0:
            return wish.ceiling_dbtp
        asked_dbtp = wish.ceiling_dbtp - global_.amount * headroom_db
        return least_ceiling_dbtp(self._track, wish, self._correction, asked_dbtp)

    def learn(self, integrated_lufs: float | None, section_lufs: Sequence[float | None]) -> None:
        """[control] Take in what the last solution really led to."""
        assert self._solution is not None
        forecast = self._solution.forecast
        self._correction = Correction(
            _difference(integrated_lufs, forecast.integrated_lufs),
            tuple(_difference(m, f) for m, f in zip(section_lufs, forecast.section_lufs, strict=True)),
        )

    def refusal(self) -> Refusal | None:
        """[control] What more limiting would give, where the last solution is not what was asked for."""
        return None if self._solution is None else refusal(self._track, self._solution, self._correction)

    @property
    def track(self) -> ForecastTrack:
        """What the chain makes of the mix, ready to be foreseen at other gains."""
        return self._track

    def levels(
        self, gains_db: Sequence[float], louder_db: Sequence[float | None] = (), *, everywhere: bool = False
    ) -> Levels:
        """[control] These section gains at the plan's own position, foreseen ones elsewhere.

        `louder_db`: by how much the master's sections are louder with them than the mix's, where that is known.
        `everywhere`: solve what is foreseen too, which takes as long again for every corner; without it the limiter is
        taken to let pass there what it does here, which is as good where no knob is turned.
        """
        gains, lufs = self._solved() if everywhere else (self._planned(),) * 2
        amount = self._prepared.plan.global_.amount
        moved = [_moved(gain, amount, self._moves(n, gains)) for n, gain in enumerate(gains_db)]
        louder = [_moved(db or 0.0, amount, self._moves(n, lufs)) for n, db in enumerate(louder_db)]
        has_dc, headroom_db = self._prepared.facts.has_dc, 0.0 if amount == 0.0 else self.headroom_db / amount
        return Levels(self._trim_db, tuple(moved), self._ceiling_dbtp, has_dc, tuple(louder), headroom_db)

    def score(self, louder_db: Sequence[float | None] = (), *, everywhere: bool = False) -> Score:
        """[control] The plan with the gains solved last; for the others see `levels`."""
        assert self._solution is not None
        gains = self.levels(self._solution.gains_db.tolist(), louder_db, everywhere=everywhere)
        return Score(self._prepared.plan.settings, gains)

    def _planned(self) -> Floats:
        """How much louder the plan wants each section at every corner (corners, sections), than where it stands."""
        wanted = numbers(self._wanted)
        return np.array([numbers(contrast) - wanted for contrast in self._contrasts])

    def _solved(self) -> tuple[Floats, Floats]:
        """How much more gain each section needs at every corner, and how much louder it gets; as `_planned`."""
        here = self._solution
        assert here is not None
        wish = self._wish(self._ceiling_dbtp)
        limited = replace(wish, ceiling_dbtp=wish.ceiling_dbtp - self.headroom_db)
        there = [
            solve(self._track, replace(limited, contrast_lu=contrast), self._correction) for contrast in self._contrasts
        ]
        lufs = numbers(here.forecast.section_lufs)
        louder = [numbers(each.forecast.section_lufs) - lufs for each in there]
        return np.array([each.gains_db - here.gains_db for each in there]), np.array(louder)

    def _moves(self, section: int, of_corners: Floats) -> Corner:
        """A section's share of `_planned` or `_solved`, with what moves by hand; over the engine's amount."""
        moves, slope = of_corners[:, section].tolist(), self._slope
        amount, planned = self._prepared.plan.global_.amount, self._prepared.plan.sections[section]
        by_hand = [
            moves[CORNERS.index((reactivity, dynamics))]
            + self.share
            * contrast_scale(dynamics)
            * by_hand_slope(slope, self._prepared.plan.global_, reactivity)
            * moved_by_hand_lu(planned, intensity)
            for reactivity, dynamics, intensity in BY_HAND
        ]
        at_plan = self._blend(moves)
        return tuple(0.0 if amount == 0.0 else (move - at_plan) / amount for move in (*moves, *by_hand))

    def _blend(self, corners: Sequence[float]) -> float:
        """What the engine makes of corner values at the plan's own reactivity and dynamics."""
        global_, values = self._prepared.plan.global_, np.reshape(corners, (3, len(REACTIVITIES)))
        rows = [float(np.interp(global_.reactivity, REACTIVITIES, row)) for row in values]
        outer = rows[2] if global_.dynamics > 0.0 else rows[0]
        return rows[1] + abs(global_.dynamics) * (outer - rows[1])


def _moved(db: float, amount: float, moves: Corner) -> Corner:
    """A level at the plan's own position, moved; the engine multiplies both by the amount."""
    return tuple(0.0 if amount == 0.0 else db / amount + move for move in moves)


def _difference(measured: float | None, foreseen: float | None) -> float:
    return 0.0 if measured is None or foreseen is None else measured - foreseen
