"""An output is complete or absent, the input untouched, whatever ends the work."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import signal
import stat
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from livemaster.audio import Tags, open_reader, open_writer, write_tags
from livemaster.audio.spool import new_spool, remove_all
from livemaster.documents.hidden import MARK, HiddenFile, discard_all
from livemaster.errors import OutputError

SUFFIXES = ["wav", "aiff", "flac", "ogg", "mp3"]


def noise(frames: int, seed: int = 1) -> np.ndarray:
    x = np.random.default_rng(seed).standard_normal((2, frames)) * 0.1
    return x.astype(np.float32)


def run_script(body: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(body), *arguments], stdout=subprocess.PIPE, text=True
    )


KILLED_50_TIMES = """
    import json, os, random, signal, sys, time
    from pathlib import Path
    import numpy as np
    from livemaster.audio import Tags, open_reader, open_writer, write_tags
    from livemaster.documents.hidden import MARK

    folder = Path(sys.argv[1])
    mix, master, whole = folder / "mix.wav", folder / "out" / "master.wav", folder / "whole.wav"

    def job(target):
        with open_reader(mix) as reader, open_writer(target, 44100, 2, force=True, inputs=[mix]) as writer:
            for portion in reader.chunks(4096):
                writer.write(portion)
            writer.commit()

    job(whole)
    started = time.perf_counter()
    job(master)
    lasts_s = time.perf_counter() - started
    moments = random.Random(1)
    seen = {"absent": 0, "complete": 0, "broken": 0, "leftovers": 0}
    for _ in range(50):
        if moments.random() < 0.7:
            master.unlink(missing_ok=True)
        child = os.fork()
        if child == 0:
            job(master)
            os._exit(0)
        time.sleep(moments.uniform(0, 2.5 * lasts_s))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        if not master.exists():
            seen["absent"] += 1
        else:
            seen["complete" if master.read_bytes() == whole.read_bytes() else "broken"] += 1
        hidden = [p for p in master.parent.iterdir() if p != master]
        assert all(MARK in p.name and p.name.startswith(".") for p in hidden), hidden
        seen["leftovers"] = max(seen["leftovers"], len(hidden))
    job(master)
    seen["at the end"] = [p.name for p in master.parent.iterdir()]
    print(json.dumps(seen))
"""


def test_killed_at_50_random_moments_leaves_no_file_or_a_complete_one(tmp_path):
    mix = tmp_path / "mix.wav"
    sf.write(mix, noise(400_000).T, 44100, subtype="PCM_24")
    (tmp_path / "out").mkdir()
    before = mix.read_bytes()
    script = run_script(KILLED_50_TIMES, str(tmp_path))
    seen = json.loads(script.communicate()[0])
    assert script.returncode == 0
    assert seen["broken"] == 0
    assert seen["absent"] + seen["complete"] == 50
    assert min(seen["absent"], seen["complete"]) >= 3, "the moments hit both sides of the rename"
    assert seen["leftovers"] == 1, "a kill leaves at most one hidden file, which the next run removes"
    assert seen["at the end"] == ["master.wav"]
    assert mix.read_bytes() == before


INTERRUPTED = """
    import sys, time
    import numpy as np
    from livemaster.audio import open_writer

    with open_writer(sys.argv[1], 44100, 2) as writer:
        writer.write(np.ones((2, 100000), np.float32))
        print("writing", flush=True)
        time.sleep(60)
