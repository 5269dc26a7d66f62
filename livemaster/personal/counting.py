"""Ratings of many people as columns, and the votes among them, counted by duckdb in bounded memory."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from livemaster.documents import preset_names
from livemaster.documents.ranges import PERSONAL_DB
from livemaster.errors import SettingsError
from livemaster.personal.exports import SHARED, Export
from livemaster.planning.personal import TILT_DB, TYPES

if TYPE_CHECKING:
    import duckdb

EXTRA = "community"
LEAST_GOOD = 4
"""Ratings from here on say that the adjustments helped."""
MOST_DB = PERSONAL_DB.high
"""An adjustment counts as this much at most, so that one odd rating does not outweigh a person's others."""
MOST_MEAN_DB = PERSONAL_DB.high + 0.5 * TILT_DB
"""What a personal layer can add in all: who has helped themselves to more on average has no vote."""
EQUAL_DB = 1e-6
"""A mean nearer to 0 than this is a vote for no change."""
CHUNK = 100_000
"""Ratings that are handed over at once."""
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "threads": 2,
    "memory_limit": "1GB",
    "enable_external_access": "false",
}
_COLUMNS = {"person": "i", "type": "B", "gear": "B", "hearing": "B", "rating": "B"}
_COLUMNS |= dict.fromkeys((*SHARED, "confidence"), "d")
_SQL_TYPES = {"i": "INTEGER", "B": "UTINYINT", "d": "DOUBLE"}


class Cell(NamedTuple):
    """A kind of recording, gear and hearing, and a parameter; `votes` for less, as it is, and more of it."""

    type: str
    gear: str
    hearing: str
    parameter: str
    votes: tuple[int, int, int]


class Trust(NamedTuple):
    """Confidence of the detection against satisfaction, each person weighing 1; `by_confidence`: confidence → weight
    of the satisfied and of the others.
    """

    people: int
    correlation: float | None
    by_confidence: dict[float, tuple[float, float]]


class Votes:
    """A table of ratings: filled person by person, then counted."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._people = 0
        self._gears, self._hearings = preset_names("gear"), preset_names("hearing")
        declared = ", ".join(f"{name} {_SQL_TYPES[code]}" for name, code in _COLUMNS.items())
        connection.execute(f"CREATE TABLE ratings ({declared})")
        self._clear()

    def _clear(self) -> None:
        self._chunk: dict[str, array[Any]] = {name: array(code) for name, code in _COLUMNS.items()}

    def add(self, export: Export, base_model: str) -> int:
        """[control] One person's ratings beside a version of the base model; how many there were."""
        gear, hearing = self._gears.index(export.gear_profile), self._hearings.index(export.hearing_profile)
        chunk, used = self._chunk, 0
        for each in export.used:
            if each.base_model != base_model:
                continue
            used += 1
            chunk["person"].append(self._people)
            chunk["type"].append(TYPES.index(each.detected_type))
            chunk["gear"].append(gear)
            chunk["hearing"].append(hearing)
            chunk["rating"].append(each.rating)
            chunk["bass"].append(each.adjustments_that_helped.bass)
            chunk["treble"].append(each.adjustments_that_helped.treble)
            chunk["confidence"].append(np.nan if each.confidence is None else each.confidence)
        self._people += used > 0
        if len(chunk["person"]) >= CHUNK:
            self._hand_over()
        return used

    def _hand_over(self) -> None:
        if self._chunk["person"]:
            self._connection.register("chunk", {name: np.array(column) for name, column in self._chunk.items()})
            self._connection.execute("INSERT INTO ratings SELECT * FROM chunk")
            self._connection.unregister("chunk")
            self._clear()

    def cells(self) -> list[Cell]:
        """[control] The finest cells that anybody voted in, in the order of their names."""
        self._hand_over()
        found = []
        for parameter in SHARED:
            for type_, gear, hearing, *votes in self._connection.execute(_votes_sql(parameter)).fetchall():
                place = (TYPES[type_], self._gears[gear], self._hearings[hearing], parameter)
                found.append(Cell(*place, (int(votes[0]), int(votes[1]), int(votes[2]))))
        return sorted(found)

    def trust(self) -> Trust:
        """[control] What is said of the confidence, where exports hold it."""
        self._hand_over()
        connection = self._connection
        connection.execute(_WEIGHTED_SQL)
        people, weight, *moments = connection.execute(_MOMENTS_SQL).fetchall()[0]
        rows = connection.execute(_SATISFIED_SQL).fetchall()
        connection.execute("DROP TABLE weighted")
        return Trust(people, _correlation(weight, *moments), {row[0]: (row[1], row[2]) for row in rows})


@contextmanager
def counting() -> Iterator[Votes]:
    """[control] An empty table; SettingsError names the extra where duckdb is missing."""
    try:
        import duckdb
    except ImportError:
        wanted = f"pip install duckdb, or livemaster's extra '{EXTRA}'"
        raise SettingsError(f"duckdb, which counts the ratings of a community, is not installed: {wanted}") from None
    with duckdb.connect(":memory:", config=_CONFIG) as connection:
        yield Votes(connection)


def _votes_sql(parameter: str) -> str:
    """One vote per person and kind of recording: the sign of the mean of what helped."""
    value = f"least(greatest({parameter}, {-MOST_DB}), {MOST_DB})"
    return f"""
        SELECT type, gear, hearing, count(*) FILTER (vote < {-EQUAL_DB}),
               count(*) FILTER (abs(vote) <= {EQUAL_DB}), count(*) FILTER (vote > {EQUAL_DB})
        FROM (SELECT type, gear, hearing, avg({value}) AS vote FROM ratings WHERE rating >= {LEAST_GOOD}
              GROUP BY person, type, gear, hearing HAVING abs(avg({parameter})) <= {MOST_MEAN_DB})
        GROUP BY type, gear, hearing"""


_WEIGHTED_SQL = """
    CREATE TABLE weighted AS
    SELECT person, round(confidence, 1) AS c, CAST(rating AS DOUBLE) AS r,
           1.0 / count(*) OVER (PARTITION BY person) AS w
    FROM ratings WHERE confidence IS NOT NULL"""
_MOMENTS_SQL = """
    SELECT count(DISTINCT person), sum(w), sum(w * c), sum(w * r), sum(w * c * c), sum(w * r * r), sum(w * c * r)
    FROM weighted"""
_SATISFIED_SQL = f"""
    SELECT c, coalesce(sum(w) FILTER (r >= {LEAST_GOOD}), 0), coalesce(sum(w) FILTER (r < {LEAST_GOOD}), 0)
    FROM weighted GROUP BY c ORDER BY c"""


def _correlation(weight: float | None, c: float, r: float, cc: float, rr: float, cr: float) -> float | None:
    """Pearson's, from weighted sums; None where nothing varies."""
    if not weight:
        return None
    variances = (cc / weight - (c / weight) ** 2, rr / weight - (r / weight) ** 2)
    if min(variances) < 1e-9:
        return None
    return float((cr / weight - c * r / weight**2) / np.sqrt(variances[0] * variances[1]))
