"""Modes and curves: data within their bounds, found in any spelling, cinematic being LoopMind's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import freqz

from livemaster.documents import preset_names
from livemaster.errors import UnknownNameError
from livemaster.planning import Curve, Global, curve, mode

RATE_HZ = 48_000


def test_these_modes_and_curves_exist() -> None:
    assert preset_names("mode") == ("cinematic", "lofi", "radio_loud", "transparent")
    assert preset_names("curve") == ("lofi", "neutral", "radio", "transparent", "warm_cinematic")


def test_emotion_scales_are_the_published_ones() -> None:
    scales = {name: mode(name).emotion_scale for name in preset_names("mode")}
    assert scales == {"transparent": 0.25, "cinematic": 1.0, "radio_loud": 0.5, "lofi": 0.5}


def test_how_much_of_the_mixs_contrast_a_mode_keeps() -> None:
    kept = {name: mode(name).contrast_kept for name in preset_names("mode")}
    assert kept == {"transparent": 1.0, "cinematic": 1.0, "radio_loud": 0.5, "lofi": 0.8}


def test_cinematics_global_block_is_loopminds() -> None:
    block = mode("cinematic").global_
    assert (block.target_lufs, block.eq_curve) == (-10.0, "warm_cinematic")
    assert (block.compressor_ratio, block.stereo_width) == (2.5, 1.1)


def test_the_schemas_defaults_are_cinematics() -> None:
    """A settings file of another tool, which knows no modes, means what mode cinematic means."""
    defaults = Global()
    for name, value in mode("cinematic").global_:
        assert (name, getattr(defaults, name)) == (name, value)


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("Transparent", "transparent"),
        ("Radio Loud", "radio_loud"),
        ("radio-loud", "radio_loud"),
        ("Lo-Fi", "lofi"),
    ],
)
def test_names_are_found_in_any_spelling(spelling: str, name: str) -> None:
    assert mode(spelling).name == name


def test_unknown_names_name_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown mode 'cinematik': did you mean 'cinematic'\?"):
        mode("cinematik")
    with pytest.raises(UnknownNameError, match=r"unknown curve 'warm': did you mean 'warm_cinematic'\?"):
        curve("warm")


@pytest.mark.parametrize("name", preset_names("mode"))
def test_modes_are_named_like_their_file_and_use_a_curve_that_exists(name: str) -> None:
    assert mode(name).name == name
    assert mode(name).global_.eq_curve in preset_names("curve")
    assert mode(name).about.count(".") == 1


def response_db(shape: Curve, hz: np.ndarray) -> np.ndarray:
    """Whole response of a curve by the RBJ cookbook (low shelf 100 Hz, mid bell 1 kHz, high shelf 6 kHz)."""
    total = np.zeros_like(hz)
    bands = [("low", 100.0, shape.low_db, 0.7071), ("bell", 1000.0, shape.mid_db, 0.7)]
    bands += [("high", 6000.0, shape.high_db, 0.7071)]
    bands += [("bell", bell.hz, bell.db, bell.q) for bell in shape.bells]
    for kind, f0, db, q in bands:
        a, w = 10 ** (db / 40), 2 * np.pi * f0 / RATE_HZ
        cos, alpha = np.cos(w), np.sin(w) / (2 * q)
        root = 2 * np.sqrt(a) * alpha
        if kind == "bell":
            b, d = [1 + alpha * a, -2 * cos, 1 - alpha * a], [1 + alpha / a, -2 * cos, 1 - alpha / a]
        else:
            sign = 1 if kind == "low" else -1
            up, down = a + 1, a - 1
            b = [a * (up - sign * down * cos + root), sign * 2 * a * (down - sign * up * cos)]
            b += [a * (up - sign * down * cos - root)]
            d = [
                up + sign * down * cos + root,
                sign * -2 * (down + sign * up * cos),
                up + sign * down * cos - root,
            ]
        total += 20 * np.log10(np.abs(freqz(b, d, hz, fs=RATE_HZ)[1]))
    return total


@pytest.mark.parametrize(
    ("name", "most_db"),
    [("neutral", 0.0), ("transparent", 0.0), ("radio", 1.0), ("warm_cinematic", 1.5), ("lofi", 6.0)],
)
def test_whole_curves_colour_so_far_and_no_farther(name: str, most_db: float) -> None:
    hz = np.geomspace(20, 20_000, 500)
    assert np.max(np.abs(response_db(curve(name), hz))) <= most_db + 1e-9


def test_lofi_is_closed_at_the_top() -> None:
    """At least 4 dB less from 8 to 16 kHz, and nothing taken out of the middle."""
    top, middle = (response_db(curve("lofi"), np.geomspace(*ends, 50)) for ends in ((8000, 16_000), (60, 1500)))
    assert top.max() < -4.0
    assert abs(middle).max() < 0.8


def test_warm_cinematic_has_the_published_shape() -> None:
    """Fuller below 120 Hz, a little less at 300–400 Hz, soft air; transparent and neutral are flat."""
    bass, dip, air = response_db(curve("warm_cinematic"), np.array([60.0, 350.0, 14_000.0]))
    assert bass > 1.0
    assert -1.0 < dip < -0.3
    assert 0.3 < air < 1.2
    for name in ("transparent", "neutral"):
        assert np.max(np.abs(response_db(curve(name), np.geomspace(20, 20_000, 50)))) < 1e-9
