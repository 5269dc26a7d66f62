"""Texts of strangers (names, tags, messages), made harmless to a terminal."""

from __future__ import annotations

import os


def printable(text: str, instead: str = "?") -> str:
    """The text in one line: spaces of any kind are plain ones, `instead` stands for all that moves a cursor."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _space(c) or instead for c in text)


def shown_path(path: str | os.PathLike[str]) -> str:
    """A path as one printable line for messages."""
    return printable(os.fspath(path))


def _space(character: str) -> str:
    return " " if character.isspace() and character not in _CONTROLS else ""


_CONTROLS = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029")
