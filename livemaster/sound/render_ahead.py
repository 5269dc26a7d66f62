"""Sound made ahead of the device: a compiled callback hands out what a thread of Python has ready.

The callback runs without the interpreter, so that neither Python's pace nor the work on a block delays the device.
Whenever the device had to wait for the thread, a block more is made ahead, so that it does not happen again.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any

import numba
import numpy as np
from numba.core import types, typing
from numba.core.types import ExternalFunction
from numpy.typing import NDArray

from livemaster.dsp._jit import c_callback

AHEAD_S, MOST_AHEAD_S = 0.005, 0.02
"""How much sound is ready at first, and when it often was not enough, to the nearest whole block, one at least."""
ROOM_BLOCKS = 4
"""Room for so many blocks of the largest size."""
LONGEST_WAIT_US = 500_000
"""How long the callback waits for a block that is not ready, as a callback of Python would make the device wait."""
WAIT_US = 100
FINISH_S = 0.1
"""What a device may take longer than its blocks last."""
PRIMING = 0x10
"""PortAudio's flag for a callback that fills the device before it starts."""

CALLS, FRAMES, SAME, MOST, LATE, WAITED, READ, CALLER = range(8)
"""Places of whole numbers before the sound, written by the callback: how often it was called, for how many frames last,
frames in blocks of that size in a row, the largest block of late, how often PortAudio said that a block was missed or
one was not ready, how often the latter, frames read, and its own thread (pthread_t)."""
WRITTEN, ENDED, CAPACITY, CHANNELS, RATE_HZ, WAKE, HEAD = range(8, 15)
"""Those of the other side: frames written, 1 when no more will be; frames there is room for, channels, frames in a
second, after which a size of block counts as the usual one, and where to write a byte to wake the thread."""
ABORT = 2
"""PortAudio's paAbort."""

_pthread_self: Any = ExternalFunction("pthread_self", typing.signature(types.uint64))
_write: Any = ExternalFunction("write", typing.signature(types.int64, types.int32, types.voidptr, types.uint64))
_usleep: Any = ExternalFunction("usleep", typing.signature(types.int32, types.uint32))
_callback = typing.signature(
    types.int32, types.voidptr, types.voidptr, types.uint64, types.voidptr, types.uint64, types.voidptr
)


@cache
def compiled() -> Any:
    """[control] The callback, of the type PaStreamCallback; its last argument is an `Ahead`'s memory."""

    @c_callback(_callback)
    def hand_out(_came, out, frames, _time, status, memory):  # type: ignore[no-untyped-def]
        head = numba.carray(memory, (HEAD,), np.int64)
        capacity, channels = head[CAPACITY], head[CHANNELS]
        sound = numba.carray(memory, (2 * HEAD + capacity * channels,), np.float32)
        wanted = np.int64(frames)
        known = wanted <= head[MOST]
        head[SAME] = head[SAME] + wanted if wanted == head[FRAMES] else 0
        head[FRAMES], head[MOST] = wanted, max(head[MOST], wanted)
        if head[SAME] > head[RATE_HZ]:
            head[MOST] = wanted
        if head[CALLS] == 0:
            head[CALLER] = np.int64(_pthread_self())
        head[CALLS] += 1
        if status & ~np.uint64(PRIMING):
            head[LATE] += 1
        waited_us, begun = 0, head[WRITTEN] > 0 and wanted <= capacity
        while begun and not head[ENDED] and head[WRITTEN] - head[READ] < wanted and waited_us < LONGEST_WAIT_US:
            if not waited_us:
                head[LATE] += 1
                head[WAITED] += known  # the first block of a larger size is no sign of a slow thread
                _write(head[WAKE], memory, 1)
            _usleep(WAIT_US)
            waited_us += WAIT_US
        result = numba.carray(out, (wanted * channels,), np.float32)
        if head[WRITTEN] - head[READ] < wanted:
            result[:] = 0.0
            if head[ENDED]:
                return ABORT
        else:
            start = head[READ] % capacity
            first = min(wanted, capacity - start) * channels
            begin = 2 * HEAD + start * channels
            result[:first] = sound[begin : begin + first]
            result[first:] = sound[2 * HEAD : 2 * HEAD + wanted * channels - first]
            head[READ] += wanted
        _write(head[WAKE], memory, 1)
        return 0

    return hand_out


