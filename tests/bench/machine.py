"""Where and with what was measured, in one line."""

from __future__ import annotations

import datetime
import os
import platform
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("numpy", "numba", "pedalboard", "matchering", "pyloudnorm")


def stamp() -> str:
    """Date, commit, processor, memory and versions."""
    date = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    versions = [f"Python {platform.python_version()}", *map(_package, PACKAGES), f"ffmpeg {_ffmpeg()}"]
    return f"{date}, commit {_commit()}; {_processor()}, {_memory()}, {platform.system()}; {', '.join(versions)}"


def _commit() -> str:
    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", "livemaster", "presets", "tests/bench")
    return (git("rev-parse", "--short", "HEAD") or "unknown") + (" with changes" if changed else "")


def _processor() -> str:
    names = [platform.processor() or platform.machine()]
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")] or names
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{cores} cores of {names[0]}"


def _memory() -> str:
    return f"{round(os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30)} GB"


def _package(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"no {name}"


def _ffmpeg() -> str:
    program = shutil.which("ffmpeg")
    if program is None:
        return "missing"
    printed = subprocess.run([program, "-version"], capture_output=True, text=True, check=False).stdout
    return printed.split()[2]
