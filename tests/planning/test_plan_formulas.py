"""The formulas equal the published ones for intensity 0, 0.01 … 1."""

from __future__ import annotations

import pytest

from livemaster.planning import (
    EMOTION_TARGETS_LUFS,
    formula_values,
    intensity_of,
    saturation_drive_db,
    threshold_db,
)


@pytest.mark.parametrize("hundredths", range(101))
def test_formulas_equal_the_published_expressions(hundredths: int) -> None:
    i = hundredths / 100
    published = (
        round(-14 + 6 * i, 1),
        round(3 * (i - 0.5), 1),
        round(2 * (0.5 - abs(i - 0.5)), 1),
        round(3 * i, 1),
        round(1.5 + 2 * i, 2),
        round(0.5 * i, 2),
    )
    assert tuple(formula_values(i)) == published


@pytest.mark.parametrize(
    ("i", "expected"),
    [
        # i, (lufs, low, mid, high, compression, saturation), worked out by hand
        (0.0, (-14.0, -1.5, 0.0, 0.0, 1.5, 0.0)),
        (0.1, (-13.4, -1.2, 0.2, 0.3, 1.7, 0.05)),
        (0.25, (-12.5, -0.8, 0.5, 0.8, 2.0, 0.12)),  # -0.75, 0.75 and 0.125 are exact in binary: ties to even
        (0.5, (-11.0, 0.0, 1.0, 1.5, 2.5, 0.25)),
        (0.7, (-9.8, 0.6, 0.6, 2.1, 2.9, 0.35)),
        (0.75, (-9.5, 0.8, 0.5, 2.2, 3.0, 0.38)),  # 2.25 and 0.375 likewise
        (1.0, (-8.0, 1.5, 0.0, 3.0, 3.5, 0.5)),
    ],
)
def test_formulas_by_hand(i: float, expected: tuple[float, ...]) -> None:
    assert tuple(formula_values(i)) == expected


def test_no_value_is_negative_zero() -> None:
    texts = [repr(value) for hundredths in range(101) for value in formula_values(hundredths / 100)]
    assert "-0.0" not in texts


def test_threshold_and_drive() -> None:
    assert [threshold_db(ratio) for ratio in (1.5, 2.5, 3.5)] == [-21.0, -23.0, -25.0]
    assert [saturation_drive_db(s) for s in (0.0, 0.1, 0.5)] == [0.0, 0.5, 2.5]


@pytest.mark.parametrize("name", EMOTION_TARGETS_LUFS)
def test_an_emotions_name_gives_the_intensity_that_reaches_its_target(name: str) -> None:
    intensity = intensity_of(name.upper())
    assert intensity is not None
    assert formula_values(intensity).lufs == EMOTION_TARGETS_LUFS[name]


def test_emotion_targets_are_the_published_ones() -> None:
    published = {"powerful": -8, "bright": -9, "dark": -10, "reflective": -11, "dreamy": -12, "calm": -14}
    assert published == EMOTION_TARGETS_LUFS
    assert intensity_of("angry") is None
