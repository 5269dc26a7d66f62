"""Graphs: frozen description → compile → schedule with latency compensation."""

from livemaster.graph.chain import Chain
from livemaster.graph.compile import Schedule, compile_graph
from livemaster.graph.description import INPUT, OUTPUT, Edge, Graph, NodeSpec

__all__ = ["INPUT", "OUTPUT", "Chain", "Edge", "Graph", "NodeSpec", "Schedule", "compile_graph"]
