"""The held-out songs are what they say: repeatable, on their beat, true to their sections, broad in tempo and style."""

from __future__ import annotations

from itertools import islice, pairwise

import heldout_songs
import numpy as np
import pieces
import pytest
from heldout_drummer import FILL_DRUMS
from heldout_form import BARS
from heldout_kit import KITS, draw_kit, stroke
from heldout_mixdown import CEILING
from heldout_score import Event, onsets
from heldout_songs import Song, make, outline, tempo_of, written
from heldout_styles import STYLES
from heldout_tones import INSTRUMENTS, RATE_HZ, REFERENCE_RMS, note

EQUAL = (10, 1004)
BY_INTENSITY = (1, 1005)
TEMPO_SET = range(200)
EQUAL_WITHIN_LU = 1.0
CLEARLY = 0.15
"""A difference of intensity that must be heard as one of loudness: at the least contrast it is 0.75 LU less 0.5."""


@pytest.fixture(scope="module")
def songs() -> dict[int, Song]:
    return {seed: make(seed) for seed in (*EQUAL, *BY_INTENSITY)}


def loudnesses_lufs(song: Song) -> list[float]:
    """The loudness of each section, by a meter that the generator does not use."""
    edges = [round(s.start_s * RATE_HZ) for s in song.sections] + [song.audio.shape[1]]
    return [pieces.lufs(song.audio[:, start:end], RATE_HZ) for start, end in pairwise(edges)]


def rank_correlation(x: list[float], y: list[float]) -> float:
    return float(np.corrcoef(np.argsort(np.argsort(x)), np.argsort(np.argsort(y)))[0, 1])


def test_a_seed_always_gives_the_same_song(songs: dict[int, Song]) -> None:
    again = make(1)
    np.testing.assert_array_equal(again.audio, songs[1].audio)
    np.testing.assert_array_equal(again.beats_s, songs[1].beats_s)
    assert again.sections == songs[1].sections


def test_audio_is_stereo_finite_and_below_one(songs: dict[int, Song]) -> None:
    for song in songs.values():
        assert song.audio.shape[0] == 2
        assert song.audio.dtype == np.float32
        assert 60.0 <= song.audio.shape[1] / RATE_HZ <= 112.0
        assert np.isfinite(song.audio).all()
        assert 0.05 < np.abs(song.audio).max() <= CEILING + 1e-6
        assert np.abs(song.audio[0] - song.audio[1]).max() > 0.01


def test_beats_keep_the_tempo(songs: dict[int, Song]) -> None:
    for song in songs.values():
        intervals_s = np.diff(song.beats_s)
        assert intervals_s.mean() == pytest.approx(60.0 / song.bpm, rel=1e-3)
        assert np.abs(intervals_s * song.bpm / 60.0 - 1.0).max() < 0.011
        assert song.beats_s[0] > 0.0
        assert song.beats_s[-1] < song.sections[-1].end_s
        np.testing.assert_array_equal(song.downbeats_s, song.beats_s[:: song.beats_per_bar])


def test_sections_cover_the_track_in_whole_bars(songs: dict[int, Song]) -> None:
    for song in songs.values():
        assert song.sections[0].start_s == 0.0
        assert song.sections[-1].end_s == song.audio.shape[1] / RATE_HZ
        assert all(a.end_s == b.start_s for a, b in pairwise(song.sections))
        assert {s.start_s for s in song.sections[1:]} <= set(song.downbeats_s.tolist())
        inside = [np.sum((song.downbeats_s >= s.start_s) & (song.downbeats_s < s.end_s)) for s in song.sections]
        assert set(inside) <= set(BARS)
        assert len({(s.name, s.label) for s in song.sections}) == len({s.label for s in song.sections})


def test_strokes_fall_where_the_beats_say(songs: dict[int, Song]) -> None:
    """Energy rises at the drummed beats more than anywhere between them."""
    song = songs[10]
    power = np.convolve(song.audio.mean(axis=0) ** 2, np.ones(441) / 441, "same")
    rise = np.maximum(np.diff(np.log(power[::441] + 1e-9)), 0.0)
    at = np.round(song.beats_s * 100).astype(int)
    on = np.max([rise[at + k] for k in (-1, 0, 1)], axis=0).mean()
    off = np.max([rise[at + k + round(15 / song.bpm * 100)] for k in (-1, 0, 1)], axis=0).mean()
    assert on > 2.0 * off


@pytest.mark.parametrize("seed", EQUAL)
def test_equally_loud_sections_are(songs: dict[int, Song], seed: int) -> None:
    assert songs[seed].equal_loudness
    assert np.ptp(loudnesses_lufs(songs[seed])) < EQUAL_WITHIN_LU


@pytest.mark.parametrize("seed", BY_INTENSITY)
def test_elsewhere_intensity_orders_loudness(songs: dict[int, Song], seed: int) -> None:
    song = songs[seed]
    heard = list(zip(song.sections, loudnesses_lufs(song), strict=True))
    pairs = [(a, b) for a, la in heard for b, lb in heard if a.intensity > b.intensity + CLEARLY and la <= lb]
    assert not song.equal_loudness
    assert pairs == []


def onsets_a_beat(events: list[Event], first_beat: int, last_beat: int) -> float:
    inside = {(e.part, e.sound, round(e.beat, 3)) for e in events if first_beat <= e.beat < last_beat}
    return len(inside) / (last_beat - first_beat)


