"""The demo song is repeatable, fits its maps, and measures like a mix that awaits mastering."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile
from conftest import ROOT, DemoSong
from demo_composition import BASS_ROOTS, BPM, CHORDS, FORM, MELODIES, Song
from make_demo_song import MIX, make_song

D_MINOR = {2, 4, 5, 7, 9, 10, 0}
PITCH_CLASSES = {"C": 0, "D": 2, "F": 5, "G": 7, "A": 9, "Bb": 10}
EMOTIONS = {"powerful", "bright", "dark", "reflective", "dreamy", "calm"}


def loudness_lufs(demo: DemoSong, audio: np.ndarray) -> float:
    meter = pyloudnorm.Meter(demo.rate_hz, filter_class="DeMan")
    return float(meter.integrated_loudness(audio.T.astype(np.float64)))


def test_another_process_writes_the_same_song(demo_song: DemoSong, tmp_path: Path) -> None:
    script = ROOT / "examples" / "make_demo_song.py"
    subprocess.run([sys.executable, script, tmp_path / "demo"], check=True, capture_output=True)
    with soundfile.SoundFile(tmp_path / "demo" / "song.wav") as file:
        assert (file.subtype, file.samplerate, file.channels) == ("PCM_24", 44100, 2)
        written = file.read(dtype="int32") >> 8
    assert np.array_equal(written, np.rint(demo_song.audio.T.astype(np.float64) * 2**23))
    for name, expected in (
        ("arrangement.json", demo_song.arrangement),
        ("emotion_graph.json", demo_song.emotion_graph),
    ):
        assert json.loads((tmp_path / "demo" / name).read_text("utf-8")) == expected


def test_the_seed_decides_the_performance() -> None:
    first, again, other = (make_song(seed, rate_hz=8000)[0] for seed in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_it_is_75_seconds_of_stereo(demo_song: DemoSong) -> None:
    assert demo_song.audio.dtype == np.float32
    assert demo_song.audio.shape == (2, 75 * 44100)
    assert demo_song.audio.flags.c_contiguous
    assert np.isfinite(demo_song.audio).all()


def test_sections_are_whole_bars_and_fill_the_song(demo_song: DemoSong) -> None:
    structure = demo_song.arrangement["structure"]
    assert [entry["section"].split()[0] for entry in structure] == [
        *("Intro", "Verse", "Chorus", "Verse", "Chorus", "Bridge", "Outro")
    ]
    starts = [entry["start"] for entry in structure]
    assert [*starts, 75.0] == [0.0, *(entry["end"] for entry in structure)]
    for entry in structure:
        assert entry["end"] - entry["start"] == pytest.approx(entry["bars"] * 4 * 60 / BPM, abs=1e-9)


def test_emotion_curve_is_ordered_and_in_range(demo_song: DemoSong) -> None:
    curve = demo_song.emotion_graph["curve"]
    times = [point["time"] for point in curve]
    assert times == sorted(set(times))
    assert times[0] == 0.0
    assert times[-1] <= 75.0
    assert {point["emotion"] for point in curve} == EMOTIONS
    assert all(0.0 <= point["intensity"] <= 1.0 for point in curve)


def test_it_measures_like_an_unmastered_mix(demo_song: DemoSong) -> None:
    peak_dbfs = 20 * np.log10(np.abs(demo_song.audio).max())
    assert -6.0 <= peak_dbfs <= -3.0
    assert -20.0 <= loudness_lufs(demo_song, demo_song.audio) <= -18.0
    left, right = demo_song.audio
    assert 0.4 <= np.corrcoef(left, right)[0, 1] <= 0.9
    assert np.abs(demo_song.audio.mean(axis=1)).max() < 1e-3
    assert np.abs(demo_song.audio[:, -1]).max() < 1e-6


def test_sections_differ_in_loudness_as_a_song_does(demo_song: DemoSong) -> None:
    intro, verse_1, chorus_1, verse_2, chorus_2, bridge, outro = (
        loudness_lufs(demo_song, demo_song.section(index)) for index in range(len(FORM))
    )
    assert min(chorus_1, chorus_2) - max(verse_1, verse_2) > 2.0
    assert min(verse_1, verse_2) - max(intro, outro) > 2.0
    assert chorus_2 - bridge > 2.0


def test_every_note_is_in_d_minor_and_the_bass_plays_the_roots() -> None:
    sung = {note for phrases in MELODIES.values() for phrase in phrases for _, _, note in phrase}
    played = {note for chord in CHORDS.values() for note in chord}
    assert {note % 12 for note in sung | played} <= D_MINOR
    for chord, root in BASS_ROOTS.items():
        assert root % 12 == PITCH_CLASSES[chord.removesuffix("m")]
        assert root % 12 in {note % 12 for note in CHORDS[chord]}


def test_the_arrangement_names_what_is_played() -> None:
    """An instrument sounds above −50 dBFS after a section's first second exactly where the map lists it."""
    rate_hz = 8000
    heard: dict[str, set[str]] = {section.name: set() for section in FORM}
    for channel in MIX:
        song = Song(rate_hz, np.random.default_rng(0))
        track = channel.part(song) * channel.gain
        first_bar = 0
        for section in FORM:
            start, end = song.frame(4 * first_bar) + rate_hz, song.frame(4 * (first_bar + section.bars))
            first_bar += section.bars
            if np.sqrt(np.mean(track[:, start : end - rate_hz // 100] ** 2)) > 10 ** (-50 / 20):
                heard[section.name].add(channel.part.__name__)
    for section in FORM:
        assert heard[section.name] - {"fills"} == set(section.instruments.split())
