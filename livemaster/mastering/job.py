"""One mastering job from files to files: listen, plan, survey, solve, render, check."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from livemaster.audio import Reader, check_for_mastering, open_reader, resampled
from livemaster.documents import checked_target, staged
from livemaster.errors import AudioFileError
from livemaster.mastering.chains import chain
from livemaster.mastering.mix_facts import Facts, listen
from livemaster.mastering.mono import SINGLE, count_mono_as
from livemaster.plan_options import PlanOptions
from livemaster.planning import (
    ArrangementMap,
    EmotionMap,
    MasterSettings,
    Personal,
    Plan,
    arrangement_of,
    build,
    emotion_of,
    mode,
    plan_timeline,
    platform,
)
from livemaster.tone.profiles import base_model

Progress = Callable[[str, float], None]
"""Called with the name of the running step and the share of it that is done, 0…1; NaN where nobody can tell."""

LEAST_LUFS = -70.0
"""Anything quieter is silence to BS.1770 and cannot be brought to a loudness."""


def no_progress(step: str, share: float) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a master is made from: the mix, and what is known or wished about it."""

    path: str | Path
    arrangement: str | Path | None = None
    emotion: str | Path | None = None
    settings: str | Path | None = None
    options: PlanOptions = field(default_factory=PlanOptions)
    sample_rate_hz: int | None = None
    detect: bool = True
    """Whether to listen for what is not given: recording type, sections, emotion. A settings file is performed as
    written, without."""
    mono_as: str = SINGLE
    """As what a mono mix is counted: `single`, one channel, or `dual`, two loudspeakers that play it."""
    personal: Personal | None = None
    """The listener's layer; a settings file is performed as written, without."""

    def __post_init__(self) -> None:
        for name, found in (
            (self.options.platform, platform),
            (self.options.mode, mode),
            (self.options.chain, chain),
            (self.options.base_model, base_model),
        ):
            if name is not None:
                found(name)  # complains

    @property
    def files(self) -> list[str | Path]:
        """Every file that this is made from, none of which may be overwritten."""
        given = (self.path, self.arrangement, self.emotion, self.settings)
        return [path for path in given if path is not None]


@dataclass(frozen=True, slots=True)
class OpenedMix:
    """An opened mix with its maps, nothing measured yet."""

    reader: Reader
    source: Source
    arrangement: ArrangementMap | None
    emotion: EmotionMap | None
    settings: MasterSettings | None
    started_s: float

    @property
    def files(self) -> list[str | Path]:
        """Every file that this is made from, none of which may be overwritten."""
        return self.source.files


@dataclass(frozen=True, slots=True)
class Prepared:
    """A mix that was listened to, with its plan."""

    reader: Reader
    facts: Facts
    plan: Plan
    performed: str | None = None
    """The name of the settings file that is performed, where one is."""

    @property
    def mix_lufs(self) -> tuple[float | None, ...]:
        """The mix's loudness in each section."""
        return self.facts.section_lufs(self.plan.spans)


class StepProgress:
    """Counts frames of one step and reports the share."""

    def __init__(self, report: Progress, step: str, frames: int) -> None:
        self._report, self._step, self._frames, self._done = report, step, frames, 0
        report(step, 0.0)

    def __call__(self, frames: int) -> None:
        """Add the frames just finished."""
        self._done += frames
        self._report(self._step, min(self._done / self._frames, 1.0))


@contextmanager
def open_mix(source: Source) -> Iterator[OpenedMix]:
    """[control] Open and check the mix, its maps and its settings; closes the mix afterwards.

    Raises AudioFileError or SettingsError.
    """
    started_s = time.monotonic()
    arrangement = None if source.arrangement is None else ArrangementMap.load(source.arrangement)
    emotion = None if source.emotion is None else EmotionMap.load(source.emotion)
    settings = None if source.settings is None else MasterSettings.load(source.settings)
    with open_reader(source.path) as opened:
        check_for_mastering(opened.info)
        count_mono_as(opened, source.mono_as)
        reader = opened if source.sample_rate_hz is None else resampled(opened, source.sample_rate_hz)
        yield OpenedMix(reader, source, arrangement, emotion, settings, started_s)


def prepare(mix: OpenedMix, progress: Progress, known: Facts | None = None) -> Prepared:
    """[control] Listen to the whole mix and build its plan; AudioFileError, SettingsError or UnknownNameError.

    `known`: what was heard in this mix before, at this rate, so that it need not be heard again.
    """
    reader, arrangement, emotion = mix.reader, mix.arrangement, mix.emotion
    plan_timeline(reader.duration_s, arrangement=arrangement, settings=mix.settings)  # complains before the work
    profiles = base_model(mix.source.options.base_model) if mix.source.detect and mix.settings is None else ()
    facts = known or listen(reader, StepProgress(progress, "listening", reader.frames), profiles)
    if facts.measurement.integrated_lufs is None:
        raise AudioFileError(
            f"{reader.info.name}: is silent, nothing in it passes {LEAST_LUFS:g} LUFS: there is nothing to master"
        )
    if facts.analysis is not None:
        arrangement = arrangement_of(facts.analysis) if arrangement is None else arrangement
        emotion = emotion_of(facts.analysis) if emotion is None else emotion
    timeline = plan_timeline(reader.duration_s, arrangement=arrangement, settings=mix.settings)
    plan = build(
        mix.source.options,
        duration_s=reader.duration_s,
        section_lufs=facts.section_lufs(timeline.spans),
        arrangement=arrangement,
        emotion=emotion,
        settings=mix.settings,
        recording=None if facts.analysis is None else facts.analysis.recording,
        spectrum=None if facts.analysis is None else facts.analysis.spectrum,
        personal=mix.source.personal,
    )
    return Prepared(reader, facts, plan, None if mix.settings is None else mix.settings.origin)


def plan_job(source: Source, path: str | Path | None, *, force: bool = False, progress: Progress = no_progress) -> Plan:
    """[control] Plan a mix without rendering it, and write `master_settings.json` to `path` where one is given.

    Raises AudioFileError, SettingsError, UnknownNameError or OutputError.
    """
    with open_mix(source) as mix:
        if path is not None:
            checked_target(path, force=force, others=mix.files)
        plan = prepare(mix, progress).plan
    if path is not None:
        with staged(path, settings_file(plan.settings), force=force) as publish:
            publish()
    return plan


def settings_file(settings: MasterSettings) -> bytes:
    """What stands in a `master_settings.json`."""
    return (json.dumps(settings.to_data(), indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def measure_job(path: str | Path, progress: Progress = no_progress, mono_as: str = SINGLE) -> Facts:
    """[control] Measure a file of one to six channels, mono as `Source` says; AudioFileError when it cannot be read."""
    with open_reader(path) as reader:
        count_mono_as(reader, mono_as)
        return listen(reader, StepProgress(progress, "measuring", reader.frames))
