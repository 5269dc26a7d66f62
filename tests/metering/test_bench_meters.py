"""The benchmarks' own instruments measure what they say, on sounds whose figures are known beforehand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import needs
import numpy as np
import pytest
import scipy.signal
import soundfile as sf
from bench.contrast import Observed, Part, Position, breaks
from bench.givenmaps import maps_of
from bench.material import Song
from bench.modes import recognise
from bench.secondmeter import Reading, lufs, read, stretch_lufs
from bench.traits import MONO_DB, Traits, aligned, crest_db, residue_db, si_sdr_db, traits

RATE_HZ = 44_100
TIME_S = np.arange(10 * RATE_HZ) / RATE_HZ
NEAR_DB = 0.05


def sine(hz: float, amplitude: float = 0.25) -> np.ndarray:
    return amplitude * np.sin(2.0 * np.pi * hz * TIME_S)


def noise(seed: int) -> np.ndarray:
    return np.asarray(np.random.default_rng(seed).standard_normal((2, len(TIME_S))) * 0.1, np.float32)


def traits_of(left: np.ndarray, right: np.ndarray, folder: Path) -> Traits:
    sf.write(folder / "tones.wav", np.stack([left, right]).T, RATE_HZ, subtype="FLOAT")
    return traits(folder / "tones.wav", [(0.0, 5.0), (5.0, 10.0)])


@pytest.fixture(autouse=True)
def _ffmpeg() -> None:
    needs.ffmpeg()


# --- loudness ------------------------------------------------------------------------------------------


def test_a_stereo_sine_of_1_khz_reads_as_the_standard_says(tmp_path: Path) -> None:
    """EBU Tech 3341, case 1: −23 dBFS on both channels is −23 LUFS."""
    audio = np.tile(sine(1000.0, 10 ** (-23 / 20)), (2, 1))
    sf.write(tmp_path / "sine.wav", audio.T, RATE_HZ, subtype="FLOAT")
    assert lufs(audio, RATE_HZ) == pytest.approx(-23.0, abs=NEAR_DB)
    assert read(tmp_path / "sine.wav").lufs == pytest.approx(-23.0, abs=NEAR_DB)
    assert read(tmp_path / "sine.wav").true_peak_dbtp == pytest.approx(-23.0, abs=NEAR_DB)


def test_silence_and_short_sections_have_no_level() -> None:
    assert lufs(np.zeros((2, RATE_HZ)), RATE_HZ) is None
    assert stretch_lufs(noise(1), RATE_HZ, 0.0, 2.9) is None
    assert stretch_lufs(noise(1), RATE_HZ, 0.0, 3.0) is not None


# --- traits --------------------------------------------------------------------------------------------


def test_bands_are_ratios_of_power(tmp_path: Path) -> None:
    """Tones at 80, 1500 and 10,000 Hz, 6 and 20 dB below the middle one."""
    tones = sine(80.0, 0.125) + sine(1500.0, 0.25) + sine(10_000.0, 0.025)
    found = traits_of(tones, tones, tmp_path)
    assert found.air_db == pytest.approx(10 * np.log10(0.01 / 1.26), abs=NEAR_DB)
    assert found.bass_db == pytest.approx(20 * np.log10(0.5), abs=NEAR_DB)
    assert found.warmth_db == pytest.approx(20 * np.log10(0.5), abs=NEAR_DB)
    assert found.spread_lu == pytest.approx(0.0, abs=NEAR_DB)


def test_width_is_side_over_mid_and_none_for_two_equal_channels(tmp_path: Path) -> None:
    mid, side = sine(80.0) + sine(3000.0), sine(5000.0, 0.125)
    found = traits_of(mid + side, mid - side, tmp_path)
    assert found.side_db == pytest.approx(20 * np.log10(0.5) - 10 * np.log10(2), abs=NEAR_DB)
    assert found.low_side_db == MONO_DB
    assert traits_of(mid, mid, tmp_path).side_db == MONO_DB


def test_a_sine_has_a_crest_factor_of_3_db() -> None:
    assert crest_db(np.tile(sine(1000.0), (2, 1)), RATE_HZ) == pytest.approx(3.01, abs=NEAR_DB)


def test_si_sdr_knows_neither_gain_nor_delay() -> None:
    mix = noise(1)
    master = 3.0 * np.roll(mix + 0.1 * noise(2), 37, axis=1)
    assert si_sdr_db(*aligned(mix, master.astype(np.float32))) == pytest.approx(20.0, abs=NEAR_DB)


def test_distortion_is_what_no_filter_does() -> None:
    """A shelf and a slow fade leave next to nothing, clipping does, and more of it leaves more."""
    mix = noise(1)
    shelf = scipy.signal.lfilter([1.2, -0.6], [1.0, -0.3], mix) * np.linspace(1.0, 0.5, mix.shape[1])
    soft, hard = np.tanh(3.0 * mix), np.tanh(9.0 * mix)
    found = [residue_db(mix, np.asarray(y, np.float32)) for y in (shelf, soft, hard)]
    assert found[0] < -40.0
    assert -25.0 < found[1] < found[2] < -5.0


# --- what is made of them ------------------------------------------------------------------------------


def observed(mix: list[float], *heard: list[float]) -> Observed:
    """Sections of rising intensity, at reactivity 0, 1 and 1.5, planned as heard."""
    parts = tuple(Part("ABC"[n], 0.2 + 0.3 * n, level) for n, level in enumerate(mix))
    positions = [Position(r, tuple(x), tuple(x), 1, 1.0, ()) for r, x in zip((0.0, 1.0, 1.5), heard, strict=True)]
    reading = Reading(-14.0, 5.0, -1.0)
    return Observed("song", "detected", parts, tuple(positions), reading, reading, reading, 0.0)


def test_contrast_that_grows_breaks_nothing() -> None:
    each = observed([-20, -18, -16], [-20, -18, -16], [-20, -17, -14], [-21, -17, -13])
    assert each.pairs == [(1, 0), (2, 0), (2, 1)]
    assert breaks(each) == {}


def test_the_largest_fall_is_found_and_named() -> None:
    each = observed([-20, -18, -16], [-20, -18, -16], [-20, -18, -16], [-16.5, -15, -16])
    assert str(each.fall("heard")) == "3.50 LU of C over A, 1 → 1.5"
    assert each.inverted == (1, 1)
    assert set(breaks(each)) == {"falls planned", "falls heard", "inverted"}


def test_an_inversion_that_was_in_the_mix_is_told_apart() -> None:
    assert observed([-16, -18], [-16, -18], [-16, -17.5], [-16, -17]).inverted == (1, 0)


def test_modes_are_told_apart_in_any_order() -> None:
    plain = Traits(-20.0, 0.0, 0.0, -9.0, -20.0, 13.0, 6.0, 5.0, 9.0, -30.0, 25.0, -14.0)
    masters = {
        "radio_loud": replace(plain, si_sdr_db=9.0, range_lu=4.0, air_db=-19.0),
        "lofi": replace(plain, si_sdr_db=6.0, range_lu=3.0, air_db=-23.0),
        "transparent": plain,
        "cinematic": replace(plain, si_sdr_db=12.0, range_lu=7.0, air_db=-19.5),
    }
    assert recognise(list(masters.values())) == list(masters)
    assert recognise(list(masters.values())[::-1]) == list(masters)[::-1]


def test_maps_against_the_mix_are_strongest_where_it_is_quietest(tmp_path: Path) -> None:
    """One section is detected in this noise, so the parts are six equal ones."""
    steps = np.repeat([0.1, 0.8, 0.3, 0.05, 0.5, 0.2], len(TIME_S) // 6)
    sf.write(tmp_path / "mix.wav", (noise(3)[:, : len(steps)] * steps).T, RATE_HZ, subtype="FLOAT")
    (maps,) = maps_of(Song("steps", tmp_path / "mix.wav"), tmp_path / "mix.wav", tmp_path, ["against"])
    assert maps.arrangement is not None
    assert maps.emotion is not None
    structure = json.loads(maps.arrangement.read_text("utf-8"))["structure"]
    points = json.loads(maps.emotion.read_text("utf-8"))["curve"]
    assert [point["intensity"] for point in points[::2]] == [0.77, 0.05, 0.41, 0.95, 0.23, 0.59]
    assert [part["start"] for part in structure] == [point["time"] for point in points[::2]]
