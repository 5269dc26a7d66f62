"""Master a song with its arrangement and emotion maps, and read the report.

python examples/render_with_maps.py [SONG ARRANGEMENT EMOTION OUTPUT]; without arguments the demo song is made first.
"""

import sys
import tempfile
from pathlib import Path

import livemaster


def main() -> None:
    if len(sys.argv) == 5:
        song, arrangement, emotion, output = map(Path, sys.argv[1:])
    else:
        from make_demo_song import write_demo

        folder = Path(tempfile.mkdtemp(prefix="livemaster-example-"))
        write_demo(folder)
        song, arrangement, emotion = (folder / n for n in ("song.wav", "arrangement.json", "emotion_graph.json"))
        output = folder / "master.wav"

    report = livemaster.render(
        song,
        output,
        arrangement=arrangement,
        emotion=emotion,
        platform="spotify",
        reactivity=1.0,
        bass=0.5,
        settings_output=f"{output}.settings.json",
        force=True,
    )
    print(f"{output}: {report.output.integrated_lufs:.1f} LUFS, {report.output.true_peak_dbtp:.2f} dBTP")
    for s in report.sections:
        print(f"  {s.section:<10} {s.input_lufs:6.1f} → {s.output_lufs:6.1f} LUFS (planned {s.planned_lufs:.1f})")
    first = report.settings["sections"][0]
    for reason in first["why"]["low_shelf_db"]:
        print(f"  {first['section']}, low shelf: {reason['change']:+.1f} dB, {reason['source']}: {reason['rule']}")


if __name__ == "__main__":
    main()
