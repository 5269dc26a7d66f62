"""What a community prefers is found as it was planted, by people and not by ratings; and a base model made of it."""

from __future__ import annotations

import builtins
import json
import math
import random
import re
import statistics
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import simulated_community as simulated
from simulated_community import export, row

from livemaster.analysis.recording import detect, published
from livemaster.documents import preset_names
from livemaster.errors import InputError, OutputError, SettingsError
from livemaster.personal import sharing
from livemaster.personal.base_model import CHANGES, MOST_DB, MOST_WIDTH, build_base_model, check_detection
from livemaster.personal.community import ALL, FEWEST_PEOPLE, SENSITIVITY, Group, Insights, aggregate, wilson
from livemaster.personal.noise import Noise
from livemaster.personal.preferences import Preferences
from livemaster.personal.ratings import Layer, Rating
from livemaster.tone.profiles import METADATA, Metadata, base_model, load_profiles


def person(bass: float = 1.0, treble: float = 0.0, **values: Any) -> dict[str, Any]:
    """Somebody with three good ratings of studio tracks."""
    return export([row("studio", 5, bass, treble) for _ in range(3)], **values)


def people(*groups: tuple[int, dict[str, Any]]) -> list[dict[str, Any]]:
    """So many different files of each person: one more poor rating tells them apart."""
    made = []
    for count, data in groups:
        for _ in range(count):
            place = len(made)
            digits = [row("unknown", 1 + (place >> shift & 1)) for shift in range(12)]
            made.append(data | {"feedback": data["feedback"] + digits})
    return made


def rated(track: int, bass: float) -> Rating:
    """A good rating of one of several studio tracks, for which so much more bass was asked."""
    return Rating.parse(
        {
            "track": f"{track}.wav",
            "detected_type": "studio",
            "confidence": 0.9,
            "philosophy": "enhance",
            "rating": 5,
            "timestamp": "2026-01-01T00:00:00+00:00",
            "asked": Layer(bass=bass).model_dump(),
        }
    )


def share(found: Insights, direction: str = "more", parameter: str = "bass", **place: str) -> Group | None:
    wanted = {"type": "studio", "gear": ALL, "hearing": ALL, "parameter": parameter, "direction": direction} | place
    return next((g for g in found.groups if all(getattr(g, name) == value for name, value in wanted.items())), None)


# -- shares -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], Insights]:
    drawn = random.Random(7)
    paths = simulated.write(tmp_path_factory.mktemp("planted"), [simulated.person(drawn) for _ in range(300)])
    return paths, aggregate(paths)


@pytest.mark.parametrize("type_", simulated.TYPES)
def test_planted_preferences_of_300_people_lie_within_the_intervals(planted, type_):
    _, found = planted
    assert share(found, type=type_).interval[0] <= simulated.MORE_BASS[type_] <= share(found, type=type_).interval[1]
    less = share(found, "less", type=type_)
    assert less.interval[0] <= simulated.LESS_BASS <= less.interval[1]


@pytest.mark.parametrize("gear", simulated.GEARS)
def test_the_effect_of_gear_is_found(planted, gear):
    _, found = planted
    group = share(found, "less", "treble", gear=gear)
    assert group.interval[0] <= simulated.LESS_TREBLE[gear] <= group.interval[1]
    others = [share(found, "less", "treble", gear=each) for each in simulated.GEARS if each != gear]
    assert all(group.interval[1] < each.interval[0] or each.interval[1] < group.interval[0] for each in others)


def test_intervals_hold_the_truth_in_95_of_100_populations():
    drawn = np.random.default_rng(1)
    held = []
    for truth in (0.1, 0.35, 0.5, 0.9):
        shares = drawn.binomial(60, truth, 2000) / 60
        held += [low <= truth <= high for low, high in (wilson(float(each), 60) for each in shares)]
    assert 0.93 < statistics.mean(held) < 0.975


def test_insights_have_the_published_form(planted, tmp_path):
    _, found = planted
    data = found.to_data()
    assert {"groups", "confidence", "left_out"} <= set(data)
    form = {"type", "gear", "hearing", "parameter", "direction", "share", "interval", "people"}
    assert all(set(each) == form for each in data["groups"])
    assert data["confidence"] == {"correlation": None, "threshold": None}
    path = tmp_path / "insights.json"
    path.write_text(json.dumps(data))
    assert Insights.load(path) == found


