"""Hosted plugins: what pedalboard gives for the whole piece, but at a constant latency, in quanta, without clicks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pedalboard
import pytest
from node_rig import CLICK_LIMIT_DBFS, gliding, noise, residue_dbfs, run, sine, still

from livemaster.errors import GraphError, SettingsError, UnknownNameError
from livemaster.nodes._stock import FIXED, REFUSED, STOCK
from livemaster.nodes.compressor import Compressor
from livemaster.nodes.hosted import Hosted, as_node
from livemaster.units import QUANTUM_FRAMES

RATE_HZ = 48000
QUANTA = 400
_IMPULSE_RESPONSE = (np.random.default_rng(9).standard_normal(300) / 30).astype(np.float32)
AT_WORK: dict[str, dict[str, Any]] = {
    "BrickwallLimiter": {"ceiling_db": -12.0, "true_peak": True},
    "Compressor": {"threshold_db": -30.0, "ratio": 4.0},
    "Convolution": {"impulse_response_filename": _IMPULSE_RESPONSE, "sample_rate": RATE_HZ},
    "Gain": {"gain_db": -3.0},
    "HighShelfFilter": {"gain_db": 6.0},
    "Limiter": {"threshold_db": -20.0},
    "LowShelfFilter": {"gain_db": -6.0},
    "NoiseGate": {"threshold_db": -12.0},
    "PeakFilter": {"gain_db": 6.0, "q": 2.0},
}
BY_NAME = pytest.mark.parametrize("name", [*STOCK, *FIXED])
WHOLE = [name for name in (*STOCK, *FIXED) if name != "Convolution"]
"""Plugins whose output does not depend on the size of the blocks they are given, not even by rounding."""


def made(name: str, **more: Any) -> Hosted:
    return Hosted(name, **(AT_WORK.get(name, {}) | more))


def prepared(name: str, channels: int = 2, rate_hz: int = RATE_HZ) -> Hosted:
    node = made(name)
    node.prepare(rate_hz, channels, QUANTA)
    return node


def test_every_effect_of_pedalboard_is_hosted_or_refused():
    containers = {"Plugin", "PluginContainer", "Pedalboard", "Chain", "Mix", "ExternalPlugin", "IIRFilter"}
    foreign = {"VST3Plugin", "AudioUnitPlugin"}
    known = {
        name
        for name, found in vars(pedalboard).items()
        if isinstance(found, type) and issubclass(found, pedalboard.Plugin) and not name.startswith("_")
    }
    assert known - containers - foreign == {*STOCK, *FIXED, *REFUSED}


@pytest.mark.parametrize("name", STOCK)
def test_declared_defaults_are_those_of_pedalboard(name: str):
    plugin = getattr(pedalboard, name)()
    for p in STOCK[name]:
        assert p.default == pytest.approx(getattr(plugin, p.id), rel=1e-6)
        for value in (p.low, p.high):
            setattr(plugin, p.id, value)  # pedalboard takes the whole range


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("channels", [1, 2])
def test_output_is_that_of_pedalboard_over_the_whole_piece(name: str, channels: int):
    """Bit for bit, the latency trimmed."""
    x = noise(QUANTA * QUANTUM_FRAMES + 17, channels)
    settings = AT_WORK.get(name, {})
    assert np.array_equal(made(name)(x, RATE_HZ), getattr(pedalboard, name)(**settings)(x, RATE_HZ))


def test_convolution_is_that_of_pedalboard_but_for_rounding():
    """Its Fourier transforms are as long as the blocks."""
    x = noise(20000)
    expected = pedalboard.Convolution(_IMPULSE_RESPONSE, sample_rate=RATE_HZ)(x, RATE_HZ)
    assert made("Convolution")(x, RATE_HZ) == pytest.approx(expected, abs=1e-6)


@BY_NAME
def test_output_does_not_depend_on_the_size_of_the_calls(name: str):
    """One quantum or 256 a call: the same bits, and the same again after a reset."""
    node = prepared(name)
    x = noise(QUANTA * QUANTUM_FRAMES)
    moves = {p.id: (p.default, (p.default + p.high) / 2) for p in node.parameters}
    values = gliding(node, QUANTA, moves, RATE_HZ, 50)
    outputs = []
    for size in (1, 256, 7):
        node.reset()
        outputs.append(run(node, x, values, size))
    assert np.array_equal(outputs[0], outputs[1])
    assert np.array_equal(outputs[0], outputs[2])


@BY_NAME
@pytest.mark.parametrize("rate_hz", [8000, 96000])
def test_any_rate_gives_back_what_it_got(name: str, rate_hz: int):
    node = made(name) if name != "Convolution" else made(name, sample_rate=rate_hz)
    x = noise(rate_hz // 10, 2)
    if name == "MP3Compressor" and rate_hz == 96000:  # the codec knows no such rate
        with pytest.raises(GraphError, match="96000"):
            node(x, rate_hz)
        return
    y = node(x, rate_hz)
    assert y.shape == x.shape
    assert np.isfinite(y).all()


@pytest.mark.parametrize(
    ("name", "settings", "frames"),
    [
        ("Gain", {}, 0),
        ("Reverb", {}, 0),
        ("BrickwallLimiter", {}, 240),
        ("BrickwallLimiter", {"true_peak": True}, 300),
        ("MP3Compressor", {}, 3609),
    ],
)
def test_latency_is_what_the_plugin_withholds(name: str, settings: dict[str, Any], frames: int):
    """As measured once with pedalboard 0.9 at 48 kHz; the output lags by exactly that."""
    node = Hosted(name, **settings)
    node.prepare(RATE_HZ, 2, 8)
    assert node.latency == frames


def test_late_plugins_keep_time_over_a_long_piece():
    """An impulse a second comes out a second apart, however often the queue has moved."""
    x = np.zeros((1, 6 * RATE_HZ), np.float32)
    x[0, ::RATE_HZ] = 0.1
    y = Hosted("BrickwallLimiter", ceiling_db=0.0)(x, RATE_HZ)
    assert np.array_equal(y, x)


def test_tail_is_measured():
    reverb, gain, echo = Hosted("Reverb"), Hosted("Gain"), Hosted("Delay", delay_seconds=0.3)
    for node in (reverb, gain, echo):
        node.prepare(RATE_HZ, 2, 8)
    assert gain.tail == 0
    assert echo.tail == 0.3 * RATE_HZ
    x = np.zeros((2, 10 * RATE_HZ), np.float32)
    x[:, :RATE_HZ] = noise(RATE_HZ, seed=2)
    rest = np.abs(reverb(x, RATE_HZ)[:, RATE_HZ + reverb.tail :]).max()
    assert 0.5 * RATE_HZ < reverb.tail < 9 * RATE_HZ
    assert rest < 2e-6


@pytest.mark.parametrize("name", [name for name in STOCK if name not in ("Bitcrush", "Distortion", "Limiter")])
def test_moving_a_parameter_makes_no_click(name: str):
    """A change cross-fades; the effects left out make such sounds by themselves."""
    calm = {"Clipping": {"threshold_db": 0.0}, "NoiseGate": {"ratio": 1.0}}
    node = Hosted(name, **calm.get(name, {}))
    quanta = 600
    x = sine(quanta * QUANTUM_FRAMES)
    x *= np.minimum(np.arange(x.shape[1]) / 9600, 1.0).astype(np.float32) ** 4  # its onset would click as an echo
    for p in node.parameters:
        low, high = (max(p.low, -12.0), min(p.high, 0.0)) if p.unit == "dB" else (p.low, p.high)
        if name in ("Clipping", "NoiseGate") and p.unit == "dB":
            continue  # these distort by design
        node.prepare(RATE_HZ, 2, quanta)
        y = run(node, x, gliding(node, quanta, {p.id: (low, high)}, RATE_HZ, 203))
        assert residue_dbfs(y) < CLICK_LIMIT_DBFS, p.id


def test_a_step_fades_in_and_arrives():
    """The old gain for 4 ms, the new one 18 ms after the change, and no frame beyond either."""
    node = Hosted("Gain", gain_db=0.0)
    node.prepare(RATE_HZ, 1, 100)
    values = still(node, 100)
    values[0, 20:] = -20.0
    y = run(node, np.ones((1, 100 * QUANTUM_FRAMES), np.float32), values)[0]
    start = 20 * QUANTUM_FRAMES
    assert (y[: start + RATE_HZ * 4 // 1000] == 1.0).all()
    assert y[start + RATE_HZ * 20 // 1000 :] == pytest.approx(0.1, rel=1e-6)
    assert (np.diff(y) <= 0).all()


def test_the_first_quantum_has_its_values_at_once():
    node = Hosted("Gain", gain_db=0.0)
    node.prepare(RATE_HZ, 1, 10)
    y = run(node, np.ones((1, 10 * QUANTUM_FRAMES), np.float32), still(node, 10, gain_db=-20.0))
    assert y == pytest.approx(np.full_like(y, 0.1), rel=1e-6)


def test_frequencies_stay_below_half_the_rate():
    x = noise(8000, 1)
    assert np.array_equal(
        Hosted("HighShelfFilter", cutoff_frequency_hz=20000, gain_db=6)(x, 8000),
        pedalboard.HighShelfFilter(0.49 * 8000, 6)(x, 8000),
    )


@BY_NAME
def test_what_is_no_number_goes_in_as_zero(name: str):
    node = prepared(name)
    x = noise(QUANTA * QUANTUM_FRAMES)
    x[0, 3000:3064] = x[1, 4000] = 0.0
    clean = run(node, x, still(node, QUANTA))
    x[0, 3000:3064], x[1, 4000] = np.nan, -np.inf
    node.reset()
    assert np.array_equal(run(node, x, still(node, QUANTA)), clean)
    assert node.failures == 0


def test_a_plugin_that_blows_up_is_silent_counted_and_starts_anew():
    """One overflow would poison this reverberation for ever."""
    node = Hosted(pedalboard.Chain([pedalboard.Gain(400), pedalboard.Gain(400), pedalboard.Reverb()]))
    node.prepare(RATE_HZ, 2, QUANTA)
    x = np.zeros((2, QUANTA * QUANTUM_FRAMES), np.float32)
    x[:, 50 * QUANTUM_FRAMES] = 0.5
    x[:, 100 * QUANTUM_FRAMES] = 1e-37
    y = run(node, x, still(node, QUANTA))
    assert np.isfinite(y).all()
    assert not y[:, : 100 * QUANTUM_FRAMES].any()
    assert y[:, 100 * QUANTUM_FRAMES :].any()
    assert node.failures == 1
    node.reset()
    assert node.failures == 0


@pytest.mark.parametrize("name", [name for name in (*STOCK, *FIXED) if name != "Reverb"])
def test_silence_becomes_exact_in_the_end(name: str):
    """No denormal numbers some time after the sound; only the reverberation goes on, at −128 dBFS, for ever."""
    node = prepared(name)
    quanta = 5 * RATE_HZ // QUANTUM_FRAMES
    x = np.zeros((2, quanta * QUANTUM_FRAMES), np.float32)
    x[:, : 100 * QUANTUM_FRAMES] = noise(100 * QUANTUM_FRAMES)
    assert not run(node, x, still(node, quanta))[:, -10 * QUANTUM_FRAMES :].any()


def test_a_ready_plugin_keeps_its_settings_and_stays_its_owners():
    plugin = pedalboard.Reverb(room_size=0.9, wet_level=0.2)
    node = as_node(plugin)
    assert node.settings["room_size"] == pytest.approx(0.9)
    x = noise(20000)
    assert np.array_equal(node(x, RATE_HZ), pedalboard.Reverb(room_size=0.9, wet_level=0.2)(x, RATE_HZ))
    first, second = as_node(plugin), as_node(plugin)
    assert np.array_equal(first(x, RATE_HZ), second(x, RATE_HZ))
    plugin.room_size = 0.1
    assert node.settings["room_size"] == pytest.approx(0.9)


def test_a_ready_plugins_settings_widen_the_range():
    node = as_node(pedalboard.Gain(-100))
    assert (node.parameters[0].low, node.parameters[0].default) == (-100.0, -100.0)


def test_settings_that_are_no_parameters_are_kept():
    plugin = pedalboard.LadderFilter(pedalboard.LadderFilter.Mode.HPF24, cutoff_hz=1000)
    x = noise(20000)
    assert np.array_equal(as_node(plugin)(x, RATE_HZ), plugin(x, RATE_HZ))


def test_containers_of_plugins_are_plugins():
    def board():
        return pedalboard.Chain([pedalboard.Gain(-6), pedalboard.BrickwallLimiter(), pedalboard.Reverb()])

    x = noise(40000)
    assert np.array_equal(as_node(board())(x, RATE_HZ), board()(x, RATE_HZ))


def test_nodes_pass_through_and_other_things_are_refused():
    node = Compressor()
    assert as_node(node) is node
    for wrong in (None, 3, "Reverb 2", Compressor, pedalboard.Gain):
        with pytest.raises((GraphError, UnknownNameError)) as caught:
            as_node(wrong)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "settings", "error", "said"),
    [
        ("Reverbb", {}, UnknownNameError, "Reverb"),
        ("Gain", {"gain": 3}, UnknownNameError, "gain_db"),
        ("Gain", {"gain_db": 900}, SettingsError, "-80 to 60"),
        ("Gain", {"gain_db": float("nan")}, SettingsError, "nan"),
        ("Resample", {"target_sample_rate": "high"}, GraphError, "Resample"),
        (pedalboard.Gain(), {"gain_db": 3}, GraphError, "gain_db"),
        ("PitchShift", {"semitones": 2}, GraphError, "64 frames"),
        (pedalboard.Chain([pedalboard.Gain(), pedalboard.GSMFullRateCompressor()]), {}, GraphError, "64 frames"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(name: Any, settings: dict[str, Any], error: type[Exception], said: str):
    with pytest.raises(error, match=said) as caught:
        Hosted(name, **settings)
    assert "\n" not in str(caught.value)


def test_more_than_two_channels_are_refused():
    with pytest.raises(GraphError, match="1 or 2"):
        Hosted("Gain").prepare(RATE_HZ, 3, 8)
