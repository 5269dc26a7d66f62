"""The words around the meters: what plays, in which state, what is compared, what goes wrong."""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text

from livemaster.controls import LIVE_CONTROLS, Control, Kind
from livemaster.snapshot import Message, Snapshot, State
from livemaster.ui.keys import HELP_KEY, KEEP_KEY, QUIT_KEY, RATING_KEYS, key_name
from livemaster.ui.letters import large, size_for
from livemaster.ui.text import (
    ACCENT,
    AMBER,
    FAINT,
    INK,
    RED,
    UNKNOWN,
    VIOLET,
    bar,
    clock,
    cut,
    figure,
    finite,
    plain,
    sides,
    squeezed,
    wrapped,
)
from livemaster.ui.view import View

STATE_SIGNS = {
    State.STARTING: ("…", AMBER),
    State.RUNNING: ("►", ACCENT),
    State.PAUSED: ("‖", AMBER),
    State.STALLED: ("!", RED),
    State.WAITING: ("!", RED),
    State.STOPPED: ("■", FAINT),
}
ALARMS = frozenset({State.STALLED, State.WAITING})
"""These stand out like a warning."""
HEARD_COLOURS = {"master": ACCENT, "mix": AMBER, "x": VIOLET, "y": VIOLET}
HIGH_LOAD = 0.8
PLANNING_COLUMNS = 10
MOST_WORDS = 2
"""The take with its name and the bar of planning; one less leaves out the bar, two less the name too."""
SWITCHES = tuple(each for each in LIVE_CONTROLS.values() if each.kind is Kind.SWITCH and each.id != "ab")
"""A/B is shown by what is heard."""
BUTTONS = tuple(each for each in LIVE_CONTROLS.values() if each.kind is Kind.BUTTON)
ON, OFF = "■", "□"
CALM_WHEN_ON = {"match": ACCENT, "record": RED}
GAP = 2
LEAST_MODE_COLUMNS = 12
LEAST_MESSAGE_COLUMNS = 12
LEAST_DEVICE_COLUMNS = 24
PLANNING_NAME_COLUMNS = 18


def draw_header(view: View, columns: int, rows: int) -> list[Text]:
    """The track with its number and the time; then the state with its reason, planning and the take."""
    snapshot = view.snapshot
    track = snapshot.track
    time = "" if track is None else clock(snapshot.position_s)
    time += f" / {clock(track.duration_s)}" if track is not None and track.count else ""
    place = f"track {track.number} of {track.count}" if track is not None and track.count else ""
    state = _state(view)
    if rows == 1:
        left = Text.assemble(state, "  ", (plain(track.name) if track else "no track yet", f"bold {INK}"))
        return [sides(left, Text(f"{place}  {time}".strip(), style=f"bold {INK}"), columns)]
    return [
        sides(
            Text(
                cut(track.name, columns - len(place) - len(time) - 4) if track else "no track yet", style=f"bold {INK}"
            ),
            Text.assemble((place, FAINT), "  ", (time, f"bold {INK}")),
            columns,
        ),
        _state_and_work(view, state, columns),
    ]


def _state_and_work(view: View, state: Text, columns: int) -> Text:
    """The state with its reason, and what goes on beside: said in few words where the reason needs the room."""
    reason = "" if view.closing else plain(view.snapshot.reason)
    for words in range(MOST_WORDS, -1, -1):
        work = _work(view.snapshot, words, columns)
        room = columns - state.cell_len - work.cell_len - 3
        if cell_len(reason) <= room:
            break
    return sides(Text.assemble(state, "  ", (squeezed(reason, max(room, 0)), INK)), work, columns)


def _work(snapshot: Snapshot, words: int, columns: int) -> Text:
    """The take being recorded and the step of planning."""
    parts = []
    if snapshot.take is not None:
        name = f" {cut(_file(snapshot.take), columns // 3)}" if words else ""
        parts.append(Text(f"● REC{name}", style=f"bold {RED}"))
    if snapshot.planning is not None:
        name, share = snapshot.planning
        done = min(max(finite(share) or 0.0, 0.0), 1.0)
        drawn = bar(PLANNING_COLUMNS, done, ACCENT) if words == MOST_WORDS else Text()
        label = f"{cut(name, PLANNING_NAME_COLUMNS)} "
        parts.append(
            Text.assemble((label, INK), drawn, (f" {100.0 * done:.0f} %".removeprefix("" if drawn else " "), INK))
        )
    return Text("  ").join(parts)


