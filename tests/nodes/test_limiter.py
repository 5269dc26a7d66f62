"""The limiter: the ceiling holds for whatever comes in, and what stays under it passes bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
import reference
from numpy.typing import NDArray
from programmes import FRAMES, PROGRAMMES, Signal, ceiling_script, programme
from scipy import signal

from livemaster.nodes.limiter import Limiter
from livemaster.units import QUANTUM_FRAMES, db_to_gain

RATES = (44100, 48000, 96000, 192000)
PER_RATE = 60  # programmes, so 240 in all
TOLERANCE_DB = 0.05
RELEASE_MS = 25.0

# -- playing ---------------------------------------------------------------------------------------------------


def limiter(rate_hz: int = 44100, channels: int = 2) -> Limiter:
    node = Limiter()
    node.prepare(rate_hz, channels, 256)
    return node


def quanta_for(node: Limiter, frames: int) -> int:
    """Enough to hear the last frame and all that its interpolation reaches."""
    return -(-(frames + node.latency) // QUANTUM_FRAMES) + 1


def play(
    node: Limiter,
    x: NDArray[np.float32],
    ceilings_db: Signal | float = -1.0,
    sizes: tuple[int, ...] = (256,),
    releases_ms: Signal | float = RELEASE_MS,
) -> NDArray[np.float32]:
    """The whole output with its latency; calls of `sizes` quanta in turn, from time zero."""
    node.reset()
    quanta = quanta_for(node, x.shape[1])
    values = np.empty((2, quanta + 1))
    values[0], values[1] = ceilings_db, releases_ms
    padded = np.zeros((x.shape[0], quanta * QUANTUM_FRAMES), np.float32)
    padded[:, : x.shape[1]] = x
    parts, at, turn = [], 0, 0
    while at < quanta:
        to = min(at + sizes[turn % len(sizes)], quanta)
        part = np.ascontiguousarray(padded[:, at * QUANTUM_FRAMES : to * QUANTUM_FRAMES])
        out = np.empty_like(part)
        node.process((part,), out, np.ascontiguousarray(values[:, at : to + 1]))
        parts.append(out)
        at, turn = to, turn + 1
    return np.concatenate(parts, axis=1)


def over_ceiling_db(y: NDArray[np.float32], node: Limiter, script: Signal) -> float:
    """Largest true peak of any frame over the ceiling that held for it, in dB."""
    frames = y.shape[1]
    edges = np.arange(len(script)) * QUANTUM_FRAMES
    ceilings_db = np.interp(np.arange(frames + 1) - node.latency, edges, script)
    highest = 10 ** (np.maximum(ceilings_db[:-1], ceilings_db[1:]) / 20)
    peaks = np.max([reference.frame_peaks(channel)[24 : 24 + frames] for channel in y], axis=0)
    return reference.to_db(float((peaks / highest).max()))


# -- law 3 -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate_hz", RATES)
def test_the_ceiling_holds_for_random_programmes(rate_hz: int) -> None:
    node = limiter(rate_hz)
    for number in range(PER_RATE):
        y = play(node, programme(np.random.default_rng([rate_hz, number]), number, rate_hz))
        assert reference.to_db(reference.true_peak(y)) <= -1.0 + TOLERANCE_DB, number
        assert reference.to_db(reference.itu_true_peak(y)) <= -1.0 + TOLERANCE_DB, number


@pytest.mark.parametrize("rate_hz", RATES)
def test_the_ceiling_holds_while_it_moves(rate_hz: int) -> None:
    node = limiter(rate_hz)
    for number in range(PER_RATE):
        rng = np.random.default_rng([rate_hz, number, 2])
        x = programme(rng, number, rate_hz)
        script = ceiling_script(rng, quanta_for(node, FRAMES) + 1)
        assert over_ceiling_db(play(node, x, script), node, script) <= TOLERANCE_DB, number


@pytest.mark.parametrize("rate_hz", [8000, *RATES])
@pytest.mark.parametrize("ceiling_db", [-24.0, -1.0, 0.0])
def test_the_ceiling_holds_for_full_scale_extremes(rate_hz: int, ceiling_db: float) -> None:
    n = np.arange(FRAMES)
    rng = np.random.default_rng(3)
    single_step = np.where(n < FRAMES // 2, -1.0, 1.0)
    burst = 0.1 * np.sin(0.05 * n) * np.where((n > 2000) & (n < 2600), 100.0, 1.0)
    tones = [np.sign(np.sin(0.02 * n + 0.1)), np.sin(np.pi / 2 * n + np.pi / 4), single_step, burst]
    x = np.stack([*tones, rng.choice([-1.0, 1.0], FRAMES), np.full(FRAMES, 1.0)]).astype(np.float32)
    y = play(limiter(rate_hz, len(x)), x, ceiling_db)
    assert reference.to_db(reference.true_peak(y)) <= ceiling_db + TOLERANCE_DB
    assert reference.to_db(reference.itu_true_peak(y)) <= ceiling_db + TOLERANCE_DB


def test_the_ceiling_holds_for_nan_infinity_and_absurd_levels() -> None:
    rng = np.random.default_rng(4)
    x = rng.standard_normal((2, FRAMES)).astype(np.float32)
    x[0, 1000:1100] = np.nan
    x[1, 1050:1060] = np.inf
    x[1, 3000:3003] = 3e38
    x[0, 4000] = -np.inf
    y = play(limiter(), x)
    assert np.all(np.isfinite(y))
    assert reference.to_db(reference.true_peak(y)) <= -1.0 + TOLERANCE_DB


def test_nan_counts_as_silence_and_leaves_nothing_behind() -> None:
    rng = np.random.default_rng(5)
    clean = rng.standard_normal((2, FRAMES)).astype(np.float32)
    clean[:, 1000:1100] = 0.0
    dirty = clean.copy()
    dirty[:, 1000:1100:2] = np.nan
    dirty[:, 1001:1100:2] = -np.inf
    node = limiter()
    assert np.array_equal(play(node, dirty), play(node, clean))


def test_a_peak_in_the_very_first_frames_is_caught() -> None:
    node = limiter()
    x = np.zeros((2, 640), np.float32)
    x[:, :48] = np.sign(reference.prototype()[8 + 16 * np.arange(48)])
    assert reference.to_db(reference.true_peak(play(node, x, -12.0))) <= -12.0 + TOLERANCE_DB


# -- law 7 -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate_hz", RATES)
def test_what_never_exceeds_the_ceiling_passes_bit_for_bit(rate_hz: int) -> None:
    node = limiter(rate_hz)
    for number in range(PER_RATE):
        x = programme(np.random.default_rng([rate_hz, number, 3]), number, rate_hz)
        highest = max(reference.true_peak(x), reference.itu_true_peak(x))
        x = (x * (db_to_gain(-1.0) / highest)).astype(np.float32)
        y = play(node, x)
        assert np.array_equal(y[:, node.latency : node.latency + FRAMES], x), number
        assert not y[:, : node.latency].any()
        assert (node.gain_reduction_db, node.mean_gain_reduction_db) == (0.0, 0.0)


def test_the_gain_returns_to_exactly_one_in_finite_time() -> None:
    rate_hz, node = 8000, limiter(8000, 1)
    n = np.arange(20 * rate_hz)
    x = (0.5 * np.sin(0.1 * n) * np.where(n < rate_hz, 8.0, 1.0)).astype(np.float32)[None]
    y = play(node, x)[:, node.latency :]
    quiet = slice(15 * rate_hz, 20 * rate_hz)
    assert np.array_equal(y[:, quiet], x[:, quiet])
    assert not np.array_equal(y[:, rate_hz + 500 : 2 * rate_hz], x[:, rate_hz + 500 : 2 * rate_hz])


def test_silence_stays_silence() -> None:
    assert not play(limiter(), np.zeros((2, FRAMES), np.float32)).any()


# -- invariance ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [(1,), (3,), (8,), (1, 7, 2, 30)])
def test_the_result_does_not_depend_on_the_size_of_calls(sizes: tuple[int, ...]) -> None:
    node = limiter()
    for number in range(len(PROGRAMMES)):
        rng = np.random.default_rng([number, 7])
        x = programme(rng, number, 44100)
        script = ceiling_script(rng, quanta_for(node, FRAMES) + 1)
        releases_ms = 10 ** rng.uniform(1, 3, len(script))
        whole = play(node, x, script, releases_ms=releases_ms)
        assert np.array_equal(play(node, x, script, sizes, releases_ms), whole), number


def test_the_same_again_after_reset_and_after_prepare() -> None:
    x = programme(np.random.default_rng(8), 1, 48000)
    node = limiter(48000)
    first = play(node, x)
    again = play(node, x)
    node.prepare(44100, 2, 8)
    node.prepare(48000, 2, 256)
    assert np.array_equal(first, again)
    assert np.array_equal(first, play(node, x))


def test_it_can_be_called_as_pedalboards_plugins_are() -> None:
    x = programme(np.random.default_rng(9), 0, 44100)
    node = Limiter(ceiling_db=-1.0)
    whole = play(limiter(), x)
    assert np.array_equal(node(x, 44100), whole[:, node.latency : node.latency + FRAMES])


# -- the gain --------------------------------------------------------------------------------------------------


def slow_stage(x: Signal, itu: float, lookahead: int, guard: int, hold: int, release: tuple[float, ...]) -> Signal:
    """One stage at −1 dBTP by plain loops: groups of 8 frames, each value from its definition; no delay."""
    groups, ceiling = x.shape[1] // 8, db_to_gain(-1.0)
    peaks = np.max([reference.frame_peaks(channel)[24 : 24 + x.shape[1]] for channel in x], axis=0)
    for channel in x:
        for taps in reference.ITU_TAPS:
            peaks = np.maximum(peaks, itu * np.abs(np.convolve(channel, taps))[6 : 6 + x.shape[1]])
    highest = peaks.reshape(groups, 8).max(axis=1)
    demand = np.where(highest > ceiling * (1 + 1e-5), 1 - db_to_gain(-0.03) * ceiling / (highest + 1e-30), 0.0)
    keep, rise, fall = release
    released, fast, slow = np.zeros(groups), 0.0, 0.0
    for q in range(groups):
        held = demand[max(q - guard - hold, 0) : q + guard + lookahead + 1].max()
        nepers = -np.log(1 - held)
        slow += (nepers - slow) * (rise if nepers > slow else fall)
        fast = max(nepers, slow + (fast - slow) * keep)
        released[q] = 1 - np.exp(-fast)
    means = [released[max(q - lookahead, 0) : q + 1].sum() / (lookahead + 1) for q in range(groups)]
    around = np.concatenate([[0.0], means, means[-1:]])
    u = (np.arange(8) + 0.5) / 8
    shares = [(1 - u) ** 2 / 2, 0.5 + u - u * u, u * u / 2]
    loss = sum(np.outer(around[i : i + groups], shares[i]) for i in range(3))
    return x * (1 - loss.ravel())


@pytest.mark.parametrize("number", range(len(PROGRAMMES)))
def test_the_gain_equals_its_definition(number: int) -> None:
    rate_hz, node = 44100, limiter()
    x = programme(np.random.default_rng([number, 11]), number, rate_hz)
    x[:, :960] = 0.0
    group_s = 8 / rate_hz
    release = (np.exp(-group_s / 0.025), -np.expm1(-group_s / 0.3), -np.expm1(-group_s))
    y = slow_stage(np.clip(x.astype(np.float64), -1e6, 1e6), db_to_gain(-0.04), 19, 1, 28, release)
    y = slow_stage(y, 1.0, 3, 2, 0, (np.exp(-group_s / 0.02), 0.0, 0.0))
    found = play(node, x)[:, node.latency : node.latency + FRAMES]
    body = slice(960, FRAMES - 480)  # at the end the loops see no silence follow
    np.testing.assert_allclose(found[:, body], y[:, body], rtol=0, atol=1e-5)


def test_channels_share_one_gain() -> None:
    rng = np.random.default_rng(12)
    left = 0.02 + 3 * rng.random(FRAMES)
    x = np.stack([left, 0.25 * left]).astype(np.float32)
    y = play(limiter(), x)
    assert np.array_equal(y[0], 4 * y[1])


def test_the_reduction_is_reported() -> None:
    node = limiter(44100, 1)
    n = np.arange(16384 - 512)  # one call of 256 quanta
    fade = np.minimum(1.0, (len(n) - n) / 1000)
    play(node, (2.0 * fade * np.sin(0.03 * n)).astype(np.float32)[None])
    assert node.gain_reduction_db == pytest.approx(20 * np.log10(2) + 1.03, abs=0.01)
    assert 0.9 * node.gain_reduction_db < node.mean_gain_reduction_db < node.gain_reduction_db


def test_the_meter_shows_the_whole_gain_that_was_applied() -> None:
    """Of both stages together, never less than what came out is turned down by, and hardly more."""
    node, frames = limiter(), 256 * QUANTUM_FRAMES
    values = np.repeat(np.array([[-1.0], [10.0]]), 257, axis=1)
    for seed in range(12):
        rng = np.random.default_rng(seed)
        x, y = np.zeros((2, frames), np.float32), np.empty((2, frames), np.float32)
        x[:, 1000:-3000] = rng.standard_normal((2, frames - 4000)) * rng.uniform(0.8, 3.0)
        node.reset()
        node.process((x,), y, values)
        late = np.pad(x, ((0, 0), (node.latency, 0)))[:, :frames].astype(np.float64)
        audible = np.abs(late) > 0.05
        applied_db = float(-20.0 * np.log10(np.abs(y[audible] / late[audible]).min()))
        assert applied_db - 1e-4 <= node.gain_reduction_db <= applied_db + 0.06


def test_the_mean_reduction_is_the_mean_of_the_gain_that_was_applied() -> None:
    """Of both stages; measured where no sample is so small that its gain is not seen."""
    node, frames = limiter(44100, 1), 256 * QUANTUM_FRAMES
    rng = np.random.default_rng(1)  # the second stage has something to do
    x = (rng.choice([-1.0, 1.0], frames) * rng.uniform(0.3, 3.0, frames)).astype(np.float32)[None]
    y, values = np.empty_like(x), np.repeat(np.array([[-1.0], [10.0]]), 257, axis=1)
    for _ in range(2):  # the second time it has music behind it
        node.process((x,), y, values)
    late = np.roll(x, node.latency, axis=1)
    applied_db = -20.0 * np.log10(np.abs(y / late).astype(np.float64))
    assert node.mean_gain_reduction_db == pytest.approx(applied_db.mean(), abs=0.001)


# -- gentleness ------------------------------------------------------------------------------------------------


def clicks_db(y: Signal, rate_hz: int) -> float:
    """Largest value above an 8th-order high-pass at 8 kHz, in dBFS; the filter's own start is left out."""
    sos = signal.butter(8, 8000, "high", fs=rate_hz, output="sos")
    return reference.to_db(float(np.abs(signal.sosfilt(sos, y)[2000:]).max()))


