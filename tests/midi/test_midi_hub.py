"""The hub: from bytes to moves and from snapshots to bytes, whatever comes in and whatever goes away."""

from __future__ import annotations

import random
import sys
import threading
import time
from typing import Any

import pytest
from fake_port import FakePort
from hypothesis import given, settings
from hypothesis import strategies as st
from test_midi_mapping import bound, mapping, on

from livemaster.controls import LIVE_CONTROLS, Kind, Move
from livemaster.errors import InputError, NoMidiError
from livemaster.midi import ports
from livemaster.midi.halves import HALF_S
from livemaster.midi.hub import MidiHub
from livemaster.midi.mapping import Mapping, find_mapping
from livemaster.midi.ports import RtPorts, check_wanted, matches
from livemaster.snapshot import Snapshot

PEDAL = bound("ab", on("note", 36), behaviour="momentary", feedback=True)


class Session:
    """What a hub moves: applies every move at once."""

    def __init__(self, wanted: Mapping, *names: str) -> None:
        self.positions = {each.id: each.rest for each in LIVE_CONTROLS.values() if each.kind is Kind.KNOB}
        self.moves: list[Move] = []
        self.port = FakePort(*names)
        self.hub = MidiHub(wanted, (), self.apply, lambda: self.positions, port=self.port)
        self.hub.start()

    def apply(self, move: Move) -> None:
        self.moves.append(move)
        if move.control in self.positions:
            assert isinstance(move.value, float)
            self.positions[move.control] = move.value


def cc(number: int, value: int) -> bytes:
    return bytes([0xB0, number, value])


def test_bytes_become_moves() -> None:
    session = Session(mapping(bound(takeover="jump")), "nano")
    session.port.say("nano", cc(1, 64), cc(2, 9), bytes([0xF8]))
    assert session.moves == [Move("amount", 0.5, "midi")]
    assert session.hub.connected == ("nano",)
    assert session.hub.bound("amount") == "CC 1"
    session.hub.close()
    session.port.say("nano", cc(1, 3))
    assert len(session.moves) == 1


def test_the_mappings_ports_are_opened_unless_others_are_named() -> None:
    wanted = mapping(bound(), ports=["nano"])
    assert Session(wanted, "nanoKONTROL2", "piano").hub.connected == ("nanoKONTROL2",)
    port = FakePort("nanoKONTROL2", "piano")
    hub = MidiHub(wanted, ("pia",), lambda _: None, dict, port=port)
    hub.start()
    assert hub.connected == ("piano",)
    assert port.on_output is None, "nothing has feedback"


def test_a_device_that_vanishes_and_returns_is_played_again_and_told_everything() -> None:
    session = Session(mapping(bound(), PEDAL), "nano")
    shown = Snapshot(switches={"ab": True})
    session.port.say("nano", cc(1, 126), cc(1, 127), bytes([0x90, 36, 1]))
    session.hub.show(shown)
    session.port.vanish("nano")
    assert session.moves[-1] == Move("ab", 0.0, "midi"), "what was held is let go"
    assert session.hub.connected == ()
    sent = len(session.port.sent)
    session.hub.show(Snapshot(switches={"ab": False}))
    assert len(session.port.sent) == sent
    session.port.appear("nano")
    assert session.hub.connected == ("nano",)
    session.hub.show(shown)
    assert session.port.sent[sent:] == [bytes([0x90, 36, 127])]
    before = len(session.moves)
    session.port.say("nano", cc(1, 120))
    assert len(session.moves) == before, "the first value of a returned device is ignored"
    session.port.say("nano", cc(1, 127))
    assert session.moves[before:] == [Move("amount", 1.0, "midi")]


def test_feedback_is_sent_once_and_again_on_change() -> None:
    session = Session(mapping(PEDAL), "pads")
    for on_ in (False, False, True, True):
        session.hub.show(Snapshot(switches={"ab": on_}))
    assert session.port.sent == [bytes([0x90, 36, 0]), bytes([0x90, 36, 127])]


def test_an_output_that_comes_after_its_input_is_told_everything() -> None:
    session = Session(mapping(PEDAL), "pads")
    session.hub.show(Snapshot(switches={"ab": True}))  # which is lost: there is no output yet
    assert session.port.on_output is not None
    session.port.on_output()
    session.hub.show(Snapshot(switches={"ab": True}))
    assert session.port.sent == [bytes([0x90, 36, 127])] * 2


def test_another_hand_makes_a_ghost() -> None:
    session = Session(mapping(bound()), "nano")
    session.port.say("nano", cc(1, 126), cc(1, 127))
    assert session.hub.ghosts() == {}
    session.hub.moved(Move("amount", 0.2, "midi"))
    assert session.hub.ghosts() == {}, "that was MIDI itself"
    session.hub.moved(Move("amount", 0.2, "mouse"))
    session.hub.moved(Move("mode", "lofi", "key"))
    assert session.hub.ghosts() == {"amount": 1.0}


def test_two_keyboards_are_two_knobs() -> None:
    session = Session(mapping(bound()), "keys", "desk")
    session.port.say("keys", *(cc(1, value) for value in range(128)))
    assert session.positions["amount"] == 1.0
    session.port.say("desk", cc(1, 0), cc(1, 1))
    assert session.positions["amount"] == 1.0, "it has not passed it yet"
    assert session.hub.ghosts() == {"amount": 0.0}
    session.port.vanish("desk")
    assert session.hub.ghosts() == {}
    session.port.say("keys", cc(1, 126))
    assert session.positions["amount"] == 125 / 126


