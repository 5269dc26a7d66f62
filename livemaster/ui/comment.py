"""A line to say something about what was rated."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from textual.app import ComposeResult
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Input

from livemaster.personal.ratings import MOST_COMMENT
from livemaster.ui.text import AMBER, FAINT, GROUND, INK


class _CommentInput(Input):
    """An input that leaves some keys to others."""

    def __init__(self, always: Mapping[str, Callable[[], None]], placeholder: str, max_length: int) -> None:
        super().__init__(placeholder=placeholder, max_length=max_length)
        self._always = always

    async def _on_key(self, event: Key) -> None:
        act = self._always.get(event.key)
        if act is None:
            await super()._on_key(event)
        else:
            event.stop()
            event.prevent_default()
            act()


class CommentLine(ModalScreen[str | None]):
    """Below everything else, which goes on; the comment, or None when the rating was taken back.

    Whoever takes the screen down while it is open keeps the rating, with what is written so far. `always`: keys that
    are no letters of it, with what each does.
    """

    CSS = f"""
    CommentLine {{ align: center bottom; background: {GROUND} 0%; }}
    CommentLine Input {{
        width: 100%; background: {GROUND}; color: {INK}; border: round {AMBER};
        border-title-color: {AMBER}; border-subtitle-color: {FAINT};
    }}
    """

    def __init__(self, stars: int, always: Mapping[str, Callable[[], None]]) -> None:
        super().__init__()
        self._stars, self._always = stars, always

    def compose(self) -> ComposeResult:
        """One line to write in."""
        line = _CommentInput(
            self._always,
            placeholder="what should be different, such as: more bass, a bit harsh",
            max_length=MOST_COMMENT,
        )
        line.border_title = f"{self._stars} of 5; enter keeps it, esc takes it back"
        line.border_subtitle = "ctrl+a A/B, ctrl+space pause, ! panic"
        yield line

    @property
    def text(self) -> str:
        """What is written so far."""
        return self.query_one(Input).value

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """It is said."""
        self.dismiss(event.value)

    def on_key(self, event: Key) -> None:
        """Escape takes it back; every other key that arrives here is a letter, or the line's own."""
        if event.key == "escape":
            event.stop()
            self.dismiss(None)
