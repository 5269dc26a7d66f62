"""The laws, over every node, every chain preset and every mode, at four rates."""

from __future__ import annotations

import tracemalloc
from functools import cache

import numpy as np
import pytest
from reference import itu_true_peak, true_peak
from scipy import signal
from subjects import RATES, SECTION_S, Subject, subjects

from livemaster.controls import ENGINE_CONTROLS
from livemaster.engine import Command, Engine
from livemaster.graph import Graph, NodeSpec

ALL = subjects()
OVER_ALL = pytest.mark.parametrize("subject", ALL, ids=lambda s: s.name)
OVER_RATES = pytest.mark.parametrize("rate_hz", RATES)
TOLERANCE_DB = 0.05


def run(engine: Engine, x: np.ndarray, sizes: int | None = None, seed: int = 0) -> np.ndarray:
    """`x` through `engine` in portions of `sizes` frames; None is all at once, 0 is random."""
    y = np.empty_like(x)
    rng = np.random.default_rng(seed)
    at = 0
    while at < x.shape[1]:
        size = x.shape[1] if sizes is None else sizes or int(rng.integers(1, 5000))
        engine.render(x[:, at : at + size], y[:, at : at + size])
        at += size
    return y


FADE_FRAMES = 2000


def run_out(engine: Engine, x: np.ndarray) -> np.ndarray:
    """All of `x` through `engine`, and a fade-out over what still rings: a cut through the sound would be a peak of
    the test's own making."""
    y = run(engine, np.pad(x, ((0, 0), (0, engine.latency + FADE_FRAMES))))
    y[:, -FADE_FRAMES:] *= 0.5 + 0.5 * np.cos(np.linspace(0.0, np.pi, FADE_FRAMES, dtype=np.float32))
    return y


@cache
def programme(seed: int, rate_hz: int, seconds: float, peak: float) -> np.ndarray:
    """Seeded stereo programme: noise with a moving spectrum, tones, bursts; largest sample `peak`."""
    rng = np.random.default_rng(seed)
    frames = int(seconds * rate_hz)
    t = np.arange(frames) / rate_hz
    x = rng.standard_normal((2, frames))
    x = signal.sosfilt(signal.butter(2, rng.uniform(500, 0.45 * rate_hz), fs=rate_hz, output="sos"), x)
    x += np.sin(2 * np.pi * rng.uniform(40, 5000) * t) * rng.uniform(0, 3)
    x *= 0.2 + np.abs(np.sin(2 * np.pi * rng.uniform(0.5, 6) * t))
    for _ in range(3):
        at = int(rng.integers(0, frames))
        x[:, at : at + 300] *= rng.uniform(1, 8)
    return (x * (peak / np.abs(x).max())).astype(np.float32)


def random_script(engine: Engine, rng: np.random.Generator, frames: int, count: int) -> None:
    """Random moves of every control and parameter the engine has."""
    ranges = {name: (each.low, each.high) for name, each in ENGINE_CONTROLS.items()}
    ranges |= {p.id: (p.low, p.high) for p in engine.parameters if p.id != "limiter.ceiling_db"}
    names = sorted(ranges)
    for _ in range(count):
        name = names[int(rng.integers(len(names)))]
        low, high = ranges[name]
        engine.command(Command(int(rng.integers(0, frames)), name, float(rng.uniform(low, high))))


# -- law 2 ---------------------------------------------------------------------------------------------------------


@OVER_RATES
@OVER_ALL
def test_feed_size_does_not_change_a_bit(subject: Subject, rate_hz: int):
    x = programme(1, rate_hz, 0.5, 0.9)
    short = x[:, :3000]
    whole = run(subject.engine(rate_hz), x)
    for sizes in (37, 64, 480, 4096, 0):
        assert np.array_equal(run(subject.engine(rate_hz), x, sizes), whole), f"portions of {sizes}"
    assert np.array_equal(run(subject.engine(rate_hz), short, 1), whole[:, :3000])


# -- law 3 ---------------------------------------------------------------------------------------------------------


def assert_ceiling_holds(y: np.ndarray, ceiling_dbtp: float) -> None:
    most = 10 ** ((ceiling_dbtp + TOLERANCE_DB) / 20)
    assert np.isfinite(y).all()
    assert true_peak(y) <= most
    assert itu_true_peak(y) <= most


