"""Which of all that is heard is meant: the knob that moves most and steadily, the key or pad that is pressed."""

from __future__ import annotations

from dataclasses import dataclass

from livemaster.controls import Kind
from livemaster.midi.heard import ControlTrack, HeardControls
from livemaster.midi.learn import Lesson
from livemaster.midi.mapping import Binding
from livemaster.midi.messages import ControlChange, Message, Note, ProgramChange
from livemaster.midi.scaling import TICKS

QUIET_S = 0.5
"""A knob that has moved and stands for so long is done."""
LONG_S = 2.0
"""A knob that has moved for so long is plain; and what never moves is meant when nothing else comes for so long."""
PRESS_S = 0.3
"""How long after a press the rest of it is waited for: a pad may send a bank and a program, or a note and a CC."""
MOVED_STEPS = {7: 6.0, 14: 1.5}
"""By bits: from here on, in steps of a 7-bit value, a knob has moved; less may be jitter."""
TURNED_TICKS = 2
"""From so many messages on, an endless encoder has been turned."""
MOST_TICKS = 16
"""Most that an encoder counts in one message; what sends more is none."""
PRESSED_STEPS = 32.0
"""What a button or pedal rises by when it is pressed."""
CLEARLY = 2.0
"""How much further than all others the control has moved that is meant, where none has moved far."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What was learned; or None and why it cannot be, in words; and what else is to be said."""

    binding: Binding | None
    refused: str = ""
    notes: tuple[str, ...] = ()


class Audition:
    """Hears everything that comes while a lesson lasts, and decides; not thread-safe."""

    def __init__(self, lesson: Lesson) -> None:
        """[control] Nothing was heard yet."""
        self._lesson, self._heard = lesson, HeardControls()

    def hear(self, message: Message | None, port: str, now_s: float) -> None:
        """[control] Take note of a message that came from `port` at `now_s`, a monotonic time."""
        if message is not None:
            self._heard.take(message, port, now_s)

    def verdict(self, now_s: float, *, last: bool = False) -> Choice | None:
        """[control] What is meant, once that is plain; None while it is not. `last`: nothing more will come."""
        tracks = self._heard.tracks(joined=self._lesson.takes_pairs)
        able = [track for track in tracks if track.message is None or self._binding(track) is not None]
        if not able:
            return None
        decide = self._turned if self._lesson.kind is Kind.KNOB else self._pressed
        best = decide(able, now_s, last)
        return None if best is None else self._said(best, [track for track in able if track is not best])

    # -- knobs -------------------------------------------------------------------------------------------------

    def _turned(self, tracks: list[ControlTrack], now_s: float, last: bool) -> ControlTrack | None:
        """The knob that is meant."""
        *others, best = sorted(tracks, key=self._travel)
        done = last or now_s - best.last_s >= QUIET_S or now_s - best.first_s >= LONG_S
        if done and self._travel(best) >= self._enough(best):
            return best
        if last and others:
            most = max(self._travel(track) for track in others)
            return best if self._travel(best) > max(CLEARLY * most, 1.0) else None
        plain = best.still == (best.message is not None)  # jitter, and an RPN that is sent at a start, are not
        alone = not others and (last or (plain and now_s - best.first_s >= LONG_S))
        return best if alone else None

    def _travel(self, track: ControlTrack) -> float:
        if self._lesson.encoding == "absolute" or track.message is None:
            return track.travel
        ticks = [TICKS[self._lesson.encoding](int(value)) for value, _ in track.values]
        return float(sum(0 < abs(each) <= MOST_TICKS for each in ticks))

    def _enough(self, track: ControlTrack) -> float:
        return MOVED_STEPS[track.bits] if self._lesson.encoding == "absolute" else TURNED_TICKS

    # -- keys, pads, pedals ------------------------------------------------------------------------------------

    def _pressed(self, tracks: list[ControlTrack], now_s: float, last: bool) -> ControlTrack | None:
        """The press that is meant: a program before a note before a controller, and of these the one that rose most."""
        pressed = [track for track in tracks if _rank(track) > 0]
        if not pressed:  # an NRPN, perhaps
            return next((track for track in tracks if track.message is None), None) if last else None
        if not last and now_s - min(track.first_s for track in pressed) < PRESS_S:
            return None
        return max(pressed, key=lambda track: (_rank(track), track.rise if _rank(track) == 1 else 0.0))

    # -- words -------------------------------------------------------------------------------------------------

    def _binding(self, track: ControlTrack) -> Binding | None:
        return None if track.message is None else self._lesson.hear(track.message, pair=" with " in track.label)

    def _said(self, best: ControlTrack, others: list[ControlTrack]) -> Choice:
        binding = self._binding(best)
        if binding is None:
            return Choice(None, f"what was moved sends {best.label} in several controllers, which no binding can hear")
        notes = [f"passed over, though it came too: {', '.join(track.label for track in others)}"] if others else []
        if best.bits == 14 and isinstance(best.message, ControlChange):
            notes.append(f"{best.label} is one value of 14 bits")
        if best.still and len(best.values) > 1 and self._lesson.takes_pairs:
            value = f"{best.values[0][0]:g}"
            notes.append(f"{best.label} sent {value} each time: if it is an endless encoder, it wants --encoding")
        return Choice(binding, notes=tuple(notes))


def _rank(track: ControlTrack) -> int:
    match track.message:
        case ProgramChange():
            return 3
        case Note():
            return 2
        case ControlChange() if track.rise >= PRESSED_STEPS:
            return 1
    return 0
