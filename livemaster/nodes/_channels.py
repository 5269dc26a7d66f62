"""The one check that nodes share: is this number of channels something the node can do?"""

from __future__ import annotations

from livemaster.errors import GraphError


def require_channels(node: object, channels: int, allowed: tuple[int, ...]) -> None:
    """[control] GraphError unless `channels` is one of `allowed`."""
    if channels not in allowed:
        can = " or ".join(str(n) for n in allowed)
        raise GraphError(f"{type(node).__name__} works on {can} channels, not on {channels}")
