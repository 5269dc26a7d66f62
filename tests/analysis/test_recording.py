"""Recording types: the published checks exactly, lawful soft boundaries, and right on simulated masters."""

from __future__ import annotations

from itertools import pairwise, permutations

import needs
import not_music
import numpy as np
import pytest
import simulated_masters
import simulated_sources
from hearing_rig import fingerprint_of
from recording_fit import KNOWN, TYPES, Fit, Heard, type_shares

from livemaster.analysis.calibration import EVEN_SCORE, SHARPNESS, confidence, is_music
from livemaster.analysis.profile import SOFTNESS
from livemaster.analysis.recording import LEAST_SCORE, UNKNOWN_SCORE, detect, published
from livemaster.tone.profiles import base_model, metadata

PROFILES = base_model()
NAMES = ("spectral_centroid", "bass_mid_ratio", "stereo_width", "crest_db")
SPANS = {"spectral_centroid": (50.0, 8000.0), "bass_mid_ratio": (-15.0, 20.0)}
SPANS |= {"stereo_width": (0.0, 0.7), "crest_db": (3.0, 22.0)}


def track(*values: float) -> dict[str, float]:
    """A fingerprint of the four dimensions that boundaries are about."""
    return dict(zip(NAMES, values, strict=True))


PUBLISHED = track(7658.0 / metadata().published_over_true_hz, 1.62, 0.13, 11.95)


def anywhere(seed: int, count: int) -> list[dict[str, float]]:
    rng = np.random.default_rng(seed)
    return [{name: float(rng.uniform(*SPANS[name])) for name in NAMES} for _ in range(count)]


def test_the_published_track_is_studio_with_the_published_score() -> None:
    found = detect(PUBLISHED, PROFILES)
    assert (found.type, found.profile, found.score) == ("studio", "studio_hd_bright", 0.85)
    assert published(PUBLISHED, PROFILES) == ("studio_hd_bright", 0.85)


@pytest.mark.parametrize(
    ("heard", "profile", "score"),
    [
        (track(675.0, 3.0, 0.40, 12.0), "studio_legacy", 0.75),
        (track(3100.0, 1.0, 0.12, 8.0), "studio_hd_bright", 0.75),
        (track(675.0, 6.0, 0.40, 12.0), "studio_legacy", 0.65),
        (track(3100.0, 9.0, 0.12, 12.0), "studio_hd_bright", 0.65),
        (track(430.0, 14.0, 0.10, 11.0), "bootleg", 1.0),
        (track(550.0, 14.0, 0.10, 11.0), "bootleg", 0.8),
        (track(430.0, 11.0, 0.10, 11.0), "bootleg", 0.8),
        (track(1500.0, 9.0, 0.40, 4.0), "metal", 1.0),
        (track(1500.0, 9.0, 0.40, 9.0), "metal", 0.8),
        (track(900.0, 9.0, 0.40, 4.0), "metal", 0.8),
    ],
)
def test_scores_add_up_as_published(heard: dict[str, float], profile: str, score: float) -> None:
    found = detect(heard, PROFILES)
    assert (found.profile, found.score) == (profile, score)
    assert published(heard, PROFILES) == (profile, score)


@pytest.mark.parametrize(
    "heard",
    [
        track(2000.0, -8.0, 0.25, 12.0),  # outside of every profile
        track(5000.0, 15.0, 0.0, 22.0),
        track(1200.0, 13.0, 0.10, 11.0),  # a bootleg by 0.60, which is below 0.65
    ],
)
def test_what_fits_no_profile_is_unknown(heard: dict[str, float]) -> None:
    found = detect(heard, PROFILES)
    assert (found.type, found.profile, found.score) == ("unknown", "unknown", UNKNOWN_SCORE)
    assert published(heard, PROFILES) == ("unknown", 0.40)


def test_what_lies_just_outside_is_named_by_soft_boundaries_with_the_published_score_of_unknown() -> None:
    heard = track(550.0, 11.0, 0.20, 11.0)  # 0.20 + 0.20 + 0.20
    found = detect(heard, PROFILES)
    assert published(heard, PROFILES) == ("unknown", 0.40)
    assert (found.type, found.score) == ("bootleg", 0.40)
    assert found.candidates[0].score == 0.60


def test_what_the_published_rule_names_keeps_its_type_and_score() -> None:
    """Soft boundaries reach outwards only: of 20,000 places, every one that scores 0.65 is called as published."""
    named = 0
    for heard in anywhere(1, 20_000):
        name, score = published(heard, PROFILES)
        if score >= LEAST_SCORE:
            named += 1
            found = detect(heard, PROFILES)
            assert (found.profile, found.score) == (name, score)
    assert named > 300


@pytest.mark.parametrize("profile", KNOWN, ids=lambda each: each.name)
def test_memberships_are_whole_inside_and_fall_monotonically_outside(profile) -> None:
    for boundary in profile.boundaries:
        low, high = SPANS[boundary.dimension]
        values = np.linspace(low, high, 500)
        for step in boundary.steps:
            found = np.array([step.membership(value, boundary.dimension) for value in values])
            inside = np.array([step.holds(value) for value in values])
            assert np.all(found[inside] == 1.0)
            first, last = np.flatnonzero(inside)[[0, -1]]
            assert np.all(np.diff(found[: first + 1]) >= 0.0)
            assert np.all(np.diff(found[last:]) <= 0.0)
            assert found.min() < 0.99


