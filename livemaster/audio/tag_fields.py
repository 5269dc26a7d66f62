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


@dataclass(slots=True)
class Tags:
    """Text fields by canonical name, pictures, and what could not be read; stale fields never get in."""

    text: dict[str, list[str]] = field(default_factory=dict)
    pictures: list[Picture] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def add(self, name: str, value: str) -> None:
        """Add a value under the canonical name of `name`; `3/12` is number and total, stale or empty is left."""
        key, value = canonical(name), value.replace("\0", "").strip()
        if is_stale(name) or not value:
            return
        if key in TOTALS and "/" in value:
            value, total = (part.strip() for part in value.split("/", 1))
            if total:
                self.text.setdefault(TOTALS[key], []).append(total)
        if value and value not in self.text.setdefault(key, []):
            self.text[key].append(value)
