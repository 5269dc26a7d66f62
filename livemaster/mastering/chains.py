"""Chain presets: a graph, and which of its parameters carries which quantity of the plan."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from livemaster.documents.document import Document, Strict, Text, load_preset
from livemaster.documents.presets import preset_place
from livemaster.errors import UnknownNameError
from livemaster.graph import Edge, Graph, NodeSpec, compile_graph
from livemaster.mastering.roles import ROLES


class ChainNode(Strict):
    """One node of a chain preset."""

    id: str
    type: str
    settings: dict[str, Any] = Field(default_factory=dict)


class ChainEdge(Strict):
    """One connection of a chain preset; chains without edges are plain rows."""

    source: str
    target: str
    port: int = 0


class ScaledRole(Strict):
    """A role whose parameter has another unit: parameter value = quantity × scale."""

    parameter: str
    scale: float


class ChainPreset(Document):
    """What a file in presets/chains holds."""

    KIND = "chain"

    name: Text
    about: Text
    nodes: Annotated[tuple[ChainNode, ...], Field(strict=False)]
    edges: Annotated[tuple[ChainEdge, ...], Field(strict=False)] = ()
    roles: dict[str, str | ScaledRole | Annotated[tuple[str | ScaledRole, ...], Field(strict=False)]]

    @property
    def graph(self) -> Graph:
        """The graph before the limiter."""
        specs = tuple(NodeSpec(n.id, n.type, n.settings) for n in self.nodes)
        if not self.edges:
            return Graph.chain(specs)
        return Graph(specs, tuple(Edge(e.source, e.target, e.port) for e in self.edges))

    def targets(self, role: str) -> tuple[tuple[str, float], ...]:
        """Every `node.parameter` that carries a role, with its scale; none where this chain has nothing for it."""
        found = self.roles.get(role, ())
        each = found if isinstance(found, tuple) else (found,)
        return tuple((r, 1.0) if isinstance(r, str) else (r.parameter, r.scale) for r in each)


def chain(name: str) -> ChainPreset:
    """The chain of that name, or file; UnknownNameError with the nearest one, SettingsError when its file is wrong."""
    return _checked(name, preset_place(name))


@cache
def _checked(name: str, _place: Path) -> ChainPreset:
    preset = load_preset(ChainPreset, "chain", name)
    _check_roles(preset)
    return preset


def _check_roles(preset: ChainPreset) -> None:
    known = {p.id for p in compile_graph(preset.graph).parameters}
    for role in preset.roles:
        if role not in ROLES:
            raise UnknownNameError(f"role in chain {preset.name}", role, ROLES)
        for parameter, _ in preset.targets(role):
            if parameter not in known:
                raise UnknownNameError(f"parameter in chain {preset.name}", parameter, known)
