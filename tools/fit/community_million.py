"""A million ratings of 100,000 people, 2 % of them poisoners who rate everything (half of them within
what a layer can do): seconds and peak memory of counting them, and the errors.

Run by hand: python community_million.py [PEOPLE]. The counting runs in a process of its own, so that what it takes
is its own.
"""

from __future__ import annotations

import multiprocessing
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

import simulated_community as simulated

from livemaster.personal.community import ALL, Insights, aggregate

POISONED = 0.02


def count(paths: list[Path]) -> tuple[float, float, float, Insights]:
    """Seconds, seconds of the processor, peak MB, and what was found."""
    start = time.perf_counter()
    found = aggregate(paths)
    used = resource.getrusage(resource.RUSAGE_SELF)
    return time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1000.0, found


def main(people: int) -> None:
    drawn = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        bad = round(people * POISONED)
        paths = simulated.write(Path(folder) / "honest", (simulated.person(drawn) for _ in range(people - bad)))
        poison = (simulated.poisoner(drawn, 20, drawn.choice((1.0, 12.0))) for _ in range(bad))
        paths += simulated.write(Path(folder) / "bad", poison)
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            wall_s, cpu_s, peak_mb, found = pool.apply(count, (paths,))
    print(f"{people} people: {wall_s:.1f} s ({cpu_s:.1f} s of the processor), peak {peak_mb:.0f} MB")
    for each in found.groups:
        if each.gear == each.hearing == ALL and (each.parameter, each.direction) == ("bass", "more"):
            print(f"bass, {each.type}: {each.share:.3f} {each.interval}, planted {simulated.MORE_BASS[each.type]}")
        if each.hearing == ALL and each.type == "studio" and (each.parameter, each.direction) == ("treble", "less"):
            planted = simulated.LESS_TREBLE.get(each.gear)
            print(f"less treble, {each.gear}: {each.share:.3f} {each.interval}, planted {planted}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
