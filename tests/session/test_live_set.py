"""A set of many tracks: opened shortly before they play, whatever becomes of those that cannot be played."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pieces
import pytest
import soundfile as sf
from fault_rig import until

from livemaster.cli.main import run
from livemaster.controls import Move
from livemaster.errors import AudioFileError
from livemaster.mastering.job import Source
from livemaster.mastering.take_file import TakeFile
from livemaster.session import tracks
from livemaster.session.playlist import Session, SessionWish
from livemaster.session.transport import OPEN_AHEAD
from livemaster.sound.supervisor import DeviceWish

RATE = 44_100
NULL = DeviceWish(device="null")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with one short piece; temporary files go to `spool` in it."""
    pieces.write(tmp_path / "piece.wav", pieces.piece(1.0))
    (tmp_path / "spool").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "spool"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def copies(count: int, suffix: str = ".wav") -> list[str]:
    names = [f"{number:03}{suffix}" for number in range(count)]
    for name in names:
        shutil.copy("piece.wav", name)
    return names


def damage(name: str, left: float) -> None:
    """A compressed file of 12 s that begins well and is damaged in the middle: only decoding tells."""
    pieces.write(Path(name), pieces.piece(12.0))
    data = bytearray(Path(name).read_bytes())
    begins, ends = round(left * len(data)), round(0.7 * len(data))
    data[begins:ends] = bytes(ends - begins)
    Path(name).write_bytes(data)


@contextmanager
def playing(*names: str, **wishes: Any) -> Iterator[Session]:
    sources = tuple(Source(path=name, detect=False) for name in names)
    made = Session(SessionWish(sources=sources, device=NULL, **wishes))
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tracks that were opened, in order."""
    found: list[str] = []
    whole = tracks.open_track

    def told(source, stack):
        found.append(str(source.path))
        return whole(source, stack)

    monkeypatch.setattr(tracks, "open_track", told)
    return found


def test_only_what_plays_soon_is_opened_and_planned(folder, opened):
    names = copies(60)
    with playing(*names) as made:
        until(lambda: len(opened) >= OPEN_AHEAD, 5.0, "the next tracks open")
        time.sleep(0.3)
        assert opened == names[1 : 1 + OPEN_AHEAD]
        made.do(Move("next_track"))
        until(lambda: len(opened) > OPEN_AHEAD, 5.0, "one more")
        until(lambda: sum(track.asked is not None for track in made.tracks) == OPEN_AHEAD + 2, 5.0, "as many planned")
        assert all(track.asked is None for track in made.tracks[OPEN_AHEAD + 2 :])
    assert made.error is None


def test_what_lies_behind_is_closed_and_opened_again(folder, opened):
    names = copies(8)
    with playing(*names) as made:
        for _ in range(6):
            made.do(Move("next_track"))
        until(lambda: made.snapshot().track.number == 7 and made.tracks[6].opened is not None, 5.0, "the seventh")
        until(lambda: made.tracks[0].opened is None, 5.0, "the first closed")
        for _ in range(6):
            made.do(Move("previous_track"))
        until(lambda: made.snapshot().track.number == 1 and made.tracks[0].opened is not None, 5.0, "the first again")
        until(lambda: made.tracks[7].opened is None, 5.0, "the last closed")
    assert made.error is None
    assert list((folder / "spool").iterdir()) == []


def test_a_jump_far_ahead_plays_on_until_the_track_is_open(folder, monkeypatch):
    gate, whole = threading.Event(), tracks.open_track

    def slow(source, stack):
        assert gate.wait(10.0)
        return whole(source, stack)

    monkeypatch.setattr(tracks, "open_track", slow)
    with playing(*copies(6), take="take.json") as made:
        for _ in range(3):
            made.do(Move("next_track"))
        assert made.snapshot().track.number == 4
        time.sleep(0.3)
        assert made._transport.track == 0  # still heard
        gate.set()
        until(lambda: made._transport.track == 3, 5.0, "the fourth")
    cued = [each.cue.track for each in TakeFile.load("take.json").segments[0].events if each.cue is not None]
    assert cued[:2] == [0, 3]


def test_a_track_that_is_not_open_in_time_follows_when_it_is(folder, monkeypatch):
    gate, whole = threading.Event(), tracks.open_track

    def slow(source, stack):
        assert gate.wait(10.0)
        return whole(source, stack)

    monkeypatch.setattr(tracks, "open_track", slow)
    with playing(*copies(2), take="take.json", wait=True) as made:
        assert not made.wait(1.6)  # the first is over
        gate.set()
        assert made.wait(5.0)
        assert made.stop_reason == "end of the last track"
    (segment,) = TakeFile.load("take.json").segments
    assert segment.frames > 2.4 * RATE


@pytest.mark.parametrize("left", [0.02, 0.4])
def test_a_track_that_cannot_be_played_is_left_out(folder, left):
    names = [*copies(2), "damaged.flac", "piece.wav", "gone.wav"]
    damage("damaged.flac", left)
    shutil.copy("piece.wav", "gone.wav")
    with playing(*names, take="take.json") as made:
        Path("gone.wav").unlink()  # before it was opened
        assert made.wait(20.0)
        assert made.stop_reason == "end of the last track"
        left_out = [message for message in made.snapshot().messages if message.endswith("; left out")]
    assert made.error is None
    assert sorted(message.split(":")[0] for message in left_out) == ["damaged.flac", "gone.wav"]
    (segment,) = TakeFile.load("take.json").segments
    tracks_heard = {each.cue.track for each in segment.events if each.cue is not None} - {None}
    assert tracks_heard - {2} == {0, 1, 3}  # what is whole of the damaged one may be heard
    assert run(["render", *names, "--take", "take.json", "-o", "out.wav", "--bit-depth", "32"]) == 0
    assert sf.info("out.wav").frames == segment.frames


def test_a_file_that_cannot_be_read_any_more_ends_the_set_when_there_is_no_other(folder, monkeypatch):
    with playing("piece.wav") as made:
        reader = made.tracks[0].reader

        def gone(frames):
            raise AudioFileError("piece.wav: cannot be read: Input/output error")

        monkeypatch.setattr(reader, "read", gone)
        made.seek(0.1)
        assert made.wait(5.0)
    assert str(made.error) == "piece.wav: cannot be read: Input/output error"


def test_a_file_that_cannot_be_read_any_more_makes_room_for_the_next(folder, monkeypatch):
    names = copies(3)
    with playing(*names) as made:
        until(lambda: made.tracks[1].opened is not None, 5.0, "the second open")
        reader = made.tracks[0].reader

        def gone(frames):
            raise AudioFileError(f"{names[0]}: cannot be read: Input/output error")

        monkeypatch.setattr(reader, "read", gone)
        made.seek(0.1)
        until(lambda: made.snapshot().track.number == 2, 5.0, "the second")
        assert f"{names[0]}: cannot be read: Input/output error; left out" in made.snapshot().messages
        assert made.wait(10.0)
    assert made.error is None


def test_a_folder_with_files_that_hold_no_audio(folder, capsys):
    Path("set").mkdir()
    shutil.copy("piece.wav", "set/b.wav")
    Path("set/a.wav").write_text("la la la " * 100)
    status = run(["play", "set", "--device", "null", "--headless", "--no-detect", "--duration", "0.3"])
    said = capsys.readouterr().err
    assert status == 0
    assert "a.wav" in said
    assert "left out" in said
    assert run(["play", "set/a.wav", "--device", "null", "--headless"]) == 2
