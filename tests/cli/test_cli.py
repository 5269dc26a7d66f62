"""The command line: what goes to which stream, in which shape, with which exit code."""

from __future__ import annotations

import io
import json
import os
import pty
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pieces
import pytest
import soundfile as sf
import typer
from conftest import ROOT

import livemaster
from livemaster.cli.app import app
from livemaster.cli.main import main, run
from livemaster.documents import preset_names
from livemaster.documents.presets import KINDS

PROGRAM = [sys.executable, "-c", "from livemaster.cli.main import script; script()"]
MEASURED = {
    "integrated_lufs": float,
    "loudness_range_lu": float,
    "max_momentary_lufs": float,
    "max_short_term_lufs": float,
    "true_peak_dbtp": float,
    "sample_peak_dbfs": float,
    "duration_s": float,
    "sample_rate_hz": int,
    "channels": int,
}
RENDERED = {
    "input": dict,
    "output": dict,
    "target": dict,
    "reached": bool,
    "notes": list,
    "input_spread_lu": float,
    "output_spread_lu": float,
    "sections": list,
    "settings": dict,
    "playback_gain_db": float,
    "elapsed_s": float,
    "realtime_factor": float,
}
SECTION = {
    "section": str,
    "start": float,
    "end": float,
    "emotion": str,
    "intensity": float,
    "input_lufs": float,
    "planned_lufs": float,
    "output_lufs": float,
}


def shape(data: dict[str, Any]) -> dict[str, type]:
    return {key: type(value) for key, value in data.items()}


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds in a quiet and a loud half, with maps beside it."""
    folder = tmp_path_factory.mktemp("song")
    halves = [{"section": "Verse", "start": 0, "end": 3}, {"section": "Chorus [live]", "start": 3, "end": 6}]
    points = [{"time": 0, "emotion": "calm", "intensity": 0.2}, {"time": 6, "emotion": "powerful", "intensity": 0.8}]
    pieces.write_json(folder / "arrangement.json", {"structure": halves})
    pieces.write_json(folder / "emotion.json", {"curve": points})
    path = pieces.write(folder / "song.wav", pieces.piece(6.0, levels_db=(-4.0, 0.0)))
    for command in (["measure", str(path)], ["render", str(path), "-o", str(folder / "x.wav"), "--no-settings"]):
        assert run(command) == 0  # the first run says that it compiles
    (folder / "x.wav").unlink()
    return path


@pytest.fixture
def folder(tmp_path: Path, song: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An own working folder with the song and its maps."""
    for path in song.parent.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


MAPS = ["--arrangement", "arrangement.json", "--emotion", "emotion.json"]


def ran(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[str, str]:
    """Standard output and standard error of a command that succeeds."""
    status = run(list(arguments))
    out, err = capsys.readouterr()
    assert status == 0, err
    return out, err


def names(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir()} - {"song.wav", "arrangement.json", "emotion.json"}


# -- shapes ----------------------------------------------------------------------------------------------------


def test_measure_gives_the_promised_json_and_nothing_else(folder, capsys):
    out, err = ran(capsys, "measure", "song.wav", "--json")
    found = json.loads(out)
    assert shape(found) == MEASURED
    assert err == ""
    assert (found["duration_s"], found["sample_rate_hz"], found["channels"]) == (6.0, 44100, 2)
    x, rate_hz = pieces.read("song.wav")
    assert found["integrated_lufs"] == pytest.approx(pieces.lufs(x, rate_hz), abs=1e-6)
    assert found["sample_peak_dbfs"] == pytest.approx(20 * np.log10(np.abs(x).max()), abs=1e-4)
    assert names(folder) == set()


def test_what_silence_has_no_value_for_is_null(folder, capsys):
    pieces.write(folder / "silence.wav", np.zeros((1, 44100), np.float32))
    found = json.loads(ran(capsys, "measure", "silence.wav", "--json")[0])
    numbers = {"duration_s": 1.0, "sample_rate_hz": 44100, "channels": 1}
    assert found == dict.fromkeys(MEASURED, None) | numbers


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5, 6])
def test_measure_takes_one_to_six_channels(folder, capsys, channels):
    pieces.write(folder / "x.wav", pieces.piece(1.0, channels=channels))
    assert json.loads(ran(capsys, "measure", "x.wav", "--json")[0])["channels"] == channels


