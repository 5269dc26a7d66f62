"""What is checked before anything sounds: lengths, rates, blocks, channels, and the files that will be written."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path

from livemaster.audio.claim import check_unclaimed
from livemaster.audio.info import HIGHEST_RATE_HZ, LOWEST_RATE_HZ, STANDARD_STREAM, shown
from livemaster.errors import InputError, OutputError
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


def check_place(path: PathLike, *, force: bool, others: Sequence[PathLike] = ()) -> None:
    """[control] OutputError unless a file can be written at `path`; never in place of one of `others`."""
    if not isinstance(path, str | os.PathLike) or os.fspath(path) in ("", STANDARD_STREAM):
        raise OutputError(f"{path!r}: is not a file name")
    name = shown(path)
    try:
        target = Path(os.path.realpath(path))
        for other in others:
            if os.fspath(other) != STANDARD_STREAM and target == Path(os.path.realpath(other)):
                raise OutputError(f"{name}: is the same file as {shown(other)}, it needs another name")
        if target.is_dir():
            raise OutputError(f"{name}: is a folder, a file name is wanted")
        if target.exists():
            _check_replaceable(target, name, others, force)
        elif Path(path).is_symlink():
            raise OutputError(f"{name}: is a link that leads nowhere")
        elif not target.parent.is_dir():
            raise OutputError(f"{name}: there is no folder {shown(target.parent)}")
    except (OSError, ValueError) as error:  # a name too long, a zero byte in it
        raise OutputError(f"{name}: cannot be written: {getattr(error, 'strerror', None) or error}") from None
    if not os.access(target.parent, os.W_OK):
        raise OutputError(f"{name}: there is no permission to write in {shown(target.parent)}")


def input_beside(take: PathLike) -> Path:
    """[control] Where what `live` hears is kept, beside its take, whose name must be one: its whole name but for
    `.json`, so that two takes want the same file only where they differ in that.
    """
    return Path(f"{os.fspath(take).removesuffix('.json')}.input.wav")


def _check_replaceable(target: Path, name: str, others: Sequence[PathLike], force: bool) -> None:
    for other in others:  # by a hard link
        if Path(other).exists() and target.samefile(other):
            raise OutputError(f"{name}: is the same file as {shown(other)}, it needs another name")
    if not target.is_file():
        raise OutputError(f"{name}: exists and is not a regular file")
    if not force:
        raise OutputError(f"{name}: exists already, give --force to replace it")
    check_unclaimed(target)
