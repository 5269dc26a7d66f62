"""Versions of a listener's preferences: a file each, and their history as a git repository in the same folder.

A version is complete or absent: it is written beside its place and moved there. The newest complete one is current,
whatever a kill left behind; what it did not get to (`current.json`, the commit) is made up for by the next writer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from livemaster.documents import parse_json, write_json
from livemaster.errors import InputError, OutputError, SettingsError
from livemaster.personal.home import keep_private, locked, make_private
from livemaster.personal.preferences import Preferences
from livemaster.personal.ratings import now, parse_time

CURRENT = "current.json"
BRANCH = b"refs/heads/main"
AUTHOR = b"livemaster <livemaster@localhost>"
_NAME = re.compile(r"personal_(\d{1,6})\.json")
_REGULAR_FILE = 0o100644
MOST_CHANGED = 500
TRIES = 3


class Verdict(Protocol):
    """What a validation found."""

    @property
    def passed(self) -> bool:
        """Whether the preferences may be used."""
        ...

    @property
    def findings(self) -> tuple[str, ...]:
        """What is wrong with them."""
        ...


Validate = Callable[[Preferences], Verdict]


class ChangedMeanwhileError(InputError):
    """Another process has saved a version after the one that was to be changed."""


class Edit(NamedTuple):
    """Other values, and why."""

    preferences: Preferences
    reason: str


class VersionChange(NamedTuple):
    """One value that differs between two versions."""

    name: str
    old: Any
    new: Any


class Versions:
    """All versions in a folder, which need not be there before the first is saved."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.notes: list[str] = []
        """Files that are damaged: passed over, unless the history has what they held."""

    def current(self) -> Preferences:
        """[control] The newest version; neutral ones of number 0 before the first."""
        for number in reversed(self._numbers()):
            found = self._read(number)
            if found is not None:
                return found
        return Preferences()

    def get(self, version: int) -> Preferences:
        """[control] A version by its number, 0 being neutral; InputError when there is none."""
        found = Preferences() if version == 0 else self._read(version)
        if found is None:
            known = ", ".join(map(str, (0, *(row[0] for row in self.history()))))
            raise InputError(f"there is no version {version}, known are {known}")
        return found

    def history(self) -> list[tuple[int, str, str]]:
        """[control] Number, time and reason of every version, oldest first."""
        found = (self._read(number) for number in self._numbers())
        return [(each.version, each.made, each.reason) for each in found if each is not None]

    def diff(self, first: int, second: int) -> list[VersionChange]:
        """[control] What differs from one version to another, adjustments one by one."""
        old, new = (_flat(self.get(version)) for version in (first, second))
        return [
            VersionChange(name, old.get(name), new.get(name))
            for name in sorted(old | new)
            if old.get(name) != new.get(name)
        ]

    def save(
        self,
        preferences: Preferences,
        reason: str,
        validate: Validate | None = None,
        *,
        made_from: int | None = None,
        learned: bool = False,
    ) -> Preferences:
        """[control] A new version with these values, once `validate` has passed them; what it is.

        `made_from`: the version that must still be current, lest its successor's values be lost. What differs from the
        current version counts as set by hand, unless it was `learned`. InputError, and nothing changed, when the
        validation does not pass or another version is current; OutputError when it cannot be written.
        """
        if not reason.strip():
            raise InputError("say why: the reason is empty")
        verdict = None if validate is None else validate(preferences)
        if verdict is not None and not verdict.passed:
            raise InputError(f"nothing was changed, the validation found: {'; '.join(verdict.findings)}")
        with self._writing():
            current = self.current()
            if made_from not in (None, current.version):
                raise ChangedMeanwhileError(f"nothing was saved: the preferences are in version {current.version} now")
            number = max(self._numbers(), default=0) + 1
            moment = now()
            by_hand = dict(preferences.by_hand)
            if not learned:
                by_hand |= dict.fromkeys(_moved(current, preferences), moment)
            saved = preferences.changed(version=number, made=moment, reason=reason[:MOST_CHANGED], by_hand=by_hand)
            write_json(self._path(number), saved.model_dump(mode="json"), private=True)
            self._heal()
        return saved

    def change(
        self, edit: Callable[[Preferences], Edit | None], validate: Validate | None = None, *, learned: bool = False
    ) -> Preferences | None:
        """[control] A new version that `edit` makes of the current one, again where that has changed meanwhile.

        None where it finds nothing to change; errors as `save`.
        """
        for left in reversed(range(TRIES)):
            current = self.current()
            found = edit(current)
            if found is None:
                return None
            try:
                return self.save(*found, validate, made_from=current.version, learned=learned)
            except ChangedMeanwhileError:
                if not left:
                    raise
        return None

    def rollback(self, version: int, reason: str = "") -> Preferences:
        """[control] A new version with an earlier one's values; it was validated when it was made."""
        return self.save(self.get(version), reason or f"back to version {version}")

    # -- files -------------------------------------------------------------------------------------------------

    def _path(self, number: int) -> Path:
        return self._folder / f"personal_{number}.json"

    def _numbers(self) -> list[int]:
        if not self._folder.is_dir():
            return []
        matches = (_NAME.fullmatch(path.name) for path in self._folder.iterdir())
        return sorted(int(match[1]) for match in matches if match is not None)

    def _read(self, number: int) -> Preferences | None:
        """A version, from the history where its file is damaged; None where neither holds it."""
        path = self._path(number)
        try:
            found = Preferences.load(path)
        except SettingsError as error:
            kept = self._from_history(path.name)
            self._note(f"{error}; {'it is passed over' if kept is None else 'what the history has of it is used'}")
            return kept
        return found if found.version == number else None

    def _from_history(self, name: str) -> Preferences | None:
        if not (self._folder / ".git").is_dir():
            return None
        try:
            return _Repository(self._folder, make=False).version(name)
        except Exception as error:  # it may be damaged as well, in any way that zlib, git and JSON know
            self._note(f"{self._folder}: the history cannot be read: {error}")
            return None

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """The folder, locked, without what killed writers have left."""
        try:
            make_private(self._folder)
        except OSError as error:
            raise OutputError(f"{self._folder}: cannot be made: {error.strerror}") from None
        with locked(self._folder):
            for stale in (*self._folder.glob(".*.part"), *(self._folder / ".git").rglob("*.lock")):
                stale.unlink(missing_ok=True)
            keep_private(self._folder)
            try:
                yield
            finally:
                keep_private(self._folder / ".git")  # whose files are made with the rights that the system gives

    def _heal(self) -> None:
        """Bring damaged files, `current.json` and the history up to the versions that there are."""
        for path in map(self._path, self._numbers()):
            try:
                Preferences.load(path)
            except SettingsError:
                kept = self._from_history(path.name)
                if kept is not None:
                    write_json(path, kept.model_dump(mode="json"), force=True, private=True)
        current = self.current().model_dump(mode="json")
        write_json(self._folder / CURRENT, current, force=True, private=True)
        _Repository(self._folder).commit_missing([n for n in self._numbers() if self._read(n) is not None], self._path)