@pytest.mark.parametrize("rate_hz", RATES)
def test_no_clicks_when_the_ceiling_jumps(rate_hz: int) -> None:
    """Within one quantum, from an idle limiter to 6 dB of reduction and back."""
    node = limiter(rate_hz, 1)
    n = np.arange(rate_hz)
    x = (db_to_gain(-6.0) * np.sin(2 * np.pi * 100 / rate_hz * n)).astype(np.float32)[None]
    script = np.full(quanta_for(node, len(n)) + 1, -1.0)
    script[len(script) // 4 : len(script) // 2] = -12.0
    y = play(node, x, script)[0, node.latency : node.latency + len(n)].astype(np.float64)
    assert clicks_db(y, rate_hz) <= -80.0


def distortion_db(hz: int, drive_db: float) -> float:
    """Everything but the fundamental of a settled sine, relative to it."""
    rate_hz = 44100
    n = np.arange(3 * rate_hz)
    x = (db_to_gain(drive_db - 1.0) * np.sin(2 * np.pi * hz / rate_hz * n)).astype(np.float32)
    node = limiter(rate_hz, 1)
    settled = play(node, x[None])[0, 2 * rate_hz : 3 * rate_hz]
    power = np.abs(np.fft.rfft(settled * signal.windows.blackmanharris(rate_hz))) ** 2
    fundamental = power[hz - 5 : hz + 6].sum()
    return float(10 * np.log10((power[20:].sum() - fundamental) / fundamental))


def test_bass_stays_clean() -> None:
    """6 dB of limiting on a settled bass note: its half waves are no separate peaks."""
    assert distortion_db(40, 6.0) <= -75.0
    assert distortion_db(60, 6.0) <= -100.0


def test_latency_is_constant_and_about_six_milliseconds() -> None:
    for rate_hz in RATES:
        node = limiter(rate_hz)
        assert node.latency / rate_hz <= 0.006
        x = np.zeros((2, 1024), np.float32)
        x[0, 100] = 0.5
        assert int(np.abs(play(node, x)[0]).argmax()) == 100 + node.latency
