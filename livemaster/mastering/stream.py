"""Moving audio through stages on several threads: the kernels release the interpreter, so two cores work at once."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import numpy as np

from livemaster.engine import Engine
from livemaster.nodes.contract import OFFLINE_QUANTA
from livemaster.units import QUANTUM_FRAMES, Audio

BLOCK_FRAMES = OFFLINE_QUANTA * QUANTUM_FRAMES
_DEPTH = 4
"""Blocks that wait between two stages; enough to smooth out uneven work, little memory."""

Item = TypeVar("Item")


def counted(blocks: Iterable[Audio], step: Callable[[int], None]) -> Iterator[Audio]:
    """The same blocks; `step` hears of the frames of each before it is handed on."""
    for block in blocks:
        step(block.shape[1])
        yield block


def ahead(items: Iterable[Item]) -> Iterator[Item]:
    """The same items, produced on a thread of their own, a few ahead of the consumer.

    An exception of the producer is raised here; a consumer that stops early stops the producer.
    """
    waiting: queue.Queue[tuple[bool, Item | BaseException | None]] = queue.Queue(_DEPTH)
    stopped = threading.Event()

    def put(more: bool, item: Item | BaseException | None) -> bool:
        while not stopped.is_set():
            try:
                waiting.put((more, item), timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def produce() -> None:
        try:
            for item in items:
                if not put(True, item):
                    return
            put(False, None)
        except BaseException as error:  # handed over to the consumer's thread, which raises it
            put(False, error)

    thread = threading.Thread(target=produce, daemon=True)
    thread.start()
    try:
        while True:
            more, item = waiting.get()
            if not more:
                if isinstance(item, BaseException):
                    raise item
                return
            yield item  # type: ignore[misc]  # `more` says that it is an Item
    finally:
        stopped.set()
        thread.join()


def rendered(engine: Engine, source: Iterable[Audio]) -> Iterator[Audio]:
    """`source` through `engine`, as many frames as came in, the engine's latency trimmed."""
    drop, owed = engine.latency, 0
    for block in source:
        owed += block.shape[1]
        y = np.empty_like(block)
        engine.render(block, y)
        part = np.ascontiguousarray(y[:, drop:])
        drop = max(drop - block.shape[1], 0)
        owed -= part.shape[1]
        if part.shape[1]:
            yield part
    while owed > 0:
        silence = np.zeros((engine.channels, min(owed + drop, BLOCK_FRAMES)), np.float32)
        y = np.empty_like(silence)
        engine.render(silence, y)
        part = np.ascontiguousarray(y[:, drop:])
        drop = max(drop - silence.shape[1], 0)
        owed -= part.shape[1]
        yield part
