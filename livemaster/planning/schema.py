"""`master_settings.json`: all decisions for one track, in the form that the ecosystem's other tools write.

What the numbers mean:

- A section's `lufs`, `eq`, `compression`, `saturation` and `width` are its values **at reactivity 1**, with all that
  the mode makes of them. Nothing scales them again, so a plan edited by hand renders as edited and a file of another
  tool renders as it stands.
- Reactivity blends all but `lufs` with the neutral position: 0 gives no section equalizer, `global.compressor_ratio`,
  `global.saturation` and `global.stereo_width`. Beyond 1 the blend goes on. Of `lufs` it takes or adds what the
  emotion does to the section's level (`following.share`): 0 gives the mix's own contrast, as far as the mode keeps it.
- Reactivity is how far *emotion* is followed. A section without `emotion` and `intensity` has numbers that
  are nobody's emotion; they hold at every reactivity (`Section.follow`).
- `lufs` of sections counts only in comparison: the differences between sections are the planned contrast,
  the level as a whole follows from `global.target_lufs`. A section without `lufs` keeps the mix's own
  level.
- Mode scaling at build time: values move from neutral to the formula by `emotion_scale`; of levels the mix's own
  contrast counts `contrast_kept` and what emotion adds to it `emotion_scale`.
- `global` adds at render time: the curve `eq_curve`, the `tone` (what the kind of recording and the mix's
  own spectrum ask for), the trims and the amounts.
- `why` maps a value's name to its reasons. A section's `low_shelf_db`, `mid_bell_db` and `high_shelf_db`
  there explain each band in all (curve, tone, emotion at the plan's reactivity, trim), within ±6 dB.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from livemaster.documents import preset_name, write_json
from livemaster.documents.document import Document, Name, Strict, Text
from livemaster.documents.ranges import (
    AMOUNT,
    BAND_DB,
    CEILING_DBTP,
    DYNAMICS,
    HIGH_PASS_HZ,
    INTENSITY,
    MONO_BELOW_HZ,
    RATIO,
    REACTIVITY,
    SATURATION,
    SECTION_EQ_DB,
    SECTION_LUFS,
    TARGET_LUFS,
    TIME_S,
    TRIM_DB,
    TRIM_WIDTH,
    WIDTH,
)
from livemaster.errors import SettingsError, UnknownNameError
from livemaster.planning.reasons import Why

MAX_SECTIONS = 256
"""So that the largest plan, with all its reasons, is smaller than the largest file that is read."""
DEFAULT_CHAIN = "default"


def _known(kind: str) -> AfterValidator:
    """The canonical name of a preset; another spelling is accepted, an unknown one names the nearest."""

    def check(name: str) -> str:
        try:
            return preset_name(kind, name)
        except UnknownNameError as error:
            raise PydanticCustomError("preset", "{problem}", {"problem": f"is an {error}"}) from None
        except SettingsError as error:
            raise PydanticCustomError("preset", "{problem}", {"problem": f"is a {error}"}) from None

    return AfterValidator(check)


class Eq(Strict):
    """A section's equalizer: low shelf 100 Hz, mid bell 1 kHz Q 0.7, high shelf 6 kHz, in dB."""

    low: Annotated[float, SECTION_EQ_DB] = 0.0
    mid: Annotated[float, SECTION_EQ_DB] = 0.0
    high: Annotated[float, SECTION_EQ_DB] = 0.0


