"""True-peak limiting: two look-ahead stages, each measuring the true peaks that it brings under the ceiling.

The gain is worked out for groups of 8 frames, as a loss (1 − gain) so that no loss is exactly zero:
demand of each group's true peak → moving maximum that outlasts look-ahead and interpolator → release →
smoothing window as long as the look-ahead → quadratic spline from groups to frames. The first stage does the
work; the second is short, sees what the first one's moving gain left above the ceiling, and removes it.

After B. Rudolf and Signalsmith's limiter design (moving minimum, release, window), with the gain in groups.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp._jit import kernel
from livemaster.dsp.truepeak import DELAY_FRAMES, HISTORY_FRAMES, raise_peaks, true_peak_work
from livemaster.units import QUANTUM_FRAMES, Audio

GROUP_FRAMES = 8
GROUPS = QUANTUM_FRAMES // GROUP_FRAMES
"""Groups in a quantum."""

_DETECTOR_GROUPS = DELAY_FRAMES // GROUP_FRAMES
_LOUDEST = np.float32(1e6)  # +120 dBFS; louder input is cut there
_TOLERANCE = 1.0 + 1e-5  # float32 rounding of the interpolation must not count as a peak
_SNAP = 1e-5  # nepers: a reduction this small ends; the window makes the step inaudible (−100 dB over 3 ms)
_ZERO = np.float32(0.0)
_ONE = np.float32(1.0)
_KNOWN = np.float32(-1.0)
# ITU's filter may read this much above the ceiling before it alone makes an untouched signal exceed it: it
# reads up to 0.02 dB above the reference on music, which has to stay untouched.
_ITU_WEIGHT = np.float32(10.0 ** (-0.04 / 20.0))

# Indices into a stage's state.
_FAST, _SLOW, _QUIET, _HELD_LOSS, _HELD_NEPERS = range(5)
# Indices into the counts.
_LARGEST, _SUM, _UNTOUCHED = range(3)


class Rates(NamedTuple):
    """Per group: the release's exponent times ms, the slow level's factors, the second stage's factor."""

    per_ms: float
    rise: float
    fall: float
    second_keep: float


class Release(NamedTuple):
    """Factors per group: what is kept of the excess over the slow level, and how that level moves."""

    keep: float
    rise: float
    fall: float


class Stage(NamedTuple):
    """One look-ahead stage: its memory and its constants; made by `make_stage`."""

    history: NDArray[np.float32]
    demand: NDArray[np.float64]
    released: NDArray[np.float64]
    smooth: NDArray[np.float64]
    window: NDArray[np.float64]
    state: NDArray[np.float64]
    spread_groups: int
    aim: float


class Scratch(NamedTuple):
    """Memory of no lasting meaning, and what both stages share."""

    work: NDArray[np.float32]
    peaks: NDArray[np.float32]
    maxima: NDArray[np.float64]
    blocks: NDArray[np.float32]
    spline: NDArray[np.float64]
    ceilings: NDArray[np.float64]
    counts: NDArray[np.float64]


def delay_groups(lookahead_groups: int, guard_groups: int) -> int:
    """[control] Groups by which a stage delays: look-ahead, guard, the spline's reach, the detector's."""
    return lookahead_groups + guard_groups + 1 + _DETECTOR_GROUPS


def make_stage(channels: int, lookahead_groups: int, guard_groups: int, aim: float) -> Stage:
    """[control] A stage at time zero.

    lookahead_groups: length of the smoothing window less one. guard_groups: groups on either side of a peak
    over which its gain is held, so that it covers the interpolator. aim: where peaks above the ceiling go, as
    a factor of it.
    """
    window = np.sin(np.pi * np.arange(1, lookahead_groups + 2) / (lookahead_groups + 2)) ** 2
    delay_frames = delay_groups(lookahead_groups, guard_groups) * GROUP_FRAMES
    spread = lookahead_groups + 2 * guard_groups + 1
    return Stage(
        history=np.zeros((channels, delay_frames + QUANTUM_FRAMES), np.float32),
        demand=np.zeros(spread - 1 + GROUPS),
        released=np.zeros(lookahead_groups + GROUPS),
        smooth=np.zeros(GROUPS + 2),
        window=window / window.sum(),
        state=np.zeros(5),
        spread_groups=spread,
        aim=aim,
    )


