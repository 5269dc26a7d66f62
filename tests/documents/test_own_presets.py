"""Presets of one's own, by path or from the user's folder, beside ours."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pieces
import pytest

from livemaster.cli.main import run
from livemaster.documents.config import config_dir
from livemaster.documents.presets import KINDS, OWN_KINDS, preset_names, preset_path, presets_dir
from livemaster.errors import SettingsError, UnknownNameError
from livemaster.mastering.chains import chain
from livemaster.midi.mapping import find_mapping
from livemaster.planning import curve, mode, platform


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pieces.write(tmp_path / "mix.wav", pieces.piece(6.0))
    return tmp_path


def made(path: Path, like: str, **changes: object) -> Path:
    """A preset like one of ours, with changes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(json.loads((presets_dir() / like).read_text("utf-8")) | changes))
    return path


def own(kind: str, name: str, like: str, **changes: object) -> Path:
    return made(config_dir() / "presets" / KINDS[kind] / f"{name}.json", f"{KINDS[kind]}/{like}.json", **changes)


def printed(capsys, *arguments: str) -> dict:
    assert run([*arguments]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_platform_in_a_file_is_mastered_for_and_its_plan_performs_again(folder, capsys):
    made(folder / "mine.json", "platforms/spotify.json", integrated_lufs=-17.0, true_peak_dbtp=-2.0)
    report = printed(capsys, "render", "mix.wav", "-o", "a.wav", "--platform", "./mine.json", "--no-detect", "--json")
    assert report["output"]["integrated_lufs"] == pytest.approx(-17.0, abs=0.1)
    assert report["output"]["true_peak_dbtp"] <= -1.95
    assert report["target"]["platform"] == str(folder / "mine.json")
    again = printed(capsys, "render", "mix.wav", "-o", "b.wav", "--settings", "a.wav", "--json")
    assert again["output"] == report["output"]


def test_presets_of_the_users_folder_are_listed_and_found_by_any_spelling(folder, capsys):
    own("platform", "my_label", "spotify", title="My label", integrated_lufs=-11.0)
    own("mode", "mine", "lofi")
    own("curve", "mine", "warm_cinematic")
    own("chain", "mine", "default")
    own("MIDI mapping", "my_box", "generic")
    listed = printed(capsys, "presets", "list", "--json")
    assert "my_label" in listed["platform"]
    assert all("mine" in listed[kind] for kind in ("mode", "curve", "chain"))
    assert run(["presets", "list"]) == 0
    assert "your own" in capsys.readouterr().out
    assert platform("My Label").integrated_lufs == -11.0
    assert (mode("Mine").name, curve("mine").name, chain("mine").name) == ("mine", "mine", "mine")
    assert find_mapping("My-Box").bindings == find_mapping("generic").bindings


def test_a_preset_called_like_one_of_ours_stands_in_for_it(folder):
    ours = json.loads((presets_dir() / "platforms" / "spotify.json").read_text("utf-8"))["integrated_lufs"]
    own("platform", "spotify", "spotify", integrated_lufs=-9.0)
    assert platform("Spotify").integrated_lufs == -9.0 != ours
    assert preset_names("platform").count("spotify") == 1


@pytest.mark.parametrize("kind", sorted({*KINDS} - {*OWN_KINDS}))
def test_what_is_shared_with_others_means_the_same_to_everybody(folder, kind):
    own(kind, "mine", preset_names(kind)[0])
    assert "mine" not in preset_names(kind)
    with pytest.raises(UnknownNameError):
        preset_path(kind, "mine")
    with pytest.raises(SettingsError, match="there is no such file"):
        preset_path(kind, str(own(kind, "mine", preset_names(kind)[0])))


def test_a_file_that_is_none_or_holds_something_else(folder, capsys):
    (folder / "text.json").write_text("no")
    made(folder / "mode.json", "modes/lofi.json")
    os.mkfifo(folder / "pipe.json")
    for name, message in (
        ("./none.json", 'platform "./none.json": there is no such file'),
        ("pipe.json", 'platform "pipe.json": there is no such file'),
        ("text.json", f"{folder}/text.json: line 1, column 1: Expecting value"),
        ("mode.json", f"{folder}/mode.json: unknown key "),
    ):
        assert run(["render", "mix.wav", "-o", "x.wav", "--platform", name]) == 2
        err = capsys.readouterr().err
        assert err.startswith(f"livemaster: {message}")
        assert err.count("\n") == 1
    assert not (folder / "x.wav").exists()
    assert run(["presets", "show", "./mode.json"]) == 2  # which shows presets by name
    assert capsys.readouterr().err.startswith("livemaster: unknown preset './mode.json'")
