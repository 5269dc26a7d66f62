"""Chain presets: a graph, and which of its parameters carries which quantity of the plan."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from livemaster.documents import presets_dir, read_json
from livemaster.errors import SettingsError, UnknownNameError
from livemaster.graph import Edge, Graph, NodeSpec, compile_graph
from livemaster.mastering.roles import ROLES


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ChainNode(_Strict):
    """One node of a chain preset."""

    id: str
    type: str
    settings: dict[str, Any] = Field(default_factory=dict)


class ChainEdge(_Strict):
    """One connection of a chain preset; chains without edges are plain rows."""

    source: str
    target: str
    port: int = 0


class ScaledRole(_Strict):
    """A role whose parameter has another unit: parameter value = quantity × scale."""

    parameter: str
    scale: float


class ChainPreset(_Strict):
    """What a file in presets/chains holds."""

    name: str
    about: str
    nodes: tuple[ChainNode, ...]
    edges: tuple[ChainEdge, ...] = ()
    roles: dict[str, str | ScaledRole | tuple[str | ScaledRole, ...]]

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


def chain_names() -> list[str]:
    """Names of all chain presets."""
    return sorted(p.stem for p in (presets_dir() / "chains").glob("*.json"))


def chain(name: str) -> ChainPreset:
    """The chain preset of that name; UnknownNameError with the nearest one, SettingsError when its file is wrong."""
    key = name.strip().lower().replace("-", "_").replace(" ", "_")
    if key not in chain_names():
        raise UnknownNameError("chain", name, chain_names())
    path = presets_dir() / "chains" / f"{key}.json"
    try:
        preset = ChainPreset.model_validate(read_json(path))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"{path.name}: {where}: {first['msg']}") from error
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
