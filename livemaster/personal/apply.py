"""Making preferences of what ratings recommend, when asked or by itself where that was allowed, and of trims."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from livemaster.documents import write_json
from livemaster.documents.document import Document
from livemaster.mastering.job import Progress, no_progress
from livemaster.personal.home import PROFILE, locked
from livemaster.personal.patterns import Patterns, applied, patterns
from livemaster.personal.preferences import LIMITS, Preferences
from livemaster.personal.ratings import Ratings
from livemaster.personal.validation import validate
from livemaster.personal.versions import Edit, Versions
from livemaster.planning import Personal

FILE = "auto.json"


class Auto(Document):
    """Whether preferences follow new ratings by themselves."""

    KIND = "auto"

    enabled: bool = False


@dataclass(frozen=True, slots=True)
class Applied:
    """What the ratings say, what was changed in words, and the new version; None where nothing is to be changed."""

    found: Patterns
    changes: tuple[str, ...]
    saved: Preferences | None


def apply_patterns(folder: Path, progress: Progress = no_progress) -> Applied:
    """[control] A new version with all that the ratings in `folder` recommend.

    InputError, and nothing changed, when its validation fails; OutputError when it cannot be written.
    """
    said: list[tuple[Patterns, tuple[str, ...]]] = []

    def edit(current: Preferences) -> Edit | None:
        ratings = Ratings(folder).load().ratings
        found = patterns(ratings, current)
        changed, changes = applied(found, current, ratings)
        said.append((found, changes))
        short = ", ".join(change.partition(":")[0] for change in changes)
        return Edit(changed, f"apply-patterns: {short}") if changes else None

    saved = Versions(folder / PROFILE).change(edit, lambda each: validate(each, progress), learned=True)
    return Applied(*said[-1], saved)


@dataclass(frozen=True, slots=True)
class KeptTrims:
    """Trims that became a preference: the preferences before, and the new version; None where nothing is new."""

    type: str
    names: tuple[str, ...]
    before: Preferences
    saved: Preferences | None

    @property
    def in_words(self) -> str:
        """What is kept now, and what it was."""
        if self.saved is None:
            return f"nothing is new: {', '.join(self.names)} of {self.type} recordings stand as they are kept"
        changes = []
        for name in self.names:
            was, now = (each.profile_adjustments.get(f"{self.type}_{name}", 0.0) for each in (self.before, self.saved))
            limit = LIMITS[name]
            most = ", the most" if now in (limit.low, limit.high) else ""
            if was != now:
                changes.append(f"{name} {now:+g} (was {was:+g}{most})")
        return f"kept for {self.type} recordings, in version {self.saved.version}: {', '.join(changes)}"


def keep_trims(
    folder: Path,
    type_: str,
    trims: Mapping[str, float],
    layer: Personal | None,
    track: str,
    progress: Progress = no_progress,
) -> KeptTrims:
    """[control] A new version in which trims of a kind of recording are kept, on top of the layer heard with them.

    None is saved where they are kept already. Errors as `apply_patterns`.
    """
    before: list[Preferences] = []

    def edit(current: Preferences) -> Edit | None:
        before.append(current)
        changed = current.with_trims(type_, trims, layer, f"kept from {track}")
        return None if changed == current else Edit(changed, f"kept from {track}, {type_}")

    saved = Versions(folder / PROFILE).change(edit, lambda each: validate(each, progress))
    return KeptTrims(type_, tuple(trims), before[-1], saved)


def is_automatic(folder: Path) -> bool:
    """[control] Whether new ratings are applied by themselves: not before somebody asked for it."""
    path = folder / FILE
    return path.exists() and Auto.load(path).enabled


def set_automatic(folder: Path, on: bool) -> None:
    """[control] Have them applied by themselves, or no longer; OutputError when that cannot be kept."""
    with locked(folder):
        write_json(folder / FILE, Auto(enabled=on).model_dump(mode="json"), force=True, private=True)


def learned(folder: Path, progress: Progress = no_progress) -> str:
    """[control] After new ratings: where that is automatic, what was changed, in a line; empty where nothing was.

    InputError where the validation refuses what the ratings recommend, OutputError where it cannot be written.
    """
    if not is_automatic(folder):
        return ""
    done = apply_patterns(folder, progress)
    return "" if done.saved is None else f"preferences, version {done.saved.version}: {'; '.join(done.changes)}"
