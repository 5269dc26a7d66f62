"""Writing: what is read back is what was written, in every format that can hold it."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import needs
import numpy as np
import pytest
import soundfile as sf
from numpy.typing import NDArray

from livemaster.audio import FORMATS, open_reader, open_writer, wav
from livemaster.dsp.dither import Quantiser
from livemaster.errors import OutputError

LOSSLESS = [("wav", 16), ("wav", 24), ("aiff", 16), ("aif", 24), ("flac", 16), ("flac", 24)]


def noise(frames: int = 20011, channels: int = 2) -> NDArray[np.float32]:
    x = np.random.default_rng(7).standard_normal((channels, frames)) * 0.2
    return x.astype(np.float32)


def write(path: Path, x: NDArray[np.float32], bits: int | None, rate_hz: int = 48000, portion: int = 4096) -> Path:
    with open_writer(path, rate_hz, len(x), bit_depth=bits) as writer:
        for start in range(0, x.shape[1], portion):
            writer.write(np.ascontiguousarray(x[:, start : start + portion]))
        writer.commit()
    return path


def read(path: Path) -> NDArray[np.float32]:
    with open_reader(path) as reader:
        return np.concatenate([np.zeros((reader.channels, 0), np.float32), *reader.chunks()], axis=1)


def quantised(x: NDArray[np.float32], bits: int) -> NDArray[np.float32]:
    quantiser = Quantiser(bits, len(x))
    y = np.concatenate((quantiser.process(x), quantiser.flush()), axis=1)
    return (y / 2.0 ** (bits - 1)).astype(np.float32)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(("suffix", "bits"), LOSSLESS)
def test_integers_come_back_exactly_as_quantised(tmp_path, suffix, bits, channels):
    x = noise(channels=channels)
    path = write(tmp_path / f"x.{suffix}", x, bits)
    np.testing.assert_array_equal(read(path), quantised(x, bits))
    np.testing.assert_array_equal(sf.read(path, dtype="float32", always_2d=True)[0].T, quantised(x, bits))
    assert sf.info(path).subtype == f"PCM_{bits}"


@pytest.mark.parametrize("suffix", ["wav", "aiff"])
def test_32_bit_floats_come_back_bit_for_bit(tmp_path, suffix):
    x = noise() * np.float32(10.0)
    path = write(tmp_path / f"x.{suffix}", x, 32)
    np.testing.assert_array_equal(read(path), x)
    np.testing.assert_array_equal(sf.read(path, dtype="float32")[0].T, x)


def test_24_bits_are_the_default(tmp_path):
    path = write(tmp_path / "x.wav", noise(), None)
    assert sf.info(path).subtype == "PCM_24"


@pytest.mark.parametrize(("suffix", "rate_hz"), [("ogg", 44100), ("ogg", 192000), ("mp3", 48000), ("mp3", 22050)])
def test_lossy_files_keep_length_and_sound(tmp_path, suffix, rate_hz):
    t = np.arange(30011) / rate_hz
    x = np.stack([0.5 * np.sin(2 * np.pi * 440 * t), 0.25 * np.sin(2 * np.pi * 660 * t)]).astype(np.float32)
    y = read(write(tmp_path / f"x.{suffix}", x, None, rate_hz, portion=30011))
    assert y.shape == x.shape
    assert np.abs(y - x)[:, 3000:-3000].max() < 0.01


@pytest.mark.parametrize("rate_hz", FORMATS[".mp3"].rates_hz)
@pytest.mark.parametrize("channels", [1, 2])
def test_mp3_keeps_the_level_at_every_rate(tmp_path, rate_hz, channels):
    """LAME's constant rates below 32 kHz would attenuate by 0.45 dB."""
    x = np.tile(0.5 * np.sin(2 * np.pi * 440 * np.arange(20000) / rate_hz), (channels, 1)).astype(np.float32)
    y = sf.read(write(tmp_path / "x.mp3", x, None, rate_hz), always_2d=True)[0].T
    middle = slice(4000, -4000)
    assert 20 * np.log10(y[:, middle].std() / x[:, middle].std()) == pytest.approx(0.0, abs=0.005)


@pytest.mark.parametrize("suffix", ["wav", "flac", "aiff"])
def test_the_file_does_not_depend_on_the_portions(tmp_path, suffix):
    files = [write(tmp_path / f"{n}.{suffix}", noise(), 16, portion=n).read_bytes() for n in (37, 4096, 20011)]
    assert files[0] == files[1] == files[2]


@pytest.mark.parametrize("rate_hz", [8000, 11025, 44100, 88200, 176400, 192000])
@pytest.mark.parametrize("suffix", ["wav", "aiff", "flac", "ogg"])
def test_every_rate_that_can_be_read_can_be_written(tmp_path, suffix, rate_hz):
    path = write(tmp_path / f"x.{suffix}", noise(2000), None, rate_hz)
    assert (sf.info(path).samplerate, sf.info(path).frames) == (rate_hz, 2000)


