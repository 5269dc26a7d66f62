"""Metadata goes along to where the target has a place for it, or its loss is told; one bad field costs only itself."""

from __future__ import annotations

import base64
import io
import random
import struct
from pathlib import Path

import mutagen
import mutagen.id3 as id3
import numpy as np
import pytest
import soundfile as sf
from mutagen.aiff import AIFF
from mutagen.apev2 import APEBinaryValue, APEv2
from mutagen.flac import FLAC, CueSheet, CueSheetTrack, CueSheetTrackIndex
from test_tags import COVER, FIELDS, SUFFIXES, audio_file

from livemaster.audio import Tags, open_reader, read_tags, write_tags

DATES = [
    "2024-05-06",
    "06.05.2024",
    "05/06/2024",
    "6 May 2024",
    "May 2024",
    "c. 1998",
    "1998-1999",
    "2024-5-6",
    "MMXXIV",
]


def carried(source: Path, target: Path) -> tuple[Tags, tuple[str, ...]]:
    """What a new file has that was given the tags of another, and what was said."""
    audio_file(target)
    said = write_tags(target, read_tags(source), -14.0, -1.0)
    return read_tags(target), said


def with_id3(path: Path, *frames: id3.Frame, version: int = 4, body: bytes | None = None) -> Path:
    """An MP3 behind a tag of these frames."""
    tag, out = id3.ID3(), io.BytesIO()
    for frame in frames:
        tag.add(frame)
    tag.save(out, v2_version=version)
    path.write_bytes(out.getvalue() + (audio_file(path).read_bytes() if body is None else body))
    return path


def plain_frame(name: bytes, body: bytes) -> bytes:
    return name + struct.pack(">I", len(body)) + b"\0\0" + body


def synchsafe(n: int) -> bytes:
    return bytes(n >> shift & 127 for shift in (21, 14, 7, 0))


# -- dates -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", SUFFIXES)
@pytest.mark.parametrize("date", DATES)
def test_a_date_stays_as_it_was_written(tmp_path, date, target):
    for key in ("DATE", "ORIGINALDATE"):
        flac = FLAC(audio_file(tmp_path / "x.flac"))
        flac[key] = date
        flac.save()
        found, said = carried(tmp_path / "x.flac", tmp_path / f"y.{target}")
        assert found.text[key.lower()] == [date]
        assert said == ()


@pytest.mark.parametrize("name", [b"TDRC", b"TYER"])
def test_a_date_in_id3_that_is_none_of_its_own_stays_as_it_was_written(tmp_path, name):
    version = 4 if name == b"TDRC" else 3
    body = plain_frame(name, b"\x0306.05.2024" if version == 4 else b"\0" + b"c. 1998")
    sound = audio_file(tmp_path / "x.mp3").read_bytes()
    (tmp_path / "x.mp3").write_bytes(b"ID3" + bytes([version, 0, 0]) + synchsafe(len(body)) + body + sound)
    assert read_tags(tmp_path / "x.mp3").text["date"] == ["06.05.2024" if version == 4 else "c. 1998"]


def test_a_year_beside_the_whole_date_is_no_second_date(tmp_path):
    for order in (("YEAR", "DATE"), ("DATE", "YEAR")):
        flac = FLAC(audio_file(tmp_path / "x.flac"))
        for name in order:
            flac[name] = {"YEAR": "1999", "DATE": "1999-05-06"}[name]
        flac.save()
        assert read_tags(tmp_path / "x.flac").text["date"] == ["1999-05-06"]


