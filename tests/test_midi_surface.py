"""The surface's laws: takeover, encoders, keys, and that nothing unbound ever moves."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_midi_mapping import bound, mapping, on
from test_midi_messages import MESSAGES

from livemaster.live.controls import LIVE_CONTROLS, Kind, Move
from livemaster.live.midi.mapping import find_mapping, mapping_names
from livemaster.live.midi.messages import ControlChange, Message, Note, PitchBend, ProgramChange
from livemaster.live.midi.surface import Surface
from livemaster.live.midi.travel import position_of

ANY = on(number=1)


def surface(*bindings: dict[str, Any]) -> Surface:
    return Surface(mapping(*bindings))


def turn(played: Surface, values: list[int], positions: dict[str, float], number: int = 1) -> list[float | None]:
    """A knob's values one after the other; the session applies what comes out. What each made of it."""
    found: list[float | None] = []
    for value in values:
        moves = played.feed(ControlChange(1, number, value), positions)
        for move in moves:
            assert move.source == "midi"
            assert isinstance(move.value, float)
            positions[move.control] = move.value
        found.append(positions[moves[0].control] if moves else None)
    return found


# -- pick-up -----------------------------------------------------------------------------------------------------


def test_jump_takes_the_first_value() -> None:
    assert turn(surface(bound(takeover="jump")), [64], {"amount": 1.0}) == [0.5]


def test_pick_up_ignores_the_first_value_even_where_it_fits() -> None:
    assert turn(surface(bound()), [127], {"amount": 1.0}) == [None]


def test_pick_up_begins_within_three_of_128_of_the_parameter() -> None:
    assert turn(surface(bound()), [30, 60, 61, 62, 99], {"amount": 0.5}) == [None, None, None, 61 / 126, 98 / 126]


def test_pick_up_begins_where_the_parameter_was_crossed() -> None:
    assert turn(surface(bound()), [10, 100, 20], {"amount": 0.5}) == [None, 99 / 126, 19 / 126]


def test_a_knob_that_comes_no_nearer_never_moves_anything() -> None:
    assert turn(surface(bound()), [10, 20, 30, 50, 10], {"amount": 0.5}) == [None] * 5


def test_pick_up_counts_in_the_controls_range_also_on_a_part_of_it() -> None:
    played = surface(bound("bass", low=-12, high=0))
    assert turn(played, [1, 58, 59, 64], {"bass": -6.0}) == [None, None, -12 + 12 * 58 / 126, -6.0]


def test_a_parameter_outside_the_travel_is_picked_up_at_its_end() -> None:
    assert turn(surface(bound("bass", low=-3, high=3)), [64, 90, 127, 64], {"bass": 9.0})[2:] == [3.0, 0.0]


def test_an_inverted_knob_is_picked_up_too() -> None:
    played = surface(bound(low=1, high=0))
    assert turn(played, [0, 60, 127], {"amount": 0.2}) == [None, None, 0.0]


def test_another_hand_lets_a_knob_go() -> None:
    played, positions = surface(bound()), {"amount": 0.5}
    assert turn(played, [63, 64, 80], positions) == [None, 0.5, 79 / 126]
    positions["amount"] = 0.1  # the mouse
    assert turn(played, [81, 90], positions) == [None, None]
    assert turn(played, [10, 12], positions) == [9 / 126, 11 / 126]


def test_another_hand_that_says_so_lets_a_knob_go_before_the_session_shows_it() -> None:
    played, positions = surface(bound()), {"amount": 0.5}
    turn(played, [63, 64], positions)
    played.moved("amount", 0.9)
    assert turn(played, [66], positions) == [None]
    positions["amount"] = 0.9
    assert turn(played, [70, 120], positions) == [None, 119 / 126]


def test_a_session_that_lags_behind_is_not_another_hand() -> None:
    played, lagging = surface(bound()), [0.5] * 12
    turn(played, [63], {"amount": 0.5})
    made = []
    for index, value in enumerate(range(64, 104)):
        moves = played.feed(ControlChange(1, 1, value), {"amount": lagging[index]})
        made.append(len(moves))
        lagging.append(float(moves[0].value or 0.0) + 1e-8)  # as float32 would hold it
    assert made == [1] * 40


def test_two_knobs_of_one_control_take_it_from_each_other() -> None:
    played, positions = surface(bound(), bound(on_=on(number=2))), {"amount": 0.5}
    assert turn(played, [63, 64], positions) == [None, 0.5]
    assert turn(played, [63, 64, 100], positions, number=2) == [None, 0.5, 99 / 126]
    assert turn(played, [65, 66], positions) == [None, None]


