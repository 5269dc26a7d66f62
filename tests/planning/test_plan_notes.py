"""What a plan says of what it was given and does not use: targets that give way, and points of a map."""

from __future__ import annotations

import json
from typing import Any

import pytest

from livemaster.documents import preset_names
from livemaster.plan_options import PlanOptions
from livemaster.planning import ArrangementMap, EmotionMap, MasterSettings, Plan, build, mode

SECTIONS = 7
ARRANGEMENT = ArrangementMap.parse({"structure": [{"section": f"S{k}"} for k in range(SECTIONS)]}, "a.json")


def plan(settings: MasterSettings | None = None, emotion: EmotionMap | None = None, **options: Any) -> Plan:
    return build(
        PlanOptions(**options),
        duration_s=70.0,
        section_lufs=None,
        arrangement=None if emotion is None else ARRANGEMENT,
        emotion=emotion,
        settings=settings,
    )


def written(**block: Any) -> MasterSettings:
    return MasterSettings.parse({"global": block}, "s.json")


def said(made: Plan, text: str) -> list[str]:
    return [note for note in made.notes if text in note]


# -- targets that give way to the platform's -------------------------------------------------------------------

GIVES_WAY = "gives way to"


@pytest.mark.parametrize("name", preset_names("mode"))
def test_a_chosen_modes_own_target_gives_way_to_the_platforms_and_says_so(name):
    own_lufs = mode(name).global_.target_lufs
    note = (
        f"mode {name}'s own {own_lufs:g} LUFS gives way to the -14 LUFS of platform spotify: "
        f"--target-lufs {own_lufs:g} or --platform none keeps it"
    )
    assert said(plan(mode=name), GIVES_WAY) == ([note] if own_lufs != -14.0 else [])


@pytest.mark.parametrize("name", preset_names("mode"))
@pytest.mark.parametrize("source", ["option", "file"])
def test_what_the_note_names_keeps_the_modes_target(name, source):
    own_lufs = mode(name).global_.target_lufs
    settings = written(mode=name) if source == "file" else None
    chosen = {"mode": name} if source == "option" else {}
    for option in ({"target_lufs": own_lufs}, {"platform": "none"}):
        made = plan(settings, **chosen, **option)
        assert (made.global_.target_lufs, said(made, GIVES_WAY)) == (own_lufs, [])


def test_a_mode_that_nobody_chose_has_no_target_of_its_own():
    assert said(plan(), GIVES_WAY) == []
    assert said(plan(platform="club"), GIVES_WAY) == []
    assert said(plan(mode="radio_loud", target_lufs=-11.0), GIVES_WAY) == []


def test_a_mode_that_a_file_names_counts_as_chosen():
    (note,) = said(plan(written(mode="radio_loud", platform="youtube")), GIVES_WAY)
    assert note.startswith("mode radio_loud's own -8 LUFS gives way to the -13 LUFS of platform youtube: ")


def test_a_files_own_target_and_ceiling_give_way_to_a_platform_that_is_asked_for():
    settings = written(target_lufs=-10, true_peak_db=-0.5)
    made = plan(settings, platform="youtube")
    assert (made.global_.target_lufs, made.global_.true_peak_db) == (-13.0, -1.0)
    assert said(made, GIVES_WAY) == [
        "s.json's own -10 LUFS gives way to the -13 LUFS of platform youtube: --target-lufs -10 keeps it",
        "s.json's own ceiling of -0.5 dBTP gives way to the -1 dBTP of platform youtube: --ceiling -0.5 keeps it",
    ]
    kept = plan(settings, platform="youtube", target_lufs=-10.0, ceiling_dbtp=-0.5)
    assert (kept.global_.target_lufs, kept.global_.true_peak_db) == (-10.0, -0.5)
    assert said(kept, GIVES_WAY) == []
    assert said(plan(settings), GIVES_WAY) == []


def test_a_plan_made_for_one_platform_follows_another_without_a_word():
    """Its target was that platform's, nobody's own."""
    first = plan(mode="radio_loud", platform="film").settings
    again = MasterSettings.parse(json.loads(json.dumps(first.to_data())), "s.json")
    made = plan(again, platform="youtube")
    assert (made.global_.target_lufs, said(made, GIVES_WAY)) == (-13.0, [])


# -- points of a map that no section gets ----------------------------------------------------------------------

UNUSED = "unused"


def untimed(points: int) -> EmotionMap:
    curve = [{"emotion": "calm", "intensity": k / points} for k in range(points)]
    return EmotionMap.parse({"curve": curve}, "e.json")


@pytest.mark.parametrize("points", [1, 2, 7, 20, 21, 22, 140, 141, 161, 200])
def test_points_without_times_that_no_section_gets_are_counted(points):
    """A section's intensity tells which point it got."""
    made = plan(emotion=untimed(points))
    got = {round((section.intensity or 0.0) * points) for section in made.sections}
    unused = points - len(got)
    if not unused:
        assert said(made, UNUSED) == []
        return
    goes = "goes" if unused == 1 else "go"
    assert said(made, UNUSED) == [
        f"e.json: {unused} of its {points} points {goes} unused: without times, points 0, 20, 40, … go to one section "
        "each, in turn; give each point a time"
    ]


def test_a_map_of_a_point_for_each_section_says_that_six_go_unused():
    (note,) = said(plan(emotion=untimed(SECTIONS)), UNUSED)
    assert note.startswith("e.json: 6 of its 7 points go unused")


def test_points_with_times_are_used():
    curve = [{"time": 10.0 * k, "emotion": "calm", "intensity": k / SECTIONS} for k in range(SECTIONS)]
    made = plan(emotion=EmotionMap.parse({"curve": curve}, "e.json"))
    assert said(made, UNUSED) == []
    assert len({section.intensity for section in made.sections}) == SECTIONS
