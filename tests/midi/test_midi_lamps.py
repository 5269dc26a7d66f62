"""Feedback only on change, and learning."""

from __future__ import annotations

from typing import Any

import pytest
from test_midi_mapping import bound, mapping, on

from livemaster.errors import SettingsError, UnknownNameError
from livemaster.midi.lamps import HELD_S, Lamps
from livemaster.midi.learn import Lesson, learned
from livemaster.midi.messages import (
    ControlChange,
    Message,
    Note,
    PitchBend,
    ProgramChange,
    decode,
)
from livemaster.snapshot import Snapshot

FADER = bound("bass", on(number=7, channel=2), feedback=True)
PAD = bound("ab", on("note", 36, channel=10), feedback=True)


def lamps(*bindings: dict[str, Any]) -> Lamps:
    return Lamps(mapping(*bindings))


def test_a_fader_is_sent_only_what_has_changed() -> None:
    shown = lamps(FADER)
    assert shown.messages(Snapshot(knobs={"bass": 0.0}), 0.0) == [ControlChange(2, 7, 64)]
    assert shown.messages(Snapshot(knobs={"bass": 0.0}), 1.0) == []
    assert shown.messages(Snapshot(knobs={"bass": 0.01}), 1.0) == [], "the same 7-bit value"
    assert shown.messages(Snapshot(knobs={"bass": 12.0, "mid": 3.0}), 2.0) == [ControlChange(2, 7, 127)]


def test_a_fader_of_fourteen_bits_is_sent_both_halves_and_a_wheel_its_bend() -> None:
    fine = lamps(bound("bass", on(number=7), bits=14, feedback=True))
    assert fine.messages(Snapshot(knobs={"bass": 0.0}), 0.0) == [ControlChange(1, 7, 64), ControlChange(1, 39, 0)]
    wheel = lamps(bound("bass", on("pitch_bend", None, 3), feedback=True, low=12, high=-12))
    assert wheel.messages(Snapshot(knobs={"bass": -12.0}), 0.0) == [PitchBend(3, 16383)]


def test_a_pad_is_lit_while_its_switch_is_on() -> None:
    shown = lamps(PAD)
    assert shown.messages(Snapshot(), 0.0) == [], "nothing is known of the switch yet"
    assert shown.messages(Snapshot(switches={"ab": False}), 0.0) == [Note(10, 36, 0)]
    assert shown.messages(Snapshot(switches={"ab": True}), 0.0) == [Note(10, 36, 127)]
    assert shown.messages(Snapshot(switches={"ab": True}), 0.0) == []


def test_a_pad_that_lights_itself_is_corrected() -> None:
    shown = lamps(PAD)
    shown.messages(Snapshot(switches={"ab": True}), 0.0)
    shown.heard(Note(10, 36, 0), 0.0)
    assert shown.messages(Snapshot(switches={"ab": True}), 0.0) == [Note(10, 36, 127)]


def test_lamps_have_their_own_values_and_show_the_mode_that_plays() -> None:
    shown = lamps(
        bound("mode", on("note", 1), value="lofi", feedback={"on": 60, "off": 12}),
        bound("mode", on(number=2), value="Cinematic", feedback=True),
        bound("mid", on(number=3)),
    )
    first = shown.messages(Snapshot(mode="cinematic", knobs={"mid": 1.0}), 0.0)
    assert first == [Note(1, 1, 12), ControlChange(1, 2, 127)]
    assert shown.messages(Snapshot(mode="lofi"), 0.0) == [Note(1, 1, 60), ControlChange(1, 2, 0)]


def test_a_fader_under_the_hand_is_left_alone_and_one_that_stands_right_is_too() -> None:
    shown = lamps(FADER)
    shown.heard(ControlChange(2, 7, 127), 1.0)
    assert shown.messages(Snapshot(knobs={"bass": 3.0}), 1.0 + HELD_S / 2) == []
    assert shown.messages(Snapshot(knobs={"bass": 12.0}), 2.0 + HELD_S) == []
    assert shown.messages(Snapshot(knobs={"bass": 0.0}), 2.0 + HELD_S) == [ControlChange(2, 7, 64)]