def test_shares_are_exact_and_people_of_no_direction_count(tmp_path):
    paths = simulated.write(tmp_path, people((30, person(1.0)), (10, person(-0.5)), (20, person(0.0))))
    found = aggregate(paths)
    assert (share(found).share, share(found, "less").share, share(found).people) == (0.5, 0.1667, 60)


def test_groups_of_fewer_than_20_people_are_left_out_and_named(tmp_path):
    few, enough = person(gear="car"), person(gear="neutral")
    found = aggregate(simulated.write(tmp_path, people((FEWEST_PEOPLE - 1, few), (FEWEST_PEOPLE, enough))))
    assert share(found, gear="car") is None
    assert share(found, gear="neutral").people == FEWEST_PEOPLE
    left_out = {(each.type, each.gear, each.hearing, each.parameter) for each in found.left_out}
    assert ("studio", "car", ALL, "bass") in left_out
    assert {each.people >= FEWEST_PEOPLE for each in found.groups} == {True}


def test_bad_ratings_say_nothing_of_what_helped(tmp_path):
    disliked = export([row("studio", 3, -3.0)] * 40 + [row("studio", 4, 0.5)] * 2)
    assert share(aggregate(simulated.write(tmp_path, people((20, disliked))))).share == 1.0


def test_one_odd_rating_does_not_turn_a_vote(tmp_path):
    odd = export([row("studio", 5, 1.0)] * 5 + [row("studio", 5, -12.0)])
    assert share(aggregate(simulated.write(tmp_path, people((20, odd))))).share == 1.0


# -- who tries to swing it ----------------------------------------------------------------------------------------


def test_a_thousand_ratings_of_one_person_are_one_vote(tmp_path):
    crowd = people((50, person(1.0)), (49, person(-1.0)))
    thousand = export([row("studio", 5, -1.0)] * 1000)
    found = aggregate(simulated.write(tmp_path, [*crowd, thousand]))
    assert (share(found).share, share(found).people) == (0.5, 100)


def test_copies_of_a_file_are_one_file(tmp_path):
    crowd = people((30, person(1.0)), (30, person(-1.0)))
    refused: list[str] = []
    paths = simulated.write(tmp_path, [*crowd, *([person(-1.0)] * 500)])
    found = aggregate([*paths, paths[0], str(paths[1])], refused=refused.append)
    assert (share(found).share, share(found).people) == (0.4918, 61)
    assert len(refused) == 499 + 2
    assert all("the same file as" in each for each in refused)


def test_people_who_say_the_same_all_count_and_copies_once(tmp_path):
    """1,500 people with few answers, of whom 70 % want more bass: as they export, and with copies in another form."""
    drawn = random.Random(13)
    texts, wants = [], []
    for number in range(1500):
        wants.append(drawn.random() < 0.7)
        ratings = [rated(track, 1.0 if wants[-1] else -1.0) for track in range(3)]
        preferences = Preferences(gear_profile=drawn.choice(("neutral", "car")))
        texts.append(sharing._text(sharing.anonymized(ratings, preferences), f"{number:064x}"))
    copies = [json.dumps(json.loads(text), indent=3, sort_keys=True) for text in texts[:200]] + texts[200:400]
    paths = [tmp_path / f"{number}.json" for number in range(1900)]
    for path, text in zip(paths, [*texts, *copies], strict=True):
        path.write_text(text, "utf-8")
    refused: list[str] = []
    found = aggregate(paths, refused=refused.append)
    assert share(found).people == 1500
    assert share(found).share == round(sum(wants) / 1500, 4)
    assert share(found).interval[0] <= 0.7 <= share(found).interval[1]
    assert len(refused) == 400
    assert all("the same file as" in each for each in refused)


def test_the_same_number_with_other_words_is_no_copy(tmp_path):
    """Nobody's vote can be taken away by handing in something else under its number."""
    crowd = [person(1.0) | {"number": number} for number in range(20)]
    theirs = [person(-1.0) | {"number": number} for number in range(20)]
    assert (share(aggregate(simulated.write(tmp_path, [*theirs, *crowd]))).share) == 0.5


