"""Ratings made fit for sharing: off unless it was allowed, and with nothing in them that points at a person.

What is dropped, and why: names, times, comments, fingerprints and parameters, which are not in the published form;
the order, which would tell the times; kinds of recording with fewer than three tracks rated; what was rated beside a
base model of one's own, whose version might be a name. What is left is coarse: half a dB, the confidence (only if
wanted) to one digit. Nothing is ever sent: an export is a file that its owner may hand on.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import secrets
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from livemaster.documents import write_bytes, write_json
from livemaster.documents.document import Document
from livemaster.documents.ranges import BAND_DB
from livemaster.errors import OutputError, SettingsError
from livemaster.personal.exports import (
    MOST_RATINGS,
    NUMBER_DIGITS,
    SHARED,
    Export,
    Feedback,
    Helped,
    canonical,
    read_export,
    thinned,
)
from livemaster.personal.home import keep_private, locked, make_private
from livemaster.personal.preferences import Preferences
from livemaster.personal.ratings import Layer, Rating
from livemaster.planning.personal import TILT_DB
from livemaster.tone.profiles import base_model_versions

__all__ = ["anonymized", "enabled", "export", "read_export", "set_enabled", "view"]

FILE = "sharing.json"
FEWEST_OF_A_KIND = 3
STEP_DB = 0.5
CONFIDENCE_DIGITS = 1


class Sharing(Document):
    """Whether exports may be written. `secret`, which never leaves the folder, draws their numbers and their order."""

    KIND = "sharing"

    enabled: bool = False
    secret: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] = Field(default_factory=lambda: secrets.token_hex(32))


def enabled(folder: Path) -> bool:
    """[control] Whether exports may be written: not before somebody allowed it."""
    path = folder / FILE
    return path.exists() and Sharing.load(path).enabled


def set_enabled(folder: Path, allow: bool) -> None:
    """[control] Allow exports, or forbid them again; OutputError when that cannot be kept."""
    _change(folder, allow)


def view(folder: Path, ratings: Iterable[Rating], preferences: Preferences, *, with_confidence: bool = False) -> str:
    """[control] Exactly the text that `export` would write, whether or not sharing is allowed."""
    secret = _change(folder, None).secret
    return _text(anonymized(ratings, preferences, with_confidence=with_confidence), secret)


def export(
    folder: Path,
    path: str | Path,
    ratings: Iterable[Rating],
    preferences: Preferences,
    *,
    with_confidence: bool = False,
    force: bool = False,
) -> Export:
    """[control] Write the published export to `path` and return it.

    `with_confidence` adds how sure the detection was, rounded to 0.1, from which a community learns whether the
    detection can be trusted. SettingsError where sharing is off, OutputError when the file cannot be written.
    """
    if not enabled(folder):
        raise SettingsError(f"sharing is off, {path} was not written; 'share enable' allows it, 'share view' shows it")
    found = anonymized(ratings, preferences, with_confidence=with_confidence)
    write_bytes(path, _text(found, _change(folder, None).secret).encode(), force=force)
    return found


def anonymized(ratings: Iterable[Rating], preferences: Preferences, *, with_confidence: bool = False) -> Export:
    """What may be shared of ratings, sorted by what is in them.

    What helped is the personal layer that was in force when a track was rated (its tilt as bass and treble, gear and
    hearing apart), what was turned, and what was asked for beyond it, in steps of 0.5 dB.
    """
    usable = [each for each in ratings if each.base_model in base_model_versions()]
    tracks = Counter(kind for kind, _ in {(_kind(each), each.track) for each in usable})
    shared = [_shared(each, with_confidence) for each in usable if tracks[_kind(each)] >= FEWEST_OF_A_KIND]
    return Export(
        feedback=thinned(tuple(sorted(shared, key=canonical))),
        gear_profile=preferences.gear_profile,
        hearing_profile=preferences.hearing_profile,
    )


def left_out(ratings: Iterable[Rating], found: Export) -> str:
    """What of the ratings is not in an export, and why, in a sentence; empty where all of them are in it."""
    count = sum(1 for _ in ratings) - len(found.feedback)
    if not count:
        return ""
    return (
        f"{count} of {count + len(found.feedback)} ratings are left out: those of kinds of recording with fewer than "
        f"{FEWEST_OF_A_KIND} tracks, those beside a base model of your own, and what is more than {MOST_RATINGS}"
    )


def _kind(rating: Rating) -> tuple[str, str]:
    return rating.detected_type, rating.base_model


def _shared(rating: Rating, with_confidence: bool) -> Feedback:
    parts = (rating.personal, rating.trims, rating.asked)
    helped = {name: _coarse(sum(_wanted(part, name) for part in parts)) for name in SHARED}
    return Feedback(
        base_model=rating.base_model,
        detected_type=rating.detected_type,
        rating=rating.rating,
        adjustments_that_helped=Helped(**helped),
        confidence=round(rating.confidence, CONFIDENCE_DIGITS) if with_confidence else None,
    )


def _wanted(layer: Layer, name: str) -> float:
    tilt_db = 0.5 * TILT_DB * layer.centroid
    return layer.bass - tilt_db if name == "bass" else layer.treble + tilt_db


def _coarse(value_db: float) -> float:
    return STEP_DB * round(BAND_DB.clamp(value_db) / STEP_DB) + 0.0  # no -0.0


def _text(found: Export, secret: str) -> str:
    """The file: a rating a line, a number, and ratings and keys in an order, drawn from the secret and what is shared.

    So the same data of one person give the same bytes, which are counted once, however often they are handed in; equal
    data of two persons do not, and count twice. A rating more changes the number and the whole order.
    """
    drawn = random.Random(hmac.new(bytes.fromhex(secret), found.content.encode(), hashlib.sha256).digest())
    number = drawn.randrange(10**NUMBER_DIGITS)
    lines = []
    for each in drawn.sample(found.feedback, len(found.feedback)):
        data = each.model_dump(exclude_none=True)
        helped = _reordered(data["adjustments_that_helped"], drawn)
        lines.append("  " + json.dumps(_reordered(data | {"adjustments_that_helped": helped}, drawn)))
    head = ",\n".join(lines)
    profiles = {"gear_profile": found.gear_profile, "hearing_profile": found.hearing_profile}
    listener = json.dumps(profiles | {"number": number})
    return f'{{"feedback": [\n{head}\n], {listener[1:]}\n' if lines else f'{{"feedback": [], {listener[1:]}\n'


def _reordered(data: dict[str, Any], drawn: random.Random) -> dict[str, Any]:
    return dict(drawn.sample(sorted(data.items(), key=lambda item: item[0]), len(data)))


def _change(folder: Path, allow: bool | None) -> Sharing:
    """The state, made where there is none, and changed where `allow` is given."""
    path = folder / FILE
    try:
        make_private(folder)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made: {error.strerror}") from None
    with locked(folder):
        keep_private(path)
        known = path.exists()
        state = Sharing.load(path) if known else Sharing()
        wanted = state if allow is None else Sharing(enabled=allow, secret=state.secret)
        if not known or wanted != state:
            write_json(path, wanted.model_dump(mode="json"), force=True, private=True)
    return wanted
