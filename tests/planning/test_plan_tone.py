"""The tone of a plan: what a type and a spectrum ask for, within its bounds, with reasons, and never twice."""

from __future__ import annotations

import json

import numpy as np
import practice_songs
import pytest
import soxr
from hearing_rig import timeline_of

from livemaster.analysis.recording import RecordingType
from livemaster.analysis.spectrum import Spectrum, spectrum_of
from livemaster.analysis.timeline import ANALYSIS_RATE_HZ, THIRD_OCTAVES_HZ, TONE_WINDOW
from livemaster.documents import preset_names
from livemaster.documents.ranges import BALANCE_DB
from livemaster.mastering.chains import chain
from livemaster.mastering.program import CORNERS, Levels, program
from livemaster.nodes.equalizer import Equalizer
from livemaster.plan_options import PlanOptions
from livemaster.planning import MasterSettings, Plan, build, explain, free_bells, mode
from livemaster.planning.tone import profile_weight
from livemaster.tone.balance import (
    BANDS,
    centres_hz,
    norm,
    off_norm_db,
    remedy,
    side_off_db,
    unit_responses,
)
from livemaster.tone.faults import SHELF_Q, faults, response_db
from livemaster.tone.remedies import CAP_DB, WIDTH_WEIGHT, best_move, heard_db, mix

FAULTS_DB = {
    "harsh": response_db("bell", 3200.0, 0.9, 7.0, THIRD_OCTAVES_HZ),
    "boomy": response_db("bell", 130.0, 0.9, 7.0, THIRD_OCTAVES_HZ),
    "dull": response_db("high", 3500.0, SHELF_Q, -7.0, THIRD_OCTAVES_HZ),
    "bright": response_db("tilt", 800.0, 1.0, 7.0, THIRD_OCTAVES_HZ),
}
BAND_OF = {"harsh": "presence", "boomy": "body", "dull": "high", "bright": "high"}
"""The band that takes most of each fault back."""


def usual(fault_db: np.ndarray | float = 0.0, side_db: float | None = None) -> Spectrum:
    """The norm's spectrum with a fault, its sides at a ratio to the middle (dB), as usual without one."""
    level_db = np.interp(np.log(THIRD_OCTAVES_HZ), np.log(centres_hz()), norm().level_db)
    power = 10.0 ** ((level_db + fault_db) / 10.0)
    ratio = 10.0 ** ((norm().side_to_mid_db if side_db is None else side_db) / 10.0)
    return Spectrum(power / (1.0 + ratio), power * ratio / (1.0 + ratio))


def found(profile: str, score: float) -> RecordingType:
    """A recording of that profile."""
    return RecordingType(profile.split("_")[0], profile, score, 0.8, (), ())


def plan(mode_name: str = "cinematic", **heard: object) -> Plan:
    return build(PlanOptions(mode=mode_name), duration_s=60.0, section_lufs=[-20.0], **heard)  # type: ignore[arg-type]


def test_without_anything_heard_the_tone_is_neutral() -> None:
    bare = plan()
    assert set(bare.global_.tone.model_dump().values()) == {0.0}
    assert bare.global_.stereo_width == mode("cinematic").global_.stereo_width
    assert len(free_bells(bare.global_)) == 2  # the curve's own


@pytest.mark.parametrize("fault", FAULTS_DB)
def test_a_fault_in_usual_music_is_taken_back_in_part(fault: str) -> None:
    gains = np.array(list(remedy(usual(FAULTS_DB[fault])).bands.values()))
    at = [int(np.argmin(np.abs(THIRD_OCTAVES_HZ - hz))) for hz in centres_hz()]
    before = FAULTS_DB[fault][at]
    assert np.std(before + unit_responses() @ gains) < np.std(before) - 0.3
    strongest = dict(zip(BANDS, gains, strict=True))[BAND_OF[fault]]
    assert np.sign(strongest) == (1.0 if fault == "dull" else -1.0)


