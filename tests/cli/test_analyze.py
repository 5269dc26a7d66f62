"""`livemaster analyze`: what it says, in which shape, of one file and of many, and the maps it writes."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import resource
import signal
import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pieces
import pytest

import livemaster
from livemaster.analysis.analyse import NEEDS_S
from livemaster.analysis.emotion import PLACES
from livemaster.analysis.fingerprint import DIMENSIONS
from livemaster.cli import firstrun
from livemaster.cli.main import run
from livemaster.planning import ArrangementMap, EmotionMap
from livemaster.planning.detected import arrangement_of, emotion_of
from livemaster.report.hearing import heard_in_a_line
from livemaster.report.rows import COLUMNS

PROGRAM = [sys.executable, "-c", "from livemaster.cli.main import script; script()"]
NAMES = [each.name for each in DIMENSIONS]
HEARING = {
    "measurement": dict,
    "fingerprint": dict,
    "recording_type": dict,
    "tempo_bpm": float,
    "tempo_confidence": float,
    "beats_per_bar": int,
    "sections": list,
    "emotion_curve": list,
    "left_out": list,
    "notes": list,
}
RECORDING = {"type": str, "confidence": float, "profile": str, "score": float, "candidates": list, "reasons": list}
CANDIDATE = {"profile": str, "type": str, "score": float, "share": float}
SECTION = {
    "section": str,
    "start": float,
    "end": float,
    "emotion": str,
    "intensity": float,
    "valence": float,
    "confidence": float,
}
POINT = {"time": float, "emotion": str, "intensity": float, "valence": float}
SECONDS = 10.0
UNSTABLE = "the loudness range of less than 60 s of programme is unstable"


def shape(data: dict[str, Any]) -> dict[str, type]:
    return {key: type(value) for key, value in data.items()}


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten seconds in a quiet and a loud half; analyzed once, so that no kernel is left to be announced."""
    path = pieces.write(
        tmp_path_factory.mktemp("song") / "song.wav", pieces.piece(SECONDS, levels_db=(-12.0, 0.0), peak=0.5)
    )
    assert run(["analyze", str(path), "--json"]) == 0
    return path


