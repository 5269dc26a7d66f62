"""`livemaster profile`: the listener's preferences and their versions. Imports late."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from livemaster.cli import options as o
from livemaster.controls import REACH
from livemaster.errors import InputError
from livemaster.ui.streams import say

if TYPE_CHECKING:
    from livemaster.personal.preferences import Preferences
    from livemaster.personal.versions import Edit, Versions

profile_app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Your preferences: what is added to the base model, in versions."
)

STANDARD_STREAM = "-"

Version = Annotated[int, typer.Argument(metavar="VERSION", help="A version's number, as `profile history` lists them.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for the history.")]
Bass = Annotated[
    float | None,
    typer.Option(metavar="DB", help=f"What this kind gets {REACH['bass']} in all; the base model counts in."),
]
Mid = Annotated[
    float | None,
    typer.Option(metavar="DB", help=f"What this kind gets {REACH['mid']} in all; the base model counts in."),
]
Treble = Annotated[
    float | None,
    typer.Option(metavar="DB", help=f"What this kind gets {REACH['treble']} in all; the base model counts in."),
]
Width = Annotated[float | None, typer.Option("--width", help="How much wider this kind of recording gets.")]
Gear = Annotated[str | None, typer.Option("--gear", metavar="NAME", help="What you listen with, see presets/gear.")]
Hearing = Annotated[str | None, typer.Option("--hearing", metavar="NAME", help="How you hear, see presets/hearing.")]
Centroid = Annotated[float | None, typer.Option("--centroid", help="Darker or brighter, -1 to 1 (x 500 Hz).")]


@profile_app.command()
def show(as_json: o.AsJson = False) -> None:
    """The preferences in force, beside what the base model asks for, with the evidence."""
    from livemaster.cli.show import print_json, show_notes

    versions = _versions()
    found = versions.current()
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        _show(found)
    show_notes(versions.notes)


@profile_app.command("set")
def set_values(
    kind: Annotated[str | None, typer.Argument(metavar="[TYPE]", help="studio, metal, bootleg or unknown.")] = None,
    bass: Bass = None,
    mid: Mid = None,
    treble: Treble = None,
    width: Width = None,
    gear: Gear = None,
    hearing: Hearing = None,
    centroid: Centroid = None,
    reason: Reason = "set by hand",
) -> None:
    """Set preferences by hand: a new version, validated."""
    from livemaster.personal.versions import Edit

    values: dict[str, float | None] = {"bass": bass, "mid": mid, "treble": treble, "width": width}
    if kind is None and any(value is not None for value in values.values()):
        raise InputError("say for which kind of recording: studio, metal, bootleg or unknown")
    if kind is not None and not any(value is not None for value in values.values()):
        raise InputError(
            f"gear, hearing and centroid are for all recordings: leave {kind} out, or give --bass or the like"
        )
    if not reason.strip():
        raise InputError("say why: --reason is empty")
    named = {"gear_profile": gear, "hearing_profile": hearing, "centroid_preference": centroid}
    changes = {name: value for name, value in named.items() if value is not None}
    given = {name: value for name, value in values.items() if value is not None}
    if not changes and not given:
        raise InputError("nothing to set: give --bass, --gear or another option")

    def edit(current: Preferences) -> Edit:
        changed = current.changed(**changes)
        return Edit(changed if kind is None else _adjusted(changed, kind, given, reason), reason)

    _save(edit)


@profile_app.command("apply-patterns")
def apply_patterns() -> None:
    """Make preferences of what the ratings recommend: a new version, validated, with its evidence."""
    from livemaster.cli.show import show_notes, steps
    from livemaster.personal.apply import apply_patterns as apply_ratings
    from livemaster.personal.home import made_home

    with steps("mastering", "analysis") as progress:
        done = apply_ratings(made_home(), progress)
    if done.saved is None:
        say("nothing to change")
        show_notes([f"{each.type}: {why}" for each in done.found.types.values() for why in each.lacking])
        return
    for change in done.changes:
        say(change)
    say(f"version {done.saved.version}: saved")


@profile_app.command()
def auto(
    state: Annotated[str | None, typer.Argument(metavar="[on|off]", help="Without it, how it stands.")] = None,
) -> None:
    """Apply what new ratings recommend by itself, each time one is given and the validation passes it."""
    from livemaster.cli.feedback import learn_by_itself
    from livemaster.cli.show import show_notes
    from livemaster.personal.apply import is_automatic, set_automatic
    from livemaster.personal.home import home, made_home

    if state not in (None, "on", "off"):
        raise InputError(f"'{state}' is neither on nor off")
    if state is not None:
        set_automatic(made_home(), state == "on")
    say(f"automatic: {'on' if is_automatic(home()) else 'off'}")
    show_notes(learn_by_itself() if state == "on" else [])


@profile_app.command()
def history(as_json: o.AsJson = False) -> None:
    """All versions, when they were made and why."""
    from livemaster.cli.show import print_json, show_notes

    versions = _versions()
    rows = versions.history()
    show_notes(versions.notes)
    if as_json:
        print_json([{"version": version, "made": made, "reason": reason} for version, made, reason in rows])
        return
    if not rows:
        say("no versions yet: profile set and apply-patterns make some")
    for version, made, reason in rows:
        say(f"{version:>4}  {made[:16]}  {reason}")


@profile_app.command()
def diff(first: Version, second: Version) -> None:
    """What differs between two versions."""
    changes = _versions().diff(first, second)
    if not changes:
        say("nothing differs")
    for name, old, new in changes:
        say(f"{name}: {_value(old)} -> {_value(new)}")


@profile_app.command()
def rollback(version: Version, reason: Reason = "") -> None:
    """Go back to the values of a version: a new version, so that nothing is lost."""
    saved = _versions(made=True).rollback(version, reason or f"back to version {version}")
    say(f"version {saved.version}: the values of version {version}")


@profile_app.command("export")
def export_profile(
    output: Annotated[str, typer.Option("-o", "--output", metavar="FILE", help="Where to; - is the output.")] = "-",
    version: Annotated[int | None, typer.Option("--version", help="The present one otherwise.")] = None,
    force: o.Force = False,
) -> None:
    """A version as JSON, to take along."""
    from livemaster.cli.show import print_json
    from livemaster.documents import write_json

    versions = _versions()
    found = versions.current() if version is None else versions.get(version)
    data = found.model_dump(mode="json")
    if output == STANDARD_STREAM:
        print_json(data)
    else:
        write_json(output, data, force=force)


@profile_app.command("import")
def import_profile(
    file: Annotated[str, typer.Argument(metavar="FILE", help="What `profile export` has written.")],
    reason: Reason = "imported",
) -> None:
    """Take preferences from a file: a new version, validated."""
    from livemaster.personal.preferences import Preferences
    from livemaster.personal.versions import Edit

    found = Preferences.load(file)
    _save(lambda _: Edit(found, reason))


def _value(value: object) -> str:
    """A value of a version; an adjustment that it does not hold is 0."""
    return f"{value:+g}" if isinstance(value, float | int) else "0" if value is None else str(value)


def _versions(*, made: bool = False) -> Versions:
    from livemaster.personal.home import PROFILE, home, made_home
    from livemaster.personal.versions import Versions

    return Versions((made_home() if made else home()) / PROFILE)


def _save(edit: Callable[[Preferences], Edit]) -> None:
    from livemaster.cli.show import show_notes, steps
    from livemaster.personal.validation import validate

    versions = _versions(made=True)
    with steps("mastering", "analysis") as progress:
        saved = versions.change(edit, lambda found: validate(found, progress))
    assert saved is not None
    say(f"version {saved.version}: saved")
    show_notes(versions.notes)


def _adjusted(current: Preferences, kind: str, values: dict[str, float], reason: str) -> Preferences:
    from livemaster.documents import find_name
    from livemaster.personal.preferences import DIGITS, LIMITS
    from livemaster.planning.personal import TYPES

    name = find_name("type", kind, TYPES)
    base = base_of(name)
    for each, value in values.items():
        limits = LIMITS[each]
        if not limits.low <= round(value - base[each], DIGITS) <= limits.high:
            low, high = (f"{base[each] + end:+g}" for end in (limits.low, limits.high))
            raise InputError(
                f"--{each} is {value:g}, allowed for {name} are {low} to {high} (base model {base[each]:+g})"
            )
    return current.with_adjustments(name, {each: value - base[each] for each, value in values.items()}, reason)


def base_of(type_: str) -> dict[str, float]:
    """What the base model gives a kind of recording: the mean of its profiles; width is the listener's alone."""
    from livemaster.tone.profiles import base_model

    profiles = [each for each in base_model() if each.type == type_]
    fields = {"bass": "bass_db", "mid": "mid_db", "treble": "treble_db"}
    found = {name: sum(getattr(each, field) for each in profiles) / len(profiles) for name, field in fields.items()}
    return found | {"width": 0.0}


def _show(found: Preferences) -> None:

    made = f", {found.made[:16]}: {found.reason}" if found.version else ": nothing is changed yet"
    say(f"version {found.version}{made}")
    for key, value in found.profile_adjustments.items():
        type_, _, parameter = key.rpartition("_")
        base, unit = base_of(type_)[parameter], "" if parameter == "width" else " dB"
        whole = f"base {base:+g} + personal {value:+g} = {base + value:+.2g}{unit}" if unit else f"{value:+g}"
        say(f"{type_} {parameter}: {whole} ({found.reasons.get(key, 'set by hand')})")
    for name in ("centroid_preference", "stereo_width_preference", "confidence_adjustment"):
        value = getattr(found, name)
        if value:
            say(f"{name.replace('_', ' ')}: {value:+g}")
    say(f"gear {found.gear_profile}, hearing {found.hearing_profile}")
    if found.samples_analyzed:
        say(f"from {found.samples_analyzed} ratings, {found.average_satisfaction:g} on average")
