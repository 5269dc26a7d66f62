"""APEv2 tags, as mp3gain, foobar and others leave them in an MP3, to the project's fields."""

from __future__ import annotations

import io

from mutagen.apev2 import TEXT, APEv2

from livemaster.audio.tag_fields import Picture, Tags

_COVERS = {"cover art (front)": 3, "cover art (back)": 4}
_MIMES = {b"\xff\xd8": "image/jpeg", b"\x89P": "image/png", b"GI": "image/gif"}


def from_ape(data: bytes, tags: Tags) -> None:
    """Add the fields of one APEv2 tag, given as its bytes; mutagen's exceptions pass through."""
    for name, value in APEv2(io.BytesIO(data)).items():
        if value.kind == TEXT:
            for each in value:
                tags.add(name, each)
        elif name.lower() in _COVERS:
            description, _, picture = value.value.partition(b"\0")
            mime = _MIMES.get(picture[:2], "image/jpeg")
            tags.pictures.append(Picture(mime, _COVERS[name.lower()], description.decode("utf-8", "replace"), picture))
        else:
            tags.warnings.append(f"the APE item {name} was not copied")