# -- ID3 -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_frame_sizes_of_old_itunes(tmp_path, seed):
    chance = random.Random(seed)
    jpeg = b"\xff\xd8\xff\xe0" + chance.randbytes(chance.randrange(130, 400_000)) + b"\xff\xd9"
    frames = plain_frame(b"TIT2", b"\x03Title") + plain_frame(b"TPE1", b"\x03" + b"Artist " * 30)
    frames += plain_frame(b"APIC", b"\0image/jpeg\0\x03\0" + jpeg)
    sound = audio_file(tmp_path / "x.mp3").read_bytes()
    (tmp_path / "x.mp3").write_bytes(b"ID3\4\0\0" + synchsafe(len(frames)) + frames + sound)
    found = read_tags(tmp_path / "x.mp3")
    assert (found.text["title"], found.text["artist"], found.warnings) == (["Title"], [("Artist " * 30).strip()], [])
    assert found.pictures[0].data == jpeg


@pytest.mark.parametrize("target", SUFFIXES)
def test_comments_keep_their_descriptions(tmp_path, target):
    def comment(description: str, text: str) -> id3.COMM:
        return id3.COMM(encoding=3, lang="eng", desc=description, text=text)

    with_id3(tmp_path / "x.mp3", comment("", "Nice take"), comment("Mood", "blue"), comment("iTunNORM", "0 1"))
    found, said = carried(tmp_path / "x.mp3", tmp_path / f"y.{target}")
    assert found.text["comment"] == ["Nice take"]
    described = {key.lower(): values for key, values in found.text.items() if key.lower().startswith("comment:")}
    assert described == {"comment:mood": ["blue"]}
    assert said == ()
    if target == "mp3":
        assert id3.ID3(tmp_path / "y.mp3").getall("COMM:Mood")[0].text == ["blue"]


def test_an_address_keeps_its_description(tmp_path):
    with_id3(tmp_path / "x.mp3", id3.WXXX(encoding=3, desc="Bandcamp", url="https://example.org/a"))
    carried(tmp_path / "x.mp3", tmp_path / "y.wav")
    assert mutagen.File(tmp_path / "y.wav").tags.getall("WXXX:Bandcamp")[0].url == "https://example.org/a"


def test_a_broken_frame_costs_only_itself(tmp_path):
    good = plain_frame(b"TIT2", b"\x03Title") + plain_frame(b"TPE1", b"\x03Artist")
    broken = plain_frame(b"TXXX", b"\x09") + plain_frame(b"APIC", b"\x03im") + plain_frame(b"TALB", b"\x01\xff\xfe\xd8")
    sound = audio_file(tmp_path / "x.mp3").read_bytes()
    frames = broken + good
    (tmp_path / "x.mp3").write_bytes(b"ID3\3\0\0" + synchsafe(len(frames)) + frames + sound)
    found = read_tags(tmp_path / "x.mp3")
    assert (found.text["title"], found.text["artist"]) == (["Title"], ["Artist"])
    assert len(found.warnings) >= 2


def test_a_total_without_a_number_goes_along(tmp_path):
    flac = FLAC(audio_file(tmp_path / "x.flac"))
    flac["TRACKTOTAL"], flac["DISCTOTAL"] = "12", "2"
    flac.save()
    found, _ = carried(tmp_path / "x.flac", tmp_path / "y.mp3")
    assert (found.text["tracktotal"], found.text["disctotal"]) == (["12"], ["2"])


def test_a_field_that_cannot_be_written_costs_only_itself(tmp_path):
    fields = {"title": ["Title"], "WOAR": ["https://example.org/ü"], "album": ["\ud800"], "artist": ["Artist"]}
    for suffix in ("mp3", "wav", "aiff"):
        path = audio_file(tmp_path / f"x.{suffix}")
        said = write_tags(path, Tags(dict(fields)), -14.0, -1.0)
        found = read_tags(path).text
        assert (found["title"], found["artist"], found["WOAR"]) == (["Title"], ["Artist"], ["https://example.org/ü"])
        assert said == ("the tag 'album' was not written: the format cannot hold it",)


