"""The widgets: each draws lines by a pure function, and repaints the lines that changed."""

from __future__ import annotations

from collections.abc import Callable

from rich.segment import Segment
from rich.text import Text
from textual.events import MouseDown, MouseMove, MouseScrollDown, MouseScrollUp, MouseUp
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from livemaster.controls import LIVE_CONTROLS, Control, Kind
from livemaster.snapshot import Snapshot
from livemaster.ui.knobs import draw_knobs, knob_at
from livemaster.ui.status import draw_switches, switch_at
from livemaster.ui.strip import draw_strip, time_at
from livemaster.ui.view import View

Draw = Callable[[View, int, int], list[Text]]
"""A view, columns and rows → so many lines."""


class Pressed(Message):
    """A control was clicked, or the wheel turned over it: −1 down, 1 up or pressed."""

    def __init__(self, control: Control, direction: int) -> None:
        super().__init__()
        self.moved, self.direction = control, direction


class Selected(Message):
    """A knob was pointed out."""

    def __init__(self, control: Control) -> None:
        super().__init__()
        self.moved = control


class Sought(Message):
    """A time was clicked."""

    def __init__(self, time_s: float) -> None:
        super().__init__()
        self.time_s = time_s


class Panel(Widget):
    """Lines of text from the latest view."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "Panel { position: absolute; }"

    def __init__(self, name: str, draw: Draw) -> None:
        super().__init__(id=name.replace(" ", "-"))
        self._draw = draw
        self._view: View | None = None
        self._lines: list[Text] = []

    def show(self, view: View) -> None:
        """Draw what differs from the lines that are shown."""
        self._view = view
        columns, rows = self.size
        if not columns or not rows or not self.display:
            return
        lines = self.draw(view, columns, rows)
        if len(lines) != len(self._lines):
            self._lines = lines
            self.refresh()
            return
        before, self._lines = self._lines, lines
        changed = [row for row, line in enumerate(lines) if not _alike(line, before[row])]
        if changed:
            self.refresh(*(Region(0, row, columns, 1) for row in changed))

    def draw(self, view: View, columns: int, rows: int) -> list[Text]:
        """The lines of a view."""
        return self._draw(view, columns, rows)

    def on_resize(self) -> None:
        """Draw all of it anew."""
        self._lines = []
        if self._view is not None:
            self.show(self._view)

    def render_line(self, y: int) -> Strip:
        """One line as the terminal shows it."""
        base = self.rich_style
        if y >= len(self._lines):
            return Strip.blank(self.size.width, base)
        line, console = self._lines[y], self.app.console
        segments = Segment.apply_style(line.render(console, end=""), console.get_style(line.style))
        return Strip(segments).adjust_cell_length(self.size.width, base).apply_style(base).simplify()


def _alike(one: Text, other: Text) -> bool:
    return one is other or (one == other and one.style == other.style)


class StripPanel(Panel):
    """The track; a click or the end of a drag seeks."""

    def __init__(self, name: str) -> None:
        super().__init__(name, lambda view, columns, rows: [])
        self._pointed_s: float | None = None

    def draw(self, view: View, columns: int, rows: int) -> list[Text]:
        """The strip, with the caret where a drag points to."""
        return draw_strip(view.snapshot, columns, rows, self._pointed_s)

    def on_mouse_down(self, event: MouseDown) -> None:
        """Begin to point."""
        if self._snapshot is not None and self._snapshot.track is not None and self._snapshot.track.count:
            self.capture_mouse()
            self._point(event.x)

    def on_mouse_move(self, event: MouseMove) -> None:
        """Point elsewhere."""
        if self._pointed_s is not None:
            self._point(event.x)

    def on_mouse_up(self, event: MouseUp) -> None:
        """Seek."""
        if self._pointed_s is None:
            return
        self.release_mouse()
        self._point(event.x)
        self.post_message(Sought(self._pointed_s))
        self._pointed_s = None

    @property
    def _snapshot(self) -> Snapshot | None:
        return None if self._view is None else self._view.snapshot

    def _point(self, column: int) -> None:
        if self._view is not None and self._view.snapshot.track is not None:
            self._pointed_s = time_at(column, self.size.width, self._view.snapshot.track.duration_s)
            self.show(self._view)


class KnobPanel(Panel):
    """The knobs; a click points one out, the wheel turns it."""

    def __init__(self, name: str) -> None:
        super().__init__(name, draw_knobs)

    def on_mouse_down(self, event: MouseDown) -> None:
        """Point a knob out."""
        knob = knob_at(event.y, self.size.height)
        if knob is not None:
            self.post_message(Selected(knob))

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Raise a knob."""
        self._turn(event.y, 1)
        event.stop()

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Lower a knob."""
        self._turn(event.y, -1)
        event.stop()

    def _turn(self, row: int, direction: int) -> None:
        knob = knob_at(row, self.size.height)
        if knob is not None and knob.kind is Kind.KNOB:
            self.post_message(Pressed(knob, direction))


class SwitchPanel(Panel):
    """The switches; a click toggles one."""

    def __init__(self, name: str) -> None:
        super().__init__(name, draw_switches)

    def on_mouse_down(self, event: MouseDown) -> None:
        """Toggle a switch."""
        refused = frozenset[str]() if self._view is None else self._view.snapshot.refused
        switch = switch_at(event.x, refused) if event.y == 0 else None
        if switch is not None:
            self.post_message(Pressed(switch, 1))


class HeardPanel(Panel):
    """What is heard; a click switches sides."""

    def on_mouse_down(self, event: MouseDown) -> None:
        """Switch sides."""
        self.post_message(Pressed(LIVE_CONTROLS["ab"], 1))
