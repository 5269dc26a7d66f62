"""Emotion over time: what raises intensity and valence, what must not, and the names."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import practice_growth
import practice_songs
import pytest
from hearing_rig import timeline_of
from numpy.typing import NDArray
from scipy.stats import spearmanr

from livemaster.analysis.curves import longest, mean_over
from livemaster.analysis.emotion import PLACES, EmotionCurve, emotion_curve, emotion_name
from livemaster.analysis.intensity import intensity_curve, intensity_of
from livemaster.analysis.moments import means_around, moments
from livemaster.analysis.onsets import flux
from livemaster.analysis.tempo import track
from livemaster.analysis.valence import mode_curve, valence_of
from livemaster.planning import EMOTION_TARGETS_LUFS

RATE_HZ = 44_100
HALF_S = 20.0

Sound = NDArray[np.floating]


def curve_of(sound: Sound) -> EmotionCurve:
    timeline = timeline_of(sound)
    return emotion_curve(timeline, track(flux(timeline.onset_bands_db), timeline.chroma))


def chord(notes: tuple[int, ...], seconds: float = HALF_S, level: float = 0.05) -> Sound:
    """Notes with six falling overtones each, struck twice a second."""
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    hz = [440.0 * 2.0 ** ((note - 69) / 12.0) for note in notes]
    tone = sum(np.sin(2.0 * np.pi * f * k * time_s) / k for f in hz for k in range(1, 7))
    return level * np.asarray(tone) * (0.4 + 0.6 * np.exp(-(time_s % 0.5) / 0.2))


def hats(per_s: float, seconds: float = HALF_S, level: float = 0.1) -> Sound:
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    hiss = np.random.default_rng(3).standard_normal(len(time_s))
    return level * hiss * np.exp(-(time_s % (1.0 / per_s)) / 0.02)


def halves(curve: EmotionCurve, values: NDArray[np.float64]) -> tuple[float, float]:
    first = curve.times_s < HALF_S
    return float(values[first].mean()), float(values[~first].mean())


TRIAD = chord((48, 60, 64, 67))


def test_louder_is_more_intense() -> None:
    curve = curve_of(np.concatenate([0.3 * TRIAD, TRIAD]))
    soft, loud = halves(curve, curve.intensity)
    assert loud > soft + 0.2


def test_denser_and_brighter_is_more_intense_at_equal_power() -> None:
    dense = TRIAD + hats(8.0)
    dense *= np.sqrt((TRIAD**2).mean() / (dense**2).mean())
    curve = curve_of(np.concatenate([TRIAD, dense]))
    plain, busy = halves(curve, curve.intensity)
    assert busy > plain + 0.1


def test_fuller_arrangements_are_more_intense_at_equal_loudness() -> None:
    """Sections of practice songs, ranked inside each song; a guess would be 0."""
    correlations = []
    for seed in range(1000, 1012):
        song = practice_growth.make(seed, 30.0)
        times_s = np.arange(0.5, song.sections[-1].end_s)
        intensity = intensity_curve(timeline_of(song.audio), times_s)
        found = [intensity[(times_s >= each.start_s) & (times_s < each.end_s)].mean() for each in song.sections]
        correlations.append(spearmanr(found, [each.intensity for each in song.sections]).statistic)
    assert np.nanmean(correlations) > 0.5


@pytest.mark.parametrize("gain_db", [-20.0, -9.0])
def test_overall_gain_changes_nothing(gain_db: float, demo_song) -> None:
    plain, quiet = (curve_of(demo_song.audio * gain) for gain in (1.0, 10.0 ** (gain_db / 20.0)))
    assert quiet.times_s == pytest.approx(plain.times_s)
    assert quiet.intensity == pytest.approx(plain.intensity, abs=0.02)
    assert quiet.valence == pytest.approx(plain.valence, abs=0.02)
    assert quiet.names == plain.names


def test_the_demo_song_is_most_intense_in_its_choruses(demo_song) -> None:
    curve = curve_of(demo_song.audio)
    entries = demo_song.arrangement["structure"]
    found = {each["section"]: curve.over(each["start"], each["end"])[1] for each in entries}
    ranked = sorted(found, key=found.__getitem__, reverse=True)
    assert set(ranked[:2]) == {"Chorus 1", "Chorus 2"}
    assert min(found[name] for name in ("Verse 1", "Verse 2")) > max(found[name] for name in ("Intro", "Outro"))


def test_major_is_brighter_than_minor() -> None:
    major = np.concatenate([chord(notes, 2.5) for notes in ((48, 64, 67), (53, 65, 69), (55, 62, 71), (48, 64, 67))])
    minor = np.concatenate([chord(notes, 2.5) for notes in ((48, 63, 67), (53, 65, 68), (55, 62, 70), (48, 63, 67))])
    times_s = np.array([5.0])
    assert mode_curve(timeline_of(major).chroma, times_s)[0] > 0.3
    assert mode_curve(timeline_of(minor).chroma, times_s)[0] < -0.3


def test_noise_has_no_mode() -> None:
    hiss = 0.1 * np.random.default_rng(5).standard_normal(30 * RATE_HZ)
    assert abs(mode_curve(timeline_of(hiss).chroma, np.array([15.0]))[0]) < 0.5


def test_every_name_is_at_its_own_place() -> None:
    assert {emotion_name(*place): place for place in PLACES.values()} == PLACES


def test_names_keep_the_order_of_their_loudness_targets() -> None:
    by_intensity = sorted(PLACES, key=lambda name: PLACES[name][0])
    targets = [EMOTION_TARGETS_LUFS[name] for name in by_intensity]
    assert set(PLACES) == set(EMOTION_TARGETS_LUFS)
    assert [name for name in by_intensity if name not in ("dreamy", "reflective")] == [
        "calm",
        "dark",
        "bright",
        "powerful",
    ]
    assert targets == sorted(targets)


@pytest.mark.parametrize("seconds", [0.02, 0.5, 3.0, 31.3])
def test_the_curve_covers_the_track(seconds: float) -> None:
    curve = curve_of(hats(4.0, seconds))
    assert len(curve.times_s) == len(curve.names) == len(curve.intensity) == len(curve.valence) > 0
    assert curve.times_s[0] < 1.0
    assert seconds - 1.1 <= curve.times_s[-1] < max(seconds, 0.1)
    assert (np.diff(curve.times_s) > 0.0).all()
    assert ((curve.intensity >= 0.0) & (curve.intensity <= 1.0)).all()
    assert ((curve.valence >= -1.0) & (curve.valence <= 1.0)).all()


def test_silence_is_calm_not_an_error() -> None:
    curve = curve_of(np.zeros(5 * RATE_HZ))
    assert np.isfinite(curve.intensity).all()


def test_means_around_are_plain_means() -> None:
    rows = np.random.default_rng(1).random((50, 3))
    times_s = np.array([0.0, 1.03, 2.2, 4.9])
    found = means_around(rows, 10.0, times_s, 1.0, 0.05)
    for time_s, mean in zip(times_s, found, strict=True):
        at = np.arange(50) / 10.0 + 0.05
        assert mean == pytest.approx(rows[np.abs(at - time_s) <= 0.5].mean(axis=0))


@pytest.mark.parametrize("sounding", [1, 2, 9, 30])
def test_spread_is_how_many_even_and_steady_bands_would_be_as_loud(sounding: int) -> None:
    timeline = timeline_of(hats(4.0, 4.0))
    steady = np.zeros_like(timeline.bands)
    steady[:, :sounding] = 0.01
    gaps = steady.copy()
    gaps[::2] = 0.0
    times_s = np.array([2.0])
    found, less = (moments(replace(timeline, bands=bands), times_s).spread_oct for bands in (steady, gaps))
    assert found == pytest.approx(np.log2(sounding), abs=1e-4)
    assert less == pytest.approx(max(np.log2(sounding) - 1.0, 0.0), abs=0.1)


def test_curves_over_a_stretch() -> None:
    times, values = [0.0, 10.0, 20.0], [0.0, 1.0, 0.0]
    assert mean_over(times, values, 0.0, 20.0) == pytest.approx(0.5)
    assert mean_over(times, values, 5.0, 10.0) == pytest.approx(0.75)
    assert longest(times, ["calm", "dark", "bright"], 8.0, 19.0) == "dark"


@pytest.mark.parametrize(("before_s", "after_s"), [(0.0, 30.0), (20.0, 0.0), (0.0, 5.0)])
def test_silence_around_the_music_leaves_its_emotion_as_it_is(before_s: float, after_s: float) -> None:
    song = practice_songs.make(900_001, longest_s=40.0).audio
    pads = [np.zeros((2, round(seconds * RATE_HZ)), np.float32) for seconds in (before_s, after_s)]
    plain, padded = timeline_of(song), timeline_of(np.concatenate([pads[0], song, pads[1]], axis=1))
    times_s = np.arange(3.0, plain.duration_s - 3.0)
    later_s = times_s + before_s
    here, there = moments(plain, np.arange(plain.duration_s)), moments(padded, np.arange(padded.duration_s))
    now, later = moments(plain, times_s), moments(padded, later_s)
    assert intensity_of(later, there) == pytest.approx(intensity_of(now, here), abs=0.02)
    mode = np.zeros(len(times_s))
    plainly = valence_of(mode, now, here, None)
    assert valence_of(mode, later, there, None) == pytest.approx(plainly, abs=0.02)
