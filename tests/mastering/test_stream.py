"""The file renderer's two threads give what `Engine.render` gives, and producers and consumers end together."""

from __future__ import annotations

import sys
import threading
from itertools import pairwise

import numpy as np
import pytest

from livemaster.engine import Command, Engine
from livemaster.graph import Graph, NodeSpec
from livemaster.mastering.stream import ahead, rendered

RATE = 44100
GRAPH = Graph.chain(
    [NodeSpec("eq", "equalizer", {"low_shelf_db": 4.0}), NodeSpec("sat", "saturator", {"saturation": 0.4})]
)


def engine() -> Engine:
    made = Engine(GRAPH, RATE, 2, ceiling_dbtp=-6.0)
    made.command(Command(9000, "eq.high_shelf_db", 5.0))
    made.command(Command(20000, "compare.mix", 1.0))
    return made


@pytest.mark.parametrize("frames", [1, 63, 64, 500, 16384, 50000])
@pytest.mark.parametrize("portion", [37, 16384])
def test_two_threads_give_the_bits_of_render(frames: int, portion: int):
    x = (np.random.default_rng(1).standard_normal((2, frames)) * 0.4).astype(np.float32)
    whole = engine()
    padded = np.pad(x, ((0, 0), (0, whole.latency)))
    expected = np.empty_like(padded)
    whole.render(padded, expected)
    blocks = [x[:, at : at + portion].copy() for at in range(0, frames, portion)]
    y = np.concatenate(list(rendered(engine(), blocks)), axis=1)
    assert np.array_equal(y, expected[:, whole.latency :])


def test_no_frames_in_is_none_out():
    assert list(rendered(engine(), [])) == []


def test_what_the_producer_raises_reaches_the_consumer():
    def broken():
        yield 1
        raise ValueError("on purpose")

    items = ahead(broken())
    assert next(items) == 1
    with pytest.raises(ValueError, match="on purpose"):
        next(items)


def test_a_consumer_that_stops_early_stops_the_producer():
    before = threading.active_count()
    items = ahead(iter(range(1000)))
    assert next(items) == 0
    items.close()
    assert threading.active_count() == before


def test_the_halves_keep_to_themselves_whatever_sizes_they_work_on():
    """One thread begins blocks while another finishes earlier ones of other sizes: neither takes the other's memory."""
    x = np.random.default_rng(8).standard_normal((2, 64 * 40000)).astype(np.float32)
    quanta = np.random.default_rng(9).integers(1, 5, 10000)
    edges = 64 * np.concatenate([[0], np.cumsum(quanta)])
    blocks = [x[:, a:b] for a, b in pairwise(edges)]

    alone, together = (Engine(Graph.chain([NodeSpec("g", "gain")]), RATE, 2, ceiling_dbtp=-6.0) for _ in range(2))
    expected = [alone.finish(alone.begin(block.copy())).copy() for block in blocks]
    before_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        halves = ahead(together.begin(block.copy()).kept() for block in blocks)
        for number, half in enumerate(halves):
            assert np.array_equal(together.finish(half), expected[number])
    finally:
        sys.setswitchinterval(before_s)
