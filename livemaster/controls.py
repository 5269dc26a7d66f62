"""Everything a performer can move, declared once: MIDI mappings, keys, the screen and takes derive from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from livemaster import trims
from livemaster.engine import CONTROLS


class Kind(Enum):
    """How a control is played."""

    KNOB = "knob"
    """A number between `low` and `high`."""
    SWITCH = "switch"
    """On or off; a note toggles it, or holds it while it is down."""
    BUTTON = "button"
    """Happens once each time it is pressed."""
    CHOICE = "choice"
    """One of a list of names; without a name, the next of them, or with a number so many further on."""


@dataclass(frozen=True, slots=True)
class Control:
    """One control: its range and resting value (knobs), the step and the two keys that lower and raise it.

    A choice's keys go back and on. Switches and buttons have one key, `up_key`. Keys are written as textual names them.
    """

    id: str
    kind: Kind
    title: str
    about: str
    up_key: str
    low: float = 0.0
    high: float = 1.0
    rest: float = 0.0
    unit: str = ""
    step: float = 0.05
    down_key: str = ""


def _knob(name: str, title: str, about: str, keys: str, step: float, unit: str = "") -> Control:
    low, high, rest = CONTROLS[name]
    return Control(name, Kind.KNOB, title, about, keys[1], low, high, rest, unit, step, keys[0])


LIVE_CONTROLS: dict[str, Control] = {
    each.id: each
    for each in (
        _knob("reactivity", "emotion", "how far loudness and tone follow the emotion", "rt", 0.05),
        _knob("amount", "amount", "how much mastering at all", "-+", 0.05),
        _knob("dynamics", "dynamics", "from −1 compressed to +1 punchy", "dD", 0.1),
        _knob("intensity", "intensity", "intensity by hand, instead of the emotion's", "iI", 0.05),
        _knob("bass", "bass", f"trim {trims.BASS}", "zx", 0.5, "dB"),
        _knob("mid", "mid", f"trim {trims.MID}", "cv", 0.5, "dB"),
        _knob("treble", "treble", f"trim {trims.TREBLE}", "fg", 0.5, "dB"),
        _knob("width", "width", "trim of the stereo width", "wW", 0.05),
        Control("ab", Kind.SWITCH, "A/B", "hear the raw mix, matched in loudness where `match` is on", "a"),
        Control("match", Kind.SWITCH, "match", "compare at equal loudness: the louder side is turned down", "m"),
        Control("hold", Kind.SWITCH, "hold", "stay in this section: it is repeated until let go", "h"),
        Control("pause", Kind.SWITCH, "pause", "pause the music, or go on", "space"),
        Control("record", Kind.SWITCH, "record", "keep this performance as a take", "R"),
        Control("blind", Kind.SWITCH, "blind", "compare without knowing: A/B then switches between X and Y", "b"),
        Control("vote", Kind.BUTTON, "vote", "in a blind comparison: what is heard now is better", "V"),
        Control("release", Kind.BUTTON, "release", "give the intensity back to what led it", "u"),
        Control("next_section", Kind.BUTTON, "next section", "go to the next section", "n"),
        Control("previous_section", Kind.BUTTON, "section back", "go to the section before", "p"),
        Control("next_track", Kind.BUTTON, "next track", "go to the next track", "N"),
        Control("previous_track", Kind.BUTTON, "track back", "go to the track before", "P"),
        Control("panic", Kind.BUTTON, "panic", "fade to the raw mix, the ceiling still holds", "exclamation_mark"),
        Control("mode", Kind.CHOICE, "mode", "fade to another mode", "o", down_key="O"),
        Control("platform", Kind.CHOICE, "platform", "fade to another loudness preset", "l", down_key="L"),
    )
}
"""By id, in the order in which they are shown."""


class Move(NamedTuple):
    """One move of a control, from wherever.

    `value`: a knob's new value in its own unit; 1 or 0 for a switch, None to toggle it; a name for a choice, None for
    the next one, −1 for the one before; None for a button. `source`: `midi`, `key`, `mouse`, `map` …, so that MIDI
    knows when another hand
    has moved a control.
    """

    control: str
    value: float | str | None = None
    source: str = ""