def _state(view: View) -> Text:
    state = view.snapshot.state
    if view.closing and state is not State.STOPPED:
        return Text("■ FADING OUT", style=f"bold {AMBER}")
    sign, colour = STATE_SIGNS.get(state, ("?", INK))
    word = "playing" if state is State.RUNNING else str(state)
    alarm = "reverse " if state in ALARMS else ""
    return Text.assemble((f"{sign} {word.upper()}", f"{alarm}bold {colour}"))


def _file(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]


def draw_heard(snapshot: Snapshot, columns: int, rows: int) -> list[Text]:
    """Which side is heard, as large as there is room for, and how the sides are compared."""
    word = plain(snapshot.heard).upper()
    colour = HEARD_COLOURS.get(snapshot.heard, INK)
    return _big(word, _compared(snapshot, columns), colour, columns, rows)


def draw_loudness(snapshot: Snapshot, columns: int, rows: int) -> list[Text]:
    """The short-term loudness, as large as there is room for, and what is aimed at."""
    target = figure(snapshot.target_lufs)
    ceiling = f" · ceiling {figure(snapshot.ceiling_dbtp)} dBTP"
    texts = (
        f"LUFS short-term, target {target}{ceiling}",
        f"LUFS, target {target}{ceiling}",
        f"LUFS, target {target}",
    )
    under = next((text for text in texts if cell_len(text) <= columns), "")
    return _big(figure(snapshot.meters.short_term_lufs), Text(under, style=INK), INK, columns, rows)


def _big(word: str, under: Text, colour: str, columns: int, rows: int) -> list[Text]:
    size = size_for(word, columns, rows - 1)
    lines = [word] if size is None else large(word, size)
    texts = [Text(line.rstrip(), style=f"bold {colour}", no_wrap=True) for line in lines]
    texts += [Text()] * (rows - 1 - len(texts))
    return [*texts, under]


def _compared(snapshot: Snapshot, columns: int) -> Text:
    blind, match = (snapshot.switches.get(each, False) for each in ("blind", "match"))
    if not snapshot.planned:
        return Text(cut("as it is, until its plan is there", columns), style=AMBER, no_wrap=True)
    key = key_name(LIVE_CONTROLS["vote" if blind else "ab"].up_key)
    words = ["levels not matched"]
    if match:
        known = finite(snapshot.match_db) is not None
        words = [f"matched, louder side {figure(snapshot.match_db)} dB" if known else "not matched yet: listening"]
    words += [f"{key} votes" if blind else f"{key} switches"]
    text = " · ".join(words)
    return Text(text if cell_len(text) <= columns else cut(words[0], columns), style=INK, no_wrap=True)


def draw_switches(view: View, columns: int, rows: int) -> list[Text]:
    """Every switch but A/B with its key, whether it is on; mode and platform; the buttons where there is room."""
    line = Text(no_wrap=True)
    for place, each in switch_places(view.snapshot.refused):
        on = view.snapshot.switches.get(each.id, False)
        line.append(" " * (place - line.cell_len))
        line.append(_switch(each, on), f"bold {CALM_WHEN_ON.get(each.id, AMBER)}" if on else INK)
        line.append(f" {key_name(each.up_key)}", FAINT)
    if rows == 1:
        room = columns - line.cell_len - 1
        return [sides(line, draw_mode(view.snapshot, room), columns) if room >= LEAST_MODE_COLUMNS else line]
    return _fit([line, draw_mode(view.snapshot, columns), _buttons(columns, view.snapshot.refused)], rows)


def switch_places(refused: frozenset[str] = frozenset()) -> list[tuple[int, Control]]:
    """The column where each switch is drawn that a session has use for."""
    places, column = [], 0
    for each in (each for each in SWITCHES if each.id not in refused):
        places.append((column, each))
        column += cell_len(_switch(each, True)) + 1 + len(key_name(each.up_key)) + GAP
    return places


def switch_at(column: int, refused: frozenset[str] = frozenset()) -> Control | None:
    """The switch at a column of the first line of `draw_switches`."""
    for place, each in reversed(switch_places(refused)):
        if column >= place:
            return each if column < place + cell_len(_switch(each, True)) + 1 + len(key_name(each.up_key)) else None
    return None