def ready_frames(block_frames: int, rate_hz: int, waited: int = 0) -> int:
    """How much is ready before a device that asks for such blocks asks for it, after it had to wait so often."""
    if not block_frames:
        return 0
    first, most = (max(round(seconds * rate_hz / block_frames), 1) for seconds in (AHEAD_S, MOST_AHEAD_S))
    return block_frames * min(first + waited, most)


class Ahead:
    """What lies between a device's callback and the thread that makes the sound.

    `ask(out, late)` fills a block (frames, channels), as the thread needs it; `late`: whether the device missed one.
    Nothing is made for the first `quiet` blocks. `begins(caller)` runs on the thread before it makes the first;
    `caller` is the callback's own thread (pthread_t). `callback` and `memory` are addresses for PortAudio.
    What is written and read is told by plain stores: for processors that keep their order (x86-64).
    """

    def __init__(
        self,
        ask: Callable[[NDArray[np.float32], bool], None],
        channels: int,
        rate_hz: int,
        most_frames: int,
        quiet: int,
        begins: Callable[[int], None] = lambda caller: None,
    ) -> None:
        self._ask, self._rate_hz, self._quiet, self._begins = ask, rate_hz, quiet, begins
        capacity = ROOM_BLOCKS * most_frames
        self._memory = np.zeros(HEAD + (capacity * channels + 1) // 2, np.int64)
        self._head = self._memory[:HEAD].data  # quicker than an array, one by one
        self._sound = self._memory[HEAD:].view(np.float32)[: capacity * channels].reshape(capacity, channels)
        self._block = np.zeros((most_frames, channels), np.float32)
        for each in (self._memory, self._block):
            each.fill(0)  # its pages are there before they are needed
        self._woken, wake = os.pipe()
        os.set_blocking(wake, False)  # [audio] a thread that is not read to has been woken
        self._head[CAPACITY], self._head[CHANNELS] = capacity, channels
        self._head[RATE_HZ], self._head[WAKE] = rate_hz, wake
        self.callback, self.memory = compiled().address, self._memory.ctypes.data
        self._closed, self._late = False, 0
        self._thread = threading.Thread(target=self._run, name="ahead of the device", daemon=True)
        self._thread.start()

    @property
    def block_frames(self) -> int:
        """Frames that the device asked for last; 0 before it does."""
        return int(self._head[FRAMES])

    @property
    def frames(self) -> int:
        """How much is ready before the device asks; 0 before it has asked."""
        ready = ready_frames(self._head[MOST], self._rate_hz, self._head[WAITED])
        return min(ready, len(self._sound) - len(self._block))

    def finish(self) -> None:
        """[control] Wait until the device has had all that is ready now, as long as it may take if it still asks."""
        head = self._head
        end, longest_s = head[WRITTEN], (head[WRITTEN] - head[READ] + 2 * head[MOST]) / self._rate_hz + FINISH_S
        end_s = time.monotonic() + longest_s
        while head[READ] < end and time.monotonic() < end_s:
            time.sleep(0.001)

    def close(self) -> None:
        """[control] End the thread; the device must have been closed."""
        self._closed = True
        with suppress(BlockingIOError):  # a pipe that is full wakes as well
            os.write(self._head[WAKE], b"\0")
        self._thread.join(1.0)
        if not self._thread.is_alive():
            os.close(self._head[WAKE])
            os.close(self._woken)

    def _run(self) -> None:
        head = self._head
        try:
            while os.read(self._woken, 4096) and not self._closed:
                if head[CALLS] <= self._quiet:
                    continue
                if not head[WRITTEN]:
                    self._begins(head[CALLER])
                    self._late = head[LATE]
                while head[WRITTEN] - head[READ] < self.frames and not self._closed:
                    self._make(min(head[FRAMES], len(self._block)))
        finally:
            head[ENDED] = 1

    def _make(self, frames: int) -> None:
        """[audio] One more block."""
        head = self._head
        late = head[LATE]
        missed, self._late = late > self._late, late
        place = head[WRITTEN] % len(self._sound)
        first = min(len(self._sound) - place, frames)
        if first == frames:
            self._ask(self._sound[place : place + frames], missed)
        else:
            block = self._block[:frames]
            self._ask(block, missed)
            self._sound[place:], self._sound[: frames - first] = block[:first], block[first:]
        head[WRITTEN] += frames
