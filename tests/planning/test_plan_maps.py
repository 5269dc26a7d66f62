"""Arrangement and emotion maps in every form, and every way in which they can be wrong."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livemaster.errors import SettingsError
from livemaster.planning import (
    ArrangementMap,
    EmotionMap,
    MasterSettings,
    SectionTimeline,
    Span,
    arrangement_timeline,
    section_emotion,
    settings_timeline,
)

DURATION_S = 60.0


def timeline(*structure: dict[str, Any], duration_s: float = DURATION_S, **more: Any) -> SectionTimeline:
    data = {"structure": list(structure), **more}
    return arrangement_timeline(ArrangementMap.parse(data, "a.json"), duration_s)


def edges(*structure: dict[str, Any], **more: Any) -> list[tuple[float, float]]:
    return [(span.start, span.end) for span in timeline(*structure, **more).spans]


A, B, C = ({"section": name} for name in "ABC")


# --- the forms of times ------------------------------------------------------------------------------


def test_times_from_start_and_end() -> None:
    result = timeline(A | {"start": 0, "end": 20}, B | {"start": 20, "end": 60})
    assert result == SectionTimeline((Span("A", 0.0, 20.0), Span("B", 20.0, 60.0)), ())


def test_times_from_start_alone() -> None:
    assert edges(A | {"start": 0}, B | {"start": 15}, C | {"start": 40}) == [(0, 15), (15, 40), (40, 60)]


def test_times_from_end_alone() -> None:
    assert edges(A | {"end": 20}, B | {"end": 60}) == [(0, 20), (20, 60)]


def test_times_from_start_and_duration() -> None:
    structure = (A | {"start": 0, "duration": 20}, B | {"start": 20, "duration": 40})
    assert edges(*structure) == [(0, 20), (20, 60)]


def test_times_from_durations() -> None:
    structure = (A | {"duration": 10}, B | {"duration": 30}, C | {"duration": 20})
    assert edges(*structure) == [(0, 10), (10, 40), (40, 60)]


def test_times_from_bars_and_bpm() -> None:
    """Four beats a bar: at 120 bpm a bar lasts 2 s."""
    assert edges(A | {"bars": 10}, B | {"bars": 20}, bpm=120) == [(0, 20), (20, 60)]


def test_equal_parts_without_any_times() -> None:
    assert edges(A, B, C) == [(0, 20), (20, 40), (40, 60)]


def test_bars_without_bpm_are_equal_parts_and_said() -> None:
    result = timeline(A | {"bars": 10}, B | {"bars": 20})
    assert [span.end for span in result.spans] == [30.0, 60.0]
    assert result.notes == ("a.json: bars give no times because there is no bpm",)


def test_start_and_end_stand_above_durations_and_those_above_bars() -> None:
    both = {"start": 0, "end": 20, "duration": 5, "bars": 1}
    assert edges(A | both, B | {"start": 20}, bpm=120)[0] == (0, 20)
    assert edges(A | {"duration": 25, "bars": 1}, B | {"bars": 17.5}, bpm=120) == [(0, 25), (25, 60)]


def test_the_last_of_several_durations_may_be_missing() -> None:
    assert edges(A | {"duration": 10}, B) == [(0, 10), (10, 60)]


def test_other_facts_are_kept() -> None:
    data = {
        "bpm": 120,
        "key": "C minor",
        "structure": [A | {"energy": 0.3, "instruments": ["pad", "bass"], "transition": "riser"}],
    }
    arrangement = ArrangementMap.parse(data)
    entry = arrangement.structure[0]
    assert (arrangement.bpm, arrangement.key) == (120, "C minor")
    assert (entry.energy, entry.instruments, entry.transition) == (0.3, ("pad", "bass"), "riser")


# --- covering the whole track ------------------------------------------------------------------------


def test_gaps_go_to_the_section_before_and_are_said() -> None:
    result = timeline(A | {"start": 2, "end": 20}, B | {"start": 25, "end": 50})
    assert result.spans == (Span("A", 0.0, 25.0), Span("B", 25.0, 60.0))
    assert result.notes == (
        "a.json: 0.00 to 2.00 s belongs to no section; 'A' takes it",
        "a.json: 20.00 to 25.00 s belongs to no section; 'A' takes it",
        "a.json: 50.00 to 60.00 s belongs to no section; 'B' takes it",
    )


def test_rounding_is_closed_silently() -> None:
    result = timeline(A | {"start": 0.004, "end": 20.004}, B | {"start": 19.999, "end": 30}, C | {"end": 59.995})
    assert result.notes == ()
    assert [span.start for span in result.spans] == [0.0, 20.004, 30.0]
    assert result.spans[-1].end == DURATION_S


def test_an_end_up_to_one_second_late_is_cut_and_said() -> None:
    result = timeline(A | {"start": 0, "end": 30}, B | {"start": 30, "end": 60.9})
    assert result.spans[-1].end == DURATION_S
    assert result.notes == ("a.json: 'B' ends at 60.90 s, cut to the track's 60.00 s",)


@given(
    st.lists(st.floats(0.5, 30), min_size=1, max_size=12),
    st.lists(st.floats(0, 5), min_size=12, max_size=12),
    st.floats(0, 20),
)
def test_spans_always_cover_the_whole_track_in_order(lengths: list[float], gaps: list[float], rest_s: float) -> None:
    structure, at = [], 0.0
    for length, gap in zip(lengths, gaps, strict=False):
        structure.append(A | {"start": at + gap, "end": at + gap + length})
        at += gap + length
    spans = timeline(*structure, duration_s=at + rest_s).spans
    assert spans[0].start == 0.0
    assert spans[-1].end == at + rest_s
    assert all(first.end == second.start for first, second in pairwise(spans))
    assert all(span.end > span.start for span in spans)


# --- what is refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("structure", "message"),
    [
        ([], "structure has 0 entries, allowed are at least 1"),
        (None, "structure is null, a list is wanted"),
        ([3], "structure[0] is 3, an object is wanted"),
        ([{}], "structure[0].section is missing"),
        ([A | {"start": -3}], "structure[0].start is -3, allowed are 0 to 86400 s"),
        ([A | {"duration": -3}], "structure[0].duration is -3, allowed are 0 to 86400 s"),
        ([A | {"bars": -1}], "structure[0].bars is -1, allowed are 0 to 10000 bars"),
        ([A | {"start": "0:10"}], 'structure[0].start is "0:10", a number is wanted'),
        ([A | {"energy": 1.2}], "structure[0].energy is 1.2, allowed are 0 to 1"),
        ([A | {"strat": 1}], "structure[0]: unknown key \"strat\", did you mean 'start'?"),
        ([A] * 257, "structure has 257 entries, allowed are at most 256"),
        (
            [A | {"start": 0, "end": 30}, B | {"start": 20, "end": 60}],
            "structure[1] 'B' starts at 20 s, but 'A' ends at 30 s: sections must not overlap",
        ),
        (
            [A | {"start": 30, "end": 60}, B | {"start": 0, "end": 30}],
            "structure[1] 'B' starts at 0 s, before the one in front (30 s): sections must be in order",
        ),
        (
            [A | {"start": 30, "end": 20}],
            "structure[0] 'A' starts at 30 s and ends at 20 s, it must end later than it starts",
        ),
        (
            [A | {"duration": 0}],
            "structure[0] 'A' starts at 0 s and ends at 0 s, it must end later than it starts",
        ),
        (
            [A | {"start": 0, "end": 61.5}],
            "structure[0] 'A' ends at 61.5 s, allowed are up to 1 s after the track's end at 60.00 s",
        ),
        ([A | {"start": 0, "end": 60}, B], "structure[1] 'B' starts at 60 s, but the track ends at 60.00 s"),
        ([A | {"start": 75, "end": 80}], "structure[0] 'A' starts at 75 s, but the track ends at 60.00 s"),
        (
            [A, B, C | {"start": 50}],
            "structure[0] 'A' has no end, duration or bars, and the next section has no start",
        ),
    ],
)
def test_each_fault_of_an_arrangement_has_its_one_line(structure: Any, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        arrangement_timeline(ArrangementMap.parse({"structure": structure}, "a.json"), DURATION_S)
    assert str(caught.value) == f"a.json: {message}"


def test_bars_too_long_for_the_track_are_refused() -> None:
    with pytest.raises(SettingsError, match=r"structure\[0\] 'A' ends at 62 s, allowed are up to 1 s after"):
        timeline(A | {"bars": 31}, bpm=120)


# --- sections of a settings file ---------------------------------------------------------------------


def test_sections_without_times_are_equal_parts() -> None:
    settings = MasterSettings.parse({"sections": [A, B, C]})
    assert settings_timeline(settings, 60.0).spans == (Span("A", 0, 20), Span("B", 20, 40), Span("C", 40, 60))


def test_sections_with_times_are_checked_like_an_arrangement() -> None:
    settings = MasterSettings.parse({"sections": [A | {"end": 30}, B | {"start": 20}]}, "s.json")
    with pytest.raises(SettingsError) as caught:
        settings_timeline(settings, 60.0)
    message = "s.json: sections[1] 'B' starts at 20 s, but 'A' ends at 30 s: sections must not overlap"
    assert str(caught.value) == message


def test_settings_without_sections_are_one_over_the_whole_track() -> None:
    assert settings_timeline(MasterSettings(), 60.0).spans == (Span("Track", 0.0, 60.0),)


# --- emotion -----------------------------------------------------------------------------------------


def emotion(*curve: dict[str, Any]) -> EmotionMap:
    return EmotionMap.parse({"curve": list(curve)}, "e.json")


def point(time: float | None, name: str, intensity: float | None) -> dict[str, Any]:
    data = {"time": time, "emotion": name, "intensity": intensity}
    return {key: value for key, value in data.items() if value is not None}


def test_intensity_is_the_mean_over_time_of_the_line_between_points() -> None:
    ramp = emotion(point(10, "calm", 0.0), point(30, "powerful", 1.0))
    assert section_emotion(ramp, Span("x", 10, 30), 0).intensity == 0.5
    assert section_emotion(ramp, Span("x", 10, 20), 0).intensity == 0.25
    assert section_emotion(ramp, Span("x", 0, 20), 0).intensity == 0.125
    assert section_emotion(ramp, Span("x", 20, 40), 0).intensity == 0.875
    assert section_emotion(ramp, Span("x", 0, 5), 0).intensity == 0.0
    assert section_emotion(ramp, Span("x", 40, 50), 0).intensity == 1.0


def test_two_points_at_one_time_are_a_step() -> None:
    step = emotion(point(0, "calm", 0.2), point(10, "calm", 0.2), point(10, "dark", 0.8), point(20, "dark", 0.8))
    assert section_emotion(step, Span("x", 0, 10), 0) == ("calm", 0.2)
    assert section_emotion(step, Span("x", 10, 20), 1) == ("dark", 0.8)
    assert section_emotion(step, Span("x", 5, 15), 1).intensity == 0.5


def test_the_emotion_that_lasts_longest_names_the_section() -> None:
    """Each point's emotion lasts until the next point."""
    graph = emotion(point(0, "calm", 0.1), point(12, "bright", 0.5), point(20, "powerful", 0.9))
    assert [section_emotion(graph, Span("x", *at), 0).name for at in ((0, 20), (10, 20), (15, 40), (19, 20))] == [
        "calm",
        "bright",
        "powerful",
        "bright",
    ]
    assert section_emotion(emotion(point(30, "dark", 0.4)), Span("x", 0, 10), 0) == ("dark", 0.4)


