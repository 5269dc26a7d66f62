"""Names of sections, from hand-made labels and intensities, and of the demo song."""

from __future__ import annotations

from hearing_rig import timeline_of

from livemaster.analysis.labels import names_of
from livemaster.analysis.onsets import flux
from livemaster.analysis.sections import find_sections
from livemaster.analysis.tempo import track


def test_the_most_intense_repeated_music_is_the_chorus_and_what_repeats_before_it_the_verse() -> None:
    names = names_of([0, 1, 2, 1, 2, 3, 2, 0], [0.2, 0.5, 0.8, 0.5, 0.8, 0.6, 0.8, 0.2])
    assert names == ("Intro", "Verse 1", "Chorus 1", "Verse 2", "Chorus 2", "Bridge", "Chorus 3", "Outro")


def test_a_song_with_a_verse_has_choruses_and_no_drops_however_great_the_leap() -> None:
    assert names_of([0, 1, 0, 1], [0.2, 0.9, 0.2, 0.9]) == ("Verse 1", "Chorus 1", "Verse 2", "Chorus 2")


def test_music_that_leaps_up_without_a_verse_before_it_is_a_drop() -> None:
    assert names_of([0, 1, 2, 1, 3], [0.3, 0.95, 0.2, 0.95, 0.3]) == ("Intro", "Drop 1", "Break", "Drop 2", "Outro")


def test_what_comes_once_before_the_first_chorus_is_neither_verse_nor_break() -> None:
    for intensity in (0.2, 0.6):
        assert names_of([0, 1, 2, 3, 2], [0.3, intensity, 0.8, 0.5, 0.8])[1] == "A"


def test_an_opening_and_an_ending_as_intense_as_the_chorus_are_letters() -> None:
    assert names_of([0, 1, 2, 1, 3], [0.8, 0.8, 0.2, 0.8, 0.8]) == ("A", "Chorus 1", "Break", "Chorus 2", "B")


def test_equally_intense_music_and_music_that_never_repeats_are_letters() -> None:
    assert names_of([0, 1, 0, 1], [0.6, 0.6, 0.6, 0.6]) == ("A", "B", "A", "B")
    assert names_of([0, 1, 2], [0.2, 0.9, 0.3]) == ("A", "B", "C")


def test_no_verse_of_the_demo_song_is_named_chorus_and_no_chorus_verse(demo_song) -> None:
    timeline = timeline_of(demo_song.audio)
    found = find_sections(timeline, track(flux(timeline.onset_bands_db), timeline.chroma))
    for true in demo_song.arrangement["structure"]:
        kind = true["section"].split()[0]
        wrong = {"Verse": "Chorus", "Chorus": "Verse"}.get(kind)
        middle_s = 0.5 * (true["start"] + true["end"])
        name = next(each.name for each in found if each.start_s <= middle_s < each.end_s)
        assert name.split()[0] != wrong
