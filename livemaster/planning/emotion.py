"""What emotion a section has, and how strong: from the emotion graph to one name and one intensity a section.

With times: intensity is linear between points and constant before the first and after the last; a section
gets its exact mean over time, and the emotion that lasts longest in it, where each point's emotion lasts
until the next.

Without times: every 20th point (0, 20, 40, …) is taken, one for each section in turn, starting over with
point 0 when they run out. A curve of up to 20 points therefore gives every section its first point, and a note says
that the others go unused.
"""

from __future__ import annotations

from typing import NamedTuple

from livemaster.analysis.curves import longest, mean_over
from livemaster.planning.maps import EmotionMap
from livemaster.planning.timeline import Span

UNTIMED_STEP = 20


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
    names = [point.emotion for point in emotion.curve]
    return SectionEmotion(longest(times, names, span.start, span.end), mean_over(times, values, span.start, span.end))


def unused_points(emotion: EmotionMap | None, sections: int) -> list[str]:
    """A sentence where a map without times has points that no section gets."""
    if emotion is None or emotion.timed:
        return []
    points = len(emotion.curve)
    unused = points - min(len(emotion.curve[::UNTIMED_STEP]), sections)
    if not unused:
        return []
    return [
        f"{emotion.origin}: {unused} of its {points} points {'goes' if unused == 1 else 'go'} unused: without times, "
        f"points 0, {UNTIMED_STEP}, {2 * UNTIMED_STEP}, … go to one section each, in turn; give each point a time"
    ]
