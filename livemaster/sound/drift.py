"""Between two devices with clocks of their own: a buffer that is read a little faster or slower than it is filled.

How full it is, is known only when a block comes or goes, and two devices with blocks of one size beat: what is read
off at those moments alone swings by a whole block, over minutes. So each write leaves the time at which it came, and
the reader goes by what would be there now, had the frames come one by one (F. Adriaensen, "Controlling adaptive
resampling", Linux Audio Conference 2012). What is left is the jitter of the callbacks, which the controller averages.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from enum import IntEnum, auto

import numpy as np

from livemaster.dsp.asrc import AFTER_FRAMES, BEFORE_FRAMES, TAPS, drift_table, interpolate
from livemaster.sound.callback import Interleaved
from livemaster.units import seconds_to_frames

FADE_S = 0.005
"""How long the sound takes to go before it is re-centred, and to come back; so much is always held in reserve."""
MOST_CHANGE = 0.002
"""The ratio stays within 1 ± this: 3.5 cents, and five times what two crystals may differ by."""
START_CHANGE = 0.005
START_S = 10.0
"""How long after (re-)centring more is allowed."""
SLOPE_PER_S = 5e-4
"""The ratio's fastest change, 0.9 cents a second: far below what is heard as a wobble."""
WIDE, NARROW = 0.5, 0.025
"""The controller's natural frequency in rad/s: at first, and when it has had the time for it."""
NARROWING = 4.0
"""In between it is this through the seconds since centring."""
FAR_S = 0.004
"""When the latency is off by more, frames were lost on the way: the controller begins anew, but without a leap."""
SMOOTHING = 8.0
"""The error is smoothed at this many times the natural frequency, to keep the jitter out of the ratio."""
LEAST_RING_S = 0.5
"""So long may the reader pause before frames are dropped."""
MARKS = 8
"""Times of the latest writes that are kept, so that none changes while it is read."""


class _Head(IntEnum):
    """Whole numbers that both sides read; the writer writes all but the last."""

    WRITTEN = 0
    """Frames written so far."""
    WRITES = auto()
    LOST = auto()
    """Writes dropped because the reader has paused for too long."""
    READ = auto()
    """Frames before this one may be written over."""


class _DriftState(IntEnum):
    SILENT = 0
    """Waits until there is enough to begin."""
    PLAYS = auto()
    FADES = auto()
    """On its way to silence."""