@pytest.mark.parametrize("bits", [16, 24, 32])
@pytest.mark.parametrize("channels", [1, 2])
def test_wav_turns_into_rf64_when_its_sizes_do_not_fit(tmp_path, monkeypatch, bits, channels):
    x = noise(999, channels)
    riff = write(tmp_path / "riff.wav", x, bits).read_bytes()
    monkeypatch.setattr(wav, "RIFF_MOST_BYTES", 1000)
    path = write(tmp_path / "rf64.wav", x, bits)
    data = path.read_bytes()
    assert (data[:8], data[8:16]) == (b"RF64" + b"\xff" * 4, b"WAVEds64")
    assert struct.unpack("<QQQ", data[20:44]) == (len(data) - 8, 999 * channels * bits // 8, 999)
    assert len(data) == len(riff)
    assert riff[4:16] == struct.pack("<I", len(riff) - 8) + b"WAVEJUNK"
    np.testing.assert_array_equal(sf.read(path, dtype="float32", always_2d=True)[0].T, read(path))
    np.testing.assert_array_equal(read(path), read(tmp_path / "riff.wav"))


@pytest.mark.parametrize("name", ["x.wav", "x.flac", "x.ogg", "x.mp3", "x.aiff"])
def test_ffmpeg_reads_what_we_write(tmp_path, name):
    path = write(tmp_path / name, noise(), None)
    done = subprocess.run(
        [needs.ffmpeg(), "-v", "error", "-i", path, "-f", "f32le", "-"], check=True, capture_output=True
    )
    assert done.stderr == b""
    frames = len(done.stdout) // 8
    assert abs(frames - 20011) <= (1200 if name == "x.mp3" else 0)  # not every ffmpeg trims MP3's padding


def refusal(path: Path | str, rate_hz: int = 48000, **options: object) -> str:
    with pytest.raises(OutputError) as caught:
        open_writer(path, rate_hz, 2, **options)  # type: ignore[arg-type]
    message = str(caught.value)
    assert "\n" not in message
    assert caught.value.exit_code == 2
    return message


def test_what_a_format_cannot_hold_is_refused_with_what_is_allowed(tmp_path):
    assert "unknown extension '.xyz', allowed are .wav .aiff .aif .flac .ogg .mp3" in refusal(tmp_path / "x.xyz")
    assert "unknown extension ''" in refusal(tmp_path / "x")
    assert "FLAC cannot hold 32 bits, allowed are 16, 24" in refusal(tmp_path / "x.flac", bit_depth=32)
    assert "WAV cannot hold 20 bits" in refusal(tmp_path / "x.wav", bit_depth=20)
    assert "MP3 has no bit depth" in refusal(tmp_path / "x.mp3", bit_depth=16)
    message = refusal(tmp_path / "x.mp3", rate_hz=96000)
    assert "MP3 cannot hold 96000 Hz, allowed with --sample-rate are 8000, 11025" in message
    assert "FLAC cannot hold 96001 Hz, allowed above 65535" in refusal(tmp_path / "x.flac", rate_hz=96001)
    assert list(tmp_path.iterdir()) == []


def test_no_output_over_anything_that_is_there(tmp_path):
    target = write(tmp_path / "x.wav", noise(), 16)
    before = target.read_bytes()
    assert "exists already" in refusal(target)
    assert "is the same file as" in refusal(target, inputs=[target], force=True)
    (tmp_path / "hard.wav").hardlink_to(target)
    assert "is the same file as" in refusal(tmp_path / "hard.wav", inputs=[target], force=True)
    (tmp_path / "soft.wav").symlink_to(target)
    assert "is the same file as" in refusal(tmp_path / "soft.wav", inputs=[target], force=True)
    (tmp_path / "folder.wav").mkdir()
    assert "is a folder" in refusal(tmp_path / "folder.wav", force=True)
    assert "there is no folder" in refusal(tmp_path / "none" / "x.wav")
    assert "there is no folder" in refusal(target / "x.wav")
    assert target.read_bytes() == before


def test_an_unwritable_folder_is_refused(tmp_path, monkeypatch):
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.open", refuse)
    assert "cannot be written: Permission denied" in refusal(tmp_path / "x.wav")


def test_force_replaces_a_file_and_keeps_its_permissions(tmp_path):
    path = tmp_path / "x.wav"
    path.write_text("old")
    path.chmod(0o600)
    (tmp_path / "link.wav").symlink_to(path)
    with open_writer(tmp_path / "link.wav", 48000, 2, force=True) as writer:
        writer.write(noise())
        assert path.read_text() == "old"
        writer.commit()
    assert sf.info(path).frames == 20011
    assert path.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "link.wav").is_symlink()


def test_the_finished_file_can_be_measured_before_it_gets_its_name(tmp_path):
    with open_writer(tmp_path / "x.mp3", 48000, 2) as writer:
        writer.write(noise())
        hidden = writer.finish()
        assert read(hidden).shape == (2, 20011)
        assert not (tmp_path / "x.mp3").exists()
        writer.commit()
    assert [p.name for p in tmp_path.iterdir()] == ["x.mp3"]


def test_standard_output_gets_a_whole_wav(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    sent = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=sent))
    with open_writer("-", 48000, 2, bit_depth=32) as writer:
        writer.write(noise())
        assert sent.getvalue() == b""
        writer.commit()
    assert list(tmp_path.iterdir()) == []
    np.testing.assert_array_equal(sf.read(io.BytesIO(sent.getvalue()), dtype="float32")[0].T, noise())


def test_a_damaged_file_is_not_committed(tmp_path):
    with open_writer(tmp_path / "x.wav", 48000, 2) as writer:
        writer.write(noise())
        path = writer.finish()
        path.write_bytes(path.read_bytes()[:5000])
        with pytest.raises(OutputError, match="nothing was kept"):
            writer.commit()
    assert list(tmp_path.iterdir()) == []
