"""Child interpreters: nothing of the working folder, everything of the parent's, wherever they are started."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from conftest import ROOT

import livemaster
from livemaster import children
from livemaster.children import safe_path, start_python
from livemaster.dsp import cache
from livemaster.errors import LivemasterError

SHADOWS = (
    "random",
    "pickle",
    "json",
    "signal",
    "numpy",
    "soundfile",
    "numba",
    "sitecustomize",
    "usercustomize",
    "select",
)
"""Modules that a child imports, or Python while it starts; each as a file or a folder in the working folder."""
PACKAGE = Path(livemaster.__file__).parent
COMMAND = "from livemaster.cli.main import script; script()"


@pytest.fixture
def music(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of music, the working folder, in which files are called like modules and leave a trace when they run."""
    folder = tmp_path / "music"
    folder.mkdir()
    tone = (0.1 * np.sin(np.arange(30000) * 0.05)).astype(np.float32)
    soundfile.write(folder / "song.wav", tone, 44100)
    soundfile.write(folder / "song.mp3", tone, 44100)
    for number, name in enumerate([*SHADOWS, "livemaster"]):
        path = folder / f"{name}.py"
        if number % 2:
            (folder / name).mkdir()
            path = folder / name / "__init__.py"
        path.write_text(f"open({str(tmp_path / 'ran')!r}, 'a').write('{name} ')\nraise SystemExit(7)\n")
    monkeypatch.chdir(folder)
    return folder


def ran(folder: Path) -> str:
    trace = folder.parent / "ran"
    return trace.read_text() if trace.exists() else ""


PLAYS = {
    "play": ["play", "song.wav", "--device", "null", "--headless", "--duration", "0.3", "--no-detect"],
    "live": ["live", "--input", "song.wav", "--output", "null", "--headless", "--duration", "0.3"],
    "measure": ["measure", "song.mp3"],
}


@pytest.mark.parametrize("command", PLAYS)
@pytest.mark.parametrize("python_path", [False, True])
def test_nothing_in_a_folder_of_music_is_executed(music: Path, command: str, python_path: bool) -> None:
    """Neither as the working folder nor when PYTHONPATH leads there, which Python itself follows as it starts.

    In the parent of this test that is left out: what Python does before livemaster begins is its own.
    """
    begin = f"import os, sys; sys.path[:0] = [{str(PACKAGE.parent)!r}]\n"
    if python_path:
        entries = [str(music), ".", ""]
        begin += f"os.environ['PYTHONPATH'] = {os.pathsep.join(entries)!r}; sys.path += {entries!r}\n"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-P", "-c", begin + COMMAND, *PLAYS[command]],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert ran(music) == ""


