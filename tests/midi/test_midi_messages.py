"""MIDI messages and the travel of knobs: bytes, positions, relative encoders."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livemaster.midi.mapping import Binding
from livemaster.midi.messages import (
    ControlChange,
    Message,
    Note,
    PitchBend,
    ProgramChange,
    decode,
    describe,
    encode,
)
from livemaster.midi.scaling import TICKS, position_of, to_control, to_position, value_of

BYTES = {
    bytes([0x90, 36, 100]): Note(1, 36, 100),
    bytes([0x9F, 36, 0]): Note(16, 36, 0),
    bytes([0xB2, 7, 127]): ControlChange(3, 7, 127),
    bytes([0xC9, 3]): ProgramChange(10, 3),
    bytes([0xE0, 0, 64]): PitchBend(1, 8192),
    bytes([0xE0, 127, 127]): PitchBend(1, 16383),
}
CHANNEL, SEVEN = st.integers(1, 16), st.integers(0, 127)
MESSAGES = st.one_of(
    st.builds(Note, CHANNEL, SEVEN, SEVEN),
    st.builds(ControlChange, CHANNEL, SEVEN, SEVEN),
    st.builds(ProgramChange, CHANNEL, SEVEN),
    st.builds(PitchBend, CHANNEL, st.integers(0, 16383)),
)


def knob(**fields: object) -> Binding:
    return Binding.model_validate({"control": "bass", "on": {"type": "cc", "number": 1}, **fields})


@pytest.mark.parametrize(("data", "message"), BYTES.items(), ids=lambda v: v.hex() if isinstance(v, bytes) else "")
def test_bytes_and_messages(data: bytes, message: Message) -> None:
    assert decode(data) == message
    assert encode(message) == data


def test_note_off_is_a_note_of_velocity_zero_whatever_its_release_velocity() -> None:
    assert decode(bytes([0x84, 60, 99])) == Note(5, 60, 0)


@given(MESSAGES)
def test_what_is_sent_is_what_is_heard(message: Message) -> None:
    assert decode(encode(message)) == message
    assert describe(message).isprintable()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes([0xF8]),  # clock
        bytes([0xFE]),  # active sensing
        bytes([0xF0, 1, 2, 3, 0xF7]),
        bytes([0xF0, *[0x40] * 10_000, 0xF7]),
        bytes([0xA0, 1, 2]),  # aftertouch of a key
        bytes([0xD0, 1]),  # aftertouch of a channel
        bytes([0xB0, 1]),  # cut off
        bytes([0xB0, 1, 2, 3]),
        bytes([0xB0, 1, 0x80]),
        bytes([0x40, 1, 2]),
    ],
    ids=lambda data: data[:4].hex() or "nothing",
)
def test_other_bytes_are_no_message(data: bytes) -> None:
    assert decode(data) is None


def test_the_middle_of_seven_bits_is_exactly_the_centre() -> None:
    assert [position_of(v, 127) for v in (0, 1, 64, 127)] == [0.0, 0.0, 0.5, 1.0]
    assert [to_control(knob(), position_of(v, 127)) for v in (0, 64, 127)] == [-12.0, 0.0, 12.0]


def test_the_middle_of_fourteen_bits_is_exactly_the_centre() -> None:
    assert [position_of(v, 16383) for v in (0, 8192, 16383)] == [0.0, 0.5, 1.0]


@pytest.mark.parametrize("top", [127, 16383])
def test_a_fader_is_sent_where_it_stands(top: int) -> None:
    assert [value_of(position_of(v, top), top) for v in range(top + 1)] == [v if v != 1 else 0 for v in range(top + 1)]


@pytest.mark.parametrize(
    ("encoding", "ticks"),
    [
        ("signed_bit", {0: 0, 1: 1, 2: 2, 64: 64, 65: -1, 66: -2, 127: -63}),
        ("signed_bit_2", {0: 0, 1: -1, 2: -2, 64: -64, 65: 1, 66: 2, 127: 63}),
        ("binary_offset", {64: 0, 65: 1, 66: 2, 127: 63, 63: -1, 62: -2, 0: -64}),
        ("twos_complement", {0: 0, 1: 1, 63: 63, 64: -64, 126: -2, 127: -1}),
    ],
)
def test_relative_encodings(encoding: str, ticks: dict[int, int]) -> None:
    assert {value: TICKS[encoding](value) for value in ticks} == ticks


@given(
    st.floats(0, 1),
    st.floats(-12, 12),
    st.floats(-12, 12).filter(lambda v: abs(v) > 1e-3),
    st.sampled_from(["linear", "slow", "fast", 3.0]),
)
def test_a_position_survives_sub_range_inversion_and_curve(
    position: float, low: float, width: float, curve: object
) -> None:
    high = min(max(low + width, -12.0), 12.0)
    if abs(high - low) < 1e-3:
        return
    binding = knob(low=low, high=high, curve=curve)
    value = to_control(binding, position)
    assert min(low, high) <= value <= max(low, high)
    assert to_control(binding, to_position(binding, value)) == pytest.approx(value, abs=1e-9)


def test_the_ends_are_exact_and_can_be_inverted() -> None:
    turned = knob(low=6.1, high=-3.3, curve="slow")
    assert (to_control(turned, 0.0), to_control(turned, 1.0)) == (6.1, -3.3)
    assert to_control(knob(low=0, high=12, curve="slow"), 0.5) == 3.0
    assert to_control(knob(low=0, high=12, curve=1.0), 0.5) == 6.0
