"""The meter agrees with two independent ones on random programme."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import needs
import numpy as np
import pyloudnorm
import pytest
import soundfile
from numpy.typing import NDArray
from tones import programme

from livemaster.metering import Measurement, Meter

PRINT = 0.05 + 1e-9
"""Half a step of a print to 0.1."""
CASES = [(rate_hz, channels, seed) for seed, rate_hz in enumerate((44_100, 48_000, 96_000)) for channels in (1, 2)]


def measured(x: NDArray[np.float32], rate_hz: int) -> Measurement:
    meter = Meter(rate_hz, x.shape[0])
    meter.push(x)
    return meter.read()


def ffmpeg_summary(x: NDArray[np.float32], rate_hz: int, folder: Path) -> dict[str, float]:
    """What `ebur128` prints: I, LRA, and the peaks, to 0.1."""
    ffmpeg = needs.ffmpeg()
    soundfile.write(folder / "x.wav", x.T, rate_hz, subtype="FLOAT")
    command = [ffmpeg, "-nostats", "-i", str(folder / "x.wav"), "-af", "ebur128=peak=true+sample"]
    run = subprocess.run([*command, "-f", "null", "-"], capture_output=True, text=True, check=True)
    summary = run.stderr[run.stderr.rindex("Summary:") :]
    names = ("I", "LRA", "Sample peak:\\s+Peak", "True peak:\\s+Peak")
    return {name.split(":")[0]: float(re.search(rf"{name}:\s+(\S+)", summary)[1]) for name in names}


@pytest.mark.parametrize(("rate_hz", "channels", "seed"), [*CASES, (48_000, 5, 9)])
def test_integrated_loudness_agrees_with_pyloudnorm(rate_hz: int, channels: int, seed: int) -> None:
    """With its De Man filters (the default ones are 0.04 dB low), for whole 100 ms (it rounds the count)."""
    x = programme(12.0, rate_hz, channels, seed)
    theirs = pyloudnorm.Meter(rate_hz, filter_class="DeMan").integrated_loudness(x.T.astype(np.float64))
    assert measured(x, rate_hz).integrated_lufs == pytest.approx(theirs, abs=1e-4)


@pytest.mark.parametrize(("rate_hz", "channels", "seed"), CASES)
def test_loudness_and_peaks_agree_with_ffmpeg(rate_hz: int, channels: int, seed: int, tmp_path: Path) -> None:
    """To its print of 0.1 dB; its shorter interpolator may miss some of the true peak, never find more."""
    x = programme(12.0, rate_hz, channels, seed)
    found, theirs = measured(x, rate_hz), ffmpeg_summary(x, rate_hz, tmp_path)
    assert found.integrated_lufs == pytest.approx(theirs["I"], abs=PRINT)
    assert found.sample_peak_dbfs == pytest.approx(theirs["Sample peak"], abs=PRINT)
    assert theirs["True peak"] - PRINT <= found.true_peak_dbtp <= theirs["True peak"] + PRINT + 0.1


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_loudness_range_agrees_with_ffmpeg(seed: int, tmp_path: Path) -> None:
    """Over 90 s: in a shorter programme a percentile hangs on one window, and each rounds its own way."""
    x = programme(90.0, 48_000, 1, seed)
    theirs = ffmpeg_summary(x, 48_000, tmp_path)
    assert measured(x, 48_000).loudness_range_lu == pytest.approx(theirs["LRA"], abs=2 * PRINT)
