"""Streaming, pure meters: loudness, loudness range, true peak, sample statistics."""

from livemaster.measure.loudness import energy, integrated, loudness_range, lufs, section_loudness
from livemaster.measure.measurement import Measurement
from livemaster.measure.meter import Meter

__all__ = ["Measurement", "Meter", "energy", "integrated", "loudness_range", "lufs", "section_loudness"]
