"""Sections: where they begin, what repeats, and when there is only one."""

from __future__ import annotations

import needs
import not_music
import numpy as np
import practice_arrangements
import pytest
from agreement import f_measure
from hearing_rig import timeline_of
from numpy.typing import NDArray

from livemaster.analysis.onsets import flux
from livemaster.analysis.partition import Division
from livemaster.analysis.repetition import _joined
from livemaster.analysis.sections import MOST_SECTIONS, FoundSection, _surest, find_sections
from livemaster.analysis.tempo import track
from livemaster.planning.schema import MAX_SECTIONS

RATE_HZ = 44_100

Sound = NDArray[np.floating]


def sections_of(sound: Sound) -> tuple[FoundSection, ...]:
    timeline = timeline_of(sound)
    return find_sections(timeline, track(flux(timeline.onset_bands_db), timeline.chroma))


def loop(notes: tuple[int, ...], seconds: float, hiss: float, seed: int) -> Sound:
    """A chord struck twice a second at 120 bpm with a hat between, as plain as can be."""
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    hz = [440.0 * 2.0 ** ((note - 69) / 12.0) for note in notes]
    tone = sum(np.sin(2.0 * np.pi * f * k * time_s) / k**1.5 for f in hz for k in range(1, 6))
    noise = np.random.default_rng(seed).standard_normal(len(time_s)) * np.exp(-((time_s + 0.25) % 0.5) / 0.03)
    return 0.04 * np.asarray(tone) * np.exp(-(time_s % 0.5) / 0.3) + hiss * noise


A, B = ((48, 60, 64, 67), 0.02), ((41, 57, 72, 84), 0.1)


def piece(*parts: tuple[tuple[int, ...], float], seconds: float = 16.0) -> Sound:
    return np.concatenate([loop(notes, seconds, hiss, k) for k, (notes, hiss) in enumerate(parts)])


def test_an_obvious_boundary_is_exact() -> None:
    found = sections_of(piece(A, B))
    assert [each.start_s for each in found] == pytest.approx([0.0, 16.0], abs=0.1)


def test_what_comes_back_shares_its_label() -> None:
    found = sections_of(piece(A, B, A, B))
    assert [each.start_s for each in found] == pytest.approx([0.0, 16.0, 32.0, 48.0], abs=0.5)
    assert found[0].label == found[2].label != found[1].label == found[3].label


def test_sections_cover_the_track_without_gaps(demo_song) -> None:
    found = sections_of(demo_song.audio)
    assert found[0].start_s == 0.0
    assert found[-1].end_s == pytest.approx(demo_song.audio.shape[1] / RATE_HZ)
    assert [each.end_s for each in found[:-1]] == [each.start_s for each in found[1:]]
    assert all(each.end_s > each.start_s and 0.0 <= each.confidence <= 1.0 and each.name for each in found)


def test_the_demo_songs_boundaries_are_found(demo_song) -> None:
    true_s = [each["start"] for each in demo_song.arrangement["structure"][1:]]
    found_s = [each.start_s for each in sections_of(demo_song.audio)[1:]]
    assert f_measure(found_s, true_s, 3.0) >= 0.8


@pytest.mark.parametrize("gain_db", [-20.0, -7.0])
def test_overall_gain_changes_nothing(gain_db: float, demo_song) -> None:
    plain, quiet = (sections_of(demo_song.audio * gain) for gain in (1.0, 10.0 ** (gain_db / 20.0)))
    assert [each.name for each in quiet] == [each.name for each in plain]
    assert [each.start_s for each in quiet] == pytest.approx([each.start_s for each in plain], abs=0.02)


@pytest.mark.parametrize(
    "sound",
    [
        0.1 * np.sin(2.0 * np.pi * 110.0 * np.arange(60 * RATE_HZ) / RATE_HZ),
        0.1 * np.random.default_rng(4).standard_normal(60 * RATE_HZ),
        loop(*A[:1], 60.0, A[1], 1),
        loop(*A[:1], 8.0, A[1], 1),
        np.zeros(30 * RATE_HZ),
        np.zeros(1),
    ],
    ids=["drone", "noise", "one-loop", "short", "silence", "one-frame"],
)
def test_what_does_not_change_is_one_section(sound: Sound) -> None:
    assert len(sections_of(sound)) == 1


@pytest.mark.parametrize("seed", range(6))
def test_speech_is_one_section_without_a_beat(seed: int) -> None:
    timeline = timeline_of(not_music.reading(seed, needs.espeak()))
    tempo = track(flux(timeline.onset_bands_db), timeline.chroma)
    assert tempo.bpm is None
    assert [each.name for each in find_sections(timeline, tempo)] == ["Track"]


def test_practice_songs_boundaries_are_found() -> None:
    """The published figures come from held-out songs, in the benchmarks; this holds that nothing broke."""
    near, far = [], []
    for seed in range(200, 210):
        song = practice_arrangements.make(seed)
        found_s = [each.start_s for each in sections_of(song.audio)[1:]]
        true_s = [each.start_s for each in song.sections[1:]]
        near.append(f_measure(found_s, true_s, 0.5))
        far.append(f_measure(found_s, true_s, 3.0))
    assert np.mean(near) >= 0.6
    assert np.mean(far) >= 0.7


def test_long_tracks_keep_their_surest_boundaries() -> None:
    odds = np.random.default_rng(0).normal(0.0, 2.0, 600)
    kept = _surest(Division(np.arange(600) * 8, odds))
    assert len(kept.starts) == MOST_SECTIONS - 1 < MAX_SECTIONS
    assert np.all(np.diff(kept.starts) > 0)
    assert kept.odds.min() == np.sort(odds)[-len(kept.odds)]


@pytest.mark.parametrize("seed", range(20))
def test_labels_join_what_is_most_alike_on_average(seed: int) -> None:
    """Against a twin that forms every mean anew."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(0.5, 1.0, (12, 12))
    odds = odds + odds.T
    clusters = [[k] for k in range(len(odds))]
    while len(clusters) > 1:
        pairs = [(odds[np.ix_(a, b)].mean(), i, j) for j, b in enumerate(clusters) for i, a in enumerate(clusters[:j])]
        least, i, j = min(pairs)
        if least >= 0.0:
            break
        clusters[i] += clusters.pop(j)
    ordered = sorted(clusters, key=min)
    assert _joined(odds) == [next(n for n, each in enumerate(ordered) if k in each) for k in range(len(odds))]
