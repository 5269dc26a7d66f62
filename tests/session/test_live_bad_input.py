"""Bad input to `play` and `live`, and hands that do what nobody should: refused in a line, or told and played on."""

from __future__ import annotations

import fcntl
import json
import math
import os
import pty
import random
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pieces
import pytest
import soundfile as sf
from fake_port import FakePort
from fault_rig import alive, children, until

from livemaster.audio import Writer
from livemaster.cli import firstrun
from livemaster.cli.main import run
from livemaster.controls import LIVE_CONTROLS, Kind, Move
from livemaster.errors import AudioFileError, InputError, OutputError
from livemaster.mastering.job import Source
from livemaster.mastering.program import start_positions
from livemaster.mastering.take_file import TakeFile
from livemaster.plan_options import PlanOptions
from livemaster.session.live_input import Listening, ListeningWish
from livemaster.session.playlist import Session, SessionWish
from livemaster.snapshot import State
from livemaster.sound import devices
from livemaster.sound.devices import make_table
from livemaster.sound.supervisor import DeviceWish

RATE = 44_100
NULL = DeviceWish(device="null")
QUIET = ("--device", "null", "--headless", "--no-detect")
BRIEF = ("--duration", "0.3")
PLAY = ("play", "mix.wav", *QUIET, *BRIEF)
LIVE = ("live", "--device", "null", "--headless", *BRIEF)
COMMAND = [sys.executable, "-c", "from livemaster.cli.main import main; main()"]


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of files, good and bad."""
    folder = tmp_path_factory.mktemp("sounds")
    noise = np.random.default_rng(1).normal(0.0, 0.1, (48_000, 6))
    pieces.write(folder / "mix.wav", pieces.piece(3.0))
    pieces.write(folder / "short.wav", pieces.piece(0.5))
    pieces.write(folder / "mix.flac", pieces.piece(3.0))
    damaged = bytearray((folder / "mix.flac").read_bytes())
    damaged[20_000:90_000] = bytes(70_000)
    (folder / "damaged.flac").write_bytes(damaged)
    (folder / "empty.wav").write_bytes(b"")
    (folder / "text.wav").write_bytes(b"la la la " * 100)
    sf.write(folder / "tenth.wav", noise[:4410, :2], RATE)
    sf.write(folder / "silent.wav", np.zeros((RATE, 2)), RATE)
    sf.write(folder / "six.wav", noise, 48_000)
    sf.write(folder / "mono.wav", noise[:, 0], 48_000)
    sf.write(folder / "high.wav", np.tile(noise[:, :2], (4, 1)), 192_000)
    sf.write(folder / "low.wav", noise[:8000, :2], 8_000)
    (folder / "folder").mkdir()
    (folder / "old.json").write_text("old")
    (folder / "old.take.input.wav").write_text("old")
    (folder / "broken.json").write_text("{nope")
    sections = [{"section": n, "start": a, "end": b} for n, a, b in (("A", 0, 1), ("B", 1, 1.1), ("C", 1.1, 3))]
    pieces.write_json(folder / "tiny.json", {"structure": sections})
    pieces.write_json(folder / "long.json", {"structure": [{"section": "A", "start": 0, "end": 60}]})
    binding = {"on": "cc 1", "control": "reactvity"}
    pieces.write_json(folder / "map.json", {"name": "x", "bindings": [binding]})
    pieces.write_json(folder / "list.json", [])
    assert run(["measure", str(folder / "mix.wav")]) == 0  # compiles, which would be announced
    return folder


@pytest.fixture
def folder(sounds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder with all of them; temporary files go to one beside it."""
    shutil.copytree(sounds, tmp_path / "work")
    (tmp_path / "spool").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "spool"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "spool"))
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


