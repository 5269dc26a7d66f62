"""Streams that ask a player for sound: PortAudio's, with input from the same or another device, and one without.

What only plays is made ahead of the device (`Ahead`); what comes in goes through a callback of Python, which is a block
earlier.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import soxr

from livemaster.errors import InputError
from livemaster.sound.callback import Interleaved
from livemaster.sound.devices import Device
from livemaster.sound.drift import DriftBuffer, reserve_frames
from livemaster.sound.realtime import prefer_both, prefer_this_thread
from livemaster.sound.render_ahead import Ahead
from livemaster.units import seconds_to_frames

MOST_FRAMES = 8192
"""Largest block that a device may ask for."""
ABSURD_S = 10.0
"""PortAudio's latency for clients of JACK is no number at all (2³² frames)."""
QUIET_BLOCKS = 3
"""Blocks of silence before the first sound: connections are made meanwhile."""
JITTER_S = 0.003
"""By how much the callbacks of two devices may be late together before the sound between them runs out."""
MADE_FRAMES = 256
"""What is made at once for a device of another rate;"""
SPARE_FRAMES = 256
"""and of what comes in from it a block or so much is kept in reserve, for a resampler gives what it has in bursts."""
MEETING_S = 1.0
"""How long two devices may take to begin; 0.01 s of it is one look whether they have."""
MEETING_BLOCKS = 4
"""Blocks of each after which its size is taken as known."""

Ask = Callable[[Interleaved, bool, "Interleaved | None"], None]
"""Called for each block: what to fill, whether a block was missed, what came in."""


@dataclass(frozen=True, slots=True)
class StreamWish:
    """How a stream should be: `block_frames` 0 leaves it to the device; `inputs` 0 has none."""

    device: Device
    rate_hz: int
    block_frames: int = 0
    outputs: int = 2
    inputs: int = 0
    came_from: Device | None = None
    """The device of the inputs; `null` brings silence."""

    @property
    def hears(self) -> bool:
        """Whether a device is to be opened for input."""
        return self.inputs > 0 and (self.came_from or self.device).index is not None

    @property
    def two_clocks(self) -> bool:
        """Whether input and output are devices that run at paces of their own; all of JACK's share its server's."""
        source = self.came_from or self.device
        jack = "JACK" in self.device.host_api and "JACK" in source.host_api
        return self.hears and source.index != self.device.index and not jack


class Stream(Protocol):
    """A running stream."""

    latency_frames: int
    """Of the devices alone: output, and input and what lies between them where there is one."""

    @property
    def ahead_frames(self) -> int:
        """Frames that are ready before the output asks for them, at the moment."""
        ...

    @property
    def block_frames(self) -> int:
        """Frames that the output asks for at once."""
        ...

    @property
    def input_blocks(self) -> int:
        """Blocks that the input has brought so far; 0 without one."""
        ...

    def close(self) -> None:
        """Stop and let go of the device."""
        ...


def open_stream(wish: StreamWish, ask: Ask, device_rate_hz: int | None = None, told_hz: int | None = None) -> Stream:
    """[control] Open and start; InputError when the device refuses, in words.

    `device_rate_hz`: what the output runs at, where that is not the rate at which `ask` makes sound; `told_hz`: what
    it says that it runs at, where that is not so.
    """
    if not 0 <= wish.block_frames <= MOST_FRAMES:
        raise InputError(f"blocks of {wish.block_frames} frames: not possible, at most {MOST_FRAMES} are")
    if device_rate_hz not in (None, wish.rate_hz):
        ask = Converted(ask, wish.rate_hz, device_rate_hz, wish.outputs, wish.inputs)
        wish = replace(wish, rate_hz=told_hz or device_rate_hz)
    if wish.two_clocks:
        return TwoDevices(wish, ask)
    if wish.device.index is not None and not wish.inputs and os.name == "posix":
        return AheadStream(wish, ask)
    return _direct(wish, ask)


def _direct(wish: StreamWish, ask: Ask) -> Stream:
    return NullStream(wish, ask) if wish.device.index is None else PortAudioStream(wish, ask)


