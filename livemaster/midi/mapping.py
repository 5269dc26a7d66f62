"""The mapping file: which message moves which control, and how. Checked once, when it is read."""

from __future__ import annotations

import difflib
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from livemaster.controls import LIVE_CONTROLS, Control, Kind
from livemaster.documents import find_name, preset_names, preset_path
from livemaster.documents.document import Document, Name, Strict, Text
from livemaster.documents.jsonfile import shown_value
from livemaster.documents.ranges import Range
from livemaster.errors import UnknownNameError
from livemaster.midi.messages import RESERVED_CC, note_name

MAX_BINDINGS = 300
MAX_PORTS = 16
LSB_OFFSET = 32
"""From the controller of the coarse half of a 14-bit value to that of its fine half."""
COARSE_CC = range(LSB_OFFSET)
"""Controllers that have a fine half."""

CURVES = {"linear": 1.0, "slow": 2.0, "fast": 0.5}
"""Exponents by name: `slow` moves little at first, `fast` moves much."""

WANTED_TYPES = {
    Kind.KNOB: ("cc", "pitch_bend"),
    Kind.SWITCH: ("note", "cc", "program"),
    Kind.BUTTON: ("note", "cc", "program"),
    Kind.CHOICE: ("note", "cc", "program"),
}
"""Types of message that a kind of control can be moved by."""

KNOBS_ONLY = ("low", "high", "curve", "takeover", "encoding", "bits")

Type = Literal["cc", "note", "program", "pitch_bend"]
Takeover = Literal["jump", "pickup", "scale"]
Encoding = Literal["absolute", "signed_bit", "signed_bit_2", "binary_offset", "twos_complement"]


def _control(given: Any) -> Any:
    if isinstance(given, str) and given not in LIVE_CONTROLS:
        near = difflib.get_close_matches(given.lower(), sorted(LIVE_CONTROLS), n=1, cutoff=0.4)
        hint = f"did you mean '{near[0]}'? " if near else ""
        context = {"value": shown_value(given), "hint": hint, "known": ", ".join(LIVE_CONTROLS)}
        raise PydanticCustomError("preset", "is {value}, {hint}known are {known}", context)
    return given


def _curve(given: Any) -> Any:
    if not isinstance(given, str):
        return given
    if given not in CURVES:
        context = {"value": shown_value(given), "names": ", ".join(CURVES)}
        raise PydanticCustomError("preset", "is {value}, allowed are {names} or an exponent of 0.1 to 10", context)
    return CURVES[given]


class LampSettings(Strict):
    """What a lit pad is sent: velocity or value while on, and while off; faders get their position instead."""

    on: Annotated[int, Range(0, 127)] = 127
    off: Annotated[int, Range(0, 127)] = 0


def _feedback(given: Any) -> Any:
    """True is feedback with the usual values, False is none."""
    if isinstance(given, bool):
        return LampSettings() if given else None
    return given


def _refuse(problem: str) -> PydanticCustomError:
    return PydanticCustomError("order", "{problem}", {"problem": problem})


class On(Strict):
    """The message that a binding listens to: `number` is the controller, note or program, none for pitch bend."""

    type: Type
    channel: Annotated[int, Range(1, 16)] | None = None
    number: Annotated[int, Range(0, 127)] | None = None

    @model_validator(mode="after")
    def _numbered(self) -> Self:
        if self.type == "pitch_bend":
            if self.number is not None:
                raise _refuse(f"number is {self.number}, pitch bend has none")
        elif self.number is None:
            raise _refuse(f"number is missing: which {self.type}, 0 to 127?")
        if self.type == "cc" and self.number in RESERVED_CC:
            raise _refuse(f"number is {self.number}, allowed are 0 to 119: CC 120 to 127 are reserved by MIDI")
        return self

    def __str__(self) -> str:
        """As the screen writes it: `CC 1`, `note 36 (C2)`, `program 3 of channel 2`."""
        number = self.number or 0
        texts = {
            "cc": f"CC {number}",
            "note": f"note {number} ({note_name(number)})",
            "program": f"program {number}",
            "pitch_bend": "pitch bend",
        }
        return texts[self.type] + (f" of channel {self.channel}" if self.channel is not None else "")


