"""Plays the grooves, fills and cues of the held-out songs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from heldout_form import Planned
from heldout_score import STRENGTH, Arrangement, Event, onsets

FILLS = ("xxxx|xxxx", "x.xx|x.xx", "..xx|xxxx", "x.x.|x.x.", "xxx|xxx", "...x|x.xx")
FILL_DRUMS = (
    *(("snare", "high tom", "tom", "low tom"), ("snare",)),
    *(("high tom", "high tom", "low tom"), ("ghost", "snare")),
)
BUILD_ROLL = "Build"
INNER_FILL_ODDS = 0.12
GROWTH_ODDS = 0.2
"""How often a section takes on its liveliest line only in its second half."""


class Drummer:
    """Writes one section's strokes; the next section says how it wants to be announced."""

    def __init__(
        self, song: Arrangement, section: Planned, following: Planned | None, rng: np.random.Generator
    ) -> None:
        self.song, self.section, self.rng = song, section, rng
        self.beats = song.style.beats
        self.start = section.first_bar * self.beats
        self.cues = following.cues if following else frozenset()
        self.loud = 0.55 + 0.45 * section.intensity

    def stroke(self, drum: str, at: float, strength: float) -> Event:
        velocity = self.loud * strength * self.rng.uniform(0.85, 1.0)
        return Event("drums", drum, 0, self.start + at, 0.0, velocity)

    def lines(self) -> list[tuple[str, str, int]]:
        """(drum, rhythm, first bar) of the lines that play in this section."""
        pick = np.random.default_rng(self.section.material.groove_seed)
        chosen = [(line, line.rhythms[pick.integers(len(line.rhythms))]) for line in self.song.style.drums]
        absent = self.section.material.absent
        active = [
            (line.drum, rhythm, 0)
            for line, rhythm in chosen
            if line.low <= self.song.layers(self.section.intensity) < line.high
            and line.drum not in absent
            and "drums" not in absent
        ]
        if len(active) > 2 and np.random.default_rng(self.section.material.groove_seed + 1).random() < GROWTH_ODDS:
            drum, rhythm, _ = active[-1]
            active[-1] = (drum, rhythm, self.section.bars // 2)
        return active

    def events(self) -> Iterator[Event]:
        total = self.section.bars * self.beats
        active = self.lines()
        quiet_from = total - (self._fill_beats() if active and self.cues & {"fill", "stop"} else 0)
        for bar in range(self.section.bars):
            inner = bar % 4 == 3 and bar + 1 < self.section.bars and len(active) > 2
            inner = inner and self.rng.random() < INNER_FILL_ODDS
            stop = (bar + 1) * self.beats - 1 if inner else total
            for drum, rhythm, first in active:
                if bar >= first:
                    yield from self.bar(drum, rhythm, bar, min(stop, quiet_from))
            if inner:
                yield from self.fill(stop, 1)
        if active and "fill" in self.cues:
            yield from self.fill(quiet_from, total - quiet_from)
        yield from self.opening(bool(active))
        if self.section.name == BUILD_ROLL and active:
            yield from self.roll(total)
        if "riser" in self.cues:
            yield Event("effects", "riser", 0, self.start + total, 0.0, 0.4 + 0.3 * self.section.intensity)

    def _fill_beats(self) -> int:
        return int(self.rng.integers(1, 1 + min(2, self.beats)))

    def bar(self, drum: str, rhythm: str, bar: int, until: float) -> Iterator[Event]:
        for at, sign, _ in onsets(rhythm, self.song.swing):
            if bar * self.beats + at < until:
                yield self.stroke(drum, bar * self.beats + at, STRENGTH[sign])
        if drum == "kick" and self.rng.random() < 0.06 * self.section.intensity:
            yield self.stroke("kick", min((bar + 1) * self.beats - 0.5, until), 0.6)

    def fill(self, start: float, beats: int) -> Iterator[Event]:
        rhythm = FILLS[self.rng.integers(len(FILLS))].split("|")
        drums = FILL_DRUMS[self.rng.integers(len(FILL_DRUMS))]
        hits = [beat + at for beat in range(beats) for at, _, _ in onsets(rhythm[-1 - beat % 2])]
        for i, at in enumerate(hits):
            yield self.stroke(drums[i * len(drums) // len(hits)], start + at, 0.6 + 0.35 * i / len(hits))

    def opening(self, drums: bool) -> Iterator[Event]:
        if "crash" in self.section.cues and (drums or self.rng.random() < 0.3):
            yield self.stroke("crash", 0.0, 0.9)
        elif drums and self.section.bars > 6 and self.section.intensity > 0.5 and self.rng.random() < 0.25:
            yield self.stroke("crash", 4.0 * self.beats, 0.7)

    def roll(self, total: int) -> Iterator[Event]:
        for at in np.arange(total / 2, total, 0.25):
            if at >= 0.75 * total or at % 0.5 == 0:
                yield self.stroke("snare", float(at), 0.25 + 0.5 * float(at) / total)
