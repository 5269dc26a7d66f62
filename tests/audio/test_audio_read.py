"""Reading: every format gives the samples that are in it, in any portions, in every pass; nothing bad gets in."""

from __future__ import annotations

import errno
import io
import os
import struct
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import needs
import numpy as np
import pytest
import soundfile as sf
from numpy.typing import NDArray

from livemaster.audio import check_for_mastering, decode, open_reader, resampled
from livemaster.errors import AudioFileError, LivemasterError, SettingsError

RATE_HZ = 44100
UNCOMPRESSED = [
    ("wav", "WAV", "PCM_U8", "FILE"),
    ("wav", "WAV", "PCM_16", "FILE"),
    ("wav", "WAV", "PCM_24", "FILE"),
    ("wav", "WAV", "PCM_32", "FILE"),
    ("wav", "WAV", "FLOAT", "FILE"),
    ("wav", "WAV", "DOUBLE", "FILE"),
    ("wav", "WAV", "PCM_24", "BIG"),
    ("wav", "WAVEX", "PCM_24", "FILE"),
    ("wav", "WAVEX", "FLOAT", "FILE"),
    ("wav", "RF64", "PCM_16", "FILE"),
    ("aiff", "AIFF", "PCM_S8", "FILE"),
    ("aiff", "AIFF", "PCM_16", "FILE"),
    ("aiff", "AIFF", "PCM_24", "FILE"),
    ("aiff", "AIFF", "PCM_24", "LITTLE"),
    ("aiff", "AIFF", "PCM_32", "FILE"),
    ("aiff", "AIFF", "FLOAT", "FILE"),
    ("aiff", "AIFF", "DOUBLE", "FILE"),
]
COMPRESSED = [
    ("wav", "WAV", "ULAW", "FILE"),
    ("wav", "WAV", "IMA_ADPCM", "FILE"),
    ("flac", "FLAC", "PCM_16", "FILE"),
    ("flac", "FLAC", "PCM_24", "FILE"),
    ("ogg", "OGG", "VORBIS", "FILE"),
    ("mp3", "MP3", "MPEG_LAYER_III", "FILE"),
]


def noise(frames: int, channels: int = 2, seed: int = 1) -> NDArray[np.float32]:
    x = np.random.default_rng(seed).standard_normal((channels, frames)) * 0.1
    return x.astype(np.float32)


def write(path: Path, x: NDArray[np.float32], rate_hz: int = RATE_HZ, **how: str) -> Path:
    with sf.SoundFile(path, "w", rate_hz, len(x), **how) as file:
        for start in range(0, x.shape[1], 8192):
            file.write(np.ascontiguousarray(x[:, start : start + 8192].T))
    return path


def read_all(path: Path | str, portion: int = 16384) -> NDArray[np.float32]:
    with open_reader(path) as reader:
        return np.concatenate([np.zeros((reader.channels, 0), np.float32), *reader.chunks(portion)], axis=1)


def error_of(path: Path | str) -> str:
    with pytest.raises(AudioFileError) as caught:
        read_all(path)
    message = str(caught.value)
    assert "\n" not in message
    assert caught.value.exit_code == 2
    return message


def frames_or_error(path: Path) -> int:
    """Frames of a file that can be read, 0 for one that is refused as it should be."""
    try:
        frames, message = read_all(path).shape[1], ""
    except LivemasterError as error:
        frames, message = 0, str(error)
    assert (frames > 0) == (message == "")
    assert "\n" not in message
    return frames


@pytest.fixture(autouse=True)
def temporary_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch):
    """Every test leaves its folder for temporary audio empty."""
    folder = tmp_path_factory.mktemp("spool")
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(("suffix", "major", "subtype", "endian"), UNCOMPRESSED + COMPRESSED)
def test_every_format_reads_as_libsndfile_reads_it(tmp_path, suffix, major, subtype, endian):
    path = write(tmp_path / f"x.{suffix}", noise(20011), format=major, subtype=subtype, endian=endian)
    expected, rate_hz = sf.read(path, dtype="float32")
    with open_reader(path) as reader:
        assert (reader.rate_hz, reader.channels, reader.frames) == (rate_hz, 2, len(expected))
        assert reader.subtype == subtype
        assert reader.format == suffix.upper()
        assert reader.duration_s == len(expected) / rate_hz
    np.testing.assert_array_equal(read_all(path), expected.T)