@pytest.fixture
def folder(tmp_path: Path, song: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, which holds `song.wav`."""
    (tmp_path / "song.wav").write_bytes(song.read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def album(folder: Path) -> Path:
    """A folder with songs, one of them below, and with files that are none."""
    data = Path("song.wav").read_bytes()
    (folder / "album" / "live").mkdir(parents=True)
    (folder / "album" / ".trash").mkdir()
    for name in ("b.wav", "A.WAV", "live/c.wav", ".trash/d.wav", "._b.wav"):
        (folder / "album" / name).write_bytes(data)
    pieces.write(folder / "album" / "silent.flac", np.zeros((2, 44_100), np.float32))
    (folder / "album" / "broken.mp3").write_bytes(b"no audio at all" * 100)
    (folder / "album" / "cover.jpg").write_bytes(b"\xff\xd8")
    return folder / "album"


HEARD = ["album/A.WAV", "album/b.wav", "album/live/c.wav", "album/silent.flac"]
IN_ORDER = sorted([*HEARD, "album/broken.mp3"])


def ran(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> tuple[str, str]:
    """Standard output and standard error of a command that ends with `status`."""
    found = run(list(arguments))
    out, err = capsys.readouterr()
    assert found == status, err
    return out, err


def refusal(folder: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line with which a command line is refused, nothing written."""
    before = pieces.listing(folder)
    out, err = ran(capsys, "analyze", *arguments, status=2)
    assert (out, len(err.splitlines())) == ("", 1), err
    assert pieces.listing(folder) == before
    return err.removeprefix("livemaster: ").rstrip()


# -- one file --------------------------------------------------------------------------------------------------


def test_the_json_is_as_promised_and_nothing_else(folder, capsys):
    out, err = ran(capsys, "analyze", "song.wav", "--json")
    found = json.loads(out)
    assert err == f"note: {UNSTABLE}\n"
    assert shape(found) == HEARING
    assert found["measurement"] == json.loads(ran(capsys, "measure", "song.wav", "--json")[0])
    assert list(found["fingerprint"]) == NAMES
    for each in DIMENSIONS:
        assert each.low <= found["fingerprint"][each.name] <= each.high
    assert found["fingerprint"]["lufs"] == pytest.approx(found["measurement"]["integrated_lufs"], abs=0.01)
    kind = found["recording_type"]
    assert shape(kind) == RECORDING
    assert {tuple(shape(each).items()) for each in kind["candidates"]} == {tuple(CANDIDATE.items())}
    assert sum(each["share"] for each in kind["candidates"]) == pytest.approx(1.0, abs=0.001)
    assert kind["type"] in {"studio", "metal", "bootleg", "unknown"}
    assert 0.0 <= kind["confidence"] <= 1.0
    assert all(isinstance(reason, str) for reason in kind["reasons"])
    assert found["tempo_bpm"] == pytest.approx(found["fingerprint"]["tempo_bpm"], abs=1e-9)


def test_sections_and_curve_cover_the_track(folder, capsys):
    found = json.loads(ran(capsys, "analyze", "song.wav", "--json")[0])
    assert {tuple(shape(each).items()) for each in found["sections"]} == {tuple(SECTION.items())}
    assert {tuple(shape(each).items()) for each in found["emotion_curve"]} == {tuple(POINT.items())}
    assert (found["sections"][0]["start"], found["sections"][-1]["end"]) == (0.0, SECONDS)
    assert all(one["end"] == other["start"] for one, other in pairwise(found["sections"]))
    times = [point["time"] for point in found["emotion_curve"]]
    assert times == sorted(set(times))
    assert 0.0 <= times[0] < times[-1] <= SECONDS
    for each in (*found["sections"], *found["emotion_curve"]):
        assert each["emotion"] in PLACES
        assert 0.0 <= each["intensity"] <= 1.0
        assert -1.0 <= each["valence"] <= 1.0


def test_python_gives_what_the_command_prints(folder, capsys):
    heard = livemaster.analyze("song.wav")
    assert isinstance(heard, livemaster.Hearing)
    assert heard.to_dict() == json.loads(ran(capsys, "analyze", "song.wav", "--json")[0])
    assert heard.measurement == livemaster.measure("song.wav")


def test_standard_input(folder, capsys, monkeypatch):
    expected = ran(capsys, "analyze", "song.wav", "--json")[0]
    data = Path("song.wav").read_bytes()
    for arguments in (["--json"], []):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data), isatty=lambda: False))
        out, _ = ran(capsys, "analyze", "-", *arguments)
        assert (out == expected) if arguments else out.startswith("standard input\n")


def test_of_silence_only_the_measurement_is_told(folder, capsys):
    pieces.write(folder / "silent.wav", np.zeros((1, 88_200), np.float32))
    found = json.loads(ran(capsys, "analyze", "silent.wav", "--json")[0])
    assert list(found) == list(HEARING)
    assert found["measurement"]["duration_s"] == 2.0
    nothing = [found[name] for name in ("fingerprint", "recording_type", "tempo_bpm", "sections", "emotion_curve")]
    assert nothing == [None, None, None, [], []]
    assert "silent" in found["left_out"][0]
    out, _ = ran(capsys, "analyze", "silent.wav")
    assert "left out: fingerprint, recording type, tempo, sections, emotion: the file is silent" in " ".join(
        out.split()
    )


