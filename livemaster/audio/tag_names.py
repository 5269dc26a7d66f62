"""One table of tag names across the formats.

The project's own names are those of Vorbis comments in lower case; every other name of a known field is
listed here once. Unknown text fields keep their spelling.
"""

from __future__ import annotations

ID3_FRAMES = {
    "title": "TIT2", "subtitle": "TIT3", "grouping": "TIT1", "artist": "TPE1", "albumartist": "TPE2",
    "conductor": "TPE3", "remixer": "TPE4", "album": "TALB", "composer": "TCOM", "lyricist": "TEXT",
    "date": "TDRC", "originaldate": "TDOR", "genre": "TCON", "isrc": "TSRC", "bpm": "TBPM", "key": "TKEY",
    "mood": "TMOO", "language": "TLAN", "copyright": "TCOP", "label": "TPUB", "media": "TMED",
    "encodedby": "TENC", "compilation": "TCMP", "discsubtitle": "TSST", "titlesort": "TSOT",
    "artistsort": "TSOP", "albumsort": "TSOA", "albumartistsort": "TSO2", "composersort": "TSOC",
    "tracknumber": "TRCK", "discnumber": "TPOS",
}  # fmt: skip
"""Text frames of ID3v2.4 by our names; comments, lyrics and pictures have frames of their own kind."""

KEYS_BY_FRAME = {frame: key for key, frame in ID3_FRAMES.items()}

TOTALS = {"tracknumber": "tracktotal", "discnumber": "disctotal"}
"""Numbers that ID3 and some Vorbis comments write as `3/12`."""

_ALIASES = {
    "album artist": "albumartist", "album_artist": "albumartist", "totaltracks": "tracktotal",
    "totaldiscs": "disctotal", "track": "tracknumber", "disc": "discnumber", "year": "date",
    "tempo": "bpm", "publisher": "label", "organization": "label", "unsyncedlyrics": "lyrics",
    "description": "comment", "initialkey": "key",
}  # fmt: skip

CHUNK_KEYS = {
    b"INAM": "title", b"IART": "artist", b"IPRD": "album", b"ICRD": "date", b"IGNR": "genre",
    b"ICMT": "comment", b"ITRK": "tracknumber", b"IPRT": "tracknumber", b"ICOP": "copyright",
    b"IMUS": "composer", b"IENG": "engineer", b"ILNG": "language", b"ICMS": "commissioned", b"IKEY": "keywords",
    b"ISBJ": "subject", b"ISRC": "source", b"ITCH": "technician", b"IMED": "media", b"ISRF": "sourceform",
    b"NAME": "title", b"AUTH": "artist", b"ANNO": "comment", b"(c) ": "copyright",
}  # fmt: skip
"""Text chunks of WAV (in LIST INFO) and AIFF."""

DESCRIBED_COMMENT = "comment:"

_STALE = (
    "replaygain", "r128_", "mp3gain", "itunnorm", "itunsmpb", "itunpgap", "rva2", "rvad", "xrva", "rgad",
    "ncon", "encoder", "encodersettings", "encoding", "tsse", "tlen", "tsiz", "waveformatextensible",
)  # fmt: skip
"""Beginnings of names that tell the source's loudness or encoding, both wrong for its master."""


def canonical(name: str) -> str:
    """Our name of a field that another format or program calls `name`; unknown names as they are.

    A comment with a description is `comment:` and that, in the description's own spelling.
    """
    lower = name.lower()
    if lower.startswith(DESCRIBED_COMMENT):
        return DESCRIBED_COMMENT + name[len(DESCRIBED_COMMENT) :]
    lower = _ALIASES.get(lower, lower)
    known = lower in ID3_FRAMES or lower in TOTALS.values() or lower in ("comment", "lyrics")
    return lower if known else name


def is_stale(name: str) -> bool:
    """Whether a field describes the source's loudness or encoding."""
    return name.lower().removeprefix(DESCRIBED_COMMENT).startswith(_STALE)
