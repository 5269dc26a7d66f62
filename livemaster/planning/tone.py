"""Tone and width of a whole track: the recording's type by the base model, the mix's spectrum, the listener's layer.

The base model says what usually becomes a kind of recording, the spectrum what is unusual about this mix. Where the
spectrum is known, it decides: what the base model adds is taken back, as far as the mode's tone scale goes. So a mix is
corrected first; the mode's own curve and width then colour what comes of it, in full. A profile's target centroid is
not applied by itself, because the spectrum's norm stands for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from livemaster.analysis.profile import Profile
from livemaster.analysis.recording import RecordingType
from livemaster.analysis.spectrum import Spectrum
from livemaster.documents.ranges import BALANCE_DB, BAND_DB, WIDTH
from livemaster.planning.modes import Mode, curve
from livemaster.planning.personal import Personal, plan_personal
from livemaster.planning.reasons import Ledger
from livemaster.planning.schema import Global
from livemaster.tone.balance import (
    BANDS,
    NEARLY_MONO_DB,
    Remedy,
    as_bands,
    centres_hz,
    off_norm_db,
    remedy,
    side_off_db,
    unit_responses,
)
from livemaster.tone.faults import response_db
from livemaster.tone.profiles import UNKNOWN

Floats = NDArray[np.float64]

UNKNOWN_SCORE, FULL_SCORE = 0.40, 0.85
"""Published scores at which a profile counts for nothing, and in full; the rest is the unknown profile's."""
PROFILE_SIDE_DB = 0.5
"""Most that the sides are changed towards a profile's width."""
LIKELIEST = 2
"""So many faults are named in a reason, the likeliest first."""
DIGITS = 2
_PROFILE_BANDS = {"low": "bass_db", "mid": "mid_db", "high": "treble_db"}


class FreeBell(NamedTuple):
    """One free bell of the equalizer."""

    hz: float
    db: float
    q: float


def free_bells(global_: Global) -> tuple[FreeBell, ...]:
    """The free bells in use: the curve's, then the tone's."""
    found = [FreeBell(bell.hz, bell.db, bell.q) for bell in curve(global_.eq_curve).bells]
    for name in ("body", "presence"):
        _, hz, q = BANDS[name]
        db = getattr(global_.tone, name)
        if db != 0.0:
            found.append(FreeBell(hz, db, q))
    return tuple(found)


def plan_tone(
    ledger: Ledger,
    mode: Mode,
    recording: RecordingType | None,
    spectrum: Spectrum | None,
    personal: Personal | None,
    profiles: Sequence[Profile],
) -> None:
    """Move `tone.…` and `stereo_width` in the global block's ledger, which holds a value for each; `profiles`: the base
    model.
    """
    if recording is not None:
        trusted = replace(recording, score=recording.score + (personal.confidence if personal is not None else 0.0))
        recording = trusted if recording.type != UNKNOWN else recording
        _add_base_model(ledger, mode, _profiles(recording, profiles))
    if spectrum is not None and spectrum.power.sum() > 0.0:
        found = remedy(spectrum)
        _add_balance(ledger, mode, spectrum, found)
        _add_width(ledger, mode, spectrum, _profiles(recording, profiles), found)
    if personal is not None:
        plan_personal(ledger, UNKNOWN if recording is None else recording.type, personal)
    for band in BANDS:
        value = ledger.number(f"tone.{band}")
        ledger.add(f"tone.{band}", BAND_DB.clamp(value) - value, "range", f"allowed are {BAND_DB.allowed} a band")


def profile_weight(score: float) -> float:
    """How much of a profile is applied, 0…1, by its published score."""
    return min(max((score - UNKNOWN_SCORE) / (FULL_SCORE - UNKNOWN_SCORE), 0.0), 1.0)


class Fitting(NamedTuple):
    """The profile that was found, its weight, and the one for what fits none."""

    found: Profile
    unknown: Profile
    weight: float


def _profiles(recording: RecordingType | None, profiles: Sequence[Profile]) -> Fitting:
    by_name = {profile.name: profile for profile in profiles}
    unknown = by_name[UNKNOWN]
    found = unknown if recording is None else by_name.get(recording.profile, unknown)
    weight = 0.0 if recording is None or found is unknown else profile_weight(recording.score)
    return Fitting(found, unknown, weight)