"""


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_leaves_nothing(tmp_path, number, status):
    script = run_script(INTERRUPTED, str(tmp_path / "x.flac"))
    assert script.stdout is not None
    assert script.stdout.readline() == "writing\n"
    assert len(list(tmp_path.iterdir())) == 1
    script.send_signal(number)
    assert script.wait() == status
    script.stdout.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, SystemExit])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_exception_leaves_nothing(tmp_path, suffix, error):
    def fail() -> None:
        with open_writer(tmp_path / f"x.{suffix}", 44100, 2) as writer:
            writer.write(noise(5000))
            assert [p.name[0] for p in tmp_path.iterdir()] == ["."]
            raise error

    with pytest.raises(error):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_without_commit_there_is_nothing_and_the_old_file_stays(tmp_path):
    (tmp_path / "x.wav").write_text("old")
    with open_writer(tmp_path / "x.wav", 44100, 2, force=True) as writer:
        writer.write(noise(5000))
        writer.finish()
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("x.wav", "old")]


def test_what_a_process_forked_off_ends_with_is_not_its_parents_file(tmp_path, monkeypatch):
    spooled = new_spool()
    with open_writer(tmp_path / "x.wav", 44100, 2) as writer:
        with monkeypatch.context() as patch:
            patch.setattr(os, "getpid", lambda: -1)
            discard_all()
            remove_all()
        writer.write(noise(1000))
        writer.commit()
    assert spooled.exists()
    remove_all()
    assert not spooled.exists()


def test_a_file_that_another_process_takes_for_stale_before_it_is_locked_is_made_again(tmp_path, monkeypatch):
    real, taken = fcntl.flock, []

    def flock(handle: int, how: int) -> None:
        if not taken:
            taken.extend(tmp_path.iterdir())
            taken[0].unlink()
        real(handle, how)

    monkeypatch.setattr(fcntl, "flock", flock)
    with open_writer(tmp_path / "x.wav", 44100, 2) as writer:
        writer.write(noise(1000))
        writer.commit()
    assert len(taken) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["x.wav"]


class Disk:
    """Takes down what is synced: what a power cut at any moment may leave of one file.

    A file is what it was when it was last synced, or empty; a name may be the new one from the renaming on, and is
    surely so when its folder was synced.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, target: Path) -> None:
        self._target, self._held, self._names = target, dict[int, bytes](), list[int | None]()
        self.moments: list[set[bytes | None]] = []
        self._names.append(self._inode(target))
        if target.exists():
            self._held[target.stat().st_ino] = target.read_bytes()
        real = {name: getattr(os, name) for name in ("fsync", "replace", "link")}

        def fsync(handle: int) -> None:
            if stat.S_ISDIR(os.fstat(handle).st_mode):
                self._names = self._names[-1:]
            else:
                self._held[os.fstat(handle).st_ino] = os.pread(handle, os.fstat(handle).st_size, 0)
            real["fsync"](handle)
            self._look()

        def renaming(name: str) -> Callable[..., None]:
            def rename(source: str | os.PathLike[str], to: str | os.PathLike[str]) -> None:
                if Path(to) == target:
                    self._names.append(self._inode(Path(source)))
                self._look()
                real[name](source, to)

            return rename

        monkeypatch.setattr(os, "fsync", fsync)
        for name in ("replace", "link"):
            monkeypatch.setattr(os, name, renaming(name))

    @staticmethod
    def _inode(path: Path) -> int | None:
        return path.stat().st_ino if path.exists() else None

    def _look(self) -> None:
        """None stands for no file."""
        self.moments.append({None if inode is None else self._held.get(inode, b"") for inode in self._names})


@pytest.mark.parametrize("before", [None, b"the old one"])
@pytest.mark.parametrize("suffix", ["wav", "flac", "mp3"])
def test_a_power_cut_leaves_the_old_file_or_the_new_one_whole(tmp_path, monkeypatch, suffix, before):
    path = tmp_path / f"x.{suffix}"
    if before is not None:
        path.write_bytes(before)
    disk = Disk(monkeypatch, path)
    with open_writer(path, 44100, 2, force=True) as writer:
        writer.write(noise(50_000))
        write_tags(writer.finish(), Tags({"title": ["Title"]}), -14.0, -1.0)
        writer.commit()
    new = path.read_bytes()
    assert set().union(*disk.moments) == {before, new}
    assert disk.moments[-1] == {new}, "what was committed is durable"