def test_without_times_every_twentieth_point_is_taken_in_turn() -> None:
    curve = [point(None, f"e{k}", k / 100) for k in range(50)]
    graph = emotion(*curve)
    taken = [section_emotion(graph, Span("x", 0, 1), index) for index in range(5)]
    assert taken == [("e0", 0.0), ("e20", 0.2), ("e40", 0.4), ("e0", 0.0), ("e20", 0.2)]


def test_up_to_twenty_points_without_times_give_every_section_the_first() -> None:
    graph = emotion(point(None, "calm", 0.3), point(None, "dark", 0.6))
    assert [section_emotion(graph, Span("x", 0, 1), k) for k in range(3)] == [("calm", 0.3)] * 3


def test_a_name_alone_gives_the_intensity_of_its_target() -> None:
    graph = emotion(point(0, "Powerful", None))
    assert section_emotion(graph, Span("x", 0, 9), 0) == ("Powerful", 1.0)
    assert section_emotion(emotion(point(0, "reflective", None)), Span("x", 0, 9), 0).intensity == 0.5


points = st.lists(st.tuples(st.floats(0, 100), st.floats(0, 1)), min_size=1, max_size=8)


@given(points, st.floats(0, 99), st.floats(0.1, 60))
def test_means_agree_with_a_fine_sum_and_stay_within_the_points(
    raw: list[tuple[float, float]], start: float, length: float
) -> None:
    raw = sorted(raw, key=lambda each: each[0])
    graph = emotion(*(point(time, "calm", value) for time, value in raw))
    mean = section_emotion(graph, Span("x", start, start + length), 0).intensity
    values = [value for _, value in raw]
    assert min(values) - 1e-9 <= mean <= max(values) + 1e-9
    halves = [section_emotion(graph, Span("x", a, a + length / 2), 0).intensity for a in (start, start + length / 2)]
    assert abs(mean - sum(halves) / 2) < 2e-9


