"""Every preset there is, for lists and for looking at one."""

from __future__ import annotations

from typing import Any

from livemaster.errors import UnknownNameError
from livemaster.mastering.chains import chain
from livemaster.planning import curve, find_name, mode, platform, preset_names, preset_path, read_json

KINDS = ("platform", "mode", "curve", "chain")


def all_presets() -> dict[str, list[tuple[str, str]]]:
    """Kind → (name, a line about it) for every preset."""
    about = {
        "platform": lambda name: _platform_line(name),
        "mode": lambda name: mode(name).about,
        "curve": lambda name: curve(name).about,
        "chain": lambda name: chain(name).about,
    }
    return {kind: [(name, about[kind](name)) for name in preset_names(kind)] for kind in KINDS}


def preset_document(name: str) -> tuple[str, dict[str, Any]]:
    """Kind and file content of a preset named in any spelling; UnknownNameError with the nearest name."""
    known: list[str] = []
    for kind in KINDS:
        names = preset_names(kind)
        known += names
        try:
            found = find_name(kind, name, names)
        except UnknownNameError:
            continue
        document: dict[str, Any] = read_json(preset_path(kind, found))
        return kind, document
    raise UnknownNameError("preset", name, known)


def _platform_line(name: str) -> str:
    target = platform(name)
    loudness = "the plan's own target" if target.integrated_lufs is None else f"{target.integrated_lufs:g} LUFS"
    return f"{target.title}: {loudness}, {target.true_peak_dbtp:g} dBTP (checked {target.checked_on})"
