"""What a controller surface does to the controls: a pure state machine from messages to moves.

A session applies a move some time after it is made, so the position it reports lags behind. Each control
therefore keeps the values that are on their way; a reported position that changes to none of them is another
hand's: a key, the mouse, a map. `moved` says so at once, and is the only way to tell from a lag a hand that puts
a control back where it was last reported.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping as Positions
from dataclasses import dataclass, field

from livemaster.live.controls import LIVE_CONTROLS, Kind, Move
from livemaster.live.midi.mapping import Binding, Mapping
from livemaster.live.midi.messages import ControlChange, Message, Note, PitchBend, ProgramChange
from livemaster.live.midi.travel import (
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
class _Hand:
    """One binding as it is played."""

    binding: Binding
    taken: bool = False
    """Whether it has picked up its control."""
    position: float | None = None
    """Where the knob stands, 0…1; None until it has been moved."""
    down: bool = False
    """Whether the button is pressed."""
    coarse: dict[int, int] = field(default_factory=dict)
    """The coarse half of a 14-bit value, by channel."""
    fine: dict[int, int] = field(default_factory=dict)

    @property
    def waits(self) -> bool:
        """Whether the knob stands elsewhere than its control and waits to pick it up."""
        pickup = self.binding.takeover == "pickup" and self.binding.encoding == "absolute"
        return pickup and not self.taken and self.position is not None


class Surface:
    """Turns messages into moves as a mapping says; not thread-safe."""

    def __init__(self, mapping: Mapping) -> None:
        """[control] Nothing is picked up yet."""
        self._hands = tuple(_Hand(binding) for binding in mapping.bindings)
        self._table: dict[tuple[str, int | None], list[_Hand]] = {}
        for hand in self._hands:
            for number in hand.binding.numbers:
                self._table.setdefault((hand.binding.on.type, number), []).append(hand)
        knobs = {each.binding.control for each in self._hands if each.binding.played.kind is Kind.KNOB}
        self._standings = {name: _Standing(LIVE_CONTROLS[name].rest) for name in knobs}

    def feed(self, message: Message, positions: Positions[str, float]) -> list[Move]:
        """[control] The moves that a message makes; `positions`: where the knobs stand now, by control id, in
        their units.
        """
        hand = self._hand(message)
        if hand is None:
            return []
        if hand.binding.played.kind is Kind.KNOB:
            self._look(hand.binding.control, positions)
            value = self._turned(hand, message)
            return [] if value is None else [self._given(hand, value)]
        return self._pressed(hand, message)

    def moved(self, control: str, value: float) -> None:
        """[control] Another hand (key, mouse, map, section) has moved a knob's control: pick it up anew."""
        standing = self._standings.get(control)
        if standing is not None and math.isfinite(value):
            standing.coming.clear()
            standing.give(value)
            self._let_go(control)

    def forget(self) -> list[Move]:
        """[control] A device has gone: its knobs may stand anywhere when it is back, and what a held key of it
        switched on is let go.
        """
        held = [hand.binding.control for hand in self._hands if hand.binding.momentary and hand.down]
        for hand in self._hands:
            hand.taken, hand.position, hand.down = False, None, False
            hand.coarse.clear()
        return [Move(control, 0.0, SOURCE) for control in held]

    def ghosts(self) -> dict[str, float]:
        """Where the knobs stand that wait to pick up their controls: control id → value in its unit."""
        return {
            hand.binding.control: to_control(hand.binding, hand.position)
            for hand in self._hands
            if hand.waits and hand.position is not None
        }

    def bound(self, control: str) -> str | None:
        """The first message that moves a control, such as `CC 1`."""
        return next((str(hand.binding.on) for hand in self._hands if hand.binding.control == control), None)

    def _hand(self, message: Message) -> _Hand | None:
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

    def _let_go(self, control: str, keep: _Hand | None = None) -> None:
        for hand in self._hands:
            if hand.binding.control == control and hand is not keep:
                hand.taken = False

    def _given(self, hand: _Hand, value: float) -> Move:
        control = hand.binding.control
        self._standings[control].give(value)
        self._let_go(control, keep=hand)
        return Move(control, value, SOURCE)

    def _turned(self, hand: _Hand, message: Message) -> float | None:
        """The new value of the control of a knob that was turned; None while it has not picked it up."""
        binding, standing = hand.binding, self._standings[hand.binding.control].value
        if isinstance(message, ControlChange) and binding.encoding != "absolute":
            step = binding.played.step * (1.0 if binding.span[0] < binding.span[1] else -1.0)
            ticks = TICKS[binding.encoding](message.value)
            return within(binding, standing + ticks * step) if ticks else None
        position = _position(hand, message)
        if position is None:
            return None
        before, hand.position = hand.position, position
        if binding.takeover == "jump":
            return to_control(binding, position)
        if before is None:
            return None
        if binding.takeover == "scale":
            return to_control(binding, scaled(to_position(binding, standing), before, position))
        hand.taken = hand.taken or picks_up(binding, standing, before, position)
        return to_control(binding, position) if hand.taken else None

    # -- switches, buttons, choices ----------------------------------------------------------------------------

    def _pressed(self, hand: _Hand, message: Message) -> list[Move]:
        """The move of a key, pad, pedal or program."""
        binding, was = hand.binding, hand.down
        match message:
            case Note(_, _, velocity):
                hand.down = velocity > 0
                struck = hand.down
            case ControlChange(_, _, value):
                hand.down = value >= PRESSED
                struck = hand.down and not was  # a pedal sends many values while it goes down
            case _:
                struck = True
        if binding.momentary:
            changed = hand.down != was
            return [Move(binding.control, float(hand.down), SOURCE)] if changed else []
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


def _position(hand: _Hand, message: Message) -> float | None:
    """Where the knob of an absolute binding stands now, 0…1; None while only the fine half is known."""
    if isinstance(message, PitchBend):
        return position_of(message.value, TOP_14_BIT)
    assert isinstance(message, ControlChange)
    if hand.binding.bits == 7:
        return position_of(message.value, TOP_7_BIT)
    channel = message.channel
    if message.number == hand.binding.on.number:
        hand.coarse[channel], hand.fine[channel] = message.value, 0  # MIDI 1.0: a new coarse half resets the fine
    else:
        hand.fine[channel] = message.value
    if channel not in hand.coarse:
        return None
    return position_of(128 * hand.coarse[channel] + hand.fine[channel], TOP_14_BIT)
