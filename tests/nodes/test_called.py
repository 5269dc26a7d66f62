"""Nodes called as plugins are: every node in every way gives the same, or says in words why it cannot."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pedalboard
import pytest
from node_rig import noise
from subjects import AT_WORK

from livemaster.engine import Engine
from livemaster.errors import AudioTypeError, GraphError, LivemasterError
from livemaster.graph import INPUT, OUTPUT, Chain, Edge, Graph, NodeSpec, compile_graph
from livemaster.metering import Meter
from livemaster.nodes import NODE_TYPES, Node, NodeBase, apply, is_node, node_class
from livemaster.nodes.compressor import Compressor
from livemaster.nodes.equalizer import Equalizer
from livemaster.nodes.hosted import Hosted
from livemaster.nodes.limiter import Limiter
from livemaster.units import Audio

RATE_HZ = 48000
X = noise(2000)
ALONE = [name for name in NODE_TYPES if name not in ("mix", "blend")]
"""Nodes of one input; `mix` can be one as well."""
OVER_NODES = pytest.mark.parametrize("name", ALONE)


def made(name: str) -> NodeBase:
    return node_class(name)(**AT_WORK.get(name, {}))


def through_engine(node: Node, x: Audio) -> Audio:
    """What an engine without a limiter makes of `x` by this node, its latency trimmed."""
    engine = Engine(Graph.chain([NodeSpec("n", lambda: node)]), RATE_HZ, len(x), ceiling_dbtp=None)
    padded = np.pad(x, ((0, 0), (0, engine.latency)))
    y = np.empty_like(padded)
    engine.render(padded, y)
    return y[:, engine.latency :]


def read_only(x: Audio) -> Audio:
    x = x.copy()
    x.flags.writeable = False
    return x


WAYS: dict[str, Callable[[NodeBase], Any]] = {
    "a second time": lambda node: (node(X[::-1], RATE_HZ), node(X, RATE_HZ))[1],
    "in a chain": lambda node: Chain([node])(X, RATE_HZ),
    "in a chain after a call": lambda node: (node(X, RATE_HZ), Chain([node])(X, RATE_HZ))[1],
    "in a graph": lambda node: apply(compile_graph(Graph.chain([NodeSpec("n", lambda: node)])), X, RATE_HZ),
    "in a graph of a graph": lambda node: apply(
        compile_graph(Graph.chain([NodeSpec("g", Graph.chain([NodeSpec("n", lambda: node)]))])), X, RATE_HZ
    ),
    "in an engine": lambda node: through_engine(node, X),
    "from float64": lambda node: node(X.astype(np.float64), RATE_HZ),
    "from Fortran's order": lambda node: node(np.asfortranarray(X), RATE_HZ),
    "from every other frame": lambda node: node(np.repeat(X, 2, axis=1)[:, ::2], RATE_HZ),
    "from what cannot be written": lambda node: node(read_only(X), RATE_HZ),
    "from lists": lambda node: node(X.tolist(), RATE_HZ),
    "at a rate that is a float": lambda node: node(X, float(RATE_HZ)),
    "by keywords": lambda node: node(audio=X, sample_rate=RATE_HZ),
}


@pytest.mark.parametrize("way", WAYS)
@OVER_NODES
def test_every_way_of_calling_gives_the_same_bits(name: str, way: str):
    assert np.array_equal(WAYS[way](made(name)), made(name)(X, RATE_HZ))


@OVER_NODES
def test_a_row_of_frames_is_one_channel(name: str):
    if name == "midside":
        with pytest.raises(GraphError, match="2 channels, not on 1"):
            made(name)(X[0], RATE_HZ)
        return
    y = made(name)(X[0], RATE_HZ)
    assert y.shape == X[0].shape
    assert np.array_equal(y[None], made(name)(X[:1], RATE_HZ))


@OVER_NODES
def test_what_comes_in_stays_as_it_was_and_nothing_is_shared(name: str):
    x, node = X.copy(), made(name)
    first = node(x, RATE_HZ)
    kept = first.copy()
    node(noise(2000, seed=3), RATE_HZ)
    assert np.array_equal(x, X)
    assert np.array_equal(first, kept)


@pytest.mark.parametrize("name", NODE_TYPES)
@pytest.mark.parametrize("kind", ["i1", "i2", "i4", "i8", "u1", "u2", "bool", "c8", "object", "U4"])
def test_what_is_no_float_is_a_type_error(name: str, kind: str):
    """Nobody can know its full scale, and pedalboard's plugins refuse it as well."""
    for processor in (made(name), *([Chain([made(name)])] if name in ALONE else [])):
        with pytest.raises(TypeError, match="floats") as caught:
            processor(np.ones((2, 100)).astype(kind), RATE_HZ)
        assert isinstance(caught.value, LivemasterError)
        assert "\n" not in str(caught.value)


