"""The engine: one render loop, its lanes, commands and takes."""

from livemaster.engine.engine import Engine, EngineReport
from livemaster.engine.program import CONTROLS, Lane, Program
from livemaster.engine.take import Command, Take

__all__ = ["CONTROLS", "Command", "Engine", "EngineReport", "Lane", "Program", "Take"]
