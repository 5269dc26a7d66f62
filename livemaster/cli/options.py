"""Every option of the command line, declared once."""

from __future__ import annotations

from typing import Annotated

import typer

from livemaster.controls import REACH


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
Platform = Annotated[
    str | None,
    typer.Option("--platform", help="Loudness preset: spotify (default), youtube, film …; see `livemaster presets`."),
]
Mode = Annotated[
    str | None,
    typer.Option(
        "--mode",
        help="cinematic (default: warm, wide, deep contrast), transparent (hardly more than level and ceiling), "
        "radio_loud (dense) or lofi (dark, narrow, saturated).",
    ),
]
Dynamics = Annotated[
    float | None,
    typer.Option(
        "--dynamics", parser=_number, metavar="-1..1", help="From −1 compressed to +1 punchy; 0 is the mode's own."
    ),
]
Reactivity = Annotated[
    float | None,
    typer.Option(
        "--reactivity",
        parser=_number,
        metavar="0..1.5",
        help="How much contrast of loudness and tone the emotion adds: 0 nothing to the mix's own, 1 a quarter of its "
        "formulas (all of it to a mix that has none), 1.5 half of them more.",
    ),
]
Amount = Annotated[
    float | None,
    typer.Option("--amount", parser=_number, metavar="0..1", help="How much mastering at all; 0 returns the mix."),
]
AmountEq = Annotated[
    float | None, typer.Option("--amount-eq", parser=_number, metavar="0..1", help="How much of the equalizer.")
]
AmountCompression = Annotated[
    float | None,
    typer.Option("--amount-compression", parser=_number, metavar="0..1", help="How much of the compressor."),
]
AmountSaturation = Annotated[
    float | None,
    typer.Option("--amount-saturation", parser=_number, metavar="0..1", help="How much of the saturation."),
]
AmountWidth = Annotated[
    float | None, typer.Option("--amount-width", parser=_number, metavar="0..1", help="How much of the stereo width.")
]
AmountLoudness = Annotated[
    float | None,
    typer.Option("--amount-loudness", parser=_number, metavar="0..1", help="How far towards the loudness target."),
]
Bass = Annotated[
    float | None, typer.Option("--bass", parser=_number, metavar="dB", help=f"Your own trim {REACH['bass']}.")
]
Mid = Annotated[
    float | None, typer.Option("--mid", parser=_number, metavar="dB", help=f"Your own trim {REACH['mid']}.")
]
Treble = Annotated[
    float | None, typer.Option("--treble", parser=_number, metavar="dB", help=f"Your own trim {REACH['treble']}.")
]
Width = Annotated[
    float | None,
    typer.Option(
        "--width", parser=_number, metavar="-1..1", help="Your own trim of the stereo width; −1 towards mono."
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
TargetLufs = Annotated[
    float | None,
    typer.Option(
        "--target-lufs", parser=_number, metavar="LUFS", help="Integrated loudness to reach, instead of the platform's."
    ),
]
Ceiling = Annotated[
    float | None,
    typer.Option("--ceiling", parser=_number, metavar="dBTP", help="True-peak ceiling, instead of the platform's."),
]
Chain = Annotated[
    str | None, typer.Option("--chain", help="Chain preset: default, or stock (pedalboard's own plugins).")
]
BaseModel = Annotated[
    str | None,
    typer.Option("--base-model", metavar="VERSION|DIR", help="A version, or a folder that `base-model build` wrote."),
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
