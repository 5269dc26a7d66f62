"""What is shared says nothing about a person, only when it was allowed; and what others share is read strictly."""

from __future__ import annotations

import base64
import codecs
import json
import re
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import simulated_community as simulated
from hypothesis import given, settings
from hypothesis import strategies as st

from livemaster.errors import OutputError, SettingsError
from livemaster.personal.exports import MOST_RATINGS, Export, read_export
from livemaster.personal.preferences import Preferences
from livemaster.personal.ratings import Rating
from livemaster.personal.sharing import FILE, anonymized, enabled, export, set_enabled, view

PREFERENCES = Preferences(gear_profile="car", hearing_profile="treble_sensitive", made="2026-01-02T03:04:05+00:00")


def rating(number: int = 0, **values: Any) -> Rating:
    data = {
        "track": f"track{number}.wav",
        "detected_type": "studio",
        "confidence": 0.8123,
        "philosophy": "enhance",
        "rating": 4,
        "timestamp": f"2026-11-26T18:{number % 60:02}:00+00:00",
    }
    return Rating.parse(data | values)


def helped(*ratings: Rating) -> list[tuple[float, float]]:
    found = anonymized(ratings, PREFERENCES).feedback
    return [(each.adjustments_that_helped.bass, each.adjustments_that_helped.treble) for each in found]


# -- what may leave -----------------------------------------------------------------------------------------------


def spellings(text: str) -> list[str]:
    """A text in the encodings that it might have slipped through in."""
    data = text.encode()
    return [
        *(text, text.casefold(), text[::-1], json.dumps(text)[1:-1], quote(text), ascii(text)[1:-1]),
        *(data.hex(), base64.b64encode(data).decode().rstrip("="), base64.b32encode(data).decode().rstrip("=")),
        codecs.encode(text, "rot13"),
    ]


def nobodys_export() -> str:
    """What every export holds: the words of the published form, which are no canaries (hypothesis does find them)."""
    with tempfile.TemporaryDirectory() as folder:
        return view(Path(folder), map(rating, range(3)), PREFERENCES, with_confidence=True).casefold()


IN_EVERY_EXPORT = nobodys_export()
CANARY = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=12, max_size=40).filter(
    lambda text: (
        text.isprintable()
        and bool(text.strip())
        and not any(each.casefold() in IN_EVERY_EXPORT for each in spellings(text))
    )
)


@st.composite
def secrets_in_ratings(draw: st.DrawFn) -> tuple[list[Rating], list[str]]:
    ratings, canaries = [], []
    for number in range(draw(st.integers(3, 8))):
        words = {name: draw(CANARY) for name in ("track", "comment", "philosophy")}
        when = draw(st.datetimes()).isoformat()
        strategy, model = draw(CANARY), draw(st.one_of(CANARY, st.just("1.0")))
        fingerprint = {"centroid_hz": draw(st.floats(100.0, 9000.0)), "crest_db": draw(st.floats(1.0, 30.0))}
        ratings.append(
            rating(
                number,
                **words,
                timestamp=when,
                base_model=model,
                confidence=draw(st.floats(0.0, 1.0)),
                fingerprint=fingerprint,
                parameters_applied={"stereo_strategy": strategy},
                asked={"bass": draw(st.floats(-12.0, 12.0))},
            )
        )
        canaries += [*words.values(), when, strategy, *map(repr, fingerprint.values())]
        canaries += [model] if model != "1.0" else []
    return ratings, [each for each in canaries if len(each) >= 12]


@given(secrets_in_ratings(), st.booleans())
@settings(max_examples=60)
def test_nothing_that_names_a_person_or_a_track_is_in_an_export(found, with_confidence):
    ratings, canaries = found
    with tempfile.TemporaryDirectory() as folder:
        text = view(Path(folder), ratings, PREFERENCES, with_confidence=with_confidence)
    for canary in canaries:
        for spelling in spellings(canary):
            assert spelling not in text
            assert spelling not in text.casefold()


def test_an_export_holds_the_published_form_and_nothing_more(tmp_path):
    data = json.loads(view(tmp_path, map(rating, range(3)), PREFERENCES))
    assert set(data) == {"feedback", "gear_profile", "hearing_profile", "number"}
    assert (data["gear_profile"], data["hearing_profile"]) == ("car", "treble_sensitive")
    for each in data["feedback"]:
        helped = {"bass": 0.0, "treble": 0.0}
        wanted = {"base_model": "1.0", "detected_type": "studio", "rating": 4, "adjustments_that_helped": helped}
        assert each == wanted


def test_every_word_in_an_export_is_one_of_a_few(tmp_path):
    ratings = [rating(number, comment="ann", track=f"ann {number}") for number in range(50)]
    words = set(re.findall(r"[A-Za-z_]+", view(tmp_path, ratings, PREFERENCES, with_confidence=True)))
    form = {"feedback", "base_model", "detected_type", "rating", "adjustments_that_helped", "bass", "treble"}
    more = {"confidence", "gear_profile", "hearing_profile", "number"}
    assert words == form | more | {"studio", "car", "treble_sensitive"}


