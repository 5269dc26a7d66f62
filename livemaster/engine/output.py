"""What follows the graph: a limiter for each side of A/B, and A/B itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from livemaster.engine.bank import LaneBank
from livemaster.engine.compare import Compare
from livemaster.engine.program import Program
from livemaster.engine.tracks import Tracks
from livemaster.nodes.contract import Node, Parameter
from livemaster.nodes.delay import DelayLine
from livemaster.nodes.limiter import Limiter
from livemaster.units import QUANTUM_FRAMES, Audio, Values

OWN = tuple(p.within(name) for name, node in (("limiter", Limiter), ("compare", Compare)) for p in node.PARAMETERS)
"""The parameters of every output."""
HEADROOM = Parameter(
    "density.headroom_db", "dB", 0.0, 24.0, 0.0, about="how far under the ceiling a master's peaks are"
)
"""What makes a master dense, for lanes only: the raw mix's limiter knows the ceiling alone."""


@dataclass(frozen=True, slots=True)
class HalfDone:
    """What lies between graph and limiter: both sides of the comparison, and the values of what follows."""

    master: Audio
    dry: Audio
    values: list[Values]

    def kept(self) -> HalfDone:
        """A copy that stays when the engine goes on."""
        return HalfDone(self.master.copy(), self.dry.copy(), [v.copy() for v in self.values])


class Views:
    """Blocks of (channels, frames) in memory that is there once; the same size again and again costs nothing new.

    For one thread: the two halves of an engine, which a file's renderer runs on two, have one each.
    """

    def __init__(self, channels: int, most_frames: int, names: tuple[str, ...]) -> None:
        self._channels, self._frames = channels, 0
        self._flat = {name: np.zeros(channels * most_frames, np.float32) for name in names}
        self._views: dict[str, Audio] = {}

    def __call__(self, name: str, frames: int) -> Audio:
        """[audio] The block of that name; what it held is still there."""
        if self._frames != frames:
            self._frames = frames
            size, shape = self._channels * frames, (self._channels, frames)
            self._views = {name: flat[:size].reshape(shape) for name, flat in self._flat.items()}
        return self._views[name]


class Output:
    """Limits master and raw mix, each by itself, and lets one of them be heard.

    A common limiter would remember the louder side for a second after a switch. `before`: latency of the graph in
    frames. `compares`: whether the raw mix can be heard; without it, it costs nothing.
    """

    def __init__(
        self,
        ceiling_dbtp: float,
        program: Program,
        controls: Tracks,
        rate_hz: int,
        channels: int,
        max_quanta: int,
        before: int,
        compares: bool,
    ) -> None:
        self.limiter, self._compare = Limiter(ceiling_db=ceiling_dbtp), Compare()
        self._dry_limiter, self._dry_line = Limiter(ceiling_db=ceiling_dbtp), DelayLine(before)
        self._compares = compares
        self.tell_sides: Callable[[Audio, Audio], None] | None = None
        """[audio] Is told of master and raw mix, each limited, before either is turned down."""
        self._dry_line.prepare(channels, max_quanta)
        self.stages: tuple[tuple[str, Node], ...] = (("limiter", self.limiter), ("compare", self._compare))
        for node in (*(node for _, node in self.stages), self._dry_limiter):
            node.prepare(rate_hz, channels, max_quanta)
        self.banks: list[LaneBank] = []
        for name, node in self.stages:
            rows = tuple(p.within(name) for p in node.parameters)
            settings = {f"{name}.{k}": v for k, v in node.settings.items()}
            shifts = np.full(len(rows), before, np.int64)
            self.banks.append(LaneBank(rows, settings, shifts, program, controls, rate_hz, max_quanta))
            before += node.latency
        shifts = np.full(1, self._dry_line.frames, np.int64)
        self.banks.append(LaneBank((HEADROOM,), {HEADROOM.id: 0.0}, shifts, program, controls, rate_hz, max_quanta))
        self._dense = np.zeros((len(Limiter.PARAMETERS), max_quanta + 1))
        most_frames = max_quanta * QUANTUM_FRAMES
        self._dry = Views(channels, most_frames, ("dry",))
        self._view = Views(channels, most_frames, ("master", "limited", "result"))

    @property
    def latency(self) -> int:
        """Frames by which it lags; constant."""
        return sum(node.latency for _, node in self.stages)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What can be commanded, as `limiter.…` and `compare.…`."""
        return OWN

    def reset(self) -> None:
        """[control] Back to time zero."""
        for each in (self.limiter, self._compare, self._dry_limiter, self._dry_line):
            each.reset()

    def begin(self, master: Audio, block: Audio, frame: int) -> HalfDone:
        """[audio] Both sides lined up, and the values that hold for them; `block` is what went into the graph."""
        frames, dry = block.shape[1], master
        if self._compares:
            dry = self._dry("dry", frames)
            self._dry_line.process(block, dry)
        return HalfDone(master, dry, [bank.values(frame, frames // QUANTUM_FRAMES) for bank in self.banks])

    def finish(self, half: HalfDone) -> Audio:
        """[audio] What is heard; overwritten by the next call."""
        frames = half.master.shape[1]
        master = self._view("master", frames)
        limiting, comparing, dense = half.values
        self.limiter.process((half.master,), master, self._lowered(limiting, dense))
        if not self._compares:
            return master
        limited, result = self._view("limited", frames), self._view("result", frames)
        self._dry_limiter.process((half.dry,), limited, limiting)
        if self.tell_sides is not None:
            self.tell_sides(master, limited)
        self._compare.process((master, limited), result, comparing)
        return result

    def _lowered(self, limiting: Values, dense: Values) -> Values:
        """[audio] The limiter's values with its ceiling, which is the first of them, lowered for the master."""
        lowered = self._dense[:, : limiting.shape[1]]
        lowered[:] = limiting
        np.subtract(lowered[0], dense[0], out=lowered[0])
        np.maximum(lowered[0], Limiter.PARAMETERS[0].low, out=lowered[0])
        return lowered
