"""What is heard, measured outside the audio process: loudness, true peak, correlation."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

import numpy as np

from livemaster.metering import Meter, integrated
from livemaster.metering.peaks import TruePeakFollower
from livemaster.snapshot import MeterView
from livemaster.sound.shared_memory import Scope
from livemaster.units import Audio, gain_to_db

SILENCE_LUFS = -70.0
PEAK_HOLD_READS = 60
"""A true peak is shown for 3 s of readings, 20 a second."""
CORRELATION_MEMORY = 0.95
"""Per reading: about a second."""


class LiveMeters:
    """Follows one scope; `begin` when another track does."""

    def __init__(self, scope: Scope, rate_hz: int, channels: int) -> None:
        self._scope, self._rate_hz, self._channels = scope, rate_hz, channels
        self._frame = 0
        self._moments = np.zeros(3)
        self._follower = TruePeakFollower(channels)
        self.begin()

    def begin(self) -> None:
        """[control] Forget what was heard, but where the sound is."""
        self._meter = Meter(self._rate_hz, self._channels, true_peak=False)
        self._peaks: deque[float] = deque(maxlen=PEAK_HOLD_READS)
        self._largest = 0.0

    def listen(self) -> None:
        """[control] Take in what came since the last call."""
        first, heard = self._scope.since(self._frame)
        self._frame = first + heard.shape[1]
        block = np.ascontiguousarray(heard[: self._channels])
        if not block.shape[1]:
            return
        self._meter.push(block)
        self._follower.push(block)
        self._peaks.append(float(self._follower.taken().max()))
        self._largest = max(self._largest, self._peaks[-1])
        if self._channels == 2:
            self._follow(block)

    def _follow(self, block: Audio) -> None:
        left, right = block.astype(np.float64)
        self._moments *= CORRELATION_MEMORY
        self._moments += (left @ right, left @ left, right @ right)

    def view(self, reductions_db: Mapping[str, float]) -> MeterView:
        """[control] All of it, with the reduction of each stage."""
        both, left, right = self._moments
        power = float(np.sqrt(left * right))
        return MeterView(
            momentary_lufs=_heard(self._meter.momentary_lufs),
            short_term_lufs=_heard(self._meter.short_term_lufs),
            integrated_lufs=integrated(self._meter.energies),
            true_peak_dbtp=_dbtp(max(self._peaks, default=0.0)),
            largest_true_peak_dbtp=_dbtp(self._largest),
            correlation=float(both) / power if power > 1e-9 else None,
            reductions_db=reductions_db,
        )


def _heard(lufs: float | None) -> float | None:
    """A loudness, unless BS.1770 calls it silence."""
    return lufs if lufs is not None and lufs > SILENCE_LUFS else None


def _dbtp(level: float) -> float | None:
    return gain_to_db(level) if level > 0.0 else None
