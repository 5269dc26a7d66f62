"""Versions of preferences: complete or absent, current the newest, their history a repository; validated first."""

from __future__ import annotations

import json
import os
import select
import signal
import time
from pathlib import Path

import pytest
from dulwich.repo import Repo

from livemaster.errors import InputError
from livemaster.personal import validation
from livemaster.personal.preferences import Preferences
from livemaster.personal.ratings import Rating, Ratings
from livemaster.personal.validation import Validation, validate
from livemaster.personal.versions import BRANCH, CURRENT, Versions

BASS = Preferences(profile_adjustments={"studio_bass": 0.3})
TREBLE = Preferences(profile_adjustments={"studio_bass": 0.3, "metal_treble": -0.5}, gear_profile="car")


def commits(folder: Path) -> list[str]:
    """Messages of the history, oldest first."""
    with Repo(str(folder)) as repo:
        entries = repo.get_walker(include=[repo.refs.read_ref(BRANCH)])
        return [entry.commit.message.decode() for entry in entries][::-1]


def test_nothing_is_there_before_the_first(tmp_path):
    versions = Versions(tmp_path / "profile")
    assert versions.current() == Preferences()
    assert versions.history() == []
    assert not (tmp_path / "profile").exists()


def test_each_save_is_a_version_a_file_and_a_commit(tmp_path):
    versions = Versions(tmp_path)
    first, second = versions.save(BASS, "more bass"), versions.save(TREBLE, "less treble")
    assert [first.version, second.version] == [1, 2]
    assert versions.current() == second
    assert versions.get(1) == first
    assert [(number, why) for number, _, why in versions.history()] == [(1, "more bass"), (2, "less treble")]
    assert commits(tmp_path) == ["1: more bass", "2: less treble"]
    assert json.loads((tmp_path / CURRENT).read_text())["version"] == 2
    assert versions.diff(1, 2) == [("gear_profile", "neutral", "car"), ("metal_treble", None, -0.5)]
    for path in tmp_path.glob("*.json"):
        assert path.stat().st_mode & 0o777 == 0o600


def test_going_back_makes_a_new_version(tmp_path):
    versions = Versions(tmp_path)
    versions.save(BASS, "a")
    versions.save(TREBLE, "b")
    back = versions.rollback(1)
    assert back.version == 3
    assert versions.diff(1, 3) == []
    assert versions.rollback(0).profile_adjustments == {}
    with pytest.raises(InputError, match="there is no version 9, known are 0, 1, 2, 3, 4"):
        versions.rollback(9)


def test_a_failing_validation_changes_nothing(tmp_path):
    versions = Versions(tmp_path)
    versions.save(BASS, "a")
    before = {path.name: path.read_bytes() for path in tmp_path.glob("*.json")}
    with pytest.raises(InputError, match="nothing was changed, the validation found: too loud"):
        versions.save(TREBLE, "b", lambda found: Validation(("too loud",)))
    assert {path.name: path.read_bytes() for path in tmp_path.glob("*.json")} == before


def test_what_a_kill_left_behind_is_passed_over_and_made_up_for(tmp_path):
    versions = Versions(tmp_path)
    versions.save(BASS, "a")
    second = versions.save(TREBLE, "b")
    (tmp_path / "personal_3.json").write_text('{"version": 3, "profile_adj')
    (tmp_path / ".0123.part").write_text("{")
    (tmp_path / ".git" / "refs" / "heads" / "main.lock").write_text("")
    (tmp_path / CURRENT).write_text("{}")
    again = Versions(tmp_path)
    assert again.current() == second
    assert len(again.notes) == 1
    fourth = again.save(BASS, "c")
    assert fourth.version == 4
    assert again.current() == fourth
    assert commits(tmp_path) == ["1: a", "2: b", "4: c"]
    assert json.loads((tmp_path / CURRENT).read_text())["version"] == 4
    assert not list(tmp_path.glob("*.part"))


