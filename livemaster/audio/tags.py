"""Tags and cover, carried from a mix to its master across formats, with true loudness in place of stale.

Tags are never worth a master: whatever is wrong with them becomes a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from livemaster.audio.chunks import walk_chunks
from livemaster.audio.header import read_header
from livemaster.audio.tag_fields import Tags
from livemaster.audio.tag_names import CHUNK_KEYS
from livemaster.audio.vorbis import read_flac, read_ogg, write_flac, write_ogg
from livemaster.units import db_to_gain

REPLAYGAIN_REFERENCE_LUFS = -18.0
"""ReplayGain 2.0: the loudness to which players bring every track."""

_MOST_ID3_BYTES = 64 << 20
_MOST_CHUNK_TEXT_BYTES = 65536


def read_tags(path: Path) -> Tags:
    """Text fields and pictures of an audio file; what cannot be read is told in `warnings`, never raised."""
    tags = Tags()
    try:
        with path.open("rb") as file:
            size_bytes = path.stat().st_size
            kind = read_header(file, size_bytes, path.name).format
            _READERS[kind](file, size_bytes, tags)
    except Exception as error:  # mutagen raises whatever a damaged tag makes it raise
        tags.warnings.append(f"tags were not read completely ({_told(error)})")
    return tags


def write_tags(path: Path, tags: Tags, integrated_lufs: float | None, true_peak_dbtp: float | None) -> tuple[str, ...]:
    """Give a finished file these tags and its own ReplayGain (gain to −18 LUFS, peak as linear true peak).

    Measurements that are None (silence) are left out. Returns warnings, raises nothing.
    """
    full = Tags(dict(tags.text), list(tags.pictures), list(tags.warnings))
    if integrated_lufs is not None:
        gain_db = REPLAYGAIN_REFERENCE_LUFS - integrated_lufs
        full.text["REPLAYGAIN_TRACK_GAIN"] = [f"{gain_db:+.2f} dB"]
    if true_peak_dbtp is not None:
        full.text["REPLAYGAIN_TRACK_PEAK"] = [f"{db_to_gain(true_peak_dbtp):.6f}"]
    try:
        with path.open("rb") as file:
            kind = read_header(file, path.stat().st_size, path.name).format
        _WRITERS[kind](path, full)
    except Exception as error:  # as above
        full.warnings.append(f"tags were not written ({_told(error)})")
    return tuple(full.warnings)


def _told(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())


def _read_mp3(file: BinaryIO, size_bytes: int, tags: Tags) -> None:
    from livemaster.audio.id3 import from_id3, from_id3v1

    file.seek(0)
    head = file.read(10)
    if head[:3] == b"ID3":
        length = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
        from_id3(_bytes_at(file, 0, length), tags)
        return
    file.seek(max(0, size_bytes - 128))
    last = file.read(128)
    if last[:3] == b"TAG":
        from_id3v1(last, tags)


def _read_riff(file: BinaryIO, size_bytes: int, tags: Tags) -> None:
    file.seek(0)
    _read_chunks(file, size_bytes, ">" if file.read(4) == b"RIFX" else "<", tags)


def _read_aiff(file: BinaryIO, size_bytes: int, tags: Tags) -> None:
    _read_chunks(file, size_bytes, ">", tags)


def _read_chunks(file: BinaryIO, size_bytes: int, order: str, tags: Tags) -> None:
    """The ID3 chunk, then what only the format's own text chunks have."""
    from livemaster.audio.id3 import from_id3

    own = Tags()
    for identity, at, length in walk_chunks(file, size_bytes, order):
        if identity in (b"id3 ", b"ID3 "):
            from_id3(_bytes_at(file, at, length), tags)
        elif identity in CHUNK_KEYS and order == ">":
            _add_text(identity, _bytes_at(file, at, min(length, _MOST_CHUNK_TEXT_BYTES)), own)
        elif identity == b"LIST":
            for inner, text in _info(_bytes_at(file, at, min(length, _MOST_CHUNK_TEXT_BYTES))):
                _add_text(inner, text, own)
    for key, values in own.text.items():
        tags.text.setdefault(key, values)


def _info(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The entries of a LIST INFO chunk."""
    at = 4
    while data[:4] == b"INFO" and at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        yield data[at : at + 4], data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _add_text(identity: bytes, data: bytes, tags: Tags) -> None:
    if identity in CHUNK_KEYS:
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text = data.decode("latin-1")
        tags.add(CHUNK_KEYS[identity], text)


def _bytes_at(file: BinaryIO, at: int, length: int) -> bytes:
    if length > _MOST_ID3_BYTES:
        raise ValueError(f"a tag of {length} bytes, allowed are {_MOST_ID3_BYTES}")
    file.seek(at)
    return file.read(length)


def _write_mp3(path: Path, tags: Tags) -> None:
    from mutagen.id3 import ID3

    from livemaster.audio.id3 import fill_id3

    tag = ID3()
    fill_id3(tag, tags)
    tag.save(path)


def _write_riff(path: Path, tags: Tags) -> None:
    from mutagen.wave import WAVE

    _write_chunk(WAVE(path), tags)


def _write_aiff(path: Path, tags: Tags) -> None:
    from mutagen.aiff import AIFF

    _write_chunk(AIFF(path), tags)


def _write_chunk(file: Any, tags: Tags) -> None:
    from livemaster.audio.id3 import fill_id3

    if file.tags is None:
        file.add_tags()
    file.tags.clear()
    fill_id3(file.tags, tags)
    file.save()


_READERS: dict[str, Callable[[BinaryIO, int, Tags], None]] = {
    "WAV": _read_riff,
    "AIFF": _read_aiff,
    "FLAC": read_flac,
    "OGG": read_ogg,
    "MP3": _read_mp3,
}
_WRITERS: dict[str, Callable[[Path, Tags], None]] = {
    "WAV": _write_riff,
    "AIFF": _write_aiff,
    "FLAC": write_flac,
    "OGG": write_ogg,
    "MP3": _write_mp3,
}