def test_measure_warns_of_samples_that_are_no_numbers(folder, capsys):
    x = pieces.piece(1.0)
    x[0, 100:103] = np.nan
    pieces.write(folder / "nan.wav", x, subtype="FLOAT")
    for arguments in (["nan.wav"], ["nan.wav", "--json"]):
        out, err = ran(capsys, "measure", *arguments)
        assert "nan" not in out.replace("nan.wav", "").lower()
        assert "note: input: 3 samples were no finite numbers" in err


def test_render_gives_the_promised_json_and_nothing_else_on_standard_output(folder, capsys):
    out, _ = ran(capsys, "render", "song.wav", "-o", "x.wav", *MAPS, "--json")
    found = json.loads(out)
    assert shape(found) == RENDERED
    assert shape(found["input"]) == shape(found["output"]) == MEASURED
    assert found["target"] == {"platform": "spotify", "integrated_lufs": -14.0, "true_peak_dbtp": -1.0}
    assert [shape(s) for s in found["sections"]] == [SECTION, SECTION]
    assert [(s["section"], s["start"], s["end"]) for s in found["sections"]] == [
        ("Verse", 0.0, 3.0),
        ("Chorus [live]", 3.0, 6.0),
    ]
    assert found["settings"] == json.loads(Path("x.wav.settings.json").read_text("utf-8"))
    assert found["settings"]["schema_version"] == 1
    assert found["realtime_factor"] == pytest.approx(6.0 / found["elapsed_s"], rel=0.05)
    assert all(isinstance(note, str) for note in found["notes"])
    measured = json.loads(ran(capsys, "measure", "x.wav", "--json")[0])
    assert found["output"] == pytest.approx(measured, abs=1e-3)
    assert found["input"] == json.loads(ran(capsys, "measure", "song.wav", "--json")[0])


def test_without_maps_or_detection_a_section_has_no_emotion(folder, capsys):
    out, _ = ran(capsys, "render", "song.wav", "-o", "x.wav", "--json", "--no-settings", "--no-detect")
    (section,) = json.loads(out)["sections"]
    assert shape(section) == SECTION | {"emotion": type(None), "intensity": type(None)}


def test_the_plan_printed_is_the_plan_written(folder, capsys):
    out, _ = ran(capsys, "plan", "song.wav", *MAPS, "--json")
    assert json.loads(out) == json.loads(Path("master_settings.json").read_text("utf-8"))
    assert ran(capsys, "plan", "song.wav", *MAPS, "-o", "-")[0] == out
    assert names(folder) == {"master_settings.json"}


def test_figures_for_people_go_to_standard_output_and_notes_to_standard_error(folder, capsys):
    out, err = ran(capsys, "render", "song.wav", "-o", "x.wav", *MAPS)
    for text in (
        "Verse",
        "Chorus [live]",
        "integrated, LUFS",
        "section spread, LU",
        "x.wav: target reached",
        "x.wav.settings.json",
    ):
        assert text in out
    out, err = ran(capsys, "plan", "song.wav")
    assert "master_settings.json: Spotify, −14.0 LUFS, −1.0 dBTP" in out
    assert all(line.startswith("note: ") for line in err.splitlines())
    out, err = ran(capsys, "measure", "song.wav")
    assert "integrated loudness" in out
    assert "LUFS" in out


# -- files -----------------------------------------------------------------------------------------------------


def test_default_names_stand_beside_the_input(folder, capsys):
    (folder / "deep").mkdir()
    (folder / "song.wav").rename(folder / "deep" / "my.song.wav")
    ran(capsys, "render", "deep/my.song.wav")
    ran(capsys, "plan", "deep/my.song.wav")
    made = {"my.song.wav", "my.song.master.wav", "my.song.master.wav.settings.json", "master_settings.json"}
    assert {p.name for p in (folder / "deep").iterdir()} == made


