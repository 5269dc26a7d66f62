"""Kernels of the true-peak limiter: what gain each moment needs, and how it moves.

The gain is worked out for groups of 8 frames, as a loss (1 − gain), so that "no loss" is exactly zero. One
stage runs: true peaks → demand of each group → moving maximum that outlasts look-ahead and interpolator →
release → mean over the look-ahead → quadratic spline from groups to frames → delayed input times gain. No step
raises the gain above what a group demands while a frame of its peak's support passes.

Every memory is linear: what was kept from the call before, then this call's values; the last step moves the
tail to the front. The chain of moving extreme, release and window is Signalsmith's limiter design.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp._jit import kernel
from livemaster.dsp.truepeak import DELAY_FRAMES, HISTORY_FRAMES, raise_peaks
from livemaster.units import QUANTUM_FRAMES, Audio

GROUP_FRAMES = 8
GROUPS = QUANTUM_FRAMES // GROUP_FRAMES
"""Groups in a quantum."""

DETECTOR_GROUPS = DELAY_FRAMES // GROUP_FRAMES
"""Groups by which true peaks are known later than their frames."""

RELEASE_S, SLOW_RISE_S, SLOW_FALL_S = 0.025, 0.3, 1.0
"""The limiter's time constants: its release by default, and how its slow level follows the mean reduction."""

FAST, SLOW, HELD_LOSS, HELD_NEPERS = range(4)
"""Indices into a stage's state: reduction, its slow level, and the last demand with its logarithm."""

LARGEST, SUM = range(2)
"""Indices into a stage's counts of a call: largest reduction, and sum over the quanta, in nepers."""

_LOUDEST = np.float32(1e6)  # +120 dBFS: louder input is cut there
_TOLERANCE = 1.0 + 1e-5  # float32 rounding of the interpolation must not count as a peak
_SNAP_NEPERS = 1e-5  # a reduction this small ends; spread over the look-ahead, the step is far below −100 dB
_ZERO = np.float32(0.0)


def spline_weights() -> NDArray[np.float64]:
    """[control] Shares of the group before, the group itself and the one after, at its frames: (3, 8)."""
    u = (np.arange(GROUP_FRAMES) + 0.5) / GROUP_FRAMES
    return np.stack([(1 - u) ** 2 / 2, 0.5 + u - u**2, u**2 / 2])


@kernel
def take_input(x: Audio, history: Audio, kept_frames: int) -> None:
    """[audio] Append x to `history` after the kept frames; not finite becomes 0, absurdly loud is cut."""
    for channel in range(x.shape[0]):
        source, target = x[channel], history[channel, kept_frames : kept_frames + x.shape[1]]
        for i in range(x.shape[1]):
            value = source[i]
            value = value if value - value == _ZERO else _ZERO
            value = value if value < _LOUDEST else _LOUDEST
            target[i] = value if value > -_LOUDEST else -_LOUDEST


