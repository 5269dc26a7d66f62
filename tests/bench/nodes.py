"""Each node per stereo frame beside pedalboard's plugin for the same job; the meter beside other meters."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
import pedalboard as pb
import pyloudnorm
import soundfile as sf

from bench.bench import Bench
from bench.document import Section, Table, figure
from bench.material import RATE_HZ, Music
from bench.programs import LIVEMASTER, Run, median_s, run
from livemaster.metering import Meter
from livemaster.nodes import NodeBase, node_class
from livemaster.nodes.contract import OFFLINE_QUANTA
from livemaster.units import QUANTUM_FRAMES

BLOCK_FRAMES = OFFLINE_QUANTA * QUANTUM_FRAMES
SECONDS = 20.0


Process = Callable[[Music], None]
"""One block through a processor."""


def _pairs() -> list[tuple[str, Process, str, Process | None]]:
    """What is compared: job, our node, name of pedalboard's counterpart, and that itself (None: there is none)."""

    def node(name: str, **settings: Any) -> NodeBase:
        return node_class(name)(**settings)

    tone = {"highpass_amount": 1.0, "low_shelf_db": 2.0, "mid_bell_db": -1.5, "high_shelf_db": 2.0}
    filters = [
        pb.HighpassFilter(30.0),
        pb.LowShelfFilter(100.0, 2.0),
        pb.PeakFilter(1000.0, -1.5, 0.7),
        pb.HighShelfFilter(6000.0, 2.0),
    ]
    brickwall = pb.BrickwallLimiter(-1.0, true_peak=True)
    return [
        ("DC blocker, offset removed", _node(node("dc_blocker", dc_block=1.0)), "–", None),
        ("gain", _node(node("gain", gain_db=-3.0)), "`Gain`", _plugin(pb.Gain(-3.0))),
        ("equalizer, four bands", _node(node("equalizer", **tone)), "four filters", _plugin(pb.Pedalboard(filters))),
        ("the same, all bands moving", _node(node("equalizer", **tone), moving=True), "–", None),
        ("compressor", _node(node("compressor", ratio=2.5)), "`Compressor`", _plugin(pb.Compressor(-18.0, 2.5))),
        ("saturator", _node(node("saturator", saturation=0.5)), "`Distortion`", _plugin(pb.Distortion(6.0))),
        ("width, mono bass", _node(node("width", width=1.2, mono_below_hz=120.0)), "–", None),
        ("delay", _node(node("delay", frames=480)), "`Delay`", _plugin(pb.Delay(480 / RATE_HZ, 0.0, 1.0))),
        ("limiter", _node(node("limiter")), "`BrickwallLimiter`", _plugin(brickwall)),
        (
            "hosted `LowShelfFilter`",
            _node(node("hosted", plugin="LowShelfFilter", cutoff_frequency_hz=100.0, gain_db=2.0)),
            "the same in calls of 64 frames",
            _plugin(pb.LowShelfFilter(100.0, 2.0), QUANTUM_FRAMES),
        ),
    ]


def measure(bench: Bench) -> Section:
    """Time per stereo frame of nodes and meters."""
    audio = _loud(bench)
    rows = []
    for job, ours, name, theirs in _pairs():
        first_ns, second_ns = _take_turns(ours, theirs, audio, bench.runs)
        ratio = None if second_ns is None else second_ns / first_ns
        rows.append((job, figure(first_ns, 1), name, figure(second_ns, 1), figure(ratio)))
    return Section(
        (
            f"One thread, blocks of {BLOCK_FRAMES} frames, settings at work and standing still where not said "
            f"otherwise, {SECONDS:g} s of the programme with its peaks at +3 dBFS. Median of {bench.runs} runs, taking "
            "turns.",
            Table(("node", "ns a frame", "pedalboard's", "ns a frame", "ratio"), rows),
            "Meters over the whole programme:",
            _meters_table(bench),
            "The same as whole processes, which start and decode the file as well:",
            _processes_table(bench),
        )
    )


def _loud(bench: Bench) -> Music:
    audio, _ = sf.read(bench.programme.path, frames=round(SECONDS * RATE_HZ), dtype="float32")
    loud = audio.T * np.float32(10 ** (3 / 20) / np.abs(audio).max())
    frames = loud.shape[1] // BLOCK_FRAMES * BLOCK_FRAMES
    return np.ascontiguousarray(loud[:, :frames], np.float32)


