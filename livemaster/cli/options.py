"""Every option of the command line, declared once; those of plans are in `livemaster.plan_options`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Annotated, Any

import typer

from livemaster.cli.config import defaults, filled_in, of_plans
from livemaster.plan_options import PLAN_OPTIONS, Option, PlanOptions, flag_of


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise typer.BadParameter(f"'{text}' is not a number") from None


def _whole_number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise typer.BadParameter(f"'{text}' is not a whole number") from None


Input = Annotated[
    str,
    typer.Argument(metavar="FILE", help="The mix: WAV, AIFF, FLAC, OGG or MP3; - reads WAV from standard input."),
]
Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE", help="Mixes, or folders of them: WAV, AIFF, FLAC, OGG or MP3; - alone is standard input."
    ),
]
RowsOutput = Annotated[
    str | None,
    typer.Option(
        "-o", "--output", metavar="FILE", help="Also write a row for each file: .csv, or .jsonl (a JSON object a line)."
    ),
]
WriteMaps = Annotated[
    str | None,
    typer.Option(
        "--write-maps",
        metavar="DIR",
        help="Write arrangement.json and emotion_graph.json there, to be edited and given to render and plan.",
    ),
]
HearingJson = Annotated[
    bool, typer.Option("--json", help="The result as JSON on standard output; of several files, an object a line.")
]
NoDetect = Annotated[
    bool,
    typer.Option(
        "--no-detect", help="Do not listen for recording type, sections and emotion: only what is given counts."
    ),
]
Keep = Annotated[
    bool, typer.Option("--keep", help="Keep the trims (--bass …) as your preference for this kind of recording.")
]
NoPersonal = Annotated[
    bool, typer.Option("--no-personal", help="Leave your own preferences out, see `livemaster profile show`.")
]
Tracks = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE",
        help="The mix: WAV, AIFF, FLAC, OGG or MP3; - reads WAV from standard input. Several, or a folder, only with "
        "the --take that was played from them, as they were given to `play`.",
    ),
]
Take = Annotated[
    str | None,
    typer.Option(
        "--take", metavar="FILE", help="A take of `play` to render again as it was heard, or a session of LoopMind."
    ),
]
PlayedTracks = Annotated[
    list[str],
    typer.Argument(metavar="FILE", help="What to play, one after the other without a gap: files, or folders of them."),
]
Device = Annotated[
    str | None,
    typer.Option(
        "--device",
        metavar="DEVICE",
        help="Sound device: an id, a name or part of one, host_api:name, or null (no sound); see `livemaster devices`.",
    ),
]
Block = Annotated[
    int,
    typer.Option(
        "--block",
        parser=_whole_number,
        metavar="FRAMES",
        help="Frames in a block; the device's own if not given, and always JACK's with JACK.",
    ),
]
Rate = Annotated[
    int | None,
    typer.Option(
        "--rate", parser=_whole_number, metavar="Hz", help="Rate of the device; the first track's where it can."
    ),
]
Midi = Annotated[
    list[str] | None,
    typer.Option("--midi", metavar="PORT", help="MIDI port, or part of its name; may be given several times."),
]
MidiMap = Annotated[
    str | None,
    typer.Option("--map", metavar="MAP", help="MIDI mapping: a file, or a preset; see `livemaster midi map`."),
]
TakeOutput = Annotated[
    str | None,
    typer.Option("--take", metavar="FILE", help="Keep the performance: every plan, move and cue, for `render --take`."),
]
Headless = Annotated[
    bool, typer.Option("--headless", help="No screen: a log on standard error, and the plan complete before the music.")
]
Wait = Annotated[bool, typer.Option("--wait", help="Begin when the first track's plan is complete, not before.")]
Stats = Annotated[
    str | None, typer.Option("--stats", metavar="FILE", help="Write the figures of the session there, as JSON.")
]
Duration = Annotated[
    float | None, typer.Option("--duration", parser=_number, metavar="S", help="Stop after so many seconds.")
]
LiveInput = Annotated[
    str | None,
    typer.Option(
        "--input", metavar="DEVICE", help="Where the sound comes from: a device, or an audio file for trying."
    ),
]
LiveOutput = Annotated[
    str | None, typer.Option("--output", metavar="DEVICE", help="Where it goes; the system's default device otherwise.")
]
Channels = Annotated[
    int, typer.Option("--channels", parser=_whole_number, metavar="1|2", help="Channels of the input, 2 if not given.")
]
Output = Annotated[
    str | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        help="Where to write; the extension chooses the format; - is standard output (WAV).",
    ),
]
SettingsOutput = Annotated[
    str | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        help="Where to write the plan; master_settings.json beside the input otherwise; - is standard output.",
    ),
]
Arrangement = Annotated[
    str | None, typer.Option("--arrangement", metavar="FILE", help="Arrangement map (JSON): the sections.")
]
Emotion = Annotated[
    str | None,
    typer.Option("--emotion", metavar="FILE", help="Emotion map (JSON): emotion and intensity over time."),
]
Settings = Annotated[
    str | None,
    typer.Option(
        "--settings",
        metavar="FILE",
        help="A plan to perform, as written or edited by hand; a master stands for the plan beside it.",
    ),
]
BitDepth = Annotated[
    int | None,
    typer.Option(
        "--bit-depth",
        parser=_whole_number,
        metavar="16|24|32",
        help="16 (dithered), 24 (default) or 32 (float; WAV and AIFF).",
    ),
]
SampleRate = Annotated[
    int | None,
    typer.Option(
        "--sample-rate",
        parser=_whole_number,
        metavar="Hz",
        help="Resample to this rate before mastering; the input's own otherwise.",
    ),
]
MonoAs = Annotated[
    str | None,
    typer.Option(
        "--mono-as",
        metavar="single|dual",
        help="Count mono as one channel (BS.1770), or as the two loudspeakers that play it, 3 LU louder.",
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite what stands at the output.")]
NoSettings = Annotated[
    bool, typer.Option("--no-settings", help="Do not write <output>.settings.json beside the master.")
]
AsJson = Annotated[bool, typer.Option("--json", help="The result as JSON on standard output.")]


@dataclass(frozen=True, slots=True)
class Asked:
    """What every command that plans is asked: the plan's options, maps, and what not to hear or apply."""

    options: PlanOptions
    arrangement: str | None
    emotion: str | None
    detect: bool
    personal: bool


