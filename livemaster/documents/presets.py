"""Where the presets lie, which there are, and how their names are spelled."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path

from livemaster.documents.jsonfile import shown_value
from livemaster.errors import UnknownNameError

KINDS = {
    "platform": "platforms",
    "mode": "modes",
    "curve": "curves",
    "chain": "chains",
    "gear": "gear",
    "hearing": "hearing",
}
"""Kind of preset → its folder."""


@cache
def presets_dir() -> Path:
    """The folder of presets: `livemaster/_presets` in an installed package, `presets` beside it in a
    checkout.
    """
    package = Path(str(files("livemaster")))
    installed = package / "_presets"
    return installed if installed.is_dir() else package.parent / "presets"


def preset_names(kind: str) -> tuple[str, ...]:
    """Sorted names of all presets of a kind: platform, mode, curve, chain, gear or hearing."""
    return tuple(sorted(path.stem for path in (presets_dir() / KINDS[kind]).glob("*.json")))


def preset_path(kind: str, name: str) -> Path:
    """The file of a preset, its name in any spelling; UnknownNameError names the nearest."""
    return presets_dir() / KINDS[kind] / f"{find_name(kind, name, preset_names(kind))}.json"


def find_name(kind: str, name: str, known: Iterable[str]) -> str:
    """The known name that `name` spells; case, spaces, hyphens and underscores do not matter («Lo-Fi» is
    `lofi`).
    """
    names = tuple(known)
    matches = {_letters(each): each for each in names}
    found = matches.get(_letters(name))
    if found is None:
        raise UnknownNameError(kind, shown_value(name).strip('"'), names)
    return found


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", name).casefold()