def _switch(control: Control, on: bool) -> str:
    return f"{ON if on else OFF} {control.title}"


def draw_mode(snapshot: Snapshot, columns: int) -> Text:
    """Mode and platform, with their keys; what the room is too small for is left out."""
    chosen = {"mode": plain(snapshot.mode) or UNKNOWN, "platform": plain(snapshot.platform) or UNKNOWN}
    for labels, keyed, room in ((1, 1, columns), (0, 1, columns), (0, 0, columns), (0, 0, (columns - GAP) // 2)):
        parts = [
            Text.assemble(
                (f"{name} " * labels, FAINT),
                (cut(value, room), f"bold {INK}"),
                (f" {key_name(LIVE_CONTROLS[name].up_key)}" * keyed, FAINT),
            )
            for name, value in chosen.items()
        ]
        line = Text(" " * GAP).join(parts)
        if line.cell_len <= columns:
            break
    return line


def _buttons(columns: int, refused: frozenset[str]) -> Text:
    line = Text(no_wrap=True)
    for each in (each for each in BUTTONS if each.id not in refused):
        part = Text.assemble((each.title, INK), (f" {key_name(each.up_key)}", FAINT), " " * GAP)
        if line.cell_len + part.cell_len <= columns + GAP:
            line.append_text(part)
    return line


def draw_warnings(snapshot: Snapshot, columns: int, rows: int, asking: str = "") -> list[Text]:
    """What is asked and what is bypassed, and the latest messages, the newest last."""
    lines = [Text(cut(asking, columns), style=f"reverse bold {VIOLET}", no_wrap=True)] if asking else []
    if snapshot.shed:
        text = cut(f"! overloaded, bypassed: {', '.join(snapshot.shed)}", columns)
        lines.append(Text(text, style=f"reverse bold {RED}", no_wrap=True))
    room = max(rows - len(lines), 0)
    told: list[Text] = []
    for message in reversed(snapshot.messages):
        found = _message(message, columns, room - len(told))
        if len(told) == room or (told and len(_message(message, columns, room + 1)) > len(found)):
            break
        told = found + told
    if snapshot.messages and lines and not room:
        rest = columns - lines[0].cell_len - 1
        if rest >= LEAST_MESSAGE_COLUMNS:
            lines[0] = Text.assemble(lines[0], " ", _message(snapshot.messages[-1], rest, 1)[0], no_wrap=True)
    return _fit(lines + told, rows)


def _message(message: str, columns: int, rows: int) -> list[Text]:
    """A message in as many lines as it needs and gets; only what is grave stands out."""
    sign, colour = ("!", AMBER) if isinstance(message, Message) and message.grave else ("›", INK)
    lines = wrapped(message, columns - 2, rows)
    return [Text(f"{' ' if at else sign} {line}", style=colour, no_wrap=True) for at, line in enumerate(lines)]


def draw_device(snapshot: Snapshot, columns: int) -> Text:
    """How well the device is served; the keys for help and the end."""
    device = snapshot.device
    load = finite(device.load)
    heavy = load is not None and load >= HIGH_LOAD
    percent = UNKNOWN if load is None else f"{100.0 * load:.0f} %"
    line = Text(no_wrap=True)
    line.append(f"load {percent}{' !' if heavy else ''}", f"bold {RED}" if heavy else INK)
    late = device.late_blocks
    line.append(f"  late {late}{' !' if late else ''}", AMBER if late else INK)
    line.append(f"  {figure(device.latency_ms)} ms", INK)
    keys = Text(f"{key_name(HELP_KEY)} help  {key_name(QUIT_KEY)} quit", style=FAINT)
    rating = f"{next(iter(RATING_KEYS))}…{len(RATING_KEYS)} rate  {KEEP_KEY} keep  "
    if columns - line.cell_len - keys.cell_len - len(rating) >= LEAST_DEVICE_COLUMNS:
        keys = Text(rating, style=FAINT) + keys
    room = columns - line.cell_len - keys.cell_len - 4
    rate = f", {device.rate_hz / 1000:g} kHz, {device.block_frames} frames" if device.rate_hz else ""
    full = plain(device.name) + rate
    line.append(f"  {full if cell_len(full) <= room else cut(device.name, max(room, 0))}", FAINT)
    return sides(line, keys, columns)


def _fit(lines: list[Text], rows: int) -> list[Text]:
    return lines[:rows] + [Text()] * (rows - len(lines))
