"""A constant offset taken out of what is analysed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp._jit import kernel
from livemaster.units import Audio

CUTOFF_HZ = 2.0


@kernel
def block_dc(x: Audio, pole: float, state: NDArray[np.float64]) -> None:
    """[audio] First-order high-pass, in place on `x`, float32 (channels, frames); `pole` is exp(−2π · cutoff / rate).

    `state`: (channels, 3): last input, last output, and whether there was any, all 0 at first; the first frame
    becomes 0, so that an offset from the start leaves no step.
    """
    for channel in range(x.shape[0]):
        before, after = state[channel, 0], state[channel, 1]
        if state[channel, 2] == 0.0 and x.shape[1]:
            before = x[channel, 0]
            state[channel, 2] = 1.0
        for n in range(x.shape[1]):
            here = np.float64(x[channel, n])
            after = here - before + pole * after
            before = here
            x[channel, n] = np.float32(after)
        state[channel, 0], state[channel, 1] = before, after
