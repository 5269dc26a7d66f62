"""What a render has to say: what was asked for, what was reached, section by section."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from livemaster.analysis.analyse import Analysis
from livemaster.metering import Measurement
from livemaster.planning import spread_lu


@dataclass(frozen=True, slots=True)
class SectionReport:
    """One section before, as planned, and after (LUFS; None where undefined)."""

    section: str
    start: float
    end: float
    emotion: str | None
    intensity: float | None
    input_lufs: float | None
    planned_lufs: float | None
    output_lufs: float | None


@dataclass(frozen=True, slots=True)
class RenderReport:
    """What was done, what was reached, and what it took."""

    input: Measurement
    output: Measurement
    platform: str
    target_lufs: float
    ceiling_dbtp: float
    reached: bool
    notes: tuple[str, ...]
    sections: tuple[SectionReport, ...]
    settings: dict[str, Any]
    playback_gain_db: float
    elapsed_s: float
    heard: Analysis | None = None
    """What was heard in the mix; None where detection was off, or a settings file performed."""

    @property
    def input_spread_lu(self) -> float | None:
        """Spread of the mix's sections: loudest minus quietest, of those that have a loudness."""
        return spread_lu([s.input_lufs for s in self._measured])

    @property
    def planned_spread_lu(self) -> float | None:
        """The same as planned."""
        return spread_lu([s.planned_lufs for s in self._measured])

    @property
    def output_spread_lu(self) -> float | None:
        """The same in the master."""
        return spread_lu([s.output_lufs for s in self._measured])

    @property
    def _measured(self) -> list[SectionReport]:
        """The sections that can be compared: silence and what is too short left out."""
        return [s for s in self.sections if None not in (s.input_lufs, s.planned_lufs, s.output_lufs)]

    @property
    def realtime_factor(self) -> float:
        """Seconds of music for every second of work."""
        return self.output.duration_s / self.elapsed_s

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data for JSON."""
        return {
            "input": self.input.to_dict(),
            "output": self.output.to_dict(),
            "target": {
                "platform": self.platform,
                "integrated_lufs": self.target_lufs,
                "true_peak_dbtp": self.ceiling_dbtp,
            },
            "reached": self.reached,
            "notes": list(self.notes),
            "input_spread_lu": self.input_spread_lu,
            "output_spread_lu": self.output_spread_lu,
            "sections": [{name: getattr(s, name) for name in SectionReport.__slots__} for s in self.sections],
            "settings": self.settings,
            "playback_gain_db": self.playback_gain_db,
            "elapsed_s": round(self.elapsed_s, 3),
            "realtime_factor": round(self.realtime_factor, 2),
        }
