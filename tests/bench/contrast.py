"""What was planned and heard of a song's sections while reactivity rises: pairs, falls, inversions, spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bench.document import figure
from bench.secondmeter import Reading, spread_lu

APART = 0.1
"""Two sections whose intensities differ by this are a pair: one is the calmer."""
TOLERANCE_LU = 0.1
LEAST_SPREAD, LEAST_RANGE = 0.9, 0.8
"""Shares of the mix's own that a master should keep."""
DEFAULT = 1.0
"""The position of the knob that nobody turned."""
Levels = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One section of a mix."""

    section: str
    intensity: float | None
    mix_lufs: float | None


@dataclass(frozen=True, slots=True)
class Position:
    """The master at one position of the knob; a level for every section, None where it cannot be measured."""

    reactivity: float
    planned_lufs: Levels
    heard_lufs: Levels
    renders: int
    realtime_factor: float
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fall:
    """How much of a pair's difference goes from one position of the knob to the next, LU."""

    by_lu: float
    stronger: str = ""
    calmer: str = ""
    at: tuple[float, float] = (0.0, 0.0)

    def __str__(self) -> str:
        return f"{figure(self.by_lu)} LU of {self.stronger} over {self.calmer}, {self.at[0]:g} → {self.at[1]:g}"


@dataclass(frozen=True, slots=True)
class Observed:
    """One song with one kind of maps, at all positions, and its loudness range before and after."""

    song: str
    maps: str
    parts: tuple[Part, ...]
    positions: tuple[Position, ...]
    mix: Reading
    default: Reading
    transparent: Reading
    meters_apart_lu: float
    """The default master as a whole: pyloudnorm against ffmpeg."""

    def at(self, reactivity: float) -> Position:
        """The master at this position of the knob."""
        return next(position for position in self.positions if position.reactivity == reactivity)

    def spread_lu(self, reactivity: float | None = None) -> float | None:
        """Of the sections' levels in the mix, or as heard at a position."""
        if reactivity is None:
            return spread_lu([part.mix_lufs for part in self.parts])
        return spread_lu(list(self.at(reactivity).heard_lufs))

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """All that can be compared: a section, and one that is calmer by `APART` or more."""
        known = [n for n, part in enumerate(self.parts) if part.intensity is not None and self._measured(n)]
        strength = [part.intensity or 0.0 for part in self.parts]
        return [(a, b) for a in known for b in known if strength[a] - strength[b] >= APART - 1e-9]

    def _measured(self, n: int) -> bool:
        levels = [(position.planned_lufs[n], position.heard_lufs[n]) for position in self.positions]
        return self.parts[n].mix_lufs is not None and all(None not in pair for pair in levels)

    def fall(self, which: str) -> Fall:
        """The largest of `planned` or `heard` levels over all pairs and steps; of none, 0."""
        found = [Fall(0.0)]
        for one, other in pairwise(self.positions):
            before, after = getattr(one, f"{which}_lufs"), getattr(other, f"{which}_lufs")
            for a, b in self.pairs:
                by_lu = (before[a] - before[b]) - (after[a] - after[b])
                names = self.parts[a].section, self.parts[b].section
                found.append(Fall(by_lu, *names, (one.reactivity, other.reactivity)))
        return max(found, key=lambda fall: fall.by_lu)

    @property
    def inverted(self) -> tuple[int, int]:
        """Pairs whose calmer section is the louder one at the last position; those of them that were not in the mix."""
        heard, mix = self.positions[-1].heard_lufs, [part.mix_lufs for part in self.parts]
        wrong = [pair for pair in self.pairs if _over(heard, pair) < -TOLERANCE_LU]
        return len(wrong), sum(_over(mix, pair) >= 0.0 for pair in wrong)

    def off_plan_lu(self) -> float:
        """The largest error of a difference between two sections, heard against planned, at any position."""
        errors = [
            spread_lu([h - p if h is not None and p is not None else None for h, p in zip(*both, strict=True)])
            for both in ((position.heard_lufs, position.planned_lufs) for position in self.positions)
        ]
        return max((error for error in errors if error is not None), default=0.0)


def _over(levels: Sequence[float | None], pair: tuple[int, int]) -> float:
    stronger, calmer = levels[pair[0]], levels[pair[1]]
    assert stronger is not None
    assert calmer is not None
    return stronger - calmer


BREAKS = ("falls planned", "falls heard", "inverted", "spread", "range, cinematic", "range, transparent")


def breaks(observed: Observed) -> dict[str, str]:
    """What should not be, by kind: the words for it."""
    found = {}
    for which in ("planned", "heard"):
        fall = observed.fall(which)
        if fall.by_lu > TOLERANCE_LU:
            found[f"falls {which}"] = f"falls as {which} by {fall}"
    if observed.inverted[1]:
        found["inverted"] = f"inverted pairs that were not in the mix: {observed.inverted[1]}"
    before, after = observed.spread_lu(), observed.spread_lu(DEFAULT)
    if before and after is not None and after < LEAST_SPREAD * before:
        found["spread"] = f"spread {figure(after, 1)} of {figure(before, 1)} LU"
    for name, reading in (("cinematic", observed.default), ("transparent", observed.transparent)):
        if reading.range_lu < LEAST_RANGE * observed.mix.range_lu:
            words = f"range {figure(reading.range_lu, 1)} of {figure(observed.mix.range_lu, 1)} LU in {name}"
            found[f"range, {name}"] = words
    return found
