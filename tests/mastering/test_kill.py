"""Law 10, from outside: whatever ends `livemaster render`, and whenever, files are complete or absent."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pieces
import pytest

import livemaster
from livemaster.documents.hidden import MARK

KILLS = 60
"""A third of these moments lie behind the end, lest a busy machine move all of them before it."""
RENDER = [sys.executable, "-c", "from livemaster.cli.main import script; script()", "render"]


def started(*arguments: str) -> subprocess.Popen[str]:
    command = [*RENDER, *arguments]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A song so long that half of the time of a run is work, and its master as it should be."""
    folder = tmp_path_factory.mktemp("song")
    source = pieces.write(folder / "song.wav", pieces.piece(12.0))
    with started(str(source), "-o", str(folder / "whole.wav")) as warm:
        assert warm.wait() == 0
    return source


def lasting_s(song: Path, out: Path) -> float:
    begun_s = time.perf_counter()
    with started(str(song), "-o", str(out / "master.wav")) as run:
        assert run.wait() == 0
    return time.perf_counter() - begun_s


def hidden(out: Path) -> list[Path]:
    return [path for path in out.iterdir() if path.name.startswith(".")]


def test_killed_at_any_moment_there_is_no_master_or_a_whole_one(song, tmp_path):
    """From before the first import to after the rename; a whole one equals the master of an undisturbed run."""
    out = tmp_path / "out"
    out.mkdir()
    whole, before = song.with_name("whole.wav").read_bytes(), digest(song)
    lasts_s = lasting_s(song, out)
    moments = random.Random(10)
    seen = {"absent": 0, "complete": 0}
    leftovers = 0
    for kill in range(KILLS):
        for path in (out / "master.wav", out / "master.wav.settings.json"):
            path.unlink(missing_ok=True)
        moment_s = lasts_s * (kill + moments.random()) / KILLS * 1.4
        with started(str(song), "-o", str(out / "master.wav")) as run:
            with contextlib.suppress(subprocess.TimeoutExpired):
                run.wait(moment_s)
            run.kill()
            run.wait()
        if (out / "master.wav").exists():
            seen["complete"] += 1
            assert (out / "master.wav").read_bytes() == whole
        else:
            seen["absent"] += 1
            assert not (out / "master.wav.settings.json").exists()
        assert digest(song) == before
        assert all(MARK in path.name for path in hidden(out))
        shown = {p.name for p in out.iterdir()} - {p.name for p in hidden(out)}
        assert shown <= {"master.wav", "master.wav.settings.json"}
        leftovers = max(leftovers, len(hidden(out)))
    assert min(seen.values()) >= 3, f"the moments lie on both sides of the rename: {seen}"
    assert leftovers >= 1, "some moments lie inside the work"
    with started(str(song), "-o", str(out / "master.wav"), "--force") as run:
        assert run.wait() == 0
    assert sorted(path.name for path in out.iterdir()) == ["master.wav", "master.wav.settings.json"]
    assert [path.name for path in song.parent.iterdir() if path.name.startswith(".")] == []


def test_what_was_there_before_stays_until_the_new_master_is_whole(song, tmp_path):
    (tmp_path / "master.wav").write_bytes(b"my old master")
    (tmp_path / "master.wav.settings.json").write_bytes(b"my old plan")
    (tmp_path / "out").mkdir()
    lasts_s = lasting_s(song, tmp_path / "out")
    whole = song.with_name("whole.wav").read_bytes()
    for share in (0.4, 0.7, 0.9):
        with started(str(song), "-o", str(tmp_path / "master.wav"), "--force") as run:
            with contextlib.suppress(subprocess.TimeoutExpired):
                run.wait(share * lasts_s)
            run.kill()
            run.wait()
        assert (tmp_path / "master.wav").read_bytes() in (b"my old master", whole)


def while_writing(out: Path, run: subprocess.Popen[str]) -> None:
    """Wait until the hidden file is there."""
    begun_s = time.perf_counter()
    while not hidden(out):
        assert run.poll() is None, "it was too fast"
        assert time.perf_counter() - begun_s < 60.0
        time.sleep(0.002)


@pytest.mark.parametrize(
    ("number", "status", "said"),
    [(signal.SIGINT, 130, "livemaster: interrupted\n"), (signal.SIGTERM, 143, ""), (signal.SIGHUP, 129, "")],
)
@pytest.mark.parametrize("name", ["master.wav", "master.mp3"])
@pytest.mark.parametrize("delay_s", [0.0, 0.1])
def test_a_signal_leaves_nothing(song, tmp_path, number, status, said, name, delay_s):
    (tmp_path / "out").mkdir()
    (tmp_path / "spool").mkdir()
    command = [*RENDER, str(song), "-o", str(tmp_path / "out" / name)]
    environment = os.environ | {"TMPDIR": str(tmp_path / "spool")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as run:
        while_writing(tmp_path / "out", run)
        time.sleep(delay_s)
        run.send_signal(number)
        out, err = run.communicate()
    assert (run.returncode, out, err) == (status, "", said)
    assert pieces.listing(tmp_path) == {"out": None, "spool": None}


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("source", ["song.ogg", "-"])
def test_a_signal_leaves_no_temporary_audio(song, tmp_path, number, status, source):
    """Decoded audio and standard input are kept in temporary files, which go as well."""
    (tmp_path / "spool").mkdir()
    ogg = pieces.write(tmp_path / "song.ogg", pieces.piece(20.0))
    command = [*RENDER, str(ogg) if source != "-" else "-", "-o", str(tmp_path / "master.wav")]
    environment = os.environ | {"TMPDIR": str(tmp_path / "spool")}
    with (
        song.open("rb") as stdin,
        subprocess.Popen(command, stdin=stdin, stderr=subprocess.PIPE, env=environment) as run,
    ):
        while_writing(tmp_path, run)
        run.send_signal(number)
        run.communicate()
    assert run.returncode == status
    assert set(pieces.listing(tmp_path)) == {"song.ogg", "spool"}


def test_an_interrupted_python_program_leaves_nothing(tmp_path):
    """Ctrl-C while a function of the library works, in any of its steps."""
    source = pieces.write(tmp_path / "song.wav", pieces.piece(2.0))
    steps: list[str] = []

    def interrupt_in(step_wanted: str):
        def progress(step: str, share: float) -> None:
            steps.append(step)
            if step == step_wanted and share > 0.0:
                raise KeyboardInterrupt

        return progress

    livemaster.render(source, tmp_path / "x.mp3", progress=interrupt_in(""))
    (tmp_path / "x.mp3").unlink()
    assert list(dict.fromkeys(steps)) == ["listening", "surveying", "rendering", "checking"]
    for step in dict.fromkeys(steps):
        with pytest.raises(KeyboardInterrupt):
            livemaster.render(source, tmp_path / "x.mp3", progress=interrupt_in(step))
        assert list(pieces.listing(tmp_path)) == ["song.wav"]
