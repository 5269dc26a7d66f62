"""A graph as frozen data: ids, types, settings, edges."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeAlias

from livemaster.nodes.contract import Node

INPUT = "in"
OUTPUT = "out"

NodeType: TypeAlias = "str | Graph | Callable[..., Node]"


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """One node of a graph.

    `type`: a name of `livemaster.nodes.NODE_TYPES`, another Graph (which then is one node), or anything that
    returns a node when called with the settings (a class of your own, say).
    `settings`: keywords for the constructor: parameter values and options such as `bells=2`.
    """

    id: str
    type: NodeType
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Edge:
    """A connection from a node's output to a port of another; INPUT and OUTPUT are the graph's own ends."""

    source: str
    target: str
    port: int = 0


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes and connections; audio enters at INPUT and leaves at OUTPUT."""

    nodes: tuple[NodeSpec, ...]
    edges: tuple[Edge, ...]

    @classmethod
    def chain(cls, specs: Iterable[NodeSpec]) -> Graph:
        """The graph in which each node feeds the next one."""
        nodes = tuple(specs)
        ids = [INPUT, *(n.id for n in nodes), OUTPUT]
        return cls(nodes, tuple(Edge(a, b) for a, b in pairwise(ids)))
