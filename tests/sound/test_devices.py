"""Sound devices: how they are listed, and which one is meant."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from jack_rig import JackServer

from livemaster.cli.main import run
from livemaster.errors import InputError, UnknownNameError
from livemaster.sound.devices import NULL, DeviceTable, make_table, scan

PROGRAM = [sys.executable, "-c", "from livemaster.cli.main import script; script()"]
HOST_APIS = [{"name": name} for name in ("ALSA", "JACK Audio Connection Kit")]
KEYS = ("name", "hostapi", "max_input_channels", "max_output_channels", "default_samplerate")
LISTED: list[dict[str, object]] = [
    dict(zip(KEYS, row, strict=True))
    for row in (
        ("USB Audio: - (hw:1,0)", 0, 2, 2, 44100.0),
        ("Monitor", 0, 0, 2, 48000.0),
        ("Monitor of Desk", 0, 2, 0, 48000.0),
        ("system", 1, 2, 2, 96000.0),
        ("Headset", 1, 1, 0, 16000.0),
        ("Headset", 0, 0, 2, 48000.0),
        ("null", 0, 2, 2, 48000.0),
    )
]
TABLE = make_table(LISTED, HOST_APIS, (4, 3))


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ("0", 0),
        ("usb audio: - (HW:1,0)", 0),
        ("hw:1,0", 0),
        ("alsa:usb", 0),
        ("ALSA:USB Audio: - (hw:1,0)", 0),
        ("monitor", 1),
        ("of desk", 2),
        ("JACK Audio Connection Kit:system", 3),
        ("jack:sys", 3),
        (" system ", 3),
        ("alsa:headset", 5),
        ("jack:head", 4),
        ("alsa:null", 6),
        ("null", 7),
        ("built-in:null", 7),
    ],
)
def test_a_device_is_found_by_number_by_name_and_by_host_api(wanted, index):
    assert TABLE.find(wanted) is TABLE.devices[index]


def test_of_two_of_one_name_the_one_with_the_channels_is_meant():
    assert TABLE.find("headset", outputs=2).id == "5"
    assert TABLE.find("headset", inputs=1).id == "4"


def test_a_full_name_finds_its_device_again():
    for device in TABLE.devices:
        assert TABLE.find(device.full_name) is device


def test_several_devices_are_listed():
    with pytest.raises(InputError, match=r"'mon': may be any of 1 \(ALSA:Monitor\), 2 \(ALSA:Monitor of Desk\)"):
        TABLE.find("mon")
    with pytest.raises(InputError, match=r"4 \(JACK Audio Connection Kit:Headset\), 5 \(ALSA:Headset\)"):
        TABLE.find("headset")


@pytest.mark.parametrize("wanted", ["sistem", "", " ", "7", "zither"])
def test_an_unknown_device_is_told_with_those_that_are(wanted):
    with pytest.raises(UnknownNameError, match=r"unknown sound device .*known are Headset, Monitor") as caught:
        TABLE.find(wanted)
    assert ("did you mean 'system'" in str(caught.value)) == (wanted == "sistem")


def test_a_device_with_too_few_channels_is_refused():
    with pytest.raises(InputError, match="'ALSA:Monitor of Desk': has 0 output channels, 2 are needed"):
        TABLE.find("2", outputs=2)
    with pytest.raises(InputError, match="has 1 input channels, 2 are needed"):
        TABLE.find(inputs=2)


def test_without_a_name_it_is_the_default():
    assert TABLE.find(outputs=2).id == "3"
    assert TABLE.find(inputs=1).id == "4"
    assert TABLE.find().id == "3"
    without = make_table(LISTED, HOST_APIS, (-1, -1))
    assert without.find(outputs=2) is NULL
    assert without.trouble == "PortAudio has no default output"


def test_we_never_play_to_ourselves_by_default():
    listed = [dict(each) for each in LISTED]
    listed[3]["name"] = "Livemaster"
    table = make_table(listed, HOST_APIS, (4, 3))
    found = table.find(outputs=2)
    assert not found.name.casefold().startswith("livemaster")
    assert found is NULL or found.host_api == HOST_APIS[listed[3]["hostapi"]]["name"]
    only = make_table([listed[3]], HOST_APIS, (-1, 0))
    assert only.find(outputs=2) is NULL
    assert "livemaster itself" in only.trouble


def test_without_any_device_there_is_null_and_a_reason():
    table = make_table([], HOST_APIS, (-1, -1))
    assert table == DeviceTable((NULL,), trouble="PortAudio finds no sound device")
    assert table.find(inputs=2, outputs=2) is NULL
    assert table.find("null") is NULL
    with pytest.raises(InputError, match=r"'desk': PortAudio finds no sound device; --device null works") as caught:
        table.find("desk")
    assert not isinstance(caught.value, UnknownNameError)


def test_without_a_library_the_reason_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    assert scan().devices == (NULL,)
    assert scan().find(outputs=2) is NULL
    with pytest.raises(InputError, match="sounddevice is missing"):
        scan().find("desk")


def test_without_portaudio_the_reason_says_what_to_install(monkeypatch, tmp_path, capsys):
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    assert run(["devices"]) == 0
    out, err = capsys.readouterr()
    assert "null" in out
    assert err.startswith(
        "note: PortAudio is missing, install it (on Debian and Ubuntu: apt-get install libportaudio2)"
    )
    assert err.endswith("--device null works without sound\n")
    assert err.count("\n") == 1


def test_the_devices_of_a_sound_server_are_listed():
    with JackServer(rate_hz=44100, block=256, synchronous=True) as server:
        command = [*PROGRAM, "devices"]
        done = subprocess.run([*command, "--json"], env=server.environment, capture_output=True, text=True, check=True)
        table = subprocess.run(command, env=server.environment, capture_output=True, text=True, check=True)
        assert server.longest_wait_ms() < 1000.0, "a client that vanishes holds up a synchronous server"
    listed = json.loads(done.stdout)
    assert (done.stderr, table.stderr) == ("", ""), "what libraries say while they look is kept from the user"
    system = next(d for d in listed if (d["host_api"], d["name"]) == ("JACK Audio Connection Kit", "system"))
    assert {k: system[k] for k in ("inputs", "outputs", "default_rate_hz")} == {
        "inputs": 2,
        "outputs": 2,
        "default_rate_hz": 44100,
    }
    assert listed[-1] == {
        "id": "null",
        "name": "null",
        "host_api": "built-in",
        "inputs": 2,
        "outputs": 2,
        "default_rate_hz": 48000,
    }
    header, *rows = table.stdout.splitlines()
    assert header.split() == ["id", "name", "host", "API", "in", "out", "rate,", "Hz", "default"]
    assert [row.split()[0] for row in rows] == [d["id"] for d in listed]
    assert sum("output" in row for row in rows) == 1
