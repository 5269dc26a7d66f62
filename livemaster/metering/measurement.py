"""What a meter says about a whole programme."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Measurement:
    """Values of a programme; None where a value is undefined: silence, too short, not a finite number."""

    integrated_lufs: float | None
    loudness_range_lu: float | None
    max_momentary_lufs: float | None
    max_short_term_lufs: float | None
    true_peak_dbtp: float | None
    sample_peak_dbfs: float | None
    duration_s: float
    sample_rate_hz: int
    channels: int

    def to_dict(self) -> dict[str, float | int | None]:
        """The values by name, ready for JSON."""
        return asdict(self)
