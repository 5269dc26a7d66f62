"""From wishes, maps and files to one plan: precedence, reasons, modes, and plans that render as themselves."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livemaster.documents import preset_names
from livemaster.errors import SettingsError, UnknownNameError
from livemaster.plan_options import PlanOptions
from livemaster.planning import (
    ArrangementMap,
    EmotionMap,
    MasterSettings,
    Plan,
    Section,
    build,
    formula_values,
    mode,
    planned_contrast,
    section_values,
)
from livemaster.planning.schema import MAX_SECTIONS
from livemaster.planning.sections import NUMBERS, numbers_of

SEED = {
    "global": {
        "target_lufs": -10,
        "true_peak_db": -1.0,
        "eq_curve": "warm_cinematic",
        "compressor_ratio": 2.5,
        "stereo_width": 1.1,
    },
    "sections": [
        {
            "section": name,
            "emotion": feeling,
            "lufs": lufs,
            "eq": {"low": low, "mid": 0.0, "high": 1.0},
            "compression": ratio,
            "saturation": 0.1,
        }
        for name, feeling, lufs, low, ratio in (
            ("Intro", "calm", -14, -1.5, 1.8),
            ("Verse", "reflective", -11, 0.5, 2.4),
            ("Chorus", "powerful", -8, 1.5, 3.2),
        )
    ],
}
ARRANGEMENT = ArrangementMap.parse(
    {"structure": [{"section": name, "duration": 20} for name in ("Intro", "Verse", "Chorus")]}, "a.json"
)
EMOTION = EmotionMap.parse(
    {
        "curve": [
            {"time": at, "emotion": feeling, "intensity": strength}
            for at, feeling, strength in (
                (0, "calm", 0.1),
                (20, "calm", 0.1),
                (20, "reflective", 0.5),
                (40, "reflective", 0.5),
                (40, "powerful", 0.7),
            )
        ]
    },
    "e.json",
)
MIX = (-26.0, -21.0, -17.0)


def plan(options: PlanOptions | None = None, **more: Any) -> Plan:
    return build(options or PlanOptions(), duration_s=60.0, **{"section_lufs": MIX, **more})


def with_maps(**options: Any) -> Plan:
    return plan(PlanOptions(**options), arrangement=ARRANGEMENT, emotion=EMOTION)


def seed(**block: Any) -> MasterSettings:
    data = copy.deepcopy(SEED)
    data["global"] |= block  # type: ignore[operator]
    return MasterSettings.parse(data, "s.json")


def reread(settings: MasterSettings) -> MasterSettings:
    return MasterSettings.parse(json.loads(json.dumps(settings.to_data())), "s.json")


# --- defaults and formulas ---------------------------------------------------------------------------


def test_defaults_are_spotify_cinematic_and_one_section() -> None:
    p = build(PlanOptions(), duration_s=60.0, section_lufs=[-20.0])
    g = p.global_
    assert (g.platform, g.mode, g.chain, g.dynamics, g.amount) == ("spotify", "cinematic", "default", 0.0, 1.0)
    assert (g.target_lufs, g.true_peak_db) == (-14.0, -1.0)
    assert (g.eq_curve, g.compressor_ratio, g.stereo_width) == ("warm_cinematic", 2.5, 1.1)
    assert [span.section for span in p.spans] == ["Track"]
    assert (p.spans[0].start, p.spans[0].end) == (0.0, 60.0)


def test_without_emotion_reactivity_is_0_and_said() -> None:
    p = plan(PlanOptions(reactivity=1.0), arrangement=ARRANGEMENT)
    assert p.global_.reactivity == 0.0
    note = "no emotion map: reactivity is 0 instead of 1, sections keep the mix's own contrast"
    assert note in p.notes
    contrast = planned_contrast(p.sections, MIX, p.global_, 0.0)
    assert contrast[2] is not None
    assert contrast[0] is not None
    assert contrast[2] - contrast[0] == pytest.approx(9.0, abs=0.011)


def test_with_emotion_reactivity_is_1_unless_asked() -> None:
    assert with_maps().global_.reactivity == 1.0
    assert with_maps(reactivity=0.4).global_.reactivity == 0.4


@given(st.integers(0, 100))
def test_cinematic_sections_equal_the_formulas(hundredths: int) -> None:
    i = hundredths / 100
    emotion = EmotionMap.parse({"curve": [{"time": 0, "emotion": "calm", "intensity": i}]})
    p = plan(arrangement=ARRANGEMENT, emotion=emotion, section_lufs=(-20.0, -20.0, -20.0))
    for section in p.sections:
        numbers = numbers_of(section)
        assert tuple(numbers[name] for name in NUMBERS) == tuple(formula_values(i))
        assert section.intensity == i
    v = section_values(p.sections[0], p.global_.model_copy(update={"eq_curve": "neutral"}), 1.0, 0.0)
    f = formula_values(i)
    assert (v.low_db, v.mid_db, v.high_db, v.ratio, v.saturation) == (f.low, f.mid, f.high, f.compression, f.saturation)
    assert v.threshold_db == -18 - 2 * f.compression


@pytest.mark.parametrize("name", preset_names("mode"))
def test_modes_scale_emotions_contrast_and_tone(name: str) -> None:
    p, scale = with_maps(mode=name), mode(name).emotion_scale
    for section, i in zip(p.sections, (0.1, 0.5, 0.7), strict=True):
        f, base = formula_values(i), mode(name).global_
        assert section.eq is not None
        assert section.eq.low == pytest.approx(scale * f.low, abs=6e-4)
        assert section.eq.high == pytest.approx(scale * f.high, abs=6e-4)
        ratio = base.compressor_ratio + scale * (f.compression - base.compressor_ratio)
        assert section.compression == pytest.approx(ratio, abs=6e-4)
    for reactivity, share in ((0.0, 0.0), (0.5, 0.125), (1.0, 0.25), (1.25, 0.5), (1.5, 0.75)):  # the mix has it all
        contrast = planned_contrast(p.sections, MIX, p.global_, reactivity)
        emotional = formula_values(0.7).lufs - formula_values(0.1).lufs
        expected = 9.0 * mode(name).contrast_kept + share * scale * emotional
        assert contrast[2] is not None
        assert contrast[0] is not None
        assert contrast[2] - contrast[0] == pytest.approx(expected, abs=0.02)


def test_a_silent_section_is_planned_without_a_mix_level() -> None:
    p = plan(arrangement=ARRANGEMENT, section_lufs=(None, -21.0, float("-inf")))
    assert [section.lufs for section in p.sections] == [None, -14.0, None]


# --- target, ceiling, platform -----------------------------------------------------------------------

TARGETS = [
    # options, settings' global block or None, (platform, target, ceiling)
    ({}, None, ("spotify", -14.0, -1.0)),
    ({"platform": "YouTube"}, None, ("youtube", -13.0, -1.0)),
    ({"platform": "club"}, None, ("club", -8.0, -0.3)),
    ({"platform": "none"}, None, ("none", -10.0, -1.0)),
    ({"target_lufs": -9.0}, None, ("spotify", -9.0, -2.0)),
    ({"target_lufs": -9.0, "ceiling_dbtp": -0.5}, None, ("spotify", -9.0, -0.5)),
    ({"ceiling_dbtp": -3.0}, None, ("spotify", -14.0, -3.0)),
    ({}, {}, ("none", -10.0, -1.0)),
    ({}, {"target_lufs": -12.5, "true_peak_db": -1.5}, ("none", -12.5, -1.5)),
    ({"platform": "film"}, {"target_lufs": -12.5, "true_peak_db": -1.5}, ("film", -20.0, -2.0)),
    ({"platform": "none"}, {"target_lufs": -12.5}, ("none", -12.5, -1.0)),
    ({"target_lufs": -11.0}, {"true_peak_db": -1.5}, ("none", -11.0, -1.5)),
    ({}, {"platform": "tidal", "target_lufs": -12.0}, ("tidal", -12.0, -1.0)),
    ({"ceiling_dbtp": -4.0, "platform": "spotify"}, {"true_peak_db": -1.5}, ("spotify", -14.0, -4.0)),
]


@pytest.mark.parametrize(("options", "block", "expected"), TARGETS)
def test_whose_target_holds(
    options: dict[str, Any], block: dict[str, Any] | None, expected: tuple[str, float, float]
) -> None:
    p = plan(PlanOptions(**options), settings=None if block is None else seed(**block), section_lufs=None)
    assert (p.global_.platform, p.global_.target_lufs, p.global_.true_peak_db) == expected


def test_a_file_that_names_only_a_platform_gets_its_target() -> None:
    settings = MasterSettings.parse({"global": {"platform": "youtube"}})
    assert plan(settings=settings, section_lufs=None).global_.target_lufs == -13.0


def test_a_file_without_a_target_gets_the_default_platforms() -> None:
    assert plan(settings=MasterSettings(), section_lufs=None).global_.target_lufs == -14.0


def test_youtubes_turning_down_is_said() -> None:
    note = "YouTube plays at about -14 LUFS: a master of -13 LUFS would be turned down by 1.0 dB"
    assert note in with_maps(platform="youtube").notes
    assert any("cannot certify" in note for note in with_maps(platform="netflix").notes)


def test_a_vinyl_premaster_gets_mono_bass() -> None:
    assert with_maps(platform="vinyl_premaster").global_.mono_below_hz == 150.0
    assert with_maps(platform="vinyl_premaster", mode="lofi").global_.mono_below_hz == 150.0
    assert with_maps().global_.mono_below_hz == 0.0


# --- settings files ----------------------------------------------------------------------------------


def test_the_sample_file_is_planned_as_it_stands_in_three_equal_parts() -> None:
    p = plan(settings=seed())
    assert [(span.section, span.start, span.end) for span in p.spans] == [
        ("Intro", 0.0, 20.0),
        ("Verse", 20.0, 40.0),
        ("Chorus", 40.0, 60.0),
    ]
    for section, written in zip(p.sections, seed().sections, strict=True):
        assert numbers_of(section) == numbers_of(written)
    assert p.global_.reactivity == 1.0
    contrast = planned_contrast(p.sections, MIX, p.global_, 1.0)
    assert contrast[2] is not None
    assert contrast[0] is not None
    assert contrast[2] - contrast[0] == pytest.approx(6.0)


wishes = st.builds(
    PlanOptions,
    mode=st.sampled_from([None, *preset_names("mode")]),
    platform=st.sampled_from([None, *preset_names("platform")]),
    dynamics=st.none() | st.floats(-1, 1),
    reactivity=st.none() | st.floats(0, 1.5),
    bass=st.none() | st.floats(-12, 12),
    width=st.none() | st.floats(-1, 1),
    amount_eq=st.none() | st.floats(0, 1),
    amount_loudness=st.none() | st.floats(0, 1),
)


@settings(max_examples=60)
@given(wishes, st.booleans(), st.booleans())
def test_a_plan_read_again_plans_itself(options: PlanOptions, maps: bool, file: bool) -> None:
    """Its numbers and its reasons stay, even over another mix."""
    first = build(
        options,
        duration_s=60.0,
        section_lufs=MIX if maps or file else [-20.0],
        arrangement=ARRANGEMENT if maps else None,
        emotion=EMOTION if maps else None,
        settings=seed() if file else None,
    )
    mix = [-30.0 + k for k in range(len(first.sections))]
    again = build(PlanOptions(), duration_s=60.0, section_lufs=mix, settings=reread(first.settings))
    assert again.settings == first.settings


@settings(max_examples=60)
@given(wishes, st.booleans(), st.booleans())
def test_the_changes_of_every_values_reasons_add_up_to_it(options: PlanOptions, maps: bool, file: bool) -> None:
    p = plan(
        options,
        arrangement=ARRANGEMENT,
        emotion=EMOTION if maps else None,
        settings=seed() if file else None,
    )
    flat: dict[str, Any] = {}
    for name, value in p.global_.model_dump().items():
        parts = value.items() if isinstance(value, dict) else [(None, value)]
        flat |= {f"global.{name}" + (f".{part}" if part else ""): each for part, each in parts}
    assert flat.keys() == p.settings.why.keys()
    for name, value in flat.items():
        reasons = p.settings.why[name]
        if not isinstance(value, str):
            assert sum(reason.change or 0.0 for reason in reasons) == pytest.approx(value, abs=1e-5)
    for section in p.sections:
        values = section_values(section, p.global_, p.global_.reactivity, p.global_.dynamics)
        totals = {
            "low_shelf_db": values.low_db,
            "mid_bell_db": values.mid_db,
            "high_shelf_db": values.high_db,
        }
        expected = numbers_of(section) | totals
        assert section.why.keys() == expected.keys()
        for name, value in expected.items():
            changes = sum(reason.change or 0.0 for reason in section.why[name])
            assert changes == pytest.approx(value, abs=1e-5)


def test_a_plan_edited_by_hand_renders_as_edited() -> None:
    """Also one made without an emotion map, whose reactivity is 0."""
    for made in (with_maps(mode="lofi"), plan(arrangement=ARRANGEMENT)):
        data = made.settings.to_data()
        edited: Any = json.loads(json.dumps(data))
        edited["sections"][1]["eq"]["low"] = 2.5
        edited["sections"][1]["lufs"] = -9.0
        edited["global"]["target_lufs"] = -11.5
        again = plan(settings=MasterSettings.parse(edited, "s.json"))
        section = again.sections[1]
        assert section.eq is not None
        assert (section.eq.low, section.lufs, again.global_.target_lufs) == (2.5, -9.0, -11.5)
        reason = section.why["eq.low"][0]
        assert (reason.source, reason.rule, reason.change) == ("s.json", "as written there", 2.5)
        values = section_values(section, again.global_, again.global_.reactivity, 0.0)
        before = section_values(made.sections[1], made.global_, made.global_.reactivity, 0.0)
        old = made.sections[1].eq
        assert old is not None
        assert values.low_db - before.low_db == pytest.approx(2.5 - old.low)


def test_another_mode_takes_over_a_files_character_and_rescales_its_emotion() -> None:
    made = with_maps(mode="radio_loud")
    again = plan(PlanOptions(mode="cinematic"), settings=reread(made.settings))
    fresh = with_maps(mode="cinematic")
    assert again.global_.eq_curve == "warm_cinematic"
    assert again.global_.compressor_ratio == 2.5
    for section, expected in zip(again.sections, fresh.sections, strict=True):
        numbers = numbers_of(expected)
        for name in NUMBERS[1:]:
            assert numbers_of(section)[name] == pytest.approx(numbers[name], abs=2e-3)
    contrast = planned_contrast(fresh.sections, MIX, fresh.global_, 1.0)
    assert planned_contrast(again.sections, MIX, again.global_, 1.0) == pytest.approx(contrast, abs=0.03)
    assert any(
        note.startswith("mode cinematic replaces the settings file's compressor_ratio, ") for note in again.notes
    )


def test_naming_the_files_own_mode_changes_nothing() -> None:
    made = reread(with_maps(mode="radio_loud").settings)
    assert plan(PlanOptions(mode="radio-loud"), settings=made).sections == plan(settings=made).sections


def test_an_arrangement_gives_times_and_the_files_numbers_follow_by_name() -> None:
    arrangement = ArrangementMap.parse(
        {"structure": [{"section": name, "duration": 15} for name in ("intro", "Chorus", "Solo", "Chorus")]}, "a.json"
    )
    p = build(PlanOptions(), duration_s=60.0, arrangement=arrangement, settings=seed())
    assert [section.lufs for section in p.sections] == [-14.0, -8.0, None, -8.0]
    assert "s.json: has no section 'Solo', which stays neutral" in p.notes
    assert "a.json: has no section 'Verse' of the settings file" in p.notes


def test_an_emotion_map_replaces_a_files_numbers_but_not_its_width() -> None:
    data = copy.deepcopy(SEED)
    data["sections"][0]["width"] = 0.7  # type: ignore[index]
    p = plan(settings=MasterSettings.parse(data), emotion=EMOTION, section_lufs=(-20.0, -20.0, -20.0))
    assert [section.lufs for section in p.sections] == [formula_values(i).lufs for i in (0.1, 0.5, 0.7)]
    assert [section.width for section in p.sections] == [0.7, None, None]


def test_a_map_given_to_a_plan_made_without_one_is_followed() -> None:
    without = reread(plan(arrangement=ARRANGEMENT).settings)
    assert without.global_.reactivity == 0.0
    assert plan(settings=without, emotion=EMOTION).global_.reactivity == 1.0


def test_what_a_section_leaves_out_comes_from_its_emotion() -> None:
    written = MasterSettings.parse(
        {"sections": [{"section": "A", "emotion": "powerful"}, {"section": "B", "eq": {"low": 1.0}}]}
    )
    p = build(PlanOptions(), duration_s=60.0, settings=written)
    assert tuple(numbers_of(p.sections[0])[name] for name in NUMBERS) == tuple(formula_values(1.0))
    assert numbers_of(p.sections[1]) == {
        "eq.low": 1.0,
        "eq.mid": 0.0,
        "eq.high": 0.0,
        "compression": 2.5,
        "saturation": 0.1,
    }


# --- options and notes -------------------------------------------------------------------------------


def test_options_stand_above_the_file() -> None:
    made = seed(reactivity=0.3, amount=0.9, trims={"bass": 1.0, "mid": 2.0}, amounts={"eq": 0.2})
    options = PlanOptions(reactivity=0.8, bass=-1.0, amount_width=0.5, dynamics=0.5)
    g = plan(options, settings=made).global_
    assert (g.reactivity, g.amount, g.dynamics) == (0.8, 0.9, 0.5)
    assert (g.trims.bass, g.trims.mid, g.trims.treble) == (-1.0, 2.0, 0.0)
    assert (g.amounts.eq, g.amounts.width, g.amounts.loudness) == (0.2, 0.5, 1.0)


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"reactivity": 2.0}, "reactivity is 2, allowed are 0 to 1.5"),
        ({"dynamics": -1.5}, "dynamics is -1.5, allowed are -1 to 1"),
        ({"amount": float("nan")}, "amount is nan, allowed are 0 to 1"),
        ({"amount_eq": 2.0}, "amount-eq is 2, allowed are 0 to 1"),
        ({"bass": 20.0}, "bass is 20, allowed are -12 to 12 dB"),
        ({"width": 2.0}, "width is 2, allowed are -1 to 1"),
        ({"target_lufs": 0.0}, "target-lufs is 0, allowed are -40 to -4 LUFS"),
        ({"ceiling_dbtp": 1.0}, "ceiling is 1, allowed are -12 to 0 dBTP"),
    ],
)
def test_options_out_of_range_are_refused(wish: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        PlanOptions(**wish)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"platform": "yutube"}, "unknown platform 'yutube': did you mean 'youtube'?"),
        ({"mode": "loffi"}, "unknown mode 'loffi': did you mean 'lofi'?"),
        ({"chain": "defualt"}, "unknown chain 'defualt': did you mean 'default'?"),
    ],
)
def test_unknown_names_name_the_nearest(wish: dict[str, Any], message: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        plan(PlanOptions(**wish), arrangement=ARRANGEMENT)
    assert str(caught.value).startswith(message)


def test_values_held_within_their_range_are_said() -> None:
    p = plan(PlanOptions(bass=8.0, mode="transparent"), arrangement=ARRANGEMENT, emotion=EMOTION)
    note = (
        "'Chorus' and 2 more: low shelf in all would be 8.15, held at 6 (allowed are -6 to 6 dB); of the trim of 8 it "
    )
    assert f"{note}leaves 5.85" in p.notes
    last = p.sections[2].why["low_shelf_db"][-1]
    assert (last.source, last.change) == ("range", -2.15)


def test_a_curve_longer_than_the_track_is_said() -> None:
    emotion = EmotionMap.parse({"curve": [{"time": 90, "emotion": "calm", "intensity": 0.2}]}, "e.json")
    p = plan(arrangement=ARRANGEMENT, emotion=emotion)
    assert "e.json: goes on to 90 s, the track ends at 60.00 s" in p.notes


def test_sections_without_a_measured_mix_scale_around_their_middle() -> None:
    p = build(PlanOptions(mode="radio_loud"), duration_s=60.0, arrangement=ARRANGEMENT, emotion=EMOTION)
    levels = [section.lufs for section in p.sections]
    assert levels[2] is not None
    assert levels[0] is not None
    assert levels[2] - levels[0] == pytest.approx(0.5 * (formula_values(0.7).lufs - formula_values(0.1).lufs))


def test_sections_are_plain_data() -> None:
    """Every section of a plan survives its own JSON."""
    for section in with_maps(mode="lofi", bass=2.0).sections:
        data = section.model_dump(mode="json", exclude_none=True)
        assert Section.model_validate(data) == section


def test_the_largest_plan_can_be_read_again(tmp_path: Path) -> None:
    """As many sections as are allowed, names of full length, every kind of reason."""
    name = "\u00fc" * 100
    arrangement = ArrangementMap.parse({"structure": [{"section": name}] * MAX_SECTIONS})
    emotion = EmotionMap.parse({"curve": [{"time": 0, "emotion": name, "intensity": 0.777}]})
    options = PlanOptions(mode="lofi", bass=12.0, mid=12.0, treble=12.0)
    mix = [-20.0 - 0.01 * k for k in range(MAX_SECTIONS)]
    p = build(options, duration_s=3600.0, section_lufs=mix, arrangement=arrangement, emotion=emotion)
    p.settings.save(tmp_path / "plan.json")
    assert MasterSettings.load(tmp_path / "plan.json") == p.settings
