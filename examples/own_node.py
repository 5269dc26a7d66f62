"""Write a node of your own and use it beside livemaster's and pedalboard's.

A node declares its parameters and processes whole quanta of 64 frames; the values it gets are those at the edges of
the quanta, to be interpolated in between, so that what it does never depends on how much it is handed at once.
"""

import numpy as np
import pedalboard

from livemaster import Chain, Engine, Graph, Limiter, NodeBase, NodeSpec, Parameter

QUANTUM_FRAMES = 64


class Tremolo(NodeBase):
    """Level that swings as a sine; `depth` 0 leaves the signal as it is."""

    PARAMETERS = (
        Parameter("depth", "", 0.0, 1.0, 0.5, about="how far the level swings"),
        Parameter("rate_hz", "Hz", 0.1, 20.0, 5.0, about="how often it swings"),
    )

    def prepare(self, rate_hz: int, channels: int, max_quanta: int) -> None:
        self._frame_s = 1.0 / rate_hz
        self._inside = np.arange(QUANTUM_FRAMES) / QUANTUM_FRAMES
        self.reset()

    def reset(self) -> None:
        self._phase = 0.0

    def process(self, inputs, output, values) -> None:
        for k in range(output.shape[1] // QUANTUM_FRAMES):
            part = slice(k * QUANTUM_FRAMES, (k + 1) * QUANTUM_FRAMES)
            depth = values[0, k] + (values[0, k + 1] - values[0, k]) * self._inside
            step = values[1, k] * self._frame_s
            phases = self._phase + step * np.arange(QUANTUM_FRAMES)
            swing = 1.0 - depth * (0.5 - 0.5 * np.cos(2.0 * np.pi * phases))
            output[:, part] = inputs[0][:, part] * swing
            self._phase = (self._phase + step * QUANTUM_FRAMES) % 1.0


def main() -> None:
    rate_hz = 44_100
    t = np.arange(2 * rate_hz) / rate_hz
    audio = np.stack([np.sin(2 * np.pi * 220 * t), np.sin(2 * np.pi * 221 * t)]).astype(np.float32)

    alone = Tremolo(depth=0.8)(audio, rate_hz)
    print(f"alone: quietest 10 ms peak at {np.abs(alone[0].reshape(-1, 441)).max(axis=1).min():.2f}")

    chain = Chain([pedalboard.HighpassFilter(30), Tremolo(depth=0.3), Limiter(ceiling_db=-6.0)])
    print(f"in a chain with both kinds: peak {np.abs(chain(audio, rate_hz)).max():.3f}")

    engine = Engine(Graph.chain([NodeSpec("tremolo", Tremolo, {"rate_hz": 2.0})]), rate_hz, 2)
    y = np.empty_like(audio)
    engine.render(audio, y)
    print(f"in the engine: parameters {', '.join(p.id for p in engine.parameters)}")


if __name__ == "__main__":
    main()