@pytest.mark.parametrize("seconds", [0.5, 3.0, 10.0])
def test_a_short_file_says_what_it_is_too_short_for(folder, capsys, seconds):
    pieces.write(folder / "short.wav", pieces.piece(seconds))
    found = json.loads(ran(capsys, "analyze", "short.wav", "--json")[0])
    assert [each.partition(":")[0] for each in found["left_out"]] == [
        p for p, least in NEEDS_S.items() if seconds < least
    ]
    assert all(np.isfinite(value) for value in found["fingerprint"].values())
    told = {part: seconds >= least for part, least in NEEDS_S.items()}
    assert (found["measurement"]["loudness_range_lu"] is not None) == told["loudness range"]
    assert (found["recording_type"] is not None) == told["recording type"]
    assert told["tempo"] or found["tempo_bpm"] is None
    assert [(each["section"], each["confidence"]) for each in found["sections"]] == [("Track", 0.0)]
    out, _ = ran(capsys, "analyze", "short.wav")
    assert out.count("left out: ") == len(found["left_out"])


def test_what_is_wrong_with_a_file_is_a_note(folder, capsys):
    x = pieces.piece(SECONDS)
    x[0, 100:103] = np.nan
    pieces.write(folder / "nan.wav", x, subtype="FLOAT")
    out, err = ran(capsys, "analyze", "nan.wav", "--json")
    note, about_range = json.loads(out)["notes"]
    assert err == f"note: {note}\nnote: {about_range}\n"
    assert "3 samples were no finite numbers" in note
    assert about_range == UNSTABLE


# -- bad input -------------------------------------------------------------------------------------------------


def test_a_file_that_cannot_be_analyzed(folder, capsys):
    for name, x in (("short.wav", pieces.piece(0.39)), ("six.wav", pieces.piece(1.0, channels=6))):
        pieces.write(folder / name, x)
    Path("text.wav").write_text("la la la" * 100)
    (folder / "empty").mkdir()
    assert refusal(folder, capsys, "none.wav") == "none.wav: no such file"
    assert refusal(folder, capsys, "six.wav") == "six.wav: has 6 channels, mastering takes mono or stereo"
    assert refusal(folder, capsys, "short.wav") == "short.wav: lasts 0.390 s, mastering needs at least 0.4 s"
    assert refusal(folder, capsys, "text.wav").startswith("text.wav: is not an audio file that can be read")
    assert refusal(folder, capsys, "empty").startswith("empty: holds no audio file, wanted are .wav ")
    assert refusal(folder, capsys, "") == "'': is not the name of a file"
    assert refusal(folder, capsys, "a\0.wav") == "a?.wav: is not a file name"
    assert refusal(folder, capsys, "-", "song.wav") == "- reads one file from standard input, it must be given alone"
    assert "FILE" in refusal(folder, capsys)


def test_rows_that_cannot_be_written(folder, capsys):
    Path("old.csv").write_text("precious")
    Path("song.jsonl").hardlink_to("song.wav")
    assert (
        refusal(folder, capsys, "song.wav", "-o", "x.txt") == "x.txt: unknown extension '.txt', allowed are .csv .jsonl"
    )
    assert refusal(folder, capsys, "song.wav", "-o", "old.csv") == "old.csv: exists already, --force overwrites it"
    assert refusal(folder, capsys, "song.wav", "-o", "no/x.csv").startswith("no/x.csv: there is no folder ")
    assert refusal(folder, capsys, "song.wav", "-o", "a\0.csv") == "a?.csv: is not a file name"
    message = refusal(folder, capsys, "song.wav", "-o", "song.jsonl", "--force")
    assert message == "song.jsonl: is the same file as song.wav, it needs another name"


def test_maps_that_cannot_be_written(folder, capsys):
    Path("file").write_text("precious")
    (folder / "maps").mkdir()
    (folder / "maps" / "emotion_graph.json").write_text("precious")
    pieces.write(folder / "silent.wav", np.zeros((1, 88_200), np.float32))
    wanted = {
        "file": "'file': is not a folder, one for the maps is wanted",
        "": "'': is not a folder, one for the maps is wanted",
        "file/maps": "file/maps: cannot be a folder: Not a directory",
        "a\0": "a?: is not the name of a folder",
        "maps": "maps/emotion_graph.json: exists already, --force overwrites it",
    }
    for name, message in wanted.items():
        assert refusal(folder, capsys, "song.wav", "--write-maps", name) == message
    message = refusal(folder, capsys, "silent.wav", "--write-maps", "new")
    assert message == "silent.wav: is silent, there is nothing to make maps of"