@given(st.floats(0, 1), st.floats(0, 50), st.floats(0.1, 50))
def test_a_constant_stays_itself(value: float, start: float, length: float) -> None:
    graph = emotion(*(point(time, "calm", value) for time in (0, 7.3, 20)))
    assert section_emotion(graph, Span("x", start, start + length), 0).intensity == round(value, 9)


@pytest.mark.parametrize(
    ("curve", "message"),
    [
        ([], "curve has 0 entries, allowed are at least 1"),
        ([point(0, "calm", 1.5)], "curve[0].intensity is 1.5, allowed are 0 to 1"),
        ([point(0, "calm", -0.1)], "curve[0].intensity is -0.1, allowed are 0 to 1"),
        ([point(-1, "calm", 0.5)], "curve[0].time is -1, allowed are 0 to 86400 s"),
        ([{"time": 0, "intensity": 0.5}], "curve[0].emotion is missing"),
        (
            [point(0, "calm", 0.5) | {"mood": 1}],
            'curve[0]: unknown key "mood"; known are emotion, intensity, time',
        ),
        (
            [point(5, "calm", 0.5), point(2, "calm", 0.5)],
            "curve[1].time is 2, but the point before is at 5 s: points must be in order",
        ),
        (
            [point(5, "calm", 0.5), point(None, "calm", 0.5)],
            "curve[1] has no time, but curve[0] has one: allowed are times for all points or for none",
        ),
        (
            [point(None, "calm", 0.5), point(5, "calm", 0.5)],
            "curve[1] has a time, but curve[0] has none: allowed are times for all points or for none",
        ),
        (
            [point(0, "angry", None)],
            "curve[0] has no intensity, which only these emotions allow: "
            'powerful, bright, dark, reflective, dreamy, calm (it is "angry")',
        ),
        ([point(0, "calm", 0.5)] * 20_001, "curve has 20001 entries, allowed are at most 20000"),
    ],
)
def test_each_fault_of_an_emotion_graph_has_its_one_line(curve: Any, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        EmotionMap.parse({"curve": curve}, "e.json")
    assert str(caught.value) == f"e.json: {message}"


def test_the_curve_itself_must_be_there() -> None:
    with pytest.raises(SettingsError) as caught:
        EmotionMap.parse({"points": []}, "e.json")
    assert str(caught.value) == 'e.json: unknown key "points"; known are bpm, curve'
