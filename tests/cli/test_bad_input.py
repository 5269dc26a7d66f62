"""Bad input: exit code 2, one line that says what, where and what is allowed, and nothing written."""

from __future__ import annotations

import json
import os
import resource
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pieces
import pytest
import soundfile as sf
from bad_maps import BAD_DOCUMENTS, POINTS, SECTIONS, UNSAFE_JSON

from livemaster.cli.main import run
from livemaster.printable import printable


@pytest.fixture(scope="module")
def mix_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Two seconds of stereo, WAV; mastered once, so that no kernel is left to be compiled and announced."""
    path = pieces.write(tmp_path_factory.mktemp("mix") / "mix.wav", pieces.piece(2.0))
    assert run(["render", str(path), "--bit-depth", "16"]) == 0
    assert run(["measure", str(path)]) == 0
    return path.read_bytes()


@pytest.fixture
def folder(tmp_path: Path, mix_bytes: bytes, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, which holds `mix.wav`; temporary files go to another one."""
    (tmp_path / "work").mkdir()
    (tmp_path / "spool").mkdir()
    (tmp_path / "work" / "mix.wav").write_bytes(mix_bytes)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "spool"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "spool"))
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


def refusal(folder: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line with which a command line is refused, checked for the law that every refusal obeys."""
    before = pieces.listing(folder)
    status = run(list(arguments))
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert (status, out, len(lines)) == (2, "", 1), err
    assert pieces.listing(folder) == before
    assert lines[0].startswith("livemaster: ")
    assert lines[0].isprintable()
    return lines[0].removeprefix("livemaster: ")


def refused(folder: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """As `refusal`, for all that both `render` and `plan` refuse in the same words."""
    rendering = refusal(folder, capsys, "render", *arguments)
    assert refusal(folder, capsys, "plan", *arguments) == rendering
    return rendering


# -- audio files -----------------------------------------------------------------------------------------------


def wav(
    codec: int = 1, channels: int = 2, rate_hz: int = 44_100, data: bytes = bytes(176_400), claimed: int = -1
) -> bytes:
    """A 16-bit WAV with a header that may lie."""
    layout = struct.pack("<HHIIHH", 1, channels, rate_hz, rate_hz * 2 * channels % 2**32, 2 * channels, 16)
    size = len(data) if claimed < 0 else claimed
    return (
        b"RIFF"
        + struct.pack("<I", 36 + size)
        + b"WAVEfmt \x10\0\0\0"
        + layout
        + b"data"
        + struct.pack("<I", size)
        + data
    )


def lying_flac(folder: Path) -> bytes:
    """A FLAC file whose header promises ten times its length."""
    data = bytearray(pieces.write(folder / "spool" / "x.flac", pieces.piece(1.0)).read_bytes())
    (folder / "spool" / "x.flac").unlink()
    data[21:26] = struct.pack(">Q", (int.from_bytes(data[18:26], "big") & ~0xFFFFFFFFF) | 441_000)[3:]
    return bytes(data)


NO_AUDIO = "is not an audio file that can be read; readable are WAV, AIFF, FLAC, OGG and MP3"
BAD_FILES: dict[str, tuple[bytes, str]] = {
    "empty.wav": (b"", "is empty (0 bytes)"),
    "text.wav": (b"This is my song, la la la. " * 100, NO_AUDIO),
    "page.mp3": (b"<!DOCTYPE html><html></html>" * 50, NO_AUDIO),
    "picture.flac": (b"\x89PNG\r\n\x1a\n" + bytes(500), NO_AUDIO),
    "magic.wav": (b"RIFF\x24\0\0\0WAVE", "truncated WAV: the header ends before any audio ('data' chunk) begins"),
    "magic.flac": (b"fLaC", "cannot be decoded"),
    "magic.ogg": (b"OggS" + bytes(300), "cannot be decoded"),
    "silent.wav": (b"RIFF\x04\0\0\0WAVE", "is a WAV without audio ('data' chunk)"),
    "magic.aiff": (b"FORM\0\0\0\x04AIFF", "is an AIFF without a complete COMM chunk"),
    "frames.wav": (wav(data=b""), "holds no audio (0 frames)"),
    "rate0.wav": (wav(rate_hz=0), "its header says 2 channels at 0 Hz"),
    "rate100.wav": (wav(rate_hz=100), "the sample rate is 100 Hz, allowed are 8000 to 192000 Hz"),
    "rate4G.wav": (wav(rate_hz=4_000_000_000), "the sample rate is 4000000000 Hz, allowed are 8000 to 192000 Hz"),
    "channels0.wav": (wav(channels=0), "its header says 0 channels at 44100 Hz"),
    "channels99.wav": (wav(channels=99), "has 99 channels, allowed are 1 to 6"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_holds_no_usable_audio(folder, capsys, name):
    data, problem = BAD_FILES[name]
    Path(name).write_bytes(data)
    message = refused(folder, capsys, name)
    assert message.startswith(f"{name}: {problem}")
    assert refusal(folder, capsys, "measure", name) == message


@pytest.mark.parametrize("suffix", ["wav", "aiff", "flac", "ogg", "mp3"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_a_truncated_file_is_read_up_to_there_and_told(folder, capsys, suffix, share):
    path = pieces.write(Path(f"cut.{suffix}"), pieces.piece(2.0))
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    if share < 0.1:
        assert refused(folder, capsys, str(path)).startswith(f"cut.{suffix}: ")
        return
    assert run(["render", str(path), "-o", "out.wav", "--no-detect", "--no-settings"]) == 0
    said = capsys.readouterr().err
    assert "its header" in said or "its last frame" in said
    assert sf.info("out.wav").duration == pytest.approx(2.0 * share, abs=0.3)


def test_a_header_that_promises_more_is_told(folder, capsys):
    Path("lying.flac").write_bytes(lying_flac(folder))
    Path("lying.wav").write_bytes(wav(claimed=900_000))
    assert sf.info("lying.flac").frames == 441_000, "the lie is in the file"
    for name, told in (
        ("lying.flac", "its header tells 441000 frames (10.000 s), read to its end it has 44100 (1.000 s)"),
        ("lying.wav", "its header promises 900000 bytes of audio, the file holds 176400: all that is there was read"),
    ):
        assert run(["measure", name]) == 0
        assert capsys.readouterr().err == f"note: input: {told}\n"


def test_a_file_that_cannot_be_opened(folder, capsys):
    Path("songs.wav").mkdir()
    os.mkfifo("pipe.wav")
    Path("loop.wav").symlink_to("loop.wav")
    long = "n" * 300 + ".wav"
    assert refused(folder, capsys, "none.wav") == "none.wav: no such file"
    assert refused(folder, capsys, "none/mix.wav") == "none/mix.wav: no such file"
    assert refused(folder, capsys, "songs.wav") == "songs.wav: is a folder, an audio file is wanted"
    assert refused(folder, capsys, "pipe.wav") == "pipe.wav: is not a regular file (use - for standard input)"
    assert refused(folder, capsys, "loop.wav").startswith("loop.wav: cannot be read: ")
    assert refused(folder, capsys, long) == f"{long}: cannot be read: File name too long"
    assert refused(folder, capsys, "mix.wav/mix.wav").startswith("mix.wav/mix.wav: cannot be read: Not a directory")
    assert refused(folder, capsys, "zero\0.wav") == "zero?.wav: is not a file name"
    assert refused(folder, capsys, "line\nfeed\x1b[2J.wav") == "line?feed?[2J.wav: no such file"
    for nameless in ("", ".", "/"):
        assert refused(folder, capsys, nameless) == f"'{nameless}': is not the name of a file"


def test_an_unreadable_file(folder, capsys, monkeypatch):
    """Who tests as root may read everything, so the system's answer is played."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "mix.wav")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", refuse)
        assert run(["measure", "mix.wav"]) == 2
        assert run(["plan", "mix.wav"]) == 2
    assert capsys.readouterr().err == "livemaster: mix.wav: cannot be read: Permission denied\n" * 2


def test_audio_that_cannot_be_mastered(folder, capsys):
    for name, x, rate_hz in (
        ("short.wav", pieces.piece(0.39), 44_100),
        ("surround.wav", pieces.piece(1.0, channels=6), 44_100),
        ("three.flac", pieces.piece(1.0, channels=3), 44_100),
        ("silent.wav", np.zeros((2, 88_200), np.float32), 44_100),
        ("whisper.wav", pieces.piece(2.0, peak=1e-5), 44_100),
        ("nan.wav", np.full((2, 88_200), np.nan, np.float32), 44_100),
    ):
        pieces.write(Path(name), x, rate_hz, subtype="PCM_24" if name != "nan.wav" else "FLOAT")
    silent = "is silent, nothing in it passes -70 LUFS: there is nothing to master"
    assert refused(folder, capsys, "short.wav") == "short.wav: lasts 0.390 s, mastering needs at least 0.4 s"
    assert refused(folder, capsys, "surround.wav") == "surround.wav: has 6 channels, mastering takes mono or stereo"
    assert refused(folder, capsys, "three.flac") == "three.flac: has 3 channels, mastering takes mono or stereo"
    assert refused(folder, capsys, "silent.wav") == f"silent.wav: {silent}"
    assert refused(folder, capsys, "whisper.wav") == f"whisper.wav: {silent}"
    assert refused(folder, capsys, "nan.wav") == f"nan.wav: {silent}"


# -- outputs ---------------------------------------------------------------------------------------------------


def test_an_output_that_would_overwrite_what_the_master_is_made_from(folder, capsys):
    maps = [
        *("--arrangement", str(pieces.write_json(Path("arrangement.json"), {"structure": SECTIONS}))),
        *("--emotion", str(pieces.write_json(Path("emotion.json"), {"curve": POINTS}))),
        *("--settings", str(pieces.write_json(Path("old.wav.settings.json"), {"global": {}}))),
    ]
    Path("soft.wav").symlink_to("mix.wav")
    Path("hard.wav").hardlink_to("mix.wav")
    for name in ("mix.wav", "./mix.wav", "soft.wav", "hard.wav", str(Path.cwd() / "mix.wav")):
        message = refusal(folder, capsys, "render", "mix.wav", "-o", name, "--force", "--no-settings")
        assert message == f"{name}: is the same file as mix.wav, it needs another name"
    for name in ("mix.wav", "hard.wav", "arrangement.json", "emotion.json", "old.wav.settings.json"):
        message = refusal(folder, capsys, "plan", "mix.wav", *maps, "-o", name, "--force")
        assert message.startswith(f"{name}: is the same file as ")
    message = refusal(folder, capsys, "render", "mix.wav", *maps, "-o", "old.wav", "--force")
    assert message == "old.wav.settings.json: is the same file as old.wav.settings.json, it needs another name"


def test_an_output_that_exists(folder, capsys):
    for name in ("master.wav", "other.wav.settings.json", "mix.master.wav", "master_settings.json"):
        Path(name).write_text("precious")
    Path("dangling.json").symlink_to("nowhere/x.json")
    wanted = {
        ("render", "mix.wav", "-o", "master.wav"): "master.wav: exists already, --force overwrites it",
        ("render", "mix.wav", "-o", "other.wav"): "other.wav.settings.json: exists already, --force overwrites it",
        ("render", "mix.wav"): "mix.master.wav: exists already, --force overwrites it",
        ("plan", "mix.wav"): "master_settings.json: exists already, --force overwrites it",
        ("plan", "mix.wav", "-o", "dangling.json"): "dangling.json: is a link that leads nowhere",
    }
    for arguments, message in wanted.items():
        assert refusal(folder, capsys, *arguments).startswith(message)


def test_an_output_that_cannot_be_a_file(folder, capsys):
    Path("folder.wav").mkdir()
    long = "n" * 300 + ".wav"
    nearly = "n" * 245 + ".wav"  # the master's name fits, its plan's does not
    wanted = {
        "none/x.wav": "there is no folder",
        "mix.wav/x.wav": "there is no folder",
        "folder.wav": "is a folder, a file name is wanted",
        "x.m4a": "unknown extension '.m4a', allowed are .wav .aiff .aif .flac .ogg .mp3",
        "x": "unknown extension '', allowed are .wav .aiff .aif .flac .ogg .mp3",
        long: "File name too long",
        "a\0b.wav": "is not a file name",
    }
    for name, problem in wanted.items():
        assert problem in refusal(folder, capsys, "render", "mix.wav", "-o", name, "--force", "--no-settings")
        refusal(folder, capsys, "render", "mix.wav", "-o", name)
    assert "File name too long" in refusal(folder, capsys, "render", "mix.wav", "-o", nearly)
    for nameless in ("", ".", "/"):
        message = refusal(folder, capsys, "render", "mix.wav", "-o", nameless)
        assert message == f"'{nameless}': is not the name of a file"
    for name in ("none/x.json", "mix.wav/x.json", "folder.wav", long, "a\0b.json", "", "."):
        refusal(folder, capsys, "plan", "mix.wav", "-o", name, "--force")


@pytest.fixture
def locked_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in which nobody may write; not even root may in /proc."""
    if os.geteuid() == 0:
        yield Path("/proc")
        return
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    yield locked
    locked.chmod(0o700)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux's /proc")
def test_an_unwritable_folder(folder, capsys, locked_folder):
    for command, name in (("render", "x.wav"), ("render", "x.mp3"), ("plan", "x.json")):
        target = str(locked_folder / name)
        assert f"{target}: cannot be written: " in refusal(folder, capsys, command, "mix.wav", "-o", target)


@pytest.mark.parametrize("room_bytes", [0, 100, 50_000])
@pytest.mark.parametrize("name", ["x.wav", "x.aiff", "x.flac", "x.ogg", "x.mp3", "x.json"])
def test_a_full_disk(folder, capsys, name, room_bytes):
    """A limit on the size of files stands for it: the system answers in the same place."""
    command = "plan" if name == "x.json" else "render"
    if (name, room_bytes) == ("x.json", 50_000):
        room_bytes = 1000
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room_bytes, hard))
    try:
        message = refusal(folder, capsys, command, "mix.wav", "-o", name)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert message == f"{name}: cannot be written: File too large; nothing was kept"


def test_a_plan_that_cannot_be_written_keeps_the_master_from_appearing(folder, capsys, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", refuse)
    message = refusal(folder, capsys, "render", "mix.wav", "-o", "x.wav")
    assert message == "x.wav.settings.json: cannot be written: No space left on device; nothing was kept"


# -- names and values ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "name", "nearest", "known"),
    [
        ("platform", "spotfy", "spotify", "youtube"),
        ("platform", "You Tub", "youtube", "spotify"),
        ("mode", "cinematik", "cinematic", "transparent"),
        ("chain", "defalt", "default", "default"),
    ],
)
def test_an_unknown_name(folder, capsys, option, name, nearest, known):
    message = refused(folder, capsys, "mix.wav", f"--{option}", name)
    assert message.startswith(f"unknown {option} '{name}': did you mean '{nearest}'? known are ")
    assert known in message.split("known are ")[1].split(", ")


@pytest.mark.parametrize("option", ["platform", "mode", "chain"])
def test_a_name_that_is_no_name(folder, capsys, option):
    for name in ("", "zzzz", "../../etc/passwd", "a\nb\x1b[31m"):
        assert refused(folder, capsys, "mix.wav", f"--{option}", name).startswith(f"unknown {option} '")


RANGES = {
    "dynamics": ("-1.1", "1.5", "-1 to 1"),
    "reactivity": ("-0.1", "1.6", "0 to 1.5"),
    "amount": ("-0.1", "1.1", "0 to 1"),
    "amount-eq": ("-1", "2", "0 to 1"),
    "amount-compression": ("-1", "2", "0 to 1"),
    "amount-saturation": ("-1", "2", "0 to 1"),
    "amount-width": ("-1", "2", "0 to 1"),
    "amount-loudness": ("-1", "2", "0 to 1"),
    "bass": ("-13", "13", "-12 to 12 dB"),
    "mid": ("-13", "13", "-12 to 12 dB"),
    "treble": ("-13", "13", "-12 to 12 dB"),
    "width": ("-1.5", "1.5", "-1 to 1"),
    "target-lufs": ("-41", "0", "-40 to -4 LUFS"),
    "ceiling": ("-13", "0.1", "-12 to 0 dBTP"),
}


@pytest.mark.parametrize("option", RANGES)
def test_an_option_out_of_its_range(folder, capsys, option):
    *wrong, allowed = RANGES[option]
    for value in (*wrong, "nan", "inf", "-inf", "1e300"):
        message = refused(folder, capsys, "mix.wav", f"--{option}={value}")
        assert message == f"{option} is {float(value):g}, allowed are {allowed}"


@pytest.mark.parametrize("option", RANGES)
def test_an_option_that_is_no_number(folder, capsys, option):
    message = refused(folder, capsys, "mix.wav", f"--{option}=loud")
    assert message == f"Invalid value for '--{option}': 'loud' is not a number"


def test_a_rate_or_depth_that_cannot_be(folder, capsys):
    message = refused(folder, capsys, "mix.wav", "--sample-rate=44.1k")
    assert message == "Invalid value for '--sample-rate': '44.1k' is not a whole number"
    for value in ("0", "-1", "7999", "192001", "10000000000"):
        message = refused(folder, capsys, "mix.wav", f"--sample-rate={value}")
        assert message == f"the sample rate asked for is {value} Hz, allowed are 8000 to 192000 Hz"
    wanted = {
        ("x.wav", "8"): "x.wav: WAV cannot hold 8 bits, allowed are 16, 24, 32",
        ("x.wav", "-1"): "x.wav: WAV cannot hold -1 bits, allowed are 16, 24, 32",
        ("x.flac", "32"): "x.flac: FLAC cannot hold 32 bits, allowed are 16, 24",
        ("x.mp3", "16"): "x.mp3: MP3 has no bit depth, leave --bit-depth 16 out",
    }
    for (name, depth), message in wanted.items():
        assert refusal(folder, capsys, "render", "mix.wav", "-o", name, "--bit-depth", depth) == message
    message = refusal(folder, capsys, "render", "mix.wav", "-o", "x.mp3", "--sample-rate", "96000")
    assert message.startswith("x.mp3: MP3 cannot hold 96000 Hz, allowed with --sample-rate are 8000, ")


def test_a_command_line_that_is_none(folder, capsys):
    assert refusal(folder, capsys, "rendr", "mix.wav") == "No such command 'rendr'. Did you mean 'render'?"
    assert "--platfrom" in refusal(folder, capsys, "render", "mix.wav", "--platfrom", "x")
    assert "FILE" in refusal(folder, capsys, "render")
    assert "extra" in refusal(folder, capsys, "measure", "mix.wav", "extra.wav")
    assert "'spotify'" in refusal(folder, capsys, "presets", "show", "spotfy")
    message = refusal(folder, capsys, "render", "mix.wav", "-o", "-", "--json")
    assert message == "--json and -o - both want standard output; give one of them a file"
    for command in ("render", "plan"):
        message = refusal(folder, capsys, command, "-")
        assert message == "standard input has no name to derive an output from; say where to write with -o"


# -- maps and settings -----------------------------------------------------------------------------------------


BAD_MAPS = [(option, case) for option, cases in BAD_DOCUMENTS.items() for case in cases]


@pytest.mark.parametrize(("option", "case"), BAD_MAPS)
def test_a_map_or_settings_file_with_something_wrong(folder, capsys, option, case):
    data, problem = BAD_DOCUMENTS[option][case]
    pieces.write_json(Path("bad.json"), data)
    message = refused(folder, capsys, "mix.wav", f"--{option}", "bad.json")
    where = "" if case == "chain" else "bad.json: "
    assert message.startswith(f"{where}{problem}")


@pytest.mark.parametrize("option", ["arrangement", "emotion", "settings"])
@pytest.mark.parametrize("case", UNSAFE_JSON)
def test_json_that_is_unsafe_or_none(folder, capsys, option, case):
    data, problem = UNSAFE_JSON[case]
    bad = folder.parent / f"{case}.json" if case == "huge" else Path("bad.json")
    bad.write_bytes(data)
    try:
        message = refusal(folder, capsys, "plan", "mix.wav", f"--{option}", str(bad))
    finally:
        bad.unlink()
    assert message.startswith(f"{bad}: {problem}")


def test_no_name_moves_the_cursor(folder, capsys):
    """Of a song, a map, a section or a master; what is not printable is a question mark, as JSON it is escaped."""
    odd = "a\x1b]0;x\x07\x9b31m\u202e\rb"
    song, plan = f"{odd}.wav", f"{odd}.json"
    Path("mix.wav").rename(song)
    half_s = 0.5 * sf.info(song).duration
    parts = [{"section": odd, "start": k * half_s, "end": (k + 1) * half_s, "emotion": odd} for k in range(2)]
    Path(plan).write_text(json.dumps({"structure": parts}))
    for command in (
        ["render", song, "--arrangement", plan],
        ["render", song, "--arrangement", plan, "--json", "--output", f"{odd}2.wav"],
        ["plan", song, "--arrangement", plan],
        ["measure", song],
        ["measure", song, "--json"],
        ["analyze", song, "--output", odd],
        ["rate", song, "--rating", "4", "--comment", odd],
        ["feedback", "list"],
        ["profile", "set", "--gear", "car", "--reason", odd],
        ["profile", "history"],
        ["share", "enable"],
        ["share", "export", "--output", odd + "3"],
        ["personal", "export", "--output", odd + "4"],
        ["midi", "show", odd],
    ):
        run(command)
        seen = "".join(capsys.readouterr())
        assert seen.strip(), command
        assert seen.replace("\n", "").isprintable(), (command, seen)


def test_spaces_of_any_kind_are_printable():
    assert printable("a\u3000b\xa0c\u2028d\n") == "a b c?d?"


@pytest.mark.parametrize("option", ["arrangement", "emotion", "settings"])
def test_a_map_that_cannot_be_read(folder, capsys, option):
    for name, problem in (("none.json", "No such file or directory"), (".", "Is a directory"), ("", "Is a directory")):
        message = refused(folder, capsys, "mix.wav", f"--{option}", name)
        assert message.endswith(f": cannot be read: {problem}")


def test_the_line_names_the_file_whatever_it_is_called(folder, capsys):
    name = "my [bold]map :smile:\x1b[31m.json"
    Path(name).write_text(json.dumps({"curve": []}))
    message = refused(folder, capsys, "mix.wav", "--emotion", name)
    assert message == "my [bold]map :smile:?[31m.json: curve has 0 entries, allowed are at least 1"