def test_engine_and_meter_take_no_integers_either():
    whole, floats = np.ones((2, 100), np.int16), np.ones((2, 100), np.float32)
    engine = Engine(Graph.chain([NodeSpec("n", "gain")]), RATE_HZ, 2)
    for x, y in ((whole, floats), (floats, whole)):
        with pytest.raises(AudioTypeError, match="engine"):
            engine.render(x, y)
    with pytest.raises(AudioTypeError, match="meter"):
        Meter(RATE_HZ, 2).push(whole)


@pytest.mark.parametrize("name", NODE_TYPES)
@pytest.mark.parametrize(
    ("shape", "rate_hz", "said"),
    [
        ((), RATE_HZ, "(channels, frames)"),
        ((1, 2, 100), RATE_HZ, "(channels, frames)"),
        ((0, 100), RATE_HZ, "(channels, frames)"),
        ((4800, 2), RATE_HZ, "turns it round"),
        ((2, 100), 0, "sample_rate"),
        ((2, 100), -48000, "sample_rate"),
        ((2, 100), 44100.5, "sample_rate"),
        ((2, 100), float("nan"), "sample_rate"),
        ((2, 100), float("inf"), "sample_rate"),
    ],
)
def test_other_shapes_and_rates_are_refused_in_words(name: str, shape: tuple[int, ...], rate_hz: float, said: str):
    with pytest.raises(GraphError) as caught:
        made(name)(np.zeros(shape, np.float32), rate_hz)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["mix", "blend"])
def test_a_node_of_two_inputs_is_refused_alone_and_in_a_row(name: str):
    with pytest.raises(GraphError, match="2 inputs"):
        made(name)(X, RATE_HZ)
    with pytest.raises(GraphError, match="not connected"):
        Chain([made(name)])(X, RATE_HZ)
    if name == "mix":
        assert np.array_equal(Chain([node_class("mix")(inputs=1)])(X, RATE_HZ), X)


@pytest.mark.parametrize("name", NODE_TYPES)
def test_an_unprepared_node_is_a_node_and_its_class_is_none(name: str):
    assert is_node(made(name))
    assert isinstance(made(name), Node)
    assert not is_node(node_class(name))


def test_a_node_that_knows_its_tail_only_when_prepared_is_a_node():
    class Late(NodeBase):
        @property
        def tail(self) -> int:
            return self._measured  # type: ignore[attr-defined,no-any-return]

        def prepare(self, rate_hz, channels, max_quanta):
            self._measured = 3

        def process(self, inputs, output, values):
            output[:] = inputs[0]

    assert np.array_equal(Chain([Late()])(X, RATE_HZ), X)


# -- one thing in two places ---------------------------------------------------------------------------------------


def convolution() -> Any:
    response = np.random.default_rng(3).standard_normal(300).astype(np.float32) * 0.02
    return pedalboard.Convolution(response, sample_rate=RATE_HZ)


def fixed() -> dict[str, Any]:
    """Ready plugins that run as they are: pedalboard's own objects, not copies."""
    board = [pedalboard.Gain(-3), pedalboard.Reverb()]
    return {
        "Convolution": convolution(),
        "MP3Compressor": pedalboard.MP3Compressor(3),
        "BrickwallLimiter": pedalboard.BrickwallLimiter(),
        "Chain": pedalboard.Chain(board),
        "Mix": pedalboard.Mix(board),
    }