@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_portions_and_passes_do_not_change_the_samples(tmp_path, suffix):
    x = noise(70001, channels=1)
    path = write(tmp_path / f"x.{suffix}", x, subtype="PCM_16")
    expected = sf.read(path, dtype="float32")[0]
    rng = np.random.default_rng(2)
    with open_reader(path) as reader:
        first = [reader.read(int(n)) for n in rng.integers(1, 5000, 7)]
        assert all(part.flags.c_contiguous and part.dtype == np.float32 for part in first)
        got = np.concatenate(first, axis=1)[0]
        np.testing.assert_array_equal(got, expected[: got.size])
        for portion in (1021, 65536, 100000):
            parts = list(reader.chunks(portion))
            assert [p.shape[1] for p in parts[:-1]] == [portion] * (len(parts) - 1)
            np.testing.assert_array_equal(np.concatenate(parts, axis=1)[0], expected)
        assert reader.read(10).shape == (1, 0)


def test_a_real_song_reads_as_libsndfile_reads_it():
    path = min(needs.songs(), key=lambda p: p.stat().st_size)
    np.testing.assert_array_equal(read_all(path), sf.read(path, dtype="float32")[0].T)


def test_ffmpeg_wav_from_a_pipe_reads_whole(tmp_path):
    """A size of 2^32 − 1 marks a stream whose writer could not go back."""
    import subprocess

    source = write(tmp_path / "x.wav", noise(5000), subtype="PCM_16")
    piped = subprocess.run(
        [needs.ffmpeg(), "-v", "error", "-i", source, "-f", "wav", "-"], check=True, capture_output=True
    )
    (tmp_path / "piped.wav").write_bytes(piped.stdout)
    np.testing.assert_array_equal(read_all(tmp_path / "piped.wav"), read_all(source))


def with_sizes(data: bytes, riff: int, audio: int) -> bytes:
    at = data.index(b"data")
    return data[:4] + struct.pack("<I", riff) + data[8 : at + 4] + struct.pack("<I", audio) + data[at + 8 :]


@pytest.mark.parametrize("audio", [0, 0xFFFFFFFF, 0x7FFFF000])
@pytest.mark.parametrize("riff", [0, 0xFFFFFFFF])
def test_a_wav_from_a_streaming_writer_reads_whole(tmp_path, riff, audio):
    x = noise(3000)
    path = write(tmp_path / "x.wav", x, subtype="FLOAT")
    path.write_bytes(with_sizes(path.read_bytes(), riff, audio))
    np.testing.assert_array_equal(read_all(path), x)


def test_a_closed_wav_of_zero_frames_is_refused(tmp_path):
    for suffix in ("wav", "aiff"):
        path = write(tmp_path / f"x.{suffix}", noise(0), subtype="PCM_16")
        assert "holds no audio (0 frames)" in error_of(path)


def notes_of(path: Path) -> str:
    with open_reader(path) as reader:
        return "; ".join(reader.info.notes)


def test_a_lying_header_is_told_with_both_numbers(tmp_path):
    x = noise(1000)
    path = write(tmp_path / "x.wav", x, subtype="FLOAT")
    path.write_bytes(with_sizes(path.read_bytes(), 2_000_000_008, 2_000_000_000))
    np.testing.assert_array_equal(read_all(path), x)
    assert "promises 2000000000 bytes of audio, the file holds 8000: all that is there was read" in notes_of(path)


def test_a_lying_rf64_header_is_told_as_giving_no_length(tmp_path):
    path = write(tmp_path / "x.wav", noise(1000), format="RF64", subtype="PCM_16")
    data = path.read_bytes()
    at = data.index(b"ds64") + 16
    path.write_bytes(data[:at] + struct.pack("<Q", 1 << 40) + data[at + 8 :])
    assert read_all(path).shape == (2, 1000)
    assert "gives no length" in notes_of(path)


