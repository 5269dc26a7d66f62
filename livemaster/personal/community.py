"""What many listeners prefer: votes counted over their exports, as shares with intervals, for groups of 20 and more.

One file is one person, and one person has one vote per kind of recording and parameter: the sign of the mean of the
adjustments that helped on tracks they rated 4 or 5. So neither a thousand ratings nor extreme ones weigh more, and a
mean that no personal layer could have made is no vote. Copies of an export are one file: those that say the same and
have the same number, which two people have not, though they say the same, as many do who said little. Of files without
numbers, those of the same bytes are taken for copies. Which exports were made by one person under several names nobody
can tell: against that there is only the number of honest ones.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from livemaster.documents import parse_json, preset_names
from livemaster.documents.document import Document, Name, Strict
from livemaster.documents.jsonfile import MAX_BYTES, read_bytes
from livemaster.documents.ranges import SCORE, Range
from livemaster.errors import SettingsError
from livemaster.personal.counting import Cell, Trust, Votes, counting
from livemaster.personal.exports import SHARED, Export, Version
from livemaster.personal.noise import EPSILON, Noise
from livemaster.personal.ratings import Type
from livemaster.planning.personal import TYPES

ALL = "all"
"""Gear or hearing of a group that is not told apart by it."""
FEWEST_PEOPLE = 20
Z_95 = 1.959964
"""Standard deviations on either side that hold 95 % of a normal distribution."""
SENSITIVITY = len(TYPES) * len(SHARED)
"""Counts that one person can change by 1; see noise.py."""
DIGITS = 4
MOST_GROUPS = 2000

Progress = Callable[[str, float], None]
"""Told the step and how much of it is done, 0–1."""


class Group(Strict):
    """Of the people of this gear and hearing with well-rated tracks of this type, the share that prefers a change."""

    type: Type
    gear: Name
    hearing: Name
    parameter: Literal["bass", "mid", "treble", "width"]
    direction: Literal["less", "more"]
    share: Annotated[float, SCORE]
    interval: Annotated[tuple[Annotated[float, SCORE], Annotated[float, SCORE]], Field(strict=False)]
    people: Annotated[int, Range(FEWEST_PEOPLE, 10**9)]

    @model_validator(mode="after")
    def _in_order(self) -> Group:
        low, high = self.interval
        if not low <= self.share <= high:
            context = {"low": f"{low:g}", "high": f"{high:g}", "share": f"{self.share:g}"}
            raise PydanticCustomError("order", "share {share} is not within its interval, {low} to {high}", context)
        return self


class LeftOut(Strict):
    """A group of too few people; how few is not said."""

    type: Type
    gear: Name
    hearing: Name
    parameter: Literal["bass", "mid", "treble", "width"]


class Confidence(Strict):
    """How the detection's confidence goes with satisfaction, −1…1, and from where on more were satisfied than usual."""

    correlation: Annotated[float, Range(-1.0, 1.0)] | None = None
    threshold: Annotated[float, SCORE] | None = None


class Insights(Document):
    """What a community prefers beside one version of the base model; `dp_epsilon` where noise was added."""

    KIND = "insights"

    groups: Annotated[tuple[Group, ...], Field(strict=False, max_length=MOST_GROUPS)]
    confidence: Confidence = Confidence()
    left_out: Annotated[tuple[LeftOut, ...], Field(strict=False, max_length=MOST_GROUPS)] = ()
    base_model: Version = "1.0"
    dp_epsilon: Annotated[float, EPSILON] | None = None

    @field_validator("groups")
    @classmethod
    def _each_once(cls, groups: tuple[Group, ...]) -> tuple[Group, ...]:
        if len({(each.type, each.gear, each.hearing, each.parameter, each.direction) for each in groups}) < len(groups):
            raise PydanticCustomError("text", "name a group twice")
        return groups

    def to_data(self) -> dict[str, Any]:
        """As JSON."""
        return self.model_dump(mode="json")


class _Tally(NamedTuple):
    """Votes of a group for less, as it is and more; `cells` counts with noise were added up for each of them."""

    votes: tuple[int, int, int]
    cells: int


def aggregate(
    paths: Iterable[str | Path],
    dp_epsilon: float | None = None,
    seed: int | None = None,
    progress: Progress = lambda step, share: None,
    *,
    base_model: str = "1.0",
    refused: Callable[[str], None] | None = None,
) -> Insights:
    """[control] What the people of these exports prefer, each file being one person.

    Ratings beside another version of the base model than `base_model` do not count: what was added to it means
    something else. `refused` is told, in a line, of each file that is left out: one that is no export, a copy, or one
    without ratings that count; without it a file that is no export is a SettingsError. `dp_epsilon` makes the groups
    differentially private (see noise.py) and says nothing of the confidence; `seed` is for tests alone.
    """
    noise = None if dp_epsilon is None else Noise(dp_epsilon, SENSITIVITY, seed)
    left_out: list[str] = []
    with counting() as votes:
        if not _read_all(list(paths), votes, base_model, progress, None if refused is None else left_out.append):
            why = left_out[0] if left_out else "share export makes some"
            raise SettingsError(f"no ratings beside base model {base_model} in these files; {why}")
        cells = votes.cells()
        trust = votes.trust() if noise is None else None
    for each in left_out:
        refused(each)  # type: ignore[misc]
    groups: list[Group] = []
    too_small: list[LeftOut] = []
    for place, tally in sorted(_tallies(cells, noise).items()):
        if sum(tally.votes) < FEWEST_PEOPLE:
            too_small.append(LeftOut(**place._asdict()))
        else:
            groups.extend(_groups(place, tally, noise))
    return Insights(
        groups=tuple(groups),
        confidence=Confidence() if trust is None else _confidence(trust),
        left_out=tuple(too_small),
        base_model=base_model,
        dp_epsilon=dp_epsilon,
    )


