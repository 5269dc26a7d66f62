"""Tags and cover, carried from a mix to its master across formats, with true loudness in place of stale.

Tags are never worth a master: whatever is wrong with them becomes a warning.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from livemaster.audio.blocks import AIFF, MOST_BLOCK_BYTES, WAV, append_chunks, block_of, fitting, info_entries, is_told
from livemaster.audio.chunks import Header, walk_chunks
from livemaster.audio.flac import stream_info
from livemaster.audio.header import read_header
from livemaster.audio.tag_fields import Tags
from livemaster.audio.tag_names import CHUNK_KEYS
from livemaster.audio.tag_places import end_of_sound, tags_behind, tags_in_front
from livemaster.audio.vorbis import read_flac, read_ogg, write_flac, write_ogg
from livemaster.printable import printable
from livemaster.units import db_to_gain

REPLAYGAIN_REFERENCE_LUFS = -18.0
"""ReplayGain 2.0: the loudness to which players bring every track."""

_MOST_ID3_BYTES = 64 << 20
_MOST_CHUNK_TEXT_BYTES = 65536
_ORDERS = {WAV: "<", AIFF: ">"}


def read_tags(path: Path) -> Tags:
    """Text fields, pictures and blocks of an audio file; what cannot be read is told in `warnings`, never raised."""
    tags = Tags()
    try:
        with path.open("rb") as file:
            size_bytes = path.stat().st_size
            header, end = read_header(file, size_bytes, path.name), end_of_sound(file, size_bytes)
            front = Tags()
            _read_front(file, header.start, front)
            if header.format == "MP3":  # whose own tag it is; elsewhere it is a stranger
                tags.fill(front)
            tags.rate_hz = _rate_hz(file, header)
            try:
                if header.format in _READERS:
                    _READERS[header.format](file, end, header.start, tags)
            finally:
                _read_behind(file, size_bytes, tags)
                tags.fill(front)
    except Exception as error:  # mutagen raises whatever a damaged tag makes it raise
        tags.warnings.append(f"tags were not read completely ({_told(error)})")
    return tags


def _rate_hz(file: BinaryIO, header: Header) -> int:
    if header.pcm is not None:
        return header.pcm.rate_hz
    info = stream_info(file, header.start) if header.format == "FLAC" else None
    return info.rate_hz if info else 0


def write_tags(path: Path, tags: Tags, integrated_lufs: float | None, true_peak_dbtp: float | None) -> tuple[str, ...]:
    """Give a finished file these tags and its own ReplayGain (gain to −18 LUFS, peak as linear true peak).

    Measurements that are None (silence) are left out. Returns warnings, raises nothing.
    """
    full = Tags(dict(tags.text), list(tags.pictures), list(tags.warnings), list(tags.blocks), tags.rate_hz)
    if integrated_lufs is not None:
        gain_db = REPLAYGAIN_REFERENCE_LUFS - integrated_lufs
        full.text["REPLAYGAIN_TRACK_GAIN"] = [f"{gain_db:+.2f} dB"]
    if true_peak_dbtp is not None:
        full.text["REPLAYGAIN_TRACK_PEAK"] = [f"{db_to_gain(true_peak_dbtp):.6f}"]
    try:
        with path.open("rb") as file:
            header = read_header(file, path.stat().st_size, path.name)
            rate_hz = _rate_hz(file, header)
        _WRITERS[header.format](path, full, rate_hz)
    except Exception as error:  # as above
        full.warnings.append(f"tags were not written ({_told(error)})")
    return tuple(full.warnings)


def _told(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())


def _read_front(file: BinaryIO, start: int, tags: Tags) -> None:
    """The tags in front of the sound, of any kind; what the first one has goes before what the others have."""
    for at, length in tags_in_front(file):
        if at < start:
            _fill(tags, _bytes_at(file, at, min(length, start - at)))


def _fill(tags: Tags, data: bytes) -> None:
    """Add what one tag has and the ones before it lack; a broken one is told."""
    from livemaster.audio.ape import from_ape
    from livemaster.audio.id3 import from_id3, from_id3v1

    found = Tags()
    try:
        if data[:3] == b"ID3":
            from_id3(data, found)
        elif data[:3] == b"TAG":
            from_id3v1(data, found)
        elif data.endswith(b"LYRICS200"):
            found.warnings.append("a Lyrics3 tag was not copied")
        else:  # whose head may be missing
            from_ape(data, found)
    except Exception as error:  # as above
        found.warnings.append(f"tags were not read completely ({_told(error)})")
    tags.fill(found)


def _read_behind(file: BinaryIO, size_bytes: int, tags: Tags) -> None:
    """The tags behind the sound, of any format."""
    for at, length in tags_behind(file, size_bytes):
        _fill(tags, _bytes_at(file, at, length))


def _read_riff(file: BinaryIO, size_bytes: int, start: int, tags: Tags) -> None:
    file.seek(start)
    _read_chunks(file, size_bytes, start, ">" if file.read(4) == b"RIFX" else "<", WAV, tags)


def _read_aiff(file: BinaryIO, size_bytes: int, start: int, tags: Tags) -> None:
    _read_chunks(file, size_bytes, start, ">", AIFF, tags)


def _read_chunks(file: BinaryIO, size_bytes: int, start: int, order: str, family: str, tags: Tags) -> None:
    """The ID3 chunk, then what only the format's own text chunks have, and what is carried as it is."""
    own, dropped = Tags(), []
    for identity, at, length in walk_chunks(file, size_bytes, order, start):
        if identity in (b"id3 ", b"ID3 "):
            _fill(tags, _bytes_at(file, at, length))
            continue
        if identity in CHUNK_KEYS and order == ">":
            _add_text(identity, _bytes_at(file, at, min(length, _MOST_CHUNK_TEXT_BYTES)), own)
        if not is_told(identity):
            continue
        name = identity.decode("latin-1").strip()
        if length > MOST_BLOCK_BYTES or order != _ORDERS[family]:
            dropped.append(name)
            continue
        data = _bytes_at(file, at, length)
        for inner, text in info_entries(data) if identity == b"LIST" else ():
            _add_text(inner, text[:_MOST_CHUNK_TEXT_BYTES], own)
        block = block_of(family, identity, data)
        if block is not None:
            tags.blocks.append(block)
        elif identity != b"LIST" or data[:4] != b"INFO":
            dropped.append(name)
    for key, values in own.text.items():
        tags.text.setdefault(key, values)
    if dropped:
        names = printable(", ".join(dict.fromkeys(dropped)))
        tags.warnings.append(f"chunks that were not copied: {names}")


