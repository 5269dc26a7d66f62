"""ID3v2 tags (in MP3, and as a chunk of WAV and AIFF) to and from the project's fields."""

from __future__ import annotations

import io
from typing import Any

import mutagen.id3 as id3

from livemaster.audio.tag_fields import Picture, Tags
from livemaster.audio.tag_names import ID3_FRAMES, KEYS_BY_FRAME, TOTALS, is_stale

_LANGUAGE = "XXX"  # ID3's word for an unknown one
_UTF8 = 3


def from_id3(data: bytes, tags: Tags) -> None:
    """Add the fields of one ID3v2 tag, given as its bytes; mutagen's exceptions pass through."""
    if _is_compressed(data):
        raise ValueError("compressed ID3 frames are not read")
    for frame in id3.ID3(io.BytesIO(data)).values():
        _add(frame, tags)


def from_id3v1(data: bytes, tags: Tags) -> None:
    """Add the fields of the 128 bytes of an ID3v1 tag."""
    for frame in (id3.ParseID3v1(data) or {}).values():
        _add(frame, tags)


def fill_id3(tag: id3.ID3, tags: Tags) -> None:
    """Put all fields into an empty ID3v2.4 tag."""
    totals = set(TOTALS.values())
    for key, values in tags.text.items():
        if key in TOTALS:
            total = tags.text.get(TOTALS[key], [])
            tag.add(_text_frame(ID3_FRAMES[key], ["/".join(values[:1] + total[:1])]))
        elif key in ID3_FRAMES:
            tag.add(_text_frame(ID3_FRAMES[key], values))
        elif key == "comment":
            tag.add(id3.COMM(encoding=_UTF8, lang=_LANGUAGE, desc="", text=values))
        elif key == "lyrics":
            tag.add(id3.USLT(encoding=_UTF8, lang=_LANGUAGE, desc="", text="\n\n".join(values)))
        elif key not in totals:
            tag.add(_other_frame(key, values))
    for picture in tags.pictures:
        tag.add(
            id3.APIC(
                encoding=_UTF8,
                mime=picture.mime,
                type=picture.kind,
                desc=picture.description,
                data=picture.data,
            )
        )


def _add(frame: Any, tags: Tags) -> None:
    name = frame.FrameID
    if is_stale(name):
        return
    if isinstance(frame, id3.APIC):
        tags.pictures.append(Picture(frame.mime, int(frame.type), frame.desc, frame.data))
    elif isinstance(frame, id3.COMM):
        if not is_stale(frame.desc):
            _add_values("comment", frame.text, tags)
    elif isinstance(frame, id3.USLT):
        tags.add("lyrics", frame.text)
    elif isinstance(frame, id3.TXXX):
        _add_values(frame.desc or name, frame.text, tags)
    elif isinstance(frame, id3.TCON):
        _add_values("genre", frame.genres, tags)
    elif isinstance(frame, id3.TextFrame):
        _add_values(KEYS_BY_FRAME.get(name, name), frame.text, tags)
    elif isinstance(frame, id3.UrlFrame):
        tags.add(name, frame.url)
    else:
        tags.warnings.append(f"the ID3 frame {name} was not copied")


def _add_values(name: str, values: list[Any], tags: Tags) -> None:
    for value in values:
        tags.add(name, str(value))


def _text_frame(name: str, values: list[str]) -> Any:
    return getattr(id3, name)(encoding=_UTF8, text=values)


def _other_frame(key: str, values: list[str]) -> Any:
    """The frame of a field that only ID3 knows by name, else a user-defined one."""
    kind = id3.Frames.get(key.upper())
    if kind is not None and issubclass(kind, id3.TextFrame) and kind is not id3.TXXX:
        return kind(encoding=_UTF8, text=values)
    if kind is not None and issubclass(kind, id3.UrlFrame) and kind is not id3.WXXX:
        return kind(url=values[0])
    return id3.TXXX(encoding=_UTF8, desc=key, text=values)


def _is_compressed(data: bytes) -> bool:
    """Whether any frame is zlib-compressed: nobody writes them, and a small one can expand to gigabytes."""
    version, flags, body, at = data[3], data[5], data[10:], 0
    if version < 3:
        return False
    if version == 3 and flags & 0x80:
        body = body.replace(b"\xff\x00", b"\xff")
    if flags & 0x40:
        at = _size(body[:4], version) + (4 if version == 3 else 0)
    while at + 10 <= len(body) and body[at]:
        if body[at + 9] & (0x80 if version == 3 else 0x08):
            return True
        at += 10 + _size(body[at + 4 : at + 8], version)
    return False


def _size(four: bytes, version: int) -> int:
    """A frame's size: plain in ID3v2.3, 7 bits a byte in ID3v2.4."""
    bits = 8 if version == 3 else 7
    return sum(byte << bits * (3 - n) for n, byte in enumerate(four))
