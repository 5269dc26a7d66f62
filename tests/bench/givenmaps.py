"""Maps for a song, given and detected: its own, intensities drawn by lot, and such that contradict the mix."""

from __future__ import annotations

import json
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import livemaster
from bench.masters import load
from bench.material import EXAMPLES, Song
from bench.secondmeter import lufs

KINDS = ("detected", "own", "random", "against")
"""None given; those the song comes with; intensities by lot; intensity falling as the mix gets louder."""
FEWEST = 3
PARTS = 6
"""A song in which fewer sections than `FEWEST` are detected gets given maps of this many equal parts."""
FAINT, STRONG = 0.05, 0.95


@dataclass(frozen=True, slots=True)
class Maps:
    """An arrangement and an emotion map, as files; None and None where both are to be heard."""

    kind: str
    arrangement: Path | None = None
    emotion: Path | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    section: str
    start_s: float
    end_s: float
    emotion: str


def maps_of(song: Song, source: Path, folder: Path, kinds: Sequence[str] = KINDS) -> list[Maps]:
    """The wanted kinds of maps of a song whose file is `source`; only the demo song comes with its own."""
    found = [Maps("detected")] if "detected" in kinds else []
    if "own" in kinds and song.path is None:
        found.append(_own(folder))
    if not {"random", "against"} & set(kinds):
        return found
    parts = _parts(source)
    if "random" in kinds:
        lots = np.random.default_rng(zlib.crc32(song.name.encode())).uniform(size=len(parts))
        found.append(_write("random", parts, lots.tolist(), folder))
    if "against" in kinds:
        found.append(_write("against", parts, _against(source, parts), folder))
    return found


def _own(folder: Path) -> Maps:
    sys.path.insert(0, str(EXAMPLES))
    from make_demo_song import arrangement, emotion_graph

    return _files("own", arrangement(), emotion_graph(), folder)


def _parts(source: Path) -> list[_Part]:
    """The detected sections with their emotions, or equal parts."""
    heard = livemaster.analyze(source)
    sections = heard.to_dict()["sections"]
    if len(sections) >= FEWEST:
        return [_Part(s["section"], s["start"], s["end"], s["emotion"]) for s in sections]
    edges = np.linspace(0.0, heard.measurement.duration_s, PARTS + 1).tolist()
    return [_Part(f"Part {n + 1}", edges[n], edges[n + 1], "reflective") for n in range(PARTS)]


def _against(source: Path, parts: list[_Part]) -> list[float]:
    """Evenly from `STRONG` for the quietest to `FAINT` for the loudest."""
    audio, rate_hz = load(source)
    frames = [(round(part.start_s * rate_hz), round(part.end_s * rate_hz)) for part in parts]
    levels = [lufs(audio[:, start:end], rate_hz) for start, end in frames]
    ranks = np.argsort(np.argsort([-np.inf if level is None else level for level in levels]))
    return np.asarray(np.linspace(STRONG, FAINT, len(parts)))[ranks].tolist()


def _write(kind: str, parts: list[_Part], intensities: list[float], folder: Path) -> Maps:
    """Every section holds its intensity from its start until just before the next."""
    structure, curve = [], []
    for part, intensity in zip(parts, intensities, strict=True):
        structure.append({"section": part.section, "start": part.start_s, "end": part.end_s})
        point = {"emotion": part.emotion, "intensity": round(intensity, 3)}
        curve += [{"time": time_s, **point} for time_s in (part.start_s, part.end_s - 0.001)]
    return _files(kind, {"structure": structure}, {"curve": curve}, folder)


def _files(kind: str, arrangement: dict[str, object], emotion: dict[str, object], folder: Path) -> Maps:
    paths = folder / f"{kind}.arrangement.json", folder / f"{kind}.emotion.json"
    for path, document in zip(paths, (arrangement, emotion), strict=True):
        path.write_text(json.dumps(document), encoding="utf-8")
    return Maps(kind, *paths)