def _node(node: NodeBase, *, moving: bool = False) -> Process:
    """One of ours; `moving`: every parameter but the first (a switch) falls to 0.9 of its setting in each block."""
    node.prepare(RATE_HZ, 2, OFFLINE_QUANTA)
    start = np.array([node.settings[p.id] for p in node.parameters], np.float64)
    values = np.repeat(start[:, None], OFFLINE_QUANTA + 1, axis=1)
    if moving:
        values[1:] *= np.linspace(1.0, 0.9, OFFLINE_QUANTA + 1)
    out = np.zeros((2, BLOCK_FRAMES), np.float32)

    def process(block: Music) -> None:
        node.process((block,), out, values)

    return process


def _plugin(plugin: Any, call_frames: int = BLOCK_FRAMES) -> Process:
    """One of pedalboard's, in calls of so many frames."""

    def process(block: Music) -> None:
        for first in range(0, BLOCK_FRAMES, call_frames):
            plugin(block[:, first : first + call_frames], RATE_HZ, buffer_size=call_frames, reset=False)

    return process


def _take_turns(ours: Process, theirs: Process | None, audio: Music, runs: int) -> tuple[float, float | None]:
    """Median ns per frame of both."""
    blocks = [np.ascontiguousarray(part) for part in np.split(audio, audio.shape[1] // BLOCK_FRAMES, axis=1)]
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs + 1):  # the first warms up
        for times, process in zip(taken, (ours, theirs), strict=True):
            if process is not None:
                started_s = time.perf_counter()
                for block in blocks:
                    process(block)
                times.append(time.perf_counter() - started_s)
    first, second = (1e9 * median(t[1:]) / audio.shape[1] if t else None for t in taken)
    assert first is not None
    return first, second


def _meters_table(bench: Bench) -> Table:
    audio, _ = sf.read(bench.programme.path, dtype="float32")
    x = np.ascontiguousarray(audio.T)
    loudness = pyloudnorm.Meter(RATE_HZ, filter_class="DeMan")

    def meter(*, true_peak: bool) -> float:
        return _seconds(lambda: Meter(RATE_HZ, 2, true_peak=true_peak).push(x), bench.runs)

    return _ratios(
        "meter",
        {
            "livemaster `Meter`, everything": meter(true_peak=True),
            "livemaster `Meter`, no true peak": _seconds(
                lambda: Meter(RATE_HZ, 2, true_peak=False).push(x), bench.runs
            ),
            "pyloudnorm, integrated only": _seconds(lambda: loudness.integrated_loudness(audio), bench.runs),
        },
        x.shape[1],
    )


def _processes_table(bench: Bench) -> Table:
    path = str(bench.programme.path)
    commands = {"`livemaster measure`": [LIVEMASTER, "measure", path, "--json"]}
    if shutil.which("ffmpeg"):
        for peak, about in (("true", "with true peak"), ("none", "loudness only")):
            measuring = ["-af", f"ebur128=peak={peak}:framelog=verbose", "-f", "null", "-"]
            commands[f"ffmpeg `ebur128`, {about}"] = ["ffmpeg", "-nostats", "-i", path, *measuring]
    found: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(bench.runs):
        for name, command in commands.items():
            found[name].append(run(command, bench.folder))
    frames = round(bench.programme.seconds * RATE_HZ)
    return _ratios("program", {name: median_s(runs) for name, runs in found.items()}, frames)


def _ratios(what: str, seconds: dict[str, float], frames: int) -> Table:
    """Seconds, ns a frame, and the ratio to the first."""
    base_s = next(iter(seconds.values()))
    rows = [(name, figure(s), figure(1e9 * s / frames, 1), figure(s / base_s)) for name, s in seconds.items()]
    return Table((what, "s", "ns a frame", "ratio to livemaster"), rows)


def _seconds(work: Callable[[], object], runs: int) -> float:
    work()
    times = []
    for _ in range(runs):
        started_s = time.perf_counter()
        work()
        times.append(time.perf_counter() - started_s)
    return median(times)
