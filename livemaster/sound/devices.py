"""Sound devices: those that PortAudio lists, and `null`, which keeps time and makes no sound."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from ctypes.util import find_library
from dataclasses import dataclass

from livemaster.errors import InputError, UnknownNameError

NULL_ID = "null"
OURS = "livemaster"
"""What JACK's graph calls us; a sink of that name is our own, to be played on by others."""
_JACK_NAME = ctypes.c_char_p(OURS.encode())  # kept, for PortAudio does not


@dataclass(frozen=True, slots=True)
class Device:
    """One device of one host API; `inputs` and `outputs` are channels, `default_rate_hz` what it prefers.

    `id` is PortAudio's index as text, which changes whenever something is plugged in or out: to find a device again
    later, keep `host_api` and `name`. The id of the built-in device is always `null`.
    """

    id: str
    name: str
    host_api: str
    inputs: int
    outputs: int
    default_rate_hz: int

    @property
    def index(self) -> int | None:
        """[control] PortAudio's index, as sounddevice wants it; None for `null`."""
        return None if self.id == NULL_ID else int(self.id)

    @property
    def full_name(self) -> str:
        """[control] Host API and name, by which `DeviceTable.find` finds it again."""
        return f"{self.host_api}:{self.name}"


NULL = Device(NULL_ID, "null", "built-in", 2, 2, 48000)
WITHOUT_SOUND = "--device null works without sound"


@dataclass(frozen=True, slots=True)
class DeviceTable:
    """All devices with `NULL` last, the ids of PortAudio's defaults, and why `NULL` is the only one, where it is."""

    devices: tuple[Device, ...]
    default_input: str = NULL_ID
    default_output: str = NULL_ID
    trouble: str = ""

    def find(self, wanted: str | None = None, *, inputs: int = 0, outputs: int = 0) -> Device:
        """[control] The device that is meant, with at least so many channels.

        `wanted`: an id, a name, or `host_api:name`; of both a part is enough, in upper or lower case. What fits exactly
        goes before what fits in part. None is PortAudio's default, and `NULL` where it has none: `trouble` says why.
        Raises UnknownNameError, or InputError when several devices are meant, or one with too few channels.
        """
        if wanted is None:
            default = self.default_output if outputs or not inputs else self.default_input
            device = next(d for d in self.devices if d.id == default)
            _check_channels(device, inputs, outputs)
            return device
        found = _best_matches(wanted, self.devices)
        if not found:
            if len(self.devices) == 1:
                raise InputError(f"no sound device '{wanted}': {self.trouble}; {WITHOUT_SOUND}")
            raise UnknownNameError("sound device", wanted, {d.name for d in self.devices})
        enough = [d for d in found if _has_channels(d, inputs, outputs)]  # of a pair of the same name, the one for it
        if not enough:
            _check_channels(found[0], inputs, outputs)
        if len(enough) > 1:
            listed = ", ".join(f"{d.id} ({d.full_name})" for d in enough)
            raise InputError(f"sound device '{wanted}': may be any of {listed}; give more of the name, or the number")
        return enough[0]


def scan() -> DeviceTable:
    """[control] The devices as PortAudio saw them when this process first asked, or first after `release`.

    PortAudio looks only when it is initialised, and to initialise it again would end every open stream. So what was
    plugged in meanwhile is seen by a new process, as the engine's is each time.
    """
    if "sounddevice" not in sys.modules:
        with suppress(OSError, AttributeError, TypeError):  # none, or one that knows no JACK
            ctypes.CDLL(find_library("portaudio") or "").PaJack_SetClientName(_JACK_NAME)
    try:
        import sounddevice as sd  # it initialises, and keeps standard error clean of what ALSA and JACK say meanwhile

        if not sd._initialized:
            sd._initialize()
    except ImportError:
        return _only_null("Python's sounddevice is missing (pip install sounddevice)")
    except OSError:
        return _only_null("PortAudio is missing, install it (on Debian and Ubuntu: apt-get install libportaudio2)")
    except Exception as error:  # PortAudioError, which cannot be imported either
        return _only_null(f"PortAudio does not start ({error})")
    return make_table(sd.query_devices(), sd.query_hostapis(), tuple(sd.default.device))


