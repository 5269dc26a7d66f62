"""Nodes and pedalboard plugins in a row, called like one plugin."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from livemaster.errors import GraphError, RenderError
from livemaster.graph.compile import compile_graph
from livemaster.graph.description import Graph, NodeSpec
from livemaster.nodes.contract import Node, apply, is_node
from livemaster.nodes.parts import require_apart
from livemaster.units import Audio


class Chain:
    """Our nodes and pedalboard's plugins, mixed, one after the other.

    `Chain([pedalboard.HighpassFilter(30), Compressor(ratio=2), Limiter(ceiling_db=-1)])(audio, 44100)`
    """

    def __init__(self, processors: Iterable[object]) -> None:
        self.nodes = [as_node(p) for p in processors]
        require_apart(self.nodes, "chain")
        self._engaged = False

    @property
    def graph(self) -> Graph:
        """The chain as a graph, for one `Engine`, which has its nodes from then on; they are named n1, n2, …"""
        return Graph.chain(NodeSpec(f"n{i}", partial(self._engage, n)) for i, n in enumerate(self.nodes, 1))

    def _engage(self, node: Node) -> Node:
        if self._engaged and node is self.nodes[0]:
            raise GraphError("the nodes of this chain play in an engine already; make another Chain for another one")
        self._engaged = True
        return node

    def __call__(self, audio: Audio, sample_rate: int) -> Audio:
        """[control] Process (channels, frames) or (frames,) floats from time zero, latency trimmed, to float32.

        Calls from several threads wait for each other. AudioTypeError (a TypeError) for integers, GraphError for other
        shapes and when the chain plays in an engine, RenderError when a node fails.
        """
        if self._engaged:
            raise GraphError("the nodes of this chain play in an engine; make another Chain to call")
        schedule = compile_graph(
            Graph.chain(NodeSpec(f"n{i}", partial(_given, n)) for i, n in enumerate(self.nodes, 1))
        )
        result = apply(schedule, audio, sample_rate, "Chain")
        for name, why in schedule.failures.items():
            raise RenderError(f"node {name} of the chain failed: {why}")
        return result


def _given(node: Node) -> Node:
    return node


def as_node(processor: object) -> Node:
    """A Node for one of ours (itself) or a pedalboard plugin (hosted); GraphError for anything else."""
    if is_node(processor):
        return processor
    from livemaster.nodes.hosted import as_node as hosted  # pedalboard takes 0.1 s to import

    return hosted(processor)