class Section(Strict):
    """One section; what is left out stays neutral. Times in seconds; without any the sections are equal
    parts.
    """

    section: Name
    emotion: Name | None = None
    lufs: Annotated[float, SECTION_LUFS] | None = None
    eq: Eq | None = None
    compression: Annotated[float, RATIO] | None = None
    saturation: Annotated[float, SATURATION] | None = None
    width: Annotated[float, WIDTH] | None = None
    start: Annotated[float, TIME_S] | None = None
    end: Annotated[float, TIME_S] | None = None
    intensity: Annotated[float, INTENSITY] | None = None
    why: Why = Field(default_factory=dict)

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.start is not None and self.end is not None and self.end <= self.start:
            context = {"end": f"{self.end:g}", "start": f"{self.start:g}"}
            raise PydanticCustomError("order", "ends at {end} s, but starts at {start} s", context)
        return self

    @property
    def emotional(self) -> bool:
        """Whether the numbers come from an emotion, so that reactivity acts on them."""
        return self.emotion is not None or self.intensity is not None

    def follow(self, reactivity: float) -> float:
        """How far the section's numbers are followed at a reactivity: in full where they are not an
        emotion's.
        """
        return reactivity if self.emotional else 1.0


class Trims(Strict):
    """The listener's own additions: bass, mid and treble in dB, width added to the stereo width."""

    bass: Annotated[float, TRIM_DB] = 0.0
    mid: Annotated[float, TRIM_DB] = 0.0
    treble: Annotated[float, TRIM_DB] = 0.0
    width: Annotated[float, TRIM_WIDTH] = 0.0


class Tone(Strict):
    """Tone of the whole track beside the curve, dB: low shelf 100 Hz, bells 250 Hz, 1 and 3 kHz, high shelf 6 kHz."""

    low: Annotated[float, BAND_DB] = 0.0
    body: Annotated[float, BAND_DB] = 0.0
    mid: Annotated[float, BAND_DB] = 0.0
    presence: Annotated[float, BAND_DB] = 0.0
    high: Annotated[float, BAND_DB] = 0.0


class Amounts(Strict):
    """How much of each stage, 0…1; multiplied by the global amount."""

    eq: Annotated[float, AMOUNT] = 1.0
    compression: Annotated[float, AMOUNT] = 1.0
    saturation: Annotated[float, AMOUNT] = 1.0
    width: Annotated[float, AMOUNT] = 1.0
    loudness: Annotated[float, AMOUNT] = 1.0


STAGES = tuple(Amounts.model_fields)
"""Stages that have an amount of their own."""


class Global(Strict):
    """What holds for the whole track; the defaults are LoopMind's and mode cinematic's."""

    target_lufs: Annotated[float, TARGET_LUFS] = -10.0
    true_peak_db: Annotated[float, CEILING_DBTP] = -1.0
    eq_curve: Annotated[Text, _known("curve")] = "warm_cinematic"
    compressor_ratio: Annotated[float, RATIO] = 2.5
    stereo_width: Annotated[float, WIDTH] = 1.1
    saturation: Annotated[float, SATURATION] = 0.1
    mono_below_hz: Annotated[float, MONO_BELOW_HZ] = 0.0
    high_pass_hz: Annotated[float, HIGH_PASS_HZ] = 20.0
    platform: Annotated[Text, _known("platform")] = "none"
    mode: Annotated[Text, _known("mode")] = "cinematic"
    chain: Text = DEFAULT_CHAIN
    dynamics: Annotated[float, DYNAMICS] = 0.0
    reactivity: Annotated[float, REACTIVITY] = 1.0
    amount: Annotated[float, AMOUNT] = 1.0
    tone: Tone = Tone()
    amounts: Amounts = Amounts()
    trims: Trims = Trims()


class MasterSettings(Document):
    """The plan's file; see this module's text for what its numbers mean."""

    KIND = "settings"

    schema_version: Literal[1] = 1
    global_: Annotated[Global, Field(alias="global")] = Global()
    sections: Annotated[tuple[Section, ...], Field(strict=False, max_length=MAX_SECTIONS)] = ()
    why: Why = Field(default_factory=dict)

    def to_data(self) -> dict[str, object]:
        """The settings as plain data for JSON: what was set, nothing that was left out."""
        data = self.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)
        return {"schema_version": self.schema_version} | data

    def save(self, path: str | Path, *, force: bool = False) -> None:
        """[control] Write `master_settings.json`, whole or not at all; OutputError as `write_json`."""
        write_json(path, self.to_data(), force=force)
