"""Lanes, knobs, holds and take-overs at every frame, against a twin that says it word by word."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from livemaster.controls import ENGINE_CONTROLS, ROWS
from livemaster.engine import Lane, Program
from livemaster.engine.bank import LaneBank, Reel, control_tracks
from livemaster.engine.program import CONTROL_GLIDE_MS
from livemaster.nodes.contract import Parameter

RATE, QUANTUM = 48000, 64
GLIDE = round(CONTROL_GLIDE_MS * RATE / 1000)
PARAMETERS = (Parameter("a.gain", "dB", -6.0, 6.0, 0.0, ramp_ms=50.0), Parameter("b.gain", "dB", -20.0, 9.0, 1.0))
SHIFTS = (0, 130)
START = {"reactivity": 0.5, "dynamics": 0.2, "amount": 0.9, "amount_eq": 0.8, "intensity": 0.3}


def raised_cosine(share: float) -> float:
    """0 until it begins, 1 from its end on."""
    return 0.5 - 0.5 * math.cos(math.pi * min(max(share, 0.0), 1.0))


@dataclass
class Steps:
    """Where a control stands: each step adds a glide of its own."""

    start: float
    glide: int
    steps: list[tuple[int, float]] = field(default_factory=list)

    def at(self, frame: int, of: Callable[[float], float] = lambda target: target) -> float:
        value, before = of(self.start), self.start
        for begins, target in self.steps:
            value += raised_cosine((frame - begins) / self.glide) * (of(target) - of(before))
            before = target
        return value


@dataclass
class Twin:
    """All values of a bank, each worked out alone."""

    reels: list[tuple[Program, int, int, int]]
    controls: dict[str, Steps]
    holds: list[tuple[Steps, Steps]]

    def value(self, row: int, frame: int) -> float:
        at = frame - SHIFTS[row]
        found = self._held(row, self.reels[0], at)
        for reel in self.reels[1:]:
            found += raised_cosine((at - reel[2]) / reel[3]) * (self._held(row, reel, at) - found)
        return found

    def _held(self, row: int, reel: tuple[Program, int, int, int], at: int) -> float:
        target, weight = (each.at(at) for each in self.holds[row])
        lane = self._lane(PARAMETERS[row], reel[0].lanes[row], reel[1], at)
        return lane + weight * (target - lane)

    def _lane(self, parameter: Parameter, lane: Lane, origin: int, at: int) -> float:
        low, high = lane.limits or (parameter.low, parameter.high)
        place = at - origin
        after = sum(frame <= place for frame in lane.frames)
        value = self._corners(lane.values[max(after - 1, 0)], at)
        if 0 < after < len(lane.frames):
            first, last = lane.frames[after - 1 : after + 1]
            value += raised_cosine((place - first) / (last - first)) * (self._corners(lane.values[after], at) - value)
        if lane.trim is not None:
            value = self.controls[lane.trim].at(at, lambda trim: min(max(value + trim, low), high))
        value = min(max(value, low), high)
        if lane.stage is None:
            return value
        stages = {"amount", lane.stage}
        return lane.neutral + math.prod(self.controls[name].at(at) for name in stages) * (value - lane.neutral)

    def _corners(self, value: float | tuple[float, ...], at: int) -> float:
        if not isinstance(value, tuple):
            return value
        reactivity, dynamics, held, intensity = (
            self.controls[name].at(at) for name in ("reactivity", "dynamics", "override", "intensity")
        )
        rows = []
        for row in range(3):
            line = list(value[3 * row : 3 * row + 3])
            for further, by_hand in enumerate(np.reshape(value[9 + 6 * row : 15 + 6 * row], (-1, 3))):
                line[1 + further] += held * (float(np.interp(intensity, (0.0, 0.5, 1.0), by_hand)) - line[1 + further])
            rows.append(float(np.interp(reactivity, (0.0, 1.0, 1.5), line)))
        return float(np.interp(dynamics, (-1.0, 0.0, 1.0), rows))


def bank_of(program: Program, max_quanta: int = 8) -> LaneBank:
    settings = {p.id: p.default for p in PARAMETERS}
    controls = control_tracks(program, RATE, CONTROL_GLIDE_MS)
    shifts = np.array(SHIFTS, np.int64)
    return LaneBank(PARAMETERS, settings, shifts, program, controls, RATE, max_quanta)


def drawn_program(rng: np.random.Generator) -> Program:
    """Two lanes with some breakpoints, some of them alike, in one value, nine or all 27."""
    lanes = []
    for parameter in PARAMETERS:
        frames = tuple(np.cumsum(rng.integers(1, 6000, rng.integers(1, 8))).tolist())
        values: list[float | tuple[float, ...]] = []
        for _ in frames:
            size = int(rng.choice((1, 9, 27)))
            new = tuple(rng.uniform(-9.0, 9.0, size).tolist()) if size > 1 else float(rng.uniform(-9.0, 9.0))
            last = values[-1] if values else new
            if isinstance(last, tuple) and rng.random() < 0.3:  # alike but for what stands there by hand
                new = (*last[:9], *rng.uniform(-9.0, 9.0, 18).tolist())
            values.append(last if rng.random() < 0.5 else new)
        stage, trim = (None, "amount", "amount_eq")[rng.integers(3)], (None, "bass")[rng.integers(2)]
        limits = (-4.0, 5.0) if rng.random() < 0.3 else None
        lanes.append(Lane(parameter.id, frames, tuple(values), float(rng.uniform(-1, 1)), stage, trim, limits))
    return Program(tuple(lanes), START)


@pytest.mark.parametrize("seed", range(10))
def test_every_value_is_what_the_twin_says_however_it_is_asked_for(seed: int) -> None:
    """Knobs turned, parameters held and let go, other lanes and places, in calls of any size, also while all rests."""
    rng, program = np.random.default_rng(seed), drawn_program(np.random.default_rng([seed, 1]))
    bank = bank_of(program)
    names = list(ENGINE_CONTROLS)
    controls = {name: Steps(START.get(name, each.rest), GLIDE) for name, each in ENGINE_CONTROLS.items()}
    ramps = [round(p.ramp_ms * RATE / 1000) for p in PARAMETERS]
    twin = Twin(
        [(program, 0, 0, 1)],
        controls,
        [(Steps(p.default, r), Steps(0.0, r)) for p, r in zip(PARAMETERS, ramps, strict=True)],
    )
    frame, quanta = 0, 1
    while frame < 30_000:
        for name in rng.choice(names, rng.integers(0, 3), replace=False) if rng.random() < 0.1 else ():
            low, high = ENGINE_CONTROLS[name].low, ENGINE_CONTROLS[name].high
            wanted = float(rng.choice((low, high, rng.uniform(low, high))))
            bank._controls.step(names.index(name), frame, wanted)
            twin.controls[name].steps.append((frame, wanted))
        if rng.random() < 0.04:
            row = int(rng.integers(2))
            hold = None if rng.random() < 0.4 else float(rng.uniform(-30.0, 12.0))
            bank.override(frame, PARAMETERS[row].id, hold)
            known = bool(twin.holds[row][1].steps)
            if hold is not None:
                hold = min(max(hold, PARAMETERS[row].low), PARAMETERS[row].high)
                if known:
                    twin.holds[row][0].steps.append((frame, hold))
                else:
                    twin.holds[row][0].start = hold
            twin.holds[row][1].steps.append((frame, 0.0 if hold is None else 1.0))
        if rng.random() < 0.03:
            entering, origin, fade = (
                drawn_program(rng),
                frame - int(rng.integers(-500, 9000)),
                int(rng.integers(1, 4000)),
            )
            bank.enter(Reel(bank.pack(entering), origin, frame, fade))
            twin.reels.append((entering, origin, frame, fade))
        quanta = quanta if rng.random() < 0.7 else int(rng.integers(1, 9))
        found = bank.values(frame, quanta)
        edges = [frame + edge * QUANTUM for edge in range(quanta + 1)]
        expected = [[twin.value(row, edge) for edge in edges] for row in range(len(PARAMETERS))]
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)
        frame = edges[-1]


def constant(rng: np.random.Generator, parameter: Parameter) -> Lane:
    return Lane(parameter.id, (0,), (tuple(rng.uniform(-3.0, 3.0, 27).tolist()),), trim="bass")


def changing(rng: np.random.Generator, parameter: Parameter, number: int) -> Lane:
    """All rests until some frame; from then on one of the 27 values goes elsewhere."""
    (values,) = constant(rng, parameter).values
    assert isinstance(values, tuple)
    other = list(values)
    other[number] += 2.0
    begins = int(rng.integers(2000, 4000))
    return Lane(parameter.id, (100, begins, begins + 2000), (values, values, tuple(other)), trim="bass")


def heard_at(number: int) -> dict[str, float]:
    """Positions of the controls at which that one of a breakpoint's 27 values counts."""
    row, column = divmod(number, 3) if number < 9 else divmod(number - 9, 6)
    beyond = column == 2 if number < 9 else column >= 3
    intensity = 0.4 if number < 9 else (0.2, 0.4, 0.8)[column % 3]
    positions = {"dynamics": (-0.5, 0.5, 0.5)[row], "reactivity": 1.25 if beyond else 0.5}
    return positions | {"override": 0.5, "intensity": intensity}


