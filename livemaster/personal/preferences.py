"""A listener's preferences: one version of them as a file, and as the layer that plans take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from livemaster.documents.document import Document, Name, Text
from livemaster.documents.ranges import PERSONAL_CENTROID, PERSONAL_CONFIDENCE, PERSONAL_DB, PERSONAL_WIDTH, Range
from livemaster.planning.personal import ADJUSTMENTS, Personal, listener_curve

DIGITS = 2
"""Of learned values: finer steps nobody hears."""
LIMITS: Mapping[str, Range] = {
    **dict.fromkeys(("bass", "mid", "treble"), PERSONAL_DB),
    "width": PERSONAL_WIDTH,
}
"""Of an adjustment, by its parameter."""
_APPLIED = {"bass_adjustment_db": "bass", "mid_adjustment_db": "mid", "treble_adjustment_db": "treble"}


class Preferences(Document):
    """One version. `profile_adjustments`: «studio_bass» and the like, in dB, widths as they are; `reasons` the evidence
    in words for each of them and for the other numbers. `base_model` is the version that they were made beside.
    """

    KIND = "preferences"

    version: Annotated[int, Range(0, 1_000_000)] = 0
    profile_adjustments: Annotated[dict[str, float], Field(max_length=len(ADJUSTMENTS))] = Field(default_factory=dict)
    centroid_preference: Annotated[float, PERSONAL_CENTROID] = 0.0
    stereo_width_preference: Annotated[float, PERSONAL_WIDTH] = 0.0
    confidence_adjustment: Annotated[float, PERSONAL_CONFIDENCE] = 0.0
    gear_profile: Name = "neutral"
    hearing_profile: Name = "normal"
    samples_analyzed: Annotated[int, Range(0, 10**9)] = 0
    average_satisfaction: Annotated[float, Range(0.0, 5.0)] = 0.0
    base_model: Name = "1.0"
    made: Annotated[str, Field(max_length=40)] = ""
    reason: Annotated[str, Field(max_length=500)] = ""
    reasons: Annotated[dict[str, Text], Field(max_length=64)] = Field(default_factory=dict)
    by_hand: Annotated[dict[str, Annotated[str, Field(max_length=40)]], Field(max_length=len(ADJUSTMENTS))] = Field(
        default_factory=dict
    )
    """When each adjustment was set by hand; what ratings said until then does not move it."""

    @field_validator("profile_adjustments")
    @classmethod
    def _known(cls, found: dict[str, float]) -> dict[str, float]:
        for name, value in found.items():
            if name not in ADJUSTMENTS:
                context = {"problem": f"has an unknown adjustment '{name[:40]}', known are {', '.join(ADJUSTMENTS)}"}
                raise PydanticCustomError("preset", "{problem}", context)
            limits = LIMITS[name.rpartition("_")[2]]
            if not limits.low <= value <= limits.high:
                context = {"problem": f"{name} is {limits.shown(value)}, allowed are {limits.allowed}"}
                raise PydanticCustomError("preset", "{problem}", context)
        return found

    @field_validator("gear_profile", "hearing_profile")
    @classmethod
    def _curve(cls, name: str, info: Any) -> str:
        from livemaster.errors import UnknownNameError

        try:
            return listener_curve(info.field_name.removesuffix("_profile"), name).name
        except UnknownNameError as error:
            raise PydanticCustomError("preset", "{problem}", {"problem": f"is an {error}"}) from None

    @property
    def layer(self) -> Personal:
        """What plans take."""
        return Personal(
            version=str(self.version),
            adjustments={name: value for name, value in self.profile_adjustments.items() if value},
            centroid=self.centroid_preference,
            width=self.stereo_width_preference,
            confidence=self.confidence_adjustment,
            gear=self.gear_profile,
            hearing=self.hearing_profile,
            reasons=dict(self.reasons),
        )

    def apply_to_parameters(self, type_: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Base parameters of a kind of recording with the personal ones added: +1.5 dB with +0.3 dB is +1.8 dB.

        `parameters` as a rating has them (`bass_adjustment_db` …); others stay as they are.
        """
        layer, changed = self.layer.of(type_), dict(parameters)
        for name, parameter in _APPLIED.items():
            if name in changed:
                changed[name] = round(changed[name] + layer[parameter], 6)
        return changed

    def with_adjustments(self, type_: str, values: Mapping[str, float], reason: str) -> Self:
        """The same with adjustments of a kind of recording: parameter → dB or width, in all."""
        found = {f"{type_}_{parameter}": round(value, DIGITS) for parameter, value in values.items()}
        return self.changed(
            profile_adjustments=dict(self.profile_adjustments) | found,
            reasons=dict(self.reasons) | dict.fromkeys(found, reason),
        )

    def with_trims(self, type_: str, trims: Mapping[str, float], layer: Personal | None, reason: str) -> Self:
        """The same with trims kept as they stand, on top of the layer that was heard with them; what agrees stays.

        What would lie beyond the limits stops at them.
        """
        heard = {} if layer is None else layer.adjustments
        wanted = {
            name: LIMITS[name].clamp(round(heard.get(f"{type_}_{name}", 0.0) + value, DIGITS))
            for name, value in trims.items()
        }
        now = {name: self.profile_adjustments.get(f"{type_}_{name}", 0.0) for name in wanted}
        return self.with_adjustments(type_, {name: each for name, each in wanted.items() if each != now[name]}, reason)

    def changed(self, **values: Any) -> Self:
        """The same with other values, checked; SettingsError names what is not allowed."""
        data = self.model_dump(mode="json") | values
        return type(self).parse(data, "preferences")
