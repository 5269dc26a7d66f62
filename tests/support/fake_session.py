"""A session that plays nothing: shows a snapshot, records what is asked of it; as a script, draws the screen as SVG."""

from __future__ import annotations

import asyncio
import math
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from livemaster.controls import LIVE_CONTROLS, Kind, Move
from livemaster.snapshot import (
    DeviceView,
    MeterView,
    NowPlaying,
    SectionView,
    Snapshot,
    State,
    TrackView,
)
from livemaster.ui.screen import LiveScreen

SIZES = ((80, 24), (160, 50))
SECTIONS = (
    ("intro", 0.0, 18.0, "calm", 0.2),
    ("verse 1", 18.0, 52.0, "reflective", 0.35),
    ("chorus 1", 52.0, 84.0, "bright", 0.7),
    ("verse 2", 84.0, 116.0, "dreamy", 0.42),
    ("chorus 2", 116.0, 150.0, "powerful", 0.86),
    ("bridge", 150.0, 178.0, "dark", 0.38),
    ("chorus 3", 178.0, 221.0, "powerful", 0.95),
    ("outro", 221.0, 245.0, "calm", 0.18),
)


def track() -> TrackView:
    """Eight sections and a curve that breathes."""
    sections = tuple(SectionView(*each) for each in SECTIONS)
    times = [0.5 * index for index in range(491)]
    curve = []
    for time_s in times:
        section = next((each for each in sections if each.start_s <= time_s < each.end_s), sections[-1])
        intensity = (section.intensity or 0.0) + 0.07 * math.sin(time_s / 3.0) + 0.03 * math.sin(time_s * 1.7)
        curve.append((time_s, min(max(intensity, 0.0), 1.0)))
    return TrackView("Harbour Lights", 2, 9, 245.0, sections, tuple(curve))


def snapshot(**changes: object) -> Snapshot:
    """A chorus in the middle of a song, with everything to show."""
    knobs = {each.id: each.rest for each in LIVE_CONTROLS.values() if each.kind is Kind.KNOB}
    switches = {each.id: False for each in LIVE_CONTROLS.values() if each.kind is Kind.SWITCH}
    shown = Snapshot(
        state=State.RUNNING,
        track=track(),
        position_s=131.4,
        section=4,
        knobs=knobs | {"reactivity": 1.15, "dynamics": 0.3, "bass": -1.5, "treble": 2.0, "amount": 0.85},
        intensity_by="by map",
        switches=switches | {"match": True},
        match_db=-4.2,
        mode="cinematic",
        platform="spotify",
        target_lufs=-14.0,
        ceiling_dbtp=-1.0,
        meters=MeterView(-11.8, -12.6, -14.3, -1.6, -1.0, 0.62, {"compressor": 3.1, "limiter": 1.4}),
        device=DeviceView("Scarlett 2i2 USB", 48000, 256, 11.4, 0.23, 24640, 0),
    )
    return replace(shown, **changes)  # type: ignore[arg-type]


@dataclass
class FakeSession:
    """Shows `now`; keeps moves and seeks."""

    now: Snapshot = field(default_factory=snapshot)
    moves: list[Move] = field(default_factory=list)
    seeks: list[float] = field(default_factory=list)
    closed: int = 0
    playing: NowPlaying | None = None
    rated: list[tuple[NowPlaying, int, str]] = field(default_factory=list)
    kept: int = 0
    bound: Mapping[str, str] = field(default_factory=lambda: {"reactivity": "CC 1", "amount": "CC 7", "bass": "CC 21"})
    waiting: Mapping[str, float] = field(default_factory=lambda: {"amount": 0.3})

    def snapshot(self) -> Snapshot:
        return self.now

    def do(self, move: Move) -> None:
        self.moves.append(move)

    def seek(self, time_s: float) -> None:
        self.seeks.append(time_s)

    def now_playing(self) -> NowPlaying | None:
        return self.playing

    def rate(self, playing: NowPlaying, stars: int, comment: str) -> None:
        self.rated.append((playing, stars, comment))

    def keep(self) -> None:
        self.kept += 1

    def close(self) -> None:
        self.closed += 1

    def bindings(self) -> Mapping[str, str]:
        return self.bound

    def ghosts(self) -> Mapping[str, float]:
        return self.waiting


TROUBLED = {
    "state": State.STALLED,
    "reason": "the device has not asked for sound for 2.1 s",
    "heard": "mix",
    "shed": ("multiband", "saturation"),
    "messages": ("Take written: monday.json", "CC 7 waits until it meets the value"),
    "take": "takes/monday-02.json",
    "planning": ("analysing", 0.45),
    "intensity_held": True,
}


async def picture(session: FakeSession, size: tuple[int, int], *keys: str, no_color: bool = False) -> str:
    """The screen as SVG, after some keys, without addresses of fonts."""
    app = LiveScreen(session)
    if no_color:
        from textual.filter import NoColor

        app._filters.append(NoColor())
    async with app.run_test(size=size) as pilot:
        await pilot.press(*keys)
        await pilot.pause(0.2)
        svg = re.sub(r"@font-face\s*\{[^}]*\}|<!--.*?-->", "", app.export_screenshot())
        return svg.replace("<svg ", '<svg xml:space="preserve" ', 1)  # some drawers drop leading spaces otherwise


def write_pictures(folder: Path) -> None:
    """Every size, calm and troubled, with help and without colours."""
    for columns, rows in (*SIZES, (60, 18), (50, 12), (100, 30), (120, 40)):
        cases = {
            "calm": (FakeSession(), (), False),
            "trouble": (FakeSession(snapshot(**TROUBLED)), ("tab",), False),
            "mono": (FakeSession(snapshot(**TROUBLED)), (), True),
            "help": (FakeSession(), ("question_mark",), False),
        }
        for name, (session, keys, no_color) in cases.items():
            svg = asyncio.run(picture(session, (columns, rows), *keys, no_color=no_color))
            (folder / f"{columns}x{rows}-{name}.svg").write_text(svg, "utf-8")


if __name__ == "__main__":
    write_pictures(Path(sys.argv[1]))
