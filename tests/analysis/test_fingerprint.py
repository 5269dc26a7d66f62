"""The fingerprint: values that are known, and what may not change it."""

from __future__ import annotations

import io
import itertools
import math

import numpy as np
import pytest
import soundfile as sf
import soxr
from hearing_rig import fingerprint_of, timeline_of
from numpy.typing import NDArray

from livemaster.analysis.fingerprint import DIMENSIONS, LEVEL_DIMENSIONS, band_power

RATE_HZ = 44_100
TIME_S = np.arange(12 * RATE_HZ) / RATE_HZ
PUBLISHED = (
    *("sub_bass", "bass", "low_mid", "mid", "upper_mid", "presence", "air", "lufs", "crest_db", "bass_mid_ratio"),
    *("tempo_bpm", "rhythm_stability", "transient_density", "silence_ratio", "spectral_centroid", "spectral_rolloff"),
    *("spectral_flatness", "harmonic_ratio", "pitch_stability", "chroma_energy", "dynamic_range_variation"),
    *("loudness_variation_std", "peak_consistency", "stereo_width", "phase_correlation"),
)

Sound = NDArray[np.floating]


def sine(hz: float, level: float = 0.25, time_s: Sound = TIME_S) -> Sound:
    return level * np.sin(2.0 * np.pi * hz * time_s)


def noise(channels: int = 1, seconds: float = 12.0) -> Sound:
    return 0.1 * np.random.default_rng(7).standard_normal((channels, round(seconds * RATE_HZ)))


def clicks(period_s: float, level: float = 0.8) -> Sound:
    x = np.zeros_like(TIME_S)
    x[round(0.3 * RATE_HZ) :: round(period_s * RATE_HZ)] = level
    return x


def each_second(amplitudes: list[float], shape: Sound) -> Sound:
    """`shape`, one second long, at an amplitude for each second."""
    return np.concatenate([a * shape for a in amplitudes])


def alternating_notes() -> Sound:
    """A and D sharp in turn, 0.232 s each: as far apart as pitch classes are, every time they are compared."""
    length = 5 * 2048
    one, other = (0.25 * np.sin(2 * np.pi * hz * np.arange(length) / RATE_HZ) for hz in (440.0, 622.25))
    return np.concatenate([one, other] * 20)


def test_the_dimensions_are_the_published_ones_in_order() -> None:
    assert [each.name for each in DIMENSIONS] == list(PUBLISHED)
    assert list(fingerprint_of(sine(440.0))) == list(PUBLISHED)


@pytest.mark.parametrize(
    ("hz", "name"),
    [
        *((40.0, "sub_bass"), (120.0, "bass"), (355.0, "low_mid"), (1000.0, "mid")),
        *((2800.0, "upper_mid"), (5600.0, "presence"), (12_000.0, "air")),
    ],
)
def test_a_sine_lies_in_its_band(hz: float, name: str) -> None:
    found = fingerprint_of(sine(hz))
    assert found[name] > 0.97
    assert sum(found[band] for band in PUBLISHED[:7]) == pytest.approx(1.0)


def test_white_noise_fills_bands_by_their_width() -> None:
    found = fingerprint_of(noise(2))
    edges = (20, 60, 250, 500, 2000, 4000, 8000, 20_000)
    wanted = [(b - a) / (20_000 - 20) for a, b in itertools.pairwise(edges)]
    assert [found[band] for band in PUBLISHED[:7]] == pytest.approx(wanted, rel=0.05)
    assert found["bass_mid_ratio"] == pytest.approx(10.0 * math.log10(200 / 1800), abs=0.3)  # 18 bins below 200 Hz
    assert found["spectral_centroid"] == pytest.approx(8000.0, rel=0.01)
    assert found["spectral_rolloff"] == pytest.approx(0.85 * 16_000.0, rel=0.01)
    assert found["phase_correlation"] == pytest.approx(0.0, abs=0.01)
    assert found["stereo_width"] == pytest.approx(0.5, abs=0.01)
    assert found["harmonic_ratio"] == pytest.approx(0.5, abs=0.03)


def test_white_noise_of_one_channel_has_the_flatness_of_exponential_powers() -> None:
    """E ln x of an exponential variable is −γ, so the ratio of its means is e^−γ = 0.561."""
    assert fingerprint_of(noise(1))["spectral_flatness"] == pytest.approx(math.exp(-np.euler_gamma), rel=0.01)


