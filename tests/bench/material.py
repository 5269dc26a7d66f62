"""The music that is measured on: real songs, or where they are missing, the demo song."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import needs
import numpy as np
import pytest
import soundfile as sf
import soxr
from numpy.typing import NDArray

Music = NDArray[np.float32]
"""(2, frames)"""

RATE_HZ = 44_100
LONG_S = 50.0
SHORTEST_MORE_S, LONGEST_S = 45.0, 150.0
"""Files of `--songs` that count as songs, and how much of a song the benchmarks take that render it many times."""
SUFFIXES = (".wav", ".flac", ".ogg", ".mp3", ".aiff")
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SECTIONS = (
    ("intro", "calm", 0.15),
    ("verse", "reflective", 0.4),
    ("chorus", "bright", 0.75),
    ("bridge", "dreamy", 0.3),
    ("break", "dark", 0.55),
    ("finale", "powerful", 0.95),
)
SECTION_S = 40.0


@dataclass(frozen=True, slots=True)
class Song:
    """One piece of music; `path` is its file, None for the demo song, which is made anew."""

    name: str
    path: Path | None

    def load(self) -> tuple[Music, int]:
        """Float32 (2, frames) and its rate."""
        if self.path is None:
            sys.path.insert(0, str(EXAMPLES))
            from make_demo_song import make_song

            return make_song()[0], RATE_HZ
        audio, rate_hz = sf.read(self.path, dtype="float32", always_2d=True)
        return np.ascontiguousarray(audio.T), rate_hz

    def at(self, rate_hz: int) -> Music:
        """The song resampled to `rate_hz`."""
        audio, own_hz = self.load()
        return audio if own_hz == rate_hz else np.ascontiguousarray(soxr.resample(audio.T, own_hz, rate_hz).T)


DEMO = Song("demo song", None)


@dataclass(frozen=True, slots=True)
class Programme:
    """Four minutes of music in six sections, as files; `about` says what it is."""

    path: Path
    arrangement: Path
    emotion: Path
    reference: Path
    about: str
    seconds: float


def songs() -> list[Song]:
    """The real songs over 50 s; the demo song where there are none."""
    return _found(lambda path: sf.info(path).duration > LONG_S) or [DEMO]


def more_songs(folders: Iterable[Path]) -> list[Song]:
    """The audio files of 45 s or more in these folders and all that is in them; ValueError for one without any."""
    found = []
    for folder in folders:
        paths = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in SUFFIXES]
        long = [Song(path.stem, path) for path in paths if sf.info(path).duration >= SHORTEST_MORE_S]
        if not long:
            raise ValueError(f"--songs {folder}: has no audio file of {SHORTEST_MORE_S:g} s or more")
        found += long
    return found


def all_songs(folders: Iterable[Path]) -> list[Song]:
    """The real songs, the demo song, and those of `folders`."""
    return [song for song in songs() if song.path] + [DEMO, *more_songs(folders)]


def wanted_songs(paths: Iterable[Path]) -> list[Song]:
    """Songs by their files, or by folders of them; the demo song for none."""
    found = [more_songs([path]) if path.is_dir() else [Song(path.stem, path)] for path in paths]
    return [song for those in found for song in those] or [DEMO]


def write_beginning(song: Song, folder: Path) -> Path:
    """At most the first `LONGEST_S` seconds of a song, as it decodes, as a WAV file of floats."""
    audio, rate_hz = song.load()
    path = folder / "mix.wav"
    sf.write(path, audio[:, : round(LONGEST_S * rate_hz)].T, rate_hz, subtype="FLOAT")
    return path


def about_all(folders: Iterable[Path]) -> str:
    """What the music of `all_songs` is, in a sentence or two."""
    more = len(more_songs(folders))
    others = f" {more} songs of other sources." if more else ""
    demo = " The demo song." if songs() != [DEMO] else ""
    return f"{about_songs()}{demo}{others} Of songs longer than {LONGEST_S:g} s, the first {LONGEST_S:g} s."


def jingles() -> list[Song]:
    """The real songs of less than 50 s."""
    return _found(lambda path: sf.info(path).duration <= LONG_S)


def about_songs() -> str:
    """What the music is, in a sentence."""
    found = songs()
    if found[0].path is None:
        return "The demo song, for want of real ones (`apt-get install extremetuxracer-data`)."
    return f"Music: {len(found)} songs of Debian's extremetuxracer-data ({', '.join(s.name for s in found)})."


def excerpts(seconds: float, rate_hz: int) -> dict[str, Music]:
    """The middle of every song at `rate_hz`."""
    cut = {}
    for song in songs():
        audio = song.at(rate_hz)
        frames = min(round(seconds * rate_hz), audio.shape[1])
        first = (audio.shape[1] - frames) // 2
        cut[song.name] = np.ascontiguousarray(audio[:, first : first + frames])
    return cut


def write_programme(folder: Path) -> Programme:
    """Four minutes at 44.1 kHz with an arrangement and an emotion map, and a song to match, under `folder`."""
    path, reference = folder / "programme.wav", folder / "reference.wav"
    found = songs()
    parts = [_piece(found[i % len(found)], i // len(found)) for i in range(len(SECTIONS))]
    audio = np.concatenate(parts, axis=1)
    sf.write(path, audio.T, RATE_HZ, subtype="PCM_24")
    sf.write(reference, found[-1].at(RATE_HZ).T, RATE_HZ, subtype="PCM_24")
    seconds = audio.shape[1] / RATE_HZ
    arrangement, emotion = write_maps(folder, "programme", seconds)
    about = f"{seconds:.0f} s at 44.1 kHz, stereo, 24 bits, in {len(SECTIONS)} sections. {about_songs()}"
    return Programme(path, arrangement, emotion, reference, about, seconds)


def write_maps(folder: Path, stem: str, seconds: float) -> tuple[Path, Path]:
    """An arrangement of six sections of equal length, each with an emotion of its own, and the emotion map."""
    length = seconds / len(SECTIONS)
    structure, curve = [], []
    for number, (section, emotion, intensity) in enumerate(SECTIONS):
        start, end = number * length, (number + 1) * length
        structure.append({"section": section, "start": start, "end": end})
        curve += [{"time": t, "emotion": emotion, "intensity": intensity} for t in (start, end - 1.0)]
    arrangement, emotion_map = folder / f"{stem}.arrangement.json", folder / f"{stem}.emotion.json"
    arrangement.write_text(json.dumps({"bpm": 120, "structure": structure}), encoding="utf-8")
    emotion_map.write_text(json.dumps({"bpm": 120, "curve": curve}), encoding="utf-8")
    return arrangement, emotion_map


def _piece(song: Song, again: int) -> Music:
    """40 s of a song's middle; when it comes `again`, from elsewhere in it, wrapping round."""
    audio = song.at(RATE_HZ)
    frames = round(SECTION_S * RATE_HZ)
    first = max(audio.shape[1] - frames, 0) // 2 + again * frames
    return audio[:, np.arange(first, first + frames) % audio.shape[1]]


def _found(wanted: Callable[[Path], bool]) -> list[Song]:
    try:
        paths = needs.songs()
    except (pytest.skip.Exception, pytest.fail.Exception):  # benchmarks make do with the demo song
        return []
    return [Song(path.stem, path) for path in paths if wanted(path)]
