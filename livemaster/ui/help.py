"""Every key with what it does, generated from the controls."""

from __future__ import annotations

from typing import NamedTuple

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from livemaster.controls import LIVE_CONTROLS, Control, Kind
from livemaster.documents import preset_names
from livemaster.ui.keys import SCREEN_KEYS, TRAVEL_KEYS, key_name
from livemaster.ui.text import FAINT, GROUND, INK, VIOLET

HEADINGS = {
    Kind.KNOB: "knobs: lower, raise (or turn the mouse wheel over one)",
    Kind.SWITCH: "switches (or click)",
    Kind.BUTTON: "buttons",
    Kind.CHOICE: "choices: back, on, in the order that is written here",
}
SCREEN_HEADING = "screen"


class HelpEntry(NamedTuple):
    """One line of the help."""

    keys: str
    title: str
    about: str


def help_entries(refused: frozenset[str] = frozenset(), *, travels: bool = True) -> dict[str, list[HelpEntry]]:
    """What each key does, by heading, but for what a session refuses; `travels`: whether it can be sought in."""
    offered = [each for each in LIVE_CONTROLS.values() if each.id not in refused]
    found = {heading: [_entry(each) for each in offered if each.kind is kind] for kind, heading in HEADINGS.items()}
    keys = {key: about for key, about in SCREEN_KEYS.items() if travels or key not in TRAVEL_KEYS}
    heading = f"{SCREEN_HEADING} (or click the track to go there)" if travels else SCREEN_HEADING
    return found | {heading: [HelpEntry(key_name(key), "", about) for key, about in keys.items()]}


def _entry(control: Control) -> HelpEntry:
    keys = [key_name(key) for key in (control.down_key, control.up_key) if key]
    about = control.about.replace("`", "")
    if control.kind is Kind.CHOICE:
        about += f": {', '.join(preset_names(control.id))}"
    return HelpEntry(" ".join(keys), control.title, about)


def draw_help(refused: frozenset[str] = frozenset(), *, travels: bool = True) -> Table:
    """Headings and entries; what is said of a key wraps in its own column."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style=f"bold {INK}")
    table.add_column(style=FAINT)
    for index, (heading, entries) in enumerate(help_entries(refused, travels=travels).items()):
        if index:
            table.add_row()
        table.add_row("", Text(heading, style=f"bold {VIOLET}"))
        for keys, title, about in entries:
            name = (f"{title}: ", INK) if title else ""
            table.add_row(Text(keys), Text.assemble(name, about))
    return table


class Help(ModalScreen[None]):
    """The overlay; what it does not cover goes on, and so do the keys of the controls."""

    CSS = f"""
    Help {{ align: center middle; background: {GROUND} 60%; }}
    Help VerticalScroll {{
        width: 96; max-width: 100%; height: auto; max-height: 100%;
        background: {GROUND}; border: round {FAINT}; border-title-color: {INK}; padding: 0 1;
        scrollbar-color: {FAINT}; scrollbar-background: {GROUND}; scrollbar-size-vertical: 1;
    }}
    Help Static {{ height: auto; background: {GROUND}; }}
    """

    def __init__(self, refused: frozenset[str] = frozenset(), *, travels: bool = True) -> None:
        super().__init__()
        self._table = draw_help(refused, travels=travels)

    def compose(self) -> ComposeResult:
        """A scrolling list."""
        with VerticalScroll() as box:
            box.border_title = "keys – ? or esc closes, ↑ ↓ scroll"
            yield Static(self._table)
