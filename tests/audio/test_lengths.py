"""A length is known, unknown or wrong: all that is there is read, and what had to be assumed is said."""

from __future__ import annotations

import functools
import io
import itertools
import struct
from pathlib import Path

import lengths
import mutations
import needs
import numpy as np
import pieces
import pytest
from lengths import ARRANGEMENTS, FORMATS, HEADERS, LENGTHS, SECOND_FRAMES, encoded, made
from mutagen.apev2 import APEv2
from mutagen.id3 import ID3, TIT2
from numpy.typing import NDArray

from livemaster.audio import open_reader
from livemaster.audio.flac import COMMENTS, STREAMINFO_AT
from livemaster.cli.main import run
from livemaster.errors import AudioFileError

MOST_MORE = {"flac": 0, "wav": 0, "mp3": 3 * 1152, "ogg": 1024, "opus": 960}
"""Frames of the encoder's padding at an end, and for an MP3 its delay, where nothing tells them."""
MOST_LOST = {"flac": 4097, "wav": 1, "mp3": 2 * 1152, "ogg": 9000, "opus": 9000}
"""Frames that stand in what a cut breaks: a frame, or a page."""


def read(path: Path) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    with open_reader(path) as reader:
        x = np.concatenate([np.zeros((reader.channels, 0), np.float32), *reader.chunks(30_000)], axis=1)
        assert x.shape[1] == reader.frames
        return x, reader.info.notes


@functools.cache
def alone(kind: str, frames: int) -> NDArray[np.float32]:
    """What a true file decodes to."""
    import soundfile as sf

    return np.ascontiguousarray(sf.read(io.BytesIO(encoded(kind, frames)), dtype="float32")[0].T)


# -- the matrix ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
@pytest.mark.parametrize("kind", FORMATS)
def test_all_that_is_there_is_read_and_what_was_assumed_is_said(tmp_path, monkeypatch, kind, arrangement):
    lengths.decode_here(monkeypatch)
    path = tmp_path / f"x.{kind}"
    for header, frames, cut in itertools.product(HEADERS, LENGTHS, (False, True)):
        file = made(kind, header, frames, cut, arrangement)
        path.write_bytes(file.data)
        x, notes = read(path)
        case, truth = (header, frames, cut, x.shape[1], notes), file.frames + file.more
        assert (
            truth - (MOST_LOST[kind] if cut else 0) <= x.shape[1] <= truth + (1 + bool(file.more)) * MOST_MORE[kind]
        ), case
        assert (not cut and x.shape[1] == truth) or notes or header == "none", case
        assert notes or header in ("true", "none"), case
        assert notes or arrangement == "alone" or header == "none", case
        if kind in ("flac", "wav"):
            whole = np.concatenate([alone(kind, frames), alone(kind, SECOND_FRAMES)], axis=1)
            np.testing.assert_array_equal(x, whole[:, : x.shape[1]])
        elif header == "true":
            assert np.array_equal(x[:, : frames - MOST_LOST[kind]], alone(kind, frames)[:, : frames - MOST_LOST[kind]])


@pytest.mark.parametrize("kind", FORMATS)
def test_the_length_is_ffmpegs_or_a_note_says_why_not(tmp_path, monkeypatch, kind):
    ffmpeg = needs.ffmpeg()
    lengths.decode_here(monkeypatch)
    path = tmp_path / f"x.{kind}"
    alone = itertools.product(HEADERS, (False, True), ("alone",))
    for header, cut, arrangement in (*alone, *itertools.product(("true", "none"), (False,), ARRANGEMENTS[1:])):
        path.write_bytes(made(kind, header, LENGTHS[2], cut, arrangement).data)
        x, notes = read(path)
        assert x.shape[1] == lengths.ffmpeg_frames(ffmpeg, path) or notes, (arrangement, header, cut, x.shape[1])


@pytest.mark.parametrize("kind", FORMATS)
def test_the_decoder_process_reads_the_same(tmp_path, monkeypatch, kind):
    path = tmp_path / f"x.{kind}"
    for header in ("too small", "none"):
        path.write_bytes(made(kind, header, 2 * 65536 - 1, True, "joined").data)
        by_process = read(path)
        with monkeypatch.context() as patch:
            lengths.decode_here(patch)
            here = read(path)
        np.testing.assert_array_equal(by_process[0], here[0])
        assert by_process[1] == here[1]


