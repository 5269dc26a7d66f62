"""The whole job as four functions: measure, analyze, plan, render."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from livemaster.mastering.hearing import Hearing, hear
from livemaster.mastering.job import Source, measure_job, no_progress, plan_job
from livemaster.mastering.mapfiles import MapFiles
from livemaster.mastering.outcome import RenderReport
from livemaster.mastering.render import Destination, render_job
from livemaster.metering import Measurement
from livemaster.planning import STAGES, Plan, PlanOptions

PathLike = str | Path
Progress = Callable[[str, float], None]


def measure(path: PathLike, *, progress: Progress = no_progress) -> Measurement:
    """Loudness, true peak and the rest of an audio file of one to six channels, 8 to 192 kHz.

    `progress(step, share)` is called while it works. Raises AudioFileError when the file cannot be read.
    """
    return measure_job(path, progress).measurement


def analyze(
    path: PathLike, maps: PathLike | None = None, *, force: bool = False, progress: Progress = no_progress
) -> Hearing:
    """Kind of recording, tempo, sections and emotion of a mono or stereo file, from its audio alone.

    `maps`: a folder for `arrangement.json` and `emotion_graph.json`, None for nowhere; `force` replaces those there.
    Raises AudioFileError, SettingsError when a profile of the base model is broken, and OutputError.
    """
    folder = None if maps is None else MapFiles(maps, force=force)
    if folder is not None:
        folder.check([""])
    heard = hear(path, progress)
    if folder is not None:
        folder.write(heard)
    return heard


def plan(
    path: PathLike,
    output: PathLike | None = None,
    *,
    arrangement: PathLike | None = None,
    emotion: PathLike | None = None,
    settings: PathLike | None = None,
    detect: bool = True,
    sample_rate_hz: int | None = None,
    force: bool = False,
    progress: Progress = no_progress,
    **wishes: Any,
) -> Plan:
    """Plan a master without rendering it; `output` is where `master_settings.json` goes, None for nowhere.

    `arrangement`, `emotion`, `settings`: JSON files; `detect`: what is not given is heard. `wishes`: `platform`,
    `mode`, `chain`, `target_lufs`, `ceiling_dbtp`, `dynamics` −1…1, `reactivity` 0…1.5, `amount` 0…1, `amount_eq` (and
    `_compression`, `_saturation`, `_width`, `_loudness`) 0…1, `bass`, `mid`, `treble` in dB, `width` −1…1.
    Raises AudioFileError, SettingsError, UnknownNameError, OutputError.
    """
    source = _source(path, arrangement, emotion, settings, detect, sample_rate_hz, wishes)
    return plan_job(source, output, force=force, progress=progress)


def render(
    path: PathLike,
    output: PathLike,
    *,
    arrangement: PathLike | None = None,
    emotion: PathLike | None = None,
    settings: PathLike | None = None,
    detect: bool = True,
    sample_rate_hz: int | None = None,
    bit_depth: int | None = None,
    settings_output: PathLike | None = None,
    force: bool = False,
    progress: Progress = no_progress,
    **wishes: Any,
) -> RenderReport:
    """Master `path` to `output`, whose extension chooses the format; the file appears whole or not at all.

    `bit_depth`: 16, 24 (default) or 32. `settings_output`: where the plan goes, None for nowhere. The rest as `plan`.
    Raises AudioFileError, SettingsError, UnknownNameError, OutputError, RenderError.
    """
    source = _source(path, arrangement, emotion, settings, detect, sample_rate_hz, wishes)
    destination = Destination(path=output, bit_depth=bit_depth, force=force, settings_path=settings_output)
    return render_job(source, destination, progress)


def _source(
    path: PathLike,
    arrangement: PathLike | None,
    emotion: PathLike | None,
    settings: PathLike | None,
    detect: bool,
    sample_rate_hz: int | None,
    wishes: dict[str, Any],
) -> Source:
    stages = {f"amount_{stage}": stage for stage in STAGES}
    amounts = {stages[name]: value for name, value in wishes.items() if name in stages and value is not None}
    options = PlanOptions(amounts=amounts, **{k: v for k, v in wishes.items() if k not in stages})
    return Source(
        path=path,
        arrangement=arrangement,
        emotion=emotion,
        settings=settings,
        detect=detect,
        options=options,
        sample_rate_hz=sample_rate_hz,
    )
