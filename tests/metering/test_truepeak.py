"""True peak: the kernels equal brute force wherever a threshold can be exceeded, and miss nothing."""

from __future__ import annotations

import numpy as np
import pytest
import reference
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from livemaster.dsp import truepeak
from livemaster.units import QUANTUM_FRAMES

FRAMES = 4096
ROUNDING = 3e-6  # float32 arithmetic on 48 taps


def hard_signals() -> dict[str, NDArray[np.float32]]:
    """Signals whose peaks between samples are as high above the samples as they get."""
    rng = np.random.default_rng(1770)
    n = np.arange(FRAMES)
    flips = np.where(rng.random(FRAMES) < 0.08, -1.0, 1.0).cumprod()
    burst = np.zeros(FRAMES)
    burst[1000:1048] = np.sign(reference.prototype()[8 + 16 * np.arange(48)])
    signals = {
        "noise": rng.standard_normal(FRAMES),
        "uniform noise": rng.uniform(-1, 1, FRAMES),
        "clipped noise": np.clip(3 * rng.standard_normal(FRAMES), -1, 1),
        "random signs": rng.choice([-1.0, 1.0], FRAMES),
        "alternating with flips": (-1.0) ** n * flips,
        "square": np.sign(np.sin(2 * np.pi * 0.011 * n + 0.1)),
        "fs/4 at 45 degrees": np.sin(np.pi / 2 * n + np.pi / 4),
        "near-Nyquist beats": np.sin(np.pi * 0.97 * n) + np.sin(np.pi * 0.995 * n),
        "worst burst": burst,
        "impulses": (rng.random(FRAMES) < 0.01) * rng.choice([-1.0, 1.0], FRAMES),
        "slow sine": np.sin(2 * np.pi * 0.003 * n),
        "steps": np.repeat(rng.uniform(-1, 1, FRAMES // 32), 32),
        "fading noise": rng.standard_normal(FRAMES) * np.exp(-n / 500),
    }
    return {name: (x / reference.true_peak(x)).astype(np.float32) for name, x in signals.items()}


SIGNALS = hard_signals()


def scanned(x: NDArray[np.float32], threshold: float, itu_weight: float = 0.0) -> NDArray[np.float32]:
    """Kernel peaks for n = −24 … len(x) + 39, quantum by quantum."""
    extended = np.concatenate([np.zeros(47, np.float32), x, np.zeros(64, np.float32)])
    peaks = np.zeros(len(x) + 64, np.float32)
    work = truepeak.true_peak_work()
    for first in range(0, len(x) + 64, QUANTUM_FRAMES):
        truepeak.raise_peaks(
            extended[first : first + QUANTUM_FRAMES + 47],
            np.float32(threshold),
            np.float32(itu_weight),
            work,
            peaks[first : first + QUANTUM_FRAMES],
        )
    return peaks


def test_table_is_the_reference_interpolator() -> None:
    response = reference.prototype()
    expected = [[response[384 + p - 16 * j] for j in range(-23, 25)] for p in range(16)]
    np.testing.assert_allclose(truepeak.interpolation_table(), expected, rtol=0, atol=6e-8)


@pytest.mark.parametrize("name", SIGNALS)
def test_every_frame_equals_brute_force_when_nothing_is_skipped(name: str) -> None:
    x = SIGNALS[name]
    expected = reference.frame_peaks(x)
    np.testing.assert_allclose(scanned(x, -1.0)[: len(expected)], expected, rtol=0, atol=ROUNDING)


@pytest.mark.parametrize("name", SIGNALS)
def test_nothing_above_the_threshold_is_missed_and_nothing_below_is_invented(name: str) -> None:
    x = SIGNALS[name]
    expected = reference.frame_peaks(x)
    for threshold in np.linspace(0.03, 1.0, 60):
        found = scanned(x, threshold)[: len(expected)]
        above = expected > threshold * (1 + 1e-6)
        np.testing.assert_allclose(found[above], expected[above], rtol=0, atol=ROUNDING)
        assert np.all(found[~above] <= expected[~above] + ROUNDING)


@pytest.mark.parametrize("name", SIGNALS)
def test_itu_filter_is_watched_when_asked(name: str) -> None:
    x = SIGNALS[name]
    highest = max(reference.true_peak(x), reference.itu_true_peak(x))
    for threshold in (0.3 * highest, 0.999 * highest):
        assert scanned(x, threshold, 1.0).max() == pytest.approx(highest, abs=ROUNDING)


def test_peak_falls_in_the_frame_that_holds_it() -> None:
    x = np.zeros(256, np.float32)
    x[100:102] = 1.0
    peaks = scanned(x, 0.9)
    assert int(peaks.argmax()) - 24 == 100
    halfway = 4 / np.pi * np.i0(9 * np.sqrt(1 - (0.5 / 24) ** 2)) / np.i0(9)
    assert peaks[124] == pytest.approx(halfway, abs=ROUNDING)


@pytest.mark.parametrize("quanta", [1, 3, 8])
def test_running_maximum_equals_brute_force_for_any_split(quanta: int) -> None:
    names = ["noise", "alternating with flips", "slow sine"]
    x = np.stack([SIGNALS[name] for name in names] + [np.zeros(FRAMES, np.float32)])
    padded = np.concatenate([np.zeros((4, 47)), x, np.zeros((4, 64 * 9))], axis=1).astype(np.float32)
    maxima, work = np.zeros(4), truepeak.true_peak_work()
    step = quanta * QUANTUM_FRAMES
    for first in range(0, FRAMES + 64, step):
        part = np.ascontiguousarray(padded[:, first : first + step + 47])
        truepeak.advance_true_peaks(part, maxima, work)
    expected = [reference.true_peak(SIGNALS[name]) for name in names] + [0.0]
    np.testing.assert_allclose(maxima, expected, rtol=0, atol=ROUNDING)


def test_raised_peaks_are_the_largest_of_the_channels() -> None:
    a, b = SIGNALS["noise"], SIGNALS["square"]
    window = slice(512, 512 + QUANTUM_FRAMES + 47)
    together, alone = np.zeros(64, np.float32), np.zeros((2, 64), np.float32)
    work, none = truepeak.true_peak_work(), np.float32(0)
    for channel, x in enumerate((a, b)):
        truepeak.raise_peaks(x[window].copy(), none, none, work, together)
        truepeak.raise_peaks(x[window].copy(), none, none, work, alone[channel])
    assert np.array_equal(together, alone.max(axis=0))


# -- what is skipped ---------------------------------------------------------------------------------------------

WINDOW = QUANTUM_FRAMES + 47
CENTRE = 23
"""An answer for frame n is made from the samples n − 23 … n + 24."""
TABLE = truepeak._exact_table()
ITU = truepeak._itu_rows()


def constants(gate: str) -> tuple[list[NDArray[np.float64]], float, float]:
    """The rows that a gate bounds, and by what: so much of the level, and of the largest second difference."""
    if gate == "input":
        return [*TABLE, *ITU], float(truepeak._INPUT_LEVEL), float(truepeak._INPUT_CURVATURE)
    return truepeak._between_coarse(), float(truepeak._COARSE_LEVEL), float(truepeak._COARSE_CURVATURE)


def steepest(row: NDArray[np.float64], level: float, curvature: float) -> NDArray[np.float64]:
    """Of all signals with that level at the two frames in the middle and that curvature the one with the most of `row`.

    A row is linear in these two and in the second differences, and each of these has what it weighs.
    """
    bends = np.zeros((46, 48))
    for k in range(46):
        bends[k, k : k + 3] = 1.0, -2.0, 1.0
    ends = np.eye(48)[[CENTRE, CENTRE + 1]]
    weights = np.linalg.solve(np.concatenate([ends, bends]).T, row)
    wanted = np.concatenate([level * np.sign(weights[:2]), curvature * np.sign(weights[2:])])
    return np.asarray(np.linalg.solve(np.concatenate([ends, bends]), wanted))


@pytest.mark.parametrize("gate", ["input", "coarse"])
def test_the_bounds_of_the_gates_hold_for_every_signal_and_are_no_wider_than_they_must(gate: str) -> None:
    rows, most_level, most_curvature = constants(gate)
    for level, curvature in ((0.0, 1.0), (1.0, 0.0), (1.0, 1e-4), (1.0, 0.1), (1.0, 3.0)):
        bound = most_level * level + most_curvature * curvature
        reached = [float(row @ steepest(row, level, curvature)) for row in rows]
        assert max(reached) <= bound
        if level * curvature == 0.0:
            assert max(reached) >= bound * 0.999 - 7e-5 * level


def shifted(row: NDArray[np.float64], at: int) -> NDArray[np.float64]:
    whole = np.zeros(WINDOW)
    whole[at : at + len(row)] = row
    return whole


def largest(
    row: NDArray[np.float64], at: int, curvature: float, within: list[NDArray[np.float64]]
) -> NDArray[np.float32]:
    """Of all signals that are bent by `curvature` at most, and only where `row` reaches at frame `at`, and which the
    rows `within` leave at 1 at most, the one with the most of `row`: no gate can be nearer to letting it pass."""
    bends = [shifted(np.array([1.0, -2.0, 1.0]), k) for k in range(WINDOW - 2)]
    limits = sparse.csr_matrix(np.array([*bends, *within]))
    bent = [curvature if at <= k < at + 46 else 0.0 for k in range(WINDOW - 2)]
    most = np.tile([*bent, *(1.0 for _ in within)], 2)
    found = linprog(-shifted(row, at), sparse.vstack([limits, -limits]), most, bounds=(None, None), method="highs")
    assert found.success
    return np.asarray(found.x, np.float32)


@pytest.mark.parametrize(
    ("gate", "curvature", "at"),
    [("input", 0.3, 63), ("input", 1.0, 0), ("input", 4.0, 0), ("coarse", 1.0, 63), ("coarse", 2.0, 63)],
)
def test_no_peak_stands_in_what_is_skipped_though_it_was_built_for_that(gate: str, curvature: float, at: int) -> None:
    """Flat where the gate looks, and as high as can be where it does not."""
    if gate == "input":
        rows = [(TABLE[8], 0.0), (ITU[1], 1.0)]
        within = [shifted(np.ones(1), CENTRE + i) for i in range(QUANTUM_FRAMES + 1)]
    else:
        rows = [(TABLE[6], 0.0)]
        within = [shifted(TABLE[phase], i) for phase in (4, 8, 12) for i in range(QUANTUM_FRAMES)]
        within += [shifted(np.full(1, 1.25), CENTRE + i) for i in range(QUANTUM_FRAMES + 1)]  # the samples at 0.8
    for row, itu_weight in rows:
        x, peaks = largest(row, at, curvature, within), np.zeros(QUANTUM_FRAMES, np.float32)
        peak = np.float32(abs(row @ x[at : at + 48].astype(np.float64)))
        assert peak > 1.0 + 0.03 * curvature
        threshold, work = peak * np.float32(1 - 2e-6), truepeak.true_peak_work()
        told = truepeak.raise_peaks(x, threshold, np.float32(itu_weight), work, peaks)
        assert min(told, peaks[at]) >= peak * (1 - 1e-5)


def test_a_peak_on_the_way_to_the_next_quantum_is_seen() -> None:
    """A rise that is straight where it ends: of the last frame only the next one's first sample tells its height."""
    x = np.maximum(1.0 + 0.25 * (np.arange(WINDOW) - CENTRE - QUANTUM_FRAMES), -0.5).astype(np.float32)
    peaks = np.zeros(QUANTUM_FRAMES, np.float32)
    told = truepeak.raise_peaks(x, np.float32(0.97), np.float32(0.0), truepeak.true_peak_work(), peaks)
    assert told == peaks[-1] == pytest.approx(1.0 - 0.25 / 16, abs=1e-3)
