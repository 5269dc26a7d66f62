"""Hear what a song is from its audio alone, and write that down as maps to be edited and rendered with.

python examples/listen.py [SONG [FOLDER]]; without arguments the demo song is made first.
"""

import sys
import tempfile
from pathlib import Path

import livemaster


def main() -> None:
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(tempfile.mkdtemp(prefix="livemaster-example-"))
    if len(sys.argv) > 1:
        song = Path(sys.argv[1])
    else:
        from make_demo_song import write_demo

        write_demo(folder)
        song, folder = folder / "song.wav", folder / "heard"

    found = livemaster.analyze(song, maps=folder).analysis
    if found is None or found.recording is None:
        sys.exit(f"{song}: is silent, or too short")
    print(f"{song}: {found.recording.type}, {found.recording.confidence:.0%} sure")
    print("no beat" if found.tempo.bpm is None else f"{found.tempo.bpm:.1f} bpm")
    for each in found.sections:
        print(f"  {each.start:6.1f} s  {each.section:<10} {each.emotion:<10} {each.intensity:.2f}")
    print(f"{folder}: arrangement.json and emotion_graph.json, for --arrangement and --emotion")


if __name__ == "__main__":
    main()
