"""Bass, mid and treble do what their help says: at least 80 % over the range they name, half where it says so."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import NamedTuple

import needs
import numpy as np
import pieces
import pytest
import typer
from conftest import ROOT
from numpy.typing import NDArray

import livemaster
from livemaster.cli.app import app
from livemaster.controls import LIVE_CONTROLS
from livemaster.nodes.equalizer import Equalizer
from livemaster.ui.help import help_entries

Floats = NDArray[np.float64]

BANDS = {"bass": "low_shelf_db", "mid": "mid_bell_db", "treble": "high_shelf_db"}
PROMISED = 0.8
ROUNDED = 0.03
"""What the round figures of «half at …» leave."""
MOST_ROOM_OCTAVES = 1 / 3
"""Around the range named, at most, in which the filter by itself would do as much."""
DB = (-6.0, -3.0, -0.5, 0.5, 3.0, 6.0)
"""A band is held within ±6 dB in all."""
LOWEST_HZ, HIGHEST_HZ = 20.0, 20_000.0


class Reach(NamedTuple):
    """What a text names: the range, and where half is left."""

    low_hz: float
    high_hz: float
    half_hz: tuple[float, ...]


def reach(text: str) -> Reach:
    """«below 60 Hz (half at 100 Hz)», «from 850 Hz to 1.2 kHz (half at 500 Hz and 2 kHz)» in numbers."""
    found = re.search(r"(below|above|from) (.*?) \(half at (.*?)\)", text)
    assert found is not None, text
    edges, half = (tuple(_hz(each) for each in re.findall(r"[\d.]+ k?Hz", part)) for part in found.groups()[1:])
    if found[1] == "below":
        return Reach(LOWEST_HZ, *edges, half)
    return Reach(*edges, half) if found[1] == "from" else Reach(*edges, HIGHEST_HZ, half)


def _hz(text: str) -> float:
    number, unit = text.split()
    return float(number) * (1000.0 if unit == "kHz" else 1.0)


def option_help(command: str, option: str) -> str:
    """What the command line says of an option."""
    names = command.split()
    found = typer.main.get_command(app)
    for name in names:
        found = found.commands[name]
    (about,) = [each.help for each in found.params if f"--{option}" in each.opts]
    return about


def share(band: str, db: float, rate_hz: int, hz: Floats) -> Floats:
    """Part of a trim that the equalizer gives at each frequency."""
    equalizer = Equalizer(**{BANDS[band]: db})
    equalizer.prepare(rate_hz, 1, 1)
    return 20.0 * np.log10(np.abs(equalizer.response(hz))) / db


@functools.cache
def promise(band: str) -> Reach:
    return reach(option_help("render", band))


# -- the texts -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("band", BANDS)
def test_every_text_names_the_same_range(band):
    commands = ("plan", "play", "live", "rate", "profile set")
    told = [option_help(command, band) for command in commands]
    (screen,) = [about for entries in help_entries().values() for _, title, about in entries if title == band]
    table = next(
        line
        for line in (ROOT / "docs" / "commands.md").read_text("utf-8").splitlines()
        if line.startswith("| `--bass`")
    )
    told += [screen, LIVE_CONTROLS[band].about, table[table.index(f"{band} ") :]]
    assert {reach(text) for text in told} == {promise(band)}


# -- the filters -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000, 192_000])
@pytest.mark.parametrize("db", DB)
@pytest.mark.parametrize("band", BANDS)
def test_the_range_is_where_the_equalizer_gives_what_is_asked(band, db, rate_hz):
    """All of the range, and little more than the room that a finished master needs."""
    named = promise(band)
    hz = np.geomspace(LOWEST_HZ, HIGHEST_HZ, 4001)
    given = share(band, db, rate_hz, hz)
    inside = (hz >= named.low_hz) & (hz <= named.high_hz)
    assert given[inside].min() >= PROMISED
    enough = hz[given >= PROMISED]
    assert np.log2(named.low_hz / enough[0]) <= MOST_ROOM_OCTAVES
    assert np.log2(enough[-1] / named.high_hz) <= MOST_ROOM_OCTAVES


@pytest.mark.parametrize("band", BANDS)
def test_half_is_where_the_text_says(band):
    for db in DB:
        assert share(band, db, 44_100, np.array(promise(band).half_hz)) == pytest.approx(0.5, abs=ROUNDED)


# -- finished masters ------------------------------------------------------------------------------------------


def noise(folder: Path) -> Path:
    """Ten seconds of pink noise that beats."""
    rng, rate_hz = np.random.default_rng(7), 44_100
    spectrum = np.fft.rfft(rng.standard_normal((2, 10 * rate_hz)))
    spectrum /= np.sqrt(np.maximum(np.arange(spectrum.shape[1]), 200.0))
    x = np.fft.irfft(spectrum) * (0.3 + np.exp(-(np.arange(10 * rate_hz) / rate_hz % 0.5) / 0.1))
    return pieces.write(folder / "noise.wav", (0.5 * x / np.abs(x).max()).astype(np.float32))


def song(folder: Path) -> Path:
    """Half a minute out of a real song."""
    path = next(path for path in needs.songs(50.0) if path.stem == "start1-jt")
    x, rate_hz = pieces.read(path)
    return pieces.write(folder / "song.wav", x[:, 20 * rate_hz : 50 * rate_hz], rate_hz)


def sixth_octaves(path: Path) -> tuple[Floats, Floats]:
    """Middles of bands of a sixth of an octave, and the power of a file in each, dB."""
    x, rate_hz = pieces.read(path)
    window, power = 1 << 15, 0.0
    for first in range(0, x.shape[1] - window, window // 2):
        power = power + np.abs(np.fft.rfft(x[:, first : first + window] * np.hanning(window))) ** 2
    hz = np.fft.rfftfreq(window, 1.0 / rate_hz)
    middles = 1000.0 * 2.0 ** (np.arange(-32, 26) / 6.0)
    edges = [(hz >= middle * 2.0 ** (-1 / 12)) & (hz < middle * 2.0 ** (1 / 12)) for middle in middles]
    return middles, np.array([10.0 * np.log10(np.sum(power, axis=0)[inside].sum()) for inside in edges])


@pytest.mark.parametrize("music", [noise, song])
def test_in_a_finished_master_a_trim_gives_four_fifths_over_its_range(tmp_path, music):
    """Against the bands that it leaves alone: loudness is matched again, and the compressor answers too."""
    source, target = music(tmp_path), tmp_path / "master.wav"
    livemaster.render(source, target)
    hz, plain = sixth_octaves(target)
    for band in BANDS:
        named = promise(band)
        inside = (hz >= named.low_hz * 2.0 ** (1 / 12)) & (hz <= min(named.high_hz, 16_000.0) * 2.0 ** (-1 / 12))
        alone = np.abs(share(band, 3.0, 44_100, hz)) < 0.02
        for db in (2.0, -2.0):
            report = livemaster.render(source, target, force=True, **{band: db})
            assert not [note for note in report.notes if "held at" in note]  # the band is within its ±6 dB in all
            moved = sixth_octaves(target)[1] - plain
            given = (moved[inside] - np.median(moved[alone])) / db
            assert given.min() >= PROMISED, (band, db, dict(zip(hz[inside], given, strict=True)))