def test_no_settings_leaves_the_plan_out_and_force_replaces(folder, capsys):
    Path("x.flac").write_text("old")
    ran(capsys, "render", "song.wav", "-o", "x.flac", "--no-settings", "--force")
    assert names(folder) == {"x.flac"}
    assert sf.info("x.flac").duration == 6.0


@pytest.mark.parametrize(
    "name", ["a [bold].wav", "a [b] [red]c.wav", "a :smile:.wav", "späti–.wav", "-x.wav", "%s {0}.wav"]
)
def test_any_file_name_is_shown_as_it_is(folder, capsys, name):
    Path("song.wav").rename(name)
    given = f"./{name}"
    assert given in ran(capsys, "measure", given)[0]
    out, _ = ran(capsys, "render", given)
    assert name.replace(".wav", ".master.wav") + ": target" in out
    assert name.replace(".wav", ".master.wav.settings.json") in out
    assert "master_settings.json" in ran(capsys, "plan", given)[0]


def test_a_file_name_that_is_no_text(folder):
    """In a process of its own: the test's streams would take anything."""
    name = b"caf\xe9 \xff.wav"
    Path("song.wav").rename(os.fsdecode(name))
    done = subprocess.run([*PROGRAM, "measure", name], capture_output=True, check=False)
    assert (done.returncode, b"integrated loudness" in done.stdout) == (0, True), done.stderr
    done = subprocess.run([*PROGRAM, "render", name, "-o", b"\xff.wav"], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert names(folder) == {os.fsdecode(n) for n in (name, b"\xff.wav", b"\xff.wav.settings.json")}


def test_a_terminal_that_knows_only_ascii(folder):
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    for arguments in (["measure", "song.wav"], ["render", "--help"], ["presets", "list"]):
        command = [*PROGRAM, *arguments]
        done = subprocess.run(command, capture_output=True, env=environment, check=False)
        assert (done.returncode, b"Traceback" in done.stderr) == (0, False)
        assert done.stdout.isascii() == (arguments[-1] != "--help"), "typer writes its help as UTF-8 anyhow"
    plan = [*PROGRAM, "plan", "song.wav", *MAPS, "-o", "-"]
    done = subprocess.run(plan, capture_output=True, env=environment, check=True)
    assert json.loads(done.stdout)["sections"][1]["section"] == "Chorus [live]"


# -- streams ---------------------------------------------------------------------------------------------------


def test_a_wav_through_the_pipe(folder):
    """`-` reads and writes WAV; standard output holds the file and nothing else."""
    command = [*PROGRAM, "render", "-", "-o", "-", "--bit-depth", "16"]
    done = subprocess.run(command, input=Path("song.wav").read_bytes(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    livemaster.render("song.wav", "direct.wav", bit_depth=16)
    assert done.stdout == Path("direct.wav").read_bytes()
    assert b"target reached" in done.stderr
    assert names(folder) == {"direct.wav"}


def test_measure_and_plan_read_standard_input(folder, capsys, monkeypatch):
    expected = json.loads(ran(capsys, "measure", "song.wav", "--json")[0])
    for suffix, tolerance in (("wav", 1e-9), ("flac", 1e-9), ("ogg", 0.5)):
        data = pieces.write(Path(f"x.{suffix}"), pieces.read("song.wav")[0]).read_bytes()
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data), isatty=lambda: False))
        found = json.loads(ran(capsys, "measure", "-", "--json")[0])
        assert found == pytest.approx(expected, abs=tolerance)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data), isatty=lambda: False))
    assert "sections" in json.loads(ran(capsys, "plan", "-", "-o", "-")[0])


def test_a_reader_that_has_enough_is_no_error_of_ours(folder):
    for arguments in (["presets", "list", "--json"], ["render", "song.wav", "-o", "-"]):
        command = f"{shlex.join([*PROGRAM, *arguments])} | head -c 1 >/dev/null"
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
        assert "Traceback" not in done.stderr
        assert "Exception ignored" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
