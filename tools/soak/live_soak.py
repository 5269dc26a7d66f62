"""Listen for long to an input that has everything happen to it: is it as loud as before soon after, and what is logged.

Usage: python tools/soak/live_soak.py [--minutes N] [--seed N] [--terminals N]; prints JSON, and leaves with 1 where
something failed. Then the terminal of `play` is closed so many times, at random moments.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pieces
from jack_rig import JackServer, Player, Recorder
from numpy.typing import NDArray
from terminals import close_terminals

from livemaster.plan_options import PlanOptions
from livemaster.session.live_input import Listening, ListeningWish
from livemaster.snapshot import State
from livemaster.sound.supervisor import DeviceWish
from livemaster.ui.log import Log

RATE_HZ, BLOCK = 48000, 512
BEFORE_S, BACK_S, MEASURED_S = 8.0, 10.0, 3.0
"""Music before a fault; how long it may take to be as loud again; how long that is measured."""
MOST_AWAY_LU, MOST_LINES = 2.0, 200
LOSS = "the input is lost"


def faults(rng: np.random.Generator) -> dict[str, NDArray[np.float32]]:
    """What may come instead of music, (2, frames)."""
    wave = np.sign(np.sin(2 * np.pi * 120.0 * np.arange(2 * RATE_HZ) / RATE_HZ))

    def of(seconds: float, value: object) -> NDArray[np.float32]:
        frames = max(round(seconds * RATE_HZ), 1)
        return np.ascontiguousarray(np.broadcast_to(np.asarray(value), (2, frames)), np.float32)

    burst = of(rng.uniform(0.01, 1.0), np.nan)
    burst[:, rng.random(burst.shape[1]) < 0.5] = np.inf
    pop_s = rng.uniform(0.05, 0.4)
    return {
        "pop": of(pop_s, 0.98 * wave[: round(pop_s * RATE_HZ)]),
        "howl": of(2.0, 0.5 * wave),
        "numbers that are none": burst,
        "one absurd frame": of(0.0, 1e30),
        "dropout": of(rng.uniform(0.02, 1.0), 0.0),
        "silence": of(8.0, 0.0),
    }


class _Listened:
    """A session, its log, and how loud it is."""

    def __init__(self, session: Listening) -> None:
        self.session, self.lines = session, list[str]()
        self.states: Counter[str] = Counter()
        self._log = Log()

    def until(self, time_s: float) -> float | None:
        """Let it play up to a time; how loud the end of that was, in LUFS."""
        while time.monotonic() < time_s:
            snapshot = self.session.snapshot()
            self.lines += self._log.tell(snapshot, time.monotonic())
            self.states[str(snapshot.state)] += 1
            time.sleep(0.1)
        return self.session.snapshot().meters.short_term_lufs


def soak(server: JackServer, seconds: float, seed: int) -> dict[str, Any]:
    """Listen for so long; the figures, with what failed under `failed`."""
    rng, chance = np.random.default_rng(seed), random.Random(seed)
    failed, done = list[str](), Counter[str]()

    def music(seconds: float) -> NDArray[np.float32]:
        return (rng.standard_normal((2, round(seconds * RATE_HZ))) * 0.02).astype(np.float32)

    def judge(kind: str, before: float | None, after: float | None) -> None:
        done[kind] += 1
        if before is None or after is None or abs(after - before) > MOST_AWAY_LU:
            failed.append(f"{kind}: {before} LUFS before, {after} after")
        if listened.session.snapshot().state is not State.RUNNING:
            failed.append(f"{kind}: {listened.session.snapshot().state} after it")

    with Recorder(server, seconds=seconds + 600.0) as recorder:
        with Player(server, music(1.0), name="mixer") as player:
            device = DeviceWish(device=recorder.device, inputs=2, input_device=player.device)
            listened = _Listened(Listening(ListeningWish(device=device, options=PlanOptions(mode="transparent"))))
        end_s, before = time.monotonic() + seconds, None
        while time.monotonic() < end_s:  # who plays goes now, and comes back
            listened.until(time.monotonic() + rng.uniform(1.0, 4.0))
            given = faults(rng)
            kinds = chance.sample(sorted(given), len(given))
            audio = [music(BACK_S + MEASURED_S + BEFORE_S)]
            for kind in kinds:
                audio += [given[kind], music(BACK_S + MEASURED_S + BEFORE_S)]
            with Player(server, np.concatenate(audio, axis=1), name="mixer") as player:
                player.begin()
                at_s = time.monotonic() + BACK_S + MEASURED_S
                after = listened.until(at_s)
                if before is not None:
                    judge(LOSS, before, after)
                for kind in kinds:
                    before = listened.until(at_s + BEFORE_S)
                    if time.monotonic() > end_s:
                        break
                    at_s += BEFORE_S + given[kind].shape[1] / RATE_HZ + BACK_S + MEASURED_S
                    judge(kind, before, listened.until(at_s))
                else:
                    before = listened.until(at_s + BEFORE_S - 1.0)
        listened.session.close("the time is over")
        recorder._end()
    if listened.session.error is not None:
        failed.append(str(listened.session.error))
    if len(listened.lines) >= MOST_LINES:
        failed.append(f"{len(listened.lines)} lines of log")
    found = {"faults": dict(done), "states": dict(listened.states), "lines": len(listened.lines), "failed": failed}
    return found | {"log": listened.lines[-MOST_LINES:], "figures": listened.session.statistics()}


def main() -> None:
    parser = argparse.ArgumentParser(description="Listen for long, and watch what faults leave behind.")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--terminals", type=int, default=50)
    options, _ = parser.parse_known_args()  # what `make soak` hands to all soaks
    with JackServer(RATE_HZ, BLOCK) as server:
        os.environ.update(server.environment)
        found = soak(server, 60.0 * options.minutes, options.seed)
    print(json.dumps(found, indent=2))
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        pieces.write(Path("song.wav"), pieces.piece(40.0))
        close_terminals(options.terminals, options.seed)
    sys.exit(1 if found["failed"] else 0)


if __name__ == "__main__":
    main()
