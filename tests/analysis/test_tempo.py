"""Tempo, beats and bars: known pulses are found whatever surrounds them, and nothing is found where nothing beats."""

from __future__ import annotations

import numpy as np
import practice_songs
import pytest
from hearing_rig import timeline_of
from numpy.typing import NDArray
from practice_styles import STYLES

from livemaster.analysis.harmony import BARS_BEATS, NAMES, movement, running
from livemaster.analysis.onsets import flux
from livemaster.analysis.tempo import Tempo, track
from livemaster.analysis.timeline import ONSET_FPS, TONE_FPS

RATE_HZ = 44_100
LENGTH_S = 40.0
EXACT, OCTAVES = 0.01, (0.5, 1.0, 2.0)


def heard(audio: NDArray[np.floating]) -> Tempo:
    timeline = timeline_of(audio)
    return track(flux(timeline.onset_bands_db), timeline.chroma)


def pulses(
    times_s: NDArray[np.float64], low_hz: float, decay_s: float, length_s: float = LENGTH_S
) -> NDArray[np.float64]:
    """Decaying tones with a click in front at given times."""
    t = np.arange(round(6 * decay_s * RATE_HZ)) / RATE_HZ
    one = np.sin(2 * np.pi * low_hz * t) * np.exp(-t / decay_s)
    sound = np.zeros(round(length_s * RATE_HZ) + len(one))
    for time_s in times_s:
        first = round(time_s * RATE_HZ)
        sound[first : first + len(one)] += one
    return 0.3 * sound[: round(length_s * RATE_HZ)]


def grid_s(bpm: float, *beats: float, of: int = 4) -> NDArray[np.float64]:
    """Times of given beats of every bar."""
    bars = np.arange(0, LENGTH_S * bpm / 60.0 - of, of)
    return (np.add.outer(bars, np.array(beats)) * 60.0 / bpm).ravel() + 0.2


def backbeat(bpm: float, swing: float = 0.5) -> NDArray[np.float64]:
    """Bass drum on one, three and after it, a higher one on two and four, the highest on every half, swung or not."""
    halves = [beat + part for beat in range(4) for part in (0.0, swing)]
    noise = np.random.default_rng(0).normal(0, 1e-4, round(LENGTH_S * RATE_HZ))
    low, snare = pulses(grid_s(bpm, 0, 2, 2 + swing), 60, 0.08), pulses(grid_s(bpm, 1, 3), 900, 0.05)
    return low + snare + 0.3 * pulses(grid_s(bpm, *halves), 9000, 0.01) + noise


@pytest.mark.parametrize("bpm", [91.0, 110.0, 128.0, 151.0, 176.0])
@pytest.mark.parametrize("swing", [0.5, 2 / 3])
def test_a_backbeat_has_the_tempo_of_its_beats(bpm: float, swing: float) -> None:
    found = heard(backbeat(bpm, swing))
    assert found.bpm == pytest.approx(bpm, rel=EXACT)
    assert found.beats_per_bar == 4
    assert found.stability > 0.95


@pytest.mark.parametrize("swing", [0.5, 2 / 3])
def test_a_slow_backbeat_with_nothing_between_halves_may_be_doubled(swing: float) -> None:
    found = heard(backbeat(72.0, swing))
    assert found.bpm is not None
    assert min(abs(found.bpm / 72.0 / octave - 1) for octave in (1.0, 2.0)) < EXACT


@pytest.mark.parametrize("bpm", [90.0, 120.0, 160.0])
def test_a_waltz_has_bars_of_three_that_begin_with_the_bass(bpm: float) -> None:
    bass = sum(pulses(grid_s(bpm, 0, of=3), hz, 0.15) for hz in (80, 160, 320, 640))
    found = heard(bass + 0.6 * pulses(grid_s(bpm, 1, 2, of=3), 600, 0.06))
    assert found.bpm == pytest.approx(bpm, rel=EXACT)
    assert found.beats_per_bar == 3
    bars_s = found.beats_s[found.downbeats]
    assert np.abs(bars_s[:, None] - grid_s(bpm, 0, of=3)).min(axis=1)[2:-2].max() < 0.05


def test_beats_lie_on_what_is_struck() -> None:
    found = heard(backbeat(110.0))
    distance_s = np.abs(found.beats_s[:, None] - grid_s(110.0, 0, 1, 2, 3)).min(axis=1)
    assert distance_s[2:-4].max() < 0.025
    assert np.all(np.diff(found.beats_s) > 0)


@pytest.mark.parametrize("bpm", [60.0, 66.0, 73.0, 80.0, 97.0, 100.0, 118.0, 140.0, 163.0, 180.0, 200.0, 210.0])
def test_bare_clicks_have_their_tempo_up_to_the_octave(bpm: float) -> None:
    found = heard(pulses(grid_s(bpm, 0, 1, 2, 3), 1000, 0.01))
    assert found.bpm is not None
    assert min(abs(found.bpm / bpm / octave - 1) for octave in OCTAVES) < EXACT


@pytest.mark.parametrize("rate", [230.0, 240.0, 270.0, 300.0, 333.0, 360.0, 400.0, 480.0, 500.0, 600.0])
def test_clicks_faster_than_a_beat_are_taken_by_twos_and_fours(rate: float) -> None:
    """Nothing groups identical clicks in threes, fives or sevens."""
    found = heard(pulses(np.arange(0.2, LENGTH_S - 1.0, 60.0 / rate), 1000, 0.005))
    assert found.bpm is not None
    assert min(abs(found.bpm / rate * clicks - 1) for clicks in (2, 4, 8)) < EXACT


