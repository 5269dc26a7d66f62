"""What a controller surface does to the controls: a pure state machine from messages to moves.

A session applies a move some time after it is made, so the position it reports lags behind. Each control
therefore keeps the values that are on their way; a reported position that changes to none of them is another
hand's: a key, the mouse, a map. `moved` says so at once, and is the only way to tell from a lag a hand that puts
a control back where it was last reported.

What a knob or key did before is its sender's: two keyboards that send the same message, or one on two channels, are two
knobs of one control, and take it from each other.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping as Positions
from dataclasses import dataclass, field

from livemaster.controls import LIVE_CONTROLS, Kind, Move
from livemaster.midi.halves import Halves
from livemaster.midi.mapping import Binding, Mapping
from livemaster.midi.messages import ControlChange, Message, Note, PitchBend, ProgramChange
from livemaster.midi.scaling import (
    TICKS,
    TOP_7_BIT,
    TOP_14_BIT,
    position_of,
    to_control,
    to_position,
    within,
)

SOURCE = "midi"

PICKUP_SHARE = 3 / 128
"""Share of a control's range within which a knob picks it up, as Mixxx has it."""

PRESSED = 64
"""Controller value from which a pedal or button counts as down (MIDI 1.0)."""

SAME_SHARE = 1e-6
"""Share of a control's range below which two values are the same: a session may hold them as float32."""

MAX_ON_THEIR_WAY = 256


@dataclass(slots=True)
class _Standing:
    """Where a control stands: the position last reported, and values given since that it has not reported yet."""

    reported: float
    coming: deque[float] = field(default_factory=lambda: deque(maxlen=MAX_ON_THEIR_WAY))

    @property
    def value(self) -> float:
        return self.coming[-1] if self.coming else self.reported

    def give(self, value: float) -> None:
        if value != self.reported or self.coming:
            self.coming.append(value)

    def report(self, position: float, same: float) -> bool:
        """Take note of the reported position; whether another hand must have moved the control."""
        if abs(position - self.reported) <= same:
            return False
        self.reported = position
        for index, value in enumerate(self.coming):
            if abs(position - value) <= same:
                for _ in range(index + 1):
                    self.coming.popleft()
                return False
        self.coming.clear()
        return True


@dataclass(slots=True)
class _Sender:
    """One knob or key: what a binding has heard of one port and channel."""

    port: str
    taken: bool = False
    """Whether it has picked up its control."""
    position: float | None = None
    """Where the knob stands, 0…1; None until it has been moved."""
    down: bool = False
    """Whether the button is pressed."""
    halves: Halves = field(default_factory=Halves)
    """Of a 14-bit value."""


@dataclass(slots=True)
class _Touch:
    """One binding as it is played, with whoever has played it; the latest is the last."""

    binding: Binding
    senders: dict[tuple[str, int], _Sender] = field(default_factory=dict)

    def sender(self, port: str, channel: int) -> _Sender:
        """The one of that port and channel, from now on the latest."""
        sender = self.senders.pop((port, channel), None) or _Sender(port)
        self.senders[port, channel] = sender
        return sender

    @property
    def waiting(self) -> float | None:
        """Where the knob that was moved last stands, 0…1, when that is elsewhere than its control; otherwise None."""
        pickup = self.binding.takeover == "pickup" and self.binding.encoding == "absolute"
        latest = next(reversed(self.senders.values()), None)
        return latest.position if latest is not None and pickup and not latest.taken else None

    @property
    def down(self) -> bool:
        """Whether anybody's key is down."""
        return any(sender.down for sender in self.senders.values())