def release() -> None:
    """[control] End PortAudio, and whatever streams this process has, before a process leaves without cleaning up.

    Where PortAudio knows JACK, each process that scans is a client of it. One that vanishes without a word makes a
    synchronous server wait for 5 s (measured), with silence for everybody. Not to be called after the server has gone:
    PortAudio then waits for ever where there is a stream, and aborts the process where there is none.
    """
    sd = sys.modules.get("sounddevice")
    if sd is not None and sd._initialized:
        sd._terminate()


def make_table(
    listed: Iterable[dict[str, object]], host_apis: Iterable[dict[str, object]], defaults: tuple[int, int]
) -> DeviceTable:
    """[control] The table of what PortAudio lists; `defaults` are the indices of input and output, −1 for none."""
    names = [str(api["name"]) for api in host_apis]
    found = [_device(index, entry, names) for index, entry in enumerate(listed)]
    if not found:
        return _only_null("PortAudio finds no sound device")
    default_input, default_output = (NULL_ID if index < 0 else str(index) for index in defaults)
    trouble = "PortAudio has no default output" if default_output == NULL_ID else ""
    if default_output != NULL_ID and _is_ours(found[int(default_output)]):  # to play on it would be a feedback loop
        others = [d.id for d in found if d.outputs and not _is_ours(d)]
        default_output = next((i for i in others if _same_host(found[int(i)], found[int(default_output)])), NULL_ID)
        trouble = "" if default_output != NULL_ID else "the default output is livemaster itself, and there is no other"
    return DeviceTable((*found, NULL), default_input, default_output, trouble)


def _is_ours(device: Device) -> bool:
    return _name(device).startswith(OURS)


def _same_host(one: Device, other: Device) -> bool:
    return one.host_api == other.host_api


def _device(index: int, entry: dict[str, object], host_apis: list[str]) -> Device:
    inputs, outputs, rate_hz, host_api = (
        round(float(str(entry[key])))
        for key in ("max_input_channels", "max_output_channels", "default_samplerate", "hostapi")
    )
    return Device(str(index), str(entry["name"]), host_apis[host_api], inputs, outputs, rate_hz)


def _only_null(trouble: str) -> DeviceTable:
    return DeviceTable((NULL,), trouble=trouble)


def _best_matches(wanted: str, among: Sequence[Device]) -> list[Device]:
    """Those that fit in the strictest way in which any fits."""
    text = wanted.strip().casefold()
    for fits in _FITS if text else ():
        if found := [device for device in among if fits(device, text)]:
            return found
    return []


def _host_and_name(text: str) -> Iterator[tuple[str, str]]:
    """`host_api:name` cut at each of its colons, for names hold colons too."""
    for at, character in enumerate(text):
        if character == ":" and text[:at].strip() and text[at + 1 :].strip():
            yield text[:at].strip(), text[at + 1 :].strip()


def _name(device: Device) -> str:
    return device.name.strip().casefold()


def _host(device: Device) -> str:
    return device.host_api.strip().casefold()


_FITS: tuple[Callable[[Device, str], bool], ...] = (
    lambda device, text: device.id == text,
    lambda device, text: _name(device) == text,
    lambda device, text: any(h == _host(device) and n == _name(device) for h, n in _host_and_name(text)),
    lambda device, text: any(h in _host(device) and n == _name(device) for h, n in _host_and_name(text)),
    lambda device, text: text in _name(device),
    lambda device, text: any(h in _host(device) and n in _name(device) for h, n in _host_and_name(text)),
)
"""How a device may be meant, from the strictest; the text is in lower case."""


def _has_channels(device: Device, inputs: int, outputs: int) -> bool:
    return device.inputs >= inputs and device.outputs >= outputs


def _check_channels(device: Device, inputs: int, outputs: int) -> None:
    for needed, has, what in ((inputs, device.inputs, "input"), (outputs, device.outputs, "output")):
        if has < needed:
            way_out = "--channels 1 takes one" if has == 1 and inputs else WITHOUT_SOUND
            raise InputError(
                f"sound device '{device.full_name}': has {has} {what} channels, {needed} are needed; {way_out}"
            )