@pytest.mark.parametrize("bar", BARS_BEATS)
@pytest.mark.parametrize("gain", [0.01, 1.0])
def test_chords_are_heard_to_change_with_their_bars(bar: int, gain: float) -> None:
    """Half a second a beat, another three pitch classes each bar: all changes come on one beat of its bar."""
    beat_s, bars = 0.5, 24
    bar_of = (np.arange(round(bars * bar * beat_s * TONE_FPS)) / TONE_FPS / beat_s / bar).astype(int)
    chroma = gain * np.eye(12)[(bar_of[:, None] * 5 + [0, 4, 7]) % 12].sum(axis=1).astype(np.float32)
    found = dict(zip(NAMES, movement(running(chroma), np.arange(bars * bar) * beat_s * ONSET_FPS), strict=True))
    assert max(BARS_BEATS, key=lambda beats: found[f"harmony bar {beats}"]) == bar
    assert found[f"harmony bar {bar}"] == pytest.approx(bar, rel=0.1)


def test_gain_does_not_matter() -> None:
    song = backbeat(97.0)
    loud, quiet = heard(song), heard(0.1 * song)
    assert quiet.bpm == pytest.approx(loud.bpm, rel=1e-3)
    assert quiet.beats_per_bar == loud.beats_per_bar


def test_a_second_of_silence_moves_the_beats_only() -> None:
    song = backbeat(97.0)
    later = heard(np.concatenate([np.zeros(RATE_HZ), song]))
    here = heard(song)
    assert later.bpm == pytest.approx(here.bpm, rel=EXACT)
    distance_s = np.abs(later.beats_s[:, None] - (here.beats_s + 1.0)).min(axis=1)
    assert np.median(distance_s) < 0.011


def test_time_reversed_attacks_have_the_same_tempo() -> None:
    timeline = timeline_of(backbeat(104.0))
    onsets, chroma = flux(timeline.onset_bands_db)[:, ::-1], timeline.chroma[::-1]
    found = track(np.ascontiguousarray(onsets), np.ascontiguousarray(chroma))
    assert found.bpm == pytest.approx(104.0, rel=EXACT)


def _drone(rng: np.random.Generator, length_s: float) -> NDArray[np.float64]:
    t = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    return 0.1 * sum(np.sin(2 * np.pi * 110 * k * (1 + 0.001 * rng.random()) * t) / k for k in range(1, 8))


def _syllables(rng: np.random.Generator, length_s: float) -> NDArray[np.float64]:
    """Voiced and unvoiced bursts at irregular times, as speech has them."""
    sound, start_s = np.zeros(round(length_s * RATE_HZ)), 0.0
    while start_s < length_s - 0.5:
        frames, first = round(rng.uniform(0.07, 0.3) * RATE_HZ), round(start_s * RATE_HZ)
        t = np.arange(frames) / RATE_HZ
        voice = sum(np.sin(2 * np.pi * rng.uniform(90, 180) * k * t) / k for k in range(1, 15))
        burst = rng.standard_normal(frames) if rng.random() < 0.3 else voice
        sound[first : first + frames] += 0.1 * np.hanning(frames) * burst
        start_s += frames / RATE_HZ * rng.uniform(0.8, 1.6) + (rng.random() < 0.15) * rng.uniform(0.2, 0.8)
    return sound


def _click(rng: np.random.Generator, length_s: float) -> NDArray[np.float64]:
    return pulses(rng.uniform(1, length_s - 1, 1), 1000, 0.01, length_s)


def _noise(rng: np.random.Generator, length_s: float) -> NDArray[np.float64]:
    return rng.normal(0, 0.1, round(length_s * RATE_HZ))


def _silence(rng: np.random.Generator, length_s: float) -> NDArray[np.float64]:
    return np.zeros(round(length_s * RATE_HZ))


@pytest.mark.parametrize("sound", [_drone, _syllables, _click, _noise, _silence])
@pytest.mark.parametrize("seed", [0, 1])
def test_nothing_is_found_where_nothing_beats(sound, seed: int) -> None:
    found = heard(sound(np.random.default_rng(seed), 30.0))
    assert found.bpm is None
    assert (found.confidence, found.stability, found.beats_per_bar) == (0.0, 0.0, 4)
    assert len(found.beats_s) == len(found.downbeats) == 0


@pytest.mark.parametrize("frames", [0, 1, 2, 50, 399, 400, 500])
def test_short_inputs_are_finite(frames: int) -> None:
    rng = np.random.default_rng(frames)
    chroma = rng.random((round(frames * TONE_FPS / ONSET_FPS), 12)).astype(np.float32)
    found = track(rng.gamma(1.0, 2.0, (5, frames)).astype(np.float32), chroma)
    assert 0.0 <= found.confidence <= 1.0
    assert (found.bpm is None) == (len(found.beats_s) == 0)


def test_practice_songs_have_their_tempo() -> None:
    """Thirteen styles, one song each, of seeds that took no part in the fit: at most one wrong, none by 3 : 2."""
    ratios = []
    for index, style in enumerate(list(STYLES)[::4]):
        song = practice_songs.make(700_000 + index, style, longest_s=50.0)
        ratios.append((heard(song.audio).bpm or 0.0) / song.bpm)
    right = np.abs(np.array(ratios) - 1) < 0.02
    octave = np.any([np.abs(np.array(ratios) / f - 1) < 0.02 for f in OCTAVES], axis=0)
    assert right.sum() >= len(ratios) - 1
    assert octave.all()