class Converted:
    """Between what makes sound at one rate and a device at another: a device may come back at a rate of its own."""

    def __init__(self, ask: Ask, rate_hz: int, device_rate_hz: int, outputs: int, inputs: int) -> None:
        self._ask, self._outputs = ask, outputs
        self._out = soxr.ResampleStream(rate_hz, device_rate_hz, outputs, dtype="float32", quality="HQ")
        self._in = soxr.ResampleStream(device_rate_hz, rate_hz, max(inputs, 1), dtype="float32", quality="HQ")
        self._ready = np.zeros((0, outputs), np.float32)

    def __call__(self, out: Interleaved, late: bool, came: Interleaved | None) -> None:
        """[audio] One block of the device's: with input as much is made as has come, without as much as is wanted."""
        frames = len(out)
        if came is not None:
            self._make(self._in.resample_chunk(np.ascontiguousarray(came)), late)
            if (lacking := frames - len(self._ready)) > 0:  # at first; then the spare frames are enough
                silence = np.zeros((lacking + max(frames, SPARE_FRAMES), self._outputs), np.float32)
                self._ready = np.concatenate([silence, self._ready])
        while len(self._ready) < frames:
            self._make(None, late)
            late = False
        out[:], self._ready = self._ready[:frames], self._ready[frames:]

    def _make(self, came: Interleaved | None, late: bool) -> None:
        made = np.zeros((MADE_FRAMES if came is None else len(came), self._outputs), np.float32)
        if len(made):
            self._ask(made, late, came)
        self._ready = np.concatenate([self._ready, self._out.resample_chunk(made)])


class AheadStream:
    """A stream of PortAudio's that only plays, through a compiled callback."""

    input_blocks = 0

    def __init__(self, wish: StreamWish, ask: Ask) -> None:
        self._ask = ask
        self._ahead = Ahead(self._fill, wish.outputs, wish.rate_hz, MOST_FRAMES, QUIET_BLOCKS, prefer_both)
        try:
            self._stream = _opened_compiled(wish, self._ahead)
        except BaseException:
            self._ahead.close()
            raise
        self.latency_frames = _latency_frames(self._stream, wish.rate_hz)

    @property
    def ahead_frames(self) -> int:
        """Frames that are ready before the device asks."""
        return self._ahead.frames

    @property
    def block_frames(self) -> int:
        """Frames that the device asks for at once."""
        return self._ahead.block_frames

    def close(self) -> None:
        """Stop once all is played that was made, and let go of the device, whatever state it is in."""
        self._ahead.finish()
        _close(self._stream)
        self._ahead.close()

    def _fill(self, out: Interleaved, late: bool) -> None:
        self._ask(out, late, None)


class PortAudioStream:
    """A stream of PortAudio's: one device, or two with one clock."""

    ahead_frames = input_blocks = 0

    def __init__(self, wish: StreamWish, ask: Ask) -> None:
        self._ask, self._quiet, self._first = ask, QUIET_BLOCKS, True
        self._wish, self.block_frames = wish, wish.block_frames
        self._nothing = np.zeros((MOST_FRAMES, wish.inputs), np.float32) if wish.inputs else None
        if wish.hears:
            source = wish.came_from or wish.device
            self._stream = _opened(
                "RawStream",
                wish,
                wish.device,
                device=(source.index, wish.device.index),
                channels=(wish.inputs, wish.outputs),
                callback=self._both,
            )
        else:
            self._stream = _opened(
                "RawOutputStream",
                wish,
                wish.device,
                device=wish.device.index,
                channels=wish.outputs,
                callback=self._out,
            )
        self.latency_frames = _latency_frames(self._stream, wish.rate_hz)

    def close(self) -> None:
        """Stop and let go of the device, whatever state it is in."""
        _close(self._stream)

    def _out(self, out: Any, frames: int, _time: Any, status: Any) -> None:
        """[audio] PortAudio's callback."""
        self._fill(out, frames, bool(status), None if self._nothing is None else self._nothing[:frames])

    def _both(self, came: Any, out: Any, frames: int, _time: Any, status: Any) -> None:
        """[audio] PortAudio's callback with input."""
        self.input_blocks += 1
        self._fill(out, frames, bool(status), np.frombuffer(came, np.float32).reshape(frames, self._wish.inputs))

    def _fill(self, buffer: Any, frames: int, late: bool, came: Interleaved | None) -> None:
        out = np.frombuffer(buffer, np.float32).reshape(frames, self._wish.outputs)
        if self._first:
            self._first, self.block_frames = False, frames
            prefer_this_thread()
        if self._quiet:
            self._quiet -= 1
            out[:] = 0.0
            return
        self._ask(out, late, came)


