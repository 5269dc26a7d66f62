"""Sixty degraded mixes, rendered without map or hint: how many come nearer to their originals, beside Matchering."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import heldout_songs
import numpy as np
import soundfile as sf
from degradations import FAULTS, LEAST_DB, LEVELS, MOST_DB, RATE_HZ, degrade

import livemaster
from bench.bench import Bench
from bench.distance import WIDTH_WEIGHT, Distance, Sketch, distance, sketch
from bench.document import Section, Table, figure
from bench.material import Music, excerpts
from bench.programs import HERE

EXCERPT_S = 35.0
VERSIONS = 60
HELDOUT_SEEDS = range(900, 906)
NEARER_DB, WORSE_DB, WANTED_SHARE = -0.3, 1.0, 0.85
CLEAN_DB = 1.5
SILENT_DB = -50.0
"""Bands of a clean song weaker than this against its loudest are not looked at: what is there is not heard."""


@dataclass(frozen=True, slots=True)
class Case:
    """One degraded version of one song."""

    song: str
    real: bool
    fault: str
    level: str
    strength_db: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """How far from the original: as degraded, after livemaster, after Matchering (None where it is missing)."""

    case: Case
    before: Distance
    after: Distance
    peer: Distance | None

    @property
    def change_db(self) -> float:
        """What livemaster changed; negative is nearer."""
        return self.after.whole_db - self.before.whole_db


def measure(bench: Bench) -> Section:
    """Rates by fault, level and kind of song; clean songs in mode transparent."""
    songs = material()
    outcomes = run(songs, cases(songs), bench.folder)
    plain = run(songs, level_cases(songs), bench.folder, peer=False)
    return Section(
        (
            f"{VERSIONS} versions of {len(songs)} songs, half of them real: excerpts of {EXCERPT_S:g} s. Each has one "
            f"fault of tone or width, {LEAST_DB:g} to {MOST_DB:g} dB strong, and is left as it is, made 12 dB quieter "
            "or clipped by 3 dB in turn; level alone leaves the spectrum at equal loudness nearly as it was, so those "
            "versions stand in a table of their own. Rendered with nothing but `--reactivity 0`. Distance: spectra in "
            f"third-octaves at equal loudness, dB RMS, and {WIDTH_WEIGHT:g} × the side-to-mid ratio's difference in dB "
            "at a right angle (tests/bench/distance.py). “Nearer”: by 0.3 dB or more. Matchering gets the next song "
            "as its reference.",
            _table(outcomes),
            _verdict(outcomes),
            "Only quiet, only clipped, and clean, in the default mode:",
            _table(plain),
            _clean(songs, bench.folder),
        )
    )


def material() -> dict[str, tuple[Music, bool]]:
    """Name → excerpt at 44.1 kHz and whether it is a real song; as many held-out songs as real ones."""
    found = {name: (audio, True) for name, audio in excerpts(EXCERPT_S, RATE_HZ).items()}
    for seed in HELDOUT_SEEDS:
        found[f"held-out {seed}"] = (middle(heldout_songs.make(seed).audio), False)
    return found


def middle(audio: Music) -> Music:
    """The middle of a song."""
    frames = min(round(EXCERPT_S * RATE_HZ), audio.shape[1])
    first = (audio.shape[1] - frames) // 2
    return np.ascontiguousarray(audio[:, first : first + frames])


def cases(songs: dict[str, tuple[Music, bool]]) -> list[tuple[Case, Music]]:
    """Songs take turns; every fault meets every level, and moves on by one song each round."""
    names, found = list(songs), []
    for number in range(VERSIONS):
        name, lap = names[number % len(names)], number // len(names)
        fault = FAULTS[(number + lap) % len(FAULTS)]
        level = LEVELS[(number // len(FAULTS) + number) % len(LEVELS)]
        found.append(_case(songs, name, fault, level, number))
    return found


def level_cases(songs: dict[str, tuple[Music, bool]]) -> list[tuple[Case, Music]]:
    """Every song without a fault, at every level."""
    return [_case(songs, name, None, level, 0) for name in songs for level in LEVELS]


def _case(
    songs: dict[str, tuple[Music, bool]], name: str, fault: str | None, level: str, seed: int
) -> tuple[Case, Music]:
    made = degrade(songs[name][0], fault, level, seed)
    return Case(name, songs[name][1], made.fault, level, made.strength_db), made.audio


def run(
    songs: dict[str, tuple[Music, bool]], versions: Sequence[tuple[Case, Music]], folder: Path, *, peer: bool = True
) -> list[Outcome]:
    """Render every version and measure it against its original."""
    originals = {name: sketch(audio, RATE_HZ) for name, (audio, _) in songs.items()}
    names, outcomes = list(songs), []
    for case, audio in versions:
        path, original = folder / "degraded.wav", originals[case.song]
        sf.write(path, audio.T, RATE_HZ, subtype="PCM_24")
        after = rendered(path, folder / "master.wav")
        theirs = None
        if peer and importlib.util.find_spec("matchering"):
            other = songs[names[(names.index(case.song) + 1) % len(names)]][0]
            theirs = distance(_matched(path, other, folder), original)
        outcomes.append(Outcome(case, distance(sketch(audio, RATE_HZ), original), distance(after, original), theirs))
    return outcomes


def rendered(path: Path, output: Path, **wishes: object) -> Sketch:
    """A master without map or hint."""
    livemaster.render(path, output, reactivity=0.0, force=True, **wishes)  # type: ignore[arg-type]
    return _sketch_of(output)


def _matched(path: Path, reference: Music, folder: Path) -> Sketch:
    sf.write(folder / "reference.wav", reference.T, RATE_HZ, subtype="PCM_24")
    script = [sys.executable, str(HERE / "peer_matchering.py"), str(path)]
    output = folder / "matched.wav"
    subprocess.run([*script, str(folder / "reference.wav"), str(output)], check=True, capture_output=True)
    return _sketch_of(output)


def _sketch_of(path: Path) -> Sketch:
    audio, rate_hz = sf.read(path, dtype="float32", always_2d=True)
    return sketch(audio.T, rate_hz)


def _table(outcomes: Sequence[Outcome]) -> Table:
    """A row for every fault, level and kind of song that occurs, and one for all."""
    groups: list[tuple[str, Callable[[Case], bool]]] = []
    groups += [(fault, lambda case, fault=fault: case.fault == fault) for fault in FAULTS]  # type: ignore[misc]
    groups += [(level, lambda case, level=level: case.level == level) for level in LEVELS]  # type: ignore[misc]
    groups += [("real songs", lambda case: case.real), ("held-out songs", lambda case: not case.real)]
    groups += [("all", lambda case: True)]
    rows = []
    for name, belongs in groups:
        chosen = [outcome for outcome in outcomes if belongs(outcome.case)]
        if chosen:
            rows.append(_row(name, chosen))
    header = ("versions", "number", "distance before", "after", "nearer", "mean change", "worst")
    return Table((*header, "Matchering: after", "nearer", "worst"), rows)


def _row(name: str, chosen: Sequence[Outcome]) -> tuple[str, ...]:
    changes = [outcome.change_db for outcome in chosen]
    theirs = [(o.peer.whole_db, o.peer.whole_db - o.before.whole_db) for o in chosen if o.peer is not None]
    return (
        *(name, str(len(chosen))),
        *(figure(float(np.mean([o.before.whole_db for o in chosen]))), figure(_mean_after(chosen))),
        *(_share(changes), figure(float(np.mean(changes))), figure(max(changes))),
        *(
            (
                figure(float(np.mean([t for t, _ in theirs]))),
                _share([c for _, c in theirs]),
                figure(max(c for _, c in theirs)),
            )
            if theirs
            else ("–", "–", "–")
        ),
    )


def _mean_after(chosen: Sequence[Outcome]) -> float:
    return float(np.mean([outcome.after.whole_db for outcome in chosen]))


def _share(changes: Sequence[float]) -> str:
    return f"{100.0 * np.mean(np.array(changes) <= NEARER_DB):.0f} %"


def _verdict(outcomes: Sequence[Outcome]) -> str:
    changes = np.array([outcome.change_db for outcome in outcomes])
    share = float(np.mean(changes <= NEARER_DB))
    flat = np.array([o.after.tone_db + WIDTH_WEIGHT * o.after.width_db for o in outcomes])
    flat -= np.array([o.before.tone_db + WIDTH_WEIGHT * o.before.width_db for o in outcomes])
    return (
        f"{100.0 * share:.0f} % come nearer by 0.3 dB or more; wanted are {100.0 * WANTED_SHARE:.0f} %"
        f"{'' if share >= WANTED_SHARE else ', which is missed'}. {int((changes > WORSE_DB).sum())} of {len(changes)} "
        f"get worse by more than {WORSE_DB:g} dB (worst {figure(float(changes.max()))} dB). With tone and width just "
        f"added instead, {_share(flat.tolist())} come nearer, and the worst is {figure(float(flat.max()))} dB."
    )


def _clean(songs: dict[str, tuple[Music, bool]], folder: Path) -> str:
    moved = [clean_move_db(audio, folder) for audio, _ in songs.values()]
    return (
        f"Clean songs in mode transparent: no third-octave moves by more than {figure(max(moved))} dB "
        f"(allowed {CLEAN_DB:g}), in the median song by {figure(float(np.median(moved)))} dB at most."
    )


def clean_move_db(audio: Music, folder: Path) -> float:
    """The largest move of a third-octave at equal loudness, mode transparent, of what can be heard."""
    path = folder / "clean.wav"
    quieter = audio * np.float32(0.9 / max(float(np.abs(audio).max()), 1e-9))
    sf.write(path, quieter.T, RATE_HZ, subtype="PCM_24")
    before, after = sketch(quieter, RATE_HZ), rendered(path, folder / "master.wav", mode="transparent")
    heard = before.bands_db > before.bands_db.max() + SILENT_DB
    return float(np.abs(after.bands_db - before.bands_db)[heard].max())
