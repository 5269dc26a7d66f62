"""Play a song, turn a knob, compare with the mix, and render the performance afterwards.

python examples/perform.py [SONG [DEVICE]]; without arguments a few seconds of the demo song on the device `null`,
which keeps time and makes no sound. What it writes is removed in the end.
"""

import sys
import tempfile
import time
from pathlib import Path

import livemaster
from livemaster import Move


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="livemaster-example-") as folder:
        perform(Path(folder))


def perform(folder: Path) -> None:
    if len(sys.argv) > 1:
        song = Path(sys.argv[1])
    else:
        from make_demo_song import write_demo

        write_demo(folder)
        song = folder / "song.wav"
    device = sys.argv[2] if len(sys.argv) > 2 else "null" if len(sys.argv) < 2 else None

    take = folder / "take.json"
    session = livemaster.play(song, device=device, take=take, duration_s=3.0)
    try:
        time.sleep(1.0)
        session.do(Move("reactivity", 0.3))
        session.do(Move("bass", 1.5))
        time.sleep(1.0)
        session.do(Move("ab"))  # the raw mix
        shown = session.snapshot()
        print(f"{shown.state}: {shown.position_s:.1f} s, heard is the {shown.heard}, load {shown.device.load:.0%}")
        session.wait()
    finally:
        session.close()
    print(f"{session.stop_reason}; {session.statistics()['late_blocks']} late blocks")

    report = livemaster.render_take(song, take, folder / "performance.wav", bit_depth=32)
    print(f"performance.wav: {report.output.duration_s:.1f} s, {report.moves} moves")


if __name__ == "__main__":
    main()