class Surface:
    """Turns messages into moves as a mapping says; not thread-safe."""

    def __init__(self, mapping: Mapping) -> None:
        """[control] Nothing is picked up yet."""
        self._hands = tuple(_Touch(binding) for binding in mapping.bindings)
        self._table: dict[tuple[str, int | None], list[_Touch]] = {}
        for hand in self._hands:
            for number in hand.binding.numbers:
                self._table.setdefault((hand.binding.on.type, number), []).append(hand)
        knobs = {each.binding.control for each in self._hands if each.binding.played.kind is Kind.KNOB}
        self._momentary = {each.binding.control: None for each in self._hands if each.binding.momentary}
        self._standings = {name: _Standing(LIVE_CONTROLS[name].rest) for name in knobs}

    def feed(
        self, message: Message, positions: Positions[str, float], port: str = "", now_s: float = 0.0
    ) -> list[Move]:
        """[control] The moves that a message makes, which came from `port` at `now_s`, a monotonic time.

        `positions`: where the knobs stand now, by control id, in their units. A half of a 14-bit value may wait for
        the other one: see `due_s`.
        """
        hand = self._hand(message)
        if hand is None:
            return []
        sender = hand.sender(port, message.channel)
        if hand.binding.played.kind is not Kind.KNOB:
            return self._pressed(hand, sender, message)
        self._look(hand.binding.control, positions)
        if isinstance(message, ControlChange) and hand.binding.encoding != "absolute":
            return self._given(hand, sender, self._stepped(hand.binding, message.value))
        position = _position(hand.binding, sender, message, now_s)
        return [] if position is None else self._given(hand, sender, self._turned(hand.binding, sender, position))

    @property
    def due_s(self) -> float | None:
        """When a half of a 14-bit value that waits will count alone; None while none waits."""
        times = (sender.halves.due_s for hand in self._hands for sender in hand.senders.values())
        return min((each for each in times if each is not None), default=None)

    def late(self, positions: Positions[str, float], now_s: float) -> list[Move]:
        """[control] The moves of the halves that have waited long enough."""
        moves: list[Move] = []
        for hand in self._hands:
            for sender in hand.senders.values():
                value = sender.halves.late(now_s)
                if value is not None:
                    self._look(hand.binding.control, positions)
                    position = position_of(value, TOP_14_BIT)
                    moves += self._given(hand, sender, self._turned(hand.binding, sender, position))
        return moves

    def moved(self, control: str, value: float) -> None:
        """[control] Another hand (key, mouse, map, section) has moved a knob's control: pick it up anew."""
        standing = self._standings.get(control)
        if standing is not None and math.isfinite(value):
            standing.coming.clear()
            standing.give(value)
            self._let_go(control)

    def forget(self, port: str | None = None) -> list[Move]:
        """[control] A device has gone, or all: its knobs may stand anywhere when it is back, and what a held key of
        it switched on is let go.
        """
        held = [control for control in self._momentary if self._is_held(control)]
        for hand in self._hands:
            kept = {} if port is None else {key: each for key, each in hand.senders.items() if each.port != port}
            hand.senders = kept
        return [Move(control, 0.0, SOURCE) for control in held if not self._is_held(control)]

    def ghosts(self) -> dict[str, float]:
        """Where the knobs stand that wait to pick up their controls: control id → value in its unit."""
        return {
            hand.binding.control: to_control(hand.binding, position)
            for hand in self._hands
            if (position := hand.waiting) is not None
        }

    def bound(self, control: str) -> str | None:
        """The first message that moves a control, such as `CC 1`."""
        return next((str(hand.binding.on) for hand in self._hands if hand.binding.control == control), None)

    def _hand(self, message: Message) -> _Touch | None:
        match message:
            case Note(channel, number):
                key: tuple[str, int | None] = ("note", number)
            case ControlChange(channel, number):
                key = ("cc", number)
            case ProgramChange(channel, number):
                key = ("program", number)
            case PitchBend(channel):
                key = ("pitch_bend", None)
        hands = self._table.get(key, ())
        return next((hand for hand in hands if hand.binding.on.channel in (None, channel)), None)

    # -- knobs -------------------------------------------------------------------------------------------------

    def _look(self, control: str, positions: Positions[str, float]) -> None:
        """Compare where a control stands with where it was put."""
        position = positions.get(control)
        if position is None or not math.isfinite(position):
            return
        declared = LIVE_CONTROLS[control]
        if self._standings[control].report(position, SAME_SHARE * (declared.high - declared.low)):
            self._let_go(control)

    def _let_go(self, control: str, keep: _Sender | None = None) -> None:
        for hand in self._hands:
            if hand.binding.control == control:
                for sender in hand.senders.values():
                    sender.taken = sender.taken and sender is keep

    def _given(self, hand: _Touch, sender: _Sender, value: float | None) -> list[Move]:
        """The move to a value, where there is one; whoever else had the control must pick it up anew."""
        if value is None:
            return []
        control = hand.binding.control
        self._standings[control].give(value)
        self._let_go(control, keep=sender)
        return [Move(control, value, SOURCE)]

    def _stepped(self, binding: Binding, value: int) -> float | None:
        """The new value of the control of an encoder that was turned; None where it was not."""
        step = binding.played.step * (1.0 if binding.span[0] < binding.span[1] else -1.0)
        ticks = TICKS[binding.encoding](value)
        return within(binding, self._standings[binding.control].value + ticks * step) if ticks else None

    def _turned(self, binding: Binding, sender: _Sender, position: float) -> float | None:
        """The new value of the control of a knob that was turned; None while it has not picked it up."""
        standing = self._standings[binding.control].value
        before, sender.position = sender.position, position
        if binding.takeover == "jump":
            return to_control(binding, position)
        if before is None:
            return None
        if binding.takeover == "scale":
            return to_control(binding, scaled(to_position(binding, standing), before, position))
        sender.taken = sender.taken or picks_up(binding, standing, before, position)
        return to_control(binding, position) if sender.taken else None

    # -- switches, buttons, choices ----------------------------------------------------------------------------

    def _is_held(self, control: str) -> bool:
        """Whether any key that holds this switch is down, anybody's."""
        return any(each.binding.momentary and each.down for each in self._hands if each.binding.control == control)

    def _pressed(self, hand: _Touch, sender: _Sender, message: Message) -> list[Move]:
        """The move of a key, pad, pedal or program."""
        binding, was = hand.binding, sender.down
        match message:
            case Note(_, _, velocity):
                sender.down = velocity > 0
                struck = sender.down
            case ControlChange(_, _, value):
                sender.down = value >= PRESSED
                struck = sender.down and not was  # a pedal sends many values while it goes down
            case _:
                struck = True
        if binding.momentary:
            changed = sender.down != was and (sender.down or not self._is_held(binding.control))
            return [Move(binding.control, float(sender.down), SOURCE)] if changed else []
        if not struck:
            return []
        return [Move(binding.control, binding.choice if binding.played.kind is Kind.CHOICE else None, SOURCE)]