class Both(NodeBase):
    """Two nodes in a row, as one node."""

    def __init__(self, *inner: NodeBase) -> None:
        self.inner = list(inner)
        super().__init__()

    def prepare(self, rate_hz, channels, max_quanta):
        for node in self.inner:
            node.prepare(rate_hz, channels, max_quanta)

    def process(self, inputs, output, values):
        between = np.empty_like(output)
        edges = values.shape[1]
        for node, (source, target) in zip(self.inner, ((inputs[0], between), (between, output)), strict=True):
            start = np.array([node.settings[p.id] for p in node.parameters])
            node.process((source,), target, np.ascontiguousarray(np.repeat(start[:, None], edges, axis=1)))


def twice(case: str) -> Callable[[], object]:
    """Something that puts one instance in two places at once."""
    node, plugin = Compressor(ratio=4), convolution()
    inside = Graph.chain([NodeSpec("a", lambda: node)])
    spec = NodeSpec("a", "hosted", {"plugin": plugin})
    row = [spec, NodeSpec("b", Graph.chain([NodeSpec("c", Graph.chain([spec]))]))]
    cases: dict[str, Callable[[], object]] = {
        "a node, beside a graph that holds it": lambda: compile_graph(
            Graph.chain([NodeSpec("a", lambda: node), NodeSpec("b", inside)])
        ),
        "a node, in two graphs of a graph": lambda: compile_graph(
            Graph((NodeSpec("a", inside), NodeSpec("b", inside), NodeSpec("sum", "mix")),
                  (Edge(INPUT, "a"), Edge(INPUT, "b"), Edge("a", "sum", 0), Edge("b", "sum", 1), Edge("sum", OUTPUT)))
        ),
        "a node, in a schedule beside it": lambda: Chain([compile_graph(inside), node]),
        "a node, in a node of one's own": lambda: Chain([Both(Compressor(), node), node]),
        "a node, twice in a node of one's own": lambda: Chain([Both(node, node)]),
        "a plugin, ready": lambda: Chain([plugin, Limiter(), plugin]),
        "a plugin, hosted by hand": lambda: Chain([Hosted(plugin), Hosted(plugin)]),
        "a plugin, ready and by hand": lambda: Chain([Hosted(plugin), plugin]),
        "a plugin, in a container beside it": lambda: Chain([pedalboard.Chain([plugin]), plugin]),
        "a plugin, in two containers": lambda: Chain([pedalboard.Mix([plugin]), pedalboard.Pedalboard([plugin])]),
        "a plugin, twice in a container": lambda: Chain([pedalboard.Pedalboard([plugin, plugin])]),
        "a plugin, in a container of containers": lambda: Chain([pedalboard.Chain([pedalboard.Mix([plugin])]), plugin]),
        "a plugin, in a graph of a graph": lambda: compile_graph(Graph.chain(row)),
    }  # fmt: skip
    return cases[case] if case else lambda: cases


@pytest.mark.parametrize("case", list(twice("")()))  # type: ignore[call-overload]
def test_nothing_stands_in_two_places(case: str):
    with pytest.raises(GraphError, match=r"the same \w+ stands twice") as caught:
        twice(case)()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", list(fixed()))
def test_no_ready_plugin_stands_in_two_places(name: str):
    plugin = fixed()[name]
    with pytest.raises(GraphError, match=f"the same {name} stands twice"):
        Chain([plugin, plugin])


def test_a_plugin_that_is_copied_may_stand_anywhere():
    plugin = pedalboard.Reverb(room_size=0.9)
    expected = pedalboard.Pedalboard([pedalboard.Reverb(room_size=0.9), pedalboard.Reverb(room_size=0.9)])(X, RATE_HZ)
    assert np.array_equal(Chain([plugin, plugin])(X, RATE_HZ), expected)


