"""Platform targets: dated data from `presets/platforms`, and what a service does to a finished master."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from livemaster.documents.document import Document, Name, Text, load_preset
from livemaster.documents.ranges import CEILING_DBTP, MONO_BELOW_HZ, TARGET_LUFS, Range

Lufs = Annotated[float, TARGET_LUFS]
Dbtp = Annotated[float, CEILING_DBTP]


class Platform(Document):
    """One delivery target and the behaviour of its player, as known on `checked_on`.

    `direction` says whether playback turns masters up, down, both or not at all, towards
    `normalises_to_lufs`; gain upwards stops where the true peak would pass `up_gain_peak_limit_dbtp`.
    `limiter_idle`: the master is lowered until the limiter has nothing to do, so `integrated_lufs` is an
    upper bound.
    """

    KIND = "platform"

    name: Name
    title: Name
    integrated_lufs: Lufs | None
    """None: the plan's own global target."""
    tolerance_lu: Annotated[float, Range(0.0, 5.0, "LU")] | None = None
    """What the platform itself tolerates; None where it says nothing."""
    true_peak_dbtp: Dbtp
    true_peak_dbtp_when_louder: Dbtp | None = None
    """The ceiling of a master whose target is louder than `integrated_lufs`."""
    direction: Literal["up", "down", "both", "none"]
    normalises_to_lufs: Lufs | None = None
    up_gain_peak_limit_dbtp: Dbtp | None = None
    album_mode: Literal["none", "track", "album", "album_by_loudest_track"]
    gating: Literal["programme", "dialogue"] = "programme"
    other_levels_lufs: dict[Name, Lufs] = Field(default_factory=dict)
    """Further levels of the same platform (listener's settings, sister services), for information."""
    practice_lufs: Annotated[tuple[Lufs, Lufs], Field(strict=False)] | None = None
    limiter_idle: bool = False
    mono_below_hz: Annotated[float, MONO_BELOW_HZ] | None = None
    roll_off_above_hz: Annotated[float, Range(8000.0, 40_000.0, "Hz")] | None = None
    warning: Text | None = None
    """What a user of this target must be told each time."""
    notes: Text
    source: Text
    checked_on: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    confidence: Literal["high", "medium", "low"]


def platform(name: str) -> Platform:
    """The platform of that name, in any spelling; UnknownNameError names the nearest."""
    return load_preset(Platform, "platform", name)


def ceiling_for(target: Platform, target_lufs: float) -> float:
    """True-peak ceiling in dBTP for a master of `target_lufs` on that platform."""
    louder = target.integrated_lufs is not None and target_lufs > target.integrated_lufs
    if louder and target.true_peak_dbtp_when_louder is not None:
        return target.true_peak_dbtp_when_louder
    return target.true_peak_dbtp


def playback_gain_db(target: Platform, integrated_lufs: float | None, true_peak_dbtp: float | None) -> float:
    """Gain in dB that the service is expected to apply to a master, 0 where loudness is undefined.

    Track normalisation at the listener's default setting; `true_peak_dbtp` limits gain upwards.
    """
    level = target.normalises_to_lufs
    if level is None or integrated_lufs is None or not math.isfinite(integrated_lufs):
        return 0.0
    gain_db = level - integrated_lufs
    if gain_db <= 0.0:
        return gain_db + 0.0 if target.direction in ("down", "both") else 0.0
    if target.direction not in ("up", "both"):
        return 0.0
    limit = target.up_gain_peak_limit_dbtp
    if limit is None or true_peak_dbtp is None:
        return gain_db
    return min(gain_db, max(0.0, limit - true_peak_dbtp))
