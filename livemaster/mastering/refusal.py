"""What more limiting would give, where a loudness was refused because it takes too much of it."""

from __future__ import annotations

from dataclasses import dataclass

from livemaster.mastering.forecast import ForecastTrack
from livemaster.mastering.solve import HOPELESS_DB, MAX_LIMITING_DB, Correction, Solution, loudest

MORE_DB = 1.0
"""So much more limiting than is allowed is asked about."""
NEAR_LU = 0.1
"""A loudness this near to the one that was asked for is as good as that."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Mean limiting that a refused loudness needs in section number `section`, and what less of it gives.

    `needed_db`: None where it is more than HOPELESS_DB, which give `hopeless_lufs` then. `more_lu`: what MORE_DB above
    the limit would add to what the limit allows.
    """

    section: int
    needed_db: float | None
    hopeless_lufs: float | None
    more_lu: float


def refusal(track: ForecastTrack, allowed: Solution, correction: Correction) -> Refusal | None:
    """[control] Why more than `allowed` was refused; None where nothing was."""
    wish = allowed.refused
    if wish is None:
        return None
    most = loudest(track, wish, correction, HOPELESS_DB)
    more = loudest(track, wish, correction, MAX_LIMITING_DB + MORE_DB)
    limiting_db = max(most.forecast.limiting_db)
    enough = wish.integrated_lufs - most.aimed_lufs < NEAR_LU
    return Refusal(
        section=most.forecast.limiting_db.index(limiting_db),
        needed_db=limiting_db if enough else None,
        hopeless_lufs=None if enough else most.aimed_lufs,
        more_lu=more.aimed_lufs - allowed.aimed_lufs,
    )
