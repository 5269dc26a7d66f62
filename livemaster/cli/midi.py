"""`livemaster midi`: ports, what they send, learning, and mappings as tables. Imports late, as `app` does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from livemaster.cli import options as o
from livemaster.errors import InputError, NoMidiError
from livemaster.ui.streams import say

if TYPE_CHECKING:
    from queue import SimpleQueue

    from livemaster.midi.learn import Lesson
    from livemaster.midi.mapping import Binding, Mapping

Said = tuple[str, bytes, float]
"""The port that a message came from, its bytes and the time, as `ports.Deliver` has them."""

midi_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="MIDI controllers: ports, mappings, learning.")

STANDARD_STREAM = "-"
DEFAULT_MAP = "generic"
"""The mapping of `play` and `live` unless told otherwise."""
LEARNED = "midi_map.json"
"""Where a learned mapping goes unless told otherwise."""
PATIENCE_S = 30.0
"""How long `learn` waits for a message."""
GLANCE_S = 0.2
"""How often a command that waits looks at the clock."""

PortName = Annotated[
    list[str] | None,
    typer.Option("--midi", metavar="PORT", help="A part of a port's name; may be given several times. All otherwise."),
]
LearnedOutput = Annotated[
    str | None,
    typer.Option("-o", "--output", metavar="FILE", help=f"Where to write; otherwise {LEARNED}; - is standard output."),
]
Base = Annotated[
    str | None,
    typer.Option(
        "--map",
        metavar="FILE",
        help=f"The preset or file that the new binding is added to; otherwise the file that is written, where it is "
        f"there already, else {DEFAULT_MAP}.",
    ),
]
Takeover = Annotated[
    str | None, typer.Option("--takeover", help="How a knob takes over: jump, pickup (default) or scale.")
]
Encoding = Annotated[
    str | None,
    typer.Option("--encoding", help="Of an endless encoder: signed_bit, signed_bit_2, binary_offset, twos_complement."),
]
Fine = Annotated[bool, typer.Option("--14-bit", help="The knob sends 14 bits: CC 0 to 31 with CC 32 to 63.")]
Momentary = Annotated[bool, typer.Option("--momentary", help="A switch is on only while its key is down.")]
Value = Annotated[str | None, typer.Option("--value", help="Of a choice: the name to choose; the next otherwise.")]
MapName = Annotated[
    str | None, typer.Argument(metavar="NAME|FILE", help="A preset or a file; without it, the presets are listed.")
]


def _duration(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise typer.BadParameter(f"'{text}' is not a number") from None
    if not 0.0 < value <= 86_400.0:  # also false for NaN
        raise typer.BadParameter(f"{text} is not a duration, allowed are 0 to 86400 s, 0 excluded")
    return value


Duration = Annotated[
    float | None,
    typer.Option("--duration", parser=_duration, metavar="S", help="Stop after so many seconds; otherwise at Ctrl-C."),
]
Patience = Annotated[
    float, typer.Option("--duration", parser=_duration, metavar="S", help="How long to wait for a message.")
]


@midi_app.command()
def ports(as_json: o.AsJson = False) -> None:
    """The MIDI inputs that are there now."""
    from livemaster.cli.show import print_json, show_notes
    from livemaster.midi.ports import input_names

    why = "no MIDI input is there; is the device plugged in?"
    try:
        names = input_names()
    except NoMidiError as error:
        names, why = (), str(error)
    if not names:
        show_notes([why])
    if as_json:
        print_json(list(names))
    else:
        for name in names:
            say(name)


@midi_app.command()
def monitor(midi: PortName = None, duration: Duration = None) -> None:
    """Show every message that arrives, a line each."""
    from livemaster.midi.messages import decode, describe

    with _listening(midi or []) as messages:
        for name, data, _ in _heard(messages, duration):
            message = decode(data)
            say(f"{name}: {describe(message) if message else data[:16].hex(' ')}")


@midi_app.command()
def learn(
    control: Annotated[str, typer.Argument(metavar="CONTROL", help="What to move: reactivity, amount, ab, panic …")],
    output: LearnedOutput = None,
    base: Base = None,
    midi: PortName = None,
    takeover: Takeover = None,
    encoding: Encoding = None,
    fine: Fine = False,
    momentary: Momentary = False,
    value: Value = None,
    duration: Patience = PATIENCE_S,
    force: o.Force = False,
) -> None:
    """Bind what is moved or pressed next to a control, and write the mapping, with all else that it holds."""
    from livemaster.cli.show import print_json, show_notes
    from livemaster.documents import checked_target, write_json
    from livemaster.midi.learn import Lesson, displaced, learned
    from livemaster.midi.mapping import find_mapping

    how = {"takeover": takeover, "encoding": encoding, "bits": 14 if fine else None}
    lesson = Lesson(control, **how, behaviour="momentary" if momentary else None, value=value)
    path = output if output is not None else LEARNED
    given = find_mapping(base) if base is not None else None
    if path != STANDARD_STREAM:
        checked_target(path, force=force)  # before the wait
    mapping = given or _in_use(path)
    binding = _lesson(lesson, midi or [*mapping.ports], duration)
    found = learned(mapping, binding)
    show_notes(_changes(mapping, found, displaced(mapping, binding), control))
    if path == STANDARD_STREAM:
        print_json(found.to_data())
        return
    write_json(path, found.to_data(), force=force)
    show_notes([f"{binding.on} moves {control}: {path}"])


def _in_use(path: str) -> Mapping:
    """The mapping that a binding is added to where none is named: what is in the file, else what `play` has."""
    from livemaster.midi.mapping import Mapping, find_mapping

    return Mapping.load(path) if path != STANDARD_STREAM and Path(path).exists() else find_mapping(DEFAULT_MAP)


def _changes(before: Mapping, after: Mapping, gone: list[Binding], control: str) -> list[str]:
    """What becomes of the other bindings, in words."""
    lost = [f"{each.control} is no longer moved by {each.on}" for each in gone if each.control != control]
    kept = len(after.bindings) - 1
    return [*lost, f"{kept} other binding{'' if kept == 1 else 's'} as in {before.name}"] if kept else lost


@midi_app.command("map")
def show_map(name: MapName = None, as_json: o.AsJson = False) -> None:
    """A mapping as a table of controls and messages."""
    from livemaster.cli.show import new_console, print_json
    from livemaster.midi.mapping import find_mapping, mapping_names
    from livemaster.report.tables import show_columns

    if name is None:
        found = {each: find_mapping(each).about or "" for each in mapping_names()}
        if as_json:
            print_json(found)
        else:
            show_columns(new_console(), ("mapping", ""), list(found.items()), left=2)
        return
    mapping = find_mapping(name)
    if as_json:
        print_json(mapping.to_data())
        return
    console = new_console()
    console.print(mapping.about or mapping.name, soft_wrap=True)
    console.print(f"ports: {', '.join(mapping.ports) or 'all'}\n", soft_wrap=True)
    rows = [_row(binding) for binding in mapping.bindings]
    show_columns(console, ("control", "message", "range", "takeover"), rows, left=4)


def _row(binding: Binding) -> tuple[str, str, str, str]:
    """Control, message, range and takeover of a binding, in words."""
    from livemaster.controls import Kind

    kind = binding.played.kind
    message = f"{binding.on}, 14 bit" if binding.bits == 14 else str(binding.on)
    if kind is Kind.KNOB:
        low, high = (f"{end:g}".replace("-", "−") for end in binding.span)
        curve = f", curve {binding.curve:g}" if binding.curve != 1.0 else ""
        takeover = binding.takeover if binding.encoding == "absolute" else f"relative, {binding.encoding}"
        return (binding.control, message, f"{low} to {high} {binding.played.unit}".rstrip() + curve, takeover)
    if kind is Kind.SWITCH:
        return (binding.control, message, "momentary" if binding.momentary else "toggle", "–")
    return (binding.control, message, "press" if kind is Kind.BUTTON else binding.choice or "the next", "–")


def _lesson(lesson: Lesson, midi: list[str], duration_s: float) -> Binding:
    from livemaster.cli.show import show_notes
    from livemaster.midi.audition import Audition
    from livemaster.midi.messages import decode

    audition, verdict = Audition(lesson), None
    with _listening(midi) as messages:
        show_notes([f"waiting {duration_s:g} s for {lesson.wanted}: move or press what is to be {lesson.control}"])
        end_s = time.monotonic() + duration_s
        while verdict is None and time.monotonic() < end_s:
            for name, data, at_s in _heard(messages, min(GLANCE_S, max(end_s - time.monotonic(), 0.0))):
                audition.hear(decode(data), name, at_s)
            verdict = audition.verdict(time.monotonic())
    verdict = verdict or audition.verdict(time.monotonic(), last=True)
    if verdict is None:
        raise InputError(f"nothing was learned: within {duration_s:g} s nothing came of what fits: {lesson.wanted}")
    if verdict.binding is None:
        raise InputError(f"nothing was learned: {verdict.refused}")
    show_notes(verdict.notes)
    return verdict.binding


@contextmanager
def _listening(midi: list[str]) -> Iterator[SimpleQueue[Said]]:
    """The messages of all ports that are meant, as they come; InputError when a named port is not there."""
    from queue import SimpleQueue

    from livemaster.cli.show import show_notes
    from livemaster.midi.ports import RtPorts, check_wanted

    client = RtPorts()
    try:
        check_wanted(midi, client.names())
        if not client.names():
            show_notes(["no MIDI input is there; waiting for one"])
        messages: SimpleQueue[Said] = SimpleQueue()
        client.start(midi, lambda *said: messages.put(said), lambda *_: None)
        yield messages
    finally:
        client.close()


def _heard(messages: SimpleQueue[Said], duration_s: float | None) -> Iterator[Said]:
    """What comes within a duration; without one, for ever."""
    from queue import Empty

    end_s = None if duration_s is None else time.monotonic() + duration_s
    while end_s is None or time.monotonic() < end_s:
        left_s = GLANCE_S if end_s is None else min(GLANCE_S, max(end_s - time.monotonic(), 0.0))
        try:
            yield messages.get(timeout=left_s)
        except Empty:
            continue
