"""The first run of a kind of work compiles its kernels for this processor; the user is told what for, once."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from livemaster.dsp.cache import kernel_cache

NOTICE = "compiling the audio kernels for this processor"
WORK = {"metering": "measuring", "mastering": "mastering", "analysis": "listening", "live": "playing"}
"""What each set of kernels is for."""


def is_first(*kernels: str) -> bool:
    """Whether one of these sets of kernels has not been compiled yet from this code on this machine."""
    return bool(_lacking(kernels))


def notice(*kernels: str) -> str:
    """What is compiled now, and only now: other work needs kernels of its own."""
    return f"{NOTICE} ({', '.join(WORK[each] for each in _lacking(kernels))}), about half a minute, once"


def _lacking(kernels: Sequence[str]) -> list[str]:
    folder = kernel_cache()
    return [each for each in kernels if folder is None or not (folder / f"{each}.compiled").exists()]


def remember(*kernels: str) -> None:
    """Note that they are compiled; where nothing can be written, it is said again next time."""
    folder = kernel_cache()
    if folder is not None:
        with suppress(OSError):
            for each in {*kernels, "metering"}:  # every command measures
                (folder / f"{each}.compiled").touch()
