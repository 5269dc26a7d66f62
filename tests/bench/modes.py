"""Whether a mode sounds like its name: the four modes of every song at equal loudness, measured and told apart.

Everything here is numpy, pyloudnorm and ffmpeg; nothing is the project's own meter. All measures are ratios, so that
a master that does not reach its target is compared as it is.
Usage: python -m bench.modes SONG… (with the project and its tests/ in PYTHONPATH) prints the rows of these songs.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench.bench import Bench
from bench.document import Section, Table, figure
from bench.masters import load, make, over_songs
from bench.material import Song, about_all, all_songs, wanted_songs, write_beginning
from bench.traits import MONO_DB, Traits, traits

MODES = ("transparent", "cinematic", "radio_loud", "lofi")
TARGET_LUFS = -14.0
LEAST_SI_SDR_DB = 20.0
MEASURES = {
    "air_db": "above 8 kHz over all, dB",
    "bass_db": "40–120 Hz over 250–4000 Hz, dB",
    "warmth_db": "40–400 Hz over 1–8 kHz, dB",
    "side_db": "side over mid, dB",
    "low_side_db": "the same below 120 Hz, dB",
    "plr_db": "true peak over loudness, dB",
    "range_lu": "loudness range, LU",
    "spread_lu": "spread of sections, LU",
    "crest_db": "crest factor of 100 ms, dB",
}
"""Measures of which the difference counts."""
ABSOLUTE = {"residue_db": "distortion, dB", "si_sdr_db": "SI-SDR, dB"}
"""Measures that are against the mix by themselves."""
WIDTHS = ("side_db", "low_side_db")


@dataclass(frozen=True, slots=True)
class Observed:
    """One song: its mix and its master in each mode."""

    song: str
    mix: Traits
    masters: dict[str, Traits]

    @property
    def recognised(self) -> dict[str, str]:
        """Mode → what its master was taken for, by measurements alone."""
        labels = recognise(list(self.masters.values()))
        return dict(zip(self.masters, labels, strict=True))


def recognise(masters: Sequence[Traits]) -> list[str]:
    """Which of four masters of a song is which mode.

    Transparent is nearest to the mix (SI-SDR); of the others lofi is the one with least above 8 kHz; of the other two
    radio_loud has less dynamics, peak to loudness ratio and loudness range together; what remains is cinematic.
    """
    labels = ["cinematic"] * len(masters)
    left = list(range(len(masters)))
    rules: tuple[tuple[str, Callable[[int], float]], ...] = (
        ("transparent", lambda n: -(masters[n].si_sdr_db or 0.0)),
        ("lofi", lambda n: masters[n].air_db),
        ("radio_loud", lambda n: masters[n].plr_db + masters[n].range_lu),
    )
    for mode, measure_of in rules:
        found = min(left, key=measure_of)
        labels[found] = mode
        left.remove(found)
    return labels


def observe(song: Song, folder: Path, **wishes: Any) -> Observed:
    """A song in all modes at −14 LUFS, with detected maps; files go to `folder`."""
    source, path = write_beginning(song, folder), folder / "master.wav"
    mix, _ = load(source)
    masters = {}
    for mode in MODES:
        wished = {"platform": "spotify", "target_lufs": TARGET_LUFS, **wishes, "mode": mode}
        made = make(source, path, **wished)
        spans = [(section.start, section.end) for section in made.report.sections]
        masters[mode] = traits(path, spans, mix)
    return Observed(song.name, traits(source, spans), masters)


def measure(bench: Bench) -> Section:
    """Tables of medians and of what was recognised, over all songs."""
    observed = list(over_songs(observe, all_songs(bench.songs)))
    return Section((f"{about_all(bench.songs)} {_about()}", *tables(observed)))


def _about() -> str:
    return (
        f"Each in four modes at {figure(TARGET_LUFS, 0)} LUFS, with detected maps. The first table is the median over "
        "the songs (and the range): of transparent against the mix, of the others against transparent; SI-SDR and "
        "distortion are every master's against the mix. Distortion is what no filter of the mix, free to change every "
        "0.4 s, explains of the mid. Spectra are of the whole song, mid and side together; true peak and loudness "
        "range by ffmpeg's `ebur128`, sections by pyloudnorm."
    )


def differences(observed: Observed, mode: str) -> dict[str, float | None]:
    """Every measure of a mode's master against transparent's, and of transparent's against the mix; None for none."""
    own = observed.masters[mode]
    other = observed.mix if mode == "transparent" else observed.masters["transparent"]
    found = {name: _minus(getattr(own, name), getattr(other, name)) for name in MEASURES if _has(observed, name)}
    return dict.fromkeys(MEASURES) | found | {name: getattr(own, name) for name in ABSOLUTE}


def _has(observed: Observed, name: str) -> bool:
    """Whether the mix has it at all: a mono one has no width, a single section no spread."""
    value = getattr(observed.mix, name)
    return value is not None and not (name in WIDTHS and value <= MONO_DB)