class DriftBuffer:
    """A buffer from one callback that writes to another that reads, each at its device's pace.

    `target_frames`: by how much `read` lags the frames that came in: what it gives first is the frame that came so
    many frames before the time at which it is called. It must be more than a block of either device together with
    `reserve_frames(rate_hz)` and the jitter of both callbacks. `clock`: in seconds, the same for both sides.
    """

    def __init__(
        self, channels: int, rate_hz: int, target_frames: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate_hz, self._target, self._clock = rate_hz, target_frames, clock
        size = 1 << math.ceil(math.log2(max(8 * target_frames, seconds_to_frames(LEAST_RING_S, rate_hz))))
        self._ring = np.zeros((size, channels), np.float32)
        self._heads = np.zeros(len(_Head), np.int64)
        self._marks = np.zeros((MARKS, 2))  # frames written so far, and when
        self._table, self._weights = drift_table(), np.zeros(TAPS)
        self._fade_frames = seconds_to_frames(FADE_S, rate_hz)
        rising = 0.5 - 0.5 * np.cos(np.pi * (np.arange(self._fade_frames) + 0.5) / self._fade_frames)
        self._rise = rising.astype(np.float32)[:, None]
        self._fall = np.ascontiguousarray(self._rise[::-1])
        self._place, self._motion = np.zeros(1, np.int64), np.array([0.0, 1.0, 0.0])
        interpolate(self._ring, self._place, self._motion, self._table, self._weights, self._ring[:1].copy())
        self._state: _DriftState = _DriftState.SILENT
        self._floor = self._lost = 0
        self._risen = self._fallen = 0  # frames of the fades in and out that are done
        self._learned = 0.0  # how much the ratio is off 1 for good
        self._error, self._centred_s = 0.0, 0.0
        self.starved = 0
        """How often there was not enough to read."""
        self.overfull = 0
        """How often there was twice as much as there should be."""

    @property
    def latency_frames(self) -> int:
        """By how much `read` lags what has come in, see the class; constant."""
        return self._target

    @property
    def ratio(self) -> float:
        """Frames of the writer per frame of the reader, at present."""
        return float(self._motion[1])

    @property
    def error_frames(self) -> float:
        """By how much the latency is off at present, smoothed."""
        return self._error

    def write(self, x: Interleaved) -> None:
        """[audio] Take what has come in, (frames, channels); the only writer calls this."""
        heads, count, size = self._heads, len(x), len(self._ring)
        written = int(heads[_Head.WRITTEN])
        if written + count - int(heads[_Head.READ]) > size:
            heads[_Head.LOST] += 1
            return
        at = written & (size - 1)
        first = min(count, size - at)
        self._ring[at : at + first] = x[:first]
        self._ring[: count - first] = x[first:]
        mark = self._marks[(int(heads[_Head.WRITES]) + 1) % MARKS]
        mark[0], mark[1] = written + count, self._clock()
        heads[_Head.WRITES] += 1
        heads[_Head.WRITTEN] = written + count

    def read(self, out: Interleaved) -> None:
        """[audio] Fill `out` (frames, channels); the only reader calls this."""
        written, due = int(self._heads[_Head.WRITTEN]), self._due()
        if self._state == _DriftState.SILENT and not self._begins(written, due, len(out)):
            out[:] = 0.0
            return
        self._steer(due, len(out))
        self._sound(out, written)

    def _due(self) -> float:
        """The frame that is to be read now: what has come in, as if frame by frame, less the latency."""
        mark = self._marks[int(self._heads[_Head.WRITES]) % MARKS]
        return float(mark[0] + (self._clock() - mark[1]) * self._rate_hz - self._target)

    def _makes(self, written: int) -> int:
        """How many frames can be made of what is there, whatever the ratio does."""
        return int((written - int(self._place[0]) - AFTER_FRAMES - 2) / (1.0 + START_CHANGE))

    def _begins(self, written: int, due: float, frames: int) -> bool:
        """Centre, if there is enough that was not there before the silence; whether there was."""
        heads = self._heads
        if heads[_Head.LOST] != self._lost:  # what is there ends where something is missing
            self._lost, self._floor = int(heads[_Head.LOST]), written
        heads[_Head.READ] = max(int(heads[_Head.READ]), self._floor, written - len(self._ring) // 2)
        frame = math.floor(due)
        self._place[0], self._motion[0], self._motion[1] = frame, due - frame, 1.0 + self._learned
        enough = self._makes(written) >= frames + self._fade_frames
        if frame - BEFORE_FRAMES < int(heads[_Head.READ]) or not enough:
            return False
        self._state, self._risen, self._fallen = _DriftState.PLAYS, 0, 0
        self._error, self._centred_s = 0.0, 0.0
        return True

    def _steer(self, due: float, frames: int) -> None:
        """Move the ratio towards what holds the latency: a PI controller that narrows down from the start."""
        block_s = frames / self._rate_hz
        omega = min(WIDE, max(NARROW, NARROWING / (self._centred_s + block_s)))
        most = START_CHANGE if self._centred_s < START_S else MOST_CHANGE
        raw = due - float(self._place[0]) - float(self._motion[0])
        off = max(-self._target / 2, min(self._target / 2, raw - self._error))  # one late callback tells nothing
        self._error += off * -math.expm1(-SMOOTHING * omega * block_s)
        if abs(self._error) > FAR_S * self._rate_hz:
            self._centred_s = min(self._centred_s, START_S)
        change = self._learned + 2.0 * omega / self._rate_hz * self._error
        if abs(change) < most:
            self._learned += omega * omega / self._rate_hz * self._error * block_s
        wanted = 1.0 + max(-most, min(most, change))
        steepest = SLOPE_PER_S / self._rate_hz
        self._motion[2] = max(-steepest, min(steepest, (wanted - self._motion[1]) / frames))
        self._centred_s += block_s

    def _sound(self, out: Interleaved, written: int) -> None:
        """Play, fade where what is left is just enough for it, end in silence; a fade may begin while one ends."""
        frames, fade = len(out), self._fade_frames
        begin = 0 if self._state == _DriftState.FADES else self._last(written, frames)
        if begin < frames:
            self._state = _DriftState.FADES
        count = min(frames, begin + fade - self._fallen)
        interpolate(self._ring, self._place, self._motion, self._table, self._weights, out[:count])
        out[count:] = 0.0
        rising, falling = min(count, fade - self._risen), count - begin
        out[:rising] *= self._rise[self._risen : self._risen + rising]
        self._risen += rising
        out[begin:count] *= self._fall[self._fallen : self._fallen + falling]
        self._fallen += falling
        if self._fallen == fade:
            self._state, self._floor = _DriftState.SILENT, written
        self._heads[_Head.READ] = written if self._state == _DriftState.SILENT else self._place[0] - BEFORE_FRAMES

    def _last(self, written: int, frames: int) -> int:
        """The frame of a block at which a fade must begin: none of it, if all is well."""
        makes = self._makes(written)
        if makes < frames + self._fade_frames:
            self.starved += 1
            return max(0, makes - self._fade_frames)
        if written - int(self._place[0]) > 2 * self._target:
            self.overfull += 1
            return 0
        return frames


def reserve_frames(rate_hz: int) -> int:
    """[control] What a `DriftBuffer` needs of its target for its fade and its interpolator, in frames."""
    return math.ceil((seconds_to_frames(FADE_S, rate_hz) + TAPS) * (1.0 + START_CHANGE))