def test_a_lying_mp3_and_flac_are_told_with_both_numbers(tmp_path):
    mp3 = write(tmp_path / "x.mp3", noise(40000), subtype="MPEG_LAYER_III")
    mp3.write_bytes(mp3.read_bytes()[: mp3.stat().st_size // 2])
    assert "its header counts 36 frames of MPEG audio, it has " in notes_of(mp3)
    flac = write(tmp_path / "x.flac", noise(200000), subtype="PCM_16")
    flac.write_bytes(flac.read_bytes()[: flac.stat().st_size // 2])
    assert "its header tells 200000 frames (4.535 s), read to its end it has " in notes_of(flac)


@pytest.mark.parametrize(("suffix", "subtype", "cuts"), [("wav", "PCM_16", 50), ("aiff", "PCM_24", 50)])
def test_truncated_anywhere_is_read_up_to_there_and_told_or_refused(tmp_path, suffix, subtype, cuts):
    whole = write(tmp_path / "whole.wav", noise(5000), format=suffix.upper(), subtype=subtype).read_bytes()
    (tmp_path / "whole.wav").rename(tmp_path / f"whole.{suffix}")
    x, sound_at = read_all(tmp_path / f"whole.{suffix}"), len(whole) - 5000 * 2 * int(subtype[-2:]) // 8
    rng = np.random.default_rng(3)
    for cut in rng.integers(0, len(whole) - 65, cuts):
        path = tmp_path / f"cut.{suffix}"
        path.write_bytes(whole[:cut])
        if cut < sound_at + 8:
            assert f"cut.{suffix}: " in error_of(path)
        else:
            found = read_all(path)
            np.testing.assert_array_equal(found, x[:, : found.shape[1]])
            assert found.shape[1] == (cut - sound_at) // (len(whole[sound_at:]) // 5000)
            assert "promises" in notes_of(path)


@pytest.mark.parametrize("suffix", ["flac", "ogg", "mp3"])
def test_truncated_compressed_files_are_refused_or_shorter(tmp_path, suffix):
    x = noise(60000)
    whole = write(tmp_path / f"whole.{suffix}", x).read_bytes()
    rng = np.random.default_rng(4)
    for cut in rng.integers(0, len(whole), 7):
        path = tmp_path / f"cut.{suffix}"
        path.write_bytes(whole[:cut])
        assert frames_or_error(path) <= x.shape[1] + 2304


@pytest.mark.parametrize(("suffix", "times"), [("wav", 300), ("aiff", 300), ("flac", 5), ("ogg", 5), ("mp3", 5)])
def test_a_damaged_header_gives_our_error_or_a_valid_read(tmp_path, suffix, times):
    whole = write(tmp_path / f"whole.{suffix}", noise(3000)).read_bytes()
    rng = np.random.default_rng(5)
    for _ in range(times):
        data = bytearray(whole)
        for at in rng.integers(0, 90, int(rng.integers(1, 6))):
            data[at] = int(rng.integers(0, 256))
        path = tmp_path / f"damaged.{suffix}"
        path.write_bytes(data)
        assert frames_or_error(path) <= 8 * len(whole)


def test_what_is_no_audio_file_is_refused_in_one_line(tmp_path):
    (tmp_path / "text.wav").write_text("Dear diary,\nnothing happened.\n" * 100)
    (tmp_path / "empty.wav").write_bytes(b"")
    (tmp_path / "two\nlines.wav").write_bytes(b"x")
    (tmp_path / "zip.mp3").write_bytes(b"PK\x03\x04" * 100)
    (tmp_path / "text.mp3").write_bytes(b"ID3\x03\0\0\0\0\0\x0a" + b"lorem ipsum " * 100)
    os.mkfifo(tmp_path / "pipe.wav")
    assert "is not an audio file that can be read; readable are WAV" in error_of(tmp_path / "text.wav")
    assert "is empty (0 bytes)" in error_of(tmp_path / "empty.wav")
    assert "two?lines.wav" in error_of(tmp_path / "two\nlines.wav")
    assert "readable are WAV" in error_of(tmp_path / "zip.mp3")
    assert "readable are WAV" in error_of(tmp_path / "text.mp3")
    assert "no such file" in error_of(tmp_path / "missing.wav")
    assert "is a folder" in error_of(tmp_path)
    assert "is not a regular file" in error_of(tmp_path / "pipe.wav")
    assert "is not a file name" in error_of("a\0b.wav")
    assert "cannot be read" in error_of("x" * 5000)


def test_an_unreadable_file_is_refused(tmp_path, monkeypatch):
    path = write(tmp_path / "x.wav", noise(100))

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert "x.wav: cannot be read: Permission denied" in error_of(path)


def patched_wav(path: Path, channels: int = 2, rate_hz: int = RATE_HZ) -> Path:
    frame_bytes = 2 * channels
    layout = struct.pack("<HHIIHH", 1, channels, rate_hz, rate_hz * frame_bytes, frame_bytes, 16)
    data = bytes(840 * frame_bytes)
    chunks = b"fmt " + struct.pack("<I", 16) + layout + b"data" + struct.pack("<I", len(data)) + data
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks)
    return path


def test_absurd_formats_are_refused_with_what_is_allowed(tmp_path):
    path = tmp_path / "x.wav"
    assert "0 channels" in error_of(patched_wav(path, channels=0))
    assert "has 7 channels, allowed are 1 to 6" in error_of(patched_wav(path, channels=7))
    assert "at 0 Hz" in error_of(patched_wav(path, rate_hz=0))
    assert "is 4000 Hz, allowed are 8000 to 192000 Hz" in error_of(patched_wav(path, rate_hz=4000))
    assert "is 384000 Hz" in error_of(patched_wav(path, rate_hz=384000))
    flac = write(tmp_path / "x.flac", noise(1000), rate_hz=4000, subtype="PCM_16")
    assert "is 4000 Hz, allowed" in error_of(flac)


def test_an_absurd_duration_is_refused(tmp_path):
    path = write(tmp_path / "x.wav", noise(1000, channels=1), rate_hz=8000, subtype="PCM_16")
    seconds = 13 * 3600
    data = with_sizes(path.read_bytes(), 36 + seconds * 16000, seconds * 16000)
    path.write_bytes(data)
    os.truncate(path, len(data) + seconds * 16000)
    assert "claims to last 13.0 hours, allowed are 12" in error_of(path)


def test_mastering_takes_mono_and_stereo_of_at_least_one_loudness_block(tmp_path):
    for frames, channels, reason in ((3199, 2, "at least 0.4 s"), (3200, 3, "mono or stereo"), (3200, 2, "")):
        path = write(tmp_path / "x.wav", noise(frames, channels), rate_hz=8000)
        with open_reader(path) as reader:
            if reason:
                with pytest.raises(AudioFileError, match=reason):
                    check_for_mastering(reader.info)
            else:
                check_for_mastering(reader.info)


def without_first_frame(data: bytes) -> bytes:
    """An MP3 without its Xing or Info header, as simple encoders write them."""
    second = data.index(data[:2], 4)
    assert b"Info" in data[:second] or b"Xing" in data[:second]
    return data[second:]


@pytest.mark.parametrize("mode", ["CONSTANT", "VARIABLE"])
def test_an_mp3_without_a_length_is_decoded_to_its_end(tmp_path, mode):
    x = np.concatenate([noise(44100), np.zeros((2, 44100), np.float32), noise(44100)], axis=1)
    path = tmp_path / "x.mp3"
    write(path, x, subtype="MPEG_LAYER_III", bitrate_mode=mode, compression_level=0.0)
    path.write_bytes(without_first_frame(path.read_bytes()))
    y = read_all(path)
    assert y.shape[1] % 1152 == 0
    assert x.shape[1] <= y.shape[1] < x.shape[1] + 4 * 1152


def test_the_mp3_encoders_delay_is_removed(tmp_path):
    x = np.zeros((1, 20000), np.float32)
    x[0, 10000] = 0.9
    y = read_all(write(tmp_path / "x.mp3", x, subtype="MPEG_LAYER_III"))
    assert (y.shape[1], int(np.argmax(np.abs(y)))) == (20000, 10000)


def decoder_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> Path:
    """A FLAC file whose decoder process, after the first line of its protocol, runs `body`."""
    folder = str(decode.DECODER.parent)
    head = f"import os, signal, sys\nsys.path.insert(0, {folder!r})\nimport _decoder\n"
    start = "_decoder.limit(int(sys.argv[4]), int(sys.argv[5]))\n"
    info = "_decoder.tell(rate_hz=44100, channels=2, frames=1000000, subtype='PCM_16')\n"
    (tmp_path / "script.py").write_text(head + start + info + body)
    monkeypatch.setattr(decode, "DECODER", tmp_path / "script.py")
    return write(tmp_path / "x.flac", noise(1000), subtype="PCM_16")


def test_a_crashing_decoder_is_one_line(tmp_path, monkeypatch):
    path = decoder_script(tmp_path, monkeypatch, "os.kill(os.getpid(), signal.SIGSEGV)")
    assert "its decoder crashed (SIGSEGV)" in error_of(path)


def test_a_looping_decoder_runs_out_of_processor_time(tmp_path, monkeypatch):
    monkeypatch.setattr(decode, "CPU_S", 1)
    path = decoder_script(tmp_path, monkeypatch, "while True: pass")
    assert "needed more than 1 s of processor time" in error_of(path)


def test_a_greedy_decoder_runs_out_of_memory(tmp_path, monkeypatch):
    body = (
        "try: bytes(2 << 30)\nexcept MemoryError: _decoder.tell(error='needs too much memory')\n"
        "else: _decoder.tell(ready=1000000, end=1000000)\n"
    )
    path = decoder_script(tmp_path, monkeypatch, body)
    assert "needs too much memory" in error_of(path)


def test_a_decoder_that_promises_more_than_it_gives_is_refused(tmp_path, monkeypatch):
    path = decoder_script(tmp_path, monkeypatch, "_decoder.tell(ready=5000)\n_decoder.tell(end=5000)\n")
    assert "promises 1000000 frames, 5000 could be decoded" in error_of(path)


def test_closing_early_leaves_no_process(tmp_path):
    path = write(tmp_path / "x.flac", noise(2_000_000), subtype="PCM_16")
    with open_reader(path) as reader:
        child = reader.source._child  # type: ignore[attr-defined]
        reader.read(100)
    assert child.returncode is not None


def test_a_decoder_that_is_done_does_not_stand_there_as_a_dead_process(tmp_path):
    with open_reader(write(tmp_path / "x.flac", noise(2000), subtype="PCM_16")) as reader:
        child = reader.source._child  # type: ignore[attr-defined]
        end_s = time.monotonic() + 20.0
        while Path(f"/proc/{child.pid}").exists():
            assert time.monotonic() < end_s, "it is still among the processes"
            time.sleep(0.01)
        assert reader.read(2000).shape == (2, 2000)


@pytest.mark.parametrize("suffix", ["wav", "ogg"])
def test_standard_input_is_a_file_like_any_other(tmp_path, monkeypatch, suffix):
    path = write(tmp_path / f"x.{suffix}", noise(5000))
    stdin = SimpleNamespace(buffer=io.BytesIO(path.read_bytes()), isatty=lambda: False)
    monkeypatch.setattr(sys, "stdin", stdin)
    np.testing.assert_array_equal(read_all("-"), read_all(path))


def test_bad_standard_input_is_named(monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"text"), isatty=lambda: False))
    assert error_of("-").startswith("standard input: is not an audio file")
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(), isatty=lambda: True))
    assert "is a terminal" in error_of("-")


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux's /proc")
def test_memory_does_not_grow_with_the_length(tmp_path):
    path = write(tmp_path / "x.wav", noise(1000), subtype="PCM_16")
    size = 400 << 20
    path.write_bytes(with_sizes(path.read_bytes(), 36 + size, size))
    os.truncate(path, 44 + size)
    with open_reader(path) as reader:
        reader.read(65536)
        before = resident_bytes()
        frames = sum(part.shape[1] for part in reader.chunks(65536))
        assert frames == size // 4
        assert resident_bytes() - before < 8 << 20


