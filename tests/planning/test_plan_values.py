"""Resolved values at every reactivity, dynamics and amount, and the planned contrast."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from livemaster.planning import (
    Amounts,
    Eq,
    Global,
    Section,
    SectionValues,
    Trims,
    clamp_notes,
    contrast_scale,
    curve,
    planned_contrast,
    power_mean,
    refused_moves,
    relative,
    section_values,
    stage_amounts,
    with_amounts,
)
from livemaster.planning.section_values import RANGES

CHORUS = Section(
    section="Chorus",
    emotion="powerful",
    lufs=-9.8,
    eq=Eq(low=0.6, mid=0.6, high=2.1),
    compression=2.9,
    saturation=0.35,
    start=30.0,
    end=60.0,
    intensity=0.7,
)
FLAT = Global(eq_curve="transparent")


def test_at_reactivity_1_the_values_are_the_sections() -> None:
    v = section_values(CHORUS, FLAT, 1.0, 0.0)
    assert (v.low_db, v.mid_db, v.high_db) == (0.6, 0.6, 2.1)
    assert (v.ratio, v.saturation, v.width) == (2.9, 0.35, 1.1)
    assert (v.threshold_db, v.drive_db) == (-18 - 2 * 2.9, 5 * 0.35)
    assert (v.attack_ms, v.release_ms) == (20.0, 200.0)


def test_at_reactivity_0_the_values_are_neutral() -> None:
    v = section_values(CHORUS, FLAT, 0.0, 0.0)
    assert (v.low_db, v.mid_db, v.high_db) == (0.0, 0.0, 0.0)
    assert (v.ratio, v.saturation, v.width) == (2.5, 0.1, 1.1)


def test_between_and_beyond_they_lie_on_one_line() -> None:
    """Linear in reactivity, up to 1.5."""
    for name in ("low_db", "mid_db", "high_db", "ratio", "saturation", "width", "threshold_db"):
        at = [getattr(section_values(CHORUS, FLAT, r, 0.0), name) for r in (0.0, 0.5, 1.0, 1.5)]
        assert at[1] - at[0] == pytest.approx(at[2] - at[1], abs=1e-12)
        assert at[3] - at[2] == pytest.approx(at[2] - at[1], abs=1e-12)


def test_sections_without_emotion_hold_at_every_reactivity() -> None:
    edited = Section(section="Track", eq=Eq(low=3.0), compression=4.0)
    values = [section_values(edited, FLAT, r, 0.0) for r in (0.0, 1.0, 1.5)]
    assert values[0] == values[1] == values[2]
    assert (values[0].low_db, values[0].ratio) == (3.0, 4.0)


def test_curve_trim_and_section_add_up() -> None:
    block = Global(eq_curve="warm_cinematic", trims=Trims(bass=1.0, mid=-0.5, treble=0.25, width=0.2))
    v = section_values(CHORUS, block, 1.0, 0.0)
    shape = curve("warm_cinematic")
    added = (shape.low_db + 1.0 + 0.6, shape.mid_db - 0.5 + 0.6, shape.high_db + 0.25 + 2.1)
    assert (v.low_db, v.mid_db, v.high_db) == pytest.approx(added)
    assert v.width == pytest.approx(1.3)


def test_bands_are_held_within_6_db_and_said() -> None:
    block = Global(eq_curve="neutral", trims=Trims(bass=8.0, treble=-9.0))
    v = section_values(CHORUS, block, 1.0, 0.0)
    assert (v.low_db, v.high_db) == (6.0, -6.0)
    assert clamp_notes([CHORUS], block) == [
        "'Chorus': low shelf in all would be 8.6, held at 6 (allowed are -6 to 6 dB); of the trim of 8 it leaves 5.4",
        "'Chorus': high shelf in all would be -6.9, held at -6 (allowed are -6 to 6 dB); of the trim of -9 it leaves "
        "-8.1",
    ]
    assert clamp_notes([CHORUS], FLAT) == []


def test_dynamics_by_the_table() -> None:
    compressed, plan, punchy = (section_values(CHORUS, FLAT, 1.0, d) for d in (-1.0, 0.0, 1.0))
    assert [v.ratio - 1 for v in (compressed, plan, punchy)] == pytest.approx([3.8, 1.9, 0.95])
    assert [v.threshold_db for v in (compressed, plan, punchy)] == pytest.approx([-27.8, -23.8, -19.8])
    assert [v.attack_ms for v in (compressed, plan, punchy)] == pytest.approx([20 / 3, 20, 60])
    assert [v.release_ms for v in (compressed, plan, punchy)] == pytest.approx([1000 / 3, 200, 120])
    assert [contrast_scale(d) for d in (-1.0, 0.0, 1.0)] == [0.8, 1.0, 1.2]
    for v in (compressed, punchy):
        assert (v.low_db, v.mid_db, v.high_db, v.saturation, v.width) == (0.6, 0.6, 2.1, 0.35, 1.1)


random_sections = st.builds(
    Section,
    section=st.just("x"),
    emotion=st.sampled_from([None, "calm"]),
    eq=st.builds(Eq, low=st.floats(-12, 12), mid=st.floats(-12, 12), high=st.floats(-12, 12)),
    compression=st.none() | st.floats(1, 20),
    saturation=st.none() | st.floats(0, 1),
    width=st.none() | st.floats(0, 2),
)
random_blocks = st.builds(
    Global,
    compressor_ratio=st.floats(1, 20),
    saturation=st.floats(0, 1),
    stereo_width=st.floats(0, 2),
    eq_curve=st.sampled_from(["warm_cinematic", "transparent", "radio", "lofi", "neutral"]),
    trims=st.builds(Trims, bass=st.floats(-12, 12), treble=st.floats(-12, 12), width=st.floats(-1, 1)),
)


@given(random_sections, random_blocks, st.floats(0, 1.5), st.floats(-1, 1))
def test_values_are_always_within_their_ranges(
    section: Section, block: Global, reactivity: float, dynamics: float
) -> None:
    values = asdict(section_values(section, block, reactivity, dynamics))
    for name, limits in RANGES.items():
        assert limits.low <= values[name] <= limits.high


@given(random_sections, random_blocks, st.floats(0, 1.5), st.floats(-1, 1))
def test_amount_1_changes_nothing_and_amount_0_does_nothing(
    section: Section, block: Global, reactivity: float, dynamics: float
) -> None:
    values = section_values(section, block, reactivity, dynamics)
    full = with_amounts(values, Amounts())
    for name, value in asdict(values).items():
        assert getattr(full, name) == pytest.approx(value, abs=1e-12)
    zero = Amounts(eq=0.0, compression=0.0, saturation=0.0, width=0.0, loudness=0.0)
    off: SectionValues = with_amounts(values, zero)
    assert (off.low_db, off.mid_db, off.high_db) == (0.0, 0.0, 0.0)
    assert (off.ratio, off.saturation, off.drive_db, off.width) == (1.0, 0.0, 0.0, 1.0)


def test_stage_amounts_multiply_with_the_overall_amount() -> None:
    block = Global(amount=0.5, amounts=Amounts(eq=0.5, width=0.0))
    expected = Amounts(eq=0.25, compression=0.5, saturation=0.5, width=0.0, loudness=0.5)
    assert stage_amounts(block) == expected


# --- contrast ----------------------------------------------------------------------------------------


def part(lufs: float | None, start: float, end: float, intensity: float | None = 0.5) -> Section:
    return Section(section="x", intensity=intensity, lufs=lufs, start=start, end=end)


THREE = (part(-14.0, 0, 10, 0.0), part(-11.0, 10, 40, 0.5), part(-8.0, 40, 60, 1.0))
MIX = (-22.0, -20.5, -19.0)
"""Half of the contrast that the formula asks for."""
BLOCK = Global()


def differences(values: list[float | None]) -> list[float]:
    return [value - (values[0] or 0.0) for value in values if value is not None]


def planned(sections: Sequence[Section], mix: Sequence[float | None], r: float, d: float = 0.0) -> list[float | None]:
    return planned_contrast(sections, mix, BLOCK, r, d)


def test_contrast_at_reactivity_1_is_what_is_written_and_grows_from_the_mixs_own() -> None:
    at = {r: differences(planned(THREE, MIX, r)) for r in (0.0, 0.5, 1.0, 1.25, 1.5)}
    assert at[0.0] == pytest.approx([0.0, 1.5, 3.0])
    assert at[0.5] == pytest.approx([0.0, 2.25, 4.5])
    assert at[1.0] == pytest.approx([0.0, 3.0, 6.0])
    assert at[1.25] == pytest.approx([0.0, 3.75, 7.5])
    assert at[1.5] == pytest.approx([0.0, 4.5, 9.0])


def test_dynamics_stretch_contrast() -> None:
    assert differences(planned(THREE, MIX, 1.0, -1.0)) == pytest.approx([0.0, 2.4, 4.8])
    assert differences(planned(THREE, MIX, 1.0, 1.0)) == pytest.approx([0.0, 3.6, 7.2])


def test_contrast_is_relative_to_the_power_mean_by_length() -> None:
    contrast = planned(THREE, MIX, 1.0)
    power = sum(seconds * 10 ** ((value or 0.0) / 10) for seconds, value in zip((10, 30, 20), contrast, strict=True))
    assert power / 60 == pytest.approx(1.0)


def test_silent_sections_have_no_contrast_and_disturb_nobody() -> None:
    with_silence = planned(THREE, (-22.0, None, -19.0), 1.0)
    assert with_silence[1] is None
    assert differences(with_silence) == pytest.approx([0.0, 6.0])
    assert planned(THREE, (-22.0, float("-inf"), -19.0), 1.0) == with_silence
    assert planned(THREE, (None, None, None), 1.0) == [None, None, None]


def test_a_section_without_loudness_keeps_the_mixs_own_level() -> None:
    sections = (part(-14.0, 0, 10, None), part(None, 10, 40, None), part(-14.0, 40, 50, None))
    contrast = planned(sections, (-20.0, -15.0, -20.0), 1.0)
    assert differences(contrast) == pytest.approx([0.0, 5.0, 0.0])


def test_sections_without_emotion_keep_their_plan_at_every_reactivity() -> None:
    sections = (part(-14.0, 0, 10, None), part(-8.0, 10, 20, None))
    for reactivity in (0.0, 1.0, 1.5):
        assert differences(planned(sections, (-20.0, -20.0), reactivity)) == pytest.approx([0.0, 6.0])


def test_no_section_as_written_is_moved_by_more_than_12_lu() -> None:
    sections = (part(-8.0, 0, 10, 0.2), part(-8.0, 10, 20, 0.8))
    mix = (-45.0, -15.0)
    moves = [p - own for p, own in zip(planned(sections, mix, 1.0), relative(mix, (10.0, 10.0)), strict=True)]
    assert max(moves) - min(moves) == pytest.approx(15.0, abs=0.1)  # of 30; the loud one goes down by 3
    assert refused_moves(sections, mix, 0.0)[0] == pytest.approx(27.0, abs=0.1)
    assert refused_moves(sections, mix, 0.0)[1] is None


levels = st.tuples(st.floats(-40, 0), st.floats(-60, 0), st.floats(0, 1))


@given(st.lists(levels, min_size=1, max_size=6), st.floats(0, 1.5))
def test_only_differences_count(rows: list[tuple[float, float, float]], reactivity: float) -> None:
    """Moving the whole plan or the whole mix by some dB changes no contrast."""
    sections = [part(plan, k, k + 1, intensity) for k, (plan, _, intensity) in enumerate(rows)]
    moved = [part(plan - 5.0, k, k + 1, intensity) for k, (plan, _, intensity) in enumerate(rows)]
    mix = [own for _, own, _ in rows]
    first = planned(sections, mix, reactivity)
    second = planned(moved, [own - 7.0 for own in mix], reactivity)
    assert first == pytest.approx(second, abs=1e-9)


@given(st.lists(st.tuples(st.floats(-70, 0), st.floats(0.1, 100)), min_size=1, max_size=6))
def test_power_mean_agrees_with_the_sum_of_powers(pairs: list[tuple[float, float]]) -> None:
    lufs, lengths = zip(*pairs, strict=True)
    assume(sum(lengths) > 0)
    power = sum(seconds * 10 ** (level / 10) for level, seconds in pairs) / sum(lengths)
    assert power_mean(lufs, lengths) == pytest.approx(10 * math.log10(power), abs=1e-9)
