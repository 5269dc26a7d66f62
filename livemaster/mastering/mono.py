"""Mono: BS.1770 counts one channel, which is 3 LU less than the two loudspeakers that play it."""

from __future__ import annotations

from livemaster.audio import Reader
from livemaster.audio.info import DUAL_MONO, AudioInfo, as_dual_mono
from livemaster.errors import SettingsError
from livemaster.units import gain_to_db

SINGLE, DUAL = "single", "dual"
_LOUDER_LU = gain_to_db(DUAL_MONO[0]) / 2.0


def count_mono_as(reader: Reader, mono_as: str) -> None:
    """[control] Have mono counted as one channel or as two loudspeakers; SettingsError for any other word."""
    if mono_as not in (SINGLE, DUAL):
        raise SettingsError(f"mono is to be counted as '{mono_as}', allowed are {SINGLE} and {DUAL}")
    if mono_as == DUAL:
        reader.info = as_dual_mono(reader.info)


def mono_notes(info: AudioInfo, lufs: float | None) -> list[str]:
    """[control] How loud a mono master is where one, and where two loudspeakers play it."""
    if info.channels != 1 or lufs is None:
        return []
    if info.weights == DUAL_MONO:
        return [f"mono, counted as two loudspeakers play it: {lufs:.1f} LUFS; as one channel {lufs - _LOUDER_LU:.1f}"]
    louder = f"two loudspeakers play it at {lufs + _LOUDER_LU:.1f}"
    return [f"mono: {lufs:.1f} LUFS as one channel, {louder} (--mono-as dual counts that)"]