def test_a_lone_half_moves_within_a_moment_and_never_after_closing() -> None:
    session = Session(mapping(bound(bits=14, takeover="jump")), "desk")
    session.port.say("desk", cc(1, 64), cc(33, 5), cc(1, 127))
    assert [move.value for move in session.moves] == [(64 * 128 + 5 - 1) / 16382]
    end_s = time.monotonic() + 10.0
    while len(session.moves) < 2 and time.monotonic() < end_s:
        time.sleep(0.005)
    assert session.moves[1:] == [Move("amount", (127 * 128 - 1) / 16382, "midi")]
    session.port.say("desk", cc(1, 1))
    session.hub.close()
    time.sleep(2 * HALF_S)
    assert len(session.moves) == 2


def test_a_pad_pressed_on_one_device_is_lit_on_the_other() -> None:
    """What a device shows of itself is no news of any other."""
    session = Session(mapping(bound("ab", on("note", 36), feedback=True)), "one", "two")
    session.hub.show(Snapshot(switches={"ab": False}))
    session.port.say("one", bytes([0x90, 36, 127]))
    sent = len(session.port.sent)
    session.hub.show(Snapshot(switches={"ab": True}))
    session.hub.show(Snapshot(switches={"ab": True}))
    assert session.port.sent[sent:] == [bytes([0x90, 36, 127])]
    session.port.say("one", bytes([0x90, 36, 127]), bytes([0x90, 36, 0]))
    session.port.vanish("one")
    session.hub.show(Snapshot(switches={"ab": True}))
    assert len(session.port.sent) == sent + 1, "the one that is left shows what it should"


@settings(max_examples=10)
@given(st.binary(min_size=0, max_size=40), st.integers(0, 2**32))
def test_ten_thousand_random_messages_move_only_what_is_bound(header: bytes, seed: int) -> None:
    wanted = find_mapping("generic")
    session = Session(wanted, "x")
    dice = random.Random(seed)
    started_s = time.perf_counter()
    for _ in range(1000):
        session.port.say("x", bytes(dice.randrange(256) for _ in range(dice.randrange(5))), header)
        session.port.say("x", bytes([dice.randrange(0x80, 0xF0), dice.randrange(128), dice.randrange(128)]))
        session.hub.show(Snapshot(knobs=session.positions))
    assert time.perf_counter() - started_s < 20.0
    assert {move.control for move in session.moves} <= {each.control for each in wanted.bindings}
    for name, value in session.positions.items():
        assert LIVE_CONTROLS[name].low <= value <= LIVE_CONTROLS[name].high


def test_a_flood_of_system_exclusive_changes_nothing() -> None:
    session = Session(find_mapping("generic"), "x")
    for size in range(300):
        session.port.say("x", bytes([0xF0, *[size % 128] * size, 0xF7]), bytes([0xF0, *cc(1, 64)]), bytes([0xFE]))
    assert session.moves == []
    assert session.hub.ghosts() == {}


def test_ports_and_screen_may_speak_at_once() -> None:
    session = Session(mapping(bound(takeover="jump"), PEDAL), "a", "b")
    stop = threading.Event()

    def screen() -> None:
        while not stop.is_set():
            session.hub.show(Snapshot(knobs=session.positions, switches={"ab": bool(len(session.moves) % 2)}))
            session.hub.ghosts()
            session.hub.moved(Move("amount", 0.5, "mouse"))

    drawing = threading.Thread(target=screen)
    playing = [
        threading.Thread(target=lambda n=name: [session.port.say(n, cc(1, v % 128)) for v in range(3000)])
        for name in "ab"
    ]
    for thread in (drawing, *playing):
        thread.start()
    for thread in playing:
        thread.join(timeout=60)
        assert not thread.is_alive()
    stop.set()
    drawing.join(timeout=10)
    assert len(session.moves) == 6000


# -- ports -------------------------------------------------------------------------------------------------------


def test_ports_are_meant_by_parts_of_their_names() -> None:
    assert matches("nanoKONTROL2 CTRL 20:0", ["KONTROL"])
    assert matches("nanoKONTROL2 CTRL 20:0", ["x", "nanokontrol2"])
    assert not matches("nanoKONTROL2", ["piano"])
    assert matches("anything", [])
    assert not matches("Midi Through Port-0 14:0", [])
    assert matches("Midi Through Port-0 14:0", ["through"])


@pytest.mark.parametrize(
    ("part", "names", "message"),
    [
        ("nonoKONTROL2", ["piano", "nanoKONTROL2 CTRL 20:0"], "did you mean 'nanoKONTROL2 CTRL 20:0'"),
        ("zzz", ["piano"], "there is no MIDI port 'zzz': there are piano"),
        ("zzz", [], "nor any other; is the device plugged in"),
    ],
)
def test_an_unknown_port_names_the_nearest(part: str, names: list[str], message: str) -> None:
    check_wanted(["piano"], ["Piano 1"])
    with pytest.raises(InputError, match=message):
        check_wanted([part], names)


def test_without_rtmidi_there_is_no_midi_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rtmidi", None)
    with pytest.raises(NoMidiError, match="there is no MIDI here: python-rtmidi is not installed"):
        RtPorts()


@pytest.mark.parametrize("error", [SystemError("no sequencer."), OSError("no sequencer")])
def test_a_constructor_that_fails_is_no_midi_either(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(ports, "apis", lambda: ("alsa", "jack"))
    monkeypatch.setattr(ports, "_client", fail)
    with pytest.raises(NoMidiError, match=r"there is no MIDI here \(tried alsa, jack: no sequencer\)"):
        MidiHub(mapping(bound()), (), lambda _: None, dict)
    with pytest.raises(NoMidiError, match="there is no MIDI system 'x' here: known are alsa, jack"):
        RtPorts("x")
