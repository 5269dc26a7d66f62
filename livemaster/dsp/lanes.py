"""Parameter values over time: lanes, control tracks, and their blend, as pure functions of the frame.

A *track* is a list of steps (frame, target), each reached by a raised-cosine glide of fixed length; overlapping
glides add up, so that the value and its slope are continuous however fast the steps follow one another.
A *lane* is a list of breakpoints with raised-cosine ramps between them, for each of nine corners: dynamics
−1, 0, +1 × reactivity 0, 1, 1.5; and for what stands there while the intensity is set by hand: dynamics −1, 0, +1 ×
reactivity 1, 1.5 × intensity 0, ½, 1. Its frames are those of the music: `origin` is the frame at which the music's
own frame 0 lies (or would lie, after a jump).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from livemaster.controls import ROWS
from livemaster.dsp._jit import kernel

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

REACTIVITIES = (0.0, 1.0, 1.5)
"""Where a lane has corners; between them it follows straight lines."""
_FULL, _MOST = REACTIVITIES[1:]
CORNERS = 9
"""Values a lane holds per breakpoint: index 3·(dynamics + 1) + the number of the reactivity, for dynamics −1, 0, 1."""
HELD = 18
"""Values that follow them: index CORNERS + 6·(dynamics + 1) + 2·intensity for intensities 0, ½, 1 set by hand at
reactivity 1, and 3 further on at reactivity 1.5."""
TRACK_STEPS = 1024
"""Steps that a track remembers, half of them at least: more than fit into any glide, at one a quantum."""

NEVER = 2**62
"""A frame that does not come."""

REACTIVITY, DYNAMICS, AMOUNT, INTENSITY, OVERRIDE = (
    ROWS[name] for name in ("reactivity", "dynamics", "amount", "intensity", "override")
)
"""Rows of the blending controls in the control tracks."""


@kernel
def track_value(frames: Ints, targets: Floats, count: int, glide_frames: int, frame: int) -> float:
    """[audio] Value of one track at `frame`."""
    moving = 0.0
    for i in range(count - 1, -1, -1):
        age = frame - frames[i]
        if i == 0 or age >= glide_frames:
            return float(targets[i] + moving)
        if age > 0:
            share = 0.5 - 0.5 * math.cos(math.pi * age / glide_frames)
            moving += share * (targets[i] - targets[i - 1])
    return moving


@kernel
def _lane_position(frames: Ints, first: int, stop: int, frame: int) -> tuple[int, float]:
    """Index of the breakpoint at or before `frame` and the share of the next one."""
    if frame <= frames[first]:
        return first, 0.0
    if frame >= frames[stop - 1]:
        return stop - 1, 0.0
    low, high = first, stop - 1
    while high - low > 1:
        middle = (low + high) // 2
        if frames[middle] <= frame:
            low = middle
        else:
            high = middle
    span = frames[high] - frames[low]
    return low, 0.5 - 0.5 * math.cos(math.pi * (frame - frames[low]) / span)


@kernel
def fill_values(
    first_frame: int,
    origin: int,
    quantum: int,
    layout: Ints,
    limits: Floats,
    lane_frames: Ints,
    lane_corners: Floats,
    control_frames: Ints,
    control_targets: Floats,
    control_counts: Ints,
    control_glides: Ints,
    override_frames: Ints,
    override_targets: Floats,
    override_counts: Ints,
    override_glides: Ints,
    values: Floats,
) -> int:
    """[audio] Values of every parameter at the edges of the quanta that start at `first_frame`.

    Returns the frame up to which all of them stay as they are, as long as no track is moved; `first_frame` when
    something moves already.

    `origin`: where frame 0 of the lanes lies. `layout[p]` = (shift in frames, first and end breakpoint, control row
    of its stage or −1, of its trim or −1);
    `limits[p]` = (low, high, neutral). Override tracks come in pairs: value at 2·p, weight at 2·p + 1.
    `values`: (parameters, K + 1), written.
    """
    last_frame = first_frame + (values.shape[1] - 1) * quantum
    until = NEVER
    for p in range(values.shape[0]):
        shift, first, stop = layout[p, 0], layout[p, 1], layout[p, 2]
        at, _ = _lane_position(lane_frames, first, stop, first_frame - shift - origin)
        end, _ = _lane_position(lane_frames, first, stop, last_frame - shift - origin)
        still = at == end and (at == stop - 1 or _alike(lane_corners, at))
        for row in range(control_counts.shape[0]):
            still = still and _rests(control_frames, control_counts, control_glides, row, first_frame - shift)
        for row in (2 * p, 2 * p + 1):
            still = still and _rests(override_frames, override_counts, override_glides, row, first_frame - shift)
        if not still:
            until = first_frame
        elif at < stop - 1:
            until = min(until, lane_frames[at + 1] + shift + origin)
        for edge in range(values.shape[1]):
            if still and edge > 0:
                values[p, edge] = values[p, 0]
                continue
            frame = first_frame + edge * quantum - shift
            value = _lane_value(
                frame, origin, first, stop, layout[p, 3], layout[p, 4], limits[p], lane_frames, lane_corners,
                control_frames, control_targets, control_counts, control_glides,
            )  # fmt: skip
            weight = _control(override_frames, override_targets, override_counts, override_glides, 2 * p + 1, frame)
            if weight > 0.0:
                fixed = _control(override_frames, override_targets, override_counts, override_glides, 2 * p, frame)
                value = value + weight * (fixed - value) if weight < 1.0 else fixed
            values[p, edge] = value
    return int(until)


@kernel
def _lane_value(
    frame: int,
    origin: int,
    first: int,
    stop: int,
    stage: int,
    trim: int,
    limits: Floats,
    lane_frames: Ints,
    lane_corners: Floats,
    control_frames: Ints,
    control_targets: Floats,
    control_counts: Ints,
    control_glides: Ints,
) -> float:
    """[audio] A parameter's value at `frame` by its lane and the controls."""
    at, share = _lane_position(lane_frames, first, stop, frame - origin)
    react = _control(control_frames, control_targets, control_counts, control_glides, REACTIVITY, frame)
    dynamics = _control(control_frames, control_targets, control_counts, control_glides, DYNAMICS, frame)
    held = _control(control_frames, control_targets, control_counts, control_glides, OVERRIDE, frame)
    intensity = 0.0
    if held > 0.0:
        intensity = _control(control_frames, control_targets, control_counts, control_glides, INTENSITY, frame)
    value = _corner_blend(lane_corners[at], react, dynamics, held, intensity)
    if share > 0.0:
        value += share * (_corner_blend(lane_corners[at + 1], react, dynamics, held, intensity) - value)
    if trim >= 0:
        frames, targets = control_frames[trim], control_targets[trim]
        value = _trimmed(value, limits, frames, targets, control_counts[trim], control_glides[trim], frame)
    value = _held(value, limits)
    if stage >= 0:
        amount = _control(control_frames, control_targets, control_counts, control_glides, AMOUNT, frame)
        if stage != AMOUNT:
            amount *= _control(control_frames, control_targets, control_counts, control_glides, stage, frame)
        value = limits[2] + amount * (value - limits[2]) if amount < 1.0 else value
    return float(value)


