"""The screen shows what a snapshot says in every size, and every key and click asks for its move."""

from __future__ import annotations

import asyncio
import math
import os
import re
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from fake_session import SIZES, TROUBLED, FakeSession, picture, snapshot, track
from rich.cells import cell_len
from rich.text import Text

from livemaster.controls import LIVE_CONTROLS, Kind, Move
from livemaster.documents import preset_names
from livemaster.planning import MasterSettings
from livemaster.snapshot import (
    DeviceView,
    Message,
    MeterView,
    NowPlaying,
    SectionView,
    Snapshot,
    State,
    TrackView,
)
from livemaster.ui.aside import errors_aside
from livemaster.ui.help import Help, help_entries
from livemaster.ui.keys import ALWAYS_KEYS, PRESSES, RESERVED, press_of
from livemaster.ui.knobs import KNOBS, draw_knobs, knob_at, value_text
from livemaster.ui.layout import LEAST_COLUMNS, LEAST_ROWS, places
from livemaster.ui.letters import FONT, PIXEL_ROWS, Size, large, size_for
from livemaster.ui.log import FIGURES_EVERY_S, Log, changes, figures, new_messages
from livemaster.ui.meters import draw_meters
from livemaster.ui.panels import Panel
from livemaster.ui.screen import LiveScreen, draw_too_small
from livemaster.ui.status import (
    draw_device,
    draw_header,
    draw_heard,
    draw_loudness,
    draw_switches,
    draw_warnings,
    switch_at,
    switch_places,
)
from livemaster.ui.strip import column_of, draw_strip, time_at
from livemaster.ui.text import bar, cut, figure, padded, plain, slider, wrapped
from livemaster.ui.view import View

Play = Callable[[LiveScreen, Any], Awaitable[None]]
PATIENCE_S = 20.0
ODD = "[bold]Tr[/]äck [/nothing] \x1b[31m\n\t:smile: 東京の夜 e\u0301 " + "very long " * 30
BROKEN = (None, math.nan, math.inf, -math.inf)


def play(session: FakeSession, act: Play, size: tuple[int, int] = (80, 24)) -> LiveScreen:
    """The app, after something was done with it."""

    async def run() -> LiveScreen:
        app = LiveScreen(session)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await act(app, pilot)
        return app

    return asyncio.run(asyncio.wait_for(run(), PATIENCE_S))


def shown(app: LiveScreen) -> str:
    """What the panels show, line by line."""
    panels = [panel for panel in app.screen_stack[0].query(Panel) if panel.display]
    return "\n".join(line.plain for panel in panels for line in panel._lines)


def words(lines: list[Text]) -> str:
    return "\n".join(line.plain for line in lines)


# keys and mouse


def test_no_two_controls_share_a_key_and_none_takes_one_of_the_screen() -> None:
    keys = [key for each in LIVE_CONTROLS.values() for key in (each.up_key, each.down_key) if key]
    assert len(keys) == len(set(keys))
    assert {*keys, *ALWAYS_KEYS} == {*PRESSES}
    assert not {*keys} & RESERVED
    assert "q" in RESERVED


@pytest.mark.parametrize("size", [(80, 24), (160, 50), (40, 10)])
def test_every_key_asks_for_its_move_in_every_size(size: tuple[int, int]) -> None:
    session = FakeSession()
    expected = []
    for control in LIVE_CONTROLS.values():
        if control.kind is not Kind.KNOB:
            expected += [Move(control.id, -1, "key")] if control.down_key else []
            expected.append(Move(control.id, None, "key"))
            continue
        value = session.now.knobs[control.id]
        lower = max(value - control.step, control.low)
        expected.append(Move(control.id, pytest.approx(lower), "key"))
        expected.append(Move(control.id, pytest.approx(min(lower + control.step, control.high)), "key"))

    async def act(app: LiveScreen, pilot: Any) -> None:
        app._draw = lambda: None  # type: ignore[method-assign]  # no picture between the two presses
        app._hand.forget = lambda: None  # type: ignore[method-assign]
        for control in LIVE_CONTROLS.values():
            await pilot.press(*(key for key in (control.down_key, control.up_key) if key))

    play(session, act, size)
    assert session.moves == expected


def test_a_knob_stays_in_its_range() -> None:
    session = FakeSession(snapshot(knobs={each.id: each.high for each in KNOBS}))

    async def act(app: LiveScreen, pilot: Any) -> None:
        for knob in KNOBS:
            await pilot.press(knob.up_key)

    play(session, act)
    assert session.moves == [Move(knob.id, knob.high, "key") for knob in KNOBS]