def test_a_device_that_came_back_is_told_everything() -> None:
    shown = lamps(FADER, PAD)
    snapshot = Snapshot(knobs={"bass": 0.0}, switches={"ab": True})
    first = shown.messages(snapshot, 0.0)
    shown.forget()
    assert shown.messages(snapshot, 0.0) == first


# -- learning ----------------------------------------------------------------------------------------------------

NOT_BINDABLE: list[Message | None] = [
    decode(bytes([0xF8])),
    decode(bytes([0xF0, 1, 0xF7])),
    *(ControlChange(1, number, 127) for number in range(120, 128)),
]


def heard(lesson: Lesson, *messages: Message | None) -> list[str | None]:
    return [str(found.on) if (found := lesson.hear(each)) else None for each in messages]


def test_a_knob_learns_controllers_and_bends_but_neither_notes_nor_what_is_reserved() -> None:
    lesson = Lesson("amount")
    assert heard(lesson, *NOT_BINDABLE, Note(1, 36, 9), ProgramChange(1, 2)) == [None] * 12
    assert heard(lesson, ControlChange(3, 20, 0), PitchBend(1, 0)) == ["CC 20 of channel 3", "pitch bend of channel 1"]


def test_a_switch_learns_a_key_or_pedal_that_goes_down() -> None:
    lesson = Lesson("ab", behaviour="momentary")
    released = (Note(1, 36, 0), ControlChange(1, 64, 0), PitchBend(1, 0), ProgramChange(1, 2))
    assert heard(lesson, *NOT_BINDABLE, *released) == [None] * 14
    assert heard(lesson, Note(1, 36, 9), ControlChange(1, 64, 127)) == [
        "note 36 (C2) of channel 1",
        "CC 64 of channel 1",
    ]
    found = lesson.hear(Note(1, 36, 9))
    assert found is not None
    assert found.momentary


def test_fourteen_bits_are_learned_from_the_coarse_half() -> None:
    found = Lesson("amount", bits=14)
    assert heard(found, ControlChange(1, 39, 5), PitchBend(1, 5), ControlChange(1, 7, 5)) == [
        None,
        None,
        "CC 7 of channel 1",
    ]


def test_what_was_learned_takes_the_place_of_what_it_contradicts() -> None:
    before = mapping(bound(), bound("bass", on(number=2)), bound("mid", on(number=35)))
    new = Lesson("amount", takeover="jump", bits=14).hear(ControlChange(1, 3, 5))
    assert new is not None
    after = learned(before, new)
    assert [(each.control, str(each.on)) for each in after.bindings] == [
        ("bass", "CC 2"),
        ("amount", "CC 3 of channel 1"),
    ]
    assert len(before.bindings) == 3


def test_each_name_of_a_choice_has_its_own_message() -> None:
    found = mapping(bound("mode", on("program", 1), value="lofi"))
    for number, value in ((5, "cinematic"), (6, "Lo-Fi")):
        new = Lesson("mode", value=value).hear(ProgramChange(1, number))
        assert new is not None
        found = learned(found, new)
    assert [(each.choice, each.on.number) for each in found.bindings] == [("cinematic", 5), ("lofi", 6)]


@pytest.mark.parametrize(
    ("control", "how", "message"),
    [
        ("amount", {"value": "x"}, "value is"),
        ("amount", {"takeover": "grab"}, "takeover is"),
        ("ab", {"takeover": "jump"}, "not a knob"),
        ("amount", {"bits": 14, "encoding": "signed_bit"}, "allowed with 14 bits"),
    ],
)
def test_a_lesson_that_makes_no_sense_is_refused_at_once(control: str, how: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        Lesson(control, **how)


def test_an_unknown_control_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'amount'"):
        Lesson("ammount")