class TwoDevices:
    """Input from one device and output to another, whose clocks drift apart; the output's is the master's."""

    ahead_frames = 0

    def __init__(self, wish: StreamWish, ask: Ask) -> None:
        self._ask, self._inputs, self._rate_hz = ask, wish.inputs, wish.rate_hz
        self._came = np.zeros((MOST_FRAMES, wish.inputs), np.float32)
        self._blocks, self._most = [0, 0], [0, 0]  # of input and output: how many, the largest
        self._buffer: DriftBuffer | None = None
        self._missed, self._centred = False, 0
        source = wish.came_from or wish.device
        source_rate_hz = source.default_rate_hz if "JACK" in source.host_api else wish.rate_hz
        rates = (source_rate_hz, wish.rate_hz)
        self._convert = None
        if source_rate_hz != wish.rate_hz:
            self._convert = soxr.ResampleStream(*rates, wish.inputs, dtype="float32", quality="HQ")
        self._input = _opened(
            "RawInputStream",
            replace(wish, rate_hz=source_rate_hz),
            source,
            device=source.index,
            channels=wish.inputs,
            callback=self._in,
        )
        try:
            self._output = _direct(replace(wish, inputs=0, came_from=None), self._pass)
        except InputError:
            _close(self._input)
            raise
        self._buffer, self.latency_frames = self._join()

    @property
    def block_frames(self) -> int:
        """Of the output."""
        return self._output.block_frames

    @property
    def input_blocks(self) -> int:
        """Of the input."""
        return self._blocks[0]

    @property
    def buffer(self) -> DriftBuffer | None:
        """What lies between the devices."""
        return self._buffer

    def close(self) -> None:
        """Stop and let go of both devices."""
        self._output.close()
        _close(self._input)

    def _join(self) -> tuple[DriftBuffer, int]:
        """The buffer for blocks as the devices have them, once both have called, and the latency of everything."""
        end_s = time.monotonic() + MEETING_S
        while min(self._blocks) < MEETING_BLOCKS and time.monotonic() < end_s:
            time.sleep(0.01)
        heard_frames, told_frames = _latency_frames(self._input, self._rate_hz), self._output.latency_frames
        block_frames = self._most[0] or heard_frames  # of a device that does not call yet, the best guess
        margin_frames = reserve_frames(self._rate_hz) + seconds_to_frames(JITTER_S, self._rate_hz)
        target_frames = block_frames + (self._most[1] or told_frames) + margin_frames
        buffer = DriftBuffer(self._inputs, self._rate_hz, target_frames, time.monotonic)
        # PortAudio counts the input's latency from the first frame of a block, the buffer from the last.
        return buffer, heard_frames - block_frames + buffer.latency_frames + told_frames

    def _in(self, came: Any, frames: int, _time: Any, status: Any) -> None:
        """[audio] PortAudio's callback of the input."""
        if not self._blocks[0]:
            prefer_this_thread()
        self._missed = self._missed or bool(status)
        block = np.frombuffer(came, np.float32).reshape(frames, self._inputs)
        if self._convert is not None:
            block = self._convert.resample_chunk(block)
        self._count(0, len(block))
        if self._buffer is not None and len(block):
            self._buffer.write(block)

    def _pass(self, out: Interleaved, late: bool, _came: Interleaved | None) -> None:
        """[audio] What the output asks for."""
        frames, buffer = len(out), self._buffer
        self._count(1, frames)
        came, late = self._came[:frames], late or self._missed
        self._missed = False
        if buffer is not None:
            buffer.read(came)
            centred = buffer.starved + buffer.overfull
            late, self._centred = late or centred != self._centred, centred
        self._ask(out, late, came)

    def _count(self, side: int, frames: int) -> None:
        self._blocks[side] += 1
        self._most[side] = max(self._most[side], frames)


