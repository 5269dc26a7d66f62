"""Sessions as programs hold them, on the device null: names, plans that come late, comparisons."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pieces
import pytest
from fault_rig import until

from livemaster.cli.main import run
from livemaster.controls import Move
from livemaster.documents import presets_dir
from livemaster.documents.claim import claimed
from livemaster.errors import InputError, LivemasterError, OutputError
from livemaster.mastering.batch import playlist
from livemaster.mastering.job import Source
from livemaster.personal.ratings import Ratings
from livemaster.personal.versions import Versions
from livemaster.plan_options import PlanOptions
from livemaster.session.history import MOST_POINTS, History
from livemaster.session.live_input import Listening, ListeningWish
from livemaster.session.meters import LiveMeters
from livemaster.session.playlist import Session, SessionWish
from livemaster.snapshot import State
from livemaster.sound.shared_memory import BIN_US, BINS, Board
from livemaster.sound.stats import percentiles_us
from livemaster.sound.supervisor import DeviceWish
from livemaster.studio.opinions import Opinions
from livemaster.studio.studio import Studio

NULL = DeviceWish(device="null")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with a song of 30 s and its maps."""
    pieces.write(tmp_path / "song.wav", pieces.piece(30.0))
    sections = [{"section": "A", "start": 0, "end": 10}, {"section": "B", "start": 10, "end": 30}]
    pieces.write_json(tmp_path / "arrangement.json", {"structure": sections})
    curve = [{"time": 0, "emotion": "calm", "intensity": 0.2}, {"time": 20, "emotion": "powerful", "intensity": 0.9}]
    pieces.write_json(tmp_path / "emotion.json", {"curve": curve})
    monkeypatch.chdir(tmp_path)
    return tmp_path


@contextmanager
def playing(source: Source, **wishes: Any) -> Iterator[Session]:
    made = Session(SessionWish(sources=(source,), device=NULL, **wishes))
    try:
        yield made
    finally:
        made.close()
    assert made.error is None


@pytest.mark.parametrize(
    ("given", "step", "chosen"), [("Radio Loud", 1, "transparent"), ("./mine.json", -1, "transparent")]
)
def test_the_next_choice_follows_one_of_any_spelling_or_file(folder, given, step, chosen):
    (folder / "mine.json").write_bytes((presets_dir() / "modes" / "lofi.json").read_bytes())
    with playing(Source(path="song.wav", detect=False, options=PlanOptions(mode=given)), wait=True) as made:
        made.do(Move("mode", step))
        assert f"mode {chosen}: planning" in made.snapshot().messages
        until(lambda: made.snapshot().mode == chosen, 10.0, "planned anew")


@pytest.mark.parametrize("again", range(4))
def test_a_blind_comparison_gives_nothing_away(folder, again):
    with playing(Source(path="song.wav", detect=False), wait=True) as made:
        made.do(Move("blind"))
        for _ in range(3):
            now = made.snapshot()
            assert now.switches["ab"] == (now.heard == "y")
            assert now.heard in ("x", "y")
            made.do(Move("ab"))
            assert made.snapshot().heard != now.heard


def test_a_device_that_is_started_again_while_the_plan_is_made_is_led_by_it(folder):
    """The plan's reactivity counts, however the device comes and goes while it is made."""
    source = Source(path="song.wav", arrangement="arrangement.json", emotion="emotion.json", detect=False)
    with playing(source, take="take.json") as made:
        assert made.snapshot().knobs["reactivity"] == 0.0
        ended = None
        for _ in range(200):
            if made.tracks[0].score is not None or made.tracks[0].coming is not None:
                break
            pid = made._core.sound.running.get("pid")
            if made.snapshot().state is State.RUNNING and pid != ended:
                ended = pid
                os.kill(pid, signal.SIGKILL)
            made.wait(0.05)
        until(lambda: made.tracks[0].score is not None, 20.0, "the plan")
        until(lambda: made.snapshot().knobs["reactivity"] == 1.0, 5.0, "its reactivity")
        assert ended is not None
    segments = json.loads(Path("take.json").read_text())["segments"]
    last = segments[-1]
    moved = [event["to"] for event in last["events"] if event.get("set") == "reactivity"]
    assert (moved[-1] if moved else last["positions"]["reactivity"]) == 1.0


@pytest.mark.parametrize("name", [f"{'long ' * 40}.wav", "line\nbreak.wav", os.fsdecode(b"latin \xff.wav")])
def test_any_name_that_a_file_can_have_plays_and_renders(folder, name):
    shutil.copy("song.wav", name)
    line = ["play", name, "--device", "null", "--headless", "--no-detect", "--duration", "0.3", "--take", "take.json"]
    assert run(line) == 0
    assert run(["render", name, "--take", "take.json", "-o", "out.wav"]) == 0