def test_usual_music_is_left_alone_within_half_a_db_and_silence_wholly() -> None:
    assert (
        max(abs(gain) for gain in remedy(usual()).bands.values()) < 0.5
    )  # chances are not symmetric: harsh is commoner than distant
    assert np.abs(off_norm_db(usual())).max() < 0.01
    nothing = Spectrum(np.zeros(30), np.zeros(30))
    assert set(remedy(nothing).bands.values()) == {0.0}
    assert plan(spectrum=nothing).global_.stereo_width == mode("cinematic").global_.stereo_width


def test_gain_does_not_count() -> None:
    loud = usual(FAULTS_DB["harsh"])
    quiet = Spectrum(loud.mid * 1e-4, loud.side * 1e-4)
    assert remedy(quiet).bands == pytest.approx(remedy(loud).bands, abs=1e-6)
    assert remedy(quiet).side_db == pytest.approx(remedy(loud).side_db, abs=1e-6)
    assert quiet.side_to_mid_db == pytest.approx(loud.side_to_mid_db)


def test_what_is_asked_stays_bounded_for_any_spectrum() -> None:
    rng = np.random.default_rng(5)
    for _ in range(50):
        wild = usual(rng.normal(0.0, 15.0, 30))
        for band, value in plan(spectrum=wild).global_.tone.model_dump().items():
            assert abs(value) <= BALANCE_DB.high, band


@pytest.mark.parametrize(("score", "weight"), [(0.2, 0.0), (0.4, 0.0), (0.625, 0.5), (0.85, 1.0), (1.0, 1.0)])
def test_a_profile_weighs_by_its_published_score(score: float, weight: float) -> None:
    assert profile_weight(score) == pytest.approx(weight)


def test_the_base_model_is_blended_bounded_and_scaled_by_the_mode() -> None:
    """Unknown +1.8 / 0 / +1.0; metal +3.85 / −5.70 / −1.22, of which no band gets more than 4 dB."""
    tone = plan(recording=found("unknown", 0.4)).global_.tone
    assert (tone.low, tone.mid, tone.high) == (1.8, 0.0, 1.0)
    tone = plan(recording=found("metal", 0.85)).global_.tone
    assert (tone.low, tone.mid, tone.high) == (3.85, -4.0, -1.22)
    tone = plan(recording=found("metal", 0.625)).global_.tone
    assert (tone.low, tone.mid, tone.high) == pytest.approx((2.82, -2.85, -0.11), abs=0.011)
    for name in preset_names("mode"):
        tone = plan(name, recording=found("studio_legacy", 0.85)).global_.tone
        assert tone.low == pytest.approx(1.5 * mode(name).tone_scale, abs=0.011)


def test_tone_scales_are_those_of_emotion() -> None:
    scales = {name: mode(name).tone_scale for name in preset_names("mode")}
    assert scales == {"transparent": 0.25, "cinematic": 1.0, "radio_loud": 0.5, "lofi": 0.5}


def test_narrow_is_widened_over_wide_narrowed_and_mono_stays_mono() -> None:
    usual_width = plan(spectrum=usual()).global_.stereo_width
    assert plan(spectrum=usual(side_db=-16.0)).global_.stereo_width > usual_width
    assert plan(spectrum=usual(side_db=2.0)).global_.stereo_width < usual_width
    power = usual().power
    assert plan(spectrum=Spectrum(power, power * 0.0)).global_.stereo_width == mode("cinematic").global_.stereo_width
    assert side_off_db(usual())[0] == pytest.approx(0.0)
    assert remedy(usual()).side_db == pytest.approx(0.0, abs=0.1)


