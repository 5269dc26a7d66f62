"""Vorbis comments and pictures of FLAC and OGG files to and from the project's fields."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any, BinaryIO

from livemaster.audio.tag_fields import Picture, Tags


def read_flac(file: BinaryIO, size_bytes: int, tags: Tags) -> None:
    """Add the comments and pictures of a FLAC file; mutagen's exceptions pass through."""
    from mutagen.flac import FLAC

    file.seek(0)
    flac = FLAC(file)
    _from_comments(flac.tags or (), tags)
    for picture in flac.pictures:
        tags.pictures.append(_from_flac_picture(picture))


def read_ogg(file: BinaryIO, size_bytes: int, tags: Tags) -> None:
    """Add the comments and pictures of an OGG file, Vorbis or Opus; mutagen's exceptions pass through."""
    from mutagen.oggopus import OggOpus
    from mutagen.oggvorbis import OggVorbis

    file.seek(0)
    kind = OggOpus if b"OpusHead" in file.read(64) else OggVorbis
    file.seek(0)
    _from_comments(kind(file).tags or (), tags)


def _from_comments(comments: Any, tags: Tags) -> None:
    from mutagen.flac import Picture as FlacPicture

    for name, value in comments:
        if name.lower() == "metadata_block_picture":
            tags.pictures.append(_from_flac_picture(FlacPicture(base64.b64decode(value))))
        else:
            tags.add(name, value)


def _from_flac_picture(picture: Any) -> Picture:
    return Picture(picture.mime, int(picture.type), picture.desc, picture.data)


def _to_flac_picture(picture: Picture) -> Any:
    from mutagen.flac import Picture as FlacPicture

    out = FlacPicture()
    out.mime, out.type, out.desc, out.data = picture.mime, picture.kind, picture.description, picture.data
    return out


def write_flac(path: Path, tags: Tags) -> None:
    """Replace the comments and pictures of a FLAC file."""
    from mutagen.flac import FLAC

    flac = FLAC(path)
    if flac.tags is None:
        flac.add_tags()
    _fill_comments(flac.tags, tags)
    flac.clear_pictures()
    for picture in tags.pictures:
        flac.add_picture(_to_flac_picture(picture))
    flac.save()


def write_ogg(path: Path, tags: Tags) -> None:
    """Replace the comments and pictures of an OGG Vorbis file."""
    from mutagen.oggvorbis import OggVorbis

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
