"""Learning: which binding a message makes, and what it takes the place of; `audition` decides which message."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from livemaster.controls import LIVE_CONTROLS, Kind
from livemaster.documents.document import describe
from livemaster.errors import SettingsError, UnknownNameError
from livemaster.midi.mapping import COARSE_CC, WANTED_TYPES, Binding, Mapping, clash
from livemaster.midi.messages import (
    RESERVED_CC,
    ControlChange,
    Message,
    Note,
    PitchBend,
    ProgramChange,
)
from livemaster.midi.surface import PRESSED


class Lesson:
    """What is to be learned: a control, and how it is to be played; `how` are further fields of a binding."""

    def __init__(self, control: str, **how: Any) -> None:
        """[control] UnknownNameError for the control, SettingsError for `how`, both before anything is heard."""
        if control not in LIVE_CONTROLS:
            raise UnknownNameError("control", control, LIVE_CONTROLS)
        self.control = control
        self.kind = LIVE_CONTROLS[control].kind
        self._how = {name: value for name, value in how.items() if value is not None}
        self._binding({"type": "cc" if self.kind is Kind.KNOB else "note", "number": 0})

    @property
    def wanted(self) -> str:
        """What is listened for, in words."""
        if self._how.get("bits") == 14:
            return "CC 0 to 31"
        names = {"cc": "CC", "note": "a note", "program": "a program change", "pitch_bend": "pitch bend"}
        *first, last = (names[each] for each in WANTED_TYPES[self.kind])
        return f"{', '.join(first)} or {last}"

    @property
    def encoding(self) -> str:
        """How the knob sends: `absolute`, or what an endless encoder does."""
        return str(self._how.get("encoding", "absolute"))

    @property
    def takes_pairs(self) -> bool:
        """Whether it may be moved by 14 bits in two halves."""
        return self.kind is Kind.KNOB and self.encoding == "absolute"

    def hear(self, message: Message | None, *, pair: bool = False) -> Binding | None:
        """[control] The binding that a message makes; None when it is not of the wanted kind.

        `pair`: the message is a coarse half that comes with a fine one.
        """
        match message:
            case ControlChange(channel, number, value):
                if number in RESERVED_CC or (self.kind is not Kind.KNOB and value < PRESSED):
                    return None
                if self._how.get("bits") == 14 and number not in COARSE_CC:
                    return None
                on = {"type": "cc", "channel": channel, "number": number}
            case Note(channel, number, velocity) if velocity > 0:
                on = {"type": "note", "channel": channel, "number": number}
            case ProgramChange(channel, number):
                on = {"type": "program", "channel": channel, "number": number}
            case PitchBend(channel):
                if "bits" in self._how or "encoding" in self._how:
                    return None
                on = {"type": "pitch_bend", "channel": channel}
            case _:
                return None
        if on["type"] not in WANTED_TYPES[self.kind]:
            return None
        if on["type"] == "program" and self._how.get("behaviour") == "momentary":
            return None
        return self._binding(on, **({"bits": 14} if pair else {}))

    def _binding(self, on: dict[str, Any], **more: Any) -> Binding:
        try:
            return Binding.model_validate({"control": self.control, "on": on, **self._how, **more})
        except ValidationError as error:
            raise SettingsError(describe(error)) from None


def learned(mapping: Mapping, binding: Binding) -> Mapping:
    """[control] The mapping with a learned binding in place of what its message did and what moved its control.

    Of a choice, only what chose the same name gives way.
    """
    gone = displaced(mapping, binding)
    kept = [each for each in mapping.bindings if each not in gone]
    data = mapping.to_data() | {"bindings": [each.to_data() for each in [*kept, binding]]}
    return Mapping.parse(data, mapping.origin)


def displaced(mapping: Mapping, binding: Binding) -> list[Binding]:
    """[control] The bindings that a learned one takes the place of."""
    return [each for each in mapping.bindings if _same_purpose(each, binding) or clash(each, binding)]


def _same_purpose(one: Binding, other: Binding) -> bool:
    return one.control == other.control and one.choice == other.choice
