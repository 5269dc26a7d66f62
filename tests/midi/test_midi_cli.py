"""`livemaster midi` where there is no MIDI, and what it says of mappings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from fake_port import FakePort
from test_midi_mapping import bound, on

from livemaster.cli.main import run
from livemaster.midi.mapping import find_mapping, mapping_names
from livemaster.midi.ports import Deliver, Notify


class Desk:
    """Ports on which a knob is turned as soon as somebody listens; in place of `RtPorts`."""

    def __init__(self) -> None:
        self._port = FakePort("nanoKONTROL2")

    def names(self) -> tuple[str, ...]:
        return ("nanoKONTROL2",)

    def start(self, wanted: Sequence[str], deliver: Deliver, notify: Notify) -> None:
        self._port.start(wanted, deliver, notify)
        self._port.say("nanoKONTROL2", *(bytes([0xB0, 20, value]) for value in range(40)))

    def close(self) -> None:
        self._port.close()


def learned(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str) -> list[str]:
    """The notes of `learn` while a knob of CC 20 is turned."""
    monkeypatch.setattr("livemaster.midi.ports.RtPorts", Desk)
    _, err = ran(capsys, "learn", *arguments)
    return [line.removeprefix("note: ") for line in err.splitlines()[1:]]


def controls(path: Path) -> list[tuple[str, str]]:
    return [(each.control, str(each.on)) for each in find_mapping(str(path)).bindings]


def test_learning_starts_from_the_mapping_in_use_and_says_what_it_changes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At first that of `play`, then the file itself; what has lost its message is named."""
    path = tmp_path / "my.json"
    generic = [(each.control, str(each.on)) for each in find_mapping("generic").bindings]
    said = learned(capsys, monkeypatch, "reactivity", "-o", str(path))
    assert said == [
        "bass is no longer moved by CC 20",
        f"{len(generic) - 2} other bindings as in generic",
        f"CC 20 of channel 1 moves reactivity: {path}",
    ]
    kept = [each for each in generic if each[0] not in ("reactivity", "bass")]
    assert controls(path) == [*kept, ("reactivity", "CC 20 of channel 1")]
    said = learned(capsys, monkeypatch, "treble", "-o", str(path), "--force")
    assert "reactivity is no longer moved by CC 20 of channel 1" in said
    kept = [each for each in kept if each[0] != "treble"]
    assert controls(path) == [*kept, ("treble", "CC 20 of channel 1")]
    learned(capsys, monkeypatch, "treble", "-o", str(path), "--force", "--map", "korg_nanokontrol2")
    korg = {each.control for each in find_mapping("korg_nanokontrol2").bindings}
    assert {control for control, _ in controls(path)} == korg | {"treble"}


def test_a_file_that_is_no_mapping_is_not_learned_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slip of the pen in it must not cost all that it holds."""
    monkeypatch.setattr("livemaster.midi.ports.RtPorts", Desk)
    path = tmp_path / "my.json"
    path.write_text('{"name": "my", "bindings": [', "utf-8")
    _, err = ran(capsys, "learn", "bass", "-o", str(path), "--force", status=2)
    assert err.count("\n") == 1
    assert path.read_text("utf-8") == '{"name": "my", "bindings": ['


@pytest.fixture(autouse=True)
def _no_midi(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("livemaster.midi.ports.apis", lambda: ())


def ran(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> tuple[str, str]:
    assert run(["midi", *arguments]) == status
    return capsys.readouterr()


def test_without_midi_there_is_no_port(capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(capsys, "ports")[0] == ""
    out, err = ran(capsys, "ports", "--json")
    assert json.loads(out) == []
    assert err.startswith("note: there is no MIDI here: ")


@pytest.mark.parametrize("command", [["monitor"], ["learn", "amount", "-o", "-"]])
def test_without_midi_a_command_says_so_in_one_line(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    out, err = ran(capsys, *command, status=2)
    assert out == ""
    assert err.startswith("livemaster: there is no MIDI here")
    assert err.count("\n") == 1


def test_the_presets_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(json.loads(ran(capsys, "map", "--json")[0])) == list(mapping_names())
    out, _ = ran(capsys, "map")
    assert all(name in out for name in mapping_names())


def test_a_preset_is_shown_as_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [" ".join(line.split()) for line in ran(capsys, "map", "generic")[0].splitlines()]
    for row in (
        "control message range takeover",
        "reactivity CC 1 0 to 1.5 pickup",
        "bass CC 20 −12 to 12 dB pickup",
        "ab CC 64 momentary –",
        "ab note 36 (C2) toggle –",
        "panic note 48 (C3) press –",
        "mode program 3 lofi –",
    ):
        assert row in lines


def test_a_file_is_shown_as_a_table_and_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = {
        "name": "mine",
        "ports": ["nano"],
        "bindings": [
            bound("bass", on(number=2, channel=3), low=6, high=-6, curve=2, bits=14, takeover="scale"),
            bound("width", on(number=3), encoding="binary_offset"),
            bound("platform", on("note", 60)),
        ],
    }
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(data), "utf-8")
    text = " ".join(ran(capsys, "map", str(path))[0].split())
    assert "ports: nano" in text
    assert "bass CC 2 of channel 3, 14 bit 6 to −6 dB, curve 2 scale" in text
    assert "width CC 3 −1 to 1 relative, binary_offset" in text
    assert "platform note 60 (C4) the next –" in text
    assert json.loads(ran(capsys, "map", str(path), "--json")[0])["bindings"][0]["curve"] == 2


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["map", "generik"], "unknown MIDI mapping 'generik': did you mean 'generic'?"),
        (["map", "none.json"], "none.json: cannot be read: No such file or directory"),
        (["map", "bad.json"], "bad.json: bindings[0].control is \"amout\", did you mean 'amount'?"),
        (["learn", "amout"], "unknown control 'amout': did you mean 'amount'?"),
        (["learn", "amount", "--map", "bad.json"], "bad.json: bindings[0].control"),
        (["learn", "amount", "--takeover", "grab"], "takeover is \"grab\", allowed are 'jump', 'pickup' or 'scale'"),
        (["learn", "amount", "--momentary"], 'behaviour is "momentary", but amount is a knob'),
        (["learn", "amount"], "midi_map.json: exists already, --force overwrites it"),
        (["learn", "amount", "-o", "bad.json"], "bad.json: exists already, --force overwrites it"),
        (["learn", "amount", "--duration", "0"], "0 is not a duration"),
        (["monitor", "--duration", "nan"], "nan is not a duration"),
        (["monitor", "--duration", "long"], "'long' is not a number"),
    ],
)
def test_bad_input_is_one_line(
    command: list[str],
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("midi_map.json").write_text("mine", "utf-8")
    Path("bad.json").write_text(json.dumps({"name": "x", "bindings": [bound("amout")]}), "utf-8")
    out, err = ran(capsys, *command, status=2)
    assert out == ""
    assert message in err
    assert err.count("\n") == 1
    assert Path("midi_map.json").read_text("utf-8") == "mine"
