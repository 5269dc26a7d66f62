"""Vorbis comments and pictures of FLAC and OGG files to and from the project's fields."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from livemaster.audio import flac
from livemaster.audio.blocks import fitting
from livemaster.audio.tag_fields import Block, Picture, Tags
from livemaster.printable import printable

_MOST_FLAC_BLOCK_BYTES = (1 << 24) - 1


def read_flac(file: BinaryIO, size_bytes: int, start: int, tags: Tags) -> None:
    """Add the comments, the pictures and the cue sheet of a FLAC file; a block that is broken costs only itself."""
    from mutagen.flac import Picture as FlacPicture

    for kind, at, length in flac.blocks(file, start):
        file.seek(at)
        if kind == flac.COMMENTS:
            _from_comments(_entries(file.read(length), tags), tags)
        elif kind == flac.PICTURE:
            _add_picture(partial(FlacPicture, file.read(length)), tags)
        elif kind == flac.CUESHEET:
            tags.blocks.append(Block("FLAC", "the cue sheet", file.read(length), placed=True))
        elif kind not in (flac.STREAMINFO, flac.PADDING, flac.SEEKTABLE):  # an application's, or one of the future
            name = printable(file.read(min(length, 4)).decode("latin-1"), "")
            tags.warnings.append(f"a FLAC block of type {kind} ({name}) was not copied")


def read_ogg(file: BinaryIO, size_bytes: int, start: int, tags: Tags) -> None:
    """Add the comments and pictures of an OGG file, Vorbis or Opus; mutagen's exceptions pass through.

    Only the first pages are looked at: what stands behind the last one is no matter.
    """
    from mutagen.oggopus import OggOpusInfo, OggOpusVComment
    from mutagen.oggvorbis import OggVCommentDict, OggVorbisInfo

    file.seek(start)
    opus = b"OpusHead" in file.read(64)
    file.seek(start)
    info = OggOpusInfo(file) if opus else OggVorbisInfo(file)
    _from_comments(OggOpusVComment(file, info) if opus else OggVCommentDict(file, info), tags)


def _entries(data: bytes, tags: Tags) -> Iterator[tuple[str, str]]:
    """Names and values of a block of comments, as far as it goes (RFC 9639, 8.6)."""
    at = 4 + int.from_bytes(data[:4], "little")
    count = int.from_bytes(data[at : at + 4], "little")
    at += 4
    for _ in range(count):
        length = int.from_bytes(data[at : at + 4], "little")
        entry = data[at + 4 : at + 4 + length]
        at += 4 + length
        name, equals, value = entry.partition(b"=")
        if at > len(data) or not equals:
            tags.warnings.append("a comment of the FLAC file is broken and was not copied")
        else:
            yield name.decode("utf-8", "replace"), value.decode("utf-8", "replace")
        if at >= len(data):
            return


def _from_comments(comments: Any, tags: Tags) -> None:
    comments = list(comments)
    mime = next((value for name, value in comments if name.lower() == "coverartmime"), "image/jpeg")
    for name, value in comments:
        lower = name.lower()
        if lower == "metadata_block_picture":
            _add_picture(partial(_coded_picture, value), tags)
        elif lower == "coverart":  # as it was done before there was a block for it
            _add_picture(partial(_old_cover, value, mime), tags)
        elif lower != "coverartmime":
            tags.add(name, value)


def _coded_picture(value: str) -> Any:
    from mutagen.flac import Picture as FlacPicture

    return FlacPicture(base64.b64decode(value))


def _old_cover(value: str, mime: str) -> Any:
    return _to_flac_picture(Picture(mime, 3, "", base64.b64decode(value)))


def _add_picture(parse: Callable[[], Any], tags: Tags) -> None:
    try:
        tags.pictures.append(_from_flac_picture(parse()))
    except Exception:  # mutagen raises whatever a damaged picture makes it raise
        tags.warnings.append("a picture is broken and was not read")


def _from_flac_picture(picture: Any) -> Picture:
    return Picture(picture.mime, int(picture.type), picture.desc, picture.data)


def _to_flac_picture(picture: Picture) -> Any:
    from mutagen.flac import Picture as FlacPicture

    out = FlacPicture()
    out.mime, out.type, out.desc, out.data = picture.mime, picture.kind, picture.description, picture.data
    return out


def write_flac(path: Path, tags: Tags, rate_hz: int) -> None:
    """Replace the comments and pictures of a FLAC file, and give it a cue sheet where there is one."""
    from mutagen.flac import FLAC, CueSheet

    file = FLAC(path)
    if file.tags is None:
        file.add_tags()
    _fill_comments(file.tags, _within_a_block(tags))
    file.clear_pictures()
    for picture in tags.pictures:
        block = _to_flac_picture(picture)
        if len(block.write()) < _MOST_FLAC_BLOCK_BYTES:
            file.add_picture(block)
        else:
            tags.warnings.append(f"a picture of {len(picture.data)} bytes was not copied, FLAC holds less than 16 MB")
    for block in fitting(tags, "FLAC", rate_hz):
        file.metadata_blocks.append(CueSheet(block.data))
    file.save()


def _within_a_block(tags: Tags) -> Tags:
    """The same without the longest fields, where all together are more than a block of FLAC holds."""
    kept = dict(sorted(tags.text.items(), key=lambda item: _bytes_of(*item)))
    while kept and sum(_bytes_of(*item) for item in kept.items()) > _MOST_FLAC_BLOCK_BYTES - 1024:
        name, _ = kept.popitem()
        tags.warnings.append(f"the tag {name!r} was not copied, FLAC holds less than 16 MB")
    within = {key: values for key, values in tags.text.items() if key in kept}
    return Tags(within, warnings=tags.warnings)


def _bytes_of(name: str, values: list[str]) -> int:
    return sum(len(name) + len(value.encode("utf-8", "replace")) + 5 for value in values)


def write_ogg(path: Path, tags: Tags, rate_hz: int) -> None:
    """Replace the comments and pictures of an OGG Vorbis file."""
    from mutagen.oggvorbis import OggVorbis

    fitting(tags, "OGG", rate_hz)
    ogg = OggVorbis(path)
    _fill_comments(ogg.tags, tags)
    ogg.tags["METADATA_BLOCK_PICTURE"] = [
        base64.b64encode(_to_flac_picture(picture).write()).decode("ascii") for picture in tags.pictures
    ]
    ogg.save()


def _fill_comments(comments: Any, tags: Tags) -> None:
    comments.clear()
    for key, values in tags.text.items():
        name = "".join(c for c in key.upper() if " " <= c <= "}" and c != "=")
        if name:
            comments[name] = values
        else:
            tags.warnings.append(f"the tag {key!r} was not copied: its name has no ASCII character")
