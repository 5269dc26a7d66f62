"""Defaults of one's own: taken where nothing is given, never in place of a plan that is performed as written."""

from __future__ import annotations

import json

import pieces
import pytest

from livemaster.cli.config import KNOWN, defaults, of_plans
from livemaster.cli.main import run
from livemaster.documents.config import FILE, config_dir


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pieces.write(tmp_path / "mix.wav", pieces.piece(6.0))
    return tmp_path


def written(text: str) -> None:
    config_dir().mkdir(parents=True, exist_ok=True)
    (config_dir() / FILE).write_text(text)


def planned(capsys, *more: str) -> dict:
    assert run(["plan", "mix.wav", "--no-detect", "-o", "-", *more]) == 0
    return json.loads(capsys.readouterr().out)["global"]


def test_a_default_counts_where_nothing_is_given(folder, capsys):
    written('[defaults]\nplatform = "youtube"\nmode = "transparent"\nceiling = -2\nbass = 1.5\n')
    plan = planned(capsys)
    assert (plan["platform"], plan["mode"], plan["true_peak_db"], plan["trims"]["bass"]) == (
        *("youtube", "transparent"),
        *(-2.0, 1.5),
    )
    plan = planned(capsys, "--mode", "lofi", "--bass", "0")
    assert (plan["platform"], plan["mode"], plan["trims"]["bass"]) == ("youtube", "lofi", 0.0)


def test_a_plan_is_performed_as_written_whatever_the_defaults(folder, capsys):
    (folder / "old.json").write_text(json.dumps(planned(capsys, "--mode", "lofi") and {"global": {"mode": "lofi"}}))
    before = planned(capsys, "--settings", "old.json")
    written('[defaults]\nplatform = "club"\nmode = "transparent"\n')
    assert planned(capsys, "--settings", "old.json") == before


def test_what_holds_is_shown_and_checked(folder, capsys):
    assert run(["config", "show"]) == 0
    assert capsys.readouterr().out.startswith("none; [defaults] in ")
    assert run(["config", "path"]) == 0
    assert capsys.readouterr().out == f"{config_dir() / FILE}\n"
    written('[defaults]\nmap = "generic"\ndevice = "null"\nreactivity = 0.5\n')
    assert run(["config", "check"]) == 0
    assert "3 defaults" in capsys.readouterr().out
    assert run(["config", "show"]) == 0
    assert capsys.readouterr().out == "map = generic\ndevice = null\nreactivity = 0.5\n"
    assert of_plans(defaults()) == {"reactivity": 0.5}
    assert run(["play", "mix.wav", "--headless", "--no-detect", "--duration", "0.3"]) == 0  # on the device null
    assert "playing on null" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[defaults\n", "Expected ']'"),
        ("[default]\n", "unknown key 'default', did you mean 'defaults'?"),
        ('[defaults]\nplatfrom = "spotify"\n', "[defaults]: unknown key 'platfrom', did you mean 'platform'?"),
        ("[defaults]\nplatform = 3\n", "[defaults] platform is 3, text is wanted"),
        ('[defaults]\nbass = "much"\n', "[defaults] bass is 'much', a number is wanted"),
        ("[defaults]\nbass = true\n", "[defaults] bass is True, a number is wanted"),
        ("defaults = 1\n", "defaults is no table"),
        ('[defaults]\nplatform = "spotfy"\n', "unknown platform 'spotfy': did you mean 'spotify'?"),
        ("[defaults]\nbass = 99\n", "bass is 99, allowed are -12 to 12 dB"),
    ],
)
def test_a_wrong_default_is_one_line(folder, capsys, text, message):
    written(text)
    for command in (["config", "check"], ["plan", "mix.wav"]):
        assert run(command) == 2
        err = capsys.readouterr().err
        assert message in err
        assert err.count("\n") == 1


def test_every_known_default_is_an_option_of_some_command(capsys):
    helps = ""
    for command in ("render", "play"):
        run([command, "--help"])
        helps += capsys.readouterr().out
    assert {name for name in KNOWN if f"--{name}" not in helps} == set()
