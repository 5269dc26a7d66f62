"""The commands: parse, call, show. Nothing heavy is imported before a command runs, so `--help` answers at once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from livemaster import __version__
from livemaster.cli import options as o
from livemaster.errors import InputError

if TYPE_CHECKING:
    from livemaster.mastering.job import Source

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

STANDARD_STREAM = "-"


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
def render(
    file: o.Input,
    output: o.Output = None,
    platform: o.Platform = None,
    mode: o.Mode = None,
    dynamics: o.Dynamics = None,
    reactivity: o.Reactivity = None,
    amount: o.Amount = None,
    amount_eq: o.AmountEq = None,
    amount_compression: o.AmountCompression = None,
    amount_saturation: o.AmountSaturation = None,
    amount_width: o.AmountWidth = None,
    amount_loudness: o.AmountLoudness = None,
    bass: o.Bass = None,
    mid: o.Mid = None,
    treble: o.Treble = None,
    width: o.Width = None,
    arrangement: o.Arrangement = None,
    emotion: o.Emotion = None,
    no_detect: o.NoDetect = False,
    settings: o.Settings = None,
    target_lufs: o.TargetLufs = None,
    ceiling: o.Ceiling = None,
    chain: o.Chain = None,
    bit_depth: o.BitDepth = None,
    sample_rate: o.SampleRate = None,
    force: o.Force = False,
    no_settings: o.NoSettings = False,
    as_json: o.AsJson = False,
) -> None:
    """Master a mix: one finished file, and its plan beside it."""
    from livemaster.cli.show import print_json, show_render, steps
    from livemaster.mastering.render import Destination, render_job

    source = _source(locals())
    path = output if output is not None else f"{_stem(file)}.master.wav"
    if path == STANDARD_STREAM and as_json:
        raise InputError("--json and -o - both want standard output; give one of them a file")
    if path == STANDARD_STREAM and sys.stdout.isatty():
        raise InputError("standard output: is a terminal, pipe the master into something or name a file with -o")
    plan_path = None if no_settings or path == STANDARD_STREAM else f"{_stem(path)}.settings.json"
    wanted = Destination(path=path, bit_depth=bit_depth, force=force, settings_path=plan_path)
    with steps(*_kernels("mastering", source)) as progress:
        report = render_job(source, wanted, progress)
    if as_json:
        print_json(report.to_dict())
    else:
        show_render(report, path, plan_path)


@app.command()
def plan(
    file: o.Input,
    output: o.SettingsOutput = None,
    platform: o.Platform = None,
    mode: o.Mode = None,
    dynamics: o.Dynamics = None,
    reactivity: o.Reactivity = None,
    amount: o.Amount = None,
    amount_eq: o.AmountEq = None,
    amount_compression: o.AmountCompression = None,
    amount_saturation: o.AmountSaturation = None,
    amount_width: o.AmountWidth = None,
    amount_loudness: o.AmountLoudness = None,
    bass: o.Bass = None,
    mid: o.Mid = None,
    treble: o.Treble = None,
    width: o.Width = None,
    arrangement: o.Arrangement = None,
    emotion: o.Emotion = None,
    no_detect: o.NoDetect = False,
    settings: o.Settings = None,
    target_lufs: o.TargetLufs = None,
    ceiling: o.Ceiling = None,
    chain: o.Chain = None,
    sample_rate: o.SampleRate = None,
    force: o.Force = False,
    as_json: o.AsJson = False,
) -> None:
    """Write the plan (master_settings.json) without rendering: look at it, edit it, render it with --settings."""
    from livemaster.cli.show import print_json, show_plan, steps
    from livemaster.mastering.job import plan_job

    source = _source(locals())
    path = output if output is not None else str(Path(_stem(file)).with_name("master_settings.json"))
    with steps(*_kernels("metering", source)) as progress:
        made = plan_job(source, None if path == STANDARD_STREAM else path, force=force, progress=progress)
    if as_json or path == STANDARD_STREAM:
        print_json(made.settings.to_data())
    else:
        show_plan(made, path)


@app.command()
def measure(file: o.Input, as_json: o.AsJson = False) -> None:
    """Loudness (BS.1770), loudness range, true peak and sample peak of a file of up to six channels."""
    from livemaster.cli.show import print_json, show_measurement, show_notes, steps
    from livemaster.mastering.job import measure_job

    with steps("metering") as progress:
        found = measure_job(file, progress)
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


def _source(given: dict[str, Any]) -> Source:
    """What to master, from a command's arguments by name."""
    from livemaster.mastering.job import Source
    from livemaster.planning import STAGES, PlanOptions

    names = PlanOptions.__dataclass_fields__.keys() - {"amounts", "ceiling_dbtp"}
    amounts = {stage: given[f"amount_{stage}"] for stage in STAGES if given[f"amount_{stage}"] is not None}
    wishes = PlanOptions(**{name: given[name] for name in names}, ceiling_dbtp=given["ceiling"], amounts=amounts)
    return Source(
        path=given["file"],
        arrangement=given["arrangement"],
        emotion=given["emotion"],
        settings=given["settings"],
        detect=not given["no_detect"],
        options=wishes,
        sample_rate_hz=given["sample_rate"],
    )


def _kernels(needed: str, source: Source) -> tuple[str, ...]:
    """The sets of kernels that a job compiles on the first run."""
    return (needed, "analysis") if source.detect else (needed,)


def _stem(file: str) -> str:
    """A file's path without its extension, from which the names of what belongs to it are made."""
    if file == STANDARD_STREAM:
        raise InputError("standard input has no name to derive an output from; say where to write with -o")
    if not Path(file).name:
        raise InputError(f"'{file}': is not the name of a file")
    return str(Path(file).with_suffix(""))