@pytest.fixture(autouse=True)
def nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No thread dies of an exception, and no process is left."""
    died: list[str] = []
    monkeypatch.setattr(threading, "excepthook", lambda what: died.append(f"{what.thread}: {what.exc_value!r}"))
    yield
    assert died == []
    assert children(os.getpid()) == []


def refusal(folder: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line with which a command line is refused before anything plays; no file is changed by it.

    On the first run another line says before that kernels are compiled.
    """
    before = pieces.listing(folder)
    capsys.readouterr()
    status = run(list(arguments))
    out, err = capsys.readouterr()
    lines = [line for line in err.splitlines() if not line.startswith(firstrun.NOTICE)]
    assert (status, out, len(lines)) == (2, "", 1), err
    assert pieces.listing(folder) == before
    assert lines[0].startswith("livemaster: ")
    assert lines[0].isprintable()
    return lines[0].removeprefix("livemaster: ")


def played(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What is said while a command line plays to its end."""
    status = run(list(arguments))
    out, err = capsys.readouterr()
    assert (status, out) == (0, ""), err
    return err


# -- command lines that are refused -------------------------------------------------------------------------------

BLOCK = "frames, allowed are 1 to 8192, and 0 for the device's own"
ITSELF = "is the same file as mix.wav, it needs another name"
EXISTS = "old.json: exists already, --force overwrites it"
BAD_OPTIONS: dict[tuple[str, ...], str] = {
    ("--block", "-1"): f"the block is -1 {BLOCK}",
    ("--block", "8193"): f"the block is 8193 {BLOCK}",
    ("--block", "100000"): f"the block is 100000 {BLOCK}",
    ("--block", "x"): "Invalid value for '--block': 'x' is not a whole number",
    ("--rate", "1"): "the device's rate is 1 Hz, allowed are 8000 to 192000 Hz",
    ("--rate", "-44100"): "the device's rate is -44100 Hz, allowed",
    ("--rate", "10000000"): "the device's rate is 10000000 Hz, allowed",
    ("--duration", "-1"): "the duration is -1.0 s, allowed is any number above 0",
    ("--duration", "0"): "the duration is 0.0 s, allowed",
    ("--duration", "nan"): "the duration is nan s, allowed",
    ("--duration", "inf"): "the duration is inf s, allowed",
    ("--take", "old.json"): EXISTS,
    ("--take", "none/take.json"): "none/take.json: there is no folder ",
    ("--take", "folder"): "folder: is a folder, a file name is wanted",
    ("--take", "folder/"): "folder/: is a folder, a file name is wanted",
    ("--take", ""): "'': is not a file name",
    ("--take", "-"): "'-': is not a file name",
    ("--take", "mix.wav", "--force"): f"mix.wav: {ITSELF}",
    ("--take", "folder/../mix.wav", "--force"): f"folder/../mix.wav: {ITSELF}",
    ("--take", "a\0b"): "a?b: is not a file name",
    ("--take", "n" * 300): f"{'n' * 300}: cannot be written: File name too long",
    ("--stats", "old.json"): EXISTS,
    ("--stats", "none/stats.json"): "none/stats.json: there is no folder ",
    ("--stats", "folder"): "folder: is a folder, a file name is wanted",
    ("--stats", "mix.wav", "--force"): f"mix.wav: {ITSELF}",
    ("--stats", "./x.json", "--take", "x.json"): "./x.json: is the same file as x.json, it needs another name",
    ("--map", "map.json"): "map.json: bindings[0].control is \"reactvity\", did you mean 'reactivity'?",
    ("--map", "list.json"): "list.json: the file is [], an object is wanted",
    ("--map", "broken.json"): "broken.json: line 1, column 2: ",
    ("--map", "none.json"): "none.json: cannot be read: No such file or directory",
    ("--map", "generc"): "unknown MIDI mapping 'generc': did you mean 'generic'?",
    ("--mode", "cinematc"): "unknown mode 'cinematc': did you mean 'cinematic'?",
    ("--platform", "spotfy"): "unknown platform 'spotfy': did you mean 'spotify'?",
    ("--chain", "stok"): "unknown chain 'stok': did you mean 'stock'?",
    ("--amount", "2"): "amount is 2, allowed are 0 to 1",
    ("--reactivity", "nan"): "reactivity is nan, allowed are 0 to 1.5",
    ("--ceiling", "5"): "ceiling is 5, allowed are -12 to 0 dBTP",
    ("--arrangement", "broken.json"): "broken.json: line 1, column 2: ",
    ("--emotion", "broken.json"): "broken.json: line 1, column 2: ",
}
"""What both commands refuse in the same words."""


@pytest.mark.parametrize("options", BAD_OPTIONS, ids=" ".join)
def test_an_option_that_makes_no_sense(folder, capsys, options):
    playing = refusal(folder, capsys, *PLAY, *options)
    assert playing.startswith(BAD_OPTIONS[options])
    if options[0] == "--emotion":
        options = ("--arrangement", "tiny.json", *options)
    assert refusal(folder, capsys, *LIVE, "--input", "mix.wav", *options) == playing


@pytest.mark.parametrize("link", [os.link, os.symlink])
def test_another_name_of_the_song_is_not_written_over(folder, capsys, link):
    link("mix.wav", "other.wav")
    for option in ("--take", "--stats"):
        assert refusal(folder, capsys, *PLAY, option, "other.wav", "--force") == f"other.wav: {ITSELF}"


def test_nor_are_maps_and_links_that_lead_nowhere(folder, capsys):
    Path("link.json").symlink_to("nowhere.json")
    assert "leads nowhere" in refusal(folder, capsys, *PLAY, "--take", "link.json", "--force")
    maps = ("--arrangement", "tiny.json", "--take", "tiny.json", "--force")
    assert "the same file as tiny.json" in refusal(folder, capsys, *PLAY, *maps)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_a_device_file_is_no_take(folder, capsys):
    message = refusal(folder, capsys, *PLAY, "--take", "/dev/full", "--force")
    assert message == "/dev/full: exists and is not a regular file"


BAD_FILES = {
    "empty.wav": "empty.wav: is empty (0 bytes)",
    "text.wav": "text.wav: is not an audio file that can be read",
    "tenth.wav": "tenth.wav: lasts 0.100 s, mastering needs at least 0.4 s",
    "six.wav": "six.wav: has 6 channels, mastering takes mono or stereo",
    "none.wav": "none.wav: no such file",
    "folder": "folder: holds no audio file",
    "-": "standard input: cannot be played",
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_broken_file_is_told_before_anything_plays_wherever_it_stands(folder, capsys, name):
    message = refusal(folder, capsys, "play", name, *QUIET)
    assert message.startswith(BAD_FILES[name])
    assert refusal(folder, capsys, "play", "mix.wav", "mono.wav", name, "--device", "null", "--no-detect") == message
    if name.endswith(".wav"):
        assert refusal(folder, capsys, *LIVE, "--input", name) == message


def test_what_only_listening_finds_is_told_by_whoever_waits_for_the_plan(folder, capsys):
    assert "silent.wav: is silent" in refusal(folder, capsys, "play", "silent.wav", *QUIET)
    assert "damaged.flac: " in refusal(folder, capsys, "play", "damaged.flac", *QUIET)


@pytest.mark.parametrize("waiting", [[], ["--wait"]])
def test_maps_that_do_not_fit_are_told_before_anything_plays(folder, capsys, waiting):
    arguments = ("play", "mix.wav", "--device", "null", "--no-detect", *BRIEF, *waiting, "--arrangement", "long.json")
    assert "ends at 60 s" in refusal(folder, capsys, *arguments)


BAD_LIVE = {
    ("--channels", "3"): "--channels is 3, allowed are 1 and 2",
    ("--channels", "0"): "--channels is 0, allowed are 1 and 2",
    ("--input", "none.wav"): "none.wav: no such file",
    ("--emotion", "tiny.json"): "tiny.json: an emotion map of live sound needs an arrangement map",
    ("--input", "mix.wav", "--take", "old.new", "--stats", "old.new"): "old.new: is the same file as old.new",
    (
        "--input",
        "mix.wav",
        "--take",
        "t.json",
        "--stats",
        "t.input.wav",
        "--force",
    ): "t.input.wav: is the same file as ",
    ("--input", "mix.wav", "--take", "old.take"): "old.take.input.wav: exists already, --force overwrites it",
    ("--input", "old.take.input.wav", "--take", "old.take", "--force"): "old.take.input.wav: is ",
}


@pytest.mark.parametrize("options", BAD_LIVE, ids=" ".join)
def test_live_sound_refuses(folder, capsys, options):
    if options[1] == "old.take.input.wav":
        shutil.copy("mix.wav", "old.take.input.wav")
    assert refusal(folder, capsys, *LIVE, *options).startswith(BAD_LIVE[options])


def test_several_tracks_take_no_map(folder, capsys):
    assert "belong to one track" in refusal(folder, capsys, *PLAY, "short.wav", "--arrangement", "tiny.json")


# -- devices and MIDI ---------------------------------------------------------------------------------------------


def device(name: str, inputs: int, outputs: int) -> dict[str, object]:
    channels = {"max_input_channels": inputs, "max_output_channels": outputs}
    return {"name": name, **channels, "default_samplerate": 48_000.0, "hostapi": 0}


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("Scarlet 2i2", "unknown sound device 'Scarlet 2i2': did you mean"),
        ("", "unknown sound device '': known are "),
        ("Mono box", "'ALSA:Mono box': has 1 output channels, 2 are needed"),
        ("Microphone", "'ALSA:Microphone': has 0 output channels, 2 are needed"),
    ],
)
def test_a_device_that_is_not_there_or_too_small(wanted, words):
    listed = [device("scarlett 2i2 usb", 2, 2), device("Mono box", 1, 1), device("Microphone", 2, 0)]
    table = make_table(listed, [{"name": "ALSA"}], (0, 0))
    with pytest.raises(InputError) as caught:
        table.find(wanted, outputs=2)
    assert words in str(caught.value)


@pytest.mark.parametrize(("arguments", "name"), [(PLAY[:2], ""), (PLAY[:2], "nowhere"), (("live",), "nowhere")])
def test_an_unknown_device_in_one_line(folder, capsys, arguments, name):
    if devices.scan().trouble == "":
        pytest.skip("this machine has a sound device")
    message = refusal(folder, capsys, *arguments, "--headless", "--no-detect", *BRIEF, "--device", name)
    assert message.startswith(f"no sound device '{name}': ")
    assert message.endswith("--device null works without sound")


def test_without_any_device_it_plays_to_none_and_says_so(folder, capsys):
    if devices.scan().trouble == "":
        pytest.skip("this machine has a sound device")
    said = played(capsys, "play", "mix.wav", "--headless", "--no-detect", *BRIEF)
    assert "nothing will be heard (device null)" in said


def test_an_unknown_midi_port_is_told_and_waited_for(folder, capsys, monkeypatch):
    port = FakePort("nanoKONTROL2", "Launch Control XL")
    monkeypatch.setattr("livemaster.midi.hub.RtPorts", lambda: port)
    monkeypatch.setattr("livemaster.studio.studio.input_names", lambda: tuple(port.there))
    said = played(capsys, *PLAY, "--midi", "nanokontrl2")
    assert "there is no MIDI port 'nanokontrl2': did you mean 'nanoKONTROL2'?" in said
    assert "it is waited for" in said
    assert port.closed


# -- what is unusual and yet plays --------------------------------------------------------------------------------


def test_files_of_all_rates_and_channel_counts_in_one_set(folder, capsys):
    names = ("mono.wav", "high.wav", "low.wav", "mix.flac")
    said = played(capsys, "play", *names, *QUIET, "--duration", "1.5", "--take", "take.json", "--block", "7")
    assert "track 2 of 4: high.wav" in said
    assert TakeFile.load("take.json").channels == 2


def test_the_lowest_rate(folder, capsys):
    name = "low.wav"
    played(capsys, "play", name, *QUIET, *BRIEF, "--take", "take.json", "--stats", "stats.json")
    assert TakeFile.load("take.json").rate_hz == sf.info(name).samplerate
    assert json.loads(Path("stats.json").read_text())["stop_reason"] == "0.3 s are over"


# -- sessions as programs hold them -------------------------------------------------------------------------------


def session(*names: str, **wishes: Any) -> Session:
    how = {"detect": False, "arrangement": wishes.pop("arrangement", None)}
    return Session(SessionWish(sources=tuple(Source(path=n, **how) for n in names), device=NULL, **wishes))


@contextmanager
def playing(*names: str, **wishes: Any) -> Iterator[Session]:
    """A session that ends without an error."""
    made = session(*names, **wishes)
    try:
        yield made
    finally:
        made.close()
    assert made.error is None
    assert made.snapshot().state is State.STOPPED


@pytest.mark.parametrize(
    "wishes",
    [
        {"sources": ()},
        {"duration_s": "x"},
        {"duration_s": math.nan},
        {"take": 5},
        {"device": DeviceWish(device=5)},  # type: ignore[arg-type]
        {"device": DeviceWish(device="null", rate_hz="x")},  # type: ignore[arg-type]
        {"device": DeviceWish(device="null", block_frames=1.5)},  # type: ignore[arg-type]
        {"device": DeviceWish(device="null", channels=7)},
    ],
    ids=str,
)
def test_a_wish_that_makes_no_sense_is_an_input_error(folder, wishes):
    with pytest.raises(InputError):
        Session(SessionWish(**{"sources": (Source(path="mix.wav", detect=False),), "device": NULL, **wishes}))


def test_live_sound_without_input_is_an_input_error(folder):
    with pytest.raises(InputError, match="the input has 0 channels, allowed are 1 and 2"):
        Listening(ListeningWish(device=NULL, options=PlanOptions()))


NONSENSE = [
    Move("nope"),
    Move(""),
    Move(None),  # type: ignore[arg-type]
    Move(["bass"]),  # type: ignore[arg-type]
    *(Move("bass", value) for value in (math.nan, math.inf, None, "loud", [], 10**400)),  # type: ignore[arg-type]
    *(Move("ab", value) for value in (math.nan, "on", [])),  # type: ignore[arg-type]
    *(Move("mode", value) for value in ("nope", 3.0, math.nan, [], b"lofi")),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("kind", ["play", "live"])
def test_nonsense_changes_nothing_and_is_told(folder, kind):
    if kind == "play":
        made: Session | Listening = session("mix.wav", wait=True)
    else:
        made = Listening(ListeningWish(device=NULL, options=PlanOptions(), file="mix.wav"))
    try:
        before = made.snapshot()
        for number, move in enumerate(NONSENSE):
            made.do(move)
            now = made.snapshot()
            assert len(now.messages) == len(before.messages) + number + 1, move
            assert (now.switches, now.mode, now.heard) == (before.switches, before.mode, before.heard)
            assert now.knobs["bass"] == 0.0
        for time_s in (math.nan, "x", None):
            made.seek(time_s)  # type: ignore[arg-type]
        assert len(made.snapshot().messages) == len(before.messages) + len(NONSENSE) + 3
    finally:
        made.close()
    made.do(Move("bass", 3.0))  # after the end too
    made.seek(1.0)
    made.close()
    assert made.error is None


# -- short tracks, ends, and hands that do not rest ---------------------------------------------------------------


def test_five_very_short_tracks_follow_each_other_without_a_gap(folder):
    with playing(*["short.wav"] * 5, wait=True, take="take.json") as made:
        assert made.wait(8.0)
        assert made.stop_reason == "end of the last track"
    take = TakeFile.load("take.json")
    assert [segment.frames for segment in take.segments] == [5 * 22_050]
    assert run(["render", *["short.wav"] * 5, "--take", "take.json", "-o", "out.wav"]) == 0
    assert sf.info("out.wav").frames == 5 * 22_050


def test_a_section_of_a_tenth_of_a_second_can_be_held(folder):
    with playing("mix.wav", arrangement="tiny.json", wait=True) as made:
        made.seek(1.0)
        made.do(Move("hold", 1))
        time.sleep(0.3)
        seen = set()
        for _ in range(20):
            time.sleep(0.03)
            seen.add(made.snapshot().section)
        assert seen == {1}
        made.do(Move("hold", 0))


def test_there_is_nowhere_to_go_beyond_the_ends(folder):
    with playing("mix.wav", wait=True) as made:
        for time_s in (-9.0, -math.inf, -1e300):
            made.seek(time_s)
            assert made.snapshot().position_s < 1.0
        made.do(Move("next_track"))
        made.do(Move("previous_track"))
        made.do(Move("pause", 1))
        for time_s in (99.0, math.inf, 1e300):
            made.seek(time_s)
        time.sleep(0.2)
        paused = made.snapshot()
        assert paused.state is State.PAUSED
        assert paused.position_s == pytest.approx(3.0, abs=0.001)
        assert not made.wait(0.3), "a pause at the very end lasts"
        made.do(Move("pause", 0))
        assert made.wait(4.0)
        assert made.stop_reason == "end of the last track"


def test_two_thousand_moves_in_two_seconds(folder):
    rng, names = random.Random(1), sorted(LIVE_CONTROLS)
    pieces.write(Path("song.wav"), pieces.piece(12.0))
    tracks = ("short.wav", "song.wav", "song.wav")
    with playing(*tracks, take="take.json") as made:
        for _ in range(2000):
            control = LIVE_CONTROLS[rng.choice(names)]
            value: Any = rng.choice([None, 0, 1])
            if control.kind is Kind.KNOB:
                value = rng.choice([rng.uniform(-20.0, 20.0), 0, 1, "x"])
            elif control.kind is Kind.CHOICE:
                value = rng.choice([None, "lofi", "spotify", "x"])
            if control.id != "record":
                made.do(Move(control.id, value))
            if rng.random() < 0.1:
                made.seek(rng.uniform(-1.0, 5.0))
            time.sleep(0.0008)
        begun_s = time.monotonic()
        made.close()
        assert time.monotonic() - begun_s < 5.0
        assert not [message for message in made.snapshot().messages if "gone" in message]
    take = TakeFile.load("take.json")
    assert len(take.segments) == 1, "the audio process lived"
    assert len(take.segments[0].events) > 100
    assert run(["render", *tracks, "--take", "take.json", "-o", "out.wav"]) == 0


def test_no_cue_names_a_plan_that_the_audio_process_has_not_got(folder, monkeypatch):
    with playing("mix.wav", wait=True) as made:
        with monkeypatch.context() as patch:
            patch.setattr(made._plans, "tick", lambda: None)  # nothing is handed over
            known = len(made._plans.scores)
            made.do(Move("mode", "lofi"))
            until(lambda: len(made._plans.scores) > known, 10.0, "a plan")
            made.seek(1.0)
            time.sleep(0.2)
            assert made.snapshot().mode == "cinematic"
        until(lambda: made.snapshot().mode == "lofi", 2.0, "the plan taken")
        assert not [message for message in made.snapshot().messages if "gone" in message]


# -- what happens meanwhile ---------------------------------------------------------------------------------------


def test_a_song_that_is_deleted_while_it_plays_plays_on(folder):
    with playing("mix.wav", wait=True) as made:
        Path("mix.wav").unlink()
        made.seek(2.5)
        assert made.wait(4.0)
        assert made.stop_reason == "end of the last track"


def test_a_song_that_is_cut_short_while_it_plays_is_one_error(folder):
    pieces.write(Path("song.wav"), pieces.piece(60.0))
    made = session("song.wav", wait=False)
    try:
        os.truncate("song.wav", 1000)
        made.seek(50.0)
        made.wait(2.0)
    finally:
        made.close()
    assert isinstance(made.error, AudioFileError)
    assert str(made.error) == "song.wav: became shorter while it was read"


def test_a_processor_that_shows_stores_in_another_order_is_refused_in_words(folder, capsys, monkeypatch):
    monkeypatch.setattr("livemaster.sound.client.ORDERED", False)
    monkeypatch.setattr("livemaster.sound.client.platform.machine", lambda: "aarch64")
    assert run(["play", "mix.wav", "--device", "null", "--headless"]) == 1
    err = capsys.readouterr().err
    assert "playing needs an x86-64 processor, this is aarch64" in err
    assert "render to a file instead" in err


def test_a_full_disk_does_not_end_the_music(folder, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    made = session("mix.wav", wait=True, take="take.json")
    try:
        monkeypatch.setattr("livemaster.documents.hidden.HiddenFile.publish", full)
        made.do(Move("bass", 3.0))
        assert not made.wait(0.3)
    finally:
        made.close()
    assert str(made.error) == "take.json: cannot be written: No space left on device"
    assert [path.name for path in Path().iterdir() if ".part" in path.name] == []


def test_a_full_disk_does_not_end_live_sound(folder, monkeypatch):
    """The input is kept as far as it could be written, and the take with it."""
    write, written = Writer.write, []

    def full(writer: Writer, block: Any) -> None:
        if sum(written) > RATE:
            raise OutputError("t.input.wav: cannot be written: No space left on device")
        written.append(block.shape[1])
        write(writer, block)

    monkeypatch.setattr(Writer, "write", full)
    made = Listening(ListeningWish(device=NULL, options=PlanOptions(), file="mix.wav", take="t.json"))
    try:
        until(lambda: any("the input is kept no more" in each for each in made.snapshot().messages), 5.0, "told")
        assert not made.wait(0.5)
        assert made.snapshot().state is State.RUNNING
    finally:
        made.close()
    assert str(made.error) == "t.input.wav: cannot be written: No space left on device"
    assert sf.info("t.input.wav").frames == sum(written)
    monkeypatch.setattr(Writer, "write", write)
    assert run(["render", "t.input.wav", "--take", "t.json", "-o", "again.wav"]) == 0


def test_a_file_that_came_to_stand_at_the_takes_place_is_not_replaced(folder, monkeypatch):
    monkeypatch.setattr("livemaster.session.playlist.start_positions", put_there(start_positions))
    with pytest.raises(OutputError, match=r"take\.json: exists already"):
        session("mix.wav", take="take.json")
    assert Path("take.json").read_text() == "mine"


def put_there(function: Any) -> Any:
    """The same, after somebody else has written the take's file."""

    def called(*arguments: Any) -> Any:
        Path("take.json").write_text("mine")
        return function(*arguments)

    return called


def test_an_error_that_nobody_expected_ends_the_session_as_one(folder, monkeypatch):
    made = session("mix.wav", wait=True)
    monkeypatch.setattr(made, "tick", lambda: 1 / 0)
    assert made.wait(5.0)
    assert str(made.error) == "internal error: ZeroDivisionError: division by zero"


# -- from outside -------------------------------------------------------------------------------------------------


@contextmanager
def started(*arguments: str, **how: Any) -> Iterator[subprocess.Popen[bytes]]:
    with Path("said").open("wb") as said, subprocess.Popen([*COMMAND, *arguments], stderr=said, **how) as process:
        try:
            yield process
        finally:
            process.kill()


def ended(process: subprocess.Popen[bytes], below: list[int]) -> int:
    """Its exit code, when all its processes have gone."""
    status = process.wait(20.0)
    until(lambda: not any(map(alive, below)), 10.0, "all processes gone")
    assert "Traceback" not in Path("said").read_text()
    return status


def test_a_kill_costs_no_more_of_the_input_than_of_the_take(folder):
    pieces.write(Path("long.wav"), pieces.piece(30.0))
    with started("live", "--input", "long.wav", *QUIET[:-1], "--take", "t.json") as process:
        until(lambda: Path("t.input.wav").exists() and frames_of("t.input.wav") > 2 * RATE, 60.0, "input kept")
        until(lambda: sum(each.frames for each in TakeFile.load("t.json").segments) > 2 * RATE, 20.0, "take kept")
        process.kill()
    assert run(["render", "t.input.wav", "--take", "t.json", "-o", "again.wav"]) == 0
    assert min(frames_of("again.wav"), frames_of("t.input.wav")) > 2 * RATE
    kept, played = (sf.read(name, dtype="float32")[0] for name in ("t.input.wav", "long.wav"))
    np.testing.assert_array_equal(kept, played[: len(kept)])


def frames_of(name: str) -> int:
    return int(sf.info(name).frames)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_and_the_figures_are_kept(folder, number):
    with started("play", "mix.wav", *QUIET, "--stats", "stats.json", "--duration", "2") as process:
        until(lambda: "playing" in Path("said").read_text(), 60.0, "playing")
        below = children(process.pid)
        process.send_signal(number)
        assert ended(process, below) == (0 if number == signal.SIGTERM else 128 + number)  # a service's way to end
    assert json.loads(Path("stats.json").read_text())["stop_reason"] == "interrupted"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_it_listens_and_plans_leaves_nothing(folder, number):
    pieces.write(Path("song.wav"), pieces.piece(60.0))
    with started("play", "song.wav", "--device", "null", "--headless", "--duration", "2") as process:
        until(lambda: children(process.pid), 20.0, "a spare")
        time.sleep(0.2)
        below = children(process.pid)
        process.send_signal(number)
        assert ended(process, below) == (0 if number == signal.SIGTERM else 128 + number)
    assert list((folder / "spool").iterdir()) == []


def test_what_nohup_ignores_stays_ignored(folder):
    def ignore() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    with started(*PLAY, preexec_fn=ignore) as process:
        until(lambda: "playing" in Path("said").read_text(), 60.0, "playing")
        process.send_signal(signal.SIGHUP)
        assert process.wait(20.0) == 0


# -- the screen ---------------------------------------------------------------------------------------------------


def on_a_screen(rows: int, columns: int, act: Callable[[int, int], object]) -> tuple[int, bytes]:
    """Play on a terminal of that size and do something there; the exit code, and what was written to it."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", PYTHONFAULTHANDLER="1")
        os.execv(sys.executable, [*COMMAND, "play", "song.wav", "--device", "null", "--no-detect", "--duration", "6"])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    written, acted, end_s = b"", False, time.monotonic() + 30.0
    try:
        while time.monotonic() < end_s:
            if select.select([terminal], [], [], 0.1)[0]:
                try:
                    written += os.read(terminal, 65536)
                except OSError:  # closed at the other end
                    break
            if SCREEN_ON in written and not acted:
                time.sleep(0.2)
                acted = True
                act(pid, terminal)
    finally:
        if time.monotonic() >= end_s:
            os.kill(pid, signal.SIGABRT)
            time.sleep(0.5)
            written += os.read(terminal, 1 << 20)  # where it stood
        os.close(terminal)
        _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), written


SCREEN_ON, SCREEN_OFF = b"\x1b[?1049h", b"\x1b[?1049l"


@pytest.mark.parametrize("number", [signal.SIGHUP])
def test_a_signal_gives_the_terminal_back(folder, number):
    pieces.write(Path("song.wav"), pieces.piece(12.0))
    status, written = on_a_screen(30, 100, lambda pid, _: os.kill(pid, number))
    assert status == 128 + number
    assert written.count(SCREEN_ON) == written.count(SCREEN_OFF) == 1
    assert b"Traceback" not in written


def test_ctrl_c_at_the_screen_fades_out_and_is_told_by_the_exit_code(folder):
    pieces.write(Path("song.wav"), pieces.piece(12.0))
    status, written = on_a_screen(40, 120, lambda _, terminal: os.write(terminal, b"\x03"))
    assert status == 128 + signal.SIGINT
    assert SCREEN_OFF in written
    assert b"Traceback" not in written


def test_leaving_the_screen_is_a_success(folder):
    pieces.write(Path("song.wav"), pieces.piece(12.0))
    status, _ = on_a_screen(40, 120, lambda _, terminal: os.write(terminal, b"q"))
    assert status == 0


def test_a_screen_that_fails_is_no_success(folder, monkeypatch, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nif 'play' in sys.argv:\n"
        "    import livemaster.ui.screen as s\n    s.LiveScreen.on_mount = lambda self: 1 / 0\n"
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    pieces.write(Path("song.wav"), pieces.piece(12.0))
    status, written = on_a_screen(40, 120, lambda *_: None)
    assert status == 1
    assert b"the screen has failed" in written


@pytest.mark.parametrize("size", [(3, 10)])
def test_a_terminal_that_is_too_small_is_told_and_can_be_left(folder, size):
    pieces.write(Path("song.wav"), pieces.piece(12.0))
    status, written = on_a_screen(*size, lambda _, terminal: os.write(terminal, b"q"))
    assert status == 0, written[-4000:].decode(errors="replace")
    assert written.count(SCREEN_OFF) == 1
    assert b"Traceback" not in written
