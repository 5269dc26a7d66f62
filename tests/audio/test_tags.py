"""Tags and cover go from any format to any other; the source's loudness does not, the master's own does."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import mutagen
import mutagen.id3 as id3
import numpy as np
import pytest
import soundfile as sf
from mutagen.flac import FLAC
from mutagen.oggvorbis import OggVorbis

from livemaster.audio import Picture, Tags, open_reader, open_writer, read_tags, tags, wav, write_tags

SUFFIXES = ["wav", "aiff", "flac", "ogg", "mp3"]
COVER = Picture("image/png", 3, "front", b"\x89PNG\r\n" + bytes(range(256)) * 300)
FIELDS = {
    "title": ["Späti – Nacht"],
    "artist": ["One", "Two"],
    "album": ["Album"],
    "albumartist": ["Various"],
    "date": ["2024-05-06"],
    "tracknumber": ["3"],
    "tracktotal": ["12"],
    "discnumber": ["1"],
    "disctotal": ["2"],
    "genre": ["Electronic"],
    "comment": ["mixed at home"],
    "composer": ["Somebody"],
    "isrc": ["DEABC2400001"],
    "bpm": ["128"],
    "copyright": ["2024 Us"],
    "lyrics": ["la la\nla"],
    "MOOD_BOARD": ["whatever this is"],
}


def audio_file(path: Path, x: np.ndarray | None = None) -> Path:
    x = np.random.default_rng(1).standard_normal((2, 5001)).astype(np.float32) * 0.1 if x is None else x
    with open_writer(path, 44100, 2, force=True) as writer:
        writer.write(x.astype(np.float32))
        writer.commit()
    return path


def samples(path: Path) -> np.ndarray:
    with open_reader(path) as reader:
        return np.concatenate(list(reader.chunks()), axis=1)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_format_gives_back_what_it_was_given(tmp_path, suffix):
    path = audio_file(tmp_path / f"x.{suffix}")
    before = samples(path)
    assert write_tags(path, Tags(dict(FIELDS), [COVER]), -14.0, -1.0) == ()
    found = read_tags(path)
    assert found.text == FIELDS
    assert found.pictures == [COVER]
    assert found.warnings == []
    np.testing.assert_array_equal(samples(path), before)
    assert sf.info(path).frames == 5001


@pytest.mark.parametrize("target", SUFFIXES)
@pytest.mark.parametrize("source", SUFFIXES)
def test_tags_travel_between_any_two_formats(tmp_path, source, target):
    first = audio_file(tmp_path / f"mix.{source}")
    write_tags(first, Tags(dict(FIELDS), [COVER]), -20.0, -3.0)
    second = audio_file(tmp_path / f"master.{target}")
    assert write_tags(second, read_tags(first), -14.0, -1.0) == ()
    found = read_tags(second)
    assert (found.text, found.pictures) == (FIELDS, [COVER])


def test_replaygain_is_that_of_the_master(tmp_path):
    for suffix in ("flac", "ogg"):
        path = audio_file(tmp_path / f"x.{suffix}")
        write_tags(path, Tags(), -14.02, -1.0)
        comments = mutagen.File(path)
        assert comments["replaygain_track_gain"] == ["-3.98 dB"]
        assert comments["replaygain_track_peak"] == ["0.891251"]
    for suffix in ("mp3", "wav", "aiff"):
        path = audio_file(tmp_path / f"x.{suffix}")
        write_tags(path, Tags(), -23.5, 0.0)
        frames = mutagen.File(path).tags
        assert frames["TXXX:REPLAYGAIN_TRACK_GAIN"].text == ["+5.50 dB"]
        assert frames["TXXX:REPLAYGAIN_TRACK_PEAK"].text == ["1.000000"]


def fields_of(path: Path) -> dict[str, list[str]]:
    """All that another program finds, covers counted."""
    file = mutagen.File(path)
    pictures = [*getattr(file, "pictures", ()), *(value for key, value in file.tags.items() if key.startswith("APIC"))]
    found = {key.lower(): [str(value)] for key, value in file.tags.items() if not key.startswith("APIC")}
    return {**found, "covers": [str(len(pictures))]}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_no_field_of_an_earlier_writer_stays_beside_the_true_ones(tmp_path, suffix):
    """Neither one that the new tags have too, nor one that they lack, nor a cover."""
    fresh, used = audio_file(tmp_path / f"fresh.{suffix}"), audio_file(tmp_path / f"used.{suffix}")
    earlier = {**FIELDS, "title": ["Earlier"], "artist": ["Earlier"], "REPLAYGAIN_ALBUM_GAIN": ["+9.00 dB"]}
    assert write_tags(used, Tags(earlier, [COVER]), -30.0, -9.0) == ()
    for path in (fresh, used):
        assert write_tags(path, Tags({"title": ["Title"]}), -14.0, -1.0) == ()
    assert fields_of(used) == fields_of(fresh)
    assert b"Earlier" not in used.read_bytes()
    assert read_tags(used) == read_tags(fresh)


def test_silence_gets_no_replaygain(tmp_path):
    path = audio_file(tmp_path / "x.flac")
    write_tags(path, Tags({"title": ["Silence"]}), None, None)
    assert dict(FLAC(path)) == {"title": ["Silence"]}


def test_stale_loudness_and_encoder_fields_are_dropped(tmp_path):
    flac = FLAC(audio_file(tmp_path / "x.flac"))
    stale = ("REPLAYGAIN_TRACK_GAIN", "replaygain_album_peak", "R128_TRACK_GAIN", "iTunNORM", "ENCODER", "MP3GAIN_UNDO")
    for name in (*stale, "TITLE"):
        flac[name] = "1"
    flac.save()
    assert read_tags(tmp_path / "x.flac").text == {"title": ["1"]}
    path = audio_file(tmp_path / "x.mp3")
    tag = id3.ID3()
    tag.add(id3.TXXX(desc="REPLAYGAIN_TRACK_GAIN", text="-9 dB"))
    tag.add(id3.COMM(lang="eng", desc="iTunNORM", text="0000"))
    tag.add(id3.RVA2(desc="track", channel=1, gain=-3.0, peak=0.5))
    tag.add(id3.TSSE(text="LAME"))
    tag.add(id3.TIT2(text="Title"))
    tag.save(path)
    found = read_tags(path)
    assert (found.text, found.warnings) == ({"title": ["Title"]}, [])


def test_id3_fields_of_other_programs_are_understood(tmp_path):
    path = audio_file(tmp_path / "x.mp3")
    tag = id3.ID3()
    tag.add(id3.TRCK(text="3/12"))
    tag.add(id3.TCON(text="(17)"))
    tag.add(id3.TYER(text="1999"))
    tag.add(id3.TXXX(desc="MusicBrainz Album Id", text="abc"))
    tag.add(id3.TOWN(text="owner"))
    tag.add(id3.WOAR(url="https://example.org"))
    tag.add(id3.COMM(lang="deu", desc="", text="hallo"))
    tag.add(id3.UFID(owner="x", data=b"y"))
    tag.save(path, v2_version=3)
    found = read_tags(path)
    expected = {
        "tracknumber": ["3"],
        "tracktotal": ["12"],
        "genre": ["Rock"],
        "date": ["1999"],
        "MusicBrainz Album Id": ["abc"],
        "TOWN": ["owner"],
        "WOAR": ["https://example.org"],
        "comment": ["hallo"],
    }
    assert found.text == expected
    assert found.warnings == ["the ID3 frame UFID was not copied"]
    again = audio_file(tmp_path / "y.mp3")
    write_tags(again, found, None, None)
    assert id3.ID3(again)["TOWN"].text == ["owner"]
    assert read_tags(again).text == expected


def test_vorbis_fields_of_other_programs_are_understood(tmp_path):
    ogg = OggVorbis(audio_file(tmp_path / "x.ogg"))
    ogg["ALBUM ARTIST"], ogg["TRACKNUMBER"], ogg["TOTALTRACKS"], ogg["YEAR"] = "A", "4/9", "9", "1999"
    ogg.save()
    expected = {"albumartist": ["A"], "tracknumber": ["4"], "tracktotal": ["9"], "date": ["1999"]}
    assert read_tags(tmp_path / "x.ogg").text == expected


def test_an_id3v1_tag_is_read(tmp_path):
    path = audio_file(tmp_path / "x.mp3")
    tag = b"TAG" + b"Old title".ljust(30, b"\0") + b"Old artist".ljust(30, b"\0") + bytes(64) + b"\x11"
    path.write_bytes(path.read_bytes() + tag)
    found = read_tags(path).text
    assert (found["title"], found["artist"], found["genre"]) == (["Old title"], ["Old artist"], ["Rock"])


def test_the_text_chunks_of_wav_and_aiff_are_read(tmp_path):
    def entry(name: bytes, text: bytes, order: str) -> bytes:
        return name + struct.pack(order + "I", len(text)) + text + b"\0" * (len(text) % 2)

    path = audio_file(tmp_path / "x.wav")
    info = b"INFO" + entry(b"INAM", b"Caf\xc3\xa9\0", "<") + entry(b"IART", b"M\xfcller\0", "<")
    path.write_bytes(path.read_bytes() + entry(b"LIST", info, "<"))
    assert read_tags(path).text == {"title": ["Café"], "artist": ["Müller"]}
    path = audio_file(tmp_path / "x.aiff")
    path.write_bytes(path.read_bytes() + entry(b"NAME", b"Title", ">") + entry(b"AUTH", b"Me", ">"))
    assert read_tags(path).text == {"title": ["Title"], "artist": ["Me"]}


def id3_tag(version: int, frame: bytes) -> bytes:
    return b"ID3" + bytes([version, 0, 0]) + struct.pack(">I", len(frame)) + frame


@pytest.mark.parametrize(("version", "flag"), [(3, 0x80), (4, 0x08)])
def test_compressed_id3_frames_are_not_expanded(tmp_path, version, flag):
    packed = b"\0\0\0\x7f" + zlib.compress(b"\0" + b"A" * 50)
    frame = b"TIT2" + struct.pack(">I", len(packed)) + bytes([0, flag]) + packed
    path = audio_file(tmp_path / "x.mp3")
    path.write_bytes(id3_tag(version, frame) + path.read_bytes())
    found = read_tags(path)
    assert found.text == {}
    assert len(found.warnings) == 1
    assert "compressed" in found.warnings[0]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_damaged_tags_are_a_warning_at_most(tmp_path, suffix):
    path = audio_file(tmp_path / f"x.{suffix}")
    write_tags(path, Tags(dict(FIELDS), [COVER]), -14.0, -1.0)
    whole = path.read_bytes()
    at = whole.index(b"Album")
    rng = np.random.default_rng(2)
    warned = 0
    for _ in range(60):
        data = bytearray(whole)
        for place in rng.integers(max(0, at - 200), at + 200, 6):
            data[place] = int(rng.integers(0, 256))
        path.write_bytes(data)
        warnings = read_tags(path).warnings
        warned += bool(warnings)
        assert all("\n" not in warning for warning in warnings)
    assert warned > 0


def test_tags_that_cannot_be_written_are_a_warning_and_the_audio_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(wav, "RIFF_MOST_BYTES", 1000)
    path = audio_file(tmp_path / "rf64.wav")
    before = path.read_bytes()
    (warning,) = write_tags(path, Tags(dict(FIELDS)), -14.0, -1.0)
    assert warning.startswith("tags were not written")
    assert path.read_bytes() == before

    def explode(*_: object) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setitem(tags._WRITERS, "FLAC", explode)
    path = audio_file(tmp_path / "x.flac")
    assert write_tags(path, Tags(), -14.0, -1.0) == ("tags were not written (RuntimeError: two lines)",)


def test_a_missing_file_is_a_warning():
    assert "FileNotFoundError" in read_tags(Path("nowhere.wav")).warnings[0]
