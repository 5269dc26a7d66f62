"""Where a user's own presets and defaults lie, and what the defaults are: a small TOML file."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

import platformdirs

from livemaster.errors import SettingsError
from livemaster.printable import shown_path

VARIABLE = "LIVEMASTER_CONFIG"
FILE, TABLE = "config.toml", "defaults"
MOST_BYTES = 100_000


def config_dir() -> Path:
    """[control] The folder: that of LIVEMASTER_CONFIG, else the system's place for configuration; it may not exist."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else platformdirs.user_config_path("livemaster", appauthor=False)


def read_defaults(known: Mapping[str, type]) -> dict[str, float | str]:
    """[control] The table `defaults` of the configuration; empty without a file.

    `known`: the names that may stand there, and whether each is text or a number. SettingsError says what is wrong.
    """
    path = config_dir() / FILE
    try:
        if path.is_file() and path.stat().st_size > MOST_BYTES:
            raise SettingsError(f"{shown_path(path)}: is too large for a configuration")
        data = tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}
    except OSError as error:
        raise SettingsError(f"{shown_path(path)}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{shown_path(path)}: not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{shown_path(path)}: {error}") from None
    _check_keys(data, {TABLE}, shown_path(path))
    table = data.get(TABLE, {})
    if not isinstance(table, dict):
        raise SettingsError(f"{shown_path(path)}: {TABLE} is no table, [{TABLE}] is wanted")
    where = f"{shown_path(path)}: [{TABLE}]"
    _check_keys(table, known, where)
    return {name: _checked(value, known[name], f"{where} {name}") for name, value in table.items()}


def _check_keys(table: Mapping[str, object], known: Mapping[str, type] | set[str], where: str) -> None:
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, sorted(known), n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(sorted(known))}"
            raise SettingsError(f"{where}: unknown key '{key}', {hint}")


def _checked(value: object, kind: type, where: str) -> float | str:
    if kind is str and isinstance(value, str):
        return value
    if kind is not str and isinstance(value, int | float) and not isinstance(value, bool):
        return kind(value)  # type: ignore[no-any-return]
    raise SettingsError(f"{where} is {value!r}, {'text' if kind is str else 'a number'} is wanted")
