"""Which key moves what: derived from the controls, with the few keys of the screen itself."""

from __future__ import annotations

from typing import NamedTuple

from textual.keys import format_key

from livemaster.controls import LIVE_CONTROLS, Control

HELP_KEY = "question_mark"
QUIT_KEY = "q"
SEEK_KEYS = {"left": -5.0, "right": 5.0}
"""By how many seconds each goes on."""
START_KEY = "home"
SELECT_KEYS = {"tab": 1, "shift+tab": -1, "down": 1, "up": -1}
"""By how many knobs each goes on."""
REST_KEY = "enter"
RATING_KEYS = {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5}
"""How many of five stars each gives."""
COMMENT_KEY = "colon"
KEEP_KEY = "K"
ALWAYS_KEYS = {"exclamation_mark": "panic", "ctrl+a": "ab", "ctrl+@": "pause"}
"""What works while a comment is written too, in which other keys are letters; `ctrl+@` is the space bar with ctrl."""
TRAVEL_KEYS = {
    "left": "go back five seconds",
    "right": "go on five seconds",
    START_KEY: "go to the track's beginning",
}
"""Keys for what can be sought in, with what they do."""
SCREEN_KEYS = {
    **TRAVEL_KEYS,
    "tab": "point out the next knob; the arrows up and down do too",
    REST_KEY: "put the knob that is pointed out back to where it rests",
    "1": "to 5: rate what plays, 5 is best; enter keeps the rating, and so does a comment",
    COMMENT_KEY: "after 1 to 5: a comment on what should be different",
    KEEP_KEY: "keep bass, mid, treble and width as they stand, as your preference for such recordings",
    HELP_KEY: "open and close this help",
    "ctrl+a": "A/B while a comment is written too; ctrl+space pauses, ! panics",
    QUIT_KEY: "fade out and quit; ctrl+c too",
}
"""Keys that belong to no control, with what they do."""
RESERVED = frozenset(
    {*SCREEN_KEYS, *SELECT_KEYS, *RATING_KEYS, *ALWAYS_KEYS, "escape", "ctrl+c", "ctrl+q"} - {"exclamation_mark"}
)


class Press(NamedTuple):
    """What a key asks of a control: −1 lowers a knob or goes back, 1 raises it, goes on or presses anything else."""

    control: Control
    direction: int


def _presses() -> dict[str, Press]:
    found = {each.up_key: Press(each, 1) for each in LIVE_CONTROLS.values()}
    found |= {each.down_key: Press(each, -1) for each in LIVE_CONTROLS.values() if each.down_key}
    return found | {key: Press(LIVE_CONTROLS[name], 1) for key, name in ALWAYS_KEYS.items()}


PRESSES = _presses()
"""By key, as the controls write it."""


def press_of(key: str, character: str | None) -> Press | None:
    """What a key of the terminal asks; `key`: its name, `character`: what it writes, if anything."""
    return PRESSES.get(key) or PRESSES.get(character or "")


def key_name(key: str) -> str:
    """A key as it is printed on a keyboard."""
    return format_key(key)
