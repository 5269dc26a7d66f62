"""A bare sounddevice callback that copies noise, and how punctual it is, as a JSON object.

Usage: python bare_callback.py SECONDS HOST_API; before the object it says `measuring`, when the stream has come to
rest, and `measured`. A call is late when it comes more than two blocks after the one before; `xruns` are the underflows
PortAudio tells of.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from typing import Any

import numpy as np
import sounddevice as sd

WARM_UP_S = 0.2


class Probe:
    """The callback, which writes when it was called and for how long into arrays."""

    def __init__(self, seconds: float, rate_hz: float) -> None:
        self.noise = (0.1 * np.random.default_rng(0).standard_normal((1 << 16, 2))).astype(np.float32)
        most = int(seconds * rate_hz / 16) + 1000
        self.began_s, self.ended_s = np.full(most, 0.0), np.full(most, 0.0)
        self.frames = np.full(most, 0, dtype=np.int64)
        self.calls = self.underflows = self.at = 0
        self.policy = -1

    def __call__(self, out: np.ndarray, frames: int, _time: Any, status: sd.CallbackFlags) -> None:
        """One block."""
        began_s = time.perf_counter()
        if self.calls == 0:
            self.policy = os.sched_getscheduler(0)  # of this thread
        if status.output_underflow:
            self.underflows += 1
        if self.at + frames > len(self.noise):
            self.at = 0
        out[:] = self.noise[self.at : self.at + frames]
        self.at += frames
        if self.calls < len(self.began_s):
            self.began_s[self.calls] = began_s
            self.frames[self.calls] = frames
            self.ended_s[self.calls] = time.perf_counter()
        self.calls += 1


def spread(values_s: np.ndarray) -> dict[str, float]:
    """Median, 99th percentile and maximum, in microseconds."""
    p50, p99 = np.percentile(values_s, [50, 99])
    return {"p50": p50 * 1e6, "p99": p99 * 1e6, "max": values_s.max() * 1e6}


def facts(probe: Probe, first: int, last: int, rate_hz: float) -> dict[str, Any]:
    """What the calls from `first` to before `last` were like."""
    began_s, ended_s = probe.began_s[first:last], probe.ended_s[first:last]
    block_frames = int(probe.frames[first])
    intervals_s = np.diff(began_s)
    missing = round((began_s[-1] - began_s[0]) * rate_hz / block_frames) - len(intervals_s)
    return {
        "calls": last - first,
        "late": int((intervals_s > 2 * block_frames / rate_hz).sum()),
        "skipped_frames": max(missing, 0) * block_frames,
        "realtime": probe.policy in (os.SCHED_FIFO, os.SCHED_RR),
        "interval_us": spread(intervals_s),
        "work_us": spread(ended_s - began_s),
    }


def main() -> None:
    seconds, host_api = float(sys.argv[1]), sys.argv[2]
    device = next(api for api in sd.query_hostapis() if api["name"] == host_api)["default_output_device"]
    rate_hz = sd.query_devices(device)["default_samplerate"]
    probe = Probe(seconds + WARM_UP_S, rate_hz)
    gc.collect()
    gc.freeze()
    gc.disable()
    with sd.OutputStream(
        samplerate=rate_hz, blocksize=0, device=device, channels=2, dtype="float32", callback=probe
    ) as stream:
        time.sleep(WARM_UP_S)
        print("measuring", flush=True)
        first, before = probe.calls, probe.underflows
        time.sleep(seconds)
        last, underflows = probe.calls, probe.underflows - before
        print("measured", flush=True)
        latency_s = stream.latency
        found = facts(probe, first, last, rate_hz) | {"xruns": underflows, "latency_s": latency_s}
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