@pytest.mark.parametrize("kind", ["lane", "knob", "hold", "place"])
def test_what_rests_moves_when_it_must_to_the_bit(kind: str) -> None:
    """Values that are kept while nothing moves are those that are worked out anew for every edge."""
    for seed in range(54):
        rng = np.random.default_rng([seed, len(kind)])
        row, quanta, moves = int(rng.integers(2)), int(rng.integers(1, 9)), int(rng.integers(20, 50))
        lanes = [constant(rng, parameter) for parameter in PARAMETERS]
        if kind == "lane":
            lanes[row] = changing(rng, PARAMETERS[row], seed % 27)
        program = Program(tuple(lanes), heard_at(seed % 27))
        kept, anew = bank_of(program), bank_of(program)
        control, target = int(rng.integers(len(ENGINE_CONTROLS))), float(rng.uniform(0.0, 1.0))
        for call in range(9000 // QUANTUM // quanta):
            frame = call * quanta * QUANTUM
            for bank in (kept, anew) if call == moves // quanta else ():
                if kind == "knob":
                    bank._controls.step(control, frame, target)
                if kind == "hold":
                    bank.override(frame, PARAMETERS[row].id, target)
                if kind == "place":
                    lanes[row] = changing(np.random.default_rng(seed), PARAMETERS[row], seed % 27)
                    origin = frame + (-1500, 0, 1500)[seed % 3]
                    bank.enter(Reel(bank.pack(Program(tuple(lanes))), origin, frame, 320))
            found = kept.values(frame, quanta).copy()
            for edge in range(quanta + 1):
                expected = anew.values(frame + edge * QUANTUM, 1 + edge % 2)[:, 0]  # never twice of one size
                assert np.array_equal(found[:, edge], expected), (seed, frame, edge)


def glide(kind: str) -> tuple[list[float], int]:
    """From −4 to 4 at every quantum edge of a glide of this kind, and how long it is."""
    lane = Lane("a.gain", (0,), (-4.0,), trim="bass")
    other = Lane("b.gain", (0,), (0.0,))
    length = {"lane": 6400, "knob": GLIDE, "hold": 2400, "take-over": 3200, "trim": GLIDE}[kind]
    if kind == "lane":
        lane = Lane("a.gain", (0, length), (-4.0, 4.0))
    if kind == "knob":
        lane = Lane("a.gain", (0,), ((-4.0, 4.0, 5.0) * 3,))
    bank = bank_of(Program((lane, other), {"reactivity": 0.0}), 200)
    if kind in ("knob", "trim"):
        name, target = ("reactivity", 1.0) if kind == "knob" else ("bass", 8.0)
        bank._controls.step(ROWS[name], 0, target)
    if kind == "hold":
        bank.override(0, "a.gain", 4.0)
    if kind == "take-over":
        bank.enter(Reel(bank.pack(Program((Lane("a.gain", (0,), (4.0,)), other))), 0, 0, length))
    return bank.values(0, 200)[0].tolist(), length


@pytest.mark.parametrize("kind", ["lane", "knob", "trim", "hold", "take-over"])
def test_a_glide_is_a_raised_cosine(kind: str) -> None:
    """No slope at either end, the steepest in the middle, as much before it as after, and no further than its end."""
    values, length = glide(kind)
    for edge, value in enumerate(values):
        assert value == pytest.approx(-4.0 + 8.0 * raised_cosine(edge * QUANTUM / length), abs=1e-9)
    steps = np.diff(values)[: -(-length // QUANTUM)]
    assert max(abs(steps[0]), abs(values[length // QUANTUM + 1] - values[length // QUANTUM])) < 0.2 * steps.max()
    assert steps.max() == pytest.approx(8.0 * math.pi / 2 * QUANTUM / length, rel=0.02)