def test_python_m_executes_nothing_there_either(music: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for what Python itself imports while it looks for the package."""
    for name in ("livemaster", "sitecustomize", "usercustomize"):
        path = music / name
        shutil.rmtree(path) if path.is_dir() else path.with_suffix(".py").unlink()
    monkeypatch.setenv("PYTHONPATH", str(PACKAGE.parent))
    command = [sys.executable, "-m", "livemaster", *PLAYS["play"]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert ran(music) == ""


# -- what a child knows ------------------------------------------------------------------------------------------

TELL = """
import json, os, sys
import livemaster
print(json.dumps({"path": sys.path, "argv": sys.argv, "file": livemaster.__file__, "env": os.environ.get("PYTHONPATH"),
                  "orig": sys.orig_argv[1:3]}))
"""


def told(tmp_path: Path, *arguments: object) -> Any:
    script = tmp_path / "tell.py"
    script.write_text(TELL)
    child = start_python(script, *arguments, stdout=subprocess.PIPE)
    return json.loads(child.communicate(timeout=60)[0])


def test_a_child_has_its_parents_places_and_this_very_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other"
    shutil.copytree(PACKAGE, other / "livemaster", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.syspath_prepend(str(other))
    found = told(tmp_path, "a", 3, Path("b c"))
    assert found["argv"] == [str(tmp_path / "tell.py"), "a", "3", "b c"]
    assert found["path"] == safe_path()
    assert found["path"][0] == str(other)
    assert Path(found["file"]) == PACKAGE / "__init__.py"
    assert found["orig"][0] == "-P"


def test_relative_places_are_the_parents_and_the_working_folder_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    (here / "lib").mkdir(parents=True)
    link = tmp_path / "link"
    link.symlink_to(here)
    monkeypatch.chdir(here)
    monkeypatch.setattr(sys, "path", ["", ".", str(here), str(link), f"{here}/lib/..", "lib", *sys.path])
    assert safe_path()[0] == str(here / "lib")
    assert not any(Path(each).exists() and Path(each).samefile(here) for each in safe_path())


def test_a_working_folder_that_is_gone_is_no_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert safe_path() == [each for each in sys.path if each]


def test_without_an_interpreter_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "")
    with pytest.raises(LivemasterError, match=r"sys\.executable"):
        start_python(tmp_path / "x.py")


def test_a_program_that_extends_sys_path_can_play_and_decode(tmp_path: Path, music: Path) -> None:
    """Started by an interpreter that knows neither livemaster nor what it needs."""
    places = [str(PACKAGE.parent), *(each for each in sys.path if each and "site-packages" in each)]
    program = tmp_path / "own.py"
    program.write_text(
        textwrap.dedent(
            f"""
            import sys
            sys.path[:0] = {places!r}
            import livemaster
            assert livemaster.measure("song.mp3").duration_s > 0.5
            session = livemaster.play("song.wav", device="null", duration_s=0.3, detect=False)
            session.wait()
            print(session.stop_reason)
            """
        )
    )
    bare = getattr(sys, "_base_executable", sys.executable)
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run([bare, program], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert "are over" in done.stdout
    assert ran(music) == ""


OTHER_PROGRAMS = (PACKAGE / "session" / "identity.py",)
"""Modules that start a program of the system, which is no interpreter."""


def test_all_children_are_started_by_one_function() -> None:
    """Any other way would be unlike its siblings."""
    for path in PACKAGE.rglob("*.py"):
        if path.parent == Path(children.__file__).parent:
            continue
        text = path.read_text("utf-8")
        if path in OTHER_PROGRAMS:
            assert "executable" not in text
            continue
        for node in ast.walk(ast.parse(text)):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
                assert (called.value.id, called.attr) not in {
                    (module, name)
                    for module, names in {
                        "subprocess": ("Popen", "run", "call", "check_call", "check_output"),
                        "os": ("system", "popen", "spawnv", "spawnl", "posix_spawn", "execl", "execvp", "execve"),
                        "multiprocessing": ("Process", "Pool"),
                    }.items()
                    for name in names
                }, path


# -- kernels -----------------------------------------------------------------------------------------------------

SOUND = """
import sys
sys.path[:0] = {places!r}
import numpy as np
from livemaster.dsp.cache import kernel_cache
from livemaster import Saturator
x = (np.sin(np.arange(4800) * 2 * np.pi * 440 / 48000) * 0.5).astype(np.float32)[None]
y = Saturator(saturation=0.8)(x, 48000)
print(float(np.sqrt((y.astype(np.float64) ** 2).mean())), kernel_cache())
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package that may be changed."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, tmp_path / "copy" / "livemaster", ignore=ignored)
    shutil.copytree(ROOT / "presets", tmp_path / "copy" / "presets")
    return tmp_path / "copy"


def sounded(package: Path, **environment: str) -> tuple[float, str]:
    """What a saturator sounds like, and where its kernels were kept."""
    program = SOUND.format(places=[str(package)])
    drop = ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "PYTHONPATH")
    env = {name: value for name, value in os.environ.items() if name not in drop}
    env |= {"PYTHONDONTWRITEBYTECODE": "1"} | environment
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0, done.stderr
    level, place = done.stdout.split(maxsplit=1)
    return float(level), place.strip()


def change(package: Path) -> None:
    """Another sound, in a file that the saturator's kernel calls into; neither size nor time tell of it."""
    path = package / "livemaster" / "dsp" / "halfband.py"
    before, state = path.read_text("utf-8"), path.stat()
    line = "out[i] = centre[i]\n"
    assert before.count(line) == 1
    path.write_text(before.replace(line, "out[i] = centre[0]\n"), "utf-8")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


@pytest.mark.parametrize("place", ["nowhere", "kept"])
def test_kernels_are_never_stale_and_never_beside_the_sources(package: Path, tmp_path: Path, place: str) -> None:
    where = {"HOME": "/proc"} if place == "nowhere" else {"HOME": str(tmp_path / "home")}
    where["TMPDIR"] = str(tmp_path / "tmp")
    (tmp_path / "tmp").mkdir()
    old, folder = sounded(package, **where)
    assert folder.startswith(str(tmp_path / ("tmp" if place == "nowhere" else "home")))
    change(package)
    new, _ = sounded(package, **where)
    assert new < 0.99 * old or new > 1.01 * old
    assert not [path for path in package.rglob("*") if path.suffix in (".nbi", ".nbc")]
    assert not list((tmp_path / "tmp").iterdir()), "a temporary folder goes with its process"


