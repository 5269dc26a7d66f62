"""A listener as programs use them: preferences to apply, feedback to record, versions, and what may be shared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from livemaster.errors import SettingsError
from livemaster.mastering.job import Progress, no_progress
from livemaster.personal.home import PROFILE, made_home
from livemaster.personal.preferences import Preferences
from livemaster.personal.ratings import Rating, Ratings, now
from livemaster.personal.sharing import enabled, view
from livemaster.personal.validation import validate
from livemaster.personal.versions import Versions
from livemaster.planning import Personal


class PersonalPreferences:
    """The preferences in a folder, with its ratings; changes are kept by `save` alone."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._ratings, self._versions = folder, Ratings(folder), Versions(folder / PROFILE)
        self.preferences: Preferences = self._versions.current()
        """The values, at first those of the newest version."""
        self._made_from = self.preferences

    @classmethod
    def load_or_create(cls, folder: str | Path | None = None) -> Self:
        """[control] Those in `folder`, or in the user's own; OutputError when that cannot be made."""
        return cls(made_home() if folder is None else Path(folder))

    @property
    def layer(self) -> Personal:
        """What plans take: `livemaster.render(…, personal=listener.layer)`."""
        return self.preferences.layer

    def apply_to_parameters(self, type_: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Base parameters of a kind of recording with the personal ones added, see `Preferences`."""
        return self.preferences.apply_to_parameters(type_, parameters)

    def change(self, **values: Any) -> None:
        """Other values, checked; SettingsError names what is not allowed.

        Adjustments and reasons join those that there are: an adjustment of 0 takes one back.
        """
        for name in ("profile_adjustments", "reasons"):
            if isinstance(values.get(name), Mapping):
                values[name] = {**getattr(self.preferences, name), **values[name]}
        self.preferences = self.preferences.changed(**values)

    def record_feedback(self, rating: Mapping[str, Any]) -> Rating:
        """[control] Keep a rating in the published form, now where it names no time; SettingsError for what is none."""
        found = Rating.parse({"timestamp": now(), **rating})
        self._ratings.add(found)
        return found

    def save(self, reason: str, progress: Progress = no_progress) -> Preferences:
        """[control] A new version with these values, and the reason for those that were changed.

        InputError, and nothing changed, when the validation fails, the reason is empty, or another program has saved a
        version since these were read.
        """
        before, now = self._made_from, self.preferences
        changed = [
            key for key, value in now.profile_adjustments.items() if before.profile_adjustments.get(key) != value
        ]
        reasons = {key: reason for key in changed if before.reasons.get(key) == now.reasons.get(key)}
        self.preferences = self._made_from = self._versions.save(
            now.changed(reasons=now.reasons | reasons),
            reason,
            lambda found: validate(found, progress),
            made_from=before.version,
        )
        return self.preferences

    def export_for_sharing(self) -> dict[str, Any]:
        """[control] What may be shared, in the published form; SettingsError unless the listener allows sharing."""
        if not enabled(self._folder):
            raise SettingsError("sharing is off; 'share enable' allows it")
        shown: dict[str, Any] = json.loads(view(self._folder, self._ratings.load().ratings, self.preferences))
        return shown