def make_scratch(channels: int, first: Stage, second: Stage) -> Scratch:
    """[control] Scratch memory and shared state for two stages."""
    longest = max(len(first.demand), len(second.demand))
    u = (np.arange(GROUP_FRAMES) + 0.5) / GROUP_FRAMES
    spline = np.stack([(1 - u) ** 2 / 2, 0.5 + u - u**2, u**2 / 2])
    first_groups = first.history.shape[1] // GROUP_FRAMES - GROUPS
    return Scratch(
        work=true_peak_work(),
        peaks=np.zeros(QUANTUM_FRAMES, np.float32),
        maxima=np.zeros(longest),
        blocks=np.zeros((2, channels, QUANTUM_FRAMES), np.float32),
        spline=spline,
        ceilings=np.ones(first_groups + _DETECTOR_GROUPS + GROUPS),
        counts=np.zeros(3),
    )


def make_rates(rate_hz: int, slow_rise_s: float, slow_fall_s: float, second_release_ms: float) -> Rates:
    """[control] Factors per group of 8 frames for time constants."""
    group_s = GROUP_FRAMES / rate_hz
    return Rates(
        per_ms=-1000.0 * group_s,
        rise=1.0 - math.exp(-group_s / slow_rise_s),
        fall=1.0 - math.exp(-group_s / slow_fall_s),
        second_keep=math.exp(-1000.0 * group_s / second_release_ms),
    )


@kernel
def _shift(values: NDArray[np.float64]) -> None:
    """[audio] Make room for one quantum's groups at the end."""
    for i in range(values.shape[0] - GROUPS):
        values[i] = values[i + GROUPS]


@kernel
def _push(x: Audio, history: Audio) -> None:
    """[audio] Append one quantum of audio to a stage's history."""
    kept = history.shape[1] - QUANTUM_FRAMES
    for channel in range(x.shape[0]):
        row = history[channel]
        for i in range(kept):
            row[i] = row[i + QUANTUM_FRAMES]
        new = row[kept:]
        for i in range(QUANTUM_FRAMES):
            new[i] = x[channel, i]


@kernel
def _take_demands(
    stage: Stage, ceilings: NDArray[np.float64], itu_weight: np.float32, scratch: Scratch
) -> bool:
    """[audio] Losses that eight more groups need; True when any of them needs one."""
    newest = stage.demand.shape[0] - GROUPS
    _shift(stage.demand)
    stage.demand[newest:] = 0.0
    if itu_weight < _ZERO:
        return False
    lowest = ceilings[0]
    for group in range(GROUPS):
        lowest = min(lowest, ceilings[group])
    lowest *= _TOLERANCE
    scratch.peaks[:] = _ZERO
    largest = _ZERO
    start = stage.history.shape[1] - QUANTUM_FRAMES - HISTORY_FRAMES
    for channel in range(stage.history.shape[0]):
        x = stage.history[channel, start:]
        largest = max(largest, raise_peaks(x, np.float32(lowest), itu_weight, scratch.work, scratch.peaks))
    if largest <= lowest:
        return False
    wanted = False
    for group in range(GROUPS):
        largest = _ZERO
        for i in range(group * GROUP_FRAMES, (group + 1) * GROUP_FRAMES):
            largest = max(largest, scratch.peaks[i])
        peak = float(largest)
        if peak > ceilings[group] * _TOLERANCE:
            stage.demand[newest + group] = 1.0 - stage.aim * ceilings[group] / peak
            wanted = True
    return wanted


