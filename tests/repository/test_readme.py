"""README and docs speak of all that a user can run and all that gets installed, and their links lead somewhere."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from conftest import ROOT

from livemaster.cli.app import app
from livemaster.plan_options import PLAN_OPTIONS, flag_of

README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = (ROOT / "docs" / "commands.md").read_text("utf-8")
DOCS = "".join(path.read_text("utf-8") for path in sorted((ROOT / "docs").glob("*.md")))
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
MOST_WORDS = 1500


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


def anchors(page: Path) -> set[str]:
    """The headings of a page, as links name them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def broken_links(page: Path, text: str) -> Iterator[str]:
    """Those that lead nowhere in the repository."""
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", path):
            continue
        target = page.parent / path if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield f"{page.name}: {link}"


def test_both_lists_are_read() -> None:
    assert {"render", "plan", "measure"} <= set(commands())
    assert {"numpy", "pytest", "matchering"} <= set(dependencies())


def test_the_readme_is_short() -> None:
    assert len(README.split()) < MOST_WORDS


@pytest.mark.parametrize("command", commands())
def test_the_docs_show_every_command(command: str) -> None:
    assert f"livemaster {command}" in DOCS
    assert f"livemaster {command.split()[0]}" in README


@pytest.mark.parametrize("option", [flag_of(name) for name in PLAN_OPTIONS])
def test_the_docs_explain_every_option_of_a_plan(option: str) -> None:
    assert f"`--{option}" in COMMANDS or (option.startswith("amount-") and option.removeprefix("amount-") in COMMANDS)


@pytest.mark.parametrize("dependency", dependencies())
def test_the_readme_explains_every_dependency(dependency: str) -> None:
    assert re.search(rf"(?<![\w-]){dependency}(?![\w-])", README)


@pytest.mark.parametrize("target", ["demo", "quick", "test", "lint", "bench", "docs", "soak", "clean"])
def test_the_readme_names_every_make_target(target: str) -> None:
    assert f"make {target}" in README
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


def test_the_docs_name_every_example() -> None:
    scripts = [path for path in (ROOT / "examples").glob("*.py") if "__main__" in path.read_text("utf-8")]
    assert "make_demo_song.py" in {path.name for path in scripts}
    python = (ROOT / "docs" / "python.md").read_text("utf-8")
    assert {path.name for path in scripts if f"examples/{path.name}" not in python} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    assert list(broken_links(page, page.read_text("utf-8"))) == []


def test_a_broken_link_is_found() -> None:
    page = ROOT / "README.md"
    assert list(broken_links(page, "[a](docs/none.md) [b](docs/modes.md#nowhere) [c](docs/modes.md)")) == [
        "README.md: docs/none.md",
        "README.md: docs/modes.md#nowhere",
    ]


def test_every_page_stands_in_the_site() -> None:
    site = (ROOT / "mkdocs.yml").read_text("utf-8")
    assert {path.name for path in PAGES if f"- {path.name}" not in site} == set()


@pytest.mark.parametrize(
    "path",
    re.findall(
        r"`((?:livemaster|tests|tools|presets|docs)/[\w/.]+\.\w+)`", (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    ),
)
def test_every_file_that_contributing_points_to_is_there(path: str) -> None:
    assert path.isupper() or "NAME" in path or (ROOT / path).is_file()
