"""Imports point one way, and heavy or foreign libraries stay where the architecture puts them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import ROOT

BELOW: dict[str, frozenset[str]] = {}
"""For each package of livemaster, the packages that it may import."""


def _stack(package: str, *on: str) -> None:
    BELOW[package] = frozenset(on).union(*(BELOW[lower] for lower in on))


_stack("errors")
_stack("units", "errors")
_stack("printable")
_stack("children", "errors")
_stack("controls")
_stack("documents", "units", "printable", "controls")
_stack("plan_options", "documents")
_stack("dsp", "units", "controls", "printable")
_stack("nodes", "dsp")
_stack("graph", "nodes")
_stack("engine", "graph")
_stack("metering", "dsp")
_stack("analysis", "dsp", "metering")
_stack("tone", "documents", "analysis")
_stack("planning", "tone", "plan_options")
_stack("audio", "dsp", "children", "documents")
_stack("mastering", "engine", "planning", "audio")
_stack("report", "mastering")
_stack("snapshot", "planning")
_stack("personal", "mastering", "snapshot")
_stack("sound", "engine", "children", "snapshot")
_stack("session", "mastering", "sound")
_stack("midi", "snapshot")
_stack("studio", "session", "midi", "personal")
_stack("ui", "studio", "report")
_stack("api", "session")
_stack("cli", "ui", "api")
_stack("__init__", "cli")
_stack("__main__", "cli")

SOUND_PATH = {"dsp", "nodes", "graph", "engine"}
NOT_IN_SOUND_PATH = {"pydantic", "soundfile", "soxr", "sounddevice", "rtmidi", "typer", "rich", "mutagen"}
NOWHERE = {"scipy", "pyloudnorm", "librosa"}
ONLY_IN = {"matplotlib": "report/", "pedalboard": "nodes/hosted.py", "textual": "ui/", "duckdb": "personal/counting.py"}


class Import(NamedTuple):
    line: int
    target: str  # dotted, absolute


def imports(path: str, source: str) -> Iterator[Import]:
    """Every import of a module, also those inside functions; `path` is relative to the package's folder."""
    package = ("livemaster", *Path(path).parent.parts)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (Import(node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from (Import(node.lineno, f"{module}.{alias.name}") for alias in node.names)


def violations(path: str, source: str) -> list[str]:
    """What is wrong with a module's imports; `path` is relative to the package's folder."""
    home = Path(path).parts[0].removesuffix(".py")
    found = []
    for line, target in imports(path, source):
        library, _, rest = target.partition(".")
        if library == "livemaster":
            wanted = rest.partition(".")[0]
            if home not in BELOW:
                found.append(f"{path}: {home} has no place among the packages")
            elif wanted not in {"__version__", home, *BELOW[home]}:
                found.append(f"{path}:{line}: {home} must not import {target}")
        elif library in NOWHERE or (home in SOUND_PATH and library in NOT_IN_SOUND_PATH):
            found.append(f"{path}:{line}: {home} must not import {library}")
        elif library in ONLY_IN and not path.startswith(ONLY_IN[library]):
            found.append(f"{path}:{line}: {library} may only be imported in {ONLY_IN[library]}")
    return found


def modules() -> list[str]:
    package = ROOT / "livemaster"
    return sorted(path.relative_to(package).as_posix() for path in package.rglob("*.py"))


def test_every_import_points_down() -> None:
    package = ROOT / "livemaster"
    assert [wrong for path in modules() for wrong in violations(path, (package / path).read_text("utf-8"))] == []


def test_every_package_has_its_place() -> None:
    assert {Path(path).parts[0].removesuffix(".py") for path in modules()} == {*BELOW}


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("dsp/filters.py", "from livemaster.nodes import contract"),
        ("dsp/filters.py", "import livemaster.engine"),
        ("nodes/gain.py", "from livemaster import plan"),
        ("nodes/gain.py", "from ..graph import compile"),
        ("nodes/gain.py", "from .. import graph"),
        ("nodes/gain.py", "def late():\n    from livemaster.engine import Engine"),
        ("metering/meter.py", "from livemaster.nodes import contract"),
        ("planning/solve.py", "from livemaster.audio import reader"),
        ("audio/reader.py", "from livemaster.engine import Engine"),
        ("mastering/render.py", "import livemaster.cli.main"),
        ("units.py", "from livemaster.dsp import filters"),
        ("errors.py", "from livemaster.units import Audio"),
        ("graph/description.py", "from pydantic import BaseModel"),
        ("engine/engine.py", "import soundfile as sf"),
        ("cli/main.py", "import scipy.signal"),
        ("sound/stream.py", "from livemaster.session import transport"),
        ("midi/hub.py", "from livemaster.sound.supervisor import Sound"),
        ("session/base.py", "from livemaster.midi.hub import MidiHub"),
        ("documents/presets.py", "from livemaster.planning import Plan"),
        ("studio/studio.py", "from livemaster.cli.show import show_note"),
        ("ui/screen.py", "from livemaster import api"),
        ("extra/thing.py", "from livemaster.units import Audio"),
        ("metering/meter.py", "import pyloudnorm"),
        ("cli/main.py", "from matplotlib import pyplot"),
        ("session/playlist.py", "from textual.app import App"),
        ("audio/reader.py", "import pedalboard.io"),
        ("nodes/gain.py", "from pedalboard import Gain"),
    ],
)
def test_a_wrong_import_is_found(path: str, source: str) -> None:
    assert len(violations(path, source)) == 1


@pytest.mark.parametrize(
    ("path", "source"),
    [
        (
            "dsp/filters.py",
            "import numpy as np\nfrom livemaster.dsp._jit import kernel\nfrom . import shapes",
        ),
        ("nodes/gain.py", "from livemaster.errors import SettingsError\nfrom ..dsp import filters"),
        ("nodes/hosted.py", "def prepare():\n    import pedalboard"),
        ("planning/file.py", "from livemaster import __version__"),
        ("planning/schema.py", "from pydantic import BaseModel\nfrom livemaster.units import db_to_gain"),
        ("report/plots.py", "import matplotlib"),
        ("ui/screen.py", "from textual.app import App"),
        ("cli/main.py", "from livemaster.mastering import render\nfrom livemaster import __version__"),
    ],
)
def test_a_right_import_is_not(path: str, source: str) -> None:
    assert violations(path, source) == []
