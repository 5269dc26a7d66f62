"""Names for sections, from what repeats, from where they stand and from how intense they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

NUMBERED = ("Verse", "Chorus")
"""These are numbered always, other names only where they come more than once."""
CLEARLY = 0.05
"""A difference of intensity that says something."""
FAR_BELOW = 0.30
"""A section after a chorus and so much less intense stands out as a break."""
LEAP, DROP_INTENSITY = 0.40, 0.65
"""Without a verse, a chorus that is so intense, and so much more than what comes right before it, is a drop."""


def names_of(labels: Sequence[int], intensities: Sequence[float]) -> tuple[str, ...]:
    """A name for each section: "Intro", "Verse 1", "Chorus 1", "Bridge", "Break", "Drop", "Outro", or "A", "B", …

    `labels`: the same number for the same music; `intensities` 0…1. Letters, the same for the same music, stand
    where neither repetition nor intensity tells.
    """
    kinds = _kinds(labels, intensities)
    letters: dict[int, str] = {}
    for label, kind in zip(labels, kinds, strict=True):
        if not kind:
            letters.setdefault(label, _letter(len(letters)))
    total, so_far = Counter(kinds), Counter[str]()
    names = []
    for label, kind in zip(labels, kinds, strict=True):
        so_far[kind] += 1
        numbered = kind in NUMBERED or total[kind] > 1
        names.append(letters[label] if not kind else f"{kind} {so_far[kind]}" if numbered else kind)
    return tuple(names)


def _letter(number: int) -> str:
    """A, B, …, Z, AA, AB, …"""
    head = _letter(number // 26 - 1) if number >= 26 else ""
    return head + chr(ord("A") + number % 26)


def _kinds(labels: Sequence[int], intensities: Sequence[float]) -> list[str]:
    """The kind of each section, empty where unsure."""
    count, times = len(labels), Counter(labels)
    mean = {
        label: _mean([i for other, i in zip(labels, intensities, strict=True) if other == label]) for label in times
    }
    kinds = [""] * count
    chorus = _chorus(labels, times, mean)
    if chorus is None:
        return kinds
    verse = _verse(labels, times, mean, chorus)
    high = "Drop" if verse is None and _drops(labels, intensities, chorus) else "Chorus"
    for k, label in enumerate(labels):
        if label == chorus:
            kinds[k] = high
        elif label == verse:
            kinds[k] = "Verse"
        elif times[label] == 1 or {j for j, other in enumerate(labels) if other == label} <= {0, count - 1}:
            kinds[k] = _single(k, count, intensities[k], mean[chorus], "Chorus" in kinds or "Drop" in kinds)
    return kinds


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _chorus(labels: Sequence[int], times: Counter[int], mean: dict[int, float]) -> int | None:
    """The repeated music that is the most intense, if it is clearly more so than what else there is on average."""
    repeated = [label for label in times if times[label] > 1]
    if not repeated:
        return None
    best = max(repeated, key=lambda label: mean[label])
    others = [mean[label] for label in labels if label != best]
    return best if others and mean[best] > _mean(others) + CLEARLY else None


def _verse(labels: Sequence[int], times: Counter[int], mean: dict[int, float], chorus: int) -> int | None:
    """The first music before the first chorus that repeats and is less intense."""
    before = labels[: labels.index(chorus)]
    for label in before:
        if times[label] > 1 and mean[label] < mean[chorus] and not {0, len(labels) - 1} >= _places(labels, label):
            return label
    return None


def _places(labels: Sequence[int], label: int) -> set[int]:
    return {k for k, other in enumerate(labels) if other == label}


def _drops(labels: Sequence[int], intensities: Sequence[float], chorus: int) -> bool:
    """Whether the most intense music follows on much less intense music, more often than not."""
    at = [k for k, label in enumerate(labels) if label == chorus]
    leaps = [k > 0 and intensities[k] - intensities[k - 1] > LEAP and intensities[k] > DROP_INTENSITY for k in at]
    return 2 * sum(leaps) > len(at)


def _single(k: int, count: int, intensity: float, chorus: float, after_chorus: bool) -> str:
    """The kind of a section whose music does not come again; bridges and breaks come after a chorus."""
    if k == 0:
        return "Intro" if intensity < chorus - CLEARLY else ""
    if k == count - 1:
        return "Outro" if intensity < chorus - CLEARLY else ""
    if not after_chorus or intensity >= chorus:
        return ""
    return "Break" if intensity < chorus - FAR_BELOW else "Bridge"
