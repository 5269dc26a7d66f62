"""What the contract suite runs over: every node, every chain preset, every mode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from livemaster.documents import preset_names
from livemaster.engine import Engine, Program
from livemaster.graph import INPUT, OUTPUT, Edge, Graph, NodeSpec
from livemaster.mastering.chains import chain
from livemaster.mastering.program import CORNERS, Levels, program
from livemaster.nodes import NODE_TYPES
from livemaster.plan_options import PlanOptions
from livemaster.planning import ArrangementMap, EmotionMap, build

RATES = (44100, 48000, 96000, 192000)
SECTION_S = 0.4


@dataclass(frozen=True)
class Subject:
    """One thing under contract: how to make it, at work and at rest."""

    name: str
    graph: Graph
    neutral_graph: Graph
    mode: str | None = None
    chain: str = "default"

    def engine(self, rate_hz: int, *, ceiling_dbtp: float | None = -1.0, amount: float = 1.0) -> Engine:
        if self.mode is None:
            graph = self.graph if amount else self.neutral_graph
            return Engine(graph, rate_hz, 2, ceiling_dbtp=ceiling_dbtp)
        lanes = planned(self.mode, self.chain, rate_hz, amount, -1.0 if ceiling_dbtp is None else ceiling_dbtp)
        return Engine(self.graph, rate_hz, 2, program=lanes, ceiling_dbtp=ceiling_dbtp)


def planned(mode: str, chain_name: str, rate_hz: int, amount: float, ceiling_dbtp: float) -> Program:
    """The lanes of a plan with three contrasting sections of SECTION_S."""
    names = ("Verse", "Chorus", "Outro")
    arrangement = ArrangementMap.parse({"structure": [{"section": n, "duration": SECTION_S} for n in names]})
    points = [
        {"time": 0.0, "emotion": "calm", "intensity": 0.1},
        {"time": SECTION_S, "emotion": "powerful", "intensity": 1.0},
        {"time": 2 * SECTION_S, "emotion": "dreamy", "intensity": 0.4},
    ]
    made = build(
        PlanOptions(mode=mode, amount=amount, reactivity=1.0),
        duration_s=3 * SECTION_S,
        section_lufs=[-20.0, -14.0, -23.0],
        arrangement=arrangement,
        emotion=EmotionMap.parse({"curve": points}),
    )
    gains_db = (-9.0, 0.0, -4.0)
    levels = Levels(-2.0, tuple((g,) * len(CORNERS) for g in gains_db), ceiling_dbtp, remove_dc=True)
    return program(made.settings, chain(chain_name), levels, rate_hz)


def _alone(type_: str, settings: Mapping[str, Any]) -> Graph:
    return Graph.chain([NodeSpec("node", type_, settings)])


def _two_inputs(type_: str, settings: Mapping[str, Any]) -> Graph:
    """Both inputs fed: one directly, one through a gain of −6 dB."""
    return Graph(
        (NodeSpec("quiet", "gain", {"gain_db": -6.0}), NodeSpec("node", type_, settings)),
        (Edge(INPUT, "quiet"), Edge(INPUT, "node", 0), Edge("quiet", "node", 1), Edge("node", OUTPUT)),
    )


def _both_ways(_type: str, _settings: Mapping[str, Any]) -> Graph:
    return Graph.chain([NodeSpec("encode", "midside"), NodeSpec("node", "midside", {"decode": True})])


AT_WORK: dict[str, dict[str, Any]] = {
    "dc_blocker": {"dc_block": 1.0},
    "gain": {"gain_db": -3.0},
    "equalizer": {"bells": 1, "highpass_amount": 1.0, "low_shelf_db": -3.0, "high_shelf_db": 2.0, "bell_1_db": -4.0},
    "compressor": {"ratio": 4.0, "threshold_db": -30.0},
    "saturator": {"saturation": 0.5},
    "width": {"width": 1.3, "mono_below_hz": 120.0},
    "delay": {"frames": 100},
    "mix": {"inputs": 2, "gain_1_db": -6.0},
    "blend": {"blend": 0.5},
    "hosted": {"plugin": "HighShelfFilter", "gain_db": 3.0, "cutoff_frequency_hz": 6000.0},
}
_AT_REST: dict[str, dict[str, Any]] = {
    "compressor": {"ratio": 1.0},
    "saturator": {"saturation": 0.0},
    "limiter": {"ceiling_db": 0.0},
    "delay": {"frames": 0},
    "mix": {"inputs": 1},
    "hosted": {"plugin": "Gain", "gain_db": 0.0},
}
_SHAPES = {"mix": _two_inputs, "blend": _two_inputs, "midside": _both_ways}


def _node_subject(name: str) -> Subject:
    at_work, at_rest = AT_WORK.get(name, {}), _AT_REST.get(name, {})
    graph = _SHAPES.get(name, _alone)(name, at_work)
    if name == "midside":  # a rotation has no neutral setting: there and back it rounds in the last bit
        return Subject(f"node {name}", graph, _alone("gain", {}))
    neutral = _alone(name, at_rest) if at_rest.get("inputs", 1) == 1 and name != "blend" else _two_inputs(name, at_rest)
    return Subject(f"node {name}", graph, neutral)


def subjects() -> list[Subject]:
    """Every node, chain preset and mode."""
    nodes = [_node_subject(name) for name in NODE_TYPES]
    chains = [
        Subject(f"chain {name}", chain(name).graph, chain(name).graph, "cinematic", name)
        for name in preset_names("chain")
    ]
    default = chain("default").graph
    modes = [Subject(f"mode {name}", default, default, name) for name in preset_names("mode")]
    return nodes + chains + modes
