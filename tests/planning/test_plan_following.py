"""Emotion adds contrast and never takes it away: how far a plan follows it, at every reactivity, mode and dynamics."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livemaster.documents import preset_names
from livemaster.plan_options import PlanOptions
from livemaster.planning import (
    ArrangementMap,
    EmotionMap,
    MasterSettings,
    Plan,
    build,
    formula_values,
    mode,
    planned_contrast,
    refused_moves,
)
from livemaster.planning.following import share, slope_of
from livemaster.planning.schema import MAX_SECTIONS

SECTION_S = 10.0
SWEEP = [r / 4 for r in range(7)]
MODES = preset_names("mode")
songs = st.lists(st.tuples(st.floats(-50, -5), st.floats(0, 1)), min_size=1, max_size=8)
"""Loudness of the mix and intensity of every section."""


def made(mix: Sequence[float | None], intensities: Sequence[float], **options: object) -> Plan:
    """The plan of a song whose sections are equally long."""
    structure = [{"section": f"S{k}", "duration": SECTION_S} for k in range(len(mix))]
    curve = []
    for k, intensity in enumerate(intensities):
        point = {"emotion": "felt", "intensity": intensity}
        curve += [{"time": k * SECTION_S, **point}, {"time": (k + 1) * SECTION_S, **point}]
    return build(
        PlanOptions(**options),  # type: ignore[arg-type]
        duration_s=len(mix) * SECTION_S,
        section_lufs=mix,
        arrangement=ArrangementMap.parse({"structure": structure}, "a.json"),
        emotion=EmotionMap.parse({"curve": curve}, "e.json"),
    )


def contrast(plan: Plan, mix: Sequence[float | None], reactivity: float, dynamics: float = 0.0) -> list[float]:
    found = planned_contrast(plan.sections, mix, plan.global_, reactivity, dynamics)
    return [0.0 if value is None else value for value in found]


def spread(levels: Sequence[float]) -> float:
    return max(levels) - min(levels)


@given(songs, st.sampled_from(MODES), st.sampled_from([-1.0, 0.0, 0.3, 1.0]))
def test_more_reactivity_never_takes_contrast_from_two_sections(song, name, dynamics):
    """The louder the more intense one, whatever the mix says of them."""
    mix, intensities = zip(*song, strict=True)
    plan = made(mix, intensities, mode=name)
    at = [contrast(plan, mix, r, dynamics) for r in SWEEP]
    felt = [formula_values(i).lufs for i in intensities]
    for calm, intense in combinations(range(len(mix)), 2):
        if felt[calm] > felt[intense]:
            calm, intense = intense, calm
        differences = [levels[intense] - levels[calm] for levels in at]
        assert all(b >= a - 1e-9 for a, b in pairwise(differences))
        if felt[intense] - felt[calm] >= 0.5:
            assert differences[-1] > differences[0]


@given(songs, st.sampled_from(MODES))
def test_at_reactivity_0_the_mixs_own_contrast_is_kept_as_far_as_the_mode_says(song, name):
    mix, intensities = zip(*song, strict=True)
    plan, kept = made(mix, intensities, mode=name), mode(name).contrast_kept
    found, own = contrast(plan, mix, 0.0), [kept * level for level in mix]
    if any(move is not None for move in refused_moves(plan.sections, mix, 0.0)):
        return  # and said
    for a, b in combinations(range(len(mix)), 2):
        assert found[a] - found[b] == pytest.approx(own[a] - own[b], abs=0.04)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.floats(-40, -5))
def test_equally_loud_sections_get_exactly_the_formulas_differences_at_1(intensities, level):
    mix = [level] * len(intensities)
    plan = made(mix, intensities)
    felt = [formula_values(section.intensity or 0.0).lufs for section in plan.sections]
    assert [section.lufs for section in plan.sections] == felt
    assert all(len(section.why["lufs"]) == 1 for section in plan.sections)
    found = contrast(plan, mix, 1.0)
    assert [a - found[0] for a in found] == pytest.approx([f - felt[0] for f in felt], abs=1e-9)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=8), st.floats(0, 0.75))
def test_a_mix_with_up_to_three_quarters_of_the_contrast_gets_the_formulas(intensities, slope):
    felt = [formula_values(i).lufs for i in intensities]
    mix = [slope * f - 10.0 for f in felt]
    plan = made(mix, intensities)
    assert [section.lufs for section in plan.sections] == pytest.approx(felt, abs=0.011)


@given(st.lists(st.tuples(st.floats(-40, -10), st.floats(0, 1)), min_size=2, max_size=8))
def test_no_song_that_follows_its_emotion_loses_spread(song):
    """The intensities sorted as the loudness is; in the modes that keep the mix's contrast."""
    mix, intensities = (sorted(column) for column in zip(*song, strict=True))
    for name in ("cinematic", "transparent"):
        plan = made(mix, intensities, mode=name)
        assert spread(contrast(plan, mix, 1.0)) >= spread(mix) - 0.02


