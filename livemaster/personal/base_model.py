"""The next version of the base model, proposed by a community: its profiles moved a little, each move with evidence.

The rule: where, over all gear and hearing, the lower end of the interval of the share that wants more (or less) of a
parameter for a kind of recording is above one half, every profile of that kind moves by share x 0.5 dB in that
direction (bass, mid, treble), or by share x 0.02 (width: the one that a plan aims at), and stays within what a profile
may hold. So no version moves a band by more than 0.5 dB. Boundaries stay: what is detected as what does not change.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from livemaster.analysis.profile import Profile
from livemaster.analysis.recording import published
from livemaster.documents import presets_dir, read_json
from livemaster.documents.jsonfile import shown_value
from livemaster.documents.ranges import PROFILE_DB, PROFILE_WIDTH
from livemaster.errors import ExistsError, OutputError, SettingsError
from livemaster.personal.community import ALL, Group, Insights
from livemaster.personal.exports import VERSION_PATTERN
from livemaster.printable import shown_path
from livemaster.tone.profiles import FOLDER, METADATA, Metadata, base_model_versions, load_profiles

CHANGES = "CHANGES.md"
MAJORITY = 0.5
"""What the lower end of the interval must exceed."""
MOST_DB = 0.5
MOST_WIDTH = 0.02
_DIGITS = {"bass": 2, "mid": 2, "treble": 2, "width": 3}
_SIGNS = {"less": -1.0, "more": 1.0}
PUBLISHED_CHECKS = (
    ((7658.0 / 2.5, 1.62, 0.13, 11.95), ("studio_hd_bright", 0.85)),
    ((675.0, 3.0, 0.40, 12.0), ("studio_legacy", 0.75)),
    ((1900.0, 6.0, 0.20, 12.0), ("unknown", 0.40)),
)
"""Centroid in true Hz, bass to mid, width and crest → profile and score, as published for version 1.0."""


class ProfileChange(NamedTuple):
    """One value of one profile, and the group whose wish it follows."""

    profile: str
    field: str
    before: float
    after: float
    group: Group


def build_base_model(
    insights: Insights, version: str, out_dir: str | Path, *, force: bool = False
) -> tuple[ProfileChange, ...]:
    """[control] Write version `version` into the folder `out_dir`, whole or not at all; what was changed.

    It is made from the version that the insights are about: profile files, `metadata.json`, and `CHANGES.md` with the
    evidence. SettingsError for a version that is no newer one or a model that is not valid; OutputError when `out_dir`
    exists (`force` replaces it if it is a base model) or cannot be written.
    """
    target = Path(out_dir)
    source = _source(insights.base_model, version)
    _check_target(target, force)
    profiles = {path.stem: read_json(path) for path in sorted(source.glob("*.json")) if path.name != METADATA}
    changes = tuple(_changes(profiles, insights.groups))
    temporary = target.parent / f".{secrets.token_hex(8)}.part"
    try:
        temporary.mkdir()
        _write(temporary, profiles, _metadata(source, insights, version), version)
        _write_text(temporary / CHANGES, _report(changes, insights, version))
        check_detection(load_profiles(temporary), load_profiles(source))
        _publish(temporary, target)
    except OSError as error:
        raise OutputError(f"{target}: cannot be written: {error.strerror}") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return changes


def check_detection(found: Sequence[Profile], before: Sequence[Profile]) -> None:
    """[control] SettingsError unless the boundaries are those of before, and give the published verdicts."""
    boundaries = {each.name: (each.type, each.boundaries) for each in found}
    for each in before:
        if boundaries.pop(each.name, None) != (each.type, each.boundaries):
            raise SettingsError(f"base model: the boundaries of {each.name} differ from those it was made from")
    if boundaries:
        raise SettingsError(f"base model: {', '.join(boundaries)} is not in the one it was made from")
    for values, wanted in PUBLISHED_CHECKS:
        names = ("spectral_centroid", "bass_mid_ratio", "stereo_width", "crest_db")
        verdict = published(dict(zip(names, values, strict=True)), found)
        if verdict != wanted:
            raise SettingsError(f"base model: a published check gives {verdict}, wanted is {wanted}")


def _source(base: str, version: str) -> Path:
    """The folder of the version that is built on; SettingsError when `version` is none or not newer."""
    if not re.fullmatch(VERSION_PATTERN, version):
        raise SettingsError(f"version is {shown_value(version)}, two numbers such as 2.0 are wanted")
    if base not in base_model_versions():
        ships = ", ".join(base_model_versions())
        raise SettingsError(f"insights: base_model is {shown_value(base)}, allowed are those that ship: {ships}")
    if _numbers(version) <= max(map(_numbers, base_model_versions())):
        raise SettingsError(f"version is {version}, one after {base_model_versions()[-1]} is wanted")
    return presets_dir() / FOLDER / f"v{base}"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _check_target(target: Path, force: bool) -> None:
    if not target.parent.is_dir():
        raise OutputError(f"{target.parent}: is no folder")
    if not os.path.lexists(target):
        return
    if not force:
        raise ExistsError(shown_path(target))
    names = {path.name for path in target.iterdir()} if target.is_dir() and not target.is_symlink() else None
    if names is None or (names and METADATA not in names) or not all(_is_ours(name) for name in names):
        raise OutputError(f"{target}: is no base model, and is not replaced even by --force")


def _is_ours(name: str) -> bool:
    return name == CHANGES or name.endswith(".json")


def _changes(profiles: dict[str, Any], groups: Iterable[Group]) -> Iterator[ProfileChange]:
    """Move the profiles' data, and say so."""
    for group in groups:
        if group.gear != ALL or group.hearing != ALL or group.interval[0] <= MAJORITY:
            continue
        for name, data in profiles.items():
            field = _field(data["parameters"], group.parameter) if data["type"] == group.type else None
            if field is None:
                continue
            most, limits = (MOST_WIDTH, PROFILE_WIDTH) if group.parameter == "width" else (MOST_DB, PROFILE_DB)
            before = data["parameters"][field]
            moved = limits.clamp(before + _SIGNS[group.direction] * most * group.share)
            after = round(moved, _DIGITS[group.parameter])
            if after != before:
                data["parameters"][field] = after
                yield ProfileChange(name, field, before, after, group)


