"""Moving audio through stages on several threads: the kernels release the interpreter, so two cores work at once."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import numpy as np

from livemaster.engine import Engine
from livemaster.engine.output import HalfDone
from livemaster.nodes.contract import OFFLINE_QUANTA
from livemaster.units import QUANTUM_FRAMES, Audio, whole_quanta

BLOCK_FRAMES = OFFLINE_QUANTA * QUANTUM_FRAMES
_DEPTH = 4
"""Blocks that wait between two stages; enough to smooth out uneven work, little memory."""

_PATIENCE_S = 5.0
"""How long the end waits for a producer. An interrupt in the middle of a library's lock can leave it hanging; being a
daemon, it then goes with the process."""

Item = TypeVar("Item")


@contextmanager
def _closing(items: Iterable[Item]) -> Iterator[Iterable[Item]]:
    """End a generator together with the one that reads it, and with it the threads behind it."""
    try:
        yield items
    finally:
        if isinstance(items, Generator):
            items.close()


def counted(blocks: Iterable[Audio], step: Callable[[int], None]) -> Iterator[Audio]:
    """The same blocks; `step` hears of the frames of each before it is handed on."""
    with _closing(blocks):
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
            with _closing(items):
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
        thread.join(_PATIENCE_S)


def rendered(engine: Engine, source: Iterable[Audio]) -> Iterator[Audio]:
    """`source` through `engine`, graph and limiter on a thread each; as many frames as came in, latency trimmed."""
    lag = engine.latency - QUANTUM_FRAMES  # whole quanta need no queue
    total = [0]
    halves = _begun(engine, _quanta(source, engine.channels, lag, total))
    frame = -lag
    with _closing(ahead(halves)) as finished:
        for half in finished:
            whole = engine.finish(half)
            stop = min(frame + whole.shape[1], total[0]) - frame
            part = whole[:, max(-frame, 0) : max(stop, 0)].copy()
            frame += whole.shape[1]
            if part.shape[1]:
                yield part


def _begun(engine: Engine, blocks: Iterable[Audio]) -> Iterator[HalfDone]:
    with _closing(blocks):
        for block in blocks:
            yield engine.begin(block).kept()


def _quanta(source: Iterable[Audio], channels: int, silence: int, total: list[int]) -> Iterator[Audio]:
    """The same frames in whole quanta, `silence` frames of it after them; `total[0]` counts those of the source."""
    rest = np.zeros((channels, 0), np.float32)
    with _closing(source):
        for block in source:
            total[0] += block.shape[1]
            joined = np.concatenate([rest, block], axis=1) if rest.shape[1] else block
            whole = joined.shape[1] - joined.shape[1] % QUANTUM_FRAMES
            if whole:
                yield np.ascontiguousarray(joined[:, :whole])
            rest = joined[:, whole:]
    left = whole_quanta(rest.shape[1] + silence) * QUANTUM_FRAMES
    ending = np.zeros((channels, left), np.float32)
    ending[:, : rest.shape[1]] = rest
    for first in range(0, left, BLOCK_FRAMES):
        yield np.ascontiguousarray(ending[:, first : first + BLOCK_FRAMES])
