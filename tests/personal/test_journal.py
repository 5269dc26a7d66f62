"""A journal loses and tears nothing, whoever writes at once and whenever the power goes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from livemaster.documents import write_bytes
from livemaster.errors import OutputError
from livemaster.personal.journal import Journal
from livemaster.personal.preferences import Preferences
from livemaster.personal.versions import Versions

REWRITES, WRITERS = 40, 3

BEGIN = """
import os, sys, time
from pathlib import Path
from livemaster.personal.journal import Journal
os.fsync = lambda handle: None  # what is tried here is the lock, not the disk
folder, who = Path(sys.argv[1]), sys.argv[2]
journal = Journal(folder / "x.jsonl")
(folder / f"{who}.ready").touch()
while not (folder / "begin").exists():
    time.sleep(0.001)
sleep, time.sleep = time.sleep, lambda seconds: sleep(0.0002)  # between two tries
"""
WRITER = """
number = 0
while not (folder / "enough").exists() and number < 2000:
    sleep(0.001)
    journal.append({"who": who, "number": number, "text": "x" * (number % 300)}, {"who": who, "gone": number})
    number += 1
print(number)
"""
CLEANER = f"""
for _ in range({REWRITES}):
    if not journal.rewrite(lambda data: "gone" not in data):
        sleep(0.002)
(folder / "enough").touch()
"""


def test_those_who_append_and_one_who_deletes_at_once_lose_and_tear_nothing(tmp_path: Path) -> None:
    """Lines of different lengths from three writers, while every other one of them is deleted again and again."""
    programs = [(BEGIN + WRITER, str(who)) for who in range(WRITERS)] + [(BEGIN + CLEANER, "cleaner")]
    started = [
        subprocess.Popen([sys.executable, "-c", program, tmp_path, who], stdout=subprocess.PIPE, text=True)
        for program, who in programs
    ]
    try:
        while len(list(tmp_path.glob("*.ready"))) < len(started):
            assert all(each.poll() is None for each in started)
            time.sleep(0.01)
        (tmp_path / "begin").touch()
        said = [each.communicate(timeout=300)[0] for each in started]
        assert [each.returncode for each in started] == [0] * len(started)
    finally:
        for each in started:
            each.kill()
            each.wait()
    broken: list[tuple[int, str]] = []
    found = [line.data for line in Journal(tmp_path / "x.jsonl").read(lambda *what: broken.append(what))]
    assert broken == []
    kept = [each for each in found if "gone" not in each]
    for who in range(WRITERS):
        assert [each["number"] for each in kept if each["who"] == str(who)] == list(range(int(said[who])))
    assert all(len(each["text"]) == each["number"] % 300 for each in kept)


class Disk:
    """Watches what is said to the disk: for each file and folder, by its inode, the sizes at which it was synced."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.synced: dict[int, list[int]] = {}
        self.named_early: list[str] = []
        real = {name: getattr(os, name) for name in ("fsync", "replace", "link")}

        def fsync(handle: int) -> None:
            state = os.fstat(handle)
            self.synced.setdefault(state.st_ino, []).append(state.st_size)
            real["fsync"](handle)

        def named(how: str) -> object:
            def move(source: str | bytes, target: str | bytes, **more: object) -> None:
                state, name = Path(os.fsdecode(source)).stat(), os.fsdecode(target)
                if self.synced.get(state.st_ino, [-1])[-1] != state.st_size and ".git" not in name:
                    self.named_early.append(name)
                real[how](source, target, **more)

            return move

        monkeypatch.setattr(os, "fsync", fsync)
        for how in ("replace", "link"):
            monkeypatch.setattr(os, how, named(how))

    def holds(self, path: Path) -> bool:
        """Whether all of a file is on the disk."""
        state = path.stat()
        return self.synced.get(state.st_ino, [-1])[-1] == state.st_size


def test_what_was_appended_is_on_the_disk_and_a_new_files_name_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, path = Disk(monkeypatch), tmp_path / "x.jsonl"
    for number in range(3):
        Journal(path).append({"number": number})
        assert disk.holds(path)
        assert tmp_path.stat().st_ino in disk.synced


def test_a_file_gets_its_name_only_when_all_of_it_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So the power may go at any moment: what has the name is the old or the new one, whole."""
    disk = Disk(monkeypatch)
    write_bytes(tmp_path / "a.json", b"x" * 5000)
    write_bytes(tmp_path / "a.json", b"y" * 9000, force=True)
    journal = Journal(tmp_path / "x.jsonl")
    journal.append(*({"number": number} for number in range(9)))
    assert journal.rewrite(lambda data: data["number"] % 2 == 0) == 4
    Versions(tmp_path / "profile").save(Preferences(gear_profile="car"), "why")
    assert disk.named_early == []
    for path in (tmp_path / "a.json", tmp_path / "x.jsonl", tmp_path / "profile" / "personal_1.json"):
        assert disk.holds(path), path


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of this kind")
def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    """The part of a line that found room is taken back, and the next one that fits is whole."""
    import resource

    journal = Journal(tmp_path / "x.jsonl")
    journal.append({"number": 0})
    before = journal.path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 20, hard))
    try:
        with pytest.raises(OutputError, match="full"):
            journal.append({"number": 1, "text": "x" * 100})
        assert journal.path.read_bytes() == before
        journal.append({"number": 2})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [line.data for line in journal.read()] == [{"number": 0}, {"number": 2}]


def test_every_prefix_of_an_append_leaves_all_that_was_confirmed(tmp_path: Path) -> None:
    """A file system that had written any part of the last line, and the next writer after it."""
    path = tmp_path / "x.jsonl"
    journal = Journal(path)
    journal.append({"number": 0})
    before = path.read_bytes()
    journal.append({"number": 1, "text": "ä\u2028"})
    whole = path.read_bytes()
    for size in range(len(before), len(whole) + 1):
        path.write_bytes(whole[:size])
        journal.append({"number": 2})
        numbers = [line.data["number"] for line in journal.read()]
        assert numbers in ([0, 2], [0, 1, 2])
        assert (numbers == [0, 1, 2]) == (size >= len(whole) - 1)
    assert json.loads(path.read_text("utf-8").splitlines()[-1]) == {"number": 2}
