"""The base model's files: complete, as published, in true Hz; and broken ones are named with their field."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from livemaster.analysis.profile import SOFTNESS
from livemaster.documents import presets_dir
from livemaster.errors import SettingsError, UnknownNameError
from livemaster.tone.profiles import METADATA, base_model, base_model_versions, load_profiles, metadata

FOLDER = presets_dir() / "base_model" / "v1.0"
PROFILES = {each.name: each for each in base_model()}
PARAMETERS = {  # bass, mid, treble dB, width, target centroid Hz and what is done to it
    "studio_hd_bright": (1.5, 0.0, 2.0, 0.13, None, "maintain"),
    "studio_legacy": (1.5, -1.0, 2.0, 0.39, 675.0, "maintain"),
    "metal": (3.85, -5.70, -1.22, 0.35, 930.0, "darken"),
    "bootleg": (-4.0, -3.5, 4.0, 0.20, 990.0, "brighten"),
    "unknown": (1.8, 0.0, 1.0, None, 700.0, "maintain"),
}
MOST = {"studio_hd_bright": 0.85, "studio_legacy": 0.75, "metal": 1.0, "bootleg": 1.0, "unknown": 0.0}


def test_the_profiles_are_these() -> None:
    assert base_model_versions() == ("1.0",)
    assert sorted(PROFILES) == sorted(PARAMETERS)
    assert {each.version for each in PROFILES.values()} == {"1.0"}
    assert metadata().version == "1.0"


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_parameters_are_the_published_ones(name: str) -> None:
    found = PROFILES[name]
    parameters = (found.bass_db, found.mid_db, found.treble_db, found.width_target, found.target_centroid_hz)
    assert (*parameters, found.centroid_direction) == PARAMETERS[name]


def test_philosophies_and_the_bootlegs_later_width_are_the_published_ones() -> None:
    assert [PROFILES[name].philosophy for name in ("studio_hd_bright", "metal", "bootleg")] == [
        *("enhance", "punch", "correct")
    ]
    assert {name: each.width_after_mastering for name, each in PROFILES.items() if each.width_after_mastering} == {
        "bootleg": 0.40
    }


@pytest.mark.parametrize("name", sorted(MOST))
def test_the_scores_add_up_to_the_published_most(name: str) -> None:
    boundaries = PROFILES[name].boundaries
    assert sum(each.best for each in boundaries) == pytest.approx(MOST[name])
    assert {each.dimension for each in boundaries} <= set(SOFTNESS)


def test_published_ends_stand_beside_the_true_ones_by_the_known_error_of_the_scale() -> None:
    published = [
        (boundary.dimension, step)
        for profile in PROFILES.values()
        for boundary in profile.boundaries
        for step in boundary.steps
        if step.published_low is not None or step.published_high is not None
    ]
    assert [dimension for dimension, _ in published] == ["spectral_centroid"]
    step = published[0][1]
    assert (step.published_low, step.published_high) == (7500.0, 8000.0)
    assert metadata().published_over_true_hz == 20_000 / 8_000
    assert (step.low, step.high) == (7500.0 / 2.5, 8000.0 / 2.5)


def test_an_unknown_version_names_those_there_are() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown base model '3\.1': known are 1\.0"):
        base_model("3.1")


def set_at(*path: str | int, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(data: Any) -> None:
        for key in path[:-1]:
            data = data[key]
        data[path[-1]] = value

    return change


def without(*path: str | int) -> Callable[[dict[str, Any]], None]:
    def change(data: Any) -> None:
        for key in path[:-1]:
            data = data[key]
        del data[path[-1]]

    return change


FAULTS = [
    (set_at("parameters", "bass_db", value=40.0), "parameters.bass_db is 40, allowed are -12 to 12 dB"),
    (without("parameters", "treble_db"), "parameters.treble_db is missing"),
    (set_at("parameters", "bass", value=1.0), "parameters: unknown key \"bass\", did you mean 'bass_db'?"),
    (set_at("parameters", "width_target", value="wide"), 'parameters.width_target is "wide", a number is wanted'),
    (set_at("philosophy", value="crush"), "philosophy is \"crush\", allowed are 'enhance', 'punch' or 'correct'"),
    (
        set_at("boundaries", 0, "steps", 1, "score", value=1.5),
        "boundaries[0].steps[1].score is 1.5, allowed are 0 to 1",
    ),
    (set_at("boundaries", 0, "steps", value=[]), "boundaries[0].steps has 0 entries, allowed are at least 1"),
    (set_at("boundaries", 0, "steps", 1, "score", value=0.9), "steps are wanted with the highest score first"),
    (set_at("boundaries", 1, "steps", 0, "high", value=11.0), "low is 12, which is not below high, 11"),
    (without("boundaries", 2, "steps", 0, "high"), "boundaries[2].steps[0]: a step needs low, high or both"),
    (
        set_at("boundaries", 1, "dimension", value="bass"),
        'boundaries[1].dimension is "bass", allowed are bass_mid_ratio',
    ),
    (set_at("boundaries", 1, "dimension", value="spectral_centroid"), "boundaries name a dimension twice"),
    (set_at("boundaries", value=[]), "boundaries belong to every type but unknown"),
    (set_at("name", value="leg"), "name is 'leg', wanted is that of the file, 'bootleg'"),
]


@pytest.mark.parametrize(("change", "message"), FAULTS, ids=[message[:40] for _, message in FAULTS])
def test_a_broken_profile_file_is_named_with_its_field(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "bootleg.json"
    data = json.loads(path.read_text("utf-8"))
    change(data)
    path.write_text(json.dumps(data), "utf-8")
    with pytest.raises(SettingsError, match=re.escape(message)) as error:
        load_profiles(tmp_path)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)


def test_a_file_that_is_no_json_is_named(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    (tmp_path / "metal.json").write_text("{", "utf-8")
    with pytest.raises(SettingsError, match=r"metal\.json: line 1, column 2"):
        load_profiles(tmp_path)


def test_a_model_without_unknown_is_refused(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    (tmp_path / "unknown.json").unlink()
    with pytest.raises(SettingsError, match=r"unknown\.json is missing"):
        load_profiles(tmp_path)
    assert METADATA in {path.name for path in tmp_path.iterdir()}
