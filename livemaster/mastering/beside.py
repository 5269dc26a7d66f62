"""Names of what belongs to a file and stands beside it: made of its whole name, so that no two files share one."""

from __future__ import annotations

from pathlib import Path

from livemaster.audio import FORMATS
from livemaster.errors import SettingsError
from livemaster.printable import shown_path

PLAN = ".settings.json"
"""`song.wav` has its plan in `song.wav.settings.json`, which `song.flac` beside it does not want too."""
MASTER = ".master.wav"


def plan_beside(master: str | Path) -> str:
    """Where the plan of a master is written."""
    return f"{master}{PLAN}"


def master_beside(mix: str | Path) -> str:
    """[control] Where the master of a mix is written where nobody says: its name without the extension, which stays
    where another audio file differs in that only.
    """
    path = Path(mix)
    return f"{mix if _has_twin(path) else path.with_suffix('')}{MASTER}"


def plan_of(master: str | Path) -> Path | None:
    """[control] The plan that stands beside a master, under its name or the one that earlier versions gave it."""
    names = (Path(plan_beside(master)), Path(master).with_suffix(PLAN))
    return next(filter(_is_file, names), None)


def named_plan(given: str | Path) -> Path:
    """[control] The plan that is meant: a settings file; a master, for the plan beside it; or the name that earlier
    versions gave to a plan, where just one has it now. SettingsError where several have.
    """
    path = Path(given)
    if path.suffix.lower() in FORMATS:
        return plan_of(path) or path
    if not path.name.endswith(PLAN) or _is_file(path):
        return path
    found = [beside for suffix in FORMATS if _is_file(beside := path.with_name(_renamed(path.name, suffix)))]
    if len(found) > 1:
        both = " and ".join(shown_path(each) for each in found)
        raise SettingsError(f"{shown_path(given)}: no such file; name one of {both}")
    return found[0] if found else path


def _renamed(name: str, suffix: str) -> str:
    return f"{name.removesuffix(PLAN)}{suffix}{PLAN}"


def _has_twin(path: Path) -> bool:
    """Whether another audio file in the folder has the same name but for the extension."""
    try:
        beside = [other for other in path.parent.iterdir() if other.stem == path.stem and other.name != path.name]
    except (OSError, ValueError):
        return False
    return any(other.suffix.lower() in FORMATS for other in beside)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name too long, a zero byte in it: using it will say what is wrong
        return False