@kernel
def _trimmed(
    value: float, limits: Floats, frames: Ints, targets: Floats, count: int, glide_frames: int, frame: int
) -> float:
    """[audio] `value` with a track added, as `track_value` has it, and held within the limits.

    What glides is what may be had: a glide cut off at a limit would end with a jerk, which clicks.
    """
    moving = 0.0
    for i in range(count - 1, -1, -1):
        age = frame - frames[i]
        if i == 0 or age >= glide_frames:
            return float(_held(value + targets[i], limits) + moving)
        if age > 0:
            share = 0.5 - 0.5 * math.cos(math.pi * age / glide_frames)
            moving += share * (_held(value + targets[i], limits) - _held(value + targets[i - 1], limits))
    return moving


@kernel
def _held(value: float, limits: Floats) -> float:
    return float(min(max(value, limits[0]), limits[1]))


@kernel
def _rests(frames: Ints, counts: Ints, glides: Ints, row: int, frame: int) -> bool:
    """Whether a track has ended its last glide by `frame`."""
    last = counts[row] - 1
    return bool(last == 0 or frame - frames[row, last] >= glides[row])


@kernel
def _alike(corners: Floats, at: int) -> bool:
    """Whether breakpoint `at` and the next one hold the same values."""
    alike = True
    for c in range(CORNERS + HELD):
        alike = alike and corners[at, c] == corners[at + 1, c]
    return alike


@kernel
def _control(frames: Ints, targets: Floats, counts: Ints, glides: Ints, row: int, frame: int) -> float:
    return track_value(frames[row], targets[row], counts[row], glides[row], frame)


@kernel
def _corner_blend(c: Floats, react: float, dynamics: float, held: float, intensity: float) -> float:
    """The value of one breakpoint at a position of the controls."""
    middle = _reacted(c, 1, react, held, intensity)
    if dynamics == 0.0:
        return middle
    outer = _reacted(c, 0 if dynamics < 0.0 else 2, react, held, intensity)
    return float(middle + abs(dynamics) * (outer - middle))


@kernel
def _reacted(c: Floats, row: int, react: float, held: float, intensity: float) -> float:
    """The value at reactivity `react` in one row of dynamics (0, 1, 2 for −1, 0, 1)."""
    full = _followed(c, row, 0, held, intensity)
    if react <= _FULL:
        return float(c[3 * row] + react * (full - c[3 * row]))
    return float(full + (react - _FULL) / (_MOST - _FULL) * (_followed(c, row, 1, held, intensity) - full))


@kernel
def _followed(c: Floats, row: int, beyond: int, held: float, intensity: float) -> float:
    """The value of one row at reactivity 1, or 1.5 (`beyond` 0, 1); as far as it is `held`, for a hand's intensity."""
    value = c[3 * row + 1 + beyond]
    if held > 0.0:
        first = CORNERS + 6 * row + 3 * beyond + (1 if intensity >= 0.5 else 0)
        by_hand = c[first] + (2.0 * intensity - (1.0 if intensity >= 0.5 else 0.0)) * (c[first + 1] - c[first])
        value += held * (by_hand - value)
    return float(value)


@kernel
def take_over(
    first_frame: int, quantum: int, shifts: Ints, enters: int, fade_frames: int, values: Floats, other: Floats
) -> None:
    """[audio] Move `values` (parameters, K + 1) to `other` along a raised cosine that begins at frame `enters`.

    `shifts`: latency before each parameter, by which its values lag. `values` is written.
    """
    for p in range(values.shape[0]):
        for edge in range(values.shape[1]):
            age = first_frame + edge * quantum - shifts[p] - enters
            if age >= fade_frames:
                values[p, edge] = other[p, edge]
            elif age > 0:
                share = 0.5 - 0.5 * math.cos(math.pi * age / fade_frames)
                values[p, edge] += share * (other[p, edge] - values[p, edge])