@pytest.mark.parametrize(("old", "new"), [(44100, 48000), (48000, 44100), (96000, 44100), (8000, 192000)])
def test_resampling_keeps_length_and_tone(tmp_path, old, new):
    frames = old + 17
    tone = 0.5 * np.sin(2 * np.pi * 997 * np.arange(frames) / old)
    path = write(tmp_path / "x.wav", tone[None].astype(np.float32), rate_hz=old, subtype="FLOAT")
    with resampled(open_reader(path), new) as reader:
        assert (reader.rate_hz, reader.frames) == (new, round(frames * new / old))
        y = np.concatenate(list(reader.chunks(5001)), axis=1)[0]
    assert y.size == round(frames * new / old)
    expected = 0.5 * np.sin(2 * np.pi * 997 * np.arange(y.size) / new)
    middle = slice(y.size // 8, -y.size // 8)  # beyond the filter's edges
    assert np.abs(y - expected)[middle].max() < 1e-6


def test_resampled_audio_is_the_same_in_any_portions_and_passes(tmp_path):
    path = write(tmp_path / "x.wav", noise(40000), subtype="FLOAT")
    with resampled(open_reader(path), 48000) as reader:
        whole = np.concatenate(list(reader.chunks(65536)), axis=1)
        for portion in (997, 16384):
            np.testing.assert_array_equal(np.concatenate(list(reader.chunks(portion)), axis=1), whole)


def test_resampling_to_the_same_or_an_absurd_rate(tmp_path):
    with open_reader(write(tmp_path / "x.wav", noise(100))) as reader:
        assert resampled(reader, RATE_HZ) is reader
        with pytest.raises(SettingsError, match="is 5 Hz, allowed are 8000 to 192000 Hz"):
            resampled(reader, 5)
