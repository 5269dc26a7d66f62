"""The true-peak limiter, last in every chain: nothing leaves above the ceiling."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from livemaster.dsp import limiter as kernels
from livemaster.nodes.contract import NodeBase, Parameter
from livemaster.units import QUANTUM_FRAMES, Audio, Values

_LOOKAHEAD_MS = 2.7
_SECOND_LOOKAHEAD_MS = 0.75
_GUARD_GROUPS = 2
_SECOND_GUARD_GROUPS = 4
_AIM_DB = -0.03
_SECOND_AIM_DB = -0.03
_SLOW_RISE_S = 0.5
_SLOW_FALL_S = 1.0
_SECOND_RELEASE_MS = 20.0
_DB_PER_NEPER = 20.0 / np.log(10.0)


class Limiter(NodeBase):
    PARAMETERS = (
        Parameter("ceiling_db", "dBTP", -24.0, 0.0, -1.0, about="true peak that is never exceeded"),
        Parameter("release_ms", "ms", 10.0, 1000.0, 80.0, "log", about="how fast short peaks let go"),
    )

    def prepare(self, rate_hz: int, channels: int, max_quanta: int) -> None:
        def groups(ms: float) -> int:
            return max(2, round(ms * rate_hz / 1000.0 / kernels.GROUP_FRAMES))

        self._rates = kernels.make_rates(rate_hz, _SLOW_RISE_S, _SLOW_FALL_S, _SECOND_RELEASE_MS)
        self._first = kernels.make_stage(channels, groups(_LOOKAHEAD_MS), _GUARD_GROUPS, 10 ** (_AIM_DB / 20))
        self._second = kernels.make_stage(
            channels, groups(_SECOND_LOOKAHEAD_MS), _SECOND_GUARD_GROUPS, 10 ** (_SECOND_AIM_DB / 20)
        )
        self._scratch = kernels.make_scratch(channels, self._first, self._second)
        self._latency = sum(s.history.shape[1] - QUANTUM_FRAMES for s in (self._first, self._second))

    @property
    def latency(self) -> int:
        return self._latency

    def process(self, inputs: Sequence[Audio], output: Audio, values: Values) -> None:
        kernels.limit(inputs[0], output, values, self._rates, self._first, self._second, self._scratch)