def wilson(share: float, people: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, 1927)."""
    z2 = Z_95**2 / people
    centre = (share + 0.5 * z2) / (1.0 + z2)
    half = Z_95 * math.sqrt(share * (1.0 - share) / people + 0.25 * z2 / people) / (1.0 + z2)
    return max(min(centre - half, share), 0.0), min(max(centre + half, share), 1.0)


def _read_all(
    paths: Sequence[str | Path],
    votes: Votes,
    base_model: str,
    progress: Progress,
    refused: Callable[[str], None] | None,
) -> int:
    """Hand every person's ratings over once; how many there were."""
    seen: dict[bytes, str | Path] = {}
    used = 0
    for done, path in enumerate(paths):
        progress("reading exports", done / len(paths))
        try:
            data = read_bytes(Path(path), MAX_BYTES)
            export = Export.parse(parse_json(data, str(path)), str(path))
        except SettingsError as error:
            if refused is None:
                raise
            refused(str(error))
            continue
        digest = hashlib.sha256(data if export.number is None else export.content.encode()).digest()
        copy_of = seen.get(digest)
        seen.setdefault(digest, path)
        count = votes.add(export, base_model) if copy_of is None else 0
        used += count
        if not count and refused is not None:
            why = f"no ratings beside base model {base_model}" if copy_of is None else f"the same file as {copy_of}"
            if copy_of is not None and export.number is None:
                why += " (and without a number that would tell two people apart)"
            refused(f"{path}: {why}")
    progress("reading exports", 1.0)
    return used


class _Group(NamedTuple):
    type: str
    parameter: str
    gear: str
    hearing: str


def _tallies(cells: Iterable[Cell], noise: Noise | None) -> dict[_Group, _Tally]:
    """Votes of the finest cells, with noise where that is wanted, and of their sums over gear, hearing and both."""
    finest = {_Group(each.type, each.parameter, each.gear, each.hearing): each.votes for each in cells}
    if noise is not None:
        places = product(TYPES, SHARED, preset_names("gear"), preset_names("hearing"))
        finest = {place: _noisy(finest.get(place, (0, 0, 0)), noise) for place in map(_Group._make, places)}
    sums: dict[_Group, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for place, votes in finest.items():
        for gear, hearing in product({place.gear, ALL}, {place.hearing, ALL}):
            found = sums[place._replace(gear=gear, hearing=hearing)]
            for index, count in enumerate((*votes, 1)):
                found[index] += count
    return {place: _Tally((less, same, more), count) for place, (less, same, more, count) in sums.items()}


def _noisy(votes: tuple[int, int, int], noise: Noise) -> tuple[int, int, int]:
    less, same, more = (count + noise.draw() for count in votes)
    return less, same, more


def _groups(place: _Group, tally: _Tally, noise: Noise | None) -> Iterable[Group]:
    people = sum(tally.votes)
    directions: tuple[tuple[Literal["less", "more"], int], ...] = (("less", tally.votes[0]), ("more", tally.votes[2]))
    for direction, votes in directions:
        share = min(max(votes / people, 0.0), 1.0)  # noise may make a count negative
        low, high = wilson(share, people)
        if noise is not None:
            low, high = _widened(share, (low, high), people, tally.cells * noise.variance)
        rounded = round(share, DIGITS)
        yield Group(
            **place._asdict(),
            direction=direction,
            share=rounded,
            interval=(min(round(low, DIGITS), rounded), max(round(high, DIGITS), rounded)),
            people=people,
        )


def _widened(share: float, interval: tuple[float, float], people: int, variance: float) -> tuple[float, float]:
    """An interval with the noise of both counts beside the uncertainty of the sample; `variance` of each count."""
    noise = Z_95 * math.sqrt(variance * ((1.0 - share) ** 2 + 2.0 * share**2)) / people
    low, high = interval
    return max(share - math.hypot(share - low, noise), 0.0), min(share + math.hypot(high - share, noise), 1.0)


def _confidence(trust: Trust) -> Confidence:
    """The correlation, and where it is positive the threshold that best tells the satisfied from the others."""
    if trust.people < FEWEST_PEOPLE or trust.correlation is None:
        return Confidence()
    correlation = round(min(max(trust.correlation, -1.0), 1.0), DIGITS)
    return Confidence(correlation=correlation, threshold=_threshold(trust) if correlation > 0.0 else None)


def _threshold(trust: Trust) -> float | None:
    """The confidence from which on the shares of satisfied and others differ most (Youden's index)."""
    satisfied, others = (sum(column) for column in zip(*trust.by_confidence.values(), strict=True))
    if not satisfied or not others:
        return None
    best, found, left = 0.0, None, [satisfied, others]
    for confidence, weights in sorted(trust.by_confidence.items()):
        index = left[0] / satisfied - left[1] / others
        if index > best + 1e-9:
            best, found = index, confidence
        left = [left[0] - weights[0], left[1] - weights[1]]
    return found
