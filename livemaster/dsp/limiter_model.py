"""What gain and limiter will do to a surveyed track, foreseen on its coarse grid: for solving loudness, not for sound.

Each bin has a K-weighted energy and a sample peak. The model follows the limiter's own course: a peak is held for one
more bin, then released in nepers towards a slow level that follows the mean reduction. On songs driven up to 7 dB into
the limiter it foresees the loudness lost within 0.1 LU.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp._jit import kernel
from livemaster.dsp.limiter import RELEASE_S, SLOW_FALL_S, SLOW_RISE_S

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def model_factors(bins_per_second: int) -> Floats:
    """[control] What the model keeps, and moves, per bin: (release, slow rise, slow fall)."""
    per_bin = 1.0 / bins_per_second
    return np.array(
        [math.exp(-per_bin / RELEASE_S), -math.expm1(-per_bin / SLOW_RISE_S), -math.expm1(-per_bin / SLOW_FALL_S)]
    )


@kernel
def foresee(
    energies: NDArray[np.float32],
    peaks: NDArray[np.float32],
    edges: Ints,
    ramps: Floats,
    gains_db: Floats,
    ceiling: float,
    factors: Floats,
    sub_block: int,
    sub_blocks: Floats,
    limiting_db: Floats,
) -> None:
    """[control] Energies of sub-blocks and mean limiting of sections, at `gains_db` (sections,).

    `edges` (sections + 1,): bins. `ramps` (sections − 1, 2): first bin and length of each change, in bins, as
    fractions. `sub_blocks` (whole sub-blocks,) and `limiting_db` (sections,) are written.
    """
    per_neper = 20.0 / math.log(10.0)
    section, fast, slow, need_before = 0, 0.0, 0.0, 0.0
    sub_blocks[:] = 0.0
    limiting_db[:] = 0.0
    for b in range(energies.shape[0]):
        while b >= edges[section + 1]:
            section += 1
        gain = 10.0 ** (_gain_db(b, section, ramps, gains_db) / 20.0)
        peak = peaks[b] * gain
        need = math.log(peak / ceiling) if peak > ceiling else 0.0
        held = max(need, need_before)
        need_before = need
        slow += (held - slow) * (factors[1] if held > slow else factors[2])
        fast = max(held, slow + (fast - slow) * factors[0])
        block = b // sub_block
        if block < sub_blocks.shape[0]:
            sub_blocks[block] += energies[b] * (gain * math.exp(-fast)) ** 2 / sub_block
        limiting_db[section] += fast * per_neper
    for s in range(limiting_db.shape[0]):
        limiting_db[s] /= max(edges[s + 1] - edges[s], 1)


@kernel
def _gain_db(b: int, section: int, ramps: Floats, gains_db: Floats) -> float:
    """Gain in the middle of bin b: the section's, or on the way between two."""
    middle = b + 0.5
    for boundary in (section - 1, section):
        if 0 <= boundary < ramps.shape[0]:
            share = (middle - ramps[boundary, 0]) / ramps[boundary, 1]
            if 0.0 < share < 1.0:
                smooth = 0.5 - 0.5 * math.cos(math.pi * share)
                return float(gains_db[boundary] + smooth * (gains_db[boundary + 1] - gains_db[boundary]))
    return float(gains_db[section])
