"""Makes the demo song: 75 seconds of a mix that nobody has mastered yet, with its two maps.

Usage: python examples/make_demo_song.py [FOLDER]   (default ./demo)

Writes song.wav (24 bits, 44.1 kHz), arrangement.json and emotion_graph.json. What is played stands in
demo_composition.py, how it sounds in demo_band.py; here it is mixed. Only numpy is needed, and the same seed
gives the same bytes.
"""

from __future__ import annotations

import argparse
import json
import wave
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import demo_band as band
import numpy as np
from demo_composition import BAR_S, BPM, EMOTION_INSIDE, FORM, Song, Track
from numpy.typing import NDArray

RATE_HZ = 44100
PEAK_DBFS = -4.0


class Channel(NamedTuple):
    """A channel of the desk: room and hall are send levels, duck is how far the kick pushes it down."""

    part: Callable[[Song], Track]
    gain: float
    room: float = 0.0
    hall: float = 0.0
    duck: float = 0.0


MIX = (
    Channel(band.kick, 0.46, room=0.04),
    Channel(band.snare, 0.38, room=0.25, hall=0.08),
    Channel(band.hats, 0.11, room=0.15),
    Channel(band.fills, 0.16, room=0.2, hall=0.25),
    Channel(band.bass, 0.14, duck=0.35),
    Channel(band.pad, 0.2, hall=0.35, duck=0.4),
    Channel(band.keys, 0.18, room=0.2, hall=0.15, duck=0.2),
    Channel(band.arp, 0.12, hall=0.3),
    Channel(band.voice, 0.17, room=0.15, hall=0.3),
    Channel(band.lead, 0.19, room=0.1, hall=0.3),
    Channel(band.choir, 0.16, room=0.1, hall=0.45),
)
ROOM_S, HALL_S = 0.25, 1.1
"""Time in which each space falls by 60 dB."""


def impulse(song: Song, decay_s: float, high_hz: float) -> NDArray[np.float32]:
    """The stereo response of a space: noise that fades by 60 dB in `decay_s`, after 10 ms of distance."""
    t = band.seconds(song, 1.2 * decay_s)
    fading = 10 ** (-3 * t / decay_s) * band.envelope(t, 0.003, 0.1)
    tail = band.noise(song, 1.2 * decay_s, 250, high_hz, 2) * fading
    tail /= np.sqrt((tail**2).sum(axis=1, keepdims=True))
    return np.pad(tail, ((0, 0), (song.rate_hz // 100, 0))).astype(np.float32)


def reverberate(track: Track, response: NDArray[np.float32]) -> Track:
    """`track` convolved with an impulse response, cut at the song's end."""
    frames = track.shape[1]
    size = 1 << (frames + response.shape[1]).bit_length()
    sounding = np.fft.irfft(np.fft.rfft(track, size) * np.fft.rfft(response, size), size)
    return sounding[:, :frames].astype(np.float32)


def ducking(song: Song, kick_track: Track) -> Track:
    """How strongly the kick sounds, 0–1: at once with it, and gone 150 ms later."""
    hop = song.rate_hz // 200
    peaks = np.abs(kick_track[0, : song.frames // hop * hop]).reshape(-1, hop).max(axis=1)
    falling = [np.pad(peaks, (lag, 0))[: len(peaks)] * (1 - lag / 30) for lag in range(30)]
    pushed = np.minimum(np.max(falling, axis=0), 1)
    result: Track = np.interp(np.arange(song.frames) / hop, np.arange(len(peaks)), pushed).astype(np.float32)
    return result


def mix(seed: int, rate_hz: int) -> Track:
    space = Song(rate_hz, np.random.default_rng([seed, 0]))
    dry, room, hall = space.empty(), space.empty(), space.empty()
    pushed = np.zeros(space.frames, np.float32)
    for number, channel in enumerate(MIX, start=1):
        song = Song(rate_hz, np.random.default_rng([seed, number]))
        track = channel.part(song)
        if channel.part is band.kick:
            pushed = ducking(song, track)
        track *= np.float32(channel.gain) * (1 - np.float32(channel.duck) * pushed)
        dry += track
        room += np.float32(channel.room) * track
        hall += np.float32(channel.hall) * track
    dry += reverberate(room, impulse(space, ROOM_S, 7000))
    dry += reverberate(hall, impulse(space, HALL_S, 5000))
    return dry


def make_song(seed: int = 1, rate_hz: int = RATE_HZ) -> tuple[Track, dict[str, object], dict[str, object]]:
    """The mix as float32 (2, frames) with its peak at −4 dBFS, its arrangement map, its emotion graph."""
    audio = mix(seed, rate_hz)
    fade = round(0.6 * rate_hz)
    audio[:, -fade:] *= np.cos(np.linspace(0, np.pi / 2, fade, dtype=np.float32)) ** 2
    audio *= np.float32(10 ** (PEAK_DBFS / 20)) / np.abs(audio).max()
    return audio, arrangement(), emotion_graph()


def starts_s() -> list[float]:
    """Where each section starts, and at last where the song ends."""
    bars = np.cumsum([0, *(section.bars for section in FORM)])
    return [float(bar) * BAR_S for bar in bars]


def arrangement() -> dict[str, object]:
    times = starts_s()
    return {
        "bpm": BPM,
        "key": "D minor",
        "structure": [
            {
                "section": section.name,
                "start": start,
                "end": end,
                "bars": section.bars,
                "energy": section.energy,
                "instruments": section.instruments.split(),
                "transition": section.transition,
            }
            for section, start, end in zip(FORM, times[:-1], times[1:], strict=True)
        ],
    }


def emotion_graph() -> dict[str, object]:
    """Each section holds its emotion until a second before its end; the curve is linear in between."""
    curve: list[dict[str, object]] = []
    for section, start, end in zip(FORM, starts_s()[:-1], starts_s()[1:], strict=True):
        points = [(start, section.emotion, section.intensity)]
        for name, at, emotion, intensity in EMOTION_INSIDE:
            if name == section.name:
                points.append((start + at * (end - start), emotion, intensity))
        points.append((end - 1.0, *points[-1][1:]))
        curve += [{"time": time, "emotion": emotion, "intensity": i} for time, emotion, i in points]
    return {"bpm": BPM, "curve": curve}


def write_wav(path: Path, audio: Track, rate_hz: int) -> None:
    """Write 24-bit PCM, rounded to nearest; `audio` is (channels, frames) below full scale."""
    whole = np.rint(audio.T.astype(np.float64) * 2**23).astype("<i4")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(audio))
        file.setsampwidth(3)
        file.setframerate(rate_hz)
        file.writeframes(np.ascontiguousarray(whole).view(np.uint8).reshape(-1, 4)[:, :3].tobytes())


def write_demo(folder: Path) -> float:
    """Write song.wav, arrangement.json and emotion_graph.json into `folder`; returns the song's length in seconds."""
    folder.mkdir(parents=True, exist_ok=True)
    audio, sections, emotions = make_song()
    write_wav(folder / "song.wav", audio, RATE_HZ)
    for name, content in (("arrangement.json", sections), ("emotion_graph.json", emotions)):
        (folder / name).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return audio.shape[1] / RATE_HZ


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the demo song and its two maps.")
    parser.add_argument("folder", nargs="?", default="demo", type=Path, help="where to write them")
    folder: Path = parser.parse_args().folder
    length_s = write_demo(folder)
    print(f"{folder / 'song.wav'}: {length_s:.1f} s at {BPM} bpm, with its two maps beside it")


if __name__ == "__main__":
    main()