def test_a_sine_is_what_it_is() -> None:
    found = fingerprint_of(sine(1000.0))
    assert found["spectral_centroid"] == pytest.approx(1000.0, rel=0.001)
    assert found["spectral_rolloff"] == pytest.approx(1000.0, rel=0.02)
    assert found["crest_db"] == pytest.approx(20.0 * math.log10(math.sqrt(2.0)), abs=0.01)
    assert found["lufs"] == pytest.approx(-0.69 + 0.69 - 3.01 + 20 * math.log10(0.25), abs=0.1)  # one front channel
    assert found["spectral_flatness"] < 0.001
    assert found["harmonic_ratio"] > 0.99
    assert found["pitch_stability"] > 0.99
    assert found["silence_ratio"] == 0.0
    assert found["dynamic_range_variation"] < 0.01
    assert found["loudness_variation_std"] < 0.01
    assert found["peak_consistency"] < 0.001
    assert (found["stereo_width"], found["phase_correlation"]) == (0.0, 1.0)


def test_bass_to_mid_is_a_level_difference() -> None:
    found = fingerprint_of(sine(100.0, 0.4) + sine(700.0, 0.1))
    assert found["bass_mid_ratio"] == pytest.approx(20.0 * math.log10(4.0), abs=0.05)


def test_clicks_are_counted_and_percussive() -> None:
    found = fingerprint_of(clicks(0.25))
    assert found["transient_density"] == pytest.approx(4.0, rel=0.03)
    assert found["harmonic_ratio"] < 0.01
    assert found["tempo_bpm"] in (pytest.approx(120.0, rel=0.01), pytest.approx(60.0, rel=0.01))
    assert found["rhythm_stability"] > 0.98


def test_harmonic_ratio_is_the_share_of_what_sounds_on() -> None:
    tone, struck = sine(440.0, 0.1), clicks(0.5, 1.0)
    share = float((tone**2).sum() / ((tone**2).sum() + (struck**2).sum()))
    assert fingerprint_of(tone + struck)["harmonic_ratio"] == pytest.approx(share, abs=0.03)
    louder = 20.0 * struck * np.random.default_rng(2).standard_normal(len(struck))
    share = float((tone**2).sum() / ((tone**2).sum() + (louder**2).sum()))
    assert fingerprint_of(tone + louder)["harmonic_ratio"] == pytest.approx(share, abs=0.1)


def test_a_chord_is_three_pitch_classes_and_noise_is_not() -> None:
    chord = sum(sine(hz, 0.1) for hz in (261.63, 329.63, 392.0))
    assert fingerprint_of(chord)["chroma_energy"] > 0.98
    assert fingerprint_of(noise(1))["chroma_energy"] < 0.5


def test_pitch_stability_sees_notes_change() -> None:
    """One frame in five lies across the change and hears both notes, as the one compared with it does."""
    assert fingerprint_of(alternating_notes())["pitch_stability"] == pytest.approx(0.2, abs=0.02)


def test_silence_ratio_is_the_share_of_time() -> None:
    half = np.concatenate([sine(500.0)[: 3 * RATE_HZ], np.zeros(3 * RATE_HZ)])
    assert fingerprint_of(half)["silence_ratio"] == pytest.approx(0.5, abs=0.02)


def test_variations_from_second_to_second_are_known() -> None:
    """Two levels 20 dB·log10(2) apart in turn: σ is half their distance, and peaks of 1 and ½ have a CV of 1/3."""
    found = fingerprint_of(each_second([0.5, 0.25] * 6, np.sin(2 * np.pi * 1000.0 * np.arange(RATE_HZ) / RATE_HZ)))
    assert found["loudness_variation_std"] == pytest.approx(10.0 * math.log10(2.0), rel=0.02)
    assert found["peak_consistency"] == pytest.approx(1.0 / 3.0, rel=0.01)


def test_variation_of_the_crest_factor_is_known() -> None:
    """A sine and a square in turn: crest factors of 3.01 and 0 dB, σ 1.505 dB."""
    second = np.sin(2 * np.pi * 100.0 * (np.arange(RATE_HZ) + 0.5) / RATE_HZ)
    sound = 0.4 * np.concatenate([second, np.sign(second)] * 5)
    assert fingerprint_of(sound)["dynamic_range_variation"] == pytest.approx(1.505 / 7.505, rel=0.01)


