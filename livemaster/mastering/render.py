"""A mix in, a finished master out: the passes, the check of what was reached, and the report."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livemaster.audio import Writer, open_reader, open_writer, read_tags, write_tags
from livemaster.documents import checked_target, staged
from livemaster.engine import Engine
from livemaster.errors import OutputError, RenderError
from livemaster.mastering.chains import ChainPreset, chain
from livemaster.mastering.job import (
    OpenedMix,
    Prepared,
    Progress,
    Source,
    StepProgress,
    no_progress,
    open_mix,
    prepare,
    settings_file,
)
from livemaster.mastering.level import Leveller
from livemaster.mastering.matching import louder_db
from livemaster.mastering.mono import mono_notes
from livemaster.mastering.notes import Finished, loudness_notes
from livemaster.mastering.range_loss import range_notes
from livemaster.mastering.render_report import RenderReport, SectionReport
from livemaster.mastering.score import Score
from livemaster.mastering.solve import Solution
from livemaster.mastering.stream import BLOCK_FRAMES, ahead, counted, rendered
from livemaster.metering import Measurement, Meter, section_loudness
from livemaster.planning import playback_gain_db
from livemaster.units import Audio

TOLERANCE_LU = 0.1
"""How near to its target a master's integrated loudness has to be."""
AIM_LU, CONTRAST_AIM_LU = 0.05, 0.25
"""A render that misses its loudness or the contrast of two sections by more is done again, with what was learned."""
CONTRAST_TOLERANCE_LU = 0.5
MOST_RENDERS = 5
PEAK_TOLERANCE_DB = 0.05
"""How far above its ceiling a true peak may read."""
LOSSY_MARGIN_DB = 0.5
"""Room left at first for the peaks that a lossy codec adds; widened by what the decoded file shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a master goes, and as what."""

    path: str | Path
    bit_depth: int | None = None
    force: bool = False
    settings_path: str | Path | None = None

    def open(self, mix: OpenedMix) -> Writer:
        """[control] Begin the output; OutputError before anything is written where that is impossible."""
        rate_hz, channels = mix.reader.rate_hz, mix.reader.channels
        writer = open_writer(self.path, rate_hz, channels, bit_depth=self.bit_depth, force=self.force, inputs=mix.files)
        try:
            if self.settings_path is not None:
                self._check_settings_path(mix)
        except OutputError:
            writer.close()
            raise
        return writer

    def _check_settings_path(self, mix: OpenedMix) -> None:
        assert self.settings_path is not None
        checked_target(self.settings_path, force=self.force, others=mix.files)
        if os.path.realpath(self.settings_path) == os.path.realpath(self.path):
            raise OutputError(f"{self.path}: cannot be both the master and its plan, one of them needs another name")


def render_job(source: Source, destination: Destination, progress: Progress = no_progress) -> RenderReport:
    """[control] Render `source` to `destination`; the file appears whole, or not at all.

    Raises AudioFileError, SettingsError, OutputError or UnknownNameError for what was given, RenderError for what
    failed.
    """
    with open_mix(source) as mix:
        writer = destination.open(mix)
        try:
            prepared = prepare(mix, progress)
            rendering = Rendering(prepared, chain(prepared.plan.global_.chain), progress)
            while not rendering.render(writer):
                writer.close()
                writer = destination.open(mix)
            return _deliver(rendering, writer, mix, destination)
        finally:
            writer.close()


