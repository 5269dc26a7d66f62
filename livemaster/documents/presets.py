"""Where the presets lie, which there are, and how their names are spelled."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path

from livemaster.documents.config import config_dir
from livemaster.documents.jsonfile import shown_value
from livemaster.errors import SettingsError, UnknownNameError

KINDS = {
    "platform": "platforms",
    "mode": "modes",
    "curve": "curves",
    "chain": "chains",
    "gear": "gear",
    "hearing": "hearing",
    "MIDI mapping": "midi",
}
"""Kind of preset → its folder."""
OWN_KINDS = ("platform", "mode", "curve", "chain", "MIDI mapping")
"""Kinds of which a user may have their own; the others stand in what is shared, and mean the same to everybody."""


@cache
def presets_dir() -> Path:
    """The folder of presets: `livemaster/_presets` in an installed package, `presets` beside it in a
    checkout.
    """
    package = Path(str(files("livemaster")))
    installed = package / "_presets"
    return installed if installed.is_dir() else package.parent / "presets"


def own_presets_dir() -> Path:
    """The folder of the user's own presets, with the same folders in it; it may not exist."""
    return config_dir() / "presets"


def preset_names(kind: str) -> tuple[str, ...]:
    """Sorted names of all presets of a kind of `KINDS`, the user's own among them where that kind may have them."""
    return tuple(sorted({path.stem for folder in _folders(kind) for path in folder.glob("*.json")}))


def own_preset_names(kind: str) -> tuple[str, ...]:
    """Those that are the user's own; one that is called like one of ours stands in for it."""
    folder = own_presets_dir() / KINDS[kind]
    return tuple(sorted(path.stem for path in folder.glob("*.json"))) if kind in OWN_KINDS else ()


def preset_name(kind: str, name: str) -> str:
    """What a plan calls a preset: its name in the usual spelling, of a file its absolute path.

    UnknownNameError names the nearest; SettingsError where there is no such file.
    """
    if not is_path(name):
        return find_name(kind, name, preset_names(kind))
    path = Path(name).absolute()
    if kind not in OWN_KINDS or not path.is_file():
        raise SettingsError(f"{kind} {shown_value(name)}: there is no such file")
    return str(path)


def preset_path(kind: str, name: str) -> Path:
    """The file of a preset, by its name in any spelling, or by its own path; raises as `preset_name`."""
    found = preset_name(kind, name)
    if is_path(found):
        return Path(found)
    return next(path for folder in _folders(kind) if (path := folder / f"{found}.json").is_file())


def preset_place(name: str) -> Path:
    """On what it depends, beside the name, which preset is meant: what is kept of one is kept by both."""
    return Path(name).absolute() if is_path(name) else config_dir()


def is_path(name: str) -> bool:
    """Whether a preset is given as a file, by the extension `.json`: nothing else is opened for a stranger's name."""
    return name.endswith(".json")


def _folders(kind: str) -> list[Path]:
    """Where presets of a kind lie, the user's own first."""
    own = [own_presets_dir() / KINDS[kind]] if kind in OWN_KINDS else []
    return [*own, presets_dir() / KINDS[kind]]


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
