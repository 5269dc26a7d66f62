"""Parameter values over time: lanes, control tracks, and their blend, as pure functions of the frame.

A *track* is a list of steps (frame, target), each reached by a raised-cosine glide of fixed length; overlapping
glides add up, so that the value and its slope are continuous however fast the steps follow one another.
A *lane* is a list of breakpoints with raised-cosine ramps between them, for each of six corners: dynamics
−1, 0, +1 × reactivity 0, 1.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from livemaster.dsp._jit import kernel

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

CORNERS = 6
"""Values a lane holds per breakpoint: index 2·(dynamics + 1) + reactivity for dynamics −1, 0, 1, reactivity 0, 1."""
TRACK_STEPS = 1024
"""Steps that a track remembers, half of them at least: more than fit into any glide, at one a quantum."""

REACTIVITY, DYNAMICS, AMOUNT = 0, 1, 2
"""Rows of the three blending controls in the control tracks."""


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
) -> None:
    """[audio] Values of every parameter at the edges of the quanta that start at `first_frame`.

    `layout[p]` = (shift in frames, first and end breakpoint, control row of its stage or −1, of its trim or −1);
    `limits[p]` = (low, high, neutral). Override tracks come in pairs: value at 2·p, weight at 2·p + 1.
    `values`: (parameters, K + 1), written.
    """
    last_frame = first_frame + (values.shape[1] - 1) * quantum
    for p in range(values.shape[0]):
        shift, first, stop = layout[p, 0], layout[p, 1], layout[p, 2]
        at, _ = _lane_position(lane_frames, first, stop, first_frame - shift)
        end, _ = _lane_position(lane_frames, first, stop, last_frame - shift)
        still = at == end and (at == stop - 1 or _alike(lane_corners, at))
        for row in range(control_counts.shape[0]):
            still = still and _rests(control_frames, control_counts, control_glides, row, first_frame - shift)
        for row in (2 * p, 2 * p + 1):
            still = still and _rests(override_frames, override_counts, override_glides, row, first_frame - shift)
        for edge in range(values.shape[1]):
            if still and edge > 0:
                values[p, edge] = values[p, 0]
                continue
            frame = first_frame + edge * quantum - shift
            value = _lane_value(
                frame, first, stop, layout[p, 3], layout[p, 4], limits[p], lane_frames, lane_corners,
                control_frames, control_targets, control_counts, control_glides,
            )  # fmt: skip
            weight = _control(override_frames, override_targets, override_counts, override_glides, 2 * p + 1, frame)
            if weight > 0.0:
                fixed = _control(override_frames, override_targets, override_counts, override_glides, 2 * p, frame)
                value = value + weight * (fixed - value) if weight < 1.0 else fixed
            values[p, edge] = value


@kernel
def _lane_value(
    frame: int,
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
    at, share = _lane_position(lane_frames, first, stop, frame)
    react = _control(control_frames, control_targets, control_counts, control_glides, REACTIVITY, frame)
    dynamics = _control(control_frames, control_targets, control_counts, control_glides, DYNAMICS, frame)
    value = _corner_blend(lane_corners, at, react, dynamics)
    if share > 0.0:
        value += share * (_corner_blend(lane_corners, at + 1, react, dynamics) - value)
    if trim >= 0:
        value += _control(control_frames, control_targets, control_counts, control_glides, trim, frame)
    value = min(max(value, limits[0]), limits[1])
    if stage >= 0:
        amount = _control(control_frames, control_targets, control_counts, control_glides, AMOUNT, frame)
        if stage != AMOUNT:
            amount *= _control(control_frames, control_targets, control_counts, control_glides, stage, frame)
        value = limits[2] + amount * (value - limits[2]) if amount < 1.0 else value
    return float(value)


@kernel
def _rests(frames: Ints, counts: Ints, glides: Ints, row: int, frame: int) -> bool:
    """Whether a track has ended its last glide by `frame`."""
    last = counts[row] - 1
    return bool(last == 0 or frame - frames[row, last] >= glides[row])


@kernel
def _alike(corners: Floats, at: int) -> bool:
    """Whether breakpoint `at` and the next one hold the same values."""
    alike = True
    for c in range(CORNERS):
        alike = alike and corners[at, c] == corners[at + 1, c]
    return alike


@kernel
def _control(frames: Ints, targets: Floats, counts: Ints, glides: Ints, row: int, frame: int) -> float:
    return track_value(frames[row], targets[row], counts[row], glides[row], frame)


@kernel
def _corner_blend(corners: Floats, at: int, react: float, dynamics: float) -> float:
    c = corners[at]
    middle = c[2] + react * (c[3] - c[2])
    if dynamics == 0.0:
        return float(middle)
    side = 0 if dynamics < 0.0 else 4
    outer = c[side] + react * (c[side + 1] - c[side])
    return float(middle + abs(dynamics) * (outer - middle))
