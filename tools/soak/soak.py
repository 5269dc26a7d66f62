"""Play for long, with random hands on every control and a busy interface: what grows, what fills up, what is late.

Usage: python tools/soak/soak.py [--minutes N] [--block FRAMES] [--seed N]; prints JSON, and leaves with 1 where
something failed. It plays the real songs in a loop on a sound card in software.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import needs
from bench.callback import busy_thread
from jack_rig import HOST_API, JackServer

from livemaster.controls import LIVE_CONTROLS, Kind, Move
from livemaster.mastering.job import Source
from livemaster.session.playlist import Session, SessionWish
from livemaster.snapshot import State
from livemaster.sound.shared_memory import RING_RECORDS, Count
from livemaster.sound.supervisor import DeviceWish

SYSTEM = f"{HOST_API}:system"
SAMPLE_S, MOVE_S = 1.0, 0.4
SETTLED_S = 180.0
"""What is planned and cached is in memory by then; of a shorter run a third."""
MOST_GROWTH = 0.05
BEFORE_END_S = 4.0
LEFT_OUT = ("record",)
"""It would write takes wherever it runs."""
SELDOM = {"mode": 0.01, "platform": 0.01, "panic": 0.05, "pause": 0.3, "next_track": 0.2, "previous_track": 0.2}
"""Chance of a control that was drawn; the others are always moved."""


@dataclass
class Watch:
    """What was seen, once a second."""

    memory_mb: list[float] = field(default_factory=list)
    queues: Counter[str] = field(default_factory=Counter)
    """The longest that each was."""
    states: Counter[str] = field(default_factory=Counter)

    def look(self, session: Session) -> None:
        """Take down how things stand."""
        core = session._core
        lengths = {
            "commands": _waiting(core.board.commands),
            "log": _waiting(core.board.log),
            "answers": core.sound._host.answers.qsize(),
            "plans": session._planned.qsize(),
        }
        for name, length in lengths.items():
            self.queues[name] = max(self.queues[name], length)
        self.states[str(session.snapshot().state)] += 1
        memory_mb = session.statistics()["memory_mb"]
        if isinstance(memory_mb, float):
            self.memory_mb.append(memory_mb)

    def growth(self) -> float:
        """Of memory, from when it had settled to the end, as a share."""
        first = min(round(SETTLED_S / SAMPLE_S), len(self.memory_mb) // 3)
        settled = self.memory_mb[first:]
        count = max(len(settled) // 5, 1)
        return median(settled[-count:]) / median(settled[:count]) - 1.0


class Hands:
    """Random moves, the same for the same seed."""

    def __init__(self, session: Session, seed: int) -> None:
        self._session, self._chance = session, random.Random(seed)
        self.moves: Counter[str] = Counter()

    def move(self) -> None:
        """One move of a control; what is paused goes on."""
        snapshot = self._session.snapshot()
        if snapshot.state is State.PAUSED:
            self._do(Move("pause", 0.0))
            return
        control = self._chance.choice([each for each in LIVE_CONTROLS.values() if each.id not in LEFT_OUT])
        if self._chance.random() >= SELDOM.get(control.id, 1.0):
            return
        if control.kind is Kind.KNOB:
            self._do(Move(control.id, self._chance.uniform(control.low, control.high)))
        else:
            self._do(Move(control.id))

    def loop(self) -> None:
        """From near the end of the last track back to the first."""
        view = self._session.snapshot()
        assert view.track is not None
        if view.track.number == view.track.count and view.position_s > view.track.duration_s - BEFORE_END_S:
            self._session.seek(0.0)
            for _ in range(view.track.count - 1):
                time.sleep(0.1)
                self._do(Move("previous_track"))

    def _do(self, move: Move) -> None:
        self.moves[move.control] += 1
        self._session.do(move)


def _waiting(ring: Any) -> int:
    return int(ring._heads[0]) - int(ring._heads[1])


def soak(songs: Sequence[Path], device: str, seconds: float, seed: int = 0) -> dict[str, Any]:
    """Play songs for so long; the figures, with what failed under `failed`."""
    wish = SessionWish(sources=tuple(Source(path=song) for song in songs), device=DeviceWish(device=device))
    session = Session(wish)
    watch, hands = Watch(), Hands(session, seed)
    begun_s = time.monotonic()
    looks_s = moves_s = begun_s
    try:
        while (now_s := time.monotonic()) - begun_s < seconds and not session.wait(0.05):
            if now_s >= looks_s:
                looks_s += SAMPLE_S
                watch.look(session)
            if now_s >= moves_s:
                moves_s += MOVE_S
                hands.move()
            hands.loop()
        messages = session.snapshot().messages
    finally:
        session.close("the time is over")
    figures, counts = session.statistics(), session._core.board.counts
    found = {
        "seconds": round(time.monotonic() - begun_s, 1),
        "figures": figures,
        "memory_growth": round(watch.growth(), 4),
        "memory_mb": watch.memory_mb[:: max(len(watch.memory_mb) // 60, 1)],
        "longest_queues": dict(watch.queues),
        "states": dict(watch.states),
        "moves": dict(hands.moves),
        "messages": messages,
        "lost_log_records": int(counts[Count.LOST]),
        "segments": len(session._core.recorder.segments),
        "error": None if session.error is None else str(session.error),
    }
    return {**found, "failed": failures(found)}


def failures(found: dict[str, Any]) -> list[str]:
    """What may not be, whatever the machine's mood."""
    checks = {
        "the session ended by itself": found["figures"]["stop_reason"] != "the time is over",
        "an error": found["error"] is not None,
        "log records were lost": found["lost_log_records"] > 0,
        "samples were not finite": found["figures"]["nonfinite_samples"] > 0,
        "a queue filled up": max(found["longest_queues"].values(), default=0) > RING_RECORDS // 4,
        f"memory grew by more than {MOST_GROWTH:.0%}": found["memory_growth"] > MOST_GROWTH,
    }
    return [text for text, failed in checks.items() if failed]


def main() -> None:
    parser = argparse.ArgumentParser(description="Play for long and watch what grows.")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--block", type=int, default=256)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    seconds = 60.0 * options.minutes
    with JackServer(block=options.block) as server:
        os.environ.update(server.environment)
        with busy_thread():
            found = soak(needs.songs(10.0), SYSTEM, seconds, options.seed)
        found["xruns"] = server.xruns().clients
    print(json.dumps(found, indent=2))
    sys.exit(1 if found["failed"] else 0)


if __name__ == "__main__":
    main()