@pytest.mark.parametrize("make", [lambda: Compressor(ratio=4), convolution], ids=["node", "plugin"])
def test_what_plays_in_an_engine_plays_nowhere_else(make: Callable[[], Any]):
    """Neither in another engine nor called, until the engine is gone; what is refused does not disturb it."""
    one = make()

    def graph() -> Graph:
        node = one if is_node(one) else Hosted(one)
        return Graph.chain([NodeSpec("n", lambda: node)])

    x = noise(20000)
    engine = Engine(graph(), RATE_HZ, 2, ceiling_dbtp=None)
    y, expected = np.empty_like(x), np.empty_like(x)
    fresh = make()
    node = fresh if is_node(fresh) else Hosted(fresh)
    Engine(Graph.chain([NodeSpec("n", lambda: node)]), RATE_HZ, 2, ceiling_dbtp=None).render(x, expected)
    engine.render(x[:, :7000], y[:, :7000])
    with pytest.raises(GraphError, match="plays in an engine"):
        Engine(graph(), RATE_HZ, 2)
    with pytest.raises(GraphError, match="plays in an engine"):
        engine.load(graph())
    with pytest.raises(GraphError, match="plays in an engine"):
        Chain([one])(x, RATE_HZ)
    engine.render(x[:, 7000:], y[:, 7000:])
    assert np.array_equal(y, expected)
    del engine
    Chain([one])(x, RATE_HZ)
    Engine(graph(), RATE_HZ, 2)


def test_an_engine_that_could_not_be_made_keeps_nothing():
    node = Equalizer()
    graph = Graph.chain([NodeSpec("n", lambda: node)])
    with pytest.raises(GraphError, match="1 or 2 channels") as kept:
        Engine(graph, RATE_HZ, 3)
    Engine(graph, RATE_HZ, 2)
    assert kept


def test_an_engine_leaves_no_circle_behind():
    """So what plays in it is free as soon as it is dropped."""
    gc.collect()
    gc.disable()
    try:
        node = Compressor()
        engine = Engine(Graph.chain([NodeSpec("n", lambda: node)]), RATE_HZ, 2)
        engine.render(X.copy(), np.empty_like(X))
        del engine
        node(X, RATE_HZ)
    finally:
        gc.enable()


# -- from threads --------------------------------------------------------------------------------------------------


def in_threads(count: int, work: Callable[[int], None]) -> None:
    """`work(0)` … `work(count - 1)`, all begun at once; the first error is raised here."""
    errors: list[BaseException] = []
    begin = threading.Barrier(count)

    def run(number: int) -> None:
        begin.wait()
        try:
            work(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def shared(kind: str) -> Callable[[int], Callable[..., Audio]]:
    """For each thread what it calls, all of which share one thing."""
    if kind in ALONE:
        node = made(kind)
        return lambda _: node
    node, plugin = Compressor(ratio=8, threshold_db=-40), convolution()
    chain, wrapper = Chain([node, Limiter(ceiling_db=-12)]), Both(node, Limiter(ceiling_db=-12))
    both: dict[str, Callable[[int], Callable[..., Audio]]] = {
        "chain": lambda _: chain,
        "node in two chains": lambda _: Chain([node, Limiter(ceiling_db=-12)]),
        "node alone, in a chain and in another node": lambda n: (chain, wrapper)[n % 2],
        "plugin in two chains": lambda _: Chain([plugin]),
        "plugin in a container": lambda n: Chain([plugin] if n % 2 else [pedalboard.Chain([plugin])]),
    }
    return both[kind]


@pytest.mark.parametrize(
    "kind",
    [
        *ALONE, "chain", "node in two chains", "node alone, in a chain and in another node",
        "plugin in two chains", "plugin in a container",
    ],
)  # fmt: skip
def test_calls_from_several_threads_give_what_one_after_the_other_gives(kind: str):
    pieces = [noise(30000 + 1000 * n, seed=n) for n in range(4)]
    apart = shared(kind)
    expected = [apart(n)(pieces[n], RATE_HZ) for n in range(4)]
    make = shared(kind)

    def work(number: int) -> None:
        call = make(number)
        for _ in range(3):
            assert np.array_equal(call(pieces[number], RATE_HZ), expected[number])

    in_threads(4, work)


def test_a_node_may_call_another_that_it_holds():
    class Outer(Both):
        def process(self, inputs, output, values):
            output[:] = self.inner[0](inputs[0], RATE_HZ)

    assert np.array_equal(Outer(Limiter())(X, RATE_HZ)[:, :100], np.zeros((2, 100)) + X[:, :100])


def test_a_call_that_fails_lets_the_next_one_in():
    node = Equalizer()
    with pytest.raises(GraphError):
        node(noise(100, 3), RATE_HZ)
    in_threads(1, lambda _: node(X, RATE_HZ) is None)