def test_reasons_add_up_and_name_base_model_and_spectrum() -> None:
    heard = plan(spectrum=usual(FAULTS_DB["harsh"]), recording=found("unknown", 0.4))
    for name, value in {**heard.global_.tone.model_dump(), "width": heard.global_.stereo_width}.items():
        key = "global.stereo_width" if name == "width" else f"global.tone.{name}"
        reasons = heard.settings.why[key]
        assert sum(reason.change or 0.0 for reason in reasons) == pytest.approx(value, abs=1e-5)
    low = heard.settings.why["global.tone.low"]
    assert [reason.source for reason in low][-2:] == ["base model", "spectrum"]
    assert explain("global.tone.low", heard.global_.tone.low, low).startswith("low shelf of the tone ")
    bands = heard.sections[0].why["low_shelf_db"]
    assert ("tone", heard.global_.tone.low) in [(reason.source, reason.change) for reason in bands]


def test_a_written_plan_keeps_its_tone_whatever_is_heard() -> None:
    """The tone stands in the file: it is neither lost nor added twice, and sounds the same."""
    first = plan(spectrum=usual(FAULTS_DB["dull"]), recording=found("unknown", 0.4))
    again_from = MasterSettings.parse(json.loads(json.dumps(first.settings.to_data())), "x.json")
    again = build(
        PlanOptions(),
        duration_s=60.0,
        section_lufs=[-20.0],
        settings=again_from,
        spectrum=usual(FAULTS_DB["harsh"]),
        recording=found("metal", 0.85),
    )
    assert again.settings == first.settings
    levels = Levels(0.0, ((0.0,) * len(CORNERS),), -1.0)
    lanes = [program(each.settings, chain("default"), levels, 44_100).lanes for each in (first, again)]
    assert lanes[0] == lanes[1]


def test_the_formulas_are_the_equalizers_own_responses() -> None:
    """To 0.1 dB up to 8 kHz: there the filters' analog prototype is meant."""
    node = Equalizer(bells=1, low_shelf_db=4.0, mid_bell_db=-3.0, high_shelf_db=2.0, bell_1_db=3.0, bell_1_hz=3000.0)
    node.prepare(48_000, 2, 1)
    hz = THIRD_OCTAVES_HZ[:26]
    total = response_db("low", 100.0, SHELF_Q, 4.0, hz) + response_db("bell", 1000.0, 0.7, -3.0, hz)
    total += response_db("high", 6000.0, SHELF_Q, 2.0, hz) + response_db("bell", 3000.0, 1.0, 3.0, hz)
    assert 20.0 * np.log10(np.abs(node.response(hz))) == pytest.approx(total, abs=0.1)


def test_chances_of_faults_are_a_distribution() -> None:
    known = faults(centres_hz())
    assert known.chances.sum() == pytest.approx(1.0)
    assert known.curves_db.shape == (len(known.chances), len(centres_hz()))
    assert len(known.names) == len(known.sides_db) == len(known.chances)
    assert not known.curves_db[-1].any()
    assert known.sides_db[-1] == 0.0


def heard(audio: np.ndarray, chunk_frames: int = 65_536) -> Spectrum:
    """The spectrum of (channels, frames) at 44.1 kHz."""
    timeline = timeline_of(audio, chunk_frames)
    return spectrum_of(timeline.spectrum, timeline.side, timeline.spots)


def test_the_spectrum_of_noise_is_its_power_in_any_chunking() -> None:
    rng = np.random.default_rng(3)
    x = rng.standard_normal((2, 320_000)).astype(np.float32)
    x[1] = 0.5 * x[0] + 0.5 * x[1]
    one, other = heard(x), heard(x, 12_345)
    assert np.array_equal(one.mid, other.mid)
    assert np.array_equal(one.side, other.side)
    assert one.ratios is not None
    assert other.ratios is not None
    assert np.array_equal(one.ratios, other.ratios)
    assert one.ratios.sum(axis=1) == pytest.approx([1.0, 1.0])
    band_hz = THIRD_OCTAVES_HZ[20] * (10.0**0.05 - 10.0**-0.05)
    side = float(np.mean((x[0] - x[1]) ** 2 / 2.0)) * band_hz / (ANALYSIS_RATE_HZ / 2.0)
    assert 10.0 * np.log10(one.side[20] / side) == pytest.approx(0.0, abs=0.5)
    ratio = np.mean((x[0] - x[1]) ** 2) / np.mean((x[0] + x[1]) ** 2)
    assert one.side_to_mid_db == pytest.approx(10.0 * np.log10(ratio), abs=0.2)