def test_a_true_file_is_read_without_a_word(tmp_path):
    for kind in FORMATS:
        path = tmp_path / f"x.{kind}"
        path.write_bytes(encoded(kind, 65536))
        x, notes = read(path)
        np.testing.assert_array_equal(x, alone(kind, 65536))
        assert notes == ()


# -- what a cut and a wrong header are told as -----------------------------------------------------------------


@pytest.mark.parametrize("kind", FORMATS)
def test_any_cut_is_read_up_to_it_and_told(tmp_path, monkeypatch, kind):
    lengths.decode_here(monkeypatch)
    frames, rng = 4 * 65536, np.random.default_rng(3)
    data = encoded(kind, frames)
    path = tmp_path / f"x.{kind}"
    for share in rng.uniform(0.3, 0.99, 8):
        path.write_bytes(data[: int(share * len(data))])
        x, notes = read(path)
        assert 0 < x.shape[1] < frames
        assert notes
        if kind in ("flac", "wav"):
            np.testing.assert_array_equal(x, alone(kind, frames)[:, : x.shape[1]])


def test_a_wav_that_was_cut_tells_both_numbers_and_renders(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pieces.write(Path("x.wav"), pieces.piece(2.0), subtype="PCM_16")
    Path("x.wav").write_bytes(Path("x.wav").read_bytes()[: 44 + 4 * 44_100])
    assert run(["render", "x.wav", "-o", "y.wav", "--no-detect", "--no-settings"]) == 0
    said = "input: its header promises 352800 bytes of audio, the file holds 176400: all that is there was read"
    assert f"note: {said}\n" in capsys.readouterr().err
    assert run(["measure", "x.wav"]) == 0
    assert f"note: {said}\n" in capsys.readouterr().err
    assert read(Path("y.wav"))[0].shape[1] == 44_100


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFF000, 0x7FFFFFFF - 36, 0x80000000, 0xFFFFFFFF - 44, 0])
@pytest.mark.parametrize("big", [False, True])
def test_the_sizes_of_streaming_writers(tmp_path, size, big):
    """Of ffmpeg, lame, SoX, arecord, mpg123 and others, which could not go back."""
    order, x = (">" if big else "<"), lengths.sound(1000)
    layout = struct.pack(order + "HHIIHH", 1, 2, 44_100, 176_400, 4, 16)
    head = (b"RIFX" if big else b"RIFF") + struct.pack(order + "I", min(size + 36, 0xFFFFFFFF)) + b"WAVEfmt "
    head += struct.pack(order + "I", 16) + layout + b"data" + struct.pack(order + "I", size)
    (tmp_path / "x.wav").write_bytes(head + np.round(x * 32768).astype(order + "i2").tobytes())
    found, notes = read(tmp_path / "x.wav")
    np.testing.assert_array_equal(found, x.T)
    assert notes == ("its header gives no length: all that follows it was read as audio",)


@pytest.mark.parametrize("header", ["none", "too small", "too large", "streaming"])
def test_tags_behind_a_wav_of_unknown_length_are_not_read_as_audio(tmp_path, header):
    id3 = b"ID3" + bytes([4, 0, 0x10, 0, 0, 0, 20]) + bytes(20) + b"3DI" + bytes([4, 0, 0x10, 0, 0, 0, 20])
    for behind in (
        b"TAG" + bytes(125),
        ape(),
        id3,
        ape() + b"LYRICSBEGININD0000200000021LYRICS200" + b"TAG" + bytes(125),
    ):
        data = lengths.with_header("wav", encoded("wav", 1001), header, 1001)
        (tmp_path / "x.wav").write_bytes(data + behind)
        np.testing.assert_array_equal(read(tmp_path / "x.wav")[0], lengths.sound(1001).T)


@pytest.mark.parametrize(
    "behind",
    [
        b"LIST\x04\0\0\0INFO",
        b"TAG" + bytes(125),
        b"ID3\x04\0\0\0\0\0\x7f" + b"x" * 127,
        bytes(500),
        b"\0id3 \x02\0\0\0ab",
    ],
)
def test_what_stands_behind_a_wavs_audio_is_not_read_as_audio(tmp_path, behind):
    (tmp_path / "x.wav").write_bytes(encoded("wav", 1000) + behind * (100 if behind[:4] == b"LIST" else 1))
    found, notes = read(tmp_path / "x.wav")
    np.testing.assert_array_equal(found, lengths.sound(1000).T)
    assert notes == ()


