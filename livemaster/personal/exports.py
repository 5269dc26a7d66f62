"""The published form in which ratings are shared, read strictly: such files come from anybody."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, field_validator
from pydantic_core import PydanticCustomError

from livemaster.documents.document import Document, Name, Strict
from livemaster.documents.ranges import SCORE, TRIM_DB, Range
from livemaster.errors import UnknownNameError
from livemaster.personal.ratings import STARS, Type
from livemaster.planning.personal import listener_curve

SHARED = ("bass", "treble")
"""Parameters that the published form has room for."""
MOST_RATINGS = 10_000
"""Of one person that are used; of more, as many are taken at even distances."""
VERSION_PATTERN = r"^[0-9]{1,2}\.[0-9]{1,2}$"
"""Of a base model's version: too short to hide a name in."""

Version = Annotated[str, Field(pattern=VERSION_PATTERN)]
_DB = Annotated[float, TRIM_DB]
NUMBER_DIGITS = 15
"""Of an export's number: enough for any community, and not too many for a program whose numbers are doubles."""


class _Row(BaseModel):
    """Strict as all files are, without the search for the nearest key: a million rows are read."""

    model_config = Strict.model_config


class Helped(_Row):
    """What was added to the base model's values, dB."""

    bass: _DB
    treble: _DB


class Feedback(_Row):
    """One rating. `confidence` of the detection is beyond the published form, and there if its owner wanted it."""

    base_model: Version
    detected_type: Type
    rating: Annotated[int, STARS]
    adjustments_that_helped: Helped
    confidence: Annotated[float, SCORE] | None = None


class Export(Document):
    """What one person shares.

    `number`, beyond the published form: copies of an export have the same one, those of two people have not, though
    they say the same. It is drawn anew for whatever else is said, and so follows nobody.
    """

    KIND = "shared export"

    feedback: Annotated[tuple[Feedback, ...], Field(strict=False)]
    gear_profile: Name
    hearing_profile: Name
    number: Annotated[int, Range(0, 10**NUMBER_DIGITS - 1)] | None = None

    @field_validator("gear_profile", "hearing_profile")
    @classmethod
    def _known(cls, name: str, info: Any) -> str:
        try:
            return listener_curve(info.field_name.removesuffix("_profile"), name).name
        except UnknownNameError as error:
            raise PydanticCustomError("preset", "{problem}", {"problem": f"is an {error}"}) from None

    @property
    def content(self) -> str:
        """What is said, and the number, whatever the order of it and the form of the file."""
        rows = sorted(map(canonical, self.feedback))
        return "\n".join([*rows, self.gear_profile, self.hearing_profile, str(self.number)])

    @property
    def used(self) -> tuple[Feedback, ...]:
        """At most `MOST_RATINGS` of the ratings."""
        return thinned(self.feedback)


def canonical(feedback: Feedback) -> str:
    """A rating as text: the same for the same."""
    return json.dumps(feedback.model_dump(exclude_none=True), sort_keys=True)


def read_export(path: str | Path) -> Export:
    """[control] Somebody's export of up to 2 MB; SettingsError names the file, the place and what is allowed."""
    return Export.load(path)


def thinned(feedback: tuple[Feedback, ...]) -> tuple[Feedback, ...]:
    """At most `MOST_RATINGS`, taken at even distances."""
    count = len(feedback)
    if count <= MOST_RATINGS:
        return feedback
    return tuple(feedback[index * count // MOST_RATINGS] for index in range(MOST_RATINGS))
