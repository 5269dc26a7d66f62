"""Streaming, pure meters: loudness, loudness range, true peak, sample statistics."""

from livemaster.metering.loudness import energy, integrated, loudness_range, lufs, section_loudness
from livemaster.metering.measurement import Measurement
from livemaster.metering.meter import Meter

__all__ = ["Measurement", "Meter", "energy", "integrated", "loudness_range", "lufs", "section_loudness"]
