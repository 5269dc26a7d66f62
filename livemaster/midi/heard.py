"""What is heard while a control is looked for: a track of values for each control of each sender.

A controller may be the fine half of another one, choose a bank for the program that follows, or be one of the several
in which an NRPN comes; so what belongs together is put together here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from livemaster.midi.halves import HALF_S, Halves
from livemaster.midi.mapping import COARSE_CC, LSB_OFFSET
from livemaster.midi.messages import (
    ControlChange,
    Message,
    Note,
    PitchBend,
    ProgramChange,
    note_name,
)

BANK_CC = (0, LSB_OFFSET)
"""Choose a bank of programs, where program changes come."""
ADDRESS_CC = {98: "NRPN", 99: "NRPN", 100: "RPN", 101: "RPN"}
"""Say which parameter is meant, in a fine and a coarse half."""
DATA_CC = {6: "coarse", 38: "fine", 96: "up", 97: "down"}
"""Data entry: the value of the parameter that was addressed before; controllers like others where none was."""
NO_PARAMETER = 127
MOST_VALUES = 4096

Sender = tuple[str, int]
"""Port and channel."""


@dataclass(slots=True)
class ControlTrack:
    """One control of one sender: its values in steps of 7 bits, with their times."""

    label: str
    message: Message | None
    """What it is bound by; None for an NRPN or RPN, which nothing can be bound by."""
    bits: int = 7
    values: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=MOST_VALUES))

    @property
    def first_s(self) -> float:
        """When it was first heard."""
        return self.values[0][1]

    @property
    def last_s(self) -> float:
        """When it was last heard."""
        return self.values[-1][1]

    @property
    def still(self) -> bool:
        """Whether it has had one value only."""
        return len({value for value, _ in self.values}) == 1

    @property
    def rise(self) -> float:
        """From the smallest value, or from 0 where there is but one, to the largest."""
        values = [value for value, _ in self.values]
        return max(values) - (0.0 if self.still else min(values))

    @property
    def travel(self) -> float:
        """How far it has moved in steps, less where it was not steady."""
        values = [value for value, _ in self.values]
        return _span(values) * steadiness(values) ** 2


def steadiness(values: list[float]) -> float:
    """Share of the way that goes on as it went before, 0…1: a knob's is near 1, that of jitter a third or less."""
    steps = [new - old for old, new in pairwise(values) if new != old]
    if not steps:
        return 1.0
    on = abs(steps[0]) + sum(abs(new) for old, new in pairwise(steps) if old * new > 0.0)
    return on / sum(abs(step) for step in steps)


def _span(values: list[float]) -> float:
    """Largest less smallest value, single outliers left out by a median of three."""
    padded = [values[0], *values, values[-1]]
    calm = [sorted(padded[at : at + 3])[1] for at in range(len(values))]
    return max(calm) - min(calm)


