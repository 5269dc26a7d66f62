"""What belongs to a file bears its whole name: two masters, mixes or takes beside each other want different files."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pieces
import pytest

import livemaster
from livemaster.audio import FORMATS
from livemaster.cli.main import run
from livemaster.errors import SettingsError
from livemaster.mastering.batch import find_tracks
from livemaster.mastering.beside import named_plan, plan_beside, plan_of
from livemaster.personal.rate import _beside
from livemaster.session.preflight import input_beside

QUIETLY = ["--no-detect", "--no-personal"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a mix, elsewhere than its masters."""
    monkeypatch.chdir(tmp_path)
    Path("mixes").mkdir()
    pieces.write(Path("mixes/mix.wav"), pieces.piece(1.0))
    return tmp_path


def test_masters_in_every_format_stand_beside_each_other_with_their_plans(folder):
    for number, suffix in enumerate(FORMATS):
        command = ["render", "mixes/mix.wav", "-o", f"song{suffix}", "--target-lufs", str(-20 - number), *QUIETLY]
        assert run(command) == 0
    for number, suffix in enumerate(FORMATS):
        plan = json.loads(Path(f"song{suffix}.settings.json").read_text())
        assert plan["global"]["target_lufs"] == -20 - number
        assert named_plan(f"song{suffix}") == Path(f"song{suffix}.settings.json")
    assert len(list(folder.glob("song*"))) == 2 * len(FORMATS)


def test_masters_of_mixes_that_differ_in_their_extension_only_get_names_of_their_own(folder):
    pieces.write(Path("mixes/mix.flac"), pieces.piece(1.0))
    pieces.write(Path("mixes/other.flac"), pieces.piece(1.0))
    for mix in ("mix.wav", "mix.flac", "other.flac"):
        assert run(["render", f"mixes/{mix}", *QUIETLY]) == 0
    made = ("mix.wav.master.wav", "mix.flac.master.wav", "other.master.wav")
    assert {path.name for path in Path("mixes").iterdir()} == {
        *("mix.wav", "mix.flac", "other.flac"),
        *itertools.chain.from_iterable((name, f"{name}.settings.json") for name in made),
    }


def test_settings_takes_a_plan_a_master_and_the_names_of_earlier_versions(folder):
    assert run(["render", "mixes/mix.wav", "-o", "song.wav", "--target-lufs", "-23", *QUIETLY]) == 0
    wanted = Path("song.wav").read_bytes()
    ways = ["song.wav.settings.json", "song.settings.json", "song.wav"]
    for number, given in enumerate(ways):
        assert run(["render", "mixes/mix.wav", "-o", f"again{number}.wav", "--settings", given, "--no-settings"]) == 0
        assert Path(f"again{number}.wav").read_bytes() == wanted
    livemaster.render("mixes/mix.wav", "python.wav", settings="song.wav", personal=None)
    assert Path("python.wav").read_bytes() == wanted


def test_a_plan_by_its_older_name_is_read_and_goes_behind_one_by_its_own(folder):
    for number, name in enumerate(("song.settings.json", "song.wav.settings.json")):
        settings = {"global": {"target_lufs": -20 - number, "tone": {"low": float(number)}}}
        pieces.write_json(Path(name), settings)
        Path("song.wav").touch()
        assert plan_of("song.wav") == named_plan("song.wav") == Path(name)
        assert named_plan("song.settings.json") == Path("song.settings.json")
        assert _beside(Path("song.wav")).bass_adjustment_db == number


def test_an_older_name_that_several_plans_could_mean_is_refused(folder, capsys):
    for name in ("song.flac.settings.json", "song.wav.settings.json"):
        pieces.write_json(Path(name), {"global": {}})
    with pytest.raises(SettingsError) as caught:
        named_plan("song.settings.json")
    said = "song.settings.json: no such file; name one of song.wav.settings.json and song.flac.settings.json"
    assert str(caught.value) == said
    assert run(["render", "mixes/mix.wav", "-o", "x.wav", "--settings", "song.settings.json"]) == 2
    assert capsys.readouterr().err == f"livemaster: {said}\n"


def test_a_plan_that_is_nowhere_is_named_as_it_was_given(folder, capsys):
    for given in ("no.settings.json", "no.json", "no.wav"):
        assert run(["render", "mixes/mix.wav", "-o", "x.wav", "--settings", given]) == 2
        assert capsys.readouterr().err.startswith(f"livemaster: {given}: ")


def test_what_is_made_of_different_names_has_different_names():
    stems = ("a", "a.b", "a.wav", "a.json")
    masters = [f"{stem}{suffix}" for stem in stems for suffix in FORMATS]
    assert len({plan_beside(name) for name in masters}) == len(masters)
    takes = [f"{stem}{suffix}" for stem in stems for suffix in (".json", ".take", ".txt")]
    assert len({input_beside(name) for name in takes}) == len(takes)
    assert input_beside("t.json") == Path("t.input.wav")
    assert input_beside("t.take") == Path("t.take.input.wav")


def test_maps_of_different_files_have_different_names(folder):
    given = ["x/song.wav", "y/song.wav", "y/song.flac", "y/song.flac.wav", "y/other.wav", "mixes"]
    for path in given[:-1]:
        Path(path).parent.mkdir(exist_ok=True)
        Path(path).touch()
    Path("mixes/mix.flac").touch()
    stems = [track.stem for track in find_tracks(given).tracks]
    assert stems == ["x/song.wav", "y/song.wav", "y/song.flac", "song.flac.wav", "other", "mix.flac", "mix.wav"]
