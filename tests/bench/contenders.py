"""The limiters that are compared, each as a function of (music, rate, ceiling in dB), its delay taken out."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable

import numpy as np
import pedalboard

from bench.material import Music
from livemaster.nodes.limiter import Limiter
from livemaster.units import db_to_gain

Contender = Callable[[Music, int, float], Music]


def livemaster(x: Music, rate_hz: int, ceiling_db: float) -> Music:
    """livemaster's own."""
    return Limiter(ceiling_db=ceiling_db)(x, rate_hz)


def pedalboard_limiter(x: Music, rate_hz: int, ceiling_db: float) -> Music:
    """pedalboard's `Limiter`: it clips at full scale wherever its threshold lies, so that is put at the ceiling."""
    return pedalboard.Limiter(threshold_db=-1.0)(x, rate_hz) * np.float32(db_to_gain(ceiling_db))


def pedalboard_brickwall(x: Music, rate_hz: int, ceiling_db: float) -> Music:
    """pedalboard's `BrickwallLimiter` with its true-peak detector."""
    return pedalboard.BrickwallLimiter(ceiling_db=ceiling_db, true_peak=True)(x, rate_hz)


def matchering(x: Music, rate_hz: int, ceiling_db: float) -> Music:
    """Matchering's, which works at one threshold near full scale."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it imports from a scipy namespace of old
        from matchering.defaults import Config
        from matchering.limiter import limit
    config = Config(internal_sample_rate=rate_hz)
    scale = config.threshold / db_to_gain(ceiling_db)
    return np.asarray(limit(x.T.astype(np.float64) * scale, config).T / scale, np.float32)


def contenders() -> dict[str, Contender]:
    """Name → limiter, those that are installed."""
    found: dict[str, Contender] = {
        "livemaster `Limiter`": livemaster,
        "pedalboard `BrickwallLimiter`": pedalboard_brickwall,
        "pedalboard `Limiter`": pedalboard_limiter,
    }
    if importlib.util.find_spec("matchering"):
        found["Matchering's limiter"] = matchering
    return found
