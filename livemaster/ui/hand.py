"""The performer's hand: turns presses, turns of the wheel and clicks into moves of the session."""

from __future__ import annotations

from livemaster.controls import LIVE_CONTROLS, Control, Kind, Move
from livemaster.studio.performable import Performable
from livemaster.ui.text import finite

KEY, MOUSE = "key", "mouse"
DECIMALS = 9
"""Values are rounded so far, so that steps up and down meet again."""


class Hand:
    """Moves a session; presses between two pictures of it add up."""

    def __init__(self, session: Performable) -> None:
        self._session = session
        self._sent: dict[str, float] = {}
        self._sought_s: float | None = None

    def forget(self) -> None:
        """A new picture is shown: count from what it says."""
        self._sent.clear()
        self._sought_s = None

    def press(self, control: Control, direction: int, source: str) -> None:
        """One step of a knob or among names, or a press of anything else."""
        if control.kind is not Kind.KNOB:
            self._session.do(Move(control.id, None if direction > 0 else direction, source))
            return
        value = self._sent.get(control.id, finite(self._session.snapshot().knobs.get(control.id)))
        self._turn(control, (control.rest if value is None else value) + direction * control.step, source)

    def rest(self, control_id: str, source: str) -> None:
        """Put a knob back to where it rests."""
        if control_id in LIVE_CONTROLS:
            self._turn(LIVE_CONTROLS[control_id], LIVE_CONTROLS[control_id].rest, source)

    def seek_by(self, seconds: float) -> None:
        """Go on or back by so much."""
        now_s = self._session.snapshot().position_s if self._sought_s is None else self._sought_s
        self.seek(now_s + seconds)

    def seek(self, time_s: float) -> None:
        """Go to a time, within the track."""
        track = self._session.snapshot().track
        if track is None or not track.count or finite(time_s) is None:
            return
        self._sought_s = min(max(time_s, 0.0), max(track.duration_s, 0.0))
        self._session.seek(self._sought_s)

    def _turn(self, knob: Control, value: float, source: str) -> None:
        self._sent[knob.id] = round(min(max(value, knob.low), knob.high), DECIMALS)
        self._session.do(Move(knob.id, self._sent[knob.id], source))