def test_a_file_that_is_replaced_hands_its_rights_on(tmp_path):
    path = tmp_path / "x.wav"
    for mode in (0o640, 0o604):
        path.touch()
        path.chmod(mode)
        with open_writer(path, 44100, 2, force=True) as writer:
            writer.write(noise(1000))
            writer.commit()
        assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_power_cut_leaves_what_was_kept_of_a_file_that_still_grows(tmp_path, monkeypatch):
    path = tmp_path / "x.wav"
    disk = Disk(monkeypatch, path)
    with open_writer(path, 44100, 2, bit_depth=32) as writer:
        writer.write(noise(1000))
        writer.keep()
        (left,) = disk.moments[-1]
        (tmp_path / "left.wav").write_bytes(left or b"")
        with open_reader(tmp_path / "left.wav") as reader:
            assert reader.frames == 1000


def test_signal_handlers_are_given_back(tmp_path):
    before = signal.getsignal(signal.SIGTERM)
    with open_writer(tmp_path / "x.wav", 44100, 2):
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before


@contextmanager
def files_of_at_most(size_bytes: int) -> Iterator[None]:
    """A disk that is full after so many bytes of a file; Python ignores the signal that comes with it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("room_bytes", [0, 100, 20_000])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path, suffix, room_bytes):
    x = noise(100_000)

    def write() -> None:
        with open_writer(tmp_path / f"x.{suffix}", 44100, 2) as writer:
            for start in range(0, x.shape[1], 10_000):
                writer.write(np.ascontiguousarray(x[:, start : start + 10_000]))
            writer.commit()

    with pytest.raises(OutputError) as caught, files_of_at_most(room_bytes):
        write()
    assert str(caught.value) == f"{tmp_path}/x.{suffix}: cannot be written: File too large; nothing was kept"
    assert list(tmp_path.iterdir()) == []


def test_no_room_for_decoded_audio_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    sf.write(tmp_path / "x.flac", noise(200_000).T, 44100)
    with files_of_at_most(100_000), pytest.raises(OutputError) as caught, open_reader(tmp_path / "x.flac") as r:
        list(r.chunks())
    assert str(caught.value) == (f"{tmp_path}: temporary audio could not be written (File too large); set TMPDIR")
    assert [p.name for p in tmp_path.iterdir()] == ["x.flac"]


def test_a_file_that_appears_meanwhile_is_not_overwritten(tmp_path):
    with open_writer(tmp_path / "x.wav", 44100, 2) as writer:
        writer.write(noise(100))
        (tmp_path / "x.wav").write_text("somebody else's")
        with pytest.raises(OutputError, match="exists already"):
            writer.commit()
    assert [p.read_text() for p in tmp_path.iterdir()] == ["somebody else's"]


def test_hidden_files_of_dead_processes_go_and_those_in_use_stay(tmp_path):
    stale = tmp_path / f".x.0123abcd{MARK}.wav"
    stale.write_text("stale")
    other = tmp_path / ".hidden.wav"
    other.write_text("not ours")
    first = HiddenFile(tmp_path / "x.wav")
    second = HiddenFile(tmp_path / "x.wav")
    assert sorted(tmp_path.iterdir()) == sorted([other, first.path, second.path])
    first.discard()
    second.discard()
    first.discard()
    assert list(tmp_path.iterdir()) == [other]


def test_long_and_strange_names_work(tmp_path):
    for stem in ("ö" * 120, "a b\tc", os.fsdecode(b"\xff\xfe")):
        for suffix in ("wav", "flac"):
            path = tmp_path / f"{stem}.{suffix}"
            with open_writer(path, 44100, 2) as writer:
                writer.write(noise(5000))
                writer.commit()
            with open_reader(path) as reader:
                assert reader.frames == 5000
                str(reader.info.name).encode()
            assert list(tmp_path.iterdir()) == [Path(path)]
            path.unlink()
