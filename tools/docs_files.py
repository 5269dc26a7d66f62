"""A hook of mkdocs: files beside `docs/` that pages link to are taken into the site, and the links follow them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("README.md", "BENCHMARKS.md", "CONTRIBUTING.md", "CHANGELOG.md")
_LINK = re.compile(r"\[([^\]]+)\]\(([\w/.-]+)\)")
_UP, _DOWN = re.compile(r"\]\(\.\./"), re.compile(r"\]\(docs/")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add them."""
    others = [path.relative_to(ROOT).as_posix() for path in (ROOT / "examples").iterdir() if path.is_file()]
    for name in (*PAGES, *others, "LICENSE"):
        files.append(File.generated(config, name, abs_src_path=str(ROOT / name)))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Both kinds of page lie in one folder now; what is a folder of the repository has no page."""
    text = _DOWN.sub("](", _UP.sub("](", markdown))
    return _LINK.sub(lambda link: link[1] if (ROOT / link[2]).is_dir() else link[0], text)
