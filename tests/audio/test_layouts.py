"""Channels are weighted by the loudspeakers they are meant for, not by their number; mono says what it is on two."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

import needs
import numpy as np
import pieces
import pytest
import soundfile as sf
from numpy.typing import NDArray

import livemaster
from livemaster.audio import open_reader
from livemaster.cli.main import run
from livemaster.errors import SettingsError

RATE_HZ = 48_000
BITS = {"FL": 0, "FR": 1, "FC": 2, "LFE": 3, "BL": 4, "BR": 5, "BC": 8, "SL": 9, "SR": 10}
LAYOUTS = {
    "2.1": "FL FR LFE",
    "3.0": "FL FR FC",
    "3.0(back)": "FL FR BC",
    "4.0": "FL FR FC BC",
    "quad": "FL FR BL BR",
    "quad(side)": "FL FR SL SR",
    "3.1": "FL FR FC LFE",
    "5.0": "FL FR FC BL BR",
    "5.0(side)": "FL FR FC SL SR",
    "4.1": "FL FR FC LFE BC",
    "5.1": "FL FR FC LFE BL BR",
    "5.1(side)": "FL FR FC LFE SL SR",
}
FROM_FFMPEG = ("quad", "5.0", "5.1")
"""Layouts that each of its encoders below takes as they are."""
LOUDNESS_TOLERANCE_LU = 0.11
"""Ffmpeg prints tenths."""


def sound(names: str) -> NDArray[np.float32]:
    """2 s of noise up to some 3 kHz, of another level in every channel, and a loud LFE of 50 Hz."""
    rng, frames = np.random.default_rng(5), 2 * RATE_HZ
    levels = {"FL": 0.1, "FR": 0.08, "FC": 0.05, "BL": 0.15, "SL": 0.15, "BR": 0.02, "SR": 0.02, "BC": 0.12}
    low = 0.4 * np.sin(2 * np.pi * 50 * np.arange(frames) / RATE_HZ)
    rows = [
        low if n == "LFE" else levels[n] * np.convolve(rng.uniform(-2, 2, frames + 7), np.ones(8) / 8, "valid")
        for n in names.split()
    ]
    return np.stack(rows).astype(np.float32)


def extensible(path: Path, x: NDArray[np.float32], mask: int) -> Path:
    """A WAV of 16 bits that says where its channels belong."""
    raw = np.round(x.T * 32767).astype("<i2").tobytes()
    channels = len(x)
    layout = struct.pack(
        "<HHIIHHHHI", 0xFFFE, channels, RATE_HZ, 2 * channels * RATE_HZ, 2 * channels, 16, 22, 16, mask
    )
    layout += bytes.fromhex("0100000000001000800000aa00389b71")
    body = b"WAVEfmt " + struct.pack("<I", len(layout)) + layout + b"data" + struct.pack("<I", len(raw)) + raw
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    return path


def wav_of(path: Path, layout: str) -> Path:
    names = LAYOUTS[layout]
    return extensible(path, sound(names), sum(1 << BITS[name] for name in names.split()))


def lufs(path: Path) -> float:
    found = livemaster.measure(path).integrated_lufs
    assert found is not None
    return found


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_mask_says_what_is_heard(tmp_path, layout):
    wav = wav_of(tmp_path / "x.wav", layout)
    assert lufs(wav) == pytest.approx(pieces.ffmpeg_lufs(needs.ffmpeg(), wav), abs=LOUDNESS_TOLERANCE_LU)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_lfe_is_never_heard(tmp_path, layout):
    names = LAYOUTS[layout].split()
    if "LFE" not in names:
        return
    x = sound(LAYOUTS[layout])
    mask = sum(1 << BITS[name] for name in names)
    loud = lufs(extensible(tmp_path / "loud.wav", x, mask))
    x[names.index("LFE")] = 0.0
    assert lufs(extensible(tmp_path / "still.wav", x, mask)) == pytest.approx(loud, abs=1e-9)


@pytest.mark.parametrize("layout", FROM_FFMPEG)
@pytest.mark.parametrize("suffix", ["flac", "ogg", "opus", "aiff"])
def test_every_codec_has_its_order(tmp_path, suffix, layout):
    wav, path = wav_of(tmp_path / "x.wav", layout), tmp_path / f"x.{suffix}"
    codec = {"ogg": ["-c:a", "libvorbis", "-q:a", "9"], "opus": ["-c:a", "libopus", "-mapping_family", "1"]}
    command = [needs.ffmpeg(), "-v", "error", "-nostdin", "-i", str(wav), *codec.get(suffix, []), str(path)]
    subprocess.run(command, check=True)
    assert lufs(path) == pytest.approx(pieces.ffmpeg_lufs(needs.ffmpeg(), path), abs=LOUDNESS_TOLERANCE_LU)
    assert lufs(path) == pytest.approx(lufs(wav), abs=0.3), "the codec loses a little"


@pytest.mark.parametrize("suffix", ["flac", "aiff"])
@pytest.mark.parametrize("layout", ["2.1", "3.1", "4.1"])
def test_a_layout_that_is_not_the_usual_one_is_told_by_the_file(tmp_path, suffix, layout):
    wav, path = wav_of(tmp_path / "x.wav", layout), tmp_path / f"x.{suffix}"
    subprocess.run([needs.ffmpeg(), "-v", "error", "-nostdin", "-i", str(wav), str(path)], check=True)
    assert lufs(path) == pytest.approx(lufs(wav), abs=1e-6)


def test_what_tells_no_layout_is_weighted_by_number(tmp_path):
    x = sound(LAYOUTS["5.1"])
    plain = tmp_path / "plain.wav"
    sf.write(plain, x.T, RATE_HZ, subtype="PCM_16")
    wanted = lufs(plain)
    for mask in (0, 0x3, 0x7F, 0xFFFFFFFF, 0x80000000):
        assert lufs(extensible(tmp_path / "x.wav", x, mask)) == pytest.approx(wanted, abs=1e-2)
        with open_reader(tmp_path / "x.wav") as reader:
            assert reader.info.weights == ()


# -- mono ------------------------------------------------------------------------------------------------------


@pytest.fixture
def mono(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return pieces.write(tmp_path / "mono.wav", pieces.piece(3.0, channels=1))


def twice(path: Path | str) -> float:
    """Loudness of a file on two loudspeakers."""
    x, rate_hz = pieces.read(path)
    return pieces.lufs(np.concatenate([x, x]), rate_hz)


def notes_of(capsys: pytest.CaptureFixture[str], *options: str) -> list[str]:
    assert run(["render", "mono.wav", "-o", "out.wav", "--force", "--no-detect", "--no-settings", *options]) == 0
    return [line for line in capsys.readouterr().err.splitlines() if "mono" in line]


def test_a_mono_master_says_once_what_it_is_on_two_loudspeakers(mono, capsys):
    said = notes_of(capsys)
    wanted = "note: mono: −14.0 LUFS as one channel, two loudspeakers play it at −11.0 (--mono-as dual counts that)"
    assert [line.replace("-1", "−1") for line in said] == [wanted]
    assert twice("out.wav") == pytest.approx(-11.0, abs=0.12)
    pieces.write(mono, pieces.piece(3.0, channels=2))
    assert notes_of(capsys) == []


def test_mono_as_dual_reaches_the_target_on_two_loudspeakers_and_stays_mono(mono, capsys):
    said = notes_of(capsys, "--mono-as", "dual")
    wanted = "note: mono, counted as two loudspeakers play it: −14.0 LUFS; as one channel −17.0"
    assert [line.replace("-1", "−1") for line in said] == [wanted]
    assert twice("out.wav") == pytest.approx(-14.0, abs=0.1)
    assert sf.info("out.wav").channels == 1


def test_mono_as_dual_measures_what_two_loudspeakers_play(mono):
    assert livemaster.measure(mono, mono_as="dual").integrated_lufs == pytest.approx(twice(mono), abs=1e-6)
    stereo = pieces.write(mono.with_name("stereo.wav"), pieces.piece(1.0))
    assert livemaster.measure(stereo, mono_as="dual") == livemaster.measure(stereo)


def test_mono_as_something_else_is_refused(mono, capsys):
    with pytest.raises(SettingsError):
        livemaster.plan(mono, mono_as="both")
    assert run(["measure", "mono.wav", "--mono-as", "both"]) == 2
    said = "livemaster: mono is to be counted as 'both', allowed are single and dual\n"
    assert capsys.readouterr().err == said
