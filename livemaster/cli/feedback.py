"""`livemaster rate` and `feedback`: ratings given, shown, imported, forgotten, and what they say. Imports late."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from livemaster.cli import options as o
from livemaster.controls import REACH
from livemaster.errors import InputError, SettingsError
from livemaster.ui.streams import say

if TYPE_CHECKING:
    from livemaster.personal.patterns import Patterns, TypeReport
    from livemaster.personal.rate import Rated
    from livemaster.personal.ratings import Rating

feedback_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Ratings, and what they say together.")

_AGE = re.compile(r"(\d{1,5})-days?")
NONE_YET = 'no ratings yet: livemaster rate FILE --rating 4 --comment "more bass"'
BAR = 20
"""Letters of the longest bar of a distribution."""


def _parsed_stars(text: str) -> int:
    if text not in ("1", "2", "3", "4", "5"):
        raise InputError(f"--rating is '{text}', allowed are 1, 2, 3, 4 and 5")
    return int(text)


Stars = Annotated[
    int,
    typer.Option("--rating", metavar="1-5", help="How good it is for your ears, 5 is best.", parser=_parsed_stars),
]
Comment = Annotated[
    str, typer.Option("--comment", metavar="TEXT", help="What you would change: «more bass», «a bit harsh» (English).")
]
MoreBass = Annotated[
    float | None, typer.Option(metavar="DB", help=f"How many dB more you want {REACH['bass']}; less is negative.")
]
MoreMid = Annotated[
    float | None, typer.Option(metavar="DB", help=f"How many dB more you want {REACH['mid']}; less is negative.")
]
MoreTreble = Annotated[
    float | None, typer.Option(metavar="DB", help=f"How many dB more you want {REACH['treble']}; less is negative.")
]
MoreWidth = Annotated[float | None, typer.Option("--width", help="How much wider you want it, -1 to 1.")]
Kind = Annotated[
    str | None, typer.Option("--type", metavar="TYPE", help="Only this one: studio, metal, bootleg or unknown.")
]
OlderThan = Annotated[str | None, typer.Option("--older-than", metavar="N-days", help="Forget what is older.")]
Track = Annotated[str | None, typer.Option("--track", metavar="NAME", help="Forget what was said of this track.")]
Latest = Annotated[int | None, typer.Option("--latest", min=1, metavar="N", help="Forget the latest so many.")]
Last = Annotated[int, typer.Option("--last", min=1, help="So many, the latest.")]


def rate(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The finished master.")],
    rating: Stars,
    comment: Comment = "",
    bass: MoreBass = None,
    mid: MoreMid = None,
    treble: MoreTreble = None,
    width: MoreWidth = None,
    as_json: o.AsJson = False,
) -> None:
    """Rate a master in a few seconds; after some, the next masters come closer to your ears."""
    from livemaster.cli.show import print_json, show_notes, steps
    from livemaster.personal.home import made_home
    from livemaster.personal.rate import rate as rate_file
    from livemaster.personal.rate import understood

    folder, wishes = made_home(), {"bass": bass, "mid": mid, "treble": treble, "width": width}
    with steps("metering", "analysis") as progress:
        found = rate_file(file, rating, comment, wishes, folder=folder, progress=progress)
    if as_json:
        print_json(_data(found))
    else:
        given = found.rating
        say(f"{given.track}: {_stars(given.rating)}, {given.detected_type}{understood(found)}")
    notes = [f"not understood, but kept: {text}" for text in found.reading.not_understood]
    show_notes([*([] if as_json else notes), *learn_by_itself()])


def learn_by_itself() -> list[str]:
    """Where that is automatic, new ratings become preferences; what became of it, in words."""
    from livemaster.cli.show import steps
    from livemaster.personal.apply import learned
    from livemaster.personal.home import home

    try:
        with steps("mastering", "analysis") as progress:
            said = learned(home(), progress)
    except InputError as error:  # the rating is kept all the same
        said = str(error)
    return [said] if said else []


@feedback_app.command("list")
def list_ratings(last: Last = 20, as_json: o.AsJson = False) -> None:
    """The latest ratings, a line each."""
    from livemaster.cli.show import print_json

    ratings = _load()[-last:]
    if as_json:
        print_json([each.to_data() for each in ratings])
        return
    if not ratings:
        say(NONE_YET)
    for each in ratings:
        say(_line(each))


@feedback_app.command("show")
def show_rating(track: Annotated[str, typer.Argument(metavar="TRACK", help="The file's name.")]) -> None:
    """Everything that was said of a track, as JSON in the published form."""
    from livemaster.cli.show import print_json

    print_json([each.to_data() for each in _of_track(_load(), track)])


@feedback_app.command("import")
def import_ratings(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Ratings in the published form, an object a line.")],
) -> None:
    """Add ratings from elsewhere; what is there already is not added twice."""
    from livemaster.cli.show import show_notes
    from livemaster.personal.home import made_home
    from livemaster.personal.ratings import Ratings, read_ratings

    found = list(read_ratings(file))
    store = Ratings(made_home())
    known = {each.key for each in store.load().ratings}
    new = [each for each in found if each.key not in known]
    store.add(*new)
    say(f"{len(new)} ratings added, {len(found) - len(new)} were there already")
    show_notes(learn_by_itself() if new else [])


@feedback_app.command("delete")
def delete_ratings(older_than: OlderThan = None, track: Track = None, latest: Latest = None) -> None:
    """Forget ratings, by age or by track, or the latest; which they were."""
    import datetime

    from livemaster.personal.home import home
    from livemaster.personal.ratings import Ratings

    if [older_than, track, latest].count(None) != 2:
        raise InputError("say which ratings to forget: --older-than 90-days, --track NAME, or --latest 1")
    unwanted: Sequence[Rating] = _load()
    if older_than is not None:
        match = _AGE.fullmatch(older_than)
        if match is None:
            raise SettingsError(f"--older-than is '{older_than}', a number of days such as 90-days is wanted")
        limit = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=int(match[1]))
        unwanted = [each for each in unwanted if each.time < limit]
    elif latest is not None:
        unwanted = unwanted[-latest:]
    else:
        assert track is not None
        unwanted = _of_track(unwanted, track)
    count = Ratings(home()).delete(unwanted) if unwanted else 0
    for each in unwanted:
        say(_line(each))
    say(f"{count} ratings forgotten")


@feedback_app.command("analyze")
def analyze_ratings(
    kind: Kind = None,
    all_types: Annotated[bool, typer.Option("--all-types", help="Every kind, as without --type.")] = False,
    monthly_summary: Annotated[bool, typer.Option("--monthly-summary", help="Ratings month by month.")] = False,
    as_json: o.AsJson = False,
) -> None:
    """What the ratings say: figures, wishes, and what they recommend with its evidence."""
    from livemaster.cli.show import print_json, show_notes
    from livemaster.documents import find_name
    from livemaster.personal.home import PROFILE, home
    from livemaster.personal.patterns import patterns
    from livemaster.personal.versions import Versions
    from livemaster.planning.personal import TYPES

    if kind is not None and all_types:
        raise InputError("--type and --all-types exclude each other")
    wanted = None if kind is None else find_name("type", kind, TYPES)
    ratings = _load()
    if monthly_summary:
        _show_months(ratings, as_json)
        return
    found = patterns(ratings, Versions(home() / PROFILE).current())
    types = {name: each for name, each in found.types.items() if wanted in (None, name)}
    if as_json:
        print_json({name: each.to_dict() for name, each in types.items()})
        return
    for each in types.values():
        _show_type(each)
    if not types:
        say(f"no ratings of {wanted} yet" if ratings else NONE_YET)
    show_notes(_notes(found, types))


def _notes(found: Patterns, types: Mapping[str, TypeReport]) -> list[str]:
    """What belongs to the types that are shown."""
    changes = any(each.recommendations for each in types.values())
    hint = ["to use what is recommended: livemaster profile apply-patterns"] if changes else []
    return [*(note.text for note in found.learned.notes if note.type in types or (types and not note.type)), *hint]


def _show_type(found: TypeReport) -> None:
    figures = f"{found.samples} ratings, {found.mean_rating:.1f} on average, confidence {found.mean_confidence:.2f}"
    say(f"{found.type}: {figures}")
    most = max(found.distribution)
    for stars, count in reversed(list(enumerate(found.distribution, 1))):
        say(f"  {stars} {'█' * round(BAR * count / most):<{BAR}} {count}")
    wishes = ", ".join(f"{name} {value:+g}" for name, value in found.wishes.items() if value)
    say(f"  wishes, wanted minus unwanted: {wishes or 'none'}")
    for each in found.recommendations:
        say(f"  {each.parameter} {each.change:+g}: {each.evidence}")
    for why in found.lacking:
        say(f"  {why}")
    if not found.lacking and not found.recommendations:
        say("  nothing to change")


def _show_months(ratings: Sequence[Rating], as_json: bool) -> None:
    from livemaster.cli.show import print_json

    months: dict[str, list[int]] = {}
    for each in ratings:
        months.setdefault(f"{each.time:%Y-%m}", []).append(each.rating)
    rows = [
        {"month": month, "samples": len(found), "mean_rating": round(sum(found) / len(found), 2)}
        for month, found in sorted(months.items())
    ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        say(f"{row['month']}  {row['samples']:>4} ratings, {row['mean_rating']:.1f} on average")


def _load() -> list[Rating]:
    """All ratings; what cannot be read is told."""
    from livemaster.cli.show import show_notes
    from livemaster.personal.home import home
    from livemaster.personal.ratings import Ratings

    stored = Ratings(home()).load()
    show_notes(stored.broken)
    return list(stored.ratings)


def _of_track(ratings: Sequence[Rating], track: str) -> list[Rating]:
    """Those of a file's name, or of the name of the file that a path leads to."""
    from pathlib import Path

    for name in (track, Path(track).name):
        found = [each for each in ratings if each.track == name]
        if found:
            return found
    raise InputError(f"no rating of '{track}'")


def _line(rating: Rating) -> str:
    """A rating in a line, whatever its comment holds."""

    figures = [f"{name} {value:+g}" for name, value in rating.asked.model_dump().items() if value]
    said = [*([f"«{rating.comment}»"] if rating.comment else []), *figures]
    parts = (rating.timestamp[:16], _stars(rating.rating), f"{rating.detected_type:<8}", rating.track, " ".join(said))
    return "  ".join(parts).rstrip()


def _stars(count: int) -> str:
    return "★" * count + "☆" * (5 - count)


def _data(found: Rated) -> dict[str, object]:
    from livemaster.personal.evidence import wishes_of

    return found.rating.to_data() | {
        "wishes": wishes_of(found.rating),
        "not_understood": list(found.reading.not_understood),
    }
