"""The first run compiles the kernels for this processor; the user is told, once."""

from __future__ import annotations

from contextlib import suppress

from livemaster.dsp.cache import kernel_cache

NOTICE = "compiling the audio kernels for this processor, about half a minute, once"


def is_first(*kernels: str) -> bool:
    """Whether one of these sets of kernels has not been compiled yet from this code on this machine."""
    folder = kernel_cache()
    return folder is None or not all((folder / f"{each}.compiled").exists() for each in kernels)


def remember(*kernels: str) -> None:
    """Note that they are compiled; where nothing can be written, it is said again next time."""
    folder = kernel_cache()
    if folder is not None:
        with suppress(OSError):
            for each in {*kernels, "metering"}:  # every command measures
                (folder / f"{each}.compiled").touch()