def test_files_of_another_kind_behind_the_first_are_left_out_and_told(tmp_path, monkeypatch):
    import soundfile as sf

    lengths.decode_here(monkeypatch)
    for kind in ("wav", "flac", "ogg", "mp3"):
        out = io.BytesIO()
        sf.write(out, lengths.sound(20_000)[:, 0], 22_050, format=kind.upper())
        path = tmp_path / f"x.{kind}"
        path.write_bytes(encoded(kind, 65536) + out.getvalue())
        x, notes = read(path)
        np.testing.assert_array_equal(x, alone(kind, 65536))
        assert any("left out" in note for note in notes)


def test_damage_in_the_middle_is_no_cut(tmp_path):
    """What follows the damage is there, so a short read of it is refused."""
    data = bytearray(encoded("flac", 200_000))
    middle = len(data) // 2
    data[middle : middle + 20_000] = bytes(20_000)
    path = tmp_path / "x.flac"
    path.write_bytes(data)
    with pytest.raises(AudioFileError, match=r"x\.flac: "):
        read(path)


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


@pytest.mark.parametrize("kind", ["ogg", "opus"])
def test_pages_that_are_damaged_are_left_out_and_told(tmp_path, kind):
    data = encoded(kind, 4 * 65536)
    for more in (b"", encoded(kind, SECOND_FRAMES)):
        (tmp_path / f"x.{kind}").write_bytes(flipped(data, len(data) // 2) + more)
        x, notes = read(tmp_path / f"x.{kind}")
        assert x.shape[1] < 4 * 65536 + SECOND_FRAMES * bool(more)
        assert any(note.endswith("bytes are no whole pages and were left out") for note in notes)


@pytest.mark.parametrize("place", [0.01, 0.5])
def test_damage_is_not_taken_for_the_cut_behind_it(tmp_path, place):
    data = encoded("flac", 200_000)
    (tmp_path / "x.flac").write_bytes(flipped(data, int(place * len(data)))[:-50])
    with pytest.raises(AudioFileError, match=r"x\.flac: is damaged: it holds 19\d{4} frames, \d+ could be decoded"):
        read(tmp_path / "x.flac")


@pytest.mark.parametrize("at", [STREAMINFO_AT + 34, STREAMINFO_AT + 37, STREAMINFO_AT + 38])
def test_broken_metadata_of_a_flac_are_passed_over_and_told(tmp_path, at):
    """What a block is, how long, and the lengths in its comments: the decoder would stop there."""
    data = encoded("flac", 65536)
    assert data[STREAMINFO_AT + 34] & 0x7F == COMMENTS
    (tmp_path / "x.flac").write_bytes(flipped(data, at))
    x, notes = read(tmp_path / "x.flac")
    np.testing.assert_array_equal(x, alone("flac", 65536))
    assert notes == ("what stands before its first frame is damaged and was passed over",)


def test_one_header_of_free_format_hides_nothing(tmp_path):
    data = encoded("mp3", 65536)
    (tmp_path / "x.mp3").write_bytes(data[:2] + bytes([data[2] & 0x0F]) + data[3:])
    x, notes = read(tmp_path / "x.mp3")
    assert 65536 <= x.shape[1] <= 65536 + MOST_MORE["mp3"]
    assert [note.split(" bytes ")[1] for note in notes] == ["between its frames are no audio"]


def test_what_libsndfile_does_not_read_is_called_by_its_name(tmp_path):
    data = bytearray(encoded("flac", 1000))
    data[21] |= 1  # the highest of five bits for the word length, less one
    data[20] |= 0
    data[21 - 1] |= 1
    (tmp_path / "x.flac").write_bytes(data)
    with pytest.raises(AudioFileError, match=r"is a FLAC of 32 bits, which is not supported; up to 24 bits are"):
        read(tmp_path / "x.flac")
    page = b"OggS\0\x02" + bytes(8) + b"abcd" + bytes(8) + b"\x01\x33" + b"\x7fFLAC\x01\0\0\x01fLaC" + bytes(100)
    (tmp_path / "x.oga").write_bytes(page)
    with pytest.raises(AudioFileError, match=r"is an OGG that holds FLAC, which is not supported; Vorbis and Opus are"):
        read(tmp_path / "x.oga")


def test_mutated_headers_and_tags_are_read_told_or_refused(tmp_path):
    """Never a traceback, a hang or a silent loss; `make soak` tries 10,000."""
    found = mutations.fuzz(500, tmp_path, seed=1, ffmpeg=needs.ffmpeg())
    assert min(found.values()) > 50, found


# -- the front -------------------------------------------------------------------------------------------------


def tag(text: str, version: int = 4) -> bytes:
    out, frames = io.BytesIO(), ID3()
    frames.add(TIT2(encoding=3, text=text))
    frames.save(out, v2_version=version, padding=lambda _: 0)
    return out.getvalue()


def shrunk(data: bytes, by: int) -> bytes:
    """A tag whose size is too small."""
    return data[:9] + bytes([data[9] - by]) + data[10:]


def ape() -> bytes:
    out, tags = io.BytesIO(), APEv2()
    tags["Title"] = "Ape"
    tags.save(out)
    return out.getvalue()


FRONTS = {
    "two tags": tag("a") + tag("b", 3),
    "three tags": tag("a") + tag("b") + tag("c"),
    "an APE tag": ape(),
    "tags of both kinds": tag("a") + ape(),
    "junk": b"JUNK" * 50,
    "much junk": bytes(range(255)) * 2000,
    "zeros": bytes(3000),
    "a tag, junk": tag("a") + b"\x01\x02\x03" * 40,
    "a tag too small": shrunk(tag("a long title"), 4),
    "a tag, zeros, a tag": tag("a") + bytes(64) + tag("b"),
}


@pytest.mark.parametrize("front", FRONTS)
@pytest.mark.parametrize("kind", FORMATS)
def test_the_front_is_searched_through(tmp_path, monkeypatch, kind, front):
    lengths.decode_here(monkeypatch)
    path = tmp_path / f"x.{kind}"
    path.write_bytes(FRONTS[front] + encoded(kind, 65536))
    x, notes = read(path)
    assert bool(notes) == any(each in front for each in ("junk", "too small"))
    assert abs(x.shape[1] - 65536) <= (0 if kind != "mp3" else 1152)
    np.testing.assert_array_equal(x[:, :60_000], alone(kind, 65536)[:, :60_000])


def test_a_recording_that_began_inside_a_frame(tmp_path):
    data = encoded("mp3", 200_000)
    (tmp_path / "x.mp3").write_bytes(data[len(data) // 2 :])
    x, _ = read(tmp_path / "x.mp3")
    assert 95_000 < x.shape[1] < 105_000


def test_the_front_is_searched_within_a_bound(tmp_path):
    far, lonely = b"la" * (1 << 20) + encoded("mp3", 65536), tag("a") + b"\xff\xfb\x90\x00" + b"la" * 5000
    for data in (far, lonely):
        (tmp_path / "x.mp3").write_bytes(data)
        with pytest.raises(AudioFileError, match="is not an audio file that can be read"):
            read(tmp_path / "x.mp3")


@pytest.mark.parametrize("behind", ["id3v1", "ape", "both", "lyrics"])
def test_tags_at_the_end_are_no_audio_and_no_cut(tmp_path, monkeypatch, behind):
    lengths.decode_here(monkeypatch)
    v1 = b"TAG" + bytes(125)
    ends = {"id3v1": v1, "ape": ape(), "both": ape() + v1, "lyrics": b"LYRICSBEGININD0000200000021LYRICS200" + v1}
    for kind in ("mp3", "flac", "ogg"):
        path = tmp_path / f"x.{kind}"
        path.write_bytes(encoded(kind, 65536) + ends[behind])
        x, notes = read(path)
        np.testing.assert_array_equal(x, alone(kind, 65536))
        assert notes == ()


def test_mp3s_joined_with_their_tags(tmp_path):
    first, second = encoded("mp3", 65536), encoded("mp3", SECOND_FRAMES)
    (tmp_path / "x.mp3").write_bytes(tag("a") + first + b"TAG" + bytes(125) + tag("b") + second + b"TAG" + bytes(125))
    x, notes = read(tmp_path / "x.mp3")
    both = np.concatenate([alone("mp3", 65536), alone("mp3", SECOND_FRAMES)], axis=1)
    np.testing.assert_array_equal(x, both)
    assert notes == ("2 streams are joined in it, one behind the other",)
