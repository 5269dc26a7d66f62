"""What a node holds, and who has it: no two places, engines or threads may share anything that keeps a state."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from livemaster.errors import GraphError

_changed = threading.Condition()
"""Guards both tables; told whenever a call is over."""
_called: dict[int, int] = {}
"""Part, by its id → the thread whose call is using it."""
_engaged: dict[int, weakref.ref[object]] = {}
"""Part, by its id → what plays it in an engine; it keeps its parts alive, so that an id stays theirs."""


def parts(node: object, above: tuple[object, ...] = ()) -> list[object]:
    """[control] The node, and all that keeps a state for it, down to the bottom: what each says that it has `held`.

    `above`: what holds it; a node may know who that is.
    """
    found, path = [node], (*above, node)
    for inner in getattr(node, "held", ()):
        if all(inner is not each for each in path):
            found += parts(inner, path)
    return found


def require_apart(nodes: Sequence[object], where: str) -> None:
    """[control] GraphError when anything stands in two of `nodes`, or twice in one; `where` names the whole."""
    seen: dict[int, object] = {}
    for part in (part for node in nodes for part in parts(node)):
        if id(part) in seen:
            raise GraphError(f"the same {type(part).__name__} stands twice in one {where}; give each place its own")
        seen[id(part)] = part


@contextmanager
def called(node: object) -> Iterator[None]:
    """[control] Have the node and its parts for this thread alone; waits for calls in other threads.

    GraphError when one of them plays in an engine.
    """
    held, me = parts(node), threading.get_ident()
    with _changed:
        _wait_for(held)
        _refuse_engaged(held)
        taken = [id(part) for part in held if id(part) not in _called]  # a call within a call has some already
        _called.update(dict.fromkeys(taken, me))
    try:
        yield
    finally:
        with _changed:
            for each in taken:
                del _called[each]
            _changed.notify_all()


def engage(node: object) -> Callable[[], object]:
    """[control] Let the parts of `node` play in an engine, until `node` itself is gone or what is returned is called.

    GraphError when one of them plays in another.
    """
    held = parts(node)
    with _changed:
        _wait_for(held)
        _refuse_engaged(held)
        names, player = [id(part) for part in held], weakref.ref(node)
        _engaged.update(dict.fromkeys(names, player))
    return weakref.finalize(node, _release, names, player)


def _release(names: list[int], player: weakref.ref[object]) -> None:
    with _changed:
        for each in names:
            if _engaged.get(each) is player:
                del _engaged[each]


def _wait_for(held: list[object]) -> None:
    me = threading.get_ident()
    _changed.wait_for(lambda: all(_called.get(id(part), me) == me for part in held))


def _refuse_engaged(held: list[object]) -> None:
    for part in held:
        player = _engaged.get(id(part))
        if player is not None and player() is not None:
            raise GraphError(f"{part!r} plays in an engine; make another {type(part).__name__} for another place")
