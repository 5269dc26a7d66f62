"""Limiters at equal loudness: what each does to the music, and how it keeps the ceiling."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import fmean, median

import numpy as np

from bench.bench import Bench
from bench.contenders import Contender, contenders
from bench.distortion import harmonics_db, residual_db, sidebands_db
from bench.document import Section, Table, figure
from bench.material import Music, about_songs, excerpts
from bench.peaks import true_peak_dbtp
from livemaster.metering import Meter
from livemaster.units import db_to_gain

RATE_HZ = 44_100
CEILING_DB = -1.0
PEAK_TOLERANCE_DB = 0.05
EXCERPT_S = 10.0
DRIVES_DB = (3.0, 6.0)
CLOSE_LU, CLOSE_DB = 0.005, 0.001
WINDOWS_S = (0.02, 0.2)
CEILING_STEPS = 4
TONE_S, SETTLE_S = 6.0, 4.0
LOW_HZ, HIGH_HZ = 60.0, 7000.0


@dataclass(frozen=True, slots=True)
class Limited:
    """One excerpt through one limiter: residuals by window in dB, true peak, drive, louder than undriven by."""

    residuals_db: tuple[float, ...]
    true_peak_dbtp: float
    drive_db: float
    louder_lu: float


def measure(bench: Bench) -> Section:
    """Distortion on music as asked and with the ceiling truly held, on tones, and speed."""
    music = {name: _at_ceiling(x) for name, x in excerpts(EXCERPT_S, RATE_HZ).items()}
    found = contenders()
    parts: list[str | Table] = [
        f"{about_songs()} The middle {EXCERPT_S:g} s of each at 44.1 kHz. At 0 dB of drive the music's true peak "
        f"stands at the ceiling, {figure(CEILING_DB, 0)} dBTP. Each song is driven by "
        f"{DRIVES_DB[0]:g} and {DRIVES_DB[1]:g} dB through every limiter; the quietest result sets the "
        "loudness, and the others are driven less until theirs "
        "is the same to 0.01 LU. **Residual**: power of what is left after the best gain, one for both channels, that "
        "moves no faster than a Hann window of 20 ms (roughness) or 200 ms (pumping counts too), relative to the "
        "output; mean over the songs, lower is better. **Over**: the highest true peak above the ceiling, by the "
        "reference of tests/support/reference.py.",
    ]
    for drive_db in DRIVES_DB:
        for hold in (False, True):
            parts += _compared(found, music, drive_db, hold=hold)
    parts += [
        f"Tones, {DRIVES_DB[-1]:g} dB above the ceiling, the last {TONE_S - SETTLE_S:g} s. **Harmonics**: of a "
        f"{LOW_HZ:g} Hz sine, all to half the rate, re fundamental. **Intermodulation**: of {LOW_HZ:g} Hz and "
        f"{HIGH_HZ:g} Hz at 4 : 1, sidebands to the tenth order, re the line at {HIGH_HZ:g} Hz. **Speed**: per "
        f"stereo frame on the music, driven by {DRIVES_DB[-1]:g} dB.",
        _tones_table(found, music, bench.runs),
    ]
    return Section(parts)


def _at_ceiling(x: Music) -> Music:
    return x * np.float32(db_to_gain(CEILING_DB - true_peak_dbtp(x)))


def _compared(
    found: dict[str, Contender], music: dict[str, Music], drive_db: float, *, hold: bool
) -> list[str | Table]:
    """A table of all limiters at one loudness for each song, and who did best."""
    songs = [_alike(found, x, drive_db, hold=hold) for x in music.values()]
    results = {name: [song[name] for song in songs] for name in found}
    means = {name: [fmean(r) for r in zip(*(x.residuals_db for x in of), strict=True)] for name, of in results.items()}
    best = [min(means, key=lambda name, n=number: means[name][n]) for number in range(len(WINDOWS_S))]
    rows = []
    for name, of in results.items():
        shown = [f"**{figure(m, 1)}**" if name == b else figure(m, 1) for m, b in zip(means[name], best, strict=True)]
        over = figure(max(r.true_peak_dbtp for r in of) - CEILING_DB)
        rows.append((name, *shown, over, figure(fmean(r.drive_db for r in of), 1)))
    louder_lu = fmean(r.louder_lu for of in results.values() for r in of)
    ceiling = (
        "the ceiling of each lowered until its true peak holds −1 dBTP"
        if hold
        else "every ceiling at −1 dB, as the settings name it"
    )
    header = ("limiter", *(f"residual, {1000 * w:g} ms, dB" for w in WINDOWS_S), "over, dB", "drive, dB")
    return [
        f"Driven by {drive_db:g} dB ({figure(louder_lu, 1)} LU louder on average), {ceiling}:",
        Table(header, rows),
        "Least residual: " + ", ".join(f"{name} ({1000 * w:g} ms)" for name, w in zip(best, WINDOWS_S, strict=True)),
    ]


def _alike(found: dict[str, Contender], x: Music, drive_db: float, *, hold: bool) -> dict[str, Limited]:
    """Limiter → `x` through it, all equally loud."""
    own_lufs = _lufs(x)
    ceilings_db = {name: _holding(f, x, drive_db) if hold else CEILING_DB for name, f in found.items()}
    loudest = {name: _lufs(_driven(f, x, drive_db, ceilings_db[name])[1]) for name, f in found.items()}
    wanted_lufs = min(loudest.values())
    alike = {}
    for name, limiter in found.items():

        def lacking(db: float, limiter: Contender = limiter, ceiling_db: float = ceilings_db[name]) -> float:
            return _lufs(_driven(limiter, x, db, ceiling_db)[1]) - wanted_lufs

        own_db = _crossing(lacking, drive_db, loudest[name] - wanted_lufs)
        driven, limited = _driven(limiter, x, own_db, ceilings_db[name])
        residuals = tuple(residual_db(driven, limited, RATE_HZ, window_s) for window_s in WINDOWS_S)
        alike[name] = Limited(residuals, true_peak_dbtp(limited), own_db, _lufs(limited) - own_lufs)
    return alike


def _crossing(excess: Callable[[float], float], high: float, above: float) -> float:
    """Where a rising function, which is `above` at `high`, comes down to zero: false position (Illinois)."""
    if above <= CLOSE_LU:
        return high
    low, below = high, above
    while below > 0.0:
        low -= above + 1.0
        below = excess(low)
    middle, found = low, below
    while abs(found) > CLOSE_LU and high - low > CLOSE_DB:
        middle = high - above * (high - low) / (above - below)
        found = excess(middle)
        if found > 0.0:
            high, above, below = middle, found, below / 2.0
        else:
            low, below, above = middle, found, above / 2.0
    return middle


def _driven(limiter: Contender, x: Music, drive_db: float, ceiling_db: float) -> tuple[Music, Music]:
    """Input and output of a limiter."""
    driven = x * np.float32(db_to_gain(drive_db))
    return driven, limiter(driven, RATE_HZ, ceiling_db)


def _holding(limiter: Contender, x: Music, drive_db: float) -> float:
    """The ceiling to ask for so that the true peak holds `CEILING_DB`."""
    ceiling_db = CEILING_DB
    for _ in range(CEILING_STEPS):
        over_db = true_peak_dbtp(_driven(limiter, x, drive_db, ceiling_db)[1]) - CEILING_DB
        if over_db <= PEAK_TOLERANCE_DB:
            break
        ceiling_db -= over_db
    return ceiling_db


def _lufs(x: Music) -> float:
    meter = Meter(RATE_HZ, x.shape[0], true_peak=False)
    meter.push(x)
    found = meter.read().integrated_lufs
    assert found is not None
    return found


def _tones_table(found: dict[str, Contender], music: dict[str, Music], runs: int) -> Table:
    joined = np.concatenate([x / np.abs(x).max() for x in music.values()], axis=1)
    loud = np.ascontiguousarray(joined * np.float32(db_to_gain(CEILING_DB + DRIVES_DB[-1])))
    speeds = {name: _ns_per_frame(limiter, loud, runs) for name, limiter in found.items()}
    base = next(iter(speeds.values()))
    rows = []
    for name, limiter in found.items():
        sine = _steady(limiter, [(LOW_HZ, 1.0)])
        pair = _steady(limiter, [(LOW_HZ, 0.8), (HIGH_HZ, 0.2)])
        figures = (harmonics_db(sine, RATE_HZ, LOW_HZ), sidebands_db(pair, RATE_HZ, LOW_HZ, HIGH_HZ))
        speed = (figure(speeds[name], 0), figure(speeds[name] / base, 1))
        rows.append((name, *(figure(f, 1) for f in figures), *speed))
    header = ("limiter", "harmonics, dB", "intermodulation, dB", "speed, ns a frame", "ratio to livemaster")
    return Table(header, rows)


def _steady(limiter: Contender, partials: Iterable[tuple[float, float]]) -> Music:
    """One channel of the settled end of a sum of sines whose peak is `DRIVES_DB[-1]` above the ceiling."""
    time_s = np.arange(round(TONE_S * RATE_HZ)) / RATE_HZ
    tone = sum(share * np.sin(2 * np.pi * hz * time_s) for hz, share in partials)
    x = np.ascontiguousarray(np.tile(tone * db_to_gain(CEILING_DB + DRIVES_DB[-1]), (2, 1)), np.float32)
    # Matchering looks at the whole piece: what follows keeps its end from being special.
    limited = limiter(np.concatenate([x, x], axis=1), RATE_HZ, CEILING_DB)
    return limited[0, round(SETTLE_S * RATE_HZ) : round(TONE_S * RATE_HZ)]


def _ns_per_frame(limiter: Contender, x: Music, runs: int) -> float:
    limiter(x, RATE_HZ, CEILING_DB)
    times = []
    for _ in range(runs):
        started_s = time.perf_counter()
        limiter(x, RATE_HZ, CEILING_DB)
        times.append(time.perf_counter() - started_s)
    return 1e9 * median(times) / x.shape[1]