def test_why_begins_with_the_formula_and_says_what_was_kept_of_the_mix():
    mix, intensities = (-26.0, -20.0, -12.0), (0.1, 0.5, 0.7)
    for section, intensity in zip(made(mix, intensities).sections, intensities, strict=True):
        formula, kept = section.why["lufs"]
        assert (formula.change, formula.rule) == (formula_values(intensity).lufs, "round(-14 + 6i, 1)")
        assert kept.source == "the mix"
        assert (formula.change or 0.0) + (kept.change or 0.0) == pytest.approx(section.lufs)


def test_a_file_from_elsewhere_is_performed_as_written_at_1_and_grows_from_there():
    """Also where the mix has more contrast than it asks for: nothing is flattened by turning the knob up."""
    data = {
        "sections": [
            {"section": "Intro", "emotion": "calm", "lufs": -14},
            {"section": "Chorus", "emotion": "powerful", "lufs": -9},
        ]
    }
    mix = (-32.0, -14.0)
    plan = build(
        PlanOptions(),
        duration_s=60.0,
        section_lufs=mix,
        settings=MasterSettings.parse({"global": {}, **data}, "s.json"),
    )
    difference = [b - a for a, b in (contrast(plan, mix, r) for r in SWEEP)]
    assert difference[4] == pytest.approx(5.0)  # of 18 in the mix
    assert difference == sorted(difference)


# --- slope and share ---------------------------------------------------------------------------------


def test_share_is_as_documented():
    for slope, full in ((0.0, 1.0), (0.3, 0.7), (0.75, 0.25), (1.0, 0.25), (3.0, 0.25)):
        assert [share(slope, r) for r in (0.0, 0.5, 1.0, 1.25, 1.5)] == pytest.approx(
            [0.0, full / 2, full, full + 0.25, full + 0.5]
        )


@given(st.lists(st.floats(0, 1), min_size=2, max_size=20), st.floats(-3, 3))
def test_slope_is_found_where_the_mix_is_a_line_of_its_emotion(intensities, slope):
    felt = [-14 + 6 * round(i, 3) for i in intensities]
    mix = [slope * f - 30.0 for f in felt]
    expected = max(slope, 0.0) if len(set(felt)) > 1 else 0.0
    assert slope_of(felt, mix, [1.0] * len(felt)) == pytest.approx(expected, abs=1e-6)


def test_one_section_that_stands_apart_does_not_decide_the_slope():
    """A fade-out's end, 30 LU down, in a song that has half of the formula's contrast."""
    felt = [-13.0, -11.0, -8.5, -12.0, -8.0, -11.5]
    mix = [0.5 * f - 15.0 for f in felt]
    fading = [*mix[:-1], mix[-1] - 30.0]
    assert slope_of(felt, mix, [20.0] * 6) == pytest.approx(0.5)
    assert slope_of(felt, fading, [20.0] * 6) == pytest.approx(0.5, abs=0.1)


def test_slope_is_0_where_it_is_undefined():
    assert slope_of([], [], []) == 0.0
    assert slope_of([-11.0], [-20.0], [5.0]) == 0.0
    assert slope_of([-11.0, -11.0], [-20.0, -10.0], [5.0, 5.0]) == 0.0
    assert slope_of([-11.0, None, -8.0], [None, -10.0, -9.0], [5.0] * 3) == 0.0
    assert slope_of([-14.0, -8.0], [-10.0, -20.0], [5.0, 5.0]) == 0.0


