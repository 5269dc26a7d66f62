"""What is heard in songs that nothing was tuned on: tempo, sections, intensity, beside librosa and a plain baseline."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import checkerboard
import heldout_songs
import needs
import numpy as np
import splices
from agreement import OCTAVES, f_measure, hits, spearman, tempo_right
from hearing_rig import timeline_of

from bench.bench import Bench
from bench.document import Section, Table, figure
from livemaster.analysis.emotion import emotion_curve
from livemaster.analysis.moments import moments
from livemaster.analysis.onsets import flux
from livemaster.analysis.sections import find_sections
from livemaster.analysis.tempo import track
from livemaster.report.tables import clock

SONGS, SPLICES = 200, 50
NEAR_S, FAR_S = 0.5, 3.0
EVIDENCE = {
    "loudness_db": "loud",
    "brightness_oct": "bright",
    "fullness_oct": "full",
    "onsets_per_s": "dense",
    "percussive": "percussive",
}
"""What intensity is argued from: features of `Moments`, and words for much of each."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One song: what is true, and what was heard."""

    style: str
    equal_loudness: bool
    bpm: float
    found_bpm: float | None
    librosa_bpm: float
    true_s: tuple[float, ...]
    found_s: tuple[float, ...]
    baseline_s: tuple[float, ...]
    intensity: tuple[float, ...]
    found_intensity: tuple[float, ...]
    duration_s: float


