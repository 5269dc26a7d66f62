"""Build a graph by hand: compress a copy in parallel, let a lane and a command move things, render it.

The graph is data; the engine lines up the branches, whatever latency they have, and limits at the end.
"""

import numpy as np

from livemaster import INPUT, OUTPUT, Command, Edge, Engine, Graph, Lane, NodeSpec, Program

RATE_HZ = 48_000


def parallel_compression() -> Graph:
    """The dry signal, and beside it a crushed and saturated copy 9 dB below."""
    crushed = Graph.chain(
        [
            NodeSpec("comp", "compressor", {"threshold_db": -35.0, "ratio": 8.0, "attack_ms": 3.0}),
            NodeSpec("heat", "saturator", {"saturation": 0.4}),
        ]
    )
    return Graph(
        nodes=(
            NodeSpec("crushed", crushed),
            NodeSpec("sum", "mix", {"inputs": 2, "gain_2_db": -9.0}),
            NodeSpec("tone", "equalizer"),
        ),
        edges=(
            Edge(INPUT, "sum", 0),
            Edge(INPUT, "crushed"),
            Edge("crushed", "sum", 1),
            Edge("sum", "tone"),
            Edge("tone", OUTPUT),
        ),
    )


def main() -> None:
    rng = np.random.default_rng(1)
    x = (rng.standard_normal((2, 3 * RATE_HZ)) * 0.1).astype(np.float32)

    rise = Lane("tone.high_shelf_db", frames=(RATE_HZ, 2 * RATE_HZ), values=(0.0, 4.0))
    engine = Engine(parallel_compression(), RATE_HZ, channels=2, program=Program((rise,)), ceiling_dbtp=-1.0)
    engine.command(Command(frame=RATE_HZ, target="sum.gain_2_db", value=-3.0))

    y = np.empty_like(x)
    for first in range(0, x.shape[1], 500):  # any number of frames at a time gives the same bits
        engine.render(x[:, first : first + 500], y[:, first : first + 500])

    y = y[:, engine.latency :]
    for second in range(3):
        part = y[:, second * RATE_HZ : (second + 1) * RATE_HZ]
        print(f"second {second}: {20 * np.log10(np.sqrt((part**2).mean())):.1f} dBFS RMS")
    print(f"latency {engine.latency} frames; {len(engine.take.commands)} command in the take")


if __name__ == "__main__":
    main()
