"""Where compiled kernels are kept: a folder for just this code, this numba and this processor.

numba compares a kernel's own file only: a change in a file it calls into would go unnoticed. So the folder is named
after all of the kernels' sources.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import platform
import tempfile
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree

from platformdirs import user_cache_path

CACHE_VARIABLE = "NUMBA_CACHE_DIR"
KEPT = 4
"""Folders of earlier code that stay, newest first."""
SOURCES = ("controls.py", "dsp/*.py", "metering/*.py", "sound/render_ahead.py")
"""Where kernels are, and all that they call."""


@cache
def kernel_cache() -> Path | None:
    """The folder, made if need be, below NUMBA_CACHE_DIR or the user's cache.

    Where nothing can be written there, a private temporary one, which goes with this process; None without that.
    """
    digest = source_digest(Path(__file__).parent.parent)
    given = os.environ.get(CACHE_VARIABLE)
    with suppress(OSError):
        base = Path(given).absolute() if given else user_cache_path("livemaster", appauthor=False) / "kernels"
        folder = base / digest
        if not folder.is_dir():
            folder.mkdir(parents=True)
            _forget_old(base)
        if os.access(folder, os.W_OK):
            return folder
    return _temporary(digest)


def source_digest(package: Path) -> str:
    """What the compiled code depends on, in 16 letters: the sources' contents, numba, the processor."""
    found = hashlib.sha256()
    for path in sorted(path for pattern in SOURCES for path in package.glob(pattern)):
        data = path.read_bytes()
        found.update(f"{path}:{len(data)}\n".encode("utf-8", "surrogateescape"))
        found.update(data)
    found.update("\n".join([version("numba"), platform.machine(), platform.processor()]).encode())
    return found.hexdigest()[:16]


def _temporary(digest: str) -> Path | None:
    """A folder that nobody else may enter; None where there is no place for one."""
    try:
        base = Path(tempfile.mkdtemp(prefix="livemaster-kernels-"))
        atexit.register(_remove, base, os.getpid())
        folder = base / digest
        folder.mkdir()
    except OSError:
        return None
    return folder


def _remove(folder: Path, process: int) -> None:
    if os.getpid() == process:  # and not one that was forked off it
        rmtree(folder, ignore_errors=True)


def _forget_old(base: Path) -> None:
    """Remove all but the newest folders of kernels."""
    folders = [path for path in base.iterdir() if path.is_dir() and len(path.name) == 16]
    for path in sorted(folders, key=lambda p: p.stat().st_mtime, reverse=True)[KEPT:]:
        rmtree(path, ignore_errors=True)
