"""JSON files of unknown origin read safely, and our own written.

Limits on what is read: 2 MB, 32 levels, integers of 18 digits, finite numbers, unique keys, UTF-8 (a
byte-order mark is allowed). Whatever breaks one of them becomes a one-line SettingsError that names the
file.
"""

from __future__ import annotations

import json
import math
import os
import re
from itertools import accumulate
from pathlib import Path
from typing import Any, NoReturn

from livemaster.documents.atomic import write_bytes
from livemaster.errors import SettingsError

MAX_BYTES = 2_000_000
"""Largest file that is parsed; a map with 20,000 points is smaller."""

MAX_DEPTH = 32
"""Deepest nesting that is parsed; our own files need 6."""

MAX_DIGITS = 18
"""Longest integer that is parsed (below 2^63)."""

# Strings are skipped whole (possessively, so that a missing quote costs no backtracking).
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]|-?(?:NaN|Infinity)', re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_BRACKET = re.compile(r"[\[{\]}]")
_DEEPER = {"[": 1, "{": 1, "]": -1, "}": -1}


class _RefusalError(Exception):
    """Raised by the parser's hooks, which do not know where they are."""


def read_json(path: str | Path, *, most_bytes: int = MAX_BYTES) -> Any:
    """[control] The parsed contents of the JSON file `path`; SettingsError when unreadable or unsafe."""
    return parse_json(read_bytes(Path(path), most_bytes), str(path), most_bytes=most_bytes)


def parse_json(data: bytes, where: str, *, most_bytes: int = MAX_BYTES) -> Any:
    """[control] Parse JSON text; SettingsError, beginning with `where`, when it breaks one of the limits
    above.
    """
    if len(data) > most_bytes:
        _refuse_size(len(data), where, most_bytes)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError(f"{where}: not UTF-8 text (byte {error.start})") from None
    if not text.strip():
        raise SettingsError(f"{where}: the file is empty, JSON is wanted")
    _check_tokens(text, where)
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_float=_finite, parse_int=_integer)
    except json.JSONDecodeError as error:
        raise SettingsError(f"{where}: line {error.lineno}, column {error.colno}: {error.msg}") from None
    except _RefusalError as error:
        raise SettingsError(f"{where}: {error}") from None


def write_json(path: str | Path, data: Any, *, force: bool = False, private: bool = False, ours: bool = False) -> None:
    """[control] Write `data` as indented JSON, whole or not at all; the rest as `write_bytes`."""
    text = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    write_bytes(path, text.encode(), force=force, private=private, ours=ours)


def read_bytes(path: Path, most_bytes: int) -> bytes:
    """[control] A file of at most `most_bytes`, its size checked before anything is read; SettingsError otherwise."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size > most_bytes:
                _refuse_size(size, str(path), most_bytes)
            data = file.read(most_bytes + 1)  # a pipe has no size beforehand
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError:  # a NUL in the name
        raise SettingsError(f"{str(path)!r}: is not a file name") from None
    return data


def _check_tokens(text: str, where: str) -> None:
    """Refuse deep nesting, NaN and Infinity, with their place, before the recursive parser sees them."""
    if _is_harmless(text):
        return
    depth = 0
    for token in _TOKEN.finditer(text):
        first = token.group()[0]
        if first in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                _refuse_at(text, token.start(), where, f"nested deeper than the {MAX_DEPTH} levels allowed")
        elif first in "]}":
            depth -= 1
        elif first != '"':
            _refuse_at(text, token.start(), where, f"{token.group()} is not a number that JSON allows")


def _is_harmless(text: str) -> bool:
    """Whether there is nothing to refuse: five times as fast as looking for the place of what is."""
    rest = _STRING.sub('""', text)
    if "NaN" in rest or "Infinity" in rest:
        return False
    return max(accumulate(map(_DEEPER.__getitem__, _BRACKET.findall(rest))), default=0) <= MAX_DEPTH


def _refuse_at(text: str, position: int, where: str, problem: str) -> NoReturn:
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    raise SettingsError(f"{where}: line {line}, column {column}: {problem}")


def _refuse_size(size: int, where: str, most_bytes: int) -> NoReturn:
    raise SettingsError(f"{where}: {size / 1e6:.1f} MB of JSON, allowed are up to {most_bytes / 1e6:.0f} MB")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _RefusalError(f"the key {shown_value(twice)} stands twice in one object")
    return result


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise _RefusalError(f"the number {shown_value(text)} is too large")
    return value


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise _RefusalError(f"an integer of {len(text)} digits, allowed are up to {MAX_DIGITS}")
    return int(text)


def shown_value(value: Any, limit: int = 40) -> str:
    """`value` as it would stand in JSON, shortened and on one line, for messages."""
    try:
        text = json.dumps(value, ensure_ascii=True, default=repr)
    except (ValueError, RecursionError):
        text = type(value).__name__
    return text if len(text) <= limit else text[: limit - 1] + "…"
