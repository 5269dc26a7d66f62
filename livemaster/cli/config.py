"""`livemaster config`: what is taken where an option is not given. Imports late, as `app` does."""

from __future__ import annotations

from typing import Any

import typer

from livemaster.documents.config import FILE, config_dir, read_defaults
from livemaster.plan_options import PLAN_OPTIONS, PlanOptions, flag_of
from livemaster.printable import shown_path

config_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Defaults of your own, and where they lie.")
OTHERS: dict[str, type] = {"device": str, "map": str}
"""Options beside those of plans that may have a default."""
KNOWN: dict[str, type] = {
    **{flag_of(name): str if option.range is None else float for name, option in PLAN_OPTIONS.items()},
    **OTHERS,
}


def defaults() -> dict[str, Any]:
    """What an option is where it is not given, by its name on the command line; SettingsError where that is wrong."""
    return read_defaults(KNOWN)


def of_plans(given: dict[str, Any]) -> dict[str, Any]:
    """Those of `defaults` that are a plan's, by keyword."""
    return {name: given[flag_of(name)] for name in PLAN_OPTIONS if flag_of(name) in given}


def filled_in(arguments: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """A command's arguments by keyword, with the device and the MIDI mapping of `defaults` where it has such."""
    to = "output" if "output" in arguments else "device"  # where sound goes; what comes in comes from elsewhere
    places = {"mapping": "map"} | ({to: "device"} if arguments.get("device", "") is None else {})
    return arguments | {at: given.get(name) for at, name in places.items() if arguments.get(at, "") is None}


@config_app.command()
def path() -> None:
    """Where the file with your defaults lies, or would lie; presets of your own are in `presets/` beside it."""
    print(shown_path(config_dir() / FILE))


@config_app.command()
def show() -> None:
    """The defaults that hold."""
    found = defaults()
    for name, value in found.items():
        print(f"{name} = {value}")
    if not found:
        print(f"none; [defaults] in {shown_path(config_dir() / FILE)} would hold them")


@config_app.command()
def check() -> None:
    """Whether the file is right, with every preset that it names."""
    from livemaster.mastering.job import Source
    from livemaster.midi.mapping import find_mapping

    found = defaults()
    Source(path="-", options=PlanOptions(**of_plans(found)))  # complains
    if "map" in found:
        find_mapping(found["map"])
    print(f"{shown_path(config_dir() / FILE)}: {len(found)} defaults, all of them right")