def _plan_option(name: str, option: Option) -> inspect.Parameter:
    kind: type = float if option.range is not None else str
    parser = _number if kind is float else None
    about = typer.Option(f"--{flag_of(name)}", parser=parser, metavar=option.metavar, help=option.help)
    return _parameter(name, Annotated[kind | None, about], None)


def _parameter(name: str, annotation: Any, default: object) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


_ASKED = (
    *(_plan_option(name, option) for name, option in PLAN_OPTIONS.items()),
    _parameter("arrangement", Arrangement, None),
    _parameter("emotion", Emotion, None),
    _parameter("no_detect", NoDetect, False),
    _parameter("no_personal", NoPersonal, False),
)


def that_plans(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command all options of a plan, which it gets as one `Asked` in its parameter `asked`."""
    signature = inspect.signature(command, eval_str=True)
    before = [each for each in signature.parameters.values() if each.name != "asked"]

    @wraps(command)
    def run(**given: Any) -> None:
        wishes = {name: given.pop(name) for name in PLAN_OPTIONS}
        own = defaults()
        if given.get("settings") is None:  # which is performed as written
            wishes = of_plans(own) | {name: value for name, value in wishes.items() if value is not None}
        options = PlanOptions(**wishes)
        asked = Asked(
            options,
            arrangement=given.pop("arrangement"),
            emotion=given.pop("emotion"),
            detect=not given.pop("no_detect"),
            personal=not given.pop("no_personal"),
        )
        command(**filled_in(given, own), asked=asked)

    parameters = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in before]
    at = list(signature.parameters).index("asked")
    parameters[at:at] = _ASKED
    run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in parameters} | {"return": None}
    return run