def test_ghosts_are_the_knobs_that_wait() -> None:
    played, positions = surface(bound(), bound("bass", on(number=2), takeover="jump")), {"amount": 0.5, "bass": 0.0}
    assert played.ghosts() == {}
    turn(played, [10], positions)
    turn(played, [10], positions, number=2)
    assert played.ghosts() == {"amount": 9 / 126}
    turn(played, [100], positions)
    assert played.ghosts() == {}
    played.moved("amount", 0.0)
    assert played.ghosts() == {"amount": 99 / 126}
    assert played.forget() == []
    assert played.ghosts() == {}


def picked_up(events: list[tuple[str, int]], amount: float) -> list[float | None]:
    """The rule of pick-up written down plainly: what each turn of a knob makes of the parameter."""
    found: list[float | None] = []
    before, taken = None, False
    for what, value in events:
        position = position_of(value, 127)
        if what == "hand":
            taken = taken and position == amount
            amount = position
            continue
        if before is not None:
            crossed = (before - amount) * (position - amount) <= 0.0
            taken = taken or crossed or abs(position - amount) <= 3 / 128
        if taken:
            amount = position
        found.append(amount if taken else None)
        before = position
    return found


@given(st.lists(st.tuples(st.sampled_from(["turn", "turn", "turn", "hand"]), st.integers(0, 127))), st.floats(0, 1))
def test_pick_up_does_what_its_rule_says(events: list[tuple[str, int]], amount: float) -> None:
    played, positions = surface(bound()), {"amount": amount}
    found, past = [], [amount]
    for what, value in events:
        if what == "turn":
            found += turn(played, [value], positions)
        else:
            positions["amount"] = position_of(value, 127)
            if value % 2 or positions["amount"] in past:  # where it has never been, it is found out as well
                played.moved("amount", positions["amount"])
        past.append(positions["amount"])
    assert found == picked_up(events, amount)


@given(
    st.lists(st.tuples(st.integers(0, 127), st.integers(0, 5))), st.floats(0, 1), st.sampled_from(["pickup", "scale"])
)
def test_it_does_not_matter_how_far_the_session_lags(
    turns: list[tuple[int, int]], amount: float, takeover: str
) -> None:
    prompt, lagging = surface(bound(takeover=takeover)), surface(bound(takeover=takeover))
    positions = {"amount": amount}
    history, shown = [amount], 0
    for value, progress in turns:
        expected = turn(prompt, [value], positions)[0]
        shown = min(shown + progress, len(history) - 1)
        moves = lagging.feed(ControlChange(1, 1, value), {"amount": history[shown]})
        assert (moves[0].value if moves else None) == expected
        history += [float(move.value or 0.0) for move in moves]


# -- value scaling -----------------------------------------------------------------------------------------------


def test_scaling_ignores_the_first_value_and_never_jumps() -> None:
    found = turn(surface(bound(takeover="scale")), [64, 65], {"amount": 0.2})
    assert found == [None, pytest.approx(0.2 + 0.8 * (1 / 126) / 0.5)]


@pytest.mark.parametrize(("end", "value"), [(127, 1.0), (0, 0.0)])
@pytest.mark.parametrize("start", [2, 64, 126])
@pytest.mark.parametrize("parameter", [0.0, 0.13, 1.0])
def test_scaled_knob_and_parameter_meet_at_the_ends_and_go_together_from_there(
    end: int, value: float, start: int, parameter: float
) -> None:
    positions = {"amount": parameter}
    step = 1 if end else -1
    way = turn(surface(bound(takeover="scale")), list(range(start, end + step, step)), positions)
    taken = [each for each in way if each is not None]
    assert taken[-1] == value
    assert taken == sorted(taken, reverse=step < 0)


def test_a_scaled_knob_that_stands_where_its_parameter_does_moves_it_as_a_jump_would() -> None:
    played, positions = surface(bound(takeover="scale")), {"amount": 0.5}
    assert turn(played, [64, 80, 20], positions) == [None, pytest.approx(79 / 126), pytest.approx(19 / 126)]


# -- fourteen bits, pitch bend, encoders -------------------------------------------------------------------------


def test_fourteen_bits_act_on_either_half_and_a_coarse_one_resets_the_fine() -> None:
    played, positions = surface(bound(bits=14, takeover="jump")), {"amount": 0.0}
    assert turn(played, [64], positions) == [0.5]
    assert turn(played, [1], positions, number=33) == [pytest.approx(8192 / 16382)]
    assert turn(played, [65], positions) == [pytest.approx((65 * 128 - 1) / 16382)]
    assert turn(played, [127], positions) == [pytest.approx((127 * 128 - 1) / 16382)]
    assert turn(played, [127], positions, number=33) == [1.0]


def test_a_fine_half_alone_moves_nothing() -> None:
    assert turn(surface(bound(bits=14, takeover="jump")), [9], {"amount": 1.0}, number=33) == [None]


def test_pitch_bend_moves_a_knob() -> None:
    played = surface(bound("bass", on("pitch_bend", None), takeover="jump"))
    assert played.feed(PitchBend(4, 8192), {"bass": 3.0}) == [Move("bass", 0.0, "midi")]