@pytest.mark.parametrize(
    "arguments", [["presets", "list"], ["measure", "song.wav", "--json"], ["plan", "song.wav", "-o", "-"]]
)
def test_standard_output_that_is_full_is_one_line(folder, arguments):
    with Path("/dev/full").open("w") as full:
        command = [*PROGRAM, *arguments]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "livemaster: No space left on device\n"


@pytest.mark.parametrize(("closed", "status"), [("<&-", 0), (">&-", 0), ("2>&-", 0), (">&- 2>&- <&-", 0)])
def test_closed_streams_do_no_harm(folder, closed, status):
    command = f"{shlex.join([*PROGRAM, 'render', 'song.wav', '-o', 'x.wav'])} {closed}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr + done.stdout) == (status, False)
    assert sf.info("x.wav").duration == 6.0
    for name, problem in (("-", "standard input: is closed"), ("none.wav", "none.wav: no such file")):
        command = f"{shlex.join([*PROGRAM, 'measure', name])} <&- {closed}"
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (2, "")
        assert (problem in done.stderr) == ("2>&-" not in closed)


def test_a_master_is_not_poured_into_a_terminal(folder):
    assert b"standard output: is a terminal" in drawn(["render", "song.wav", "-o", "-"], status=2, stdout=True)


def drawn(arguments: list[str], status: int = 0, stdout: bool = False) -> bytes:
    """What a command draws on standard error (and output) when that is a terminal."""
    ours, theirs = pty.openpty()
    command, out = [*PROGRAM, *arguments], theirs if stdout else subprocess.DEVNULL
    child = subprocess.Popen(command, stderr=theirs, stdout=out, env=os.environ | {"TERM": "xterm", "COLUMNS": "200"})
    os.close(theirs)
    seen = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # the other end is closed
            part = b""
        if not part:
            break
        seen += part
    os.close(ours)
    assert child.wait() == status
    return seen


def test_progress_is_drawn_on_a_terminal_only(folder):
    seen = drawn(["render", "song.wav", "-o", "x.wav"])
    assert b"\x1b[" in seen
    assert b"rendering" in seen
    command = [*PROGRAM, "render", "song.wav", "-o", "y.wav"]
    done = subprocess.run(command, capture_output=True, check=True)
    assert b"\x1b[" not in done.stderr + done.stdout
    assert b"rendering" not in done.stderr + done.stdout
    assert Path("x.wav").read_bytes() == Path("y.wav").read_bytes()


# -- help and presets ------------------------------------------------------------------------------------------

HEAVY = {"numpy", "numba", "llvmlite", "pydantic", "soundfile", "soxr", "pedalboard", "mutagen", "scipy"}