def test_intensity_drives_density() -> None:
    """The more intense a section, the more is struck and plucked in a beat: ranked alike in nearly all songs."""
    correlations = []
    for seed in range(1000, 1050):
        o = outline(seed)
        events = written(o.style, o.planned, o.rng)
        edges = [s.first_bar * o.style.beats for s in o.planned] + [len(o.times_s) - 1]
        density = [onsets_a_beat(events, start, end) for start, end in pairwise(edges)]
        correlations.append(rank_correlation([s.intensity for s in o.planned], density))
    assert np.median(correlations) > 0.75
    assert np.mean(np.array(correlations) > 0.3) > 0.9


def test_the_tempo_set_covers_60_to_200_bpm_evenly() -> None:
    tempi = [tempo_of(seed) for seed in TEMPO_SET]
    counts, _ = np.histogram(tempi, bins=14, range=(60.0, 200.0))
    assert counts.sum() == len(TEMPO_SET)
    assert counts.min() >= 12


def test_the_tempo_set_has_many_styles_and_metres_each_in_its_region() -> None:
    outlines = [outline(seed) for seed in TEMPO_SET]
    assert all(o.style.tempo_bpm[0] <= o.bpm <= o.style.tempo_bpm[1] for o in outlines)
    assert {o.style.name for o in outlines} == {style.name for style in STYLES}
    assert {o.style.beats for o in outlines} == {2, 3, 4, 5}
    commonest = max(sum(o.style.name == style.name for o in outlines) for style in STYLES)
    assert commonest <= len(outlines) // 6


def test_forms_vary() -> None:
    plans = [outline(seed).planned for seed in range(1000, 1100)]
    assert len({tuple(s.name for s in planned) for planned in plans}) >= 15
    assert {len(planned) for planned in plans} >= {3, 4, 5, 6, 7, 8}
    announced = [bool(s.cues) for planned in plans for s in planned[1:]]
    assert 0.3 < np.mean(announced) < 0.85


def test_every_style_can_be_played() -> None:
    for style in STYLES:
        rhythms = [r for line in style.drums for r in line.rhythms] + [*style.bass, *style.comp, *style.arp]
        assert all(len(r.split("|")) == style.beats and list(onsets(r)) for r in rhythms), style.name
        assert {name for names in style.band.values() for name in names} <= set(INSTRUMENTS)
        assert set(style.kits) <= set(KITS)


def test_every_drum_sounds_and_dies_away() -> None:
    kit = draw_kit("rock", 0.0, np.random.default_rng(1))
    drums = {line.drum for style in STYLES for line in style.drums} | {d for drums in FILL_DRUMS for d in drums}
    for drum in sorted(drums | {"crash"}):
        wave = stroke(drum, kit, 0)
        assert np.isfinite(wave).all()
        assert 0.02 < np.abs(wave).max() < 2.5, drum
        assert np.abs(wave[-64:]).max() < 0.1 * np.abs(wave).max(), drum


@pytest.mark.parametrize("name", sorted(INSTRUMENTS))
def test_every_instrument_is_in_tune(name: str) -> None:
    """The strongest partial lies on the note's harmonic series, an octave below it, or on a power chord's fifth."""
    wave = note(name, 57, 1.0, 0.5, 0.0)
    assert np.sqrt(np.mean(wave[: RATE_HZ // 2] ** 2)) == pytest.approx(REFERENCE_RMS, rel=1e-3)
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave)), 8 * RATE_HZ))
    ratio = np.argmax(spectrum) / 8.0 / 220.0
    assert min(abs(12 * np.log2(ratio / r)) for r in (0.5, 1.0, 1.498, *range(2, 12))) < 0.2


def test_long_term_spectra_fall_as_music_does(songs: dict[int, Song]) -> None:
    """Third-octave bands fall by 0.5 to 5 dB an octave from 100 Hz to 10 kHz, and the bass carries its share."""
    for song in songs.values():
        mono = song.audio.mean(axis=0)
        blocks = mono[: len(mono) // 8192 * 8192].reshape(-1, 8192) * np.hanning(8192)
        power = np.mean(np.abs(np.fft.rfft(blocks, axis=1)) ** 2, axis=0)
        hz = np.fft.rfftfreq(8192, 1.0 / RATE_HZ)
        centres_hz = 100.0 * 2.0 ** (np.arange(21) / 3.0)
        bands_db = [10 * np.log10(power[(hz >= c * 2 ** (-1 / 6)) & (hz < c * 2 ** (1 / 6))].sum()) for c in centres_hz]
        slope_db = np.polyfit(np.log2(centres_hz), bands_db, 1)[0]
        assert -5.0 < slope_db < -0.5
        assert power[(hz > 30) & (hz < 150)].sum() > 0.1 * power.sum()


def test_the_two_sets_are_the_songs_of_their_seeds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heldout_songs, "make", lambda seed: seed)
    assert list(islice(heldout_songs.tempo_songs(), 3)) == [0, 1, 2]
    assert len(list(heldout_songs.tempo_songs())) == 200
    arranged = list(heldout_songs.arranged_songs())
    assert len(arranged) == 200
    assert sum(seed % 2 == 0 for seed in arranged) == 100
    assert set(arranged).isdisjoint(heldout_songs.tempo_songs())