@pytest.mark.parametrize(
    ("encoding", "up", "down"),
    [("signed_bit", 1, 65), ("signed_bit_2", 65, 1), ("binary_offset", 65, 63), ("twos_complement", 1, 127)],
)
def test_an_encoder_steps_from_where_the_control_stands(encoding: str, up: int, down: int) -> None:
    played, positions = surface(bound("bass", encoding=encoding)), {"bass": 2.0}
    step = LIVE_CONTROLS["bass"].step
    assert turn(played, [up, up, down], positions) == [2.0 + step, 2.0 + 2 * step, 2.0 + step]
    positions["bass"] = -12.0
    assert turn(played, [down, up], positions) == [-12.0, -12.0 + step]


def test_quick_steps_of_an_encoder_are_not_lost_while_the_session_lags() -> None:
    played = surface(bound("bass", encoding="signed_bit"))
    values = [played.feed(ControlChange(1, 1, 1), {"bass": 0.0})[0].value for _ in range(4)]
    assert values == [0.5, 1.0, 1.5, 2.0]


def test_an_inverted_encoder_goes_the_other_way_within_its_part() -> None:
    played, positions = surface(bound("bass", encoding="signed_bit", low=1, high=-1)), {"bass": 0.0}
    assert turn(played, [1, 10, 65], positions) == [-0.5, -1.0, -0.5]


# -- keys --------------------------------------------------------------------------------------------------------


def pressed(binding: dict[str, Any], *messages: Message) -> list[float | str | None]:
    played = surface(binding)
    return [move.value for message in messages for move in played.feed(message, {})]


def test_a_note_toggles_when_it_is_pressed() -> None:
    key = bound("ab", on("note", 36))
    assert pressed(key, Note(1, 36, 90), Note(1, 36, 0), Note(2, 36, 1), Note(2, 36, 0)) == [None, None]


def test_a_momentary_note_is_on_while_it_is_down() -> None:
    key = bound("ab", on("note", 36), behaviour="momentary")
    assert pressed(key, Note(1, 36, 90), Note(1, 36, 0), Note(1, 36, 0)) == [1.0, 0.0]


def test_a_pedal_counts_once_each_way() -> None:
    down_and_up = [ControlChange(1, 1, value) for value in (10, 63, 64, 90, 127, 70, 63, 0)]
    assert pressed(bound("ab", ANY, behaviour="momentary"), *down_and_up) == [1.0, 0.0]
    assert pressed(bound("ab", ANY), *down_and_up) == [None]
    assert pressed(bound("panic", ANY), *down_and_up, *down_and_up) == [None, None]


def test_a_held_key_is_let_go_when_its_device_goes() -> None:
    played = surface(bound("ab", on("note", 36), behaviour="momentary"))
    played.feed(Note(1, 36, 1), {})
    assert played.forget() == [Move("ab", 0.0, "midi")]
    assert played.forget() == []


def test_programs_and_keys_choose_by_name_or_the_next() -> None:
    assert pressed(bound("mode", on("program", 2), value="Radio Loud"), ProgramChange(1, 2)) == ["radio_loud"]
    assert pressed(bound("mode", on("note", 2)), Note(1, 2, 1), Note(1, 2, 0)) == [None]
    assert pressed(bound("panic", on("program", 2)), ProgramChange(1, 2), ProgramChange(1, 3)) == [None]


def test_a_binding_with_a_channel_hears_only_that() -> None:
    key = bound("ab", on("note", 36, channel=10))
    assert pressed(key, Note(1, 36, 9), Note(10, 36, 9)) == [None]


def test_bound_names_the_first_message() -> None:
    played = surface(bound(), bound("ab", on("note", 36, channel=10)), bound("bass", on("pitch_bend", None)))
    assert played.bound("amount") == "CC 1"
    assert played.bound("ab") == "note 36 (C2) of channel 10"
    assert played.bound("bass") == "pitch bend"
    assert played.bound("mid") is None


# -- floods ------------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=40)
@given(st.sampled_from(mapping_names()), st.lists(MESSAGES, min_size=250, max_size=250), st.data())
def test_random_messages_move_only_what_is_bound_and_stay_in_its_range(
    name: str, messages: list[Message], data: st.DataObject
) -> None:
    found = find_mapping(name)
    played = Surface(found)
    bound_controls = {each.control for each in found.bindings}
    positions = {each.id: each.rest for each in LIVE_CONTROLS.values() if each.kind is Kind.KNOB}
    for message in messages:
        for control, value, _ in played.feed(message, positions):
            assert control in bound_controls
            if control in positions:
                declared = LIVE_CONTROLS[control]
                assert isinstance(value, float)
                assert declared.low <= value <= declared.high
                positions[control] = value
    assert set(played.ghosts()) <= bound_controls & set(positions)
