"""The terminal screen of a session: drawn from its snapshots, played by keys and mouse."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import ClassVar, NamedTuple

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Key, Resize
from textual.geometry import Size

from livemaster.controls import LIVE_CONTROLS
from livemaster.snapshot import NowPlaying, State
from livemaster.studio.performable import Performable
from livemaster.ui import keys
from livemaster.ui.comment import CommentLine
from livemaster.ui.hand import KEY, MOUSE, Hand
from livemaster.ui.help import Help
from livemaster.ui.knobs import KNOBS
from livemaster.ui.layout import LEAST_COLUMNS, LEAST_ROWS, fits, places
from livemaster.ui.meters import draw_meters
from livemaster.ui.panels import HeardPanel, KnobPanel, Panel, Pressed, Selected, Sought, StripPanel, SwitchPanel
from livemaster.ui.status import draw_device, draw_header, draw_heard, draw_loudness, draw_warnings
from livemaster.ui.text import GROUND, INK
from livemaster.ui.view import View

FRAMES_PER_S = 12
ASKED_S = 10.0
"""A rating that is not kept within this is none: a digit may be a slip of the hand."""
AWAY_S = 1.0
"""Whoever was away for so long, asleep or suspended, does not know what stands on the terminal."""
SCROLLING = frozenset({"up", "down", "pageup", "pagedown", "home", "end"})
"""Keys that scroll the help while it is open."""


def draw_too_small(view: View, columns: int, rows: int) -> list[Text]:
    """A plain sentence, in as many lines as it needs, instead of everything else."""
    sentence = (
        f"This terminal has {columns} × {rows} characters; the screen needs {LEAST_COLUMNS} × {LEAST_ROWS}. "
        f"The keys work; now heard: {view.snapshot.heard}."
    )
    lines = [""]
    for word in sentence.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > columns:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + word
    return [Text(line, style=INK, no_wrap=True) for line in lines][:rows]


class Question(NamedTuple):
    """A rating that waits to be kept: of what, how many stars, until when."""

    playing: NowPlaying
    stars: int
    until_s: float


class LiveScreen(App[None]):
    """Shows a session until it has stopped; quitting closes the session, which fades out."""

    ENABLE_COMMAND_PALETTE = False
    TITLE = "livemaster"
    CSS = f"Screen {{ background: {GROUND}; color: {INK}; overflow: hidden; }}"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "interrupt", "quit", show=False, priority=True),
        Binding("ctrl+q", "leave", "quit", show=False, priority=True),
        Binding("ctrl+l", "redraw", "draw all of it", show=False, priority=True),
    ]

    def __init__(self, session: Performable) -> None:
        super().__init__()
        self._session = session
        self._hand = Hand(session)
        self._selected = 0
        self._leaving = False
        self._asked: Question | None = None
        """The rating that a digit asked for."""
        self._rating: Callable[[], None] | None = None
        """Keeps the rating whose comment is being written, where there is one."""
        self.interrupted = False
        """Whether it was left by Ctrl-C."""
        self.told: tuple[str, ...] = ()
        """The session's messages that were shown while the session was there."""
        self._panels: dict[str, Panel] = {}
        self._drawn_s = time.monotonic()

    def compose(self) -> ComposeResult:
        """Every panel, and the sentence for small terminals."""
        panels = (
            Panel("header", draw_header),
            StripPanel("strip"),
            HeardPanel("heard", lambda view, columns, rows: draw_heard(view.snapshot, columns, rows)),
            Panel("loudness", lambda view, columns, rows: draw_loudness(view.snapshot, columns, rows)),
            Panel("meters", lambda view, columns, rows: draw_meters(view.snapshot, columns, rows)),
            KnobPanel("knobs"),
            SwitchPanel("switches"),
            Panel("warnings", lambda view, columns, rows: draw_warnings(view.snapshot, columns, rows, view.asking)),
            Panel("device", lambda view, columns, rows: [draw_device(view.snapshot, columns)]),
        )
        self._panels = {str(panel.id): panel for panel in panels}
        yield from panels
        yield Panel("small", draw_too_small)

    def on_mount(self) -> None:
        """Start to draw."""
        self.app_resume_signal.subscribe(self, lambda _: self.action_redraw())
        self._arrange(self.size)
        self._draw()
        self.set_interval(1.0 / FRAMES_PER_S, self._draw)

    def on_resize(self, event: Resize) -> None:
        """Put every panel in its place."""
        self._arrange(event.size)

    def on_key(self, event: Key) -> None:
        """Every key of the screen and of the controls."""
        if isinstance(self.screen, CommentLine):
            return
        if isinstance(self.screen, Help):
            if event.key in {keys.HELP_KEY, keys.QUIT_KEY, "escape"}:
                self.pop_screen()
            elif event.key in SCROLLING or not self._play(event):
                return
        elif not self._play(event):
            return
        event.stop()
        event.prevent_default()

    def on_pressed(self, message: Pressed) -> None:
        """A control was moved by the mouse."""
        self._hand.press(message.moved, message.direction, MOUSE)

    def on_selected(self, message: Selected) -> None:
        """A knob was clicked."""
        self._selected = KNOBS.index(message.moved)
        self._draw()

    def on_sought(self, message: Sought) -> None:
        """The track was clicked."""
        self._hand.seek(message.time_s)

    def action_redraw(self) -> None:
        """All of it, whatever stands on the terminal."""
        self.refresh(layout=True)

    def action_interrupt(self) -> None:
        """Leave because of Ctrl-C."""
        self.interrupted = True
        self.action_leave()

    def action_leave(self) -> None:
        """Close the session and end when it has faded out; at the second time, at once."""
        if self._leaving:
            self._end()
            return
        self._leaving = True
        self._draw()
        self.run_worker(self._fade_out())

    async def _fade_out(self) -> None:
        try:
            await asyncio.to_thread(self._session.close)
        finally:
            self._end()

    def _end(self) -> None:
        """Take the screen down; a rating whose comment is still written is kept."""
        if self._rating is not None:
            self._rating()
        self.exit()

    def _play(self, event: Key) -> bool:
        """Do what the key asks, if it asks anything."""
        if self._asked is not None and self._answer(self._asked, event.key):
            return True
        press = keys.press_of(event.key, event.character)
        if press is not None:
            self._hand.press(press.control, press.direction, KEY)
        elif event.key in keys.SEEK_KEYS:
            self._hand.seek_by(keys.SEEK_KEYS[event.key])
        elif event.key == keys.START_KEY:
            self._hand.seek(0.0)
        elif event.key in keys.SELECT_KEYS:
            self._selected = (self._selected + keys.SELECT_KEYS[event.key]) % len(KNOBS)
            self._draw()
        elif event.key == keys.REST_KEY:
            self._hand.rest(KNOBS[self._selected].id, KEY)
        elif event.key in keys.RATING_KEYS:
            self._rate(keys.RATING_KEYS[event.key])
        elif event.key == keys.KEEP_KEY:
            self._session.keep()
        elif event.key == keys.HELP_KEY:
            snapshot = self._session.snapshot()
            self.push_screen(Help(snapshot.refused, travels=snapshot.track is None or snapshot.track.count > 0))
        elif event.key == keys.QUIT_KEY:
            self.action_leave()
        else:
            return False
        return True

    def _rate(self, stars: int) -> None:
        """Ask whether that is meant, of what plays now, whatever plays when it is answered."""
        playing = self._session.now_playing()
        self._asked = None if playing is None else Question(playing, stars, time.monotonic() + ASKED_S)
        self._draw()

    def _answer(self, asked: Question, key: str) -> bool:
        """Keep the rating, begin a comment on it, or drop it; False where the key means something else."""
        if key not in (keys.REST_KEY, keys.COMMENT_KEY, "escape"):
            return False
        self._asked = None
        if key == keys.REST_KEY:
            self._session.rate(asked.playing, asked.stars, "")
        elif key == keys.COMMENT_KEY:
            self._comment(asked.playing, asked.stars)
        self._draw()
        return True

    def _comment(self, playing: NowPlaying, stars: int) -> None:
        """A line for a comment, beside which panic, pause and A/B go on working."""

        def said(comment: str | None) -> None:
            self._rating = None
            if comment is not None:
                self._session.rate(playing, stars, comment)

        always = {key: partial(self._hand.press, LIVE_CONTROLS[name], 1, KEY) for key, name in keys.ALWAYS_KEYS.items()}
        line = CommentLine(stars, always)
        self._rating = lambda: said(line.text)
        self.push_screen(line, said)

    def _draw(self) -> None:
        """Show the session as it stands now."""
        if not self.screen_stack:  # the screen is being taken down, and its clock ticks once more
            return
        now_s = time.monotonic()
        if now_s - self._drawn_s > AWAY_S:
            self.action_redraw()
        self._drawn_s = now_s
        session = self._session
        snapshot = session.snapshot()
        self._hand.forget()
        if snapshot.state is State.STOPPED and not self._leaving:
            self._end()
        elif snapshot.state is not State.STOPPED:
            self.told = snapshot.messages
        if self._asked is not None and time.monotonic() > self._asked.until_s:
            self._asked = None
        stars = 0 if self._asked is None else self._asked.stars
        asking = f"{stars} of 5? enter keeps it, : adds a comment, esc drops it" if stars else ""
        selected = KNOBS[self._selected].id
        view = View(snapshot, session.bindings(), session.ghosts(), selected, self._leaving, asking)
        for panel in self.screen_stack[0].query(Panel):
            panel.show(view)

    def _arrange(self, size: Size) -> None:
        columns, rows = size
        found = places(columns, rows)
        for name, panel in self._panels.items():
            panel.display = name in found
            if name in found:
                place = found[name]
                panel.styles.offset = (place.x, place.y)
                panel.styles.width, panel.styles.height = place.columns, place.rows
        small = self.screen_stack[0].query_one("#small", Panel)
        small.display = not fits(columns, rows)
        small.styles.width, small.styles.height = columns, rows