def test_the_keys_of_the_screen_seek_within_the_track() -> None:
    session = FakeSession(snapshot(position_s=3.0))

    async def act(app: LiveScreen, pilot: Any) -> None:
        for key in ("left", "right", "home"):
            await pilot.press(key)
            app._hand.forget()

    play(session, act)
    assert session.seeks == [0.0, 8.0, 0.0]
    assert session.moves == []


def test_tab_and_arrows_point_out_a_knob_and_enter_puts_it_to_rest() -> None:
    session = FakeSession()

    async def act(app: LiveScreen, pilot: Any) -> None:
        await pilot.press("tab", "down", "up", "enter", "shift+tab", "up", "enter")

    play(session, act)
    assert session.moves == [Move(KNOBS[1].id, KNOBS[1].rest, "key"), Move(KNOBS[-1].id, KNOBS[-1].rest, "key")]


@pytest.mark.parametrize("size", SIZES)
def test_a_click_on_the_track_seeks_once(size: tuple[int, int]) -> None:
    session = FakeSession()
    columns = places(*size)["strip"].columns

    async def act(app: LiveScreen, pilot: Any) -> None:
        await pilot.click("#strip", offset=(columns // 2, 1))

    play(session, act, size)
    assert session.seeks == [pytest.approx(time_at(columns // 2, columns, 245.0))]


def test_a_drag_shows_where_it_goes_and_seeks_at_its_end() -> None:
    session = FakeSession()

    async def act(app: LiveScreen, pilot: Any) -> None:
        await pilot.mouse_down("#strip", offset=(4, 1))
        await pilot.hover("#strip", offset=(40, 1))
        assert f"go to {int(time_at(40, 80, 245.0)) // 60}:" in shown(app)
        assert session.seeks == []
        await pilot.mouse_up("#strip", offset=(60, 1))

    play(session, act)
    assert session.seeks == [pytest.approx(time_at(60, 80, 245.0))]


@pytest.mark.parametrize("size", SIZES)
def test_a_click_toggles_each_switch_and_the_large_letters_toggle_ab(size: tuple[int, int]) -> None:
    session = FakeSession()

    async def act(app: LiveScreen, pilot: Any) -> None:
        for column, _ in switch_places():
            await pilot.click("#switches", offset=(column, 0))
        await pilot.click("#heard", offset=(3, 2))

    play(session, act, size)
    switches = [each.id for each in LIVE_CONTROLS.values() if each.kind is Kind.SWITCH and each.id != "ab"]
    assert session.moves == [Move(name, None, "mouse") for name in [*switches, "ab"]]


def test_between_switches_nothing_is_clicked() -> None:
    assert switch_at(switch_places()[1][0] - 1) is None
    assert switch_at(1000) is None


@pytest.mark.parametrize("size", SIZES)
def test_the_wheel_turns_the_knob_under_it_by_a_step_and_a_click_points_it_out(size: tuple[int, int]) -> None:
    from textual.events import MouseScrollDown, MouseScrollUp

    session = FakeSession()
    rows = places(*size)["knobs"].rows
    row = next(row for row in range(rows) if knob_at(row, rows) is LIVE_CONTROLS["bass"])

    async def act(app: LiveScreen, pilot: Any) -> None:
        for event in (MouseScrollUp, MouseScrollDown, MouseScrollDown):
            await pilot._post_mouse_events([event], "#knobs", offset=(5, row))
            app._hand.forget()
        await pilot.click("#knobs", offset=(5, row))
        await pilot.pause()
        assert "▸bass" in shown(app)

    play(session, act, size)
    assert session.moves == [Move("bass", value, "mouse") for value in (-1.0, -2.0, -2.0)]


def test_presses_between_two_pictures_add_up() -> None:
    from livemaster.ui.hand import Hand

    session = FakeSession()
    hand = Hand(session)
    for _ in range(3):
        hand.press(LIVE_CONTROLS["treble"], 1, "key")
        hand.seek_by(5.0)
    assert [move.value for move in session.moves] == [2.5, 3.0, 3.5]
    assert session.seeks == pytest.approx([136.4, 141.4, 146.4])


def test_help_names_every_key_and_opens_and_closes_while_the_controls_go_on() -> None:
    session = FakeSession()

    async def act(app: LiveScreen, pilot: Any) -> None:
        for closing in ("question_mark", "escape", "q"):
            await pilot.press("question_mark")
            assert isinstance(app.screen, Help)
            await pilot.press("a", "down", closing)
            assert not isinstance(app.screen, Help)

    play(session, act)
    assert session.moves == [Move("ab", None, "key")] * 3
    assert session.closed == 0
    titles = [entry.title for entries in help_entries().values() for entry in entries]
    assert [each.title for each in LIVE_CONTROLS.values() if each.title not in titles] == []


def ends(session: FakeSession, act: Play) -> None:
    """The app runs to its own end after something was done with it; TimeoutError where it does not."""

    async def run() -> None:
        app = LiveScreen(session)

        async def begin(pilot: Any) -> None:
            await act(app, pilot)

        await asyncio.wait_for(app.run_async(headless=True, size=(80, 24), auto_pilot=begin), PATIENCE_S)

    asyncio.run(run())


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
def test_quitting_closes_the_session_once_and_ends(key: str) -> None:
    session = FakeSession()

    async def act(app: LiveScreen, pilot: Any) -> None:
        app.simulate_key(key)

    ends(session, act)
    assert session.closed == 1


def test_it_ends_by_itself_when_the_session_has_stopped() -> None:
    session = FakeSession()

    async def act(app: LiveScreen, pilot: Any) -> None:
        session.now = snapshot(state=State.STOPPED)

    ends(session, act)
    assert session.closed == 0


def test_a_session_that_is_slow_to_close_is_shown_fading_out() -> None:
    session = FakeSession()
    faded = threading.Event()
    session.close = lambda: faded.wait(PATIENCE_S)  # type: ignore[method-assign,assignment,return-value]

    async def act(app: LiveScreen, pilot: Any) -> None:
        await pilot.press("q")
        await pilot.pause(0.2)
        assert "FADING OUT" in shown(app)
        faded.set()

    ends(session, act)


# what is shown


def test_changes_are_shown() -> None:
    session = FakeSession()

    async def act(app: LiveScreen, pilot: Any) -> None:
        assert "PLAYING" in shown(app)
        session.now = snapshot(**TROUBLED)
        await pilot.pause(0.3)
        text = shown(app)
        for word in (
            "! STALLED",
            "the device has not asked",
            "● REC",
            "analysing 45 %",
            "bypassed: multiband, saturation",
        ):
            assert word in text
        session.now = snapshot(
            state=State.PAUSED, switches={"pause": True}, device=DeviceView(load=0.97, late_blocks=3)
        )
        await pilot.pause(0.3)
        text = shown(app)
        for word in ("‖ PAUSED", "■ pause", "□ match", "load 97 % !", "late 3 !"):
            assert word in text
        assert "REC" not in text

    play(session, act)


def test_only_lines_that_changed_are_painted_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    session = FakeSession()
    painted: list[tuple[str | None, int]] = []

    async def act(app: LiveScreen, pilot: Any) -> None:
        monkeypatch.setattr(Panel, "refresh", lambda self, *regions, **_: painted.append((self.id, len(regions))))
        app._draw()
        session.now = replace(session.now, meters=replace(session.now.meters, momentary_lufs=-20.0))
        app._draw()
        monkeypatch.undo()

    play(session, act)
    assert set(painted) == {("meters", 1)}


@pytest.mark.parametrize(("columns", "rows"), [(50, 12), (59, 30), (100, 17), (20, 5), (3, 2), (1, 1)])
def test_a_small_terminal_is_told_what_is_needed(columns: int, rows: int) -> None:
    async def act(app: LiveScreen, pilot: Any) -> None:
        text = " ".join(shown(app).split())
        if columns >= 20:
            assert f"has {columns} × {rows} characters" in text
            assert f"needs {LEAST_COLUMNS} × {LEAST_ROWS}" in text

    play(FakeSession(), act, (columns, rows))
    assert places(columns, rows) == {}
    assert len(draw_too_small(View(snapshot()), columns, rows)) <= rows


def test_a_terminal_that_grows_and_shrinks_is_laid_out_anew() -> None:
    async def act(app: LiveScreen, pilot: Any) -> None:
        for size, word in (((40, 10), "needs 60 × 18"), ((160, 50), "integrated"), ((60, 18), "integrated")):
            await pilot.resize_terminal(*size)
            await pilot.pause(0.2)
            assert word in shown(app)

    play(FakeSession(), act)


@pytest.mark.parametrize("columns", [60, 61, 79, 80, 99, 100, 120, 160, 240])
@pytest.mark.parametrize("rows", [18, 19, 23, 24, 25, 30, 40, 50, 90])
def test_no_panel_overlaps_another_or_leaves_the_terminal(columns: int, rows: int) -> None:
    taken: set[tuple[int, int]] = set()
    for place in places(columns, rows).values():
        cells = {(x, y) for x in range(place.x, place.x + place.columns) for y in range(place.y, place.y + place.rows)}
        assert not cells & taken
        taken |= cells
    assert len(taken) > 0
    assert all(0 <= x < columns and 0 <= y < rows for x, y in taken)


def _drawn(view: View, columns: int, rows: int) -> dict[str, tuple[list[Text], int, int]]:
    now, found = view.snapshot, places(columns, rows)
    drawers: dict[str, Callable[[int, int], list[Text]]] = {
        "header": lambda c, r: draw_header(view, c, r),
        "strip": lambda c, r: draw_strip(now, c, r),
        "heard": lambda c, r: draw_heard(now, c, r),
        "loudness": lambda c, r: draw_loudness(now, c, r),
        "meters": lambda c, r: draw_meters(now, c, r),
        "knobs": lambda c, r: draw_knobs(view, c, r),
        "switches": lambda c, r: draw_switches(view, c, r),
        "warnings": lambda c, r: draw_warnings(now, c, r),
        "device": lambda c, r: [draw_device(now, c)],
    }
    assert set(drawers) == set(found)
    return {name: (draw(found[name].columns, found[name].rows), *found[name][2:]) for name, draw in drawers.items()}


ODD_SNAPSHOT = snapshot(
    track=TrackView(
        ODD,
        123,
        4567,
        math.nan,
        (SectionView(ODD, 0.0, 1.0, ODD, math.nan), SectionView("", 1.0, 2.0)),
        ((0.0, math.nan),),
    ),
    reason=ODD,
    heard="master",
    mode=ODD,
    platform=ODD,
    shed=(ODD, ODD),
    messages=(ODD,) * 5,
    take=ODD,
    planning=(ODD, math.nan),
    target_lufs=math.nan,
    ceiling_dbtp=math.nan,
    position_s=math.nan,
    section=9,
    knobs={each.id: math.nan for each in KNOBS},
    meters=MeterView(*[math.nan] * 6, {ODD: math.nan, "b": math.inf, "c": -1.0, "d": 3.0}),
    device=DeviceView(ODD, 44100, 64, math.inf, math.nan, 0, 0),
)
LONG_NAMES = replace(
    ODD_SNAPSHOT, track=replace(track(), name=ODD, sections=tuple(replace(s, name=ODD) for s in track().sections))
)
CASES = {
    "calm": snapshot(),
    "trouble": snapshot(**TROUBLED),
    "nothing": Snapshot(),
    "no sections": snapshot(track=TrackView("x", 1, 1, 60.0)),
    "no length": snapshot(track=TrackView("x", 1, 1, 0.0)),
    "odd": ODD_SNAPSHOT,
    "long": LONG_NAMES,
    "blind": snapshot(heard="x", switches={"blind": True}),
}


@pytest.mark.parametrize("size", [(60, 18), (80, 24), (100, 30), (160, 50)])
@pytest.mark.parametrize("case", CASES)
def test_every_line_keeps_to_its_panel_whatever_is_shown(case: str, size: tuple[int, int]) -> None:
    bindings = {each.id: ODD for each in KNOBS}
    for name, (lines, columns, rows) in _drawn(View(CASES[case], bindings, {"bass": math.nan}), *size).items():
        assert len(lines) == rows, name
        assert all(cell_len(line.plain) <= columns for line in lines), name
        assert all(line.plain.isprintable() for line in lines), name


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("case", CASES)
def test_the_app_shows_anything(case: str, size: tuple[int, int]) -> None:
    svg = asyncio.run(picture(FakeSession(CASES[case], bound={"mid": ODD}), size))
    assert svg.startswith("<svg")
    assert "url(http" not in svg


def test_everything_essential_is_seen_in_80_by_24() -> None:
    text = "\n".join(words(lines) for lines, _, _ in _drawn(View(snapshot(), {"bass": "CC 21"}), 80, 24).values())
    wanted = "Harbour Lights|track 2 of 9|PLAYING|2:11 / 4:05|verse 2|powerful|▲ chorus 2|matched, louder side −4.2 dB"
    wanted += "|momentary|short-term|integrated|−14.3|−0.3 LU|true peak|compressor|limiter|correlation|+0.62"
    wanted += "|target −14.0|ceiling −1.0 dBTP|cinematic|spotify|load 23 %|late 0|11.4 ms|Scarlett 2i2 USB"
    wanted += "|? help|q quit|CC 21|−1.5 dB|by map"
    assert [word for word in wanted.split("|") if word not in text] == []
    assert [
        each.title for each in (*KNOBS, *(control for _, control in switch_places())) if each.title not in text
    ] == []


def test_markup_in_names_is_shown_as_it_is() -> None:
    text = words(draw_header(View(snapshot(track=replace(track(), name="[red]A[/red]"))), 80, 2))
    assert "[red]A[/red]" in text


@pytest.mark.parametrize("broken", BROKEN)
def test_what_is_undefined_is_a_dash(broken: float | None) -> None:
    now = snapshot(target_lufs=broken, meters=MeterView(broken, broken, broken, broken, broken, broken))
    lines = draw_meters(now, 40, 8)
    assert [re.findall(r"[−\d]+\.\d", line.plain) for line in lines[:3]] == [[], [], []]
    assert all("–" in line.plain for line in lines[:5])
    assert "target –" in words(draw_loudness(now, 40, 4))


def test_a_peak_above_the_ceiling_is_marked_by_a_sign() -> None:
    over = snapshot(meters=MeterView(true_peak_dbtp=-0.4, largest_true_peak_dbtp=-0.2))
    assert "▲−0.2 !" in draw_meters(over, 40, 8)[3].plain
    assert "!" not in draw_meters(snapshot(), 40, 8)[3].plain


def test_more_stages_than_lines_are_named_in_one() -> None:
    stages = {"compressor": 3.0, "saturation": 0.5, "multiband": 1.0, "de-esser": 2.0, "limiter": 1.5}
    text = words(draw_meters(snapshot(meters=MeterView(reductions_db=stages)), 60, 8))
    assert [name for name in stages if name not in text] == []


def test_a_knob_shows_rest_value_ghost_and_who_holds_it() -> None:
    view = View(snapshot(knobs={"bass": 12.0, "intensity": 0.25}), {"bass": "CC 21"}, {"bass": -12.0}, "bass")
    lines = draw_knobs(view, 60, 8)
    bass = next(line.plain for line in lines if "bass" in line.plain)
    assert bass.startswith("▸bass")
    assert "+12.0 dB CC 21" in bass
    place = {sign: bass.index(sign) for sign in "◇┼●"}
    assert place["◇"] < place["┼"] < place["●"]
    assert "by map" in lines[3].plain
    held = draw_knobs(view._replace(snapshot=replace(view.snapshot, intensity_held=True)), 60, 8)
    assert "0.25" in held[3].plain
    assert value_text(LIVE_CONTROLS["width"], 0.5) == "+0.50"


def test_press_of_takes_names_and_characters() -> None:
    for key, character in (("minus", "-"), ("plus", "+"), ("space", " "), ("exclamation_mark", "!"), ("W", "W")):
        assert press_of(key, character) is not None
    assert press_of("q", "q") is None
    assert press_of("f5", None) is None


# the track


def test_the_playhead_stands_where_the_time_is() -> None:
    for columns in (60, 80, 160):
        for time_s in (0.0, 100.0, 245.0):
            lines = draw_strip(snapshot(position_s=time_s), columns, 5)
            place = column_of(time_s, 245.0, columns)
            assert lines[-1].plain[place] == "▲"
            assert lines[2].plain[place] == "┃"
            assert time_at(place, columns, 245.0) == pytest.approx(time_s, abs=245.0 / columns)


def test_the_curve_is_as_high_as_the_intensity() -> None:
    ramp = TrackView("x", 1, 1, 100.0, (SectionView("a", 0.0, 100.0),), ((0.0, 0.0), (100.0, 1.0)))
    lines = draw_strip(snapshot(track=ramp, position_s=0.0, section=0), 41, 7)[2:6]
    levels = [sum(" ▁▂▃▄▅▆▇█".index(line.plain[column]) for line in lines) for column in range(1, 41)]
    assert levels == [max(round(32 * column / 40), 1) for column in range(1, 41)]


def test_without_a_curve_the_sections_are_its_steps_and_without_those_it_says_so() -> None:
    steps = draw_strip(snapshot(track=replace(track(), curve=())), 80, 8)
    assert any("█" in line.plain for line in steps)
    none = draw_strip(snapshot(track=TrackView("x", 1, 1, 60.0)), 80, 8)
    assert "no emotion curve" in words(none)
    assert "no track yet" in words(draw_strip(Snapshot(), 80, 8))


# letters, words, bars


@pytest.mark.parametrize("word", ["MASTER", "MIX", "X", "Y", "−12.3", "+0.5", "–", "0123456789"])
def test_large_letters_are_whole_and_told_apart(word: str) -> None:
    for size in Size:
        lines = large(word, size)
        assert len(lines) == size.rows
        assert len({len(line) for line in lines}) == 1
        assert size_for(word, len(lines[0]), size.rows) is not None
    assert all(len(glyph) == PIXEL_ROWS and len({len(row) for row in glyph}) == 1 for glyph in FONT.values())
    assert size_for(word, 0, 5) is None


def test_ten_figures_are_ten_shapes() -> None:
    assert len({FONT[figure] for figure in "0123456789"}) == 10


@pytest.mark.parametrize("columns", range(12))
@pytest.mark.parametrize("text", ["", "a", "two words", "東京の夜", "e\u0301e\u0301e\u0301", "averylongword indeed"])
def test_cut_text_has_its_columns(text: str, columns: int) -> None:
    assert cell_len(cut(text, columns)) <= columns
    assert cell_len(padded(text, columns)) == columns
    assert cell_len(padded(text, columns, right=True)) == columns


def test_a_cut_falls_between_words() -> None:
    assert cut("CC 7 waits until it meets", 13) == "CC 7 waits…"
    assert cut("Scarlett 2i2", 12) == "Scarlett 2i2"
    assert plain("a\n\x1b[1mb") == "a  [1mb"


def test_figures_have_true_signs() -> None:
    assert figure(-0.04) == "0.0"
    assert figure(1.0, signed=True) == "+1.0"
    assert figure(0.01, signed=True) == "0.0"
    assert figure(-3.25, 2) == "−3.25"


@pytest.mark.parametrize("columns", [0, 1, 2, 7, 40])
def test_bars_keep_to_their_columns(columns: int) -> None:
    for share in (0.0, 0.3, 1.0):
        assert cell_len(bar(columns, share, "white").plain) == columns
        assert cell_len(slider(columns, share, 0.5, "white").plain) == columns
    assert "█" * columns == bar(columns, 1.0, "white").plain


# lines without a screen


def test_the_log_tells_all_at_first_and_then_only_what_changed() -> None:
    log, now = Log(), snapshot()
    assert log.tell(now, 0.0) == [
        "playing",
        "track 2 of 9: Harbour Lights, 4:05",
        "2:11 chorus 2, powerful, intensity 0.86",
    ]
    assert log.tell(replace(now, position_s=131.5), 0.1) == []
    assert log.tell(replace(now, section=5, position_s=150.0), 0.2) == ["2:30 bridge, dark, intensity 0.38"]
    assert log.tell(replace(now, section=5, state=State.STALLED, reason="no\nsound"), 0.3) == ["stalled: no sound"]


def test_the_log_tells_shed_stages_and_each_message_once() -> None:
    base = snapshot()
    shed = replace(base, shed=("saturation",), messages=("one", "two"))
    assert list(changes(base, shed)) == ["overloaded, bypassed: saturation", "one", "two"]
    assert list(changes(shed, replace(base, messages=("two", "three")))) == ["nothing is bypassed any more", "three"]
    assert new_messages(("a", "b"), ("a", "b")) == ()
    assert new_messages(("a",), ("b", "c")) == ("b", "c")


def test_the_log_tells_late_blocks_when_they_rise_but_not_all_the_time() -> None:
    log = Log()
    told = []
    for index in range(100):
        device = DeviceView(blocks=100 * index, late_blocks=index)
        told += [line for line in log.tell(snapshot(device=device), index / 10) if "late blocks" in line]
    assert told == ["late blocks: 1 more, 1 of 100", "late blocks: 50 more, 51 of 5100"]


def test_the_log_gives_figures_every_ten_seconds_while_it_plays() -> None:
    log = Log()
    lines = [line for index in range(601) for line in log.tell(snapshot(), index / 10) if line == figures(snapshot())]
    assert len(lines) == 60 / FIGURES_EVERY_S
    paused = Log()
    assert [paused.tell(snapshot(state=State.PAUSED), each) for each in (0.0, 11.0)][1] == []
    assert figures(Snapshot()).count("–") == 5


def test_the_log_rations_what_comes_again_and_again_but_tells_where_it_ends() -> None:
    log, lines = Log(), []
    states = [snapshot(state=State.WAITING, reason="gone"), snapshot(), snapshot(state=State.STARTING)]
    for index in range(6000):  # ten minutes
        lines += log.tell(replace(states[index % 3], messages=(f"{index}", "again")), index / 10)
    assert lines.count("playing") <= 33
    assert len([line for line in lines if not line.isdigit()]) < 150
    for index in range(6000, 6650):
        lines += log.tell(states[0], index / 10)
    assert [line for line in lines if line.startswith(("waiting", "playing", "starting"))][-1] == (
        "waiting for device: gone"
    )


def test_half_an_hour_of_calm_fills_no_log() -> None:
    log = Log()
    assert sum(len(log.tell(snapshot(device=DeviceView(late_blocks=n)), n)) for n in range(1800)) < 100


@pytest.mark.parametrize("case", CASES)
def test_the_log_is_plain_whatever_happens(case: str) -> None:
    for line in [*Log().tell(CASES[case], 0.0), figures(CASES[case])]:
        assert line.isprintable()


PLAYING = NowPlaying("song.wav", MasterSettings())


@pytest.mark.parametrize(
    ("keys", "rated"),
    [
        (("4", "colon", *"more bass", "enter"), [(PLAYING, 4, "more bass")]),
        (("5", "enter"), [(PLAYING, 5, "")]),
        (("5", "escape", "colon"), []),
        (("1", "colon", *"no", "escape"), []),
        (("2", "3", "enter"), [(PLAYING, 3, "")]),  # the latest digit is meant
        (("2", "colon", "3", "enter"), [(PLAYING, 2, "3")]),  # it is written, not pressed
        (("4",), []),  # a slip of the hand
    ],
)
def test_digits_rate_what_plays_with_a_comment_or_without(keys, rated):
    session = FakeSession(playing=PLAYING)

    async def act(app: LiveScreen, pilot: Any) -> None:
        await pilot.press(*("space" if key == " " else key for key in keys))
        await pilot.pause()
        assert len(app.screen_stack) == 1

    play(session, act)
    assert session.rated == rated
    assert session.moves == []


@pytest.mark.parametrize("before", [(), ("4",), ("4", "colon", "h"), ("question_mark",), ("tab",)])
def test_panic_ab_and_pause_work_whatever_has_the_focus(before):
    """A comment that is being written goes on."""
    session = FakeSession(playing=PLAYING)

    async def act(app: LiveScreen, pilot: Any) -> None:
        await pilot.press(*before, *ALWAYS_KEYS)
        if "colon" in before:
            await pilot.press("i", "enter")

    play(session, act)
    assert [move.control for move in session.moves] == ["panic", "ab", "pause"]
    assert session.rated == ([(PLAYING, 4, "hi")] if "colon" in before else [])


def test_a_stray_digit_takes_no_key_from_the_performer_and_is_forgotten(monkeypatch):
    session = FakeSession(playing=PLAYING)
    monkeypatch.setattr("livemaster.ui.screen.ASKED_S", 0.3)

    async def act(app: LiveScreen, pilot: Any) -> None:
        await pilot.press("4")
        assert "4 of 5? enter keeps it" in shown(app)
        await pilot.press("space", "a", "exclamation_mark")
        await pilot.pause(0.6)
        assert "of 5?" not in shown(app)
        await pilot.press("enter")

    play(session, act)
    assert session.rated == []
    assert [move.control for move in session.moves] == ["pause", "ab", "panic", KNOBS[0].id]


def test_without_anything_to_rate_no_comment_is_asked_for():
    session = FakeSession()

    async def act(app: LiveScreen, pilot: Any) -> None:
        await pilot.press("4")
        assert len(app.screen_stack) == 1

    play(session, act)
    assert session.rated == []


def test_the_music_can_be_left_while_a_comment_is_written():
    session = FakeSession(playing=PLAYING)

    async def act(app: LiveScreen, pilot: Any) -> None:
        await pilot.press("4", "colon", "a", "ctrl+c")
        await pilot.pause()

    assert play(session, act).interrupted
    assert session.closed == 1
    assert session.rated == [(PLAYING, 4, "a")]


def test_a_rating_is_kept_when_the_music_ends_while_its_comment_is_written():
    session = FakeSession(playing=PLAYING)

    async def act(app: LiveScreen, pilot: Any) -> None:
        await pilot.press("2", "colon", "n", "o")
        session.now = snapshot(state=State.STOPPED, messages=("it plays", "rated"))
        await pilot.pause(0.3)

    session.now = snapshot(messages=("it plays",))
    app = play(session, act)
    assert session.rated == [(PLAYING, 2, "no")]
    assert app.told == ("it plays",), "what is said of that rating is told after the screen"


def test_one_key_keeps_the_trims():
    session = FakeSession()

    async def act(app: LiveScreen, pilot: Any) -> None:
        await pilot.press("K")

    play(session, act)
    assert session.kept == 1


def test_before_there_is_a_plan_the_master_is_said_to_be_the_mix():
    lines = draw_heard(snapshot(planned=False, heard="mix"), 40, 4)
    assert "as it is, until its plan is there" in lines[-1].plain
    assert "until" not in draw_heard(snapshot(), 40, 4)[-1].plain


def test_what_libraries_write_comes_after_the_screen(capfd):
    with errors_aside():
        for number in range(20):
            os.write(2, f"noise {number}\n".encode())
        os.write(2, b"\x1b[31mred\x1b[0m\n\n")
        subprocess.run([sys.executable, "-c", "import os; os.write(2, b'a child\\n')"], check=True)
        print("ours", file=sys.stderr)
        assert capfd.readouterr().err == "ours\n"
    said = capfd.readouterr().err.splitlines()
    assert said[-1] == "said meanwhile: a child"
    assert said[0] == "said meanwhile: noise 12"
    assert len(said) == 10
    assert "\x1b" not in "".join(said)


def test_a_tick_after_the_screen_was_taken_down_draws_nothing():
    app = play(FakeSession(), _nothing)
    app._screen_stacks[app._current_mode].clear()
    app._draw()


async def _nothing(app: LiveScreen, pilot: Any) -> None:
    """Only look."""


# what a session has no use for, and what matters


LIVE = snapshot(
    track=TrackView("live: mixer", 1, 0, 42.0, (), ((0.0, 0.3), (40.0, 0.6))),
    position_s=42.0,
    refused=frozenset({"hold", "pause", "record", "next_track", "previous_track", "next_section", "previous_section"}),
    intensity_by="followed",
)


@pytest.mark.parametrize("size", [*SIZES, (60, 18), (100, 30)])
def test_what_a_session_has_no_use_for_is_not_offered(size):
    session = FakeSession(LIVE)
    titles = [LIVE_CONTROLS[name].title for name in LIVE.refused]

    async def act(app: LiveScreen, pilot: Any) -> None:
        text = shown(app)
        assert [word for word in (*titles, "track 1 of", "by map", "/ 0:42") if word in text] == []
        assert "match" in text
        assert "followed" in text
        for column, _ in switch_places(LIVE.refused):
            await pilot.click("#switches", offset=(column, 0))
        await pilot.click("#strip", offset=(10, 1))
        await pilot.press("left", "right", "home")

    play(session, act, size)
    offered = [each.id for each in LIVE_CONTROLS.values() if each.kind is Kind.SWITCH and each.id not in LIVE.refused]
    assert [move.control for move in session.moves] == [name for name in offered if name != "ab"]
    assert session.seeks == []
    told = help_entries(LIVE.refused, travels=False)
    entries = [entry for entries in told.values() for entry in entries]
    assert [each for each in entries if each.title in titles or "five seconds" in each.about] == []
    assert "click the track" not in "".join(told)
    assert "live: mixer" in list(changes(None, LIVE))


def test_the_intensity_says_what_leads_it_and_a_dash_where_nothing_does():
    for by, held, word in (("by map", False, "by map"), ("", False, "–"), ("", True, "0.25"), ("by map", True, "0.25")):
        now = snapshot(knobs={"intensity": 0.25}, intensity_by=by, intensity_held=held)
        assert draw_knobs(View(now), 60, 8)[3].plain.rstrip().endswith(word)


def test_help_shows_the_order_of_choices_and_that_they_go_back():
    entries = {entry.title: entry for entries in help_entries().values() for entry in entries}
    for name in ("mode", "platform"):
        assert ", ".join(preset_names(name)) in entries[name].about
        control = LIVE_CONTROLS[name]
        assert entries[name].keys.split() == [control.down_key, control.up_key]


LONG = "a very long folder/with a name/that goes on/and on/take.json: cannot be written: the disk is FULL"


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (60, 18), (100, 30), (160, 50)])
@pytest.mark.parametrize("text", [LONG, LONG * 3, "x" * 300, "panic: " + "the raw mix and so on " * 6 + "END"])
def test_a_message_is_never_cut_at_its_ends(columns, rows, text):
    panel = places(columns, rows)["warnings"]
    lines = draw_warnings(snapshot(messages=("one", "two", text)), panel.columns, panel.rows)
    assert len(lines) == panel.rows
    assert all(line.cell_len <= panel.columns for line in lines)
    joined = "".join(line.plain for line in lines).replace(" ", "")
    assert text[:12].replace(" ", "") in joined
    assert joined.endswith(text[-12:].replace(" ", ""))
    if len(text) <= 2 * (columns - 8) and rows >= 24:
        assert "…" not in joined


def test_at_80_by_24_what_the_program_says_is_seen_whole():
    panel = places(80, 24)["warnings"]
    assert panel.rows >= 2
    said = "panic: the raw mix at its own loudness (match is off) until A/B brings the master back"
    lines = words(draw_warnings(snapshot(messages=(said,)), panel.columns, panel.rows))
    assert " ".join(lines.split()) == f"› {said}"


def test_only_what_matters_stands_out():
    calm, grave = Message("song: input: has a DC offset of −40.2 dBFS"), Message("the sound has gone", grave=True)
    first, second = draw_warnings(snapshot(messages=(calm, grave)), 80, 2)
    assert first.plain.startswith("›")
    assert second.plain.startswith("!")
    assert first.style != second.style
    assert str(second.style) == str(draw_device(snapshot(device=DeviceView(late_blocks=3)), 80).spans[1].style)


@pytest.mark.parametrize("columns", range(1, 30))
@pytest.mark.parametrize("rows", [1, 2, 3])
def test_what_is_wrapped_keeps_to_its_place(columns, rows):
    for text in (ODD, "東京の夜" * 20, "word " * 9, "", "x"):
        lines = wrapped(text, columns, rows)
        assert len(lines) <= rows
        assert all(cell_len(line) <= columns for line in lines)


@pytest.mark.parametrize("live", [True, False])
def test_nothing_is_drawn_as_a_block_where_there_are_no_sections(live):
    now = replace(LIVE if live else snapshot(), track=TrackView("silence", 1, 0 if live else 1, 20.0))
    for rows in (2, 4, 8, 16):
        assert [
            str(span.style) for line in draw_strip(now, 80, rows) for span in line.spans if " on " in str(span.style)
        ] == []