class NullStream:
    """No device: a thread that asks for a block whenever the clock says that one would be due."""

    latency_frames = ahead_frames = input_blocks = 0

    def __init__(self, wish: StreamWish, ask: Ask) -> None:
        self.block_frames = wish.block_frames or 256
        self._out = np.zeros((self.block_frames, wish.outputs), np.float32)
        self._came = np.zeros((self.block_frames, wish.inputs), np.float32) if wish.inputs else None
        self._period_s, self._ask = self.block_frames / wish.rate_hz, ask
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="null device", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop the clock."""
        self._stopped.set()
        self._thread.join(1.0)

    def _run(self) -> None:
        prefer_this_thread()
        due_s, late = time.monotonic(), False
        while not self._stopped.is_set():
            self._ask(self._out, late, self._came)
            due_s += self._period_s
            left_s = due_s - time.monotonic()
            late = left_s < 0.0
            if late:
                due_s = time.monotonic()  # as a device does: what is missed is missed
            else:
                time.sleep(left_s)


def best_rate(device: Device, wanted_hz: list[int], channels: int) -> int:
    """[control] The first of the rates that the device takes, else what it prefers."""
    if device.index is None:
        return wanted_hz[0] if wanted_hz else device.default_rate_hz
    import sounddevice as sd

    for rate_hz in wanted_hz:
        try:
            sd.check_output_settings(device.index, channels, "float32", samplerate=rate_hz)
        except sd.PortAudioError:
            continue
        if "JACK" not in device.host_api or rate_hz == device.default_rate_hz:
            return rate_hz
    return device.default_rate_hz


def _opened_compiled(wish: StreamWish, ahead: Ahead) -> Any:
    """A running stream of sounddevice's that calls compiled code."""
    import sounddevice as sd

    # What takes such a callback are sounddevice's documented arguments of a class whose name has an underscore.
    fields = {
        "callback": sd._ffi.cast("PaStreamCallback *", ahead.callback),
        "userdata": sd._ffi.cast("void *", ahead.memory),
        "kind": "output",
    }
    return _opened("_StreamBase", wish, wish.device, device=wish.device.index, channels=wish.outputs, **fields)


def _opened(kind: str, wish: StreamWish, device: Device, /, **fields: Any) -> Any:
    """A stream of sounddevice's, running; InputError in the name of `device`."""
    import sounddevice as sd

    jack = "JACK" in device.host_api  # its server has the only say, and a size of our own would add a block
    shared: dict[str, Any] = {
        "samplerate": wish.rate_hz,
        "blocksize": 0 if jack else wish.block_frames,
        "dtype": "float32",
        "latency": "low",
    }
    try:
        stream = getattr(sd, kind)(**fields, **shared)
        try:
            stream.start()
        except sd.PortAudioError:
            stream.close()
            raise
    except sd.PortAudioError as error:
        raise InputError(_refusal(wish, device, error)) from error
    return stream


def _close(stream: Any) -> None:
    import sounddevice as sd

    with suppress(sd.PortAudioError):  # a device that has gone
        stream.stop()
    with suppress(sd.PortAudioError):
        stream.close()


def _latency_frames(stream: Any, rate_hz: int) -> int:
    latency = stream.latency
    total_s = sum(latency) if isinstance(latency, tuple) else latency
    return round(total_s * rate_hz) if total_s < ABSURD_S else 0


def _refusal(wish: StreamWish, device: Device, error: Exception) -> str:
    reason = str(error.args[0]) if error.args else str(error)
    block = f", blocks of {wish.block_frames}" if wish.block_frames else ""
    return f"{device.full_name}: refuses {wish.rate_hz} Hz{block} ({reason}); it prefers {device.default_rate_hz} Hz"
