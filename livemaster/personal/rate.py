"""Rating a master: what is known of it is looked up by its content, else the file is heard once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from livemaster.errors import SettingsError
from livemaster.mastering.analysis_job import hear
from livemaster.mastering.beside import plan_of
from livemaster.mastering.job import Progress, no_progress
from livemaster.mastering.take_render import file_hash
from livemaster.personal.masters import (
    PHILOSOPHIES,
    HeardMix,
    Master,
    Masters,
    applied_by,
    fingerprint_of,
    sound_of,
    type_of,
)
from livemaster.personal.ratings import MOST_COMMENT, STARS, ParametersApplied, Rating, Ratings, asked, now
from livemaster.personal.wishes import DEGREE, Reading, read_comment
from livemaster.planning import MasterSettings
from livemaster.printable import shown_path

if TYPE_CHECKING:
    from livemaster.snapshot import NowPlaying


@dataclass(frozen=True, slots=True)
class Rated:
    """A rating that was kept, and what was understood of its comment."""

    rating: Rating
    reading: Reading


def rate(
    path: str | Path,
    stars: int,
    comment: str = "",
    wishes: Mapping[str, float | None] | None = None,
    *,
    folder: Path,
    progress: Progress = no_progress,
) -> Rated:
    """[control] Keep a rating of 1 to 5 for the master at `path`; it is on the disk when this returns.

    `wishes`: how much more `bass`, `mid`, `treble` (dB) and `width` are wanted. A file that was not made here is heard
    once and known again by its content. Raises AudioFileError, OutputError, SettingsError.
    """
    check(stars, comment)
    numbers = asked(wishes or {})
    return _kept(known(path, folder, progress), shown_path(Path(path).name), stars, comment, folder, asked=numbers)


def rate_playing(
    playing: NowPlaying, stars: int, comment: str = "", *, folder: Path, source: Literal["play", "vote"] = "play"
) -> Rated:
    """[control] Keep a rating of what plays, as `rate` does of a file; OutputError, SettingsError."""
    check(stars, comment)
    heard = sound_of(playing.settings, playing.analysis, playing.personal, playing.base_model)
    return _kept(heard, playing.track, stars, comment, folder, source=source)


def understood(rated: Rated) -> str:
    """What a rating asks for, in words that follow others; empty where it asks for nothing."""
    figures = {name: value for name, value in rated.rating.asked.model_dump().items() if value}
    net = rated.reading.net()
    parts = [_in_words(name, value) for name, value in net.items() if name not in figures]
    parts += [
        f"{name} {value:+g}{', which counts, not the comment' if name in net else ''}"
        for name, value in figures.items()
    ]
    cancelled = dict.fromkeys(wish.parameter for wish in rated.reading.wishes if wish.parameter not in net)
    parts += [f"{name} as it is, more and less of it cancel out" for name in cancelled]
    parts += [f"fine as it is: {text}" for text in rated.reading.praise]
    return f"; understood: {', '.join(parts)}" if parts else ""


def _in_words(name: str, degree: float) -> str:
    much = "a bit " if abs(degree) < DEGREE else "much " if abs(degree) > DEGREE else ""
    return f"{much}{'more' if degree > 0 else 'less'} {name}"


def check(stars: int, comment: str = "") -> None:
    """[control] SettingsError for what is no rating."""
    STARS.check(stars, "the rating")
    if len(comment) > MOST_COMMENT:
        raise SettingsError(f"the comment has {len(comment)} characters, allowed are {MOST_COMMENT}")


def _kept(about: HeardMix, track: str, stars: int, comment: str, folder: Path, **more: Any) -> Rated:
    """The rating of what is known so far, on the disk."""
    rating = Rating(
        track=track,
        detected_type=about.type,
        confidence=about.confidence,
        philosophy=PHILOSOPHIES[about.type],
        rating=stars,
        comment=" ".join(comment.split()),
        timestamp=now(),
        fingerprint=about.fingerprint,
        parameters_applied=about.parameters_applied,
        personal=about.personal,
        trims=about.trims,
        base_model=about.base_model,
        **more,
    )
    Ratings(folder).add(rating)
    return Rated(rating, read_comment(comment))


def known(path: str | Path, folder: Path, progress: Progress = no_progress) -> Master:
    """[control] What is known of a file; it is heard, and remembered, where nothing is."""
    masters, sha256 = Masters(folder), _hash(path)
    found = masters.find(sha256)
    if found is None:
        heard = hear(path, progress).analysis
        type_, confidence = type_of(heard)
        found = Master(
            sha256=sha256,
            track=shown_path(Path(path).name),
            time=now(),
            type=type_,
            confidence=confidence,
            fingerprint=fingerprint_of(heard),
            parameters_applied=_beside(Path(path)),
        )
        masters.add(found)
    return found


def _hash(path: str | Path) -> str:
    try:
        return file_hash(path)
    except OSError:
        hear(path)  # which says what is wrong with it
        raise


def _beside(path: Path) -> ParametersApplied:
    """What the plan beside a master says that was done, where there is one."""
    plan = plan_of(path)
    return ParametersApplied() if plan is None else applied_by(MasterSettings.load(plan))