def _add_text(identity: bytes, data: bytes, tags: Tags) -> None:
    if identity in CHUNK_KEYS:
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")  # as Windows writes it
        tags.add(CHUNK_KEYS[identity], text)


def _bytes_at(file: BinaryIO, at: int, length: int) -> bytes:
    if length > _MOST_ID3_BYTES:
        raise ValueError(f"a tag of {length} bytes, allowed are {_MOST_ID3_BYTES}")
    file.seek(at)
    return file.read(length)


def _write_mp3(path: Path, tags: Tags, rate_hz: int) -> None:
    from mutagen.id3 import ID3

    from livemaster.audio.id3 import fill_id3

    fitting(tags, "MP3", rate_hz)
    tag = ID3()
    fill_id3(tag, tags)
    tag.save(path)


def _write_riff(path: Path, tags: Tags, rate_hz: int) -> None:
    from mutagen.wave import WAVE

    _write_chunk(WAVE(path), tags)
    append_chunks(path, WAV, fitting(tags, WAV, rate_hz))


def _write_aiff(path: Path, tags: Tags, rate_hz: int) -> None:
    from mutagen import aiff

    _write_chunk(aiff.AIFF(path), tags)
    append_chunks(path, AIFF, fitting(tags, AIFF, rate_hz))


def _write_chunk(file: Any, tags: Tags) -> None:
    from livemaster.audio.id3 import fill_id3

    if file.tags is None:
        file.add_tags()
    file.tags.clear()
    fill_id3(file.tags, tags)
    file.save()


_READERS: dict[str, Callable[[BinaryIO, int, int, Tags], None]] = {
    "WAV": _read_riff,
    "AIFF": _read_aiff,
    "FLAC": read_flac,
    "OGG": read_ogg,
}
"""An MP3 has no tags but those in front and behind."""
_WRITERS: dict[str, Callable[[Path, Tags, int], None]] = {
    "WAV": _write_riff,
    "AIFF": _write_aiff,
    "FLAC": write_flac,
    "OGG": write_ogg,
    "MP3": _write_mp3,
}