def test_blocks_of_a_second_are_no_stalled_device(folder):
    """8192 frames at 8 kHz last longer than a device is usually waited for."""
    device = DeviceWish(device="null", rate_hz=8000, block_frames=8192)
    made = Session(SessionWish(sources=(Source(path="song.wav", detect=False),), device=device))
    try:
        pid, seen = made._core.sound.running["pid"], set()
        for _ in range(60):
            seen.add(made.snapshot().state)
            assert not made.wait(0.1)
        assert seen == {State.RUNNING}
        assert made._core.sound.running["pid"] == pid
    finally:
        made.close()
    assert made.error is None


def test_what_plays_is_rated_with_its_knobs_as_they_stand(folder, nobody_at_home):
    said: list[str] = []
    with playing(Source(path="song.wav"), wait=True) as made:
        opinions = Opinions(said.append)
        made.do(Move("bass", 1.5))
        now = made.now_playing()
        assert now is not None
        opinions.rate(now, 4, "less bass, zzz")
        opinions.close()
    (rating,) = Ratings(nobody_at_home).load().ratings
    assert (rating.track, rating.rating, rating.source) == ("song.wav", 4, "play")
    assert (rating.trims.bass, rating.personal.bass) == (1.5, 0.0)
    assert rating.parameters_applied.bass_adjustment_db == pytest.approx(now.settings.global_.tone.low + 1.5, abs=1e-3)
    assert rating.fingerprint.crest_db is not None
    assert said == ["rated song.wav: 4 of 5; understood: less bass; not understood: zzz"]


def test_votes_of_blind_comparisons_are_ratings(folder, nobody_at_home):
    with playing(Source(path="song.wav"), wait=True) as made, ExitStack() as stack:
        Studio(made, stack)
        made.do(Move("vote"))  # outside a comparison it is none
        made.do(Move("blind"))
        made.do(Move("vote"))
        better = "mix" if made._desk.mix else "master"
        until(lambda: len(Ratings(nobody_at_home).load().ratings) == 1, 10.0, "kept")
        made.do(Move("ab"))
        made.do(Move("vote"))  # a comparison has one vote
        made.do(Move("blind", 0.0))
        made.do(Move("blind", 1.0))
        while made._desk.mix == (better == "mix"):  # until chance begins one on the other side
            made.do(Move("blind", 0.0))
            made.do(Move("blind", 1.0))
        made.do(Move("vote"))
    first, second = Ratings(nobody_at_home).load().ratings
    assert (first.source, second.source) == ("vote", "vote")
    assert (first.rating, second.rating) == ((2, 4) if better == "mix" else (4, 2))


def test_trims_that_please_are_kept_with_one_key(folder, nobody_at_home):
    said: list[str] = []
    with playing(Source(path="song.wav"), wait=True) as made:
        opinions = Opinions(said.append)
        for trim in (0.0, 1.0, 1.0, 0.0, 1.0):
            made.do(Move("bass", trim))
            now = made.now_playing()
            assert now is not None
            opinions.keep(now)
        opinions.close()
    kind = said[0].split(" of ")[1].split()[0]
    assert said[0] == f"nothing is new: bass, mid, treble, width of {kind} recordings stand as they are kept"
    kept = f"kept for {kind} recordings, in version 1: bass +1 (was +0); it counts from the next session on"
    assert said[1] == kept
    assert said[2] == said[0]
    assert "bass +0 (was +1)" in said[3]
    (adjustment,) = Versions(nobody_at_home / "profile").current().profile_adjustments.values()
    assert adjustment == 1.0


def test_what_has_no_plan_yet_cannot_be_rated(folder, monkeypatch):
    def fail(*_: object) -> None:
        raise LivemasterError("not today")

    monkeypatch.setattr("livemaster.session.tracks.plan_track", fail)
    said: list[str] = []
    with playing(Source(path="song.wav")) as made, ExitStack() as stack:
        made.tell = said.append  # type: ignore[method-assign]
        player = Studio(made, stack)
        assert not made.snapshot().planned
        assert player.now_playing() is None
        assert said == ["what plays cannot be rated: it has no plan yet, or too little of it was heard"]


def test_a_take_is_there_from_the_beginning_so_that_nobody_else_can_have_its_name(folder):
    with playing(Source(path="song.wav", detect=False), take="take.json"):
        assert json.loads(Path("take.json").read_text())["tracks"][0]["name"] == "song.wav"
        with pytest.raises(OutputError, match=r"take\.json: exists already"):
            Session(SessionWish(sources=(Source(path="song.wav", detect=False),), device=NULL, take="take.json"))


