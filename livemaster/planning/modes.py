"""Modes and their static equalizer curves, read from `presets/modes` and `presets/curves`."""

from __future__ import annotations

from math import inf
from typing import Annotated

from pydantic import Field

from livemaster.documents.document import Document, Name, Strict, Text, load_preset
from livemaster.documents.ranges import (
    CURVE_DB,
    HEADROOM_DB,
    HIGH_PASS_HZ,
    MONO_BELOW_HZ,
    RATIO,
    SATURATION,
    TARGET_LUFS,
    WIDTH,
    Range,
)

MAX_BELLS = 2
"""Of a curve; the chain's other two free bells belong to the tone (`Tone.body`, `Tone.presence`)."""


class Bell(Strict):
    """One free bell of a curve."""

    hz: Annotated[float, Range(20.0, 20_000.0, "Hz")]
    db: Annotated[float, CURVE_DB]
    q: Annotated[float, Range(0.1, 10.0)]


class Curve(Document):
    """A static equalizer curve: terms in dB for low shelf, mid bell and high shelf, and up to two free
    bells.
    """

    KIND = "curve"

    name: Name
    about: Text
    low_db: Annotated[float, CURVE_DB]
    mid_db: Annotated[float, CURVE_DB]
    high_db: Annotated[float, CURVE_DB]
    bells: Annotated[tuple[Bell, ...], Field(strict=False, max_length=MAX_BELLS)]


class ModeGlobal(Strict):
    """What a mode puts into the plan's global block."""

    target_lufs: Annotated[float, TARGET_LUFS]
    eq_curve: Name
    compressor_ratio: Annotated[float, RATIO]
    stereo_width: Annotated[float, WIDTH]
    saturation: Annotated[float, SATURATION]
    mono_below_hz: Annotated[float, MONO_BELOW_HZ]
    high_pass_hz: Annotated[float, HIGH_PASS_HZ]


class Mode(Document):
    """A mode: its character in numbers, and the global block it starts from.

    `emotion_scale`: how far emotion reaches; `contrast_kept`: how much of the mix's own contrast between sections
    stays; `tone_scale`: how far the mix's tone is corrected first; `attack_ms`, `release_ms`: of the compressor;
    `compression_mix`: share of its sound beside what goes into it, so that a loud bar stays louder than a quiet one;
    `drive_db`: by how much hotter than usual the mix goes through compressor and saturation; `peak_to_loudness_db`:
    the limiter keeps peaks so near to the loudness of the whole, where that costs no more limiting than is allowed.
    """

    KIND = "mode"

    name: Name
    title: Name
    about: Text
    emotion_scale: Annotated[float, Range(0.05, 1.0)]
    contrast_kept: Annotated[float, Range(0.05, 1.0)]
    tone_scale: Annotated[float, Range(0.0, 1.0)]
    attack_ms: Annotated[float, Range(0.1, 200.0, "ms")]
    release_ms: Annotated[float, Range(5.0, 2000.0, "ms")]
    compression_mix: Annotated[float, Range(0.0, 1.0)] = 1.0
    drive_db: Annotated[float, Range(0.0, 12.0, "dB")] = 0.0
    peak_to_loudness_db: Annotated[float, Range(6.0, 30.0, "dB")] | None = None
    global_: Annotated[ModeGlobal, Field(alias="global")]


DENSER_DB = 0.5
"""A dense mode keeps peaks nearer to the loudness than the mix does by this at least."""


def mode(name: str) -> Mode:
    """The mode of that name, in any spelling («Radio Loud»); UnknownNameError names the nearest."""
    return load_preset(Mode, "mode", name)


def curve(name: str) -> Curve:
    """The curve of that name, in any spelling; UnknownNameError names the nearest."""
    return load_preset(Curve, "curve", name)


def dense_headroom_db(character: Mode, target_lufs: float, ceiling_dbtp: float, own_plr_db: float = inf) -> float:
    """How far under the ceiling a mode keeps the peaks of a master of `target_lufs`; 0 where the ceiling is enough.

    `own_plr_db`: the mix's true peak over its loudness; one that is dense already gets denser by DENSER_DB.
    """
    if character.peak_to_loudness_db is None:
        return 0.0
    wanted_db = min(character.peak_to_loudness_db, own_plr_db - DENSER_DB)
    return HEADROOM_DB.clamp(ceiling_dbtp - target_lufs - wanted_db)
