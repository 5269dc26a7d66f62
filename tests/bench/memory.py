"""Memory: peak resident size of whole processes, and whether it grows with the length of the file."""

from __future__ import annotations

from dataclasses import replace

import soundfile as sf

from bench.bench import Bench
from bench.document import Section, Table, figure
from bench.material import Programme, write_maps
from bench.programs import SPOTIFY, render_command, run

HOUR_S = 3600.0


def measure(bench: Bench) -> Section:
    """Peak memory on four minutes and on an hour, and the growth between them."""
    found = bench.four_minutes
    peaks = {name: max(r.peak_mb for r in runs) for name, runs in found.items()}
    base_mb = peaks[SPOTIFY]
    rows = [(name, figure(mb, 0), figure(mb / base_mb)) for name, mb in peaks.items()]
    hour = hour_of(bench.programme)
    output = bench.folder / "hour.master.wav"
    try:
        long = run(render_command(hour, output, "spotify"), bench.folder)
    finally:
        hour.path.unlink()
        output.unlink(missing_ok=True)
    rows.append((f"{SPOTIFY}, one hour", figure(long.peak_mb, 0), figure(long.peak_mb / base_mb)))
    return Section(
        (
            f"Largest resident size of the process and its children, the largest of {bench.runs} runs over the "
            "programme of the table above; the hour is that programme over and over, 16 bits, in one run.",
            Table(("program", "peak, MB", "ratio to livemaster"), rows),
            f"An hour takes {figure(long.peak_mb - base_mb, 0)} MB more than four minutes, and "
            f"{figure(long.wall_s, 1)} s ({figure(hour.seconds / long.wall_s, 0)} times real time).",
        )
    )


def hour_of(programme: Programme) -> Programme:
    """The programme repeated to an hour, in six sections."""
    path = programme.path.with_name("hour.wav")
    audio, rate_hz = sf.read(programme.path, dtype="int16", always_2d=True)
    times = round(HOUR_S / programme.seconds)
    with sf.SoundFile(path, "w", rate_hz, audio.shape[1], "PCM_16") as file:
        for _ in range(times):
            file.write(audio)
    seconds = times * programme.seconds
    arrangement, emotion = write_maps(path.parent, "hour", seconds)
    return replace(programme, path=path, arrangement=arrangement, emotion=emotion, seconds=seconds)