def test_a_take_that_is_being_recorded_is_nobody_elses_whatever_may_be_replaced(folder):
    """By its name, by a link to it; not for figures or a plan either; from `play` and `live`, from any process."""
    Path("link.json").symlink_to("take.json")
    with playing(Source(path="song.wav", detect=False), take="take.json", force=True):
        before = json.loads(Path("take.json").read_text())
        for take in ("take.json", "link.json", str(folder / "take.json")):
            arguments = [take, "--force", "--device", "null", "--headless", "--no-detect", "--duration", "1"]
            assert run(["play", "song.wav", "--take", *arguments]) == 2
            assert run(["play", "song.wav", "--stats", *arguments]) == 2
            assert run(["plan", "song.wav", "--no-detect", "-o", take, "--force"]) == 2
            with pytest.raises(OutputError, match="another session is recording it"):
                listening(file="song.wav", take=take, force=True)
        assert json.loads(Path("take.json").read_text())["tracks"] == before["tracks"]
    with playing(Source(path="song.wav", detect=False), take="take.json", force=True):
        pass
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


def test_two_sessions_that_begin_takes_at_once_have_one_each(folder):
    with playing(Source(path="song.wav", detect=False)) as one, playing(Source(path="song.wav", detect=False)) as other:
        for made in (one, other):
            made.do(Move("record", 1.0))
        assert one.snapshot().take != other.snapshot().take
        for made in (one, other):
            made.do(Move("record", 0.0))
    assert sorted(path.name for path in folder.glob("*.take*.json")) == ["song.take-2.json", "song.take.json"]


