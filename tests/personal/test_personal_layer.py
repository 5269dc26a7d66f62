"""The listener's layer in plans, and the files that it comes from."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from livemaster.analysis.recording import Candidate, RecordingType
from livemaster.documents import preset_names
from livemaster.errors import OutputError, SettingsError
from livemaster.personal.journal import Journal
from livemaster.personal.listener import PersonalPreferences
from livemaster.personal.preferences import Preferences
from livemaster.personal.ratings import Layer, Rating, Ratings, now, read_ratings
from livemaster.personal.sharing import set_enabled
from livemaster.plan_options import PlanOptions
from livemaster.planning import Personal, build
from livemaster.planning.personal import TILT_DB, listener_curve

NEUTRAL = PlanOptions(mode="transparent")


def recording(type_: str, profile: str, score: float = 0.85) -> RecordingType:
    return RecordingType(type_, profile, score, 0.9, (Candidate(profile, type_, score, 1.0),), ())


STUDIO, METAL = recording("studio", "studio_hd_bright"), recording("metal", "metal")


def tone(personal: Personal | None, found: RecordingType | None = STUDIO, options: PlanOptions = NEUTRAL):
    return build(options, duration_s=60.0, recording=found, personal=personal)


@pytest.mark.parametrize(("parameter", "band"), [("bass", "low"), ("mid", "mid"), ("treble", "high")])
def test_a_studio_adjustment_moves_studio_only_and_is_explained(parameter, band):
    personal = Personal(version="4", adjustments={f"studio_{parameter}": 0.3}, reasons={f"studio_{parameter}": "told"})
    for found, change in ((STUDIO, 0.3), (METAL, 0.0), (None, 0.0)):
        with_, without = tone(personal, found), tone(None, found)
        for name in ("low", "body", "mid", "presence", "high"):
            moved = getattr(with_.global_.tone, name) - getattr(without.global_.tone, name)
            assert moved == pytest.approx(change if name == band else 0.0, abs=1e-9)
    why = tone(personal).settings.why[f"global.tone.{band}"]
    assert [(reason.source, reason.change) for reason in why][-1] == ("personal", 0.3)
    assert "told" in why[-1].rule
    assert "version 4" in why[-1].rule


def test_published_example_base_and_personal_add_up():
    preferences = Preferences(profile_adjustments={"studio_bass": 0.3})
    changed = preferences.apply_to_parameters("studio", {"bass_adjustment_db": 1.5, "stereo_strategy": "keep"})
    assert changed == {"bass_adjustment_db": 1.8, "stereo_strategy": "keep"}
    assert preferences.apply_to_parameters("metal", {"bass_adjustment_db": 1.5}) == {"bass_adjustment_db": 1.5}


@pytest.mark.parametrize("mode", preset_names("mode"))
def test_no_mode_scales_the_layer(mode):
    personal = Personal(adjustments={"studio_treble": -1.2})
    options = PlanOptions(mode=mode)
    moved = tone(personal, options=options).global_.tone.high - tone(None, options=options).global_.tone.high
    assert moved == pytest.approx(-1.2, abs=1e-6)


def test_width_and_centroid():
    personal = Personal(adjustments={"studio_width": 0.1}, width=0.05, centroid=0.5)
    with_, without = tone(personal).global_, tone(None).global_
    assert with_.stereo_width - without.stereo_width == pytest.approx(0.15)
    assert with_.tone.high - without.tone.high == pytest.approx(0.25 * TILT_DB)
    assert with_.tone.low - without.tone.low == pytest.approx(-0.25 * TILT_DB)


@pytest.mark.parametrize("kind", ["gear", "hearing"])
def test_every_gear_and_hearing_does_what_its_curve_says(kind):
    for name in preset_names(kind):
        found, curve = tone(Personal(**{kind: name})).global_.tone, listener_curve(kind, name)
        for band, change in curve.bands_db.items():
            assert getattr(found, band) - getattr(tone(None).global_.tone, band) == pytest.approx(change, abs=1e-6)
        assert any(curve.bands_db.values()) == (name not in ("neutral", "normal"))


def test_confidence_trusts_the_profile_more():
    doubtful = recording("metal", "metal", score=0.6)
    trusted = tone(Personal(confidence=0.2), doubtful).global_.tone.low
    assert tone(None, doubtful).global_.tone.low < trusted <= tone(None, METAL).global_.tone.low


def test_bounds_hold():
    personal = Personal(adjustments={"metal_bass": 3.0}, centroid=-1.0, gear="car")
    assert tone(personal, METAL).global_.tone.low <= 6.0


def test_a_settings_file_is_performed_as_written():
    made = tone(None).settings
    again = build(PlanOptions(), duration_s=60.0, settings=made, personal=Personal(adjustments={"studio_bass": 2.0}))
    assert again.global_.tone == made.global_.tone


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"profile_adjustments": {"studio_bas": 0.1}}, "unknown adjustment 'studio_bas'"),
        ({"profile_adjustments": {"studio_bass": 3.1}}, "allowed are -3 to 3 dB"),
        ({"profile_adjustments": {"studio_width": 0.3}}, "allowed are -0.2 to 0.2"),
        ({"gear_profile": "bright_hedphones"}, "did you mean 'bright_headphones'"),
        ({"confidence_adjustment": 0.5}, "allowed are -0.2 to 0.2"),
        ({"centroid": 1.0}, "unknown key"),
    ],
)
def test_preferences_that_are_not_allowed(data, problem):
    with pytest.raises(SettingsError, match="preferences: ") as error:
        Preferences.parse(data)
    assert problem in str(error.value)


# -- ratings ------------------------------------------------------------------------------------------------------

PUBLISHED = {
    "track": "song.wav",
    "detected_type": "studio",
    "confidence": 0.8,
    "philosophy": "enhance",
    "rating": 4,
    "comment": "more bass",
    "timestamp": "2026-11-26T18:00:00",
    "fingerprint": {"centroid_hz": 700.0, "bass_to_mid": 1.6, "stereo_width": 0.13, "crest_db": 12.0},
    "parameters_applied": {
        "bass_adjustment_db": 1.5,
        "mid_adjustment_db": 0.0,
        "treble_adjustment_db": 2.0,
        "stereo_strategy": "keep",
    },
}


def rating(**values) -> Rating:
    return Rating.parse(PUBLISHED | {"timestamp": now()} | values)


def test_the_published_form_is_read_and_written(tmp_path):
    path = tmp_path / "theirs.jsonl"
    path.write_text(json.dumps(PUBLISHED) + "\n")
    (found,) = read_ratings(path)
    assert {name: found.to_data()[name] for name in PUBLISHED} == PUBLISHED
    assert found.source == "import"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"rating": 6}, "rating is 6, allowed are 1 to 5"),
        ({"rating": "4"}, "rating is"),
        ({"detected_type": "jazz"}, "detected_type is"),
        ({"timestamp": "yesterday"}, "timestamp is 'yesterday'"),
        ({"comment": "x" * 3000}, "comment"),
        ({"stars": 3}, "unknown key"),
    ],
)
def test_ratings_that_are_none_name_file_and_line(tmp_path, change, problem):
    path = tmp_path / "theirs.jsonl"
    path.write_text(json.dumps(PUBLISHED) + "\n" + json.dumps(PUBLISHED | change) + "\n")
    with pytest.raises(SettingsError, match=r"theirs\.jsonl: line 2") as error:
        list(read_ratings(path))
    assert problem in str(error.value)


def test_a_line_cut_by_a_kill_costs_itself_alone(tmp_path):
    ratings = Ratings(tmp_path)
    ratings.add(rating(track="a"), rating(track="b"))
    whole = ratings.path.read_bytes()
    for size in range(whole.index(b"\n") + 1, len(whole)):
        ratings.path.write_bytes(whole[:size])
        ratings.add(rating(track="c"))
        stored = ratings.load()
        assert [each.track for each in stored.ratings][0 :: len(stored.ratings) - 1] == ["a", "c"]
        assert len(stored.ratings) + len(stored.broken) <= 3


def test_files_are_for_their_owner_alone(tmp_path):
    ratings = Ratings(tmp_path)
    ratings.add(rating(asked=Layer(bass=1.0).model_dump()))
    ratings.delete(ratings.load().ratings[:0])
    assert ratings.path.stat().st_mode & 0o777 == 0o600


def test_deleting_forgets_what_was_asked_for_alone(tmp_path):
    ratings = Ratings(tmp_path)
    ratings.add(*(rating(track=name) for name in "abc"))
    stored = ratings.load().ratings
    assert ratings.delete([stored[1]]) == 1
    assert [each.track for each in ratings.load().ratings] == ["a", "c"]


def test_processes_that_rate_at_once_lose_nothing(tmp_path):
    children = []
    for name in "ab":
        child = os.fork()
        if child == 0:
            try:
                for number in range(50):
                    Ratings(tmp_path).add(rating(track=f"{name}{number}"))
                os._exit(0)
            finally:
                os._exit(1)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    stored = Ratings(tmp_path).load()
    assert sorted(each.track for each in stored.ratings) == sorted(f"{n}{k}" for n in "ab" for k in range(50))
    assert stored.broken == ()


def test_a_journal_is_not_confirmed_where_the_disk_is_full():
    journal = Journal(Path("/dev/full"))
    with pytest.raises(OutputError, match="cannot be written"):
        journal._write(b"{}\n")


def test_the_listener_of_programs(tmp_path):
    listener = PersonalPreferences.load_or_create(tmp_path)
    assert listener.layer == Personal()
    listener.change(profile_adjustments={"studio_bass": 0.3}, gear_profile="car")
    assert listener.apply_to_parameters("studio", {"bass_adjustment_db": 1.5}) == {"bass_adjustment_db": 1.8}
    assert PersonalPreferences.load_or_create(tmp_path).layer == Personal()  # not saved yet
    assert listener.save("mine").version == 1
    assert PersonalPreferences.load_or_create(tmp_path).layer == listener.layer
    for number in range(3):
        listener.record_feedback(PUBLISHED | {"track": f"song {number}", "asked": {"bass": 1.0}})
    with pytest.raises(SettingsError, match="rating is 9, allowed are 1 to 5"):
        listener.record_feedback(PUBLISHED | {"rating": 9})
    with pytest.raises(SettingsError, match="sharing is off"):
        listener.export_for_sharing()
    set_enabled(tmp_path, True)
    shared = listener.export_for_sharing()
    assert shared["gear_profile"] == "car"
    assert [each["adjustments_that_helped"] for each in shared["feedback"]] == [{"bass": 1.0, "treble": 0.0}] * 3
    assert "song" not in json.dumps(shared)