def test_width_and_correlation_follow_the_side() -> None:
    mid, side = noise(2)
    found = fingerprint_of(np.stack([mid + 0.5 * side, mid - 0.5 * side]))
    assert found["stereo_width"] == pytest.approx(1.0 / 3.0, abs=0.01)
    assert found["phase_correlation"] == pytest.approx((1 - 0.25) / (1 + 0.25), abs=0.01)
    assert fingerprint_of(np.stack([mid, -mid]))["phase_correlation"] == pytest.approx(-1.0)


@pytest.mark.parametrize("gain_db", [-20.0, -13.0, -6.0])
def test_gain_changes_only_level(gain_db: float, demo_song) -> None:
    sound = demo_song.audio[:, : 30 * RATE_HZ]
    plain, quiet = fingerprint_of(sound), fingerprint_of(sound * 10.0 ** (gain_db / 20.0))
    assert {"lufs"} == LEVEL_DIMENSIONS
    assert quiet["lufs"] == pytest.approx(plain["lufs"] + gain_db, abs=0.01)
    rest = [name for name in PUBLISHED if name not in LEVEL_DIMENSIONS]
    assert [quiet[name] for name in rest] == pytest.approx([plain[name] for name in rest], rel=0.01, abs=1e-6)


def alike(one: dict[str, float], other: dict[str, float]) -> list[str]:
    """Dimensions that differ by more than 3 %, and more than 1 % of their range where that is 0…1."""
    room = {each.name: 0.01 if each.unit == "1" and each.high == 1.0 else 0.0 for each in DIMENSIONS}
    return [name for name in PUBLISHED if abs(one[name] - other[name]) > max(0.03 * abs(one[name]), room[name])]


@pytest.mark.parametrize("container", [("FLAC", "PCM_24"), ("MP3", "MPEG_LAYER_III")])
def test_a_song_is_the_same_in_another_container(container: tuple[str, str], demo_song) -> None:
    sound = demo_song.audio[:, : 45 * RATE_HZ]
    kind, subtype = container
    file = io.BytesIO()
    best = {"bitrate_mode": "CONSTANT", "compression_level": 0.0} if kind == "MP3" else {}
    sf.write(file, sound.T, RATE_HZ, format=kind, subtype=subtype, **best)
    file.seek(0)
    decoded, _ = sf.read(file, dtype="float32")
    assert alike(fingerprint_of(sound), fingerprint_of(decoded.T)) == []


def test_a_song_is_the_same_at_another_rate(demo_song) -> None:
    sound = demo_song.audio[:, : 45 * RATE_HZ]
    there = soxr.resample(sound.T, RATE_HZ, 96_000, quality="VHQ")
    back = soxr.resample(there, 96_000, RATE_HZ, quality="HQ")  # what mastering does before it analyses
    assert alike(fingerprint_of(sound), fingerprint_of(back.T)) == []


@pytest.mark.parametrize(
    "sound",
    [
        *(np.zeros(RATE_HZ), np.zeros((2, 1)), np.ones((1, 1)), noise(1, 0.5), noise(2, 0.02)),
        *(clicks(100.0), np.full(3 * RATE_HZ, 0.5), np.stack([sine(440.0), np.zeros_like(TIME_S)])),
        np.sign(sine(50.0)),
    ],
    ids=["silence", "frame", "one-frame", "half-second", "short", "click", "constant", "one-sided", "square"],
)
def test_everything_is_finite_and_in_range(sound: Sound) -> None:
    found = fingerprint_of(sound)
    for each in DIMENSIONS:
        assert each.low <= found[each.name] <= each.high, each.name


@pytest.mark.parametrize("chunk_frames", [64, 1000, 44_100])
def test_chunks_do_not_show(chunk_frames: int, demo_song) -> None:
    sound = demo_song.audio[:, : 8 * RATE_HZ]
    whole, pieces = timeline_of(sound, 10**9), timeline_of(sound, chunk_frames)
    for name in type(whole).__slots__:
        np.testing.assert_array_equal(getattr(pieces, name), getattr(whole, name), err_msg=name)


def test_the_spectrum_adds_up_to_the_power() -> None:
    sound = noise(2)
    timeline = timeline_of(sound)
    power = float((sound**2).mean(axis=1).sum())
    assert float(timeline.spectrum.sum()) == pytest.approx(power, rel=0.01)
    assert band_power(timeline.spectrum, 0.0, 22_050.0) == pytest.approx(power, rel=0.01)
    assert float(timeline.bands.sum(axis=1).mean()) == pytest.approx(power, rel=0.02)
