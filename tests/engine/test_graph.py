"""Graphs: what is refused, the running order, latency compensation, nesting, failing nodes."""

from __future__ import annotations

import numpy as np
import pytest

from livemaster.engine import Engine
from livemaster.errors import GraphError, RenderError, UnknownNameError
from livemaster.graph import INPUT, OUTPUT, Chain, Edge, Graph, NodeSpec, compile_graph
from livemaster.nodes.contract import NodeBase, Parameter, apply


def noise(frames: int = 4000, channels: int = 2, seed: int = 1) -> np.ndarray:
    return (np.random.default_rng(seed).standard_normal((channels, frames)) * 0.1).astype(np.float32)


class Lag(NodeBase):
    """Delays by 37 frames and says so."""

    @property
    def latency(self) -> int:
        return 37

    def prepare(self, rate_hz, channels, max_quanta):
        self._held = np.zeros((channels, 37), np.float32)

    def reset(self):
        self._held[:] = 0

    def process(self, inputs, output, values):
        joined = np.concatenate([self._held, inputs[0]], axis=1)
        output[:] = joined[:, : output.shape[1]]
        self._held[:] = joined[:, output.shape[1] :]


class Broken(NodeBase):
    PARAMETERS = (Parameter("fail", "", 0, 1, 0),)

    def prepare(self, rate_hz, channels, max_quanta):
        pass

    def process(self, inputs, output, values):
        if values[0, 0] == 1.0:
            raise ZeroDivisionError("on purpose")
        output[:] = inputs[0] * np.float32("nan")


def parallel(first, second) -> Graph:
    return Graph(
        (NodeSpec("a", first), NodeSpec("b", second), NodeSpec("sum", "mix", {"inputs": 2})),
        (Edge(INPUT, "a"), Edge(INPUT, "b"), Edge("a", "sum", 0), Edge("b", "sum", 1), Edge("sum", OUTPUT)),
    )


@pytest.mark.parametrize(
    ("graph", "words"),
    [
        (Graph((), ()), "input 0 of 'out' is not connected"),
        (Graph.chain([NodeSpec("a", "gain"), NodeSpec("a", "gain")]), "is taken"),
        (Graph.chain([NodeSpec("a.b", "gain")]), "dot"),
        (Graph((NodeSpec("a", "gain"),), (Edge(INPUT, OUTPUT),)), "not connected"),
        (
            Graph((NodeSpec("a", "gain"),), (Edge(INPUT, "a"), Edge(INPUT, OUTPUT))),
            "goes nowhere",
        ),
        (
            Graph(
                (NodeSpec("a", "gain"), NodeSpec("b", "mix", {"inputs": 2})),
                (Edge("b", "a"), Edge("a", "b", 0), Edge(INPUT, "b", 1), Edge("b", OUTPUT)),
            ),
            "circle",
        ),
        (Graph((NodeSpec("a", "gain"),), (Edge(INPUT, "a"), Edge(INPUT, "a"), Edge("a", OUTPUT))), "twice"),
        (Graph((NodeSpec("a", "gain"),), (Edge(INPUT, "a", 3), Edge("a", OUTPUT))), "no input 3"),
        (Graph((NodeSpec("a", "gain"),), (Edge("x", "a"), Edge("a", OUTPUT))), "no such node"),
        (Graph.chain([NodeSpec("a", "delay", {"nonsense": 1})]), "nonsense"),
    ],
)
def test_a_wrong_description_is_refused_with_its_reason(graph, words):
    with pytest.raises((GraphError, UnknownNameError)) as caught:
        compile_graph(graph)
    assert words in str(caught.value)


def test_an_unknown_type_names_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'limiter'"):
        compile_graph(Graph.chain([NodeSpec("a", "limitr")]))


def test_a_shorter_branch_is_delayed_so_that_merges_line_up():
    x = noise()
    schedule = compile_graph(parallel(Lag, "gain"))
    y = apply(schedule, x, 48000)
    assert schedule.latency == 37
    assert np.array_equal(y, x + x)


def test_automation_is_shifted_by_upstream_latency():
    schedule = compile_graph(Graph.chain([NodeSpec("l", Lag), NodeSpec("m", Lag), NodeSpec("g", "gain")]))
    schedule.prepare(48000, 2, 8)
    assert dict(zip([p.id for p in schedule.parameters], schedule.shifts.tolist(), strict=True)) == {"g.gain_db": 74}


def test_a_graph_is_itself_a_node_and_its_inner_shifts_add_up():
    inner = Graph.chain([NodeSpec("lag", Lag), NodeSpec("gain", "gain", {"gain_db": 0.0})])
    schedule = compile_graph(parallel(inner, Graph.chain([NodeSpec("lag", Lag), NodeSpec("sub", inner)])))
    x = noise()
    y = apply(schedule, x, 48000)
    assert schedule.latency == 74
    assert np.array_equal(y, x + x)
    assert schedule.shifts.tolist()[:2] == [37, 74]


@pytest.mark.parametrize("fail", [0.0, 1.0])
def test_a_node_that_fails_is_bypassed_and_reported(fail):
    schedule = compile_graph(Graph.chain([NodeSpec("bad", Broken, {"fail": fail}), NodeSpec("g", "gain")]))
    x = noise()
    assert np.array_equal(apply(schedule, x, 48000), x)
    assert list(schedule.failures) == ["bad"]


def test_one_instance_cannot_stand_twice():
    node = Lag()
    with pytest.raises(GraphError, match="twice"):
        Chain([node, node])
    twice = Graph.chain([NodeSpec("a", lambda: node), NodeSpec("b", lambda: node)])
    with pytest.raises(GraphError, match="twice"):
        compile_graph(twice)


def test_a_chain_that_plays_in_an_engine_is_not_shared():
    chain = Chain([Lag()])
    Engine(chain.graph, 48000, 2)
    with pytest.raises(GraphError, match="another Chain"):
        Engine(chain.graph, 48000, 2)
    with pytest.raises(GraphError, match="another Chain"):
        chain(noise(), 48000)


def test_a_chain_says_which_of_its_nodes_failed():
    with pytest.raises(RenderError, match="node n1 of the chain failed"):
        Chain([Broken()])(noise(), 48000)


def test_a_bypass_begins_without_a_hole():
    """A node with latency that fails in mid-play is replaced by its delayed input, not by silence first."""

    class Breaks(Lag):
        def process(self, inputs, output, values):
            self.calls = getattr(self, "calls", 0) + 1
            if self.calls == 3:
                raise RuntimeError("on purpose")
            super().process(inputs, output, values)

    schedule = compile_graph(Graph.chain([NodeSpec("l", Breaks)]))
    schedule.prepare(48000, 2, 8)
    x = noise(64 * 40)
    y = np.empty_like(x)
    for at in range(0, x.shape[1], 512):
        block = np.ascontiguousarray(x[:, at : at + 512])
        out = np.empty_like(block)
        schedule.process((block,), out, np.zeros((0, 9)))
        y[:, at : at + 512] = out
    assert list(schedule.failures) == ["l"]
    assert np.array_equal(y[:, 37:], x[:, :-37])


def test_a_chain_takes_both_kinds_mixed():
    import pedalboard

    from livemaster.nodes.gain import Gain

    x = noise()
    y = Chain([Gain(gain_db=6.0), pedalboard.Gain(gain_db=-6.0)])(x, 48000)
    assert y == pytest.approx(x, abs=1e-6)
    for nothing in (object(), Gain):
        with pytest.raises(GraphError):
            Chain([nothing])
