"""The validation suite that preferences pass before they are used: bounds, published detections, golden renders.

The golden set is generated: seeded programmes of 6 s (noise with beats, bass-heavy, bright, and quiet with wide
dynamics), rendered through the product's own path with and without the layer.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from livemaster.analysis.recording import detect
from livemaster.audio import spool_folder
from livemaster.errors import LivemasterError, SettingsError
from livemaster.mastering.job import Progress, Source, no_progress
from livemaster.mastering.render import PEAK_TOLERANCE_DB, TOLERANCE_LU, Destination, render_job
from livemaster.mastering.render_report import RenderReport
from livemaster.personal.preferences import Preferences
from livemaster.planning import Personal
from livemaster.planning.personal import TYPES
from livemaster.tone.profiles import base_model, metadata

RATE_HZ, SECONDS = 44_100, 6.0
BANDS_HZ = {"bass": (30.0, 90.0), "treble": (8000.0, 16_000.0)}
"""Where a shelf acts in full."""
ABOUT = 0.5
"""A change in the spectrum may be off by this share of it, and 0.3 dB: the limiter and the compressor answer to it."""
ABOUT_DB = 0.3
PUBLISHED = {"spectral_centroid": 7658.0, "bass_mid_ratio": 1.62, "stereo_width": 0.13, "crest_db": 11.95}
PUBLISHED_SCORE, UNKNOWN_SCORE = 0.85, 0.40
OUTSIDE = {"spectral_centroid": 1500.0, "bass_mid_ratio": 6.0, "stereo_width": 0.2, "crest_db": 8.0}
"""A fingerprint outside of every profile."""
SAME_SCORE = 1e-6


@dataclass(frozen=True, slots=True)
class Validation:
    """What the suite found; no finding means passed."""

    findings: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether the preferences may be used."""
        return not self.findings


def validate(preferences: Preferences, progress: Progress = no_progress) -> Validation:
    """[control] Run the suite: some seconds."""
    return Validation((*_out_of_bounds(preferences), *_detections(), *_renders(preferences.layer, progress)))


def _out_of_bounds(preferences: Preferences) -> Iterator[str]:
    try:
        Preferences.parse(preferences.model_dump(mode="json"))
    except SettingsError as error:
        yield str(error)


def _detections() -> Iterator[str]:
    """The published checks, which no preference may move."""
    true = PUBLISHED | {"spectral_centroid": PUBLISHED["spectral_centroid"] / metadata().published_over_true_hz}
    for fingerprint, type_, score in ((true, "studio", PUBLISHED_SCORE), (OUTSIDE, "unknown", UNKNOWN_SCORE)):
        found = detect(fingerprint, base_model())
        if found.type != type_ or abs(found.score - score) > SAME_SCORE:
            yield f"detection: a fingerprint of {type_} {score} was heard as {found.type} {found.score:.2f}"


def _renders(layer: Personal, progress: Progress) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="livemaster-", dir=spool_folder()) as folder:
        pieces = [_written(Path(folder), name, audio) for name, audio in golden_set()]
        for number, (type_, path) in enumerate(zip(TYPES, (*pieces, pieces[0]), strict=True)):
            progress("validating", number / len(TYPES))
            yield from _judged(path, _as_unknown(layer, type_), type_)
        progress("validating", 1.0)


def _judged(path: Path, layer: Personal, type_: str) -> Iterator[str]:
    """Faults of a render with the layer, and of its difference from one without."""
    try:
        report, with_layer = _rendered(path, layer)
        plain, without = _rendered(path, None)
    except LivemasterError as error:
        yield f"{type_}: {error}"
        return
    peak_dbtp, loudness = report.output.true_peak_dbtp, report.output.integrated_lufs
    if peak_dbtp is None or loudness is None:
        yield f"{type_}: the master is silent"
        return
    if peak_dbtp > report.ceiling_dbtp + PEAK_TOLERANCE_DB:
        yield f"{type_}: true peak {peak_dbtp:.2f} dBTP, above the ceiling of {report.ceiling_dbtp:g}"
    if plain.reached and abs(loudness - report.target_lufs) > TOLERANCE_LU:
        yield f"{type_}: {loudness:.2f} LUFS, the target is {report.target_lufs:g}"
    asked = layer.of("unknown")
    wanted_db = asked["treble"] - asked["bass"]
    tilts_db = [_level_db(audio, "treble") - _level_db(audio, "bass") for audio in (with_layer, without)]
    found_db = tilts_db[0] - tilts_db[1]
    curves = layer.gear != "neutral" or layer.hearing != "normal"
    if not curves and abs(found_db - wanted_db) > ABOUT * abs(wanted_db) + ABOUT_DB:
        yield f"{type_}: treble over bass moved by {found_db:+.2f} dB, asked were {wanted_db:+.2f} dB"


def _as_unknown(layer: Personal, type_: str) -> Personal:
    """The layer of one kind of recording, for pieces that nobody has to recognise."""
    adjustments = {
        f"unknown_{name.removeprefix(f'{type_}_')}": value
        for name, value in layer.adjustments.items()
        if name.startswith(f"{type_}_")
    }
    return replace(layer, adjustments=adjustments)


def _rendered(path: Path, layer: Personal | None) -> tuple[RenderReport, NDArray[np.float32]]:
    out = path.with_suffix(".master.wav")
    report = render_job(
        Source(path=path, detect=False, personal=layer), Destination(path=out, bit_depth=32, force=True)
    )
    return report, sf.read(out, dtype="float32")[0].T


def _written(folder: Path, name: str, audio: NDArray[np.float32]) -> Path:
    path = folder / f"{name}.wav"
    sf.write(path, audio.T, RATE_HZ, subtype="FLOAT")
    return path


def golden_set() -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Three programmes: name, and audio of shape (2, frames)."""
    rng = np.random.default_rng(7)
    frames = round(SECONDS * RATE_HZ)
    time_s = np.arange(frames) / RATE_HZ
    hz = np.fft.rfftfreq(frames, 1.0 / RATE_HZ)
    beat = 0.3 + 0.7 * np.exp(-6.0 * (time_s % 0.5))
    swell = 10.0 ** (-(1.0 + np.cos(2.0 * np.pi * time_s / SECONDS)))
    for name, slope, envelope in (("bass", -1.3, beat), ("bright", -0.7, beat), ("quiet", -1.0, 0.2 * swell)):
        shape = np.maximum(hz, 30.0) ** slope
        parts = [np.fft.irfft(shape * np.fft.rfft(rng.standard_normal(frames)), frames) for _ in range(2)]
        audio = np.stack([parts[0] + 0.3 * parts[1], parts[0] - 0.3 * parts[1]]) * envelope
        yield name, (0.5 * audio / np.abs(audio).max()).astype(np.float32)


def _level_db(audio: NDArray[np.float32], band: str) -> float:
    low, high = BANDS_HZ[band]
    power = (np.abs(np.fft.rfft(audio.astype(np.float64), axis=1)) ** 2).sum(axis=0)
    hz = np.fft.rfftfreq(audio.shape[1], 1.0 / RATE_HZ)
    return float(10.0 * np.log10(power[(hz >= low) & (hz < high)].sum()))
