"""`livemaster share`, `community`, `base-model` and `personal`: what may leave this machine, and what comes of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from livemaster.cli import options as o
from livemaster.errors import InputError
from livemaster.ui.streams import say

if TYPE_CHECKING:
    from livemaster.personal.exports import Export
    from livemaster.personal.ratings import Rating

share_app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="An anonymous extract of your ratings, off until you allow it."
)
community_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="What many listeners prefer.")
base_model_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Propose the next base model.")
personal_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="All that is kept of you, in one piece.")

FAILED = 1
"""Some of several files could not be used."""
WIDE = 0.5

WithConfidence = Annotated[
    bool, typer.Option("--with-confidence", help="Also how sure the detection was, to one digit.")
]


@share_app.command()
def enable() -> None:
    """Allow exports: stars, kinds, changes of bass and treble that helped, your gear and hearing, the base model."""
    from livemaster.personal.home import made_home
    from livemaster.personal.sharing import set_enabled

    set_enabled(made_home(), True)
    say("exports may be written; nothing is ever sent by itself")


@share_app.command()
def disable() -> None:
    """Forbid exports again."""
    from livemaster.personal.home import made_home
    from livemaster.personal.sharing import set_enabled

    set_enabled(made_home(), False)
    say("exports are forbidden")


@share_app.command("view")
def view_export(with_confidence: WithConfidence = False) -> None:
    """Exactly what an export would hold."""
    from livemaster.cli.show import show_notes
    from livemaster.personal.home import PROFILE, made_home
    from livemaster.personal.ratings import Ratings
    from livemaster.personal.sharing import anonymized, view
    from livemaster.personal.versions import Versions

    folder = made_home()
    ratings, preferences = Ratings(folder).load().ratings, Versions(folder / PROFILE).current()
    print(view(folder, ratings, preferences, with_confidence=with_confidence), end="")
    show_notes(_left_out(ratings, anonymized(ratings, preferences)))


@share_app.command("export")
def export_ratings(
    output: Annotated[str, typer.Option("-o", "--output", metavar="FILE", help="Where to write.")],
    anonymized: Annotated[bool, typer.Option("--anonymized", help="The only kind there is.")] = False,
    with_confidence: WithConfidence = False,
    force: o.Force = False,
) -> None:
    """Write the anonymous extract of your ratings, for whoever you want to give it to."""
    from livemaster.cli.show import show_notes
    from livemaster.personal.home import PROFILE, made_home
    from livemaster.personal.ratings import Ratings
    from livemaster.personal.sharing import export
    from livemaster.personal.versions import Versions

    if not anonymized:
        raise InputError("share export writes nothing but anonymous extracts: give --anonymized")
    folder = made_home()
    ratings = Ratings(folder).load().ratings
    found = export(
        folder,
        output,
        ratings,
        Versions(folder / PROFILE).current(),
        with_confidence=with_confidence,
        force=force,
    )
    say(f"{output}: {len(found.feedback)} ratings, anonymous")
    show_notes(_left_out(ratings, found))


def _left_out(ratings: Sequence[Rating], found: Export) -> list[str]:
    from livemaster.personal.sharing import left_out

    said = left_out(ratings, found)
    return [said] if said else []


@community_app.command()
def aggregate(
    files: Annotated[list[str], typer.Argument(metavar="FILE…", help="Exports, one of each listener.")],
    output: Annotated[str, typer.Option("-o", "--output", metavar="FILE", help="Where they go; - prints them.")],
    dp_epsilon: Annotated[
        float | None,
        typer.Option("--dp-epsilon", help="Noise that hides each listener: 1 is usual, less hides more."),
    ] = None,
    force: o.Force = False,
) -> None:
    """What shares of listeners prefer a change, by kind of recording, gear and hearing, with intervals."""
    from livemaster.cli.show import print_json, show_notes, steps
    from livemaster.documents import write_json
    from livemaster.personal.community import aggregate as aggregate_exports

    refused: list[str] = []
    with steps() as progress:
        found = aggregate_exports(files, dp_epsilon, None, progress, refused=refused.append)
    if output == "-":
        print_json(found.to_data())
    else:
        write_json(output, found.to_data(), force=force)
        say(f"{output}: {len(found.groups)} groups, {len(found.left_out)} too small")
    wide = sum(each.interval[1] - each.interval[0] > WIDE for each in found.groups)
    noisy = f"{wide} of {len(found.groups)} groups have intervals wider than {100 * WIDE:g} points"
    too_noisy = [f"{noisy}: too few people for an epsilon of {dp_epsilon:g}"] if dp_epsilon and wide else []
    show_notes([*refused, *too_noisy])
    if refused:
        raise typer.Exit(FAILED)


@base_model_app.command()
def build(
    insights: Annotated[str, typer.Option("--from", metavar="FILE", help="What `community aggregate` has written.")],
    version: Annotated[str, typer.Option("--version", metavar="N.M", help="The new version, such as 2.0.")],
    output: Annotated[str, typer.Option("-o", "--output", metavar="DIR", help="The folder to make.")],
    force: o.Force = False,
) -> None:
    """Propose new profiles from what a community prefers, with a list of changes; detection stays as it is."""
    from livemaster.personal.base_model import build_base_model
    from livemaster.personal.community import Insights

    changes = build_base_model(Insights.load(insights), version, output, force=force)
    say(f"{output}: base model {version}, {len(changes)} changes, see CHANGES.md there")


@personal_app.command("export")
def export_all(
    output: Annotated[str, typer.Option("-o", "--output", metavar="FILE", help="Where the archive goes.")],
    format: Annotated[str, typer.Option("--format", help="tar.gz, the only one.")] = "tar.gz",
    force: o.Force = False,
) -> None:
    """Everything that is kept of you, as one archive: ratings, history, preferences in all versions."""
    from livemaster.personal.belongings import export
    from livemaster.personal.home import home

    if format != "tar.gz":
        raise InputError(f"--format is '{format}', allowed is tar.gz")
    say(f"{output}: {export(home(), output, force=force)} files")


@personal_app.command("import")
def import_all(
    file: Annotated[str, typer.Argument(metavar="FILE", help="What `personal export` has written.")],
) -> None:
    """Bring an archive back, where nothing is kept yet."""
    from livemaster.personal.belongings import import_
    from livemaster.personal.home import home, made_home

    count = import_(home(), file)
    say(f"{made_home()}: {count} files")


@personal_app.command("delete-all")
def delete_everything(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete everything that is kept of you."""
    from livemaster.personal.belongings import delete_all
    from livemaster.personal.home import home

    folder = home()
    if not yes and not sys.stdin.isatty():
        raise InputError(f"{folder}: would be deleted; --yes says so where nobody can be asked")
    if not folder.exists():
        say(f"{folder}: nothing is kept there")
        return
    if not yes and not typer.confirm(f"Delete {folder} with all ratings and preferences?", default=False):
        say("nothing was deleted")
        return
    delete_all(folder)
    say(f"{folder}: deleted{', but for what others keep there' if folder.exists() else ''}")
