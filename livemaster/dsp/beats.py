"""The chain of beats that goes best with a pulse (D. Ellis, Beat Tracking by Dynamic Programming, 2007)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp._jit import kernel


@kernel
def chain(
    accent: NDArray[np.float32],
    first_lag: int,
    cost: NDArray[np.float32],
    score: NDArray[np.float32],
    back: NDArray[np.int32],
) -> None:
    """[control] Score of the best chain of beats that ends in each frame, and the beat before it, −1 for none.

    `accent` (n,); a beat that comes `first_lag` + j frames after another one costs `cost[j]`. Outputs (n,).
    """
    lags = cost.shape[0]
    for i in range(accent.shape[0]):
        best, at = np.float32(0.0), -1
        for j in range(lags):
            before = i - first_lag - j
            if before < 0:
                break
            reached = score[before] - cost[j]
            if reached > best:
                best, at = reached, before
        score[i] = accent[i] + best
        back[i] = at
