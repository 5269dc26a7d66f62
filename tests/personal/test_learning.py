"""What is learned from ratings: the published rules, laws of the learner, and figures over simulated listeners."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations_with_replacement
from statistics import fmean

import numpy as np
import pytest
import simulated_listeners as simulated
from hypothesis import given, settings
from hypothesis import strategies as st

from livemaster.personal.learning import BOUNDS, PARAMETERS, TYPES, Evidence, Learned, learn

LISTENERS, RATINGS = 300, 50
"""Their seeds are 0…299; the learner's constants were chosen on seeds from 10,000 on."""


def rating(
    wishes: dict[str, float] | None = None,
    *,
    stars: int = 3,
    kind: str = "studio",
    confidence: float = 0.8,
    age_days: float = 1.0,
    asked: dict[str, float] | None = None,
    applied: dict[str, float] | None = None,
) -> Evidence:
    return Evidence(kind, stars, confidence, age_days, wishes or {}, asked or {}, applied or {})


def five(*wishes: dict[str, float]) -> list[Evidence]:
    """Five ratings of studio, 3 and 4 by turns, the first of them with these wishes."""
    return [rating(wishes[index] if index < len(wishes) else {}, stars=3 + index % 2) for index in range(5)]


def value(evidence: Sequence[Evidence], name: str, kind: str = "studio") -> float:
    return learn(evidence).by_type[kind][name].value


def layer_of(evidence: Sequence[Evidence]) -> simulated.Layer:
    """What the program would apply."""
    by_type = learn(evidence).by_type
    return {kind: {name: each.value for name, each in found.items()} for kind, found in by_type.items()}


# --- published rules


PUBLISHED = [("bass", 1.0, 3, (0.3, 0.5)), ("treble", -1.0, 2, (-0.3, -0.2)), ("width", 1.0, 2, (0.05, 0.10))]


@pytest.mark.parametrize(("name", "wish", "times", "between"), PUBLISHED)
def test_the_published_rules_come_out_whatever_the_ratings(
    name: str, wish: float, times: int, between: tuple[float, float]
) -> None:
    wishes = [{name: wish}] * times + [{}] * (5 - times)
    for stars in combinations_with_replacement(range(1, 6), 5):
        if 3.0 <= fmean(stars) <= 4.0:
            for order in (stars, stars[::-1]):
                found = value([rating(said, stars=each) for said, each in zip(wishes, order, strict=True)], name)
                assert between[0] <= round(found, 9) <= between[1], order


def test_the_published_rules_hold_together() -> None:
    found = learn(five({"bass": 1, "treble": -1}, {"bass": 1, "width": 1}, {"bass": 1}, {"treble": -1, "width": 1}))
    studio = found.by_type["studio"]
    assert 0.3 <= studio["bass"].value <= 0.5
    assert -0.3 <= studio["treble"].value <= -0.2
    assert 0.05 <= studio["width"].value <= 0.1
    assert studio["mid"].value == 0.0


def test_wishes_count_net() -> None:
    four_of_five = five(*[{"bass": 1.0}] * 4, {"bass": -1.0})
    assert 0.3 <= value(four_of_five, "bass") <= 0.5
    assert learn(four_of_five).by_type["studio"]["bass"].net == 3.0
    assert abs(value([rating({"bass": (-1.0) ** index}) for index in range(6)], "bass")) < 0.05


def test_fewer_than_five_ratings_of_a_type_change_nothing() -> None:
    mixed = [rating({"bass": 1.0}, kind="metal")] * 4 + [rating({"bass": 1.0})] * 9
    assert value([rating({"bass": 1.5})] * 4, "bass") == 0.0
    assert value(mixed, "bass") > 0.0
    assert value(mixed, "bass", "metal") == 0.0
    assert not learn(mixed).by_type["metal"]["bass"].enough
    assert "metal: need at least 5 ratings, have 4" in [note.text for note in learn(mixed).notes]


def test_a_low_mean_rating_asks_for_a_wider_profile() -> None:
    assert any("widen" in note.text for note in learn([rating(stars=3)] * 5).notes)
    assert not any("widen" in note.text for note in learn([rating(stars=4)] * 5).notes)
    assert not any("widen" in note.text for note in learn([rating(stars=1)] * 4).notes)