def test_poisoners_of_what_no_layer_does_have_no_vote_and_others_one(planted, tmp_path):
    paths, found = planted
    drawn = random.Random(3)
    wild = simulated.write(tmp_path / "wild", [simulated.poisoner(drawn) for _ in range(6)])
    assert aggregate([*paths, *wild]).groups == found.groups
    tame = simulated.write(tmp_path / "tame", [simulated.poisoner(drawn, 100, 1.0) for _ in range(6)])
    after = aggregate([*paths, *tame])
    for type_ in simulated.TYPES:
        before = share(found, type=type_)
        assert share(after, type=type_).people == before.people + 6
        assert before.share - 0.04 < share(after, type=type_).share < before.share


def test_the_order_of_the_files_does_not_matter(planted):
    paths, found = planted
    assert aggregate(paths[::-1]) == found


def test_ratings_beside_another_base_model_do_not_count(tmp_path):
    other = export([row("studio", 5, -1.0, base_model="2.0")] * 3)
    paths = simulated.write(tmp_path, people((20, person(1.0)), (20, other)))
    refused: list[str] = []
    assert (share(aggregate(paths, refused=refused.append)).people, refused) == (20, [])
    assert share(aggregate(paths, base_model="2.0"), "less").share == 1.0


# -- differential privacy -----------------------------------------------------------------------------------------


def test_a_large_epsilon_is_exact(planted):
    paths, found = planted
    noisy = aggregate(paths, dp_epsilon=1000.0, seed=1)
    exact = {(g.type, g.gear, g.hearing, g.parameter, g.direction): (g.share, g.people) for g in found.groups}
    assert {(g.type, g.gear, g.hearing, g.parameter, g.direction): (g.share, g.people) for g in noisy.groups} == exact
    assert noisy.dp_epsilon == 1000.0


def test_a_small_epsilon_is_noise_that_the_seed_repeats_and_the_interval_tells(planted):
    paths, found = planted
    noisy = [aggregate(paths, dp_epsilon=2.0, seed=seed) for seed in range(12)]
    assert aggregate(paths, dp_epsilon=2.0, seed=3) == noisy[3]
    assert len({str(each.groups) for each in noisy}) == len(noisy)
    groups = [share(each) for each in noisy]
    assert len({each.people for each in groups if each}) > 6
    exact = share(found)
    width = exact.interval[1] - exact.interval[0]
    assert all(each.interval[1] - each.interval[0] > width for each in groups if each)
    assert sum(each.interval[0] <= exact.share <= each.interval[1] for each in groups if each) >= 10


def test_unseeded_noise_differs(planted):
    paths, _ = planted
    assert aggregate(paths[:50], dp_epsilon=0.5) != aggregate(paths[:50], dp_epsilon=0.5)


def test_noise_decides_about_the_threshold_of_people(tmp_path):
    paths = simulated.write(tmp_path, people((FEWEST_PEOPLE, person(1.0, gear="car"))))
    found = [share(aggregate(paths, dp_epsilon=20.0, seed=seed), gear="car", hearing="normal") for seed in range(12)]
    assert 0 < sum(each is None for each in found) < len(found)


def test_which_cells_exist_is_not_told(tmp_path):
    """All cells that there can be are either groups or left out, whoever voted."""
    one = simulated.write(tmp_path / "a", people((1, person())))
    other = simulated.write(tmp_path / "b", people((2, person(gear="car", hearing="treble_loss"))))

    def cells(paths: list[Path]) -> set[tuple[str, ...]]:
        found = aggregate(paths, dp_epsilon=1.0, seed=5)
        return {(g.type, g.gear, g.hearing, g.parameter) for g in (*found.groups, *found.left_out)}

    assert cells(one) == cells(other)


def test_noise_is_laplace_on_whole_numbers_with_the_stated_scale():
    noise = Noise(2.0, SENSITIVITY, 1)
    drawn = [noise.draw() for _ in range(40_000)]
    assert SENSITIVITY == 4 * 2  # kinds of recording, parameters of the published form
    assert statistics.pvariance(drawn) == pytest.approx(noise.variance, rel=0.05)
    assert noise.variance == pytest.approx(2.0 * (SENSITIVITY / 2.0) ** 2, rel=0.02)  # of the continuous one
    assert abs(statistics.mean(drawn)) < 0.15
    for value in range(4):
        ratio = drawn.count(value) / drawn.count(value + 1)
        assert ratio == pytest.approx(math.exp(2.0 / SENSITIVITY), rel=0.15)  # the definition of the privacy


