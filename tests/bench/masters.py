"""One master of one song, made and read back, with the passes and the time that it took; and many songs at once."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import soundfile as sf

import livemaster
from bench.material import Music, Song

AT_ONCE = 2
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Made:
    """A finished file and its report; `renders` is how often it was rendered until it was good enough."""

    path: Path
    report: livemaster.RenderReport
    renders: int
    wall_s: float

    @property
    def realtime_factor(self) -> float:
        """Seconds of music for every second of work, analysis included."""
        return self.report.output.duration_s / self.wall_s


def make(source: Path, path: Path, **wishes: Any) -> Made:
    """Master `source` to `path`, in place of what is there; `wishes` as in `livemaster.render`."""
    passes = []

    def progress(step: str, share: float) -> None:
        if step == "rendering" and share == 0.0:
            passes.append(step)

    started_s = time.perf_counter()
    report = livemaster.render(source, path, force=True, progress=progress, **wishes)
    return Made(path, report, len(passes), time.perf_counter() - started_s)


def load(path: Path) -> tuple[Music, int]:
    """Float32 (channels, frames) of a file and its rate."""
    audio, rate_hz = sf.read(path, dtype="float32", always_2d=True)
    return np.ascontiguousarray(audio.T), rate_hz


def over_songs(work: Callable[[Song, Path], Found], songs: Iterable[Song]) -> Iterator[Found]:
    """What `work` finds in each song, in order, `AT_ONCE` at a time; each has a folder of its own meanwhile."""
    with ProcessPoolExecutor(AT_ONCE, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(partial(_in_folder, work), songs)


def _in_folder(work: Callable[[Song, Path], Found], song: Song) -> Found:
    with tempfile.TemporaryDirectory(prefix="livemaster-bench-") as folder:
        return work(song, Path(folder))
