"""The level of every section: survey the chain's output once, solve for gains, solve again from what was heard."""

from __future__ import annotations

from collections.abc import Sequence

from livemaster.engine import Engine, Program
from livemaster.mastering.chains import ChainPreset
from livemaster.mastering.forecast import Track
from livemaster.mastering.job import Prepared, Progress, StepProgress
from livemaster.mastering.program import CORNERS, Corner, Levels, program, ramp_frames
from livemaster.mastering.solve import Correction, Solution, Wish, no_correction, solve
from livemaster.mastering.stream import BLOCK_FRAMES, ahead, counted, rendered
from livemaster.mastering.survey import survey
from livemaster.planning import planned_contrast, relative
from livemaster.units import frames_to_seconds

REFERENCE_LUFS = -18.0
"""Loudness to which the mix is trimmed ahead of the chain, so that thresholds mean the same for every mix."""
MOST_MOVE_LU = 12.0
"""How far a section is moved against the others, at most: more would lift a fade-out's end into the song."""
IDLE_MARGIN_DB = 0.5
"""Peaks are surveyed as samples; this is left for what stands between them where the limiter shall be idle."""


class Leveller:
    """Finds the section gains of one prepared mix; surveys it when made."""

    def __init__(self, prepared: Prepared, chain: ChainPreset, progress: Progress) -> None:
        self._prepared, self._chain = prepared, chain
        global_, sections, reader = prepared.plan.global_, prepared.plan.sections, prepared.reader
        self.share = global_.amount * global_.amounts.loudness
        self._trim_db = REFERENCE_LUFS - self._input_lufs
        self._contrasts = [self._contrast(reactivity, dynamics) for reactivity, dynamics in CORNERS]
        self._wanted = self._contrast(global_.reactivity, global_.dynamics)
        ramps = ramp_frames(sections, reader.rate_hz)
        ramps_s = [(frames_to_seconds(a, reader.rate_hz), frames_to_seconds(b, reader.rate_hz)) for a, b in ramps]
        flat = self.program([0.0] * len(sections))
        engine = Engine(chain.graph, reader.rate_hz, reader.channels, program=flat, ceiling_dbtp=None)
        step = StepProgress(progress, "surveying", reader.frames)
        passes = rendered(engine, ahead(reader.chunks(BLOCK_FRAMES)))
        surveyed = survey(counted(ahead(passes), step), reader.rate_hz, reader.channels)
        self._track = Track(surveyed, prepared.plan.spans, ramps_s)
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

    def _contrast(self, reactivity: float, dynamics: float) -> list[float | None]:
        """Planned contrast, at most MOST_MOVE_LU from the mix's own, moved towards that by the amount."""
        sections, mix_lufs = self._prepared.plan.sections, self._prepared.mix_lufs
        planned = planned_contrast(sections, mix_lufs, reactivity, dynamics)
        own = relative(mix_lufs, [span.duration_s for span in self._prepared.plan.spans])
        return [
            None if a is None or b is None else a + self.share * min(max(b - a, -MOST_MOVE_LU), MOST_MOVE_LU)
            for a, b in zip(own, planned, strict=True)
        ]

    def notes(self) -> list[str]:
        """Which sections are not moved as far as planned."""
        global_, sections, mix_lufs = self._prepared.plan.global_, self._prepared.plan.sections, self._prepared.mix_lufs
        planned = planned_contrast(sections, mix_lufs, global_.reactivity, global_.dynamics)
        own = relative(mix_lufs, [span.duration_s for span in self._prepared.plan.spans])
        return [
            f"'{section.section}' would move by {b - a:+.1f} LU against the other sections, held at {MOST_MOVE_LU:g}"
            for section, a, b in zip(sections, own, planned, strict=True)
            if a is not None and b is not None and abs(b - a) > MOST_MOVE_LU
        ]

    def solve(self, ceiling_dbtp: float) -> Solution:
        """[control] The gains for a limiter at `ceiling_dbtp`, with all that was learned from earlier renders."""
        idle = self._prepared.plan.platform.limiter_idle
        wish = Wish(
            self.target_lufs,
            self._wanted,
            ceiling_dbtp - (IDLE_MARGIN_DB if idle else 0.0),
            limiter_idle=idle,
        )
        self._solution = solve(self._track, wish, self._correction)
        return self._solution

    def learn(self, integrated_lufs: float | None, section_lufs: Sequence[float | None]) -> None:
        """[control] Take in what the last solution really led to."""
        assert self._solution is not None
        forecast = self._solution.forecast
        self._correction = Correction(
            _difference(integrated_lufs, forecast.integrated_lufs),
            tuple(_difference(m, f) for m, f in zip(section_lufs, forecast.section_lufs, strict=True)),
        )

    def program(self, gains_db: Sequence[float]) -> Program:
        """[control] The lanes with these section gains at the plan's own position, foreseen ones elsewhere."""
        gains = tuple(self._corners(index, float(gain)) for index, gain in enumerate(gains_db))
        levels = Levels(self._trim_db, gains, self._prepared.facts.has_dc)
        return program(self._prepared.plan.settings, self._chain, levels, self._prepared.reader.rate_hz)

    def _corners(self, section: int, gain_db: float) -> Corner:
        """Gain at every corner: the solved one, moved by how the planned contrast differs there."""
        here = self._wanted[section]
        amount = self._prepared.plan.global_.amount
        if amount == 0.0:
            return (0.0,) * len(CORNERS)
        there = [contrast[section] for contrast in self._contrasts]
        moves = [0.0 if here is None or c is None else c - here for c in there]
        at_plan = self._blend(moves)
        return tuple((gain_db + move - at_plan) / amount for move in moves)

    def _blend(self, corners: Sequence[float]) -> float:
        """What the engine makes of corner values at the plan's own reactivity and dynamics."""
        global_ = self._prepared.plan.global_
        rows = [low + global_.reactivity * (high - low) for low, high in zip(corners[::2], corners[1::2], strict=True)]
        outer = rows[2] if global_.dynamics > 0.0 else rows[0]
        return rows[1] + abs(global_.dynamics) * (outer - rows[1])


def _difference(measured: float | None, foreseen: float | None) -> float:
    return 0.0 if measured is None or foreseen is None else measured - foreseen