@OVER_RATES
@OVER_ALL
def test_the_ceiling_holds_whatever_the_knobs_do(subject: Subject, rate_hz: int):
    x = programme(2, rate_hz, 0.3, 3.0)
    engine = subject.engine(rate_hz, ceiling_dbtp=-1.5)
    random_script(engine, np.random.default_rng(7), x.shape[1], 25)
    assert_ceiling_holds(run_out(engine, x), -1.5)


@pytest.mark.parametrize("seed", range(200))
def test_the_ceiling_holds_over_random_programmes_and_scripts(seed: int):
    rng = np.random.default_rng(1000 + seed)
    rate_hz = RATES[seed % 4]
    subject = ALL[int(rng.integers(len(ALL)))]
    ceiling_dbtp = float(rng.uniform(-6.0, -0.1))
    x = programme(1000 + seed, rate_hz, 0.12, float(rng.uniform(0.2, 8.0)))
    engine = subject.engine(rate_hz, ceiling_dbtp=ceiling_dbtp)
    random_script(engine, rng, x.shape[1], 12)
    assert_ceiling_holds(run_out(engine, x), ceiling_dbtp)


def hard_cases(rate_hz: int) -> dict[str, np.ndarray]:
    frames = rate_hz // 5
    n = np.arange(frames)
    rng = np.random.default_rng(3)
    step = np.where(n < frames // 2, 0.0, 1.0)
    nan_burst = rng.standard_normal(frames) * 0.5
    nan_burst[1000:1100] = np.nan
    nan_burst[2000] = np.inf
    flips = np.where(rng.random(frames) < 0.1, -1.0, 1.0).cumprod() * (-1.0) ** n
    cases = {
        "square": np.where((n // 50) % 2 == 0, 1.0, -1.0),
        "square of one frame": (-1.0) ** n,
        "fs/4 at 45 degrees": np.sin(np.pi / 2 * n + np.pi / 4) * 1.5,
        "single-sample step": step,
        "single sample": np.where(n == frames // 2, 4.0, 0.0),
        "alternating with phase flips": flips,
        "clipped full-band noise": np.clip(rng.standard_normal(frames) * 4, -1, 1),
        "silence": np.zeros(frames),
        "NaN burst": nan_burst,
        "absurdly loud": rng.standard_normal(frames) * 1e30,
    }
    return {name: np.ascontiguousarray(np.stack([x, np.roll(x, 7)]), np.float32) for name, x in cases.items()}


@OVER_RATES
@pytest.mark.parametrize("subject", [s for s in ALL if s.mode or s.name == "node limiter"], ids=lambda s: s.name)
def test_the_ceiling_holds_for_the_hardest_signals(subject: Subject, rate_hz: int):
    for name, x in hard_cases(rate_hz).items():
        y = run_out(subject.engine(rate_hz, ceiling_dbtp=-1.0), x)
        assert true_peak(y) <= 10 ** ((-1.0 + TOLERANCE_DB) / 20), name
        assert itu_true_peak(y) <= 10 ** ((-1.0 + TOLERANCE_DB) / 20), name


# -- law 5 ---------------------------------------------------------------------------------------------------------


def assert_no_click(y: np.ndarray, rate_hz: int) -> None:
    """Nothing above −80 dBFS is left behind an 8th-order high-pass at 8 kHz, the filter's own start left out."""
    sos = signal.butter(8, 8000, "highpass", fs=rate_hz, output="sos")
    settled = signal.sosfilt(sos, y.astype(np.float64))[:, rate_hz // 5 :]
    assert np.abs(settled).max() < 10 ** (-80 / 20)


def sine(rate_hz: int, seconds: float) -> np.ndarray:
    """100 Hz at −6 dBFS on the left, half of it on the right."""
    left = 10 ** (-6 / 20) * np.sin(2 * np.pi * 100 * np.arange(int(seconds * rate_hz)) / rate_hz)
    return np.stack([left, left / 2]).astype(np.float32)


def calm_range(p) -> tuple[float, float]:
    """Where a parameter can go without lifting the sine into the limiter."""
    if p.unit == "dB":
        return max(p.low, -12.0), min(p.high, 0.0)
    return p.low, p.high


@OVER_RATES
@OVER_ALL
def test_no_parameter_clicks(subject: Subject, rate_hz: int):
    x = sine(rate_hz, 0.9)
    engine = subject.engine(rate_hz, ceiling_dbtp=0.0)
    body = [p for p in engine.parameters if not p.id.startswith(("limiter.", "compare."))]
    for p in body or [None]:
        engine = subject.engine(rate_hz, ceiling_dbtp=0.0)
        if p is not None:
            low, high = calm_range(p)
            for i, value in enumerate((low, high, low)):
                engine.command(Command(int((0.3 + 0.2 * i) * rate_hz), p.id, value))
        assert_no_click(run(engine, x), rate_hz)


@OVER_RATES
@pytest.mark.parametrize("subject", [s for s in ALL if s.mode], ids=lambda s: s.name)
def test_no_section_change_control_or_comparison_clicks(subject: Subject, rate_hz: int):
    x = sine(rate_hz, 3 * SECTION_S)
    moves = [None, ("reactivity", 0.0), ("amount", 0.0), ("dynamics", -1.0), ("compare.mix", 1.0), ("treble", -12.0)]
    for move in moves:
        engine = subject.engine(rate_hz, ceiling_dbtp=0.0)
        if move is not None:
            for i in range(6):
                value = (
                    move[1] if i % 2 == 0 else (ENGINE_CONTROLS[move[0]].rest if move[0] in ENGINE_CONTROLS else 0.0)
                )
                engine.command(Command(int((0.3 + 0.11 * i) * rate_hz), move[0], value))
        assert_no_click(run(engine, x), rate_hz)


@OVER_RATES
@OVER_ALL
def test_no_change_of_graph_clicks(subject: Subject, rate_hz: int):
    x = sine(rate_hz, 0.9)
    plain = Graph.chain([NodeSpec("other", "gain", {"gain_db": -3.0})])
    engine = Engine(plain, rate_hz, 2, ceiling_dbtp=0.0, latency_reserve=2000)
    y = np.empty_like(x)
    third = x.shape[1] // 3
    engine.render(x[:, :third], y[:, :third])
    engine.load(subject.graph)
    engine.render(x[:, third : 2 * third], y[:, third : 2 * third])
    engine.load(plain)
    engine.render(x[:, 2 * third :], y[:, 2 * third :])
    assert_no_click(y, rate_hz)


# -- law 7 ---------------------------------------------------------------------------------------------------------


@OVER_RATES
@OVER_ALL
def test_neutral_returns_the_input_bit_for_bit(subject: Subject, rate_hz: int):
    x = programme(4, rate_hz, 0.6, 0.95)
    x = (x * (10 ** (-1.0 / 20) / max(true_peak(x), itu_true_peak(x)))).astype(np.float32)
    engine = subject.engine(rate_hz, amount=0.0)
    y = run(engine, x)
    assert np.array_equal(y[:, engine.latency :], x[:, : -engine.latency])


# -- law 8 ---------------------------------------------------------------------------------------------------------


@OVER_RATES
@OVER_ALL
def test_silence_in_is_silence_out(subject: Subject, rate_hz: int):
    assert not run(subject.engine(rate_hz), np.zeros((2, rate_hz // 2), np.float32)).any()


@OVER_RATES
@OVER_ALL
def test_what_is_no_number_is_counted_and_nothing_lasts_of_it(subject: Subject, rate_hz: int):
    x = programme(5, rate_hz, 0.5, 0.5).copy()
    x[0, 5000:5050] = np.nan
    x[1, 6000] = -np.inf
    engine = subject.engine(rate_hz)
    y = run(engine, x)
    assert np.isfinite(y).all()
    assert engine.report.nonfinite_samples == 51
    assert not engine.report.failures


@OVER_ALL
def test_after_the_sound_every_state_ends_in_exact_silence(subject: Subject):
    """Nothing decays into denormal numbers: what falls below 1e-30 is flushed."""
    rate_hz = 44100
    engine = subject.engine(rate_hz)
    run(engine, programme(6, rate_hz, 0.3, 0.5))
    run(engine, np.zeros((2, 6 * rate_hz), np.float32))
    assert not run(engine, np.zeros((2, 6400), np.float32)).any()


# -- law 9 ---------------------------------------------------------------------------------------------------------


@OVER_ALL
def test_memory_does_not_grow_with_length(subject: Subject):
    rate_hz = 48000
    engine = subject.engine(rate_hz)
    x = programme(8, rate_hz, 0.3, 0.5)
    run(engine, x, 4096)
    tracemalloc.start()
    try:
        run(engine, x, 4096)
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(20):
            run(engine, x, 4096)
        assert tracemalloc.get_traced_memory()[0] - before < 16_384
    finally:
        tracemalloc.stop()
