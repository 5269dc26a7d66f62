"""The README speaks of everything a user can run and everything that gets installed."""

from __future__ import annotations

import re
import tomllib

import pytest
import typer
from conftest import ROOT

from livemaster.cli.app import app

README = (ROOT / "README.md").read_text("utf-8")


def commands() -> list[str]:
    """Every command of the program, groups with their subcommands: `presets list`."""
    found = []
    for name, command in typer.main.get_command(app).commands.items():
        found += [f"{name} {sub}" for sub in getattr(command, "commands", {})] or [name]
    return sorted(found)


def dependencies() -> list[str]:
    """Every distribution that pyproject.toml may install, extras included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [project["dependencies"], *project["optional-dependencies"].values()]
    return sorted({re.split(r"[^\w-]", requirement)[0] for group in wanted for requirement in group})


def test_both_lists_are_read() -> None:
    assert {"render", "plan", "measure"} <= set(commands())
    assert {"numpy", "pytest", "matchering"} <= set(dependencies())


@pytest.mark.parametrize("command", commands())
def test_the_readme_shows_every_command(command: str) -> None:
    assert f"livemaster {command}" in README


@pytest.mark.parametrize("dependency", dependencies())
def test_the_readme_explains_every_dependency(dependency: str) -> None:
    assert re.search(rf"(?<![\w-]){dependency}(?![\w-])", README)


@pytest.mark.parametrize("target", ["demo", "test", "lint", "bench", "clean"])
def test_the_readme_names_every_make_target(target: str) -> None:
    assert f"make {target}" in README


def test_the_readme_names_every_example() -> None:
    scripts = [path for path in (ROOT / "examples").glob("*.py") if "__main__" in path.read_text("utf-8")]
    assert "make_demo_song.py" in {path.name for path in scripts}
    assert {path.name for path in scripts if f"examples/{path.name}" not in README} == set()
