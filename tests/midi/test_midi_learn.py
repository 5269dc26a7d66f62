"""Learning: the control that moves most and steadily is taken, whatever else is heard; and nothing else is lost."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from livemaster.midi.audition import LONG_S, PRESS_S, QUIET_S, Audition, Choice
from livemaster.midi.heard import steadiness
from livemaster.midi.learn import Lesson
from livemaster.midi.messages import ControlChange, Message, Note, PitchBend, ProgramChange

STEP_S = 0.03
GLANCE_S = 0.1
At = tuple[float, str, Message]


def cc(number: int, values: Sequence[int], begin_s: float = 0.0, channel: int = 1, port: str = "a") -> list[At]:
    """A controller's values, one every STEP_S."""
    return [(begin_s + STEP_S * n, port, ControlChange(channel, number, value)) for n, value in enumerate(values)]


def row(*messages: Message, begin_s: float = 0.0, port: str = "a") -> list[At]:
    return [(begin_s + STEP_S * n, port, message) for n, message in enumerate(messages)]


def bytes_of(text: str) -> list[Message]:
    """Controllers as `number=value`, as one port sends them."""
    pairs = (each.split("=") for each in text.split())
    return [ControlChange(1, int(number), int(value)) for number, value in pairs]


def listened(control: str, *given: list[At], until_s: float = 8.0, **how: Any) -> tuple[Choice | None, float]:
    """What is decided, and when; it is looked at while messages come, and after them."""
    audition, said = Audition(Lesson(control, **how)), sorted(itertools.chain(*given), key=lambda each: each[0])
    now_s = 0.0
    while now_s < until_s:
        now_s += GLANCE_S
        while said and said[0][0] <= now_s:
            at_s, port, message = said.pop(0)
            audition.hear(message, port, at_s)
        if (verdict := audition.verdict(now_s)) is not None:
            return verdict, now_s
    return audition.verdict(now_s, last=True), now_s


def taken(control: str, *given: list[At], **how: Any) -> str | None:
    verdict, _ = listened(control, *given, **how)
    return None if verdict is None or verdict.binding is None else str(verdict.binding.on)


def jitter(seed: int, count: int, around: int, most: int) -> Iterator[int]:
    dice = random.Random(seed)
    return (min(max(around + dice.randint(-most, most), 0), 127) for _ in range(count))


# -- knobs -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_the_knob_that_is_turned_is_taken_however_a_pedal_jitters(seed: int) -> None:
    """Before, beside and after it; the pedal sends more often than the knob."""
    dice = random.Random(seed)
    low = dice.randint(0, 60)
    knob = range(low, low + dice.randint(24, 60), dice.randint(1, 4))
    pedal = cc(11, list(jitter(seed, 150, dice.randint(0, 127), 3)), 0.0, 2)
    assert taken("bass", pedal, cc(20, knob[:: dice.choice([1, -1])], dice.uniform(0.1, 1.5))) == "CC 20 of channel 1"


def test_jitter_alone_is_waited_through_and_taken_for_nothing() -> None:
    pedals = [cc(number, list(jitter(number, 200, 64, 2))) for number in (11, 12)]
    assert taken("bass", *pedals) is None


def test_a_single_wrong_value_is_no_movement() -> None:
    assert taken("bass", cc(11, [0] * 20 + [127] + [0] * 20), cc(20, range(0, 30, 2), 0.2)) == "CC 20 of channel 1"


def test_a_knob_to_and_fro_is_one_that_moves() -> None:
    way = [*range(40, 90, 5), *range(90, 40, -5), *range(40, 90, 5)]
    assert taken("bass", cc(11, list(jitter(1, 60, 64, 4))), cc(20, way)) == "CC 20 of channel 1"


def test_the_same_controller_of_another_channel_or_port_is_another_control() -> None:
    assert taken("bass", cc(20, [3, 4, 3, 4, 3], channel=1), cc(20, range(30, 60), channel=2)) == "CC 20 of channel 2"
    verdict, _ = listened("bass", cc(20, range(30), port="a"), cc(21, [9] * 30, port="b"))
    assert verdict is not None
    assert verdict.notes == ("passed over, though it came too: CC 21",)


