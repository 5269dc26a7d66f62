"""Tags as the project holds them while they travel between formats."""

from __future__ import annotations

from dataclasses import dataclass, field

from livemaster.audio.tag_names import TOTALS, canonical, is_stale


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: `kind` as in ID3's APIC (3 is the front cover)."""

    mime: str
    kind: int
    description: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Block:
    """What only formats of one family have a place for: a chunk of WAV or AIFF, a metadata block of FLAC.

    `placed`: whether it tells places in frames, which are wrong at another rate.
    """

    family: str
    name: str
    data: bytes
    placed: bool = False


@dataclass(slots=True)
class Tags:
    """Text fields by canonical name, pictures, blocks, and what could not be read; stale fields never get in."""

    text: dict[str, list[str]] = field(default_factory=dict)
    pictures: list[Picture] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    rate_hz: int = 0
    """Of the file in which blocks tell places."""

    def fill(self, other: Tags) -> None:
        """Take from another tag of the same file what this one lacks."""
        for key, values in other.text.items():
            self.text.setdefault(key, values)
        if not self.pictures:
            self.pictures += other.pictures
        self.warnings += [warning for warning in other.warnings if warning not in self.warnings]
        self.blocks += [block for block in other.blocks if block not in self.blocks]

    def add(self, name: str, value: str) -> None:
        """Add a value under the canonical name of `name`; `3/12` is number and total, stale or empty is left."""
        key, value = canonical(name), value.replace("\0", "").strip()
        if is_stale(name) or not value:
            return
        if key in TOTALS and "/" in value:
            value, total = (part.strip() for part in value.split("/", 1))
            if total:
                self.text.setdefault(TOTALS[key], []).append(total)
        values = self.text.setdefault(key, [])
        if key == "date":  # a year that another program kept beside the whole date
            if any(each.startswith(value) for each in values):
                return
            values[:] = [each for each in values if not value.startswith(each)]
        if value and value not in values:
            values.append(value)