class HeardControls:
    """All messages so far, sorted into tracks; not thread-safe."""

    def __init__(self) -> None:
        """[control] Nothing yet."""
        self._tracks: dict[tuple[Sender, str], ControlTrack] = {}
        self._controllers: dict[Sender, deque[tuple[ControlChange, float]]] = {}
        self._addressed: dict[Sender, dict[int, int]] = {}
        self._data: dict[tuple[Sender, str], Halves] = {}
        self._with_programs: set[Sender] = set()

    def take(self, message: Message, port: str, now_s: float) -> None:
        """[control] Sort in a message that came from `port` at `now_s`, a monotonic time."""
        sender = (port, message.channel)
        match message:
            case ControlChange(_, number, value) if number in ADDRESS_CC:
                self._address(sender, number, value)
            case ControlChange(_, number, value) if number in DATA_CC and sender in self._addressed:
                self._enter(sender, DATA_CC[number], value, now_s)
            case ControlChange(_, number, value):
                self._controllers.setdefault(sender, deque(maxlen=MOST_VALUES)).append((message, now_s))
                self._add(sender, f"CC {number}", message, float(value), now_s)
            case PitchBend(_, value):
                self._add(sender, "pitch bend", message, value / 128.0, now_s, bits=14)
            case ProgramChange(_, number):
                self._with_programs.add(sender)
                self._add(sender, f"program {number}", message, 127.0, now_s)
            case Note(_, number, velocity) if velocity > 0:
                self._add(sender, f"note {number} ({note_name(number)})", message, float(velocity), now_s)

    def tracks(self, *, joined: bool) -> list[ControlTrack]:
        """[control] Everything that may be meant, banks of programs left out.

        `joined`: the halves of 14-bit values are one track.
        """
        pairs = dict(self._pairs()) if joined else {}
        found = []
        for (sender, _), track in self._tracks.items():
            number = track.message.number if isinstance(track.message, ControlChange) else None
            if number is None:
                found.append(track)
            elif (sender, number - LSB_OFFSET) not in pairs and not self._is_bank(sender, number):
                found.append(pairs.get((sender, number), track))
        return found

    def _add(
        self, sender: Sender, label: str, message: Message | None, value: float, now_s: float, bits: int = 7
    ) -> None:
        track = self._tracks.setdefault((sender, label), ControlTrack(label, message, bits))
        if isinstance(message, ControlChange) and isinstance(track.message, ControlChange):
            track.message = max(track.message, message, key=lambda each: each.value)  # a press, not the letting go
        track.values.append((value, now_s))

    def _is_bank(self, sender: Sender, number: int) -> bool:
        return number in BANK_CC and sender in self._with_programs

    # -- parameters that are addressed -------------------------------------------------------------------------

    def _address(self, sender: Sender, number: int, value: int) -> None:
        """The sender says which parameter its next data are for; both halves at 127 mean none."""
        which = self._addressed.setdefault(sender, {})
        other = number ^ 1
        for each in which.keys() - {number, other}:
            del which[each]  # an RPN takes the place of an NRPN, and the other way round
        which[number] = value
        if value == NO_PARAMETER and which.get(other) == NO_PARAMETER:
            del self._addressed[sender]

    def _enter(self, sender: Sender, what: str, value: int, now_s: float) -> None:
        """A value, or a part of one, for the parameter that is addressed."""
        which = self._addressed[sender]
        low = min(which) & ~1
        label = f"{ADDRESS_CC[low]} {128 * which.get(low + 1, 0) + which.get(low, 0)}"
        track = self._tracks.get((sender, label))
        if what in ("up", "down"):
            steps = track.values[-1][0] if track is not None else 0.0
            self._add(sender, label, None, steps + (1.0 if what == "up" else -1.0), now_s)
            return
        made = self._data.setdefault((sender, label), Halves()).take(what == "fine", value, now_s)
        if made is not None or track is None:
            self._add(sender, label, None, float(value) if made is None else made / 128.0, now_s)

    # -- halves ------------------------------------------------------------------------------------------------

    def _pairs(self) -> Iterator[tuple[tuple[Sender, int], ControlTrack]]:
        """For each controller whose fine half was heard, by sender and number: what both make together."""
        for sender, log in self._controllers.items():
            for number in {message.number for message, _ in log} & set(COARSE_CC):
                both = [(m, at_s) for m, at_s in log if m.number in (number, number + LSB_OFFSET)]
                values = joined_halves([(m.number != number, m.value, at_s) for m, at_s in both])
                if values:
                    track = self._tracks[sender, f"CC {number}"]
                    label = f"{track.label} with CC {number + LSB_OFFSET}"
                    steps = ((value / 128.0, at_s) for value, at_s in values)
                    yield (sender, number), ControlTrack(label, track.message, 14, deque(steps, maxlen=MOST_VALUES))


def joined_halves(both: list[tuple[bool, int, float]]) -> list[tuple[int, float]]:
    """The 14-bit values, with their times, of halves (whether fine, value, time) that belong together; otherwise none.

    They do where each of several coarse halves has a fine one beside it, and both together go as steadily as the fine
    ones alone, or more so: a knob beside a jittering pedal does not.
    """
    coarse = [at for at, (is_fine, _, _) in enumerate(both) if not is_fine]
    if len(coarse) < 2 or not all(_is_accompanied(both, at) for at in coarse):
        return []
    halves, found = Halves(), []
    for is_fine, value, at_s in both:
        made = halves.take(is_fine, value, at_s)
        if made is not None:
            found.append((made, at_s))
    fine = [float(value) for is_fine, value, _ in both if is_fine]
    return found if steadiness([float(value) for value, _ in found]) >= steadiness(fine) else []


def _is_accompanied(both: list[tuple[bool, int, float]], at: int) -> bool:
    beside = both[max(at - 1, 0) : at] + both[at + 1 : at + 2]
    return any(is_fine and abs(at_s - both[at][2]) <= HALF_S for is_fine, _, at_s in beside)
