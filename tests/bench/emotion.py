"""Contrast: whether a master's sections are as far apart as in the mix or farther, and more so as reactivity rises.

Nothing here is heard by the project's own meter; what was planned is what the render's report says.
Usage: python -m bench.emotion SONG… (with the project and its tests/ in PYTHONPATH) prints the rows of these songs.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from bench.bench import Bench
from bench.contrast import (
    APART,
    BREAKS,
    DEFAULT,
    LEAST_RANGE,
    LEAST_SPREAD,
    TOLERANCE_LU,
    Observed,
    Part,
    Position,
    breaks,
)
from bench.document import Section, Table, figure, listed
from bench.givenmaps import KINDS, Maps, maps_of
from bench.masters import Made, load, make, over_songs
from bench.material import Song, about_all, all_songs, wanted_songs, write_beginning
from bench.secondmeter import SHORTEST_S, Reading, lufs, read, stretch_lufs

REACTIVITIES = tuple(step / 4 for step in range(7))
QUICK = (0.0, DEFAULT, 1.5)


def observe(
    song: Song,
    folder: Path,
    kinds: Sequence[str] = KINDS,
    reactivities: Sequence[float] = REACTIVITIES,
    **wishes: Any,
) -> list[Observed]:
    """A song with each kind of maps it has; `reactivities` rise and hold the default. Files go to `folder`."""
    source = write_beginning(song, folder)
    mix = read(source)
    wished = {"platform": "spotify", "mode": "cinematic", **wishes}
    return [_observe(song, source, mix, maps, reactivities, wished) for maps in maps_of(song, source, folder, kinds)]


def _observe(
    song: Song, source: Path, mix: Reading, maps: Maps, reactivities: Sequence[float], wishes: dict[str, Any]
) -> Observed:
    path = source.with_name("master.wav")
    given = {"arrangement": maps.arrangement, "emotion": maps.emotion}
    positions = []
    for reactivity in reactivities:
        made = make(source, path, **given, **wishes, reactivity=reactivity)
        positions.append(_position(made, reactivity))
        if reactivity == DEFAULT:
            default, apart_lu = read(path), _apart_lu(path)
    make(source, path, **given, **wishes | {"mode": "transparent", "target_lufs": -14.0})
    parts = _parts(source, made)
    return Observed(song.name, maps.kind, parts, tuple(positions), mix, default, read(path), apart_lu)


def _position(made: Made, reactivity: float) -> Position:
    audio, rate_hz = load(made.path)
    sections = made.report.sections
    return Position(
        reactivity=reactivity,
        planned_lufs=tuple(s.planned_lufs for s in sections),
        heard_lufs=tuple(stretch_lufs(audio, rate_hz, s.start, s.end) for s in sections),
        renders=made.renders,
        realtime_factor=made.realtime_factor,
        notes=made.report.notes,
    )


def _parts(source: Path, made: Made) -> tuple[Part, ...]:
    audio, rate_hz = load(source)
    sections = made.report.sections
    return tuple(Part(s.section, s.intensity, stretch_lufs(audio, rate_hz, s.start, s.end)) for s in sections)


def _apart_lu(path: Path) -> float:
    whole = lufs(*load(path))
    return 0.0 if whole is None else abs(whole - read(path).lufs)


def measure(bench: Bench) -> Section:
    """A row for every song and kind of maps; below, what breaks, counted and named."""
    observed = [each for found in over_songs(observe, all_songs(bench.songs)) for each in found]
    return Section((f"{about_all(bench.songs)} {_about()}", *tables(observed)))


def _about() -> str:
    return (
        "Mode cinematic, platform spotify, reactivity 0, 0.25, … 1.5, two songs at a time. Maps: detected; the song's "
        "own; intensities by lot for the detected sections; and against the mix, the quietest section being the most "
        f"intense. Levels of sections by pyloudnorm, sections under {SHORTEST_S:g} s left out; loudness range by "
        f"ffmpeg's `ebur128`. A pair: two sections whose intensities differ by {APART:g} or more; a fall is what its "
        "difference (more intense minus calmer) loses from one position of the knob to the next, the largest of all; "
        "inverted are pairs whose calmer section is louder at 1.5, and in brackets those that were not so in the mix. "
        "“off plan” is the largest error of a difference between two sections at any position."
    )


HEADER = (
    *("song", "maps", "sections", "pairs", "spread of mix, LU", "at 0", "at 1", "at 1.5", "fall planned", "heard"),
    *("inverted", "off plan", "range of mix, LU", "master", "transparent", "renders", "× real time"),
)


def row(observed: Observed) -> tuple[str, ...]:
    """What the table says of one song with one kind of maps."""
    inverted, new = observed.inverted
    count = len(observed.positions)
    spreads = [observed.spread_lu(r) for r in (None, observed.positions[0].reactivity, DEFAULT)]
    return (
        *(observed.song, observed.maps, str(len(observed.parts)), str(len(observed.pairs))),
        *(figure(spread, 1) for spread in (*spreads, observed.spread_lu(observed.positions[-1].reactivity))),
        *(figure(max(observed.fall(which).by_lu, 0.0)) for which in ("planned", "heard")),
        *(f"{inverted} ({new})", figure(observed.off_plan_lu())),
        *(figure(each.range_lu, 1) for each in (observed.mix, observed.default, observed.transparent)),
        figure(sum(position.renders for position in observed.positions) / count, 1),
        figure(sum(position.realtime_factor for position in observed.positions) / count, 0),
    )


def tables(observed: Sequence[Observed]) -> tuple[str | Table, ...]:
    """All rows, what breaks by kind of maps, and every break by name."""
    found = [(each, breaks(each)) for each in observed]
    counts = [
        (kind, str(len(those)), *(str(sum(name in broken for broken in those)) for name in BREAKS))
        for kind in KINDS
        if (those := [broken for each, broken in found if each.maps == kind])
    ]
    return (
        Table(HEADER, [row(each) for each in observed]),
        _summary(found),
        Table(("maps", "songs", *BREAKS), counts),
        listed(_named(each, broken) for each, broken in found if broken),
        _meters(observed),
    )


def _named(observed: Observed, broken: dict[str, str]) -> str:
    """What breaks in a song, and what the program itself said of its masters at the default and beyond."""
    said = dict.fromkeys((*observed.at(DEFAULT).notes, *observed.positions[-1].notes))
    words = f"{observed.song}, {observed.maps}: {'; '.join(broken.values())}"
    return words + (f". Said: {'; '.join(said)}" if said else "")


def _meters(observed: Sequence[Observed]) -> str:
    apart_lu = max(each.meters_apart_lu for each in observed)
    return f"On whole masters pyloudnorm and ffmpeg differ by {figure(apart_lu)} LU at most."


def _summary(found: Sequence[tuple[Observed, dict[str, str]]]) -> str:
    """What breaks, counted."""
    counts = [sum(name in broken for _, broken in found) for name in BREAKS]
    return (
        f"Of {len(found)} songs with maps, {counts[0]} have a pair that falls by more than {TOLERANCE_LU:g} LU as "
        f"planned and {counts[1]} as heard, {counts[2]} have pairs inverted at 1.5 that were not in the mix; the "
        f"default's spread is less than {LEAST_SPREAD:g} of the mix's in {counts[3]}, its loudness range less than "
        f"{LEAST_RANGE:g} in {counts[4]}, and that of mode transparent in {counts[5]}."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Contrast of the masters of these songs, row by row.")
    parser.add_argument("songs", nargs="*", type=Path, metavar="SONG", help="audio files; none: the demo song")
    parser.add_argument("--maps", action="append", choices=KINDS, help="only these maps; may be given repeatedly")
    parser.add_argument("--quick", action="store_true", help="reactivity 0, 1 and 1.5 only")
    options = parser.parse_args()
    steps = QUICK if options.quick else REACTIVITIES
    work = partial(observe, kinds=options.maps or KINDS, reactivities=steps)
    found = []
    print(" | ".join(HEADER), flush=True)
    for of_song in over_songs(work, wanted_songs(options.songs)):
        for each in of_song:
            print(" | ".join(row(each)), *(f"    {words}" for words in breaks(each).values()), sep="\n", flush=True)
        found += of_song
    print(_summary([(each, breaks(each)) for each in found]), _meters(found), sep="\n")


if __name__ == "__main__":
    main()
