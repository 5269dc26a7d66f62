"""What is checked before anything sounds: lengths, rates, blocks, channels, and the files that will be written."""

from __future__ import annotations

import math
import os
from pathlib import Path

from livemaster.audio.info import HIGHEST_RATE_HZ, LOWEST_RATE_HZ
from livemaster.errors import InputError
from livemaster.sound.stream import MOST_FRAMES
from livemaster.sound.supervisor import DeviceWish

PathLike = str | os.PathLike[str]
CHANNELS = (1, 2)


def check_device(wish: DeviceWish) -> None:
    """[control] InputError for a wish that no device could fulfil."""
    for name in (wish.device, wish.input_device):
        if not isinstance(name, str | None):
            raise InputError(f"the device is {name!r}, its id or name is wanted")
    rate_hz, block = wish.rate_hz, wish.block_frames
    if rate_hz and (not isinstance(rate_hz, int) or not LOWEST_RATE_HZ <= rate_hz <= HIGHEST_RATE_HZ):
        raise InputError(f"the device's rate is {rate_hz!r} Hz, allowed are {LOWEST_RATE_HZ} to {HIGHEST_RATE_HZ} Hz")
    if not isinstance(block, int) or not 0 <= block <= MOST_FRAMES:
        raise InputError(f"the block is {block!r} frames, allowed are 1 to {MOST_FRAMES}, and 0 for the device's own")
    if wish.channels not in CHANNELS:
        raise InputError(f"the output has {wish.channels!r} channels, allowed are 1 and 2")


def check_duration(duration_s: float | None) -> None:
    """[control] InputError for a duration that never ends or never begins."""
    if duration_s is None:
        return
    if not isinstance(duration_s, int | float) or not 0.0 < duration_s < math.inf:  # also false for NaN
        raise InputError(f"the duration is {duration_s!r} s, allowed is any number above 0")


def input_beside(take: PathLike) -> Path:
    """[control] Where what `live` hears is kept, beside its take, whose name must be one: its whole name but for
    `.json`, so that two takes want the same file only where they differ in that.
    """
    return Path(f"{os.fspath(take).removesuffix('.json')}.input.wav")
