"""The listener's own layer of a plan: what is added to the base model for one pair of ears, and why.

It stands beside the read-only base model and is added last, in full: mode and spectrum do not scale it. Gear and
hearing are curves from `presets/gear` and `presets/hearing`: tastes of a group, heuristic, no measurements.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated

from livemaster.documents import preset_path
from livemaster.documents.document import Document, Name, Text
from livemaster.documents.ranges import PERSONAL_CURVE_DB, WIDTH
from livemaster.planning.reasons import Ledger

BANDS = {"bass": "low", "mid": "mid", "treble": "high"}
"""Parameter of a listener's wish → band of the tone."""
TYPES = ("studio", "metal", "bootleg", "unknown")
"""Kinds of recording."""
PARAMETERS = (*BANDS, "width")
"""What an adjustment can be of; `studio_bass` is the bass of studio recordings."""
ADJUSTMENTS = tuple(f"{type_}_{parameter}" for type_ in TYPES for parameter in PARAMETERS)
TILT_DB = 1.5
"""Treble over bass at a centroid preference of 1, which stands for 500 Hz."""
CENTROID_HZ = 500.0


class ListenerCurve(Document):
    """What a kind of gear or hearing asks of each band of the tone, dB."""

    KIND = "listener's curve"

    name: Name
    title: Name
    about: Text
    low_db: Annotated[float, PERSONAL_CURVE_DB]
    body_db: Annotated[float, PERSONAL_CURVE_DB]
    mid_db: Annotated[float, PERSONAL_CURVE_DB]
    presence_db: Annotated[float, PERSONAL_CURVE_DB]
    high_db: Annotated[float, PERSONAL_CURVE_DB]

    @property
    def bands_db(self) -> dict[str, float]:
        """Band of the tone → dB."""
        return {name: getattr(self, f"{name}_db") for name in ("low", "body", "mid", "presence", "high")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal:
    """One listener's layer, as plans take it.

    `adjustments`: key of `ADJUSTMENTS` → dB, or width; `reasons`: the same key, or the name of another field → the
    evidence in words. `centroid` −1…1 darkens or brightens, `width` is added for every kind of recording,
    `confidence` to the score by which a profile is trusted.
    """

    version: str = "0"
    adjustments: Mapping[str, float] = field(default_factory=dict)
    centroid: float = 0.0
    width: float = 0.0
    confidence: float = 0.0
    gear: str = "neutral"
    hearing: str = "normal"
    reasons: Mapping[str, str] = field(default_factory=dict)

    def of(self, type_: str) -> dict[str, float]:
        """What is added for a kind of recording: parameter of `PARAMETERS` → dB, or width (gear and hearing apart)."""
        found = {name: self.adjustments.get(f"{type_}_{name}", 0.0) for name in PARAMETERS}
        found["bass"] -= 0.5 * TILT_DB * self.centroid
        found["treble"] += 0.5 * TILT_DB * self.centroid
        found["width"] += self.width
        return found


@cache
def listener_curve(kind: str, name: str) -> ListenerCurve:
    """[control] The curve of a `gear` or `hearing` preset; UnknownNameError names the nearest."""
    return ListenerCurve.load(preset_path(kind, name))


def plan_personal(ledger: Ledger, type_: str, personal: Personal) -> None:
    """Move `tone.…` and `stereo_width` in the global block's ledger by the listener's layer."""
    for parameter, band in BANDS.items():
        key = f"{type_}_{parameter}"
        change = personal.adjustments.get(key, 0.0)
        ledger.add(f"tone.{band}", change, "personal", _because(personal, key))
    tilt_db = TILT_DB * personal.centroid
    rule = f"centroid {personal.centroid * CENTROID_HZ:+.0f} Hz, as a tilt; {_because(personal, 'centroid')}"
    ledger.add("tone.low", -0.5 * tilt_db, "personal", rule)
    ledger.add("tone.high", 0.5 * tilt_db, "personal", rule)
    for kind in ("gear", "hearing"):
        found = listener_curve(kind, getattr(personal, kind))
        for band, change in found.bands_db.items():
            ledger.add(f"tone.{band}", change, f"{kind} {found.name}", found.about)
    for key in (f"{type_}_width", "width"):
        change = personal.width if key == "width" else personal.adjustments.get(key, 0.0)
        width = ledger.number("stereo_width")
        ledger.add("stereo_width", WIDTH.clamp(width + change) - width, "personal", _because(personal, key))


def _because(personal: Personal, key: str) -> str:
    return f"{key}: {personal.reasons.get(key, 'set by hand')} (version {personal.version})"
