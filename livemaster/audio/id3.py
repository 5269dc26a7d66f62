"""ID3v2 tags (in MP3, and as a chunk of WAV and AIFF) to and from the project's fields."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from typing import Any

import mutagen.id3 as id3

from livemaster.audio.id3_frames import RawFrame, raw_frames
from livemaster.audio.tag_fields import Picture, Tags
from livemaster.audio.tag_names import DESCRIBED_COMMENT, ID3_FRAMES, KEYS_BY_FRAME, TOTALS, is_stale

_LANGUAGE = "XXX"  # ID3's word for an unknown one
_UTF8 = 3
_DATES = ("TDRC", "TDOR", "TYER", "TORY", "TDRL")


def from_id3(data: bytes, tags: Tags) -> None:
    """Add the fields of one ID3v2 tag, given as its bytes; a frame that is broken costs only itself."""
    parsed = id3.ID3()
    parsed.version = (2, data[3], data[4])
    for frame in raw_frames(data):
        if frame.compressed:
            tags.warnings.append(f"the ID3 frame {frame.name} was not read: compressed ID3 frames are not")
        elif (date := _free_date(frame)) is not None:
            for value in date:
                tags.add(KEYS_BY_FRAME.get(frame.name, "date"), value)
        else:
            _parse(frame, parsed, tags)
    parsed.update_to_v24()
    for each in parsed.values():
        _add(each, tags)


def _parse(frame: RawFrame, parsed: id3.ID3, tags: Tags) -> None:
    """One frame as mutagen reads it."""
    try:
        alone = id3.ID3(io.BytesIO(frame.as_tag()), translate=False)
    except Exception:  # mutagen raises whatever a damaged frame makes it raise
        tags.warnings.append(f"the ID3 frame {frame.name} is broken and was not read")
        return
    for each in alone.values():
        parsed.add(each)
    if not alone.values() and not is_stale(frame.name):
        tags.warnings.append(f"the ID3 frame {frame.name} was not copied")


def _free_date(frame: RawFrame) -> list[str] | None:
    """A date as it was written, where it is none that ID3 knows: mutagen would make another date of it."""
    if frame.name not in _DATES or frame.flags or not frame.body:
        return None
    codec = {0: "latin-1", 1: "utf-16", 2: "utf-16-be", 3: "utf-8"}.get(frame.body[0])
    if codec is None:
        return None
    try:
        values = [each for each in frame.body[1:].decode(codec).split("\0") if each]
    except UnicodeDecodeError:
        return None
    return None if all(_is_timestamp(value) for value in values) else values


def _is_timestamp(text: str) -> bool:
    """Whether ID3's time stamps hold a text as it is."""
    return bool(text) and str(id3.ID3TimeStamp(text)) == text


def from_id3v1(data: bytes, tags: Tags) -> None:
    """Add the fields of the 128 bytes of an ID3v1 tag."""
    for frame in (id3.ParseID3v1(data) or {}).values():
        _add(frame, tags)


def fill_id3(tag: id3.ID3, tags: Tags) -> None:
    """Put all fields into an empty ID3v2.4 tag; one that cannot be written is told, and costs only itself."""
    totals = {total: number for number, total in TOTALS.items()}
    for key, values in tags.text.items():
        if key in totals and totals[key] in tags.text:
            continue  # written with its number
        _put(tag, key, partial(_frame, key, values, tags), tags)
    for picture in tags.pictures:
        _put(tag, "cover", partial(_picture_frame, picture), tags)


def _put(tag: id3.ID3, name: str, make: Callable[[], Any], tags: Tags) -> None:
    try:
        frame, alone = make(), id3.ID3()
        alone.add(frame)
        alone.save(io.BytesIO())  # what cannot be encoded shows here, not when all of them are saved
    except Exception:
        tags.warnings.append(f"the tag {name!r} was not written: the format cannot hold it")
    else:
        tag.add(frame)


def _frame(key: str, values: list[str], tags: Tags) -> Any:
    """The frame of one field."""
    if key in TOTALS:
        total = tags.text.get(TOTALS[key], [])
        return _text_frame(ID3_FRAMES[key], ["/".join(values[:1] + total[:1])])
    if ID3_FRAMES.get(key) in _DATES and not all(map(_is_timestamp, values)):
        return id3.TXXX(encoding=_UTF8, desc=key, text=values)
    if key in ID3_FRAMES:
        return _text_frame(ID3_FRAMES[key], values)
    if key == "comment" or key.startswith(DESCRIBED_COMMENT):
        description = key.removeprefix("comment").removeprefix(":")
        return id3.COMM(encoding=_UTF8, lang=_LANGUAGE, desc=description, text=values)
    if key == "lyrics":
        return id3.USLT(encoding=_UTF8, lang=_LANGUAGE, desc="", text="\n\n".join(values))
    return _other_frame(key, values)


def _picture_frame(picture: Picture) -> Any:
    return id3.APIC(encoding=_UTF8, mime=picture.mime, type=picture.kind, desc=picture.description, data=picture.data)


def _add(frame: Any, tags: Tags) -> None:
    name = frame.FrameID
    if is_stale(name):
        return
    if isinstance(frame, id3.APIC):
        tags.pictures.append(Picture(frame.mime, int(frame.type), frame.desc, frame.data))
    elif isinstance(frame, id3.COMM):
        _add_values(f"{DESCRIBED_COMMENT}{frame.desc}" if frame.desc else "comment", frame.text, tags)
    elif isinstance(frame, id3.USLT):
        tags.add("lyrics", frame.text)
    elif isinstance(frame, id3.TXXX):
        _add_values(frame.desc or name, frame.text, tags)
    elif isinstance(frame, id3.TCON):
        _add_values("genre", frame.genres, tags)
    elif isinstance(frame, id3.TextFrame):
        _add_values(KEYS_BY_FRAME.get(name, name), frame.text, tags)
    elif isinstance(frame, id3.WXXX):
        tags.add(f"{name}:{frame.desc}" if frame.desc else name, frame.url)
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
    plain = len(values) == 1 and values[0].isascii()  # which is all that ID3's addresses hold
    if plain and kind is not None and issubclass(kind, id3.UrlFrame) and kind is not id3.WXXX:
        return kind(url=values[0])
    if plain and key.upper().startswith("WXXX"):
        return id3.WXXX(encoding=_UTF8, desc=key[5:], url=values[0])
    return id3.TXXX(encoding=_UTF8, desc=key, text=values)