def picks_up(binding: Binding, standing: float, before: float, position: float) -> bool:
    """Whether a knob that goes from position `before` to `position` reaches the control's value, or crosses it."""
    aim = within(binding, standing)  # a value outside the travel is met at its end
    control = binding.played
    last, new = (to_control(binding, each) - aim for each in (before, position))
    return abs(new) <= PICKUP_SHARE * (control.high - control.low) or last * new <= 0.0


def scaled(parameter: float, before: float, position: float) -> float:
    """Where the parameter (0…1) goes when the knob goes from `before` to `position`: both meet at either end."""
    if position >= 1.0 or position <= 0.0:
        return position
    if position > before:
        return parameter + (position - before) * (1.0 - parameter) / (1.0 - before)
    if position < before:
        return parameter - (before - position) * parameter / before
    return parameter


def _position(binding: Binding, sender: _Sender, message: Message, now_s: float) -> float | None:
    """Where the knob of an absolute binding stands now, 0…1; None while a half of its value waits for the other."""
    if isinstance(message, PitchBend):
        return position_of(message.value, TOP_14_BIT)
    assert isinstance(message, ControlChange)
    if binding.bits == 7:
        return position_of(message.value, TOP_7_BIT)
    value = sender.halves.take(message.number != binding.on.number, message.value, now_s)
    return None if value is None else position_of(value, TOP_14_BIT)
