"""Nodes and pedalboard plugins in a row, called like one plugin."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from livemaster.graph.compile import Schedule, compile_graph
from livemaster.graph.description import Graph, NodeSpec
from livemaster.nodes.contract import Node, apply
from livemaster.units import Audio


class Chain:
    """Our nodes and pedalboard's plugins, mixed, one after the other.

    `Chain([pedalboard.HighpassFilter(30), Compressor(ratio=2), Limiter(ceiling_db=-1)])(audio, 44100)`
    """

    def __init__(self, processors: Iterable[object]) -> None:
        self.nodes = [as_node(p) for p in processors]

    @property
    def graph(self) -> Graph:
        """The chain as a graph, for `Engine`; its nodes are named n1, n2, …"""
        return Graph.chain(NodeSpec(f"n{i}", partial(_given, n)) for i, n in enumerate(self.nodes, 1))

    @property
    def schedule(self) -> Schedule:
        """The chain compiled."""
        return compile_graph(self.graph)

    def __call__(self, audio: Audio, sample_rate: int) -> Audio:
        """[control] Process (channels, frames) or (frames,) float32 from time zero, latency trimmed."""
        return apply(self.schedule, audio, sample_rate)


def _given(node: Node) -> Node:
    return node


def as_node(processor: object) -> Node:
    """A Node for one of ours (itself) or a pedalboard plugin (hosted); GraphError for anything else."""
    if isinstance(processor, Node) and not isinstance(processor, type):  # a class has the attributes too
        return processor
    from livemaster.nodes.hosted import as_node as hosted  # pedalboard takes 0.1 s to import

    return hosted(processor)
