"""What ratings recommend: nothing that their own interval leaves open, and what all kinds share from every kind."""

from __future__ import annotations

import re

import pytest

from livemaster.personal.evidence import evidence_of
from livemaster.personal.learning import Evidence, learn
from livemaster.personal.patterns import patterns
from livemaster.personal.preferences import Preferences
from livemaster.personal.ratings import Rating, now


def noted(comment: str) -> Rating:
    words = {"detected_type": "studio", "philosophy": "enhance", "comment": comment, "timestamp": now()}
    return Rating(track="a", confidence=0.9, rating=4, **words)


def told(kind: str, **wishes: float) -> Evidence:
    return Evidence(kind, 3, 0.8, 1.0, wishes, {}, {})


@pytest.mark.parametrize("wanted", range(11))
@pytest.mark.parametrize("others", [0, 3, 6])
def test_a_recommendation_is_one_only_where_its_interval_leaves_out_what_is_in_force(wanted: int, others: int) -> None:
    """And what is not recommended changes nothing, however many say nothing."""
    said = [noted("more bass")] * wanted + [noted("")] * others
    found = patterns(said, Preferences()).types
    recommended = {each.parameter: each for each in found["studio"].recommendations} if found else {}
    estimate = learn(evidence_of(said)).by_type["studio"]["bass"]
    clear = estimate.enough and abs(estimate.preferred) > estimate.standard_error
    assert ("bass" in recommended) == clear
    assert set(recommended) <= {"bass"}
    if wanted >= 5:
        assert clear
    for each in recommended.values():
        low, spread = (float(figure) for figure in re.findall(r"preferred ([-+.\d]+) ± ([.\d]+)", each.evidence)[0])
        assert low - spread > 0.0


def test_songs_of_an_unknown_kind_teach_what_all_kinds_share() -> None:
    """As much as songs of any other kind; nothing is moved for a kind with fewer than five ratings of its own."""
    own = [told("studio")] * 5
    alone = learn(own).by_type["studio"]["bass"].value
    taught = {
        kind: learn([*own, *[told(kind, bass=1.0)] * 20]).by_type["studio"]["bass"].value
        for kind in ("unknown", "metal", "bootleg")
    }
    assert alone == 0.0
    assert taught["unknown"] > 0.1
    assert taught["unknown"] == pytest.approx(taught["metal"]) == pytest.approx(taught["bootleg"])
    assert learn([told("unknown", bass=1.0)] * 20).by_type["studio"]["bass"].value == 0.0
