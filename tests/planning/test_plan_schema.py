"""`master_settings.json`: the seed form is accepted, faults have one line, files round-trip."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livemaster.documents import read_json
from livemaster.errors import SettingsError
from livemaster.planning import Eq, Global, MasterSettings, Section, explain

SEED: dict[str, Any] = {
    "global": {
        "target_lufs": -10,
        "true_peak_db": -1.0,
        "eq_curve": "warm_cinematic",
        "compressor_ratio": 2.5,
        "stereo_width": 1.1,
    },
    "sections": [
        {
            "section": "Intro",
            "emotion": "calm",
            "lufs": -14,
            "eq": {"low": -1.5, "mid": 0.0, "high": 1.0},
            "compression": 1.8,
            "saturation": 0.1,
        }
    ],
}


def changed(path: Sequence[str | int], value: Any) -> dict[str, Any]:
    data = copy.deepcopy(SEED)
    place: Any = data
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return data


def fault(data: Any) -> str:
    with pytest.raises(SettingsError) as caught:
        MasterSettings.parse(data, "s.json")
    return str(caught.value)


def test_the_seed_form_is_accepted_as_it_stands() -> None:
    settings = MasterSettings.parse(SEED, "s.json")
    assert settings.global_ == Global()
    assert settings.sections == (
        Section(
            section="Intro",
            emotion="calm",
            lufs=-14.0,
            eq=Eq(low=-1.5, mid=0.0, high=1.0),
            compression=1.8,
            saturation=0.1,
        ),
    )


def test_an_empty_object_means_the_defaults() -> None:
    assert MasterSettings.parse({}) == MasterSettings()


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("sections", 0, "eq", "low"), 40, "sections[0].eq.low is 40, allowed are -12 to 12 dB"),
        (("sections", 0, "lufs"), -71, "sections[0].lufs is -71, allowed are -70 to 0 LUFS"),
        (("sections", 0, "compression"), 0.5, "sections[0].compression is 0.5, allowed are 1 to 20 : 1"),
        (("sections", 0, "saturation"), 1.5, "sections[0].saturation is 1.5, allowed are 0 to 1"),
        (("sections", 0, "width"), -0.1, "sections[0].width is -0.1, allowed are 0 to 2"),
        (("sections", 0, "intensity"), 1.01, "sections[0].intensity is 1.01, allowed are 0 to 1"),
        (("sections", 0, "start"), -1, "sections[0].start is -1, allowed are 0 to 86400 s"),
        (("global", "target_lufs"), -2, "global.target_lufs is -2, allowed are -40 to -4 LUFS"),
        (("global", "true_peak_db"), 1, "global.true_peak_db is 1, allowed are -12 to 0 dBTP"),
        (("global", "reactivity"), 2, "global.reactivity is 2, allowed are 0 to 1.5"),
        (("global", "dynamics"), -1.1, "global.dynamics is -1.1, allowed are -1 to 1"),
        (("global", "amounts"), {"eq": 2}, "global.amounts.eq is 2, allowed are 0 to 1"),
        (("global", "trims"), {"bass": 13}, "global.trims.bass is 13, allowed are -12 to 12 dB"),
        (("global", "target_lufs"), "loud", 'global.target_lufs is "loud", a number is wanted'),
        (("global", "target_lufs"), True, "global.target_lufs is true, a number is wanted"),
        (("global", "target_lufs"), None, "global.target_lufs is null, a number is wanted"),
        (("global",), None, "global is null, an object is wanted"),
        (("global",), [], "global is [], an object is wanted"),
        (("sections",), {}, "sections is {}, a list is wanted"),
        (("sections",), [3], "sections[0] is 3, an object is wanted"),
        (("sections",), SEED["sections"] * 257, "sections has 257 entries, allowed are at most 256"),
        (("sections", 0, "section"), 3, "sections[0].section is 3, text is wanted"),
        (
            ("sections", 0, "section"),
            "a\n\x1b[2J",
            'sections[0].section is "a\\n\\u001b[2J", allowed are 1 to 100 printable characters',
        ),
        (
            ("sections", 0, "section"),
            "\ud800",
            'sections[0].section is "\\ud800", allowed are 1 to 100 printable characters',
        ),
        (("sections", 0), {"emotion": "calm"}, "sections[0].section is missing"),
        (("schema_version",), 2, "schema_version is 2, allowed are 1"),
        (("sections", 0, "eq", "lo"), 1, "sections[0].eq: unknown key \"lo\", did you mean 'low'?"),
        (("global", "platfrom"), "x", "global: unknown key \"platfrom\", did you mean 'platform'?"),
        (("x\ny",), 1, 'unknown key "x\\ny"; known are global, schema_version, sections, why'),
        (
            ("global", "mode"),
            "cinemtic",
            "global.mode is an unknown mode 'cinemtic': did you mean 'cinematic'? "
            "known are cinematic, lofi, radio_loud, transparent",
        ),
        (
            ("global", "eq_curve"),
            "warm",
            "global.eq_curve is an unknown curve 'warm': did you mean 'warm_cinematic'? "
            "known are lofi, neutral, radio, transparent, warm_cinematic",
        ),
        (("why",), {"a": [{"source": "x"}]}, "why.a[0].rule is missing"),
    ],
)
def test_each_fault_has_its_one_line_message(path: Sequence[str | int], value: Any, message: str) -> None:
    assert fault(changed(path, value)) == f"s.json: {message}"


def test_a_section_must_end_after_its_start() -> None:
    data = changed(("sections", 0, "start"), 5)
    data["sections"][0]["end"] = 5
    assert fault(data) == "s.json: sections[0]: ends at 5 s, but starts at 5 s"


@pytest.mark.parametrize("data", [None, 3, [], "x", [SEED]])
def test_a_file_that_holds_no_object_is_refused(data: Any) -> None:
    assert fault(data).endswith(", an object is wanted")


def test_several_faults_show_the_first_and_count_the_rest() -> None:
    data = changed(("global", "amount"), 7)
    data["sections"][0]["lufs"] = 99
    assert fault(data) == "s.json: global.amount is 7, allowed are 0 to 1 (and 1 more)"


def test_numbers_that_json_cannot_hold_are_refused() -> None:
    assert fault(changed(("global", "amount"), float("nan"))) == (
        "s.json: global.amount is NaN, a finite number is wanted"
    )


def test_names_of_presets_are_accepted_in_any_spelling() -> None:
    data = changed(("global", "mode"), "Radio Loud")
    data["global"]["platform"] = "Apple Music"
    settings = MasterSettings.parse(data)
    assert (settings.global_.mode, settings.global_.platform) == ("radio_loud", "apple_music")


def test_a_file_is_written_as_it_was_read(tmp_path: Path) -> None:
    path = tmp_path / "master_settings.json"
    MasterSettings.parse(SEED).save(path)
    assert read_json(path) == {"schema_version": 1} | SEED


names = st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1, max_size=20)


def optional(low: float, high: float) -> st.SearchStrategy[float | None]:
    return st.none() | st.floats(low, high)


eqs = st.builds(Eq, low=st.floats(-12, 12), mid=st.floats(-12, 12), high=st.floats(-12, 12))
sections = st.builds(
    Section,
    section=names,
    emotion=st.none() | names,
    lufs=optional(-70, 0),
    eq=st.none() | eqs,
    compression=optional(1, 20),
    saturation=optional(0, 1),
    width=optional(0, 2),
    start=optional(0, 100),
    end=optional(101, 200),
    intensity=optional(0, 1),
)
blocks = st.builds(
    Global,
    target_lufs=st.floats(-40, -4),
    mode=st.sampled_from(["cinematic", "lofi", "radio_loud", "transparent"]),
    dynamics=st.floats(-1, 1),
    amount=st.floats(0, 1),
)


@given(st.builds(MasterSettings, global_=blocks, sections=st.lists(sections, max_size=4).map(tuple)))
def test_settings_round_trip_through_json(settings: MasterSettings) -> None:
    text = json.dumps(settings.to_data(), allow_nan=False)
    assert MasterSettings.parse(json.loads(text), "s.json") == settings


def test_explanations_are_sentences() -> None:
    data = changed(
        ("sections", 0, "why"),
        {
            "low_shelf_db": [
                {"source": "curve warm_cinematic", "rule": "static curve", "change": 0.3},
                {
                    "source": "emotion powerful at intensity 0.70",
                    "rule": "eq.low x reactivity 1",
                    "change": 0.6,
                },
                {"source": "trim bass", "rule": "as asked", "change": 0.0},
            ]
        },
    )
    section = MasterSettings.parse(data).sections[0]
    assert explain("low_shelf_db", 0.9, section.why["low_shelf_db"]) == (
        "low shelf in all +0.9 dB: curve warm_cinematic +0.3 (static curve), "
        "emotion powerful at intensity 0.70 +0.6 (eq.low x reactivity 1)"
    )
