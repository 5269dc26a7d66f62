"""What a render says of its loudness is true: what was asked for, what limits allow, what became of the mix."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pieces
import pytest

import livemaster
from livemaster import RenderReport
from livemaster.mastering import solve
from livemaster.planning import platform

CEILING_DBTP = -1.0


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds, one section, −18 LUFS."""
    return pieces.write(tmp_path_factory.mktemp("short") / "short.wav", pieces.piece(6.0))


def rendered(source: Path, **wishes: object) -> RenderReport:
    """A render of which nothing but the report is wanted."""
    return livemaster.render(source, source.with_name("master.wav"), force=True, **wishes)


def told(report: RenderReport, pattern: str) -> re.Match[str]:
    """The one note that says such a thing."""
    (found,) = [match for note in report.notes if (match := re.search(pattern, note))]
    return found


def silent(report: RenderReport, pattern: str) -> bool:
    return not any(re.search(pattern, note) for note in report.notes)


# -- what the limiter can do -----------------------------------------------------------------------------------

REFUSED = r"would need (more than )?([\d.]+) dB of limiting on average in '[^']+'"


def test_what_more_limiting_gives_is_what_it_gives(short, monkeypatch):
    """Masters that are allowed so much of it come out as loud as the note said."""
    wishes = {"target_lufs": -5.0, "ceiling_dbtp": CEILING_DBTP}
    report = rendered(short, **wishes)
    found = told(
        report, REFUSED + r" \(12 dB give (-[\d.]+) LUFS\), 3 dB are allowed: .*; 1 dB more would add ([\d.]+)"
    )
    assert found[1] == "more than "
    monkeypatch.setattr(solve, "MAX_LIMITING_DB", 4.0)
    assert rendered(short, **wishes).output.integrated_lufs - report.output.integrated_lufs == pytest.approx(
        float(found[4]), abs=0.06
    )
    monkeypatch.setattr(solve, "MAX_LIMITING_DB", 12.0)
    assert rendered(short, **wishes).output.integrated_lufs == pytest.approx(float(found[3]), abs=0.1)


def test_so_much_limiting_as_a_loudness_needs_brings_it_and_less_does_not(short, monkeypatch):
    wishes = {"target_lufs": -8.3, "ceiling_dbtp": CEILING_DBTP}
    found = told(rendered(short, **wishes), REFUSED)
    needed_db = float(found[2])
    assert not found[1]
    assert 3.0 < needed_db < 12.0
    monkeypatch.setattr(solve, "MAX_LIMITING_DB", needed_db + 0.05)
    report = rendered(short, **wishes)
    assert report.reached
    assert report.output.integrated_lufs == pytest.approx(-8.3, abs=0.05)
    monkeypatch.setattr(solve, "MAX_LIMITING_DB", 0.65 * needed_db)
    assert rendered(short, **wishes).output.integrated_lufs < report.output.integrated_lufs - 0.02


def test_little_more_is_said_to_be_little(tmp_path, monkeypatch):
    """Music that is clipped already has no peaks left to limit."""
    clipped = pieces.write(tmp_path / "clipped.wav", 0.5 * np.clip(10.0 * pieces.piece(6.0), -1.0, 1.0))
    wishes = {"target_lufs": -4.0, "ceiling_dbtp": -2.0}
    report = rendered(clipped, **wishes)
    assert told(report, REFUSED + r".*; 1 dB more would add less than 0\.1 LU$")
    monkeypatch.setattr(solve, "MAX_LIMITING_DB", 4.0)
    assert rendered(clipped, **wishes).output.integrated_lufs - report.output.integrated_lufs < 0.1


# -- what was asked for ----------------------------------------------------------------------------------------


def test_a_platform_that_lowers_its_target_has_not_reached_it(tmp_path):
    """And says so once, from what to what."""
    x = pieces.piece(4.0)
    x[:, 50_000:50_020] *= 2.0  # peaks that forbid the loudness
    report = rendered(pieces.write(tmp_path / "mix.wav", x), platform="vinyl_premaster")
    assert (report.reached, report.target_lufs) == (False, -14.0)
    found = told(
        report,
        r"^Vinyl premaster itself lowers the target, from (-[\d.]+) to (-[\d.]+) LUFS: its limiter must stay idle "
        r"under -2 dBTP$",
    )
    assert [float(each) for each in found.groups()] == pytest.approx([-14.0, report.output.integrated_lufs], abs=0.06)
    assert silent(report, "limiting on average|missed by")


