"""Texts made fit to be shown: those of strangers harmless to a terminal, numbers such that they read true."""

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


_MOST_DIGITS = 17
"""Tell any two float64 apart."""


def told_apart(value: float, *bounds: float, spec: str = "g") -> str:
    """`value` as text, by `spec` where that suffices, with more digits where it would read as one of the bounds that
    it misses, or as beyond it.
    """
    texts = [format(value, spec)]
    texts += [format(value, f".{digits}{spec[-1]}") for digits in range(int(spec[1:-1] or 6) + 1, _MOST_DIGITS)]
    return next(
        (text for text in texts if all(_same_side(float(text), value, bound) for bound in bounds)), repr(float(value))
    )


def _same_side(shown: float, value: float, bound: float) -> bool:
    return (shown < bound, shown > bound) == (value < bound, value > bound)
