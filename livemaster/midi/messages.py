"""MIDI 1.0 channel messages between raw bytes and small frozen values; one table drives both directions.

What no binding can use is left out: system exclusive, clock, active sensing, aftertouch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

NOTES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")

LOWEST_OCTAVE = -1
"""Of note 0, so that note 60 is C4 and note 36 is C2."""

RESERVED_CC = range(120, 128)
"""Channel mode messages (all notes off, local control …), which are no controllers."""


@dataclass(frozen=True, slots=True)
class Note:
    """A key or pad of channel 1…16 pressed (velocity 1…127) or let go (velocity 0)."""

    channel: int
    number: int
    velocity: int


@dataclass(frozen=True, slots=True)
class ControlChange:
    """A controller of channel 1…16 at a value 0…127."""

    channel: int
    number: int
    value: int


@dataclass(frozen=True, slots=True)
class ProgramChange:
    """A program 0…127 chosen on channel 1…16."""

    channel: int
    number: int


@dataclass(frozen=True, slots=True)
class PitchBend:
    """The pitch wheel, or a fader that sends as one, of channel 1…16 at a value 0…16383; 8192 is its centre."""

    channel: int
    value: int


Message = Note | ControlChange | ProgramChange | PitchBend


@dataclass(frozen=True, slots=True)
class _Format:
    """How one kind of message stands in bytes after its status."""

    kind: type
    length: int
    read: Callable[[int, bytes], Message]
    write: Callable[[Any], tuple[int, ...]]


_FORMATS = {
    0x80: _Format(Note, 2, lambda channel, data: Note(channel, data[0], 0), lambda m: (m.number, m.velocity)),
    0x90: _Format(Note, 2, lambda channel, data: Note(channel, *data), lambda m: (m.number, m.velocity)),
    0xB0: _Format(ControlChange, 2, lambda channel, data: ControlChange(channel, *data), lambda m: (m.number, m.value)),
    0xC0: _Format(ProgramChange, 1, lambda channel, data: ProgramChange(channel, *data), lambda m: (m.number,)),
    0xE0: _Format(
        PitchBend,
        2,
        lambda channel, data: PitchBend(channel, data[0] + 128 * data[1]),
        lambda m: (m.value % 128, m.value // 128),
    ),
}
"""By the upper half of the status byte; the last entry of a kind is the one that is sent."""

_STATUS = {each.kind: status for status, each in _FORMATS.items()}


def decode(data: bytes) -> Message | None:
    """[control] The message that these bytes are; None for any other, and for broken ones."""
    if not data or data[0] < 0x80:
        return None
    wanted = _FORMATS.get(data[0] & 0xF0)
    if wanted is None or len(data) != 1 + wanted.length or max(data[1:]) > 0x7F:
        return None
    return wanted.read((data[0] & 0x0F) + 1, data[1:])


def encode(message: Message) -> bytes:
    """[control] The bytes of a message; a note of velocity 0 is sent as note-on, which every device understands."""
    status = _STATUS[type(message)]
    return bytes([status | (message.channel - 1), *_FORMATS[status].write(message)])


def note_name(number: int) -> str:
    """A note as musicians write it: 36 is C2."""
    return f"{NOTES[number % 12]}{number // 12 + LOWEST_OCTAVE}"


def describe(message: Message) -> str:
    """One line about a message, as the monitor shows it."""
    match message:
        case Note(channel, number, 0):
            text = f"note {number} ({note_name(number)}) off"
        case Note(channel, number, velocity):
            text = f"note {number} ({note_name(number)}) on, velocity {velocity}"
        case ControlChange(channel, number, value):
            reserved = " (reserved, cannot be bound)" if number in RESERVED_CC else ""
            text = f"CC {number} = {value}{reserved}"
        case ProgramChange(channel, number):
            text = f"program {number}"
        case PitchBend(channel, value):
            text = f"pitch bend {value - 8192:+d}"
    return f"channel {channel}: {text}"
