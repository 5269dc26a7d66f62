"""What can be automated of pedalboard's own plugins: one table from class name to parameters.

Plugins that are not named here can be hosted as well; their settings then stay as they are made.
"""

from __future__ import annotations

from livemaster.nodes.contract import Parameter


def _db(name: str, low: float, high: float, default: float, about: str) -> Parameter:
    return Parameter(f"{name}_db", "dB", low, high, default, about=about)


def _hz(name: str, low: float, high: float, default: float, about: str) -> Parameter:
    return Parameter(name, "Hz", low, high, default, "log", about=about)


def _ms(name: str, low: float, high: float, default: float, about: str) -> Parameter:
    return Parameter(f"{name}_ms", "ms", low, high, default, "log", about=about)


def _share(name: str, default: float, about: str) -> Parameter:
    return Parameter(name, "", 0.0, 1.0, default, about=about)


def _dynamics(threshold_db: float, ratio: float) -> tuple[Parameter, ...]:
    return (
        _db("threshold", -100.0, 0.0, threshold_db, "level at which it begins to act"),
        Parameter("ratio", "", 1.0, 100.0, ratio, "log", about="dB in for each dB out"),
        _ms("attack", 0.01, 500.0, 1.0, "time to act"),
        _ms("release", 10.0, 5000.0, 100.0, "time to let go"),
    )


def _modulation(depth: float, *middle: Parameter) -> tuple[Parameter, ...]:
    return (
        _hz("rate_hz", 0.01, 20.0, 1.0, "speed of the modulation"),
        _share("depth", depth, "depth of the modulation"),
        *middle,
        Parameter("feedback", "", -0.95, 0.95, 0.0, ramp_ms=150.0, about="output fed back, and any jump with it"),
        _share("mix", 0.5, "share of the effect"),
    )


_BAND = (
    _hz("cutoff_frequency_hz", 10.0, 20000.0, 440.0, "middle of the band"),
    _db("gain", -24.0, 24.0, 0.0, "boost or cut"),
    Parameter("q", "", 0.1, 10.0, 0.7071067690849304, "log", about="narrowness"),
)
_EDGE = (_hz("cutoff_frequency_hz", 10.0, 20000.0, 50.0, "edge of the pass band"),)

STOCK: dict[str, tuple[Parameter, ...]] = {
    "Bitcrush": (Parameter("bit_depth", "bit", 1.0, 32.0, 8.0, about="bits that are left"),),
    "Chorus": _modulation(0.25, _ms("centre_delay", 1.0, 100.0, 7.0, "delay that is modulated")),
    "Clipping": (_db("threshold", -60.0, 0.0, -6.0, "level that is clipped"),),
    "Compressor": _dynamics(0.0, 1.0),
    "Delay": (
        Parameter("delay_seconds", "s", 0.001, 10.0, 0.5, "log", about="time to the echo"),
        _share("mix", 0.5, "share of the echo"),
    ),
    "Distortion": (_db("drive", 0.0, 60.0, 25.0, "gain into the curve"),),
    "Gain": (_db("gain", -80.0, 60.0, 1.0, "gain"),),
    "HighShelfFilter": _BAND,
    "HighpassFilter": _EDGE,
    "LadderFilter": (
        _hz("cutoff_hz", 10.0, 20000.0, 200.0, "edge of the pass band"),
        _share("resonance", 0.0, "resonance at the edge"),
        Parameter("drive", "", 1.0, 10.0, 1.0, "log", about="gain into the filter"),
    ),
    "Limiter": (
        _db("threshold", -60.0, 0.0, -10.0, "level that is limited"),
        _ms("release", 1.0, 5000.0, 100.0, "time to let go"),
    ),
    "LowShelfFilter": _BAND,
    "LowpassFilter": _EDGE,
    "NoiseGate": _dynamics(-100.0, 10.0),
    "PeakFilter": _BAND,
    "Phaser": _modulation(0.5, _hz("centre_frequency_hz", 20.0, 20000.0, 1300.0, "middle of the sweep")),
    "Reverb": (
        _share("room_size", 0.5, "size of the room"),
        _share("damping", 0.5, "loss of treble in the room"),
        _share("wet_level", 0.33, "level of the reverberation"),
        _share("dry_level", 0.4, "level of the direct sound"),
        _share("width", 1.0, "width of the reverberation"),
    ),
}
"""Class name → its automatable properties, by pedalboard's own names and defaults."""

KEPT: dict[str, tuple[str, ...]] = {
    "Delay": ("feedback",),
    "LadderFilter": ("mode",),
    "Reverb": ("freeze_mode",),
}
"""Class name → its properties that stay as they are made: no numbers, or a change would circle on as a click."""

FIXED = ("BrickwallLimiter", "Convolution", "Invert", "MP3Compressor", "Resample")
"""Plugins that can be hosted by name but not automated: it would change their latency, or there is nothing to."""

MEMORYLESS = ("Bitcrush", "Clipping", "Distortion", "Gain")
"""Plugins whose output depends on the present frame alone, so that a copy need not run before it is heard."""

REFUSED = {
    "GSMFullRateCompressor": "called with 64 frames at a time it gives nothing but a hum",
    "PitchShift": "called with 64 frames at a time it gives silence",
}
"""Class name → why it cannot be hosted (measured with pedalboard 0.9.26)."""