@kernel
def _hold(demand: NDArray[np.float64], spread: int, maxima: NDArray[np.float64]) -> None:
    """[audio] maxima[0:8] = moving maximum of `demand` over `spread` groups, by doubling spans."""
    length = demand.shape[0]
    for i in range(length):
        maxima[i] = demand[i]
    span = 1
    while 2 * span <= spread:
        for i in range(length - 2 * span + 1):
            maxima[i] = max(maxima[i], maxima[i + span])
        span *= 2
    for i in range(GROUPS):
        maxima[i] = max(maxima[i], maxima[i + spread - span])


@kernel
def _release(
    held: NDArray[np.float64], release: Release, state: NDArray[np.float64], out: NDArray[np.float64]
) -> None:
    """[audio] Losses that let go slowly: at once down to the slow level, which follows the mean reduction."""
    fast, slow = state[_FAST], state[_SLOW]
    for i in range(GROUPS):
        if held[i] != state[_HELD_LOSS]:
            state[_HELD_LOSS] = held[i]
            state[_HELD_NEPERS] = -math.log1p(-held[i])
        nepers = state[_HELD_NEPERS]
        slow += (nepers - slow) * (release.rise if nepers > slow else release.fall)
        fast = slow + (fast - slow) * release.keep
        if nepers == 0.0 and fast < _SNAP:
            fast = slow = 0.0
        if nepers >= fast:
            fast = nepers
            out[i] = held[i]
        else:
            out[i] = -math.expm1(-fast)
    state[_FAST], state[_SLOW] = fast, slow


@kernel
def _smooth(stage: Stage) -> None:
    """[audio] The window over the released losses: eight new values at the end of `smooth`."""
    for i in range(2):
        stage.smooth[i] = stage.smooth[i + GROUPS]
    new = stage.smooth[2:]
    new[:] = 0.0
    for k in range(stage.window.shape[0]):
        weight = stage.window[k]
        for i in range(GROUPS):
            new[i] += weight * stage.released[i + k]


@kernel
def _apply(stage: Stage, spline: NDArray[np.float64], gain: NDArray[np.float32], out: Audio) -> None:
    """[audio] out = delayed input times the gain that the spline draws through the groups' losses."""
    for group in range(GROUPS):
        a, b, c = stage.smooth[group], stage.smooth[group + 1], stage.smooth[group + 2]
        for i in range(GROUP_FRAMES):
            loss = spline[0, i] * a + spline[1, i] * b + spline[2, i] * c
            gain[group * GROUP_FRAMES + i] = np.float32(1.0 - loss)
    for channel in range(out.shape[0]):
        x, y = stage.history[channel], out[channel]
        for i in range(QUANTUM_FRAMES):
            y[i] = gain[i] * x[i]


@kernel
def _run_stage(
    x: Audio,
    ceilings: NDArray[np.float64],
    release: Release,
    itu_weight: np.float32,
    stage: Stage,
    scratch: Scratch,
    out: Audio,
) -> float:
    """[audio] One quantum through one stage; returns the mean loss, exactly 0 when nothing was changed.

    itu_weight: as in `raise_peaks`; negative when it is known that nothing exceeds the ceiling.
    """
    _push(x, stage.history)
    wanted = _take_demands(stage, ceilings, itu_weight, scratch)
    state = stage.state
    state[_QUIET] = 0.0 if wanted or state[_FAST] > 0.0 else state[_QUIET] + 1.0
    # Every memory is as short as demand's and released's together, and holds zeros only.
    if state[_QUIET] * GROUPS > stage.demand.shape[0] + stage.released.shape[0] + 2 * GROUPS:
        for channel in range(out.shape[0]):
            for i in range(QUANTUM_FRAMES):
                out[channel, i] = stage.history[channel, i]
        return 0.0
    _hold(stage.demand, stage.spread_groups, scratch.maxima)
    _shift(stage.released)
    _release(scratch.maxima, release, state, stage.released[stage.released.shape[0] - GROUPS :])
    _smooth(stage)
    _apply(stage, scratch.spline, scratch.peaks, out)
    mean = 0.0
    for i in range(GROUPS + 2):
        mean += stage.smooth[i] / (GROUPS + 2)
    return mean


