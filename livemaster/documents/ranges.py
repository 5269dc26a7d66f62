"""Ranges of the plan's values, each declared once: checks, clamps, messages and options derive from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from livemaster.controls import CONTROLS
from livemaster.errors import SettingsError
from livemaster.printable import told_apart

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema


@dataclass(frozen=True, slots=True)
class Range:
    """Closed range of a number with its unit; as `Annotated[float, Range(…)]` it checks a model's field."""

    low: float
    high: float
    unit: str = ""

    @property
    def allowed(self) -> str:
        """The range in words, such as `-12 to 12 dB`."""
        return f"{self.low:g} to {self.high:g} {self.unit}".rstrip()

    def shown(self, value: float) -> str:
        """`value` as text that does not round it into the range, nor out of it."""
        return told_apart(value, self.low, self.high)

    def clamp(self, value: float) -> float:
        """`value`, or the nearer end where it lies outside."""
        return min(max(value, self.low), self.high)

    def check(self, value: float, where: str) -> float:
        """`value` as a float; SettingsError when it is outside or not a number."""
        if not self.low <= value <= self.high:  # also true for NaN
            raise SettingsError(f"{where} is {self.shown(value)}, allowed are {self.allowed}")
        return float(value)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema  # options know ranges as well, and need no models

        return core_schema.no_info_after_validator_function(self._validate, handler(source))

    def _validate(self, value: float) -> float:
        from pydantic_core import PydanticCustomError

        if not self.low <= value <= self.high:
            context = {"value": self.shown(value), "allowed": self.allowed}
            raise PydanticCustomError("range", "is {value}, allowed are {allowed}", context)
        return value


def _of(control: str) -> Range:
    """That of a control, which plans and options share with it."""
    each = CONTROLS[control]
    return Range(each.low, each.high, each.unit)


TARGET_LUFS = Range(-40.0, -4.0, "LUFS")
CEILING_DBTP = Range(-12.0, 0.0, "dBTP")
SECTION_LUFS = Range(-70.0, 0.0, "LUFS")
SECTION_EQ_DB = Range(-12.0, 12.0, "dB")
HEADROOM_DB = Range(0.0, 24.0, "dB")
"""How far under the ceiling a dense mode may keep peaks."""
TRIM_DB = _of("bass")
TRIM_WIDTH = _of("width")
BAND_DB = Range(-6.0, 6.0, "dB")
"""Everything that acts on one equalizer band, added up."""
CURVE_DB = Range(-3.0, 3.0, "dB")
"""One term of a mode's static curve."""
BALANCE_DB = Range(-4.0, 4.0, "dB")
"""What the base model, and what the measured spectrum, may ask of one band."""
PERSONAL_DB = Range(-3.0, 3.0, "dB")
"""What a listener's ratings may ask of one band for one kind of recording."""
PERSONAL_WIDTH = Range(-0.2, 0.2)
PERSONAL_CENTROID = Range(-1.0, 1.0, "(x 500 Hz)")
PERSONAL_CONFIDENCE = Range(-0.2, 0.2)
PERSONAL_CURVE_DB = Range(-3.0, 3.0, "dB")
"""One band of a curve for a listener's gear or hearing."""
RATIO = Range(1.0, 20.0, ": 1")
THRESHOLD_DB = Range(-60.0, 0.0, "dB")
SATURATION = Range(0.0, 1.0)
WIDTH = Range(0.0, 2.0)
DYNAMICS = _of("dynamics")
REACTIVITY = _of("reactivity")
AMOUNT = _of("amount")
INTENSITY = _of("intensity")
MONO_BELOW_HZ = Range(0.0, 300.0, "Hz")
"""0 leaves the bass as wide as it is."""
HIGH_PASS_HZ = Range(0.0, 120.0, "Hz")
"""0 leaves the lowest octave as it is."""
TIME_S = Range(0.0, 86_400.0, "s")
BPM = Range(10.0, 999.0, "beats per minute")
PROFILE_DB = Range(-12.0, 12.0, "dB")
"""One band of a base-model profile, as published; the plan bounds what it does with it."""
PROFILE_WIDTH = Range(0.0, 1.0)
"""Side RMS over the sum of mid and side RMS."""
CENTROID_HZ = Range(50.0, 10_000.0, "Hz")
SCORE = Range(0.0, 1.0)