def test_what_helped_is_what_was_in_force_and_what_was_asked_for_beyond_it_in_half_decibels():
    personal, asked = {"bass": 0.3, "treble": -0.8, "centroid": 1.0}, {"bass": 1.0}
    assert set(helped(*(rating(n, personal=personal, asked=asked) for n in range(3)))) == {(0.5, 0.0)}  # tilt ±0.75 dB
    assert set(helped(*(rating(n, asked={"bass": -12.0}) for n in range(3)))) == {(-6.0, 0.0)}
    assert "-0.0" not in str(helped(*(rating(n, asked={"bass": -0.1}) for n in range(3))))


def test_kinds_of_recording_with_one_or_two_ratings_are_left_out():
    metal = [rating(number, detected_type="metal") for number in range(2)]
    studio = [rating(number) for number in range(3)]
    assert Counter(each.detected_type for each in anonymized(metal + studio, PREFERENCES).feedback) == {"studio": 3}
    assert anonymized(metal, PREFERENCES).feedback == ()
    assert anonymized([rating(7, rating=1 + number % 5) for number in range(9)], PREFERENCES).feedback == ()  # a track


def test_what_was_rated_beside_a_base_model_of_ones_own_stays_at_home():
    own = [rating(number, base_model="73.19") for number in range(5)]
    assert anonymized(own, PREFERENCES).feedback == ()
    assert len(anonymized([*own, *(rating(number) for number in range(3))], PREFERENCES).feedback) == 3


def test_confidence_is_in_it_only_when_wanted_and_with_one_digit():
    ratings = [rating(number) for number in range(3)]
    assert {each.confidence for each in anonymized(ratings, PREFERENCES).feedback} == {None}
    assert {each.confidence for each in anonymized(ratings, PREFERENCES, with_confidence=True).feedback} == {0.8}


