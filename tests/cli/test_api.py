"""The Python API: the three functions, the public names, and the formats that go through them."""

from __future__ import annotations

import dataclasses
from typing import ForwardRef

import pieces
import pytest

import livemaster
from livemaster.audio import open_reader
from livemaster.plan_options import PLAN_OPTIONS, PlanOptions, PlanWishes

RATE_HZ = 44_100


def test_every_public_name_is_there():
    for name in livemaster.__all__:
        assert getattr(livemaster, name) is not None
    assert set(livemaster.__all__) <= set(dir(livemaster))
    with pytest.raises(AttributeError):
        livemaster.nothing_of_that_name  # noqa: B018


def test_measure_plan_and_render_agree(tmp_path):
    source = pieces.write(tmp_path / "mix.wav", pieces.piece(4.0))
    steps: list[tuple[str, float]] = []
    plan = livemaster.plan(source, tmp_path / "plan.json", platform="youtube", bass=1.0)
    report = livemaster.render(
        source,
        tmp_path / "master.wav",
        platform="youtube",
        bass=1.0,
        settings_output=tmp_path / "used.json",
        progress=lambda step, share: steps.append((step, share)),
    )
    assert (tmp_path / "plan.json").read_bytes() == (tmp_path / "used.json").read_bytes()
    assert plan.settings.to_data() == report.settings
    assert livemaster.measure(source) == report.input
    heard = livemaster.measure(tmp_path / "master.wav")
    assert heard.integrated_lufs == pytest.approx(report.output.integrated_lufs, abs=0.001)
    assert heard.true_peak_dbtp == pytest.approx(report.output.true_peak_dbtp, abs=0.001)
    assert list(dict.fromkeys(step for step, _ in steps)) == ["listening", "surveying", "rendering"]
    assert all(0.0 <= share <= 1.0 for _, share in steps)
    assert steps[-1] == ("rendering", 1.0)


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        ({"platform": "spotfy"}, "did you mean 'spotify'"),
        ({"amount": 1.5}, "amount is 1.5"),
        ({"amount_eq": -1.0}, "amount-eq is -1"),
    ],
)
def test_a_wrong_wish_is_refused_before_anything_is_written(tmp_path, wish, error):
    source = pieces.write(tmp_path / "mix.wav", pieces.piece(1.0))
    with pytest.raises(livemaster.LivemasterError, match=error):
        livemaster.render(source, tmp_path / "master.wav", **wish)
    assert [path.name for path in tmp_path.iterdir()] == ["mix.wav"]


def test_a_misspelled_wish_is_an_error_of_the_program_that_calls(tmp_path):
    source = pieces.write(tmp_path / "mix.wav", pieces.piece(1.0))
    for function in (livemaster.render, livemaster.plan):
        with pytest.raises(TypeError, match="reactvity"):
            function(source, tmp_path / "x.wav", reactvity=1.0)
    assert [path.name for path in tmp_path.iterdir()] == ["mix.wav"]


def test_the_masters_plan_is_never_the_master_nor_an_input(tmp_path):
    source = pieces.write(tmp_path / "mix.wav", pieces.piece(1.0))
    before = source.read_bytes()
    for plan_path, problem in (("x.wav", "cannot be both the master and its plan"), ("mix.wav", "is the same file as")):
        with pytest.raises(livemaster.LivemasterError, match=problem):
            livemaster.render(source, tmp_path / "x.wav", settings_output=tmp_path / plan_path, force=True)
    with pytest.raises(livemaster.LivemasterError, match="is the same file as"):
        livemaster.plan(source, source, force=True)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"mix.wav": before}


FORMATS = [("wav", "WAV"), ("aiff", "AIFF"), ("flac", "FLAC"), ("ogg", "OGG"), ("mp3", "MP3")]


@pytest.mark.parametrize(("extension", "name"), FORMATS)
@pytest.mark.parametrize(("source_extension", "channels"), [("wav", 1), ("flac", 2), ("ogg", 2)])
def test_every_format_goes_through_at_its_own_rate(tmp_path, source_extension, channels, extension, name):
    sound = pieces.piece(3.0, RATE_HZ, channels)
    source = pieces.write(tmp_path / f"mix.{source_extension}", sound, RATE_HZ)
    report = livemaster.render(source, tmp_path / f"master.{extension}")
    assert report.reached
    with open_reader(tmp_path / f"master.{extension}") as made:
        assert (made.format, made.rate_hz, made.channels) == (name, RATE_HZ, channels)
        assert made.frames == sound.shape[1]
    peak_dbtp = livemaster.measure(tmp_path / f"master.{extension}").true_peak_dbtp
    assert peak_dbtp is not None
    assert peak_dbtp <= -1.0 + pieces.PEAK_TOLERANCE_DB


def test_the_keywords_of_a_plan_are_its_options() -> None:
    assert list(PlanWishes.__annotations__) == list(PLAN_OPTIONS)
    kinds = {each.name: each.type for each in dataclasses.fields(PlanOptions)}
    assert PlanWishes.__annotations__ == {
        name: ForwardRef(str(kind), module=PlanWishes.__module__) for name, kind in kinds.items()
    }


def test_every_option_of_a_plan_reaches_it_and_says_so() -> None:
    given = {
        name: option.range.high for name, option in PLAN_OPTIONS.items() if option.range is not None and option.place
    }
    made = PlanOptions(**given).asked()
    assert made == {PLAN_OPTIONS[name].place: value for name, value in given.items()}