def _field(parameters: dict[str, Any], parameter: str) -> str | None:
    """The value that a plan aims at; None where the profile asks for no width."""
    if parameter != "width":
        return f"{parameter}_db"
    return next((each for each in ("width_after_mastering", "width_target") if parameters.get(each)), None)


def _metadata(source: Path, insights: Insights, version: str) -> dict[str, Any]:
    base = Metadata.load(source / METADATA)
    made = base.model_dump() | {
        "version": version,
        "about": f"Base model v{version}: version {base.version}, its parameters moved by what a community prefers.",
        "source": f"Version {base.version}, and the shares of listeners in {CHANGES}; boundaries are unchanged.",
    }
    return Metadata.parse(made, METADATA).model_dump(mode="json")


def _report(changes: Sequence[ProfileChange], insights: Insights, version: str) -> str:
    privacy = "" if insights.dp_epsilon is None else f" Counts carry noise (epsilon {insights.dp_epsilon:g})."
    lines = [
        f"# Base model {version}",
        "",
        f"Made from version {insights.base_model} by what the listeners of each kind of recording prefer, over all",
        f"gear and hearing, where the lower end of the 95 % interval is above {MAJORITY:.0%}: by share x {MOST_DB:g}",
        f"dB, the width by share x {MOST_WIDTH:g}.{privacy} Boundaries are unchanged.",
        "",
    ]
    lines += [_line(each) for each in changes] or ["Nothing is changed: no such share is that large."]
    return "\n".join(lines) + "\n"


def _line(change: ProfileChange) -> str:
    group, unit = change.group, " dB" if change.field.endswith("_db") else ""
    low, high = group.interval
    move = f"{change.profile}, {change.field}: {change.before:g} → {change.after:g}{unit}"
    wish = f"{group.share:.1%} ({low:.1%} to {high:.1%}) of {group.people} people want {group.direction}"
    return f"- {move}: {wish} {group.parameter} ({group.type})."


def _write(folder: Path, profiles: dict[str, Any], metadata: dict[str, Any], version: str) -> None:
    for name, data in profiles.items():
        _write_text(folder / f"{name}.json", _json(data | {"version": version}))
    _write_text(folder / METADATA, _json(metadata))


def _json(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _write_text(path: Path, text: str) -> None:
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _publish(folder: Path, target: Path) -> None:
    """Give the finished folder its name; one of that name is set aside first, and put back if that fails."""
    if not target.exists():
        folder.rename(target)
        return
    aside = target.parent / f".{secrets.token_hex(8)}.old"
    target.rename(aside)
    try:
        folder.rename(target)
    except OSError:
        aside.rename(target)
        raise
    shutil.rmtree(aside, ignore_errors=True)