@pytest.mark.parametrize("arguments", [["--help"], ["render", "--help"], ["analyze", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(arguments):
    script = (
        "import sys; from livemaster.cli.main import run; status = run(sys.argv[1:]);"
        "print(*sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr); sys.exit(status)"
    )
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True)
    assert done.stdout.strip()
    heavy = set(done.stderr.split()) & HEAVY
    assert heavy == ({"pydantic"} if len(arguments) > 1 else set()), "typer itself needs pydantic for options"


def test_the_version(capsys):
    assert ran(capsys, "--version") == (f"livemaster {livemaster.__version__}\n", "")


def test_the_installed_program_is_this_one():
    script = Path(sys.executable).with_name("livemaster")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"livemaster {livemaster.__version__}\n"


def every_command() -> list[tuple[str, Any]]:
    found = []
    for name, command in typer.main.get_command(app).commands.items():
        found.append((name, command))
        found += [(f"{name} {sub}", inner) for sub, inner in getattr(command, "commands", {}).items()]
    return found


ARGUMENTS = {
    "presets show": "NAME",
    "feedback show": "TRACK",
    "profile set": "TYPE",
    "profile diff": "VERSION",
    "profile rollback": "VERSION",
    "profile auto": "on|off",
}
"""What commands are given that take no file."""


@pytest.mark.parametrize(("name", "command"), every_command(), ids=lambda v: v if isinstance(v, str) else "")
def test_every_command_and_option_has_a_help_text(name, command, capsys):
    assert command.help
    for parameter in command.params:
        assert getattr(parameter, "help", None), f"{name} {parameter.name}"
    out, _ = ran(capsys, *name.split(), "--help")
    for parameter in command.params:
        option = parameter.opts[-1].startswith("-")
        shown = parameter.opts[-1] if option else ARGUMENTS.get(name, "FILE")
        assert shown in out


def test_render_and_plan_have_the_promised_options():
    commands = dict(every_command())
    both = "output platform mode dynamics reactivity amount bass mid treble width arrangement emotion settings"
    both += " target-lufs ceiling chain sample-rate mono-as force json no-detect no-personal base-model"
    both += " amount-eq amount-compression amount-saturation amount-width amount-loudness"
    for name, more in (("render", {"--bit-depth", "--no-settings", "--take", "--keep"}), ("plan", set())):
        options = {option for p in commands[name].params for option in p.opts if option.startswith("--")}
        assert options == {f"--{option}" for option in both.split()} | more
        assert "-o" in {option for p in commands[name].params for option in p.opts}


def test_presets_are_listed_and_shown(capsys):
    kinds = json.loads(ran(capsys, "presets", "list", "--json")[0])
    assert kinds == {
        kind: list(preset_names(kind)) for kind in KINDS if kind != "MIDI mapping"
    }  # `midi map` lists them
    assert set(kinds["chain"]) >= {"default", "stock"}
    assert set(kinds["mode"]) == {"transparent", "cinematic", "radio_loud", "lofi"}
    out, _ = ran(capsys, "presets", "list")
    for kind, listed in kinds.items():
        for name in listed:
            assert name in out
            found = json.loads(ran(capsys, "presets", "show", name, "--json")[0])
            assert found[kind]["name"] == name
            assert f"{kind}:" in ran(capsys, "presets", "show", name)[0]
    assert "platform" in json.loads(ran(capsys, "presets", "show", "You Tube", "--json")[0])


# -- exit codes ------------------------------------------------------------------------------------------------


def test_exit_codes(folder, capsys, monkeypatch):
    from livemaster.errors import RenderError
    from livemaster.mastering import render as job

    assert run(["measure", "song.wav"]) == 0
    assert run(["measure", "none.wav"]) == 2
    assert run([]) == 2
    capsys.readouterr()

    def fail(*_: object) -> None:
        raise RenderError("the work failed\nbadly")

    monkeypatch.setattr(job, "render_job", fail)
    assert run(["render", "song.wav", "-o", "x.wav"]) == 1
    assert capsys.readouterr().err == "livemaster: the work failed badly\n"

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(job, "render_job", interrupt)
    assert run(["render", "song.wav", "-o", "x.wav"]) == 130
    assert capsys.readouterr().err == "livemaster: interrupted\n"


def test_nohup_is_respected(monkeypatch):
    handled: dict[int, object] = {signal.SIGTERM: signal.SIG_DFL, signal.SIGHUP: signal.SIG_IGN}
    monkeypatch.setitem(sys.modules, "scipy", sys.modules.get("scipy"))  # which the program keeps out of its process
    monkeypatch.setattr(signal, "getsignal", handled.get)
    monkeypatch.setattr(signal, "signal", handled.__setitem__)
    with pytest.raises(SystemExit):
        main(["--version"])
    assert handled[signal.SIGHUP] == signal.SIG_IGN
    assert handled[signal.SIGTERM] != signal.SIG_DFL


def test_the_module_runs_from_anywhere(tmp_path):
    done = subprocess.run([*PROGRAM, "presets", "list"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "spotify" in done.stdout
    assert not list(tmp_path.iterdir())
    assert (ROOT / "presets").is_dir()


def test_an_internal_error_is_one_line_too(monkeypatch, capsys):
    def broken(*_args, **_kwargs):
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr("livemaster.mastering.job.open_reader", broken)
    assert run(["measure", "x.wav"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert "internal error: ZeroDivisionError: on purpose" in said[0]
    monkeypatch.setenv("LIVEMASTER_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        run(["measure", "x.wav"])