def test_what_a_flac_cannot_hold_costs_only_itself(tmp_path):
    path = audio_file(tmp_path / "x.flac")
    huge = type(COVER)("image/png", 3, "", bytes(1 << 24))
    said = write_tags(path, Tags({**FIELDS, "lyrics": ["x" * (1 << 24)]}, [huge, COVER]), -14.0, -1.0)
    found = read_tags(path)
    assert found.text == {key: values for key, values in FIELDS.items() if key != "lyrics"}
    assert found.pictures == [COVER]
    assert len(said) == 2


# -- other tags of an MP3 --------------------------------------------------------------------------------------


def ape_tag() -> bytes:
    tag, out = APEv2(), io.BytesIO()
    tag["Title"], tag["Artist"], tag["Year"], tag["Mp3gain_minmax"] = "Ape title", ["A", "B"], "2004", "1,2"
    tag["Cover Art (Front)"] = APEBinaryValue(b"cover.png\0" + COVER.data)
    tag.save(out)
    return out.getvalue()


V1 = b"TAG" + b"Title in v1".ljust(30, b"\0") + b"Artist in v1".ljust(30, b"\0") + b"Album in v1".ljust(30, b"\0")
V1 += b"2004" + bytes(30) + b"\x11"


@pytest.mark.parametrize("behind", [False, True])
def test_apev2_is_read(tmp_path, behind):
    sound = audio_file(tmp_path / "x.mp3").read_bytes()
    (tmp_path / "x.mp3").write_bytes(sound + ape_tag() + (V1 if behind else b""))
    found = read_tags(tmp_path / "x.mp3")
    assert (found.text["title"], found.text["artist"], found.text["date"]) == (["Ape title"], ["A", "B"], ["2004"])
    assert found.text.get("album") == (["Album in v1"] if behind else None)
    assert [(each.mime, each.kind, each.data) for each in found.pictures] == [("image/png", 3, COVER.data)]
    assert found.warnings == []


def test_a_later_tag_fills_what_an_earlier_one_lacks(tmp_path):
    sound = audio_file(tmp_path / "x.mp3").read_bytes()
    path = with_id3(tmp_path / "x.mp3", id3.TCON(encoding=3, text="House"), body=sound + ape_tag() + V1)
    front, out = id3.ID3(), io.BytesIO()
    front.add(id3.TPE1(encoding=3, text="First"))
    front.save(out)
    path.write_bytes(out.getvalue() + path.read_bytes())
    found = read_tags(path).text
    wanted = {"artist": "First", "genre": "House", "title": "Ape title", "album": "Album in v1"}
    assert {key: found[key] for key in wanted} == {key: [value] for key, value in wanted.items()}


def test_an_id3v2_tag_at_the_end_is_read(tmp_path):
    frames = plain_frame(b"TIT2", b"\x03At the end")
    head = bytes([4, 0, 0x10]) + synchsafe(len(frames))
    sound = audio_file(tmp_path / "x.mp3").read_bytes()
    (tmp_path / "x.mp3").write_bytes(sound + b"ID3" + head + frames + b"3DI" + head)
    assert read_tags(tmp_path / "x.mp3").text["title"] == ["At the end"]


def test_a_tag_in_front_of_any_format_is_read(tmp_path):
    for suffix in SUFFIXES:
        path = audio_file(tmp_path / f"x.{suffix}")
        with_id3(path, id3.TIT2(encoding=3, text="In front"), body=path.read_bytes())
        assert read_tags(path).text["title"] == ["In front"]
        with open_reader(path) as reader:
            assert reader.frames == 5001


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_tags_behind_any_format_are_read(tmp_path, suffix):
    path = audio_file(tmp_path / f"x.{suffix}")
    write_tags(path, Tags({"title": ["Its own"]}), None, None)
    lyrics = b"LYRICSBEGININD0000200000021LYRICS200"
    path.write_bytes(path.read_bytes() + ape_tag() + lyrics + V1)
    found = read_tags(path)
    assert (found.text["title"], found.text["artist"]) == (["Its own"], ["A", "B"])
    assert found.text["album"] == ["Album in v1"]
    assert found.warnings == ["a Lyrics3 tag was not copied"]
    with open_reader(path) as reader:
        assert (reader.frames, reader.info.notes) == (5001, ())