def told(found: Insights) -> dict[str, Any]:
    """Every number that insights tell, by its place; what is not there is None."""
    numbers: dict[str, Any] = {f"confidence {name}": value for name, value in found.confidence.model_dump().items()}
    for each in found.groups:
        place = f"{each.type} {each.gear} {each.hearing} {each.parameter} {each.direction}"
        numbers |= {f"{place} share": each.share, f"{place} people": each.people, f"{place} interval": each.interval}
    return numbers


def test_nothing_is_told_under_an_epsilon_that_one_person_decides(tmp_path):
    """With one person more every number may come out as it may without them: so none is told without noise.

    The person is as unlike the others as can be, in votes, gear and confidence. What is told of the two collections
    over many seeds must overlap, number for number, and so must whether it is told at all.
    """
    crowd = people((40, person(1.0)))
    for number, each in enumerate(crowd):
        each["feedback"] = [row("studio", 4 + number % 2, 1.0, confidence=0.4 + 0.1 * (number % 3))] * 3
    odd = export(
        [row(type_, 1 + 4 * (n % 2), -1.0, 1.0, confidence=n % 2) for type_ in simulated.TYPES for n in range(3)]
    )
    paths = simulated.write(tmp_path, [each | {"number": number} for number, each in enumerate([*crowd, odd])])
    without, with_one = (
        [told(aggregate(some, dp_epsilon=4.0, seed=seed)) for seed in range(12)] for some in (paths[:-1], paths)
    )
    assert without != with_one
    for place in {place for each in (*without, *with_one) for place in each}:
        one, other = ([each.get(place) for each in several] for several in (without, with_one))
        if min(len(set(one)), len(set(other))) == 1:  # told as if for certain: then of both the same
            assert set(one) & set(other), place
        else:
            numbers = [[value for value in each if value is not None] for each in (one, other)]
            assert None in (*one, *other) or min(map(max, numbers)) >= max(map(min, numbers)), place


def test_every_count_has_the_noise_of_its_own(tmp_path):
    """Of a finest cell three counts, each with the stated variance; of a sum over cells that of all of them."""
    crowd = [export([row(type_, 5, 1.0) for type_ in simulated.TYPES]) | {"number": number} for number in range(100)]
    paths, epsilon = simulated.write(tmp_path, crowd), 16.0
    drawn = [aggregate(paths, dp_epsilon=epsilon, seed=seed) for seed in range(15)]
    cells = len(preset_names("gear")) * len(preset_names("hearing"))
    variance = 3 * cells * Noise(epsilon, SENSITIVITY, 1).variance
    away = []
    for type_, parameter in product(simulated.TYPES, ("bass", "treble")):
        away += [share(each, type=type_, parameter=parameter).people - len(crowd) for each in drawn]
    assert statistics.mean(each**2 for each in away) == pytest.approx(variance, rel=0.25)
    assert abs(statistics.mean(away)) < 4.0 * math.sqrt(variance / len(away))


@pytest.mark.parametrize("epsilon", [0.0, -1.0, math.nan, math.inf])
def test_an_epsilon_that_is_none_is_refused(planted, epsilon):
    with pytest.raises(SettingsError, match="epsilon is"):
        aggregate(planted[0], dp_epsilon=epsilon)


# -- confidence ---------------------------------------------------------------------------------------------------


def test_correlation_and_threshold_of_the_confidence_are_those_planted(tmp_path):
    drawn = random.Random(2)
    made = []
    for _ in range(100):
        sure = [round(drawn.random(), 1) for _ in range(10)]
        made.append(export([row("studio", 5 if each >= 0.6 else 2, confidence=each) for each in sure]))
    one_of_a_thousand = export([row("studio", 1, confidence=1.0)] * 1000)
    found = aggregate(simulated.write(tmp_path, [*made, one_of_a_thousand])).confidence
    pairs = np.array([(each["confidence"], each["rating"]) for data in made for each in data["feedback"]])
    assert found.correlation == pytest.approx(np.corrcoef(pairs.T)[0, 1], abs=0.05)
    assert found.threshold == 0.6


def test_there_is_no_threshold_without_a_connection_or_people(tmp_path):
    drawn = random.Random(2)
    flat = [export([row("studio", 4, confidence=drawn.random()) for _ in range(3)]) for _ in range(30)]
    assert aggregate(simulated.write(tmp_path / "flat", flat)).confidence.threshold is None
    few = [export([row("studio", 1 + 4 * n, confidence=float(n)) for n in (0, 1)] * (1 + n)) for n in range(19)]
    assert aggregate(simulated.write(tmp_path / "few", few)).confidence.correlation is None


