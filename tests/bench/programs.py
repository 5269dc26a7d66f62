"""The programs that are compared, each a command line, and how they are run."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.material import Programme

HERE = Path(__file__).resolve().parent
LIVEMASTER = str(Path(sys.executable).with_name("livemaster"))
BARE = (sys.executable, "-I", "-S")
"""Python without site packages: it starts in a few hundredths of a second."""

SPOTIFY, CLUB = "livemaster, spotify", "livemaster, club"
LOUDNORM, MATCHERING = "ffmpeg loudnorm, two passes", "Matchering 2.0.6"


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of a command took, and what it said."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    stdout: str
    stderr: str


def run(command: Sequence[str], folder: Path, environment: dict[str, str] | None = None) -> Run:
    """Run a command by itself; RuntimeError with its last words when it fails."""
    stdout, stderr = folder / "stdout", folder / "stderr"
    launch = [*BARE, str(HERE / "launcher.py"), str(stdout), str(stderr), *command]
    variables = {**os.environ, **(environment or {})}
    found = json.loads(subprocess.run(launch, env=variables, capture_output=True, text=True, check=True).stdout)
    said = stderr.read_text(encoding="utf-8", errors="replace")
    if found["code"] != 0:
        raise RuntimeError(f"{' '.join(command)}: exit code {found['code']}: {said[-500:]}")
    printed = stdout.read_text(encoding="utf-8", errors="replace")
    return Run(found["wall_s"], found["cpu_s"], found["peak_mb"], printed, said)


def render_command(programme: Programme, output: Path, platform: str) -> list[str]:
    """`livemaster render` with every stage at work."""
    command = [LIVEMASTER, "render", str(programme.path), "-o", str(output), "--platform", platform]
    command += ["--arrangement", str(programme.arrangement), "--emotion", str(programme.emotion)]
    return [*command, "--force", "--json"]


def commands(programme: Programme, folder: Path) -> dict[str, list[str]]:
    """Program → its command over the programme; those that are not installed are left out."""
    found = {
        SPOTIFY: render_command(programme, output(folder, SPOTIFY), "spotify"),
        CLUB: render_command(programme, output(folder, CLUB), "club"),
    }
    path = str(programme.path)
    if shutil.which("ffmpeg"):
        script = str(HERE / "peer_loudnorm.py")
        found[LOUDNORM] = [*BARE, script, path, str(output(folder, LOUDNORM)), "-14", "-1"]
    if importlib.util.find_spec("matchering"):
        script = str(HERE / "peer_matchering.py")
        found[MATCHERING] = [sys.executable, script, path, str(programme.reference), str(output(folder, MATCHERING))]
    return found


def output(folder: Path, program: str) -> Path:
    """Where a program leaves its master."""
    return folder / (program.replace(",", "").replace(" ", "-") + ".wav")


def alternating(programme: Programme, folder: Path, runs: int) -> dict[str, list[Run]]:
    """Program → its runs; each once unmeasured, so that caches are warm, then in turns."""
    chosen = commands(programme, folder)
    for command in chosen.values():
        run(command, folder)
    found: dict[str, list[Run]] = {name: [] for name in chosen}
    for _ in range(runs):
        for name, command in chosen.items():
            found[name].append(run(command, folder))
    return found


def median_s(runs: Sequence[Run]) -> float:
    """Median wall time."""
    return median(r.wall_s for r in runs)
