"""Every preset there is, for lists and for looking at one."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from livemaster.documents import find_name, preset_names, preset_path, read_json
from livemaster.documents.presets import own_preset_names
from livemaster.errors import UnknownNameError
from livemaster.mastering.chains import chain
from livemaster.planning import curve, mode, platform
from livemaster.planning.personal import listener_curve

KINDS = ("platform", "mode", "curve", "chain", "gear", "hearing")


def all_presets() -> dict[str, list[tuple[str, str]]]:
    """Kind → (name, a line about it) for every preset."""
    about = {
        "platform": lambda name: _platform_line(name),
        "mode": lambda name: mode(name).about,
        "curve": lambda name: curve(name).about,
        "chain": lambda name: chain(name).about,
        "gear": lambda name: listener_curve("gear", name).about,
        "hearing": lambda name: listener_curve("hearing", name).about,
    }
    return {kind: [(name, about[kind](name) + _whose(kind, name)) for name in preset_names(kind)] for kind in KINDS}


def _whose(kind: str, name: str) -> str:
    return " (your own)" if name in own_preset_names(kind) else ""


def preset_documents(name: str) -> dict[str, dict[str, Any]]:
    """Kind → file content of every preset of that name, in any spelling; UnknownNameError with the nearest name."""
    found: dict[str, dict[str, Any]] = {}
    for kind in KINDS:
        with suppress(UnknownNameError):
            found[kind] = read_json(preset_path(kind, find_name(kind, name, preset_names(kind))))
    if not found:
        raise UnknownNameError("preset", name, {each for kind in KINDS for each in preset_names(kind)})
    return found


def _platform_line(name: str) -> str:
    target = platform(name)
    loudness = "the plan's own target" if target.integrated_lufs is None else f"{target.integrated_lufs:g} LUFS"
    return f"{target.title}: {loudness}, {target.true_peak_dbtp:g} dBTP (checked {target.checked_on})"