def test_louder_sides_seem_so() -> None:
    """Noises panned anywhere: the classes of ratios follow what is done to the sides."""
    rng = np.random.default_rng(8)
    sources = rng.standard_normal((12, 30 * TONE_WINDOW)) * rng.uniform(0.0, 1.0, (12, 30)).repeat(TONE_WINDOW, axis=1)
    angles = rng.uniform(0.0, np.pi / 2.0, (12, 1))
    left, right = (sources * np.cos(angles)).sum(axis=0), (sources * np.sin(angles)).sum(axis=0)

    def seeming_db(change_db: float) -> float:
        side = (left - right) * 10.0 ** (change_db / 20.0)
        return side_off_db(heard(np.stack([left + right + side, left + right - side]) / 20.0))[0]

    assert seeming_db(-6.0) + 1.0 < seeming_db(0.0) < seeming_db(6.0) - 1.0


def test_no_move_is_longer_than_the_cap_and_none_is_made_for_nothing() -> None:
    rng = np.random.default_rng(4)
    for _ in range(20):
        faults_db, per_db = rng.normal(0.0, 1.0, (30, 28)), rng.normal(0.0, 0.2, (28, 6))
        gains = best_move(faults_db, rng.dirichlet(np.ones(30)), per_db)
        assert np.linalg.norm(per_db @ gains) <= CAP_DB + 1e-9
        assert not best_move(np.zeros((1, 28)), np.ones(1), per_db).any()


def test_a_sure_fault_is_taken_back_along_its_own_line() -> None:
    fault, per_db = np.array([[3.0, 0.0, 0.0]]), np.eye(3)
    assert best_move(fault, np.ones(1), per_db) == pytest.approx([-CAP_DB, 0.0, 0.0], abs=0.01)


def test_levels_are_heard_at_equal_loudness() -> None:
    """A change of all bands is none; sides of a mono mix cannot change its bands."""
    hz = centres_hz()
    heard = mix(np.ones(len(hz)), np.zeros(len(hz)), hz)
    assert heard.loud.sum() == pytest.approx(1.0)
    assert heard_db(heard, np.full((1, len(hz)), 5.0), np.zeros(1)) == pytest.approx(0.0, abs=1e-9)
    assert heard_db(heard, np.zeros((1, len(hz))), np.array([2.0]))[0, -1] == 2.0 * WIDTH_WEIGHT


def test_short_mono_and_silent_sound_have_a_spectrum() -> None:
    short = heard(np.ones((1, 100)))
    assert np.isfinite(short.power).all()
    assert short.side_to_mid_db is None
    assert heard(np.zeros((2, 5000))).side_to_mid_db is None


@pytest.mark.parametrize("rate_hz", [22_050, 16_000, 8_000])
def test_a_low_rate_is_not_taken_for_a_dull_mix(rate_hz: int) -> None:
    """What the file still carries is as far off the norm as before, and nothing is brightened for what it lost."""
    song = practice_songs.make(900_002, longest_s=25.0).audio
    lowered = soxr.resample(soxr.resample(song.T, ANALYSIS_RATE_HZ, rate_hz), rate_hz, ANALYSIS_RATE_HZ).T
    full, low = heard(song), heard(lowered)
    there = centres_hz() < 0.4 * rate_hz
    difference_db = off_norm_db(low)[there] - off_norm_db(full)[there]
    assert difference_db - difference_db.mean() == pytest.approx(0.0, abs=0.3)
    assert remedy(low).bands["high"] < remedy(full).bands["high"] + 1.0