def test_old_covers_of_vorbis_are_pictures(tmp_path):
    flac = FLAC(audio_file(tmp_path / "x.flac"))
    flac["COVERART"], flac["COVERARTMIME"] = base64.b64encode(COVER.data).decode(), "image/png"
    flac["METADATA_BLOCK_PICTURE"] = "no base64 at all"
    flac["TITLE"] = "Title"
    flac.save()
    found = read_tags(tmp_path / "x.flac")
    assert [(each.mime, each.data) for each in found.pictures] == [("image/png", COVER.data)]
    assert found.text == {"title": ["Title"]}
    assert found.warnings == ["a picture is broken and was not read"]


# -- chunks and blocks -----------------------------------------------------------------------------------------


def chunk(identity: bytes, data: bytes, order: str = "<") -> bytes:
    return identity + struct.pack(order + "I", len(data)) + data + b"\0" * (len(data) % 2)


BEXT = b"Description".ljust(256, b"\0") + bytes(64) + b"2024-05-0610:11:12" + struct.pack("<QH", 48_000, 2) + bytes(64)
BEXT += struct.pack("<5h", -1400, 500, -100, -1200, -1300) + bytes(180)
CHUNKS = {
    b"bext": BEXT,
    b"iXML": b"<BWFXML><SCENE>1</SCENE></BWFXML>",
    b"cue ": struct.pack("<IIIIIII", 1, 1, 4410, 0x61746164, 0, 0, 4410),
    b"smpl": struct.pack("<9I", 0, 0, 22675, 60, 0, 0, 0, 1, 0) + struct.pack("<6I", 0, 0, 1000, 4000, 0, 0),
    b"inst": bytes(7),
}
LABELS = b"adtl" + chunk(b"labl", struct.pack("<I", 1) + b"Verse\0")
INFO = b"INFO" + chunk(b"INAM", b"Wav title\0") + chunk(b"IENG", b"An engineer\0") + chunk(b"ISFT", b"A program\0")


def studio(path: Path) -> Path:
    """A WAV with all that studios write."""
    data = audio_file(path).read_bytes()
    behind = b"".join(chunk(name, content) for name, content in CHUNKS.items())
    behind += chunk(b"LIST", LABELS) + chunk(b"LIST", INFO)
    path.write_bytes(data[:4] + struct.pack("<I", len(data) + len(behind) - 8) + data[8:] + behind)
    return path


def chunks_of(path: Path, order: str = "<") -> list[tuple[bytes, bytes]]:
    data, at, found = path.read_bytes(), 12, []
    assert struct.unpack(order + "I", data[4:8])[0] == len(data) - 8
    while at < len(data):
        length = struct.unpack(order + "I", data[at + 4 : at + 8])[0]
        found.append((data[at : at + 4], data[at + 8 : at + 8 + length]))
        at += 8 + length + length % 2
    assert at == len(data)
    return found


def test_the_chunks_of_a_wav_go_along_to_a_wav(tmp_path):
    found, said = carried(studio(tmp_path / "x.wav"), tmp_path / "y.wav")
    assert said == ()
    made = chunks_of(tmp_path / "y.wav")
    unknown = struct.pack("<5h", *[0x7FFF] * 5)
    for name, content in CHUNKS.items():
        assert (name, content[:412] + unknown + content[422:] if name == b"bext" else content) in made
    assert (b"LIST", LABELS) in made
    assert (b"LIST", INFO[: INFO.index(b"ISFT")]) in made
    assert (found.text["title"], found.text["engineer"]) == (["Wav title"], ["An engineer"])
    assert sf.info(tmp_path / "y.wav").frames == 5001
    again, _ = carried(tmp_path / "y.wav", tmp_path / "z.wav")
    assert again.blocks == found.blocks