# -- bad input ----------------------------------------------------------------------------------------------------


def test_a_file_that_is_no_export_is_refused_or_reported(planted, tmp_path):
    paths, found = planted
    bad = tmp_path / "bad.json"
    bad.write_text('{"groups": []}')
    with pytest.raises(SettingsError, match=r"bad\.json: "):
        aggregate([*paths, bad])
    refused: list[str] = []
    assert aggregate([bad, *paths, tmp_path / "none.json"], refused=refused.append) == found
    assert [re.search(r"(bad|none)\.json: ", each) is not None for each in refused] == [True, True]
    with pytest.raises(SettingsError, match="no ratings beside base model 1"):
        aggregate([bad], refused=refused.append)
    with pytest.raises(SettingsError, match="no ratings"):
        aggregate([])


def test_a_missing_duckdb_is_named_with_its_extra(planted, monkeypatch):
    whole = builtins.__import__

    def without(name: str, *args: Any, **values: Any) -> Any:
        if name == "duckdb":
            raise ImportError(name)
        return whole(name, *args, **values)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(SettingsError, match="pip install duckdb, or livemaster's extra 'community'") as error:
        aggregate(planted[0])
    assert "\n" not in str(error.value)


def test_progress_is_told_to_its_end(planted):
    told: list[tuple[str, float]] = []
    aggregate(planted[0][:5], progress=lambda step, done: told.append((step, done)))
    assert [done for _, done in told] == sorted(done for _, done in told)
    assert told[-1][1] == 1.0


def test_a_hundred_thousand_ratings_are_counted(tmp_path):
    """Shares of 10,000 people are within 3 points of those planted, 1 of them chance, with 2 % of poisoners."""
    drawn = random.Random(11)
    made = [simulated.person(drawn) for _ in range(9800)]
    made += [simulated.poisoner(drawn, 20, drawn.choice((1.0, 12.0))) for _ in range(200)]
    found = aggregate(simulated.write(tmp_path, made))
    for type_, planted_share in simulated.MORE_BASS.items():
        assert share(found, type=type_).share == pytest.approx(planted_share, abs=0.03)


# -- a base model -------------------------------------------------------------------------------------------------

PROFILES = {each.name: each for each in base_model()}


def group(type_: str, parameter: str, direction: str, value: float, **more: Any) -> dict[str, Any]:
    low, high = wilson(value, 200)
    data = {"type": type_, "gear": ALL, "hearing": ALL, "parameter": parameter, "direction": direction}
    return data | {"share": value, "interval": [low, high], "people": 200} | more


def insights(*groups: dict[str, Any], **more: Any) -> Insights:
    return Insights.parse({"groups": list(groups), "confidence": {}, "left_out": []} | more)


def test_profiles_move_by_the_rule_and_the_log_says_why(tmp_path):
    found = insights(
        group("studio", "bass", "more", 0.8),
        group("metal", "mid", "less", 1.0),
        group("bootleg", "width", "more", 0.75),
        group("studio", "treble", "more", 0.55),  # its interval begins below one half
        group("metal", "bass", "more", 0.9, gear="car"),  # of one kind of gear alone
    )
    changes = build_base_model(found, "2.0", tmp_path / "v2.0")
    made = {each.name: each for each in load_profiles(tmp_path / "v2.0")}
    moved = {(each.profile, each.field): (each.before, each.after) for each in changes}
    assert moved == {
        ("studio_hd_bright", "bass_db"): (1.5, 1.9),
        ("studio_legacy", "bass_db"): (1.5, 1.9),
        ("metal", "mid_db"): (-5.7, -6.2),
        ("bootleg", "width_after_mastering"): (0.4, 0.415),
    }
    for name, before in PROFILES.items():
        for field in ("bass_db", "mid_db", "treble_db", "width_target", "width_after_mastering", "target_centroid_hz"):
            wanted = moved.get((name, field), (None, getattr(before, field)))[1]
            assert getattr(made[name], field) == wanted
        assert made[name].version == "2.0"
    log = (tmp_path / "v2.0" / CHANGES).read_text("utf-8")
    for line in ("studio_legacy, bass_db: 1.5 → 1.9 dB: 80.0%", "of 200 people want more bass (studio)"):
        assert line in log
    assert Metadata.load(tmp_path / "v2.0" / METADATA).version == "2.0"
    assert {path.name for path in tmp_path.iterdir()} == {"v2.0"}


