"""What emotion a section has, and how strong: from the emotion graph to one name and one intensity a section.

With times: intensity is linear between points and constant before the first and after the last; a section
gets its exact mean over time, and the emotion that lasts longest in it, where each point's emotion lasts
until the next.

Without times: every 20th point (0, 20, 40, …) is taken, one for each section in turn, starting over with
point 0 when they run out. A curve of up to 20 points therefore gives every section its first point.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from livemaster.planning.maps import EmotionMap
from livemaster.planning.timeline import Span

UNTIMED_STEP = 20
MEAN_DIGITS = 9
"""Means are rounded here, so that a constant intensity stays itself and the formulas' ties fall as they
should.
"""


class SectionEmotion(NamedTuple):
    """A section's emotion and its mean intensity 0…1."""

    name: str
    intensity: float


def section_emotion(emotion: EmotionMap, span: Span, index: int) -> SectionEmotion:
    """Emotion of the section number `index` (counted from 0) at `span`."""
    if not emotion.timed:
        taken = emotion.curve[::UNTIMED_STEP]
        point = taken[index % len(taken)]
        return SectionEmotion(point.emotion, point.strength)
    times = [point.time or 0.0 for point in emotion.curve]
    values = [point.strength for point in emotion.curve]
    return SectionEmotion(
        _longest(emotion, times, span.start, span.end), mean_over(times, values, span.start, span.end)
    )


def mean_over(times: list[float], values: list[float], start: float, end: float) -> float:
    """Mean over start…end (start < end) of the line through the points, constant beyond the ends; times
    ascend.
    """
    inside = slice(bisect_right(times, start), bisect_right(times, end))
    xs = [start, *times[inside], end]
    ys = [_value_at(times, values, start), *values[inside], _value_at(times, values, end)]
    area = sum((xs[k + 1] - xs[k]) * (ys[k] + ys[k + 1]) / 2.0 for k in range(len(xs) - 1))
    return round(area / (end - start), MEAN_DIGITS)


def _value_at(times: list[float], values: list[float], time: float) -> float:
    after = bisect_right(times, time)
    if after == 0:
        return values[0]
    if after == len(times):
        return values[-1]
    t0, t1 = times[after - 1], times[after]
    share = (time - t0) / (t1 - t0)
    return values[after - 1] * (1.0 - share) + values[after] * share


def _longest(emotion: EmotionMap, times: list[float], start: float, end: float) -> str:
    """The emotion that lasts longest between start and end; the earlier one of equals."""
    first = max(bisect_right(times, start) - 1, 0)
    lasting: dict[str, float] = {}
    for k in range(first, len(times)):
        if times[k] >= end and k > first:
            break
        until = times[k + 1] if k + 1 < len(times) else end
        since = start if k == first else times[k]
        name = emotion.curve[k].emotion
        lasting[name] = lasting.get(name, 0.0) + max(min(until, end) - since, 0.0)
    return max(lasting, key=lambda name: lasting[name])
