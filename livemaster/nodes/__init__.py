"""Every processor, one a module, behind the Node contract."""

from __future__ import annotations

import importlib

from livemaster.errors import UnknownNameError
from livemaster.nodes.contract import Node, NodeBase, Parameter, apply, is_node

NODE_TYPES = {
    "dc_blocker": ("livemaster.nodes.dc_blocker", "DcBlocker"),
    "gain": ("livemaster.nodes.gain", "Gain"),
    "equalizer": ("livemaster.nodes.equalizer", "Equalizer"),
    "compressor": ("livemaster.nodes.compressor", "Compressor"),
    "saturator": ("livemaster.nodes.saturator", "Saturator"),
    "width": ("livemaster.nodes.width", "Width"),
    "limiter": ("livemaster.nodes.limiter", "Limiter"),
    "delay": ("livemaster.nodes.delay", "Delay"),
    "mix": ("livemaster.nodes.mix", "Mix"),
    "blend": ("livemaster.nodes.mix", "Blend"),
    "midside": ("livemaster.nodes.midside", "MidSide"),
    "hosted": ("livemaster.nodes.hosted", "Hosted"),
}
"""Name in graphs and chain presets → module and class; imported when first used."""


def node_class(name: str) -> type[NodeBase]:
    """The node class of that name in `NODE_TYPES`; UnknownNameError otherwise."""
    if name not in NODE_TYPES:
        raise UnknownNameError("node type", name, NODE_TYPES)
    module, attribute = NODE_TYPES[name]
    found: type[NodeBase] = getattr(importlib.import_module(module), attribute)
    return found


__all__ = ["NODE_TYPES", "Node", "NodeBase", "Parameter", "apply", "is_node", "node_class"]