def _add_base_model(ledger: Ledger, mode: Mode, fitting: Fitting) -> None:
    found, unknown, weight = fitting
    blend = f"{found.name} x {weight:.2f} + {unknown.name} x {1.0 - weight:.2f}" if weight > 0.0 else unknown.name
    for band, field in _PROFILE_BANDS.items():
        wanted_db = weight * getattr(found, field) + (1.0 - weight) * getattr(unknown, field)
        change = round(mode.tone_scale * BALANCE_DB.clamp(wanted_db), DIGITS)
        ledger.add(f"tone.{band}", change, "base model", f"{blend}, {_reach(mode)}")


def _add_balance(ledger: Ledger, mode: Mode, spectrum: Spectrum, found: Remedy) -> None:
    """What most probably helps, and what the base model adds is taken back."""
    added_db, off_db = as_bands(_already_db(ledger)), off_norm_db(spectrum)
    for column, band in enumerate(BANDS):
        wanted_db = BALANCE_DB.clamp(found.bands[band] - added_db[band])
        weights = unit_responses()[:, column]
        seen_db = float(weights @ off_db / weights.sum())
        rule = (
            f"the mix stands {seen_db:+.1f} dB off what is usual ({_likeliest(found)}), best changed by "
            f"{found.bands[band]:+.1f} dB; the base model adds {added_db[band]:+.1f} dB; {_reach(mode)}"
        )
        ledger.add(f"tone.{band}", round(mode.tone_scale * wanted_db, DIGITS), "spectrum", rule)


def _likeliest(found: Remedy) -> str:
    """Such as «harsh 41 %, tilted up 22 %»."""
    return ", ".join(f"{name} {100.0 * chance:.0f} %" for name, chance in list(found.chances.items())[:LIKELIEST])


def _already_db(ledger: Ledger) -> Floats:
    """What the tone so far does to the norm's bands."""
    hz = centres_hz()
    responses = [
        response_db(kind, at_hz, q, ledger.number(f"tone.{band}"), hz) for band, (kind, at_hz, q) in BANDS.items()
    ]
    return np.asarray(np.sum(responses, axis=0))


def _add_width(ledger: Ledger, mode: Mode, spectrum: Spectrum, fitting: Fitting, found: Remedy) -> None:
    """Narrow mixes are widened and over-wide ones narrowed; mono stays mono."""
    measured_db = spectrum.side_to_mid_db
    width = ledger.number("stereo_width")
    if measured_db is None or measured_db < NEARLY_MONO_DB or width <= 0.0:
        return
    best_db, goal = found.side_db, ""
    target, weight = _width_target(fitting)
    if target is not None:
        target_db = float(20.0 * np.log10(target / (1.0 - target)))
        broad_db = float(10.0 * np.log10(max(spectrum.side.sum(), 1e-20) / max(spectrum.mid.sum(), 1e-20)))
        towards_db = PROFILE_SIDE_DB * float(np.tanh((target_db - broad_db) / PROFILE_SIDE_DB))
        best_db = (1.0 - weight) * best_db + weight * towards_db
        goal = f" (with weight {weight:.2f} towards the profile's width {target:g})"
    wanted = WIDTH.clamp(round(width * 10.0 ** (mode.tone_scale * best_db / 20.0), DIGITS))
    rule = (
        f"the sides stand {side_off_db(spectrum)[0]:+.1f} dB off what is usual ({_likeliest(found)}), best "
        f"changed by {best_db:+.1f} dB{goal}; {_reach(mode)}"
    )
    ledger.add("stereo_width", wanted - width, "spectrum", rule)


def _width_target(fitting: Fitting) -> tuple[float | None, float]:
    """The profile's stereo width after mastering (side over mid + side) and its weight; none for unknown."""
    target = fitting.found.width_after_mastering or fitting.found.width_target
    return (target, fitting.weight) if fitting.weight > 0.0 else (None, 0.0)


def _reach(mode: Mode) -> str:
    return f"mode {mode.name} x {mode.tone_scale:g}"