class Binding(Strict):
    """One message and the control it moves."""

    control: Annotated[str, BeforeValidator(_control)]
    on: On
    takeover: Takeover = "pickup"
    encoding: Encoding = "absolute"
    bits: Literal[7, 14] = 7
    low: float | None = None
    high: float | None = None
    curve: Annotated[float, BeforeValidator(_curve), Range(0.1, 10.0)] = 1.0
    behaviour: Literal["toggle", "momentary"] | None = None
    value: Name | None = None
    feedback: Annotated[LampSettings | None, BeforeValidator(_feedback)] = None

    @property
    def played(self) -> Control:
        """The control as it is declared."""
        return LIVE_CONTROLS[self.control]

    @property
    def span(self) -> tuple[float, float]:
        """The knob's values at the lower and upper end of the travel, in its unit; the first is larger if inverted."""
        control = self.played
        return (
            control.low if self.low is None else self.low,
            control.high if self.high is None else self.high,
        )

    @property
    def momentary(self) -> bool:
        """Whether a switch is on only while the key is down."""
        return self.behaviour == "momentary"

    @property
    def numbers(self) -> tuple[int | None, ...]:
        """The numbers of the messages it takes: two where a value comes in two halves."""
        number = self.on.number
        return (number, number + LSB_OFFSET) if self.bits == 14 and number is not None else (number,)

    def to_data(self) -> dict[str, Any]:
        """What a file holds of it; defaults are left out."""
        data = self.model_dump(mode="json", exclude_defaults=True)
        return data | {"feedback": True} if self.feedback == LampSettings() else data

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        kind = self.played.kind
        if self.on.type not in WANTED_TYPES[kind]:
            allowed = " or ".join(WANTED_TYPES[kind])
            raise _refuse(
                f"on.type is {shown_value(self.on.type)}, allowed for the {kind.value} {self.control} are {allowed}"
            )
        if kind is Kind.KNOB:
            self._check_travel()
        else:
            self._check_press(kind)
        if kind is not Kind.SWITCH and self.behaviour is not None:
            raise _refuse(
                f"behaviour is {shown_value(self.behaviour)}, but {self.control} is a {kind.value}, not a switch"
            )
        if self.value is not None:
            self._check_value(kind)
        if self.feedback is not None:
            self._check_feedback(kind)
        return self

    def _check_travel(self) -> None:
        control = self.played
        for name in ("low", "high"):
            value, limits = getattr(self, name), Range(control.low, control.high, control.unit)
            if value is not None and not control.low <= value <= control.high:
                raise _refuse(f"{name} is {value:g}, allowed for {self.control} are {limits.allowed}")
        if self.span[0] == self.span[1]:
            raise _refuse(f"low and high are both {self.span[0]:g}, so that {self.control} could not be moved")
        if self.bits == 14:
            if self.on.type != "cc" or self.on.number not in COARSE_CC:
                raise _refuse(f"bits is 14 on {self.on}, allowed are CC 0 to 31, whose fine halves are CC 32 to 63")
            if self.encoding != "absolute":
                raise _refuse(
                    f"bits is 14 and encoding {shown_value(self.encoding)}, allowed with 14 bits is 'absolute'"
                )
        if self.encoding != "absolute" and self.on.type != "cc":
            raise _refuse(f"encoding is {shown_value(self.encoding)} on {self.on}, a relative encoder sends CC")

    def _check_press(self, kind: Kind) -> None:
        for name in KNOBS_ONLY:
            value = getattr(self, name)
            if value != type(self).model_fields[name].default:
                raise _refuse(f"{name} is {shown_value(value)}, but {self.control} is a {kind.value}, not a knob")
        if self.momentary and self.on.type == "program":
            raise _refuse("behaviour is 'momentary', but a program change is never let go; allowed is 'toggle'")

    def _check_value(self, kind: Kind) -> None:
        if kind is not Kind.CHOICE:
            raise _refuse(f"value is {shown_value(self.value)}, but {self.control} is a {kind.value}, not a choice")
        try:
            _spelled(self.control, str(self.value))
        except UnknownNameError as error:
            raise _refuse(f"value: {error}") from None

    def _check_feedback(self, kind: Kind) -> None:
        if kind is Kind.BUTTON:
            raise _refuse(f"feedback is asked for, but the button {self.control} has no state to show")
        if self.on.type == "program":
            raise _refuse("feedback is asked for, but a program change has no lamp")
        if kind is Kind.CHOICE and self.value is None:
            raise _refuse("feedback is asked for, but without a value there is no one choice to show")

    @property
    def choice(self) -> str | None:
        """The name that is chosen, as it is spelled among the presets; None for the next one."""
        return None if self.value is None else _spelled(self.control, self.value)


class Mapping(Document):
    """A whole mapping: the ports it is meant for (parts of their names, none for all) and its bindings."""

    KIND: ClassVar[str] = "MIDI mapping"

    name: Name
    about: Text | None = None
    ports: Annotated[tuple[Name, ...], Field(strict=False, max_length=MAX_PORTS)] = ()
    bindings: Annotated[tuple[Binding, ...], Field(strict=False, max_length=MAX_BINDINGS)]

    @model_validator(mode="after")
    def _no_message_twice(self) -> Self:
        for second, binding in enumerate(self.bindings):
            for first in range(second):
                if clash(self.bindings[first], binding):
                    raise _refuse(self._twice(first, second))
        return self

    def _twice(self, first: int, second: int) -> str:
        one, other = self.bindings[first], self.bindings[second]
        text = f"bindings[{second}]: {other.on} for {other.control} is taken by bindings[{first}] for {one.control}"
        if one.on.number != other.on.number:
            text += ": a 14-bit value also takes the CC 32 above its own"
        elif one.on.channel != other.on.channel:
            text += f" ({one.on}): without a channel a binding takes all 16"
        return text + "; each message can have one binding"

    def to_data(self) -> dict[str, Any]:
        """What a file of it holds; defaults are left out."""
        data = self.model_dump(mode="json", exclude_defaults=True)
        return data | {"bindings": [each.to_data() for each in self.bindings]}


@cache
def _spelled(control: str, value: str) -> str:
    return find_name(control, value, preset_names(control))


def clash(one: Binding, other: Binding) -> bool:
    """Whether some message would reach both bindings."""
    channels = {one.on.channel, other.on.channel}
    overlap = len(channels) == 1 or None in channels
    return one.on.type == other.on.type and overlap and bool(set(one.numbers) & set(other.numbers))


KIND = "MIDI mapping"


def mapping_names() -> tuple[str, ...]:
    """Sorted names of the mappings among the presets."""
    return preset_names(KIND)


def find_mapping(name: str) -> Mapping:
    """[control] The preset of that name in any spelling, or else the file.

    UnknownNameError names the nearest preset, SettingsError says what is wrong with the file.
    """
    if Path(name).suffix or Path(name).parent != Path():
        return Mapping.load(name)
    try:
        return Mapping.load(preset_path(KIND, name))
    except UnknownNameError:
        if Path(name).is_file():
            return Mapping.load(name)
        raise