class _Repository:
    """The history: one commit a version, its tree holding all version files up to it."""

    def __init__(self, folder: Path, *, make: bool = True) -> None:
        from dulwich.errors import NotGitRepository
        from dulwich.repo import Repo

        try:
            self._repo = Repo(str(folder))
        except NotGitRepository:
            if not make:
                raise
            self._repo = Repo.init(str(folder), default_branch=b"main")

    def version(self, name: str) -> Preferences | None:
        """[control] What the newest commit holds under a file's name; None where it holds nothing."""
        with self._repo as repo:
            head = repo.refs.read_ref(BRANCH)
            tree = None if head is None else repo[repo[head].tree]
            if tree is None or name.encode() not in tree:
                return None
            return Preferences.parse(parse_json(repo[tree[name.encode()][1]].data, name), name)

    def commit_missing(self, numbers: list[int], path: Callable[[int], Path]) -> None:
        """[control] Commit every version that the history does not hold yet, oldest first."""
        from dulwich.objects import Blob, Tree

        with self._repo as repo:
            tree, head = Tree(), repo.refs.read_ref(BRANCH)
            if head is not None:
                tree = repo[repo[head].tree]
            for number in numbers:
                name = path(number).name.encode()
                if name in tree:
                    continue
                data = path(number).read_bytes()
                blob = Blob.from_string(data)
                for each in (name, CURRENT.encode()):
                    tree.add(each, _REGULAR_FILE, blob.id)
                for made in (blob, tree):
                    repo.object_store.add_object(made)
                head = self._commit(tree.id, head, Preferences.load(path(number)))

    def _commit(self, tree: bytes, parent: bytes | None, version: Preferences) -> bytes:
        from dulwich.objects import Commit

        commit = Commit()
        commit.tree, commit.parents = tree, [parent] if parent else []
        commit.author = commit.committer = AUTHOR
        commit.author_time = commit.commit_time = int(parse_time(version.made, version.origin).timestamp())
        commit.author_timezone = commit.commit_timezone = 0
        commit.encoding = b"UTF-8"
        commit.message = f"{version.version}: {version.reason}".encode()
        self._repo.object_store.add_object(commit)
        if not self._repo.refs.set_if_equals(BRANCH, parent, commit.id):
            raise OutputError(f"{self._repo.path}: the history was changed by another program meanwhile")
        return bytes(commit.id)


def _moved(old: Preferences, new: Preferences) -> list[str]:
    """Adjustments that differ, in their value or in why they have it."""
    values = [(each.profile_adjustments, each.reasons) for each in (old, new)]
    keys = sorted(old.profile_adjustments.keys() | new.profile_adjustments.keys())
    return [key for key in keys if len({(found.get(key), why.get(key)) for found, why in values}) > 1]


def _flat(preferences: Preferences) -> dict[str, Any]:
    data = preferences.model_dump(mode="json")
    for name in ("version", "made", "reason", "reasons", "by_hand"):
        del data[name]
    adjustments: dict[str, Any] = data.pop("profile_adjustments")
    return adjustments | data