class Rendering:
    """Renders of one prepared mix, each knowing what the ones before it led to."""

    def __init__(self, prepared: Prepared, preset: ChainPreset, progress: Progress) -> None:
        self.prepared, self._preset, self._progress = prepared, preset, progress
        self.leveller = Leveller(prepared, preset, progress)
        self.ceiling_dbtp = prepared.plan.global_.true_peak_db
        self.margin_db, self._lossy = 0.0, False
        self.failures: dict[str, str] = {}
        self._renders = 0
        self.solution: Solution
        self.output: Measurement
        self.section_lufs: tuple[float | None, ...]

    def render(self, writer: Writer) -> bool:
        """[control] Render once into `writer` and measure; whether that is good enough to keep."""
        self._lossy = writer.format.lossy
        if self._lossy and not self.margin_db:
            self.margin_db = LOSSY_MARGIN_DB
        meter = self._perform(writer.write)
        if self._lossy:
            meter = self._measured(writer.finish())
        return self._judge(meter, writer.name)

    def rehearse(self) -> Score:
        """[control] Render into nothing until it is good enough; the score that `render` would end with."""
        meter = self._perform(_into_nothing)
        while not self._judge(meter, self.prepared.reader.info.name):
            meter = self._perform(_into_nothing)
        ceiling_dbtp = self.leveller.score().levels.ceiling_dbtp
        louder = louder_db(self.prepared, meter.energies, ceiling_dbtp, self._progress)
        return self.leveller.score(louder, everywhere=True)

    def _perform(self, write: Callable[[Audio], None]) -> Meter:
        """The pass that is heard: mix → engine → file and meter, each on its own thread."""
        self._renders += 1
        self.solution = self.leveller.solve(self.ceiling_dbtp - self.margin_db)
        reader, program = self.prepared.reader, self.leveller.score().program(self.prepared.reader.rate_hz)
        engine = Engine(self._preset.graph, reader.rate_hz, reader.channels, program=program, compares=False)
        meter = Meter(reader.rate_hz, reader.channels, weights=reader.info.weights)
        step = StepProgress(self._progress, "rendering", reader.frames)
        for block in counted(ahead(rendered(engine, ahead(reader.chunks(BLOCK_FRAMES)))), step):
            meter.push(block)
            write(block)
        self.failures = engine.report.failures
        return meter

    def _judge(self, meter: Meter, name: str) -> bool:
        """Take in what was heard; whether that is good enough to keep."""
        self.output = meter.read()
        self.section_lufs = tuple(
            section_loudness(meter.energies, span.start, span.end) for span in self.prepared.plan.spans
        )
        if self._renders == MOST_RENDERS:
            if not self._peak_holds:
                raise RenderError(
                    f"{name}: the true peak stays at {self.output.true_peak_dbtp:.2f} dBTP, above "
                    f"the ceiling of {self.ceiling_dbtp:g}; nothing was kept"
                )
            return True
        return self._good_enough()

    def _measured(self, path: Path) -> Meter:
        """What a listener gets: the finished file, decoded again."""
        with open_reader(path) as reader:
            meter = Meter(reader.rate_hz, reader.channels, weights=self.prepared.reader.info.weights)
            step = StepProgress(self._progress, "checking", reader.frames)
            for block in counted(ahead(reader.chunks(BLOCK_FRAMES)), step):
                meter.push(block)
            return meter

    def _good_enough(self) -> bool:
        if not self._peak_holds:
            assert self.output.true_peak_dbtp is not None
            self.margin_db += self.output.true_peak_dbtp - self.ceiling_dbtp + PEAK_TOLERANCE_DB
            return False
        if self._at_rest:
            return True
        missed_lu = abs((self.output.integrated_lufs or 0.0) - self.solution.aimed_lufs)
        if missed_lu <= AIM_LU and self.contrast_error_lu <= CONTRAST_AIM_LU:
            return True
        self.leveller.learn(self.output.integrated_lufs, self.section_lufs)
        return False

    @property
    def _at_rest(self) -> bool:
        """Whether nothing is asked for: amount 0."""
        return self.prepared.plan.global_.amount == 0.0

    @property
    def _peak_holds(self) -> bool:
        peak = self.output.true_peak_dbtp
        return peak is None or peak <= self.ceiling_dbtp + PEAK_TOLERANCE_DB

    @property
    def contrast_error_lu(self) -> float:
        """By how much the contrast between two sections differs from the plan, at most."""
        pairs = zip(self.section_lufs, self.solution.section_lufs, strict=True)
        errors = [a - b for a, b in pairs if a is not None and b is not None]
        return max(errors) - min(errors) if errors else 0.0

    @property
    def reached(self) -> bool:
        """Whether loudness and contrast are what was asked for."""
        return self._hits(self.leveller.target_lufs) and self.contrast_error_lu <= CONTRAST_TOLERANCE_LU

    def _hits(self, target_lufs: float) -> bool:
        lufs = self.output.integrated_lufs
        return lufs is not None and abs(lufs - target_lufs) <= TOLERANCE_LU

    def notes(self) -> list[str]:
        """What the user should know."""
        facts, ceiling_dbtp = self.prepared.facts, self.ceiling_dbtp
        found = [*facts.warnings(), *self.prepared.plan.notes, *self.leveller.notes()]
        found += mono_notes(self.prepared.reader.info, self.output.integrated_lufs)
        if facts.has_dc and not self._at_rest:
            found.append("the DC offset is removed")
        if self._at_rest and (facts.measurement.true_peak_dbtp or 0.0) > ceiling_dbtp:
            found.append(f"amount 0 returns the mix, but for its peaks above {ceiling_dbtp:g} dBTP, which are limited")
        found += [f"node '{node}' failed and was bypassed: {why}" for node, why in self.failures.items()]
        if self.margin_db:
            reason = "that the codec adds" if self._lossy else "where the sound is cut at the file's ends"
            found.append(f"the limiter worked {self.margin_db:.2f} dB under the ceiling, room for the peaks {reason}")
        master = Finished(self.prepared, self.leveller, self.solution, self.output, ceiling_dbtp)
        hit = self._at_rest or self._hits(self.leveller.target_lufs)
        found += loudness_notes(master, hit=hit)
        found += range_notes(master)
        if not self.reached and (hit or not self.solution.refused):
            found.append(
                f"missed by {self.leveller.target_lufs - (self.output.integrated_lufs or 0.0):+.2f} LU, "
                f"the contrast of sections by up to {self.contrast_error_lu:.2f} LU"
            )
        return found


