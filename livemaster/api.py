"""The whole job as five functions: measure, analyze, plan, render, play."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from livemaster.mastering.analysis_job import Hearing, hear
from livemaster.mastering.beside import named_plan
from livemaster.mastering.job import Source, measure_job, no_progress, plan_job
from livemaster.mastering.map_files import MapFiles
from livemaster.mastering.mono import SINGLE
from livemaster.mastering.render import Destination, render_job
from livemaster.mastering.render_report import RenderReport
from livemaster.mastering.take_job import TakeReport, take_job
from livemaster.metering import Measurement
from livemaster.plan_options import PlanOptions, PlanWishes
from livemaster.planning import Personal, Plan

if TYPE_CHECKING:
    from livemaster.session.playlist import Session

PathLike = str | Path
Progress = Callable[[str, float], None]


def measure(path: PathLike, *, mono_as: str = SINGLE, progress: Progress = no_progress) -> Measurement:
    """Loudness, true peak and the rest of an audio file of one to six channels, 8 to 192 kHz.

    `mono_as`: `single` counts mono as one channel, `dual` as the two loudspeakers that play it. `progress(step, share)`
    is called while it works. Raises AudioFileError when the file cannot be read, SettingsError for another `mono_as`.
    """
    return measure_job(path, progress, mono_as).measurement


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
    personal: Personal | None = None,
    sample_rate_hz: int | None = None,
    mono_as: str = SINGLE,
    force: bool = False,
    progress: Progress = no_progress,
    **wishes: Unpack[PlanWishes],
) -> Plan:
    """Plan a master without rendering it; `output` is where `master_settings.json` goes, None for nowhere.

    `arrangement`, `emotion`, `settings`: JSON files; `detect`: what is not given is heard; `personal`: a listener's
    layer, such as `PersonalPreferences.load_or_create().layer`; `mono_as`: as `measure`; `wishes`: as `PlanOptions`.
    Raises AudioFileError, SettingsError, UnknownNameError, OutputError.
    """
    source = _source(path, arrangement, emotion, settings, detect, sample_rate_hz, wishes, personal, mono_as)
    return plan_job(source, output, force=force, progress=progress)


def render(
    path: PathLike,
    output: PathLike,
    *,
    arrangement: PathLike | None = None,
    emotion: PathLike | None = None,
    settings: PathLike | None = None,
    detect: bool = True,
    personal: Personal | None = None,
    sample_rate_hz: int | None = None,
    mono_as: str = SINGLE,
    bit_depth: int | None = None,
    settings_output: PathLike | None = None,
    force: bool = False,
    progress: Progress = no_progress,
    **wishes: Unpack[PlanWishes],
) -> RenderReport:
    """Master `path` to `output`, whose extension chooses the format; the file appears whole or not at all.

    `bit_depth`: 16, 24 (default) or 32. `settings_output`: where the plan goes, None for nowhere. The rest as `plan`.
    Raises AudioFileError, SettingsError, UnknownNameError, OutputError, RenderError.
    """
    source = _source(path, arrangement, emotion, settings, detect, sample_rate_hz, wishes, personal, mono_as)
    destination = Destination(path=output, bit_depth=bit_depth, force=force, settings_path=settings_output)
    return render_job(source, destination, progress)


def play(
    *paths: PathLike,
    device: str | None = None,
    rate_hz: int | None = None,
    block_frames: int = 0,
    take: PathLike | None = None,
    wait: bool = False,
    duration_s: float | None = None,
    arrangement: PathLike | None = None,
    emotion: PathLike | None = None,
    settings: PathLike | None = None,
    detect: bool = True,
    personal: Personal | None = None,
    force: bool = False,
    progress: Progress = no_progress,
    **wishes: Unpack[PlanWishes],
) -> Session:
    """Play tracks one after the other on a sound device, mastered; returns at once, with the session that plays.

    `device`: as `livemaster devices` lists them, or `null`; None is the system's own. `take`: where the performance is
    kept, for `render_take`. `wait`: whether the first plan is complete before the first frame. The rest as `plan`; maps
    and settings are for a single track. Move its controls with `session.do(Move("reactivity", 0.5))`; end it with
    `close()`. Raises what `plan` raises, and InputError for the device.
    """
    from livemaster.session.playlist import Session, SessionWish
    from livemaster.sound.supervisor import DeviceWish

    sources = tuple(_source(path, arrangement, emotion, settings, detect, None, wishes, personal) for path in paths)
    wish = SessionWish(
        sources=sources,
        device=DeviceWish(device=device, rate_hz=rate_hz, block_frames=block_frames),
        wait=wait,
        duration_s=duration_s,
        take=take,
        force=force,
    )
    return Session(wish, progress)


def render_take(
    paths: PathLike | Sequence[PathLike],
    take: PathLike,
    output: PathLike,
    *,
    bit_depth: int | None = None,
    force: bool = False,
    progress: Progress = no_progress,
    **wishes: Unpack[PlanWishes],
) -> TakeReport:
    """Render a take of `play` to `output`, from the tracks it was played from: bit for bit what was heard.

    At `bit_depth` 32; 24 by default. `wishes` are those of `plan`, for a session of LoopMind, which holds no plan.
    Raises AudioFileError, SettingsError, InputError, OutputError.
    """
    each = [paths] if isinstance(paths, str | Path) else list(paths)
    destination = Destination(path=output, bit_depth=bit_depth, force=force)
    return take_job(_source(each[0], None, None, None, True, None, wishes), each[1:], take, destination, progress)


def _source(
    path: PathLike,
    arrangement: PathLike | None,
    emotion: PathLike | None,
    settings: PathLike | None,
    detect: bool,
    sample_rate_hz: int | None,
    wishes: PlanWishes,
    personal: Personal | None = None,
    mono_as: str = SINGLE,
) -> Source:
    return Source(
        path=path,
        arrangement=arrangement,
        emotion=emotion,
        settings=None if settings is None else named_plan(settings),
        detect=detect,
        options=PlanOptions(**wishes),
        sample_rate_hz=sample_rate_hz,
        mono_as=mono_as,
        personal=personal,
    )
