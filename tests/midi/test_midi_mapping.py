"""The mapping file: what it may hold, what is said about the rest, and the mappings among the presets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from livemaster.controls import LIVE_CONTROLS
from livemaster.documents import preset_names, presets_dir
from livemaster.errors import SettingsError, UnknownNameError
from livemaster.midi.mapping import Mapping, clash, find_mapping, mapping_names


def on(kind: str = "cc", number: int | None = 1, channel: int | None = None) -> dict[str, Any]:
    return {"type": kind, "number": number, "channel": channel}


def bound(control: str = "amount", on_: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    return {"control": control, "on": on() if on_ is None else on_, **fields}


def mapping(*bindings: dict[str, Any], **fields: Any) -> Mapping:
    return Mapping.parse({"name": "mine", "bindings": list(bindings), **fields}, "mine.json")


FAULTS = [
    ([bound("amout")], "bindings[0].control is \"amout\", did you mean 'amount'? known are reactivity, amount,"),
    ([bound(on_=on(number=120))], "bindings[0].on: number is 120, allowed are 0 to 119: CC 120 to 127 are reserved"),
    ([bound(on_=on(number=127))], "bindings[0].on: number is 127, allowed are 0 to 119"),
    ([bound(on_=on(number=128))], "bindings[0].on.number is 128, allowed are 0 to 127"),
    ([bound(on_=on(number=None))], "bindings[0].on: number is missing"),
    ([bound(on_=on("pitch_bend", 3))], "bindings[0].on: number is 3, pitch bend has none"),
    ([bound(on_=on(channel=0))], "bindings[0].on.channel is 0, allowed are 1 to 16"),
    ([bound(on_=on(channel=17))], "bindings[0].on.channel is 17, allowed are 1 to 16"),
    ([bound(on_=on("clock"))], 'bindings[0].on.type is "clock", allowed are'),
    ([bound(on_=on("note"))], 'on.type is "note", allowed for the knob amount are cc or pitch_bend'),
    ([bound("ab", on("pitch_bend", None))], 'on.type is "pitch_bend", allowed for the switch ab are note or cc'),
    ([bound(), bound("bass")], "bindings[1]: CC 1 for bass is taken by bindings[0] for amount"),
    (
        [bound(), bound("bass", on(channel=3))],
        "(CC 1): without a channel a binding takes all 16; each message can",
    ),
    ([bound(on_=on(channel=3)), bound("bass")], "CC 1 for bass is taken by bindings[0] for amount (CC 1 of channel 3)"),
    ([bound(bits=14), bound("bass", on(number=33))], "CC 33 for bass is taken by bindings[0] for amount: a 14-bit"),
    ([bound("bass", on(number=33)), bound(bits=14)], "CC 1 for amount is taken by bindings[0] for bass: a 14-bit"),
    ([bound(bits=14, on_=on(number=32))], "bindings[0]: bits is 14 on CC 32, allowed are CC 0 to 31"),
    ([bound(bits=14, on_=on("pitch_bend", None))], "bits is 14 on pitch bend, allowed are CC 0 to 31"),
    ([bound(bits=12)], "bindings[0].bits is 12, allowed are 7 or 14"),
    ([bound(bits=14, encoding="signed_bit")], 'bits is 14 and encoding "signed_bit", allowed with 14 bits'),
    ([bound(encoding="signed_bit", on_=on("pitch_bend", None))], 'encoding is "signed_bit" on pitch bend'),
    ([bound("bass", low=-13)], "bindings[0]: low is -13, allowed for bass are -12 to 12 dB"),
    ([bound("bass", high=20)], "bindings[0]: high is 20, allowed for bass are -12 to 12 dB"),
    ([bound("bass", low=3, high=3)], "low and high are both 3, so that bass could not be moved"),
    (
        [bound(curve="steep")],
        'bindings[0].curve is "steep", allowed are linear, slow, fast or an exponent of',
    ),
    ([bound(curve=0)], "bindings[0].curve is 0, allowed are 0.1 to 10"),
    ([bound(takeover="grab")], "bindings[0].takeover is \"grab\", allowed are 'jump', 'pickup' or 'scale'"),
    ([bound("ab", takeover="jump")], 'takeover is "jump", but ab is a switch, not a knob'),
    ([bound(behaviour="toggle")], 'behaviour is "toggle", but amount is a knob, not a switch'),
    ([bound("ab", on("program"), behaviour="momentary")], "a program change is never let go"),
    ([bound(value="lofi")], 'value is "lofi", but amount is a knob, not a choice'),
    ([bound("mode", on("program"), value="lo-fy")], "value: unknown mode 'lo-fy': did you mean 'lofi'?"),
    ([bound("panic", feedback=True)], "feedback is asked for, but the button panic has no state to show"),
    ([bound("mode", on("program"), value="lofi", feedback=True)], "a program change has no lamp"),
    ([bound("mode", on("note"), feedback=True)], "without a value there is no one choice to show"),
    ([bound("ab", feedback={"on": 128})], "bindings[0].feedback.on is 128, allowed are 0 to 127"),
    ([bound(takeovr="jump")], "bindings[0]: unknown key \"takeovr\", did you mean 'takeover'?"),
]


@pytest.mark.parametrize(("bindings", "message"), FAULTS, ids=[text[:50] for _, text in FAULTS])
def test_a_fault_is_one_line_with_file_place_value_and_what_is_allowed(
    bindings: list[dict[str, Any]], message: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        mapping(*bindings)
    text = str(caught.value)
    assert text.startswith("mine.json: ")
    assert message in text
    assert text.isprintable()


def test_the_same_number_on_other_channels_or_of_other_types_is_another_message() -> None:
    found = mapping(
        bound(on_=on(channel=1)),
        bound("bass", on(channel=2)),
        bound("ab", on("note")),
        bound("panic", on("program")),
        bound("mid", on("pitch_bend", None)),
    )
    assert len(found.bindings) == 5
    assert not any(clash(a, b) for i, a in enumerate(found.bindings) for b in found.bindings[:i])


def test_a_mapping_is_written_as_it_is_read(tmp_path: Path) -> None:
    first = mapping(
        bound("bass", on(number=2), low=3, high=-3, curve="slow", takeover="scale", feedback=True),
        bound("ab", on("note", 36), behaviour="momentary", feedback={"on": 60, "off": 12}),
        bound("mode", on("program", 0), value="Radio Loud"),
        ports=["nano", "Launch"],
    )
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(first.to_data()), "utf-8")
    assert Mapping.load(path) == first
    assert first.bindings[2].choice == "radio_loud"
    assert first.to_data()["bindings"][0]["feedback"] is True


@pytest.mark.parametrize("name", mapping_names())
def test_every_preset_is_valid_and_found_by_any_spelling(name: str) -> None:
    found = find_mapping(name.upper().replace("_", " "))
    assert found.name == name
    assert found.about
    assert Mapping.parse(found.to_data()) == found


@pytest.mark.parametrize("name", sorted({*mapping_names()} - {"generic"}))
def test_a_preset_for_a_device_says_that_it_is_untested(name: str) -> None:
    found = find_mapping(name)
    assert "factory" in str(found.about)
    assert "ntested on the device" in str(found.about)
    assert found.ports


def test_every_file_of_the_presets_is_a_mapping() -> None:
    assert {path.stem for path in (presets_dir() / "midi").iterdir()} == set(mapping_names())
    assert {"generic", "akai_mpk_mini_mk3", "korg_nanokontrol2", "novation_launch_control_xl"} <= set(mapping_names())


def test_the_generic_preset_has_the_promised_controllers() -> None:
    found = find_mapping("generic")
    bound_to = {str(each.on): each.control for each in found.bindings}
    wanted = {"CC 1": "reactivity", "CC 7": "amount", "CC 11": "dynamics", "CC 12": "intensity", "CC 64": "ab"}
    assert wanted.items() <= bound_to.items()
    assert bound_to["note 36 (C2)"] == "ab"
    assert {each.choice for each in found.bindings if each.on.type == "program"} == set(preset_names("mode"))
    assert {"bass", "mid", "treble", "width", "next_section", "previous_section", "panic"} <= set(bound_to.values())
    assert set(bound_to.values()) <= set(LIVE_CONTROLS)


def test_an_unknown_preset_names_the_nearest_and_a_missing_file_is_one() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'generic'"):
        find_mapping("generik")
    with pytest.raises(SettingsError, match=r"none\.json: cannot be read"):
        find_mapping("none.json")