@given(st.lists(st.tuples(st.floats(-14, -8), st.floats(-50, -5), st.integers(1, 4)), min_size=2, max_size=6))
def test_a_long_section_counts_as_often_as_short_ones_of_its_length(song):
    felt, mix, lengths_s = zip(*song, strict=True)
    short = [(f, m) for f, m, n in song for _ in range(n)]
    assert slope_of(felt, mix, lengths_s) == pytest.approx(slope_of(*zip(*short, strict=True), [1.0] * len(short)))


def test_a_great_difference_of_emotion_counts_more_than_small_ones():
    """One pair 6 LU apart says 1, two pairs that hardly differ say 50."""
    assert slope_of([-14.0, -13.98, -8.0], [-20.0, -19.0, -14.0], [1.0, 1.0, 1.0]) == pytest.approx(1.0, abs=0.2)


@pytest.mark.parametrize(("mix", "told"), [((-10.0, -14.6), True), ((-10.0, -10.9), False), ((-14.0, -8.0), False)])
def test_sections_that_come_nearer_together_are_told_where_they_stood_apart(mix, told):
    """The first is calm: 4.6 LU the other way become less than nine tenths, 0.9 LU are no contrast to speak of."""
    notes = made(mix, (0.45, 0.55)).notes
    assert any("nearer together" in note for note in notes) == told


def test_without_emotion_the_note_says_how_much_of_the_contrast_a_mode_keeps():
    structure = [{"section": "A", "duration": 5.0}, {"section": "B", "duration": 5.0}]
    arrangement = ArrangementMap.parse({"structure": structure}, "a.json")
    for name, share_kept in (("radio_loud", "50 % of "), ("lofi", "80 % of "), ("cinematic", "")):
        plan = build(PlanOptions(mode=name), duration_s=10.0, section_lufs=(-20.0, -14.0), arrangement=arrangement)
        assert f"no emotion map: reactivity is 0, sections keep {share_kept}the mix's own contrast" in plan.notes


# --- files from elsewhere ----------------------------------------------------------------------------


def from_file(sections, mix, global_=None, **options):
    """A plan of a settings file's sections, ten seconds each."""
    times = [{"start": k * SECTION_S, "end": (k + 1) * SECTION_S} for k in range(len(sections))]
    data = {"global": global_ or {}, "sections": [a | b for a, b in zip(sections, times, strict=True)]}
    settings = MasterSettings.parse(data, "s.json")
    return build(PlanOptions(**options), duration_s=len(mix) * SECTION_S, section_lufs=mix, settings=settings)


@pytest.mark.parametrize("name", MODES)
def test_a_files_contrast_is_scaled_by_another_mode_and_never_turned_round(name):
    """What a file wrote is the file's, whatever the mix has: −14 and −8 in mode cinematic."""
    written = [
        {"section": "A", "emotion": "calm", "lufs": -14.0},
        {"section": "B", "emotion": "powerful", "lufs": -8.0},
    ]
    for mix in ((-30.5, -18.5), (-32.0, -14.0), (-15.0, -15.0)):
        plan = from_file(written, mix, {"mode": "cinematic"}, mode=name)
        quiet, loud = (section.lufs for section in plan.sections)
        least = min(mode(name).contrast_kept, mode(name).emotion_scale)
        assert 6.0 * least - 0.02 <= loud - quiet <= 6.02


def test_a_section_that_a_file_leaves_to_the_mix_is_scaled_among_its_like():
    """Alone, there is nothing that a mode could bring nearer."""
    written = [{"section": "A", "emotion": "calm", "lufs": -14.0}, {"section": "B", "emotion": "powerful"}]
    for mix in ((-32.0, -14.0), (-20.0, -20.0)):
        plan = from_file(written, mix, {"mode": "radio_loud"})
        assert plan.sections[1].lufs == pytest.approx(-8.0, abs=0.011)