@kernel
def take_ceilings(edges_db: NDArray[np.float64], ceilings: NDArray[np.float64], kept: int, before: int) -> None:
    """[audio] Move the kept ceilings to the front and append this call's: linear, the lowest in each group.

    edges_db: ceilings at the K + 1 quantum edges, straight lines in dB between them. before: groups of the
    call before; 0 at time zero, before which the first ceiling held for ever.
    """
    known_db, known = edges_db[0], 10.0 ** (edges_db[0] / 20.0)
    for i in range(kept):
        ceilings[i] = ceilings[i + before] if before > 0 else known
    for group in range(GROUPS * (edges_db.shape[0] - 1)):
        start_db, end_db = edges_db[group // GROUPS], edges_db[group // GROUPS + 1]
        step_db = (end_db - start_db) / GROUPS
        within = group % GROUPS
        lowest_db = min(start_db + step_db * within, start_db + step_db * (within + 1))
        if lowest_db != known_db:
            known_db, known = lowest_db, 10.0 ** (lowest_db / 20.0)
        ceilings[kept + group] = known


@kernel
def take_both(
    x: Audio,
    history: Audio,
    kept_frames: int,
    edges_db: NDArray[np.float64],
    ceilings: NDArray[np.float64],
    kept: int,
    before: int,
) -> None:
    """[audio] `take_input` and `take_ceilings` in one call."""
    take_input(x, history, kept_frames)
    take_ceilings(edges_db, ceilings, kept, before)


@kernel
def find_demands(
    history: Audio,
    kept_frames: int,
    watch: NDArray[np.uint8],
    ceilings: NDArray[np.float64],
    itu_weight: np.float32,
    aim: float,
    work: NDArray[np.float32],
    peaks: NDArray[np.float32],
    demand: NDArray[np.float64],
    kept: int,
) -> None:
    """[audio] Append the losses that bring every group's true peak from above the ceiling to `aim` times it.

    watch: (K + 1,), the call before's last quantum and this call's; where neither a quantum nor the one before
    it is watched, nothing exceeds the ceiling. ceilings: from the first group that is answered on (three
    before the first new one). itu_weight: as in `raise_peaks`. demand: after `kept` groups.
    """
    for quantum in range(watch.shape[0] - 1):
        first = quantum * GROUPS
        lowest = ceilings[first]
        for group in range(GROUPS):
            demand[kept + first + group] = 0.0
            lowest = min(lowest, ceilings[first + group])
        if watch[quantum] + watch[quantum + 1] == 0:
            continue
        threshold = np.float32(lowest * _TOLERANCE)
        peaks[:] = _ZERO
        largest = _ZERO
        start = kept_frames + quantum * QUANTUM_FRAMES - HISTORY_FRAMES
        for channel in range(history.shape[0]):
            x = history[channel, start : start + HISTORY_FRAMES + QUANTUM_FRAMES]
            largest = max(largest, raise_peaks(x, threshold, itu_weight, work, peaks))
        if largest <= threshold:
            continue
        for group in range(GROUPS):
            largest = _ZERO
            for i in range(group * GROUP_FRAMES, (group + 1) * GROUP_FRAMES):
                largest = max(largest, peaks[i])
            if largest > ceilings[first + group] * _TOLERANCE:
                demand[kept + first + group] = 1.0 - aim * ceilings[first + group] / largest
    watch[0] = watch[watch.shape[0] - 1]


@kernel
def _hold(demand: NDArray[np.float64], kept: int, groups: int, maxima: NDArray[np.float64]) -> None:
    """[audio] maxima[j] = largest of demand[j … j + kept], by doubling spans: log(kept) passes that vectorise."""
    length = kept + groups
    for i in range(length):
        maxima[i] = demand[i]
    span = 1
    while 2 * span <= kept + 1:
        for i in range(length - 2 * span + 1):
            maxima[i] = max(maxima[i], maxima[i + span])
        span *= 2
    for i in range(groups):
        maxima[i] = max(maxima[i], maxima[i + kept + 1 - span])


@kernel
def _release(
    held: NDArray[np.float64],
    releases_ms: NDArray[np.float64],
    group_ms: float,
    rise: float,
    fall: float,
    state: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """[audio] Let go of the held losses: quickly down to the slow level, which follows the mean reduction."""
    fast, slow, keep = state[FAST], state[SLOW], 0.0
    for i in range(out.shape[0]):
        if i % GROUPS == 0:
            keep = math.exp(-group_ms / releases_ms[i // GROUPS])
        if held[i] != state[HELD_LOSS]:
            state[HELD_LOSS], state[HELD_NEPERS] = held[i], -math.log1p(-held[i])
        nepers = state[HELD_NEPERS]
        slow += (nepers - slow) * (rise if nepers > slow else fall)
        fast = slow + (fast - slow) * keep
        if nepers == 0.0 and fast < _SNAP_NEPERS:
            fast = slow = 0.0
        if nepers >= fast:
            fast = nepers
            out[i] = held[i]
        else:
            out[i] = -math.expm1(-fast)
    state[FAST], state[SLOW] = fast, slow


@kernel
def shape_losses(
    demand: NDArray[np.float64],
    kept: int,
    releases_ms: NDArray[np.float64],
    factors: tuple[float, float, float],
    state: NDArray[np.float64],
    maxima: NDArray[np.float64],
    released: NDArray[np.float64],
    lookahead: int,
    smooth: NDArray[np.float64],
) -> None:
    """[audio] From demands to smooth losses: hold, release, mean over look-ahead + 1 groups.

    demand: `kept` groups before this call's; kept + 1 is the hold. releases_ms: (K + 1,), the first K are used.
    factors: ms in a group, and the slow level's share of the way up and down per group. released: `lookahead`
    groups before this call's. smooth: two before.
    """
    groups = GROUPS * (releases_ms.shape[0] - 1)
    if state[FAST] == 0.0 and not demand[: kept + groups].any() and not released[:lookahead].any():
        smooth[2 : 2 + groups] = 0.0
        return
    _hold(demand, kept, groups, maxima)
    new = released[lookahead : lookahead + groups]
    _release(maxima, releases_ms, factors[0], factors[1], factors[2], state, new)
    means = smooth[2 : 2 + groups]
    means[:] = 0.0
    for k in range(lookahead + 1):
        for i in range(groups):
            means[i] += released[i + k]
    for i in range(groups):
        means[i] /= lookahead + 1
    for i in range(kept):
        demand[i] = demand[i + groups]
    for i in range(lookahead):
        released[i] = released[i + groups]


@kernel
def _draw_gain(
    losses: NDArray[np.float64],
    spline: NDArray[np.float64],
    gain: NDArray[np.float32],
    counts: NDArray[np.float64],
) -> float:
    """[audio] Gain of the 64 frames of eight groups between two neighbours; returns their mean loss."""
    mean = largest = 0.0
    for loss in losses:
        mean += loss / (GROUPS + 2)
        largest = max(largest, loss)
    if mean == 0.0:
        return 0.0
    for group in range(GROUPS):
        a, b, c = losses[group], losses[group + 1], losses[group + 2]
        for i in range(GROUP_FRAMES):
            loss = spline[0, i] * a + spline[1, i] * b + spline[2, i] * c
            gain[group * GROUP_FRAMES + i] = np.float32(1.0 - loss)
    counts[LARGEST] = max(counts[LARGEST], -math.log1p(-largest))
    counts[SUM] -= math.log1p(-mean)
    return mean


@kernel
def apply_losses(
    history: Audio,
    kept_frames: int,
    smooth: NDArray[np.float64],
    spline: NDArray[np.float64],
    gain: NDArray[np.float32],
    touched: NDArray[np.uint8],
    counts: NDArray[np.float64],
    target: Audio,
    target_frame: int,
) -> None:
    """[audio] Write the delayed input times the gain into `target` from `target_frame` on.

    touched: (K + 1,), from 1 on set to whether a quantum was changed at all; the others come out bit for bit.
    counts: see LARGEST and SUM.
    """
    counts[LARGEST] = counts[SUM] = 0.0
    quanta = touched.shape[0] - 1
    for quantum in range(quanta):
        mean = _draw_gain(smooth[quantum * GROUPS : (quantum + 1) * GROUPS + 2], spline, gain, counts)
        touched[quantum + 1] = mean > 0.0
        start = quantum * QUANTUM_FRAMES
        for channel in range(history.shape[0]):
            x = history[channel, start : start + QUANTUM_FRAMES]
            y = target[channel, target_frame + start : target_frame + start + QUANTUM_FRAMES]
            if mean > 0.0:
                for i in range(QUANTUM_FRAMES):
                    y[i] = gain[i] * x[i]
            else:
                for i in range(QUANTUM_FRAMES):
                    y[i] = x[i]
    for channel in range(history.shape[0]):
        row = history[channel]
        for i in range(kept_frames):
            row[i] = row[i + quanta * QUANTUM_FRAMES]
    for i in range(2):
        smooth[i] = smooth[i + quanta * GROUPS]


@kernel
def run_stage(
    history: Audio,
    kept_frames: int,
    watch: NDArray[np.uint8],
    ceilings: NDArray[np.float64],
    itu_weight: np.float32,
    aim: float,
    work: NDArray[np.float32],
    frames: NDArray[np.float32],
    demand: NDArray[np.float64],
    kept: int,
    releases_ms: NDArray[np.float64],
    factors: tuple[float, float, float],
    state: NDArray[np.float64],
    maxima: NDArray[np.float64],
    released: NDArray[np.float64],
    lookahead: int,
    smooth: NDArray[np.float64],
    spline: NDArray[np.float64],
    touched: NDArray[np.uint8],
    counts: NDArray[np.float64],
    target: Audio,
    target_frame: int,
) -> None:
    """[audio] The three steps of a stage in one call, for a call costs as much as a step at rest."""
    find_demands(history, kept_frames, watch, ceilings, itu_weight, aim, work, frames, demand, kept)
    shape_losses(demand, kept, releases_ms, factors, state, maxima, released, lookahead, smooth)
    apply_losses(history, kept_frames, smooth, spline, frames, touched, counts, target, target_frame)