@pytest.mark.parametrize("target", ["flac", "aiff", "mp3", "ogg"])
def test_what_a_format_has_no_place_for_is_told(tmp_path, target):
    _, said = carried(studio(tmp_path / "x.wav"), tmp_path / f"y.{target}")
    assert said == ("bext, iXML, cue, smpl, inst, labels: not copied, the format has no place for it",)


def test_places_in_frames_are_not_copied_to_another_rate(tmp_path):
    sf.write(tmp_path / "y.wav", np.zeros((100, 2)), 48_000)
    said = write_tags(tmp_path / "y.wav", read_tags(studio(tmp_path / "x.wav")), None, None)
    assert [each.split(" was")[0] for each in said] == ["bext", "cue", "smpl", "labels"]
    assert {name for name, _ in chunks_of(tmp_path / "y.wav")} >= {b"iXML", b"inst"}


def test_a_chunk_that_nobody_knows_or_that_is_too_long_is_told(tmp_path):
    path = audio_file(tmp_path / "x.wav")
    path.write_bytes(path.read_bytes() + chunk(b"what", b"ever") + chunk(b"iXML", bytes((1 << 24) + 1)))
    assert read_tags(path).warnings == ["chunks that were not copied: what, iXML"]


def test_markers_of_an_aiff_go_along_to_an_aiff(tmp_path):
    path = audio_file(tmp_path / "x.aiff")
    marks = struct.pack(">HHI", 1, 1, 4410) + b"\x05Verse"
    blocks = {b"MARK": marks, b"COMT": struct.pack(">HIHH", 1, 0, 0, 2) + b"hi", b"INST": bytes(20)}
    path.write_bytes(path.read_bytes() + b"".join(chunk(name, data, ">") for name, data in blocks.items()))
    _, said = carried(path, tmp_path / "y.aiff")
    assert said == ()
    assert dict(chunks_of(tmp_path / "y.aiff", ">")).items() >= blocks.items()
    assert AIFF(tmp_path / "y.aiff").info.length > 0
    _, said = carried(path, tmp_path / "y.wav")
    assert said == ("MARK, COMT, INST: not copied, the format has no place for it",)


def test_the_cue_sheet_of_a_flac_goes_along_to_a_flac(tmp_path):
    flac = FLAC(audio_file(tmp_path / "x.flac"))
    sheet = CueSheet(None)
    for number, offset in ((1, 0), (2, 2352), (170, 4704)):
        track = CueSheetTrack(number, offset)
        track.indexes = [CueSheetTrackIndex(1, 0)] if number < 170 else []
        sheet.tracks.append(track)
    flac.metadata_blocks.append(sheet)
    flac.save()
    _, said = carried(tmp_path / "x.flac", tmp_path / "y.flac")
    assert said == ()
    assert [track.start_offset for track in FLAC(tmp_path / "y.flac").cuesheet.tracks] == [0, 2352, 4704]
    assert sf.info(tmp_path / "y.flac").frames == 5001
    _, said = carried(tmp_path / "x.flac", tmp_path / "y.wav")
    assert said == ("the cue sheet: not copied, the format has no place for it",)


def test_a_block_of_a_flac_that_only_its_program_knows_is_told(tmp_path):
    path = audio_file(tmp_path / "x.flac")
    data, block = path.read_bytes(), b"riffRIFF" + bytes(8)
    assert data[4] == 0
    path.write_bytes(data[:42] + b"\x02" + len(block).to_bytes(3, "big") + block + data[42:])
    assert sf.info(path).frames == 5001
    assert read_tags(path).warnings == ["a FLAC block of type 2 (riff) was not copied"]


def test_text_in_the_code_page_of_windows(tmp_path):
    path = audio_file(tmp_path / "x.wav")
    info = b"INFO" + chunk(b"INAM", "Motörhead “Live” €".encode("cp1252") + b"\0")
    path.write_bytes(path.read_bytes() + chunk(b"LIST", info))
    assert read_tags(path).text == {"title": ["Motörhead “Live” €"]}