@pytest.mark.parametrize("name", ["x.csv", "x.jsonl"])
def test_a_full_disk_leaves_no_rows(folder, capsys, name):
    """A limit on the size of files stands for it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        message = refusal(folder, capsys, "song.wav", "-o", name)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert message == f"{name}: cannot be written: File too large; nothing was kept"


# -- many files ------------------------------------------------------------------------------------------------


def test_a_folder_goes_on_past_what_cannot_be_read(album, capsys):
    out, err = ran(capsys, "analyze", "album", status=1)
    assert [line.split()[0] for line in out.splitlines()] == ["file", *HEARD]
    *failures, count = err.splitlines()
    assert [line.partition(": ")[2].partition(":")[0] for line in failures] == ["album/broken.mp3"]
    assert count == "livemaster: 1 could not be analyzed"


def test_many_files_are_lines_of_json(album, capsys):
    lines = [
        json.loads(line) for line in ran(capsys, "analyze", "album", "song.wav", "--json", status=1)[0].splitlines()
    ]
    assert [line["file"] for line in lines] == [*IN_ORDER, "song.wav"]
    alone = json.loads(ran(capsys, "analyze", "song.wav", "--json")[0])
    assert lines[-1] == {"file": "song.wav", **alone}
    broken = lines[IN_ORDER.index("album/broken.mp3")]
    assert list(broken) == ["file", "error"]
    assert broken["error"].startswith("album/broken.mp3: is not an audio file")


def test_rows_in_a_file(album, capsys):
    printed, _ = ran(capsys, "analyze", "album", "--json", "-o", "x.jsonl", status=1)
    assert Path("x.jsonl").read_text("utf-8") == printed
    ran(capsys, "analyze", "album", "-o", "x.csv", status=1)
    with Path("x.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    for row, line in zip(rows, map(json.loads, printed.splitlines()), strict=True):
        assert row["file"] == line["file"]
        assert row["error"] == line.get("error", "")
        if line.get("fingerprint"):
            wanted = line["measurement"] | line["fingerprint"]
            assert {name: float(row[name]) for name in wanted} == pytest.approx(wanted)
            assert row["recording_type"] == line["recording_type"]["type"]
            assert int(row["sections"]) == len(line["sections"])
        else:
            assert row["crest_db"] == row["recording_type"] == ""


def test_one_file_may_be_written_as_a_row_too(folder, capsys):
    Path("x.csv").write_text("old")
    out, _ = ran(capsys, "analyze", "song.wav", "-o", "x.csv", "--force")
    assert out == ran(capsys, "analyze", "song.wav")[0]
    assert [line.partition(",")[0] for line in Path("x.csv").read_text("utf-8").splitlines()] == ["file", "song.wav"]


def test_a_bar_on_the_terminal_leaves_the_lines_in_the_pipe_alone(folder):
    Path("other.wav").hardlink_to("song.wav")
    ours, theirs = pty.openpty()
    command = [*PROGRAM, "analyze", "song.wav", "other.wav", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, env=os.environ | {"TERM": "xterm"}) as child:
        os.close(theirs)
        assert child.stdout is not None
        out = child.stdout.read()
        assert child.wait() == 0
    assert b"analyzing" in os.read(ours, 65_536)
    os.close(ours)
    assert [json.loads(line)["file"] for line in out.splitlines()] == ["song.wav", "other.wav"]


def test_where_nothing_can_be_read_the_code_is_2_and_nothing_is_written(folder, capsys):
    Path("bad.wav").write_text("la la la" * 100)
    before = pieces.listing(folder)
    out, err = ran(capsys, "analyze", "bad.wav", "none.wav", "-o", "x.csv", "--write-maps", "maps", status=2)
    assert out == ""
    assert [line.split(":")[1].strip() for line in err.splitlines()[:2]] == ["bad.wav", "none.wav"]
    assert pieces.listing(folder) == before


def test_a_file_named_twice_is_heard_once(album, capsys):
    out, _ = ran(capsys, "analyze", "album/live/c.wav", "album/live", "./album/live/c.wav", "--json")
    assert [json.loads(line)["file"] for line in out.splitlines()] == ["album/live/c.wav"]


def test_a_folder_that_may_not_be_read_is_listed(album, capsys, monkeypatch):
    """Who tests as root may read everything, so the system's answer is played."""
    scan = os.scandir

    def refuse(path: str) -> Any:
        if str(path).endswith("live"):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    (album / "broken.mp3").unlink()
    out, err = ran(capsys, "analyze", "album", "--json", status=1)
    assert [json.loads(line)["file"] for line in out.splitlines()] == [each for each in HEARD if "live" not in each]
    assert "album/live: cannot be searched: Permission denied" in err


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="file names that are no text are Linux's")
def test_a_file_name_that_is_no_text(folder):
    name = b"caf\xe9.wav"
    Path("song.wav").rename(os.fsdecode(name))
    command = [*PROGRAM, "analyze", name, "missing.wav", "--json", "-o", "x.jsonl"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout.splitlines()[0])["file"] == os.fsdecode(name)
    assert Path("x.jsonl").read_bytes() == done.stdout


