"""Plays, mixes and masters the held-out songs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from heldout_kit import VARIANTS, Kit, stroke
from heldout_loudness import loudness_lufs
from heldout_score import Event
from heldout_tones import RATE_HZ, Wave, note
from numpy.typing import NDArray

Stereo = NDArray[np.float32]

LEVEL_DB = {
    "kick": -5.0, "snare": -4.0, "metal": -14.5, "hand": -8.0, "effects": -12.0,
    "bass": -2.0, "comp": -9.0, "pad": -14.0, "arp": -10.0, "lead": -6.0, "counter": -10.0,
}  # fmt: skip
PARTS = tuple(LEVEL_DB)
SENDS = {
    "kick": 0.02, "snare": 0.25, "metal": 0.1, "hand": 0.25, "effects": 0.5, "bass": 0.02,
    "comp": 0.25, "pad": 0.4, "arp": 0.35, "lead": 0.35, "counter": 0.45,
}  # fmt: skip
METAL = frozenset({"hat", "open hat", "ride", "crash", "tambourine", "shaker"})
DRUM_BUSES = {"kick": "kick", "stomp": "kick", "snare": "snare", "ghost": "snare", "clap": "snare", "riser": "effects"}
CENTRED = frozenset({"kick", "snare", "bass", "lead"})
WIDE = frozenset({"pad", "comp", "effects"})
PUMPED = frozenset({"pad", "comp", "arp", "bass", "effects"})
RELEASE_S = 0.05
RAMP_S = 0.05
"""How long a change of level at a boundary takes."""
CEILING = 0.98
KNEE = 0.6
MOST_CLIPPED = 1.5
"""How far above the ceiling the peaks may go before the soft clipper; louder songs stay quieter than asked."""


@dataclass(frozen=True, slots=True)
class Production:
    """How one song is produced: levels in dB, `pans` −1…1, `width` 1 for as panned."""

    tilt_db: float
    level_lufs: float
    width: float
    wetness: float
    reverb_s: float
    pump_db: float
    hiss_db: float
    jitter_s: float
    trims_db: dict[str, float]
    pans: dict[str, float]
    role_tilts_db: dict[str, float]


def draw_production(electronic: bool, pump_db: float, rng: np.random.Generator) -> Production:
    return Production(
        tilt_db=float(rng.uniform(-0.9, 1.0)),
        level_lufs=float(rng.uniform(-24.0, -8.0)),
        width=float(rng.uniform(0.4, 1.8)),
        wetness=float(rng.uniform(0.3, 1.6)),
        reverb_s=float(rng.uniform(0.35, 1.4)),
        pump_db=pump_db * float(rng.uniform(0.2, 1.0)),
        hiss_db=float(rng.uniform(-75.0, -52.0)) if rng.random() < 0.3 else -np.inf,
        jitter_s=float(rng.uniform(0.0, 0.0015) if electronic else rng.uniform(0.001, 0.006)),
        trims_db={part: float(rng.normal(0.0, 1.5)) for part in LEVEL_DB},
        pans={part: 0.0 if part in CENTRED else float(rng.uniform(-0.7, 0.7)) for part in LEVEL_DB},
        role_tilts_db={part: float(rng.normal(0.0, 0.7)) for part in LEVEL_DB},
    )


def bus_of(event: Event) -> str:
    if event.part != "drums":
        return event.part
    if event.sound in METAL:
        return "metal"
    return DRUM_BUSES.get(event.sound, "hand")


class Players:
    """Plays events into one bus a part; every sound is made once."""

    def __init__(self, events: Sequence[Event], beat_s: float, kit: Kit, production: Production) -> None:
        self.beat_s, self.kit, self.production = beat_s, kit, production
        self.longest: dict[tuple[str, str, int, float], float] = {}
        for e in events:
            key = (e.part, e.sound, e.midi, e.bright)
            self.longest[key] = max(self.longest.get(key, 0.0), e.beats)
        self.sounds: dict[tuple[str, str, int, float], Wave] = {}
        self.cuts: dict[tuple[str, str, int, float, float], Wave] = {}

    def sound(self, event: Event, variant: int) -> Wave:
        if event.midi == 0:
            key = (event.part, event.sound, variant, 0.0)
            if key not in self.sounds:
                self.sounds[key] = stroke(event.sound, self.kit, variant)
            return self.sounds[key]
        key = (event.part, event.sound, event.midi, event.bright)
        cut = (*key, round(event.beats, 3))
        if cut not in self.cuts:
            if key not in self.sounds:
                tilt_db = self.production.tilt_db + self.production.role_tilts_db[event.part]
                seconds = round(self.longest[key] * self.beat_s + RELEASE_S, 3)
                self.sounds[key] = note(event.sound, event.midi, seconds, event.bright, tilt_db)
            self.cuts[cut] = released(self.sounds[key], event.beats * self.beat_s)
        return self.cuts[cut]

    def play(
        self, events: Sequence[Event], beats_s: NDArray[np.float64], frames: int, rng: np.random.Generator
    ) -> NDArray[np.float32]:
        """One row for each of PARTS."""
        buses = np.zeros((len(PARTS), frames), np.float32)
        gains = {part: 10.0 ** ((LEVEL_DB[part] + self.production.trims_db[part]) / 20.0) for part in PARTS}
        at_s = np.interp([e.beat for e in events], np.arange(len(beats_s)), beats_s)
        at_s += np.clip(rng.normal(0.0, self.production.jitter_s, len(events)), -0.012, 0.012)
        variants = rng.integers(0, VARIANTS, len(events))
        for event, onset_s, variant in zip(events, at_s, variants, strict=True):
            wave = self.sound(event, int(variant))
            start = round(onset_s * RATE_HZ) - (len(wave) if event.sound == "riser" else 0)
            skip = max(0, -start)
            end = min(frames, start + len(wave))
            part = bus_of(event)
            gain = np.float32(event.velocity * gains[part])
            buses[PARTS.index(part), start + skip : end] += gain * wave[skip : end - start]
        return buses


def released(wave: Wave, seconds: float) -> Wave:
    """The note let go after `seconds`."""
    fade = round(RELEASE_S * RATE_HZ)
    hold = max(0, min(round(seconds * RATE_HZ), len(wave) - fade))
    out = wave[: hold + fade].copy()
    ramp = np.linspace(1.0, 0.0, len(out) - hold, dtype=np.float32)
    out[hold:] *= ramp * ramp
    return out


def pump(frames: int, kicks_s: NDArray[np.float64], depth_db: float) -> Wave:
    """The gain of a compressor that ducks under each kick and lets go over 0.25 s."""
    t = np.arange(int(0.25 * RATE_HZ), dtype=np.float32) / (0.25 * RATE_HZ)
    dip = (10.0 ** (-depth_db / 20.0 * (1.0 - t) ** 2)).astype(np.float32)
    gain = np.ones(frames, np.float32)
    for start in np.maximum(np.round(kicks_s * RATE_HZ).astype(int), 0):
        end = min(frames, start + len(dip))
        gain[start:end] = dip[: end - start]
    return gain


def reverb(send: Wave, seconds: float, rng: np.random.Generator) -> Stereo:
    """Decaying noise convolved at half the rate (a room is dark), in blocks."""
    half = 0.5 * (send[: len(send) // 2 * 2 : 2] + send[1::2])
    size = int(min(1.6 * seconds, 1.4) * RATE_HZ / 2)
    t = np.arange(size) / (RATE_HZ / 2)
    tail = rng.standard_normal((2, size)) * np.exp(-6.9 * t / seconds) * np.minimum(t / 0.02, 1.0)
    tail = tail + np.roll(tail, 1, axis=1) + np.roll(tail, 2, axis=1)
    tail /= np.sqrt(np.sum(tail**2, axis=1, keepdims=True))
    block = 65_536 - size
    rows = -(-len(half) // block)
    padded = np.zeros(rows * block, np.float32)
    padded[: len(half)] = half
    spectra = np.fft.rfft(padded.reshape(rows, block), 65_536, axis=1)
    out = np.zeros((2, len(send)), np.float32)
    for side in range(2):
        wet = np.fft.irfft(spectra * np.fft.rfft(tail[side].astype(np.float32), 65_536), axis=1)
        line = np.zeros((rows + 1) * block, np.float32)
        line[: rows * block] = wet[:, :block].ravel()
        line[block:].reshape(rows, block)[:, :size] += wet[:, block:]
        line = line[: len(half)]
        out[side, : 2 * len(half) : 2] = line
        out[side, 1 : 2 * len(half) - 1 : 2] = 0.5 * (line[:-1] + line[1:])
    return out


def desk(how: Production) -> NDArray[np.float32]:
    """Gains (4, parts) to left, to right, to right a little later (which makes a part wide), and to the room."""
    rows = np.zeros((4, len(PARTS)), np.float32)
    for i, part in enumerate(PARTS):
        angle = (how.pans[part] * (0.4 if part in WIDE else 1.0) + 1.0) * np.pi / 4
        rows[0, i] = np.sqrt(2) * np.cos(angle)
        rows[2 if part in WIDE else 1, i] = np.sqrt(2) * np.sin(angle)
        rows[3, i] = SENDS[part]
    return rows


def mixed(
    buses: NDArray[np.float32], kicks_s: NDArray[np.float64], how: Production, rng: np.random.Generator
) -> Stereo:
    """All buses in stereo, with room, width and hiss."""
    frames = buses.shape[1]
    if how.pump_db > 0 and len(kicks_s):
        buses[[PARTS.index(part) for part in sorted(PUMPED)]] *= pump(frames, kicks_s, how.pump_db)
    left, right, later, send = desk(how) @ buses
    late = int(rng.uniform(0.008, 0.019) * RATE_HZ)
    right[late:] += later[: frames - late]
    out = np.float32(how.wetness) * reverb(send, how.reverb_s, rng)
    out[0] += left
    out[1] += right
    side = np.float32(0.5 * (1.0 - how.width)) * (out[0] - out[1])
    out[0] -= side
    out[1] += side
    if np.isfinite(how.hiss_db):
        hiss = rng.standard_normal((2, 4 * RATE_HZ)).astype(np.float32) * np.float32(10.0 ** (how.hiss_db / 20.0) * 0.3)
        out += np.tile(hiss, frames // (4 * RATE_HZ) + 1)[:, :frames]
    return out


def ride(audio: Stereo, bounds: Sequence[int], gains_db: NDArray[np.float64]) -> None:
    """Apply one gain a section in place, changing over RAMP_S across each boundary."""
    gains = 10.0 ** (gains_db / 20.0)
    half = round(RAMP_S * RATE_HZ / 2)
    curve = np.repeat(gains.astype(np.float32), np.diff(bounds))
    for i, bound in enumerate(bounds[1:-1]):
        curve[bound - half : bound + half] = np.linspace(gains[i], gains[i + 1], 2 * half)
    audio *= curve


def soft_clip(audio: Stereo) -> None:
    """A soft knee from KNEE to 1, in place."""
    over = np.abs(audio) > KNEE
    x = audio[over]
    audio[over] = np.sign(x) * (KNEE + (1 - KNEE) * np.tanh((np.abs(x) - KNEE) / (1 - KNEE)))


def peak(audio: Stereo) -> float:
    return float(max(audio.max(), -audio.min()))


def level(audio: Stereo, bounds: Sequence[int], wanted_lufs: Sequence[float]) -> None:
    """Bring each section to its loudness, in place."""
    now = [loudness_lufs(audio[:, start:end]) for start, end in pairwise(bounds)]
    ride(audio, bounds, np.subtract(wanted_lufs, now))


def mastered(audio: Stereo, bounds: Sequence[int], offsets_lu: Sequence[float], level_lufs: float) -> Stereo:
    """Bring each section to its offset, then the song to its level, softly clipped where it must be."""
    level(audio, bounds, [level_lufs + offset for offset in offsets_lu])
    hottest = peak(audio)
    if hottest > CEILING:
        down = min(1.0, MOST_CLIPPED / hottest)
        audio *= np.float32(down)
        soft_clip(audio)
        level(audio, bounds, [level_lufs + 20 * np.log10(down) + offset for offset in offsets_lu])
        audio *= np.float32(min(1.0, CEILING / peak(audio)))
    return audio