def test_satisfaction_at_low_confidence_is_trust_in_the_detector() -> None:
    def adjustment(stars: int, confidence: float, count: int = 8) -> float:
        return learn([rating(stars=stars, confidence=confidence)] * count).confidence_adjustment.value

    assert 0.0 < adjustment(5, 0.5) < BOUNDS["confidence"]
    assert adjustment(1, 0.5) == pytest.approx(-adjustment(5, 0.5))
    assert adjustment(3, 0.5) == adjustment(5, 0.9) == adjustment(5, 0.5, count=4) == 0.0


@pytest.mark.parametrize(
    ("name", "first"), [("bass", 0.5), ("mid", 0.5), ("treble", 0.3), ("width", 0.1), ("centroid", 0.3)]
)
def test_the_first_change_grows_with_the_square_of_the_ratings(name: str, first: float) -> None:
    """However much is asked for: at five ratings the published upper end, at ten four times as much."""
    for count in range(5, 14):
        for sign in (1.0, -1.0):
            asked = {name: sign * 2.0 * BOUNDS[name]}
            found = value([rating(asked=asked)] * count, name)
            most = first * (count / 5) ** 2
            assert abs(found) <= min(most, BOUNDS[name]) + 1e-12
            if most < 0.6 * BOUNDS[name]:
                assert found == pytest.approx(sign * most)


@pytest.mark.parametrize(
    ("name", "most"), [("bass", 3.0), ("mid", 3.0), ("treble", 3.0), ("width", 0.2), ("centroid", 1.0)]
)
def test_no_value_lies_further_from_zero_than_is_published(name: str, most: float) -> None:
    """And there it does lie where more is asked for again and again."""
    assert BOUNDS[name] == most
    for sign in (1.0, -1.0):
        ratings = [rating(asked={name: sign * 2.0 * most}, applied={name: sign * 0.8 * most})] * 60
        assert value(ratings, name) == sign * most


def test_a_change_is_counted_from_the_layer_in_force() -> None:
    """So five ratings a time, it goes on by no more than the first change each time."""
    now = 0.0
    for _ in range(2):
        found = value([rating(asked={"bass": 6.0}, applied={"bass": now})] * 5, "bass")
        assert found == pytest.approx(now + 0.5)
        now = found


@pytest.mark.parametrize("opinion", [1.0, -1.0])
@pytest.mark.parametrize("count", [5, 8, 10, 20, 100])
def test_trust_in_the_detector_is_the_mean_opinion_with_five_of_none(opinion: float, count: int) -> None:
    """Of n that agree n / (n + 5) of the bound: half of it at five, and all of it never."""
    agreed = [rating(stars=5 if opinion > 0 else 1, confidence=0.5)] * count
    found = learn(agreed).confidence_adjustment
    assert found.value == pytest.approx(opinion * BOUNDS["confidence"] * count / (count + 5))
    undecided = [*agreed, *[rating(stars=3, confidence=0.5)] * count]
    assert learn(undecided).confidence_adjustment.value in (
        0.0,
        pytest.approx(opinion * BOUNDS["confidence"] * count / (2 * count + 5)),
    )
    old = [*agreed, *[replace(each, age_days=each.age_days + 365.0) for each in agreed]]
    weight = 1.5 * count
    assert learn(old).confidence_adjustment.value == pytest.approx(
        opinion * BOUNDS["confidence"] * weight / (weight + 5)
    )


@pytest.mark.parametrize(
    ("confidence", "counts"), [(0.0, False), (0.01, True), (0.64, True), (0.65, False), (0.66, False), (1.0, False)]
)
@pytest.mark.parametrize(("stars", "opinion"), [(1, -1), (2, -1), (3, 0), (4, 1), (5, 1)])
def test_only_ratings_of_unsure_detections_speak_of_trust(
    confidence: float, counts: bool, stars: int, opinion: int
) -> None:
    """Below 0.65, where there was a detection at all; 4 and 5 stars for it, 1 and 2 against it."""
    found = learn([rating(stars=stars, confidence=confidence)] * 20).confidence_adjustment
    assert found.value == pytest.approx(0.2 * opinion * 20 / 25 if counts else 0.0)
    assert found.samples == (20 if counts else 0)


def test_opinions_that_differ_by_no_more_than_chance_change_no_trust() -> None:
    """The mean of 20 and of five that have none must be larger than its standard error, 0.2."""
    for against, mean in ((10, 0.0), (9, 0.08), (8, 0.16), (7, 0.24), (5, 0.4), (0, 0.8)):
        ratings = [rating(stars=5, confidence=0.5)] * (20 - against) + [rating(stars=1, confidence=0.5)] * against
        found = learn(ratings).confidence_adjustment.value
        assert found == pytest.approx(BOUNDS["confidence"] * mean if mean > 0.2 else 0.0)


