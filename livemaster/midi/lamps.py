"""From what a session shows to what lit pads and motor faders are sent, and only when that changes."""

from __future__ import annotations

from collections.abc import Sequence

from livemaster.controls import Kind
from livemaster.midi.mapping import LSB_OFFSET, Binding, Mapping
from livemaster.midi.messages import ControlChange, Message, Note, PitchBend
from livemaster.midi.scaling import TOP_7_BIT, TOP_14_BIT, to_position, value_of
from livemaster.snapshot import Snapshot

HELD_S = 0.3
"""How long a fader is left alone after the hand has moved it; what the session shows lags behind the hand."""

_Address = tuple[type, int, int | None]


class Lamps:
    """What the device is believed to show; not thread-safe."""

    def __init__(self, mapping: Mapping) -> None:
        """[control] Nothing is known of the device yet, so everything will be sent once."""
        self._bindings = tuple(each for each in mapping.bindings if each.feedback is not None)
        self._sent: dict[_Address, int] = {}  # to all ports
        self._own: dict[_Address, dict[str, int]] = {}  # what ports have said since, each of itself alone
        self._touched_s: dict[_Address, float] = {}

    def messages(self, snapshot: Snapshot, now_s: float, ports: Sequence[str] = ("",)) -> list[Message]:
        """[control] What is to be sent to all so that every device shows the snapshot.

        `now_s`: a monotonic time; `ports`: those that are open.
        """
        found: list[Message] = []
        for binding in self._bindings:
            wanted = _messages(binding, snapshot)
            if binding.played.kind is Kind.KNOB and any(self._is_held(each, now_s) for each in wanted):
                continue
            if any(self._shows(_address(each), port) != _value(each) for each in wanted for port in ports):
                found += wanted
                self._sent.update({_address(each): _value(each) for each in wanted})
                for each in wanted:
                    self._own.pop(_address(each), None)
        return found

    def heard(self, message: Message, now_s: float, port: str = "") -> None:
        """[control] The device shows what it has sent: its own fader stands there, its own pad is lit or not."""
        if not self._bindings:
            return
        address = _address(message)
        self._own.setdefault(address, {})[port] = _value(message)
        self._touched_s[address] = now_s

    def forget(self) -> None:
        """[control] A device has come back: send everything again."""
        self._sent.clear()
        self._own.clear()

    def gone(self, port: str) -> None:
        """[control] A device has gone, and what it showed with it."""
        for said in self._own.values():
            said.pop(port, None)

    def _shows(self, address: _Address, port: str) -> int | None:
        return self._own.get(address, {}).get(port, self._sent.get(address))

    def _is_held(self, message: Message, now_s: float) -> bool:
        touched_s = self._touched_s.get(_address(message))
        return touched_s is not None and now_s - touched_s < HELD_S


def _messages(binding: Binding, snapshot: Snapshot) -> tuple[Message, ...]:
    """What the device of a binding should be sent; a binding for any channel is answered on the first."""
    channel, number = binding.on.channel or 1, binding.on.number or 0
    if binding.played.kind is not Kind.KNOB:
        lit = _is_lit(binding, snapshot)
        if lit is None or binding.feedback is None:
            return ()
        value = binding.feedback.on if lit else binding.feedback.off
        return (Note(channel, number, value) if binding.on.type == "note" else ControlChange(channel, number, value),)
    if binding.control not in snapshot.knobs:
        return ()
    position = to_position(binding, snapshot.knobs[binding.control])
    if binding.on.type == "pitch_bend":
        return (PitchBend(channel, value_of(position, TOP_14_BIT)),)
    if binding.bits == 14:
        coarse, fine = divmod(value_of(position, TOP_14_BIT), 128)
        return (ControlChange(channel, number, coarse), ControlChange(channel, number + LSB_OFFSET, fine))
    return (ControlChange(channel, number, value_of(position, TOP_7_BIT)),)


def _is_lit(binding: Binding, snapshot: Snapshot) -> bool | None:
    """Whether a pad is lit; None where the snapshot says nothing about it."""
    if binding.played.kind is Kind.SWITCH:
        return snapshot.switches.get(binding.control)
    current = {"mode": snapshot.mode, "platform": snapshot.platform}.get(binding.control)
    return None if current is None else current == binding.choice


def _address(message: Message) -> _Address:
    return (type(message), message.channel, getattr(message, "number", None))


def _value(message: Message) -> int:
    return message.velocity if isinstance(message, Note) else getattr(message, "value", 0)
