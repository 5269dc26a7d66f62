"""The commands: parse, call, show. Nothing heavy is imported before a command runs, so `--help` answers at once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from livemaster import __version__
from livemaster.cli import arguments
from livemaster.cli import options as o
from livemaster.cli.arguments import STANDARD_STREAM
from livemaster.cli.community import base_model_app, community_app, personal_app, share_app
from livemaster.cli.config import config_app
from livemaster.cli.feedback import feedback_app, rate
from livemaster.cli.midi import midi_app
from livemaster.cli.profile import profile_app
from livemaster.errors import InputError

if TYPE_CHECKING:
    from livemaster.mastering.job import Source
    from livemaster.mastering.render import Destination

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Masters music section by section and renders exactly what is heard. Everything stays on this machine.",
)
presets_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Platforms, modes, curves and chains.")
app.add_typer(presets_app, name="presets")
app.add_typer(midi_app, name="midi")
app.command()(rate)
app.add_typer(feedback_app, name="feedback")
app.add_typer(config_app, name="config")
app.add_typer(profile_app, name="profile")
app.add_typer(share_app, name="share")
app.add_typer(community_app, name="community")
app.add_typer(base_model_app, name="base-model")
app.add_typer(personal_app, name="personal")


def _version(wanted: bool) -> None:
    if wanted:
        print(f"livemaster {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="The version.")] = False,
) -> None:
    pass


@app.command()
@o.that_plans
def render(
    files: o.Tracks,
    output: o.Output = None,
    take: o.Take = None,
    *,
    asked: o.Asked,
    settings: o.Settings = None,
    bit_depth: o.BitDepth = None,
    sample_rate: o.SampleRate = None,
    mono_as: o.MonoAs = None,
    force: o.Force = False,
    keep: o.Keep = False,
    no_settings: o.NoSettings = False,
    as_json: o.AsJson = False,
) -> None:
    """Master a mix: one finished file, and its plan beside it."""
    from livemaster.cli.show import print_json, show_note, show_render, steps
    from livemaster.mastering.beside import master_beside, plan_beside
    from livemaster.mastering.render import Destination, render_job
    from livemaster.planning.personal import PARAMETERS
    from livemaster.studio import memory

    if take is not None:
        files = arguments.playlist(files)
    elif len(files) > 1:
        raise InputError(f"render makes one master of one mix, {len(files)} are given; several belong to a --take")
    file = files[0]
    source = arguments.source(file, asked, settings=settings, sample_rate=sample_rate, mono_as=mono_as)
    trims = {name: value for name in PARAMETERS if (value := getattr(asked.options, name))}
    if keep and (not trims or take is not None):
        raise InputError("--keep keeps --bass, --mid, --treble and --width of a render, none is given")
    if keep and (not asked.detect or settings is not None):
        raise InputError("--keep keeps trims for a kind of recording, which --no-detect and --settings leave unheard")
    path = output if output is not None else master_beside(arguments.named(file))
    if path == STANDARD_STREAM and as_json:
        raise InputError("--json and -o - both want standard output; give one of them a file")
    if path == STANDARD_STREAM and sys.stdout.isatty():
        raise InputError("standard output: is a terminal, pipe the master into something or name a file with -o")
    plan_path = None if no_settings or path == STANDARD_STREAM else plan_beside(arguments.named(path))
    wanted = Destination(path=path, bit_depth=bit_depth, force=force, settings_path=plan_path)
    if take is not None:
        _render_take(source, files[1:], take, wanted, as_json)
        return
    with steps(*arguments.kernels("mastering", source)) as progress:
        report = render_job(source, wanted, progress)
    if path != STANDARD_STREAM:
        memory.remember(report, path, source, show_note)
    if as_json:
        print_json(report.to_dict())
    else:
        show_render(report, path, plan_path)
    if keep:
        with steps("mastering", "analysis") as progress:
            kept = memory.keep(report, trims, source, progress)
        show_note(kept)


def _render_take(source: Source, others: list[str], take: str, wanted: Destination, as_json: bool) -> None:
    from livemaster.cli.show import print_json, show_take, steps
    from livemaster.mastering.take_job import take_job

    with steps(*arguments.kernels("mastering", source)) as progress:
        report = take_job(source, others, take, wanted, progress)
    if as_json:
        print_json(report.to_dict())
    else:
        show_take(report, str(wanted.path))


@app.command()
@o.that_plans
def plan(
    file: o.Input,
    output: o.SettingsOutput = None,
    *,
    asked: o.Asked,
    settings: o.Settings = None,
    sample_rate: o.SampleRate = None,
    mono_as: o.MonoAs = None,
    force: o.Force = False,
    as_json: o.AsJson = False,
) -> None:
    """Write the plan (master_settings.json) without rendering: look at it, edit it, render it with --settings."""
    from livemaster.cli.show import print_json, show_plan, steps
    from livemaster.mastering.job import plan_job

    source = arguments.source(file, asked, settings=settings, sample_rate=sample_rate, mono_as=mono_as)
    path = output if output is not None else str(Path(arguments.named(file)).with_name("master_settings.json"))
    with steps(*arguments.kernels("metering", source)) as progress:
        made = plan_job(source, None if path == STANDARD_STREAM else path, force=force, progress=progress)
    if as_json or path == STANDARD_STREAM:
        print_json(made.settings.to_data())
    else:
        show_plan(made, path)


@app.command()
@o.that_plans
def play(
    files: o.PlayedTracks,
    device: o.Device = None,
    block: o.Block = 0,
    rate: o.Rate = None,
    midi: o.Midi = None,
    mapping: o.MidiMap = None,
    take: o.TakeOutput = None,
    headless: o.Headless = False,
    wait: o.Wait = False,
    stats: o.Stats = None,
    duration: o.Duration = None,
    *,
    asked: o.Asked,
    settings: o.Settings = None,
    force: o.Force = False,
) -> None:
    """Master while it plays: knobs, A/B and MIDI, and the performance kept for `render --take`."""
    from livemaster.cli.play import Show, play_session
    from livemaster.session.playlist import Session, SessionWish
    from livemaster.sound.supervisor import DeviceWish

    paths = arguments.playlist(files)
    if len(paths) > 1 and (asked.arrangement or asked.emotion or settings):
        raise InputError("--arrangement, --emotion and --settings belong to one track, several are given")
    sources = tuple(arguments.source(path, asked, settings=settings) for path in paths)
    wish = SessionWish(
        sources=sources,
        device=DeviceWish(device=device, rate_hz=rate, block_frames=block),
        wait=wait or headless,
        duration_s=duration,
        take=take,
        force=force,
    )
    show = Show(
        headless=headless,
        stats=stats,
        midi=midi or (),
        mapping=mapping,
        take=take,
        files=[each for one in sources for each in one.files],
        force=force,
        kernels=("live", *(arguments.kernels("mastering", sources[0]) if wish.wait else ())),
    )
    play_session(lambda progress: Session(wish, progress), show)


@app.command()
@o.that_plans
def live(
    source: o.LiveInput = None,
    output: o.LiveOutput = None,
    device: o.Device = None,
    channels: o.Channels = 2,
    block: o.Block = 0,
    rate: o.Rate = None,
    midi: o.Midi = None,
    mapping: o.MidiMap = None,
    take: o.TakeOutput = None,
    headless: o.Headless = False,
    stats: o.Stats = None,
    duration: o.Duration = None,
    *,
    asked: o.Asked,
    force: o.Force = False,
) -> None:
    """Master what comes in from a device: intensity and loudness are followed, or an arrangement stepped by taps."""
    from livemaster.cli.play import Show, input_file, play_session
    from livemaster.session.live_input import Listening, ListeningWish
    from livemaster.sound.supervisor import DeviceWish

    if channels not in (1, 2):
        raise InputError(f"--channels is {channels}, allowed are 1 and 2")
    file = input_file(source)
    wanted = DeviceWish(
        device=output if output is not None else device,
        rate_hz=rate,
        block_frames=block,
        inputs=0 if file is not None else channels,
        input_device=source if source is not None else device,
    )
    wish = ListeningWish(
        device=wanted,
        options=asked.options,
        personal=arguments.personal_layer(asked),
        file=file,
        arrangement=asked.arrangement,
        emotion=asked.emotion,
        follow=asked.detect,
        duration_s=duration,
        take=take,
        force=force,
    )
    show = Show(
        headless=headless,
        stats=stats,
        midi=midi or (),
        mapping=mapping,
        take=take,
        files=[each for each in (file, asked.arrangement, asked.emotion) if each is not None],
        listens=True,
        force=force,
        kernels=("live",),
    )
    play_session(lambda progress: Listening(wish, progress), show)


@app.command()
def measure(file: o.Input, mono_as: o.MonoAs = None, as_json: o.AsJson = False) -> None:
    """Loudness (BS.1770), loudness range, true peak and sample peak of a file of up to six channels."""
    from livemaster.cli.show import print_json, show_measurement, show_notes, steps
    from livemaster.mastering.job import measure_job
    from livemaster.mastering.mono import SINGLE

    with steps("metering") as progress:
        found = measure_job(file, progress, mono_as or SINGLE)
    if as_json:
        print_json(found.measurement.to_dict())
        show_notes(found.warnings())
    else:
        show_measurement(found, file)


@app.command()
def analyze(
    files: o.Inputs,
    output: o.RowsOutput = None,
    write_maps: o.WriteMaps = None,
    force: o.Force = False,
    as_json: o.HearingJson = False,
) -> None:
    """What a mix is, from its audio alone: kind of recording, tempo, sections, emotion, and how sure that is."""
    from livemaster.cli.analyze import Wanted, analyze_files

    analyze_files(files, Wanted(output=output, maps=write_maps, force=force, as_json=as_json))


@app.command()
def devices(as_json: o.AsJson = False) -> None:
    """The sound devices, each with the id and the name it can be asked for by."""
    from livemaster.cli.devices import list_devices

    list_devices(as_json=as_json)


@presets_app.command("list")
def presets_list(as_json: o.AsJson = False) -> None:
    """Every preset with a line about it."""
    from livemaster.cli.show import print_json, show_presets
    from livemaster.mastering.catalogue import all_presets

    if as_json:
        print_json({kind: [name for name, _ in rows] for kind, rows in all_presets().items()})
    else:
        show_presets(all_presets())


@presets_app.command("show")
def presets_show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A platform, mode, curve or chain.")],
    as_json: o.AsJson = False,
) -> None:
    """One preset in full, as its file holds it; a mode and a curve of the same name both."""
    from livemaster.cli.show import print_json, show_documents
    from livemaster.mastering.catalogue import preset_documents

    found = preset_documents(name)
    if as_json:
        print_json(found)
    else:
        show_documents(found)
