"""A performance: music from tapes through one engine, with cues from place to place and plan to plan.

Live and offline run this same code; what differs is where the tapes come from and who asks for the frames.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

import numpy as np

from livemaster.dsp.crossfade import change_over
from livemaster.engine.bank import Packed
from livemaster.engine.engine import Engine
from livemaster.engine.output import Views
from livemaster.engine.program import CONTROL_GLIDE_MS
from livemaster.engine.take import Command, Cue
from livemaster.units import QUANTUM_FRAMES, Audio, quantum_up, seconds_to_frames

SETTLE_S = 0.25
"""How long the engine goes on in silence before its clock stands still: what rings has died away by then."""

Event: TypeAlias = Command | Cue


class Tape(Protocol):
    """Music at one place, to be read forwards."""

    def read(self, position: int, out: Audio) -> None:
        """[audio] Frames from `position` on into `out` (channels, n); silence before the music and after it."""
        ...


class Silence:
    """The tape of nothing."""

    def read(self, position: int, out: Audio) -> None:
        """[audio] Zeros."""
        out[:] = 0.0


SILENCE = Silence()


@dataclass(frozen=True, slots=True)
class Playing:
    """A tape at its place in time: the engine's frame `origin` plays its frame 0."""

    tape: Tape
    origin: int
    track: int | None = None
    plan: int = 0


class Performance:
    """One engine playing cues; `render` gives any number of frames, which lag by `latency`.

    `open_tape(track, position)`: [audio] the tape for a cue. `log`: [audio] is told of every command and cue with the
    frame at which it took effect. `plans[i]`: lanes by number; the engine was made with those of `plan`.
    Not thread-safe but for `do` and `add_plan`, which may be called from another thread.
    """

    def __init__(
        self,
        engine: Engine,
        plans: list[tuple[Packed, ...]],
        open_tape: Callable[[int, int], Tape],
        log: Callable[[Event], None] = lambda event: None,
        plan: int = 0,
    ) -> None:
        self.engine, self._open, self._log = engine, open_tape, log
        self._plans = list(plans)
        self._place = Playing(SILENCE, 0, None, plan)
        self._entering: Playing | None = None
        self._enters = self._fade_frames = 0
        self._silent_since = -(1 << 60)
        self._cues: list[Cue] = []
        self._glide = seconds_to_frames(CONTROL_GLIDE_MS / 1000.0, engine.rate_hz)
        self._settle = quantum_up(seconds_to_frames(SETTLE_S, engine.rate_hz) + engine.latency)
        self._view = Views(engine.channels, engine.max_quanta * QUANTUM_FRAMES, ("place", "entering"))
        self._ready = np.zeros((engine.channels, 0), np.float32)

    # -- what can be asked -------------------------------------------------------------------------------------

    @property
    def latency(self) -> int:
        """Frames by which the output lags the music; constant."""
        return self.engine.latency - QUANTUM_FRAMES  # whole quanta are made on demand, which needs no queue

    @property
    def frame(self) -> int:
        """The engine's frame: that of the next quantum to be made."""
        return self.engine.frame

    @property
    def now(self) -> Playing:
        """What is played next: the place that is left counts no more once another is entered."""
        return self._place if self._entering is None else self._entering

    @property
    def position(self) -> int:
        """The frame of its track that is played next."""
        return self.frame - self.now.origin

    @property
    def resting(self) -> bool:
        """Whether all has died away since silence was cued, so that the clock may stand still."""
        return self._quiet and not self._cues

    @property
    def _quiet(self) -> bool:
        silent = self._entering is None and self._place.tape is SILENCE
        return silent and self.frame >= self._silent_since + self._settle

    def add_plan(self, packed: tuple[Packed, ...]) -> int:
        """[control] Make lanes known (see `Engine.packed`); their number."""
        self._plans.append(packed)
        return len(self._plans) - 1

    def do(self, event: Event) -> None:
        """[audio] Ask for a command or a cue; it is logged when it takes effect, at a quantum edge.

        Without a frame it takes effect at once. A cue without a frame takes the place of all that still wait; one with
        a frame that has passed is late by as much, but its music is where it would have been.
        Raises what `Engine.command` raises.
        """
        if isinstance(event, Command):
            self.engine.command(event)
            return
        if event.frame is None:
            self._cues.clear()
            event = replace(event, frame=self.frame)
        self._cues.append(event)
        self._cues.sort(key=lambda cue: cue.frame or 0)

    def forget_cues(self) -> None:
        """[audio] Drop the cues that wait for their frame."""
        self._cues.clear()

    # -- the loop ----------------------------------------------------------------------------------------------

    def render(self, y: Audio) -> None:
        """[audio] The next frames into `y` (channels, n), any n."""
        done, wanted = 0, y.shape[1]
        while done < wanted:
            if not self._ready.shape[1]:
                quanta = -(-(wanted - done) // QUANTUM_FRAMES)
                self._ready = self.quanta(min(quanta, self.engine.max_quanta))
            count = min(self._ready.shape[1], wanted - done)
            y[:, done : done + count] = self._ready[:, :count]
            self._ready = self._ready[:, count:]
            done += count

    def quanta(self, most: int) -> Audio:
        """[audio] The next quanta, `most` or fewer (a cue lies ahead); overwritten by the next call."""
        self._take_cues()
        if self._cues:
            ahead = quantum_up(self._cues[0].frame or 0) - self.frame
            most = min(most, max(ahead // QUANTUM_FRAMES, 1))
        result = self.engine.finish(self.engine.begin(self._music(most * QUANTUM_FRAMES)))
        for command in self.engine.drain_log():
            self._log(command)
        return result

    def _take_cues(self) -> None:
        """Carry out the cues whose frame has come, one at a time: a fade ends before the next begins."""
        if self._entering is not None and self.frame >= self._enters + max(self._fade_frames, QUANTUM_FRAMES):
            if self._entering.tape is SILENCE:
                self._silent_since = self._enters + max(self._fade_frames, QUANTUM_FRAMES)
            self._place, self._entering = self._entering, None
        if self._cues and self._entering is None and (self._cues[0].frame or 0) <= self.frame:
            self._enter(self._cues.pop(0))

    def _enter(self, cue: Cue) -> None:
        late = self.frame - (cue.frame or 0)
        was, quiet = self.now, self._quiet
        if cue.track is None:
            place = replace(was, tape=SILENCE, track=None, plan=cue.plan)
        else:
            position = cue.position + late
            stays = was.track == cue.track and self.frame - was.origin == position
            tape = was.tape if stays else self._open(cue.track, position)
            place = Playing(tape, self.frame - position, cue.track, cue.plan)
        if (place.plan, place.origin) != (was.plan, was.origin):
            glide = 0 if quiet else max(cue.fade_frames, self._glide)
            self.engine.reel(self._plans[place.plan], place.origin, self.frame, glide)
        if place.tape is was.tape and place.origin == was.origin:  # only the plan changes, the music goes on
            self._place = place
        else:
            self._entering, self._enters, self._fade_frames = place, self.frame, cue.fade_frames
        self._log(replace(cue, frame=self.frame, position=self.frame - place.origin))

    def _music(self, frames: int) -> Audio:
        """What goes into the engine next."""
        block = self._read(self._place, self._view("place", frames))
        if self._entering is not None:
            other = self._read(self._entering, self._view("entering", frames))
            change_over(self.frame, self._enters, self._fade_frames, block, other)
        return block

    def _read(self, place: Playing, block: Audio) -> Audio:
        place.tape.read(self.frame - place.origin, block)
        return block
