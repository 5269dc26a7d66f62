"""The first run compiles the kernels for this processor; the user is told, once."""

from __future__ import annotations

import hashlib
import os
import platform
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path

import livemaster

NOTICE = "compiling the audio kernels for this processor, up to 20 seconds, once"


def is_first(kernels: str) -> bool:
    """Whether this set of kernels has not been compiled yet from this code on this machine."""
    return not _mark(kernels).exists()


def remember(kernels: str) -> None:
    """Note that they are compiled; in a home that cannot be written to, it is said again next time."""
    mark = _mark(kernels)
    with suppress(OSError):
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()


@cache
def _mark(kernels: str) -> Path:
    """The file that stands for kernels compiled from just this code, by this numba, for this processor."""
    from platformdirs import user_cache_path

    package = Path(livemaster.__file__).parent
    sources = sorted(path for folder in ("dsp", "metering") for path in (package / folder).glob("*.py"))
    facts = [f"{path}:{path.stat().st_mtime_ns}:{path.stat().st_size}" for path in sources]
    facts += [version("numba"), platform.processor(), platform.machine(), os.environ.get("NUMBA_CACHE_DIR", "")]
    digest = hashlib.sha256("\n".join(facts).encode()).hexdigest()[:16]
    return user_cache_path("livemaster", appauthor=False) / f"{kernels}-{digest}"
