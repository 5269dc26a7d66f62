"""`play` beside a busy thread of Python, its meters read 20 times a second, and how punctual it was, as a JSON object.

Usage: python busy_play.py SONG SECONDS DEVICE; before the object it says `measuring` and `measured`, as the other
clients do. The song is planned before it begins, and goes back to its beginning before its end.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from bench.callback import busy_thread

from livemaster.mastering.job import Source
from livemaster.session.playlist import Session, SessionWish
from livemaster.sound.shared_memory import Count
from livemaster.sound.supervisor import DeviceWish

WARM_UP_S = 3.0
READ_S = 0.05
BEFORE_END_S = 5.0


def processor_s(pid: int) -> float:
    """Processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def play(session: Session, seconds: float) -> None:
    """Let it play for so long, and read its meters."""
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        snapshot = session.snapshot()
        assert snapshot.track is not None
        if snapshot.position_s > snapshot.track.duration_s - BEFORE_END_S:
            session.seek(0.0)
        time.sleep(READ_S)


def main() -> None:
    song, seconds, device = sys.argv[1], float(sys.argv[2]), DeviceWish(device=sys.argv[3])
    session = Session(SessionWish(sources=(Source(path=song),), device=device, wait=True))
    with busy_thread():
        board, pid = session._core.board, session._core.sound.pids[-1]
        play(session, WARM_UP_S)
        counts, histogram, used_s = board.counts.copy(), board.histogram.copy(), processor_s(pid)
        print("measuring", flush=True)
        play(session, seconds)
        passed, used_s = board.counts - counts, processor_s(pid) - used_s
        print("measured", flush=True)
        found = {
            "calls": int(passed[Count.BEAT]),
            "histogram": (board.histogram - histogram).tolist(),
            "load": int(passed[Count.BUSY_NS]) / int(passed[Count.DUE_NS]),
            "processor": used_s / seconds,
            **{name: session.statistics()[name] for name in ("memory_mb", "latency_ms")},
            "restarted": pid != session._core.sound.pids[-1],
            "shed": session.snapshot().shed,
        }
    session.close()
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
