"""What a mode does to the sound of a real song, by meters that are not the project's; all songs are the bench's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import needs
import numpy as np
import pieces
import pytest
import soundfile as sf
from bench.masters import load
from bench.modes import MODES, recognise
from bench.traits import Traits, traits

import livemaster
from livemaster.documents.ranges import HEADROOM_DB
from livemaster.engine.output import HEADROOM
from livemaster.mastering.forecast import ForecastTrack
from livemaster.mastering.solve import SolverWish, least_ceiling_dbtp, no_correction, solve
from livemaster.mastering.survey import BINS_PER_SECOND, Survey
from livemaster.mastering.take_file import TakePlan
from livemaster.plan_options import PlanOptions
from livemaster.planning import Span, dense_headroom_db, mode
from livemaster.session.live_plan import live_score

START_S, LENGTH_S = 25.0, 24.0


@pytest.fixture(scope="module")
def excerpt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("modes") / "mix.wav"
    song, rate_hz = load(needs.songs(60.0)[0])
    start, frames = round(START_S * rate_hz), round(LENGTH_S * rate_hz)
    sf.write(path, song[:, start : start + frames].T, rate_hz, subtype="FLOAT")
    return path


@pytest.fixture(scope="module")
def masters(excerpt: Path) -> dict[str, Traits]:
    """Of the four modes at −14 LUFS."""
    needs.ffmpeg()
    mix, found = load(excerpt)[0], {}
    for name in MODES:
        path = excerpt.with_name(f"{name}.wav")
        livemaster.render(excerpt, path, mode=name, target_lufs=-14.0)
        found[name] = traits(path, ((0.0, LENGTH_S),), mix)
    return found


def test_every_mode_is_recognised(masters: dict[str, Traits]) -> None:
    assert recognise([masters[name] for name in MODES]) == list(MODES)
    assert all(each.lufs == pytest.approx(-14.0, abs=0.15) for each in masters.values())


def test_every_mode_has_its_sign(masters: dict[str, Traits]) -> None:
    plain, warm, dense, worn = (masters[name] for name in MODES)
    assert (plain.si_sdr_db or 0.0) >= 20.0
    assert warm.bass_db - plain.bass_db > 0.3
    assert warm.side_db - plain.side_db > 0.0
    assert dense.plr_db < min(plain.plr_db, warm.plr_db) - 2.0
    assert dense.crest_db < warm.crest_db
    assert worn.air_db - plain.air_db < -2.5
    assert worn.side_db - plain.side_db < -2.5
    assert (worn.residue_db or 0.0) > (plain.residue_db or 0.0) + 10.0


@pytest.mark.parametrize(("target_lufs", "amount"), [(-16.0, 1.0), (-9.5, 1.0), (-16.0, 0.5), (-16.0, 0.0)])
def test_a_dense_mode_keeps_peaks_9_db_above_the_loudness(tmp_path: Path, target_lufs: float, amount: float) -> None:
    """Of the way there from the ceiling, here −1 dBTP, as much as the amount says, and never above the ceiling."""
    source = pieces.write(tmp_path / "mix.wav", pieces.piece())
    path = tmp_path / "master.wav"
    wishes = {"mode": "radio_loud", "target_lufs": target_lufs, "ceiling_dbtp": -1.0, "amount": amount}
    report = livemaster.render(source, path, **wishes)
    assert report.reached
    limit_dbtp = -1.0 - amount * max(-1.0 - (report.target_lufs + 9.0), 0.0)
    peak_dbtp = max(pieces.true_peaks_dbtp(pieces.read(path)[0]))
    assert peak_dbtp <= limit_dbtp + pieces.PEAK_TOLERANCE_DB
    assert peak_dbtp >= limit_dbtp - 0.1 or amount == 0.0, "and no lower"


def test_a_dense_mode_makes_a_dense_mix_denser(tmp_path: Path) -> None:
    """By half a dB, where peaks stand near to the loudness already."""
    source = pieces.write(tmp_path / "mix.wav", np.clip(pieces.piece(), -0.3, 0.3))
    report = livemaster.render(source, tmp_path / "master.wav", mode="radio_loud", target_lufs=-14.0)
    own_plr_db, plr_db = (m.true_peak_dbtp - m.integrated_lufs for m in (report.input, report.output))
    assert own_plr_db < 9.0
    assert plr_db < own_plr_db - 0.4


def test_only_radio_loud_is_held_under_the_ceiling() -> None:
    kept = {name: mode(name).peak_to_loudness_db for name in MODES}
    assert kept == {"transparent": None, "cinematic": None, "radio_loud": 9.0, "lofi": None}


def test_peaks_are_kept_near_to_the_loudness_that_is_aimed_for(tmp_path: Path) -> None:
    """With the mix's own loudness as the aim a dense mode limits no more than that asks."""
    loud, quiet = (pieces.write(tmp_path / f"{peak}.wav", pieces.piece(peak=peak)) for peak in (0.9, 0.2))
    wishes = {"mode": "radio_loud", "amount_loudness": 0.0}
    for source in (loud, quiet):
        report = livemaster.render(source, source.with_suffix(".master.wav"), **wishes)
        above_db = report.output.true_peak_dbtp - report.output.integrated_lufs
        assert above_db == pytest.approx(9.0, abs=0.2)
        assert any("9.0 dB above the loudness" in note for note in report.notes)


def test_no_headroom_is_beyond_what_lanes_and_takes_hold() -> None:
    assert dense_headroom_db(mode("radio_loud"), -40.0, -1.0) == HEADROOM_DB.high == HEADROOM.high


def test_the_least_ceiling_is_the_lowest_at_which_the_loudness_can_be_had() -> None:
    """Against a scan of ceilings, on drums that stand 5 dB above the rest."""
    rng = np.random.default_rng(4)
    peaks = 10.0 ** (rng.uniform(-30.0, -18.0, 6000) / 20.0)
    peaks[::100] *= 4.0
    survey = Survey(np.float32((peaks / 2.0) ** 2), np.float32(peaks))
    track = ForecastTrack(survey, [Span("A", 0.0, len(survey) / BINS_PER_SECOND)], [])
    no = no_correction(1)
    for lufs in (-24.0, -16.0, -13.0):
        wish = SolverWish(lufs, [0.0], -1.0)
        scan = [c for c in np.arange(-1.0, -20.0, -0.05) if not solve(track, replace(wish, ceiling_dbtp=c), no).refused]
        found = least_ceiling_dbtp(track, wish, no, -20.0)
        assert found == pytest.approx(min(scan, default=-1.0), abs=0.11)
        assert least_ceiling_dbtp(track, wish, no, -1.5) == max(found, -1.5)


@pytest.mark.parametrize(("platform", "under_db"), [("spotify", 4.0), ("netflix", 16.0), ("vinyl_premaster", 0.0)])
def test_live_sound_is_driven_and_kept_dense_where_the_limiter_may_work(platform: str, under_db: float) -> None:
    score = live_score(PlanOptions(mode="radio_loud", platform=platform))
    assert (score.levels.trim_db, score.levels.headroom_db) == (mode("radio_loud").drive_db, under_db)
    assert TakePlan.of(score).score.levels == score.levels, "and a take keeps that"