@pytest.mark.parametrize("names", [("melancholy", "joy", "x"), ("calm", None, "powerful"), (None, "calm", None)])
@pytest.mark.parametrize("mix", [(-30.0, -15.0, -20.0), (-18.0, -18.0, -18.0)])
def test_at_reactivity_0_sections_of_any_emotion_or_none_keep_the_mixs_own(names, mix):
    """Of unknown emotions too, which the mix's own level does not make known."""
    sections = [{"section": s} | ({"emotion": e} if e else {}) for s, e in zip("ABC", names, strict=True)]
    plan = from_file(sections, mix)
    found = contrast(plan, mix, 0.0)
    assert [level - found[0] for level in found] == pytest.approx([own - mix[0] for own in mix], abs=0.02)
    if names[0] == "melancholy":
        assert contrast(plan, mix, 1.5) == pytest.approx(found, abs=0.02)


def test_an_unknown_emotion_is_as_intense_as_the_loudness_beside_it():
    written = [{"section": n, "emotion": "odd", "lufs": lufs} for n, lufs in (("A", -14.0), ("B", -11.0), ("C", -3.0))]
    assert [s.intensity for s in from_file(written, (-18.0, -18.0, -18.0)).sections] == [0.0, 0.5, 1.0]


@given(songs, st.sampled_from(SWEEP), st.sampled_from([-1.0, -0.4, 0.6, 1.0]))
def test_dynamics_stretches_all_contrast_by_a_fifth(song, reactivity, dynamics):
    mix, intensities = zip(*song, strict=True)
    plan = made(mix, intensities)
    if any(move is not None for d in (0.0, dynamics) for move in refused_moves(plan.sections, mix, d)):
        return  # and said
    plain, stretched = (contrast(plan, mix, reactivity, d) for d in (0.0, dynamics))
    for a, b in combinations(range(len(mix)), 2):
        assert stretched[a] - stretched[b] == pytest.approx((1 + 0.2 * dynamics) * (plain[a] - plain[b]), abs=1e-6)


# --- what contradicts, what is extreme ---------------------------------------------------------------


def test_a_mix_that_contradicts_its_emotion_is_led_towards_it_in_proportion():
    mix, intensities = (-12.0, -14.0, -16.0), (0.1, 0.5, 0.9)
    at = [contrast(made(mix, intensities), mix, r) for r in SWEEP]
    assert [levels[2] - levels[0] for levels in at] == pytest.approx([-4.0 + 4.8 * r for r in SWEEP], abs=0.03)


def test_pairs_that_no_reactivity_sets_right_are_said():
    plan = made((-8.0, -15.0, -24.0), (0.2, 0.5, 0.8))
    assert plan.notes[-2:] == (
        "'S0' (0.20) stays 10.6 LU louder than 'S2' (0.80), though calmer, even at reactivity 1.5; of 3 such pairs "
        "this is the worst",
        "emotion brings the sections nearer together, from 16.0 to 12.4 LU at reactivity 1: it asks for other things "
        "than the levels without it; --reactivity 0 keeps those",
    )
    assert made((-24.0, -15.0, -8.0), (0.2, 0.5, 0.8)).notes == ()


def test_one_section_and_sections_of_one_intensity_keep_the_mixs_own():
    assert contrast(made((-20.0,), (0.9,)), (-20.0,), 1.5) == [0.0]
    mix = (-22.0, -20.0, -14.0)
    plan = made(mix, (0.6, 0.6, 0.6))
    for reactivity in SWEEP:
        found = contrast(plan, mix, reactivity)
        assert [level - found[0] for level in found] == pytest.approx([0.0, 2.0, 8.0], abs=0.011)


def test_the_most_sections_with_silence_between_are_planned():
    mix = [None if k % 5 == 4 else -30.0 + (k * 7) % 17 for k in range(MAX_SECTIONS)]
    intensities = [((k * 7) % 17) / 17 for k in range(MAX_SECTIONS)]
    plan = made(mix, intensities)
    found = planned_contrast(plan.sections, mix, plan.global_, 1.0)
    assert [level is None for level in found] == [own is None for own in mix]
