"""What is kept of a listener is readable for the listener alone, however wide the folder's rights were before."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from livemaster.cli.main import run
from livemaster.documents import write_bytes
from livemaster.personal import apply, masters, ratings, sharing
from livemaster.personal.home import OURS, PROFILE

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="rights of another kind")

OTHERS = 0o077


@pytest.fixture(autouse=True)
def generous() -> Iterator[None]:
    """Whatever is made without a word about rights is everybody's."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def song(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    noise = np.random.default_rng(5).standard_normal((2, 44100)) * 0.1
    soundfile.write("song.wav", noise.T, 44100)
    return "song.wav"


def wide(folder: Path) -> list[str]:
    """Everything of the listener's that others may read, write or enter."""
    ours = [each for name in (*OURS, ".lock") for each in ((folder / name), *(folder / name).rglob("*"))]
    return [str(each.relative_to(folder)) for each in ours if each.exists() and each.stat().st_mode & OTHERS]


EVERYTHING: dict[str, Callable[[str], list[str]]] = {
    "rate": lambda song: ["rate", song, "--rating", "4", "--bass", "1"],
    "render": lambda song: ["render", song, "-o", "m.wav", "--force", "--no-settings", "--no-detect", "--treble", "1"],
    "keep": lambda song: ["render", song, "-o", "k.wav", "--force", "--no-settings", "--bass", "1", "--keep"],
    "profile set": lambda _: ["profile", "set", "--gear", "car"],
    "profile rollback": lambda _: ["profile", "rollback", "0"],
    "profile auto": lambda _: ["profile", "auto", "on"],
    "share enable": lambda _: ["share", "enable"],
    "share view": lambda _: ["share", "view"],
}


@pytest.mark.parametrize("command", EVERYTHING)
@pytest.mark.parametrize("state", ["missing", "there", "wide"])
def test_nothing_that_a_command_keeps_is_for_others(song: str, nobody_at_home: Path, command: str, state: str) -> None:
    """The folder not there, there with all rights, and there with files of ours that have all rights."""
    if state != "missing":
        nobody_at_home.mkdir(mode=0o777, parents=True)
    if state == "wide":
        for each in ("rate", "profile set"):
            assert run(EVERYTHING[each](song)) == 0
        for each in nobody_at_home.rglob("*"):
            each.chmod(0o777 if each.is_dir() else 0o666)
        assert len(wide(nobody_at_home)) > 10, "history included"
    foreign = nobody_at_home / "foreign.txt"
    if state != "missing":
        foreign.write_text("somebody else's")
    assert run(EVERYTHING[command](song)) == 0
    assert wide(nobody_at_home) == []
    if state != "missing":
        assert foreign.stat().st_mode & 0o777 == 0o666, "not ours"
        assert nobody_at_home.stat().st_mode & 0o777 == 0o777, "the folder is not ours alone"
    else:
        assert nobody_at_home.stat().st_mode & OTHERS == 0


def test_all_that_is_kept_is_known_to_be_ours() -> None:
    """So that it is made private, exported and deleted."""
    assert set(OURS) == {ratings.FILE, masters.FILE, apply.FILE, sharing.FILE, PROFILE}


def test_what_is_brought_back_is_for_its_owner_alone(song: str, nobody_at_home: Path) -> None:
    for command in ("rate", "profile set"):
        assert run(EVERYTHING[command](song)) == 0
    assert run(["personal", "export", "-o", "me.tar.gz"]) == 0
    assert Path("me.tar.gz").stat().st_mode & OTHERS == 0
    assert run(["personal", "delete-all", "--yes"]) == 0
    nobody_at_home.mkdir(mode=0o777)
    assert run(["personal", "import", "me.tar.gz"]) == 0
    assert wide(nobody_at_home) == []


def test_folders_above_that_are_made_are_for_their_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEMASTER_HOME", str(tmp_path / "a" / "b" / "c"))
    assert run(["profile", "set", "--gear", "car"]) == 0
    assert [path.stat().st_mode & OTHERS for path in (tmp_path / "a", tmp_path / "a/b", tmp_path / "a/b/c")] == [0] * 3


def test_a_private_file_is_private_from_its_first_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who opens it while it is empty can read it for ever: so it must never have been open to others."""
    made: list[int] = []
    opened = os.open

    def watched(path: str, flags: int, mode: int = 0o777, **more: int) -> int:
        handle = opened(path, flags, mode, **more)
        made.append(os.fstat(handle).st_mode)
        return handle

    monkeypatch.setattr(os, "open", watched)
    write_bytes(tmp_path / "mine", b"x", private=True)
    assert made
    assert not any(mode & OTHERS for mode in made)