def _minus(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


SIGNS = (
    ("lofi", "darkest above 8 kHz", "air_db", -1, MODES),
    ("lofi", "narrowest", "side_db", -1, MODES),
    ("lofi", "narrowest below 120 Hz", "low_side_db", -1, MODES),
    ("lofi", "more distortion than cinematic", "residue_db", 1, ("lofi", "cinematic")),
    ("radio_loud", "lowest true peak over loudness", "plr_db", -1, MODES),
    ("radio_loud", "lowest loudness range", "range_lu", -1, MODES),
    ("cinematic", "widest", "side_db", 1, MODES),
    ("cinematic", "fullest below 120 Hz", "bass_db", 1, MODES),
    ("cinematic", "largest spread of sections", "spread_lu", 1, MODES),
)
"""What one measurement should show of a mode: that of these modes it has the most (1) or the least (−1)."""


def is_first(observed: Observed, mode: str, name: str, sign: int, among: Sequence[str]) -> bool | None:
    """Whether this mode has the most or the least of a measure; None where the mix has none of it."""
    if name not in ABSOLUTE and not _has(observed, name):
        return None
    signed = {each: sign * getattr(observed.masters[each], name) for each in among}
    return max(signed, key=lambda each: signed[each]) == mode


def tables(observed: Sequence[Observed]) -> tuple[str | Table, ...]:
    """Medians by mode, single signs, what was taken for what, and the songs one by one."""
    return (
        _median_table(observed),
        _recognised_sentence(observed),
        Table(("mode", "sign", "songs"), _sign_rows(observed)),
        "One by one: each mode's differences as in the first table, and what its master was taken for.",
        Table(HEADER, [row for each in observed for row in rows(each)]),
    )


def _median_table(observed: Sequence[Observed]) -> Table:
    rows = []
    for name, words in (MEASURES | ABSOLUTE).items():
        cells = []
        for mode in MODES:
            known = [value for each in observed if (value := differences(each, mode)[name]) is not None]
            span = f" ({figure(min(known), 1)} … {figure(max(known), 1)})" if known else ""
            cells.append(f"{figure(median(known) if known else None, 1)}{span}")
        rows.append((words, *cells))
    return Table(("measure", *MODES), rows)


def _sign_rows(observed: Sequence[Observed]) -> list[tuple[str, ...]]:
    near = [(each.masters["transparent"].si_sdr_db or 0.0) >= LEAST_SI_SDR_DB for each in observed]
    rows: list[tuple[str, ...]] = [("transparent", f"SI-SDR of {LEAST_SI_SDR_DB:g} dB or more", _count(near))]
    for mode, words, name, sign, among in SIGNS:
        rows.append((mode, words, _count(is_first(each, mode, name, sign, among) for each in observed)))
    return rows


def _count(shown: Iterable[bool | None]) -> str:
    known = [value for value in shown if value is not None]
    return f"{sum(known)} of {len(known)}"


def _recognised_sentence(observed: Sequence[Observed]) -> str:
    right = {mode: sum(each.recognised[mode] == mode for each in observed) for mode in MODES}
    every = sum(all(mode == label for mode, label in each.recognised.items()) for each in observed)
    counts = ", ".join(f"{mode} in {count}" for mode, count in right.items())
    missed = max(abs(master.lufs - TARGET_LUFS) for each in observed for master in each.masters.values())
    return (
        "Told apart by three rules: transparent has the highest SI-SDR against the mix; of the other three lofi has "
        "least above 8 kHz; of the other two radio_loud has less of peak to loudness and loudness range together, "
        f"and what is left is cinematic. Of {len(observed)} songs, recognised: {counts}; all four in {every}. The "
        f"master farthest from {figure(TARGET_LUFS, 0)} LUFS is off by {figure(missed)} LU by ffmpeg."
    )


HEADER = ("song", "mode", *(name.rsplit("_", 1)[0] for name in MEASURES | ABSOLUTE), "LUFS", "taken for")


def rows(observed: Observed) -> list[tuple[str, ...]]:
    """What the table says of one song: a row for every mode."""
    labels = observed.recognised
    return [
        (
            *(observed.song, mode, *(figure(value, 1) for value in differences(observed, mode).values())),
            *(figure(observed.masters[mode].lufs), labels[mode] if labels[mode] == mode else f"**{labels[mode]}**"),
        )
        for mode in MODES
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description="The modes of these songs told apart, row by row, and together.")
    parser.add_argument("songs", nargs="*", type=Path, metavar="SONG", help="audio files; none: the demo song")
    options = parser.parse_args()
    found = []
    print(" | ".join(HEADER))
    for each in over_songs(observe, wanted_songs(options.songs)):
        found.append(each)
        print(*(" | ".join(row) for row in rows(each)), sep="\n", flush=True)
    print(Section(tables(found)[:3]).markdown())


if __name__ == "__main__":
    main()