# -- the validation suite -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "preferences",
    [
        Preferences(),
        Preferences(profile_adjustments={"studio_bass": 3.0, "metal_treble": -3.0, "bootleg_mid": 2.0}),
        Preferences(gear_profile="small_speakers", hearing_profile="treble_loss", centroid_preference=1.0),
    ],
)
def test_what_is_allowed_passes(preferences):
    assert validate(preferences) == Validation(())


def test_values_out_of_bounds_are_found():
    wild = Preferences.model_construct(**(Preferences().__dict__ | {"profile_adjustments": {"studio_bass": 5.0}}))
    assert any("studio_bass is 5, allowed are -3 to 3 dB" in each for each in validate(wild).findings)


def test_a_ceiling_that_is_overshot_is_found(monkeypatch):
    monkeypatch.setattr(validation, "PEAK_TOLERANCE_DB", -3.0)
    findings = validate(Preferences()).findings
    assert [each for each in findings if "above the ceiling" in each]


def test_a_layer_that_does_nothing_is_found(monkeypatch):
    monkeypatch.setattr("livemaster.planning.tone.plan_personal", lambda *_: None)
    findings = validate(Preferences(profile_adjustments={"studio_treble": 3.0})).findings
    assert findings == ("studio: treble over bass moved by +0.00 dB, asked were +3.00 dB",)


def test_a_detection_that_moved_is_found(monkeypatch):
    monkeypatch.setattr(validation, "PUBLISHED_SCORE", 0.75)
    assert validate(Preferences()).findings == ("detection: a fingerprint of studio 0.75 was heard as studio 0.85",)


# -- kills --------------------------------------------------------------------------------------------------------

KILLS = 200


def _rating(number: int) -> Rating:
    return Rating(
        track=f"track {number}",
        detected_type="studio",
        confidence=0.8,
        philosophy="enhance",
        rating=1 + number % 5,
        timestamp="2026-11-26T18:00:00+00:00",
    )


def _work(folder: Path, told: int, first: int) -> None:
    """Rate, save and go back until killed; every step that is done is told."""
    versions, ratings = Versions(folder / "profile"), Ratings(folder)
    for number in range(first, first + 1_000_000):
        ratings.add(_rating(number))
        os.write(told, f"r {number}\n".encode())
        kept = versions.save(TREBLE, "x") if number % 2 else versions.rollback(1)
        os.write(told, f"v {kept.version}\n".encode())


def test_killed_at_any_moment_nothing_confirmed_is_lost(tmp_path):
    Versions(tmp_path / "profile").save(BASS, "first")
    confirmed, first, version = set(), 0, 1
    for number in range(KILLS):
        delay_s = 0.002 + 0.06 * (number * 0.618 % 1.0)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.close(reading)
                _work(tmp_path, writing, first)
            finally:
                os._exit(1)
        os.close(writing)
        if number % 2:  # every other one is killed while it begins
            select.select([reading], [], [], 30.0)
        time.sleep(delay_s)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with os.fdopen(reading) as pipe:
            lines = [line.split() for line in pipe.read().splitlines()]
        confirmed |= {int(number) for kind, number in lines if kind == "r"}
        version = max([version, *(int(number) for kind, number in lines if kind == "v")])
        versions = Versions(tmp_path / "profile")
        assert versions.current().version in (version, version + 1)
        version = versions.current().version
        first = max(confirmed, default=-1) + 2
    stored = Ratings(tmp_path).load()
    assert confirmed <= {int(each.track.split()[1]) for each in stored.ratings}
    assert len(confirmed) >= KILLS // 2
    last = Versions(tmp_path / "profile").save(BASS, "last")
    history = Versions(tmp_path / "profile").history()
    assert [number for number, _, _ in history] == list(range(1, last.version + 1))
    assert len(commits(tmp_path / "profile")) == last.version


def test_two_processes_that_save_at_once_lose_nothing(tmp_path):
    children = []
    for _ in range(2):
        child = os.fork()
        if child == 0:
            try:
                for number in range(20):
                    Versions(tmp_path).save(BASS if number % 2 else TREBLE, "x")
                os._exit(0)
            finally:
                os._exit(1)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    assert [number for number, _, _ in Versions(tmp_path).history()] == list(range(1, 41))
    assert len(commits(tmp_path)) == 40