@pytest.mark.parametrize(("years", "weight"), [(0, 1.0), (1, 0.5), (5, 1 / 32), (20, 1 / 1024)])
def test_a_year_takes_half_of_what_ratings_weigh_and_ten_years_no_more(years: int, weight: float) -> None:
    count = round(4 / weight)
    old = [replace(rating(stars=5, confidence=0.5), age_days=365.0 * years)] * count
    newest = replace(rating(stars=3, confidence=0.5), age_days=0.0)
    found = learn([*old, newest]).confidence_adjustment
    assert found.value == pytest.approx(BOUNDS["confidence"] * 4 / (4 + 1 + 5))


def test_the_sentence_names_its_figures() -> None:
    found = learn(five(*[{"bass": 1.0}] * 3)).by_type["studio"]["bass"]
    assert (found.samples, found.wanted, found.unwanted, found.net, found.enough) == (5, 3.0, 0.0, 3.0, True)
    assert found.evidence.startswith("studio bass: wanted 3, unwanted 0 in 5 ratings: +0.48 dB")


# --- laws


def test_nothing_is_learned_from_nothing() -> None:
    found = learn([])
    assert {each.value for of_type in found.by_type.values() for each in of_type.values()} == {0.0}
    assert tuple(found.by_type) == TYPES
    assert (found.confidence_adjustment.value, dict(found.mean_rating), found.notes) == (0.0, {}, ())


def test_a_layer_that_nobody_comments_on_stays() -> None:
    kept = [rating(stars=4, applied={"bass": 1.8, "width": -0.1})] * 7
    assert value(kept, "bass") == pytest.approx(1.8)
    assert value(kept, "width") == pytest.approx(-0.1)


def test_explicit_figures_move_further_the_more_is_asked() -> None:
    asked = [value([rating(asked={"centroid": 1.0, "bass": db})] * 10, "bass") for db in (0.5, 1.0, 2.0)]
    assert asked == sorted(asked)
    assert 0.2 < value([rating(asked={"centroid": 0.5})] * 10, "centroid") < 0.6
    assert value([rating({"centroid": 1.5})] * 10, "centroid") == 0.0


def test_degrees_count() -> None:
    found = [value([rating({"bass": degree})] * 12, "bass") for degree in (0.5, 1.0, 1.5)]
    assert found == sorted(found)
    assert found[2] > found[0] + 0.5


def test_types_share_what_they_have_in_common() -> None:
    studio = five({"bass": 1.0}, {"bass": 1.0})
    metal = [replace(each, type="metal", wishes={"bass": 1.0}) for each in five()]
    assert value(studio + metal, "bass") > value(studio, "bass")


def test_older_evidence_counts_less() -> None:
    def both(more_days: float, less_days: float) -> float:
        more = [rating({"bass": 1.0}, age_days=more_days)] * 5
        return value([*more, *[rating({"bass": -1.0}, age_days=less_days)] * 5], "bass")

    assert both(0.0, 800.0) > 0.02
    assert both(0.0, 800.0) == pytest.approx(-both(800.0, 0.0))
    assert both(100.0, 900.0) == pytest.approx(both(0.0, 800.0))


def test_a_preference_is_reached_and_not_overrun() -> None:
    """Whoever wants 2 dB more and says so whenever half a decibel is missing ends there, however long it goes on."""
    evidence: list[Evidence] = []
    applied = 0.0
    for _ in range(40):
        missing = 2.0 - applied
        wishes = {"bass": float(np.sign(missing))} if abs(missing) > 0.5 else {}
        evidence += [rating(wishes, stars=3 if wishes else 5, applied={"bass": applied})] * 5
        applied = value(evidence, "bass")
    assert applied == pytest.approx(2.0, abs=0.5)


NAMES = st.sampled_from([*PARAMETERS, "loudness"])
FIGURES = st.dictionaries(NAMES, st.floats(-1e300, 1e300), max_size=4)
WISHES = st.dictionaries(NAMES, st.sampled_from([-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5]), max_size=4)
EVIDENCE = st.builds(
    Evidence,
    type=st.sampled_from([*TYPES, "jazz"]),
    rating=st.integers(1, 5),
    confidence=st.floats(0.0, 1.0),
    age_days=st.floats(-1e4, 1e7),
    wishes=WISHES | FIGURES,
    asked=FIGURES,
    applied=FIGURES,
)
MANY = st.lists(EVIDENCE, max_size=25) | st.builds(lambda each, count: [each] * count, EVIDENCE, st.integers(5, 40))


