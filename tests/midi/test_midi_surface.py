"""The surface's laws: takeover, encoders, keys, and that nothing unbound ever moves."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_midi_mapping import bound, mapping, on
from test_midi_messages import MESSAGES

from livemaster.controls import LIVE_CONTROLS, Kind, Move
from livemaster.midi.halves import HALF_S
from livemaster.midi.mapping import find_mapping, mapping_names
from livemaster.midi.messages import ControlChange, Message, Note, PitchBend, ProgramChange
from livemaster.midi.scaling import position_of
from livemaster.midi.surface import Surface

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


# -- senders -----------------------------------------------------------------------------------------------------

SENDERS = st.sampled_from([("a", 1), ("a", 2), ("b", 1), ("b", 16)])


def test_a_knob_of_another_keyboard_picks_up_for_itself() -> None:
    """One stands at the bottom, one at the top: nothing jumps when the other one is touched."""
    played, positions = surface(bound()), {"amount": 0.5}
    for value in range(0, 128, 8):
        for move in played.feed(ControlChange(1, 1, value), positions, "keys"):
            positions["amount"] = float(move.value or 0.0)
    assert positions["amount"] == position_of(120, 127)
    assert played.feed(ControlChange(1, 1, 0), positions, "desk") == []
    assert played.feed(ControlChange(1, 1, 1), positions, "desk") == []
    assert played.feed(ControlChange(2, 1, 5), positions, "keys") == [], "the same keyboard on another channel"
    assert played.feed(ControlChange(1, 1, 121), positions, "keys") == [Move("amount", position_of(121, 127), "midi")]


@given(st.lists(st.tuples(SENDERS, st.integers(0, 127))), st.floats(0, 1), st.sampled_from(["jump", "pickup", "scale"]))
def test_every_sender_is_a_knob_of_its_own(
    events: list[tuple[tuple[str, int], int]], amount: float, takeover: str
) -> None:
    """As if each had a binding of its own, on a controller number of its own."""
    together = surface(bound(takeover=takeover))
    apart = surface(*(bound(on_=on(number=n), takeover=takeover) for n in range(4)))
    numbers: dict[tuple[str, int], int] = {}
    positions = {"amount": amount}
    for sender, value in events:
        port, channel = sender
        number = numbers.setdefault(sender, len(numbers))
        found = together.feed(ControlChange(channel, 1, value), positions, port)
        assert found == apart.feed(ControlChange(1, number, value), positions)
        for move in found:
            positions["amount"] = float(move.value or 0.0)


def test_encoders_of_two_devices_add_up() -> None:
    played = surface(bound("bass", encoding="signed_bit"))
    steps = [played.feed(ControlChange(1, 1, 1), {"bass": 0.0}, port)[0].value for port in "abab"]
    assert steps == [0.5, 1.0, 1.5, 2.0]


@given(st.lists(st.tuples(SENDERS, st.booleans())))
def test_a_momentary_switch_is_on_while_anybody_holds_it(events: list[tuple[tuple[str, int], bool]]) -> None:
    """A key and a pedal of several keyboards; a device that goes lets go of its own only."""
    key = bound("ab", on("note", 36), behaviour="momentary")
    pedal = bound("ab", on(number=64), behaviour="momentary")
    played, down, shown = surface(key, pedal), set(), 0.0
    for (port, channel), pressed_ in events:
        message = Note(channel, 36, 9 * pressed_) if channel == 1 else ControlChange(channel, 64, 127 * pressed_)
        for move in played.feed(message, {}, port):
            shown = move.value
        (down.add if pressed_ else down.discard)((port, channel))
        assert shown == float(bool(down))
    for port in "ab":
        for move in played.forget(port):
            shown = move.value
        down = {each for each in down if each[0] != port}
        assert shown == float(bool(down))


def test_a_pedal_that_is_down_does_not_swallow_another_ones_press() -> None:
    played = surface(bound("ab", ANY))
    sent = [("a", 127), ("b", 127), ("a", 126), ("b", 0), ("b", 127)]
    assert [len(played.feed(ControlChange(1, 1, value), {}, port)) for port, value in sent] == [1, 1, 0, 0, 1]


def test_a_device_that_goes_is_forgotten_alone() -> None:
    played, positions = surface(bound()), {"amount": 0.5}
    for port in "ab":
        for value in (63, 64):
            played.feed(ControlChange(1, 1, value), positions, port)
    played.forget("a")
    assert played.feed(ControlChange(1, 1, 64), positions, "a") == [], "its first value again"
    assert played.feed(ControlChange(1, 1, 64), positions, "b") == [Move("amount", 0.5, "midi")]


def test_a_ghost_is_the_knob_that_was_moved_last() -> None:
    played, positions = surface(bound()), {"amount": 0.5}
    played.feed(ControlChange(1, 1, 127), positions, "a")
    played.feed(ControlChange(1, 1, 1), positions, "b")
    assert played.ghosts() == {"amount": 0.0}
    played.feed(ControlChange(1, 1, 126), positions, "a")
    assert played.ghosts() == {"amount": position_of(126, 127)}
    played.forget("a")
    assert played.ghosts() == {"amount": 0.0}


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


def halves(
    played: Surface, given: list[tuple[int, int]], positions: dict[str, float], now_s: float = 0.0, port: str = ""
) -> list[float | str | None]:
    """What the halves (CC number and value) of a 14-bit controller make, one after the other, at one time."""
    moves = [move for each in given for move in played.feed(ControlChange(1, *each), positions, port, now_s)]
    for move in moves:
        assert isinstance(move.value, float)
        positions[move.control] = move.value
    return [move.value for move in moves]


COARSE, FINE = 1, 33


@pytest.mark.parametrize("fine_first", [False, True])
def test_a_pair_moves_once_in_either_order(fine_first: bool) -> None:
    played, positions = surface(bound(bits=14, takeover="jump")), {"amount": 0.0}
    for value in (0, 1, 127, 128, 8192, 8193, 8319, 8320, 16256, 16383, 100):
        coarse, fine = divmod(value, 128)
        pair = [(COARSE, coarse), (FINE, fine)]
        assert halves(played, pair[::-1] if fine_first else pair, positions) == [position_of(value, 16383)]
    assert played.due_s is None


@given(
    st.lists(st.tuples(st.integers(0, 16383), st.booleans(), st.sampled_from("ab"), st.integers(1, 2)), max_size=30),
    st.randoms(use_true_random=False),
)
def test_pairs_of_several_senders_move_once_each_however_they_are_dealt(
    values: list[tuple[int, bool, str, int]], dice: Any
) -> None:
    """Halves of one sender keep their order; between those of others they may come anywhere."""
    queues: dict[tuple[str, int], list[ControlChange]] = {}
    for value, fine_first, port, channel in values:
        pair = [ControlChange(channel, COARSE, value // 128), ControlChange(channel, FINE, value % 128)]
        queues.setdefault((port, channel), []).extend(pair[::-1] if fine_first else pair)
    played, made = surface(bound(bits=14, takeover="jump")), {key: [] for key in queues}
    while any(queues.values()):
        key = dice.choice([each for each, left in queues.items() if left])
        made[key] += [move.value for move in played.feed(queues[key].pop(0), {}, key[0])]
    for key, found in made.items():
        assert found == [position_of(value, 16383) for value, _, *sender in values if tuple(sender) == key]


def test_a_half_counts_alone_when_the_other_one_stays_away() -> None:
    """A coarse one resets the fine half, a fine one refines; the next half of the same kind need not be waited for."""
    played, positions = surface(bound(bits=14, takeover="jump")), {"amount": 0.0}
    assert played.due_s is None
    assert halves(played, [(COARSE, 64)], positions, 1.0) == []
    assert played.due_s == 1.0 + HALF_S
    assert played.late(positions, 1.0 + HALF_S / 2) == []
    assert [move.value for move in played.late(positions, 1.0 + HALF_S)] == [0.5]
    assert played.due_s is None
    assert halves(played, [(FINE, 1), (FINE, 2)], positions, 2.0) == [position_of(8193, 16383)]
    assert halves(played, [(COARSE, 65)], positions, 3.0) == [position_of(8194, 16383)], "the fine one is overdue"
    assert halves(played, [(COARSE, 66)], positions, 3.0) == [position_of(65 * 128, 16383)]
    assert halves(played, [(FINE, 5)], positions, 3.0) == [position_of(66 * 128 + 5, 16383)]


def test_a_fine_half_alone_moves_nothing_while_the_coarse_one_is_unknown() -> None:
    played = surface(bound(bits=14, takeover="jump"))
    assert halves(played, [(FINE, 9)], {"amount": 1.0}) == []
    assert played.late({"amount": 1.0}, HALF_S) == []
    assert halves(played, [(COARSE, 64), (FINE, 3)], {"amount": 1.0}, 1.0) == [position_of(64 * 128 + 3, 16383)]


def test_a_device_that_goes_takes_its_half_along() -> None:
    played = surface(bound(bits=14, takeover="jump"))
    halves(played, [(COARSE, 64)], {"amount": 1.0}, port="a")
    played.forget("a")
    assert played.due_s is None
    assert halves(played, [(FINE, 3)], {"amount": 1.0}, port="a") == []


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


@settings(max_examples=40)
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