def test_a_take_whose_session_was_killed_can_be_recorded_again(folder):
    program = (
        "import time\nfrom livemaster.documents.claim import claimed\n"
        "with claimed('take.json'):\n    print(flush=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program + "    time.sleep(60)"], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(OutputError, match="another session is recording it"), claimed("take.json"):
            pass
        holder.kill()
    with claimed("take.json"):
        pass
    assert list(folder.glob(".*")) == []


def test_takes_in_quick_succession_have_names_of_their_own(folder):
    with playing(Source(path="song.wav", detect=False)) as made:
        for _ in range(3):
            made.do(Move("record", 1.0))
            made.do(Move("record", 0.0))
    assert sorted(path.name for path in folder.glob("*.take*.json")) == [
        "song.take-2.json",
        "song.take-3.json",
        "song.take.json",
    ]


def test_notes_of_a_plan_are_told_once(folder):
    with playing(Source(path="song.wav", emotion="emotion.json"), wait=True) as made:
        for platform in ("youtube", "film", "spotify"):
            made.do(Move("platform", platform))
            until(lambda p=platform: made.snapshot().platform == p, 20.0, platform)
        told = [each for each in made.snapshot().messages if not each.endswith("planning")]
    assert len(told) == len(set(told))


def test_the_last_track_is_said_to_be_the_last(folder):
    with playing(Source(path="song.wav", detect=False)) as made:
        made.do(Move("next_track"))
        made.do(Move("panic"))
        told = made.snapshot().messages
    assert "this is the last track" in told
    assert any(each.startswith("panic: the raw mix") for each in told)


def listening(**wishes: Any) -> Listening:
    return Listening(ListeningWish(device=DeviceWish(device="null", inputs=2), options=PlanOptions(), **wishes))


def test_live_sound_says_what_it_listens_to(folder):
    made = listening()
    try:
        assert made.snapshot().messages[0].startswith("listening to the device null, which is silence: --input names")
    finally:
        made.close()
    made = listening(file="song.wav")
    try:
        assert made.snapshot().messages[0] == "listening to song.wav, playing on null"
        track = made.snapshot().track
        assert track is not None
        assert track.name == "live: song.wav"
        until(lambda: (shown := made.snapshot().track) is not None and len(shown.curve) > 1, 20.0, "a curve")
        assert made.now_playing() is None
    finally:
        made.close()


def test_a_curve_grows_coarser_instead_of_longer():
    curve = History()
    for step in range(100_000):
        curve.add(0.1 * step, step / 100_000)
    points = curve.points()
    assert MOST_POINTS / 2 <= len(points) <= MOST_POINTS
    assert points[0] == (0.0, 0.0)
    assert points[-1][0] > 0.99 * 10_000
    assert all(value == pytest.approx(time_s / 10_000, abs=1e-9) for time_s, value in points)


def test_without_a_screen_the_way_to_a_file_is_said_too(folder, capsys):
    arguments = ("play", "song.wav", "--device", "null", "--headless", "--no-detect", "--duration", "0.3")
    assert run([*arguments, "--take", "my take.json"]) == 0
    assert "as a file: livemaster render song.wav --take 'my take.json'" in capsys.readouterr().err.replace("\n", " ")
    assert run(["render", "song.wav", "--take", "my take.json", "-o", "again.wav"]) == 0


def test_hidden_files_of_a_folder_are_no_tracks(folder):
    inner = folder / "set"
    (inner / ".trash").mkdir(parents=True)
    for name in ("b.wav", "a.WAV", "._a.wav", ".trash/c.wav"):
        shutil.copy("song.wav", inner / name)
    (inner / "notes.txt").write_text("la")
    assert [Path(each).name for each in playlist(["set", "song.wav", "song.wav"], print)] == [
        "a.WAV",
        "b.wav",
        "song.wav",
        "song.wav",
    ]


def test_only_the_master_is_rated(folder):
    said: list[str] = []
    with playing(Source(path="song.wav"), wait=True) as made, ExitStack() as stack:
        player = Studio(made, stack)
        made.tell = said.append  # type: ignore[method-assign]
        assert player.now_playing() is not None
        for move in (Move("ab"), Move("blind")):
            made.do(move)
            assert player.now_playing() is None
    assert "what is heard is the raw mix" in said[0]
    assert "a side of a blind comparison" in said[1]


def test_ratings_are_kept_while_preferences_are_made_of_those_before(folder, nobody_at_home, monkeypatch):
    """However long that takes, and once for all that came meanwhile; what it fails of is told beside them."""
    going, learnings, said = threading.Event(), [], []

    def slow(*_: object) -> str:
        learnings.append(len(Ratings(nobody_at_home).load().ratings))
        going.wait(20.0)
        raise InputError("the validation found something")

    monkeypatch.setattr("livemaster.personal.apply.learned", slow)
    with playing(Source(path="song.wav"), wait=True) as made:
        opinions = Opinions(said.append)
        now = made.now_playing()
        assert now is not None
        opinions.rate(now, 4, "")
        until(lambda: learnings, 10.0, "learning")
        for stars in (1, 2, 3):
            opinions.rate(now, stars, "")
        until(lambda: len(said) == 4, 10.0, "kept")
        assert len(Ratings(nobody_at_home).load().ratings) == 4
        going.set()
        opinions.close()
    assert learnings == [1, 4]
    assert sum(each.startswith("rated song.wav") for each in said) == 4
    assert said.count("the validation found something") == 2


def test_a_rating_that_cannot_be_kept_is_told_even_after_the_end(folder, nobody_at_home, monkeypatch):
    def full(*_: object) -> None:
        raise OutputError("ratings.jsonl: cannot be written: the disk is full")

    monkeypatch.setattr("livemaster.personal.ratings.Ratings.add", full)
    with playing(Source(path="song.wav"), wait=True) as made, ExitStack() as stack:
        player = Studio(made, stack)
        now = player.now_playing()
        assert now is not None
        made.close()
        player.rate(now, 4, "")
        player.close_opinions()
        assert made.snapshot().messages[-1] == "ratings.jsonl: cannot be written: the disk is full"


def test_the_true_peak_that_is_shown_is_that_of_the_sound_however_it_is_read():
    """A reading begins and ends in the middle of a wave: no edge of it is a peak."""
    board, rng = Board.create(), np.random.default_rng(2)
    meters, seconds = LiveMeters(board.heard, 48000, 2), np.arange(4 * 48000) / 48000
    sound = np.tile((0.5 * np.cos(2 * np.pi * 997 * seconds) * np.minimum(seconds, 1.0)).astype(np.float32), (2, 1))
    at = 0
    while at < sound.shape[1]:
        end = at + int(rng.integers(1, 4000))
        board.heard.write(sound[:, at:end])
        meters.listen()
        at = end
    shown = meters.view({})
    for peak in (shown.true_peak_dbtp, shown.largest_true_peak_dbtp):
        assert peak == pytest.approx(20 * np.log10(0.5), abs=0.02)


def test_figures_are_read_while_they_are_counted():
    histogram, done = np.zeros(BINS, np.int64), threading.Event()
    histogram[0] = 1

    def count():
        while not done.is_set():
            histogram[1::2], histogram[1::2] = 1, 0

    counting = threading.Thread(target=count)
    counting.start()
    try:
        found = [percentiles_us(histogram)["max"] for _ in range(2000)]
    finally:
        done.set()
        counting.join()
    assert all(us % BIN_US == 0 for us in found)