def test_the_order_says_nothing_of_the_time(tmp_path):
    """Rising ratings come out in an order that another listener's secret changes, and rewinding them does not."""
    ratings = [rating(number, rating=1 + number // 12) for number in range(60)]

    def order(folder: str, of: list[Rating]) -> list[int]:
        return [each["rating"] for each in json.loads(view(tmp_path / folder, of, PREFERENCES))["feedback"]]

    assert order("a", ratings) == order("a", ratings[::-1])
    assert order("a", ratings) != order("b", ratings)
    assert order("a", ratings) not in (sorted(order("a", ratings)), sorted(order("a", ratings), reverse=True))


def test_equal_data_of_two_people_are_two_files_and_of_one_person_one(tmp_path):
    """So that honest twins are not taken for copies."""
    ratings = [rating(number) for number in range(3)]
    texts = {view(tmp_path / str(person), ratings, PREFERENCES) for person in range(30)}
    assert len(texts) == 30
    assert len({json.loads(text)["number"] for text in texts}) == 30
    assert view(tmp_path / "0", ratings, PREFERENCES) == view(tmp_path / "0", ratings, PREFERENCES)


def test_an_exports_number_follows_nobody(tmp_path):
    """A rating more, the confidence or another profile, and it is another one, in no relation to the one before."""
    ratings = [rating(number) for number in range(12)]
    texts = [view(tmp_path, ratings[:count], PREFERENCES) for count in range(3, 13)]
    texts += [view(tmp_path, ratings, PREFERENCES, with_confidence=True)]
    texts += [view(tmp_path, ratings, PREFERENCES.changed(gear_profile="neutral"))]
    numbers = [json.loads(text)["number"] for text in texts]
    assert len(set(numbers)) == len(numbers)
    assert all(0 <= number < 10**15 for number in numbers)
    digits = Counter(
        "".join(str(json.loads(view(tmp_path / str(p), ratings, PREFERENCES))["number"]) for p in range(60))
    )
    assert min(digits.values()) > 40, "all of it is drawn"


# -- whether it may -----------------------------------------------------------------------------------------------


def test_sharing_is_off_until_it_is_allowed_and_again_when_it_is_forbidden(tmp_path):
    home, path = tmp_path / "home", tmp_path / "export.json"
    ratings = [rating(number) for number in range(3)]
    for _ in range(2):
        assert not enabled(home)
        with pytest.raises(SettingsError, match="sharing is off") as error:
            export(home, path, ratings, PREFERENCES)
        assert "\n" not in str(error.value)
        assert not path.exists()
        shown = view(home, ratings, PREFERENCES)
        assert not enabled(home)
        set_enabled(home, True)
        assert export(home, path, ratings, PREFERENCES) == anonymized(ratings, PREFERENCES)
        assert path.read_text("utf-8") == shown
        path.unlink()
        set_enabled(home, False)
    assert (home / FILE).stat().st_mode & 0o777 == 0o600


def test_an_export_replaces_nothing_unless_it_is_told_to(tmp_path):
    set_enabled(tmp_path, True)
    path = tmp_path / "export.json"
    export(tmp_path, path, [], PREFERENCES)
    with pytest.raises(OutputError, match="exists already"):
        export(tmp_path, path, [], PREFERENCES)
    export(tmp_path, path, map(rating, range(3)), PREFERENCES, force=True)
    assert len(read_export(path).feedback) == 3


def test_a_damaged_state_is_not_taken_for_consent(tmp_path):
    (tmp_path / FILE).write_text('{"enabled": "yes"}')
    with pytest.raises(SettingsError, match=r"sharing\.json: enabled is"):
        export(tmp_path, tmp_path / "export.json", [], PREFERENCES)


# -- what others share --------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(1, 5), st.floats(-3.0, 3.0), st.floats(0.0, 1.0)), max_size=20), st.booleans())
@settings(max_examples=40)
def test_what_is_written_is_read(values, with_confidence):
    ratings = [
        rating(number, rating=stars, personal={"treble": treble}, confidence=sure)
        for number, (stars, treble, sure) in enumerate(values)
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        set_enabled(folder, True)
        made = export(folder, folder / "x.json", ratings, PREFERENCES, with_confidence=with_confidence)
        found = read_export(folder / "x.json")
    assert Counter(map(str, found.feedback)) == Counter(map(str, made.feedback))
    assert (found.gear_profile, found.hearing_profile) == ("car", "treble_sensitive")


GOOD = simulated.export([simulated.row("studio", 4, 0.5)])


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"rating": 6}, "feedback[0].rating is 6, allowed are 1 to 5"),
        ({"rating": 4.5}, "feedback[0].rating"),
        ({"detected_type": "jazz"}, 'feedback[0].detected_type is "jazz"'),
        ({"base_model": "of ann"}, "feedback[0].base_model"),
        ({"base_model": "1.0\n"}, "feedback[0].base_model"),
        ({"track": "x.wav"}, "feedback[0].track"),
        ({"confidence": 1.1}, "feedback[0].confidence is 1.1, allowed are 0 to 1"),
        ({"adjustments_that_helped": {"bass": 12.5, "treble": 0.0}}, "bass is 12.5, allowed are -12 to 12 dB"),
        ({"adjustments_that_helped": {"bass": True, "treble": 0.0}}, "bass is true, a number is wanted"),
        ({"adjustments_that_helped": {"bass": 0.5}}, "feedback[0].adjustments_that_helped.treble is missing"),
    ],
)
def test_a_rating_that_is_none_is_named_with_its_place(tmp_path, change, problem):
    (path,) = simulated.write(tmp_path, [simulated.export([GOOD["feedback"][0] | change])])
    with pytest.raises(SettingsError, match=re.escape(problem)) as error:
        read_export(path)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the file is empty"),
        ("[]", "the file is [], an object is wanted"),
        ('{"feedback": {}, "gear_profile": "car", "hearing_profile": "normal"}', "feedback is {}, a list is wanted"),
        ('{"feedback": [], "gear_profile": "cars", "hearing_profile": "normal"}', "did you mean 'car'"),
        ('{"feedback": [], "gear_profile": "car"}', "hearing_profile is missing"),
        ('{"feedback": [], "gear_profile": "car", "hearing_profile": "normal", "name": 1}', 'unknown key "name"'),
        ('{"feedback": [], "gear_profile": "car", "hearing_profile": "normal", "number": -1}', "number is -1, allowed"),
        ('{"feedback": [], "gear_profile": "car", "hearing_profile": "normal", "number": "a"}', "number is"),
        ('{"feedback": NaN}', "NaN is not a number that JSON allows"),
        ("[" * 40, "nested deeper than the 32 levels allowed"),
        (" " * 2_000_001, "allowed are up to 2 MB"),
    ],
)
def test_a_file_that_is_no_export_is_named(tmp_path, text, problem):
    path = tmp_path / "theirs.json"
    path.write_text(text)
    with pytest.raises(SettingsError, match=re.escape(problem)) as error:
        read_export(path)
    assert str(error.value).startswith(f"{path}: ")


def test_of_very_many_ratings_ten_thousand_are_used_at_even_distances():
    rows = [simulated.row("studio", 1 + number // 4000) for number in range(20_000)]
    found = Export.parse(simulated.export(rows)).used
    assert len(found) == MOST_RATINGS
    assert Counter(each.rating for each in found) == dict.fromkeys(range(1, 6), 2000)
    many = [rating(number, rating=1 + number % 5) for number in range(12_000)]
    assert Counter(each.rating for each in anonymized(many, PREFERENCES).feedback) == dict.fromkeys(range(1, 6), 2000)