def test_without_any_place_kernels_stay_in_memory(package: Path) -> None:
    """Not even temporary files: so nothing is kept, and nothing is written beside the sources."""
    program = (
        "import sys, tempfile\n"
        f"sys.path[:0] = [{str(package)!r}]\n"
        "tempfile.mkdtemp = lambda **_: open('/proc/none', 'x')\n"
        "import numpy as np\n"
        "from livemaster import Gain\n"
        "from livemaster.dsp.cache import kernel_cache\n"
        "print(kernel_cache(), Gain(gain_db=6.0)(np.ones((1, 64), np.float32), 48000)[0, 0])\n"
    )
    env = {k: v for k, v in os.environ.items() if k not in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "PYTHONPATH")}
    env |= {"HOME": "/proc", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["None", "1.9952623"]
    assert not [path for path in package.rglob("*") if path.suffix in (".nbi", ".nbc")]


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of this kind")
def test_a_full_disk_costs_the_cache_alone(tmp_path: Path) -> None:
    program = (
        "import resource, signal, sys\n"
        f"sys.path[:0] = [{str(PACKAGE.parent)!r}]\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "import numpy as np\n"
        "from livemaster import Gain\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
        "y = Gain(gain_db=6.0)(np.ones((1, 64), np.float32), 48000)[0, 0]\n"
        "sys.exit(0 if abs(y - 1.9952624) < 1e-6 else 3)\n"
    )
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"NUMBA_CACHE_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0, done.stderr


def test_damaged_kernels_are_compiled_again(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        f"sys.path[:0] = [{str(PACKAGE.parent)!r}]\n"
        "import numpy as np\n"
        "from livemaster import Gain\n"
        "print(Gain(gain_db=6.0)(np.ones((1, 64), np.float32), 48000)[0, 0])\n"
    )
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"NUMBA_CACHE_DIR": str(tmp_path)}
    said = []
    for damage in (b"", b"\x80\x04 no pickle", None):
        done = subprocess.run(
            [sys.executable, "-P", "-c", program], capture_output=True, text=True, env=env, check=False
        )
        said.append((done.returncode, done.stdout))
        kept = [path for path in tmp_path.rglob("*") if path.suffix in (".nbi", ".nbc")]
        assert kept
        for path in kept if damage is not None else ():
            path.write_bytes(damage)
    assert said == [said[0]] * 3
    assert said[0][0] == 0


def test_kernels_run_uncompiled_to_the_same_bits_where_numba_is_told_so(tmp_path: Path) -> None:
    """As debuggers and coverage want them."""
    program = (
        "import sys\n"
        f"sys.path[:0] = [{str(PACKAGE.parent)!r}]\n"
        "import numpy as np\n"
        "from livemaster import Gain, Limiter\n"
        "x = np.sin(np.arange(256, dtype=np.float32))[None]\n"
        "print(Limiter()(Gain(gain_db=6.0)(x, 48000), 48000).tobytes().hex())\n"
    )
    said = []
    for disabled in ("0", "1"):
        env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"NUMBA_DISABLE_JIT": disabled}
        done = subprocess.run(
            [sys.executable, "-P", "-c", program], capture_output=True, text=True, env=env, check=False
        )
        assert done.returncode == 0, done.stderr
        said.append(done.stdout)
    assert said[0] == said[1]


def test_every_file_with_kernels_is_known_to_the_cache() -> None:
    known = {path for pattern in cache.SOURCES for path in PACKAGE.glob(pattern)}
    users = {
        path
        for path in PACKAGE.rglob("*.py")
        if any(f"import {name}" in path.read_text("utf-8") for name in ("kernel\n", "c_callback", "kernel,"))
    }
    assert users
    assert users <= known


def test_any_change_of_any_source_is_another_folder(package: Path) -> None:
    before = cache.source_digest(package / "livemaster")
    for path in sorted(path for pattern in cache.SOURCES for path in (package / "livemaster").glob(pattern)):
        data, state = path.read_bytes(), path.stat()
        path.write_bytes(data[:-1] + b" ")
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
        assert cache.source_digest(package / "livemaster") != before, path
        path.write_bytes(data)
    assert cache.source_digest(package / "livemaster") == before
