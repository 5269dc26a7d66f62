"""Where compiled kernels are kept: a folder for just this code, this numba and this processor.

numba compares a kernel's own file only: a change in a file it calls into would go unnoticed. So the folder is named
after all of the kernels' sources.
"""

from __future__ import annotations

import hashlib
import os
import platform
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree

from platformdirs import user_cache_path

KEPT = 4
"""Folders of earlier code that stay, newest first."""


@cache
def kernel_cache() -> Path | None:
    """The folder, made if need be, below NUMBA_CACHE_DIR or the user's cache; None where nothing can be written."""
    package = Path(__file__).parent.parent
    sources = sorted(path for folder in ("dsp", "metering") for path in (package / folder).glob("*.py"))
    facts = [f"{path}:{path.stat().st_mtime_ns}:{path.stat().st_size}" for path in sources]
    facts += [version("numba"), platform.machine(), platform.processor()]
    digest = hashlib.sha256("\n".join(facts).encode()).hexdigest()[:16]
    given = os.environ.get("NUMBA_CACHE_DIR")
    base = Path(given) if given else user_cache_path("livemaster", appauthor=False) / "kernels"
    folder = base / digest
    with suppress(OSError):
        if not folder.is_dir():
            folder.mkdir(parents=True)
            _forget_old(base)
        return folder if os.access(folder, os.W_OK) else None
    return None


def _forget_old(base: Path) -> None:
    """Remove all but the newest folders of kernels."""
    folders = [path for path in base.iterdir() if path.is_dir() and len(path.name) == 16]
    for path in sorted(folders, key=lambda p: p.stat().st_mtime, reverse=True)[KEPT:]:
        rmtree(path, ignore_errors=True)
