"""Ratings as the evidence that is learned from: comments read, ages counted."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Mapping

from livemaster.personal.learning import WISHED, Evidence
from livemaster.personal.ratings import Rating, parse_time
from livemaster.personal.wishes import read_comment

DAY_S = 86_400.0


def wishes_of(rating: Rating) -> dict[str, float]:
    """[control] What a rating counts for, parameter → degree: its comment read, a figure as ±1 in place of that."""
    figures = {name: math.copysign(1.0, value) for name, value in _figures(rating).items() if name in WISHED}
    return read_comment(rating.comment).net() | figures


def _figures(rating: Rating) -> dict[str, float]:
    return {name: value for name, value in rating.asked.model_dump().items() if value}


def evidence_of(
    ratings: Iterable[Rating], at: datetime.datetime | None = None, by_hand: Mapping[str, str] | None = None
) -> list[Evidence]:
    """[control] What each rating says; ages are those at `at`, the present moment by default.

    `by_hand`: adjustment → when it was set by hand; of that, earlier ratings say nothing.
    """
    set_at = {key: parse_time(text, "preferences") for key, text in (by_hand or {}).items()}
    moment = at or datetime.datetime.now(datetime.UTC)
    return [
        Evidence(
            type=each.detected_type,
            rating=each.rating,
            confidence=each.confidence,
            age_days=max((moment - each.time).total_seconds() / DAY_S, 0.0),
            wishes=read_comment(each.comment).net(),
            asked=_figures(each),
            applied=each.personal.model_dump(),
            trims=each.trims.model_dump(),
            ignored=frozenset(
                key.removeprefix(f"{each.detected_type}_")
                for key, since in set_at.items()
                if key.startswith(f"{each.detected_type}_") and each.time <= since
            ),
        )
        for each in ratings
    ]