@pytest.mark.parametrize(("count", "decided_s"), [(10, 10 * STEP_S + QUIET_S), (200, LONG_S)])
def test_a_knob_is_taken_soon_after_it_rests_or_has_moved_for_long(count: int, decided_s: float) -> None:
    verdict, at_s = listened("bass", cc(20, [n * 127 // count for n in range(count)]))
    assert verdict is not None
    assert decided_s - 0.1 <= at_s <= decided_s + 0.2


def test_what_never_moves_is_taken_when_nothing_else_comes() -> None:
    verdict, at_s = listened("bass", cc(20, [64] * 200))
    assert verdict is not None
    assert str(verdict.binding.on if verdict.binding else "") == "CC 20 of channel 1"
    assert "--encoding" in " ".join(verdict.notes)
    assert LONG_S <= at_s <= LONG_S + 0.2
    assert taken("bass", cc(20, [64] * 200), cc(21, [3] * 200)) is None


def test_a_small_movement_is_taken_at_the_end_when_no_other_is_near_it() -> None:
    assert taken("bass", cc(20, [10, 11, 12, 13]), cc(21, [3, 3, 3])) == "CC 20 of channel 1"
    assert taken("bass", cc(20, [10, 11, 12]), cc(21, [3, 4, 5])) is None


def test_a_wheel_is_taken_and_a_wheel_that_trembles_is_not() -> None:
    bend = [(STEP_S * n, "a", PitchBend(1, 8192 + 300 * n)) for n in range(20)]
    tremble = [(STEP_S * n, "a", PitchBend(1, 8192 + 20 * (-1) ** n)) for n in range(20)]
    assert taken("bass", bend, cc(11, [63, 64] * 10)) == "pitch bend of channel 1"
    assert taken("bass", tremble, cc(20, range(20))) == "CC 20 of channel 1"


@pytest.mark.parametrize(("encoding", "up"), [("signed_bit", 1), ("twos_complement", 1), ("binary_offset", 65)])
def test_an_endless_encoder_is_the_one_that_counts(encoding: str, up: int) -> None:
    pedal = cc(11, [100, 101, 99, 100, 101])
    assert taken("bass", pedal, cc(20, [up] * 12), encoding=encoding) == "CC 20 of channel 1"


# -- fourteen bits -----------------------------------------------------------------------------------------------


def pairs(number: int, values: Sequence[int], fine_first: bool) -> list[At]:
    found: list[Message] = []
    for value in values:
        pair = [ControlChange(1, number, value // 128), ControlChange(1, number + 32, value % 128)]
        found += pair[::-1] if fine_first else pair
    return row(*found)


@pytest.mark.parametrize("fine_first", [False, True])
@pytest.mark.parametrize("step", [37, 100, 190, 1000, -1000])
def test_a_14_bit_knob_is_its_coarse_half_with_its_fine_one(fine_first: bool, step: int) -> None:
    values = [(3000 if step < 1000 else 8000) + step * n for n in range(8)]
    verdict, _ = listened("bass", pairs(20, values, fine_first))
    assert verdict is not None
    assert verdict.binding is not None
    assert (verdict.binding.on.number, verdict.binding.bits) == (20, 14)
    assert verdict.notes == ("CC 20 with CC 52 is one value of 14 bits",)


def test_few_pairs_of_a_slow_knob_are_enough() -> None:
    assert taken("bass", row(*bytes_of("52=63 20=1 52=16 20=2 52=112 20=3"))) == "CC 20 of channel 1"


def test_a_controller_32_above_another_one_is_its_own() -> None:
    """A knob on CC 52, and a pedal that jitters on CC 20; and the other way round."""
    for knob, pedal in ((52, 20), (20, 52)):
        verdict, _ = listened("bass", cc(knob, range(0, 100, 3)), cc(pedal, list(jitter(3, 12, 64, 2)), 0.01))
        assert verdict is not None
        assert verdict.binding is not None
        assert (verdict.binding.on.number, verdict.binding.bits) == (knob, 7)
    assert taken("bass", cc(39, range(0, 100, 3))) == "CC 39 of channel 1"


def test_14_bits_that_are_asked_for_are_looked_for_among_coarse_controllers() -> None:
    verdict, _ = listened("bass", cc(52, range(100)), cc(7, range(0, 50, 5)), bits=14)
    assert verdict is not None
    assert verdict.binding is not None
    assert (verdict.binding.on.number, verdict.binding.bits) == (7, 14)


# -- NRPN, RPN, banks --------------------------------------------------------------------------------------------

NRPN = "99=1 98=16 6={} 38={}"


@pytest.mark.parametrize(
    "sent",
    [
        " ".join(NRPN.format(32 + n, 0) for n in range(2)),
        " ".join(NRPN.format(n, 7 * n % 128) for n in range(0, 100, 9)),
        "98=16 99=1 " + " ".join(f"6={n}" for n in range(20)),
        "99=1 98=16 " + " ".join(f"38={n} 6={n}" for n in range(20)),
        "99=1 98=16 " + "96=1 " * 12,
        "98=3 99=0 " + "97=127 " * 12,
        "101=0 100=2 " + " ".join(f"6={n}" for n in range(20)),
    ],
)
def test_a_knob_that_sends_nrpn_is_refused_in_words(sent: str) -> None:
    verdict, at_s = listened("bass", row(*bytes_of(sent)))
    assert verdict is not None
    assert verdict.binding is None
    assert "RPN" in verdict.refused
    assert at_s < 4.0


def test_nrpn_beside_the_knob_is_passed_over() -> None:
    sent = [message for n in range(6) for message in bytes_of(NRPN.format(32, n))]
    assert taken("bass", row(*sent), cc(20, range(40), 0.3)) == "CC 20 of channel 1"


def test_data_entry_is_a_controller_like_others_where_no_parameter_is_addressed() -> None:
    assert taken("bass", cc(6, range(40))) == "CC 6 of channel 1"
    assert taken("bass", row(*bytes_of("101=0 100=0 6=2 101=127 100=127")), cc(6, range(40), 0.5)) == (
        "CC 6 of channel 1"
    )


def test_an_rpn_that_is_sent_when_a_device_is_switched_on_decides_nothing() -> None:
    begin = row(*bytes_of("101=0 100=0 6=2 38=0 101=127 100=127"))
    assert taken("bass", begin, cc(20, range(40), 4.0)) == "CC 20 of channel 1"


@pytest.mark.parametrize("bank", [(0, 127), (127, 0), (3, 100)])
def test_a_program_is_taken_and_not_the_bank_before_it(bank: tuple[int, int]) -> None:
    sent = row(ControlChange(1, 0, bank[0]), ControlChange(1, 32, bank[1]), ProgramChange(1, 5))
    assert taken("mode", sent, value="lofi") == "program 5 of channel 1"
    assert taken("bass", sent, cc(20, range(40), 3.0)) == "CC 20 of channel 1"


def test_where_no_program_follows_the_banks_controllers_are_knobs_and_buttons() -> None:
    """As a widespread desk sends its first fader and its first button."""
    assert taken("bass", cc(0, range(60))) == "CC 0 of channel 1"
    assert taken("ab", cc(32, [127, 0])) == "CC 32 of channel 1"


# -- keys, pads, pedals ------------------------------------------------------------------------------------------


def test_a_press_is_taken_at_once_and_a_pads_note_before_its_controller() -> None:
    pad = row(ControlChange(1, 50, 90), Note(1, 36, 90), ControlChange(1, 50, 0), Note(1, 36, 0))
    verdict, at_s = listened("ab", pad)
    assert verdict is not None
    assert str(verdict.binding.on if verdict.binding else "") == "note 36 (C2) of channel 1"
    assert at_s <= PRESS_S + 0.2


def test_a_pedal_that_jitters_around_the_middle_is_no_press() -> None:
    assert taken("ab", cc(11, [63, 64] * 40), row(Note(2, 40, 1), begin_s=1.0)) == "note 40 (E2) of channel 2"
    assert taken("ab", cc(11, [63, 64] * 40), cc(64, [127, 0], 1.0)) == "CC 64 of channel 1"
    assert taken("ab", cc(11, [63, 64] * 40)) is None


def test_a_half_pedal_is_a_press_when_it_goes_down() -> None:
    assert taken("ab", cc(64, [0, 20, 50, 63, 64, 90, 127, 60, 0])) == "CC 64 of channel 1"


def test_letting_go_is_no_press() -> None:
    assert taken("ab", cc(64, [0]), row(Note(1, 36, 0))) is None


def test_pads_that_send_nrpn_are_refused_in_words() -> None:
    verdict, _ = listened("ab", row(*bytes_of("99=1 98=16 6=127")))
    assert verdict is not None
    assert verdict.binding is None
    assert "NRPN 144" in verdict.refused


def test_steadiness() -> None:
    assert steadiness([5.0]) == steadiness([5.0, 5.0]) == steadiness([0.0, 1.0, 5.0, 6.0]) == 1.0
    assert steadiness([0.0, 1.0, 0.0, 1.0, 0.0]) == 0.25
