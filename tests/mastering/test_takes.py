"""Takes: what was played is rendered again bit for bit; files that do not fit say so."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from livemaster.cli.main import run
from livemaster.engine import Command, Cue, Engine, Performance
from livemaster.mastering.chains import chain
from livemaster.mastering.job import Source, no_progress, open_mix, prepare
from livemaster.mastering.render import Rendering
from livemaster.mastering.take_file import TakeFile, TakePlan, TakeSegment, TakeTrack, event_data
from livemaster.mastering.take_render import ReaderTape, file_hash
from livemaster.plan_options import PlanOptions

RATE = 44100
MAPS = {
    "arrangement.json": {"structure": [{"section": n, "start": 5 * i, "end": 5 * i + 5} for i, n in enumerate("ABC")]},
    "emotion.json": {
        "curve": [{"time": 1 + 5 * i, "emotion": "x", "intensity": v} for i, v in enumerate((0.2, 0.9, 0.5))]
    },
}


@pytest.fixture(scope="module")
def song(tmp_path_factory, demo_song):
    folder = tmp_path_factory.mktemp("take")
    audio = demo_song.audio[:, 20 * RATE : 35 * RATE]
    sf.write(folder / "song.wav", audio.T, RATE, "FLOAT")
    sf.write(folder / "other.wav", audio[:, ::-1][:, : 4 * RATE].T, RATE, "PCM_16")
    for name, data in MAPS.items():
        (folder / name).write_text(json.dumps(data))
    return folder


def score_of(folder, name="song.wav", **wishes):
    source = Source(
        path=folder / name,
        arrangement=folder / "arrangement.json" if name == "song.wav" else None,
        emotion=folder / "emotion.json" if name == "song.wav" else None,
        options=PlanOptions(**wishes),
        detect=False,
    )
    with open_mix(source) as mix:
        prepared = prepare(mix, no_progress)
        return Rendering(prepared, chain(prepared.plan.global_.chain), no_progress).rehearse()


@pytest.fixture(scope="module")
def played(song):
    """A performance of two tracks and three plans in blocks of 128, as a device asks for it, and its take."""
    scores = [score_of(song), score_of(song, mode="lofi", platform="youtube"), score_of(song, "other.wav")]
    programs = [score.program(RATE) for score in scores]
    from livemaster.audio import open_reader

    with open_reader(song / "song.wav") as first, open_reader(song / "other.wav") as second:
        readers = [first, second]
        engine = Engine(scores[0].chain.graph, RATE, 2, program=programs[0], max_quanta=16)
        log = []
        plans = [engine.packed(program) for program in programs]
        made = Performance(engine, plans, lambda track, position: ReaderTape(readers[track]), log.append)
        script = {
            0: Cue(0, 0),
            200: Command(None, "reactivity", 0.2),
            500: Command(None, "compare.mix", 1.0),
            501: Command(None, "match", 1.0),
            900: Cue(None, 0, 400_000, 0, 1323),
            1200: Cue(None, 0, 128 * 300 + 400_000, 1, 0),
            1500: Command(None, "compare.mix", None),
            1800: Cue(None, None, 0, 1, 2205),
            2000: Cue(None, 1, 0, 2, 1323),
            2300: Command(None, "intensity", 0.9),
            2301: Command(None, "override", 1.0),
        }
        blocks = []
        for number in range(3000):
            if number in script:
                made.do(script[number])
            blocks.append(np.empty((2, 128), np.float32))
            made.render(blocks[-1])
    heard = np.concatenate(blocks, axis=1)[:, made.latency :]
    take = TakeFile(
        rate_hz=RATE,
        channels=2,
        tracks=tuple(
            TakeTrack(name=n, frames=r.frames, sha256=file_hash(song / n))
            for n, r in zip(("song.wav", "other.wav"), readers, strict=True)
        ),
        plans=tuple(TakePlan.of(score) for score in scores),
        segments=(TakeSegment(events=tuple(map(event_data, log)), frames=heard.shape[1]),),
    )
    (song / "take.json").write_text(json.dumps(take.to_data()))
    assert len(log) == len(script)
    return heard, take


def render(*arguments: str | Path) -> int:
    return run(["render", *map(str, arguments)])


def test_a_take_renders_what_was_heard_bit_for_bit(song, played, tmp_path):
    heard, take = played
    out = tmp_path / "again.wav"
    code = render(song / "song.wav", song / "other.wav", "--take", song / "take.json", "-o", out, "--bit-depth", 32)
    assert code == 0
    again, rate_hz = sf.read(out, dtype="float32")
    assert rate_hz == RATE
    assert np.array_equal(again.T, heard)
    assert TakeFile.load(song / "take.json") == take


def test_a_take_without_moves_is_what_render_makes_of_the_song(song, tmp_path):
    score = score_of(song)
    take = TakeFile(
        rate_hz=RATE,
        channels=2,
        tracks=(TakeTrack(name="song.wav", frames=15 * RATE),),
        plans=(TakePlan.of(score),),
        segments=(TakeSegment(events=(event_data(Cue(0, 0)),)),),
    )
    (tmp_path / "take.json").write_text(json.dumps(take.to_data()))
    maps = ["--arrangement", song / "arrangement.json", "--emotion", song / "emotion.json", "--no-detect"]
    assert render(song / "song.wav", *maps, "-o", tmp_path / "a.wav", "--bit-depth", 32) == 0
    assert render(song / "song.wav", "--take", tmp_path / "take.json", "-o", tmp_path / "b.wav", "--bit-depth", 32) == 0
    assert np.array_equal(sf.read(tmp_path / "a.wav")[0], sf.read(tmp_path / "b.wav")[0])


def test_a_session_of_loopmind_moves_the_intensity(song, tmp_path, capsys):
    session = {
        "session": "live",
        "actions": [{"time": 2.0, "emotion": "calm"}, {"time": 8, "emotion": "x", "intensity": 1}],
    }
    (tmp_path / "session.json").write_text(json.dumps(session))
    maps = ["--arrangement", song / "arrangement.json", "--emotion", song / "emotion.json", "--no-detect"]
    assert render(song / "song.wav", *maps, "-o", tmp_path / "a.wav", "--bit-depth", 32) == 0
    out = tmp_path / "b.wav"
    assert render(song / "song.wav", *maps, "--take", tmp_path / "session.json", "-o", out, "--bit-depth", 32) == 0
    a, b = (sf.read(tmp_path / f"{name}.wav", dtype="float32")[0] for name in "ab")
    assert np.array_equal(a[: 2 * RATE - 1000], b[: 2 * RATE - 1000])
    level_db = 20 * np.log10(np.std(b[9 * RATE : 10 * RATE]) / np.std(b[6 * RATE : 7 * RATE]))
    own_db = 20 * np.log10(np.std(a[9 * RATE : 10 * RATE]) / np.std(a[6 * RATE : 7 * RATE]))
    assert level_db - own_db > 3.0
    assert "3 moves, 1 cues" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t["segments"][0]["events"].append({"frame": 1, "set": "reactvity", "to": 1.0}), "reactvity"),
        (lambda t: t["segments"][0]["events"].append({"frame": 1}), "exactly one of set, cue and remark"),
        (lambda t: t["segments"][0]["events"].append({"set": "amount", "to": 1.0}), "neither frame nor time"),
        (lambda t: t["segments"][0]["events"].append({"frame": -1, "set": "amount", "to": 1.0}), "frame is -1"),
        (lambda t: t["segments"][0]["events"].append({"frame": 1, "cue": {"track": 7}}), "track is 7, there are 2"),
        (lambda t: t["segments"][0].update(positions={"amount": 2.0}), "amount is 2, allowed are 0 to 1"),
        (lambda t: t["segments"][0].update(plan=3), "plan is 3, there are 3"),
        (lambda t: t.update(rate_hz=7), "rate_hz is 7"),
        (lambda t: t.update(schema_version=9), "schema_version"),
        (lambda t: t["plans"].clear(), "plans"),
        (lambda t: t["plans"][0]["levels"]["gains_db"][0].pop(), "gains_db"),
    ],
)
def test_a_take_that_makes_no_sense_is_refused(song, played, tmp_path, capsys, change, words):
    data = json.loads((song / "take.json").read_text())
    change(data)
    (tmp_path / "bad.json").write_text(json.dumps(data))
    code = render(song / "song.wav", song / "other.wav", "--take", tmp_path / "bad.json", "-o", tmp_path / "x.wav")
    assert code == 2
    said = capsys.readouterr().err
    assert words in said
    assert "bad.json" in said
    assert not (tmp_path / "x.wav").exists()


def test_another_song_is_warned_of(song, played, tmp_path, capsys):
    (tmp_path / "third.wav").write_bytes((song / "other.wav").read_bytes())
    paths = (tmp_path / "third.wav", song / "other.wav")
    assert render(*paths, "--take", song / "take.json", "-o", tmp_path / "x.wav") == 0
    said = capsys.readouterr().err
    assert "third.wav: is not the file that the take was played from (song.wav)" in said


def test_its_own_tracks_in_another_order_are_refused(song, played, tmp_path, capsys):
    paths = (song / "other.wav", song / "song.wav")
    assert render(*paths, "--take", song / "take.json", "-o", tmp_path / "x.wav") == 2
    assert "given in another order than they were played: song.wav, other.wav" in capsys.readouterr().err
    assert not (tmp_path / "x.wav").exists()


def test_a_folder_stands_for_its_files_as_it_does_for_play(song, played, tmp_path):
    """Whose names happen to be in the other order."""
    folder, data = tmp_path / "set", json.loads((song / "take.json").read_text())
    folder.mkdir()
    for number, track in enumerate(data["tracks"]):
        track["name"] = f"{number}.wav"
        (folder / track["name"]).write_bytes((song / ("song.wav", "other.wav")[number]).read_bytes())
    (folder / ".hidden.wav").write_bytes((song / "song.wav").read_bytes())
    (tmp_path / "set.json").write_text(json.dumps(data))
    named = (folder / "0.wav", folder / "1.wav")
    assert render(*named, "--take", tmp_path / "set.json", "-o", tmp_path / "named.wav") == 0
    assert render(folder, "--take", tmp_path / "set.json", "-o", tmp_path / "folder.wav") == 0
    assert (tmp_path / "named.wav").read_bytes() == (tmp_path / "folder.wav").read_bytes()


def test_what_lies_past_the_end_is_said(song, played, tmp_path, capsys):
    data = json.loads((song / "take.json").read_text())
    data["segments"][0]["events"].append({"time": 100.0, "set": "amount", "to": 0.0})
    (tmp_path / "late.json").write_text(json.dumps(data))
    out = tmp_path / "x.wav"
    assert render(song / "song.wav", song / "other.wav", "--take", tmp_path / "late.json", "-o", out) == 0
    assert "1 events lie past the end" in capsys.readouterr().err


def test_the_tracks_must_be_as_many_as_were_played(song, played, tmp_path, capsys):
    assert render(song / "song.wav", "--take", song / "take.json", "-o", tmp_path / "x.wav") == 2
    assert "was played from 2 tracks (song.wav, other.wav), one is given" in capsys.readouterr().err
    assert render(song / "song.wav", song / "other.wav", "-o", tmp_path / "x.wav") == 2
    assert "several belong to a --take" in capsys.readouterr().err


def test_wishes_that_the_takes_own_plans_would_ignore_are_refused(song, played, tmp_path, capsys):
    paths = (song / "song.wav", song / "other.wav", "--take", song / "take.json", "-o", tmp_path / "x.wav")
    for wish in (
        ("--platform", "youtube"),
        ("--bass", "2"),
        ("--emotion", song / "emotion.json"),
        ("--sample-rate", 48000),
    ):
        assert render(*paths, *wish) == 2
        assert "brings its own plans" in capsys.readouterr().err


def test_a_take_of_before_the_corner_at_reactivity_1_5_goes_on_along_its_line(played):
    _, take = played
    old = take.to_data()
    corners, by_hand = [-4.0, -2.0, 0.0, 1.0, 6.0, 6.0], [-3.0, -2.0, 0.0, 1.0, 2.0, 3.0, 5.0, 6.0, 8.0]
    for plan in old["plans"]:
        plan["levels"]["gains_db"] = [corners + by_hand] * len(plan["levels"]["gains_db"])
    found = TakeFile.parse(old).plans[0].score.levels.gains_db[0]
    assert found[:9] == (-4.0, -2.0, -1.0, 0.0, 1.0, 1.5, 6.0, 6.0, 6.0)
    assert found[9:15] == (-3.0, -2.0, 0.0, -2.5, -1.0, 2.0)