@kernel
def _take_ceilings(start_db: float, end_db: float, ceilings: NDArray[np.float64]) -> None:
    """[audio] Linear ceilings of eight more groups: the lowest in each, where dB move in a straight line."""
    _shift(ceilings)
    newest = ceilings.shape[0] - GROUPS
    for group in range(GROUPS):
        a = start_db + (end_db - start_db) * group / GROUPS
        b = start_db + (end_db - start_db) * (group + 1) / GROUPS
        if group > 0 and a == b:
            ceilings[newest + group] = ceilings[newest]
        else:
            ceilings[newest + group] = 10.0 ** (min(a, b) / 20.0)


@kernel
def _sanitise(x: Audio, start: int, out: Audio) -> None:
    """[audio] Copy one quantum; what is not finite becomes 0, what is absurdly loud is cut."""
    for channel in range(x.shape[0]):
        source, target = x[channel, start : start + QUANTUM_FRAMES], out[channel]
        for i in range(QUANTUM_FRAMES):
            value = source[i]
            value = value if value - value == _ZERO else _ZERO
            value = value if value < _LOUDEST else _LOUDEST
            target[i] = value if value > -_LOUDEST else -_LOUDEST


@kernel
def _meter(
    first: Stage, second: Stage, first_mean: float, second_mean: float, counts: NDArray[np.float64]
) -> None:
    """[audio] Largest and summed reduction in nepers."""
    if first_mean > 0.0 or second_mean > 0.0:
        counts[_SUM] -= math.log1p(-first_mean) + math.log1p(-second_mean)
        first_largest = second_largest = 0.0
        for i in range(GROUPS + 2):
            first_largest = max(first_largest, first.smooth[i])
            second_largest = max(second_largest, second.smooth[i])
        largest = -math.log1p(-first_largest) - math.log1p(-second_largest)
        counts[_LARGEST] = max(counts[_LARGEST], largest)


@kernel
def limit(
    x: Audio,
    out: Audio,
    values: NDArray[np.float64],
    rates: Rates,
    first: Stage,
    second: Stage,
    scratch: Scratch,
) -> None:
    """[audio] Limit K quanta.

    x, out: (channels, 64·K). values: (2, K + 1), ceiling in dB and release in ms at the quantum edges.
    scratch.counts: largest and summed reduction of this call, in nepers.
    """
    clean, limited = scratch.blocks[0], scratch.blocks[1]
    counts = scratch.counts
    counts[_LARGEST] = counts[_SUM] = 0.0
    newest = scratch.ceilings.shape[0] - GROUPS
    ahead = scratch.ceilings[newest - _DETECTOR_GROUPS : newest - _DETECTOR_GROUPS + GROUPS]
    behind = scratch.ceilings[:GROUPS]
    second_release = Release(rates.second_keep, 0.0, 0.0)
    for quantum in range(values.shape[1] - 1):
        start = quantum * QUANTUM_FRAMES
        _take_ceilings(values[0, quantum], values[0, quantum + 1], scratch.ceilings)
        _sanitise(x, start, clean)
        release = Release(math.exp(rates.per_ms / values[1, quantum]), rates.rise, rates.fall)
        first_mean = _run_stage(clean, ahead, release, _ITU_WEIGHT, first, scratch, limited)
        counts[_UNTOUCHED] = counts[_UNTOUCHED] + 1.0 if first_mean == 0.0 else 0.0
        # Two untouched quanta hold all that the second stage looks at, and the first has already measured it.
        weight = _KNOWN if counts[_UNTOUCHED] >= 2.0 else _ONE
        second_mean = _run_stage(limited, behind, second_release, weight, second, scratch, clean)
        for channel in range(out.shape[0]):
            target = out[channel, start : start + QUANTUM_FRAMES]
            for i in range(QUANTUM_FRAMES):
                target[i] = clean[channel, i]
        _meter(first, second, first_mean, second_mean, counts)
