"""The engine: one render loop, its lanes, commands, cues and takes."""

from livemaster.engine.engine import Engine, EngineReport
from livemaster.engine.performance import Event, Performance, Tape
from livemaster.engine.program import Lane, Program
from livemaster.engine.take import Command, Cue, Take

__all__ = [
    "Command",
    "Cue",
    "Engine",
    "EngineReport",
    "Event",
    "Lane",
    "Performance",
    "Program",
    "Take",
    "Tape",
]
