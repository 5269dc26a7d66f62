"""Everything that can be moved while music plays, declared once: each control's range, resting place, words and keys.

The engine's rows, the ranges of plans, options and mappings, the screen, its help and takes derive from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


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
    INNER = "inner"
    """A number that no hand moves, but the program: by plans, while it follows what comes in, or when it is in need."""


@dataclass(frozen=True, slots=True)
class Control:
    """One control: its range and resting value (numbers), the step and the two keys that lower and raise it.

    A choice's keys go back and on. Switches and buttons have one key, `up_key`. Keys are written as textual names them.
    """

    id: str
    kind: Kind
    title: str
    about: str
    up_key: str = ""
    low: float = 0.0
    high: float = 1.0
    rest: float = 0.0
    unit: str = ""
    step: float = 0.05
    down_key: str = ""
    in_engine: bool = False
    """Whether the engine knows it, and takes keep its moves; what it does not know is the session's."""

    def clamp(self, value: float) -> float:
        """The value, or the nearer end where it lies outside."""
        return min(max(value, self.low), self.high)


def _knob(
    name: str, title: str, about: str, keys: str, low: float, high: float, rest: float, *, step: float, unit: str = ""
) -> Control:
    return Control(name, Kind.KNOB, title, about, keys[1], low, high, rest, unit, step, keys[0], in_engine=True)


def _inner(name: str, about: str, low: float, high: float, rest: float, unit: str = "") -> Control:
    return Control(name, Kind.INNER, name, about, low=low, high=high, rest=rest, unit=unit, in_engine=True)


REACH = {
    "bass": "below 60 Hz (half at 100 Hz)",
    "mid": "from 850 Hz to 1.2 kHz (half at 500 Hz and 2 kHz)",
    "treble": "above 10 kHz (half at 6 kHz)",
}
"""Where a trim changes a finished master by 80 % of its dB at least, in comparison with what it leaves alone.

The filters do so up to 70 Hz, from 710 Hz to 1.4 kHz and from 8.6 kHz on; a compressor that answers to what was turned
up takes up to a tenth of that.
"""

CONTROLS: dict[str, Control] = {
    each.id: each
    for each in (
        _knob("reactivity", "emotion", "how far loudness and tone follow the emotion", "rt", 0.0, 1.5, 1.0, step=0.05),
        _knob("amount", "amount", "how much mastering at all", "-+", 0.0, 1.0, 1.0, step=0.05),
        _knob("dynamics", "dynamics", "from −1 compressed to +1 punchy", "dD", -1.0, 1.0, 0.0, step=0.1),
        _knob("intensity", "intensity", "intensity by hand, instead of the emotion's", "iI", 0.0, 1.0, 0.5, step=0.05),
        _knob("bass", "bass", f"trim {REACH['bass']}", "zx", -12.0, 12.0, 0.0, step=0.5, unit="dB"),
        _knob("mid", "mid", f"trim {REACH['mid']}", "cv", -12.0, 12.0, 0.0, step=0.5, unit="dB"),
        _knob("treble", "treble", f"trim {REACH['treble']}", "fg", -12.0, 12.0, 0.0, step=0.5, unit="dB"),
        _knob("width", "width", "trim of the stereo width", "wW", -1.0, 1.0, 0.0, step=0.05),
        _inner("override", "how far an intensity by hand stands in for the emotion's own", 0.0, 1.0, 0.0),
        _inner("amount_eq", "how much of the equalizer", 0.0, 1.0, 1.0),
        _inner("amount_compression", "how much of the compressor", 0.0, 1.0, 1.0),
        _inner("amount_saturation", "how much of the saturation", 0.0, 1.0, 1.0),
        _inner("amount_width", "how much of the width", 0.0, 1.0, 1.0),
        _inner("input", "added to the gain ahead of the chain", -24.0, 24.0, 0.0, "dB"),
        _inner("level", "added to the sections' gain after the chain", -24.0, 24.0, 0.0, "dB"),
        Control("ab", Kind.SWITCH, "A/B", "hear the raw mix, matched in loudness where `match` is on", "a"),
        Control(
            *("match", Kind.SWITCH, "match", "compare at equal loudness: the louder side is turned down", "m"),
            in_engine=True,
        ),
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

LIVE_CONTROLS = {name: each for name, each in CONTROLS.items() if each.kind is not Kind.INNER}
"""What a performer can move."""

ENGINE_CONTROLS = {name: each for name, each in CONTROLS.items() if each.in_engine}
"""What the engine knows."""

ROWS = {name: row for row, name in enumerate(ENGINE_CONTROLS)}
"""The row of each in the engine's control tracks."""


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
