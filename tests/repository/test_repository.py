"""The repository itself: what lies at its top, and what no committed file may say."""

from __future__ import annotations

import hashlib
import re
import subprocess
import tomllib

import pytest
from conftest import ROOT

import livemaster

TOP_LEVEL = {
    *("livemaster", "presets", "tests", "tools", "examples", "docs", ".ci"),
    *("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "BENCHMARKS.md", "LICENSE"),
    *("pyproject.toml", "mkdocs.yml", "Makefile", ".gitignore"),
}
FORBIDDEN = {
    "a path of somebody's machine": re.compile(
        r"(?<![\w./])(?:/(?:home|Users|root|work|farm)|[A-Z]:\\+Users|\.\./shared|/tmp/bash[_]jobs)(?![\w.-])"
    ),
    "the host of a package registry": re.compile(r"(?:py(?:pi)|pythonhosted|npm(?:js)|deb\.debian)\.(?:org|com)\b"),
}
GPL_3_SHA256 = "3972dc9744f6499f0f9b2dbf76696f2ae7ad8af9b23dde66d6af86c9dfb36986"


def committed() -> list[str]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    return [path for path in listing.stdout.split("\0") if path]


def complaints(path: str, text: str) -> list[str]:
    """What a file must not say, with the line that says it."""
    return [
        f"{path}:{number}: {what}: {line.strip()}"
        for number, line in enumerate(text.splitlines(), start=1)
        for what, pattern in FORBIDDEN.items()
        if pattern.search(line)
    ]


def project() -> dict[str, object]:
    return dict(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"])


def test_committed_text_names_no_machine_and_no_registry() -> None:
    found = []
    for path in committed():
        file = ROOT / path
        if file.is_file() and b"\0" not in (content := file.read_bytes()):
            found += complaints(path, content.decode("utf-8"))
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "see " + "/".join(["", "home", "ann", "song.wav"]),
        "cd " + "/".join(["", "work", "main"]),
        "'" + "/".join(["", "root", ".cache"]) + "'",
        "C:" + "\\Users\\ann",
        "as in " + "/".join(["..", "shared", "facts"]),
        "https://" + ".".join(["py" + "pi", "org"]) + "/simple",
        "https://" + ".".join(["files", "python" + "hosted", "org"]),
        "http://" + ".".join(["deb", "debian", "org"]),
    ],
)
def test_a_forbidden_line_is_found(line: str) -> None:
    assert len(complaints("README.md", line)) == 1


@pytest.mark.parametrize("line", ["net/work/x", "the root of x", "/workshop", "https://keepachangelog.com", "a/home"])
def test_an_innocent_line_is_not(line: str) -> None:
    assert complaints("README.md", line) == []


def test_top_level_holds_only_what_was_agreed() -> None:
    assert {path.partition("/")[0] for path in committed()} - TOP_LEVEL == set()


def test_the_licence_is_gpl_3() -> None:
    assert project()["license"] == "GPL-3.0-or-later"
    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == GPL_3_SHA256


def test_the_version_is_the_same_everywhere() -> None:
    assert livemaster.__version__ == project()["version"]
    assert str(project()["version"]) in (ROOT / "CHANGELOG.md").read_text("utf-8")
