"""Songs × platforms: what a master is meant to be, and what it is by ear of three instruments."""

from __future__ import annotations

import multiprocessing
import shutil
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import soundfile as sf

import livemaster
from bench.bench import Bench
from bench.document import Section, Table, figure, listed
from bench.masters import make
from bench.material import Song, about_songs, jingles, songs
from bench.peaks import file_true_peak_dbtp
from bench.secondmeter import read

PLATFORMS = ("spotify", "youtube", "film", "club")
TOLERANCE_LU, PEAK_TOLERANCE_DB = 0.1, 0.05


@dataclass(frozen=True, slots=True)
class Master:
    """One render with its report, and what two other instruments say of the file."""

    song: str
    form: str
    report: livemaster.RenderReport
    renders: int
    wall_s: float
    ffmpeg_lufs: float | None
    reference_dbtp: float


def measure(bench: Bench) -> Section:
    """A row for every song, format and platform; the sentences below count what was missed."""
    masters = list(_masters(bench.folder))
    notes: dict[str, int] = {}
    rows = [_row(master, notes) for master in masters]
    header = (
        *("song", "file", "platform", "in, LUFS", "target", "out", "ffmpeg", "ceiling, dBTP", "true peak"),
        *("reference", "reached", "renders", "s", "× real time", "notes"),
    )
    return Section(
        (
            f"{about_songs()} Each without maps, mastered as it is heard: in WAV (24 bits) to WAV, and as the original "
            "OGG to OGG, whose true peak counts as decoded; the short jingles as OGG. “out” and “true peak” by our "
            "meter, “ffmpeg” by its `ebur128`, “reference” by the interpolator of tests/support/reference.py.",
            Table(header, rows),
            _summary(masters),
            listed(f"({number}) {note}" for note, number in notes.items()),
        )
    )


def _masters(folder: Path) -> Iterator[Master]:
    """Every combination; the files of one song are checked on all cores before the next is rendered."""
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        for song, form in _inputs():
            source = _source(song, form, folder)
            rendered = [make(source, folder / f"{name}{source.suffix}", platform=name) for name in PLATFORMS]
            paths = [made.path for made in rendered]
            checked = zip(pool.map(_ffmpeg_lufs, paths), pool.map(file_true_peak_dbtp, paths), strict=True)
            for made, (lufs, peak) in zip(rendered, checked, strict=True):
                yield Master(song.name, form, made.report, made.renders, made.wall_s, lufs, peak)
                made.path.unlink()


def _inputs() -> list[tuple[Song, str]]:
    long = songs()
    forms = [(song, form) for form in ("WAV", "OGG") for song in long if song.path or form == "WAV"]
    return forms + [(song, "OGG") for song in jingles()]


def _source(song: Song, form: str, folder: Path) -> Path:
    if form == "OGG" and song.path is not None:
        return song.path
    path = folder / "song.wav"
    audio, rate_hz = song.load()
    sf.write(path, audio.T, rate_hz, subtype="PCM_24")
    return path


def _ffmpeg_lufs(path: Path) -> float | None:
    return None if shutil.which("ffmpeg") is None else read(path).lufs


def _row(master: Master, notes: dict[str, int]) -> tuple[str, ...]:
    report = master.report
    marks = [str(notes.setdefault(note, len(notes) + 1)) for note in report.notes]
    return (
        *(master.song, master.form, report.platform),
        *(figure(report.input.integrated_lufs), figure(report.target_lufs), figure(report.output.integrated_lufs)),
        *(figure(master.ffmpeg_lufs, 1), figure(report.ceiling_dbtp), figure(report.output.true_peak_dbtp)),
        *(figure(master.reference_dbtp), "yes" if report.reached else "**no**", str(master.renders)),
        *(figure(master.wall_s, 1), figure(report.output.duration_s / master.wall_s, 0), " ".join(marks)),
    )


def _summary(masters: list[Master]) -> str:
    """What was missed, counted."""
    reached = sum(m.report.reached for m in masters)
    ours = [abs((m.report.output.integrated_lufs or 0.0) - m.report.target_lufs) for m in masters if m.report.reached]
    theirs = [abs(m.ffmpeg_lufs - m.report.target_lufs) for m in masters if m.report.reached and m.ffmpeg_lufs]
    over = [m.reference_dbtp - m.report.ceiling_dbtp for m in masters]
    return (
        f"{reached} of {len(masters)} reached their target. Of these, the farthest from it is "
        f"{figure(max(ours, default=None))} LU off by our meter (allowed {TOLERANCE_LU}) and "
        f"{figure(max(theirs, default=None), 1)} LU by ffmpeg's. The largest true peak lies "
        f"{figure(max(over))} dB above its ceiling (allowed {PEAK_TOLERANCE_DB}), and "
        f"{sum(o > PEAK_TOLERANCE_DB for o in over)} masters exceed that. {sum(m.renders for m in masters)} renders "
        f"for {len(masters)} masters."
    )