def test_ctrl_c_leaves_nothing_behind(folder):
    for k in range(40):
        Path(f"copy{k}.wav").hardlink_to("song.wav")
    before = pieces.listing(folder)
    command = [*PROGRAM, "analyze", ".", "--json", "-o", "x.jsonl"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        child.send_signal(signal.SIGINT)
        assert child.wait() == 130
    assert pieces.listing(folder) == before


# -- maps ------------------------------------------------------------------------------------------------------


def test_maps_read_back_are_what_was_heard_to_the_last_digit(folder, capsys):
    """So a plan made with them is the plan made with what was heard."""
    found = livemaster.analyze("song.wav", maps="deep/maps").analysis
    assert found is not None
    assert {path.name for path in Path("deep/maps").iterdir()} == {"arrangement.json", "emotion_graph.json"}
    assert ArrangementMap.load("deep/maps/arrangement.json") == arrangement_of(found)
    assert EmotionMap.load("deep/maps/emotion_graph.json") == emotion_of(found)
    maps = ["--arrangement", "deep/maps/arrangement.json", "--emotion", "deep/maps/emotion_graph.json"]
    plan = json.loads(ran(capsys, "plan", "song.wav", "-o", "-", *maps)[0])
    assert [each["section"] for each in plan["sections"]] == [each.section for each in found.sections]
    assert all(each["emotion"] for each in plan["sections"])


def sections_of(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [{name: value for name, value in each.items() if name != "why"} for each in plan["sections"]]


def test_maps_given_back_make_the_plan_that_detection_makes(folder, capsys):
    livemaster.analyze("song.wav", maps="maps")
    maps = ["--arrangement", "maps/arrangement.json", "--emotion", "maps/emotion_graph.json"]
    given = json.loads(ran(capsys, "plan", "song.wav", "-o", "-", *maps)[0])
    heard = json.loads(ran(capsys, "plan", "song.wav", "-o", "-")[0])
    assert sections_of(given) == sections_of(heard)


def test_render_says_what_was_heard(folder, capsys):
    found = livemaster.analyze("song.wav").analysis
    assert found is not None
    assert heard_in_a_line(found) in ran(capsys, "render", "song.wav", "-o", "x.wav", "--no-settings")[0]
    assert "heard:" not in ran(capsys, "render", "song.wav", "-o", "y.wav", "--no-settings", "--no-detect")[0]


def test_maps_say_what_was_heard(folder, capsys):
    found = json.loads(ran(capsys, "analyze", "song.wav", "--json", "--write-maps", "maps")[0])
    arrangement, emotion = ArrangementMap.load("maps/arrangement.json"), EmotionMap.load("maps/emotion_graph.json")
    assert [each.section for each in arrangement.structure] == [each["section"] for each in found["sections"]]
    assert [each.start for each in arrangement.structure] == pytest.approx(
        [each["start"] for each in found["sections"]], abs=0.001
    )
    assert [point.emotion for point in emotion.curve] == [point["emotion"] for point in found["emotion_curve"]]
    assert [point.strength for point in emotion.curve] == pytest.approx(
        [point["intensity"] for point in found["emotion_curve"]], abs=0.001
    )
    assert Path("maps/emotion_graph.json").read_text("utf-8").count("\n") < len(emotion.curve) + 10, "a line a point"


def test_maps_are_replaced_with_force_only(folder, capsys):
    livemaster.analyze("song.wav", maps="maps")
    before = pieces.listing(folder)
    Path("maps/arrangement.json").write_text("old")
    with pytest.raises(livemaster.LivemasterError, match="exists already"):
        livemaster.analyze("song.wav", maps="maps")
    ran(capsys, "analyze", "song.wav", "--write-maps", "maps", "--force")
    assert pieces.listing(folder) == before


def test_maps_of_many_bear_their_files_names(album, capsys):
    (album / "b.flac").write_bytes((album / "b.wav").read_bytes())  # the content says what it is
    _, err = ran(capsys, "analyze", "album", "song.wav", "--write-maps", "maps", status=1)
    made = sorted(path.relative_to("maps").as_posix() for path in Path("maps").rglob("*.json"))
    stems = ("A", "b.flac", "b.wav", "live/c", "song")
    assert made == sorted(f"{stem}.{kind}.json" for stem in stems for kind in ("arrangement", "emotion_graph"))
    assert "album/silent.flac: is silent, there is nothing to make maps of" in err


def test_maps_of_two_files_never_take_the_same_name(album, capsys, folder):
    message = refusal(folder, capsys, "album/b.wav", "song.wav", "./album/../song.wav", "--write-maps", "maps")
    assert message.endswith("their maps would have the same names, analyze them one by one")


# -- the first run ---------------------------------------------------------------------------------------------


def test_each_set_of_kernels_is_announced_once(tmp_path, monkeypatch):
    monkeypatch.setattr(firstrun, "kernel_cache", lambda: tmp_path)
    assert firstrun.is_first("mastering")
    firstrun.remember("mastering")
    assert not firstrun.is_first("mastering")
    assert not firstrun.is_first("metering")
    assert firstrun.is_first("mastering", "analysis")
    assert "(listening)" in firstrun.notice("mastering", "analysis")
    assert "(playing)" in firstrun.notice("mastering", "live")
    firstrun.remember("mastering", "analysis")
    assert not firstrun.is_first("mastering", "analysis")


def test_progress_is_one_bar_over_all_files(album):
    from livemaster.mastering.batch import Hearings, find_tracks

    told: list[tuple[str, float]] = []
    hearings = Hearings(find_tracks(["album"]), lambda step, share: told.append((step, share)))
    heard: Sequence[Any] = list(hearings)
    assert (len(heard), hearings.count, len(hearings.failures)) == (len(IN_ORDER), len(HEARD), 1)
    shares = [share for _, share in told]
    assert {step for step, _ in told} == {"analyzing"}
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)


def test_an_offset_that_the_chain_removes_is_not_heard(folder):
    x = 0.5 * pieces.piece(SECONDS)
    pieces.write(folder / "plain.wav", x, subtype="FLOAT")
    pieces.write(folder / "offset.wav", x + np.float32(0.1), subtype="FLOAT")
    plain, offset = (livemaster.analyze(folder / name).analysis for name in ("plain.wav", "offset.wav"))
    metered = {name: offset.fingerprint[name] for name in ("lufs", "loudness_variation_std")}  # of the file as it is
    assert offset.fingerprint == pytest.approx(plain.fingerprint | metered, rel=0.01)
    assert offset.recording.type == plain.recording.type
    assert offset.emotion.intensity == pytest.approx(plain.emotion.intensity, abs=0.02)