def measure(bench: Bench) -> Section:
    """Tables of tempo, boundaries and intensity over held-out songs, and of cuts between real songs."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        heard = list(pool.map(hear_song, range(SONGS), chunksize=10))
        spliced = list(pool.map(hear_splice, range(SPLICES), chunksize=5))
    return Section(
        (
            f"{SONGS} songs of tools/material/heldout_songs.py, a generator that nothing was tuned on, {_span(heard)}.",
            "**Tempo** within 2 %, and within 2 % up to the octave; librosa is `librosa.beat.beat_track`.",
            _tempo_table(heard),
            "**Boundaries**: mean F-measure over songs, the track's start and end not counted. The baseline is "
            "tests/support/checkerboard.py: novelty of cepstra at a fixed hop, standard peak picking.",
            _boundary_table(heard),
            f"**Cuts** of {SPLICES} splices of real songs, pieces of 20 to 40 s, equally loud.",
            _cut_table(spliced),
            "**Intensity**: Spearman's rank correlation between generated and detected intensity of sections.",
            _intensity_table(heard),
            "**Real songs**: what each section's intensity rests on. Nobody has listened; a section that is said to be "
            "more intense should be louder, brighter, fuller, denser or more percussive than its neighbours, and the "
            "last column names what it has most (+) and least (−) of in its song.",
            _song_table(),
        )
    )


def hear_song(seed: int) -> Heard:
    """A held-out song through the whole chain, and through its rivals."""
    import librosa

    song = heldout_songs.make(seed)
    timeline = timeline_of(song.audio)
    tempo = track(flux(timeline.onset_bands_db), timeline.chroma)
    curve = emotion_curve(timeline, tempo)
    mono = librosa.resample(song.audio.mean(axis=0), orig_sr=44_100, target_sr=22_050)
    theirs = float(np.atleast_1d(librosa.beat.beat_track(y=mono, sr=22_050)[0])[0])
    return Heard(
        style=song.style,
        equal_loudness=song.equal_loudness,
        bpm=song.bpm,
        found_bpm=tempo.bpm,
        librosa_bpm=theirs,
        true_s=tuple(each.start_s for each in song.sections[1:]),
        found_s=tuple(each.start_s for each in find_sections(timeline, tempo)[1:]),
        baseline_s=tuple(checkerboard.boundaries_s(timeline).tolist()),
        intensity=tuple(each.intensity for each in song.sections),
        found_intensity=tuple(curve.over(each.start_s, each.end_s)[1] for each in song.sections),
        duration_s=timeline.duration_s,
    )


@dataclass(frozen=True, slots=True)
class HeardSplice:
    """One splice: its cuts, and the boundaries that were found."""

    cuts_s: tuple[float, ...]
    found_s: tuple[float, ...]
    baseline_s: tuple[float, ...]
    duration_s: float


def hear_splice(seed: int) -> HeardSplice:
    """A splice of real songs through the whole chain and the baseline."""
    splice = splices.make(seed, needs.songs(50.0))
    timeline = timeline_of(splice.audio)
    found = find_sections(timeline, track(flux(timeline.onset_bands_db), timeline.chroma))
    return HeardSplice(
        tuple(splice.cuts_s.tolist()),
        tuple(each.start_s for each in found[1:]),
        tuple(checkerboard.boundaries_s(timeline).tolist()),
        timeline.duration_s,
    )


@dataclass(frozen=True, slots=True)
class RealSection:
    """A section of a real song: where it lies, its intensity, and what that rests on."""

    name: str
    start_s: float
    end_s: float
    intensity: float
    evidence: tuple[float, ...]


def hear_real(path: Path) -> list[RealSection]:
    """The sections of a song as they are heard."""
    timeline = timeline_of(splices.song(path))
    tempo = track(flux(timeline.onset_bands_db), timeline.chroma)
    curve = emotion_curve(timeline, tempo)
    found = []
    for each in find_sections(timeline, tempo):
        middle = np.array([0.5 * (each.start_s + each.end_s)])
        seen = moments(timeline, middle, each.end_s - each.start_s)
        evidence = tuple(float(getattr(seen, feature)[0]) for feature in EVIDENCE)
        found.append(
            RealSection(each.name, each.start_s, each.end_s, curve.over(each.start_s, each.end_s)[1], evidence)
        )
    return found


def _song_table() -> Table:
    rows = []
    for path in needs.songs(50.0):
        heard = hear_real(path)
        order = sorted(range(len(heard)), key=lambda k: -heard[k].intensity)
        for number, each in enumerate(heard):
            rows.append(
                (
                    *(path.stem, each.name, f"{clock(each.start_s)} to {clock(each.end_s)}"),
                    *(figure(each.intensity), f"{order.index(number) + 1} of {len(heard)}"),
                    *(figure(value) for value in each.evidence),
                    _extremes(heard, number),
                )
            )
    header = ("song", "section", "time", "intensity", "rank", "loudness, dB", "brightness, oct", "bands, oct")
    return Table((*header, "onsets, 1/s", "percussive", "has"), rows)


def _extremes(heard: Sequence[RealSection], number: int) -> str:
    """What a section has most and least of in its song."""
    if len(heard) < 2:
        return ""
    values = np.array([each.evidence for each in heard])
    words = np.array(list(EVIDENCE.values()))
    most, least = words[values.argmax(axis=0) == number], words[values.argmin(axis=0) == number]
    return " ".join([*(f"+{word}" for word in most), *(f"−{word}" for word in least)])


def _span(heard: Sequence[Heard]) -> str:
    bpms = [each.bpm for each in heard]
    styles = len({each.style for each in heard})
    sections = [len(each.intensity) for each in heard]
    return (
        f"{figure(min(bpms), 0)} to {figure(max(bpms), 0)} bpm, {styles} styles, {min(sections)} to {max(sections)} "
        f"sections, {sum(each.equal_loudness for each in heard)} of them with all sections equally loud"
    )


def _tempo_table(heard: Sequence[Heard]) -> Table:
    rows = []
    for style in ["all", *sorted({each.style for each in heard})]:
        of_style = [each for each in heard if style in ("all", each.style)]
        rows.append((style, str(len(of_style)), *(f"{figure(share, 1)} %" for share in _tempo_shares(of_style))))
    return Table(("style", "songs", "livemaster", "up to the octave", "librosa", "up to the octave"), rows)


def _tempo_shares(heard: Sequence[Heard]) -> list[float]:
    shares = []
    for found in (lambda each: each.found_bpm, lambda each: each.librosa_bpm):
        for factors in ((1.0,), OCTAVES):
            shares.append(100.0 * np.mean([tempo_right(found(each), each.bpm, factors) for each in heard]))
    return shares


def _boundary_table(heard: Sequence[Heard]) -> Table:
    groups: dict[str, Callable[[Heard], bool]] = {
        "all": lambda _: True,
        "equally loud": lambda each: each.equal_loudness,
        "others": lambda each: not each.equal_loudness,
    }
    rows = []
    for name, belongs in groups.items():
        group = [each for each in heard if belongs(each)]
        figures = [
            np.mean([f_measure(getattr(each, found), each.true_s, within_s) for each in group])
            for found in ("found_s", "baseline_s")
            for within_s in (NEAR_S, FAR_S)
        ]
        rows.append((name, str(len(group)), *(figure(float(value)) for value in figures)))
    return Table(("songs", "count", "livemaster, 0.5 s", "3 s", "baseline, 0.5 s", "3 s"), rows)


def _cut_table(spliced: Sequence[HeardSplice]) -> Table:
    rows = []
    for name, field in (("livemaster", "found_s"), ("baseline", "baseline_s")):
        found = [getattr(each, field) for each in spliced]
        right = sum(hits(times, each.cuts_s, FAR_S) for times, each in zip(found, spliced, strict=True))
        cuts = sum(len(each.cuts_s) for each in spliced)
        others = (sum(map(len, found)) - right) / (sum(each.duration_s for each in spliced) / 60.0)
        rows.append((name, str(cuts), figure(right / cuts), figure(others)))
    return Table(("", "cuts", "recall within 3 s", "other boundaries a minute"), rows)


def _intensity_table(heard: Sequence[Heard]) -> Table:
    rows = []
    for name, group in (
        ("all", heard),
        ("equally loud", [each for each in heard if each.equal_loudness]),
        ("others", [each for each in heard if not each.equal_loudness]),
    ):
        each_song = [spearman(each.found_intensity, each.intensity) for each in group if len(each.intensity) > 2]
        together = spearman(
            [value for each in group for value in each.found_intensity],
            [value for each in group for value in each.intensity],
        )
        rows.append((name, figure(together), figure(float(np.nanmean(each_song)))))
    return Table(("songs", "all sections together", "inside each song, mean"), rows)
