"""Real MIDI through a JACK server of the tests' own: hot-plug, floods, lamps, and the commands."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import needs
import pytest
from jack_rig import JackServer
from test_midi_mapping import bound, mapping, on

from livemaster.controls import Move
from livemaster.errors import NoMidiError
from livemaster.midi.hub import MidiHub
from livemaster.midi.ports import RtPorts, input_names
from livemaster.snapshot import Snapshot

pytestmark = pytest.mark.flaky(reruns=2, only_rerun=["RuntimeError", "InputError"])
"""JACK refuses a client now and then while other servers start; what is heard has to be right the first time."""

PATIENCE_S = 20.0
PROGRAM = [sys.executable, "-c", "from livemaster.cli.main import script; script()"]
FLOOD = """
import sys, time, rtmidi
out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="flood")
out.open_virtual_port("keys")
print("ready", flush=True)
until = time.monotonic() + float(sys.argv[1])
while time.monotonic() < until:
    for value in range(8):
        out.send_message([0xB0, 1, value * 16])
    time.sleep(0.003)
"""

HUB = """
import sys, time
from livemaster.midi.hub import MidiHub
from livemaster.midi.mapping import find_mapping
from livemaster.midi.ports import RtPorts
hub = MidiHub(find_mapping("generic"), (), lambda move: print(move.control, flush=True), dict, port=RtPorts("jack"))
hub.start()
time.sleep(60.0)
"""


@pytest.fixture(scope="module")
def jack() -> Iterator[None]:
    """A JACK server for this module, the default of this process and its children."""
    needs.rtmidi()
    name = f"livemaster-midi-{os.getpid()}"
    command = [needs.jackd(), "-n", name, "--no-realtime", "-d", "dummy", "-r", "48000", "-p", "128"]
    before = os.environ.get("JACK_DEFAULT_SERVER")
    os.environ["JACK_DEFAULT_SERVER"] = name
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(_is_up)
        yield
    finally:
        server.terminate()
        server.wait(timeout=PATIENCE_S)
        if before is None:
            del os.environ["JACK_DEFAULT_SERVER"]
        else:
            os.environ["JACK_DEFAULT_SERVER"] = before


def _is_up() -> bool:
    try:
        input_names("jack")
    except NoMidiError:
        return False
    return True


def wait_until(done: Callable[[], object]) -> None:
    end_s = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < end_s, "it took too long"
        time.sleep(0.02)


class Device:
    """A controller with keys that send and lamps that are sent to, which may come `later_s` after the keys."""

    def __init__(self, name: str = "pads", later_s: float = 0.0) -> None:
        import rtmidi

        self.keys = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=f"{name}-keys")
        self.keys.open_virtual_port("out")
        time.sleep(later_s)
        self.lamps = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name=f"{name}-lamps")
        self.lamps.open_virtual_port("in")

    def say(self, *data: int) -> None:
        self.keys.send_message(data)

    def seen(self) -> list[list[int]]:
        found: list[list[int]] = []
        while (message := self.lamps.get_message()) is not None:
            found.append(message[0])
        return found

    def unplug(self) -> None:
        for port in (self.keys, self.lamps):
            port.close_port()
            port.delete()


@pytest.fixture
def device(jack: None) -> Iterator[Device]:
    made = Device()
    yield made
    made.unplug()


@pytest.mark.usefixtures("jack")
def test_a_port_that_vanishes_and_returns_is_opened_again() -> None:
    moves: list[Move] = []
    wanted = mapping(bound(takeover="jump"), bound("ab", on("note", 36), feedback=True), ports=["PADS"])
    hub = MidiHub(wanted, (), moves.append, dict, port=RtPorts("jack"))
    hub.start()
    try:
        for value, later_s in ((64, 0.0), (127, 0.0), (64, 1.2)):
            play_and_unplug(hub, moves, value, later_s)
            moves.clear()
    finally:
        hub.close()


def play_and_unplug(hub: MidiHub, moves: list[Move], value: int, later_s: float) -> None:
    """A device that came is heard and lit, although its lamps come later than its keys; the hub sees it go."""
    showing = threading.Event()

    def show() -> None:
        while not showing.wait(0.02):
            hub.show(Snapshot(switches={"ab": True}))

    screen = threading.Thread(target=show)
    screen.start()
    device = Device(later_s=later_s)
    try:
        wait_until(lambda: hub.connected)
        wait_until(lambda: device.say(0xB0, 1, value) or moves)
        assert set(moves) == {Move("amount", (value - 1) / 126, "midi")}
        wait_until(lambda: [0x90, 36, 127] in device.seen())
    finally:
        showing.set()
        screen.join()
        device.unplug()
    wait_until(lambda: not hub.connected)


def test_the_programs_own_ports_are_not_seen(device: Device) -> None:
    client = RtPorts("jack")
    names: list[tuple[str, bool]] = []
    client.start([], lambda *_: None, lambda *change: names.append(change), lambda: None)
    try:
        wait_until(lambda: names)
        time.sleep(1.2)  # two more looks at the list
        assert names == [("pads-keys:out", True)]
        assert input_names("jack") == ("pads-keys:out",)
    finally:
        client.close()


@pytest.mark.usefixtures("jack")
def test_ports_close_at_once_while_messages_pour_in() -> None:
    with subprocess.Popen([sys.executable, "-c", FLOOD, "20"], stdout=subprocess.PIPE) as flood:
        try:
            assert flood.stdout is not None
            flood.stdout.readline()
            for _ in range(10):
                heard: list[bytes] = []
                client = RtPorts("jack")
                client.start(["flood"], lambda _name, data, _s, to=heard: to.append(data), lambda *_: None)
                wait_until(lambda found=heard: len(found) > 50)
                started_s = time.monotonic()
                client.close()
                assert time.monotonic() - started_s < 5.0
                count = len(heard)
                time.sleep(0.02)
                assert len(heard) == count, "nothing is delivered after closing"
        finally:
            flood.kill()


# -- commands ----------------------------------------------------------------------------------------------------


Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def started() -> Iterator[Start]:
    """Starts `livemaster midi`, which does not outlive the test."""
    with contextlib.ExitStack() as programs:

        def start(*arguments: str, **how: Any) -> subprocess.Popen[str]:
            command = [*PROGRAM, "midi", *arguments]
            pipe = subprocess.PIPE
            program = programs.enter_context(subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, **how))
            programs.callback(program.kill)
            return program

        yield start


def test_ports_lists_what_is_there(device: Device, started: Start) -> None:
    out, err = started("ports", "--json").communicate(timeout=PATIENCE_S)
    assert (json.loads(out), err) == (["pads-keys:out"], "")


def test_a_port_that_is_not_there_names_the_nearest(device: Device, started: Start) -> None:
    program = started("monitor", "--midi", "bads-keys")
    assert program.communicate(timeout=PATIENCE_S) == (
        "",
        "livemaster: there is no MIDI port 'bads-keys': did you mean 'pads-keys:out'? there are pads-keys:out\n",
    )
    assert program.returncode == 2


def test_monitor_shows_messages_until_ctrl_c(device: Device, started: Start) -> None:
    program = started("monitor", "--midi", "pads")
    end_s = time.monotonic() + PATIENCE_S
    os.set_blocking(program.stdout.fileno(), False)  # type: ignore[union-attr]
    line = ""
    while not line and time.monotonic() < end_s:
        device.say(0xB0, 7, 64)
        time.sleep(0.02)
        line = program.stdout.readline()  # type: ignore[union-attr]
    assert line == "pads-keys:out: channel 1: CC 7 = 64\n"
    program.send_signal(signal.SIGINT)
    assert program.communicate(timeout=PATIENCE_S)[1] == "livemaster: interrupted\n"
    assert program.returncode == 130


def test_learn_writes_what_was_moved(device: Device, started: Start, tmp_path: Path) -> None:
    arguments = ["learn", "amount", "--midi", "pads", "--takeover", "jump", "--map", "generic"]
    program = started(*arguments, cwd=tmp_path)
    while program.poll() is None:
        device.say(0xF8)
        device.say(0xB0, 123, 0)
        device.say(0xB4, 20, 64)
        time.sleep(0.02)
    _, err = program.communicate(timeout=PATIENCE_S)
    assert err.splitlines()[-1] == "note: CC 20 of channel 5 moves amount: midi_map.json"
    found = json.loads((tmp_path / "midi_map.json").read_text("utf-8"))
    on_ = {"type": "cc", "channel": 5, "number": 20}
    assert found["bindings"][-1] == {"control": "amount", "on": on_, "takeover": "jump"}
    controls = [each["control"] for each in found["bindings"]]
    assert "bass" not in controls, "CC 20 was its own"
    assert controls.count("amount") == 1


def test_learn_gives_up_after_a_while(device: Device, started: Start, tmp_path: Path) -> None:
    program = started("learn", "ab", "--midi", "pads", "--duration", "0.3", cwd=tmp_path)
    err = program.communicate(timeout=PATIENCE_S)[1]
    assert "nothing was learned: within 0.3 s nothing came of what fits: a note, CC or a program change" in err
    assert program.returncode == 2
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("unplugged", [True, False], ids=["unplugged before", "still plugged in"])
def test_midi_comes_back_with_a_jack_server_that_was_started_again(tmp_path, unplugged):
    """In a process of its own: libjack knows one server at a time."""
    needs.rtmidi()
    heard = tmp_path / "heard"
    started: list[subprocess.Popen[bytes]] = []

    def moves() -> int:
        if any(each.poll() == 1 for each in started):  # an exception; those that were unplugged have been killed
            raise RuntimeError("JACK has refused a client")
        return heard.read_text().count("reactivity")

    with JackServer(48000, 128) as server, heard.open("a") as said:

        def start(program: str, *arguments: str, said: Any = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
            command = [sys.executable, "-c", program, *arguments]
            quiet = subprocess.DEVNULL
            started.append(subprocess.Popen(command, stdout=said, stderr=quiet, env=server.environment))
            return started[-1]

        try:
            hub = start(HUB, said=said)
            for _ in range(2):
                before = moves()
                flood = start(FLOOD, "20")
                wait_until(lambda before=before: moves() > before)
                if unplugged:
                    flood.kill()
                    flood.wait()
                server.stop()
                flood.kill()
                time.sleep(1.5)
                assert hub.poll() is None
                server.start()
        finally:
            for each in started:
                each.kill()
                each.wait()
