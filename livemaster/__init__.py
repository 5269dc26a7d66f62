"""livemaster: masters music section by section, live or to a file, through one engine.

The whole job: `measure`, `analyze`, `plan`, `render`, `play`, `render_take`. Its parts: `Engine`, `Graph`, `Chain`, and
the nodes, which can be called as pedalboard's plugins are: `Limiter(ceiling_db=-1)(audio, sample_rate)`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from livemaster.api import analyze, measure, plan, play, render, render_take
    from livemaster.controls import Move
    from livemaster.engine import Command, Engine, Lane, Program, Take
    from livemaster.errors import LivemasterError
    from livemaster.graph import INPUT, OUTPUT, Chain, Edge, Graph, NodeSpec
    from livemaster.mastering.analysis_job import Hearing
    from livemaster.mastering.render_report import RenderReport
    from livemaster.metering import Measurement, Meter
    from livemaster.nodes.compressor import Compressor
    from livemaster.nodes.contract import Node, NodeBase, Parameter
    from livemaster.nodes.dc_blocker import DcBlocker
    from livemaster.nodes.delay import Delay
    from livemaster.nodes.equalizer import Equalizer
    from livemaster.nodes.gain import Gain
    from livemaster.nodes.hosted import Hosted
    from livemaster.nodes.limiter import Limiter
    from livemaster.nodes.midside import MidSide
    from livemaster.nodes.mix import Blend, Mix
    from livemaster.nodes.saturator import Saturator
    from livemaster.nodes.width import Width
    from livemaster.personal.listener import PersonalPreferences
    from livemaster.plan_options import PlanOptions
    from livemaster.planning import Plan
    from livemaster.session.playlist import Session
    from livemaster.snapshot import Snapshot

__version__ = "0.1.0"

_HOMES = {
    "api": ("analyze", "measure", "plan", "play", "render", "render_take"),
    "engine": ("Command", "Engine", "Lane", "Program", "Take"),
    "errors": ("LivemasterError",),
    "graph": ("INPUT", "OUTPUT", "Chain", "Edge", "Graph", "NodeSpec"),
    "controls": ("Move",),
    "session.playlist": ("Session",),
    "snapshot": ("Snapshot",),
    "mastering.analysis_job": ("Hearing",),
    "mastering.render_report": ("RenderReport",),
    "metering": ("Measurement", "Meter"),
    "nodes.compressor": ("Compressor",),
    "nodes.contract": ("Node", "NodeBase", "Parameter"),
    "nodes.delay": ("Delay",),
    "nodes.equalizer": ("Equalizer",),
    "nodes.gain": ("Gain",),
    "nodes.dc_blocker": ("DcBlocker",),
    "nodes.hosted": ("Hosted",),
    "nodes.limiter": ("Limiter",),
    "nodes.midside": ("MidSide",),
    "nodes.mix": ("Blend", "Mix"),
    "nodes.saturator": ("Saturator",),
    "nodes.width": ("Width",),
    "personal.listener": ("PersonalPreferences",),
    "plan_options": ("PlanOptions",),
    "planning": ("Plan",),
}
"""Where each public name lives; imported when first asked for, so that `import livemaster` costs nothing."""

_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "INPUT",
    "OUTPUT",
    "Blend",
    "Chain",
    "Command",
    "Compressor",
    "DcBlocker",
    "Delay",
    "Edge",
    "Engine",
    "Equalizer",
    "Gain",
    "Graph",
    "Hearing",
    "Hosted",
    "Lane",
    "Limiter",
    "LivemasterError",
    "Measurement",
    "Meter",
    "MidSide",
    "Mix",
    "Move",
    "Node",
    "NodeBase",
    "NodeSpec",
    "Parameter",
    "PersonalPreferences",
    "Plan",
    "PlanOptions",
    "Program",
    "RenderReport",
    "Saturator",
    "Session",
    "Snapshot",
    "Take",
    "Width",
    "__version__",
    "analyze",
    "measure",
    "plan",
    "play",
    "render",
    "render_take",
]


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'livemaster' has no attribute '{name}'")
    return getattr(importlib.import_module(f"livemaster.{home}"), name)


def __dir__() -> list[str]:
    return __all__
