"""Ratings of masters, in the published form with a few fields more, kept in `ratings.jsonl`."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field

from livemaster.documents import parse_json
from livemaster.documents.document import Document, Strict, Text
from livemaster.documents.jsonfile import read_bytes
from livemaster.documents.ranges import PERSONAL_CENTROID, SCORE, TRIM_DB, TRIM_WIDTH, Range
from livemaster.errors import SettingsError
from livemaster.personal.journal import Journal
from livemaster.planning.personal import PARAMETERS

FILE = "ratings.jsonl"
STARS = Range(1, 5)
MOST_BYTES = 1_000_000_000
"""Of a file of ratings from elsewhere."""
MOST_COMMENT = 2000
"""Letters of a comment."""
Type = Literal["studio", "metal", "bootleg", "unknown"]
_DB = Annotated[float, TRIM_DB]
_IN_ALL_DB = Annotated[float, Range(-24.0, 24.0, "dB")]
"""Tone and trim together."""
_WIDTH = Annotated[float, TRIM_WIDTH]


class RatedFingerprint(Strict):
    """What the master sounded like; the centroid in true Hz."""

    centroid_hz: Annotated[float, Range(0.0, 24_000.0, "Hz")] | None = None
    bass_to_mid: Annotated[float, Range(-60.0, 60.0, "dB")] | None = None
    stereo_width: Annotated[float, Range(0.0, 1.0)] | None = None
    crest_db: Annotated[float, Range(0.0, 80.0, "dB")] | None = None


class ParametersApplied(Strict):
    """What the plan did to the tone in all, where that is known."""

    bass_adjustment_db: _IN_ALL_DB = 0.0
    mid_adjustment_db: _IN_ALL_DB = 0.0
    treble_adjustment_db: _IN_ALL_DB = 0.0
    stereo_strategy: Text = "none"


class Layer(Strict):
    """A personal layer, or an explicit wish: dB and width."""

    bass: _DB = 0.0
    mid: _DB = 0.0
    treble: _DB = 0.0
    width: _WIDTH = 0.0
    centroid: Annotated[float, PERSONAL_CENTROID] = 0.0


class Rating(Document):
    """One rating. `asked`: how much more was asked for in numbers. `personal`: the layer that was in force, `trims`:
    what was turned besides, both as far as they were heard.

    `base_model`, `asked`, `personal`, `trims` and `source` are not in the published form and may be missing.
    """

    KIND = "rating"

    track: Text
    detected_type: Type
    confidence: Annotated[float, SCORE]
    philosophy: Text
    rating: Annotated[int, STARS]
    comment: Annotated[str, Field(max_length=MOST_COMMENT)] = ""
    timestamp: Annotated[str, Field(max_length=40)]
    fingerprint: RatedFingerprint = RatedFingerprint()
    parameters_applied: ParametersApplied = ParametersApplied()
    base_model: Text = "1.0"
    asked: Layer = Layer()
    personal: Layer = Layer()
    trims: Layer = Layer()
    source: Literal["rate", "play", "vote", "import"] = "rate"

    @property
    def time(self) -> datetime.datetime:
        """When it was given; SettingsError for a timestamp that is none."""
        return parse_time(self.timestamp, self.origin)

    @property
    def key(self) -> str:
        """The same for the same rating, whatever else was stored with it."""
        parts = (self.track, self.timestamp, str(self.rating), self.comment)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def to_data(self) -> dict[str, Any]:
        """As it stands in the file: what is not in the published form only where it says something."""
        data = self.model_dump(mode="json")
        for name in ("asked", "personal", "trims"):
            data[name] = {key: value for key, value in data[name].items() if value}
            if not data[name]:
                del data[name]
        return data


def now() -> str:
    """[control] This moment as ratings have it: ISO 8601 in UTC."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def parse_time(text: str, where: str) -> datetime.datetime:
    """A timestamp with its zone, UTC where it names none; SettingsError when it is none."""
    try:
        found = datetime.datetime.fromisoformat(text)
    except ValueError:
        wanted = "a date and time such as 2026-11-26T18:00:00 is wanted"
        raise SettingsError(f"{where}: timestamp is '{text[:40]}', {wanted}") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=datetime.UTC)


class Stored(NamedTuple):
    """All ratings that could be read, and what could not."""

    ratings: tuple[Rating, ...]
    broken: tuple[str, ...]


class Ratings:
    """The ratings in a folder."""

    def __init__(self, folder: Path) -> None:
        self._journal = Journal(folder / FILE)

    @property
    def path(self) -> Path:
        """Their file."""
        return self._journal.path

    def add(self, *ratings: Rating) -> None:
        """[control] Keep ratings; they are on the disk when this returns."""
        self._journal.append(*(each.to_data() for each in ratings))

    def load(self) -> Stored:
        """[control] All of them, oldest first."""
        broken: list[str] = []
        found = []
        for line in self._journal.read(lambda number, why: broken.append(why)):
            try:
                rating = Rating.parse(line.data, f"{self.path.name}: line {line.number}")
                rating.time  # noqa: B018 -- complains
                found.append(rating)
            except SettingsError as error:
                broken.append(str(error))
        return Stored(tuple(found), tuple(broken))

    def delete(self, unwanted: Iterable[Rating]) -> int:
        """[control] Forget ratings; how many went."""
        keys = {each.key for each in unwanted}

        def keep(data: Any) -> bool:
            try:
                return Rating.parse(data).key not in keys
            except SettingsError:  # of another version, or foreign: not ours to forget
                return True

        return self._journal.rewrite(keep)


def read_ratings(path: str | Path) -> Iterator[Rating]:
    """[control] The ratings of a file in the published form: an object a line, or a list of them.

    SettingsError names file and line, or the number in the list.
    """
    source = Path(path)
    if not source.is_file():
        raise SettingsError(f"{source}: {'is no file' if source.exists() else 'no such file'}")

    def refuse(number: int, why: str) -> None:
        raise SettingsError(f"{source}: line {number} is no rating; an object a line is wanted, or a list of them")

    data = read_bytes(source, MOST_BYTES)
    if data.lstrip().startswith(b"["):
        found = [(f"rating {number}", each) for number, each in enumerate(parse_json(data, str(source)), 1)]
    else:
        found = [(f"line {line.number}", line.data) for line in Journal(source).read(refuse)]
    for place, each in found:
        rating = Rating.parse(each, f"{source}: {place}")
        rating.time  # noqa: B018 -- complains
        yield rating.model_copy(update={"source": "import"})


def asked(wishes: Mapping[str, float | None]) -> Layer:
    """Explicit wishes, parameter → dB or width; None was not asked for. SettingsError outside their range."""
    found = {name: float(wishes.get(name) or 0.0) for name in PARAMETERS}
    for name, value in found.items():
        (TRIM_WIDTH if name == "width" else TRIM_DB).check(value, f"--{name}")
    return Layer(**found)