def _into_nothing(block: Audio) -> None:
    pass


def _deliver(rendering: Rendering, writer: Writer, mix: OpenedMix, destination: Destination) -> RenderReport:
    """Tag the finished file, and give it and the plan beside it their names."""
    path, output, notes = writer.finish(), rendering.output, rendering.notes()
    notes += write_tags(path, read_tags(mix.reader.path), output.integrated_lufs, output.true_peak_dbtp)
    settings = rendering.prepared.plan.settings
    if destination.settings_path is None:
        writer.commit()
    else:
        with staged(destination.settings_path, settings_file(settings), force=destination.force) as publish:
            writer.commit()
            publish()
    return _report(rendering, mix, tuple(notes), settings.to_data())


def _report(rendering: Rendering, mix: OpenedMix, notes: tuple[str, ...], settings: dict[str, Any]) -> RenderReport:
    plan, output = rendering.prepared.plan, rendering.output
    return RenderReport(
        input=rendering.prepared.facts.measurement,
        output=output,
        platform=plan.platform.name,
        target_lufs=rendering.leveller.target_lufs,
        ceiling_dbtp=rendering.ceiling_dbtp,
        reached=rendering.reached,
        notes=notes,
        sections=_section_reports(rendering),
        settings=settings,
        playback_gain_db=round(playback_gain_db(plan.platform, output.integrated_lufs, output.true_peak_dbtp), 2) + 0.0,
        elapsed_s=time.monotonic() - mix.started_s,
        heard=rendering.prepared.facts.analysis,
    )


def _section_reports(rendering: Rendering) -> tuple[SectionReport, ...]:
    plan = rendering.prepared.plan
    columns = zip(
        plan.sections,
        plan.spans,
        rendering.prepared.mix_lufs,
        rendering.solution.section_lufs,
        rendering.section_lufs,
        strict=True,
    )
    return tuple(
        SectionReport(s.section, span.start, span.end, s.emotion, s.intensity, mix_lufs, planned, reached)
        for s, span, mix_lufs, planned, reached in columns
    )
