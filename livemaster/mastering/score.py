"""A finished plan with its levels: all that an engine needs to perform a track, and that a take embeds."""

from __future__ import annotations

from dataclasses import dataclass

from livemaster.engine import Lane, Program
from livemaster.mastering.chains import ChainPreset, chain
from livemaster.mastering.program import Levels, program, start_positions
from livemaster.planning import MasterSettings


@dataclass(frozen=True, slots=True)
class Score:
    """`settings`: the plan, its sections timed and covering the track; `levels`: what measuring the mix decided."""

    settings: MasterSettings
    levels: Levels
    plain: bool = False
    """The mix as it is, under the ceiling: what plays until there is a plan."""

    @property
    def chain(self) -> ChainPreset:
        """The chain that it is performed by."""
        return chain(self.settings.global_.chain)

    def program(self, rate_hz: int) -> Program:
        """[control] Its lanes at a sample rate."""
        if self.plain:
            ceiling = Lane("limiter.ceiling_db", (0,), (self.levels.ceiling_dbtp,))
            return Program((ceiling,), start_positions(self.settings.global_))
        return program(self.settings, self.chain, self.levels, rate_hz)
