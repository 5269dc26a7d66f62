"""The quantities of a plan that a chain can carry, each with its value at rest and the controls that scale it."""

from __future__ import annotations

from dataclasses import dataclass

from livemaster.documents.ranges import BAND_DB, Range


@dataclass(frozen=True, slots=True)
class Role:
    """One quantity: its value at amount 0, the control that scales it there, the listener's trim that is added,
    and the range of the sum where it is narrower than the parameter's own."""

    neutral: float = 0.0
    stage: str | None = None
    trim: str | None = None
    limits: Range | None = None


ROLES: dict[str, Role] = {
    "wet": Role(0.0, "amount"),  # for chains whose processors are not exact at rest: a cross-fade from the dry side
    "dc": Role(0.0, "amount"),
    "trim_db": Role(0.0, "amount", "input"),
    "highpass_amount": Role(0.0, "amount_eq"),
    "highpass_hz": Role(),
    "low_db": Role(0.0, "amount_eq", "bass", BAND_DB),
    "mid_db": Role(0.0, "amount_eq", "mid", BAND_DB),
    "high_db": Role(0.0, "amount_eq", "treble", BAND_DB),
    **{f"bell_{n}_db": Role(0.0, "amount_eq") for n in range(1, 5)},
    **{f"bell_{n}_{unit}": Role() for n in range(1, 5) for unit in ("hz", "q")},
    "threshold_db": Role(),
    "ratio": Role(1.0, "amount_compression"),
    "compression_mix": Role(),
    "attack_ms": Role(),
    "release_ms": Role(),
    "saturation": Role(0.0, "amount_saturation"),
    "width": Role(1.0, "amount_width", "width"),
    "mono_below_hz": Role(0.0, "amount_width"),
    "restore_db": Role(0.0, "amount"),
    "level_db": Role(0.0, "amount", "level"),
}
