"""A delay of whole frames."""

from __future__ import annotations

import numpy as np

from livemaster.units import Audio


class DelayLine:
    """Delays by a constant number of `frames`; `prepare` before use."""

    def __init__(self, frames: int) -> None:
        self.frames = frames

    def prepare(self, channels: int, max_quanta: int) -> None:
        """[control] Allocate; calls may be of any length, also beyond `max_quanta`."""
        self._ring = np.zeros((channels, self.frames), np.float32)
        self._at = 0

    def reset(self) -> None:
        """[control] Forget what was heard."""
        self._ring[:] = 0.0
        self._at = 0

    def process(self, x: Audio, y: Audio) -> None:
        """[audio] Write `x` (channels, n), `frames` later, to `y` of that shape, which is other memory."""
        count, held = x.shape[1], self.frames
        early = min(count, held)  # frames of `y` that come out of the ring
        self._read(y[:, :early])
        if count > held:
            y[:, held:] = x[:, : count - held]
        self._write(x[:, count - early :])

    def _read(self, out: Audio) -> None:
        count = out.shape[1]
        first = min(count, self.frames - self._at)
        out[:, :first] = self._ring[:, self._at : self._at + first]
        out[:, first:] = self._ring[:, : count - first]

    def _write(self, new: Audio) -> None:
        """Put `new` where `_read` has just taken as many frames."""
        count = new.shape[1]
        first = min(count, self.frames - self._at)
        self._ring[:, self._at : self._at + first] = new[:, :first]
        self._ring[:, : count - first] = new[:, first:]
        self._at = (self._at + count) % self.frames if self.frames else 0
