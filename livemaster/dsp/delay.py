"""A delay of whole frames."""

from __future__ import annotations

import numpy as np

from livemaster.dsp._jit import kernel
from livemaster.units import Audio


@kernel
def _run(x: Audio, y: Audio, ring: Audio, at: int) -> int:
    """[audio] `x` through `ring` (channels, held), whose oldest frame lies at `at`; returns where it then lies."""
    count, held = x.shape[1], ring.shape[1]
    early = min(count, held)  # frames of `y` that come out of the ring
    turn = min(early, held - at)  # so many of them lie before its end
    for channel in range(x.shape[0]):
        new, late, kept = x[channel], y[channel], ring[channel]
        for i in range(turn):
            late[i] = kept[at + i]
        for i in range(turn, early):
            late[i] = kept[i - turn]
        for i in range(early, count):
            late[i] = new[i - held]
        for i in range(turn):
            kept[at + i] = new[count - early + i]
        for i in range(turn, early):
            kept[i - turn] = new[count - early + i]
    return int((at + early) % held) if held else 0


class DelayLine:
    """Delays by a constant number of `frames`; `prepare` before use."""

    def __init__(self, frames: int) -> None:
        self.frames = frames

    def prepare(self, channels: int, max_quanta: int) -> None:
        """[control] Allocate and compile; calls may be of any length, also beyond `max_quanta`."""
        self._ring = np.zeros((channels, self.frames), np.float32)
        nothing = np.zeros((channels, 0), np.float32)
        self._at = _run(nothing, nothing, self._ring, 0)

    def reset(self) -> None:
        """[control] Forget what was heard."""
        self._ring[:] = 0.0
        self._at = 0

    def process(self, x: Audio, y: Audio) -> None:
        """[audio] Write `x` (channels, n), `frames` later, to `y` of that shape, which is other memory."""
        self._at = _run(x, y, self._ring, self._at)
