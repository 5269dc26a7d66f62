"""Speed: four minutes of music, whole processes with warm caches, taking turns."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median

from bench.bench import Bench
from bench.document import Section, Table, figure, listed
from bench.peaks import file_true_peak_dbtp
from bench.programs import CLUB, LOUDNORM, MATCHERING, SPOTIFY, Run, median_s, output

ABSENT = (
    "CamillaDSP and EasyEffects are not in the table: they process live streams, and EasyEffects needs a sound server."
)


def measure(bench: Bench) -> Section:
    """Wall time of each program, and how many times as long as livemaster's."""
    found = bench.four_minutes
    base_s = median_s(found[SPOTIFY])
    rows = []
    for name, runs in found.items():
        walls = sorted(r.wall_s for r in runs)
        seconds = median_s(runs)
        rows.append(
            (
                name,
                figure(seconds),
                f"{figure(walls[0])}–{figure(walls[-1])}",
                figure(median(r.cpu_s for r in runs)),
                figure(bench.programme.seconds / seconds, 0),
                figure(seconds / base_s),
            )
        )
    header = ("program", "median, s", "range, s", "processor, s", "× real time", "ratio to livemaster")
    return Section(
        (
            f"{bench.programme.about} Every program writes 24-bit WAV at 44.1 kHz. Median of {bench.runs} runs.",
            Table(header, rows),
            listed(_remarks(found, bench.folder)),
        )
    )


def _remarks(found: dict[str, list[Run]], folder: Path) -> list[str]:
    """What each master came out as, so that nobody was fast by leaving work out."""
    lines = [_livemaster_line(name, found[name][-1], folder) for name in (SPOTIFY, CLUB)]
    if LOUDNORM in found:
        second = json.loads(found[LOUDNORM][-1].stdout)
        peak = file_true_peak_dbtp(output(folder, LOUDNORM))
        lines.append(
            f"{LOUDNORM}: ended {second['normalization_type']}, "
            f"{figure(float(second['output_i']))} LUFS by itself, {figure(peak)} dBTP by the reference"
        )
    if MATCHERING in found:
        peak = file_true_peak_dbtp(output(folder, MATCHERING))
        lines.append(f"{MATCHERING}: {figure(peak)} dBTP by the reference")
    return [*lines, ABSENT]


def _livemaster_line(name: str, run: Run, folder: Path) -> str:
    report = json.loads(run.stdout)
    idle = _idle_stages(report["settings"])
    work = "every stage at work in some section" if not idle else f"NOT AT WORK: {', '.join(idle)}"
    target, result = report["target"], report["output"]
    return (
        f"{name}: {work}; reached {str(report['reached']).lower()}: {figure(result['integrated_lufs'])} LUFS of "
        f"{figure(target['integrated_lufs'])}, {figure(result['true_peak_dbtp'])} dBTP by itself, "
        f"{figure(file_true_peak_dbtp(output(folder, name)))} by the reference, ceiling "
        f"{figure(target['true_peak_dbtp'])}; inside the process {figure(report['elapsed_s'])} s"
        + "".join(f"; {note}" for note in report["notes"])
    )


def _idle_stages(settings: dict) -> list[str]:
    """Stages that no section of a plan uses."""
    sections = settings["sections"]
    used = {
        "equalizer": any(any(s["eq"].values()) for s in sections),
        "compressor": any(s["compression"] != 1.0 for s in sections),
        "saturation": any(s["saturation"] for s in sections),
        "width": settings["global"]["stereo_width"] != 1.0,
    }
    return [stage for stage, at_work in used.items() if not at_work]
