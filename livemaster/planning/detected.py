"""Maps from what was heard: the same forms as given ones, so that they can be written down, edited and fed back."""

from __future__ import annotations

from livemaster.analysis.analyse import Analysis
from livemaster.documents.ranges import BPM
from livemaster.planning.maps import HEARD, MAX_POINTS, ArrangementMap, EmotionMap


def arrangement_of(analysis: Analysis) -> ArrangementMap:
    """The sections that were heard, as an arrangement map."""
    structure = [
        {"section": each.section, "start": each.start, "end": each.end, "energy": round(each.intensity, 3)}
        for each in analysis.sections
    ]
    return ArrangementMap.parse({**_tempo(analysis), "structure": structure}, HEARD)


def emotion_of(analysis: Analysis) -> EmotionMap:
    """The emotion that was heard, as an emotion map; of very long tracks every second, third … point."""
    curve = analysis.emotion
    every = -(-len(curve.times_s) // MAX_POINTS)
    points = [
        {"time": time_s, "emotion": name, "intensity": intensity}
        for time_s, name, intensity in zip(
            curve.times_s[::every].tolist(), curve.names[::every], curve.intensity[::every].tolist(), strict=True
        )
    ]
    return EmotionMap.parse({**_tempo(analysis), "curve": points}, HEARD)


def _tempo(analysis: Analysis) -> dict[str, float]:
    bpm = analysis.tempo.bpm
    return {} if bpm is None or BPM.clamp(bpm) != bpm else {"bpm": round(bpm, 2)}
