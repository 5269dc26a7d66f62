"""The figures of a session: callbacks, load, latency, memory."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from livemaster.sound.shared_memory import BIN_US, Board, Count


def statistics(
    board: Board,
    *,
    state: str,
    stop_reason: str,
    latency_frames: int,
    rate_hz: int,
    frames_played: int,
    pids: Sequence[int],
) -> dict[str, object]:
    """[control] What `--stats` writes."""
    counts = board.counts
    due_ns = int(counts[Count.DUE_NS])
    return {
        "state": state,
        "stop_reason": stop_reason,
        "blocks": int(counts[Count.BEAT]),
        "late_blocks": board.late_blocks,
        "callback_us": percentiles_us(board.histogram),
        "load": round(int(counts[Count.BUSY_NS]) / due_ns, 4) if due_ns else None,
        "latency_frames": latency_frames,
        "latency_ms": round(1000.0 * latency_frames / rate_hz, 3),
        "memory_mb": memory_mb(pids),
        "frames_played": frames_played,
        "starved": int(counts[Count.STARVED]),
        "nonfinite_samples": int(counts[Count.NONFINITE]),
    }


def percentiles_us(histogram: NDArray[np.int64]) -> dict[str, int | None]:
    """[control] Percentiles of the time that a block takes to make, to the 5 µs of the board's histogram."""
    histogram = histogram.copy()  # the audio process goes on counting
    cumulated = np.cumsum(histogram)
    total = int(cumulated[-1])
    if not total:
        return dict.fromkeys(("p50", "p99", "p999", "max"))
    shares = {"p50": 0.5, "p99": 0.99, "p999": 0.999}
    found = {name: BIN_US * (int(np.searchsorted(cumulated, share * total)) + 1) for name, share in shares.items()}
    return {**found, "max": BIN_US * (int(np.flatnonzero(histogram)[-1]) + 1)}


def memory_mb(pids: Sequence[int]) -> float | None:
    """[control] Memory of this process and those, shared pages counted once (PSS); None where that is not told."""
    total_kb = 0
    for pid in (os.getpid(), *pids):
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            if pid == os.getpid():
                return None
            continue
        total_kb += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return round(total_kb / 1024.0, 1)