def everything(found: Learned) -> dict[tuple[str, str], float]:
    return {(kind, name): each.value for kind, of_type in found.by_type.items() for name, each in of_type.items()}


@settings(max_examples=150)
@given(MANY)
def test_no_evidence_leads_beyond_the_bounds(evidence: list[Evidence]) -> None:
    found = learn(evidence)
    for (kind, name), each in everything(found).items():
        assert abs(each) <= BOUNDS[name], (kind, name)
    assert abs(found.confidence_adjustment.value) <= BOUNDS["confidence"]
    assert 0.0 <= found.direction <= 1.0
    assert all(np.isfinite(each.standard_error) for of_type in found.by_type.values() for each in of_type.values())


@settings(max_examples=60)
@given(MANY, st.randoms())
def test_the_order_of_ratings_does_not_matter(evidence: list[Evidence], rng: random.Random) -> None:
    shuffled = list(evidence)
    rng.shuffle(shuffled)
    assert learn(shuffled) == learn(evidence)


@settings(max_examples=60)
@given(MANY)
def test_opposite_wishes_lead_the_opposite_way(evidence: list[Evidence]) -> None:
    def opposite(names: dict[str, float]) -> dict[str, float]:
        return {name: -each for name, each in names.items()}

    turned = [
        replace(each, wishes=opposite(each.wishes), asked=opposite(each.asked), applied=opposite(each.applied))
        for each in evidence
    ]
    found = everything(learn(turned))
    assert found == pytest.approx({which: -each for which, each in everything(learn(evidence)).items()}, abs=1e-9)


# --- figures over simulated listeners


@pytest.fixture(scope="module")
def listeners() -> list[tuple[simulated.Taste, simulated.Layer]]:
    """Listeners with what was learned of them after 50 ratings."""
    found = []
    for seed in range(LISTENERS):
        listener = simulated.make_listener(seed)
        found.append((listener, simulated.live(listener, seed, layer_of, RATINGS)[-1]))
    return found


@pytest.fixture(scope="module")
def listened(listeners: list[tuple[simulated.Taste, simulated.Layer]]) -> tuple[np.ndarray, np.ndarray]:
    """Error to the hidden preference of each listener, at first and after 50 ratings."""
    before = [simulated.error_db(who, {}) for who, _ in listeners]
    after = [simulated.error_db(who, layer) for who, layer in listeners]
    return np.array(before), np.array(after)


def test_fifty_ratings_take_sixty_percent_of_the_error(listened: tuple[np.ndarray, np.ndarray]) -> None:
    before, after = listened
    assert after.mean() <= 0.4 * before.mean()
    assert (after / before).mean() <= 0.4


def test_no_listener_ends_worse_than_they_began(
    listened: tuple[np.ndarray, np.ndarray], listeners: list[tuple[simulated.Taste, simulated.Layer]]
) -> None:
    before, after = listened
    assert (after - before).max() <= 0.2
    for listener, layer in listeners:
        worse = simulated.error_db(listener, layer, evenly=True) - simulated.error_db(listener, {}, evenly=True)
        assert worse <= 0.2


def test_masters_with_the_layer_are_preferred(listeners: list[tuple[simulated.Taste, simulated.Layer]]) -> None:
    shares = [simulated.preferred(listener, layer, seed) for seed, (listener, layer) in enumerate(listeners)]
    assert fmean(shares) >= 0.75


def test_ratings_at_random_hardly_move_anything() -> None:
    drifts = []
    for seed in range(LISTENERS):
        rater = simulated.make_random_rater(seed)
        drifts.append(simulated.drift_db(rater, simulated.live(rater, seed, layer_of, RATINGS)[-1]))
    assert fmean(drifts) < 0.15


def test_the_simulation_can_fail() -> None:
    """A learner that takes every wish for a decibel of the last layer and sums them up drifts and overshoots."""

    def naive(evidence: Sequence[Evidence]) -> simulated.Layer:
        last = evidence[-5:]
        return {
            kind: {
                name: max(-3.0, min(3.0, last[-1].applied.get(name, 0.0) + sum(e.wishes.get(name, 0.0) for e in last)))
                for name in simulated.HEARD
            }
            for kind in simulated.TYPES
        }

    drifts = []
    for seed in range(40):
        rater = simulated.make_random_rater(seed)
        drifts.append(simulated.drift_db(rater, simulated.live(rater, seed, naive, RATINGS)[-1]))
    assert fmean(drifts) > 0.5
