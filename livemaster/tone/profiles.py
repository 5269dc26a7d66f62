"""The base model: profiles of recording types with their boundaries and parameters, read from `presets/base_model`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from livemaster.analysis.profile import SOFTNESS, Boundary, Profile, ProfileStep
from livemaster.documents import find_name, presets_dir
from livemaster.documents.document import Document, Name, Strict, Text
from livemaster.documents.ranges import CENTROID_HZ, PROFILE_DB, PROFILE_WIDTH, SCORE, Range
from livemaster.errors import SettingsError

FOLDER = "base_model"
METADATA = "metadata.json"
UNKNOWN = "unknown"
MAX_STEPS = 4

Bound = Annotated[float, Range(-60.0, 22_050.0)]
Score = Annotated[float, SCORE]


class StepFile(Strict):
    """One step of a boundary in true units, with the published ends beside them where those differ."""

    low: Bound | None = None
    high: Bound | None = None
    score: Score
    published_low: Bound | None = None
    published_high: Bound | None = None

    @model_validator(mode="after")
    def _in_order(self) -> StepFile:
        if self.low is None and self.high is None:
            raise PydanticCustomError("order", "a step needs low, high or both")
        if self.low is not None and self.high is not None and self.low >= self.high:
            context = {"low": f"{self.low:g}", "high": f"{self.high:g}"}
            raise PydanticCustomError("order", "low is {low}, which is not below high, {high}", context)
        return self


class BoundaryFile(Strict):
    """What one dimension of the fingerprint is worth, best step first."""

    dimension: Name
    steps: Annotated[tuple[StepFile, ...], Field(strict=False, min_length=1, max_length=MAX_STEPS)]

    @field_validator("dimension")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in SOFTNESS:
            context = {"value": f'"{name}"', "known": ", ".join(sorted(SOFTNESS))}
            raise PydanticCustomError("text", "is {value}, allowed are {known}", context)
        return name

    @model_validator(mode="after")
    def _best_first(self) -> BoundaryFile:
        scores = [step.score for step in self.steps]
        if scores != sorted(scores, reverse=True):
            raise PydanticCustomError("order", "steps are wanted with the highest score first")
        return self


class Parameters(Strict):
    """What a profile asks of the master."""

    bass_db: Annotated[float, PROFILE_DB]
    mid_db: Annotated[float, PROFILE_DB]
    treble_db: Annotated[float, PROFILE_DB]
    width_target: Annotated[float, PROFILE_WIDTH] | None = None
    width_after_mastering: Annotated[float, PROFILE_WIDTH] | None = None
    target_centroid_hz: Annotated[float, CENTROID_HZ] | None = None
    centroid_direction: Literal["maintain", "brighten", "darken"]


class ProfileFile(Document):
    """One profile file."""

    KIND = "profile"

    name: Name
    version: Name
    type: Literal["studio", "metal", "bootleg", "unknown"]
    title: Name
    philosophy: Literal["enhance", "punch", "correct"]
    about: Text
    boundaries: Annotated[tuple[BoundaryFile, ...], Field(strict=False, max_length=len(SOFTNESS))]
    parameters: Parameters

    @field_validator("boundaries")
    @classmethod
    def _each_once(cls, boundaries: tuple[BoundaryFile, ...]) -> tuple[BoundaryFile, ...]:
        names = [each.dimension for each in boundaries]
        if len(set(names)) < len(names):
            raise PydanticCustomError("text", "name a dimension twice")
        return boundaries

    def profile(self) -> Profile:
        """The profile as the analysis takes it."""
        return Profile(
            name=self.name,
            type=self.type,
            title=self.title,
            about=self.about,
            philosophy=self.philosophy,
            boundaries=tuple(
                Boundary(each.dimension, tuple(ProfileStep(**dict(step)) for step in each.steps))
                for each in self.boundaries
            ),
            version=self.version,
            **dict(self.parameters),
        )


class Metadata(Document):
    """Where a version of the base model comes from; `published_over_true_hz` is the known error of its scale."""

    KIND = "base model"

    name: Name
    version: Name
    about: Text
    source: Text
    centroid_scale: Text
    published_over_true_hz: Annotated[float, Range(0.1, 10.0)]


def base_model_versions() -> tuple[str, ...]:
    """The versions that ship, oldest first."""
    return tuple(sorted(path.name.removeprefix("v") for path in (presets_dir() / FOLDER).glob("v*") if path.is_dir()))


DEFAULT = "1.0"
"""The version that is used unless another one is asked for."""


def base_model(wanted: str | None = None) -> tuple[Profile, ...]:
    """[control] The profiles of a base model, by name: of a version that ships, or of a folder that holds one.

    UnknownNameError, or SettingsError that names file and field.
    """
    return _loaded(wanted or DEFAULT)


@cache
def _loaded(wanted: str) -> tuple[Profile, ...]:
    return load_profiles(_folder(wanted))


@cache
def metadata(wanted: str = DEFAULT) -> Metadata:
    """[control] Source and scale of a base model; errors as `base_model`."""
    return Metadata.load(_folder(wanted) / METADATA)


def load_profiles(folder: Path) -> tuple[Profile, ...]:
    """[control] All profile files of a folder, by name; SettingsError names the file and the field."""
    paths = sorted(path for path in folder.glob("*.json") if path.name != METADATA)
    if UNKNOWN not in {path.stem for path in paths}:
        raise SettingsError(f"{folder / UNKNOWN}.json is missing: the profile for what fits no other one")
    return tuple(_load(path) for path in paths)


def _load(path: Path) -> Profile:
    found = ProfileFile.load(path)
    if found.name != path.stem:
        raise SettingsError(f"{path}: name is {found.name!r}, wanted is that of the file, {path.stem!r}")
    unknown = found.name == UNKNOWN
    if unknown != (found.type == UNKNOWN) or unknown != (not found.boundaries):
        raise SettingsError(f"{path}: boundaries belong to every type but unknown, which is that of unknown.json alone")
    return found.profile()


def _folder(wanted: str) -> Path:
    """The folder of a version, or the folder that is named: what holds a slash, or is one with a base model in it."""
    version = wanted.removeprefix("v")
    if version not in base_model_versions() and (Path(wanted) / METADATA).is_file():
        return Path(wanted)
    if version not in base_model_versions() and Path(wanted).is_dir():
        raise SettingsError(f"{wanted}: holds no base model, {METADATA} is missing")
    return presets_dir() / FOLDER / f"v{find_name('base model', version, base_model_versions())}"