def test_soft_scores_are_continuous_and_never_less_than_the_published_ones() -> None:
    for profile in KNOWN:
        for heard in anywhere(2, 300):
            assert profile.soft_score(heard) >= profile.score(heard) - 1e-9
            near = {name: value * (1.0 + 1e-7) for name, value in heard.items()}
            assert profile.soft_score(near) == pytest.approx(profile.soft_score(heard), abs=1e-5)


def test_candidates_are_all_profiles_by_share_and_their_shares_add_up_to_one() -> None:
    for heard in anywhere(3, 300):
        found = detect(heard, PROFILES)
        shares = [each.share for each in found.candidates]
        assert sum(shares) == pytest.approx(1.0, abs=1e-12)
        assert shares == sorted(shares, reverse=True)
        assert sorted(each.profile for each in found.candidates) == sorted(each.name for each in PROFILES)
        assert all(one >= 0.0 for one in shares)
        assert 0.0 < found.confidence < 1.0


def test_the_order_of_the_profiles_does_not_matter() -> None:
    for heard in [PUBLISHED, *anywhere(4, 5)]:
        assert len({detect(heard, order) for order in permutations(PROFILES)}) == 1


def test_confidence_grows_with_the_share() -> None:
    found = [confidence(share) for share in np.linspace(0.0, 1.0, 101)]
    assert all(one <= other for one, other in pairwise(found))
    assert 0.0 < found[0] < found[-1] < 1.0


def test_reasons_name_each_dimension_with_its_score() -> None:
    found = detect(track(430.0, 12.5, 0.35, 11.0), PROFILES)
    assert found.reasons == (
        "centroid 430 Hz lies below 500 Hz: +0.40",
        "bass to mid 12.5 dB lies above 12.0 dB: +0.40",
        "width 0.35 does not lie below 0.30, but near: +0.00",
    )


def test_unknown_says_what_was_nearest_or_what_it_sounds_like() -> None:
    nearest, off = detect(track(1200.0, 13.0, 0.10, 11.0), PROFILES).reasons
    assert nearest == "no profile fits well; the nearest, bootleg, scores 0.60"
    assert off == "centroid 1,200 Hz does not lie below 600 Hz: +0.00"
    (noise,) = detect({**PUBLISHED, "pitch_stability": 0.15, "chroma_energy": 0.38}, PROFILES).reasons
    assert noise == "pitch stability 0.15 and chroma energy 0.38 are those of noise"


def test_the_fit_computes_what_the_analysis_does() -> None:
    """Its vectorised twin, at the numbers that ship."""
    places = [each for each in anywhere(5, 300) if published(each, PROFILES)[0] == "unknown"]
    heard = [Heard(each, "metal", "") for each in places]
    fitted = type_shares(heard, Fit(np.array(list(SOFTNESS.values())), SHARPNESS, EVEN_SCORE))
    for each, row in zip(heard, fitted, strict=True):
        found = detect(each.fingerprint, PROFILES).candidates
        ours = [sum(one.share for one in found if one.type == kind) for kind in TYPES]
        assert ours == pytest.approx(row.tolist(), abs=1e-9)


def test_simulated_masters_are_told_apart() -> None:
    """Excerpts that nothing was fitted to: at least 85 % right over the four kinds."""
    right, total = 0, 0
    for index in (1001, 1002):
        music = simulated_sources.excerpt(index, 5.0, real=False)
        for simulator in ("spectrum", "biquads", "plugins"):
            for kind in simulated_masters.KINDS[:-1]:
                master = simulated_masters.make(simulator, kind, music, index)
                if master.arrived:
                    total += 1
                    found = detect(fingerprint_of(master.audio), PROFILES)
                    right += found.profile == kind
    assert total >= 20
    assert right / total >= 0.85


def test_simulated_masters_are_deterministic() -> None:
    music = simulated_sources.excerpt(1003, 1.5, real=False)
    for simulator in simulated_masters.SIMULATORS:
        one, same = (simulated_masters.make(simulator, "bootleg", music, 4).audio for _ in range(2))
        other = simulated_masters.make(simulator, "bootleg", music, 5).audio
        assert np.array_equal(one, same)
        assert not np.array_equal(one, other)


@pytest.mark.parametrize("seed", range(6))
def test_noise_is_unknown(seed: int) -> None:
    heard = fingerprint_of(not_music.noise(500 + seed, 6.0))
    assert detect(heard, PROFILES).type == "unknown"
    assert is_music(heard) < 0.5


@pytest.mark.parametrize("seed", range(6))
def test_tones_are_unknown(seed: int) -> None:
    assert detect(fingerprint_of(not_music.tone(500 + seed, 6.0)), PROFILES).type == "unknown"


@pytest.mark.parametrize("seed", range(4))
def test_speech_is_unknown(seed: int) -> None:
    assert detect(fingerprint_of(not_music.speech(500 + seed, needs.espeak())), PROFILES).type == "unknown"


@pytest.mark.parametrize("channels", [1, 2])
def test_silence_is_unknown(channels: int) -> None:
    assert detect(fingerprint_of(np.zeros((channels, 44_100), np.float32)), PROFILES).type == "unknown"
