"""A session told in plain lines, where there is no screen: what changed, and the figures from time to time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from livemaster.snapshot import Snapshot, State, TrackView
from livemaster.ui.text import UNKNOWN, clock, figure, finite, plain

FIGURES_EVERY_S, OFTEN_FOR_S, LATER_EVERY_S = 10.0, 60.0, 60.0
"""Figures come so often in the first minute, and so often after it."""
LATE_EVERY_S = 5.0
"""Late blocks that keep coming are told of so often at most in the first minute, then no more often than figures."""
MOST_LINES = 500
"""So many different lines are remembered before the old ones are forgotten."""
MOST_ALIKE, ALIKE_S = 3, 60.0
"""The same line is told so often in so long; a state that stands when there is room again is told then."""


class Log:
    """Turns successive snapshots into lines; the time is the caller's, in s, from anywhere."""

    def __init__(self) -> None:
        self._before: Snapshot | None = None
        self._late_told = 0
        self._late_at_s = -LATE_EVERY_S
        self._figures_at_s: float | None = None
        self._began_s: float | None = None
        self._state_told = ""
        self._told_s: dict[str, deque[float]] = {}
        """When each line was told of late."""

    def tell(self, now: Snapshot, time_s: float) -> list[str]:
        """What there is to say of the session at this time, most often nothing."""
        self._began_s = time_s if self._began_s is None else self._began_s
        early = time_s - self._began_s < OFTEN_FOR_S
        state = _state(now)
        lines = [state] if state != self._state_told and self._room(state, time_s) else []
        self._state_told = lines[0] if lines else self._state_told
        lines += [line for line in changes(self._before, now) if self._room(line, time_s)]
        lines += self._late(now, time_s, LATE_EVERY_S if early else LATER_EVERY_S)
        self._before = now
        every_s = FIGURES_EVERY_S if early else LATER_EVERY_S
        if now.state is not State.RUNNING:
            self._figures_at_s = None
        elif self._figures_at_s is None:
            self._figures_at_s = time_s + every_s
        elif time_s >= self._figures_at_s:
            self._figures_at_s = time_s + every_s
            lines.append(figures(now))
        return lines

    def _late(self, now: Snapshot, time_s: float, every_s: float) -> Iterator[str]:
        late = now.device.late_blocks
        self._late_told = min(self._late_told, late)  # another device counts from zero
        if late > self._late_told and time_s >= self._late_at_s + every_s:
            yield f"late blocks: {late - self._late_told} more, {late} of {now.device.blocks}"
            self._late_told, self._late_at_s = late, time_s

    def _room(self, line: str, time_s: float) -> bool:
        """Whether a line is told, or was so often of late that it is not."""
        if len(self._told_s) > MOST_LINES:
            self._told_s = {each: at_s for each, at_s in self._told_s.items() if time_s < at_s[-1] + ALIKE_S}
        told_s = self._told_s.setdefault(line, deque(maxlen=MOST_ALIKE))
        if len(told_s) == MOST_ALIKE and time_s < told_s[0] + ALIKE_S:
            return False
        told_s.append(time_s)
        return True


def changes(before: Snapshot | None, now: Snapshot) -> Iterator[str]:
    """A line for each thing worth telling that differs, but the state; all where there was nothing before."""
    if now.track is not None and (before is None or _place(before) != _place(now)):
        yield _track(now.track)
    if _section(now) and (before is None or (_place(before), before.section) != (_place(now), now.section)):
        yield _section(now)
    if now.shed != (before.shed if before else ()):
        yield f"overloaded, bypassed: {', '.join(map(plain, now.shed))}" if now.shed else "nothing is bypassed any more"
    yield from map(plain, new_messages(before.messages if before else (), now.messages))


def figures(now: Snapshot) -> str:
    """Where it plays, what is heard and how loud that is, how the device is served."""
    meters, device = now.meters, now.device
    load = finite(device.load)
    loudness = [figure(each) for each in (meters.momentary_lufs, meters.short_term_lufs, meters.integrated_lufs)]
    return (
        f"{clock(now.position_s)} {plain(now.heard)}: momentary {loudness[0]}, short-term {loudness[1]}, "
        f"integrated {loudness[2]} LUFS, target {figure(now.target_lufs)}; "
        f"true peak {figure(meters.true_peak_dbtp)} dBTP; "
        f"load {UNKNOWN if load is None else f'{100.0 * load:.0f}'} %, late {device.late_blocks}"
    )


def new_messages(before: tuple[str, ...], now: tuple[str, ...]) -> tuple[str, ...]:
    """Those that came since, where only the latest are kept."""
    kept = next(
        count for count in range(min(len(before), len(now)), -1, -1) if before[len(before) - count :] == now[:count]
    )
    return now[kept:]


def _track(track: TrackView) -> str:
    if not track.count:
        return plain(track.name)
    return f"track {track.number} of {track.count}: {plain(track.name)}, {clock(track.duration_s)}"


def _state(now: Snapshot) -> str:
    word = "playing" if now.state is State.RUNNING else str(now.state)
    return f"{word}: {plain(now.reason)}" if now.reason else word


def _place(snapshot: Snapshot) -> tuple[int, str] | None:
    return None if snapshot.track is None else (snapshot.track.number, snapshot.track.name)


def _section(now: Snapshot) -> str:
    if now.track is None or not 0 <= now.section < len(now.track.sections):
        return ""
    section = now.track.sections[now.section]
    level = f"intensity {figure(section.intensity, 2)}" if finite(section.intensity) is not None else ""
    words = (section.name, section.emotion or "", level)
    return f"{clock(now.position_s)} {', '.join(plain(word) for word in words if word)}"
