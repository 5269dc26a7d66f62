"""Where simulated masters are aimed at, by the published boundaries in true Hz, and the solver that gets them there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.signal import welch

Floats = NDArray[np.float64]
Response = Callable[[Floats, float], Floats]

RATE_HZ = 44_100
REGIONS = {  # centroid Hz, bass-to-mid dB, width, crest dB; open ends are closed where such recordings end
    "studio_hd_bright": ((3000.0, 3200.0), (-2.0, 3.0), (0.08, 0.16), (10.0, 20.0)),
    "studio_legacy": ((600.0, 800.0), (-6.0, 5.0), (0.30, 0.50), (9.0, 18.0)),
    "metal": ((1000.0, 2200.0), (8.0, 11.0), (0.35, 0.55), (4.0, 8.0)),
    "bootleg": ((180.0, 500.0), (12.0, 18.0), (0.01, 0.30), (7.0, 15.0)),
}
MARGINS = (0.3, 1.5, 0.04, 1.5)
"""Beyond a region at looseness 1: octaves, dB, width, dB."""
ANYWHERE = ((120.0, 6000.0), (-12.0, 20.0), (0.0, 0.65), (5.0, 20.0))
LEAST_PARTS_OFF = 2
"""What is elsewhere differs from every region in at least so many of centroid, bass-to-mid and width, clearly."""
CLEARLY = 1.5
SOLVER_ROUNDS, SOLVER_DB = 6, 36.0


@dataclass(frozen=True)
class Aim:
    """What a simulated master should measure; saturation, noise and codecs move it off a little afterwards."""

    centroid_hz: float
    bass_mid_db: float
    width: float
    crest_db: float


def draw(rng: np.random.Generator, kind: str, looseness: float) -> Aim:
    """A place in the region of a kind, or up to `looseness` margins outside; for `other` a place outside of all."""
    while True:
        ranges = ANYWHERE if kind == "other" else REGIONS[kind]
        margins = np.zeros(4) if kind == "other" else looseness * np.array(MARGINS)
        low, high = np.array(ranges, np.float64).T
        low[0], high[0] = np.log2([low[0], high[0]])
        place = rng.uniform(low - margins, high + margins)
        if kind != "other" or _elsewhere(place):
            return Aim(2.0 ** place[0], place[1], float(np.clip(place[2], 0.005, 0.7)), max(place[3], 3.5))


def _elsewhere(place: Floats) -> bool:
    for ranges in REGIONS.values():
        low, high = np.array(ranges, np.float64).T
        low[0], high[0] = np.log2([low[0], high[0]])
        reach = CLEARLY * np.array(MARGINS)
        off = (place < low - reach) | (place > high + reach)
        if off[:3].sum() < LEAST_PARTS_OFF:
            return False
    return True


def spectrum_of(x: Floats) -> tuple[Floats, Floats]:
    """Frequencies and mean power spectrum of (2, frames)."""
    hz, power = welch(x, RATE_HZ, nperseg=4096, axis=1)
    return hz, power.sum(axis=0)


def solve(x: Floats, aim: Aim, low: Response, high: Response) -> tuple[float, float]:
    """Gains (dB) of two responses `(hz, gain_db) -> dB` that bring bass-to-mid and centroid where they should be."""
    hz, power = spectrum_of(x)
    kept = (hz > 0.0) & (hz <= 16_000.0)
    hz, power = hz[kept], power[kept]
    gains = [0.0, 0.0]
    for _ in range(SOLVER_ROUNDS):
        for which, wanted in ((0, aim.bass_mid_db), (1, aim.centroid_hz)):
            ends = [-SOLVER_DB, SOLVER_DB]
            for _ in range(18):
                gains[which] = 0.5 * (ends[0] + ends[1])
                shaped = power * 10.0 ** ((low(hz, gains[0]) + high(hz, gains[1])) / 10.0)
                ends[int(_measure(hz, shaped, which) > wanted)] = gains[which]
    return gains[0], gains[1]


def _measure(hz: Floats, power: Floats, which: int) -> float:
    if which == 1:
        return float(power @ hz / power.sum())
    return 10.0 * float(np.log10(power[hz < 200.0].sum() / power[(hz >= 200.0) & (hz < 2000.0)].sum()))


def rms(x: Floats) -> float:
    return float(np.sqrt(np.mean(x**2))) + 1e-12


def crest_db(x: Floats) -> float:
    return 20.0 * float(np.log10(np.abs(x).max() / rms(x)))


def width(x: Floats) -> float:
    mid, side = rms(x[0] + x[1]), rms(x[0] - x[1])
    return side / (mid + side)


def missed(aim: Aim, result: Floats) -> tuple[float, float]:
    """What a result lacks in centroid (octaves) and in bass-to-mid (dB)."""
    hz, power = spectrum_of(result)
    kept = (hz > 0.0) & (hz <= 16_000.0)
    bass_mid_db, centroid_hz = (_measure(hz[kept], power[kept], which) for which in (0, 1))
    return float(np.log2(aim.centroid_hz / centroid_hz)), aim.bass_mid_db - bass_mid_db


def corrected(aim: Aim, by_octaves: float, by_db: float) -> Aim:
    centroid_hz = float(np.clip(aim.centroid_hz * 2.0**by_octaves, 80.0, 9000.0))
    return replace(aim, centroid_hz=centroid_hz, bass_mid_db=aim.bass_mid_db + by_db)


def to_width(x: Floats, wanted: float, spare_side: Floats | None = None) -> Floats:
    """(2, frames) of a wanted width; where there is hardly any side, `spare_side` (frames,) is used for it."""
    mid, side = 0.5 * (x[0] + x[1]), 0.5 * (x[0] - x[1])
    if spare_side is not None and rms(side) < 0.1 * rms(mid) and wanted > 0.05:
        side = side / rms(side) + spare_side / rms(spare_side)
    side = side * (wanted / (1.0 - wanted) * rms(mid) / rms(side))
    return np.stack([mid + side, mid - side])


def to_crest(x: Floats, wanted_db: float, bend: Callable[[Floats], Floats]) -> Floats:
    """Driven into a saturating curve `bend` (slope 1 at 0, bounded by 1) until the crest is no more than wanted."""
    drive, ends = 0.0, [-30.0, 40.0]
    if crest_db(x) <= wanted_db:
        return x
    few = x[:, ::3] / np.abs(x).max()
    for _ in range(14):
        drive = 0.5 * (ends[0] + ends[1])
        ends[int(crest_db(bend(few * 10.0 ** (drive / 20.0))) < wanted_db)] = drive
    return bend(x / np.abs(x).max() * 10.0 ** (drive / 20.0))