def test_a_platform_that_can_leave_its_limiter_idle_reaches_its_target(tmp_path):
    report = rendered(
        pieces.write(tmp_path / "mix.wav", pieces.piece(4.0)), platform="vinyl_premaster", target_lufs=-24.0
    )
    assert report.reached
    assert silent(report, "itself lowers")


@pytest.mark.parametrize(
    ("wishes", "because"),
    [
        ({"amount": 0.5}, "--amount 0.5"),
        ({"amount_loudness": 0.25}, "--amount-loudness 0.25"),
        ({"amount": 0.5, "amount_loudness": 0.5}, "--amount 0.5 and --amount-loudness 0.5"),
    ],
)
def test_an_aim_that_the_amount_has_moved_is_explained(short, wishes, because):
    report = rendered(short, **wishes)
    own, target = report.input.integrated_lufs, platform("spotify").integrated_lufs
    share = wishes.get("amount", 1.0) * wishes.get("amount_loudness", 1.0)
    aim = own + share * (target - own)
    assert report.target_lufs == pytest.approx(aim, abs=1e-9)
    assert report.notes == (
        f"with {because} the aim is {aim:.1f} LUFS, {100 * share:.0f} % of the way from the mix's {own:.1f} to the "
        f"{target:.1f} LUFS that platform spotify asks for",
    )


@pytest.mark.parametrize(("name", "option"), [("amount", "--amount 0"), ("amount_loudness", "--amount-loudness 0")])
def test_an_aim_that_is_the_mixs_own_is_explained(short, name, option):
    report = rendered(short, **{name: 0.0})
    own = report.input.integrated_lufs
    assert report.notes == (
        f"with {option} the aim is the mix's own {own:.1f} LUFS, not the -14.0 LUFS that platform spotify asks for",
    )


# -- a mix that is made quieter --------------------------------------------------------------------------------

QUIETER = r"quieter"


@pytest.mark.parametrize(
    ("wishes", "who"), [({"platform": "film"}, "platform film"), ({"target_lufs": -21.5}, "--target-lufs")]
)
def test_a_mix_that_is_made_quieter_is_said_by_how_much_and_by_whom(short, wishes, who):
    report = rendered(short, **wishes)
    own, master = report.input.integrated_lufs, report.output.integrated_lufs
    assert told(report, QUIETER).string == (
        f"the mix is made {own - master:.1f} LU quieter, from {own:.1f} to {master:.1f} LUFS, as {who} asks"
    )


def test_a_settings_file_that_makes_a_mix_quieter_is_named(short):
    settings = pieces.write_json(short.with_name("mine.json"), {"global": {"target_lufs": -25}})
    assert told(rendered(short, settings=settings), QUIETER).string.endswith(f"to -25.0 LUFS, as {settings} asks")


@pytest.fixture(scope="module")
def loud(short: Path) -> Path:
    """The same music at −9 LUFS, with some peaks."""
    target = short.with_name("loud.wav")
    livemaster.render(short, target, target_lufs=-9.0)
    x, rate_hz = pieces.read(target)
    x[:, 50_000:50_020] *= 2.0
    return pieces.write(short.with_name("peaks.wav"), x, rate_hz, subtype="FLOAT")


@pytest.mark.parametrize(
    "wishes",
    [
        {"amount": 0.5, "platform": "film"},
        {"platform": "vinyl_premaster"},
        {"target_lufs": -8.0, "ceiling_dbtp": -6.0},
        {"target_lufs": -8.0, "ceiling_dbtp": -6.0, "amount_loudness": 0.5},
    ],
)
def test_it_is_said_once_where_another_note_speaks_of_the_loudness(loud, wishes):
    report = rendered(loud, **wishes)
    lu = report.input.integrated_lufs - report.output.integrated_lufs
    assert lu > 0.5
    assert told(report, QUIETER).string.count(f", {lu:.1f} LU quieter than the mix") == 1


def test_a_mix_that_is_made_louder_is_not_said_to_be_quieter(short):
    assert silent(rendered(short), QUIETER)
    assert rendered(short).notes == ()