def test_detection_is_unchanged(tmp_path):
    groups = [group(t, p, "more", 1.0) for t in simulated.TYPES for p in ("bass", "mid", "treble", "width")]
    changes = build_base_model(insights(*groups), "2.0", tmp_path / "new")
    assert all(abs(each.after - each.before) <= MOST_DB + 1e-9 for each in changes if each.field.endswith("_db"))
    assert all(abs(each.after - each.before) <= MOST_WIDTH + 1e-9 for each in changes if "width" in each.field)
    made, drawn = load_profiles(tmp_path / "new"), random.Random(1)
    for _ in range(200):
        heard = {
            "spectral_centroid": 2 ** drawn.uniform(7.0, 12.5),
            "bass_mid_ratio": drawn.uniform(-10.0, 18.0),
            "stereo_width": drawn.uniform(0.0, 0.6),
            "crest_db": drawn.uniform(3.0, 20.0),
        }
        assert published(heard, made) == published(heard, base_model())
        before, after = detect(heard, base_model()), detect(heard, made)
        assert (after.type, after.profile, after.score) == (before.type, before.profile, before.score)


def test_moved_boundaries_are_refused():
    moved = [each for each in base_model() if each.name != "metal"]
    with pytest.raises(SettingsError, match="metal"):
        check_detection(moved, base_model())


def test_from_people_to_profiles(planted, tmp_path):
    changes = build_base_model(planted[1], "1.1", tmp_path / "v1.1")
    assert {(each.profile, each.field) for each in changes} >= {("studio_legacy", "bass_db")}
    assert all(each.group.interval[0] > 0.5 for each in changes)


def test_without_a_majority_nothing_moves_and_that_is_said(tmp_path):
    assert build_base_model(insights(group("studio", "bass", "more", 0.5)), "2.0", tmp_path / "x") == ()
    assert "Nothing is changed" in (tmp_path / "x" / CHANGES).read_text("utf-8")


@pytest.mark.parametrize("version", ["1.0", "0.9", "2", "../../x", "2.0/..", "2.0.0", ""])
def test_versions_that_are_none_or_not_newer(tmp_path, version):
    with pytest.raises(SettingsError, match="version is"):
        build_base_model(insights(), version, tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_replaced_only_by_force_and_only_if_it_is_a_base_model(tmp_path):
    target = tmp_path / "v2.0"
    build_base_model(insights(), "2.0", target)
    before = (target / CHANGES).read_bytes()
    found = insights(group("studio", "bass", "more", 0.9))
    with pytest.raises(OutputError, match="exists already"):
        build_base_model(found, "2.0", target)
    assert (target / CHANGES).read_bytes() == before
    assert len(build_base_model(found, "2.0", target, force=True)) == 2
    (target / "thesis.txt").write_text("mine")
    with pytest.raises(OutputError, match="is no base model"):
        build_base_model(found, "2.0", target, force=True)
    assert (target / "thesis.txt").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"v2.0"}


def test_a_model_that_fails_its_checks_leaves_nothing(tmp_path, monkeypatch):
    def fails(*_: object) -> None:
        raise SettingsError("not as published")

    monkeypatch.setattr("livemaster.personal.base_model.check_detection", fails)
    with pytest.raises(SettingsError, match="not as published"):
        build_base_model(insights(), "2.0", tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"interval": [0.9, 0.7]}, "is not within its interval"),
        ({"share": 1.5}, "groups[0].share is 1.5"),
        ({"people": 19}, "groups[0].people is 19"),
        ({"parameter": "loudness"}, "groups[0].parameter"),
        ({"evil": 1}, "unknown key"),
    ],
)
def test_insights_that_are_none(more, problem):
    with pytest.raises(InputError, match=re.escape(problem)):
        insights(group("studio", "bass", "more", 0.8) | more)


def test_a_group_named_twice_would_count_twice():
    with pytest.raises(SettingsError, match="twice"):
        insights(*[group("studio", "bass", "more", 0.8)] * 2)


def test_a_base_model_that_does_not_ship_cannot_be_built_on(tmp_path):
    with pytest.raises(SettingsError, match="base_model is"):
        build_base_model(insights(base_model="7.0"), "8.0", tmp_path / "x")
