"""Hash the audio of a fixed set of renders and takes: what a change that should move no sample is held against.

Usage: python tools/bits.py [--takes DIR] [--against FILE] > after.json; needs Debian's extremetuxracer-data.
With `--against` it leaves with 1 where a hash differs.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import needs
import numpy as np
import soundfile as sf

import livemaster

SECONDS = 40.0
MODES = ("cinematic", "transparent", "radio_loud", "lofi")
PLATFORMS = ("spotify", "club", "film")
RATES_HZ = (None, 48000, 96000)


def hashed(path: Path) -> str:
    audio, _ = sf.read(path, dtype="float32", always_2d=True)
    return hashlib.sha256(np.ascontiguousarray(audio)).hexdigest()[:16]


def excerpts(folder: Path) -> list[Path]:
    """Twelve stretches of real songs."""
    found = []
    for song in needs.songs(SECONDS)[:12]:
        info = sf.info(song)
        audio, rate_hz = sf.read(song, frames=int(SECONDS * info.samplerate), dtype="float32", always_2d=True)
        found.append(folder / f"{song.stem}.wav")
        sf.write(found[-1], audio, rate_hz, subtype="FLOAT")
    return found


def renders(songs: list[Path], folder: Path) -> dict[str, str]:
    """24: songs, modes, platforms, maps, chains and rates drawn in turn."""
    found = {}
    picks = itertools.cycle(range(12))
    for number in range(24):
        song, mode, platform = songs[next(picks) % len(songs)], MODES[number % 4], PLATFORMS[number % 3]
        more: dict[str, Any] = {}
        if number % 6 == 1:
            more["reactivity"] = 1.5
        if number % 6 == 3:
            more["detect"] = False
        if number % 8 == 5:
            more |= {"bass": 3.0, "width": -0.3, "dynamics": 0.5}
        if number == 7:
            more["chain"] = "stock"
        if number % 5 == 4:
            maps = folder / f"maps{number}"
            livemaster.analyze(song, maps=maps)
            more |= {"arrangement": maps / "arrangement.json", "emotion": maps / "emotion_graph.json"}
        out, rate_hz = folder / f"{number}.wav", RATES_HZ[number % 3] if number > 17 else None
        livemaster.render(
            song, out, mode=mode, platform=platform, bit_depth=32, sample_rate_hz=rate_hz, force=True, **more
        )
        found[f"render {number}: {song.stem} {mode} {platform} {sorted(more)} {rate_hz}"] = hashed(out)
        out.unlink()
    return found


def perform(songs: list[Path], folder: Path) -> None:
    """Six takes of moves, seeks and pauses, kept beside copies of their songs."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, song in enumerate(songs[:6]):
        mix = folder / f"{number}.wav"
        mix.write_bytes(song.read_bytes())
        session = livemaster.play(
            mix, device="null", take=folder / f"{number}.json", wait=True, mode=MODES[number % 4], duration_s=12.0
        )
        began_s = time.monotonic()
        for at_s, control, value in (
            (1.0, "reactivity", 0.3 * number),
            (2.0, "bass", 3.0 - number),
            (3.5, "ab", None),
            (4.0, "match", None),
            (5.0, "ab", None),
            (6.0, "amount", 0.4),
            (7.0, "dynamics", 1.0 - 0.3 * number),
            (8.0, "mode", None),
        ):
            session.wait(max(at_s - (time.monotonic() - began_s), 0.0))
            session.do(livemaster.Move(control, value))
        session.seek(20.0)
        while not session.wait(0.2):
            pass


def takes(folder: Path, work: Path) -> dict[str, str]:
    """What those takes sound like."""
    found = {}
    for take in sorted(folder.glob("*.json")):
        out = work / "take.wav"
        livemaster.render_take(take.with_suffix(".wav"), take, out, bit_depth=32, force=True)
        found[f"take {take.stem}"] = hashed(out)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Hash a fixed set of renders, and takes.")
    parser.add_argument("--against", metavar="FILE", help="hashes from before, as this prints them")
    parser.add_argument("--takes", metavar="DIR", type=Path, help="takes to render; made where there are none")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        songs = excerpts(folder)
        if options.takes is not None and not options.takes.is_dir():
            perform(songs, options.takes)
        found = renders(songs, folder) | (takes(options.takes, folder) if options.takes is not None else {})
    print(json.dumps(found, indent=2))
    if options.against is not None:
        before = json.loads(Path(options.against).read_text("utf-8"))
        moved = sorted(name for name in before if found.get(name) != before[name])
        print(f"{len(before) - len(moved)} alike, {len(moved)} differ: {moved}", file=sys.stderr)
        sys.exit(1 if moved else 0)


if __name__ == "__main__":
    main()
